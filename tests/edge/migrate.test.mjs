// Runs under way are set on the live version because the merchant says so: the same step under another name,
// nothing said twice, nobody forgotten, whatever crashes in between.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { emailAddress, plain } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { seeded } from "../harness/random.mjs";
import { changedRelease, named, remindAlways } from "../harness/release.mjs";
import { Server, statement } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

const DAY_MS = 24 * 3_600_000;

/** The demo shop whose welcome is reminded of ten days later. */
const first = () => changedRelease((config) => remindAlways(config, 10 * DAY_MS));
/** The same after five days, with other names, and the welcome itself after the wait. */
const second = () =>
  changedRelease((config) => {
    remindAlways(config, 5 * DAY_MS);
    const { steps } = named(config.journeys, "welcome");
    [steps[1], steps[2]] = [steps[2], steps[1]];
    for (const [n, id] of [[1, "five-days"], [2, "greeting"], [3, "last-word"]]) Object.assign(steps[n], { id, next: n + 1 });
  });
const RENAMED = { "before-code-ends": "five-days", "send-welcome": "greeting", "send-reminder": "last-word" };
/** Thanks after three weeks come after two. */
const sooner = () =>
  changedRelease((config) => {
    const { steps } = named(config.journeys, "vip");
    steps[0].id = "wait-2-weeks";
    steps[0].act.wait = { days: [14, 600] };
  });

