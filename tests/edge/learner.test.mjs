// What visitors do is counted where they are kept, told to the learner, and stands on shelves.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { uuid } from "../harness/ids.mjs";
import { seeded } from "../harness/random.mjs";
import { Server, statement } from "../harness/server.mjs";
import { browse, filled, ids, learn, learner, product, sell, shelvedRelease } from "../harness/shelf.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const edge = await startEdge({ inspect: true, bindings: { LEARN_EVERY: "0" } });
after(() => edge.stop());

const open = async (objects, shelves) => {
  const shop = await edge.createShop({ objects });
  await shop.publish(shelvedRelease(shelves));
  return shop;
};

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: what visitors look at after one another stands on shelves`, async () => {
    const shop = await open(objects);
    await sell(shop, Array.from({ length: 30 }, (_, n) => product(n)));
    for (let n = 0; n < 12; n++) {
      await browse(shop, ["p0", "p1"]);
      await browse(shop, ["p2", "p3", "p4"]);
    }
    const status = await learn(shop);
    assert.equal(status.counted.objects.reduce((sum, { visitors }) => sum + visitors, 0), 24);
    assert.equal(status.counted.waiting, 0);
    assert.deepEqual((await ids(shop, "next", ["p0"]))[0], "p1");
    assert.deepEqual((await ids(shop, "next", ["p2"])).slice(0, 2), ["p3", "p4"]);
    const { items, why } = await filled(shop, "next", ["p2"]);
    assert.deepEqual([items[0].reason, items[0].why.rule, why.rule], ["went-on-from", "went on", "next"]);
    assert.deepEqual(new Set((await ids(shop, "trending")).slice(0, 5)), new Set(["p0", "p1", "p2", "p3", "p4"]));
    // Nobody has done anything since: nobody is counted again.
    const again = await learn(shop);
    assert.equal(again.counted.objects.reduce((sum, { visitors }) => sum + visitors, 0), 24);
    // Who comes back is counted as if all had been done at once.
    const visitor = await browse(shop, ["p5", "p6"], { began: Date.now() - 60_000 });
    await learn(shop);
    await browse(shop, ["p7"], { visitor });
    const last = await learn(shop);
    assert.equal(last.counted.objects.reduce((sum, { visitors }) => sum + visitors, 0), 26);
    assert.deepEqual((await ids(shop, "next", ["p5"])).slice(0, 2), ["p6", "p7"]);
  });
}

test("carts and orders stand together", async () => {
  const shop = await open(1);
  await sell(shop, Array.from({ length: 10 }, (_, n) => product(n)));
  for (let n = 0; n < 6; n++) {
    const items = (...all) => all.map((product) => ({ product, quantity: 1 }));
    await shop.send([
      shop.event("cart.changed", { cart: { items: items("p1") } }),
      shop.event("cart.changed", { cart: { items: items("p1", "p8") } }),
      shop.event("order.placed", { order: { id: `o${n}`, items: items("p1", "p8") } }),
    ], { visitor: uuid() });
  }
  await learn(shop);
  const { items } = await filled(shop, "bought-together", ["p1"]);
  assert.deepEqual([items[0].id, items[0].reason], ["p8", "bought-with"]);
});

test("what the shop's server says was ordered together stands together, and nobody's name with it", async () => {
  const shop = await open(1);
  await sell(shop, Array.from({ length: 10 }, (_, n) => product(n)));
  const server = await new Server(shop).connect();
  for (let n = 0; n < 6; n++) {
    const items = ["p2", "p9"].map((id) => ({ product: id, quantity: 1 }));
    await server.tell(statement("order.placed", { order: { id: `s${n}`, email: `buyer${n}@example.org`, total: "40.00", currency: "EUR", items } }));
  }
  await server.settled();
  const status = await learn(shop);
  assert.equal(status.counted.objects[0].visitors, 6);
  assert.equal((await ids(shop, "bought-together", ["p2"]))[0], "p9");
  assert.deepEqual(await ids(shop, "trending"), [], "nobody has looked at anything");
});

test("a repeated push counts once", async () => {
  const shop = await open(1);
  await sell(shop, Array.from({ length: 5 }, (_, n) => product(n)));
  for (let n = 0; n < 5; n++) await browse(shop, ["p0", "p1"]);
  await learn(shop);
  const bodies = () => edge.inside(shop, "learner", "SELECT what, number, hex(body) AS body FROM counts ORDER BY 1, 2");
  const sums = () => edge.inside(shop, "learner", "SELECT what, part, hex(body) AS body FROM sums ORDER BY 1, 2");
  const before = [await bodies(), await sums()];
  // As a shard is that was killed after the learner heard it and before it knew.
  const [{ seq }] = await edge.inside(shop, "shard/0", "SELECT max(seq) AS seq FROM events");
  await edge.inside(shop, "shard/0", "UPDATE meta SET value = '1' WHERE name = 'count serial'");
  await edge.inside(shop, "shard/0", "DELETE FROM meta WHERE name = 'counted'");
  await edge.inside(shop, "shard/0", "INSERT INTO meta (name, value) VALUES ('counting', ?)", JSON.stringify({ floor: 0, target: seq, upto: seq, telling: 0, serial: 1 }));
  await browse(shop, ["p4"]);
  await learn(shop);
  const [counts] = [await bodies()];
  assert.deepEqual(counts, before[0], "the pair was not counted twice");
  assert.equal((await ids(shop, "next", ["p0"]))[0], "p1");
});

test("a single visitor with 100,000 fake views moves no shelf", async () => {
  const shop = await open(1);
  await sell(shop, Array.from({ length: 20 }, (_, n) => product(n)));
  for (let n = 0; n < 10; n++) await browse(shop, ["p0", "p1"]);
  await learn(shop);
  const before = [await ids(shop, "next", ["p0"]), await ids(shop, "trending")];
  const visitor = uuid();
  const now = Date.now();
  const [{ value }] = await edge.inside(shop, "shard/0", "SELECT lower(hex(randomblob(4))) AS value");
  // As many as a network could have sent within hours: straight into the log, because taking them in is limited.
  for (let batch = 0; batch < 20; batch++) {
    await edge.inside(
      shop, "shard/0",
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
       INSERT INTO events (id, visitor, at, received, kind, data)
       SELECT CAST('${value}-${batch}-' || i AS BLOB), unhex(?), ? + i, ? + i, 'product.viewed',
              CASE i % 2 WHEN 0 THEN '{"product":{"id":"p0"}}' ELSE '{"product":{"id":"p19"}}' END FROM n`,
      visitor.replaceAll("-", ""), now, now,
    );
  }
  await browse(shop, ["p19"], { visitor });
  await learn(shop);
  assert.deepEqual([await ids(shop, "next", ["p0"]), await ids(shop, "trending")], before);
  // Within what a person can do, the visitor counts, but not for more than one.
  const busy = uuid();
  await browse(shop, Array.from({ length: 200 }, (_, n) => (n % 2 ? "p18" : "p0")), { visitor: busy });
  await learn(shop);
  assert.deepEqual((await ids(shop, "next", ["p0"]))[0], "p1");
});

