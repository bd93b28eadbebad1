// What happens on the shop's pages reaches the edge once, whatever the network, the tabs and the pages do.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

/** Somebody who has allowed this device to be remembered. */
async function known(t, { path = "/privacy", ...options } = {}) {
  const visitor = await world.visitor(t, options);
  await visitor.open(path);
  await visitor.say("consent", { device: true });
  return visitor;
}

const paths = (events) => events.map(({ data }) => new URL(data.url).pathname);
const empty = (visitor) => until("nothing waits", async () => {
  await visitor.wait(500);
  return (await visitor.kept()).out.length === 0;
});

for (const wasm of ["never loads", "loads"]) {
  test(`views, products, carts and orders are recorded when the wasm ${wasm}`, async (t) => {
    const visitor = await world.visitor(t);
    if (wasm === "never loads") await visitor.context.route("**/w/*/widget*", (route) => route.abort());
    const popup = await visitor.meet("/");
    if (wasm === "loads") {
      await visitor.page.keyboard.type("a");
      await popup.isLive();
    }
    await popup.close();
    await visitor.say("consent", { device: true });
    await visitor.go("/product/ferry-mug");
    const { page } = visitor;
    await page.getByRole("button", { name: "Put it in the bag" }).click();
    await visitor.records("cart.changed");
    await visitor.go("/checkout");
    for (const field of ["given_name", "family_name", "street", "postcode", "city"]) await page.locator(`#${field}`).fill("x");
    await page.locator("#email").fill("anna@example.org");
    await page.locator("form.checkout [type=submit]").click();
    await page.waitForURL(/thank-you/);
    const [order] = await visitor.records("order.placed");
    assert.deepEqual(paths(await visitor.recorded("page.viewed")), ["/", "/product/ferry-mug", "/checkout", "/thank-you"]);
    const products = await visitor.recorded("product.viewed");
    assert.deepEqual(products.map(({ data }) => data.product.id), ["ferry-mug"]);
    const carts = await visitor.recorded("cart.changed");
    assert.equal(carts[0].data.cart.items[0].product, "ferry-mug");
    assert.equal(order.data.order.id, new URL(page.url()).searchParams.get("order"));
    const visitors = new Set((await visitor.shop.list("events")).map((event) => event.visitor));
    assert.equal(visitors.size, 1);

    // Looked at again, it is still one order.
    await page.reload();
    await visitor.nothingMore();
    assert.equal((await visitor.recorded("order.placed")).length, 1);
    assert.deepEqual(visitor.errors(), []);
  });
}

test("what happens offline is kept and arrives once when the network is back", async (t) => {
  const visitor = await known(t);
  await visitor.records("page.viewed");
  await empty(visitor);
  await visitor.context.setOffline(true);
  await visitor.say("track", { type: "offline" });
  await visitor.wait(3_000);
  assert.equal((await visitor.kept()).out.length, 1);
  await visitor.context.setOffline(false);
  const [event] = await visitor.records("custom");
  assert.equal(event.data.name, "offline");
  await empty(visitor);
  await visitor.nothingMore();
  assert.equal((await visitor.recorded("custom")).length, 1);
});

test("an edge in trouble is asked again, and told each event once", async (t) => {
  const visitor = await known(t);
  await empty(visitor);
  let failures = 2;
  await visitor.context.route("**/v1/events?**", (route) => (failures-- > 0 ? route.fulfill({ status: 500, body: "" }) : route.continue()));
  await visitor.say("track", { type: "patient" });
  await visitor.records("custom");
  assert.ok(failures < 0);
  await empty(visitor);
  assert.equal((await visitor.recorded("custom")).length, 1);
});

test("a batch that can never pass is dropped", async (t) => {
  const visitor = await known(t);
  await empty(visitor);
  await visitor.context.route("**/v1/events?**", (route) => route.fulfill({ status: 400, body: "{}", headers: { "access-control-allow-origin": "*" } }));
  await visitor.say("track", { type: "hopeless" });
  await empty(visitor);
});

test("an answer that was lost on the way does not double anything", async (t) => {
  const visitor = await known(t);
  await empty(visitor);
  let lost = 1;
  await visitor.context.route("**/v1/events?**", async (route) => {
    if (lost-- <= 0) return route.continue();
    await route.fetch(); // the edge has taken it in
    await route.abort("connectionreset");
  });
  await visitor.say("track", { type: "twice" });
  await empty(visitor);
  assert.ok(lost < 0, "it was sent again");
  assert.equal((await visitor.recorded("custom")).length, 1);
});

