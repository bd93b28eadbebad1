// The shop's server speaks: whatever order it is heard in, the same facts; nobody else is believed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, networkAddress, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { seeded } from "../harness/random.mjs";
import { until } from "../harness/until.mjs";
import { changedRelease } from "../harness/release.mjs";
import { Server, plain, sign, statement, timed } from "../harness/server.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

async function shopOf(objects = 1) {
  const shop = await edge.createShop({ objects });
  await shop.publish();
  return shop;
}

const serverOf = async (objects = 1) => new Server(await shopOf(objects)).connect();
const seconds = (n) => Date.now() - 3_600_000 + n * 1_000;

/** What is known of everybody, without what differs from run to run. */
async function facts(shop) {
  const people = (await shop.list("people")).map(({ addresses, given_name, country, orders, consents }) => ({
    addresses: addresses.map(({ channel, address }) => `${channel} ${address}`).sort(),
    given_name,
    country,
    orders: orders.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    standing: [...new Set(consents.map(({ channel, purpose }) => `${channel}.${purpose}`))].sort(),
  }));
  const events = (await shop.list("events")).filter(({ data }) => data.order).map(({ type }) => type).sort();
  return { people: people.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)), events };
}

/** Everything that can happen to two customers and a guest. */
function story() {
  const [anna, work, guest] = ["anna@example.org", "anna@work.example", "guest@example.org"];
  const order = (id, more) => ({ order: { id, currency: "EUR", ...more } });
  return [
    statement("customer.updated", { customer: { id: "c1", emails: [anna], given_name: "Anna", country: "DE" } }, { at: seconds(1) }),
    statement("customer.updated", { customer: { id: "c1", emails: [anna, work], given_name: "Anne" } }, { at: seconds(2) }),
    statement("customer.updated", { customer: { id: "c2", emails: ["ben@example.org"], phones: ["+49 30 901820"] } }, { at: seconds(3) }),
    statement("order.placed", order("1001", { number: "#N1001", customer_id: "c1", email: work, total: "59.70" }), { at: seconds(4) }),
    statement("payment.received", { ...order("1001"), payment: { id: "p1", amount: "59.70" } }, { at: seconds(5) }),
    statement("fulfilment.shipped", { ...order("1001"), fulfilment: { id: "f1", carrier: "DHL" } }, { at: seconds(6) }),
    statement("delivery.arrived", { ...order("1001"), delivery: { id: "f1" } }, { at: seconds(7) }),
    statement("return.requested", { ...order("1001"), return: { id: "r1" } }, { at: seconds(8) }),
    statement("return.received", { ...order("1001"), return: { id: "r1" } }, { at: seconds(9) }),
    statement("refund.made", { ...order("1001"), refund: { id: "b1", amount: "19.90" } }, { at: seconds(10) }),
    statement("order.placed", order("1002", { email: guest, total: "5.00" }), { at: seconds(11) }),
    statement("order.cancelled", order("1002"), { at: seconds(12) }),
    statement("order.placed", order("1003", { customer_id: "c2", total: "7.00" }), { at: seconds(13) }),
  ];
}

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: any order of arrival and any repetition gives the same facts`, async (t) => {
    const seed = Number(process.env.RAPPORT_HOOKS_SEED ?? Date.now() % 1_000_000_000);
    t.diagnostic(`RAPPORT_HOOKS_SEED=${seed}`);
    const random = seeded(seed);
    const told = story();
    let expected;
    for (let round = 0; round < 5; round++) {
      const server = await serverOf(objects);
      const shuffled = round === 0 ? told : [...told, ...told].map((each) => [random.next(), each]).sort(([a], [b]) => a - b).map(([, each]) => each);
      if (round % 2) await Promise.all(shuffled.map((each) => server.tell(each)));
      else for (const each of shuffled) await server.tell(each);
      await server.settled();
      const found = await facts(server.shop);
      expected ??= found;
      assert.deepEqual(found, expected, `round ${round}`);
    }
    const [one, two, three] = [expected.people.find(({ given_name }) => given_name), ...expected.people.filter(({ given_name }) => !given_name)];
    assert.equal(expected.people.length, 3);
    assert.deepEqual([one.given_name, one.country], ["Anne", "DE"]);
    assert.deepEqual(one.addresses, ["email anna@example.org", "email anna@work.example"]);
    const { id, number, total, paid, refunded, state, seen } = one.orders[0];
    assert.deepEqual({ id, number, total, paid, refunded, state, seen }, { id: "1001", number: "N1001", total: "59.70 EUR", paid: "59.70 EUR", refunded: "19.90 EUR", state: "delivered", seen: "shop" });
    assert.deepEqual([two, three].map(({ orders: [{ id, state }] }) => `${id} ${state}`).sort(), ["1002 cancelled", "1003 placed"]);
    assert.deepEqual(expected.events, [
      "delivery.arrived", "fulfilment.shipped", "order.cancelled", "order.confirmed", "order.confirmed", "order.confirmed",
      "payment.received", "refund.made", "return.received", "return.requested",
    ]);
  });

  test(`in a shop with ${objects}: an order that a payment was told of first becomes one with the shop's`, async () => {
    const told = [
      ["stripe", { id: "evt_1", type: "payment_intent.succeeded", created: Math.floor(seconds(2) / 1_000), data: { object: { id: "pi_1", object: "payment_intent", amount_received: 1990, amount: 1990, currency: "eur", status: "succeeded", metadata: {}, receipt_email: "anna@example.org" } } }],
      ["stripe", { id: "evt_2", type: "checkout.session.completed", created: Math.floor(seconds(1) / 1_000), data: { object: { id: "cs_1", object: "checkout.session", mode: "payment", payment_status: "paid", payment_intent: "pi_1", amount_total: 1990, currency: "eur", created: Math.floor(seconds(1) / 1_000), metadata: { order_id: "1001" }, customer_details: { email: "anna@example.org" } } } }],
      ["generic", statement("order.placed", { order: { id: "1001", customer_id: "c1", total: "19.90", currency: "EUR" } }, { at: seconds(1) })],
      ["generic", statement("customer.updated", { customer: { id: "c1", emails: ["anna@example.org"] } }, { at: seconds(3) })],
    ];
    let expected;
    for (const order of [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]]) {
      const shop = await shopOf(objects);
      const servers = { generic: await new Server(shop).connect(), stripe: await new Server(shop, "stripe").connect({ secret: "whsec_of_the_test_000001" }) };
      for (const n of order) {
        const [source, said] = told[n];
        await servers[source].tell(said);
        await servers[source].settled();
      }
      const found = await facts(shop);
      expected ??= found;
      assert.deepEqual(found, expected, `${order}`);
    }
    assert.equal(expected.people.length, 1);
    assert.deepEqual(expected.people[0].orders.map(({ id, state }) => `${id} ${state}`), ["1001 paid"]);
    assert.deepEqual(expected.events, ["order.confirmed", "payment.received"]);
  });

  test(`in a shop with ${objects}: who pays at Stripe is whom the shop knows by the address, in whatever order both are told`, async () => {
    const [anna, work] = ["anna@example.org", "anna@work.example"];
    const created = Math.floor(seconds(9) / 1_000);
    const told = [
      ["woocommerce", { id: 25, date_modified_gmt: "2026-11-01T10:00:00", email: anna, first_name: "Anna", last_name: "Muster" }, "customer.updated"],
      ["generic", statement("customer.updated", { customer: { id: "25", emails: [anna, work] } }, { at: seconds(1) })],
      ["woocommerce", { id: 1001, number: "1001", customer_id: 25, status: "processing", currency: "EUR", total: "19.90", date_created_gmt: "2026-11-01T10:00:00", date_modified_gmt: "2026-11-01T10:00:00", billing: { email: anna } }, "order.created"],
      ["stripe", { id: "evt_1", type: "checkout.session.completed", created, data: { object: { id: "cs_1", object: "checkout.session", mode: "payment", payment_status: "paid", payment_intent: "pi_1", amount_total: 1990, currency: "eur", created, customer: "cus_1", metadata: { order_id: "1001" }, customer_details: { email: anna } } } }],
      ["stripe", { id: "evt_2", type: "payment_intent.succeeded", created, data: { object: { id: "pi_1", object: "payment_intent", amount_received: 1990, amount: 1990, currency: "eur", customer: "cus_1", metadata: {} } } }],
      ["stripe", { id: "evt_3", type: "customer.deleted", created, data: { object: { id: "cus_1", object: "customer", email: anna } } }],
    ];
    for (const order of [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 0, 4, 2, 1, 5]]) {
      const shop = await shopOf(objects);
      const servers = {
        generic: await new Server(shop).connect(),
        woocommerce: await new Server(shop, "woocommerce").connect({ secret: "wc_secret_of_the_test_0001" }),
        stripe: await new Server(shop, "stripe").connect({ secret: "whsec_of_the_test_000001" }),
      };
      for (const n of order) {
        const [source, said, topic] = told[n];
        const answer = await servers[source].say(said, { topic });
        assert.equal(answer.status, 202, answer.text);
        await servers[source].settled();
      }
      const people = await shop.list("people");
      assert.equal(people.length, 1, `${order}: one person`);
      const [{ addresses, orders }] = people;
      assert.deepEqual(addresses.map(({ address }) => address).sort(), [anna, work], `${order}: one payment names one address, not all`);
      assert.deepEqual(orders.map(({ id, state }) => `${id} ${state}`), ["1001 paid"]);
      assert.ok(!(await shop.list("events")).some(({ type }) => type === "customer.deleted" || type === "name.shared"));
    }
  });

  test(`in a shop with ${objects}: the thank-you page and the shop's server tell of one order`, async () => {
    for (const first of ["page", "shop"]) {
      const server = await serverOf(objects);
      const { shop } = server;
      const visitor = uuid();
      const { email } = await shop.welcome({ visitor });
      const code = (await shop.person(email)).codes[0].code;
      const acts = {
        page: () => shop.send([shop.event("order.placed", { order: { id: "N1001", total: "59.70", currency: "EUR", items: [{ product: "SKU-1", quantity: 1 }] } })], { visitor }),
        shop: () => server.tell(statement("order.placed", { order: { id: "1001", number: "#N1001", email, total: "59.70", currency: "EUR", codes: [code] } })),
      };
      await acts[first]();
      await acts[first === "page" ? "shop" : "page"]();
      await server.settled();
      // What happened in a browser that is kept elsewhere comes to the person's home in its time.
      await shop.advance({ seconds: 900 });
      const { orders, codes } = await shop.person(email);
      assert.deepEqual(orders.map(({ seen }) => seen), ["both"]);
      assert.deepEqual([codes.length, (await shop.person(email)).codes[0].state, (await shop.person(email)).codes[0].confirmed], [1, "used", true]);
    }
  });

  test(`in a shop with ${objects}: two addresses of one customer become one person, and a shared one stays with the first`, async () => {
    const server = await serverOf(objects);
    const { shop } = server;
    const [{ email: one }, { email: other }] = [await shop.welcome(), await shop.welcome()];
    await server.tell(statement("customer.updated", { customer: { id: "c1", emails: [one, other] } }));
    await server.settled();
    const person = await shop.person(one);
    assert.deepEqual(person.addresses.map(({ address }) => address).sort(), [one, other].sort());

    await server.tell(statement("customer.updated", { customer: { id: "c2", emails: [one], given_name: "Ben" } }));
    await server.settled();
    assert.equal((await shop.person(one)).id, person.id, "it stays with the first");
    const people = await shop.list("people");
    assert.equal(people.length, 2);
    const ben = people.find(({ given_name }) => given_name === "Ben");
    assert.deepEqual(ben.addresses, []);
    const shared = (await shop.list("events")).filter(({ type }) => type === "name.shared");
    assert.deepEqual(shared.map(({ shopper, data }) => [shopper, data.kind, data.rule]), [[ben.id, "email", "shared name"]]);
  });

  test(`in a shop with ${objects}: a number that changes hands goes to the new customer, in whatever order that is told, and back`, async () => {
    const customer = (id, phones, at) => statement("customer.updated", { customer: { id, phones, given_name: id } }, { at: seconds(at) });
    const [hers, his] = [["+49 30 901820"], []];
    const owners = async (shop) => {
      const people = await shop.list("people");
      return people.flatMap(({ given_name, addresses }) => addresses.map(({ address }) => `${given_name} ${address}`));
    };
    const story = [customer("anna", hers, 1), customer("anna", his, 2), customer("ben", hers, 3)];
    for (const order of [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
      const server = await serverOf(objects);
      const { shop } = server;
      for (const n of order) {
        await server.tell(story[n]);
        await server.settled();
      }
      await until("ben has it", async () => JSON.stringify(await owners(shop)) === '["ben +4930901820"]');
      const anna = (await shop.list("people")).find(({ given_name }) => given_name === "anna");
      const copy = (await shop.admin("GET", `people/${anna.id}/copy`)).text;
      assert.ok(!copy.includes("ben"), "no trace of the other");

      // It was a mistake: the same words the other way round.
      await server.tell(customer("anna", hers, 4), customer("ben", his, 5));
      await server.settled();
      await until("anna has it again", async () => JSON.stringify(await owners(shop)) === '["anna +4930901820"]');
    }
  });

  test(`in a shop with ${objects}: numbers that change hands while older words are still on their way end where the shop says`, async () => {
    const server = await serverOf(objects);
    const { shop } = server;
    const pairs = Array.from({ length: 8 }, (_, n) => ({ phone: `+49309018${String(20 + n).padStart(3, "0")}`, ids: [`anna${n}`, `ben${n}`] }));
    const said = (id, phones, at) => statement("customer.updated", { customer: { id, phones, given_name: id } }, { at: seconds(at) });
    const words = pairs.flatMap(({ phone, ids: [anna, ben] }) =>
      // Back and forth: hers, his, hers, his, and hers in the end.
      [1, 3, 5, 7, 9].flatMap((at, turn) => [said(anna, turn % 2 ? [] : [phone], at), said(ben, turn % 2 ? [phone] : [], at)]),
    );
    for (let at = 0; at < words.length; at += 16) {
      await Promise.all(words.slice(at, at + 16).map((word) => server.tell(word)));
    }
    await server.settled();
    const owners = async () => {
      const people = await shop.list("people");
      return people.flatMap(({ given_name, addresses }) => addresses.map(({ address }) => `${given_name} ${address}`)).toSorted();
    };
    const right = pairs.map(({ phone, ids: [anna] }) => `${anna} ${phone}`);
    let found;
    await until("each number is hers", async () => JSON.stringify((found = await owners())) === JSON.stringify(right)).catch((error) => {
      assert.deepEqual(found, right, error.message);
    });
  });

  test(`in a shop with ${objects}: an order whose address is corrected goes to whom it is about`, async () => {
    const server = await serverOf(objects);
    const { shop } = server;
    const [wrong, right] = [emailAddress(), emailAddress()];
    const placed = (email, at) => statement("order.placed", { order: { id: "1001", email, total: "5.00", currency: "EUR" } }, { at });
    await server.tell(placed(wrong, seconds(1)));
    await server.settled();
    await server.tell(placed(right, seconds(2)));
    await server.settled();
    assert.deepEqual((await shop.person(wrong)).orders, []);
    const { orders, id } = await shop.person(right);
    assert.equal(orders.length, 1);
    const confirmed = (await shop.list("events")).filter(({ type }) => type === "order.confirmed");
    assert.deepEqual(confirmed.map(({ shopper }) => shopper), [id]);
  });

  test(`in a shop with ${objects}: whoever was erased does not come back`, async () => {
    const server = await new Server(await shopOf(objects), "shopify").connect({ secret: "shpss_of_the_test_00000001" });
    const { shop } = server;
    const generic = await new Server(shop).connect();
    const email = emailAddress();
    const customer = statement("customer.updated", { customer: { id: "4711", emails: [email], given_name: "Anna" } });
    await generic.tell(customer);
    await generic.settled();
    assert.ok(await shop.person(email));
    const subject = { id: 4711, email, phone: null };
    const asked = await server.say({ shop_id: 1, shop_domain: "x.myshopify.com", customer: subject, orders_requested: [], data_request: { id: 99 } }, { topic: "customers/data_request" });
    assert.deepEqual([asked.status, asked.json], [202, { heard: 1 }], asked.text);
    await generic.settled();
    const requested = (await shop.list("events")).filter(({ type }) => type === "privacy.requested");
    assert.deepEqual(requested.map(({ data }) => [data.request, data.known]), [["99", true]]);
    const redact = await server.say({ shop_id: 1, shop_domain: "x.myshopify.com", customer: subject, orders_to_redact: [] }, { topic: "customers/redact" });
    assert.equal(redact.status, 202, redact.text);
    await generic.settled();
    assert.ok((await shop.list("events")).some(({ type }) => type === "shopper.erased"));
    assert.equal(await shop.person(email), undefined);

    const before = (await shop.list("people")).length;
    for (const names of [{ id: "4711" }, { id: "4711", emails: [emailAddress()] }, { emails: [email] }]) {
      await generic.tell(statement("customer.updated", { customer: { given_name: "Anna", ...names } }));
      await generic.tell(statement("order.placed", { order: { id: uuid(), customer_id: names.id, email: names.emails?.[0] } }));
    }
    await generic.settled();
    assert.equal((await shop.list("people")).length, before);
    const skipped = (await shop.list("decisions")).filter(({ why }) => why.rule === "suppression");
    assert.equal(skipped.length, 6);
    assert.doesNotMatch(JSON.stringify(skipped), /Anna|4711|@/);
  });

  test(`in a shop with ${objects}: what is about another shop of the same app changes nothing`, async () => {
    const server = await new Server(await shopOf(objects), "shopify").connect({ secret: "shpss_of_the_test_00000001", domain: "Ours.myshopify.com" });
    const { shop } = server;
    const { email } = await shop.welcome();
    const [ours, others] = ["ours.myshopify.com", "others.myshopify.com"];
    const say = (topic, said, domain) => server.say(said, { topic, headers: { "X-Shopify-Shop-Domain": domain } });
    const redact = (domain) => ({ shop_id: 1, ...(domain && { shop_domain: domain }), customer: { id: 1, email }, orders_to_redact: [] });
    const customer = { id: 4711, email, first_name: "Bob" };
    for (const domain of [ours, others]) {
      assertProblem(await say("shop/redact", { shop_id: 1, shop_domain: others }, domain), 400, domain === ours ? "shop_domain" : "X-Shopify-Shop-Domain");
      assertProblem(await say("customers/redact", redact(others), domain), 400, domain === ours ? "shop_domain" : "X-Shopify-Shop-Domain");
    }
    assertProblem(await say("customers/redact", redact(), ours), 400, "shop_domain");
    assertProblem(await say("customers/update", customer, others), 400, "X-Shopify-Shop-Domain");
    await server.settled();
    assert.equal((await shop.person(email)).given_name, null);
    assert.equal((await shop.admin("GET", "hooks/shopify")).json.domain, ours);
    // Exchanging the secret keeps the domain.
    const exchanged = await shop.admin("PUT", "hooks/shopify", { json: { secret: "shpss_of_the_test_00000002" } });
    assert.equal(exchanged.status, 200, exchanged.text);
    assert.equal((await say("customers/update", customer, "OURS.myshopify.com")).status, 202);
    assert.equal((await say("customers/redact", redact(ours), ours)).status, 202);
    assert.equal(await shop.person(email), undefined);
  });

  test(`in a shop with ${objects}: a shop that leaves leaves nothing`, async () => {
    const server = await new Server(await shopOf(objects), "shopify").connect({ secret: "shpss_of_the_test_00000001" });
    const { shop } = server;
    for (let n = 0; n < 4; n++) await shop.welcome();
    const gone = await server.say({ shop_id: 1, shop_domain: "x.myshopify.com" }, { topic: "shop/redact" });
    assert.equal(gone.status, 202, gone.text);
    await server.settled();
    for (const list of ["people", "events", "messages", "jobs", "decisions"]) assert.deepEqual(await shop.list(list), [], list);
    const { switches } = await shop.status();
    assert.deepEqual(switches, { campaigns: false, sending: false });
    assert.deepEqual((await shop.admin("GET", "hooks")).json.items, []);
    assertProblem(await server.say({ shop_id: 1, shop_domain: "x.myshopify.com" }, { topic: "shop/redact" }), 404, "source");
  });
}

