// `kill -9` at any moment: what was acknowledged is there, what was due leaves, nothing leaves twice.
//
// The schedule of the rounds follows from a seed, which is printed. RAPPORT_KILL_SEED=N replays it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { temporaryFolder } from "../harness/folder.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { readMail } from "../harness/mime.mjs";
import { seeded } from "../harness/random.mjs";
import { startSink } from "../harness/sink.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";
import { eventsAreKept, formsAreAnswered, nothingIsLeft, question, readRows } from "./kill/compare.mjs";
import { browse, comeIn, read } from "./kill/load.mjs";
import { rounds, seedOf } from "./kill/rounds.mjs";
import { Told } from "./kill/told.mjs";

const ROUNDS = 20;
const OBJECTS = 2;
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
  const seed = seedOf(t, "kill");
  const { sink, start } = await place(t);
  const told = new Told(OBJECTS);
  const relay = { silences: 0, inFlight: 0 };
  let shop;
  await rounds(ROUNDS, seed, {
    start,
    lifetime: [1, 40],
    count: () => sink.attempts.length,
    begin: async (edge, round, seed) => {
      sink.answer = moody(seeded(seed), relay);
      if (shop) {
        shop.edge = edge;
        await told.doubts(shop);
      } else {
        shop = await edge.createShop({ objects: OBJECTS });
        await shop.publish();
      }
    },
    load: (random, signal) => press(shop, random, sink, told, signal),
    killed: () => {
      relay.inFlight += sink.inFlight.size;
      const tried = new Set(sink.attempts.map(({ claim }) => question(claim)));
      return () => told.killed((form) => tried.has(`confirm:${form}`));
    },
  });

  // Nothing is wrong with anybody any more: whatever is left to do gets done.
  sink.answer = () => ({ status: 202 });
  shop.edge = await start();
  await told.doubts(shop);
  await told.sayAgain(shop);
  await shop.advance({ seconds: 2 * 3_600 });
  // Long enough for every mail, too short for anybody to be forgotten.
  await shop.advance({ seconds: 18 * DAY_S });

  const summary = await compare(shop, sink, told, relay);
  t.diagnostic(JSON.stringify(summary));
  console.log(`kill: ${JSON.stringify(summary)}`);
  await shop.edge.kill();
});

/** A relay as they are: slow, failing, hanging up, once in a while silent. */
function moody(random, relay) {
  return () => {
    const after = random.chance(0.1) ? random.between(100, 400) : random.between(0, 30);
    const mood = random.next();
    if (mood < 0.08) return { status: 500, after };
    if (mood < 0.1) return { status: 429, after };
    if (mood < 0.13 || mood > 0.985) {
      relay.silences += 1;
      if (mood > 0.985) return { status: 202, after: 60_000 };
      return { hangUp: true, taken: random.chance(0.5), after };
    }
    return { status: 202, after };
  };
}

/** Visitors, shoppers and a clock, all at once, until it is over. */
async function press(shop, random, sink, told, signal) {
  const recent = () =>
    sink.delivered.slice(-40).map((message) => ({
      to: message.to,
      question: message.claim.startsWith("confirm:"),
      link: (kind) => linkIn(message, kind),
    }));
  const clock = async () => {
    await pause(random.between(50, 900));
    if (signal.aborted || random.chance(0.4)) return;
    const options = { json: { seconds: random.pick([120, 3_600, DAY_S, 4 * DAY_S, 10 * DAY_S]) }, signal };
    await shop.admin("POST", "clock/advance", options).catch(() => undefined);
  };
  const actors = [browse, browse, browse, browse, comeIn, comeIn].map((act) => act(shop, told, random, signal));
  const readers = [0, 1].map(() => read(shop, told, random, signal, recent));
  await Promise.all([...actors, ...readers, clock()]);
}

/** Compares what was acknowledged with what is stored and with what was delivered. */
async function compare(shop, sink, told, relay) {
  await eventsAreKept(shop, told);

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
  const known = await readRows(shop);
  const { messages, rows, people, decided, sent, states } = known;
  formsAreAnswered(told, known);
  for (const email of told.confirmed.keys()) {
    const person = people.get(email);
    assert.equal(person.addresses[0].state, "confirmed", `${email} was told that it is confirmed`);
    for (const mail of ["welcome", "reminder"]) {
      assert.ok(sent(person.id, mail) + decided(person.id, mail, "skip") > 0, `the ${mail} mail to ${email} has no row`);
    }
  }
  await nothingIsLeft(shop);

  // What was taken is known as taken, unless the answer was lost; what nobody knows is counted.
  const unknown = states.unknown ?? 0;
  for (const { claim } of sink.delivered) {
    assert.ok(["accepted", "unknown"].includes(rows.get(claim)?.state), `${claim} was taken and is ${rows.get(claim)?.state}`);
  }
  const taken = new Set(sink.delivered.map(({ claim }) => claim));
  const claimedAccepted = messages.filter(({ id, state }) => state === "accepted" && !taken.has(id));
  assert.deepEqual(claimedAccepted.map(({ id }) => id), [], "said to be accepted, and the relay never took it");
  const byRelay = unknown - told.crashed;
  assert.ok(byRelay >= 0 && byRelay <= relay.silences, `${unknown} unknown, ${told.crashed} by kills, ${relay.silences} by the relay`);

  // The test has tested something.
  const summary = {
    events: told.acknowledged.size,
    forms: told.forms.size,
    confirmed: told.confirmed.size,
    withdrawn: told.withdrawn.size,
    delivered: sink.delivered.length,
    left_after_restart: told.leftAfterRestart,
    in_flight_at_kills: relay.inFlight,
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
