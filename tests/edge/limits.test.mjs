// Too much from one browser or one network address is told to wait, and others are not held up.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { networkAddress, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { Server, statement } from "../harness/server.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const edge = await startEdge();
after(() => edge.stop());

function assertTooMany(answer) {
  assertProblem(answer, 429);
  const wait = answer.headers.get("retry-after");
  assert.match(wait ?? "", /^[1-9]\d*$/, "whole seconds");
  assert.match(answer.headers.get("access-control-expose-headers") ?? "", /retry-after/i, "the loader may read it");
  return Number(wait);
}

/** Sends until an answer is not one of the good ones; so many at a time, so many at most. */
async function pressed(send, { most, at_a_time }) {
  for (let sent = 0; sent < most; sent += at_a_time) {
    const answers = await Promise.all(Array.from({ length: at_a_time }, send));
    const refused = answers.find(({ status }) => status >= 300);
    if (refused) return refused;
  }
  return undefined;
}

test("one browser that sends without end waits, another does not, and later it may again", async () => {
  const shop = await edge.createShop();
  const visitor = uuid();
  const send = (who) => shop.send(Array.from({ length: 100 }, () => shop.event()), { visitor: who });
  const wait = assertTooMany(await pressed(() => send(visitor), { most: 40, at_a_time: 4 }));
  assert.ok(wait <= 60, `${wait} seconds`);
  assert.equal((await send(uuid())).status, 202, "another browser");
  await shop.advance({ seconds: wait });
  assert.equal((await send(visitor)).status, 202, "after the wait that was named");
});

test("one network address that sends without end waits, another does not", async (t) => {
  // miniflare hands on too few requests in a second for this.
  const bare = await startBareEdge(temporaryFolder(t));
  t.after(() => bare.kill());
  const shop = await bare.createShop();
  const from = networkAddress();
  const send = (address) => shop.send([], { from: address });
  const wait = assertTooMany(await pressed(() => send(from), { most: 20_000, at_a_time: 64 }));
  assert.equal((await send(networkAddress())).status, 202, "another address");
  await shop.advance({ seconds: wait });
  assert.equal((await send(from)).status, 202, "after the wait that was named");
});

test("one network address that sends forms without end waits, another does not", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const from = networkAddress();
  const wait = assertTooMany(await pressed(() => shop.submit({}, { from }), { most: 100, at_a_time: 5 }));
  assert.equal((await shop.submit()).status, 200, "another address");
  await shop.advance({ seconds: wait });
  assert.equal((await shop.submit({}, { from })).status, 200, "after the wait that was named");
});

test("one network address that sends more than readers do waits, whatever browsers it makes up", async () => {
  const shop = await edge.createShop();
  const from = networkAddress();
  const body = JSON.stringify({ v: 1, sent: Date.now(), events: [] }).padEnd(60_000);
  const send = (address) => shop.sendBody(body, { from: address });
  const wait = assertTooMany(await pressed(() => send(from), { most: 200, at_a_time: 5 }));
  assert.equal((await send(networkAddress())).status, 202, "another address");
  await shop.advance({ seconds: wait });
  assert.equal((await send(from)).status, 202, "after the wait that was named");
});

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: without room for events, people are heard all the same`, async (t) => {
    const full = await startEdge({ bindings: { MOST_BYTES_OF_EVENTS: "1000" } });
    t.after(() => full.stop());
    const shop = await full.createShop({ objects });
    await shop.publish();
    const visitor = uuid();
    assert.equal((await shop.send([shop.event()], { visitor })).status, 202, "it is looked at with a commit");
    const refused = await shop.send([shop.event()], { visitor });
    assertProblem(refused, 507);
    assert.equal(refused.headers.get("retry-after"), "600");
    const { email } = await shop.welcome({ visitor });
    const letter = await shop.mailTo(email, "welcome");
    assert.equal((await full.ask("POST", shop.link(letter, "u"), { form: "List-Unsubscribe=One-Click" })).status, 200);
    const server = await new Server(shop).connect();
    await server.tell(statement("customer.updated", { customer: { id: "c1", emails: [email], given_name: "Anna" } }));
    await server.settled();
    const { id, given_name } = await shop.person(email);
    assert.equal(given_name, "Anna");
    assert.equal((await shop.admin("POST", `people/${id}/erase`, { json: {} })).status, 200);
    assert.equal(await shop.person(email), undefined);
  });
}

test("made-up codes on made-up orders keep no letter waiting, and a code told again is told once", async () => {
  const spread = await startEdge({ inspect: true });
  const shop = await spread.createShop({ objects: 8 });
  await shop.publish();
  const visitor = uuid();
  const told = async (codes, id = uuid()) => {
    const order = { id, total: "5.00", currency: "EUR", codes };
    assert.equal((await shop.send([shop.event("order.placed", { order })], { visitor })).status, 202);
  };
  const home = async () => {
    const counts = Array.from({ length: 8 }, (_, object) => spread.inside(shop, `shard/${object}`, "SELECT count(*) AS n FROM events WHERE kind = 'order.placed'"));
    return (await Promise.all(counts)).findIndex(([{ n }]) => n > 0);
  };
  const waiting = async (object) => (await spread.inside(shop, `shard/${object}`, "SELECT key FROM jobs WHERE kind = 'redeem'")).map(({ key }) => key);
  await told(Array.from({ length: 8 }, (_, n) => `MADEUP-7KQ2M9XD0${n}`));
  const object = await home();
  assert.deepEqual(await waiting(object), [], "no offer issues such");
  const other = (object + 1) % 8;
  // Beyond what waits at most nothing is added, and what waits is done after everything else.
  const insert = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
    INSERT INTO jobs (key, due, kind, shopper, state, attempts, body) SELECT 'page:' || i, 4e15, 'redeem', '', 'waiting', 0,
      '{"redeem":{"object":${other},"redemption":{"code":"HELLO-X","order":"1","at":0}}}' FROM n`;
  await spread.inside(shop, `shard/${object}`, insert);
  await told([`HELLO-7KQ2M9XA0${other}`, `HELLO-7KQ2M9XB0${other}`], "one");
  assert.ok((await waiting(object)).length <= 1_000);
  await shop.advance({ seconds: 5 });
  assert.equal((await waiting(object)).length, 999);
  await told([`HELLO-7KQ2M9XA0${other}`], "one");
  assert.equal((await waiting(object)).length, 999, "told before");
  await spread.stop();
});
