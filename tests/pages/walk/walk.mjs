// One shop, its mailbox and its clock, as the steps of the walk need them; and a picture of whatever is to be seen.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { catalogue } from "../../../www/demo/catalogue.mjs";
import { ROOT } from "../../harness/folder.mjs";
import { emailAddress, uuid } from "../../harness/ids.mjs";
import { statement } from "../../harness/server.mjs";
import { learn, sell } from "../../harness/shelf.mjs";
import { until } from "../../harness/until.mjs";
import { demoProducts } from "../shelves.mjs";

const FOLDER = join(ROOT, "target/pictures/walk");
mkdirSync(FOLDER, { recursive: true });

export const NEWS = "email.marketing";
export const TEXTS = "sms.marketing";
export const DEVICE = "device.personalisation";
export const DESK = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
export const HOUR_S = 3_600;

/** Who sells here, and hears of what cannot wait. */
export const MARA = "mara@skerrow.example";

let numbers = 0;

/** A number in Toronto, where texts may come on every day of the week: what the law says of Sundays must not decide a test. */
export const number = () => `+1416${String(2_000_000 + ((process.pid * 100 + ++numbers) % 7_000_000))}`;

export class Walk {
  /** Messages that were there before a step began. */
  #before = new Set();

  /** `t` is the whole walk: what is opened for it stays until its end. */
  static async begin(t, world) {
    const config = ({ shelves }) => shelves.shelves.forEach(({ shelf }) => (shelf.holdout = 0)); // nobody is left out by lot
    const shop = await world.shop(t, { config, secret: `rps_${"of-the-shop-and-the-edge-".repeat(2)}` });
    const walk = Object.assign(new Walk(), { t, world, shop });
    const context = await world.browser.newContext({ ...DESK, locale: "en-GB" });
    t.after(() => context.close());
    context.setDefaultTimeout(10_000);
    walk.desk = await context.newPage(); // where the merchant looks into the inbox page
    walk.mailbox = await context.newPage(); // where letters are opened
    await walk.mailbox.setViewportSize({ width: 420, height: 800 });
    return walk;
  }

  /** A page of its own for somebody who only follows a link, until the step's end. */
  async page(t, options) {
    const context = await this.world.browser.newContext({ locale: "en-GB", ...options });
    t.after(() => context.close());
    context.setDefaultTimeout(10_000);
    return context.newPage();
  }

  /** Others have shopped before, and the shop has learned of it: with the robe they took a hat, socks or a mug, and a towel. */
  async learned() {
    const { shop } = this;
    await sell(shop, demoProducts(shop));
    for (let n = 0; n < 8; n++) {
      const items = ["boathouse-robe", "lookout-hat", "deckchair-towel", n % 2 ? "ferry-mug" : "afterdip-socks"].map((product) => ({ product, quantity: 1 }));
      await shop.send([shop.event("order.placed", { order: { id: `before-${n}`, items } })], { visitor: uuid() });
    }
    await shop.admin("PUT", "products/stock", { json: { stock: { "deckchair-towel": false } } });
    await learn(shop);
    // The next day. That browsers are a little slow is forgiven them; what is a day late is put right.
    await this.pass({ days: 1 });
  }

