import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { catalogue, variants } from "./catalogue.mjs";
import { serve } from "./server.mjs";
import { KEY, ORDER, TAG, listen } from "./testing.mjs";
import { words } from "./words.mjs";

/** Every page that opens without anything having happened, and a word of its title in both languages. */
const PAGES = {
  "/": "tagline", "/category/swim": ["Swim", "السباحة"], "/category/home": ["Back home", "العودة إلى البيت"],
  "/product/low-tide-suit": ["Low Tide swimsuit", "بدلة السباحة «لو تايد»"], "/search": "search", "/search?q=hat": ["Search: hat", "بحث: hat"],
  "/search?q=zzz": ["Search: zzz", "بحث: zzz"], "/cart": "cart_title", "/checkout": "checkout_title", "/account": "login_title", "/returns": "returns", "/privacy": "privacy",
};
let edge;
let shop;

before(async () => {
  edge = await listen();
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
const order = (changes) => fetch(`${shop.url}/checkout`, { method: "POST", body: new URLSearchParams({ ...ORDER, ...changes }), redirect: "manual" });

test("every page carries the tag as a merchant pastes it", async () => {
  for (const path of Object.keys(PAGES)) {
    const page = await get(path);
    assert.equal(page.status, 200, path);
    assert.deepEqual(tags(page.text), [{ src: `${edge.url}/tag.js`, key: KEY }], path);
    assert.ok(page.text.indexOf("tag.js") < page.text.indexOf("</head>"), path);
  }
});

test("every page speaks both languages, has one heading, and leads to all the others", async () => {
  for (const [place, lang] of Object.keys(words).entries()) {
    for (const [path, title] of Object.entries(PAGES)) {
      const { status, text } = await get(path + (lang === "en" ? "" : `${path.includes("?") ? "&" : "?"}lang=${lang}`));
      assert.equal(status, 200, path);
      assert.ok(text.includes(`<title>${Array.isArray(title) ? title[place] : words[lang][title]} · Skerrow</title>`), `${lang} ${path}`);
      assert.equal(text.match(/<h1/g).length, 1, path);
      assert.doesNotMatch(text, /undefined|\[object|NaN/, path);
      for (const to of ["/search", "/account", "/cart", "/returns", "/privacy"]) {
        assert.ok(text.includes(`href="${to}${lang === "en" ? "" : `?lang=${lang}`}"`), `${lang} ${path} to ${to}`);
      }
    }
  }
});

test("a product says what it is in json-ld, each of its variants with price and stock", async () => {
  const [trail, product] = linked((await get("/product/low-tide-suit")).text);
  assert.equal(trail["@type"], "BreadcrumbList");
  assert.equal(trail.itemListElement.length, 3);
  assert.deepEqual([product["@type"], product.sku, product.productGroupID], ["ProductGroup", "low-tide-suit", "low-tide-suit"]);
  assert.deepEqual([product.offers.price, product.offers.priceCurrency, product.offers.availability], ["89.00", "EUR", "https://schema.org/InStock"]);
  assert.equal(product.hasVariant.length, 15);
  const gone = product.hasVariant.filter(({ offers }) => offers.availability.endsWith("OutOfStock"));
  assert.deepEqual(gone.map(({ sku, color, size }) => [sku, color, size]), [["low-tide-suit/ink/XL", "Ink and orange", "XL"], ["low-tide-suit/kelp/XS", "Kelp and yellow", "XS"]]);
  const [, bell] = linked((await get("/product/fog-bell")).text);
  assert.deepEqual([bell["@type"], bell.hasVariant, bell.offers.availability], ["Product", undefined, "https://schema.org/OutOfStock"]);
});

test("what every product says of itself is short enough to be heard, and agrees with what can be bought", async () => {
  for (const product of catalogue.products) {
    const { text } = await get(`/product/${product.id}`);
    const said = linked(text);
    // The loader hears 20,000 characters of a page.
    assert.ok(JSON.stringify(said).length < 15_000, `${product.id}: ${JSON.stringify(said).length}`);
    const there = variants(product).filter((each) => each.there).length;
    const offered = (said[1].hasVariant ?? [said[1]]).filter(({ offers }) => offers.availability.endsWith("InStock"));
    assert.equal(offered.length, there, product.id);
    assert.equal(said[1].offers.availability, `https://schema.org/${there > 0 ? "InStock" : "OutOfStock"}`, product.id);
    assert.equal(/<button class="button big" type="submit" disabled>/.test(text), there === 0, product.id);
  }
});

test("sixty things or more in six categories, and what is sold out says so in a row of products", async () => {
  assert.ok(catalogue.products.length >= 60);
  assert.ok(catalogue.categories.length >= 6);
  assert.equal(new Set(catalogue.products.map(({ id }) => id)).size, catalogue.products.length);
  assert.match((await get("/category/home")).text, /Fog bell(?:(?!<li)[^])*Sold out/);
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
