import assert from "node:assert/strict";
import test from "node:test";

import { browserStorage, openPage, pretendEdge } from "./page.mjs";

const PERMITTED = [["consent", { device: true }]];
const track = (type, more) => ["track", { type, ...more }];
const names = (events) => events.map((event) => event.name ?? event.type);

test("an event leaves as one request without preflight and is forgotten on 202", async () => {
  const edge = pretendEdge({ objects: 4 });
  const storage = browserStorage();
  const page = await openPage({ edge, storage, queue: PERMITTED });
  await page.advance(2_000);
  const [batch] = edge.batches;
  assert.deepEqual(batch.query, {
    shop: "pk_0123456789abcdefghij",
    objects: "4",
    visitor: storage.read().id,
  });
  assert.equal(batch.headers, undefined);
  assert.equal(batch.keepalive, true);
  const { v, sent, events } = JSON.parse(batch.body);
  assert.deepEqual([v, typeof sent, names(events)], [1, "number", ["consent.changed", "page.viewed"]]);
  assert.deepEqual(storage.read().out, []);
});

for (const [answer, kept] of [
  [202, false],
  [200, true],
  [204, true],
  [302, true],
  [400, false],
  [403, false],
  [413, false],
  [429, true],
  [500, true],
  [504, true],
  ["dead", true],
]) {
  test(`an answer of ${answer} ${kept ? "keeps" : "ends"} the batch`, async () => {
    const edge = pretendEdge();
    const storage = browserStorage();
    edge.answer = answer;
    const page = await openPage({ edge, storage, queue: PERMITTED });
    await page.advance(2_000);
    assert.equal(edge.batches.length, 1);
    assert.equal(storage.read().out.length, kept ? 2 : 0);
  });
}

test("what one page could not send the next one sends", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  edge.answer = "dead";
  const first = await openPage({ edge, storage, queue: [...PERMITTED, ["order", { id: "7", items: [] }]] });
  await first.advance(2_000);
  edge.answer = 202;
  const second = await openPage({ edge, storage });
  await second.advance(2_000);
  assert.deepEqual(names(edge.events), ["consent.changed", "order.placed", "page.viewed", "page.viewed"]);
  assert.deepEqual(storage.read().out, []);
});

test("it asks again, later every time, and at once when the browser is online again", async () => {
  const edge = pretendEdge();
  edge.answer = "dead";
  const page = await openPage({ edge, queue: PERMITTED });
  const waits = [];
  while (waits.length < 4) {
    const before = edge.batches.length;
    let wait = 0;
    for (; edge.batches.length === before; wait += 100) await page.advance(100);
    waits.push(wait);
  }
  waits.forEach((wait, n) => {
    const least = 2_000 * 2 ** n;
    assert.ok(wait >= least && wait <= 2 * least + 100, `${waits}`);
  });
  edge.answer = 202;
  await page.fire("window", "online");
  assert.equal(edge.events.length, 2);
});

test("an edge that asks for rest gets it, whatever happens on the page", async () => {
  const edge = pretendEdge();
  edge.answer = [429, { "retry-after": "30" }];
  const page = await openPage({ edge, queue: PERMITTED });
  await page.advance(2_000);
  edge.answer = 202;
  page.push(track("wishlist"));
  await page.fire("document", "visibilitychange");
  await page.advance(29_000);
  assert.equal(edge.batches.length, 1);
  await page.advance(32_000);
  assert.deepEqual(names(edge.events), ["consent.changed", "page.viewed", "wishlist"]);
});

test("a retry that was due before does not break the rest the edge asks for", async () => {
  const edge = pretendEdge();
  edge.answer = "dead";
  const page = await openPage({ edge, queue: PERMITTED });
  await page.advance(2_000);
  edge.answer = [429, { "retry-after": "30" }];
  await page.fire("window", "online");
  assert.equal(edge.batches.length, 2);
  await page.advance(29_000);
  assert.equal(edge.batches.length, 2);
});

test("one request at a time", async () => {
  const edge = pretendEdge();
  let release;
  edge.answer = 202;
  const { fetch } = edge;
  edge.fetch = async (address, options) => {
    if (address.includes("/events")) await new Promise((resolve) => (release = resolve));
    return fetch(address, options);
  };
  const page = await openPage({ edge, queue: PERMITTED });
  await page.advance(2_000);
  const first = release;
  page.push(track("meanwhile"));
  await page.advance(5_000);
  assert.equal(release, first);
  first();
  await page.advance(2_000);
  release();
  await page.advance(2_000);
  assert.deepEqual(
    edge.batches.map((batch) => names(JSON.parse(batch.body).events)),
    [["consent.changed", "page.viewed"], ["meanwhile"]],
  );
});

