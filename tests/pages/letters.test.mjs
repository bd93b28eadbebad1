// Every letter of the demo shop and to its merchant, as people open them: wide and narrow, by day and by night, in
// English and in Arabic. Pictures in target/pictures/letters/ for people to look at; what machines see is asserted.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";

import { ROOT } from "../harness/folder.mjs";
import { uuid } from "../harness/ids.mjs";
import { changedRelease, demoRelease } from "../harness/release.mjs";
import { browse, learn, sell } from "../harness/shelf.mjs";
import { until } from "../harness/until.mjs";
import { demoProducts } from "./shelves.mjs";
import { openWorld } from "./world.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FOLDER = join(ROOT, "target/pictures/letters");
mkdirSync(FOLDER, { recursive: true });

/** Gmail shows the first 102 KB of a letter and hides the rest, the way out included. */
const CLIPPED = 102 * 1024;
const DAY_MS = 86_400_000;
const WIDTHS = { wide: { viewport: { width: 600, height: 800 } }, narrow: { viewport: { width: 320, height: 640 } } };
const READERS = { en: { lang: "en", given_name: "Anna-Katharina" }, ar: { lang: "ar", given_name: "نور" } };

const world = await openWorld();
after(() => world.close());

/** The demo shop with one journey that says everything there is to say, each with the code it names; and what is about a
 * cart or an order as soon as there is one. */
function wordy(language) {
  return changedRelease((config) => {
    const codes = { reminder: "welcome", "win-back-code": "win-back" };
    const offers = new Set(config.offers.map(({ name }) => name));
    const abouts = Object.entries(config.mails).filter(([, { shows }]) => shows).map(([name]) => name);
    const acts = Object.keys(config.mails).filter((name) => name !== "confirm" && !abouts.includes(name)).flatMap((name) => {
      const offer = codes[name] ?? (offers.has(name) ? name : undefined);
      const code = { code: { offer, fresh: true } };
      return [...(offer ? [code] : []), said(name)];
    });
    acts.push({ alert: demoAlert() });
    const journey = (name, event, key, acts) =>
      ({ name, entry: { event: { event, same: false } }, key, again: "always", exits: [], steps: acts.map((act, n) => ({ id: `step-${n}`, act, next: n + 1 })) });
    const showing = { cart: ["cart.changed", "cart"], order: ["order.placed", "subject"] };
    config.journeys = [
      journey("everything", "address.confirmed", "shopper", acts),
      ...abouts.map((name) => journey(`about-${name}`, ...showing[config.mails[name].shows], [said(name)])),
    ];
    delete config.limits;
    config.languages = [language, ...config.languages.filter((each) => each !== language)];
    // A pool without a single code is told of at once.
    config.offers.push({ name: "midwinter", percent: 20, codes: { pool: { valid_for: DAY_MS, fallback: "welcome", low: 50 } } });
  });
}

const said = (name) => ({ message: { channel: "email", name, valid_for: DAY_MS, today_only: false } });

/** A cart as pages say it: known and unknown products, one without a picture, long names, and more than a letter shows. */
const BASKET = [
  { product: "low-tide-suit", quantity: 2, price: "89.00", size: "M" },
  { product: "unheard-of", quantity: 1, price: "1249.00", name: "Unforgettable-Extraordinarily-Long-Named-Waterproof-Changing-Tent (blue)", size: "for three" },
  { product: "ferry-mug", quantity: 12, price: "14.00" },
  { product: "later", quantity: 3, name: "لوح تجديف قابل للنفخ" },
  ...["a", "b", "c"].map((product) => ({ product, quantity: 1, price: "5.00", name: product })),
];

const demoAlert = () => demoRelease().config.journeys.find(({ name }) => name === "rescue").steps[0].act.alert;