test("a secret is exchanged without a gap, and what does not hold is refused", async () => {
  const shop = await shopOf();
  const server = new Server(shop);
  assertProblem(await server.say(statement("order.placed"), { secret: "not connected yet 00" }), 404, "source");
  await server.connect();
  const first = server.secret;
  assert.match(first, /^rps_[\w-]{43}$/);
  const with_ = async (secret) => (await server.say(statement("order.placed", { order: { id: uuid() } }), { secret })).status;
  assert.equal(await with_(first), 202);
  await server.connect();
  const second = server.secret;
  assert.deepEqual([await with_(first), await with_(second)], [202, 202], "both while it is exchanged");
  assert.equal((await shop.admin("DELETE", "hooks/generic/previous")).status, 200);
  assert.deepEqual([await with_(first), await with_(second)], [401, 202]);
  await server.connect({ keep_previous: false });
  assert.deepEqual([await with_(second), await with_(server.secret)], [401, 202]);

  const shown = await shop.admin("GET", "hooks/generic");
  assert.equal(shown.json.previous_holds, false);
  assert.ok(shown.json.heard >= shown.json.since, shown.text);
  assert.doesNotMatch((await shop.admin("GET", "hooks")).text, /rps_/);
  assertProblem(await shop.admin("GET", "hooks/stripe"), 404, "source");
  assertProblem(await shop.admin("PUT", "hooks/shopify", { json: {} }), 400, "secret");
  const secret = "shpss_of_the_test_00000001";
  for (const domain of [undefined, "", "localhost", "https://x.myshopify.com", "x.myshopify.com/admin", "-x.myshopify.com", "x y.com", `${"x".repeat(64)}.com`]) {
    assertProblem(await shop.admin("PUT", "hooks/shopify", { json: { secret, domain } }), 400, "domain");
  }
  assertProblem(await shop.admin("PUT", "hooks/generic", { json: { domain: "x.myshopify.com" } }), 400, "domain");
  assertProblem(await shop.admin("PUT", "hooks/stripe", { json: { secret: "short" } }), 400, "secret");
  assertProblem(await shop.admin("PUT", "hooks/generic", { json: { calling_code: 0 } }), 400, "calling_code");
  assertProblem(await shop.admin("PUT", "hooks/magento", { json: {} }), 404, "source");
  await server.settled();
  assert.equal((await shop.admin("DELETE", "hooks/generic")).status, 200);
  assert.equal(await with_(server.secret), 404);
});

