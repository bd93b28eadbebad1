// Files of the shop: who bought before, and who may be written to because of it.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startEdge } from "../harness/edge.mjs";
import { filesBelow, temporaryFolder } from "../harness/folder.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { seeded } from "../harness/random.mjs";
import { Server, statement } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

async function shopOf(objects = 1) {
  const shop = await edge.createShop({ objects });
  await shop.publish();
  return shop;
}

const bring = (shop, query, body) => shop.admin("POST", `import?${query}`, { body, headers: { "content-type": "text/plain" } });
const settled = (shop) => new Server(shop).settled();
const marketing = (person) => person.consents.filter(({ channel, purpose }) => `${channel}.${purpose}` === "email.marketing");

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: a file of customers and one of orders; bad lines are named, the others count`, async () => {
    const shop = await shopOf(objects);
    const customers = await bring(
      shop,
      "about=customers&format=ndjson",
      [
        JSON.stringify({ id: "k1", emails: ["anna@example.org"], given_name: "Anna", country: "DE" }),
        JSON.stringify({ id: "k2", emails: ["not an address"] }),
        JSON.stringify({ id: "k3", phones: ["030 901820"] }),
      ].join("\n"),
    );
    assert.equal(customers.status, 200, customers.text);
    assert.equal(customers.json.accepted, 1);
    assert.deepEqual(customers.json.refused.map(({ line, field }) => [line, field]), [[2, "emails[0]"], [3, "phones[0]"]]);
    const dialled = await bring(shop, "about=customers&format=ndjson&calling_code=49", JSON.stringify({ id: "k3", phones: ["030 901820"] }));
    assert.deepEqual([dialled.json.accepted, dialled.json.refused], [1, []]);

    const orders = "id,email,total,currency,placed\n17,anna@example.org,12.50,EUR,2025-05-05T10:00:00Z\n18,,x,EUR,2025-05-05T10:00:00Z\n";
    const taken = await bring(shop, `about=orders&format=csv&prefix=${encodeURIComponent("till/")}&as_of=2025-06-01T00:00:00Z`, orders);
    assert.equal(taken.status, 200, taken.text);
    assert.deepEqual([taken.json.accepted, taken.json.refused.map(({ line }) => line)], [1, [3]]);
    await settled(shop);
    const anna = await shop.person("anna@example.org");
    assert.deepEqual(anna.orders.map(({ id, total, seen }) => [id, total, seen]), [["till/17", "12.50 EUR", "shop"]]);
    const phone = (await shop.list("people")).flatMap(({ addresses }) => addresses).find(({ channel }) => channel === "sms");
    assert.deepEqual([phone.address, phone.state], ["+4930901820", "told"]);

    // The same files again change nothing.
    const before = await shop.list("events");
    assert.equal((await bring(shop, `about=orders&format=csv&prefix=till/&as_of=2025-06-01T00:00:00Z`, orders)).json.accepted, 1);
    await settled(shop);
    assert.deepEqual(await shop.list("events"), before);
  });

  test(`in a shop with ${objects}: a till's customer of the same number is somebody else, with orders of their own`, async () => {
    const shop = await shopOf(objects);
    const server = await new Server(shop).connect();
    const [anna, bob] = [emailAddress("anna"), emailAddress("bob")];
    await server.tell(statement("customer.updated", { customer: { id: "17", emails: [anna], given_name: "Anna" } }));
    await server.settled();
    await bring(shop, "about=customers&format=csv&prefix=till/", `id,email,given_name\n17,${bob},Bob\n`);
    await bring(shop, "about=orders&format=csv&prefix=till/", "id,customer_id,total,currency,placed\n1,17,5.00,EUR,2025-05-05T10:00:00Z\n");
    await settled(shop);
    const people = Object.fromEntries((await shop.list("people")).map(({ given_name, addresses, orders }) => [given_name, [addresses.map(({ address }) => address), orders.map(({ id }) => id)]]));
    assert.deepEqual(people, { Anna: [[anna], []], Bob: [[bob], ["till/1"]] });
  });

  test(`in a shop with ${objects}: only a permission whose origin is known gives the right to write`, async () => {
    const shop = await shopOf(objects);
    const at = "2026-01-05T10:00:00Z";
    const permission = { permission: "email.marketing", given: true };
    const origin = { at, method: "checkbox at checkout", wording: "Write to me", source: "old shop" };
    const people = {
      proven: { country: "DE", permissions: [{ ...permission, ...origin, proven: true }] },
      unproven: { country: "DE", permissions: [{ ...permission, ...origin }] },
      nowhere: { permissions: [{ ...permission, ...origin }] },
      bare: { country: "DE", permissions: [permission] },
      withdrawn: { country: "DE", permissions: [{ ...permission, ...origin, proven: true }, { permission: "email.marketing", given: false, at: "2026-02-05T10:00:00Z" }] },
    };
    const lines = Object.entries(people).map(([name, rest]) => JSON.stringify({ id: name, emails: [`${name}@example.org`], ...rest }));
    const answer = await bring(shop, "about=customers&format=ndjson", lines.join("\n"));
    assert.deepEqual([answer.json.accepted, answer.json.refused, answer.json.without_right], [5, [], [4]], answer.text);
    await settled(shop);
    const standing = {};
    for (const name of Object.keys(people)) standing[name] = marketing(await shop.person(`${name}@example.org`)).map(({ state, method }) => `${state}: ${method}`)[0];
    assert.deepEqual(standing, {
      proven: "given: checkbox at checkout",
      unproven: "given: checkbox at checkout",
      nowhere: "given: checkbox at checkout",
      bare: undefined,
      withdrawn: "withdrawn: told by the shop",
    });
    const rows = [];
    for (let object = 0; object < objects; object++) {
      rows.push(...(await edge.inside(shop, `shard/${object}`, "SELECT basis, proof FROM receipts WHERE standing = 'given'")));
    }
    assert.equal(rows.length, 3);
    for (const { basis } of rows) assert.deepEqual(JSON.parse(basis), { kind: "imported", origin: "old shop" });
    assert.equal(rows.filter(({ proof }) => proof !== null).length, 1);

    // A withdrawal in the shop is final until the person says otherwise.
    const server = await new Server(shop).connect();
    await server.tell(statement("customer.updated", { customer: { id: "withdrawn", permissions: [{ ...permission, ...origin, at: new Date().toISOString(), proven: true }] } }));
    await server.settled();
    const { email } = await shop.welcome({ email: "withdrawn@example.org" });
    assert.equal(marketing(await shop.person(email))[0].state, "given");
    assert.ok((await shop.mailsTo(email)).some(({ mail }) => mail === "welcome"));
  });
}

