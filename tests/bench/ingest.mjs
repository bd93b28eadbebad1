// How fast events come in, and what each costs: the deployed build on bare workerd, beside a minimal
// JavaScript Durable Object that only parses and inserts with the same durability, in turns.
//
// node tests/bench/ingest.mjs [--json] [--seconds 3] [--repetitions 5] [--build deploy] [--only 10x64] [--folder /dev/shm]

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";

import { startBareEdge, startWorkerd } from "../harness/workerd.mjs";

const { values: wanted } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "3" },
    repetitions: { type: "string", default: "5" },
    build: { type: "string", default: "deploy" },
    only: { type: "string" },
    // Where the state lies: a folder on a disk as slow as the deployment's, or one in memory.
    folder: { type: "string", default: tmpdir() },
  },
});
const seconds = Number(wanted.seconds);
const repetitions = Number(wanted.repetitions);

const ORIGIN = "https://shop.example";
/** Ours against theirs that has to be reached, by events in a request, with 64 connections. */
const BARS = { 1: 0.7, 10: 1, 50: 1 };
/** The runtime compiles what is called often for some seconds before it is as fast as it gets. */
const WARM_UP_SECONDS = 5;
/** Linux counts a process's time in ticks of 10 ms. */
const TICKS_PER_SECOND = 100;

const CELLS = [1, 10, 50]
  .flatMap((events) => [8, 64].map((connections) => ({ events, connections, name: `${events}x${connections}` })))
  .filter(({ name }) => wanted.only === undefined || wanted.only === name);

const say = (text) => process.stderr.write(`${text}\n`);
const LOAD = new URL("ingest/load.mjs", import.meta.url).pathname;

/** Both servers, over fresh folders. */
async function startBoth() {
  const folders = [0, 1].map(() => mkdtempSync(join(wanted.folder, "rapport-bench-")));
  const ours = await startBareEdge(folders[0], { build: wanted.build });
  const { key } = await ours.createShop({ origins: [ORIGIN] });
  const plain = await startWorkerd(folders[1], {
    modules: [{ name: "plain.mjs", esModule: readFileSync(new URL("ingest/plain.mjs", import.meta.url), "utf8") }],
    objects: { LOG: "Log" },
  });
  return {
    ours: { process: ours.process, shop: key },
    plain: { process: plain, shop: key },
    stop: async () => {
      await Promise.all([ours.kill(), plain.kill()]);
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** CPU time that a process has used, in seconds. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function load({ process: server, shop }, { events, connections }, seconds) {
  const before = cpu(server.pid);
  const order = { port: server.port, shop, origin: ORIGIN, connections, events, seconds };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [LOAD, JSON.stringify(order)]);
  const result = JSON.parse(stdout);
  if (result.refused > 0 || result.events === 0) throw new Error(`${result.refused} requests were refused: ${stderr}`);
  return { ...result, cpu_us: ((cpu(server.pid) - before) * 1e6) / result.events };
}

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const measured = Object.fromEntries(CELLS.map(({ name }) => [name, { ours: [], plain: [] }]));
for (let repetition = 0; repetition < repetitions; repetition++) {
  const servers = await startBoth();
  try {
    for (const side of ["ours", "plain"]) await load(servers[side], { events: 10, connections: 64 }, WARM_UP_SECONDS);
    for (const cell of CELLS) {
      const sides = repetition % 2 ? ["plain", "ours"] : ["ours", "plain"];
      for (const side of sides) measured[cell.name][side].push(await load(servers[side], cell, seconds));
    }
  } finally {
    await servers.stop();
  }
  say(`repetition ${repetition + 1} of ${repetitions}`);
}

const figures = [];
const rows = [];
for (const { name, events, connections } of CELLS) {
  const { ours, plain } = measured[name];
  const of = (side, field) => median(side.map((each) => each[field]));
  // Those that ran one after the other are compared: what else the machine does changes more slowly.
  const ratio = median(ours.map((each, n) => each.per_second / plain[n].per_second));
  const bar = connections === 64 ? BARS[events] : undefined;
  const figure = (what, value, unit, digits) => ({ figure: `ingest_${name}_${what}`, value: Number(value.toFixed(digits)), unit });
  figures.push(
    { ...figure("ratio", ratio, "x", 2), ...(bar !== undefined && { bar, holds: ratio >= bar }) },
    figure("events_per_s", of(ours, "per_second"), "1/s", 0),
    figure("plain_events_per_s", of(plain, "per_second"), "1/s", 0),
    figure("cpu", of(ours, "cpu_us"), "us", 1),
    figure("plain_cpu", of(plain, "cpu_us"), "us", 1),
  );
  rows.push([
    `${events} x ${connections}`,
    of(ours, "per_second").toFixed(0),
    of(plain, "per_second").toFixed(0),
    ratio.toFixed(2),
    bar === undefined ? "" : `${bar.toFixed(1)} ${ratio >= bar ? "holds" : "MISSED"}`,
    of(ours, "cpu_us").toFixed(0),
    of(plain, "cpu_us").toFixed(0),
    `${of(ours, "p50_ms").toFixed(1)}/${of(ours, "p99_ms").toFixed(1)}`,
    `${of(plain, "p50_ms").toFixed(1)}/${of(plain, "p99_ms").toFixed(1)}`,
  ]);
}

if (wanted.json) {
  for (const figure of figures) console.log(JSON.stringify(figure));
} else {
  const heads = ["events x conn.", "ours 1/s", "plain 1/s", "ratio", "bar", "ours CPU us", "plain CPU us", "ours p50/p99 ms", "plain p50/p99 ms"];
  const widths = heads.map((head, n) => Math.max(head.length, ...rows.map((row) => row[n].length)));
  for (const row of [heads, ...rows]) console.log(row.map((text, n) => text.padStart(widths[n])).join("  "));
}
if (figures.some(({ holds }) => holds === false)) process.exitCode = 1;
