// What a tag costs the page it stands on: the demo shop's home page in Chromium with a CPU four times as slow as this
// machine's, with no tag, with ours, and with those of PostHog and Formbricks, all in one run and in turns.
//
// Everybody comes for the first time, in a browser of their own, and does the same at the same pace with real input:
// scrolls, presses the page's own button, whose one line asks the tag for its popup, reads, closes it, or types an
// address into it, sends it, and closes the thanks. That press is the trigger; a popup is visible when the first frame is
// painted in which any of it is. Ours is the deployed build behind a gateway that packs with brotli, as for the peers; it may
// use the device, so that it does all it can do. The peers are set up as their documentation says, with surveys alone
// turned on. Beside them stands what a tag like ours cannot do without: storage and requests, and nothing else. What is
// published to npm of Formbricks has been a loader since 2.0, so its last whole version is measured.
//
// node tests/bench/page.mjs [--json] [--visits 15] [--slower 4] [--only closed,posthog-closed] [--pictures DIR] [--traces DIR] [--parts]

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";

import { launch } from "./page/browser.mjs";
import { VARIANTS, world } from "./page/variants.mjs";
import { inspect, visit } from "./page/visit.mjs";

const { values: wanted } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    visits: { type: "string", default: "15" },
    slower: { type: "string", default: "4" },
    only: { type: "string" },
    // Pictures of each variant's states.
    pictures: { type: "string" },
    // The trace of each variant's first visit, for the browser's own profiler.
    traces: { type: "string" },
    // What ran for how long, and what was transferred.
    parts: { type: "boolean", default: false },
  },
});
const [visits, slower] = [Number(wanted.visits), Number(wanted.slower)];
/** A visit on a machine that is busy with something else can fail; more than these are a fault. */
const FAILURES = 3;

/** Bars: ms of script with nothing shown; shares of PostHog's; ms until a press is answered, and until a popup is visible. */
const BARS = { nothing: 5, closed: 0.05, answered: 0.25, cls: 0, inp: 50, visible: 50, long: 0 };
/** What is told of every variant. */
const COLUMNS = {
  script: { head: "script ms" },
  before: { head: "loading" },
  after: { head: "from press" },
  aside: { head: "aside" },
  layout: { head: "layout ms" },
  blocking: { head: "TBT ms" },
  long: { head: "long", digits: 0, unit: "" },
  cls: { head: "CLS", digits: 4, unit: "" },
  moved: { head: "moved", digits: 4, unit: "" },
  inp: { head: "INP ms", digits: 0 },
  visible: { head: "visible ms" },
  bytes: { head: "bytes", digits: 0, unit: "B" },
};
const OURS = ["nothing", "closed", "escaped", "answered", "survey-closed", "survey"];
const PEER = "posthog-closed";

const say = (text) => process.stderr.write(`${text}\n`);
const served = await world();
const chosen = VARIANTS.filter(({ name }) => !wanted.only || wanted.only.split(",").includes(name));
const present = chosen.filter(({ tag }) => served.tags.has(tag));
const browser = await launch(process.env.CHROME ?? "/usr/bin/chromium");
/** Visits by variant, and what was seen of each by looking closely, which takes time: that visit is none of them. */
const measured = Object.fromEntries(present.map(({ name }) => [name, []]));
const inspected = {};
for (const folder of [wanted.pictures, wanted.traces]) if (folder) mkdirSync(folder, { recursive: true });
try {
  await measure();
} finally {
  await browser.close();
  await served.close();
}
report();
if (served.unknown().length > 0) throw new Error(`a peer asked for what it was not answered: ${served.unknown().join(", ")}`);

async function measure() {
  let failures = 0;
  const patiently = async (name, attempt) => {
    served.network();
    try {
      return await attempt();
    } catch (error) {
      failures += 1;
      if (failures > FAILURES) throw error;
      say(`${name}: ${error.message}; once more`);
      served.network();
      return attempt();
    }
  };
  const how = (variant) => ({ variant, tag: served.tags.get(variant.tag), address: served.page(variant.tag), slower });
  for (const variant of present) inspected[variant.name] = await patiently(variant.name, () => inspect(browser, { ...how(variant), picture: wanted.pictures }));
  for (let n = 0; n < visits; n++) {
    // Whoever came first begins the next round last.
    const round = present.map((_, at) => present[(at + n) % present.length]);
    for (const variant of round) {
      const keep = n === 0 ? wanted.traces : undefined;
      measured[variant.name].push(await patiently(variant.name, () => visit(browser, { ...how(variant), keep })));
    }
    say(`visit ${n + 1} of ${visits}`);
  }
}

