// How journeys hear of what is noted: in portions, each person by themselves.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, uuid } from "../harness/ids.mjs";
import { Server, statement } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

const DAY_MS = 86_400_000;
const order = (id, email, at) => statement("order.placed", { order: { id, email, total: "40.00", currency: "EUR" } }, { at });
const mails = async (shop, email) => (await shop.mailsTo(email)).map(({ mail }) => mail);
const heard = async (shop) => {
  const [{ value }] = await edge.inside(shop, "shard/0", "SELECT value FROM meta WHERE name = 'heard'");
  const [{ last }] = await edge.inside(shop, "shard/0", "SELECT max(seq) AS last FROM events");
  return [Number(value), last];
};

test("what came in before anything was published begins nothing, and is known afterwards", async () => {
  const shop = await edge.createShop();
  const server = await new Server(shop).connect();
  const email = emailAddress();
  await server.tell(order("1", email, Date.now() - 60 * DAY_MS), order("2", email));
  await server.settled();
  const [value, last] = await heard(shop);
  assert.equal(value, last);
  await shop.publish();
  await shop.advance({ seconds: 60 });
  assert.deepEqual(await mails(shop, email), [], "the second order came before there were journeys");
  await server.tell(order("3", email));
  await server.settled();
  await until("the next one is thanked for", async () => (await mails(shop, email)).includes("thank-you"));
  assert.deepEqual(await mails(shop, email), ["thank-you"]);
});

test("far more than one section takes is heard to its end", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const { email } = await shop.welcome({ visitor: uuid() });
  await shop.mailTo(email, "welcome");
  const { id } = await shop.person(email);
  // As a visit that is told late brings them: more rows at once than are told together.
  await edge.inside(
    shop,
    "shard/0",
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
     INSERT INTO events (id, at, received, kind, data, shopper)
     SELECT randomblob(16), ${Date.now()} + i, ${Date.now()}, iif(i < 9000, 'product.viewed', 'cart.changed'),
            iif(i < 9000, '{"product":{"id":"p' || i || '"}}',
                          '{"cart":{"currency":"EUR","total":"20.00","items":[{"product":"robe","quantity":1}]}}'), '${id}' FROM n`,
  );
  await shop.send([shop.event()]);
  await until("all of it is heard", async () => {
    const [value, last] = await heard(shop);
    return last >= 9_000 && value === last;
  });
  await shop.advance({ seconds: 70 * 60 });
  assert.deepEqual((await mails(shop, email)).filter((mail) => mail === "left-cart"), ["left-cart"]);
});

test("somebody whose journeys cannot be read keeps nobody else waiting, and hears it all once they can", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const server = await new Server(shop).connect();
  const [broken, well] = [await shop.welcome(), await shop.welcome()];
  for (const { email } of [broken, well]) await shop.mailTo(email, "welcome");
  const { id } = await shop.person(broken.email);
  const [{ body }] = await edge.inside(shop, "shard/0", `SELECT hex(body) AS body FROM journeys WHERE shopper = '${id}'`);
  await edge.inside(shop, "shard/0", `UPDATE journeys SET body = x'00' WHERE shopper = '${id}'`);

  await server.tell(order("b1", broken.email), order("w1", well.email));
  await server.settled();
  await until("the other is thanked", async () => (await mails(shop, well.email)).includes("thank-you"));
  await shop.send([shop.event()]);
  const [value, last] = await heard(shop);
  assert.equal(value, last);
  assert.ok((await shop.list("jobs")).some(({ kind, shopper }) => kind === "news" && shopper === id));
  await shop.advance({ days: 1 });
  assert.ok(!(await mails(shop, broken.email)).includes("thank-you"));

  // A no is heard from somebody to whom nothing can be told, too.
  const other = await shop.person(broken.email);
  assert.equal(other.consents.find(({ channel }) => channel === "email").state, "given");
  await edge.inside(shop, "shard/0", `UPDATE journeys SET body = x'${body}' WHERE shopper = '${id}'`);
  await shop.advance({ seconds: 2 * 3_600 });
  await until("the first is thanked, too", async () => (await mails(shop, broken.email)).includes("thank-you"));
  await shop.advance({ seconds: 2 * 3_600 });
  assert.equal((await mails(shop, broken.email)).filter((mail) => mail === "thank-you").length, 1);
  assert.ok(!(await shop.list("jobs")).some(({ kind }) => kind === "news"));
});

test("a timer that cannot be told rings again", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const { email } = await shop.welcome();
  await shop.mailTo(email, "welcome");
  const { id } = await shop.person(email);
  const [{ body }] = await edge.inside(shop, "shard/0", `SELECT hex(body) AS body FROM journeys WHERE shopper = '${id}'`);
  await edge.inside(shop, "shard/0", `UPDATE journeys SET body = x'00' WHERE shopper = '${id}'`);
  await shop.advance({ days: 10, seconds: 60 });
  assert.ok(!(await mails(shop, email)).includes("reminder"));
  await edge.inside(shop, "shard/0", `UPDATE journeys SET body = x'${body}' WHERE shopper = '${id}'`);
  await shop.advance({ seconds: 2 * 3_600 });
  await until("the reminder is sent", async () => (await mails(shop, email)).includes("reminder"));
});
