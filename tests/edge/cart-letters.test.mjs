// What letters show of a cart and of an order: those very things, as they are when the letter leaves, and nothing that a
// page could smuggle in.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, uuid } from "../harness/ids.mjs";
import { changedRelease, demoRelease, named } from "../harness/release.mjs";
import { Server, statement } from "../harness/server.mjs";
import { product, sell } from "../harness/shelf.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

const HOUR_S = 3_600;

/** A shop that sells two things, one of them in variants. */
async function open({ objects = 1, release = demoRelease() } = {}) {
  const shop = await edge.createShop({ objects });
  await shop.publish(release);
  const variants = [{ id: "p0-k-m", image: "http://localhost:8788/things/kelp.svg", attributes: { colour: "Kelp", size: "M" } }];
  await sell(shop, [product(0, { title: "Low Tide suit", variants }), product(1, { title: "Ferry mug" })]);
  return shop;
}

/** Somebody welcomed, with the browser they did it in. */
async function known(shop, fields = {}) {
  const visitor = uuid();
  const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"], ...fields });
  await shop.mailTo(email, "welcome");
  return { visitor, email };
}

const line = (product, price, quantity = 1, more = {}) => ({ product, quantity, price, ...more });
const cart = (shop, items, fields = {}) =>
  shop.event("cart.changed", { cart: { currency: "EUR", url: `${shop.origin}/cart`, items, ...fields } });

