// "Why?": a merchant opens a page of the shop with ?rapport=why and is told, in a frame of the edge's, which the shop's
// page can neither read nor hear. Pictures of every state are in target/pictures.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { ROOT } from "../harness/folder.mjs";
import { until } from "../harness/until.mjs";
import { assertNoViolation } from "./accessible.mjs";
import { Shelf, published, stocked } from "./shelves.mjs";
import { openWorld } from "./world.mjs";

const FOLDER = join(ROOT, "target/pictures");
mkdirSync(FOLDER, { recursive: true });

const world = await openWorld();
after(() => world.close());

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** The panel as the merchant sees it. */
class Panel {
  constructor(visitor) {
    this.visitor = visitor;
    this.page = visitor.page;
    this.host = this.page.locator("#rapport-why");
    this.inside = this.page.frameLocator("#rapport-why iframe");
    this.token = this.inside.locator("#token");
    this.wrong = this.inside.locator("#wrong");
    this.campaigns = this.inside.locator("#campaigns > ul > li");
    this.who = this.inside.locator("#who");
  }

  /** The frame's own document. */
  async frame() {
    await this.inside.locator("#main > *").first().waitFor();
    return this.page.frames().find((frame) => frame.url().includes("/why/"));
  }

  async open(token = this.visitor.shop.token) {
    await this.token.fill(token);
    await this.token.press("Enter");
  }

  /** What stands beside a campaign: its state, and the rule with its fact. */
  campaign(name) {
    return this.campaigns.filter({ has: this.page.locator("h3 bdi").getByText(name, { exact: true }) });
  }

  async says(name, words) {
    await this.campaign(name).getByText(words).first().waitFor();
  }

  /** A picture for people to look at, without a violation, and with nothing that has to be moved sideways. */
  async looks(name) {
    const frame = await this.frame();
    await assertNoViolation(frame, name);
    await assertNoViolation(this.page, name, "#rapport-why");
    const wide = await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    const box = await this.host.boundingBox();
    const { width, height } = await this.page.evaluate(() => ({ width: innerWidth, height: innerHeight }));
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1, `${name} leaves the window: ${JSON.stringify(box)}`);
    await this.picture(name);
  }

  picture(name) {
    return this.page.screenshot({ path: join(FOLDER, `why-${name}.png`), animations: "disabled" });
  }
}

/** A merchant on a page of the shop. */
async function merchant(t, path = "/?rapport=why", { edge, ...options } = {}) {
  const shop = await world.shop(t, { edge });
  // As it is published: its files name the version that they are of.
  await shop.publish();
  const visitor = await world.visitor(t, { shop, clock: false, ...options });
  await visitor.open(path);
  return { visitor, panel: new Panel(visitor) };
}

/** Lets the browser be remembered, and somebody be known by it who has much to be unhappy about. */
async function known(visitor, { given_name = "Anna" } = {}) {
  const { shop } = visitor;
  await visitor.say("consent", { device: true });
  const { id } = await until("the browser is remembered", async () => (await visitor.kept())?.id && visitor.kept());
  const sign = (name) => shop.event("custom", { name, data: {} });
  await shop.send([sign("rage click"), sign("empty search"), sign("coupon failed")], { visitor: id });
  const { email } = await shop.welcome({ visitor: id, given_name, allow: ["email.marketing", "device.personalisation"] });
  await until("the welcome has left", async () => (await shop.mailsTo(email)).length > 1);
  return shop.person(email);
}

