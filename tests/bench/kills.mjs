// A hundred times `kill -9` while journeys are due, with a real mail server whose mailbox is the witness: the test
// `tests/edge/journeys-killed.test.mjs` with so many kills, and what it counted.
//
// node tests/bench/kills.mjs [--json] [--kills 100] [--seed N]

import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

const { values: wanted } = parseArgs({
  options: { json: { type: "boolean", default: false }, kills: { type: "string", default: "100" }, seed: { type: "string" } },
});

const TEST = new URL("../edge/journeys-killed.test.mjs", import.meta.url).pathname;
const env = { ...process.env, RAPPORT_KILLS: wanted.kills, ...(wanted.seed && { RAPPORT_KILL_SEED: wanted.seed }) };
const began = Date.now();
const child = spawn(process.execPath, ["--test-reporter=spec", TEST], { env, stdio: ["ignore", "pipe", "inherit"] });
const said = [];
child.stdout.on("data", (chunk) => {
  said.push(chunk);
  process.stderr.write(chunk);
});
const code = await new Promise((resolve) => child.once("exit", resolve));
const line = Buffer.concat(said).toString("utf8").match(/^(?:# )?kills: (\{.*\})$/m)?.[1];
if (line) {
  const figures = Object.entries({ ...JSON.parse(line), seconds: Math.round((Date.now() - began) / 1_000) });
  // What the test holds to be none; it fails where there is any.
  if (code === 0) figures.push(...["missed", "doubled", "after_a_no", "outside_hours"].map((name) => [name, 0]));
  for (const [figure, value] of figures) {
    console.log(wanted.json ? JSON.stringify({ figure: `kills_${figure}`, value }) : `${figure.padEnd(26)} ${String(value).padStart(9)}`);
  }
}
process.exitCode = code ?? 1;
