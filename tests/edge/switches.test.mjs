// The kill switches, and a deployment that has nobody to carry its mail.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { changedRelease, demoRelease, helloForm } from "../harness/release.mjs";

const edge = await startEdge();
after(() => edge.stop());

const mails = async (shop, email) => (await shop.mailsTo(email)).map(({ mail }) => mail).sort();

for (const objects of [1, 8]) {
  describe(`in a shop with ${objects} ${objects === 1 ? "object" : "objects"}`, () => {
    test("campaigns can be switched off and on again", async () => {
      const shop = await edge.createShop({ objects });
      await shop.publish();
      assert.equal((await shop.pointer()).off, false);
      assert.deepEqual(await shop.switches({ campaigns: false }), { campaigns: false, sending: true });
      assert.equal((await shop.pointer()).off, true);
      assert.equal((await shop.status()).switches.campaigns, false);
      await shop.switches({ campaigns: true });
      assert.equal((await shop.pointer()).off, false);
    });

    test("while sending is switched off mails wait with a why, then they go out once", async () => {
      const shop = await edge.createShop({ objects });
      await shop.publish();
      const { email } = await shop.welcome();
      await shop.mailTo(email, "welcome");
      const { id } = await shop.person(email);
      await shop.switches({ sending: false });
      await shop.advance({ days: 11 });
      assert.deepEqual(await mails(shop, email), ["confirm", "welcome"]);
      const waiting = (await shop.list("jobs")).filter(({ shopper }) => shopper === id);
      assert.deepEqual(waiting.map(({ state, mail }) => [state, mail]), [["deferred", "reminder"]]);
      const deferred = (await shop.decisionsAbout(id)).filter((each) => each === "defer reminder: kill switch");
      assert.equal(deferred.length, 1, "one row, however often it is looked at");
      await shop.switches({ sending: true });
      await shop.advance({ seconds: 0 });
      assert.deepEqual(await mails(shop, email), ["confirm", "reminder", "welcome"]);
      await shop.advance({ days: 5 });
      assert.deepEqual(await mails(shop, email), ["confirm", "reminder", "welcome"]);
    });

    test("permission that was taken back while sending was off still counts when it is on", async () => {
      const shop = await edge.createShop({ objects });
      await shop.publish();
      const { email } = await shop.welcome();
      const unsubscribe = shop.link(await shop.mailTo(email, "welcome"), "u");
      await shop.switches({ sending: false });
      await shop.advance({ days: 11 });
      await edge.ask("POST", unsubscribe);
      await shop.switches({ sending: true });
      await shop.advance({ days: 1 });
      assert.deepEqual(await mails(shop, email), ["confirm", "welcome"]);
      assert.ok((await shop.decisionsAbout((await shop.person(email)).id)).includes("skip reminder: withdrawal"));
    });

    test("a mail that waited for too long is skipped, with a why", async () => {
      const shop = await edge.createShop({ objects });
      await shop.publish();
      await shop.switches({ sending: false });
      const email = emailAddress();
      await shop.submit({ email });
      await shop.advance({ days: 8 });
      await shop.switches({ sending: true });
      await shop.advance({ days: 1 });
      assert.deepEqual(await mails(shop, email), []);
      assert.deepEqual(await shop.decisionsAbout((await shop.person(email)).id), [
        "skip confirm: valid_until",
        "defer confirm: kill switch",
      ]);
    });
  });
}

test("a switch that is none is refused by name", async () => {
  const shop = await edge.createShop();
  assertProblem(await shop.admin("PUT", "switches", { json: { sending: "no" } }), 400, "sending");
  assertProblem(await shop.admin("PUT", "switches", { json: { everything: false } }), 400);
  assertProblem(await shop.admin("PUT", "switches", { body: "{" }), 400);
  assert.deepEqual((await shop.status()).switches, { campaigns: true, sending: true });
});

test("without a provider the status says so, journeys cannot be published, and addresses still come in", async (t) => {
  const persist = temporaryFolder(t);
  let silent = await startEdge({ persist, bindings: { SENDER: undefined } });
  t.after(() => silent.stop());
  let shop = await silent.createShop();
  const status = await shop.status();
  assert.equal(status.sender, "none");
  assert.ok(status.notice.length > 20);

  const refused = await shop.admin("POST", "versions", { json: demoRelease() });
  assertProblem(refused, 409, "config.journeys");
  assert.equal((await shop.pointer()).version, "");

  await shop.publish(
    changedRelease((config) => {
      config.journeys = [];
      helloForm(config).journey = null;
    }),
  );
  const email = emailAddress();
  assert.equal((await shop.submit({ email, allow: ["email.marketing"] })).status, 200);
  await shop.advance({ seconds: 3_600 });
  assert.deepEqual(await mails(shop, email), []);
  assert.deepEqual((await shop.list("jobs")).map(({ state, mail }) => [state, mail]), [["deferred", "confirm"]]);
  assert.deepEqual(await shop.decisionsAbout((await shop.person(email)).id), ["defer confirm: sender"]);
  await silent.stop();

  silent = await startEdge({ persist });
  shop.edge = silent;
  assert.equal((await shop.status()).notice, null);
  await shop.advance({ seconds: 3_600 });
  assert.deepEqual(await mails(shop, email), ["confirm"], "what waited goes out once somebody carries it");
});

test("a relay without its address is no provider", async (t) => {
  const halfway = await startEdge({ bindings: { SENDER: "relay" } });
  t.after(() => halfway.stop());
  assert.equal((await (await halfway.createShop()).status()).sender, "none");
});
