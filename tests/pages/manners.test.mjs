// We are guests on somebody else's page: nothing kept or sent without consent, nothing in the way, nothing broken.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { emailAddress } from "../harness/ids.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

const NOTHING = { cookies: [], local: [], session: [], databases: [], caches: [], workers: 0 };

test("before consent nothing is kept and nothing is sent", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet("/product/lookout-hat");
  await visitor.page.keyboard.type("somebody@example.org");
  await popup.isLive();
  await visitor.say("track", { type: "wishlist" });
  await visitor.nothingMore();
  assert.deepEqual(await visitor.device(), NOTHING);
  assert.deepEqual(visitor.asked(/^POST|beacon|events/), []);
  assert.ok(visitor.requests.every(({ url }) => !url.includes("somebody")));
});

test("a closed popup leaves a campaign and a date, and sends nothing", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet();
  await popup.close();
  await visitor.nothingMore();
  assert.deepEqual(await visitor.device(), { ...NOTHING, local: [`rapport:${visitor.shop.key}`] });
  const kept = await visitor.kept();
  assert.deepEqual(Object.keys(kept), ["closed"]);
  assert.deepEqual(Object.keys(kept.closed), ["hello"]);
  assert.match(kept.closed.hello, /^\d{4}-\d\d-\d\d$/);
  assert.deepEqual(visitor.asked(/^POST/), []);
});

test("an answer without permission for the device sends the form and keeps no identifier", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet();
  await popup.answer(emailAddress(), "email.marketing");
  await visitor.nothingMore();
  assert.deepEqual(visitor.asked(/^POST/), ["POST /v1/forms/hello"]);
  const [form] = visitor.forms();
  assert.equal(form.get("visitor") ?? "", "");
  assert.deepEqual(form.getAll("allow"), ["email.marketing"]);
  assert.equal(form.get("website") ?? "", "");
  assert.deepEqual(Object.keys(await visitor.kept()), ["closed"]);
  assert.deepEqual((await visitor.device()).cookies, []);
});

test("after permission there is still no cookie of ours, and one key of storage", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.open("/privacy");
  await visitor.page.locator("[data-device=yes]").click();
  await visitor.records("page.viewed");
  // The shop itself notes that it need not ask again.
  assert.deepEqual(await visitor.device(), { ...NOTHING, cookies: ["skerrow-device"], local: [`rapport:${visitor.shop.key}`] });
});

test("withdrawing permission removes everything but the closed wish, and is told to the edge", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet();
  await popup.close();
  await visitor.say("consent", { device: true });
  await visitor.records("page.viewed");
  const { id } = await visitor.kept();
  await visitor.say("consent", { device: false });
  assert.deepEqual(Object.keys(await visitor.kept()), ["closed"]);
  const told = await visitor.records("consent.changed", 2);
  assert.equal(told.at(-1).data.given, false);
  const before = visitor.asked(/events/).length;
  await visitor.say("track", { type: "afterwards" });
  await visitor.nothingMore();
  assert.equal(visitor.asked(/events/).length, before);
  await visitor.say("consent", { device: true });
  assert.notEqual((await visitor.kept()).id, id, "a new permission begins with a new identifier");
});

test("withdrawing in one tab is heard in the other", async (t) => {
  const visitor = await world.visitor(t);
  const one = await visitor.open();
  await visitor.say("consent", { device: true });
  const two = await visitor.open();
  await visitor.records("page.viewed", 2);
  await one.evaluate(() => window.rapport.push(["consent", { device: false }]));
  // Another tab may be another process, to which a browser carries what was written when it gets round to it.
  await two.waitForFunction((key) => !JSON.parse(localStorage.getItem(key))?.id, `rapport:${visitor.shop.key}`);
  const before = visitor.asked(/events/).length;
  await two.evaluate(() => window.rapport.push(["track", { type: "afterwards" }]));
  await visitor.nothingMore();
  const later = visitor.requests.filter(({ url }) => url.includes("/v1/events")).slice(before);
  assert.ok(later.every(({ body }) => !body.includes("afterwards")));
  assert.equal((await visitor.kept())?.id, undefined);
});

test("withdrawing in one tab holds against the other, which writes at that moment", async (t) => {
  const visitor = await world.visitor(t);
  const tabs = [await visitor.open(), await visitor.open()];
  await visitor.say("consent", { device: true });
  await visitor.records("page.viewed", 2);
  const says = (tab, command) => tab.evaluate((command) => window.rapport.push(command), command);
  await Promise.all([says(tabs[0], ["consent", { device: false }]), says(tabs[1], ["track", { type: "meanwhile" }])]);
  await visitor.nothingMore();
  assert.equal((await visitor.kept())?.id, undefined);
  const before = visitor.asked(/events/).length;
  for (const tab of tabs) await says(tab, ["track", { type: "afterwards" }]);
  await visitor.nothingMore();
  assert.equal(visitor.asked(/events/).length, before);
});

