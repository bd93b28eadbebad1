// `kill -9` at any moment: what was acknowledged is there, what was due leaves, nothing leaves twice.
//
// The schedule of the rounds follows from a seed, which is printed. RAPPORT_KILL_SEED=N replays it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { temporaryFolder } from "../harness/folder.mjs";
import { emailAddress, networkAddress, plain, uuid } from "../harness/ids.mjs";
import { readMail } from "../harness/mime.mjs";
import { seeded } from "../harness/random.mjs";
import { startSink } from "../harness/sink.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const ROUNDS = 20;
const OBJECTS = 2;
/** As many messages as one object hands over at a time: more cannot be in flight. */
const AT_A_TIME = 6;
const DAY_S = 86_400;

/** The edge over one folder, with a relay that outlives it. */
async function place(t) {
  const folder = temporaryFolder(t, "rapport-kill");
  const sink = await startSink();
  t.after(() => sink.stop());
  let edge;
  t.after(() => edge?.kill());
  return {
    sink,
    start: async () => {
      edge = await startBareEdge(folder, { build: "dev", bindings: { SENDER: "relay", RELAY_URL: sink.url } });
      return edge;
    },
  };
}

/** The link in a message as it was delivered. */
function linkIn(message, kind) {
  const [text] = readMail(message.source).parts;
  return text.text.match(new RegExp(`https?://[^/]+(/${kind}/\\S+)`))?.[1];
}

test("a message that fell due while nothing ran leaves by itself after the restart", async (t) => {
  const { sink, start } = await place(t);
  let edge = await start();
  const shop = await edge.createShop();
  await shop.publish();
  const email = emailAddress();
  await shop.submit({ email, allow: ["email.marketing"] });
  const sent = (mail) => sink.delivered.find(({ to, claim }) => to === email && claim.startsWith(mail));
  const confirmation = await until("the confirmation mail has left", () => sent("confirm:"));
  await edge.ask("POST", linkIn(confirmation, "c"));
  await until("the welcome mail has left", () => sent("welcome:"));
  await shop.advance({ seconds: 10 * DAY_S - 3 });
  await edge.kill();

  const count = sink.delivered.length;
  await pause(3_500);
  assert.equal(sink.delivered.length, count);
  edge = await start();
  await until("the reminder has left without anybody asking for anything", () => sink.delivered.length > count);
  assert.match(sink.delivered.at(-1).claim, /^welcome:.*:send-reminder$/);
  await edge.kill();
  edge = await start();
  shop.edge = edge;
  await shop.advance({ seconds: DAY_S });
  assert.equal(sink.delivered.length, count + 1);
});

test(`${ROUNDS} kills lose nothing that was acknowledged and send nothing twice`, async (t) => {
  const seed = Number(process.env.RAPPORT_KILL_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`RAPPORT_KILL_SEED=${seed}`);
  console.log(`kill: RAPPORT_KILL_SEED=${seed}`);
  const { sink, start } = await place(t);
  const told = new Told();
  let shop;
  for (let round = 0; round < ROUNDS; round++) {
    const random = seeded(seed + round);
    sink.answer = moody(seeded(seed + 1_000 + round), told);
    const edge = await start();
    if (shop) {
      shop.edge = edge;
      await told.doubts(shop);
    } else {
      shop = await edge.createShop({ objects: OBJECTS });
      await shop.publish();
    }
    const lifetime = random.between(150, 1_300);
    const stop = new AbortController();
    const work = press(shop, random, sink, told, stop.signal);
    await pause(lifetime);
    told.inFlight += sink.inFlight.size;
    const attempted = new Set(sink.attempts.map(({ claim }) => claim));
    stop.abort();
    await edge.kill();
    await work;
    told.killed(attempted);
  }

  // Nothing is wrong with anybody any more: whatever is left to do gets done.
  sink.answer = () => ({ status: 202 });
  shop.edge = await start();
  await told.doubts(shop);
  for (const form of told.unsureForms.values()) await told.form(shop, form);
  for (const batch of told.unsureEvents.splice(0)) await told.events(shop, batch);
  await shop.advance({ seconds: 2 * 3_600 });
  // Long enough for every mail, too short for anybody to be forgotten.
  await shop.advance({ seconds: 18 * DAY_S });

  const summary = await compare(shop, sink, told);
  t.diagnostic(JSON.stringify(summary));
  console.log(`kill: ${JSON.stringify(summary)}`);
  await shop.edge.kill();
});

/** A relay as they are: slow, failing, hanging up, once in a while silent. */
function moody(random, told) {
  return () => {
    const after = random.chance(0.1) ? random.between(100, 400) : random.between(0, 30);
    const mood = random.next();
    if (mood < 0.08) return { status: 500, after };
    if (mood < 0.1) return { status: 429, after };
    if (mood < 0.13 || mood > 0.985) {
      told.silences += 1;
      if (mood > 0.985) return { status: 202, after: 60_000 };
      return { hangUp: true, taken: random.chance(0.5), after };
    }
    return { status: 202, after };
  };
}

