// What can be expected of shoppers: counted every morning, fitted for the whole shop, asked at every event. The
// histories and what native code says of them stand in domain/fixtures/outlook.json.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startEdge } from "../harness/edge.mjs";
import { ROOT, temporaryFolder } from "../harness/folder.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { seeded } from "../harness/random.mjs";
import { changedRelease } from "../harness/release.mjs";
import { Server, statement } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

const SHOP = JSON.parse(readFileSync(join(ROOT, "domain/fixtures/outlook.json"), "utf8"));
const DAY = 86_400_000;
/** Who came every week until lately, and who did until a year ago. */
const [REGULAR, LOST] = [170, 171];

/** The next early morning that is not upon us. */
function nextMorning() {
  const soon = Date.now() + 5 * 60_000;
  const today = Math.floor(soon / DAY) * DAY + (3 * 60 + 40) * 60_000;
  return today > soon ? today : today + DAY;
}

/** A shop whose one journey writes to whoever is likely to be lost. */
const release = changedRelease((config) => {
  config.zone = "UTC";
  config.segments = { "likely-lost": { when: { number: { fact: "churn", at_least: 20 } } } };
  const say = { id: "say", next: 1, act: { message: { channel: "email", name: "win-back", valid_for: 3 * DAY } } };
  config.journeys = [{ name: "rescue", entry: { segment: "likely-lost" }, key: "shopper", again: "always", steps: [say] }];
});

const bring = async (shop, query, lines) => {
  const answer = await shop.admin("POST", `import?${query}`, { body: lines.join("\n"), headers: { "content-type": "text/plain" } });
  assert.deepEqual([answer.status, answer.json.refused], [200, []], answer.text);
};
const address = (n) => `shopper${n}@example.org`;

/** Orders as histories say: so many days before a morning, so many cents. */
const bringOrders = (shop, morning, shoppers) => {
  const day = Math.floor(morning / DAY) * DAY;
  const lines = shoppers.flatMap((orders, n) =>
    orders.map(([ago, minor], k) => JSON.stringify({
      id: `o${n}-${k}`, email: address(n), total: (minor / 100).toFixed(2), currency: "EUR", placed: new Date(day - ago * DAY + 1_000).toISOString(),
      items: [{ product: `p${k % 3}`, quantity: 1 + (k % 2) }],
    })),
  );
  return bring(shop, "about=orders&format=ndjson", lines);
};

/** Waits until hundreds of lines are settled. */
const settled = (shop) =>
  until("all is settled", async () => (await shop.list("jobs")).every(({ kind }) => kind !== "hear" && kind !== "transfer"), { within: 240_000, every: 500 });

