// Two shoppers become one and two again, in one object and over several, whatever crashes in between.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { emailAddress, plain, uuid } from "../harness/ids.mjs";
import { formOf } from "../harness/page.mjs";
import { seeded } from "../harness/random.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

const join = (shop, one, other) => shop.admin("POST", `people/${one}/join`, { json: { with: other } });
const part = (shop, one) => shop.admin("POST", `people/${one}/part`, { json: {} });
const addressesOf = (person) => person.addresses.map(({ address }) => address).sort();

/** Two who have confirmed: `[{email, person}]`, the older first. */
async function two(shop) {
  const found = [];
  for (const given_name of ["Anna", "Berta"]) {
    const { email } = await shop.welcome({ given_name });
    found.push({ email, id: (await shop.person(email)).id });
  }
  return found;
}

async function joined(shop, anna, berta) {
  assert.equal((await join(shop, anna.id, berta.id)).status, 200);
  return until("they are one", async () => {
    const person = await shop.person(anna.email);
    return person?.addresses.length === 2 && person;
  });
}

async function parted(shop, berta) {
  assert.equal((await part(shop, berta.id)).status, 200);
  return until("they are two", async () => {
    const person = await shop.person(berta.email);
    return person?.addresses.length === 1 && person;
  });
}

for (const objects of [1, 8]) {
  const shopOf = async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish();
    return shop;
  };

  test(`in a shop with ${objects}: two become one under the older's id, and two again with what was theirs`, async () => {
    const shop = await shopOf();
    const [anna, berta] = await two(shop);
    const before = await Promise.all([shop.person(anna.email), shop.person(berta.email)]);

    const person = await joined(shop, anna, berta);
    assert.equal(person.id, anna.id);
    assert.deepEqual(addressesOf(person), [anna.email, berta.email].sort());
    assert.equal(person.codes.length, 2);
    assert.deepEqual(person.joined, [berta.id]);
    assert.equal((await shop.list("people")).length, 1);
    assert.equal((await shop.status()).counts.people, 1);

    await parted(shop, berta);
    const later = await Promise.all([shop.person(anna.email), shop.person(berta.email)]);
    const rest = (people) => people.map(({ runs, ...rest }) => rest);
    assert.deepEqual(rest(later), rest(before), "no trace of the other");
    // Both were being welcomed; of the two runs the later one gave way, and says so.
    const ended = later.flatMap(({ runs }) => runs).filter(({ ended }) => ended !== null);
    assert.deepEqual(ended.map(({ journey, why }) => [journey, why.rule]), [["welcome", "joined"]]);
    assert.ok(before.flatMap(({ runs }) => runs).every(({ ended }) => ended === null));
  });

  test(`in a shop with ${objects}: joined twice, or with oneself, changes nothing and says so`, async () => {
    const shop = await shopOf();
    const [anna, berta] = await two(shop);
    await joined(shop, anna, berta);
    assert.equal((await join(shop, berta.id, anna.id)).status, 200);
    assert.equal((await join(shop, anna.id, anna.id)).status, 400);
    assert.equal((await join(shop, "nobody", anna.id)).status, 404);
    assert.equal((await part(shop, anna.id)).status, 409);
    assert.deepEqual(addressesOf(await shop.person(anna.email)), [anna.email, berta.email].sort());
  });

  test(`in a shop with ${objects}: who takes permission back at one address gets nothing at the other`, async () => {
    const shop = await shopOf();
    const [anna, berta] = await two(shop);
    const letter = await shop.mailTo(berta.email, "welcome");
    await joined(shop, anna, berta);
    assert.equal((await edge.ask("POST", shop.link(letter, "u"))).status, 200);
    await shop.advance({ days: 12 });
    for (const { email } of [anna, berta]) {
      assert.deepEqual((await shop.mailsTo(email)).map(({ mail }) => mail).sort(), ["confirm", "welcome"]);
    }
  });

  const yes = async (shop, email) => {
    const before = await shop.mailsTo(email);
    assert.equal((await shop.submit({ email, allow: ["email.marketing"] })).status, 200);
    const { id } = await until("the question comes", async () => (await shop.mailsTo(email)).find(({ mail, id, state }) => mail === "confirm" && state === "accepted" && !before.some((each) => each.id === id)));
    return shop.link(await shop.message(id), "c");
  };
  /** What the page behind the older's letters says of news: allowed, or not. */
  const allowed = async (shop, email) => {
    const page = await edge.ask("GET", shop.link(await shop.mailTo(email, "confirm"), "p").replace(/#.*/, ""));
    return formOf(page.text).getAll("channel").includes("email");
  };

  test(`in a shop with ${objects}: whoever says no behind the younger's letter, after a yes at the older's address, is obeyed`, async () => {
    const shop = await shopOf();
    const [anna, berta] = await two(shop);
    const letter = await shop.mailTo(berta.email, "welcome");
    assert.equal((await edge.ask("POST", shop.link(letter, "u"))).status, 200);
    await joined(shop, anna, berta);
    assert.equal((await edge.ask("POST", await yes(shop, anna.email))).status, 200);
    assert.equal(await allowed(shop, anna.email), true, "she has said yes anew");
    assert.match((await edge.ask("GET", shop.link(letter, "u"))).text, /<button/, "the button is offered");
    const pressed = await edge.ask("POST", shop.link(letter, "u"), { body: "List-Unsubscribe=One-Click", headers: { "content-type": "application/x-www-form-urlencoded" } });
    assert.equal(pressed.status, 200);
    assert.equal(await allowed(shop, anna.email), false);
    await shop.advance({ days: 12 });
    for (const { email } of [anna, berta]) assert.deepEqual((await shop.mailsTo(email)).filter(({ mail }) => mail === "reminder"), []);
  });

  test(`in a shop with ${objects}: whoever says yes at the younger's address, after a no at the older's, is written to`, async () => {
    const shop = await shopOf();
    const [anna, berta] = await two(shop);
    await edge.ask("POST", shop.link(await shop.mailTo(anna.email, "welcome"), "u"));
    await joined(shop, anna, berta);
    assert.equal(await allowed(shop, anna.email), false);
    assert.equal((await edge.ask("POST", await yes(shop, berta.email))).status, 200);
    assert.equal(await allowed(shop, anna.email), true);
  });

  test(`in a shop with ${objects}: a no at the older's address holds against a question to the younger's that was asked before`, async () => {
    const shop = await shopOf();
    const { email: older } = await shop.welcome();
    // She has confirmed her address and said nothing of news until now.
    const { email: younger } = await shop.welcome({ allow: [] });
    const [anna, berta] = [{ email: older, id: (await shop.person(older)).id }, { email: younger, id: (await shop.person(younger)).id }];
    const letter = await shop.mailTo(anna.email, "welcome");
    await joined(shop, anna, berta);
    const question = await yes(shop, berta.email);
    assert.equal((await edge.ask("POST", shop.link(letter, "u"))).status, 200);
    assert.equal((await edge.ask("POST", question)).status, 200);
    assert.equal(await allowed(shop, anna.email), false);
  });

  test(`in a shop with ${objects}: two who turn out to be one hear once what each was to hear, and nothing more when they part`, async () => {
    const shop = await shopOf();
    const [anna, berta] = await two(shop);
    await joined(shop, anna, berta);
    await shop.advance({ days: 12 });
    const heard = async () => {
      const letters = [...(await shop.mailsTo(anna.email)), ...(await shop.mailsTo(berta.email))];
      return letters.map(({ mail }) => mail).sort();
    };
    const all = ["confirm", "confirm", "reminder", "welcome", "welcome"];
    assert.deepEqual(await heard(), all);
    await parted(shop, berta);
    await shop.advance({ days: 30 });
    assert.deepEqual(await heard(), all);
  });

  test(`in a shop with ${objects}: links and forms of the younger work where its rows went`, async () => {
    const shop = await shopOf();
    const [anna, berta] = await two(shop);
    const letter = await shop.mailTo(berta.email, "welcome");
    await joined(shop, anna, berta);
    assert.equal((await shop.submit({ email: berta.email, allow: ["email.marketing"] })).status, 200);
    await shop.mailTo(berta.email, "confirm");
    assert.match((await edge.ask("GET", shop.link(letter, "u"))).text, /<button/);
    assert.equal((await shop.list("people")).length, 1);
  });
}

/** Shoppers who were asked only, `[{email, id, object}]`, the oldest first, until they lie as it is wanted. */
async function lying(shop, wanted) {
  const found = [];
  for (let n = 0; n < 60; n++) {
    const email = emailAddress();
    await shop.submit({ email });
    const { id } = await shop.person(email);
    // The last three digits of the third group are the bucket.
    found.push({ email, id, object: Math.floor((Number.parseInt(plain(id).slice(13, 16), 16) * shop.objects) / 4_096) });
    await pause(2);
    const three = wanted(found);
    if (three) return three;
  }
  throw new Error("sixty shoppers, and none of them lie as wanted");
}

const quiet = (shop) => until("nobody is on the way any more", async () => (await shop.list("jobs")).every(({ kind }) => kind !== "transfer" && kind !== "errand"), { within: 20_000, every: 100 });
const isOne = async (shop, all) => {
  const people = (await shop.list("people")).filter(({ addresses }) => all.some(({ email }) => addressesOf({ addresses }).includes(email)));
  assert.deepEqual(people.map(addressesOf), [all.map(({ email }) => email).sort()]);
};

for (const objects of [1, 8]) {
  const shapes = {
    "the two younger share an object": (a, b, c) => b.object === c.object && a.object !== b.object,
    "each lives in another object": (a, b, c) => new Set([a.object, b.object, c.object]).size === 3,
    "the two older share an object": (a, b, c) => a.object === b.object && c.object !== a.object,
  };
  for (const [shape, fits] of Object.entries(objects === 1 ? { "all share it": () => true } : shapes)) {
    test(`in a shop with ${objects}, where ${shape}: three become one whoever is joined first, also all at once, and can be erased`, async () => {
      const shop = await edge.createShop({ objects });
      await shop.publish();
      const wanted = (all) => {
        const last = all.at(-1);
        for (const [n, one] of all.slice(0, -1).entries()) {
          for (const other of all.slice(n + 1, -1)) if (fits(one, other, last)) return [one, other, last];
        }
      };
      for (const order of [[[0, 2], [1, 2]], [[1, 2], [0, 2]], [[0, 1], [1, 2]], [[0, 2], [0, 1]]]) {
        for (const together of [false, true]) {
          const three = await lying(shop, wanted);
          const acts = order.map(([one, other]) => () => join(shop, three[one].id, three[other].id));
          const answers = [];
          if (together) answers.push(...(await Promise.all(acts.map((act) => act()))));
          else {
            for (const act of acts) {
              answers.push(await act());
              await quiet(shop);
            }
          }
          assert.deepEqual(answers.map(({ status }) => status), [200, 200], `${order} ${together}`);
          await quiet(shop);
          await isOne(shop, three);
          const erased = await shop.admin("POST", `people/${three[1].id}/erase`, { json: {} });
          assert.equal(erased.status, 200, `${order} ${together}: ${erased.text}`);
        }
      }
    });
  }
}

test("whoever was erased before the join began is not waited for", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const [anna, berta] = await two(shop);
  assert.equal((await shop.admin("POST", `people/${berta.id}/erase`, { json: {} })).status, 200);
  const inside = (query, ...values) => edge.inside(shop, "shard/0", query, ...values);
  await inside("INSERT INTO transfers (source, target, step, at, rule, fact) VALUES (?, ?, 'begun', 1, 'merchant', '')", berta.id, anna.id);
  const body = JSON.stringify({ transfer: { shopper: berta.id, way: "join" } });
  await inside("INSERT INTO jobs (key, due, kind, shopper, state, attempts, body) VALUES (?, 1, 'transfer', '', 'waiting', 0, ?)", `transfer:${berta.id}`, body);
  await shop.advance({ seconds: 1 });
  const erased = async () => (await shop.admin("POST", `people/${anna.id}/erase`, { json: {} })).status === 200;
  await until("the one she was to be joined with can be erased", erased, { within: 10_000, every: 250 });
});