const path = (journey) => `journeys/${journey}/migrate`;
const ask = (shop, journey, json = {}) => shop.admin("POST", path(journey), { json });
const migrate = async (shop, journey, json) => {
  const answer = await ask(shop, journey, json);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const done = (shop, journey) =>
  until("all runs were looked at", async () => {
    const { json } = await shop.admin("GET", path(journey));
    return json.done && json;
  }, { within: 60_000, every: 100 });
const moves = async (shop) => (await shop.list("decisions")).filter(({ what }) => what === "move");
const sums = ({ moved, ended, stay, left, failed }) => ({ moved, ended, stay, left, failed });
const objectOf = (shop, id) => Math.floor((Number.parseInt(plain(id).slice(13, 16), 16) * shop.objects) / 4_096);

for (const objects of [1, 8]) {
  const within = (text) => `in a shop with ${objects}: ${text}`;
  const open = async (release) => {
    const shop = await edge.createShop({ objects });
    return { shop, version: await shop.publish(release) };
  };
  const welcomed = async (shop, count) => {
    const emails = [];
    for (let n = 0; n < count; n++) {
      const { email } = await shop.welcome();
      await shop.mailTo(email, "welcome");
      emails.push(email);
    }
    return emails;
  };
  const heard = async (shop, email) => (await shop.mailsTo(email)).map(({ mail }) => mail).filter((mail) => mail !== "confirm").reverse();

  test(within("runs go on at their step under its new name, by its new wait, and nothing is said twice"), async () => {
    const { shop, version } = await open(first());
    const emails = await welcomed(shop, 5);
    await shop.advance({ days: 1 });
    const live = await shop.publish(second());
    const count = { version, step: "before-code-ends", becomes: "moves", to: "five-days", runs: 5 };

    const tried = await migrate(shop, "welcome", { steps: RENAMED, try: true });
    assert.deepEqual(tried.runs, [count]);
    assert.deepEqual([tried.try, tried.version, sums(tried)], [true, live, { moved: 5, ended: 0, stay: 0, left: 0, failed: 0 }]);
    const stays = await migrate(shop, "welcome", { try: true });
    assert.deepEqual(stays.runs, [{ version, step: "before-code-ends", becomes: "stays", runs: 5 }]);
    assert.deepEqual(await moves(shop), [], "nothing was changed by asking");
    assertProblem(await shop.admin("GET", path("welcome")), 404);

    await migrate(shop, "welcome", { steps: RENAMED });
    const came = await done(shop, "welcome");
    assert.deepEqual([came.runs, came.stay], [[count], 0]);
    const rows = await moves(shop);
    assert.deepEqual(rows.map(({ message, why }) => [message, why.rule]), Array(5).fill(["welcome", "migration"]));
    assert.equal(rows[0].why.fact, `from version ${version} at before-code-ends to version ${live} at five-days`);
    for (let object = 0; object < objects; object++) {
      const versions = await edge.inside(shop, `shard/${object}`, "SELECT DISTINCT version FROM runs WHERE ended IS NULL");
      for (const row of versions) assert.equal(row.version ?? row[0], live);
    }
    // Asked again it is the same, and leaves no further row.
    assert.deepEqual(sums(await migrate(shop, "welcome", { steps: RENAMED })), sums(came));
    await shop.advance({ days: 3 });
    for (const email of emails) assert.deepEqual(await heard(shop, email), ["welcome"], "the five days are not over");
    await shop.advance({ days: 2 });
    for (const email of emails) assert.deepEqual(await heard(shop, email), ["welcome", "reminder"]);
    await shop.advance({ days: 20 });
    for (const email of emails) assert.deepEqual(await heard(shop, email), ["welcome", "reminder"]);
    assert.equal((await moves(shop)).length, 5);
  });

  test(within("runs whose step is gone end, go on where it is said, or stay, and goals of the live version count"), async () => {
    const { shop, version } = await open(first());
    const emails = await welcomed(shop, 3);
    await shop.publish(second());
    await migrate(shop, "welcome", {});
    assert.deepEqual(sums(await done(shop, "welcome")), { moved: 0, ended: 0, stay: 3, left: 0, failed: 0 });
    await migrate(shop, "welcome", { from: version, steps: {}, gone: "last-word" });
    assert.deepEqual((await done(shop, "welcome")).runs, [{ version, step: "before-code-ends", becomes: "moves", to: "last-word", runs: 3 }]);
    for (const email of emails) await shop.mailTo(email, "reminder");
    const others = [(await shop.welcome()).email, (await shop.welcome()).email];
    await shop.advance({ seconds: 10 });
    const third = changedRelease((config) => {
      config.journeys = config.journeys.filter(({ name }) => name !== "welcome");
    });
    await shop.publish(third);
    assertProblem(await ask(shop, "welcome"), 400, "gone");
    await migrate(shop, "welcome", { gone: "exit" });
    assert.deepEqual(sums(await done(shop, "welcome")), { moved: 0, ended: 2, stay: 0, left: 0, failed: 0 });
    await shop.advance({ days: 12 });
    for (const email of others) assert.deepEqual(await heard(shop, email), []);
    const { id } = await shop.person(others[0]);
    assert.ok((await shop.decisionsAbout(id)).includes("end welcome: migration"));
  });

  test(within("whatever cannot be is named with what there is, and nothing happens"), async () => {
    const { shop, version } = await open(first());
    await welcomed(shop, 1);
    const live = await shop.publish(second());
    for (const [journey, body, status, field, says] of [
      ["welcom", {}, 404, "journey", "there are: "],
      ["Not a name", {}, 404, "journey", "lower-case"],
      ["welcome", { from: live }, 400, "from", `${version} (1)`],
      ["welcome", { from: "0123456789abcdef" }, 400, "from", `${version} (1)`],
      ["welcome", { steps: { "send-welcom": "greeting" } }, 400, "steps.send-welcom", "code-welcome, send-welcome, before-code-ends, send-reminder"],
      ["welcome", { steps: { "send-welcome": "hello" } }, 400, "steps.send-welcome", "code-welcome, five-days, greeting, last-word"],
      ["welcome", { steps: { "before-code-ends": "greeting" } }, 400, "steps.before-code-ends", "is a wait"],
      ["welcome", { steps: { "send-reminder": "code-welcome" } }, 400, "steps.send-reminder", "a code"],
      ["welcome", { gone: "nowhere" }, 400, "gone", "expected exit or a step"],
      ["welcome", { gone: "code-welcome" }, 400, "gone", "have been at code-welcome before"],
      ["welcome", { steps: ["a"] }, 400, "steps", ""],
      ["welcome", { forms: {} }, 400, "forms", "unknown field"],
    ]) {
      const problem = assertProblem(await ask(shop, encodeURIComponent(journey), body), status, field);
      assert.ok(problem.detail.includes(says), problem.detail);
    }
    assertProblem(await edge.ask("POST", `/admin/v1/shops/${shop.key}/${path("welcome")}`, { json: {} }), 401);
    assertProblem(await shop.admin("GET", path("welcome")), 404);
    assert.deepEqual(await moves(shop), []);
  });
}

test("whoever is on the way to another object is set on the live version when they arrive", async () => {
  const shop = await edge.createShop({ objects: 8 });
  await shop.publish();
  const server = await new Server(shop).connect();
  const people = [];
  while (people.length < 2) {
    const { email } = await shop.welcome();
    const { id } = await shop.person(email);
    if (people.every((known) => objectOf(shop, known.id) !== objectOf(shop, id))) people.push({ email, id });
  }
  for (const [n, { email }] of people.entries()) {
    await server.tell(statement("order.placed", { order: { id: `n${n}`, email, total: "40.00", currency: "EUR", items: [{ product: "robe", quantity: 1 }] } }));
  }
  await server.settled();
  await shop.advance({ seconds: 60 });
  const [anna, berta] = people;
  const from = `shard/${objectOf(shop, berta.id)}`;
  // As it is while she is packed and not taken over yet.
  await edge.inside(shop, from, "UPDATE shoppers SET state = 'frozen', joined_to = ? WHERE id = ?", anna.id, berta.id);
  await shop.publish(sooner());
  await migrate(shop, "vip", { steps: { "wait-3-weeks": "wait-2-weeks" } });
  const before = await done(shop, "vip");
  assert.equal(before.moved, 1, JSON.stringify(before));
  await edge.inside(shop, from, "UPDATE shoppers SET state = 'live', joined_to = NULL WHERE id = ?", berta.id);
  assert.equal((await shop.admin("POST", `people/${anna.id}/join`, { json: { with: berta.id } })).status, 200);
  await until("they are one", async () => (await shop.person(anna.email))?.addresses.length === 2);
  const moved = await moves(shop);
  assert.equal(moved.length, 2, JSON.stringify(moved));
  assert.equal((await done(shop, "vip")).moved, 2);
  const left = await edge.inside(shop, `shard/${objectOf(shop, anna.id)}`, "SELECT count(*) AS n FROM runs WHERE journey = 'vip' AND ended IS NULL");
  assert.equal(left[0].n ?? left[0][0], 2);
});

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: kills in the middle move every run once and forget none`, async (t) => {
    const seed = Number(process.env.RAPPORT_MIGRATE_SEED ?? Date.now() % 1_000_000_000);
    t.diagnostic(`RAPPORT_MIGRATE_SEED=${seed}`);
    console.log(`migrate: RAPPORT_MIGRATE_SEED=${seed}`);
    const random = seeded(seed + objects);
    const folder = temporaryFolder(t, "rapport-migrate");
    let bare = await startBareEdge(folder, { build: "dev" });
    t.after(() => bare.kill());
    const shop = await bare.createShop({ objects });
    await shop.publish();
    const PEOPLE = 240;
    const placed = new Date().toISOString();
    const lines = Array.from({ length: PEOPLE }, (_, n) => `${n},${emailAddress()},20.00,EUR,${placed}`);
    const file = ["id,email,total,currency,placed", ...lines].join("\n");
    const taken = await shop.admin("POST", "import?about=orders&format=csv", { body: file, headers: { "content-type": "text/plain" } });
    assert.equal(taken.json.accepted, PEOPLE, taken.text);
    await new Server(shop).settled();
    await shop.advance({ seconds: 60 });
    await shop.publish(sooner());
    const wish = { steps: { "wait-3-weeks": "wait-2-weeks" } };
    assert.equal((await migrate(shop, "vip", { ...wish, try: true })).moved, PEOPLE);
    let partly = 0;
    for (let round = 0; round < 4; round++) {
      const taken = () => until("it is taken", async () => (await ask(shop, "vip", wish)).status === 200);
      // Cut off while it is told, or once some runs have moved.
      let asked;
      if (round === 0) {
        asked = ask(shop, "vip", wish).catch(() => undefined);
        await pause(random.between(1, 60));
      } else {
        await taken();
        const { moved } = await until("some have moved", async () => {
          const { json } = await shop.admin("GET", path("vip"));
          return json.moved > 0 && json;
        }, { within: 30_000, every: 1 });
        if (moved < PEOPLE) partly += 1;
      }
      await bare.kill();
      await asked;
      bare = await startBareEdge(folder, { build: "dev" });
      shop.edge = bare;
    }
    t.diagnostic(`${partly} kills in the middle`);
    await until("it is taken", async () => (await ask(shop, "vip", wish)).status === 200);
    const came = await done(shop, "vip");
    assert.deepEqual(sums(came), { moved: PEOPLE, ended: 0, stay: 0, left: 0, failed: 0 });
    const rows = await moves(shop);
    assert.equal(rows.length, PEOPLE);
    assert.equal(new Set(rows.map(({ shopper }) => shopper)).size, PEOPLE, "one row for each");
    await shop.advance({ days: 13 });
    const tagged = async () => (await shop.list("events")).filter(({ type, data }) => type === "tag.added" && data.tag === "thanked").length;
    assert.equal(await tagged(), 0, "two weeks are not over");
    await shop.advance({ days: 4 });
    assert.equal(await tagged(), PEOPLE, "after two weeks, each run went on once");
    await shop.advance({ days: 10 });
    assert.equal(await tagged(), PEOPLE);
  });
}
