// How fast a burst of what a shop's server says is acknowledged, and until when all of it is settled:
// the deployed build on bare workerd, signed with Node's own crypto.
//
// node tests/bench/hooks.mjs [--json] [--burst 1000] [--connections 64] [--repetitions 5] [--objects 1] [--build deploy]

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";

import { Server } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const { values: wanted } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    burst: { type: "string", default: "1000" },
    connections: { type: "string", default: "64" },
    repetitions: { type: "string", default: "5" },
    objects: { type: "string", default: "1" },
    build: { type: "string", default: "deploy" },
    folder: { type: "string", default: tmpdir() },
  },
});
const [burst, connections, repetitions, objects] = ["burst", "connections", "repetitions", "objects"].map((name) => Number(wanted[name]));

/** What is promised: so long at most, in milliseconds, for 99 of 100. */
const BAR_MS = 200;
const LOAD = new URL("hooks/load.mjs", import.meta.url).pathname;

/** CPU time that a process has used, in milliseconds: Linux counts it in ticks of 10 ms. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function once(warm) {
  const folder = mkdtempSync(join(wanted.folder, "rapport-bench-"));
  const edge = await startBareEdge(folder, { build: wanted.build });
  try {
    const shop = await edge.createShop({ objects });
    const server = await new Server(shop).connect();
    const load = async (burst, from) => {
      const order = { port: edge.process.port, shop: shop.key, secret: server.secret, connections, burst, from };
      const { stdout } = await promisify(execFile)(process.execPath, [LOAD, JSON.stringify(order)], { maxBuffer: 1e8 });
      return JSON.parse(stdout);
    };
    const idle = async () => (await shop.list("jobs")).every(({ kind }) => kind !== "hear" && kind !== "transfer");
    const settled = () => until("all is settled", idle, { within: 300_000, every: 20 });
    // The runtime compiles what is called often for some time before it is as fast as it gets.
    await load(warm, 0);
    await settled();
    const [began, used] = [Date.now(), cpu(edge.process.pid)];
    const result = await load(burst, warm);
    const acknowledged = cpu(edge.process.pid) - used;
    await settled();
    if (result.refused > 0) throw new Error(`${result.refused} were refused: ${result.first}`);
    return { ...result, settled_ms: Date.now() - began, cpu_ms: acknowledged / burst };
  } finally {
    await edge.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const results = [];
for (let n = 0; n < repetitions; n++) {
  results.push(await once(2_000));
  process.stderr.write(`repetition ${n + 1} of ${repetitions}: ${JSON.stringify(results.at(-1))}\n`);
}
const of = (name) => Number(median(results.map((each) => each[name])).toFixed(2));
const figures = [
  { figure: "hooks_p50", value: of("p50_ms"), unit: "ms" },
  { figure: "hooks_p99", value: of("p99_ms"), unit: "ms", bar: BAR_MS, holds: of("p99_ms") <= BAR_MS },
  { figure: "hooks_max", value: of("max_ms"), unit: "ms" },
  { figure: "hooks_acknowledged", value: of("took_ms"), unit: "ms" },
  { figure: "hooks_cpu", value: of("cpu_ms"), unit: "ms" },
  { figure: "hooks_settled", value: of("settled_ms"), unit: "ms" },
];
for (const figure of figures) {
  const { figure: name, value, unit, bar, holds } = figure;
  console.log(wanted.json ? JSON.stringify(figure) : `${name.padEnd(20)} ${String(value).padStart(9)} ${unit}${bar ? `  at most ${bar}: ${holds ? "holds" : "MISSED"}` : ""}`);
}
if (figures.some(({ holds }) => holds === false)) process.exitCode = 1;
