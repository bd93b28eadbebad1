// A journey tells the shop's server: signed, under one id however often, until it is taken or given up.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { Server, statement } from "../harness/server.mjs";
import { both, isSigned, orderRelease, startListener } from "../harness/told.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

/** A shop whose orders are told to a listener, connected, with somebody in it. */
async function listening(t, { objects = 1, answer, more = () => {} } = {}) {
  const listener = await startListener(answer);
  t.after(() => listener.stop());
  const shop = await edge.createShop({ objects });
  await shop.publish(orderRelease([{ webhook: "crm" }], (config) => { config.webhooks = { crm: listener.url }; more(config); }));
  const server = await new Server(shop).connect();
  const person = await both(server, { given_name: "Wilhelmina" });
  const order = async (id) => {
    await server.tell(statement("order.placed", { order: { id, email: person.email, total: "40.00", currency: "EUR", items: [{ product: "robe", quantity: 1 }] } }));
    await server.settled();
  };
  const told = async () => (await shop.list("decisions")).filter(({ message }) => message === "crm").map(({ what, why }) => `${what}: ${why.fact}`);
  return { listener, shop, server, person, order, told };
}

const waiting = async (shop) => (await shop.list("jobs")).filter(({ kind }) => kind === "webhook");

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: the shop's server is told once, signed, without an address or a name`, async (t) => {
    const { listener, shop, server, person, order, told } = await listening(t, { objects });
    await order("1001");
    const [call] = await until("it is told", () => listener.calls.length > 0 && listener.calls);
    assert.deepEqual([call.method, call.headers["content-type"]], ["POST", "application/json"]);
    assert.ok(isSigned(call, server.secret), call.headers["rapport-signature"]);
    assert.ok(!isSigned({ ...call, body: Buffer.concat([call.body, Buffer.from(" ")]) }, server.secret));
    const { id, at, shopper, ...rest } = call.json;
    assert.deepEqual(rest, { type: "journey.webhook", name: "crm", journey: "told", key: "1001" });
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.ok(Math.abs(at - Date.now()) < 600_000);
    const known = await shop.person(person.email);
    assert.deepEqual([shopper.id, shopper.customer, shopper.segments], [known.id, person.id, []]);
    assert.ok(Math.abs(shopper.since - known.since) < 1_000);
    for (const secret of [person.email, person.phone, "Wilhelmina"]) assert.ok(!call.body.toString().includes(secret), secret);
    await until("it is noted", async () => (await told()).length > 0);
    assert.deepEqual(await told(), ["send: the shop's server answered 200"]);
    await order("1002");
    await shop.advance({ days: 3 });
    assert.deepEqual(listener.calls.map(({ json }) => json.key), ["1001", "1002"]);
    assert.equal(new Set(listener.calls.map(({ json }) => json.id)).size, 2);
  });

  test(`in a shop with ${objects}: what is not taken is told again under the same id, for two days and no longer`, async (t) => {
    const { listener, shop, server, order, told } = await listening(t, { objects, answer: (_, n) => [503, 429, 500, "hang up"][n - 1] ?? 502 });
    await order("1001");
    await until("it is told", () => listener.calls.length > 0);
    await shop.advance({ seconds: 10 });
    await shop.advance({ seconds: 7_200 });
    const soon = listener.calls.length;
    assert.ok(soon >= 6 && soon <= 9, `${soon} times within two hours`);
    assert.ok(listener.calls.every((call) => isSigned(call, server.secret)));
    assert.equal(new Set(listener.calls.map(({ body }) => body.toString())).size, 1, "the same is said each time");
    assert.equal((await waiting(shop)).length, 1);
    await shop.advance({ days: 2 });
    const all = listener.calls.length;
    assert.deepEqual(await told(), ["skip: the shop's server did not take it within two days"]);
    await shop.advance({ days: 2 });
    assert.equal(listener.calls.length, all);
    assert.deepEqual(await waiting(shop), []);
  });
}

test("a server that comes back is told what it missed", async (t) => {
  let up = false;
  const { listener, shop, order, told } = await listening(t, { answer: () => (up ? 204 : 503) });
  await order("1001");
  await order("1002");
  await shop.advance({ seconds: 3_600 });
  up = true;
  await shop.advance({ seconds: 3_600 });
  assert.deepEqual(await told(), Array(2).fill("send: the shop's server answered 204"));
  const taken = listener.calls.length;
  await shop.advance({ days: 1 });
  assert.equal(listener.calls.length, taken);
});

test("what will never be taken is given up at once, and a redirection leads nowhere else", async (t) => {
  const refused = await listening(t, { answer: () => 410 });
  await refused.order("1001");
  await refused.shop.advance({ days: 3 });
  assert.equal(refused.listener.calls.length, 1);
  assert.deepEqual(await refused.told(), ["refused: the shop's server answered 410"]);
  const moved = await listening(t, { answer: () => 307 });
  await moved.order("1001");
  await moved.shop.advance({ seconds: 60 });
  assert.ok(moved.listener.calls.length > 0);
  assert.ok(moved.listener.calls.every(({ path }) => path === "/rapport"), "and only at the address that the shop named");
  assert.equal((await waiting(moved.shop)).length, 1, "it is tried again");
});

test("a server that hangs holds up neither the letters nor, for long, what else it is to be told", async (t) => {
  let up = false;
  const { listener, shop, server, person } = await listening(t, {
    answer: () => (up ? 200 : undefined),
    more: (config) => {
      config.journeys[0].steps = [{ id: "tell", act: { webhook: "crm" }, next: 1 }, { id: "say", act: { message: { channel: "email", name: "thank-you", valid_for: 86_400_000, today_only: false } }, next: 2 }];
    },
  });
  for (const id of ["1001", "1002", "1003", "1004"]) {
    await server.tell(statement("order.placed", { order: { id, email: person.email, total: "40.00", currency: "EUR", items: [{ product: "robe", quantity: 1 }] } }));
  }
  await until("every letter has left", async () => (await shop.mailsTo(person.email)).filter(({ mail }) => mail === "thank-you").length === 4, { within: 60_000 });
  await until("it is given up for now", async () => {
    const all = await waiting(shop);
    return all.length === 4 && all.every(({ due_at }) => due_at > Date.now() + 30_000);
  }, { within: 60_000 });
  assert.equal(listener.calls.length, 1, "one call hung, and the others were not tried after it");
  up = true;
  await shop.advance({ seconds: 600 });
  const ids = listener.calls.map(({ json }) => json.id);
  assert.deepEqual([ids.length, new Set(ids).size], [5, 4], "everything was told, what hung under the same id");
});

test("without a secret, or with a name that is gone, nobody is called, and the row says why", async (t) => {
  const later = (config) => {
    config.journeys[0].steps = [{ id: "wait", act: { wait: { for: 3_600_000 } }, next: 1 }, { id: "tell", act: { webhook: "crm" }, next: 2 }];
  };
  const secretless = await listening(t, { more: later });
  await secretless.order("1001");
  await secretless.shop.admin("DELETE", "hooks/generic");
  await secretless.shop.advance({ seconds: 7_200 });
  assert.deepEqual(await secretless.told(), ["skip: there is no secret to sign with: connect the shop's server"]);
  const nameless = await listening(t, { more: later });
  await nameless.order("1001");
  await nameless.shop.publish(orderRelease([], (config) => delete config.webhooks));
  await nameless.shop.advance({ seconds: 7_200 });
  assert.deepEqual(await nameless.told(), ["skip: the shop has no webhook of this name any more"]);
  assert.deepEqual([...secretless.listener.calls, ...nameless.listener.calls], []);
});
