// Objects as older code has left them: tables of a step, rows that the code of that time wrote.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { convertV4MiniflareOptions, Miniflare } from "miniflare";

import { statements } from "../../harness/build.mjs";
import { workerOptions } from "../../harness/edge.mjs";
import { ROOT } from "../../harness/folder.mjs";

const own = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** The steps of the tables of each class of objects, as the edge has them today. */
export const STEPS = {
  SHARD: steps("edge/src/shard/schema"),
  SHOP: steps("edge/src/shop/schema"),
  LEARNER: steps("edge/src/learner/schema"),
};

/** How the present steps are named: those of shards, and those of learners since there are any. */
export const PRESENT = `${STEPS.SHARD.length}-${STEPS.LEARNER.length}`;

function steps(folder) {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name) => readFileSync(join(ROOT, folder, name), "utf8"));
}

/** Columns that hold moments: frozen rows are moved to the present by as much as they have aged. */
const MOMENTS = ["at", "received", "since", "made", "ends", "used", "issued", "began", "ended", "due", "valid_until", "heard", "changed", "tried"];

/** Opens a folder's objects to plain SQL: `run(binding, name, [[query, ...values], …])`. */
export async function openObjects(persist) {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      port: 0,
      resourcePersistencePath: persist,
      workers: [workerOptions({ modules: [{ type: "ESModule", path: "objects.mjs", contents: own("objects.mjs") }] })],
    }),
  );
  const url = await miniflare.ready;
  return {
    run: async (binding, name, queries) => {
      const address = new URL(`/?binding=${binding}&name=${encodeURIComponent(name)}`, url);
      const answer = await fetch(address, { method: "POST", body: JSON.stringify(queries) });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json();
    },
    stop: () => miniflare.dispose(),
  };
}

/** Lays frozen objects out in an empty folder, with the tables of that many steps. */
export async function layOut(persist, frozen, more = () => []) {
  const objects = await openObjects(persist);
  const older = Date.now() - frozen.at;
  for (const { binding, name, schema, tables } of frozen.objects) {
    const queries = STEPS[binding].slice(0, schema).flatMap(statements).map((statement) => [statement]);
    for (const [table, rows] of Object.entries(tables)) {
      for (const row of rows) {
        const columns = Object.keys(row);
        const values = columns.map((column) => (MOMENTS.includes(column) && typeof row[column] === "number" ? row[column] + older : row[column]));
        queries.push([`INSERT OR REPLACE INTO ${table} (${columns}) VALUES (${columns.map(() => "?")})`, ...values]);
      }
    }
    await objects.run(binding, name, [...queries, ...more(binding)]);
  }
  await objects.stop();
}

/** The frozen objects of a step: `7`, or `7-1` with a learner. */
export function frozenAt(step) {
  return JSON.parse(own(`step-${step}.json`));
}