test("without ?rapport=why nothing of it is loaded", async (t) => {
  const { visitor, panel } = await merchant(t, "/?why=rapport#rapport=why");
  await visitor.loaded();
  await visitor.heard();
  assert.deepEqual(visitor.requests.filter(({ url }) => /\/why/.test(url.replace(/[?#].*/, ""))), []);
  assert.equal(await panel.host.count(), 0);
});

test("the right token opens it, and each campaign says its rule and fact", async (t) => {
  // An edge below the shop's own domain: what a frame keeps there, browsers do not count as a third party's.
  const { visitor, panel } = await merchant(t, "/?rapport=why", { edge: world.edge.url.replace("127.0.0.1", "localhost") });
  for (const [token, said] of [["nonsense", /no admin token/], ["rpt_abcdefghij_x", /another shop's/], [`${visitor.shop.token}x`, /does not accept/]]) {
    await panel.open(token);
    await panel.wrong.getByText(said).waitFor();
    assert.equal(await panel.token.getAttribute("aria-invalid"), "true");
  }
  await panel.open();
  await panel.says("leaving", "held back");
  await panel.says("leaving", "another campaign goes first");
  await panel.who.getByText(/not been allowed to remember/).waitFor();
  // Nothing takes the focus from a token that is being typed; back on the page the popup comes by its own reason.
  await panel.says("hello", "would be shown");
  await panel.says("hello", "It waits until you are back on the page.");
  assert.equal(await visitor.popup.open(), 0);
  await visitor.page.locator("h1").first().click();
  await visitor.popup.isShown();
  await panel.says("hello", "on the screen");
  await panel.says("hello", "2 s on the page");
  await panel.says("leaving", "One at a time");
  assert.equal(await panel.host.evaluate((host) => host.matches(":popover-open")), true);
  await visitor.popup.rests();
  await panel.looks("0-popup-desk");
  await visitor.popup.close();
  await panel.says("hello", "shown");
  await panel.says("hello", "Closed before");
  await panel.inside.locator("#knows").getByText(/hello, /).waitFor();
  // On the next page of the shop it is there again, and does not ask.
  await visitor.page.locator("header a[href*='/search'], header a[href*='/category'], nav a").first().click();
  await visitor.page.waitForURL(/(search|category).*rapport=why/);
  await panel.says("hello", "Closed before");
  assert.deepEqual(visitor.errors(), []);
});

test("the shop's page can neither read the token nor hear an answer", async (t) => {
  const listen = () => {
    window.heard = [];
    addEventListener("message", ({ data }) => window.heard.push(data), true);
    const { postMessage } = window;
    window.said = [];
    window.postMessage = (...all) => (window.said.push(all), postMessage(...all));
  };
  const { visitor, panel } = await merchant(t, "/?rapport=why", { init: listen });
  const { page, shop } = visitor;
  await panel.open();
  await panel.says("leaving", "held back");
  const seen = await page.evaluate(async () => {
    const frame = document.querySelector("#rapport-why").shadowRoot.querySelector("iframe");
    const tried = (f) => {
      try {
        return f();
      } catch {
        return "refused";
      }
    };
    return {
      heard: window.heard,
      said: window.said,
      document: tried(() => frame.contentDocument),
      location: tried(() => frame.contentWindow.location.href),
      storage: tried(() => frame.contentWindow.sessionStorage.length),
      own: [JSON.stringify(sessionStorage), JSON.stringify(localStorage), document.cookie, frame.src].join(),
    };
  });
  assert.deepEqual(seen.heard, [{ rapport: "token" }, { rapport: "ready" }]);
  assert.deepEqual([seen.said, seen.document, seen.location, seen.storage], [[], null, "refused", "refused"]);
  assert.ok(!seen.own.includes("rpt_"));
  assert.ok(visitor.requests.every(({ url }) => !url.includes("rpt_")));
  const asked = visitor.requests.filter(({ url }) => url.includes("/admin/"));
  assert.ok(asked.length > 0 && asked.every(({ url }) => url.startsWith(`${world.edge.url}/admin/v1/shops/${shop.key}/`)));
  // It is forgotten when that is wished, and a second page of the tab asks again.
  await panel.inside.getByRole("button", { name: "Forget the token" }).click();
  await panel.token.waitFor();
  await page.reload();
  await panel.token.waitFor();
});

test("on a page of somebody else's, and by itself, nothing is told", async (t) => {
  const shop = await world.shop(t);
  const visitor = await world.visitor(t, { shop, clock: false });
  const stranger = createServer((_, response) => response.setHeader("content-type", "text/html").end(`<!doctype html><title>x</title>
    <div id="rapport-why"></div><script>
      const root = document.querySelector("div").attachShadow({ mode: "open" });
      root.innerHTML = '<iframe src="${world.edge.url}/why/?shop=${shop.key}&lang=en"></iframe>';
      setInterval(() => root.firstChild.contentWindow.postMessage({ rapport: "now", path: "/", closed: { "<b>": 1 }, shelves: [null, { items: [7] }] }, "*"), 100);
    </script>`));
  await new Promise((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  t.after(() => stranger.close());
  visitor.page = await visitor.context.newPage();
  await visitor.page.goto(`http://127.0.0.1:${stranger.address().port}/`);
  const panel = new Panel(visitor);
  await panel.open();
  await panel.inside.getByText(/not one of the shop's/).waitFor();
  assert.equal(visitor.requests.filter(({ url }) => /\/(why|people\/.*)$/.test(url)).length, 0);
  await visitor.page.goto(`${world.edge.url}/why/?shop=${shop.key}`);
  await visitor.page.getByText(/belongs onto a page of the shop/).waitFor();
  assert.equal(await visitor.page.locator("input").count(), 0);
});

test("who sits before the browser is told with their reasons, by number and never by name", async (t) => {
  const { visitor, panel } = await merchant(t);
  await panel.open();
  await panel.who.getByText(/not been allowed/).waitFor();
  await visitor.say("consent", { device: true });
  await panel.who.getByText(/Nobody has proven/).waitFor();
  const person = await known(visitor);
  await panel.who.getByText(/^Unhappy: \d+ of 100$/).waitFor({ timeout: 15_000 });
  for (const sign of ["rage click", "empty search", "coupon failed"]) await panel.who.getByText(sign).waitFor();
  const decided = panel.inside.locator("#decisions > ul > li");
  await decided.filter({ hasText: "welcome" }).getByText("sent", { exact: true }).waitFor();
  assert.match(await panel.inside.getByRole("link", { name: "In the inbox" }).getAttribute("href"), new RegExp(person.id));
  const text = await panel.inside.locator("main").innerText();
  assert.ok(!text.includes("Anna") && !text.includes("@"), text);
  assert.deepEqual(visitor.errors(), []);
});

test("what stands on a shelf is told with its reasons, and where the shop's own stays that is said", async (t) => {
  const visitor = await stocked(await world.visitor(t, { clock: false, change: published }));
  await visitor.open("/product/boathouse-robe?rapport=why");
  const panel = new Panel(visitor);
  await panel.open();
  const told = panel.inside.locator("#shelves > ul > li");
  await told.getByText(/The shop's own stays/).first().waitFor();
  const shelf = new Shelf(visitor);
  await shelf.reach();
  await shelf.isShown();
  await told.locator("ol li").first().waitFor();
  const names = await told.locator("ol li > bdi").allInnerTexts();
  const shown = await visitor.page.locator("[data-rapport-shelf] [part=name]").allInnerTexts();
  assert.deepEqual(names, shown);
  assert.match(await told.locator("ol li .why b").first().innerText(), /others|like|many|looked/);
  await panel.inside.locator("#shelves").evaluate((shelves) => shelves.scrollIntoView());
  await panel.looks("0-shelf-desk");
});

test("Escape closes it from without and within, and the page goes on as if it had never been there", async (t) => {
  const { visitor, panel } = await merchant(t, "/privacy?rapport=why");
  await panel.token.waitFor();
  await panel.token.press("Escape");
  await panel.host.waitFor({ state: "detached" });
  await visitor.page.reload();
  await panel.token.waitFor();
  await panel.host.getByRole("button", { name: "Fold" }).click();
  assert.ok((await panel.host.boundingBox()).height < 60);
  await panel.host.getByRole("button", { name: "Unfold" }).press("Escape");
  await panel.host.waitFor({ state: "detached" });
  await visitor.page.evaluate(() => scrollTo(0, 400));
  await visitor.page.waitForTimeout(300);
  assert.deepEqual(visitor.errors(), []);
});

test("when frames of the edge are not allowed the panel says what is missing, and the popup comes all the same", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.open("/?rapport=why&csp=strict");
  const panel = new Panel(visitor);
  await panel.host.waitFor();
  await visitor.wait(2_500);
  await visitor.popup.isShown();
  await visitor.wait(8_000);
  await panel.host.getByText(/frame-src/).waitFor();
  assert.deepEqual(visitor.errors(), []);
});

const LOOKS = {
  desk: { viewport: { width: 1280, height: 800 } },
  "small-dark-phone": { ...PHONE, viewport: { width: 320, height: 568 }, colorScheme: "dark", reducedMotion: "reduce" },
  "arabic-phone": { ...PHONE, path: "/privacy?lang=ar&rapport=why" },
};

// Most of it is waiting, so they wait side by side.
describe("looks", { concurrency: 2 }, () => {
  for (const [place, { path = "/privacy?rapport=why", ...context }] of Object.entries(LOOKS)) {
    test(`every state can be used by everybody: ${place}`, async (t) => {
      const { visitor, panel } = await merchant(t, path, { context });
      await panel.token.waitFor();
      await panel.looks(`1-door-${place}`);
      await panel.open("nonsense");
      await panel.inside.locator("#token[aria-invalid]").waitFor();
      await panel.looks(`2-wrong-${place}`);
      await panel.open();
      await panel.who.locator("p").first().waitFor();
      await panel.looks(`3-nobody-${place}`);
      await known(visitor, { given_name: "نور" });
      await panel.who.locator(".score").waitFor({ timeout: 15_000 });
      await panel.inside.locator("#decisions > ul > li").first().waitFor();
      await panel.looks(`4-known-${place}`);
      for (const [name, part] of [["5-person", panel.who], ["6-page", panel.inside.locator("footer")]]) {
        await part.evaluate((part) => part.scrollIntoView());
        await panel.picture(`${name}-${place}`);
      }
      await visitor.context.route("**/admin/**", (route) => route.abort());
      await panel.inside.locator("#trouble").waitFor({ timeout: 10_000 });
      await panel.inside.locator("#trouble").evaluate((said) => said.scrollIntoView());
      await panel.looks(`7-unreachable-${place}`);
      await panel.host.getByRole("button").first().click();
      await assertNoViolation(panel.page, "folded", "#rapport-why");
      await panel.picture(`8-folded-${place}`);
    });
  }
});
