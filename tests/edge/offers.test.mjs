// Pools of codes: taken in, leased to the objects, issued once each, and what happens when one runs dry.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { codes, given, pool, poolRelease, take } from "../harness/pool.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { seeded } from "../harness/random.mjs";
import { changedRelease } from "../harness/release.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

/** How many get a code while the edge is killed again and again. */
const PEOPLE = 80;

const edge = await startEdge();
after(() => edge.stop());

/** A shop that gives codes of a pool. */
async function poolShop({ objects = 1, list = [], ...rest } = {}) {
  const shop = await edge.createShop({ objects });
  await shop.publish(poolRelease(rest));
  if (list.length > 0) {
    await take(shop, list);
    await until("every object has codes", async () => (await pool(shop)).leased >= Math.min(objects, list.length));
  }
  return shop;
}

const ofKind = async (shop, kind) => (await shop.list("events")).filter(({ type }) => type === kind);
const alerts = async (shop) => (await shop.list("messages")).filter(({ mail }) => mail === "alert");

for (const objects of [1, 8]) {
  test(`a code of a list goes to one shopper, in a shop of ${objects}`, async () => {
    const list = codes(200);
    const shop = await poolShop({ objects, list });
    const welcomed = await Promise.all(Array.from({ length: 24 }, () => shop.welcome()));
    const issued = Object.values(await given(shop)).flat();
    assert.equal(issued.length, 24);
    assert.equal(new Set(issued).size, 24, "nobody has somebody else's");
    assert.ok(issued.every((code) => list.includes(code)), issued.join());
    const mail = await shop.mailTo(welcomed[0].email, "welcome");
    const [own] = (await given(shop))[welcomed[0].email];
    assert.ok(mail.text.includes(own) && mail.text.includes("20"), mail.text);
    await until("every code is somewhere once", async () => {
      const { remaining, leased, issued: count, redeemed } = await pool(shop);
      return remaining + leased + count === 200 && count === 24 && redeemed === 0;
    });
    assert.ok((await alerts(shop)).length <= 1, "it was told of at most once: before the list came");
  });
}

test("a list is taken in once, and what is wrong with it is named by its line", async () => {
  const shop = await poolShop({ more: (config) => config.offers.push({ ...config.offers.at(-1), name: "gold" }) });
  assert.deepEqual(await take(shop, ["AA-1", "aa-2", "AA-1"]), { added: 2, known: 1, refused: [] });
  assert.deepEqual(await take(shop, ["aa-1", "AA-2", "AA-3"]), { added: 1, known: 2, refused: [] });
  const answer = await take(shop, ["BB-1", "two words", "AA-2"], "gold");
  assert.equal(answer.added, 1);
  assert.deepEqual(answer.refused.map(({ line, field }) => [line, field]), [[2, "code"], [3, "code"]]);
  assert.match(answer.refused[1].detail, /is in the pool vip already/);
  const wrong = async (path, options, status, field) => {
    const { status: got, json } = await shop.admin("POST", path, options);
    assert.deepEqual([got, json.field], [status, field], JSON.stringify(json));
    assert.ok(json.detail.length > 20, json.detail);
  };
  await wrong("pools/welcome/codes", { body: "A-1" }, 404, "offer");
  await wrong("pools/nothing/codes", { body: "A-1" }, 404, "offer");
  await wrong("pools/nothing/recall", {}, 404, "offer");
  assert.equal((await shop.admin("POST", "pools/vip/codes", { body: "" })).status, 400);
  assert.equal((await shop.admin("POST", "pools/vip/codes", { body: Buffer.from([0xff, 0xfe]) })).status, 400);
  assert.equal((await shop.admin("POST", "pools/vip/codes", { body: "A".repeat(2 * 1024 * 1024 + 1) })).status, 413);
  assert.equal((await shop.admin("GET", "pools/welcome")).status, 404);
  // A code keeps its spelling.
  const spelled = [];
  for (let n = 0; n < 3; n++) {
    await until("a code is leased", async () => (await pool(shop)).leased > 0);
    const { email } = await shop.welcome();
    spelled.push(...(await given(shop))[email]);
  }
  assert.deepEqual(spelled, ["AA-1", "aa-2", "AA-3"]);
});