/** What browsers and people were told, and what they do not know. */
class Told {
  acknowledged = new Map(); // Event id → round.
  unsureEvents = []; // Batches that were sent and not answered.
  forms = new Map(); // Form id → e-mail address, answered.
  unsureForms = new Map(); // Form id → fields, not answered.
  confirmed = new Set(); // Addresses whose button was answered.
  withdrawn = new Map(); // Address → when that was answered.
  silences = 0; // Answers of the relay that never came.
  inFlight = 0; // Messages that the relay had not answered at a kill.
  leftAfterRestart = 0;
  crashed = 0; // Messages that kills left in doubt.
  mostInDoubt = 0;
  waiting = [];
  round = 0;

  /** Sends a batch as an outbox does: it is kept until it is answered. */
  async events(shop, batch, signal) {
    try {
      const answer = await shop.send(batch.events, { visitor: batch.visitor, from: networkAddress(), signal });
      assert.equal(answer.status, 202, answer.text);
      assert.deepEqual(answer.json, { accepted: batch.events.length, refused: [] });
      for (const { id } of batch.events) this.acknowledged.set(plain(id), this.round);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      this.unsureEvents.push(batch);
    }
  }

  /** Sends a form; one that was not answered is sent again with the same id. */
  async form(shop, fields, signal) {
    try {
      const answer = await shop.submit(fields, { signal });
      assert.equal(answer.status, 200, answer.text);
      this.forms.set(fields.id, fields.email);
      this.unsureForms.delete(fields.id);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      this.unsureForms.set(fields.id, fields);
    }
  }

  /** After a restart: how many messages the kill has left in doubt. More cannot have been in flight. */
  async doubts(shop) {
    const decisions = await shop.list("decisions");
    const crashed = decisions.filter(({ what, why }) => what === "unknown" && why.rule === "crash").length;
    const fresh = crashed - this.crashed;
    assert.ok(fresh <= OBJECTS * AT_A_TIME, `${fresh} messages are in doubt after the kill of round ${this.round - 1}`);
    this.crashed = crashed;
    this.mostInDoubt = Math.max(this.mostInDoubt, fresh);
  }

  /** After a kill: which acknowledged forms had not even been tried to send. */
  killed(attempted) {
    const tried = new Set([...attempted].map(question));
    this.leftAfterRestart += this.waiting.filter((claim) => tried.has(claim)).length;
    this.waiting = [...this.forms.keys()].map((id) => `confirm:${id}`).filter((claim) => !tried.has(claim));
    this.round += 1;
  }
}

/** The claim of a form's question without what it was asked of. */
const question = (claim) => claim.replace(/^(confirm:[^:]*):.*/, "$1");

/** Visitors, shoppers and a clock, all at once, until it is over. */
async function press(shop, random, sink, told, signal) {
  const over = () => signal.aborted;
  const browser = async () => {
    while (!over()) {
      const again = told.unsureEvents.shift();
      const events = Array.from({ length: random.between(1, 20) }, () => shop.event());
      await told.events(shop, again ?? { visitor: uuid(), events }, signal);
    }
  };
  const newcomer = async () => {
    while (!over()) {
      const [again] = told.unsureForms.values();
      await told.form(shop, again ?? { id: uuid(), email: emailAddress(), allow: ["email.marketing"] }, signal);
      await pause(random.between(0, 30));
    }
  };
  const press = async (message, kind) => {
    const answer = await shop.edge.ask("POST", linkIn(message, kind), { signal }).catch(() => undefined);
    if (answer) assert.equal(answer.status, 200, answer.text);
    return answer;
  };
  const reader = async () => {
    while (!over()) {
      await pause(random.between(5, 40));
      const message = random.pick(sink.delivered.slice(-40));
      if (!message || over()) continue;
      if (message.claim.startsWith("confirm:")) {
        const answer = await press(message, "c");
        if (answer?.text.includes("HELLO-")) told.confirmed.add(message.to);
      } else if (random.chance(0.15)) {
        const answer = await press(message, "u");
        if (answer && !told.withdrawn.has(message.to)) told.withdrawn.set(message.to, Date.now());
      }
    }
  };
  const clock = async () => {
    await pause(random.between(50, 900));
    if (over() || random.chance(0.4)) return;
    const options = { json: { seconds: random.pick([120, 3_600, DAY_S, 4 * DAY_S, 10 * DAY_S]) }, signal };
    await shop.admin("POST", "clock/advance", options).catch(() => undefined);
  };
  await Promise.all([browser(), browser(), browser(), browser(), newcomer(), newcomer(), reader(), reader(), clock()]);
}

