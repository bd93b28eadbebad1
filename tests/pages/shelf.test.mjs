// A shelf on a product's page: with reasons, without what cannot be bought, and never in anybody's way.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";

import { ROOT } from "../harness/folder.mjs";
import { until } from "../harness/until.mjs";
import { SHIFTS, Shelf, beforeShelf, place, published, stocked } from "./shelves.mjs";
import { openWorld } from "./world.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** For people to look at. */
const FOLDER = join(ROOT, "target/pictures");
mkdirSync(FOLDER, { recursive: true });

const world = await openWorld();
after(() => world.close());

const someone = (t, options = {}) => world.visitor(t, { change: published, ...options });

/** What an edge would have been told of shelves. */
const told = async (visitor) => (await visitor.recorded()).filter((type) => type.startsWith("shelf."));

/** Lets a page that was held back hear all that it has to. */
async function quiet(visitor) {
  await visitor.wait(5_000);
  await visitor.heard();
}

test("a product's page shows what goes with it, with a price and a reason, and nothing moves", async (t) => {
  const visitor = await someone(t, { init: SHIFTS });
  const shelf = await beforeShelf(visitor);
  const ids = await shelf.ids();
  assert.equal(ids.length, 5);
  assert.ok(ids.includes("lookout-hat"), ids.join());
  assert.ok(!ids.includes("afterdip-socks"), "what is sold out is not shown");
  assert.ok(!ids.includes("boathouse-robe"), "nor what the page is about");
  await shelf.slot.getByRole("heading", { level: 2, name: "Goes well with" }).waitFor();
  const hat = shelf.item("lookout-hat");
  assert.match(await hat.innerText(), /Lookout hat\s+€34\.00\s+Often taken along with \u2068Boathouse robe\u2069/);
  assert.equal(await hat.locator("img").evaluate((img) => img.complete && img.naturalWidth > 0), true);
  assert.deepEqual(await visitor.page.evaluate(() => window.shifted), []);
  assert.deepEqual(visitor.complaints, []);
  assert.equal(visitor.asked(/\/packs\//).length, 1);
});

test("what lies in the cart goes, and the next one comes into its place", async (t) => {
  const visitor = await someone(t, { init: SHIFTS });
  const shelf = await beforeShelf(visitor);
  const before = await shelf.ids();
  await visitor.say("cart", { items: [{ product: before[1], quantity: 1, price: "34.00" }], currency: "EUR", total: "34.00" });
  await until("it is gone", async () => !(await shelf.ids()).includes(before[1]));
  const now = await shelf.ids();
  assert.deepEqual([now[0], now[2], now.length], [before[0], before[2], 5]);
  assert.ok(!before.includes(now[1]));
  assert.deepEqual(await visitor.page.evaluate(() => window.shifted), []);
});

test("a shelf counts as seen once half of it was to be seen for a second, and only once", async (t) => {
  const visitor = await someone(t);
  await stocked(visitor);
  await visitor.open("/product/boathouse-robe");
  await visitor.say("consent", { device: true });
  const shelf = new Shelf(visitor);
  await visitor.loaded();
  const { y } = await shelf.slot.boundingBox();
  // Near enough to be filled, not to be seen.
  await visitor.page.mouse.wheel(0, y - 800 - 100);
  await shelf.isShown();
  await quiet(visitor);
  assert.deepEqual(await told(visitor), []);
  // From here on time passes only where it is said.
  await visitor.page.clock.pauseAt(await visitor.page.evaluate(() => Date.now() + 1_000));
  await shelf.reach();
  await visitor.page.waitForTimeout(200);
  await visitor.wait(700);
  await visitor.page.evaluate(() => scrollTo(0, 0));
  await visitor.page.waitForTimeout(200);
  await quiet(visitor);
  assert.deepEqual(await told(visitor), [], "too short a look");
  for (let looks = 0; looks < 2; looks++) {
    await shelf.reach();
    await visitor.page.waitForTimeout(200);
    await quiet(visitor);
    await visitor.page.evaluate(() => scrollTo(0, 0));
    await visitor.page.waitForTimeout(200);
  }
  const [seen] = await visitor.records("shelf.shown").then((events) => events);
  assert.equal((await told(visitor)).length, 1);
  const { data } = seen;
  assert.deepEqual([data.shelf, data.version, data.market, data.beside], ["goes-with", "3f9c2b7a10d4e865", "default", "boathouse-robe"]);
  assert.ok(data.products.length >= 3 && (await shelf.ids()).join().startsWith(data.products.join()), data.products.join());
});

test("what would have come under a hand comes when the hand goes", async (t) => {
  const visitor = await someone(t, { init: SHIFTS });
  await stocked(visitor);
  const asked = Promise.withResolvers();
  const answered = Promise.withResolvers();
  await visitor.context.route("**/v1/shops/*/shelves/*", async (route) => {
    asked.resolve();
    await answered.promise;
    await route.fallback();
  });
  await visitor.open("/product/boathouse-robe");
  await visitor.loaded();
  const shelf = new Shelf(visitor);
  await shelf.slot.evaluate((slot) => scrollTo(0, scrollY + slot.getBoundingClientRect().top - 200));
  await visitor.page.mouse.move(640, 500);
  await asked.promise;
  const file = visitor.page.waitForResponse("**/packs/*");
  answered.resolve();
  await (await file).finished();
  await visitor.page.waitForTimeout(500); // nothing tells that it was refused
  assert.equal(await shelf.items.count(), 0);
  await visitor.page.mouse.move(2, 2);
  await shelf.isShown();
  assert.deepEqual(await visitor.page.evaluate(() => window.shifted), []);
});

test("whoever follows a product is not kept waiting, and it is told with its place and reason", async (t) => {
  const visitor = await someone(t);
  const shelf = await beforeShelf(visitor);
  await visitor.say("consent", { device: true });
  const id = (await shelf.ids())[1];
  await shelf.item(id).locator("a").click();
  await visitor.page.waitForURL(`**/product/${id}`);
  await visitor.loaded();
  const [clicked] = await visitor.records("shelf.clicked");
  assert.deepEqual([clicked.data.product, clicked.data.place, clicked.data.why], [{ id }, 2, "bought-with"]);
});

test("what is not for somebody goes, by keyboard too, and stays away", async (t) => {
  const visitor = await someone(t, { init: SHIFTS });
  const shelf = await beforeShelf(visitor);
  await visitor.say("consent", { device: true });
  const before = await shelf.ids();
  const no = shelf.item(before[0]).getByRole("button", { name: /^Not for me: / });
  await no.focus();
  await visitor.page.keyboard.press("Enter");
  const now = await shelf.ids();
  assert.deepEqual([now.length, now[1], now.includes(before[0])], [5, before[1], false]);
  const focused = await shelf.items.first().evaluate((item) => item.contains(item.getRootNode().activeElement));
  assert.equal(focused, true, "the focus is on what stands there now");
  assert.equal(await shelf.slot.getByRole("status").textContent(), "Gone. You will not see it here again.");
  assert.deepEqual(await visitor.page.evaluate(() => window.shifted), []);
  const [dismissed] = await visitor.records("shelf.dismissed");
  assert.deepEqual([dismissed.data.product, dismissed.data.place], [{ id: before[0] }, 1]);
  await visitor.go("/product/boathouse-robe");
  await visitor.loaded();
  await shelf.reach();
  await shelf.isShown();
  assert.ok(!(await shelf.ids()).includes(before[0]));
  // Taken off one after the other, the last one leaves the heading.
  for (let left = await shelf.items.count(); left > 0; left = await shelf.items.count()) await shelf.items.first().locator(".no").click({ force: true });
  assert.equal(await visitor.focused(), "title");
});

test("whoever is held out sees the shop's own, and it is told that a shelf would have been seen", async (t) => {
  const visitor = await someone(t, { init: place("held") });
  await stocked(visitor);
  await visitor.open("/product/boathouse-robe");
  await visitor.say("consent", { device: true });
  await visitor.loaded();
  const shelf = new Shelf(visitor);
  await shelf.reach();
  const [held] = await visitor.records("shelf.held");
  assert.deepEqual([held.data.shelf, held.data.beside, held.data.products.length], ["held", "boathouse-robe", 6]);
  assert.equal(await shelf.isLeftAlone(), true);
  assert.deepEqual(await told(visitor), ["shelf.held"]);
});

test("without permission nobody is held out, nothing leaves the page and nothing is kept", async (t) => {
  const visitor = await someone(t, { init: place("held") });
  await beforeShelf(visitor);
  await quiet(visitor);
  const kept = await visitor.device();
  assert.deepEqual([kept.cookies, kept.session, kept.caches, kept.databases], [[], [], [], []]);
  assert.deepEqual(kept.local, []);
  assert.deepEqual(visitor.requests.filter(({ method }) => method === "POST"), []);
  const asked = visitor.requests.filter(({ url }) => url.startsWith(world.edge.url)).map(({ url }) => url);
  assert.deepEqual(asked.filter((url) => /robe|hat|\?/.test(url)), [], "no address says what is looked at");
});

test("with permission the next page fetches no file again, and a withdrawal removes them", async (t) => {
  const visitor = await someone(t);
  const shelf = await beforeShelf(visitor);
  await visitor.say("consent", { device: true });
  await visitor.go("/product/lookout-hat");
  await visitor.loaded();
  await shelf.reach();
  await shelf.isShown();
  const fetched = visitor.asked(/\/packs\//).length;
  await visitor.go("/product/ferry-mug");
  await visitor.loaded();
  await shelf.reach();
  await shelf.isShown();
  assert.equal(visitor.asked(/\/packs\//).length, fetched);
  assert.deepEqual((await visitor.device()).caches, [`rapport:${visitor.shop.key}`]);
  assert.equal((await visitor.kept()).seen.length, 3);
  await visitor.say("consent", { device: false });
  await until("files are gone", async () => (await visitor.device()).caches.length === 0);
  assert.deepEqual((await visitor.device()).local, []);
});

test("what was looked at stands on a shelf of its own, with permission only", async (t) => {
  for (const allowed of [true, false]) {
    const visitor = await someone(t, { init: place("seen") });
    await stocked(visitor);
    await visitor.open("/product/lookout-hat");
    if (allowed) await visitor.say("consent", { device: true });
    for (const id of ["ferry-mug", "flood-dry-bag"]) {
      await visitor.go(`/product/${id}`);
      await visitor.loaded();
    }
    const shelf = new Shelf(visitor);
    await shelf.reach();
    if (!allowed) {
      await quiet(visitor);
      assert.equal(await shelf.isLeftAlone(), true);
      continue;
    }
    await shelf.isShown();
    assert.deepEqual(await shelf.ids(), ["ferry-mug", "lookout-hat"]);
    assert.match(await shelf.items.first().innerText(), /You have looked at it/);
  }
});

for (const [what, break_] of Object.entries({
  "the edge is dead": async (visitor) => visitor.context.route(/\/(packs|shelves)\//, (route) => route.abort()),
  "the wasm cannot be had": async (visitor) => visitor.context.route(/\/w\/.*shelf_bg\.wasm$/, (route) => route.abort()),
  "its script cannot be had": async (visitor) => visitor.context.route(/\/w\/.*shelf\.js$/, (route) => route.abort()),
  "a file is not what its name says": (visitor) => stocked(visitor, { packs: (bytes) => Buffer.concat([bytes, Buffer.from("x")]) }),
  "a head is nonsense": (visitor) => visitor.context.route(/\/shelves\//, (route) => route.fulfill({ body: "nonsense", headers: { "access-control-allow-origin": "*" } })),
  "there is too little to show": (visitor) => visitor.context.addInitScript(place("plenty")),
  "the shop has no such shelf": (visitor) => visitor.context.addInitScript(place("nonsense")),
}))
  test(`the shop's own stays where it is when ${what}`, async (t) => {
    const visitor = await someone(t, { init: SHIFTS });
    await stocked(visitor);
    await break_(visitor);
    await visitor.open("/product/boathouse-robe");
    await visitor.loaded();
    const shelf = new Shelf(visitor);
    await shelf.reach();
    await visitor.page.waitForTimeout(500);
    await quiet(visitor);
    assert.equal(await shelf.isLeftAlone(), true);
    assert.deepEqual(visitor.errors(), []);
    assert.deepEqual(await visitor.page.evaluate(() => window.shifted), []);
  });

test("under a strict policy without WebAssembly the shop's own stays, with it the shelf comes", async (t) => {
  for (const [csp, comes] of [["strict", false], ["wasm", true]]) {
    const visitor = await someone(t);
    await stocked(visitor);
    await visitor.open(`/product/boathouse-robe?csp=${csp}`);
    await visitor.loaded();
    const shelf = new Shelf(visitor);
    await shelf.reach();
    if (comes) await shelf.isShown();
    else await visitor.page.waitForTimeout(500);
    assert.equal(await shelf.items.count() > 0, comes, csp);
    assert.deepEqual(visitor.errors(), []);
  }
});

test("a place without a height of its own is filled only where nobody sees it grow", async (t) => {
  const low = `${SHIFTS}; addEventListener("DOMContentLoaded", () => {
    const slot = document.querySelector("[data-rapport-shelf]");
    slot.replaceChildren();
    slot.className = "";
  })`;
  const above = `${low}; addEventListener("DOMContentLoaded", () => document.querySelector("main").prepend(document.querySelector("[data-rapport-shelf]")))`;
  const visitor = await someone(t, { init: low });
  await stocked(visitor);
  await visitor.open("/product/boathouse-robe");
  await visitor.loaded();
  const shelf = new Shelf(visitor);
  await visitor.page.mouse.wheel(0, (await shelf.slot.boundingBox()).y - 720 - 150);
  await shelf.isShown();
  await shelf.reach();
  assert.equal(await shelf.items.count(), 5);
  assert.ok((await shelf.slot.boundingBox()).height > 250);
  assert.deepEqual(await visitor.page.evaluate(() => window.shifted), []);
  const second = await someone(t, { init: above });
  await stocked(second);
  await second.open("/product/boathouse-robe");
  await second.loaded();
  await second.page.waitForTimeout(500);
  assert.equal(await new Shelf(second).items.count(), 0);
  // Once it is out of sight and comes near again it is there.
  await second.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await second.page.waitForTimeout(300);
  await second.page.evaluate(() => scrollTo(0, 250));
  await new Shelf(second).isShown();
  assert.deepEqual(await second.page.evaluate(() => window.shifted), []);
});

const SIZES = {
  "at a desk": { viewport: { width: 1280, height: 800 } },
  "on a phone": PHONE,
  "on a small phone": { ...PHONE, viewport: { width: 320, height: 568 } },
  "in Arabic": { viewport: { width: 1280, height: 800 }, path: "/product/boathouse-robe?lang=ar" },
  "in Arabic on a phone": { ...PHONE, path: "/product/boathouse-robe?lang=ar" },
  "with forced colours": { forcedColors: "active" },
  "with the letters twice as large": { init: `addEventListener("DOMContentLoaded", () => (document.documentElement.style.fontSize = "200%"))` },
  "with names that are too long and pictures that are missing": { init: place("trending"), path: "/product/ferry-mug" },
  "on a phone with names that are too long": { ...PHONE, init: place("trending"), path: "/product/ferry-mug" },
};

for (const [how, { path = "/product/boathouse-robe", init = "", ...context }] of Object.entries(SIZES)) {
  test(`a shelf is accessible and fits, ${how}`, async (t) => {
    const visitor = await someone(t, { context, init: `${SHIFTS};${init}` });
    const shelf = await beforeShelf(visitor, path);
    const { page } = visitor;
    await page.evaluate(AXE);
    const violations = await page.evaluate(async () => {
      const found = await window.axe.run("[data-rapport-shelf]", { resultTypes: ["violations"] });
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => target.flat().join(" ") + failureSummary).join("; ")}`);
    });
    assert.deepEqual(violations, []);
    const wrong = await shelf.box.evaluate((box) => {
      const { left, right, top, bottom } = box.getBoundingClientRect();
      const found = [];
      if (document.documentElement.scrollWidth > innerWidth + 1) found.push("the page scrolls sideways");
      for (const each of box.querySelectorAll("h2,.title,.price,.reason,.no,img")) {
        const inside = each.getBoundingClientRect();
        if (inside.top < top - 1 || inside.bottom > bottom + 1) found.push(`${each.className || each.localName} leaves the shelf: ${inside.top} ${inside.bottom} of ${top} ${bottom}`);
        if (each.closest("li") && inside.width > each.closest("li").getBoundingClientRect().width + 1) found.push(`${each.className} is too wide`);
      }
      const pictures = [...box.querySelectorAll(".pic")].map((each) => Math.round(each.getBoundingClientRect().height));
      if (Math.min(...pictures) < 60) found.push(`pictures are ${pictures} high`);
      if (right - left < 100) found.push("it has no width");
      return found;
    });
    assert.deepEqual(wrong, []);
    assert.deepEqual(await page.evaluate(() => window.shifted), []);
    assert.deepEqual(visitor.errors(), []);
  });
}

test("a row with more than fits goes on by its buttons, in either direction", async (t) => {
  for (const path of ["/product/boathouse-robe", "/product/boathouse-robe?lang=ar"]) {
    const visitor = await someone(t, { clock: false });
    const shelf = await beforeShelf(visitor, path);
    const [back, forth] = [-1, 1].map((way) => shelf.slot.locator(`[data-way="${way}"]`));
    const last = shelf.items.last();
    const seen = (item) => item.evaluate((each) => {
      const [one, row] = [each, each.parentElement].map((part) => part.getBoundingClientRect());
      return one.left >= row.left - 1 && one.right <= row.right + 1;
    });
    assert.equal(await seen(last), false);
    assert.equal(await back.getAttribute("aria-disabled"), "true");
    for (let presses = 0; presses < 4 && !(await seen(last)); presses++) {
      await forth.click();
      await visitor.page.waitForTimeout(700);
    }
    assert.equal(await seen(last), true, path);
    await until("there is no more", async () => (await forth.getAttribute("aria-disabled")) === "true");
    await back.click();
    await visitor.page.waitForTimeout(700);
    assert.equal(await back.getAttribute("aria-disabled") === "true" || !(await seen(last)), true);
  }
});

const PICTURES = {
  "desk-shelf": { viewport: { width: 1280, height: 800 } },
  "phone-shelf": PHONE,
  "small-phone-shelf": { ...PHONE, viewport: { width: 320, height: 568 } },
  "arabic-shelf": { viewport: { width: 1280, height: 800 }, path: "/product/boathouse-robe?lang=ar" },
  "arabic-phone-shelf": { ...PHONE, path: "/product/boathouse-robe?lang=ar" },
  "desk-shelf-long-names": { viewport: { width: 1280, height: 800 }, init: place("trending"), path: "/product/ferry-mug" },
  "phone-shelf-long-names": { ...PHONE, init: place("trending"), path: "/product/ferry-mug" },
  "forced-shelf": { viewport: { width: 1280, height: 800 }, forcedColors: "active" },
};

for (const [name, { path = "/product/boathouse-robe", init, ...context }] of Object.entries(PICTURES)) {
  test(`a picture of it: ${name}`, async (t) => {
    const visitor = await someone(t, { context, init });
    const shelf = await beforeShelf(visitor, path);
    const { page } = visitor;
    await page.waitForLoadState("networkidle");
    const taken = await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: "disabled" });
    assert.ok(taken.length > 8_000, `${name} is blank`);
    if (name === "desk-shelf-long-names") {
      await shelf.slot.locator('[data-way="1"]').click();
      await page.waitForTimeout(700);
      await shelf.items.nth(4).hover();
      await page.screenshot({ path: join(FOLDER, `${name}-further-on.png`), animations: "disabled" });
    }
  });
}