test("a pool that runs dry is told of once each time, and its fallback stands in", async () => {
  const shop = await poolShop({ low: 3 });
  // Published without a single code, it is low at once.
  const first = await until("the merchant is told", async () => (await alerts(shop))[0]);
  assert.deepEqual([first.to, first.state], ["merchant@skerrow.example", "accepted"]);
  assert.match((await shop.message(first.id)).text, /vip is running dry: 0 are left.*fewer than 3/);
  const { email } = await shop.welcome();
  const [early] = (await given(shop))[email];
  assert.match(early, /^HELLO-/);
  const [event] = await ofKind(shop, "code.fallback");
  assert.deepEqual([event.data.offer, event.data.fallback, event.data.why.rule], ["vip", "welcome", "pool dry"]);
  const mail = await shop.mailTo(email, "welcome");
  assert.ok(mail.text.includes(early) && mail.text.includes("10"), "the mail shows what stands in");

  await take(shop, codes(12));
  await until("codes are leased", async () => (await pool(shop)).leased > 0);
  assert.equal((await pool(shop)).is_low, false);
  const later = [];
  for (let n = 0; n < 14; n++) {
    later.push((await shop.welcome()).email);
    await until("no lease is under way", async () => {
      const { leased, remaining } = await pool(shop);
      return leased > 0 || remaining === 0;
    });
  }
  const all = await given(shop);
  assert.deepEqual(later.map((address) => all[address][0].split("-")[0]), [...Array(12).fill("VIP"), "HELLO", "HELLO"]);
  assert.equal(new Set(later.map((address) => all[address][0])).size, 14);
  await until("the merchant is told a second time", async () => (await alerts(shop)).length === 2);
  await shop.advance({ seconds: 3_600 });
  assert.equal((await alerts(shop)).length, 2, "once for each time");
  assert.equal((await ofKind(shop, "pool.low")).length, 2);
  const { remaining, leased, issued, sinkings } = await pool(shop);
  assert.deepEqual([remaining, leased, issued, sinkings], [0, 0, 12, 2]);
});

test("a shop that names no address for alerts has the event alone", async () => {
  const shop = await poolShop({ more: (config) => delete config.alerts });
  await until("the event is there", async () => (await ofKind(shop, "pool.low")).length === 1);
  assert.deepEqual(await alerts(shop), []);
  assert.ok((await pool(shop)).is_low);
});

test("codes that were leased go back when they are recalled, and when their offer is gone", async () => {
  const shop = await poolShop({ objects: 8, list: codes(400) });
  const before = await pool(shop);
  assert.equal(before.remaining + before.leased, 400);
  assert.equal((await shop.admin("POST", "pools/vip/recall")).status, 200);
  await until("each has a block of its own again", async () => {
    const { remaining, leased } = await pool(shop);
    return remaining + leased === 400 && leased >= 8;
  });
  await shop.welcome();
  await shop.publish(changedRelease(() => {}));
  await until("nothing is on the way", async () => (await shop.list("jobs")).every(({ kind }) => !["give_back", "refill"].includes(kind)));
  await shop.publish(poolRelease({ percent: 25 }));
  await until("the codes are there again", async () => {
    const { remaining, leased, issued } = await pool(shop);
    return remaining + leased + issued === 400 && issued === 1 && leased > 0;
  });
  const { email } = await shop.welcome();
  assert.equal((await shop.person(email)).codes[0].percent, 25);
});

