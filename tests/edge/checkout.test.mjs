// A code at the checkout: asked about by a signed call, used by one order, given back when that is cancelled.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { networkAddress } from "../harness/ids.mjs";
import { codes, pool, poolRelease, take } from "../harness/pool.mjs";
import { changedRelease } from "../harness/release.mjs";
import { Server, sign, statement, timed } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";
import { serve } from "../../www/demo/server.mjs";

const edge = await startEdge();
after(() => edge.stop());

/** A shop whose server speaks, with somebody who has a code. */
async function checkout({ objects = 1, release = changedRelease(() => {}), list } = {}) {
  const shop = await edge.createShop({ objects });
  await shop.publish(release);
  if (list) {
    await take(shop, list);
    await until("every object has codes", async () => (await pool(shop)).leased >= objects);
  }
  const server = await new Server(shop).connect();
  const { email } = await shop.welcome();
  const [{ code }] = (await shop.person(email)).codes;
  const ask = (question, { secret = server.secret, headers, key = shop.key } = {}) => {
    const body = typeof question === "string" ? question : JSON.stringify(question);
    return edge.ask("POST", `/v1/shops/${key}/codes/check`, { body, headers: headers ?? sign.generic(secret, body), from: networkAddress() });
  };
  const check = async (question) => {
    const answer = await ask(question);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };
  return { shop, server, email, code, ask, check };
}

const order = (id, code, rest = {}) => ({ id, currency: "EUR", total: "20.00", codes: [code], ...rest });
const rule = ({ why }) => why.rule;

for (const objects of [1, 8]) {
  for (const pooled of [false, true]) {
    test(`a code is good for one order and good again when it is cancelled, ${pooled ? "of a pool" : "made here"}, in a shop of ${objects}`, async () => {
      const given = pooled ? { release: poolRelease(), list: codes(100, "SALE") } : {};
      const { shop, server, email, code, check } = await checkout({ objects, ...given });
      const percent = pooled ? 20 : 10;
      const good = await check({ code: ` ${code.toLowerCase()} `, currency: "EUR", total: "19.99" });
      assert.deepEqual([good.valid, good.percent, rule(good)], [true, percent, "good"]);
      assert.equal(good.off, pooled ? "4.00 EUR" : "2.00 EUR");
      assert.ok(good.ends > Date.now());

      const at = Date.now() - 60_000;
      await server.tell(statement("order.placed", { order: order("1001", code, { email }) }, { at }));
      await until("the code is used", async () => rule(await check({ code })) === "used");
      assert.deepEqual(await check({ code }), { valid: false, percent: 0, ends: null, why: { rule: "used", fact: "an order has used this code" } });
      // A second order is noted, and not counted.
      await server.tell(statement("order.placed", { order: order("1002", code, { email }) }, { at: at + 1_000 }));
      const again = async () => (await shop.list("events")).filter(({ type }) => type === "code.used_again");
      const [noted] = await until("the merchant can see it", async () => (await again()).length === 1 && again());
      assert.equal(noted.data.code, code.toUpperCase());
      if (pooled) assert.equal((await pool(shop)).redeemed, 1);

      for (const id of ["1001", "1002"]) {
        assert.equal(rule(await check({ code })), "used");
        for (const repeated of [1, 2]) {
          await server.tell(statement("order.cancelled", { order: { id } }, { at: at + 20_000 + repeated }));
        }
        await server.settled();
      }
      await until("the code is good again", async () => rule(await check({ code })) === "good");
      if (pooled) assert.equal((await pool(shop)).redeemed, 0);
      // A page's word does not count against the shop's.
      await shop.send([shop.event("order.placed", { order: { id: "1009", codes: [code] } })]);
      await shop.advance({ seconds: 1 });
      assert.equal(rule(await check({ code })), "good");
      await shop.advance({ days: 15 });
      assert.equal(rule(await check({ code })), "ended");
    });
  }
}

test("a cancellation that is heard before its order comes to the same", async () => {
  const { server, email, code, check } = await checkout();
  const at = Date.now() - 60_000;
  await server.tell(statement("order.cancelled", { order: { id: "7" } }, { at: at + 9_000 }));
  await server.settled();
  await server.tell(statement("order.placed", { order: order("7", code, { email }) }, { at }));
  await server.settled();
  assert.equal(rule(await check({ code })), "good");
  await server.tell(statement("order.placed", { order: order("8", code, { email }) }, { at: at + 10_000 }));
  await until("the second order has it", async () => rule(await check({ code })) === "used");
});

test("a page's word ends what a code is good for, and never gives it back", async () => {
  const { shop, code, check } = await checkout();
  await shop.send([shop.event("order.placed", { order: { id: "1", codes: [code] } })]);
  await until("the code is used", async () => rule(await check({ code })) === "used");
  await shop.send([shop.event("order.placed", { order: { id: "1", codes: [code], cancelled: true } })]);
  assert.equal(rule(await check({ code })), "used");
});

test("a code that everybody has is good for everybody, and unknown ones get one answer", async () => {
  const shared = changedRelease((config) => config.offers.push({ name: "summer", percent: 15, codes: { shared: { code: "Summer26" } } }));
  const { check, code } = await checkout({ release: shared });
  const everybody = await check({ code: "SUMMER26" });
  assert.deepEqual([everybody.valid, everybody.percent, everybody.ends], [true, 15, null]);
  const unknown = await check({ code: "HELLO-AAAAAAAA" });
  assert.deepEqual(unknown, { valid: false, percent: 0, ends: null, why: { rule: "unknown", fact: "this shop has given nobody this code" } });
  for (const other of ["X", "' OR 1=1 --", "HELLO-AAAAAAAA07", code.slice(0, -1), "é".repeat(20)]) assert.deepEqual(await check({ code: other }), unknown);
});

