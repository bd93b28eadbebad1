// The suppression list lies where a name is kept, which need not be where whoever bears it lives.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { Server, statement } from "../harness/server.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

/** How many rows a table has in all objects of a shop. */
async function rows(shop, table) {
  let count = 0;
  for (let object = 0; object < shop.objects; object++) {
    count += (await edge.inside(shop, `shard/${object}`, `SELECT 1 FROM ${table}`)).length;
  }
  return count;
}

const erase = (shop, id) => shop.admin("POST", `people/${id}/erase`, { json: {} });

test("an erased address that comes back with somebody who lives elsewhere is not theirs, and nothing is sent to it", async () => {
  const shop = await edge.createShop({ objects: 8 });
  await shop.publish();
  const server = await new Server(shop).connect();
  const erased = [];
  for (let n = 0; n < 6; n++) {
    const { email } = await shop.welcome();
    erased.push(email);
    assert.equal((await erase(shop, (await shop.person(email)).id)).status, 200);
  }
  await shop.advance({ seconds: 10 });
  assert.equal(await rows(shop, "suppressed"), 6);
  const yes = { permission: "email.marketing", given: true, at: new Date().toISOString(), method: "checkbox", wording: "News?", proven: true };
  // The strongest name says where somebody lives: the shop's id for them, in whichever object that is.
  for (const [n, email] of erased.entries()) {
    const others = { id: `c-${n}`, permissions: [yes], given_name: "Berta", birthday: "1990-01-01" };
    await server.tell(
      statement("customer.updated", { customer: { ...others, emails: [email] } }),
      statement("order.placed", { order: { id: `o-${n}`, email, total: "5.00", currency: "EUR" }, customer: others }),
    );
    const line = JSON.stringify({ ...others, id: `i-${n}`, emails: [email, emailAddress()] });
    const imported = await shop.admin("POST", "import?about=customers&format=ndjson", { body: line, headers: { "content-type": "text/plain" } });
    assert.equal(imported.status, 200, imported.text);
  }
  await server.settled();
  await shop.advance({ seconds: 10 });
  const before = await shop.list("messages");
  for (const email of erased) assert.equal((await shop.submit({ email, allow: ["email.marketing"] })).status, 200);
  await shop.advance({ seconds: 10 });
  await shop.advance({ days: 20 });
  const later = (await shop.list("messages")).filter(({ id }) => !before.some((each) => each.id === id));
  const got = (list, email) => list.filter(({ to }) => to === email).map(({ mail }) => mail);
  for (const email of erased) {
    assert.deepEqual(got(before, email), [], "told by the shop's server or by a file, nothing goes there");
    assert.deepEqual(got(later, email), ["confirm"], "whoever comes back by a form is asked, and nothing else");
  }
  assert.ok((await shop.list("people")).length >= 6, "whoever else is meant by the shop's ids is there");
});
