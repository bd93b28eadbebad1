// How good recommendations are, on real sessions: ours, from the packs that ship, beside popularity, session-kNN, VS-kNN
// and STAN, in both protocols (tests/recommend/README.md says what they are), with a paired bootstrap; and how long
// learning and scoring take, and what packs weigh.
//
// node tests/bench/recommend.mjs --data DIR [--method NAME] [--on days|test] [--days 7] [--skip 0] [--json]
//
// DIR has train.txt and test.txt, or is one file: tab-separated, with the header SessionId ItemId Time.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const { values: wanted } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    data: { type: "string" },
    method: { type: "string" },
    on: { type: "string", default: "days" },
    days: { type: "string", default: "7" },
    skip: { type: "string", default: "0" },
  },
});
if (!wanted.data) {
  console.error("error: expected --data with a folder that has train.txt, or with a file of sessions");
  process.exit(2);
}

const KILOBYTE = 1_000;
/** What figures of ours may be at most, by how they begin. */
const BARS = {
  learning: [5, "at most 5 s"],
  "scoring, p50": [20, "at most 20 us"],
  "pack of a shop of 2,000 products": [150 * KILOBYTE, "at most 150 KB"],
  "heaviest bucket": [30 * KILOBYTE, "at most 30 KB"],
};

const root = new URL("../../", import.meta.url).pathname;
const cargo = ["build", "--quiet", "--profile", "bench", "--package", "recommend"];
const built = spawnSync(process.env.CARGO ?? "cargo", cargo, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
if (built.status !== 0) process.exit(1);

const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
const data = resolve(process.env.INIT_CWD ?? process.cwd(), wanted.data);
const passed = ["--json", "--data", data, "--on", wanted.on, "--days", wanted.days, "--skip", wanted.skip];
if (wanted.method) passed.push("--method", wanted.method);
const ran = spawnSync(`${target}/release/recommend`, passed, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
if (ran.status !== 0) process.exit(1);

let missed = false;
for (const line of ran.stdout.trim().split("\n")) {
  const figure = JSON.parse(line);
  const [most, bar] = Object.entries(BARS).find(([name]) => figure.method === "ours" && figure.figure.startsWith(name))?.[1] ?? [];
  if (bar) Object.assign(figure, { bar, holds: figure.value <= most });
  missed ||= figure.holds === false;
  if (wanted.json) {
    console.log(JSON.stringify(figure));
    continue;
  }
  const { method, value, unit, from, to } = figure;
  const plain = Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(4);
  const drawn = from === undefined ? "" : `95 of 100 draws ${from.toFixed(4)} to ${to.toFixed(4)}`;
  const judged = bar ? `${bar}: ${figure.holds ? "holds" : "misses"}` : "";
  console.log(`${method.padEnd(12)} ${figure.figure.padEnd(44)} ${plain.padStart(10)} ${unit ?? ""}   ${drawn}${judged}`.trimEnd());
}
if (missed) process.exitCode = 1;
