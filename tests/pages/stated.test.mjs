// What the loader takes out of pages that say something of a product, from real ones in Chromium. What is made of it is
// tested beside `domain::page`, with the table in `domain/fixtures/pages.json`.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";

import { buildSync } from "esbuild";
import { chromium } from "playwright-core";

import { ROOT } from "../harness/folder.mjs";

const SCRIPT = buildSync({
  entryPoints: [join(ROOT, "www/tag/stated.js")],
  bundle: true,
  format: "iife",
  globalName: "tag",
  target: "es2020",
  write: false,
}).outputFiles[0].text;

const browser = await chromium.launch({
  executablePath: process.env.CHROME ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
after(() => browser.close());

/** What is taken out of a page with this inside; `first` since it was loaded. */
async function stated(t, html, first = true) {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: `<!doctype html>${html}` }));
  await page.goto("https://shop.example/p/hat");
  await page.evaluate(SCRIPT + ";window.tag = tag");
  return page.evaluate((first) => window.tag.stated(first), first);
}

const ld = (text) => `<script type="application/ld+json">${text}</script>`;
const META = `<meta property="og:type" content="product"><meta property="og:title" content="Wool hat">
  <meta property="product:price:amount" content="19.90"><meta name="viewport" content="width=device-width">`;
const LAYER = `<script>window.dataLayer = [{ "gtm.start": 1 }];
  function gtag() { dataLayer.push(arguments); }
  dataLayer.push({ event: "view_item_list", ecommerce: { items: [{ item_id: "cap" }] } }, () => {}, "text");
  gtag("event", "view_item", { currency: "EUR", items: [{ item_id: "hat", price: 19.9 }] });
  gtag("event", "add_to_cart", { items: [{ item_id: "hat" }] });</script>`;

test("a page that states its product in JSON-LD says nothing more", async (t) => {
  const product = '{"@type":"Product","sku":"hat"}';
  const way = '{"@type":"BreadcrumbList"}';
  const said = await stated(t, META + LAYER + ld(product) + ld('{"@type":"WebSite"}') + ld(way));
  assert.deepEqual(said, { ld: [product, way] });
});

test("much of it is left out: no more than 20,000 characters in all", async (t) => {
  const order = '{"@type":"Order","orderNumber":"7"}';
  const long = (length) => `{"@type":"Product","name":"${"x".repeat(length)}"}`;
  const said = await stated(t, ld(long(15_000)) + ld(long(9_000)) + ld(order));
  assert.deepEqual(said, { ld: [long(15_000), order] });
});

test("of a page in microdata each property is taken with what it belongs to", async (t) => {
  const said = await stated(
    t,
    `<main itemscope itemtype="https://schema.org/WebPage"><h1 itemprop="name">The page</h1>
      <div itemprop="mainEntity" itemscope itemtype="https://schema.org/Product">
        <h2 itemprop="name"> Wool hat </h2><img itemprop="image" src="/hat.jpg"><meta itemprop="sku" content="hat">
        <p itemprop="brand" itemscope itemtype="https://schema.org/Brand"><b itemprop="name">Acme</b></p>
        <p itemprop="offers" itemscope itemtype="https://schema.org/Offer">
          <span itemprop="price" content="19.90">19,90 €</span><meta itemprop="priceCurrency" content="EUR">
          <link itemprop="availability" href="https://schema.org/InStock"></p>
        <p itemprop="description">${"warm ".repeat(200)}</p>
        <p itemprop="isRelatedTo" itemscope itemtype="https://schema.org/Product"><i itemprop="name">Cap</i></p>
      </div></main>`,
  );
  assert.deepEqual(said.micro, [
    ["mainEntity.name", "Wool hat"],
    ["mainEntity.image", "https://shop.example/hat.jpg"],
    ["mainEntity.sku", "hat"],
    ["brand.name", "Acme"],
    ["offers.price", "19.90"],
    ["offers.priceCurrency", "EUR"],
    ["offers.availability", "https://schema.org/InStock"],
    ["mainEntity.description", "warm ".repeat(200).slice(0, 400)],
    ["isRelatedTo.name", "Cap"],
  ]);
  assert.deepEqual([said.ld, said.meta, said.layer], [[], [], []]);
});

test("Open Graph and the data layer are taken where they are about a product", async (t) => {
  assert.deepEqual(await stated(t, META + LAYER), {
    ld: [],
    micro: [],
    meta: [
      ["og:type", "product"],
      ["og:title", "Wool hat"],
      ["product:price:amount", "19.90"],
    ],
    layer: ['["view_item",{"currency":"EUR","items":[{"item_id":"hat","price":19.9}]}]'],
  });
  const other = '<meta property="og:type" content="article"><meta property="og:title" content="Ten hats">';
  assert.deepEqual(await stated(t, other), { ld: [], micro: [], meta: [], layer: [] });
  const universal = `<script>dataLayer = [{ ecommerce: { detail: { products: [{ id: "hat" }] } } }]</script>`;
  assert.deepEqual((await stated(t, universal)).layer, ['[null,{"detail":{"products":[{"id":"hat"}]}}]']);
});

test("on the later pages of a single-page shop what may be left of an earlier one is not taken", async (t) => {
  assert.deepEqual(await stated(t, META + LAYER, false), { ld: [], micro: [] });
});
