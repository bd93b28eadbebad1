// What shelves bring: clicks, carts and orders, and those who were held out; and what letters recommend.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, uuid } from "../harness/ids.mjs";
import { changedRelease } from "../harness/release.mjs";
import { browse, learn, product, sell, shelvedRelease } from "../harness/shelf.mjs";

const edge = await startEdge({ bindings: { LEARN_EVERY: "0" } });
after(() => edge.stop());

const shelf = { shelf: "next", version: "v", market: "default" };
const MINUTE = 60_000;

async function open(objects, change = () => {}) {
  const shop = await edge.createShop({ objects });
  await shop.publish(changedRelease((config) => {
    config.shelves = shelvedRelease().config.shelves;
    change(config);
  }));
  return shop;
}

/** What is known of a shelf, once everything was counted. */
async function brought(shop, name = "next") {
  await shop.advance({ seconds: 60 });
  const answer = await shop.admin("GET", "shelves");
  assert.equal(answer.status, 200, answer.text);
  return answer.json.items.find((item) => item.shelf === name);
}

/** Somebody before a shelf: sees it or is held out, and then does this. */
async function visit(shop, { held = false, visitor = uuid(), began = Date.now() - 60 * MINUTE, deeds = [] } = {}) {
  const shown = shop.event(held ? "shelf.held" : "shelf.shown", { ...shelf, products: ["p1"], at: began });
  const events = deeds.map(([type, fields], n) => shop.event(type, { at: began + (n + 1) * MINUTE, ...fields }));
  const answer = await shop.send([shown, ...events], { visitor });
  assert.deepEqual([answer.status, answer.json?.refused], [202, []], answer.text);
  return { visitor, events };
}

const clicked = (id) => ["shelf.clicked", { ...shelf, product: { id }, place: 1, why: "went-on-from" }];
const carted = (...ids) => ["cart.changed", { cart: { items: ids.map((product) => ({ product, quantity: 1 })), currency: "EUR" } }];
const ordered = (id, lines, total) => [
  "order.placed",
  { order: { id, total, currency: "EUR", items: lines.map(([product, price]) => ({ product, quantity: 1, price })) } },
];

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: clicks, carts and orders are credited to the shelf, also of variants`, async () => {
    const shop = await open(objects);
    await sell(shop, [product(0), product(1, { variants: [{ id: "p1-red", in_stock: true }, { id: "p1-blue", in_stock: true }] })]);
    await visit(shop, { deeds: [clicked("p1"), carted("p1-red"), ordered("a", [["p1-red", "21.00"], ["p0", "20.00"]], "41.00")] });
    await visit(shop, { deeds: [clicked("p1")] });
    await visit(shop, { deeds: [carted("p1"), ordered("b", [["p1", "21.00"]], "21.00")] });
    await visit(shop, { held: true, deeds: [ordered("c", [["p0", "20.00"]], "20.00")] });
    const { shown, held } = await brought(shop);
    assert.deepEqual(shown, { visitors: 3, seen: 3, clicks: 2, carts: 1, orders: 1, sold: 2_100, ordering: 2, spent: 6_200 });
    assert.deepEqual(held, { visitors: 1, seen: 1, clicks: 0, carts: 0, orders: 0, sold: 0, ordering: 1, spent: 2_000 });
  });
}

test("who comes back later is counted as if all had been done at once, and what is sent twice counts once", async () => {
  const shop = await open(1);
  await sell(shop, [product(0), product(1)]);
  const { visitor, events } = await visit(shop, { deeds: [clicked("p1")] });
  assert.equal((await brought(shop)).shown.ordering, 0);
  await shop.send([shop.event(...ordered("a", [["p1", "21.00"]], "21.00")), ...events], { visitor });
  const { shown } = await brought(shop);
  assert.deepEqual(shown, { visitors: 1, seen: 1, clicks: 1, carts: 0, orders: 1, sold: 2_100, ordering: 1, spent: 2_100 });
});

test("a shelf that the shop does not have takes no room, and too few visitors say nothing", async () => {
  const shop = await open(1);
  await sell(shop, [product(0), product(1)]);
  await visit(shop, { deeds: [["shelf.shown", { ...shelf, shelf: "made-up", products: ["p1"] }]] });
  const next = await brought(shop);
  assert.deepEqual([next.shown.visitors, next.ordering, next.spending], [1, null, null]);
  assert.equal(await brought(shop, "made-up"), undefined);
});

test("against who was held out it says how much oftener people order, and how many more are needed to know", async () => {
  const shop = await open(1);
  await sell(shop, [product(0), product(1)]);
  for (let n = 0; n < 40; n++) {
    await visit(shop, { deeds: n % 2 ? [ordered(`s${n}`, [["p0", "20.00"]], "20.00")] : [] });
    if (n % 2) await visit(shop, { held: true, deeds: n % 4 === 1 ? [ordered(`h${n}`, [["p0", "20.00"]], "20.00")] : [] });
  }
  const { ordering, spending } = await brought(shop);
  assert.equal(ordering.by, 0);
  assert.equal(spending.by, 0);
  assert.ok(ordering.least < 0 && ordering.most > 0);
});

/** A release whose welcome recommends something. */
const recommends = (config) => {
  config.mails.welcome.shelf = { of: "next", most: 2 };
  const unsaid = { bought_with: "", like: "", seen_before: "", bought_before: "", free_delivery: "", pinned: "" };
  const said = { title: "Next", reasons: { ...unsaid, went_on_from: "Others went on from {title}", trending: "Many look at it" } };
  for (const shelf of config.shelves.shelves) shelf.texts = { en: said };
  const loop = "{% for product in products %}\n>> {{ product.title }} | {{ product.price }} | {{ product.reason }} | {{ product.url }}{% endfor %}";
  for (const text of Object.values(config.mails.welcome.texts)) text.text += loop;
};

test("a letter recommends what goes with what its reader looked at, in words and with links of their own", async () => {
  const shop = await open(1, recommends);
  await sell(shop, Array.from({ length: 6 }, (_, n) => product(n)));
  for (let n = 0; n < 8; n++) await browse(shop, ["p0", "p1", "p2"]);
  const visitor = await browse(shop, ["p0"]);
  await learn(shop);
  const email = emailAddress();
  await shop.welcome({ email, visitor, allow: ["email.marketing", "device.personalisation"] });
  const { text, html } = await shop.mailTo(email, "welcome");
  const lines = text.split("\n").filter((line) => line.startsWith(">> "));
  assert.deepEqual(
    lines.map((line) => line.split(" | ").slice(0, 3)),
    [[">> Thing1", "€21.00", "Others went on from Thing0"], [">> Thing2", "€22.00", "Others went on from Thing0"]],
  );
  for (const line of lines) assert.match(line, /http:\/\/localhost:8788\/things\/\d#rapport=\S+$/);
  assert.ok(html.length > 0);
});

test("a letter to whom nothing suits, or while the learner knows nothing, goes without products", async () => {
  const shop = await open(1, recommends);
  const email = emailAddress();
  await shop.welcome({ email });
  const { text } = await shop.mailTo(email, "welcome");
  assert.ok(!text.includes(">> "));
});