test("a file is refused as a whole where nothing of it can be read, and says why", async () => {
  const shop = await shopOf();
  assertProblem(await bring(shop, "format=csv", "id\n1\n"), 400, "about");
  assertProblem(await bring(shop, "about=people&format=csv", "id\n1\n"), 400, "about");
  assertProblem(await bring(shop, "about=customers", "id\n1\n"), 400, "format");
  assertProblem(await bring(shop, "about=customers&format=csv&as_of=yesterday", "id\n1\n"), 400, "as_of");
  assertProblem(await bring(shop, "about=customers&format=csv&calling_code=DE", "id\n1\n"), 400, "calling_code");
  assertProblem(await bring(shop, `about=customers&format=csv&prefix=${"x".repeat(41)}`, "id\n1\n"), 400, "prefix");
  assertProblem(await bring(shop, "about=customers&format=csv", Buffer.from([0x69, 0x64, 0x0a, 0xfc])), 400);
  assertProblem(await bring(shop, "about=customers&format=csv", Buffer.alloc(8 * 1024 * 1024 + 1, 0x20)), 413);
  assertProblem(await shop.admin("POST", "import?about=customers&format=csv", { body: "id\n1\n", token: "x" }), 401);
});

test("thousands of lines are answered at once and settled after, beside all else", async (t) => {
  const shop = await shopOf();
  const lines = Array.from({ length: 3_000 }, (_, n) => JSON.stringify({ id: `k${n}`, emails: [`k${n}@example.org`], given_name: "Anna" }));
  const began = performance.now();
  const answer = await bring(shop, "about=customers&format=ndjson", lines.join("\n"));
  const answered = performance.now();
  assert.deepEqual([answer.json.accepted, answer.json.refused.length], [3_000, 0]);
  await shop.welcome();
  const welcomed = performance.now();
  await settled(shop);
  t.diagnostic(`answered after ${(answered - began).toFixed()} ms, a welcome took ${(welcomed - answered).toFixed()} ms, settled after ${(performance.now() - began).toFixed()} ms`);
  assert.equal((await shop.status()).counts.people, 3_001);
});

