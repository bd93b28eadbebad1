// Rehearsing a draft over a year of a shop's log, reading it included: the demo shop's journeys against a draft of
// them that was changed in four places, over a log of simulated shoppers of at least so many events.
//
// node tests/bench/rehearse.mjs [--json] [--events 1000000] [--threads 2]

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values: wanted } = parseArgs({
  options: { json: { type: "boolean", default: false }, events: { type: "string", default: "1000000" }, threads: { type: "string" } },
});
const events = Number(wanted.events);

/** At most so many seconds for a million events, both versions, reading included. */
const BAR = 10;
const RUNS = 3;
const root = new URL("../../", import.meta.url).pathname;
const folder = `${root}target/bench-rehearse`;
const cargo = (...arguments_) =>
  execFileSync(process.env.CARGO ?? "cargo", arguments_, { cwd: root, stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 });

mkdirSync(folder, { recursive: true });
cargo("build", "--quiet", "--profile", "bench", "--package", "simulate", "--package", "rehearse");
cargo("build", "--quiet", "--package", "shopfiles");
const program = (name) => `${root}target/${name === "shopfiles" ? "debug" : "release"}/${name}`;

// What a merchant might try: a present sooner, a cart left longer alone, a shorter silence, one letter less.
const draft = `${folder}/draft`;
rmSync(draft, { recursive: true, force: true });
cpSync(`${root}www/demo/rapport`, draft, { recursive: true });
function change(file, from, to) {
  const text = readFileSync(`${draft}/${file}`, "utf8");
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  writeFileSync(`${draft}/${file}`, text.replace(from, to));
}
change("journeys/vip.toml", 'wait = "3 weeks"', 'wait = "2 weeks"');
change("journeys/left-cart.toml", 'quiet_for = "1 hour"', 'quiet_for = "3 hours"');
change("journeys/win-back.toml", 'at_least = "60 days"', 'at_least = "45 days"');
change("journeys/rescue.toml", '\n[[step]]\nsend = "rescue"\nvalid_for = "1 day"\n', "\n");
for (const [name, texts] of [["live", `${root}www/demo/rapport`], ["draft", draft]]) {
  writeFileSync(`${folder}/${name}.json`, execFileSync(program("shopfiles"), [texts], { maxBuffer: 1 << 28 }));
}

// A shopper of the simulation does about so much in a year; more until there is enough.
const log = `${folder}/log.ndjson`;
let shoppers = Math.ceil(events / 60);
let made = 0;
while (made < events) {
  const said = execFileSync(program("simulate"), ["--export", log, "--shoppers", String(shoppers)], { encoding: "utf8" });
  made = Number(/(\d+) events/.exec(said)[1]);
  shoppers = Math.ceil((shoppers * events * 1.01) / Math.max(made, 1));
}

const threads = wanted.threads ? ["--threads", wanted.threads] : [];
const versions = ["--live", `${folder}/live.json`, "--draft", `${folder}/draft.json`, "--log", log];
const runs = Array.from({ length: RUNS }, () => {
  const out = execFileSync(program("rehearse"), [...versions, ...threads, "--json"], { encoding: "utf8", maxBuffer: 1 << 30 });
  return JSON.parse(out.slice(out.lastIndexOf("\n", out.length - 2) + 1)).rehearsal;
});
runs.sort((a, b) => a.took.seconds - b.took.seconds);
const middle = runs[Math.floor(RUNS / 2)];
const million = (middle.took.seconds * 1e6) / middle.counts.events;
const figures = [
  { figure: "events", value: middle.counts.events },
  { figure: "shoppers", value: middle.counts.people },
  { figure: "log, MB", value: Math.round(statSync(log).size / 1e6) },
  { figure: "threads", value: middle.took.threads },
  { figure: `seconds, middle of ${RUNS}`, value: middle.took.seconds },
  { figure: "seconds for a million events", value: million, bar: BAR, holds: million <= BAR },
  { figure: "core seconds for a million events", value: ((middle.took.core_seconds ?? 0) * 1e6) / middle.counts.events },
  { figure: "events a second", value: Math.round(middle.counts.events / middle.took.seconds) },
  { figure: "peak memory, MB", value: Math.round((middle.took.peak_bytes ?? 0) / 1e6) },
  { figure: "shoppers who would notice", value: middle.totals.touched },
];
for (const { figure, value, bar, holds } of figures) {
  if (wanted.json) console.log(JSON.stringify({ figure, value, bar, holds }));
  else {
    const shown = Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(2);
    console.log(`${figure.padEnd(34)} ${shown.padStart(12)}${bar ? `   at most ${bar}: ${holds ? "holds" : "misses"}` : ""}`);
  }
}
if (figures.some(({ holds }) => holds === false)) process.exitCode = 1;