test("a shop's secret opens no other shop", async () => {
  const [ours, theirs] = [await serverOf(), await serverOf()];
  assertProblem(await ours.say(statement("order.placed", { order: { id: "1" } }), { key: theirs.shop.key }), 401, "Rapport-Signature");
  const [{ n }] = await edge.inside(theirs.shop, "shard/0", "SELECT count(*) AS n FROM heard");
  assert.equal(n, 0);
});

test("what is signed outside of five minutes, too long, not UTF-8 or for nobody is refused", async () => {
  const server = await serverOf();
  const body = JSON.stringify(statement("order.placed", { order: { id: "1" } }));
  const now = Math.floor(Date.now() / 1_000);
  const at = (off) => server.send(body, { "Rapport-Signature": timed(server.secret, body, now + off) });
  assert.deepEqual([(await at(-290)).status, (await at(290)).status], [202, 202]);
  for (const off of [-310, 310]) assertProblem(await at(off), 401, "Rapport-Signature");
  assertProblem(await server.send(body, {}), 401, "Rapport-Signature");
  assertProblem(await server.send(body, { "Rapport-Signature": "x".repeat(5_000) }), 400, "Rapport-Signature");

  const long = Buffer.alloc(256 * 1024 + 1, 0x20);
  assertProblem(await server.say(long.toString()), 413);
  const bytes = Buffer.concat([Buffer.from('{"v":1,"id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  assertProblem(await server.send(bytes, sign.generic(server.secret, bytes)), 400);
  // A byte order mark is part of what was signed, and no JSON.
  const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(body)]);
  assertProblem(await server.send(marked, sign.generic(server.secret, marked)), 400);
  assertProblem(await server.send(marked, sign.generic(server.secret, Buffer.from(body))), 401);
  assertProblem(await server.say({}, { key: "pk_aaaaaaaaaaaaaaaaaaaa" }), 404, "shop");
  assertProblem(await server.say({}, { key: "nobody" }), 404, "shop");
  assertProblem(await server.say({}, { source: "magento" }), 404, "source");
  assertProblem(await server.say({ v: 2 }), 400);
  assertProblem(await server.say(statement("order.placed", { order: { id: "1", total: "1,5", currency: "EUR" } })), 400, "order.total");
  assertProblem(await server.shop.edge.ask("GET", `/v1/hooks/${server.shop.key}/generic`), 405);
});

test("thousands of tampered requests over all sources: all refused, none is our error, and nothing is kept", async (t) => {
  const seed = Number(process.env.RAPPORT_HOOKS_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`RAPPORT_HOOKS_SEED=${seed}`);
  const random = seeded(seed);
  const fixtures = new URL("../../domain/fixtures/hooks/", import.meta.url);
  const { secrets, signed } = JSON.parse(readFileSync(new URL("signed.json", fixtures), "utf8"));
  const shop = await shopOf();
  const servers = {};
  for (const [source, secret] of Object.entries(secrets)) servers[source] = await new Server(shop, source).connect({ secret });
  const cases = signed.map(({ source, file, headers }) => {
    const body = readFileSync(new URL(file, fixtures));
    const again = source === "generic" || source === "stripe" ? sign[source](secrets[source], body) : headers;
    return { source, body, headers: again };
  });
  const flip = (bytes) => {
    const changed = Buffer.from(bytes);
    changed[random.between(0, changed.length - 1)] ^= 1 << random.between(0, 7);
    return changed;
  };
  /** One change of what is signed or of the signature. */
  const tampered = () => {
    const { source, body, headers } = random.pick(cases);
    const name = Object.keys(headers).find((header) => /signature|hmac/i.test(header));
    const value = headers[name];
    const change = random.between(0, 5);
    if (change === 0) return { source, body: flip(body), headers };
    if (change === 1) return { source, body: body.subarray(0, random.between(0, body.length - 1)), headers };
    if (change === 2) return { source, body: Buffer.concat([body, Buffer.from(" ")]), headers };
    if (change === 3) {
      const digits = [...value];
      const at = random.between(digits.length - 40, digits.length - 4);
      digits[at] = digits[at] === "a" ? "b" : "a";
      return { source, body, headers: { ...headers, [name]: digits.join("") } };
    }
    if (change === 4) return { source, body, headers: { ...headers, [name]: plain("another secret of nobody", body) } };
    return { source: random.pick(Object.keys(secrets).filter((other) => other !== source)), body, headers };
  };
  const counts = {};
  for (let n = 0; n < 2_000; n += 50) {
    const from = networkAddress();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => {
        const { source, body, headers } = tampered();
        return servers[source].send(body, headers, { from });
      }),
    );
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  }
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(Object.keys(counts).filter((status) => !/^4/.test(status)), [], JSON.stringify(counts));
  const [{ n }] = await edge.inside(shop, "shard/0", "SELECT count(*) AS n FROM heard");
  assert.equal(n, 0);
});

