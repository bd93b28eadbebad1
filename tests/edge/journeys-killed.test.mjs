// `kill -9` while journeys are due, with a real mail server whose mailbox is the witness: nothing that was due is
// missed, nothing comes twice, nothing comes after a no was acknowledged or in hours of quiet.
//
// The schedule of the rounds follows from a seed, which is printed. RAPPORT_KILL_SEED=N replays it; RAPPORT_KILLS=N
// sets how many kills there are (`cargo xtask bench kills` asks for a hundred).

import assert from "node:assert/strict";
import { test } from "node:test";

import { temporaryFolder } from "../harness/folder.mjs";
import { plain } from "../harness/ids.mjs";
import { changedRelease, demoRelease, named } from "../harness/release.mjs";
import { seeded } from "../harness/random.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";
import { eventsAreKept, formsAreAnswered, nothingIsLeft, readRows } from "./kill/compare.mjs";
import { browse, comeIn, read } from "./kill/load.mjs";
import { startMailbox } from "./kill/mailbox.mjs";
import { rounds, seedOf } from "./kill/rounds.mjs";
import { Doings, isQuiet, newcomer, passTime, publish, serve, shopAround, wish } from "./kill/shoppers.mjs";
import { Told } from "./kill/told.mjs";

const KILLS = Number(process.env.RAPPORT_KILLS ?? 20);
/** So many kills go through one shop; then a new one begins, every third in eight objects. */
const IN_ONE_SHOP = 20;
const DAY_S = 86_400;
const DAY_MS = DAY_S * 1_000;

/** The demo shop, and the same once more with another word in a letter and another wait. */
const versions = [
  changedRelease((config) => {
    named(config.journeys, "win-back").entry.silence.at_least = 70 * DAY_MS;
  }),
  demoRelease(),
];

const total = { kills: 0 };
for (let kills = KILLS, n = 0; kills > 0; kills -= IN_ONE_SHOP, n++) {
  const count = Math.min(kills, IN_ONE_SHOP);
  const objects = n % 3 === 2 ? 8 : 2;
  test(`${count} kills with journeys due, in a shop with ${objects} objects (${n + 1})`, (t) => killed(t, count, objects, n));
}
test("the mailbox and the rows agree", (t) => {
  t.diagnostic(JSON.stringify(total));
  console.log(`kills: ${JSON.stringify(total)}`);
  assert.equal(total.kills, KILLS);
  for (const [name, value] of Object.entries(total)) {
    if (!["said_at_kills", "unknown_by_kills", "most_unknown_by_one_kill", "unknown_by_server"].includes(name)) assert.ok(value > 0, `${name}: ${JSON.stringify(total)}`);
  }
});

async function killed(t, count, objects, n) {
  const seed = seedOf(t, "kills") + 10_000 * n;
  const mailbox = await startMailbox(temporaryFolder(t, "rapport-mailbox"));
  t.after(() => mailbox.stop());
  const folder = temporaryFolder(t, "rapport-kills");
  let edge;
  t.after(() => edge?.kill());
  const start = async () => (edge = await startBareEdge(folder, { build: "dev", trust: mailbox.edge.trust, bindings: mailbox.edge.bindings }));

  const told = new Told(objects);
  const shop = await (await start()).createShop({ objects });
  await shop.publish();
  const doings = new Doings(await new Server(shop).connect());
  let now = Date.now();
  const load = (random, signal) => press({ shop, told, doings, mailbox, random, signal, now: () => now });
  // Some people are there before anything goes wrong.
  const calm = new AbortController();
  const first = load(seeded(seed), calm.signal);
  await until("some people are welcomed", () => told.confirmed.size >= 10, { within: 120_000 });
  calm.abort();
  await edge.kill();
  await first;
  await rounds(count, seed, {
    start,
    lifetime: [2, 25],
    count: () => mailbox.heard.length,
    begin: async (edge, round, seed) => {
      mailbox.temper(seed);
      shop.edge = edge;
      await told.doubts(shop);
      now = (await shop.status()).clock.now;
    },
    load,
    killed: () => {
      const state = mailbox.state();
      return async () => {
        total.said_at_kills = (total.said_at_kills ?? 0) + (await state).open;
        const tried = new Set(mailbox.heard.map(({ to }) => to));
        told.killed((form) => tried.has(told.forms.get(form).email));
      };
    },
  });

  // Nothing is wrong with anybody any more: whatever is left to do gets done.
  mailbox.temper();
  shop.edge = await start();
  await told.doubts(shop);
  await told.sayAgain(shop);
  await doings.sayAgain();
  await doings.server.settled();
  await shop.advance({ seconds: 10 });
  await doings.server.settled();
  // Whoever never confirmed is forgotten after a month.
  const { clock } = await shop.status();
  const old = (email) => clock.now - doings.since.get(email) > 29 * DAY_MS;
  // What one object has to tell another is told beside all this.
  await until("every form has its question", async () => {
    formsAreAnswered(told, await readRows(shop), (email) => !told.confirmed.has(email) && old(email));
    return true;
  });
  // All is known everywhere: time passes until left carts, birthdays and three weeks are over.
  for (const seconds of [2 * 3_600, DAY_S, 2 * DAY_S, 21 * DAY_S, 12 * DAY_S]) {
    await shop.advance({ seconds });
    await doings.server.settled();
  }
  const summary = await compare({ shop, told, doings, mailbox });
  for (const [name, value] of Object.entries({ kills: count, ...summary })) {
    total[name] = name.startsWith("most") ? Math.max(total[name] ?? 0, value) : (total[name] ?? 0) + value;
  }
  t.diagnostic(JSON.stringify(summary));
  await edge.kill();
}

