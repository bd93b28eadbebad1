// A link of a letter is followed: once for each letter, told by the page that it led to, and heard by journeys.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { ROOT } from "../harness/folder.mjs";
import { emailAddress, uuid } from "../harness/ids.mjs";
import { filled } from "../harness/page.mjs";
import { changedRelease } from "../harness/release.mjs";
import { Server, statement } from "../harness/server.mjs";
import { startSink } from "../harness/sink.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

const DAY_MS = 24 * 3_600_000;
const BOTH = ["email.marketing", "device.personalisation"];

/** What stands behind `#rapport=` in a letter. */
const visit = (letter) => letter.text.match(/#rapport=([\w.-]+)/)[1];

/** The page that a letter leads to reports its link, as the loader does. */
const follow = (shop, link, visitor = uuid()) => shop.send([shop.event("identified", { link })], { visitor });

/** What was noted of links of letters that were followed, oldest first. */
const clicks = async (shop) => (await shop.list("events")).filter(({ type }) => type === "message.clicked").reverse();

/** A journey that somebody enters by the custom event `joined`. */
const joined = (name, steps) => ({ name, entry: { event: { event: "custom", subject: "joined" } }, key: "shopper", again: "always", steps });
const letter = (id, name, next, more = {}) => ({ id, next, act: { message: { channel: "email", name, valid_for: 3 * DAY_MS, ...more } } });
const asked = (id, next, otherwise) => ({ id, next, act: { await: { what: { event: "message.clicked" }, at_most: 2 * DAY_MS, otherwise } } });

for (const objects of [1, 8]) {
  const within = (text) => `in a shop with ${objects}: ${text}`;
  const open = async (change = () => {}) => {
    const shop = await edge.createShop({ objects });
    await shop.publish(changedRelease(change));
    return shop;
  };
  /** Mails that somebody has got, oldest first. */
  const heard = async (shop, email) => (await shop.mailsTo(email)).filter(({ mail }) => mail !== "confirm").reverse().map(({ mail }) => mail);

  test(within("a letter's link that is followed is noted once, with the letter, its channel and its journey"), async () => {
    const shop = await open();
    const { email } = await shop.welcome({ allow: BOTH });
    const welcome = await shop.mailTo(email, "welcome");
    const { id } = await shop.person(email);
    const link = visit(welcome);
    // A scanner asks for what the link names, and the shop's page; neither says anything to the edge.
    await edge.ask("GET", shop.link(welcome, "p"));
    await shop.advance({ seconds: 10 });
    const ofWelcome = async () => (await clicks(shop)).filter(({ data }) => data.mail === "welcome");
    assert.deepEqual(await ofWelcome(), []);
    for (let n = 0; n < 3; n++) await follow(shop, link);
    await shop.advance({ seconds: 10 });
    const [click, ...more] = await ofWelcome();
    assert.deepEqual([click.shopper, click.data, more], [id, { mail: "welcome", channel: "email", journey: "welcome" }, []]);
    // What nobody signed, and another letter's mark, are no letter of theirs.
    const other = visit(await shop.mailTo((await shop.welcome({ allow: BOTH })).email, "welcome"));
    const mixed = `${link.split(".")[0]}.${other.split(".")[1]}`;
    for (const wrong of [`${link}x`, `x${link}`, link.split(".")[0], mixed, `${link}.${link}`]) await follow(shop, wrong);
    await shop.advance({ seconds: 10 });
    assert.equal((await ofWelcome()).length, 1);
  });

  test(within("whoever presses the button in a letter has answered it"), async () => {
    const shop = await open();
    const { confirmation } = await shop.welcome();
    await edge.ask("GET", confirmation);
    await edge.ask("POST", confirmation);
    assert.deepEqual((await clicks(shop)).map(({ data }) => data), [{ mail: "confirm", channel: "email" }]);
  });

  test(within("a second letter goes to those only who did not follow the first one's link"), async () => {
    const shop = await open((config) => {
      config.journeys = [
        joined("chat", [letter("first", "win-back", 1), asked("answer", 3, 2), letter("second", "rescue", 3)]),
      ];
    });
    const people = [];
    for (let n = 0; n < 2; n++) {
      const visitor = uuid();
      const { email } = await shop.welcome({ visitor, allow: BOTH });
      await shop.send([shop.event("custom", { name: "joined" })], { visitor });
      await shop.advance({ seconds: 10 });
      people.push({ email, visitor, first: await shop.mailTo(email, "win-back") });
    }
    const [warm, cold] = people;
    await shop.advance({ days: 1 });
    await follow(shop, visit(warm.first), warm.visitor);
    await shop.advance({ seconds: 10 });
    await shop.advance({ days: 3 });
    assert.deepEqual(await heard(shop, cold.email), ["win-back", "rescue"]);
    assert.deepEqual(await heard(shop, warm.email), ["win-back"]);
  });

  test(within("the demo's win-back writes a second time to whoever stays away, not to whoever came back by the first"), async () => {
    const shop = await open((config) => (config.limits = {}));
    const server = await new Server(shop).connect();
    const people = [];
    for (const id of ["1", "2"]) {
      const { email } = await shop.welcome({ allow: BOTH });
      await server.tell(statement("order.placed", { order: { id, email, total: "140.00", currency: "EUR" } }));
      people.push(email);
    }
    await server.settled();
    await shop.advance({ seconds: 10 });
    await shop.advance({ days: 62 });
    await follow(shop, visit(await shop.mailTo(people[0], "win-back")));
    await shop.advance({ seconds: 10 });
    await shop.advance({ days: 15 });
    const last = async (email) => (await heard(shop, email)).filter((mail) => mail.startsWith("win-back"));
    assert.deepEqual(await last(people[1]), ["win-back", "win-back-code"]);
    assert.deepEqual(await last(people[0]), ["win-back"]);
  });

  test(within("the channel on which somebody answers can be asked for"), async () => {
    const shop = await open((config) => {
      const by = (is) => ({ word: { fact: "answers_by", is: [is] } });
      const tag = (name, next) => ({ id: `tag-${name}`, next, act: { tag: [name, true] } });
      config.journeys = config.journeys.filter(({ name }) => name === "welcome");
      config.journeys.push(
        joined("ways", [
          { id: "branch", next: 3, act: { branch: [[by("email"), 1], [by("sms"), 2]] } },
          tag("by-letter", 4),
          tag("by-text", 4),
          tag("by-nothing", 4),
        ]),
      );
    });
    const server = await new Server(shop).connect();
    const tags = async (id) => (await shop.list("events")).filter(({ type, shopper }) => type === "tag.added" && shopper === id).map(({ data }) => data.tag);
    const visitor = uuid();
    const { email } = await shop.welcome({ visitor, allow: BOTH });
    await follow(shop, visit(await shop.mailTo(email, "welcome")), visitor);
    await shop.send([shop.event("custom", { name: "joined" })], { visitor });
    await shop.advance({ seconds: 10 });
    assert.deepEqual(await tags((await shop.person(email)).id), ["by-letter"]);
    const stranger = emailAddress();
    await server.tell(statement("customer.updated", { customer: { id: "c-1", emails: [stranger] } }));
    await server.settled();
    const { id } = await shop.person(stranger);
    assert.deepEqual(await tags(id), []);
  });
}

test("whoever moved to another object has answered there", async () => {
  const shop = await edge.createShop({ objects: 8 });
  await shop.publish();
  const older = await shop.person((await shop.welcome({ allow: BOTH })).email);
  const { email } = await shop.welcome({ allow: BOTH });
  const link = visit(await shop.mailTo(email, "welcome"));
  const younger = await shop.person(email);
  await shop.admin("POST", `people/${younger.id}/join`, { json: { with: older.id } });
  await until("they are one", async () => (await shop.person(email))?.addresses.length === 2);
  await shop.advance({ seconds: 10 });
  await follow(shop, link);
  await shop.advance({ seconds: 10 });
  const items = (await shop.admin("GET", `people/${older.id}/events`)).json.items;
  assert.equal(items.filter(({ type, data }) => type === "message.clicked" && data.mail === "welcome").length, 1);
});

/** Every kind of event that can be written into a journey, as the engine names them. */
const KINDS = [...readFileSync(join(ROOT, "domain/src/facts/happened.rs"), "utf8").matchAll(/^    [A-Z]\w+ = "([a-z.]+)",$/gm)].map(([, kind]) => kind);

test("whatever can be asked for in a journey is noted by somebody", async (t) => {
  const answers = [];
  const sink = await startSink(() => answers.shift() ?? { status: 202 });
  const mailing = await startEdge({ bindings: { SENDER: "relay", RELAY_URL: sink.url, RELAY_TOKEN: "relay-token" } });
  t.after(async () => {
    await mailing.stop();
    await sink.stop();
  });
  assert.ok(KINDS.length >= 28 && KINDS.includes("message.clicked"), KINDS.join());

  // Letters: one is taken, one is refused for good, of one nobody knows.
  const relayed = await mailing.createShop();
  await relayed.publish();
  for (const answer of [{ status: 202 }, { status: 550 }, { hangUp: true, taken: true }]) {
    answers.push(answer);
    await relayed.submit({ email: emailAddress() });
    await until("the letter is handed over", () => answers.length === 0);
  }
  const wrote = await until("what became of each is noted", async () => {
    const types = (await relayed.list("events")).map(({ type }) => type);
    return ["message.accepted", "message.refused", "message.unknown"].every((type) => types.includes(type)) && types;
  });

  const shop = await edge.createShop();
  await shop.publish(
    changedRelease((config) => {
      const step = (name, on, next) => ({ id: `${name}-${on}`, next, act: { tag: [name, on] } });
      config.journeys.push(joined("tags", [step("here", true, 1), step("here", false, 2)]));
    }),
  );
  const server = await new Server(shop).connect();
  const visitor = uuid();
  const { email } = await shop.welcome({ visitor, allow: BOTH });
  const welcome = await shop.mailTo(email, "welcome");
  const [{ code }] = (await shop.person(email)).codes;
  const items = [{ product: "hat", quantity: 1 }];
  await shop.send(
    [
      shop.event(),
      shop.event("product.viewed", { product: { id: "hat" } }),
      shop.event("cart.changed", { cart: { items } }),
      shop.event("order.placed", { order: { id: "1", items, codes: [code] } }),
      ...["shown", "closed", "answered"].map((what) => shop.event(`campaign.${what}`, { campaign: "hello", version: "v" })),
      shop.event("survey.answered", { campaign: "leaving", version: "v", response: uuid(), question: "why", choices: ["price"] }),
      shop.event("custom", { name: "joined" }),
      shop.event("custom", { name: "rage click" }),
      shop.event("identified", { link: visit(welcome) }),
    ],
    { visitor },
  );
  const order = { id: "1" };
  const money = { id: "p", amount: "5.00", currency: "EUR" };
  await server.tell(
    statement("order.placed", { order: { id: "1", email, total: "5.00", currency: "EUR", codes: [code] } }),
    statement("payment.received", { order, payment: money }),
    statement("fulfilment.shipped", { order, fulfilment: { id: "f" } }),
    statement("delivery.arrived", { order, delivery: { id: "f" } }),
    statement("return.requested", { order, return: { id: "r" } }),
    statement("return.received", { order, return: { id: "r" } }),
    statement("refund.made", { order, refund: money }),
    // A cancelled order gives its code back: it is another one.
    statement("order.placed", { order: { id: "2", email, total: "5.00", currency: "EUR" } }),
    statement("order.cancelled", { order: { id: "2" } }),
    statement("customer.updated", { customer: { id: "c", emails: [email], points: { balance: 5 } } }),
  );
  await server.settled();
  await edge.ask("POST", shop.link(welcome, "u"));
  const page = shop.link(welcome, "p").replace(/#.*/, "");
  await edge.ask("POST", page, { form: filled((await edge.ask("GET", page)).text, { channel: ["email"] }) });
  await shop.advance({ seconds: 10 });
  const noted = (await shop.list("events")).map(({ type, data }) => (data.name === "rage click" ? "frustrated" : type));
  const missing = KINDS.filter((kind) => !noted.includes(kind) && !wrote.includes(kind));
  assert.deepEqual(missing, []);
});
