// The demo shop's journeys, as its shoppers live them: what is heard, when, on which channel, and what is not.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, uuid } from "../harness/ids.mjs";
import { changedRelease, demoRelease, named } from "../harness/release.mjs";
import { Server, statement } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

const HOUR_S = 3_600;

for (const objects of [1, 8]) {
  const within = (text) => `in a shop with ${objects}: ${text}`;
  const open = async (release) => {
    const shop = await edge.createShop({ objects });
    await shop.publish(release);
    return shop;
  };
  /** What somebody has heard since, oldest first: `["welcome", "sms thank-you"]`. */
  const heard = async (shop, ...addresses) => {
    const messages = (await shop.list("messages")).filter(({ to, mail }) => addresses.includes(to) && mail !== "confirm");
    return messages.reverse().map(({ mail, channel }) => (channel === "email" ? mail : `${channel} ${mail}`));
  };
  const cart = (shop, ...products) =>
    shop.event("cart.changed", { cart: { currency: "EUR", total: "40.00", items: products.map((product) => ({ product, quantity: 1, price: "20.00" })) } });
  const order = (id, email, fields = {}) =>
    statement("order.placed", { order: { id, email, total: "40.00", currency: "EUR", items: [{ product: "robe", quantity: 1 }], ...fields } });
  const connected = (shop) => new Server(shop).connect();
  /** Somebody welcomed, with the browser they did it in. */
  const known = async (shop, fields = {}) => {
    const visitor = uuid();
    const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"], ...fields });
    await shop.mailTo(email, "welcome");
    return { visitor, email };
  };

  test(within("a cart that is left is spoken of after an hour and once more a day later"), async () => {
    const shop = await open();
    const { visitor, email } = await known(shop);
    await shop.send([cart(shop, "robe")], { visitor });
    await shop.advance({ seconds: 50 * 60 });
    assert.deepEqual(await heard(shop, email), ["welcome"]);
    await shop.advance({ seconds: 20 * 60 });
    assert.deepEqual(await heard(shop, email), ["welcome", "left-cart"]);
    await shop.advance({ days: 1, seconds: HOUR_S });
    assert.deepEqual(await heard(shop, email), ["welcome", "left-cart", "left-cart-again"]);
    await shop.advance({ days: 5 });
    assert.deepEqual(await heard(shop, email), ["welcome", "left-cart", "left-cart-again"]);
  });

  test(within("whoever goes on shopping is left alone, and so is a cart that is bought or emptied"), async () => {
    const shop = await open();
    const server = await connected(shop);
    const [busy, buyer, other] = [await known(shop), await known(shop), await known(shop)];
    for (const { visitor } of [busy, buyer, other]) await shop.send([cart(shop, "robe")], { visitor });
    await shop.advance({ seconds: 50 * 60 });
    await shop.send([shop.event()], { visitor: busy.visitor });
    await server.tell(order("1001", buyer.email));
    await server.settled();
    await shop.send([cart(shop)], { visitor: other.visitor });
    // The clocks of several objects are moved one after the other: first all is known everywhere.
    await shop.advance({ seconds: 10 });
    await shop.advance({ seconds: 30 * 60 });
    assert.deepEqual(await heard(shop, busy.email), ["welcome"], "a sign of life began the hour anew");
    await shop.advance({ seconds: 40 * 60 });
    assert.deepEqual(await heard(shop, busy.email), ["welcome", "left-cart"]);
    await shop.advance({ days: 2 });
    assert.deepEqual(await heard(shop, buyer.email), ["welcome", "thank-you"]);
    assert.deepEqual(await heard(shop, other.email), ["welcome"]);
  });

  test(within("what was in the cart before the address was known counts, too"), async () => {
    const shop = await open();
    const visitor = uuid();
    await shop.send([cart(shop, "robe")], { visitor });
    const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"] });
    await shop.advance({ seconds: 2 * HOUR_S });
    assert.deepEqual(await heard(shop, email), ["welcome", "left-cart"]);
  });

  test(within("an order is thanked for at once by text where there is a number, else by mail; each order, once"), async () => {
    const shop = await open();
    const server = await connected(shop);
    const [email, phone] = [emailAddress(), "+4915112345678"];
    await server.tell(order("1001", email, { phone }));
    await server.settled();
    await until("the text is sent", async () => (await heard(shop, phone)).length === 1);
    assert.deepEqual(await heard(shop, phone, email), ["sms thank-you"]);
    await server.tell(order("1001", email, { phone, total: "41.00" }));
    await server.settled();
    const poor = emailAddress();
    await server.tell(order("2001", poor));
    await server.settled();
    await until("the letter is sent", async () => (await heard(shop, poor)).length === 1);
    await server.tell(order("2002", poor));
    await server.settled();
    await until("the second is thanked for, too", async () => (await heard(shop, poor)).length === 2);
    await shop.advance({ seconds: 60 });
    assert.deepEqual(await heard(shop, phone, email), ["sms thank-you"]);
    assert.deepEqual(await heard(shop, poor), ["thank-you", "thank-you"]);
  });

  test(within("three weeks after an order comes thanks with a code; not for whoever ordered again, cancelled or withdrew"), async () => {
    const shop = await open();
    const server = await connected(shop);
    const [loyal, again, sorry, gone] = [await known(shop), await known(shop), await known(shop), await known(shop)];
    const everybody = [loyal, again, sorry, gone];
    for (const [n, { email }] of everybody.entries()) await server.tell(order(`n${n}`, email));
    await server.settled();
    await shop.advance({ days: 5 });
    await server.tell(order("again", again.email), statement("order.cancelled", { order: { id: "n2" } }));
    await server.settled();
    await edge.ask("POST", shop.link(await shop.mailTo(gone.email, "welcome"), "u"));
    await shop.advance({ days: 15 });
    for (const { email } of everybody) assert.ok(!(await heard(shop, email)).includes("vip"), "three weeks are not over");
    await shop.advance({ days: 2 });
    assert.ok((await heard(shop, loyal.email)).includes("vip"));
    const letter = await shop.mailTo(loyal.email, "vip");
    const { codes } = await shop.person(loyal.email);
    const { code } = codes.find(({ offer }) => offer === "vip");
    assert.match(letter.text, new RegExp(code));
    const hour = new Intl.DateTimeFormat("en-GB", { hour: "numeric", timeZone: "Europe/London" }).format(letter.at);
    assert.equal(Number(hour), 10, "at ten on the shop's clock, as nobody said another");
    for (const { email } of [again, sorry, gone]) assert.ok(!(await heard(shop, email)).includes("vip"), email);
  });

  test(within("on the birthday, in the morning where they are, comes a present; each year"), async () => {
    const shop = await open();
    const inTwoDays = new Date(Date.now() + 2 * 24 * HOUR_S * 1_000);
    const birthday = inTwoDays.toISOString().slice(5, 10);
    const { email } = await known(shop, { birthday });
    await shop.advance({ days: 3 });
    assert.deepEqual(await heard(shop, email), ["welcome", "birthday"]);
    const { at } = await shop.mailTo(email, "birthday");
    const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", day: "2-digit", timeZone: "Europe/London" }).format(at);
    assert.match(hour, new RegExp(`^${birthday.slice(3)}, 09`));
    const { ends } = (await shop.person(email)).codes.find(({ offer }) => offer === "birthday");
    const last = new Intl.DateTimeFormat("en-GB", { day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "Europe/London" }).format(ends);
    assert.equal(last, `${birthday.slice(3)}, 23:59:59`, "the present is good until their midnight");
    await shop.advance({ days: 366 });
    assert.equal((await heard(shop, email)).filter((mail) => mail === "birthday").length, 2);
  });

  test(within("who is heard of for the first time comes into the segments that are true of them, and journeys begin"), async () => {
    const release = changedRelease((config) => {
      config.segments = { new: { when: { not: { number: { fact: "orders", at_least: 1 } } } } };
      config.journeys.push({
        name: "newcomers",
        entry: { segment: "new" },
        key: "shopper",
        again: "never",
        steps: [{ id: "tag", next: 1, act: { tag: ["newcomer", true] } }],
      });
    });
    const shop = await open(release);
    const { email } = await shop.welcome();
    const { id } = await shop.person(email);
    const tagged = ({ type, shopper, data }) => type === "tag.added" && shopper === id && data.tag === "newcomer";
    await until("the run has begun", async () => (await shop.list("events")).some(tagged));
  });

  test(within("a new version is asked at once about what time brings, and runs go on with the version they began with"), async () => {
    const bare = changedRelease((config) => {
      config.journeys = config.journeys.filter(({ name }) => name === "welcome");
      named(config.journeys, "welcome").exits = [];
    });
    const shop = await open(bare);
    const birthday = new Date(Date.now() + 2 * 24 * HOUR_S * 1_000).toISOString().slice(5, 10);
    const { email } = await known(shop, { birthday });
    const without = demoRelease();
    without.config.journeys = without.config.journeys.filter(({ name }) => name !== "welcome");
    without.version = "0123456789abcdef";
    await shop.publish(without);
    await shop.advance({ days: 11 });
    assert.deepEqual(await heard(shop, email), ["welcome", "birthday", "reminder"]);
  });

  test(within("the shop's own limits hold letters back, across its journeys"), async () => {
    const limited = changedRelease((config) => {
      config.limits = { most: [[1, 2 * 24 * HOUR_S * 1_000]] };
    });
    const shop = await open(limited);
    const { visitor, email } = await known(shop);
    await shop.send([cart(shop, "robe")], { visitor });
    await shop.advance({ seconds: 2 * HOUR_S });
    assert.deepEqual(await heard(shop, email), ["welcome"]);
    const { id } = await shop.person(email);
    const about = await shop.decisionsAbout(id);
    assert.ok(about.includes("defer left-cart: limit"), about.join());
    await shop.advance({ seconds: 12 * HOUR_S });
    assert.ok((await shop.decisionsAbout(id)).includes("skip left-cart: valid_until"));
  });
}
