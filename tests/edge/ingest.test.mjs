// Events come in one by one: those that can be kept are, the others are named.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { plain, uuid } from "../harness/ids.mjs";

const edge = await startEdge();
after(() => edge.stop());

const MINUTE = 60_000;

test("an event of every type is taken in and kept", async () => {
  const shop = await edge.createShop();
  const product = { id: "A-1", name: "Wool hat", price: "19.90", currency: "EUR", in_stock: true };
  const items = [{ product: "A-1", name: "Wool hat", quantity: 2, price: "19.90" }];
  const shelf = { shelf: "goes-with", version: "v1", market: "default" };
  const events = [
    shop.event("page.viewed", { referrer: "https://www.google.com/search?q=hats" }),
    shop.event("product.viewed", { url: `${shop.origin}/p/hat`, product }),
    shop.event("cart.changed", { cart: { items, currency: "EUR", total: "39.80", url: `${shop.origin}/cart` } }),
    shop.event("cart.changed", { cart: { items: [] } }),
    shop.event("order.placed", { order: { id: "1001", total: "39.80", currency: "EUR", items } }),
    shop.event("campaign.shown", { campaign: "hello", version: "v1", as: "popup", why: "time" }),
    shop.event("campaign.closed", { campaign: "hello", version: "v1" }),
    shop.event("campaign.answered", { campaign: "hello", version: "v1" }),
    shop.event("consent.changed", { channel: "device", purpose: "personalisation", given: true }),
    shop.event("identified", { email: "anna@example.org", customer: "77" }),
    shop.event("custom", { name: "wishlist.opened", data: { size: 3 } }),
    ...["shown", "held"].map((what) => shop.event(`shelf.${what}`, { ...shelf, beside: "A-1", products: ["B-1", "B-2"] })),
    shop.event("shelf.clicked", { ...shelf, product: { id: "B-2" }, place: 2, why: "bought-with" }),
    shop.event("shelf.dismissed", { ...shelf, product: { id: "B-1" }, place: 1 }),
  ];
  const visitor = uuid();
  const answer = await shop.send(events, { visitor });
  assert.equal(answer.status, 202);
  assert.deepEqual(answer.json, { accepted: events.length, refused: [] });
  assert.equal(answer.headers.get("access-control-allow-origin"), shop.origin);
  const kept = await shop.list("events");
  for (const sent of events) {
    const found = kept.find(({ id }) => id === plain(sent.id));
    assert.equal(found?.type, sent.type);
    assert.equal(found.visitor, plain(visitor));
    assert.equal(found.at, sent.at);
  }
  const page = kept.find(({ type }) => type === "page.viewed");
  assert.deepEqual(page.data, { url: `${shop.origin}/`, referrer: "https://www.google.com", title: "Home" });
});

test("a claim of identity is noted without what was claimed", async () => {
  const shop = await edge.createShop();
  await shop.send([shop.event("identified", { email: "anna@example.org", customer: "77" })]);
  const [kept] = await shop.list("events");
  assert.deepEqual(kept.data, { claims: ["email", "customer"] });
  assert.equal((await shop.status()).counts.people, 0);
});

test("an event that arrives again changes nothing", async () => {
  const shop = await edge.createShop();
  const visitor = uuid();
  const [first, second, third] = [1, 2, 3].map((n) => shop.event("page.viewed", { title: `Page ${n}` }));
  const batches = [[first, second], [first, second], [second, third, third], [{ ...first, title: "Changed" }]];
  for (const events of batches) {
    const answer = await shop.send(events, { visitor });
    assert.equal(answer.json.accepted, events.length, "the browser may forget all of them");
  }
  const kept = await shop.list("events");
  assert.deepEqual(kept.map(({ data }) => data.title).sort(), ["Page 1", "Page 2", "Page 3"]);
});