const facts = async (shop, who) => {
  const answer = await shop.admin("GET", `people/${who}/facts`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
/** Moves the clock to a moment; all that was on the way in a shop of several objects is known first. */
const moveTo = async (shop, moment) => {
  if (shop.objects > 1) await shop.advance({ seconds: 10 });
  const { clock } = await shop.status();
  await shop.advance({ seconds: Math.ceil((moment - clock.now) / 1_000) });
};
const minor = (money) => Math.round(Number(money.replace(" EUR", "")) * 100);
const near = (found, expected, what) =>
  assert.ok(Math.abs(found - expected) <= 1e-6 + 0.0001 * Math.abs(expected), `${what}: ${found} is not ${expected}`);

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: what is expected of shoppers is worked out each morning, and a journey goes by it`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish(release);
    const morning = nextMorning();
    const permission = { permission: "email.marketing", given: true, at: "2026-01-05T10:00:00Z", method: "checkbox at checkout", wording: "Write to me", source: "old shop", proven: true };
    const customers = [REGULAR, LOST].map((n) => JSON.stringify({ id: `k${n}`, emails: [address(n)], country: "DE", language: "en", permissions: [permission] }));
    await bring(shop, "about=customers&format=ndjson", customers);
    await bringOrders(shop, morning, SHOP.shoppers);
    await settled(shop);
    if (objects > 1) await shop.advance({ seconds: 10 });
    const people = await shop.list("people");
    assert.equal(people.length, SHOP.shoppers.length);
    const id = (n) => people.find(({ addresses }) => addresses.some((each) => each.address === address(n))).id;

    const before = await facts(shop, id(REGULAR));
    assert.deepEqual([before.expected, before.model], [null, { there: false, at: null, shoppers: null, why: "Nobody was counted yet: that is done early every morning." }]);
    assert.deepEqual([before.orders.count, before.orders.within_a_year, before.rhythm_days], [20, 20, 7]);

    await moveTo(shop, morning + 60_000);
    const known = await until("the model is there", async () => {
      const { model } = await facts(shop, id(REGULAR));
      return model.there && model;
    });
    assert.deepEqual([known.shoppers, known.why], [SHOP.shoppers.length, null]);
    assert.ok(known.at >= morning && known.at < morning + 60_000);
    await until("everybody knows it", async () =>
      (await Promise.all(SHOP.expected.map(({ shopper }) => facts(shop, id(shopper))))).every(({ model }) => model.there),
    );

    // As native code says.
    for (const { shopper, ...expected } of SHOP.expected) {
      const found = await facts(shop, id(shopper));
      const what = (name) => `shopper ${shopper}, ${name}`;
      const orders = SHOP.shoppers[shopper];
      assert.deepEqual([found.orders.count, minor(found.spend)], [orders.length, orders.reduce((sum, [, amount]) => sum + amount, 0)]);
      near(found.expected.churn, expected.churn, what("churn"));
      near(found.expected.chance_of_order, expected.chance_of_order, what("chance of an order"));
      near(found.expected.orders, expected.orders, what("orders"));
      assert.ok(Math.abs(minor(found.expected.average_order) - expected.average_order) <= 1, what("average order"));
      assert.ok(Math.abs(minor(found.expected.value) - expected.value) <= 1, what("value"));
      const due = expected.next_order === null ? null : new Date(found.at + expected.next_order * DAY).toISOString().slice(0, 10);
      assert.equal(found.expected.next_order, due, what("next order"));
    }

    // Who was lost before is in the segment, and it began nothing; who is regular comes into it by silence alone.
    await until("all have looked", async () => (await facts(shop, id(LOST))).segments.length > 0);
    assert.deepEqual((await facts(shop, id(REGULAR))).segments, []);
    assert.deepEqual([await shop.mailsTo(address(LOST)), await shop.mailsTo(address(REGULAR))], [[], []]);
    await moveTo(shop, morning + 15 * DAY);
    assert.deepEqual(await shop.mailsTo(address(REGULAR)), []);
    await moveTo(shop, morning + 26 * DAY);
    await until("the regular is written to", async () => (await shop.mailsTo(address(REGULAR))).length > 0);
    assert.deepEqual((await shop.mailsTo(address(REGULAR))).map(({ mail, journey }) => [mail, journey]), [["win-back", "rescue"]]);
    assert.deepEqual(await shop.mailsTo(address(LOST)), []);
    assert.deepEqual((await facts(shop, id(REGULAR))).segments, ["likely-lost"]);

    // An order brings them back at once.
    const server = await new Server(shop).connect();
    const { clock } = await shop.status();
    await server.tell(statement("order.placed", { order: { id: "again", email: address(REGULAR), total: "25.00", currency: "EUR" } }, { at: clock.now }));
    await server.settled();
    await until("they are not lost any more", async () => {
      const { orders, segments } = await facts(shop, id(REGULAR));
      return orders.count === 21 && segments.length === 0;
    });

    // What was counted does not stay, and what lies with the shop is sealed.
    for (let object = 0; object < objects; object++) {
      assert.deepEqual(await edge.inside(shop, `shard/${object}`, "SELECT count(*) AS n FROM outlook_counted"), [{ n: 0 }]);
    }
    const parts = await edge.inside(shop, "shop", "SELECT hex(sealed) AS sealed FROM outlook_parts");
    assert.equal(parts.length, objects);
    for (const { sealed } of parts) assert.match(sealed, /^00000001/);
    // A restarted object knows the model still.
    for (let object = 0; object < objects; object++) await edge.evict(shop, `shard/${object}`);
    assert.equal((await facts(shop, id(REGULAR))).model.there, true);
    const log = await shop.admin("GET", "log?object=0");
    assert.equal(JSON.parse(log.text.split("\n")[0]).outlook.version, 1);
  });

  test(`in a shop with ${objects}: where too few have ordered it says so, and two who are one count once`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish(release);
    const morning = nextMorning();
    await bringOrders(shop, morning, SHOP.shoppers.slice(0, 4));
    await new Server(shop).settled();
    const people = await shop.list("people");
    const [one, other] = people.map(({ id }) => id);
    assert.equal((await shop.admin("POST", `people/${one}/join`, { json: { with: other } })).status, 200);
    await new Server(shop).settled();
    await moveTo(shop, morning + 60_000);
    const why = "Nothing can be expected of shoppers yet: it takes 100 shoppers who ordered, and there are 3.";
    await until("it is said why", async () => {
      const [joined, parted] = [await facts(shop, one), await facts(shop, other)];
      assert.equal(joined.shopper, parted.shopper);
      return joined.model.why === why && joined.expected === null && !joined.model.there;
    });
    assertProblem(await shop.admin("GET", "people/nobody/facts"), 404);
  });
}

test("what is known of somebody can be read: what they like, what went wrong, what they answer to", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const visitor = crypto.randomUUID();
  const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"] });
  const robe = { id: "robe", title: "Robe", price: "20.00", currency: "EUR", category: "robes" };
  await shop.send([shop.event("product.viewed", { product: robe }), shop.event("custom", { name: "rage click" })], { visitor });
  const server = await new Server(shop).connect();
  await server.tell(statement("order.placed", { order: { id: "1", email, total: "40.00", currency: "EUR", items: [{ product: "robe", quantity: 2 }] } }));
  await server.settled();
  const { id } = await shop.person(email);
  const found = await until("all of it is known", async () => {
    const found = await facts(shop, id);
    return found.orders.count === 1 && found.unhappiness > 0 && found;
  });
  assert.deepEqual([found.spend, found.average_order, found.recency_days, found.rhythm_days], ["40.00 EUR", "40.00 EUR", 0, null]);
  assert.deepEqual(found.favourite_categories.map(({ category }) => category), ["robes"]);
  assert.deepEqual(found.unhappy_because.map(({ sign, weight }) => [sign, weight]), [["rage click", 20]]);
  assert.ok(found.unhappiness >= 19 && found.unhappiness <= 20);
  // The button in the question was pressed, and the order came after the welcome.
  assert.equal(found.answers_on, "email");
  assert.equal(found.messages[0].answered, 2);
  assert.deepEqual([found.tags, found.segments, found.expected], [[], [], null]);
});

test("kills while shoppers are counted lose nobody and count nobody twice", async (t) => {
  const seed = Number(process.env.RAPPORT_OUTLOOK_SEED ?? Date.now() % 1_000_000_000);
  console.log(`outlook: RAPPORT_OUTLOOK_SEED=${seed}`);
  const random = seeded(seed);
  const folder = temporaryFolder(t, "rapport-outlook");
  const start = () => startBareEdge(folder, { build: "dev" });
  let bare = await start();
  t.after(() => bare.kill());
  const shop = await bare.createShop({ objects: 1 });
  await shop.publish(release);
  const morning = nextMorning();
  // More than are counted at a time.
  const shoppers = Array.from({ length: 1_040 }, (_, n) => (n < 40 ? [[90 - (n % 7), 2_000], [30 - (n % 11), 2_500 + n]] : [[90 - (n % 13), 2_000]]));
  await bringOrders(shop, morning, shoppers);
  await settled(shop);
  const [{ id }] = await shop.list("people");
  const { clock } = await shop.status();
  await shop.advance({ seconds: Math.floor((morning - clock.now) / 1_000) - 1 });
  const again = async () => {
    bare = await start();
    shop.edge = bare;
    // Asked for anything, an object goes on.
    await shop.status();
  };
  for (let round = 0; round < 8; round++) {
    await pause(random.between(1, 900));
    await bare.kill();
    await again();
  }
  const { shoppers: counted } = await until("they are counted", async () => {
    const { model } = await facts(shop, id);
    return model.at !== null && model;
  }, { within: 60_000, every: 100 });
  assert.equal(counted, shoppers.length);
});
