// What the merchant's rules make of a shelf, and what becomes of a shop that does not fit into one file.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { browse, filled, ids, learn, market, product, sell, shelvedRelease } from "../harness/shelf.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

const rule = (act, matched, more = {}) =>
  ({ shelf: null, market: null, beside: null, act, with: matched, place: "shelves/next.toml:12", ...more });

/** Seven people go on from p0 to p1, fewer to each after it. */
async function open() {
  const shop = await edge.createShop();
  await shop.publish(shelvedRelease());
  await sell(shop, Array.from({ length: 8 }, (_, n) => product(n, { categories: [n % 2 ? "Odd" : "Even"] })));
  for (let n = 1; n < 7; n++) for (let times = n; times < 8; times++) await browse(shop, ["p0", `p${n}`]);
  await learn(shop);
  assert.deepEqual((await ids(shop, "next", ["p0"])).slice(0, 6), ["p1", "p2", "p3", "p4", "p5", "p6"]);
  return shop;
}

/** Publishes rules, and waits until shelves obey them. */
async function rules(shop, rules, obeyed, more = {}) {
  await shop.publish(shelvedRelease({ rules, ...more }));
  await until("the rules are obeyed", async () => obeyed(await ids(shop, "next", ["p0"])));
}

test("rules pin, boost, bury and leave out, and say so", async () => {
  const shop = await open();
  await rules(shop, [rule("exclude", { ids: ["p1"] })], (now) => now[0] === "p2" && !now.includes("p1"));
  await rules(shop, [rule({ lift: 64 }, { ids: ["p4"] })], (now) => now[0] === "p4" && now[1] === "p1");
  await rules(shop, [rule({ lift: -64 }, { categories: ["Odd"] })], (now) => now.slice(0, 3).join() === "p2,p4,p6");
  await rules(shop, [rule("pin", { ids: ["p6", "p7"] })], (now) => now.slice(0, 3).join() === "p6,p7,p1");
  const { items } = await filled(shop, "next", ["p0"]);
  assert.deepEqual(items.slice(0, 3).map(({ reason }) => reason), ["pinned", "pinned", "went-on-from"]);
  assert.equal(items[0].why.rule, "pinned");
  assert.match(items[0].why.fact, /rule \d+$/);
});

test("a rule is for its shelf, its market and what it stands beside alone", async () => {
  const shop = await open();
  const beside = (id) => rule("exclude", { ids: ["p1"] }, { beside: { ids: [id] } });
  await rules(shop, [beside("p3"), rule("exclude", { ids: ["p2"] })], (now) => !now.includes("p2"));
  assert.equal((await ids(shop, "next", ["p0"]))[0], "p1", "it stands beside another");
  await rules(shop, [beside("p0")], (now) => now[0] === "p2");
  const elsewhere = [rule("exclude", { ids: ["p1"] }, { shelf: "trending" }), rule("exclude", { ids: ["p2"] }, { market: "de" })];
  const markets = { markets: [market("default"), market("de", { countries: ["DE"] })] };
  await rules(shop, elsewhere, (now) => now[0] === "p1" && now[1] === "p2", markets);
  assert.ok(!(await ids(shop, "trending")).includes("p1"));
  await until("the other market has its files", async () => (await ids(shop, "next", ["p0"], "&market=de"))[0] === "p1");
  assert.ok(!(await ids(shop, "next", ["p0"], "&market=de")).includes("p2"));
});

test("a shop that is too large for one file has buckets, and its shelves are filled across them", { timeout: 240_000 }, async () => {
  const shop = await edge.createShop();
  await shop.publish(shelvedRelease());
  // Words that no two products share, so that no compression makes one file of them.
  const words = (n) => Array.from({ length: 16 }, (_, k) => ((n * 16 + k + 1) * 2_654_435_761 % 2 ** 32).toString(36)).join(" ");
  const products = Array.from({ length: 2_000 }, (_, n) => product(n, { title: words(n) }));
  for (let n = 0; n < products.length; n += 500) await sell(shop, products.slice(n, n + 500));
  const seen = ["p17", "p1001", "p1983"];
  for (let n = 0; n < 6; n++) await browse(shop, seen);
  const status = await learn(shop, { within: 200_000 });
  assert.ok(status.files.count > 10, `${status.files.count} files`);
  assert.ok(status.files.bytes / status.files.count <= 30 * 1_024, `${status.files.bytes} bytes`);
  assert.deepEqual(await ids(shop, "next", ["p17"]).then((all) => all.slice(0, 2)), ["p1001", "p1983"]);
  assert.equal((await ids(shop, "next", ["p17", "p1001"]))[0], "p1983");
  assert.ok((await ids(shop, "trending")).includes("p1001"));
});