test("nothing that a shop's server or file said lies in the clear", async (t) => {
  const persist = temporaryFolder(t);
  const own = await startEdge({ persist });
  const shop = await own.createShop({ objects: 2 });
  await shop.publish();
  const server = await new Server(shop).connect();
  await server.tell(
    statement("customer.updated", { customer: { id: "customer-zq4711", emails: ["wilhelmina@quite-unlikely.example"], given_name: "Wilhelmina", family_name: "Xanthopoulos", birthday: "1987-11-23", phones: ["+49 30 90182077"] } }),
    statement("order.placed", { order: { id: "1001", customer_id: "customer-zq4711", email: "wilhelmina@quite-unlikely.example", items: [{ product: "sku-zq99", name: "Xylophone", quantity: 1 }] } }),
    statement("order.placed", { order: { id: "1002" } }),
  );
  await bring(shop, "about=customers&format=ndjson", JSON.stringify({ emails: ["other@quite-unlikely.example"], given_name: "Wilhelmina" }));
  await server.settled();
  await own.stop();
  const needles = ["wilhelmina", "xanthopoulos", "quite-unlikely", "1987-11-23", "customer-zq4711", "90182077", "sku-zq99", "xylophone", server.secret.toLowerCase()];
  for (const { path, bytes } of filesBelow(persist)) {
    const haystack = bytes.toString("latin1").toLowerCase();
    for (const needle of needles) {
      assert.ok(!haystack.includes(needle), `${needle} lies in ${path}`);
      assert.ok(!haystack.includes(Buffer.from(needle).toString("hex")), `${needle} lies in ${path} in hex`);
    }
  }
});

