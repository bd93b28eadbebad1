// The demo shop as `cargo xtask build` compiles it, and variants of it.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./folder.mjs";

const FILE = join(ROOT, "target/demo-shop.json");
let text;

/** The demo shop's release; a fresh copy each time. */
export function demoRelease() {
  if (text === undefined) {
    if (!existsSync(FILE)) {
      throw new Error("target/demo-shop.json is missing: cargo xtask test makes it from www/demo/rapport");
    }
    text = readFileSync(FILE, "utf8");
  }
  return JSON.parse(text);
}

/** The demo shop after a change: another version, as publishing changed texts gives. */
export function changedRelease(change) {
  const release = demoRelease();
  change(release.config, release);
  release.version = createHash("sha256").update(JSON.stringify(release)).digest("hex").slice(0, 16);
  return release;
}
