import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { catalogue } from "./catalogue.mjs";
import { serve } from "./server.mjs";
import { words } from "./words.mjs";

const KEY = "pk_0123456789abcdefghij";
const TAG = "window.loaded = true;";
let edge;
let shop;

before(async () => {
  const server = createServer((request, response) => response.end(request.url === "/tag.js" ? TAG : "edge"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  edge = { url: `http://localhost:${server.address().port}`, close: () => server.close() };
  shop = await serve({ port: 0, edge: edge.url, key: KEY });
});
after(async () => {
  await shop.close();
  edge.close();
});

const get = async (path) => {
  const response = await fetch(shop.url + path, { redirect: "manual" });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const linked = (text) => [...text.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/g)].map(([, json]) => JSON.parse(json));
const tags = (text) => [...text.matchAll(/<script async src="([^"]+)" data-shop="([^"]+)"><\/script>/g)].map(([, src, key]) => ({ src, key }));
const ORDER = {
  email: "jonas@shop.example", given_name: "Jonas", family_name: "Brandt", street: "Quay 4", postcode: "24999", city: "Skerry Sound",
  delivery: "post", code: "hello-7kq2m9xd", cart_id: "a-cart",
  cart: JSON.stringify([{ product: "low-tide-suit", colour: "kelp", size: "M", quantity: 1 }, { product: "ferry-mug", colour: "white", quantity: 2 }]),
};
const order = (changes) => fetch(`${shop.url}/checkout`, { method: "POST", body: new URLSearchParams({ ...ORDER, ...changes }), redirect: "manual" });

test("every page carries the tag as a merchant pastes it", async () => {
  for (const path of ["/", "/category/swim", "/product/low-tide-suit", "/cart", "/checkout", "/privacy"]) {
    const page = await get(path);
    assert.equal(page.status, 200, path);
    assert.deepEqual(tags(page.text), [{ src: `${edge.url}/tag.js`, key: KEY }], path);
    assert.ok(page.text.indexOf("tag.js") < page.text.indexOf("</head>"), path);
  }
});

test("a product says what it is in json-ld", async () => {
  const [trail, product] = linked((await get("/product/low-tide-suit")).text);
  assert.equal(trail["@type"], "BreadcrumbList");
  assert.equal(trail.itemListElement.length, 3);
  assert.equal(product["@type"], "ProductGroup");
  assert.equal(product.sku, "low-tide-suit");
  assert.deepEqual([product.offers.price, product.offers.priceCurrency], ["89.00", "EUR"]);
});

test("an order is priced by the shop, not by the browser", async () => {
  const answer = await order({});
  assert.equal(answer.status, 303);
  const page = await get(answer.headers.get("location"));
  const [said] = linked(page.text);
  assert.equal(said["@type"], "Order");
  assert.equal(said.price, "108.90");
  assert.equal(said.discountCode, "HELLO-7KQ2M9XD");
  assert.equal(said.acceptedOffer.length, 2);
});

test("what is missing at the checkout is named at its field", async () => {
  const answer = await order({ email: "jonas", city: " " });
  const text = await answer.text();
  assert.equal(answer.status, 422);
  assert.match(text, /id="email-error"/);
  assert.match(text, /id="city-error"/);
  assert.doesNotMatch(text, /id="street-error"/);
});

test("hostile carts and words are refused or escaped", async () => {
  for (const cart of ["", "{", "[]", '[{"product":"__proto__"}]', JSON.stringify([{ product: "ferry-mug", colour: "white", quantity: -3 }])]) {
    assert.equal((await order({ cart })).status, 422, cart);
  }
  const named = await order({ given_name: '</script><script>alert("x")</script>' });
  assert.doesNotMatch((await get(named.headers.get("location"))).text, /<script>alert/);
  assert.equal((await get("/product/..%2f..%2fserver")).status, 404);
  assert.equal((await get("/pictures/low-tide-suit--nowhere.svg")).status, 404);
  assert.equal((await get("/thank-you?order=SK-1")).status, 404);
});

test("every product has a picture in each of its colours, and pairs that exist", async () => {
  for (const product of catalogue.products) {
    for (const colour of product.colours) {
      const picture = await get(`/pictures/${product.id}--${colour.id}.svg`);
      assert.equal(picture.status, 200, product.id);
      assert.doesNotMatch(picture.text, /var\(|undefined/, `${product.id} ${colour.id}`);
    }
    assert.ok(product.pairs.every((id) => catalogue.product(id)), product.id);
  }
});

test("both languages have the same words, and the switches stay on", async () => {
  assert.deepEqual(Object.keys(words.ar), Object.keys(words.en));
  const page = (await get("/?lang=ar&csp=strict&tag=twice&edge=dead&x=1")).text;
  assert.match(page, /<html lang="ar" dir="rtl">/);
  assert.match(page, /href="\/category\/swim\?lang=ar&amp;csp=strict&amp;tag=twice&amp;edge=dead"/);
  assert.equal(tags(page).length, 2);
  assert.equal(tags((await get("/?tag=none")).text).length, 0);
});

test("a strict page runs nothing inline and no wasm", async () => {
  const strict = await get("/?csp=strict");
  const policy = strict.headers.get("content-security-policy");
  assert.match(policy, new RegExp(`script-src 'self' ${edge.url};`));
  assert.match((await get("/?csp=wasm")).headers.get("content-security-policy"), /'wasm-unsafe-eval'/);
  assert.doesNotMatch(strict.text, / style="| on[a-z]+="|<style/);
});

test("a dead edge still hands out its cached tag, a gone one does not", async () => {
  const [dead] = tags((await get("/?edge=dead")).text);
  assert.equal(await (await fetch(dead.src)).text(), TAG);
  await assert.rejects(fetch(new URL(`/v1/shops/${KEY}/pointer`, dead.src)));
  const [gone] = tags((await get("/?edge=gone")).text);
  await assert.rejects(fetch(gone.src));
});
