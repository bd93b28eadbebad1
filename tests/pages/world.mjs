// The whole of it: the edge in miniflare, the demo shop's own server and a real Chromium.

import { createHash } from "node:crypto";

import { chromium } from "playwright-core";

import { serve } from "../../www/demo/server.mjs";
import { startEdge } from "../harness/edge.mjs";
import { demoRelease } from "../harness/release.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";
import { Popup } from "./popup.mjs";

/** How long a step of a walk may take, in ms. */
const PATIENCE = 8_000;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
/** When the demo shop's popup comes by itself, in ms. */
const POPUP_AFTER = 2_000;

/** One edge and one browser for the tests of a file. */
export async function openWorld() {
  const edge = await startEdge({ assets: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROME ?? "/usr/bin/chromium",
    args: FLAGS,
    // Pages come back from the cache as they do for people.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
  return new World(edge, browser);
}

class World {
  constructor(edge, browser) {
    Object.assign(this, { edge, browser });
  }

  /**
   * A freshly made shop with its pages. `config` changes what the edge reads of it, `change` what browsers read; `edge` is
   * where its pages find the edge. With a `secret` its server speaks to the edge, and is as late as that.
   */
  async shop(t, { config: configure = () => {}, change = () => {}, edge = this.edge.url, secret } = {}) {
    let shop;
    const pages = await serve({ port: 0, edge, key: () => shop.key, secret, now: secret && (async () => (await shop.status()).clock.now) });
    t.after(() => pages.close());
    shop = await this.edge.createShop({ name: "Skerrow", origins: [pages.url] });
    const release = demoRelease();
    release.config.url = shop.origin;
    configure(release.config);
    changeFiles(release, change);
    release.version = hashOf(JSON.stringify(release));
    await shop.publish(release);
    if (secret) shop.server = await new Server(shop).connect({ secret });
    return shop;
  }

  /**
   * Somebody with a browser of their own, in a shop that nobody else is in unless `shop` says so.
   *
   * - `context`: what Playwright knows about a browser (viewport, locale, isMobile …)
   * - `init`: runs on every page before anything else
   * - `clock`: false where real time has to pass
   * - `change`: changes what the browser reads of the published plan
   */
  async visitor(t, { shop, context: options = {}, init, clock = true, change } = {}) {
    shop ??= await this.shop(t, { change });
    const context = await this.browser.newContext({ locale: "en-GB", ...options });
    context.setDefaultTimeout(PATIENCE);
    t.after(async () => {
      // What is on its way when a test is over is nobody's fault.
      for (const each of [context, ...context.pages()]) await each.unrouteAll({ behavior: "ignoreErrors" });
      await context.close();
    });
    if (clock) {
      await context.clock.install();
      await context.addInitScript(wholeMilliseconds);
    }
    if (init) await context.addInitScript(init);
    return new Visitor(this, shop, context);
  }

  async close() {
    await this.browser.close();
    await this.edge.stop();
  }
}

/** A browser's clock counts whole milliseconds; that of a test can stop in between. */
function wholeMilliseconds() {
  const now = Date.now;
  Date.now = () => Math.floor(now());
}

/** Changes the language files of a release and names them anew. */
function changeFiles(release, change) {
  for (const [lang, hash] of Object.entries(release.languages)) {
    const file = JSON.parse(Buffer.from(release.files[hash], "base64"));
    change(file);
    const body = Buffer.from(JSON.stringify(file));
    delete release.files[hash];
    release.languages[lang] = hashOf(body);
    release.files[hashOf(body)] = body.toString("base64");
  }
}

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

/** Somebody with a browser: what they do, and what their browser was heard to say. */
class Visitor {
  /** Errors and warnings of the console, exceptions, rejections nobody handled. */
  complaints = [];
  /** Every request: `{method, url, body}`. */
  requests = [];

  constructor(world, shop, context) {
    Object.assign(this, { world, shop, context });
    context.on("request", (request) =>
      this.requests.push({ method: request.method(), url: request.url(), body: request.postData() ?? "" }),
    );
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    context.on("weberror", (error) => this.complaints.push(`uncaught ${error.error()}`));
  }

  /** Opens a page of the shop in a new tab. */
  async open(path = "/", options) {
    this.page = await this.context.newPage();
    this.popup = new Popup(this.page);
    await this.page.goto(this.shop.origin + path, { waitUntil: "load", ...options });
    return this.page;
  }

  /** Lets the shop's home page come with a Content-Security-Policy. */
  async underPolicy(policy) {
    // A page that a test hands over has no address, and Chromium asks before such a page reaches this machine.
    await this.context.grantPermissions(["local-network-access"]);
    await this.context.route(`${this.shop.origin}/`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
    });
  }

  /** Goes to a page of the shop in the same tab. */
  go(path) {
    return this.page.goto(this.shop.origin + path);
  }

  /** Opens a page and stays until the popup comes. */
  async meet(path = "/", options) {
    await this.open(path, options);
    await this.wait(POPUP_AFTER);
    await this.popup.isShown();
    return this.popup;
  }

  /** What the page complained about, without the browser's own lines about requests and policies that were refused. */
  errors() {
    return this.complaints.filter((each) => !/Failed to load resource|ERR_FAILED|Content Security Policy/.test(each));
  }

  /** Lets time pass on the page. Needs `clock`. */
  wait(ms) {
    return this.page.clock.runFor(ms);
  }

  /** Long enough for whatever was going to happen by itself: three times the loader's longest timer. */
  async nothingMore() {
    await this.loaded();
    await this.wait(15_000);
    await this.heard();
  }

  /** The loader has what it reads: pointer and language file. */
  async loaded() {
    await until("the loader is there", () => this.page.evaluate(() => window.rapport && !Array.isArray(window.rapport)));
    await this.page.waitForLoadState("networkidle");
  }

  /** Everything that the page has asked for until now is in `requests`. */
  async heard() {
    const mark = `/discount?code=heard-${this.requests.length}-${Date.now()}`;
    await this.page.evaluate((path) => fetch(path), mark);
    await until("the browser's requests are heard", () => this.requests.some(({ url }) => url.endsWith(mark)));
  }

  /** Requests to the edge, as `"POST /v1/events"`, of paths that match. */
  asked(pattern = /./) {
    return this.requests
      .filter(({ url }) => url.startsWith(this.world.edge.url))
      .map(({ method, url }) => `${method} ${new URL(url).pathname}`)
      .filter((line) => pattern.test(line));
  }

  /** Forms that were sent, as they were read. */
  forms() {
    const sent = this.requests.filter(({ url }) => url.includes("/v1/forms/"));
    return sent.map(({ body }) => new URLSearchParams(body));
  }

  /** Says something to the tag as the shop's page does. */
  say(...command) {
    return this.page.evaluate((said) => (window.rapport = window.rapport || []).push(said), command);
  }

  /** What Rapport keeps on the device. */
  kept() {
    return this.page.evaluate((key) => JSON.parse(localStorage.getItem(key)), `rapport:${this.shop.key}`);
  }

  /** Everything on the device: cookies, keys of storages, databases, caches. */
  async device() {
    const cookies = (await this.context.cookies()).map(({ name }) => name);
    const places = await this.page.evaluate(async () => ({
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
      databases: (await indexedDB.databases()).map(({ name }) => name),
      caches: await caches.keys(),
      workers: (await navigator.serviceWorker.getRegistrations()).length,
    }));
    return { cookies, ...places };
  }

  /** Types of events the edge has taken in for this shop, oldest first. */
  async recorded(type) {
    const events = (await this.shop.list("events")).reverse();
    return type ? events.filter((each) => each.type === type) : events.map((each) => each.type);
  }

  /** Waits until so many events of a type have been taken in; the page's time goes on meanwhile. */
  records(type, count = 1) {
    return until(`${count} of ${type} recorded`, async () => {
      await this.page.clock.runFor(500);
      const events = await this.recorded(type);
      return events.length >= count && events;
    });
  }

  /** The element that has the focus, also inside of ours: its id, its name or what it is. */
  focused(page = this.page) {
    return page.evaluate(() => {
      let at = document.activeElement;
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      return at && (at.id || at.getAttribute("name") || at.className || at.localName);
    });
  }
}
