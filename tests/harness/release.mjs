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

/** One of a list by its name. */
export const named = (list, name) => list.find((each) => each.name === name);

/** What the first hello asks for. */
export const helloForm = (config) => named(config.campaigns, "hello").form;

/** Lets the welcome's reminder leave so long after the welcome, whatever became of the code. */
export function remindAlways(config, ms) {
  const welcome = named(config.journeys, "welcome");
  welcome.exits = [];
  const wait = welcome.steps.find(({ act }) => act.wait);
  wait.act.wait = { for: ms };
  welcome.steps.find(({ id }) => id === "send-reminder").act.message.valid_for = 3 * 24 * 3_600_000;
}
