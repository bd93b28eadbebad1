// Visitors and shoppers, all at once, until it is over.

import { setTimeout as pause } from "node:timers/promises";

import { emailAddress, uuid } from "../../harness/ids.mjs";

/** Pages are read. */
export async function browse(shop, told, random, signal) {
  while (!signal.aborted) {
    const again = told.unsureEvents.shift();
    const events = Array.from({ length: random.between(1, 20) }, () => shop.event());
    await told.events(shop, again ?? { visitor: uuid(), events }, signal);
  }
}

/** People give their addresses; `fields` says what else. */
export async function comeIn(shop, told, random, signal, fields = () => ({})) {
  while (!signal.aborted) {
    const [again] = told.unsureForms.values();
    await told.form(shop, again ?? { id: uuid(), email: emailAddress(), allow: ["email.marketing"], ...fields() }, signal);
    await pause(random.between(0, 30));
  }
}

/**
 * Letters are read: the button in a question is pressed, and now and then the one that ends them in another.
 * `recent` gives some letters: `{to, question, link(kind)}`.
 */
export async function read(shop, told, random, signal, recent) {
  while (!signal.aborted) {
    await pause(random.between(5, 40));
    const letter = random.pick(recent());
    if (!letter || signal.aborted) continue;
    if (letter.question) await told.press(shop, letter, "c", signal);
    else if (random.chance(0.15)) await told.press(shop, letter, "u", signal);
  }
}