test("today ends at midnight where the shopper is, also when the clocks change", async () => {
  const shop = await poolShop({ list: codes(30), valid_for: "today", more: (config) => { config.zone = "Europe/London"; } });
  const now = (await shop.status()).clock.now;
  const { email } = await shop.welcome();
  const next = new Date(now);
  next.setUTCHours(24, 0, 0, 0); // London is at UTC in winter.
  if (new Date(now).getUTCMonth() >= 10 || new Date(now).getUTCMonth() < 2) {
    assert.equal((await shop.person(email)).codes[0].ends, next.getTime() - 1);
  }
  // The evening before the clocks go forward: 28 March 2027 has 23 hours.
  const night = Date.UTC(2027, 2, 28, 0, 30);
  await shop.advance({ seconds: Math.ceil((night - now) / 1_000) });
  const late = await shop.welcome();
  const [code] = (await shop.person(late.email)).codes;
  assert.equal(new Date(code.ends + 1).toISOString(), "2027-03-28T23:00:00.000Z");
  assert.match(late.page, /28 March 2027/);
});

/** The links by which so many people confirm their addresses. */
async function confirmations(shop, count) {
  const addresses = Array.from({ length: count }, () => emailAddress());
  const waiting = [...addresses];
  const work = async () => {
    for (let email = waiting.pop(); email; email = waiting.pop()) await shop.submit({ email, allow: ["email.marketing"] });
  };
  await Promise.all([work(), work(), work(), work()]);
  const mails = await until("everybody is asked", async () => {
    const found = (await shop.list("messages")).filter(({ mail, state }) => mail === "confirm" && state === "accepted");
    return found.length === count && found;
  }, { within: 60_000, every: 250 });
  const links = [];
  for (const { id } of mails) links.push(shop.link(await shop.message(id), "c"));
  return links;
}

test("kill -9 between the steps gives nobody another's code and loses none", async (t) => {
  const seed = Number(process.env.RAPPORT_KILL_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`RAPPORT_KILL_SEED=${seed}`);
  const random = seeded(seed);
  const folder = temporaryFolder(t, "rapport-offers");
  let bare;
  t.after(() => bare?.kill());
  const start = () => startBareEdge(folder, { build: "dev", bindings: { SENDER: "inbox" } });
  bare = await start();
  const shop = await bare.createShop({ objects: 4 });
  await shop.publish(poolRelease({ low: 0 }));
  const list = codes(600);
  await take(shop, list);
  const links = await confirmations(shop, PEOPLE);
  let kills = 0;
  while (links.length > 0) {
    shop.edge = bare;
    let over = false;
    const work = async () => {
      while (!over && links.length > 0) {
        const link = links.pop();
        const answer = await bare.ask("POST", link).catch(() => undefined);
        if (answer?.status !== 200) links.push(link);
        if (random.chance(0.1)) await shop.admin("POST", "pools/vip/recall").catch(() => undefined);
        if (random.chance(0.05)) await take(shop, list.slice(0, 50)).catch(() => undefined);
      }
    };
    const working = [work(), work(), work(), work()];
    await pause(random.between(200, 900));
    over = true;
    await bare.kill();
    await Promise.all(working);
    kills += 1;
    bare = await start();
  }
  shop.edge = bare;
  const counts = await until("every code is somewhere once", async () => {
    const counts = await pool(shop);
    return counts.remaining + counts.leased + counts.issued === 600 && counts;
  });
  const issued = Object.values(await given(shop)).flat();
  const ofPool = issued.filter((code) => code.startsWith("VIP-"));
  assert.equal(new Set(issued).size, issued.length, "nobody has another's code");
  assert.equal(issued.length, PEOPLE, "everybody has one");
  assert.ok(ofPool.length > PEOPLE / 4, `${ofPool.length} codes of the pool were issued`);
  assert.equal(counts.issued, ofPool.length);
  t.diagnostic(JSON.stringify({ kills, ...counts, stood_in: issued.length - ofPool.length }));
});