test("kills between any two steps leave every address with one shopper, and nothing lost or doubled", async (t) => {
  const seed = Number(process.env.RAPPORT_JOIN_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`RAPPORT_JOIN_SEED=${seed}`);
  console.log(`joining: RAPPORT_JOIN_SEED=${seed}`);
  const random = seeded(seed);
  const folder = temporaryFolder(t, "rapport-join");
  let bare = await startBareEdge(folder, { build: "dev" });
  t.after(() => bare.kill());
  const shop = await bare.createShop({ objects: 8 });
  await shop.publish();
  const emails = [];
  const seen = new Map();
  for (let n = 0; n < 10; n++) {
    const visitor = uuid();
    const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"] });
    emails.push(email);
    // What each of them did in a browser of their own.
    const events = Array.from({ length: 3 }, (_, k) => shop.event("page.viewed", { title: `${n}.${k}` }));
    await shop.send(events, { visitor });
    seen.set(email, events.map(({ id }) => plain(id)).sort());
  }
  const ids = new Map();
  for (const email of emails) ids.set(email, (await shop.person(email)).id);
  const all = [...ids.values()];

  for (let round = 0; round < 12; round++) {
    const acts = Array.from({ length: 4 }, async () => {
      await pause(random.between(0, 20));
      const [one, other] = [random.pick(all), random.pick(all)];
      if (random.chance(0.65)) await join(shop, one, other).catch(() => undefined);
      else await part(shop, one).catch(() => undefined);
    });
    await pause(random.between(2, 120));
    await bare.kill();
    await Promise.all(acts);
    bare = await startBareEdge(folder, { build: "dev" });
    shop.edge = bare;
  }

  const quiet = async () => (await shop.list("jobs")).every(({ kind }) => kind !== "transfer");
  await until("nobody is on the way any more", quiet, { within: 60_000, every: 250 });
  const people = await shop.list("people");
  const had = people.flatMap((person) => person.addresses.map(({ address }) => address)).sort();
  assert.deepEqual(had, emails.toSorted(), "each address has one shopper");
  assert.equal(people.flatMap(({ codes }) => codes).length, emails.length, "each code is there once");
  const claims = (await shop.list("messages")).map(({ id }) => id);
  assert.equal(new Set(claims).size, claims.length);
  assert.equal(claims.length, 2 * emails.length, "no message is lost or doubled");

  const viewed = (await shop.list("events")).filter(({ type }) => type === "page.viewed").map(({ id }) => id);
  assert.deepEqual(viewed.sort(), [...seen.values()].flat().sort(), "no event is lost or doubled");

  // Everybody can be told apart again.
  for (let pass = 0; pass < 4; pass++) {
    for (const id of all) await part(shop, id);
    await until("nobody is on the way any more", quiet, { within: 60_000, every: 100 });
  }
  const apart = await shop.list("people");
  assert.deepEqual(new Map(apart.map((person) => [person.addresses[0].address, person.id])), new Map(apart.map(({ addresses: [{ address }] }) => [address, ids.get(address)])));
  assert.equal(apart.length, emails.length);
  for (const [email, events] of seen) {
    const theirs = async () => {
      await shop.advance({ seconds: 6 });
      const answer = await shop.admin("GET", `people/${ids.get(email)}/events`);
      const found = answer.json.items.filter(({ type }) => type === "page.viewed").map(({ id }) => id);
      return JSON.stringify(found.sort()) === JSON.stringify(events);
    };
    await until(`${email} has done what they did, and nothing else`, theirs, { within: 30_000, every: 100 });
  }
});
