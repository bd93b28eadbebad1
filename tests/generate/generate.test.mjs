// What is generated: the same for the same seed, and a shop one believes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { demoCatalogue, madeCatalogue } from "./catalogue.mjs";
import { fill } from "./fill.mjs";

const UNTIL = Date.parse("2026-11-01T00:00:00Z");
const shop = { key: "pk_test", token: "t", origin: "https://shop.example" };

/** Fills nothing: notes what is asked. */
async function asked({ seed = 7, shoppers = 120, months = 4, products = demoCatalogue(shop.origin) } = {}) {
  const all = [];
  const ask = async (method, path, { json, body }) => {
    all.push({ method, path, body: json ?? body });
    return { status: 200, json: { refused: [], accepted: path.includes("/events") ? JSON.parse(body).events.length : 0 } };
  };
  const filled = await fill(ask, shop, { products, shoppers, months, seed, until: UNTIL, connections: 1 });
  const events = all.filter(({ path }) => path.includes("/v1/events")).flatMap(({ body }) => JSON.parse(body).events);
  return { all, filled, events };
}

test("the same seed asks for the same, another one for something else", async () => {
  const told = async (seed) => JSON.stringify((await asked({ seed })).all, (name, value) => (name === "body" && typeof value === "string" ? value.replace(/"sent":\d+/, "") : value));
  assert.equal(await told(7), await told(7));
  assert.notEqual(await told(7), await told(8));
});

test("more shoppers leave those who were there as they were", async () => {
  const few = new Set((await asked({ shoppers: 20 })).events.map(({ id }) => id));
  const many = new Set((await asked({ shoppers: 40 })).events.map(({ id }) => id));
  assert.ok(few.size > 0);
  assert.ok([...few].every((id) => many.has(id)));
});

test("ids are never the same, and nothing is too old or still to come", async () => {
  const { events } = await asked();
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
  for (const { at } of events) assert.ok(at <= UNTIL && at > UNTIL - 60 * 86_400_000);
});

test("most look, few buy, and what is bought was looked at and lay in the cart", async () => {
  const { events, filled } = await asked({ shoppers: 400 });
  const count = (type) => events.filter((event) => event.type === type).length;
  assert.ok(count("page.viewed") > 4 * count("cart.changed"));
  assert.ok(count("cart.changed") > count("order.placed"));
  assert.ok(count("order.placed") > 0 && filled.orders > count("order.placed"));
  for (const { order } of events.filter(({ type }) => type === "order.placed")) {
    const cart = events.filter((event) => event.cart?.items.some(({ product }) => product === order.items[0].product));
    assert.ok(cart.length > 0);
  }
});

test("what goes together is looked at together far oftener than by chance", async () => {
  const products = madeCatalogue(shop.origin, 240, 3);
  const { events } = await asked({ products, shoppers: 600 });
  const byUrl = new Map(products.map((product) => [product.url, product]));
  const looks = events.filter(({ type, url }) => type === "page.viewed" && byUrl.has(url)).map(({ url }) => byUrl.get(url));
  const pairs = looks.slice(1).map((product, place) => looks[place].pairs.includes(product.id)).filter(Boolean).length;
  assert.ok(pairs / looks.length > 0.08, `${pairs} of ${looks.length}`);
});

test("a made catalogue has names, prices and pairs of other categories", () => {
  const products = madeCatalogue(shop.origin, 2_000);
  assert.equal(new Set(products.map(({ id }) => id)).size, 2_000);
  assert.equal(new Set(products.map(({ url }) => url)).size, 2_000);
  const byId = new Map(products.map((product) => [product.id, product]));
  for (const { pairs, categories, price } of products) {
    assert.ok(price > 0);
    for (const id of pairs) assert.notEqual(byId.get(id).categories[0], categories[0]);
  }
});