test("a network address that keeps sending what is not signed is held up, others are not", async () => {
  const server = await serverOf();
  const from = networkAddress();
  const statuses = [];
  for (let n = 0; n < 70; n++) statuses.push((await server.say({}, { from, secret: "some other secret" })).status);
  assert.ok(statuses.includes(401) && statuses.includes(429), statuses.join());
  assert.equal((await server.say(statement("order.placed", { order: { id: "1" } }))).status, 202);
});

test("every body that the platforms send is taken in, signed by the documentation's letter", async () => {
  const fixtures = new URL("../../domain/fixtures/hooks/", import.meta.url);
  const { secrets, signed } = JSON.parse(readFileSync(new URL("signed.json", fixtures), "utf8"));
  for (const objects of [1, 8]) {
    const shop = await shopOf(objects);
    const servers = {};
    for (const { source, file, headers } of signed.filter(({ file }) => !file.includes("redact"))) {
      const server = (servers[source] ??= await new Server(shop, source).connect({ secret: secrets[source], domain: headers["X-Shopify-Shop-Domain"] }));
      const body = readFileSync(new URL(file, fixtures));
      const all = source === "generic" || source === "stripe" ? sign[source](secrets[source], body) : headers;
      const answer = await server.send(body, all);
      assert.equal(answer.status, 202, `${file}: ${answer.text}`);
    }
    await new Server(shop).settled();
    const kinds = new Set((await shop.list("events")).map(({ type }) => type));
    for (const kind of ["order.confirmed", "payment.received", "fulfilment.shipped", "refund.made", "order.cancelled"]) assert.ok(kinds.has(kind), kind);
    const ping = await servers.woocommerce.send("webhook_id=142", { "content-type": "application/x-www-form-urlencoded" });
    assert.deepEqual([ping.status, ping.json], [202, { heard: 0 }]);
  }
});

