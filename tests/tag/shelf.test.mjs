import assert from "node:assert/strict";
import test from "node:test";

import { browserStorage, openPage, pretendEdge } from "./page.mjs";

const YES = ["consent", { device: true }];
const NO = ["consent", { device: false }];
const at = (path) => `https://shop.example${path}`;
const cart = (...products) => ["cart", { items: products.map((product) => ({ product, quantity: 1 })) }];
const order = (...products) => ["order", { id: "7", items: products.map((product) => ({ product, quantity: 1 })) }];

test("a shelf is fetched when its place comes near, and is told which and where", async () => {
  const edge = pretendEdge({ shelves: "b0" });
  const slot = { name: "goes-with" };
  const page = await openPage({ edge, slots: [slot] });
  await page.advance(60_000);
  assert.deepEqual([page.watched(), page.modules], [[slot], []]);
  await page.comes(slot, false);
  assert.deepEqual(page.modules, []);
  await page.comes(slot);
  assert.deepEqual(page.modules, ["https://edge.example/w/fedcba9876543210/shelf.js"]);
  const [bridge] = page.shelved;
  assert.deepEqual([bridge.slot, bridge.brain, bridge.lang, bridge.page], [slot, "b0", "en", at("/p/cap")]);
  assert.deepEqual([...bridge.state().seen], [at("/p/cap")]);
});

for (const [why, options, edge] of [
  ["the shop has none", {}, {}],
  ["everything is switched off", {}, { shelves: "b0", off: true }],
  ["the browser cannot say what comes near", { old: true }, { shelves: "b0" }],
])
  test(`no place is watched where ${why}`, async () => {
    const page = await openPage({ edge: pretendEdge(edge), slots: [{}], ...options });
    await page.advance(60_000);
    assert.deepEqual(page.watched(), []);
    assert.equal(page.attempts, 0);
  });

test("a place that the page draws later is found, too", async () => {
  const page = await openPage({ edge: pretendEdge({ shelves: "b0" }) });
  const late = {};
  page.slots = [late];
  await page.fire("window", "scroll");
  await page.advance(200);
  assert.deepEqual(page.watched(), [late]);
});

test("on another page of a single-page shop the same place is filled again", async () => {
  const slot = {};
  const page = await openPage({ edge: pretendEdge({ shelves: "b0" }), slots: [slot] });
  await page.comes(slot);
  await page.goTo("/p/hat");
  await page.advance(2_000);
  await page.comes(slot);
  assert.deepEqual(page.shelved.map((bridge) => bridge.page), [at("/p/cap"), at("/p/hat")]);
  assert.deepEqual([...page.shelved[1].state().seen], [at("/p/cap"), at("/p/hat")]);
});

test("a shelf is filled again when the cart changes", async () => {
  const slot = {};
  const page = await openPage({ edge: pretendEdge({ shelves: "b0" }), slots: [slot] });
  await page.comes(slot);
  page.push(cart("hat"));
  await page.comes(slot);
  assert.equal(page.shelved.length, 2);
  assert.equal(page.shelved[1].state().cart.items[0].product, "hat");
});

test("without permission pages, cart and order are known to this page alone", async () => {
  const edge = pretendEdge({ shelves: "b0" });
  const storage = browserStorage();
  const slot = {};
  const first = await openPage({ edge, storage, slots: [slot] });
  first.push(cart("hat"), order("gloves"));
  await first.comes(slot);
  const { seen, cart: lies, own } = first.shelved[0].state();
  assert.deepEqual([seen.length, lies.items.length, [...own[0]]], [1, 1, ["gloves"]]);
  assert.deepEqual(storage.entries(), []);
  const second = await openPage({ edge, storage, slots: [slot], url: at("/p/hat") });
  await second.comes(slot);
  const state = second.shelved[0].state();
  assert.deepEqual([[...state.seen], state.cart, state.own], [[at("/p/hat")], undefined, undefined]);
});

test("with permission the last twenty pages are remembered, with what was ordered and what lies in the cart", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  await openPage({ edge, storage, queue: [YES, cart("hat"), order("gloves", "socks")] });
  for (let n = 0; n < 25; n++) await openPage({ edge, storage, url: at(`/p/${n}`) });
  const { seen, own, cart: lies } = storage.read();
  assert.deepEqual([seen.length, seen[0], seen[19]], [20, at("/p/5"), at("/p/24")]);
  assert.deepEqual([own, lies.items[0].product], [[["gloves", "socks"]], "hat"]);
});

test("a withdrawal forgets pages, cart and orders at once", async () => {
  const storage = browserStorage();
  const slot = {};
  const page = await openPage({
    edge: pretendEdge({ shelves: "b0" }),
    storage,
    slots: [slot],
    queue: [YES, cart("hat"), order("gloves")],
  });
  await page.push(NO);
  assert.deepEqual(storage.entries(), []);
  await page.comes(slot);
  const { seen, own, cart: lies } = page.shelved[0].state();
  assert.deepEqual([seen, own, lies], [0, 0, 0]);
  await page.push(YES);
  assert.ok(!storage.read().own && !storage.read().cart);
});

test("what the page says wrongly of an order is an event like any other and breaks nothing", async () => {
  const edge = pretendEdge();
  const page = await openPage({ edge, queue: [YES, ["order", { id: "8" }], ["cart"]] });
  page.push(["order", { id: "9", items: [] }]);
  await page.advance(2_000);
  assert.deepEqual(edge.events.filter(({ type }) => type === "order.placed").map((each) => each.order.id), ["8", "9"]);
});
