// What was acknowledged, against what is stored.

import assert from "node:assert/strict";

/** Each acknowledged event is there, and nothing is there twice. */
export async function eventsAreKept(shop, told, kinds = ["page.viewed"]) {
  const events = (await shop.list("events")).filter(({ type }) => kinds.includes(type));
  const stored = new Set(events.map(({ id }) => id));
  assert.equal(stored.size, events.length, "an event is stored twice");
  const lost = [...told.acknowledged].filter(([id]) => !stored.has(id));
  assert.deepEqual(lost, [], "acknowledged events are lost (id, round)");
}

/** A claim of a form's question without what it was asked of. */
export const question = (claim) => claim.replace(/^(confirm:[^:]*):.*/, "$1");

/** What became of messages: every claim has one row and an outcome. `decided` says whether there is a decision. */
export async function readRows(shop) {
  const messages = await shop.list("messages");
  const rows = new Map(messages.map((message) => [message.id, message]));
  assert.equal(rows.size, messages.length, "a claim has two rows");
  const open = messages.filter(({ state }) => state === "claimed");
  assert.deepEqual(open.map(({ id }) => id), [], "messages without an outcome");
  const people = new Map((await shop.list("people")).flatMap((person) => person.addresses.map(({ address }) => [address, person])));
  const decisions = await shop.list("decisions");
  const decided = (shopper, message, ...whats) =>
    decisions.filter((each) => each.shopper === shopper && each.message === message && whats.includes(each.what)).length;
  const sent = (shopper, mail) => messages.filter((each) => each.shopper === shopper && each.mail === mail).length;
  const states = {};
  for (const { state } of messages) states[state] = (states[state] ?? 0) + 1;
  assert.equal((await shop.status()).counts.unknown, states.unknown ?? 0);
  return { messages, rows, people, decisions, decided, sent, states };
}

/** Whoever's form was answered is there, and the question to them has a row. */
export function formsAreAnswered(told, { messages, people, decided }, forgotten = () => false) {
  const asked = new Set(messages.map(({ id }) => question(id)));
  for (const [id, { email }] of told.forms) {
    const person = people.get(email);
    if (!person && forgotten(email)) continue;
    assert.ok(person, `${email} was taken in and is not there`);
    assert.ok(asked.has(`confirm:${id}`) || decided(person.id, "confirm", "skip"), `the confirmation mail to ${email} has no row`);
  }
}

/**
 * What time alone brings is looked at some day; nothing else is left, and nothing is late. `waits` says what else may
 * wait for another day.
 */
export async function nothingIsLeft(shop, waits = () => false) {
  const { clock } = await shop.status();
  const later = ({ due_at, ...job }) => due_at > clock.now && (job.kind === "timer" || waits(job));
  const left = (await shop.list("jobs")).filter((job) => job.kind !== "report" && !later(job));
  assert.deepEqual(left, [], "nothing is left to do");
}