test("what is said twice under one id counts once, also after it was settled", async () => {
  const server = await serverOf();
  const said = statement("order.placed", { order: { id: "1", email: emailAddress(), total: "1.00", currency: "EUR" } });
  await server.tell(said, said);
  await server.settled();
  await server.tell(said, { ...said, order: { ...said.order, total: "2.00" } });
  await server.settled();
  const [person] = await server.shop.list("people");
  assert.deepEqual(person.orders.map(({ total }) => total), ["1.00 EUR"]);
  const [{ n }] = await edge.inside(server.shop, "shard/0", "SELECT count(*) AS n FROM heard");
  assert.equal(n, 1);
  await server.shop.advance({ days: 31 });
  await server.tell(statement("order.placed", { order: { id: "2" } }));
  await server.settled();
  const [{ n: later }] = await edge.inside(server.shop, "shard/0", "SELECT count(*) AS n FROM heard");
  assert.equal(later, 1, "ids are forgotten after thirty days");
});

test("whoever asked the shop to be erased does not come back under the shop's id for them", async () => {
  const server = await serverOf();
  const { shop } = server;
  const email = emailAddress();
  await server.tell(statement("customer.updated", { customer: { id: "c1", emails: [email] } }));
  await server.tell(statement("order.placed", { order: { id: "1", customer_id: "c1" } }));
  await server.settled();
  const { id } = await shop.person(email);
  assert.equal((await shop.admin("POST", `people/${id}/erase`, { json: {} })).status, 200);
  await server.tell(statement("customer.updated", { customer: { id: "c1", emails: [emailAddress()], given_name: "Anna" } }));
  await server.tell(statement("payment.received", { order: { id: "1", currency: "EUR" }, payment: { id: "p1", amount: "5.00" } }));
  await server.settled();
  assert.deepEqual(await shop.list("people"), []);
});