test("a shop without shelves counts nothing", async () => {
  const shop = await edge.createShop();
  await shop.publish(shelvedRelease({ shelves: [] }));
  await browse(shop, ["p0", "p1"]);
  await shop.advance({ seconds: 60 });
  assert.deepEqual((await learner(shop)).counted.objects, []);
  // Once it has some, what was done before counts, too.
  await shop.publish(shelvedRelease());
  await learn(shop);
  assert.equal((await learner(shop)).counted.objects[0].visitors, 1);
});

test("a kill in the middle of learning costs one slice, and nothing is counted twice or lost", async (t) => {
  const seed = Number(process.env.RAPPORT_LEARN_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`RAPPORT_LEARN_SEED=${seed}`);
  const random = seeded(seed);
  const folder = temporaryFolder(t, "rapport-learn");
  const bindings = { LEARN_EVERY: "3600" };
  let bare = await startBareEdge(folder, { build: "dev", bindings });
  t.after(() => bare.kill());
  const shop = await bare.createShop();
  await shop.publish(shelvedRelease());
  const PRODUCTS = 5_000;
  for (let from = 0; from < PRODUCTS; from += 1_000) {
    await sell(shop, Array.from({ length: 1_000 }, (_, n) => product(from + n)));
  }
  for (let n = 0; n < 20; n++) await browse(shop, ["p0", "p1", `p${random.between(2, PRODUCTS - 1)}`]);
  const again = async () => {
    await bare.kill();
    bare = await startBareEdge(folder, { build: "dev", bindings });
    shop.edge = bare;
  };
  // Cut off while shards count and tell, too.
  const moved = shop.admin("POST", "clock/advance", { json: { seconds: 30 } }).catch(() => undefined);
  await pause(random.between(1, 80));
  await again();
  await moved;
  await shop.advance({ seconds: 30 });
  assert.equal((await learner(shop)).counted.objects[0].visitors, 20, "each visitor once");
  const { generation = 0 } = (await learner(shop)).learned ?? {};
  await shop.admin("POST", "learner/learn", { json: {} });
  const seen = new Set();
  let kills = 0;
  for (let round = 0; round < 60; round++) {
    await pause(random.between(1, 120));
    const { under_way: at, learned } = await learner(shop);
    if (learned?.generation > generation && !at) break;
    if (at && !seen.has(`${at.stage} ${at.part}`) && kills < 8) {
      seen.add(`${at.stage} ${at.part}`);
      kills += 1;
      await again();
    }
  }
  const status = await until("it is learned", async () => {
    const now = await learner(shop);
    return now.learned?.generation > generation && !now.under_way && now;
  }, { within: 120_000 });
  t.diagnostic(`${kills} kills at ${[...seen].join(", ")}`);
  assert.equal(status.learned.generation, generation + 1, "it went on, and did not begin anew");
  assert.equal(status.learned.products, PRODUCTS);
  assert.equal((await ids(shop, "next", ["p0"]))[0], "p1");
});
