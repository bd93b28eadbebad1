// What the journeys promise, over simulated shops: many shoppers of one shop for a year with nothing going wrong, then
// many small shops for a year in which everything goes wrong (kills between any two effects, providers that fail, news
// late, twice and in any order, people who turn out to be one or two, other rules). And how fast the engine is.
//
// node tests/bench/simulate.mjs [--json] [--shoppers 100000] [--seeds 1000] [--of 1000] [--days 365] [--threads 2]

import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

const text = (value) => ({ type: "string", default: String(value) });
const { values: wanted } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    shoppers: text(100_000),
    seeds: text(1_000),
    of: text(1_000),
    days: text(365),
    threads: text(availableParallelism()),
  },
});

/** Steps of the engine in a second on one core, at least. */
const FASTEST = 1_000_000;
const RUNS = 5;
const root = new URL("../../", import.meta.url).pathname;

/** The promises by their names in the simulation, under those of what is promised. The rest has a line of its own. */
const PROMISES = {
  missed: ["missed", "never begun", "never said", "never ended", "left over", "stuck"],
  doubled: ["doubled", "claimed twice", "asked twice", "begun twice", "ended twice", "without a claim"],
  "after a withdrawal": ["after a withdrawal"],
  "outside hours": ["outside hours"],
};
const named = Object.values(PROMISES).flat();

const cargo = ["build", "--quiet", "--profile", "bench", "--package", "simulate"];
const built = spawnSync(process.env.CARGO ?? "cargo", cargo, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
if (built.status !== 0) process.exit(1);

function simulate(...arguments_) {
  const all = ["--days", wanted.days, "--json", ...arguments_];
  // What is broken stands in its errors, with what runs it again.
  const ran = spawnSync(`${root}target/release/simulate`, all, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (!ran.stdout) throw new Error(`simulate ${all.join(" ")}: ${ran.error ?? ran.signal ?? ran.status}`);
  return JSON.parse(ran.stdout);
}

let broken = false;
function say(figure, value, bar, holds) {
  broken ||= holds === false;
  if (wanted.json) return console.log(JSON.stringify({ figure, value, bar, holds }));
  const judged = holds === undefined ? "" : `   ${bar}: ${holds ? "holds" : "misses"}`;
  console.log(`${figure.padEnd(44)} ${Math.round(value).toLocaleString("en").padStart(14)}${judged}`);
}

function judge(title, ran) {
  for (const [promise, names] of Object.entries(PROMISES)) {
    const count = names.reduce((sum, name) => sum + (ran.promises[name]?.[0] ?? 0), 0);
    say(`${title}, ${promise}`, count, "none", count === 0);
  }
  const other = Object.entries(ran.promises).reduce((sum, [name, [count]]) => sum + (named.includes(name) ? 0 : count), 0);
  say(`${title}, other promises broken`, other, "none", other === 0);
  say(`${title}, unknown`, ran.unknown, `at most the ${ran.in_flight_at_kills} in flight`, ran.unknown <= ran.in_flight_at_kills);
  for (const figure of ["shoppers", "kills", "delivered", "skipped", "deferred", "steps", "seconds"]) say(`${title}, ${figure}`, ran[figure]);
}

judge("undisturbed", simulate("--shoppers", wanted.shoppers, "--threads", wanted.threads, "--unmeasured"));
judge("disturbed", simulate("--shoppers", wanted.of, "--seeds", wanted.seeds, "--threads", wanted.threads, "--faults"));
// Whatever else runs on this machine only ever makes it slower: the best of a few counts.
const speeds = Array.from({ length: RUNS }, () => simulate("--shoppers", "4000", "--threads", "1").engine_steps_per_second);
const fastest = Math.max(...speeds);
say(`engine steps a second on one core, best of ${RUNS}`, fastest, `at least ${FASTEST.toLocaleString("en")}`, fastest >= FASTEST);
if (broken) process.exitCode = 1;