  /** Takes a picture once nothing moves any more. */
  async picture(page, name, options) {
    await page.evaluate(async () => {
      await document.fonts.ready;
      await Promise.all([...document.images].filter(({ loading }) => loading !== "lazy").map((image) => image.decode().catch(() => {})));
    });
    const taken = await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: "disabled", ...options });
    assert.ok(taken.length > 8_000, `${name} is blank: ${taken.length} bytes`);
  }

  /** A picture of a letter, as a phone shows it. */
  async letter(message, name) {
    await this.mailbox.setContent(message.html);
    await this.picture(this.mailbox, name, { fullPage: true });
  }

  /** A picture of a text, as the inbox page shows it. */
  async text(message, name) {
    await this.inbox("Messages");
    await this.desk.goto(`${this.world.edge.url}/inbox/#/messages/${encodeURIComponent(message.id)}`);
    await this.desk.locator(".bubble").getByText(message.text.slice(0, 24)).waitFor();
    await this.picture(this.desk, name);
  }

  /** Opens a view of the inbox page. */
  async inbox(view) {
    if (!this.desk.url().includes("/inbox/")) await this.desk.goto(`${this.world.edge.url}/inbox/#token=${this.shop.token}`);
    await this.desk.locator("#tabs").getByRole("link", { name: new RegExp(`^${view}`) }).click();
    await this.desk.getByRole("heading", { level: 1, name: view }).waitFor({ state: "attached" });
    return this.desk;
  }

  /** What somebody has got, oldest first: `["confirm", "sms thank-you"]`. */
  async got(...addresses) {
    const all = (await this.shop.list("messages")).filter(({ to }) => addresses.includes(to)).reverse();
    return all.map(({ mail, channel }) => (channel === "email" ? mail : `${channel} ${mail}`));
  }

  /** Waits for so many of a kind to have come, and reads the newest. */
  async gets(address, mail, count = 1) {
    const found = await until(`${count} of ${mail} at ${address}`, async () => {
      const all = (await this.shop.mailsTo(address)).filter((each) => each.mail === mail && each.state === "accepted");
      return all.length === count && all;
    });
    return this.shop.message(found[0].id);
  }

  /** What the merchant was told by mail, oldest first. */
  async told(count) {
    const all = await until(`the merchant was told ${count} times`, async () => {
      const all = (await this.shop.mailsTo(MARA)).filter(({ state }) => state === "accepted");
      return all.length >= count && all.reverse();
    });
    assert.equal(all.length, count, JSON.stringify(all.map(({ subject }) => subject)));
    return Promise.all(all.map(({ id }) => this.shop.message(id)));
  }

  /** What the shop's checkout is told of a code: "good", or why not. */
  async worth(code) {
    return (await (await fetch(`${this.shop.origin}/discount?code=${code}`)).json()).why;
  }

  /** What time it is in the shop. */
  async now() {
    return (await this.shop.status()).clock.now;
  }

  /** Lets time pass; what is under way between two objects arrives first. */
  async pass(time) {
    await this.shop.advance({ seconds: 5 });
    return this.shop.advance(time);
  }

  /** Whom the shop's server names: each with an address, perhaps a number, and what they allow. */
  async customers(...people) {
    const now = await this.now();
    const at = new Date(now).toISOString();
    const known = people.map(({ phone, allow = [NEWS], bounces, ...more }) => {
      const permissions = allow.map((permission) => ({ permission, given: true, at, method: "checkbox at the till", wording: "Write to me", source: "till", proven: true }));
      const email = emailAddress(more.given_name.toLowerCase()).replace(/[a-z]+$/, (end) => (bounces ? "invalid" : end));
      return { email, phone, said: { id: `c-${uuid()}`, emails: [email], ...(phone && { phones: [phone], country: "CA" }), permissions, ...more } };
    });
    await this.shop.server.tell(...known.map(({ said }) => statement("customer.updated", { customer: said }, { at: now })));
    await this.shop.server.settled();
    const all = await this.shop.list("people");
    return known.map((each) => ({ ...each, id: all.find(({ addresses }) => addresses.some(({ address }) => address === each.email)).id }));
  }

  /** Orders that were placed by telephone, told by the shop's server: `{G-1: gus}`. */
  async ordered(orders) {
    const at = await this.now();
    const items = [{ product: "ferry-mug", name: "Ferry mug", quantity: 2, price: "16.00" }];
    const placed = ([id, { email, phone }]) => statement("order.placed", { order: { id, email, phone, total: "32.00", currency: "EUR", items } }, { at });
    await this.shop.server.tell(...Object.entries(orders).map(placed));
    await this.shop.server.settled();
  }

  /** What somebody allows by now, by channel. */
  async allows(email) {
    const { consents } = await this.shop.person(email);
    return Object.fromEntries(consents.toReversed().filter(({ channel }) => channel !== "device").map(({ channel, state }) => [channel, state]));
  }
}

/** What things are called in the shop. */
export const nameOf = (id) => catalogue.product(id).name.en;

const HOME = { given_name: "Anna", family_name: "Berg", street: "Quay 1", postcode: "A81 X000", city: "Skerry Sound" };

/** Puts products into the bag, with the first size that there is. */
export async function fill(visitor, ...products) {
  for (const product of products) {
    await visitor.go(`/product/${product}`);
    const size = visitor.page.locator("label.size:has(:enabled)").first();
    if ((await size.count()) > 0) await size.click();
    await visitor.page.getByRole("button", { name: "Put it in the bag" }).click();
    await visitor.page.locator(".added:not([hidden])").waitFor();
  }
}

/** Fills in the checkout; `tick` are boxes. */
export async function checkOut(visitor, { tick = [], country = "IE", ...fields }) {
  await visitor.go("/checkout");
  for (const [field, value] of Object.entries({ ...HOME, ...fields })) await visitor.page.locator(`#${field}`).fill(value);
  await visitor.page.locator("#country").selectOption(country);
  for (const name of tick) await visitor.page.locator(`[name=${name}]`).check();
}

/** Types a code and has it looked up: whether it is good, and what the shop says of it. */
export async function tryCode({ page }, code) {
  await page.locator("#code").fill(code);
  const answer = page.waitForResponse(/\/discount$/);
  await page.locator("#apply").click();
  const { percent, why } = await (await answer).json();
  const said = page.locator("#code-said:not(:empty)");
  await said.waitFor();
  return { percent, why, said: await said.textContent() };
}

/** Places the order, and says its number. */
export async function place({ page }) {
  await page.locator("form.checkout [type=submit]").click();
  await page.waitForURL(/thank-you/);
  return new URL(page.url()).searchParams.get("order");
}
