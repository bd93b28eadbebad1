// What a shop sells: said by its server, by feeds, by a platform and by pages; and what browsers are told of it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { ROOT } from "../harness/folder.mjs";
import { uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { Server } from "../harness/server.mjs";
import { ids, learn, learner, market, product, sell, shelvedRelease } from "../harness/shelf.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge({ inspect: true, bindings: { LEARN_EVERY: "0" } });
after(() => edge.stop());

const open = async (shelves, options) => {
  const shop = await edge.createShop(options);
  await shop.publish(shelvedRelease(shelves));
  return shop;
};
const head = async (shop, name = "default") => {
  const answer = await edge.ask("GET", `/v1/shops/${shop.key}/shelves/${name}`);
  assert.equal(answer.status, 200, answer.text);
  return answer;
};
const learned = (shop, generation = 1) =>
  until("it is learned", async () => {
    const status = await learner(shop);
    return status.learned?.generation >= generation && !status.under_way && status;
  });
const one = async (shop, id) => {
  const answer = await shop.admin("GET", `products/${encodeURIComponent(id)}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const face = async (shop, id, name = "default") => (await one(shop, id)).markets[name];

test("products by the API are learned within seconds, and their file is what its name says", async () => {
  const shop = await open();
  const none = await head(shop);
  assert.equal(none.bytes[0], 1);
  const answer = await sell(shop, Array.from({ length: 30 }, (_, n) => product(n, { title: `Linen shirt number ${n}` })));
  assert.deepEqual(answer, { accepted: 30, refused: [], changed: 30, products: 30 });
  const status = await learned(shop);
  assert.equal(status.learned.products, 30);
  assert.equal(status.files.count, 1);
  const [{ name }] = await edge.inside(shop, "learner", "SELECT name FROM files");
  const pack = await edge.ask("GET", `/v1/shops/${shop.key}/packs/${name}`);
  assert.equal(pack.status, 200, pack.text);
  assert.equal(createHash("sha256").update(pack.bytes).digest("hex").slice(0, 16), name);
  assert.equal(pack.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(pack.headers.get("content-encoding"), "br");
  assert.equal(pack.headers.get("access-control-allow-origin"), "*");
  assert.ok(pack.bytes.includes("Linen shirt number 7"));
  assert.notDeepEqual((await head(shop)).bytes, none.bytes);
  assertProblem(await edge.ask("GET", `/v1/shops/${shop.key}/packs/0000000000000000`), 404);
  assertProblem(await edge.ask("GET", `/v1/shops/${shop.key}/packs/..`), 404);
  assertProblem(await edge.ask("GET", `/v1/shops/${shop.key}/shelves/mars`), 404, "market");
  assertProblem(await edge.ask("GET", "/v1/shops/pk_aaaaaaaaaaaaaaaaaaaa/shelves/default"), 404, "shop");
});

test("files are there for one more generation: for pages that are open", async () => {
  const shop = await open();
  const used = () => edge.inside(shop, "learner", "SELECT generation, name FROM used ORDER BY generation");
  await sell(shop, [product(1)]);
  await learn(shop);
  const [{ name: first }] = await used();
  for (let n = 2; n < 5; n++) {
    await sell(shop, [product(n)]);
    await learn(shop);
  }
  const { learned: last, files } = await learner(shop);
  const kept = await used();
  assert.deepEqual(kept.map(({ generation }) => generation), [last.generation - 1, last.generation]);
  assert.equal(files.count, 2);
  for (const { name } of kept) assert.equal((await edge.ask("GET", `/v1/shops/${shop.key}/packs/${name}`)).status, 200);
  assertProblem(await edge.ask("GET", `/v1/shops/${shop.key}/packs/${first}`), 404);
});

test("each product is judged by itself, and what is wrong with it is named", async () => {
  const shop = await open();
  const { accepted, refused, products } = await sell(shop, [
    product(1),
    { title: "No id", url: `${shop.origin}/x` },
    product(2, { colour: "red" }),
    product(3, { price: "cheap" }),
    product(4, { url: "https://elsewhere.example/4" }),
    product(5),
  ]);
  assert.deepEqual([accepted, products], [2, 2]);
  assert.deepEqual(refused.map(({ index, field }) => [index, field]), [[1, "id"], [2, "colour"], [3, "price"], [4, "url"]]);
  assertProblem(await shop.admin("PUT", "products", { json: { products: "p1" } }), 400, "products");
  assertProblem(await shop.admin("PUT", "products?market=mars", { json: { products: [product(1)] } }), 404, "market");
  assertProblem(await shop.admin("GET", "products/nowhere"), 404);
});

test("what is left out of a part stays, of a whole goes; what is not sold any more is gone", async () => {
  const shop = await open();
  await sell(shop, [product(1, { brand: "Acme", was: "30.00" }), product(2)]);
  await sell(shop, [{ id: "p1", price: "19.00", currency: "EUR" }], { method: "PATCH" });
  const known = await one(shop, "p1");
  assert.deepEqual([known.brand, known.markets.default.price, known.markets.default.was], ["Acme", "19.00 EUR", null]);
  await sell(shop, [product(1)]);
  assert.equal((await one(shop, "p1")).brand, null);
  const answer = await shop.admin("PUT", "products/stock", { json: { stock: { p1: false, p2: true } } });
  assert.equal(answer.json.changed, 1, "what is said again changes nothing");
  assert.equal((await face(shop, "p1")).in_stock, false);
  const gone = await shop.admin("DELETE", "products", { json: { ids: ["p1", "nowhere"] } });
  assert.deepEqual(gone.json, { changed: 1, products: 1 });
  assert.equal((await one(shop, "p1")).sold, false);
  await sell(shop, [product(1)]);
  assert.equal((await one(shop, "p1")).sold, true);
  const listed = (await shop.admin("GET", "products")).json;
  assert.deepEqual([listed.items.map(({ id }) => id), listed.next], [["p1", "p2"], null]);
});

test("what is out of stock vanishes at once, and what costs something else says so, without learning anew", async () => {
  const shop = await open();
  await sell(shop, Array.from({ length: 12 }, (_, n) => product(n, { title: `Blue linen shirt ${n}` })));
  const { learned: before } = await learn(shop);
  const shown = await ids(shop, "next", ["p0"]);
  const last = (await head(shop)).bytes;
  await shop.admin("PUT", "products/stock", { json: { stock: { [shown[0]]: false } } });
  assert.ok(!(await ids(shop, "next", ["p0"])).includes(shown[0]));
  assert.notDeepEqual((await head(shop)).bytes, last);
  await shop.admin("PUT", "products/stock", { json: { stock: { [shown[0]]: true } } });
  assert.deepEqual((await head(shop)).bytes, last, "as if nothing had been");
  await sell(shop, [{ id: shown[0], price: "9.99", currency: "EUR" }], { method: "PATCH" });
  const answer = await shop.admin("GET", "shelves/next?seen=p0");
  assert.equal(answer.json.items.find(({ id }) => id === shown[0]).price, 999);
  assert.equal((await learner(shop)).learned.generation, before.generation);
});

test("variants are their product's, whoever is told of first", async () => {
  const shop = await open();
  await sell(shop, [product(1, { id: "p1-red", title: "Shirt, red" })]);
  assert.deepEqual((await one(shop, "p1-red")).id, "p1-red");
  await sell(shop, [product(1, { title: "Shirt" }), product(1, { id: "p1-red", group: "p1", title: "Shirt, red" })]);
  const known = await one(shop, "p1-red");
  assert.deepEqual([known.id, known.variants, known.markets.default.title], ["p1", ["p1-red"], "Shirt"]);
  assert.equal((await shop.admin("GET", "products")).json.items.filter(({ sold }) => sold).length, 1);
});

test("each market has its own prices and its own file", async () => {
  const shop = await open({ markets: [market("default"), market("gulf", { currency: "AED", path: "/ar", countries: ["ae"] })] });
  await sell(shop, [product(1), product(2)]);
  await sell(shop, [product(1, { url: "http://localhost:8788/ar/things/1", price: "90.00", currency: "AED" })], { market: "gulf" });
  await learned(shop);
  assert.deepEqual([(await face(shop, "p1")).price, (await face(shop, "p1", "gulf")).price], ["21.00 EUR", "90.00 AED"]);
  assert.notDeepEqual((await head(shop)).bytes, (await head(shop, "gulf")).bytes);
  const shown = await ids(shop, "trending", [], "&market=gulf");
  assert.ok(!shown.includes("p2"), "what has no price there is not shown there");
});

/** A page that says what it is about, as its visitor's loader passes it on. */
const page = (shop, n, more = {}) => {
  const { title: name, url, image, price, currency } = product(n);
  const offers = { "@type": "Offer", price, priceCurrency: currency, availability: "https://schema.org/InStock", ...more.offers };
  const ld = { "@context": "https://schema.org", "@type": "Product", sku: `p${n}`, name, url, image, ...more, offers };
  return shop.event("page.viewed", { url, title: name, ld: [JSON.stringify(ld)] });
};

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: what pages say is believed once a second visitor has seen it`, async () => {
    const shop = await open({}, { objects });
    const visit = (event, visitor = uuid()) => shop.send([event], { visitor });
    const visitor = uuid();
    for (let n = 0; n < 3; n++) await visit(page(shop, 7), visitor);
    await shop.advance({ seconds: 5 });
    assertProblem(await shop.admin("GET", "products/p7"), 404);
    await visit(page(shop, 7));
    await until("it is believed", async () => (await shop.admin("GET", "products/p7")).status === 200);
    assert.deepEqual([(await face(shop, "p7")).title, (await face(shop, "p7")).price], ["Thing7", "27.00 EUR"]);
    const soldOut = page(shop, 7, { offers: { availability: "https://schema.org/OutOfStock" } });
    await visit(soldOut, visitor);
    await visit({ ...soldOut, id: uuid() });
    await until("it is sold out", async () => (await face(shop, "p7")).in_stock === false);
    // A page that nobody has seen for a month is gone, most likely.
    await visit(page(shop, 8));
    await visit(page(shop, 8));
    await until("it is believed", async () => (await shop.admin("GET", "products/p8")).status === 200);
    await shop.advance({ days: 20 });
    await visit(page(shop, 8));
    await shop.advance({ days: 20 });
    await learn(shop);
    assert.deepEqual([(await one(shop, "p7")).sold, (await one(shop, "p8")).sold], [false, true]);
    // What the server says counts more than any page.
    await sell(shop, [product(7, { title: "As the server says" })]);
    assert.deepEqual([(await face(shop, "p7")).title, (await face(shop, "p7")).in_stock], ["As the server says", true]);
  });
}

test("what Shopify tells is in the catalogue when it is acknowledged", async () => {
  const shop = await open();
  const server = await new Server(shop, "shopify").connect({ secret: "shpss_of_the_test_00000001" });
  const body = JSON.parse(readFileSync(join(ROOT, "domain/fixtures/catalogue/shopify-hook.json"), "utf8"));
  const said = await server.say(body, { topic: "products/update" });
  assert.deepEqual([said.status, said.json.heard], [202, 1], said.text);
  const known = await one(shop, String(body.id));
  assert.ok(known.said.length > 0);
  assertProblem(await server.say(body, { topic: "products/update", secret: "shpss_of_the_test_00000009" }), 401);
  assert.equal((await server.say({ id: body.id }, { topic: "products/delete" })).status, 202);
  assert.equal((await one(shop, String(body.id))).sold, false);
});

/** A shop's server with a feed: `feed.body` is what it answers with. */
async function feedOf(t, body) {
  const feed = { body, asked: [], status: 200 };
  const server = createServer((request, response) => {
    feed.asked.push({ url: request.url, none: request.headers["if-none-match"] });
    const etag = `"${createHash("sha256").update(feed.body).digest("hex").slice(0, 8)}"`;
    if (feed.status !== 200) {
      response.writeHead(feed.status).end();
    } else if (request.headers["if-none-match"] === etag) {
      response.writeHead(304).end();
    } else {
      response.writeHead(200, { etag, "content-type": "text/tab-separated-values" });
      if (feed.cut) response.write(feed.body.slice(0, feed.cut), () => response.destroy());
      else response.end(feed.body);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  feed.url = `http://127.0.0.1:${server.address().port}/feed.tsv`;
  return feed;
}
const table = (products) =>
  ["id\ttitle\tlink\timage_link\tprice\tavailability", ...products.map(({ id, title, url, image, price }) => [id, title, url, image, `${price} EUR`, "in_stock"].join("\t"))].join("\n") + "\n";

test("a feed is read when it is due, and only where it has changed", async (t) => {
  const feed = await feedOf(t, table([product(1), product(2), product(3)]));
  const shop = await open({ catalogue: { witnesses: 2, image_hosts: [], feeds: [{ url: feed.url, kind: "google", market: "default", every: 600_000 }] } });
  const read = (what, status) =>
    until(what, async () => {
      const [item] = (await shop.admin("GET", "feeds")).json.items;
      return status.test(item.status) && item;
    });
  const first = await read("it is read", /^read$/);
  assert.deepEqual([first.products, first.refused, first.problems], [3, 0, []]);
  assert.equal((await face(shop, "p2")).price, "22.00 EUR");
  const asked = feed.asked.length;
  await shop.advance({ seconds: 300 });
  assert.equal(feed.asked.length, asked, "it is not due");
  await shop.advance({ seconds: 301 });
  await read("it is unchanged", /^unchanged/);
  assert.ok(feed.asked.at(-1).none);
  // It has lost one and has another price.
  feed.body = table([product(1, { price: "5.00" }), product(3)]);
  await shop.advance({ seconds: 601 });
  await read("it is read again", /^read$/);
  assert.deepEqual([(await face(shop, "p1")).price, (await one(shop, "p2")).sold], ["5.00 EUR", false]);
  // It breaks off: what it said counts, and nothing is gone.
  feed.body = table([product(1, { price: "6.00" }), product(2), product(3)]);
  feed.cut = feed.body.length - 40;
  await shop.advance({ seconds: 601 });
  const broken = await read("it has failed", /^failed/);
  assert.ok(broken.next_due - broken.tried < 600_000, "it is tried again earlier");
  assert.equal((await one(shop, "p3")).sold, true);
  feed.cut = undefined;
  await shop.advance({ seconds: 601 });
  await read("it is read in the end", /^read$/);
  assert.equal((await one(shop, "p2")).sold, true);
  const soon = feed.asked.length;
  await shop.admin("POST", "feeds/read", { json: {} });
  await shop.admin("POST", "feeds/read", { json: {} });
  assert.ok(feed.asked.length <= soon + 1, "never oftener than once a minute");
  // A feed that the shop does not name any more says nothing any more.
  await shop.publish(shelvedRelease());
  assert.equal((await one(shop, "p3")).sold, false);
});

test("reports have a copy of the catalogue", async () => {
  const shop = await open();
  await sell(shop, [product(1), product(2)]);
  const rows = async () => {
    const reports = await edge.reports();
    return (await reports.prepare("SELECT id, market, price, currency, in_stock FROM products WHERE shop = ? ORDER BY id").bind(shop.key).all()).results;
  };
  await shop.advance({ seconds: 10 });
  await until("both are there", async () => (await rows()).length === 2);
  assert.deepEqual((await rows())[0], { id: "p1", market: "default", price: 2_100, currency: "EUR", in_stock: 1 });
  await shop.admin("DELETE", "products", { json: { ids: ["p1"] } });
  await shop.advance({ seconds: 10 });
  await until("one is left", async () => (await rows()).length === 1);
});

test("a learner that nobody configured keeps no table", async () => {
  const nobody = { key: "pk_aaaaaaaaaaaaaaaaaaaa" };
  assertProblem(await edge.ask("GET", `/v1/shops/${nobody.key}/shelves/default`), 404, "shop");
  assertProblem(await edge.ask("GET", `/v1/shops/${nobody.key}/packs/0123456789abcdef`), 404, "shop");
  const tables = await edge.inside(nobody, "learner", "SELECT name FROM sqlite_master WHERE type = 'table'");
  assert.deepEqual(tables.map(({ name }) => name).filter((name) => !/^(_cf|__miniflare)/.test(name)), []);
});
