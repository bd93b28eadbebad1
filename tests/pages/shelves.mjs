// A shop whose shelves were published and learned, without an edge that learns: the files of `domain/fixtures/shelf`.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { catalogue, pictureOf } from "../../www/demo/catalogue.mjs";
import { ROOT } from "../harness/folder.mjs";
import { until } from "../harness/until.mjs";

const fixture = (name) => readFileSync(join(ROOT, "domain/fixtures/shelf", `${name}.bin`));
const nameOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

/** A plan in which there are shelves and nothing else comes up. */
export const published = (file) => {
  file.shelves = `brain-${file.lang}`;
  file.plan = [];
};

/** Lets a visitor's browser be answered what an edge would answer that has learned. `packs` changes what files hold. */
export async function stocked(visitor, { packs = (bytes) => bytes } = {}) {
  const answer = (bytes) => ({ status: bytes ? 200 : 404, body: bytes ?? "", headers: { "access-control-allow-origin": "*" } });
  const files = Object.fromEntries(["default", "arabic"].map((market) => [nameOf(fixture(`file-${market}`)), fixture(`file-${market}`)]));
  const last = (route) => route.request().url().split("/").at(-1);
  await visitor.context.route("**/v1/shops/*/files/brain-*", (route) => route.fulfill(answer(fixture(last(route)))));
  await visitor.context.route("**/v1/shops/*/shelves/*", (route) => route.fulfill(answer(fixture(`head-${last(route)}`))));
  await visitor.context.route("**/v1/shops/*/packs/*", (route) => route.fulfill(answer(files[last(route)] && packs(files[last(route)]))));
  return visitor;
}

/** The demo shop's products, as its server says them. */
export const demoProducts = (shop) =>
  catalogue.products.map((product) => ({
    id: product.id,
    title: product.name.en,
    url: `${shop.origin}/product/${product.id}`,
    image: shop.origin + pictureOf(product),
    price: product.price,
    currency: "EUR",
    in_stock: true,
    categories: [catalogue.category(product.category).name.en],
  }));

/** Puts another shelf into the product page's place, before the loader looks. */
export const place = (name) => `addEventListener("DOMContentLoaded", () => {
  const slot = document.querySelector("[data-rapport-shelf]");
  if (slot) slot.dataset.rapportShelf = ${JSON.stringify(name)};
})`;

/** Notes how far anything moves by itself. */
export const SHIFTS = `window.shifted = []; new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) if (!hadRecentInput) shifted.push([value, sources.map(({ node }) => node?.className || node?.localName)]);
}).observe({ type: "layout-shift", buffered: true })`;

/** A shelf as somebody sees it. */
export class Shelf {
  constructor(visitor) {
    this.visitor = visitor;
    this.page = visitor.page;
    this.slot = this.page.locator("[data-rapport-shelf]");
    this.box = this.slot.locator(".box");
    this.items = this.slot.locator("li[data-id]");
  }

  /** Goes to where it is. */
  async reach() {
    await this.slot.evaluate((slot) => slot.scrollIntoView({ block: "center", behavior: "instant" }));
  }

  async isShown() {
    await until("the shelf is shown", async () => {
      // No faster than time itself: an answer that is slow to come must not seem to be late.
      await this.visitor.page.clock.runFor(25).catch(() => {});
      return (await this.items.count()) > 0;
    });
  }

  /** The products on it, by id. */
  ids() {
    return this.items.evaluateAll((items) => items.map(({ dataset }) => dataset.id));
  }

  item(id) {
    return this.slot.locator(`li[data-id="${id}"]`);
  }

  /** The shop's own things are to be seen in its place. */
  async isLeftAlone() {
    await this.slot.locator("h2", { hasText: /^(Goes well with|يتناسق مع|.+)$/ }).first().waitFor();
    return (await this.items.count()) === 0 && (await this.slot.locator("ul.cards li").first().isVisible());
  }
}

/** Somebody on a product's page with the shelf in front of them. */
export async function beforeShelf(visitor, path = "/product/boathouse-robe") {
  await stocked(visitor);
  await visitor.open(path);
  const shelf = new Shelf(visitor);
  await visitor.loaded();
  // What moves while the page itself is laid out is its own business.
  await visitor.page.evaluate(async () => {
    await document.fonts.ready;
    if (window.shifted) window.shifted.length = 0;
  });
  await shelf.reach();
  await shelf.isShown();
  return shelf;
}
