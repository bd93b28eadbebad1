// Whether the tests of the rules notice when a rule is changed: all changes that `cargo mutants` lists, in one build
// behind a switch (tests/mutants). Prints how many were caught, timed out, survived and cannot be built, and which
// survived. What is known already is kept in target/mutants/results.jsonl, and is asked again when the rules or their
// tests have changed.
//
// Needs `cargo install cargo-mutants`, which says what can be changed; nothing is installed here.
//
// node tests/bench/mutants.mjs [--json] [--at-most N] [--only TEXT] [--jobs 1] [--fresh] [--caught]

import { spawnSync } from "node:child_process";

const cargo = process.env.CARGO ?? "cargo";
const root = new URL("../../", import.meta.url).pathname;

const there = spawnSync(cargo, ["mutants", "--version"], { stdio: "ignore" });
if (there.status !== 0) {
  console.error("`cargo mutants` is not there. It lists what can be changed: cargo install cargo-mutants");
  process.exit(1);
}
const program = ["run", "--quiet", "--manifest-path", `${root}tests/mutants/Cargo.toml`, "--target-dir", `${root}target`];
const ran = spawnSync(cargo, [...program, "--", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exitCode = ran.status ?? 1;
