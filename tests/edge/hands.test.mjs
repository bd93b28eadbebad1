// An address that changes hands: what was sent to it while it was somebody's is no word of theirs afterwards.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { filled } from "../harness/page.mjs";
import { Server, statement } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

for (const objects of [1, 8]) {
  const customer = (id, given_name, emails, at) =>
    statement("customer.updated", { customer: { id, given_name, emails } }, { at: Date.now() - 60_000 + at });

  /** Ann and Ben share an address; it is hers, and he waits for it. */
  const shared = async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish();
    const server = await new Server(shop).connect();
    const [email, hers] = [emailAddress("shared"), emailAddress("ann")];
    const said = async (...all) => {
      for (const each of all) {
        await server.tell(each);
        await server.settled();
      }
    };
    await said(customer("c1", "Ann", [email], 1), customer("c2", "Ben", [email], 2));
    /** The shop corrects itself: the address is his. */
    const handOver = async () => {
      await said(customer("c1", "Ann", [hers], 3));
      await until("it is his", async () => (await shop.person(email))?.given_name === "Ben");
    };
    return { shop, email, hers, handOver };
  };
  const ofAnn = async (shop) => (await shop.list("people")).find(({ given_name }) => given_name === "Ann");
  const given = (person) => person.consents.filter(({ state }) => state === "given");

  test(`in a shop with ${objects}: the answer to a question counts for nobody once the address is somebody else's`, async () => {
    const { shop, email, hers, handOver } = await shared();
    await shop.submit({ email, allow: ["email.marketing"], given_name: "Bennie" });
    const question = shop.link(await shop.mailTo(email, "confirm"), "c");
    await handOver();
    for (const method of ["GET", "POST"]) {
      const page = await edge.ask(method, question);
      assert.equal(page.status, 200);
      assert.match(page.text, /has had its day/);
      assert.doesNotMatch(page.text, /<form|HELLO-/);
    }
    const ann = await ofAnn(shop);
    assert.deepEqual(ann.addresses.map(({ address, state }) => [address, state]), [[hers, "told"]]);
    assert.deepEqual(given(ann), []);
    await shop.advance({ days: 12 });
    assert.deepEqual(await shop.mailsTo(hers), []);
    // He asks for himself, and is heard.
    await shop.welcome({ email });
    assert.deepEqual(given(await ofAnn(shop)), []);
    assert.equal(given(await shop.person(email)).length, 1);
  });

  test(`in a shop with ${objects}: a question that waits is not sent to another address of whose it was`, async () => {
    const { shop, email, hers, handOver } = await shared();
    await shop.switches({ sending: false });
    await shop.submit({ email, allow: ["email.marketing"] });
    await handOver();
    await shop.switches({ sending: true });
    await shop.advance({ seconds: 3_600 });
    assert.deepEqual(await shop.mailsTo(hers), []);
    assert.deepEqual(await shop.mailsTo(email), []);
    const { id } = await ofAnn(shop);
    assert.ok((await shop.decisionsAbout(id)).includes("skip confirm: address"));
  });

  test(`in a shop with ${objects}: the page behind an old letter to it shows and keeps nothing any more, but a no`, async () => {
    const { shop, email, handOver } = await shared();
    await shop.submit({ email, allow: ["email.marketing"] });
    const old = shop.link(await shop.mailTo(email, "confirm"), "p").replace(/#.*/, "");
    const page = (await edge.ask("GET", old)).text;
    await handOver();
    assert.doesNotMatch((await edge.ask("GET", old)).text, /<form/);
    for (const act of ["save", "export", "erase"]) {
      const answer = await edge.ask("POST", old, { form: filled(page, { channel: "email", act }) });
      assert.match(answer.text, /has had its day/, act);
    }
    assert.deepEqual(given(await ofAnn(shop)), []);
    const stopped = await edge.ask("POST", old, { form: filled(page, { act: "stop" }) });
    assert.equal(stopped.status, 303);
    assert.match((await edge.ask("GET", stopped.headers.get("location"))).text, /Done\./);
    assert.equal((await ofAnn(shop)).consents[0].state, "withdrawn");
  });
}
