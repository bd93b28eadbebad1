// A shop's buckets lie in several objects, and whoever asks does not have to know which.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, plain, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

/** How many rows each of a shop's objects has. */
async function held(shop, table) {
  const counts = [];
  for (let object = 0; object < shop.objects; object++) {
    const [{ n }] = await edge.inside(shop, `shard/${object}`, `SELECT count(*) AS n FROM ${table}`);
    counts.push(n);
  }
  return counts;
}

test("visitors and addresses are spread over the objects, and lists show all of them", async () => {
  const shop = await edge.createShop({ objects: 8 });
  await shop.publish();
  const events = [];
  for (let n = 0; n < 40; n++) {
    const event = shop.event();
    events.push(plain(event.id));
    assert.equal((await shop.send([event])).status, 202);
  }
  const emails = Array.from({ length: 24 }, () => emailAddress());
  for (const email of emails) await shop.submit({ email });
  assert.ok((await held(shop, "events")).filter((n) => n > 0).length >= 5, "spread");
  assert.ok((await held(shop, "shoppers")).filter((n) => n > 0).length >= 5, "spread");
  const listed = (await shop.list("events")).filter(({ type }) => type === "page.viewed");
  assert.deepEqual(listed.map(({ id }) => id).sort(), events.sort());
  const people = (await shop.list("people")).map(({ addresses }) => addresses[0].address);
  assert.deepEqual(people.sort(), emails.sort());
  assert.deepEqual((await shop.status()).counts.people, 24);
});

test("lists of several objects are complete over many pages, newest first", async () => {
  const shop = await edge.createShop({ objects: 3 });
  const sent = [];
  for (let n = 0; n < 24; n++) {
    const events = Array.from({ length: 10 }, () => shop.event());
    sent.push(...events.map(({ id }) => plain(id)));
    await shop.send(events);
  }
  const listed = await shop.list("events");
  assert.deepEqual(listed.map(({ id }) => id).sort(), sent.sort(), "nothing is missing, nothing comes twice");
  const received = listed.map(({ received }) => received);
  assert.deepEqual(received, received.toSorted((a, b) => b - a));
});

for (const objects of [1, 2, 8]) {
  test(`in a shop with ${objects} a hint that is wrong does no harm`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish();
    let taken = 0;
    for (const hint of [1, 2, 3, 7, 8, 64]) {
      for (let n = 0; n < 4; n++) {
        const event = shop.event();
        const answer = await shop.send([event], { objects: hint });
        if (answer.status === 202) taken += 1;
        else assertProblem(answer, 421, "objects");
        const form = await shop.submit({}, { objects: hint });
        if (form.status !== 200) assertProblem(form, 421, "objects");
        if (hint <= objects) assert.deepEqual([answer.status, form.status], [202, 200], `hint ${hint}`);
      }
    }
    const kept = (await shop.list("events")).filter(({ type }) => type === "page.viewed");
    assert.equal(kept.length, taken, "what was taken in is there, once");
  });
}

test("an address has one shopper, whichever way it came in", async () => {
  const shop = await edge.createShop({ objects: 8 });
  await shop.publish();
  const email = emailAddress();
  const hints = [1, 2, 4, 8, 1, 8];
  const answers = await Promise.all(hints.map((objects) => shop.submit({ email }, { objects })));
  assert.deepEqual(answers.map(({ status }) => status), hints.map(() => 200));
  assert.equal((await held(shop, "shoppers")).reduce((a, b) => a + b), 1);
  assert.equal((await held(shop, "addresses")).reduce((a, b) => a + b), 1);
});

test("the same visitor always comes to the same object", async () => {
  const shop = await edge.createShop({ objects: 8 });
  const visitor = uuid();
  for (const written of [visitor, visitor.toUpperCase(), plain(visitor)]) {
    assert.equal((await shop.send([shop.event()], { visitor: written })).status, 202);
  }
  assert.deepEqual((await held(shop, "events")).filter((n) => n > 0), [3]);
});

test("an object forgotten by the platform goes on where it was", async () => {
  const shop = await edge.createShop({ objects: 2 });
  await shop.publish();
  const { email } = await shop.welcome();
  await shop.mailTo(email, "welcome");
  for (const object of ["shard/0", "shard/1", "shop"]) await edge.evict(shop, object);
  assert.equal((await shop.status()).version, (await shop.pointer()).version);
  await shop.send([shop.event()]);
  await shop.advance({ days: 11 });
  assert.deepEqual((await shop.mailsTo(email)).map(({ mail }) => mail).sort(), ["confirm", "reminder", "welcome"]);
});

test("a shop cannot be made with a number of objects that there is not", async () => {
  const { OWNER } = await import("../harness/edge.mjs");
  for (const objects of [0, -1, 65, 70_000, 1.5, "8"]) {
    const json = { name: "Odd", origins: ["https://odd.example"], objects };
    assertProblem(await edge.ask("POST", "/owner/v1/shops", { token: OWNER, json }), 400);
  }
});