/** Visitors, shoppers, the shop's server, its merchant and a clock, all at once, until it is over. */
async function press({ shop, told, doings, mailbox, random, signal, now }) {
  const recent = () =>
    mailbox.heard.slice(-40).map((taken) => {
      const letter = mailbox.letter(taken);
      const link = (kind) => letter.text.match(new RegExp(`https?://[^/]+(/${kind}/\\S+)`))?.[1];
      return { to: letter.to, question: link("c") !== undefined, link };
    });
  const fields = () => newcomer(doings, random, now());
  await Promise.all([
    browse(shop, told, random, signal),
    comeIn(shop, told, random, signal, fields),
    comeIn(shop, told, random, signal, fields),
    read(shop, told, random, signal, recent),
    read(shop, told, random, signal, recent),
    shopAround(shop, told, doings, random, signal, now),
    serve(doings, random, signal),
    wish(shop, told, doings, random, signal, recent),
    publish(shop, doings, random, signal, versions),
    passTime(shop, random, signal),
  ]);
}

/** Compares what was acknowledged with what is stored, and the rows with the mailbox. */
async function compare({ shop, told, doings, mailbox }) {
  await eventsAreKept(shop, told, ["page.viewed", "cart.changed"]);
  const known = await readRows(shop);
  const { messages, people, decisions, decided, sent } = known;
  formsAreAnswered(told, known, (email) => !told.confirmed.has(email));
  await nothingIsLeft(shop, ({ kind, state }) => kind === "mail" && state === "deferred");
  const letters = await mailbox.letters();
  const witness = agree(messages, letters, await mailbox.state(), told);
  const filled = new Map();
  for (const { type, visitor, at } of await shop.list("events")) {
    if (type === "cart.changed") filled.set(visitor, Math.max(at, filled.get(visitor) ?? 0));
  }
  const missed = missing(told, doings, people, { sent, decided, filled });
  assert.deepEqual(missed, [], "due, eligible and without a row");
  assert.deepEqual(doubled(letters, doings), [], "the same letter twice");
  assert.deepEqual(unwanted(letters, told, doings), [], "after a no, in a pause or in quiet hours");
  const counted = (mail) => messages.filter((each) => each.mail === mail && each.state === "accepted").length;
  return {
    events: told.acknowledged.size,
    forms: told.forms.size,
    confirmed: told.confirmed.size,
    withdrawn: told.withdrawn.size,
    paused: doings.paused.size,
    quiet: doings.quiet.size,
    orders: doings.orders.size,
    published: doings.published,
    letters: letters.length,
    ...Object.fromEntries(["welcome", "reminder", "left-cart", "thank-you", "vip", "birthday"].map((mail) => [mail, counted(mail)])),
    left_after_restart: told.leftAfterRestart,
    ...witness,
    unknown_by_kills: told.crashed,
    most_unknown_by_one_kill: told.mostInDoubt,
    refused: decisions.filter(({ what }) => what === "refused").length,
  };
}

/** Every letter has its row and every row that says so its letter; returns what is in doubt. */
function agree(messages, letters, { silences }, told) {
  assert.equal(new Set(letters.map(({ id }) => id)).size, letters.length, "a letter lies twice in the mailbox");
  const names = new Set(letters.map(({ name }) => name));
  // Rows about people who were forgotten say no more than that there was a message.
  const [known, forgotten] = [messages.filter(({ to }) => to), messages.filter(({ to }) => !to)];
  const of = (rows, wanted) => rows.filter(({ state }) => state === wanted);
  const accepted = new Map(of(known, "accepted").map((row) => [row.detail.match(/queued as (\S+)/)?.[1], row]));
  const nowhere = [...accepted].filter(([name]) => !names.has(name)).map(([, { id, detail }]) => `${id}: ${detail}`);
  assert.deepEqual(nowhere, [], "said to be accepted, and not in the mailbox");
  assert.equal(accepted.size, of(known, "accepted").length, "two rows for one letter");
  // What the mailbox holds beyond that is in doubt, each a letter of its own, or to somebody who was forgotten.
  const unknown = of(known, "unknown");
  const people = new Set(known.map(({ to }) => to));
  const more = letters.filter(({ name }) => !accepted.has(name));
  for (const { to, subject } of more.filter(({ to }) => people.has(to))) {
    const row = unknown.findIndex((each) => each.to === to && each.subject === subject);
    assert.notEqual(row, -1, `${subject} to ${to} is in the mailbox, and no row knows of it`);
    unknown.splice(row, 1);
  }
  const toForgotten = more.filter(({ to }) => !people.has(to)).length;
  const [least, doubtful] = [of(forgotten, "accepted").length, of(forgotten, "unknown").length];
  assert.ok(toForgotten >= least && toForgotten <= least + doubtful, `${toForgotten} letters to people who were forgotten, ${least} rows and ${doubtful} in doubt`);
  const all = of(messages, "unknown").length;
  const byServer = all - told.crashed;
  assert.ok(byServer >= 0 && byServer <= silences, `${all} unknown, ${told.crashed} by kills, ${silences} by the server`);
  return { unknown_by_server: byServer };
}

