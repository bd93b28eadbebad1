// Who sits before a browser: known by a confirmation or a signed link, one after the other, and undone
// without a trace. In one object and over several.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, plain, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { Server, statement, timed } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

/** Longer than the clocks of two objects differ after the development clock was moved. */
const MOMENT = 150;

const BOTH = ["email.marketing", "device.personalisation"];

for (const objects of [1, 8]) {
  const shop = await edge.createShop({ objects });
  await shop.publish();

  /** Something that a browser does; its title tells it from others. */
  const did = async (visitor, title) => {
    const { now } = (await shop.status()).clock;
    const event = { ...shop.event("page.viewed", { title }), at: now };
    assert.equal((await shop.send([event], { visitor, sent: now })).status, 202);
    return event.id;
  };

  /** Titles of the pages that somebody saw, oldest first. */
  const saw = async (id) => {
    const answer = await shop.admin("GET", `people/${id}/events`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.items
      .filter(({ type }) => type === "page.viewed")
      .sort((one, other) => one.at - other.at)
      .map(({ data }) => data.title);
  };

  /** Waits until somebody is known to have seen exactly these. */
  const sees = async (id, titles) => {
    let seen;
    const theirs = async () => {
      // What is kept elsewhere follows within seconds; the clock does not have to be waited for.
      await shop.advance({ seconds: 6 });
      seen = await saw(id);
      return JSON.stringify(seen) === JSON.stringify(titles);
    };
    await until("it is theirs", theirs, { every: 100 }).catch(() => assert.deepEqual(seen, titles));
  };

  const meet = async (visitor, fields = {}) => {
    const { email } = await shop.welcome({ allow: BOTH, visitor, ...fields });
    return { email, id: (await shop.person(email)).id };
  };

  test(`in a shop with ${objects}: what a browser did is its shopper's once the address is confirmed, not before`, async () => {
    const visitor = uuid();
    await did(visitor, "before");
    await pause(MOMENT);
    const email = emailAddress();
    await shop.submit({ email, allow: BOTH, visitor });
    await did(visitor, "meanwhile");
    const { id } = await until("they are there", () => shop.person(email));
    assert.deepEqual(await saw(id), [], "a typed address proves nothing");
    await edge.ask("POST", shop.link(await shop.mailTo(email, "confirm"), "c"));
    await sees(id, ["before", "meanwhile"]);
    await did(visitor, "after");
    await sees(id, ["before", "meanwhile", "after"]);
    assert.equal((await shop.person(email)).visitors, 1);
  });

  test(`in a shop with ${objects}: two people on one browser stay two people`, async () => {
    const visitor = uuid();
    await did(visitor, "early");
    const anna = await meet(visitor);
    await pause(MOMENT);
    await did(visitor, "anna");
    await pause(MOMENT);
    const ben = await meet(visitor);
    await pause(MOMENT);
    await did(visitor, "ben");
    await sees(anna.id, ["early", "anna"]);
    await sees(ben.id, ["ben"]);
    assert.notEqual(anna.id, ben.id);
  });

  test(`in a shop with ${objects}: who gave the address first was there first, whoever confirms first`, async () => {
    const visitor = uuid();
    const [anna, ben] = [emailAddress(), emailAddress()];
    await shop.submit({ email: anna, allow: BOTH, visitor });
    await pause(MOMENT);
    await did(visitor, "anna");
    await pause(MOMENT);
    await shop.submit({ email: ben, allow: BOTH, visitor });
    await pause(MOMENT);
    await did(visitor, "ben");
    for (const email of [ben, anna]) {
      await edge.ask("POST", shop.link(await shop.mailTo(email, "confirm"), "c"));
    }
    await sees((await shop.person(anna)).id, ["anna"]);
    await sees((await shop.person(ben)).id, ["ben"]);
  });

  test(`in a shop with ${objects}: a browser that was somebody else's is given back without a trace`, async () => {
    const visitor = uuid();
    const anna = await meet(visitor);
    await did(visitor, "one");
    await sees(anna.id, ["one"]);
    await pause(MOMENT);
    const ben = await meet(visitor);
    const before = await shop.person(ben.email);
    await pause(MOMENT);
    await did(visitor, "two");
    await sees(ben.id, ["two"]);
    const undone = await shop.admin("DELETE", `people/${ben.id}/visitors/${visitor}`);
    assert.equal(undone.status, 200, undone.text);
    await sees(anna.id, ["one", "two"]);
    await sees(ben.id, []);
    const later = await shop.person(ben.email);
    assert.deepEqual(later, { ...before, visitors: 0 });
    assertProblem(await shop.admin("DELETE", `people/${ben.id}/visitors/${visitor}`), 404);
    assertProblem(await shop.admin("DELETE", `people/${ben.id}/visitors/nonsense`), 404);
  });

  test(`in a shop with ${objects}: browsers that change hands and are given back lose nothing, wherever their people live`, async () => {
    const there = async () => {
      const visitor = uuid();
      const anna = await meet(visitor);
      await did(visitor, "one");
      await pause(MOMENT);
      const ben = await meet(visitor);
      await pause(MOMENT);
      await did(visitor, "two");
      return { visitor, anna, ben };
    };
    const all = await Promise.all(Array.from({ length: 16 }, there));
    for (const { anna, ben } of all) {
      await sees(ben.id, ["two"]);
      await sees(anna.id, ["one"]);
    }
    await Promise.all(all.map(({ visitor, ben }) => shop.admin("DELETE", `people/${ben.id}/visitors/${visitor}`)));
    for (const { anna, ben } of all) {
      await sees(anna.id, ["one", "two"]);
      await sees(ben.id, []);
    }
  });

  test(`in a shop with ${objects}: a link that we signed says who comes, unless the browser is somebody's`, async () => {
    const anna = await meet(undefined, { visitor: undefined });
    const letter = await shop.mailTo(anna.email, "welcome");
    const token = letter.text.match(/#rapport=([\w-]+)/)[1];
    const [phone, friends] = [uuid(), uuid()];
    const open = (visitor, link = token) =>
      shop.send([shop.event("identified", { link }), shop.event("page.viewed", { title: "from the letter" })], { visitor });
    await open(phone);
    await sees(anna.id, ["from the letter"]);
    const stored = JSON.stringify(await shop.list("events"));
    assert.ok(!stored.includes(token), "the link itself is not kept");

    const ben = await meet(friends);
    await open(friends);
    await sees(ben.id, ["from the letter"]);
    await sees(anna.id, ["from the letter"]);
    for (const forged of [`${token.slice(0, -2)}xx`, "known", letter.text.match(/\/u\/[^/]+\/([\w-]+)/)[1]]) {
      await open(uuid(), forged);
    }
    await sees(anna.id, ["from the letter"]);
  });

  test(`in a shop with ${objects}: the shop's server says who is logged in, and nobody else can`, async () => {
    const server = await new Server(shop).connect();
    const customer = `c-${objects}-1`;
    await server.tell(statement("customer.updated", { customer: { id: customer, emails: [emailAddress()] } }));
    await server.settled();
    const anna = (await shop.list("people"))[0];
    const identify = (visitor, data) =>
      shop.send([shop.event("identified", data), shop.event("page.viewed", { title: "logged in" })], { visitor });
    const signed = (name, at) => timed(server.secret, name, at);
    const [phone, laptop] = [uuid(), uuid()];
    await identify(phone, { customer, proof: signed(`customer:${customer}`) });
    await sees(anna.id, ["logged in"]);

    // Whoever logs in takes the browser over, and stays with what is theirs at every further page.
    const ben = await meet(laptop);
    await did(laptop, "ben");
    await pause(MOMENT);
    const { now } = (await shop.status()).clock;
    for (let n = 0; n < 3; n++) {
      const event = { ...shop.event("identified", { customer, proof: signed(`customer:${customer}`) }), at: now + n };
      await shop.send([event], { visitor: laptop, sent: now + n });
    }
    await pause(MOMENT);
    await did(laptop, "anna again");
    await sees(anna.id, ["logged in", "anna again"]);
    await sees(ben.id, ["ben"]);

    const long_ago = Math.floor(Date.now() / 1_000) - 400;
    for (const data of [
      { customer },
      { customer, proof: "t=1,v1=00" },
      { customer, proof: signed("customer:somebody-else") },
      { customer, proof: signed(`customer:${customer}`, long_ago) },
      { email: anna.addresses[0].address, proof: signed(`customer:${customer}`) },
      { customer: "nobody", proof: signed("customer:nobody") },
    ]) {
      assert.equal((await identify(uuid(), data)).status, 202, JSON.stringify(data));
    }
    await sees(anna.id, ["logged in", "anna again"]);
    assert.ok(!JSON.stringify(await shop.list("events")).includes(customer), "the name is not kept");
  });

  test(`in a shop with ${objects}: what browsers did follows a shopper who becomes one with another, and comes back`, async () => {
    const [here, there] = [uuid(), uuid()];
    const anna = await meet(here);
    const berta = await meet(there);
    await did(here, "anna");
    await pause(MOMENT);
    await did(there, "berta");
    await sees(berta.id, ["berta"]);
    assert.equal((await shop.admin("POST", `people/${anna.id}/join`, { json: { with: berta.id } })).status, 200);
    await sees(anna.id, ["anna", "berta"]);
    await pause(MOMENT);
    await did(there, "later");
    await sees(anna.id, ["anna", "berta", "later"]);
    assert.equal((await shop.admin("POST", `people/${berta.id}/part`, { json: {} })).status, 200);
    await sees(anna.id, ["anna"]);
    await sees(berta.id, ["berta", "later"]);
  });

  test(`in a shop with ${objects}: each event is in the list once and counted once, however many people know it`, async () => {
    const visitor = uuid();
    await meet(visitor);
    const id = await did(visitor, "counted");
    await shop.advance({ seconds: 10 });
    const listed = (await shop.list("events")).filter((event) => event.id === plain(id));
    assert.equal(listed.length, 1);
    await shop.advance({ seconds: 120 });
    const counted = Object.values(await shop.reports()).reduce((sum, day) => sum + (day["page.viewed"] ?? 0), 0);
    const viewed = (await shop.list("events")).filter(({ type }) => type === "page.viewed").length;
    assert.equal(counted, viewed);
  });
}
