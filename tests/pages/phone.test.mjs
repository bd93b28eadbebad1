// On a phone: a sheet, a banner for those who come from a search engine, and exits that phones have.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { emailAddress } from "../harness/ids.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const SEARCH = { referer: "https://www.google.com/" };
/** Only an exit shows the popup. */
const onlyExit = (file) => { file.plan[0].on = [["exit"]]; };

test("the popup fits the width, is read from its heading, and the keyboard does not jump up", async (t) => {
  const visitor = await world.visitor(t, { context: PHONE });
  const popup = await visitor.meet();
  await popup.rests();
  const box = await popup.dialog.boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y >= 0 && box.y + box.height <= 844, JSON.stringify(box));
  assert.equal(await visitor.focused(), "rp-hello-title");
  assert.equal(await popup.dialog.evaluate((dialog) => dialog.matches(":modal")), true);
  for (const target of [popup.go, popup.email, popup.form.locator(".rp-close")]) {
    const { width, height } = await target.boundingBox();
    assert.ok(width >= 24 && height >= 24, "it is large enough for a thumb (WCAG 2.5.8)");
  }
});

test("from a search engine it is a small banner that covers nothing and takes no focus", async (t) => {
  const visitor = await world.visitor(t, { context: PHONE });
  const popup = await visitor.meet("/", SEARCH);
  assert.equal(await popup.dialog.getAttribute("class"), "rp rp-banner");
  assert.equal(await popup.dialog.evaluate((dialog) => dialog.matches(":modal")), false);
  assert.equal(await visitor.page.evaluate(() => document.activeElement.localName), "body");
  const box = await popup.dialog.boundingBox();
  assert.ok(box.height < 844 / 3, `it is ${box.height} px high`);
  const link = visitor.page.locator("a.button").first();
  await link.scrollIntoViewIfNeeded();
  await link.tap();
  await visitor.page.waitForURL(/category/);
});

test("the tab does not lie on the banner, nor on the popup", async (t) => {
  for (const options of [SEARCH, {}]) {
    const visitor = await world.visitor(t, { context: PHONE });
    const popup = await visitor.meet("/", options);
    assert.equal(await popup.tab.isVisible(), false, "there is nothing to open while it is open");
    await popup.form.locator(".rp-close").tap();
    await popup.tab.waitFor();
  }
});

test("the banner can be closed, and answered", async (t) => {
  const visitor = await world.visitor(t, { context: PHONE });
  const popup = await visitor.meet("/", SEARCH);
  await popup.form.locator(".rp-close").tap();
  await popup.isGone();
  await popup.tab.tap();
  await popup.isShown();
  await popup.answer(emailAddress());
  assert.deepEqual(visitor.errors(), []);
});

test("from a search engine at a desk it is the popup", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet("/", SEARCH);
  assert.equal(await popup.dialog.getAttribute("class"), "rp rp-popup");
});

test("a fling upwards is an exit, slow reading upwards is none", async (t) => {
  const visitor = await world.visitor(t, { context: PHONE, change: onlyExit, clock: false });
  await visitor.open("/category/swim");
  await visitor.loaded();
  const scroll = (from, to, pixels) => visitor.page.evaluate(async ([from, to, pixels]) => {
    const step = from < to ? pixels : -pixels;
    for (let y = from; step > 0 ? y < to : y > to; y += step) {
      scrollTo(0, y);
      await new Promise(requestAnimationFrame);
    }
  }, [from, to, pixels]);
  await scroll(0, 1_200, 60);
  await scroll(1_200, 900, 4);
  assert.equal(await visitor.popup.open(), 0);
  await scroll(900, 1_400, 60);
  await scroll(1_400, 100, 130);
  await visitor.popup.isShown();
});

test("a tab that was left for a while and come back to is an exit", async (t) => {
  const visitor = await world.visitor(t, { context: PHONE, change: onlyExit });
  await visitor.open();
  await visitor.loaded();
  const hide = (hidden) => visitor.page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await hide(true);
  await hide(false);
  assert.equal(await visitor.popup.open(), 0, "a glance elsewhere is none");
  // What the loader compares are the events' own times, which no clock of a test moves.
  await visitor.page.evaluate(() => {
    const real = Object.getOwnPropertyDescriptor(Event.prototype, "timeStamp").get;
    Object.defineProperty(Event.prototype, "timeStamp", { get() { return real.call(this) + (document.hidden ? 0 : 6_000); } });
  });
  await hide(true);
  await hide(false);
  await visitor.popup.isShown();
});

test("at a desk the pointer that leaves through the top is an exit", async (t) => {
  const visitor = await world.visitor(t, { change: onlyExit });
  await visitor.open();
  await visitor.loaded();
  const leave = (selector, at) => visitor.page.evaluate(([selector, at]) => {
    document.querySelector(selector).dispatchEvent(new MouseEvent("mouseout", { bubbles: true, clientX: 50, clientY: -1, ...at }));
  }, [selector, at]);
  await leave("body", { clientY: 300 });
  await leave("body", { clientX: 5_000 });
  assert.equal(await visitor.popup.open(), 0);
  await leave("body");
  await visitor.popup.isShown();
});

test("scrolling through half of the page shows it", async (t) => {
  const visitor = await world.visitor(t, { context: PHONE, change: (file) => { file.plan[0].on = [["scroll", 50]]; }, clock: false });
  await visitor.open();
  await visitor.loaded();
  const to = (share) => visitor.page.evaluate((share) => scrollTo(0, share * (document.documentElement.scrollHeight - innerHeight)), share);
  await to(0.3);
  await visitor.heard();
  assert.equal(await visitor.popup.open(), 0);
  await to(0.6);
  await visitor.popup.isShown();
});

test("the back button goes back", async (t) => {
  const visitor = await world.visitor(t, { context: PHONE });
  await visitor.open("/privacy");
  const { length } = await visitor.page.evaluate(() => ({ length: history.length }));
  await visitor.go("/");
  await visitor.wait(2_000);
  await visitor.popup.isShown();
  await visitor.popup.close();
  assert.equal(await visitor.page.evaluate(() => history.length), length + 1, "nothing was put into the history");
  await visitor.page.goBack({ waitUntil: "commit" });
  assert.match(visitor.page.url(), /\/privacy$/);
});

test("a shop's own button shows it, whatever was closed before", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet();
  await popup.close();
  await visitor.go("/privacy");
  await visitor.loaded();
  await visitor.say("show", "hello");
  await visitor.popup.isShown();
});