/** All letters in a language: `{name: html}`. */
async function letters(t, language) {
  const shop = await world.shop(t);
  const visitor = uuid();
  await shop.publish(wordy(language));
  // What is said to whoever was silent shows products.
  await sell(shop, demoProducts(shop));
  for (let n = 0; n < 4; n++) await browse(shop, ["boathouse-robe", "lookout-hat", "second-cup-flask", "ferry-mug"], { path: "/product" });
  await browse(shop, ["boathouse-robe"], { visitor, path: "/product" });
  await learn(shop);
  await shop.send(["coupon failed", "empty search"].map((name) => shop.event("custom", { name })), { visitor });
  const whole = { items: BASKET, currency: "EUR", total: "1610.00" };
  const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"], ...READERS[language] });
  await shop.send([shop.event("cart.changed", { cart: { ...whole, url: `${shop.origin}/cart` } })], { visitor });
  await shop.mailTo(email, "left-cart-again");
  await shop.send([shop.event("order.placed", { order: { ...whole, id: "SK-1001" } })], { visitor });
  await shop.mailTo(email, "thank-you");
  const preferences = shop.link(await shop.mailTo(email, "welcome"), "p").replace(/#.*/, "");
  await world.edge.ask("POST", preferences, { form: new URLSearchParams({ act: "erase" }) });
  const wanted = Object.keys(demoRelease().config.mails).length + 3;
  const all = await until("everything is said", async () => {
    await shop.advance({ seconds: 1 });
    const found = await shop.list("messages");
    return found.length >= wanted && found;
  }, { within: 60_000 });
  const found = {};
  for (const { id, mail, why } of all) {
    const name = mail === "alert" ? `alert-${why.rule.replaceAll(" ", "-")}` : mail;
    found[name] = (await shop.message(id)).html;
  }
  return found;
}

const wrongs = async () => {
  const found = await window.axe.run(document, { resultTypes: ["violations"], rules: { "landmark-one-main": { enabled: false }, region: { enabled: false }, "page-has-heading-one": { enabled: false } } });
  const wrong = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.flat().join(" ")} ${failureSummary}`).join("; ")}`);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) wrong.push(`it scrolls sideways: ${scrollWidth} of ${clientWidth}`);
  for (const link of document.querySelectorAll("a")) {
    const button = link.closest("td[bgcolor], td[role=presentation]") ?? link;
    const { width, height } = button.getBoundingClientRect();
    const pressed = getComputedStyle(link).display === "inline-block";
    if (pressed && (width < 44 || height < 44)) wrong.push(`the button ${link.textContent.trim()} is ${width}x${height}`);
  }
  for (const image of document.images) if (!image.hasAttribute("alt")) wrong.push(`${image.src} says nothing to those who do not see it`);
  return wrong;
};

for (const language of Object.keys(READERS)) {
  test(`every letter can be read by everybody: ${language}`, async (t) => {
    const all = await letters(t, language);
    assert.ok(Object.keys(all).includes("alert-journey") && Object.keys(all).includes("alert-pool-low"), Object.keys(all).join());
    assert.match(all["win-back"], /lookout-hat/, "what suits them is shown");
    for (const name of ["left-cart", "left-cart-again", "thank-you"]) assert.match(all[name], /pictures\/low-tide-suit/, `${name} shows what it is about`);
    for (const [width, context] of Object.entries(WIDTHS)) {
      for (const colorScheme of ["light", "dark"]) {
        const browser = await world.browser.newContext({ ...context, colorScheme });
        t.after(() => browser.close());
        const page = await browser.newPage();
        for (const [name, html] of Object.entries(all)) {
          const state = `${name}-${language}-${width}-${colorScheme}`;
          await page.setContent(html);
          const picture = await page.screenshot({ path: join(FOLDER, `${state}.png`), animations: "disabled", fullPage: true });
          assert.ok(picture.length > 8_000, `${state} is blank`);
          await page.evaluate(AXE);
          assert.deepEqual(await page.evaluate(wrongs), [], state);
          assert.ok(Buffer.byteLength(html) < CLIPPED / 2, `${state} has ${Buffer.byteLength(html)} bytes`);
        }
      }
    }
  });
}
