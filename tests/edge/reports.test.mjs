// Counts reach the reports, each once, whatever is repeated.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

const today = () => new Date().toISOString().slice(0, 10);

for (const objects of [1, 8]) {
  test(`events in ${objects === 1 ? "one object" : "eight objects"} are counted by day and kind`, async () => {
    const shop = await edge.createShop({ objects });
    const yesterday = Date.now() - 86_400_000;
    for (let n = 0; n < 10; n++) {
      await shop.send([shop.event(), shop.event("custom", { name: "said" }), { ...shop.event(), at: yesterday }]);
    }
    assert.deepEqual(await shop.reports(), {}, "counted when they are pushed, not before");
    await shop.advance({ seconds: 90 });
    const expected = {
      [new Date(yesterday).toISOString().slice(0, 10)]: { "page.viewed": 10 },
      [today()]: { "page.viewed": 10, custom: 10 },
    };
    assert.deepEqual(await shop.reports(), expected);
    await shop.advance({ seconds: 90 });
    assert.deepEqual(await shop.reports(), expected, "nothing new, nothing more");
    await shop.send([shop.event()]);
    await shop.advance({ seconds: 90 });
    assert.equal((await shop.reports())[today()]["page.viewed"], 11);
  });
}

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: what happens after somebody was erased is counted, too`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish();
    const visitor = "0b8a4f5e-7c1d-4e2a-9f3b-6d5c4b3a2910";
    const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"] });
    await shop.mailTo(email, "welcome");
    await shop.advance({ seconds: 90 });
    await shop.send(Array.from({ length: 20 }, () => shop.event()), { visitor });
    await shop.advance({ seconds: 90 });
    const { id } = await shop.person(email);
    assert.equal((await shop.admin("POST", `people/${id}/erase`, { json: {} })).status, 200);
    await shop.advance({ seconds: 90 });
    for (let n = 0; n < 3; n++) {
      await shop.send([shop.event("custom", { name: "later" })], { visitor });
      await shop.advance({ seconds: 90 });
    }
    const counted = Object.values(await shop.reports());
    const sum = (kind) => counted.reduce((all, day) => all + (day[kind] ?? 0), 0);
    assert.deepEqual(["page.viewed", "shopper.erased", "custom", ""].map(sum), [20, 1, 3, 0]);
    assert.equal((await shop.list("events")).filter(({ type }) => !type).length, 0);
  });
}

test("a push whose answer was lost is repeated and counts once", async () => {
  const shop = await edge.createShop();
  const [visits, later] = [5, 3];
  await shop.send(Array.from({ length: visits }, () => shop.event()));
  await shop.advance({ seconds: 90 });
  const counted = async () => (await shop.reports())[today()]?.["page.viewed"];
  assert.equal(await counted(), visits);

  // As the object is when it stops after the reports took the push and before it noted so.
  await edge.inside(shop, "shard/0", "UPDATE meta SET value = '0' WHERE name = 'reported'");
  await edge.evict(shop, "shard/0");
  await shop.send(Array.from({ length: later }, () => shop.event()));
  await shop.advance({ seconds: 200 });
  assert.equal(await counted(), visits + later, "the old ones once, the new ones too");
  await shop.advance({ seconds: 90 });
  assert.equal(await counted(), visits + later);
});

test("reports that cannot be reached are caught up with later", async () => {
  const shop = await edge.createShop();
  const database = await edge.reports();
  await database.exec("ALTER TABLE daily RENAME TO elsewhere");
  await shop.send([shop.event(), shop.event()]);
  await shop.advance({ seconds: 90 });
  await database.exec("ALTER TABLE elsewhere RENAME TO daily");
  await shop.send([shop.event()]);
  await shop.advance({ seconds: 600 });
  assert.equal((await shop.reports())[today()]["page.viewed"], 3);
});

test("what people did is counted too, and nobody can be told from it", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const { email } = await shop.welcome();
  await shop.mailTo(email, "welcome");
  await shop.advance({ seconds: 90 });
  const counts = (await shop.reports())[today()];
  assert.equal(counts["address.given"], 1);
  assert.equal(counts["address.confirmed"], 1);
  assert.equal(counts["code.issued"], 1);
  assert.equal(counts["message.accepted"], 2);
  const rows = await (await edge.reports()).prepare("SELECT * FROM daily WHERE shop = ?").bind(shop.key).all();
  assert.deepEqual(Object.keys(rows.results[0]).sort(), ["day", "kind", "n", "shop"]);
});

test("the backstop wakes an object whose alarm was lost", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const { email } = await shop.welcome();
  await shop.mailTo(email, "welcome");
  await shop.advance({ seconds: 90 });
  await edge.inside(shop, "shard/0", "UPDATE jobs SET due = 1000");
  const database = await edge.reports();
  await database.prepare("UPDATE pushes SET next_due = 1000 WHERE shop = ?").bind(shop.key).run();
  await edge.backstop();
  // A timer that rings too early is set to its moment again: nothing is overdue any more.
  await until("what was overdue was seen to", async () => {
    const jobs = await shop.list("jobs");
    return jobs.some(({ kind }) => kind === "timer") && jobs.every(({ due_at }) => due_at > 1000);
  });
});

test("a deployment without a reports database works, and says so", async (t) => {
  const plain = await startEdge({ reports: false });
  t.after(() => plain.stop());
  const shop = await plain.createShop();
  await shop.send([shop.event()]);
  await shop.advance({ seconds: 600 });
  const { status, json } = await shop.admin("GET", "reports");
  assert.equal(status, 200);
  assert.deepEqual(json.days, []);
  assert.ok(json.notice.length > 10);
  assert.equal((await shop.list("jobs")).length, 0);
});