test("where a shop need not ask, Global Privacy Control makes us ask", async (t) => {
  const shop = await world.shop(t, { change: (file) => { file.consent = "free"; } });
  const init = () => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true });
  const visitor = await world.visitor(t, { shop, init });
  await visitor.open();
  await visitor.nothingMore();
  assert.deepEqual(await visitor.device(), NOTHING);
  assert.deepEqual(visitor.asked(/^POST/), []);
  const other = await world.visitor(t, { shop });
  await other.open();
  await other.records("page.viewed");
});

test("a page where nothing is to be shown fetches the loader, the pointer and the language file", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.open("/privacy");
  await visitor.nothingMore();
  assert.deepEqual(
    visitor.asked().map((line) => line.replace(/[0-9a-f]{16}/, "HASH")),
    ["GET /tag.js", `GET /v1/shops/${visitor.shop.key}/pointer`, `GET /v1/shops/${visitor.shop.key}/files/HASH`],
  );
  assert.equal(await visitor.page.locator("#rapport").count(), 0);
  assert.deepEqual(await visitor.device(), NOTHING);
});

test("the kill switch stops the popup and nothing else", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.shop.switches({ campaigns: false });
  await visitor.open();
  await visitor.nothingMore();
  assert.equal(await visitor.page.locator("#rapport").count(), 0);
  await visitor.say("consent", { device: true });
  await visitor.records("page.viewed");
  assert.deepEqual(visitor.complaints, []);
});

test("a tag that is pasted twice does everything once", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.meet("/?tag=twice");
  await visitor.say("consent", { device: true });
  await visitor.records("campaign.shown");
  await visitor.nothingMore();
  assert.deepEqual((await visitor.recorded()).sort(), ["campaign.shown", "consent.changed", "page.viewed"]);
  assert.equal(visitor.asked(/pointer/).length, 1);
  assert.equal(await visitor.page.locator("#rapport").count(), 1);
  assert.deepEqual(visitor.complaints, []);
});

const BLOCKED = {
  blocked: () => Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } }),
  full: () => { Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }; },
};
for (const [how, init] of Object.entries(BLOCKED)) {
  test(`where storage is ${how} the memory of the page does`, async (t) => {
    const visitor = await world.visitor(t, { init });
    const popup = await visitor.meet();
    await visitor.say("consent", { device: true });
    await popup.close();
    await visitor.records("campaign.closed");
    const before = visitor.asked(/events/).length;
    await visitor.nothingMore();
    assert.ok(visitor.asked(/events/).length - before <= 1, "it does not send in a loop");
    assert.deepEqual(visitor.complaints, []);
  });
}

test("storage that holds nonsense is no obstacle", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.context.addInitScript((key) => location.protocol === "http:" && localStorage.setItem(key, "{{{"), `rapport:${visitor.shop.key}`);
  await visitor.meet();
  assert.deepEqual(visitor.complaints, []);
});

test("nothing is global but `rapport`", async (t) => {
  const shop = await world.shop(t);
  const names = async (path) => {
    const visitor = await world.visitor(t, { shop, clock: false });
    await visitor.open(path);
    if (!path.includes("none")) {
      await visitor.popup.isShown();
      await visitor.page.keyboard.type("anna");
      await visitor.popup.isLive();
    }
    return visitor.page.evaluate(() => Object.getOwnPropertyNames(window));
  };
  const without = new Set(await names("/?tag=none"));
  assert.deepEqual((await names("/")).filter((name) => !without.has(name)), ["rapport"]);
});

test("what is typed does not press the shop's shortcuts", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.open();
  await visitor.page.evaluate(() => {
    window.heard = [];
    for (const type of ["keydown", "keypress", "keyup"]) document.addEventListener(type, ({ key }) => window.heard.push(key));
  });
  await visitor.wait(2_000);
  await visitor.popup.isShown();
  await visitor.page.keyboard.type("as");
  await visitor.popup.isLive();
  await visitor.page.keyboard.type("df");
  assert.equal(await visitor.popup.email.inputValue(), "asdf");
  assert.deepEqual(await visitor.page.evaluate(() => window.heard), []);
});

test("nothing on the page shifts, scrolls or stalls when the popup comes and goes", async (t) => {
  const init = () => {
    window.shifts = [];
    window.stalls = [];
    new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value, startTime }) => [startTime, value])))
      .observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => window.stalls.push(...list.getEntries().map(({ startTime, duration }) => [startTime, duration])))
      .observe({ type: "longtask", buffered: true });
  };
  const visitor = await world.visitor(t, { init, clock: false });
  await visitor.open("/category/swim");
  await visitor.page.evaluate(() => scrollTo(0, 120));
  const begun = await visitor.page.evaluate(() => performance.now());
  await visitor.popup.isShown();
  assert.equal(await visitor.page.evaluate(() => scrollY), 120);
  await visitor.popup.close();
  const { shifts, stalls, y } = await visitor.page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return { shifts: window.shifts, stalls: window.stalls, y: scrollY };
  });
  assert.equal(y, 120);
  const ours = (entries) => entries.filter(([at]) => at > begun);
  assert.deepEqual(ours(shifts), []);
  // A busy machine is slow at drawing; the bar for a task is what people feel.
  assert.ok(ours(stalls).every(([, ms]) => ms < 200), JSON.stringify(stalls));
});
