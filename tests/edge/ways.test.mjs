// What a way through a journey has issued is what its messages show, as long as it is good; what is known of
// products and numbers is asked where journeys decide.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { uuid } from "../harness/ids.mjs";
import { changedRelease, named } from "../harness/release.mjs";
import { Server, statement } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

const DAY_MS = 24 * 3_600_000;
const BOTH = ["email.marketing", "device.personalisation"];

const custom = (name) => ({ event: { event: "custom", subject: name } });
const journey = (name, entry, steps, more = {}) => ({ name, entry, key: "shopper", again: "always", steps, ...more });
const letter = (name, next, more = {}) => ({ id: `send-${name}`, next, act: { message: { channel: "email", name, valid_for: 3 * DAY_MS, ...more } } });
const code = (offer, next, fresh = true) => ({ id: `code-${offer}`, next, act: { code: { offer, fresh } } });
const tag = (name, next) => ({ id: `tag-${name}`, next, act: { tag: [name, true] } });

for (const objects of [1, 8]) {
  const within = (text) => `in a shop with ${objects}: ${text}`;
  /** A shop with the demo's welcome, and these journeys. */
  const open = async (...journeys) => {
    const shop = await edge.createShop({ objects });
    const release = changedRelease((config) => {
      config.limits = {};
      const welcome = named(config.journeys, "welcome");
      welcome.steps = welcome.steps.slice(0, 2);
      config.journeys = [welcome, ...journeys];
    });
    await shop.publish(release);
    return shop;
  };
  const somebody = async (shop, fields = {}) => {
    const visitor = uuid();
    const { email } = await shop.welcome({ visitor, allow: BOTH, ...fields });
    await shop.mailTo(email, "welcome");
    return { visitor, email, id: (await shop.person(email)).id };
  };
  const says = async (shop, { visitor }, ...names) => {
    const { now } = (await shop.status()).clock;
    await shop.send(names.map((name, n) => ({ ...shop.event("custom", { name }), at: now + n })), { visitor, sent: now + names.length });
    await shop.advance({ seconds: 10 });
  };
  const codes = async (shop, { email }, offer) => (await shop.person(email)).codes.filter((each) => each.offer === offer);
  const tags = async (shop, { id }) =>
    (await shop.list("events")).filter(({ type, shopper }) => type === "tag.added" && shopper === id).map(({ data }) => data.tag).sort();
  const used = async (shop, server, email, spelled, id = "o-1") => {
    await server.tell(statement("order.placed", { order: { id, email, total: "5.00", currency: "EUR", codes: [spelled] } }));
    await server.settled();
    await until("the code is used", async () => (await shop.person(email)).codes.find((each) => each.code === spelled).state === "used");
  };

  test(within("a letter shows the code of the way that was gone"), async () => {
    const gold = { happened: { event: "custom", subject: "gold", at_least: 1 } };
    const shop = await open(
      journey("present", custom("joined"), [
        { id: "branch", next: 2, act: { branch: [[gold, 1]] } },
        code("vip", 3),
        code("win-back", 3),
        letter("vip", 4),
      ]),
    );
    for (const [names, offer] of [[["gold", "joined"], "vip"], [["joined"], "win-back"]]) {
      const person = await somebody(shop);
      await says(shop, person, ...names);
      const mail = await shop.mailTo(person.email, "vip");
      const [issued, ...more] = (await codes(shop, person, offer)).map((each) => each.code);
      assert.ok(issued && mail.text.includes(issued), `${offer}: ${issued} in ${mail.text}`);
      assert.deepEqual(more, []);
    }
  });

  test(within("a letter that has no code to show leaves a word of it at once"), async () => {
    const gold = { happened: { event: "custom", subject: "gold", at_least: 1 } };
    const shop = await open(
      journey("present", custom("joined"), [
        { id: "branch", next: 2, act: { branch: [[gold, 1]] } },
        code("vip", 2),
        letter("vip", 3),
        tag("went-on", 4),
      ]),
    );
    const person = await somebody(shop);
    await says(shop, person, "joined");
    const about = await shop.decisionsAbout(person.id);
    assert.ok(about.includes("skip vip: code"), about.join());
    assert.deepEqual(await tags(shop, person), ["went-on"]);
    assert.deepEqual((await shop.list("jobs")).filter(({ kind }) => kind === "mail"), []);
  });

  test(within("a code that was used or has ended is not handed out again, by a journey or by the form's page"), async () => {
    const shop = await open(journey("again", custom("joined"), [code("welcome", 1, false), letter("vip", 2)]));
    const server = await new Server(shop).connect();
    const person = await somebody(shop);
    const [first] = await codes(shop, person, "welcome");
    await says(shop, person, "joined");
    assert.ok((await shop.mailTo(person.email, "vip")).text.includes(first.code), "as long as it is good it is the same");
    assert.equal((await codes(shop, person, "welcome")).length, 1);

    await used(shop, server, person.email, first.code);
    await says(shop, person, "joined");
    const [second] = await codes(shop, person, "welcome");
    assert.notEqual(second.code, first.code);
    const shown = async () => (await shop.message((await shop.mailsTo(person.email)).find(({ mail }) => mail === "vip").id)).text;
    assert.ok((await shown()).includes(second.code));

    await shop.advance({ days: 15 });
    await says(shop, person, "joined");
    const [third] = await codes(shop, person, "welcome");
    assert.ok(![first.code, second.code].includes(third.code) && (await shown()).includes(third.code));

    await shop.advance({ days: 15 });
    const { page } = await shop.welcome({ email: person.email });
    const [fourth] = await codes(shop, person, "welcome");
    assert.ok(page.includes(fourth.code), "the form's page shows one that is good");
    for (const { code } of [first, second, third]) assert.ok(!page.includes(code), code);
  });

  test(within("a letter whose code was used or has ended meanwhile is left out; one that shows none is not"), async () => {
    const wait = { id: "wait", next: 2, act: { wait: { for: 2 * DAY_MS } } };
    const late = { ...wait, act: { wait: { for: 15 * DAY_MS } } };
    const shop = await open(
      journey("soon", custom("soon"), [code("vip", 1), wait, letter("vip", 3), letter("rescue", 4)]),
      journey("late", custom("late"), [code("vip", 1), late, letter("vip", 3), letter("rescue", 4)]),
    );
    const server = await new Server(shop).connect();
    for (const name of ["soon", "late"]) {
      const person = await somebody(shop);
      await says(shop, person, name);
      const [{ code: spelled }] = await codes(shop, person, "vip");
      if (name === "soon") await used(shop, server, person.email, spelled);
      await shop.advance({ seconds: 10 });
      await shop.advance({ days: 16 });
      const about = await shop.decisionsAbout(person.id);
      assert.ok(about.includes("skip vip: code"), `${name}: ${about.join()}`);
      await shop.mailTo(person.email, "rescue");
    }
  });

  test(within("categories and sizes are known of carts and orders, and of what was looked at before"), async () => {
    const wears = { word: { fact: "size", is: ["m"] } };
    const shop = await open(
      journey("dresses", { event: { event: "order.confirmed", category: "dresses" } }, [tag("bought-dress", 1)], { filter: wears }),
      journey("hats", { event: { event: "cart.changed", category: "hats" } }, [tag("wants-hat", 1)]),
      journey("shoes", { event: { event: "order.confirmed", category: "shoes" } }, [tag("bought-shoes", 1)]),
      journey("likes", custom("joined"), [tag("likes-dresses", 1)], { filter: { likes: "dresses" } }),
    );
    const server = await new Server(shop).connect();
    const ordered = (email, id, item) => statement("order.placed", { order: { id, email, total: "5.00", currency: "EUR", items: [{ quantity: 1, ...item }] } });
    const [anna, ben, cleo] = [await somebody(shop), await somebody(shop), await somebody(shop)];
    await server.tell(ordered(anna.email, "1", { product: "d1", category: "dresses", size: "M" }));
    await server.tell(ordered(ben.email, "2", { product: "d1", category: "dresses", size: "XL" }));
    await shop.send([shop.event("cart.changed", { cart: { items: [{ product: "h1", quantity: 1, category: "hats", size: "M" }] } })], { visitor: ben.visitor });
    await shop.send([shop.event("product.viewed", { product: { id: "s1", category: "shoes" } })], { visitor: cleo.visitor });
    await shop.advance({ seconds: 10 });
    await server.tell(ordered(cleo.email, "3", { product: "s1" }));
    await server.settled();
    for (const person of [anna, cleo]) await says(shop, person, "joined");
    assert.deepEqual(await tags(shop, anna), ["bought-dress", "likes-dresses"]);
    assert.deepEqual(await tags(shop, ben), ["wants-hat"]);
    assert.deepEqual(await tags(shop, cleo), ["bought-shoes"]);
  });

  test(within("days are planned by the country of somebody's number where no other is known"), async () => {
    const birthday = journey("birthday", { yearly: ["birthday", 540] }, [letter("rescue", 1)], { key: "year" });
    const shop = await open(birthday, journey("ten", custom("joined"), [{ id: "ten", next: 1, act: { wait: { days: [0, 600] } } }, letter("win-back", 2)]));
    const server = await new Server(shop).connect();
    const { now } = (await shop.status()).clock;
    const day = new Date(now + 3 * DAY_MS).toISOString().slice(5, 10);
    const hour = (at, timeZone) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", timeZone }).format(at);
    const [indian, nobody] = [await somebody(shop, { birthday: day }), await somebody(shop, { birthday: day })];
    await server.tell(statement("customer.updated", { customer: { id: "c-1", emails: [indian.email], phones: ["+919876543210"] } }));
    await server.settled();
    await until("the number is known", async () => (await shop.person(indian.email)).addresses.length === 2);
    for (const person of [indian, nobody]) await says(shop, person, "joined");
    await shop.advance({ days: 5 });
    for (const [person, zone] of [[indian, "Asia/Kolkata"], [nobody, "Europe/London"]]) {
      assert.equal(hour((await shop.mailTo(person.email, "win-back")).at, zone), "10", zone);
      assert.equal(hour((await shop.mailTo(person.email, "rescue")).at, zone), "09", zone);
    }
  });
}
