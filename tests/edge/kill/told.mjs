// What browsers and people were told while somebody kept killing the edge, and what they do not know.

import assert from "node:assert/strict";

import { networkAddress, plain } from "../../harness/ids.mjs";

/** As many messages as one object hands over at a time: more cannot be in flight. */
export const AT_A_TIME = 8;

/** Runs something that may be cut off: what it gives, or nothing if nobody answered. */
export async function answered(ask) {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return undefined;
  }
}

/** See above; for a shop with so many objects. */
export class Told {
  acknowledged = new Map(); // Event id → round.
  unsureEvents = []; // Batches that were sent and not answered.
  forms = new Map(); // Form id → its fields, answered.
  unsureForms = new Map(); // Form id → its fields, not answered.
  confirmed = new Map(); // Address → round in which its button was answered.
  withdrawn = new Map(); // Address → when that was answered.
  unsureWithdrawn = new Set(); // Addresses whose no was said and not answered.
  leftAfterRestart = 0;
  crashed = 0; // Messages that kills left in doubt.
  mostInDoubt = 0;
  waiting = [];
  round = 0;

  constructor(objects) {
    this.objects = objects;
  }

  /** Sends a batch as an outbox does: it is kept until it is answered. */
  async events(shop, batch, signal) {
    const answer = await answered(() => shop.send(batch.events, { visitor: batch.visitor, from: networkAddress(), signal }));
    if (!answer) return this.unsureEvents.push(batch);
    assert.equal(answer.status, 202, answer.text);
    assert.deepEqual(answer.json, { accepted: batch.events.length, refused: [] });
    for (const { id } of batch.events) this.acknowledged.set(plain(id), this.round);
  }

  /** Sends a form; one that was not answered is sent again with the same id. */
  async form(shop, fields, signal) {
    const answer = await answered(() => shop.submit(fields, { signal }));
    if (!answer) return this.unsureForms.set(fields.id, fields);
    assert.equal(answer.status, 200, answer.text);
    this.forms.set(fields.id, fields);
    this.unsureForms.delete(fields.id);
  }

  /** Presses the button behind a link in a letter. */
  async press(shop, letter, kind, signal) {
    const answer = await answered(() => shop.edge.ask("POST", letter.link(kind), { signal }));
    if (!answer && kind === "u") this.unsureWithdrawn.add(letter.to);
    if (!answer) return;
    assert.equal(answer.status, 200, answer.text);
    if (kind === "u" && !this.withdrawn.has(letter.to)) this.withdrawn.set(letter.to, Date.now());
    if (kind === "c" && answer.text.includes("HELLO-")) this.confirmed.set(letter.to, this.round);
  }

  /** After a restart: how many messages the kill has left in doubt. More cannot have been in flight. */
  async doubts(shop) {
    const decisions = await shop.list("decisions");
    const crashed = decisions.filter(({ what, why }) => what === "unknown" && why.rule === "crash").length;
    const fresh = crashed - this.crashed;
    assert.ok(fresh <= this.objects * AT_A_TIME, `${fresh} messages are in doubt after the kill of round ${this.round - 1}`);
    this.crashed = crashed;
    this.mostInDoubt = Math.max(this.mostInDoubt, fresh);
  }

  /** After a kill: `tried` says of a form whether its question had been tried to send. */
  killed(tried) {
    this.leftAfterRestart += this.waiting.filter(tried).length;
    this.waiting = [...this.forms.keys()].filter((id) => !tried(id));
    this.round += 1;
  }

  /** Everything that was not answered is said once more. */
  async sayAgain(shop) {
    for (const form of [...this.unsureForms.values()]) await this.form(shop, form);
    for (const batch of this.unsureEvents.splice(0)) await this.events(shop, batch);
  }
}
