// Shoppers of the demo shop while somebody keeps killing the edge: carts, orders, wishes, and what of it was answered.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { emailAddress, uuid } from "../../harness/ids.mjs";
import { filled } from "../../harness/page.mjs";
import { statement } from "../../harness/server.mjs";
import { answered } from "./told.mjs";

const HOUR_S = 3_600;
const DAY_S = 86_400;
const QUIET = { quiet_from: "20:00", quiet_until: "09:00", zone: "Asia/Riyadh" };

/** What shoppers did beyond forms and pages. */
export class Doings {
  orders = new Map(); // Order id → {email, cancelled}, answered.
  unsureStatements = []; // What the shop's server said and nobody answered.
  bought = new Map(); // Address → the date of their last order, answered or not.
  paused = new Map(); // Address → {answered, until}.
  quiet = new Map(); // Address → when that was answered.
  since = new Map(); // Address → what the shop's clock showed before its form was sent.
  published = 0;
  next = 0;

  constructor(server) {
    this.server = server;
  }

  /** The shop's server says something, and says it again until it is answered. */
  async say(said, heard, signal) {
    const answer = await answered(() => this.server.say(said, { signal }));
    if (!answer) return this.unsureStatements.push([said, heard]);
    assert.equal(answer.status, 202, answer.text);
    heard();
  }

  async sayAgain() {
    for (const [said, heard] of this.unsureStatements.splice(0)) await this.say(said, heard);
  }

  /** An order that is placed as the shop's clock shows `at`: of one that is days old nothing begins. */
  order(email, random, at) {
    this.next += 1;
    this.bought.set(email, Math.max(at, this.bought.get(email) ?? 0));
    const id = `o${this.next}`;
    const total = random.pick(["40.00", "140.00"]);
    const said = statement("order.placed", { order: { id, email, total, currency: "EUR", items: [{ product: "robe", quantity: 1 }] } }, { at });
    return [said, () => this.orders.set(id, { email, cancelled: false })];
  }
}

/** Somebody who comes in with a browser, and at times with a birthday that comes soon. */
export function newcomer(doings, random, now) {
  const fields = { email: emailAddress(), visitor: uuid(), allow: ["email.marketing", "device.personalisation"] };
  doings.since.set(fields.email, now);
  if (random.chance(0.3)) fields.birthday = new Date(now + random.between(2, 20) * DAY_S * 1_000).toISOString().slice(5, 10);
  return fields;
}

/** People who were welcomed fill carts, leave them, and buy. */
export async function shopAround(shop, told, doings, random, signal, now) {
  while (!signal.aborted) {
    await pause(random.between(5, 50));
    const email = random.pick([...told.confirmed.keys()].slice(-60));
    if (!email || signal.aborted) continue;
    const form = [...told.forms.values()].findLast((each) => each.email === email);
    if (random.chance(0.6) && form?.visitor) {
      const items = [{ product: random.pick(["robe", "towel"]), quantity: 1, price: "20.00" }];
      const cart = shop.event("cart.changed", { cart: { currency: "EUR", total: "20.00", items } });
      await told.events(shop, { visitor: form.visitor, events: [cart] }, signal);
    } else {
      await doings.say(...doings.order(email, random, now()), signal);
    }
  }
}

/** The shop's server repeats what nobody answered, and cancels an order now and then. */
export async function serve(doings, random, signal) {
  while (!signal.aborted) {
    await pause(random.between(20, 120));
    const again = doings.unsureStatements.shift();
    if (again) await doings.say(...again, signal);
    else if (random.chance(0.1) && doings.orders.size > 0) {
      const [id, order] = random.pick([...doings.orders].slice(-20));
      await doings.say(statement("order.cancelled", { order: { id } }), () => (order.cancelled = true), signal);
    }
  }
}

/** Preference pages: a pause of a month, or quiet hours. */
export async function wish(shop, told, doings, random, signal, recent) {
  while (!signal.aborted) {
    await pause(random.between(30, 150));
    const letter = random.pick(recent().filter(({ question, to }) => !question && told.confirmed.has(to)));
    if (!letter || signal.aborted || doings.quiet.has(letter.to) || doings.paused.has(letter.to)) continue;
    const link = letter.link("p").replace(/#.*/, "");
    const wishes = random.chance(0.5) ? { pause: "1m" } : QUIET;
    const page = await answered(() => shop.edge.ask("GET", link, { signal }));
    if (page?.status !== 200) continue;
    const saved = await answered(() => shop.edge.ask("POST", link, { form: filled(page.text, wishes), signal }));
    if (!saved) continue;
    assert.equal(saved.status, 303, saved.text);
    const at = Date.now();
    if (wishes === QUIET) doings.quiet.set(letter.to, at);
    else {
      // What the clock showed where they live is known from the page only.
      const shown = await answered(() => shop.edge.ask("GET", `${link}?done=saved`, { signal }));
      const [, day] = shown?.text.match(/Until ([^<]+)/) ?? [];
      const until = Date.parse(`${day} UTC`);
      if (day) assert.ok(until > 0, `until ${day}`);
      if (day) doings.paused.set(letter.to, { at, until });
    }
  }
}

/** Another version is published now and then: the same journeys, another word. */
export async function publish(shop, doings, random, signal, versions) {
  await pause(random.between(0, 600));
  if (signal.aborted || random.chance(0.6)) return;
  const release = versions[doings.published % versions.length];
  const answer = await answered(() => shop.admin("POST", "versions", { json: release, signal }));
  if (answer) assert.equal(answer.status, 200, answer.text);
  doings.published += 1;
}

/**
 * The clock is moved on, so that journeys are due while somebody pulls the plug: by little more than a day in a round,
 * so that what was heard in one is still news in the next.
 */
export async function passTime(shop, random, signal) {
  for (const steps of [[10, 600, HOUR_S + 60], [600, 5 * HOUR_S, DAY_S, DAY_S]]) {
    await pause(random.between(0, 400));
    if (signal.aborted) return;
    const seconds = random.pick(steps);
    await answered(() => shop.admin("POST", "clock/advance", { json: { seconds }, signal }));
  }
}

/** Whether a moment lies in the hours in which somebody asked for quiet. */
export function isQuiet(at) {
  const [hour, minute] = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: QUIET.zone }).format(at).split(":").map(Number);
  const time = hour * 60 + minute;
  return time >= 20 * 60 || time < 9 * 60;
}