/** Compares what was acknowledged with what is stored and with what was delivered. */
async function compare(shop, sink, told) {
  // Events: each acknowledged one is there, and nothing is there twice.
  const events = (await shop.list("events")).filter(({ type }) => type === "page.viewed");
  const stored = new Set(events.map(({ id }) => id));
  assert.equal(stored.size, events.length, "an event is stored twice");
  const lost = [...told.acknowledged].filter(([id]) => !stored.has(id));
  assert.deepEqual(lost, [], "acknowledged events are lost (id, round)");

  // Messages: none was taken twice, whatever the relay and the kills did.
  const times = new Map();
  for (const { claim } of sink.delivered) times.set(claim, (times.get(claim) ?? 0) + 1);
  assert.deepEqual([...times].filter(([, count]) => count > 1), [], "messages that were taken twice");
  const letters = sink.delivered.map(({ to, claim }) => `${to} ${claim.replace(/^([\w-]+):.*:([\w-]+)$/, "$1 $2")}`);
  const doubled = letters.filter((letter, n) => !letter.includes(" confirm") && letters.indexOf(letter) !== n);
  assert.deepEqual(doubled, [], "somebody got the same letter twice");

  // Whoever was told that no more letters come got none after that.
  for (const [email, at] of told.withdrawn) {
    const late = sink.attempts.filter((each) => each.to === email && !each.claim.startsWith("confirm:") && each.at > at + 1_000);
    assert.deepEqual(late.map(({ claim }) => claim), [], `${email} was written to after the withdrawal`);
  }

  // Whatever was due has a row: a message, or a decision that says why there is none.
  const messages = await shop.list("messages");
  const rows = new Map(messages.map((message) => [message.id, message]));
  assert.equal(rows.size, messages.length, "a claim has two rows");
  const people = new Map((await shop.list("people")).map((person) => [person.addresses[0].address, person]));
  const decisions = await shop.list("decisions");
  const decided = (shopper, mail) => decisions.some((each) => each.shopper === shopper && each.message === mail && each.what === "skip");
  for (const [id, email] of told.forms) {
    const person = people.get(email);
    assert.ok(person, `${email} was taken in and is not there`);
    const row = messages.find((message) => question(message.id) === `confirm:${id}`);
    assert.ok(row || decided(person.id, "confirm"), `the confirmation mail to ${email} has no row`);
    if (row) assert.notEqual(row.state, "claimed", `the confirmation mail to ${email} has no outcome`);
  }
  for (const email of told.confirmed) {
    const person = people.get(email);
    assert.equal(person.addresses[0].state, "confirmed", `${email} was told that it is confirmed`);
    for (const mail of ["welcome", "reminder"]) {
      const row = messages.find((message) => message.shopper === person.id && message.mail === mail);
      assert.ok(row || decided(person.id, mail), `the ${mail} mail to ${email} has no row`);
    }
  }
  // What time alone brings is looked at some day; nothing else is left, and nothing is late.
  const { now } = await shop.status();
  const left = (await shop.list("jobs")).filter(({ kind, due_at }) => kind !== "report" && (kind !== "timer" || due_at <= now));
  assert.deepEqual(left, [], "nothing is left to do");

  // What was taken is known as taken, unless the answer was lost; what nobody knows is counted.
  const states = {};
  for (const { state } of messages) states[state] = (states[state] ?? 0) + 1;
  const unknown = states.unknown ?? 0;
  assert.equal((await shop.status()).counts.unknown, unknown);
  for (const { claim } of sink.delivered) {
    assert.ok(["accepted", "unknown"].includes(rows.get(claim)?.state), `${claim} was taken and is ${rows.get(claim)?.state}`);
  }
  const taken = new Set(sink.delivered.map(({ claim }) => claim));
  const claimedAccepted = messages.filter(({ id, state }) => state === "accepted" && !taken.has(id));
  assert.deepEqual(claimedAccepted.map(({ id }) => id), [], "said to be accepted, and the relay never took it");
  const byRelay = unknown - told.crashed;
  assert.ok(byRelay >= 0 && byRelay <= told.silences, `${unknown} unknown, ${told.crashed} by kills, ${told.silences} by the relay`);

  // The test has tested something.
  const summary = {
    events: told.acknowledged.size,
    forms: told.forms.size,
    confirmed: told.confirmed.size,
    withdrawn: told.withdrawn.size,
    delivered: sink.delivered.length,
    left_after_restart: told.leftAfterRestart,
    in_flight_at_kills: told.inFlight,
    unknown_by_kills: told.crashed,
    most_unknown_by_one_kill: told.mostInDoubt,
    unknown_by_relay: byRelay,
    states,
  };
  for (const name of ["events", "forms", "confirmed", "delivered", "left_after_restart"]) {
    assert.ok(summary[name] > 0, `${name}: ${JSON.stringify(summary)}`);
  }
  return summary;
}