test("an event that the edge refuses does not hold up the others", async (t) => {
  const visitor = await known(t);
  await visitor.say("cart", { items: [{ product: "x", quantity: -3 }] });
  await visitor.say("track", { type: "good" });
  await visitor.records("custom");
  await empty(visitor);
  assert.equal((await visitor.recorded("cart.changed")).length, 0);
});

test("two tabs lose nothing of each other", async (t) => {
  const visitor = await known(t);
  const one = visitor.page;
  const two = await visitor.open("/privacy");
  await visitor.loaded();
  const both = [one, two].map((page, tab) =>
    page.evaluate((tab) => { for (let n = 0; n < 15; n++) window.rapport.push(["track", { type: `${tab}-${n}` }]); }, tab));
  await Promise.all(both);
  await until("all thirty are recorded", async () => {
    await Promise.all([one, two].map((page) => page.clock.runFor(500)));
    return (await visitor.recorded("custom")).length >= 30;
  });
  assert.equal(new Set((await visitor.recorded("custom")).map(({ data }) => data.name)).size, 30);
});

test("a page that is left at once loses nothing", async (t) => {
  const visitor = await known(t);
  await empty(visitor);
  await visitor.page.evaluate(() => {
    window.rapport.push(["track", { type: "last" }]);
    location.href = "/category/swim";
  });
  await visitor.page.waitForURL(/swim/);
  const [event] = await visitor.records("custom");
  assert.equal(event.data.name, "last");
});

test("in a single-page shop every address is a view, an anchor is none", async (t) => {
  const visitor = await known(t);
  const { page } = visitor;
  await visitor.records("page.viewed");
  const walk = async (step) => {
    await page.evaluate(step);
    await visitor.wait(1_000);
  };
  await walk(() => { history.pushState({}, "", "/category/warm"); document.title = "Warm"; });
  await walk(() => { location.hash = "reviews"; });
  await walk(() => history.pushState({}, "", "/category/swim"));
  await visitor.records("page.viewed", 3);
  await page.evaluate(() => history.go(-2));
  await page.waitForURL(/warm/);
  await visitor.wait(1_000);
  const views = await visitor.records("page.viewed", 4);
  await visitor.nothingMore();
  assert.deepEqual(paths(views), ["/privacy", "/category/warm", "/category/swim", "/category/warm"]);
  assert.equal(views[1].data.title, "Warm");
  assert.equal(views[1].data.referrer, visitor.shop.origin, "of where somebody came from only the site is kept");
});

test("a page that comes back from the browser's cache is a view, and works", async (t) => {
  const visitor = await known(t, { clock: false });
  const { page } = visitor;
  const views = (count) => until(`${count} views`, async () => (await visitor.recorded("page.viewed")).length >= count);
  await views(1);
  await page.evaluate(() => { window.mark = true; });
  await visitor.go("/category/swim?tag=none");
  await page.goBack({ waitUntil: "commit" });
  await views(2);
  await visitor.say("track", { type: "alive" });
  await until("it works", async () => (await visitor.recorded("custom")).length === 1);
  assert.deepEqual(visitor.complaints, []);
});

test("permission that a consent manager repeats on every page is told once", async (t) => {
  const visitor = await known(t);
  await visitor.records("consent.changed");
  for (let n = 0; n < 2; n++) {
    await visitor.go("/privacy");
    await visitor.say("consent", { device: true });
  }
  await visitor.records("page.viewed", 3);
  await visitor.nothingMore();
  assert.equal((await visitor.recorded("consent.changed")).length, 1);
});

test("what was said before the tag had loaded counts", async (t) => {
  const init = () => {
    window.rapport = [["consent", { device: true }], ["identify", { customer: "c-7" }], ["cart", { items: [] }]];
  };
  const visitor = await world.visitor(t, { init });
  await visitor.open("/privacy");
  await visitor.records("cart.changed");
  assert.deepEqual((await visitor.recorded()).sort(), ["cart.changed", "consent.changed", "identified", "page.viewed"]);
});

test("a heap of events leaves in batches, and a monster is left out", async (t) => {
  const visitor = await known(t);
  await empty(visitor);
  await visitor.page.evaluate(() => {
    window.rapport.push(["track", { type: "monster", text: "ä".repeat(40_000) }]);
    for (let n = 0; n < 120; n++) window.rapport.push(["track", { type: `n${n}`, text: "y".repeat(n < 80 ? 1_500 : 1) }]);
  });
  await visitor.records("custom", 120);
  const bodies = visitor.requests.filter(({ url }) => url.includes("/v1/events")).map(({ body }) => body);
  for (const body of bodies) {
    assert.ok(Buffer.byteLength(body) <= 64 * 1024);
    assert.ok(JSON.parse(body).events.length <= 100);
  }
  assert.equal((await visitor.recorded("custom")).length, 120);
});