function middle(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Median and worst of a figure over a variant's visits. */
function of(name, what) {
  const all = what === "bytes" ? [inspected[name]] : measured[name];
  const values = all.map((each) => each[what]).filter((value) => value !== undefined);
  return values.length > 0 ? [middle(values), Math.max(...values)] : undefined;
}

function report() {
  const figures = present.flatMap(({ name }) =>
    Object.entries(COLUMNS).flatMap(([what, { unit = "ms" }]) => {
      const both = of(name, what);
      return both ? [{ figure: `page_${name}_${what}`, value: both[0], worst: both[1], unit }] : [];
    }),
  );
  const judged = bars().map((each) => ({ ...each, holds: each.value <= each.bar }));
  if (wanted.json) for (const figure of [...figures, ...judged]) console.log(JSON.stringify(figure));
  else {
    table();
    for (const { figure, value, bar, unit, holds } of judged) {
      const rounded = Number(value.toFixed(3));
      console.log(`${figure.padEnd(58)}${String(rounded).padStart(9)} ${unit.padEnd(3)} of ${bar}${holds ? "" : "   TOO MUCH"}`);
    }
    if (wanted.parts) parts();
  }
  for (const { title, tag } of chosen) if (!served.tags.has(tag)) say(`${title}: left out, the demo shop publishes no "${tag}"`);
  if (judged.some(({ holds }) => !holds)) process.exitCode = 1;
}

function bars() {
  const all = [];
  const bar = (figure, value, bar, unit = "") => value !== undefined && all.push({ figure, value, bar, unit });
  // Pictures of the page are begun in microtasks, too, which nobody can tell from a script's: they are there without a tag.
  const own = measured.none ? of("none", "script")[0] : 0;
  const script = (name) => measured[name] && of(name, "script")[0] - own;
  const peer = script(PEER);
  bar("nothing shown: script beyond the page's own", script("nothing"), BARS.nothing, "ms");
  if (measured.nothing) bar("nothing shown: long tasks with script in them", of("nothing", "long")[0], BARS.long);
  for (const name of OURS.filter((name) => measured[name])) {
    const { does, title } = variantOf(name);
    bar(`${title}: CLS`, of(name, "cls")[0], BARS.cls);
    if (does === "nothing") continue;
    if (peer) bar(`${title}: script beside PostHog's`, script(name) / peer, does === "answers" ? BARS.answered : BARS.closed, "x");
    bar(`${title}: INP`, of(name, "inp")[0], BARS.inp, "ms");
    bar(`${title}: visible after the press`, of(name, "visible")[0], BARS.visible, "ms");
  }
  return all;
}

function variantOf(name) {
  return VARIANTS.find((each) => each.name === name);
}

function table() {
  const rows = present.map(({ name, title }) => [
    title,
    ...Object.entries(COLUMNS).map(([what, { digits = 1 }]) => {
      const both = of(name, what);
      return both ? both.map((value) => value.toFixed(digits)).join(" / ") : "";
    }),
  ]);
  const all = [["median / worst", ...Object.values(COLUMNS).map(({ head }) => head)], ...rows];
  const widths = all[0].map((_, n) => Math.max(...all.map((row) => row[n].length)));
  for (const row of all) console.log(row.map((text, n) => (n === 0 ? text.padEnd(widths[n]) : text.padStart(widths[n]))).join("  "));
  console.log(`${measured[present[0].name].length} visits each, in turns, ${slower} times as slow\n`);
}

/** Of the visit in the middle: what ran, what travelled, and what was slow to answer. */
function parts() {
  for (const { name, title } of present) {
    const visit = measured[name].toSorted((a, b) => a.script - b.script)[measured[name].length >> 1];
    console.log(`\n${title}: ${visit.script.toFixed(1)} ms`);
    for (const [what, ms] of visit.parts.slice(0, 12)) console.log(`  ${ms.toFixed(2).padStart(8)} ms  ${what}`);
    for (const [path, bytes] of inspected[name].requests) console.log(`  ${String(bytes).padStart(8)} B   ${path.slice(0, 90)}`);
    console.log(`  slowest: ${visit.slowest.map(([type, ms]) => `${type} ${ms} ms`).join(", ")}; longest task ${visit.longest.toFixed(0)} ms`);
  }
}
