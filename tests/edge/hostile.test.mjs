// What cannot be read at all is refused as a whole, and hostile text stays text.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";

const edge = await startEdge();
after(() => edge.stop());

test("a body that cannot be read is refused whole, by the field at fault", async () => {
  const shop = await edge.createShop();
  const sent = Date.now();
  const batch = (fields) => JSON.stringify({ v: 1, sent, events: [], ...fields });
  const views = (count) => Array.from({ length: count }, () => shop.event());
  const bodies = [
    [400, undefined, ""],
    [400, undefined, "{"],
    [400, undefined, "null"],
    [400, undefined, "[]"],
    [400, undefined, "<xml/>"],
    [400, undefined, `{"v":1,"sent":${sent},"events":[}`],
    [400, undefined, "[".repeat(30_000)],
    [400, undefined, '{"a":'.repeat(10_000)],
    [400, "v", batch({ v: 2 })],
    [400, "v", batch({ v: "1" })],
    [400, "v", batch({ v: undefined })],
    [400, "sent", batch({ sent: undefined })],
    [400, "sent", batch({ sent: "now" })],
    [400, "sent", batch({ sent: 1e300 })],
    [400, "events", batch({ events: undefined })],
    [400, "events", batch({ events: {} })],
    [400, "events", batch({ events: "[]" })],
    [413, "events", batch({ events: Array(101).fill({}) })],
    [413, "events", batch({ events: Array(10_000).fill({}) })],
    [413, "events", batch({ events: views(10_000) })],
    [413, "events", batch({ events: [], padding: "x".repeat(65 * 1024) })],
    [413, "events", " ".repeat(8 * 1024 * 1024)],
  ];
  for (const [status, field, body] of bodies) {
    const answer = await shop.sendBody(body);
    assertProblem(answer, status, field);
    assert.equal(answer.headers.get("access-control-allow-origin"), shop.origin, "the page may read why");
  }
  assert.deepEqual(await shop.list("events"), []);
  assert.equal((await shop.send(views(100))).status, 202, "as many as are allowed pass");
});

test("an address that is wrong is refused by its parameter", async () => {
  const shop = await edge.createShop();
  const visitor = uuid();
  const queries = [
    [400, "shop", `visitor=${visitor}`],
    [400, "shop", `shop=&visitor=${visitor}`],
    [400, "shop", `shop=${shop.key.toUpperCase()}&visitor=${visitor}`],
    [400, "shop", `shop=${shop.key}%00&visitor=${visitor}`],
    [400, "shop", `shop=../../etc&visitor=${visitor}`],
    [404, "shop", `shop=pk_aaaaaaaaaaaaaaaaaaaa&visitor=${visitor}`],
    [400, "visitor", `shop=${shop.key}`],
    [400, "visitor", `shop=${shop.key}&visitor=me`],
    [400, "visitor", `shop=${shop.key}&visitor=${visitor}'--`],
    [400, "objects", `shop=${shop.key}&visitor=${visitor}&objects=0`],
    [400, "objects", `shop=${shop.key}&visitor=${visitor}&objects=-1`],
    [400, "objects", `shop=${shop.key}&visitor=${visitor}&objects=65`],
    [400, "objects", `shop=${shop.key}&visitor=${visitor}&objects=many`],
  ];
  const body = JSON.stringify({ v: 1, sent: Date.now(), events: [] });
  for (const [status, field, query] of queries) {
    assertProblem(await edge.ask("POST", `/v1/events?${query}`, { body, origin: shop.origin }), status, field);
  }
});

test("a page of another origin is turned away", async () => {
  const shop = await edge.createShop({ origins: ["https://shop.example"] });
  const foreign = ["https://evil.example", "http://shop.example", "https://shop.example:8443", "null", "https://shop.example.evil.example"];
  for (const origin of foreign) {
    assertProblem(await shop.send([shop.event()], { origin }), 403, "origin");
  }
  assert.equal((await shop.send([shop.event()], { origin: "https://shop.example" })).status, 202);
  const put = await shop.admin("PUT", "origins", { json: { origins: ["https://new.example"] } });
  assert.equal(put.status, 200);
  assert.equal((await shop.send([shop.event()], { origin: "https://new.example" })).status, 202);
  assertProblem(await shop.send([shop.event()], { origin: "https://shop.example" }), 403, "origin");
});

const HOSTILE = {
  sql: "'); DROP TABLE events; --",
  "sql of json": `"]]', 1, 2, 3); DELETE FROM meta; --`,
  html: "</script><img src=x onerror=alert(1)>",
  emoji: "👩‍👩‍👧‍👦 🇺🇳 ✨",
  "right to left": "‮مرحبا بالعالم",
  combining: "Z̷̡̛͎̈́a̵̧̛l̴g̵o",
  "template of mails": "{{ shop.name }} {% for x in y %}",
  backslashes: "C:\\new\\table \\u0000 \\\"",
  "long and wide": "𝕬".repeat(150),
};

test("hostile text stays text", async () => {
  const shop = await edge.createShop();
  for (const [name, text] of Object.entries(HOSTILE)) {
    const events = [
      shop.event("page.viewed", { title: text }),
      shop.event("cart.changed", { cart: { items: [{ product: text.slice(0, 60), name: text, quantity: 1 }] } }),
      shop.event("custom", { name: "said", data: { [text]: [text] } }),
    ];
    const answer = await shop.send(events);
    assert.deepEqual(answer.json, { accepted: 3, refused: [] }, name);
    const [custom, cart, page] = await shop.list("events");
    assert.equal(page.data.title, text, name);
    assert.equal(cart.data.cart.items[0].name, text, name);
    assert.deepEqual(custom.data.data, { [text]: [text] }, name);
  }
  assert.equal((await shop.list("events")).length, 3 * Object.keys(HOSTILE).length, "the table is still there");
});

test("control characters are left out of what is shown and kept in what a page reports", async () => {
  const shop = await edge.createShop();
  const events = [
    shop.event("page.viewed", { title: "A\u0000B\u0007C\u0085D\r\nE" }),
    shop.event("custom", { name: "said", data: "A\u0000B" }),
  ];
  assert.deepEqual((await shop.send(events)).json, { accepted: 2, refused: [] });
  const [custom, page] = await shop.list("events");
  assert.equal(page.data.title, "ABCDE");
  assert.equal(custom.data.data, "A\u0000B");
  const id = await shop.send([shop.event("order.placed", { order: { id: "1\u00001" } })]);
  assert.deepEqual(id.json.refused.map(({ field }) => field), ["order.id"], "ids are never cut: two could become one");
});

test("half a character and bytes that are no text do no harm", async () => {
  const shop = await edge.createShop();
  const sent = Date.now();
  const raw = (title) => `{"v":1,"sent":${sent},"events":[{"id":"${uuid()}","at":${sent},"type":"page.viewed","url":"${shop.origin}/","title":${title}}]}`;
  const surrogate = await shop.sendBody(raw('"\\ud83d"'));
  assert.ok(surrogate.status === 400 || surrogate.json.refused.length === 1, surrogate.text);
  const bytes = Buffer.concat([Buffer.from(raw('"')).subarray(0, -3), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}]}')]);
  const answer = await shop.sendBody(bytes);
  assert.ok(answer.status === 202 || answer.status === 400, answer.text);
  assert.equal((await shop.send([shop.event()])).status, 202);
  assert.ok((await shop.list("events")).length >= 1);
});