test("a purchase stands in for consent where the shop offered a refusal with it, and never lifts a no", async () => {
  const order = (email) => statement("order.placed", { order: { id: uuid(), email, total: "5.00", currency: "EUR", placed: new Date(seconds(0)).toISOString() } });
  for (const refusal_offered of [true, false]) {
    const shop = await edge.createShop();
    await shop.publish(changedRelease((config) => { config.refusal_offered = refusal_offered; }));
    const server = await new Server(shop).connect();
    const [guest, withdrawn] = [emailAddress(), (await shop.welcome()).email];
    await edge.ask("POST", shop.link(await shop.mailTo(withdrawn, "welcome"), "u"));
    const said = [order(guest), order(withdrawn)];
    await server.tell(...said, ...said);
    await server.settled();
    const bases = (await shop.person(guest)).consents.map(({ basis, method }) => `${basis} ${method}`);
    assert.deepEqual(bases, refusal_offered ? ["soft_opt_in purchase"] : []);
    const [, token] = shop.link(await shop.mailTo(withdrawn, "welcome"), "p").match(/^(.*?)(#|$)/);
    assert.doesNotMatch((await edge.ask("GET", token)).text, /name="channel"[^>]*checked/, "a no stays a no");
  }
});

test("a customer that the shop deleted gets no news any more and is not erased", async () => {
  const server = await serverOf();
  const { shop } = server;
  const { email } = await shop.welcome();
  await server.tell(statement("customer.updated", { customer: { id: "c1", emails: [email] } }));
  await server.tell(statement("customer.deleted", { customer: { id: "c1" } }));
  await server.settled();
  await shop.advance({ days: 12 });
  const person = await shop.person(email);
  assert.equal(person.consents[0].state, "withdrawn");
  assert.deepEqual((await shop.mailsTo(email)).map(({ mail }) => mail).filter((mail) => mail === "reminder"), []);
  // Whoever says yes themselves afterwards is written to again.
  await shop.welcome({ email });
  assert.equal((await shop.person(email)).consents[0].state, "given");
});