test("codes of a pool that nobody was given are unknown", async () => {
  const { check } = await checkout({ release: poolRelease(), list: codes(100), objects: 2 });
  for (const code of ["VIP-0060", "VIP-0099"]) assert.equal(rule(await check({ code })), "unknown");
});

for (const objects of [1, 8]) {
  test(`a personal code is good only for whom it was given to, in a shop of ${objects}`, async () => {
    const { shop, server, email, code, check } = await checkout({ objects, release: poolRelease({ personal: true }), list: codes(100) });
    assert.equal(rule(await check({ code })), "personal");
    assert.equal(rule(await check({ code, email: "somebody@example.org" })), "personal");
    assert.equal(rule(await check({ code, email: email.toUpperCase() })), "good");
    await server.tell(statement("customer.updated", { customer: { id: "c-1", emails: [email] } }));
    await server.settled();
    assert.equal(rule(await check({ code, customer: "c-1" })), "good");
    assert.equal(rule(await check({ code, customer: "c-2" })), "personal");
    // It stays theirs when they become one with somebody older.
    const other = (await shop.welcome()).email;
    const [older, younger] = [await shop.person(email), await shop.person(other)];
    await shop.admin("POST", `people/${younger.id}/join`, { json: { with: older.id } });
    await until("they are one", async () => (await shop.list("people")).length === 1);
    const theirs = younger.codes[0].code;
    for (const address of [email, other]) assert.equal(rule(await check({ code: theirs, email: address })), "good");
    // What was carried along is used up where it went, too.
    await server.tell(statement("order.placed", { order: order("55", theirs, { email }) }));
    await until("the code is used", async () => rule(await check({ code: theirs, email })) === "used");
    await until("the person's code is, too", async () => (await shop.list("people"))[0].codes.find((each) => each.code === theirs).state === "used");
  });
}

test("nothing is answered that is not signed with the shop's secret, now", async () => {
  const { shop, server, code, ask } = await checkout();
  const other = await checkout();
  const body = JSON.stringify({ code });
  const at = Math.floor(Date.now() / 1_000);
  const refused = async (answer, status) => {
    const { status: got, text, json } = await answer;
    assert.equal(got, status, text);
    assert.equal(json.valid, undefined);
  };
  await refused(ask(body, { headers: {} }), 401);
  await refused(ask(body, { secret: "a secret of somebody else" }), 401);
  await refused(ask(body, { secret: other.server.secret }), 401);
  await refused(ask(body, { headers: { "Rapport-Signature": timed(server.secret, body, at - 301) } }), 401);
  await refused(ask(body, { headers: { "Rapport-Signature": timed(server.secret, body, at + 310) } }), 401);
  await refused(ask(body, { headers: sign.generic(server.secret, `${body} `) }), 401);
  await refused(ask(body, { key: other.shop.key }), 401);
  await refused(ask(body, { key: "pk_aaaaaaaaaaaaaaaaaaaa" }), 404);
  // Another shop's code is unknown there.
  const foreign = await other.ask(body);
  assert.equal(foreign.json.why.rule, "unknown");
  const lone = await edge.createShop();
  await lone.publish();
  await refused(ask(body, { key: lone.key }), 404);
  assert.equal((await shop.admin("GET", "hooks")).status, 200);
});

test("a wrong question is told by its field", async () => {
  const { ask, code } = await checkout();
  for (const [question, field] of [
    ["{}", "code"], [{ code: "" }, "code"], [{ code: "A".repeat(65) }, "code"], [{ code: 7 }, "code"],
    [{ code, email: "nobody" }, "email"], [{ code, customer: "x".repeat(201) }, "customer"], [{ code, kode: "x" }, "kode"],
    [{ code, currency: "euro", total: "1" }, "currency"], [{ code, total: "1.00" }, "currency"],
    [{ code, currency: "EUR", total: "1,00" }, "total"], [{ code, currency: "EUR", total: "-1.00" }, "total"],
  ]) {
    const { status, json } = await ask(question);
    assert.deepEqual([status, json.field], [400, field], JSON.stringify(question));
  }
  assert.equal((await ask("{")).status, 400);
  assert.equal((await ask(JSON.stringify({ code: "A".repeat(9_000) }))).status, 413);
});

test("the demo shop's checkout asks before it takes anything off", async (t) => {
  const { shop, server, code } = await checkout();
  const demo = await serve({ port: 0, edge: edge.url, key: shop.key, secret: server.secret });
  t.after(() => demo.close());
  const worth = async (typed) => (await (await fetch(`${demo.url}/discount?code=${encodeURIComponent(typed)}`)).json()).percent;
  assert.deepEqual([await worth(code), await worth("HELLO-7KQ2M9XD"), await worth("")], [10, 0, 0]);
  const form = {
    email: "jonas@shop.example", given_name: "Jonas", family_name: "Brandt", street: "Quay 4", postcode: "24999", city: "Skerry Sound",
    delivery: "pick_up", cart: JSON.stringify([{ product: "ferry-mug", colour: "white", quantity: 2 }]),
  };
  const buy = async (typed) => {
    const placed = await fetch(`${demo.url}/checkout`, { method: "POST", body: new URLSearchParams({ ...form, code: typed }), redirect: "manual" });
    return (await fetch(demo.url + placed.headers.get("location"))).text();
  };
  assert.match(await buy(code), new RegExp(`"discountCode":"${code}"`));
  // An order that is nobody's uses it up, too.
  await server.tell(statement("order.placed", { order: order("1", code) }));
  await until("the code is used", async () => (await worth(code)) === 0);
  assert.doesNotMatch(await buy(code), /discountCode/);
});
