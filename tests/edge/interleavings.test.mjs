// Whoever says no hears nothing that advertises from the moment they are told so: a thousand times, with
// letters that are due and letters that are on their way, in an order that a seed decides.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { filled } from "../harness/page.mjs";
import { seeded } from "../harness/random.mjs";
import { changedRelease, remindAlways } from "../harness/release.mjs";
import { Server } from "../harness/server.mjs";
import { startSink } from "../harness/sink.mjs";
import { until } from "../harness/until.mjs";

const seed = Number(process.env.RAPPORT_STOP_SEED ?? Date.now() % 1_000_000_000);
console.log(`interleavings: RAPPORT_STOP_SEED=${seed}`);
const random = seeded(seed);

// A provider that takes its time, and sometimes says no for now.
const sink = await startSink(() => ({ status: random.chance(0.1) ? 503 : 202, after: random.between(0, 60) }));
const edge = await startEdge({ bindings: { SENDER: "relay", RELAY_URL: sink.url } });
after(async () => {
  await edge.stop();
  await sink.stop();
});

const ROUNDS = 20;
const PEOPLE = 50;
/** The longest that somebody waits before they say no, once the letters are due. */
const LATEST_MS = 700;

/** The demo shop; its reminder is due whatever became of the code. */
const release = changedRelease((config) => remindAlways(config, 10 * 24 * 3_600_000));

const linkIn = (source, kind) => {
  const text = source.replaceAll("=\r\n", "").replaceAll("=3D", "=");
  return text.match(new RegExp(`https?://[^/\\s]+(/${kind}/[\\w./-]+)`))[1];
};

/** The ways to say no: each answers when it is acknowledged. */
const WAYS = {
  unsubscribe: (shop, person) => edge.ask("POST", linkIn(person.welcome, "u"), { form: new URLSearchParams() }),
  "one click": (shop, person) =>
    edge.ask("POST", linkIn(person.welcome, "u"), { form: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) }),
  erase: (shop, person) => shop.admin("POST", `people/${person.id}/erase`, { json: {} }),
  pause: (shop, person) => edge.ask("POST", person.page, { form: filled(person.shown, { pause: "3m" }) }),
  stop: (shop, person) => edge.ask("POST", person.page, { form: filled(person.shown, { act: "stop" }) }),
  redact: (shop, person) =>
    shop.server.say(
      { shop_id: 1, shop_domain: "x.myshopify.com", customer: { id: person.number, email: person.email }, orders_to_redact: [] },
      { topic: "customers/redact" },
    ),
};

/** Says no, again where the edge asks for a moment, and notes when it was acknowledged. */
async function sayNo(shop, person, way) {
  person.way = way;
  for (;;) {
    const answer = await WAYS[way](shop, person);
    if (answer.status === 503) {
      await pause(20);
      continue;
    }
    assert.ok([200, 202, 303].includes(answer.status), `${way}: ${answer.status} ${answer.text}`);
    person.acknowledged = Date.now();
    return;
  }
}

async function welcomed(shop, number) {
  const email = emailAddress();
  await shop.submit({ email, allow: ["email.marketing"] });
  const letter = (mail) => sink.delivered.find(({ to, source }) => to === email && linkable(source, mail));
  const linkable = (source, mail) => (mail === "confirm" ? /\/c\/pk_/ : /\/u\/pk_/).test(source.replaceAll("=\r\n", ""));
  // A provider's no for now is tried again after a minute.
  const arrives = (mail) =>
    until(`${mail} arrives`, () => letter(mail), { within: 60_000 });
  const confirm = await arrives("confirm");
  await edge.ask("POST", linkIn(confirm.source, "c"));
  const { source: welcome } = await arrives("welcome");
  return { email, number, welcome };
}

test(`${ROUNDS * PEOPLE} times: nothing that advertises begins after a no was acknowledged`, async (t) => {
  t.diagnostic(`RAPPORT_STOP_SEED=${seed}`);
  const outcomes = { "before the no": 0, never: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const shop = await edge.createShop({ objects: round % 2 ? 4 : 1 });
    await shop.publish(release);
    shop.server = await new Server(shop, "shopify").connect({ secret: "shpss_of_the_test_00001" });
    sink.answer = () => ({ status: 202, after: random.between(0, 10) });
    const people = [];
    for (let n = 0; n < PEOPLE; n += 10) {
      people.push(...(await Promise.all(Array.from({ length: 10 }, (_, k) => welcomed(shop, n + k + 1)))));
    }
    const ids = new Map((await shop.list("people")).map(({ id, addresses }) => [addresses[0].address, id]));
    for (const person of people) {
      person.id = ids.get(person.email);
      person.page = linkIn(person.welcome, "p");
      person.shown = (await edge.ask("GET", person.page)).text;
    }
    const before = sink.attempts.length;
    sink.answer = () => ({ status: random.chance(0.1) ? 503 : 202, after: random.between(0, 60) });
    const plans = people.map((person) => [person, random.between(0, LATEST_MS), random.pick(Object.keys(WAYS))]);
    const due = shop.advance({ days: 10, seconds: 60 });
    await Promise.all(plans.map(async ([person, wait, way]) => {
      await pause(wait);
      await sayNo(shop, person, way);
    }));
    await due;
    // What was refused for now would be offered again.
    await shop.advance({ seconds: 6 * 3_600 });
    for (const person of people) {
      const letters = sink.attempts.slice(before).filter(({ to }) => to === person.email);
      for (const { at } of letters) {
        assert.ok(at <= person.acknowledged, `round ${round}: a letter to somebody who said no by ${person.way}, ${at - person.acknowledged} ms after it was acknowledged`);
      }
      outcomes[letters.length ? "before the no" : "never"] += 1;
    }
  }
  console.log("interleavings:", JSON.stringify(outcomes));
  assert.ok(outcomes.never > ROUNDS && outcomes["before the no"] > ROUNDS, "both happened often enough to mean something");
});