test("the refused events of a batch are named by index and field, the others count", async () => {
  const shop = await edge.createShop();
  const cart = (item) => ({ cart: { items: [{ product: "a", quantity: 1 }, { product: "b", quantity: 1, ...item }] } });
  const shelf = { shelf: "goes-with", version: "v1", market: "default" };
  const wrong = [
    ["id", { ...shop.event(), id: "nope" }],
    ["id", { ...shop.event(), id: 7 }],
    ["id", { ...shop.event(), id: undefined }],
    ["at", { ...shop.event(), at: "today" }],
    ["at", { ...shop.event(), at: Date.now() + 60 * MINUTE }],
    ["at", { ...shop.event(), at: 0 }],
    ["at", { ...shop.event(), at: -1 }],
    ["at", { ...shop.event(), at: Number.MAX_SAFE_INTEGER }],
    ["at", { ...shop.event(), at: 1.5 }],
    ["type", { ...shop.event(), type: "launch.missiles" }],
    ["type", { ...shop.event(), type: null }],
    ["url", shop.event("page.viewed", { url: "javascript:alert(1)" })],
    ["url", shop.event("page.viewed", { url: `https://shop.example/${"x".repeat(3_000)}` })],
    ["url", shop.event("page.viewed", { url: { href: "https://shop.example/" } })],
    ["product", shop.event("product.viewed")],
    ["product.id", shop.event("product.viewed", { product: { id: "" } })],
    ["product.price", shop.event("product.viewed", { product: { id: "a", price: "19,90" } })],
    ["product.currency", shop.event("product.viewed", { product: { id: "a", currency: "euro" } })],
    ["cart", shop.event("cart.changed")],
    ["cart.items[1].price", shop.event("cart.changed", cart({ price: "-1" }))],
    ["cart.items[1].price", shop.event("cart.changed", cart({ price: 19.9 }))],
    ["cart.items[1].quantity", shop.event("cart.changed", cart({ quantity: 0 }))],
    ["cart.items[1].quantity", shop.event("cart.changed", cart({ quantity: -3 }))],
    ["cart.items[1].product", shop.event("cart.changed", cart({ product: "x".repeat(121) }))],
    ["cart.items", shop.event("cart.changed", { cart: { items: Array(201).fill({ product: "a", quantity: 1 }) } })],
    ["order.id", shop.event("order.placed", { order: { id: "" } })],
    ["order.codes", shop.event("order.placed", { order: { id: "1", codes: Array(11).fill("A") } })],
    ["campaign", shop.event("campaign.shown", { campaign: "../hello", version: "v1" })],
    ["given", shop.event("consent.changed", { channel: "device" })],
    ["name", shop.event("custom", { name: "<script>" })],
    ["data", shop.event("custom", { name: "big", data: "x".repeat(3_000) })],
    ["shelf", shop.event("shelf.shown", { ...shelf, shelf: "../x", products: ["a"] })],
    ["market", shop.event("shelf.shown", { ...shelf, market: undefined, products: ["a"] })],
    ["products", shop.event("shelf.held", shelf)],
    ["products", shop.event("shelf.shown", { ...shelf, products: Array(25).fill("a") })],
    ["products[1]", shop.event("shelf.shown", { ...shelf, products: ["a", ""] })],
    ["place", shop.event("shelf.clicked", { ...shelf, product: { id: "a" }, place: 0 })],
    ["product", shop.event("shelf.dismissed", { ...shelf, place: 1 })],
    ["", 7],
    ["", null],
    ["", []],
  ];
  for (const [field, bad] of wrong) {
    const good = shop.event();
    const answer = await shop.send([good, bad, shop.event()]);
    const shown = `${field} of ${JSON.stringify(bad)?.slice(0, 100)}: ${answer.text.slice(0, 200)}`;
    assert.equal(answer.status, 202, shown);
    assert.equal(answer.json.accepted, 2, shown);
    assert.deepEqual(answer.json.refused.map(({ index, field }) => [index, field]), [[1, field]], shown);
    assert.ok(answer.json.refused[0].detail.length > 5, shown);
  }
  const kept = await shop.list("events");
  assert.equal(kept.length, 2 * wrong.length);
});

test("what a page states about its product and its order is noted once, beside the page view", async () => {
  const shop = await edge.createShop();
  const hat = { "@type": "Product", sku: "A-1", name: "Wool hat", offers: { price: 19.9, priceCurrency: "EUR" } };
  const order = { "@type": "Order", orderNumber: "1001", orderedItem: [{ orderedItem: hat, orderQuantity: 2 }] };
  const view = shop.event("page.viewed", {
    url: `${shop.origin}/p/hat?session=secret`,
    ld: [JSON.stringify({ "@graph": [hat] }), "{ broken", JSON.stringify(order), '{"@type":"Organization"}'],
  });
  for (let n = 0; n < 2; n++) {
    const answer = await shop.send([view]);
    assert.deepEqual(answer.json, { accepted: 1, refused: [] }, "derived events are not counted as sent");
  }
  const kept = await shop.list("events");
  assert.deepEqual(kept.map(({ type }) => type).sort(), ["order.placed", "page.viewed", "product.viewed"]);
  const viewed = kept.find(({ type }) => type === "product.viewed");
  assert.deepEqual(viewed.data, {
    url: `${shop.origin}/p/hat`,
    product: { id: "A-1", name: "Wool hat", price: "19.9", currency: "EUR", url: `${shop.origin}/p/hat` },
  });
  assert.equal(viewed.at, view.at);
  const placed = kept.find(({ type }) => type === "order.placed");
  assert.deepEqual(placed.data.order.items, [{ product: "A-1", name: "Wool hat", quantity: 2, price: "19.9" }]);
});

test("a device clock that is wrong is corrected", async () => {
  const shop = await edge.createShop();
  for (const wrong of [Date.now() + 3_650 * 24 * 60 * MINUTE, 10 * MINUTE, Date.now() - 5 * MINUTE]) {
    const event = { ...shop.event(), at: wrong - 5 * MINUTE };
    const answer = await shop.send([event], { sent: wrong });
    assert.deepEqual(answer.json, { accepted: 1, refused: [] });
    const kept = (await shop.list("events")).find(({ id }) => id === plain(event.id));
    const off = kept.received - 5 * MINUTE - kept.at;
    assert.ok(Math.abs(off) < 2_000, `five minutes before it was sent, not ${off} ms off`);
  }
});

test("an event is not older or newer than the time in which it can have happened", async () => {
  const shop = await edge.createShop();
  const days = (n) => n * 24 * 60 * MINUTE;
  for (const [at, kept] of [[-days(59), true], [-days(61), false], [MINUTE, true], [10 * MINUTE, false]]) {
    const answer = await shop.send([{ ...shop.event(), at: Date.now() + at }]);
    assert.equal(answer.json.accepted, kept ? 1 : 0, `${at / MINUTE} minutes from now`);
  }
});

test("a thousand events of many visitors are all there, each once", async () => {
  const shop = await edge.createShop();
  const sent = [];
  const batches = Array.from({ length: 20 }, () => {
    const events = Array.from({ length: 50 }, () => shop.event());
    sent.push(...events);
    return shop.send(events);
  });
  for (const answer of await Promise.all(batches)) assert.equal(answer.json.accepted, 50);
  const kept = await shop.list("events");
  assert.deepEqual(kept.map(({ id }) => id).sort(), sent.map(({ id }) => plain(id)).sort());
});

test("what is no page sends without an origin", async () => {
  const shop = await edge.createShop();
  const answer = await shop.send([shop.event()], { origin: null });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
});