/** What a letter shows, line by line without the marks of links, and where it leads back to. */
function shown({ text }) {
  const [, items, back] = text.match(/(?:basket|last one)\.\n\n([^]*?)\n\nBack to the basket: (\S+)/);
  return { lines: items.split("\n").filter(Boolean).map((each) => each.replace(/#rapport=\S+$/, "#")), back };
}

const about = async (shop, email, mail) => (await shop.mailsTo(email)).filter((each) => each.mail === mail).length;

for (const objects of [1, 8]) {
  const within = (text) => `in a shop with ${objects}: ${text}`;

  test(within("a letter about a cart shows that cart, and the second one what lies in it by then"), async () => {
    const shop = await open({ objects });
    const { visitor, email } = await known(shop);
    await shop.send([cart(shop, [line("p0-k-m", "89.00", 2, { name: "a page's word" }), line("x9", "5.50", 1, { name: "Deckchair", size: "L" })])], { visitor });
    await shop.advance({ seconds: HOUR_S + 60 });
    const letter = await shop.mailTo(email, "left-cart");
    assert.deepEqual(shown(letter).lines, [
      "Low Tide suit (Kelp · M)", "2 × €89.00 = €178.00", "http://localhost:8788/things/0#",
      "Deckchair (L)", "€5.50",
      "Together: €183.50",
    ]);
    assert.match(shown(letter).back, new RegExp(`^${shop.origin}/cart#rapport=\\S+$`));
    assert.match(letter.html, /src="http:\/\/localhost:8788\/things\/kelp\.svg"/);
    await shop.send([cart(shop, [line("p1", "14.00")], { total: "12.00" })], { visitor });
    // From the browser's object to the person's takes a moment.
    await shop.advance({ seconds: 10 });
    await shop.advance({ days: 1, seconds: HOUR_S });
    const second = await shop.mailTo(email, "left-cart-again");
    assert.deepEqual(shown(second).lines, ["Ferry mug", "€14.00", "http://localhost:8788/things/1#", "Together: €12.00"]);
    assert.equal(await about(shop, email, "left-cart"), 1);
  });

  test(within("nothing is said of a cart that was bought after the first letter, or emptied while it waited"), async () => {
    const shop = await open({ objects });
    const server = await new Server(shop).connect();
    const [buyer, other] = [await known(shop), await known(shop)];
    for (const { visitor } of [buyer, other]) await shop.send([cart(shop, [line("p1", "14.00")])], { visitor });
    await shop.advance({ seconds: HOUR_S / 2 });
    await shop.switches({ sending: false });
    await shop.advance({ seconds: HOUR_S });
    assert.equal(await about(shop, other.email, "left-cart"), 0);
    await shop.send([cart(shop, [])], { visitor: other.visitor });
    await shop.advance({ seconds: 10 });
    await shop.switches({ sending: true });
    await shop.advance({ seconds: HOUR_S });
    await shop.mailTo(buyer.email, "left-cart");
    await server.tell(statement("order.placed", { order: { id: "1001", email: buyer.email, total: "14.00", currency: "EUR" } }));
    await server.settled();
    await shop.advance({ days: 3 });
    assert.equal(await about(shop, buyer.email, "left-cart-again"), 0);
    for (const mail of ["left-cart", "left-cart-again"]) assert.equal(await about(shop, other.email, mail), 0, mail);
    const { id } = await shop.person(other.email);
    const decisions = await shop.decisionsAbout(id);
    assert.ok(decisions.some((each) => each.startsWith("skip left-cart: ")), decisions.join("\n"));
  });

  test(within("thanks name what was ordered, as the shop's server said it, in a letter and in a text"), async () => {
    const shop = await open({ objects });
    const server = await new Server(shop).connect();
    const items = [line("p0-k-m", "89.00", 1, { name: "Suit" }), line("x9", "5.50", 2, { name: "Deckchair" }), line("p1", "14.00")];
    const [email, phone] = [emailAddress(), "+4915112345678"];
    const order = (id, fields) => statement("order.placed", { order: { id, email, total: "114.00", currency: "EUR", items, ...fields } });
    await server.tell(order("SK-7", {}));
    await server.settled();
    const { text, html } = await shop.mailTo(email, "thank-you");
    const said = text.slice(0, text.indexOf("\n\nShould")).replace(/#rapport=\S+/g, "#");
    assert.equal(said, [
      "Hello,", "Thank you. Your order SK-7 has come in, and I am packing it now.",
      "Low Tide suit (Kelp · M)\n€89.00\nhttp://localhost:8788/things/0#",
      "Deckchair\n2 × €5.50 = €11.00",
      "Ferry mug\n€14.00\nhttp://localhost:8788/things/1#",
      "Together: €114.00",
    ].join("\n\n"));
    assert.match(html, /Low Tide suit/);
    await server.tell(statement("order.placed", { order: { id: "SK-8", email: emailAddress(), phone, total: "114.00", currency: "EUR", items } }));
    await server.settled();
    const { id } = await until("the text is sent", async () => (await shop.mailsTo(phone))[0]);
    assert.equal((await shop.message(id)).text, "Thank you for Low Tide suit, 2 x Deckchair and 1 more, €114.00. I am packing it now. Mara, Skerrow");
  });
}

test("an order that only a page told of is thanked for by what the page said", async () => {
  const release = changedRelease((config) => {
    named(config.journeys, "thank-you").entry.event.event = "order.placed";
  });
  const shop = await open({ release });
  const { visitor, email } = await known(shop);
  const order = { id: "#42", total: "14.00", currency: "EUR", items: [line("p1", "14.00")] };
  await shop.send([shop.event("order.placed", { order })], { visitor });
  const { text } = await shop.mailTo(email, "thank-you");
  assert.match(text, /Your order 42 has come in/);
  assert.match(text, /Ferry mug\n€14\.00\n[^]*Together: €14\.00/);
});

test("an order of which nobody said what was bought is thanked for without", async () => {
  const shop = await open();
  const server = await new Server(shop).connect();
  const email = emailAddress();
  await server.tell(statement("order.placed", { order: { id: "SK-9", email } }));
  await server.settled();
  const { text } = await shop.mailTo(email, "thank-you");
  assert.match(text, /packing it now\.\n\nShould/);
});

test("of a large cart four lines are shown and the others counted", async () => {
  const shop = await open();
  const { visitor, email } = await known(shop);
  const items = Array.from({ length: 7 }, (_, n) => line(`y${n}`, "1.00", 1, { name: `Thing ${n}` }));
  await shop.send([cart(shop, items)], { visitor });
  await shop.advance({ seconds: HOUR_S + 60 });
  const { lines } = shown(await shop.mailTo(email, "left-cart"));
  assert.deepEqual(lines.filter((each) => each.startsWith("Thing")), ["Thing 0", "Thing 1", "Thing 2", "Thing 3"]);
  assert.deepEqual(lines.slice(-2), ["and 3 more", "Together: €7.00"]);
});

test("what a page says is words: no markup, no address, no amount in another money, no way to another site", async () => {
  const shop = await open();
  const { visitor, email } = await known(shop);
  const names = ["<img src=x onerror=alert(1)>{{ 7 * 7 }}", "Win: https://evil.example/x", "\u202eevil\u202c  hat", "see evil.example"];
  const items = names.map((name, n) => line(`y${n}`, "1.00", 1, { name, size: n ? undefined : "<b>XL</b>" }));
  await shop.send([cart(shop, items, { currency: "USD", total: "1.00", url: "https://evil.example/cart" })], { visitor });
  await shop.advance({ seconds: HOUR_S + 60 });
  const letter = await shop.mailTo(email, "left-cart");
  const { lines, back } = shown(letter);
  assert.deepEqual(lines, ["<img src=x onerror=alert(1)>{{ 7 * 7 }} (<b>XL</b>)", "Win: …", "evil hat", "see evil. example"]);
  assert.match(back, /^http:\/\/localhost:8788#rapport=/);
  for (const part of [letter.html, letter.text]) {
    assert.ok(!/https?:\/\/evil|evil\.example|\$1|\u202e/.test(part));
  }
  assert.ok(!letter.html.includes("<img src=x") && !letter.html.includes("<b>XL"));
  assert.match(letter.html, /&lt;img src=x onerror=alert\(1\)&gt;\{\{ 7 \* 7 \}\}/);
});

test("a learner that knows nothing keeps no letter waiting: it shows what the page said", async () => {
  const shop = await edge.createShop({});
  await shop.publish();
  const { visitor, email } = await known(shop);
  await shop.send([cart(shop, [line("p0", "20.00", 3, { name: "Low Tide suit" })])], { visitor });
  await shop.advance({ seconds: HOUR_S + 60 });
  const letter = await shop.mailTo(email, "left-cart");
  assert.deepEqual(shown(letter).lines, ["Low Tide suit", "3 × €20.00 = €60.00", "Together: €60.00"]);
});
