// Fills a shop with months of shoppers by its public API. What is generated follows from the seed and the day.
//
// node tests/generate/main.mjs [--edge http://localhost:8787] [--shop pk_… --token … --origin http://localhost:8788]
//   [--objects 1] [--months 3] [--shoppers 400] [--seed 1] [--until 2026-11-23] [--made 2000]
//
// Without a shop it fills the demo shop that `cargo xtask dev` runs. `--made` takes a made catalogue of so many
// products instead of the demo shop's.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { ask } from "../harness/edge.mjs";
import { demoCatalogue, madeCatalogue } from "./catalogue.mjs";
import { fill } from "./fill.mjs";

const DAY_MS = 86_400_000;
const { values: wanted } = parseArgs({
  options: {
    edge: { type: "string", default: "http://localhost:8787" },
    shop: { type: "string" },
    token: { type: "string", default: process.env.RAPPORT_ADMIN_TOKEN },
    origin: { type: "string", default: "http://localhost:8788" },
    objects: { type: "string", default: "1" },
    months: { type: "string", default: "3" },
    shoppers: { type: "string", default: "400" },
    seed: { type: "string", default: "1" },
    until: { type: "string" },
    made: { type: "string" },
  },
});

function number(name, least, most) {
  const value = Number(wanted[name]);
  if (!Number.isInteger(value) || value < least || value > most) throw new Error(`--${name}: expected a whole number from ${least} to ${most}`);
  return value;
}

/** The shop that `cargo xtask dev` has made. */
function demoShop() {
  try {
    const known = JSON.parse(readFileSync(new URL("../../.wrangler/rapport-dev.json", import.meta.url), "utf8"));
    return { key: known.key, token: known.admin_token, origin: known.origin };
  } catch (error) {
    throw new Error("there is no demo shop yet: start `cargo xtask dev`, or name a shop by --shop, --token and --origin", { cause: error });
  }
}

try {
  const shop = wanted.shop ? { key: wanted.shop, token: wanted.token, origin: wanted.origin } : demoShop();
  if (!shop.token) throw new Error("--token: the shop's admin token; RAPPORT_ADMIN_TOKEN in the environment does as well");
  shop.objects = number("objects", 1, 64);
  const until = wanted.until ? Date.parse(`${wanted.until}T00:00:00Z`) : Math.floor(Date.now() / DAY_MS) * DAY_MS;
  if (!(until <= Date.now())) throw new Error("--until: expected a day that has begun, such as 2026-11-23");
  const seed = number("seed", 0, 1e9);
  const products = wanted.made ? madeCatalogue(shop.origin, number("made", 1, 100_000), seed) : demoCatalogue(shop.origin);
  const began = Date.now();
  const tell = (what, filled) => console.error(`${what}: ${JSON.stringify(filled)}`);
  const filled = await fill((...request) => ask(wanted.edge, ...request), shop, {
    products,
    shoppers: number("shoppers", 1, 1_000_000),
    months: number("months", 1, 36),
    seed,
    until,
    tell,
  });
  for (const [what, count] of Object.entries(filled)) console.log(`${what.padEnd(12)} ${String(count).padStart(10)}`);
  console.log(`${"seconds".padEnd(12)} ${((Date.now() - began) / 1_000).toFixed(1).padStart(10)}`);
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