test("a page that is being left sends at once", async () => {
  const edge = pretendEdge();
  const page = await openPage({ edge, queue: PERMITTED });
  await page.fire("document", "visibilitychange");
  assert.equal(edge.events.length, 2);
});

test("a request holds at most 100 events and 60 KB, and what no request could hold is left out", async () => {
  const edge = pretendEdge();
  edge.answer = 503;
  const page = await openPage({ edge, queue: PERMITTED });
  page.push(track("monster", { text: "ä".repeat(40_000) }));
  for (let n = 0; n < 150; n++) page.push(track(`n${n}`, { text: "y".repeat(n < 20 ? 4_000 : 1) }));
  await page.advance(2_000);
  edge.answer = 202;
  await page.fire("window", "online");
  await page.advance(2_000);
  const sent = edge.batches.map(({ body }) => [Buffer.byteLength(body), JSON.parse(body).events.length]);
  for (const [bytes, events] of sent) assert.ok(bytes < 61_000 && events <= 100, `${sent}`);
  assert.equal(new Set(names(edge.events)).size, 152);
  assert.ok(!names(edge.events).includes("monster"));
});

test("two tabs do not lose each other's events", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  edge.answer = 503;
  const tabs = [await openPage({ edge, storage, queue: PERMITTED }), await openPage({ edge, storage })];
  for (let n = 0; n < 20; n++) tabs[n % 2].push(track(`n${n}`));
  edge.answer = 202;
  await tabs[0].fire("window", "online");
  await tabs[1].fire("window", "online");
  assert.equal(new Set(names(edge.events)).size, 22);
  assert.deepEqual(storage.read().out, []);
});

test("what another tab overwrites at the same moment survives in the tab it happened in", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  const page = await openPage({ edge, storage, queue: PERMITTED });
  page.push(track("mine"));
  storage.window["rapport:pk_0123456789abcdefghij"] = JSON.stringify({ ...storage.read(), out: [] });
  await page.advance(2_000);
  page.push(track("next"));
  await page.advance(2_000);
  assert.ok(names(edge.events).includes("mine"));
});

test("what is said on a page that is left before it was idle is kept, and said once", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  const nobody = { fetch: () => new Promise(() => {}) }; // who has left hears no answer
  const left = await openPage({ edge: nobody, storage, queue: [...PERMITTED, ["order", { id: "o", items: [] }]], busy: true });
  assert.deepEqual(storage.entries(), []);
  await left.fire("window", "pagehide");
  assert.deepEqual(names(storage.read().out), ["consent.changed", "order.placed", "page.viewed"]);
  const back = await openPage({ edge, storage });
  await back.advance(2_000);
  await back.fire("window", "pagehide");
  await back.advance(10_000);
  assert.deepEqual(names(edge.events), ["consent.changed", "order.placed", "page.viewed", "page.viewed"]);
});

test("a withdrawal on a page that is left before it was idle holds", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  const page = await openPage({ edge, storage, queue: PERMITTED });
  await page.advance(2_000);
  const left = await openPage({ edge, storage, queue: [["consent", { device: false }]], busy: true });
  await left.fire("window", "pagehide");
  assert.deepEqual(storage.entries(), []);
});

test("an order, a cart, a product and a claim become events", async () => {
  const edge = pretendEdge();
  const page = await openPage({
    edge,
    queue: [
      ...PERMITTED,
      ["product", { id: "p" }],
      ["cart", { items: [] }],
      ["order", { id: "o", items: [] }],
    ],
  });
  page.push(["identify", { email: "a@example.org" }]);
  page.push(["nonsense"], null, ["track"]);
  await page.advance(2_000);
  const said = edge.events
    .map(({ id, at, ...event }) => event)
    .filter((event) => event.type !== "page.viewed");
  assert.deepEqual(said.slice(1, 5), [
    { product: { id: "p" }, type: "product.viewed" },
    { cart: { items: [] }, type: "cart.changed" },
    { order: { id: "o", items: [] }, type: "order.placed" },
    { email: "a@example.org", type: "identified" },
  ]);
});