test("kills between any two steps end as if there had been none", async (t) => {
  const seed = Number(process.env.RAPPORT_HEARING_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`RAPPORT_HEARING_SEED=${seed}`);
  console.log(`hearing: RAPPORT_HEARING_SEED=${seed}`);
  const random = seeded(seed);
  const folder = temporaryFolder(t, "rapport-hearing");
  let bare = await startBareEdge(folder, { build: "dev" });
  t.after(() => bare.kill());
  const shop = await bare.createShop({ objects: 8 });
  await shop.publish();
  const server = await new Server(shop).connect();
  const emails = Array.from({ length: 12 }, () => emailAddress());
  const told = emails.flatMap((email, n) => [
    statement("customer.updated", { customer: { id: `c${n}`, language: "de" } }),
    statement("customer.updated", { customer: { id: `c${n}`, emails: [email, `second.${email}`], given_name: `Anna ${n}` } }),
    statement("order.placed", { order: { id: `o${n}`, email: `second.${email}`, total: "5.00", currency: "EUR" } }),
    statement("payment.received", { order: { id: `o${n}`, currency: "EUR" }, payment: { id: `p${n}`, amount: "5.00" } }),
    statement("order.updated", { order: { id: `o${n}`, customer_id: `c${n}` } }),
  ]);
  const waiting = told.map((each) => [random.next(), each]).sort(([a], [b]) => a - b).map(([, each]) => each);
  for (let round = 0; round < 24; round++) {
    const said = waiting.splice(0, 6).map(async (each) => {
      // What is not acknowledged is said again, as every platform does.
      const answer = await server.say(each).catch(() => undefined);
      if (answer?.status !== 202) waiting.push(each);
    });
    await pause(random.between(1, 250));
    await bare.kill();
    await Promise.all(said);
    bare = await startBareEdge(folder, { build: "dev" });
    shop.edge = bare;
  }
  await server.tell(...waiting);
  await until("all is settled", async () => (await shop.list("jobs")).every(({ kind }) => kind !== "hear" && kind !== "transfer"), { within: 90_000, every: 250 });
  const people = await shop.list("people");
  assert.equal(people.length, emails.length);
  for (const [n, email] of emails.entries()) {
    const person = people.find(({ given_name }) => given_name === `Anna ${n}`);
    assert.deepEqual(person.addresses.map(({ address }) => address).sort(), [email, `second.${email}`].sort());
    assert.deepEqual(person.orders.map(({ id, paid }) => `${id} ${paid}`), [`o${n} 5.00 EUR`]);
  }
  const events = (await shop.list("events")).filter(({ data }) => data.order).map(({ type, data }) => `${type} ${data.order.id}`);
  assert.deepEqual(events.sort(), emails.flatMap((_, n) => [`order.confirmed o${n}`, `payment.received o${n}`]).sort());
});

test("the secrets and what waits open after the master key was exchanged", async (t) => {
  const { key, OWNER } = await import("../harness/edge.mjs");
  const persist = temporaryFolder(t);
  const [old, fresh] = [`1:${key(2)}`, `2:${key(3)}`];
  const run = async (keys, work) => {
    const own = await startEdge({ persist, bindings: { RAPPORT_MASTER_KEYS: keys } });
    try {
      return await work(own);
    } finally {
      await own.stop();
    }
  };
  let shop;
  let server;
  const order = (id, more) => statement("order.updated", { order: { id, ...more } });
  await run(old, async (own) => {
    shop = await own.createShop({ objects: 2 });
    server = await new Server(shop).connect();
    await server.tell(order("1", { total: "5.00", currency: "EUR" }));
    await server.settled();
  });
  await run(`${fresh},${old}`, async (own) => {
    shop.edge = own;
    assert.deepEqual((await own.ask("POST", `/owner/v1/shops/${shop.key}/rewrap`, { token: OWNER })).json, { left: 0 });
  });
  await run(fresh, async (own) => {
    shop.edge = own;
    await server.tell(order("1", { email: "anna@example.org" }));
    await server.settled();
    assert.deepEqual((await shop.person("anna@example.org")).orders.map(({ total }) => total), ["5.00 EUR"]);
  });
});

test("a file that does not say how long it is is read as far as it may be long", async () => {
  const shop = await shopOf();
  const url = `${shop.edge.url}/admin/v1/shops/${shop.key}/import?about=customers&format=ndjson`;
  const flow = async (chunks) => {
    const body = ReadableStream.from(chunks);
    const headers = { authorization: `Bearer ${shop.token}`, "content-type": "text/plain" };
    const answer = await fetch(url, { method: "POST", body, duplex: "half", headers });
    return { status: answer.status, json: await answer.json() };
  };
  const line = new TextEncoder().encode(`${JSON.stringify({ id: "k1", emails: ["anna@example.org"] })}\n`);
  assert.equal((await flow([line.slice(0, 9), line.slice(9)])).status, 200);
  const long = await flow(Array(80).fill(new Uint8Array(128 * 1024).fill(0x20)));
  assert.equal(long.status, 413);
  assert.match(long.json.detail, /^10485760 bytes/);
});
