// What `cargo xtask build` has made, and how the deployment runs it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./folder.mjs";

/** The Worker's two modules: `deploy`, or `dev` with the development clock. */
export function edgeModules(build) {
  const folder = join(ROOT, "target/edge", build);
  const [script, wasm] = ["index.js", "index_bg.wasm"].map((name) => join(folder, name));
  if (!existsSync(script) || !existsSync(wasm)) {
    throw new Error(`${folder} is not built: run cargo xtask build --only edge${build === "dev" ? " --dev-clock" : ""}`);
  }
  return { script: readFileSync(script, "utf8"), wasm: readFileSync(wasm), folder };
}

/** wrangler.jsonc, so that tests run what a deployment runs. */
export function deployment() {
  const text = readFileSync(join(ROOT, "wrangler.jsonc"), "utf8");
  return JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "$1"));
}

/** The statements that lay out the reports database, in order. */
export function reportMigrations() {
  const folder = join(ROOT, "edge/migrations");
  const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return files.sort().flatMap((name) => statements(readFileSync(join(folder, name), "utf8")));
}

/** The statements of an SQL file. */
export function statements(sql) {
  const bare = sql.replace(/--[^\n]*/g, "");
  return bare.split(";").map((statement) => statement.trim()).filter(Boolean);
}