/** What was due to somebody and left no word of what became of it. */
function missing(told, doings, people, { sent, decided, filled }) {
  const missed = [];
  // `words`: how many there are at least. A text that nobody carries leaves one, and its letter another.
  const expect = (email, mail, journey, words = 1) => {
    const person = people.get(email);
    if (!person) return missed.push(`${email} is gone`);
    const ends = decided(person.id, journey, "end");
    const all = sent(person.id, mail) + decided(person.id, mail, "skip") + 2 * ends;
    if (all < words) missed.push(`${mail} to ${email}: ${all} of ${words}`);
  };
  for (const email of told.confirmed.keys()) {
    const person = people.get(email);
    if (person && person.addresses[0].state !== "confirmed") missed.push(`${email} is not confirmed`);
    expect(email, "welcome", "welcome");
    expect(email, "reminder", "welcome");
    if (hadBirthday(told, email, person)) expect(email, "birthday", "birthday", 1);
    const said = told.withdrawn.has(email) || told.unsureWithdrawn.has(email);
    // An order empties the carts that were filled before its date, also those that are heard of after it.
    const { visitor } = [...told.forms.values()].find((form) => form.email === email) ?? {};
    const left = visitor && filled.get(plain(visitor)) > (doings.bought.get(email) ?? 0);
    if (left && !said) expect(email, "left-cart", "left-cart");
  }
  for (const [email, theirs] of grouped(doings.orders.values(), ({ email }) => email)) {
    expect(email, "thank-you", "thank-you", 2 * theirs.length);
    expect(email, "vip", "vip", 2);
  }
  return missed;
}

/** Whether somebody's birthday came after they had allowed letters. */
function hadBirthday(told, email, person) {
  const { birthday } = [...told.forms.values()].find((form) => form.email === email) ?? {};
  const allowed = person?.consents.find(({ state }) => state === "given")?.at;
  if (!birthday || !allowed || person.consents.some(({ state }) => state === "withdrawn")) return false;
  const year = new Date(allowed).getUTCFullYear();
  const next = [year, year + 1].map((each) => Date.parse(`${each}-${birthday}`)).find((day) => day > allowed);
  // Birthdays are drawn from the next three weeks; a later one is next year's.
  return next - allowed > DAY_MS && next - allowed < 22 * DAY_MS;
}

/** Letters that came more often than there was a reason for. */
function doubled(letters, doings) {
  const texts = demoRelease().config.mails;
  const mails = new Map(Object.entries(texts).flatMap(([name, mail]) => Object.values(mail.texts).map(({ subject }) => [subject, name])));
  const apart = { "left-cart": 7 * DAY_MS, "left-cart-again": 7 * DAY_MS, rescue: 90 * DAY_MS, vip: 90 * DAY_MS, birthday: 300 * DAY_MS, "win-back": 180 * DAY_MS };
  const wrong = [];
  const each = grouped(letters, ({ to, subject }) => `${to} ${mails.get(subject) ?? subject}`);
  for (const [name, same] of each) {
    const [to, mail] = name.split(" ");
    if (mail === "thank-you") {
      const orders = [...doings.orders.values()].filter(({ email }) => email === to).length;
      if (same.length > orders) wrong.push(`${name}: ${same.length} for ${orders} orders`);
      continue;
    }
    const moments = same.map(({ at }) => at).toSorted((a, b) => a - b);
    const tooSoon = moments.some((at, n) => n > 0 && (apart[mail] === undefined || at - moments[n - 1] < apart[mail] - 2 * DAY_MS));
    if (tooSoon) wrong.push(`${name}: ${moments.map((at) => new Date(at).toISOString())}`);
  }
  return wrong;
}

/** News and offers that came although somebody had been told that none would. */
function unwanted(letters, told, doings) {
  return letters
    .filter(({ to, marketing, arrived, at }) => {
      if (!marketing) return false;
      const paused = doings.paused.get(to);
      return (
        arrived > (told.withdrawn.get(to) ?? Infinity) ||
        (arrived > (doings.quiet.get(to) ?? Infinity) && isQuiet(at)) ||
        (paused && arrived > paused.at && at < paused.until)
      );
    })
    .map(({ to, subject, at, arrived }) => `${subject} to ${to} at ${new Date(at).toISOString()} (${arrived})`);
}

/** Things by what they have in common. */
function grouped(all, by) {
  const groups = new Map();
  for (const each of all) groups.set(by(each), [...(groups.get(by(each)) ?? []), each]);
  return groups;
}
