// The welcome journey: at once the code, ten days later one reminder, and nothing against somebody's will.
// In a shop with one object and in one with eight.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, uuid } from "../harness/ids.mjs";
import { changedRelease, helloForm, named } from "../harness/release.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

const ONE_CLICK = { form: "List-Unsubscribe=One-Click" };

for (const objects of [1, 8]) {
  describe(`in a shop with ${objects} ${objects === 1 ? "object" : "objects"}`, () => {
    const open = async () => {
      const shop = await edge.createShop({ objects });
      await shop.publish();
      return shop;
    };
    const mails = async (shop, email) => (await shop.mailsTo(email)).map(({ mail }) => mail).sort();

    test("the welcome mail comes at once, the reminder after ten days, and nothing after that", async () => {
      const shop = await open();
      const { email } = await shop.welcome({ given_name: "Anna" });
      const welcome = await shop.mailTo(email, "welcome");
      const [{ code }] = (await shop.person(email)).codes;
      assert.ok(welcome.text.includes(code) && welcome.html.includes(code));
      assert.ok(welcome.text.includes("Anna"));
      await shop.advance({ days: 9, seconds: 86_000 });
      assert.deepEqual(await mails(shop, email), ["confirm", "welcome"]);
      await shop.advance({ seconds: 1_000 });
      assert.deepEqual(await mails(shop, email), ["confirm", "reminder", "welcome"]);
      assert.ok((await shop.mailTo(email, "reminder")).text.includes(code));
      await shop.advance({ days: 100 });
      assert.deepEqual(await mails(shop, email), ["confirm", "reminder", "welcome"]);
      assert.deepEqual(await shop.list("jobs"), []);
      assert.deepEqual(await shop.decisionsAbout((await shop.person(email)).id), [
        "send reminder: consent",
        "send welcome: consent",
        "send confirm: transactional",
      ]);
    });

    test("a code that everybody shares is on the page and in the letters, and none is issued", async () => {
      const shop = await edge.createShop({ objects });
      const sharing = (reveal) =>
        changedRelease((config) => {
          named(config.offers, "welcome").codes = { shared: { code: "SUMMER" } };
          helloForm(config).reveal = reveal;
          for (const { texts } of Object.values(config.mails)) {
            for (const words of Object.values(texts)) {
              for (const part of ["html", "text"]) words[part] = words[part].replace("{{ offer.ends }}", "{% if offer.ends %}{{ offer.ends }}{% else %}always{% endif %}");
            }
          }
        });
      await shop.publish(sharing("Confirmed"));
      const { email, page } = await shop.welcome();
      assert.match(page, /SUMMER/);
      const letter = await shop.mailTo(email, "welcome");
      for (const part of [letter.text, letter.html]) assert.match(part, /SUMMER[^]*always/);
      await shop.advance({ days: 11 });
      assert.match((await shop.mailTo(email, "reminder")).text, /SUMMER/);
      assert.deepEqual((await shop.person(email)).codes, []);
      await shop.publish(sharing("AtOnce"));
      assert.equal((await shop.submit()).json.code, "SUMMER");
    });

    test("everybody gets a code of their own", async () => {
      const shop = await open();
      const everybody = await Promise.all(Array.from({ length: 12 }, () => shop.welcome()));
      const codes = [];
      for (const { email } of everybody) {
        const { text } = await shop.mailTo(email, "welcome");
        const person = await shop.person(email);
        assert.equal(person.codes.length, 1);
        assert.ok(text.includes(person.codes[0].code));
        codes.push(person.codes[0].code);
      }
      assert.equal(new Set(codes).size, everybody.length);
    });

    // Several people, so that browsers and addresses surely live in different objects.
    const welcomed = async (shop) => {
      const people = [];
      for (let n = 0; n < 4; n++) {
        const { email } = await shop.welcome();
        await shop.mailTo(email, "welcome");
        const { id, codes } = await shop.person(email);
        people.push({ email, id, code: codes[0].code });
      }
      return people;
    };

    const assertEnded = async (shop, people) => {
      await until("every code is used", async () => {
        const all = await Promise.all(people.map(({ email }) => shop.person(email)));
        return all.every(({ codes }) => codes[0].state === "used");
      });
      await shop.advance({ days: 20 });
      for (const { email, id } of people) {
        assert.deepEqual(await mails(shop, email), ["confirm", "welcome"]);
        assert.ok((await shop.decisionsAbout(id)).includes("end welcome: exit"));
      }
    };

    test("an order seen on a page that used the code ends the journey", async () => {
      const shop = await open();
      const people = await welcomed(shop);
      for (const { code } of people) {
        const order = { id: "1001", codes: [` ${code.toLowerCase()} `], items: [{ product: "A-1", quantity: 1 }] };
        await shop.send([shop.event("order.placed", { order })], { visitor: uuid() });
      }
      await assertEnded(shop, people);
    });

    test("an order stated in the page's own markup does so too", async () => {
      const shop = await open();
      const people = await welcomed(shop);
      for (const { code } of people) {
        const ld = [JSON.stringify({ "@type": "Order", orderNumber: "1002", discountCode: code })];
        await shop.send([shop.event("page.viewed", { url: `${shop.origin}/thank-you`, ld })], { visitor: uuid() });
      }
      await assertEnded(shop, people);
    });

    test("an order with another code, or none, ends nobody's journey", async () => {
      const shop = await open();
      const [{ email }, other] = [await shop.welcome(), await shop.welcome()];
      const [{ code }] = (await shop.person(other.email)).codes;
      const orders = [{ id: "1", codes: [code] }, { id: "2" }, { id: "3", codes: ["HELLO-", "' OR 1=1 --", "%"] }];
      await shop.send(orders.map((order) => shop.event("order.placed", { order })));
      await shop.advance({ days: 20 });
      assert.deepEqual(await mails(shop, email), ["confirm", "reminder", "welcome"]);
    });

    test("a reminder of a code that has ended is not sent", async () => {
      const shop = await open();
      const { email } = await shop.welcome();
      await shop.mailTo(email, "welcome");
      await shop.switches({ sending: false });
      await shop.advance({ days: 30 });
      await shop.switches({ sending: true });
      await shop.advance({ seconds: 0 });
      assert.deepEqual(await mails(shop, email), ["confirm", "welcome"]);
    });

    for (const [how, press, method] of [
      ["the button behind the link", {}, "unsubscribe link"],
      ["the mail client's own button (RFC 8058)", ONE_CLICK, "one-click header"],
    ]) {
      test(`after ${how} nothing is sent any more`, async () => {
        const shop = await open();
        const { email } = await shop.welcome();
        const welcome = await shop.mailTo(email, "welcome");
        const headers = new Map(welcome.headers);
        assert.equal(headers.get("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        const link = headers.get("List-Unsubscribe").match(/^<https?:\/\/[^/]+(\/u\/\S+)>$/)[1];
        assert.equal(link, shop.link(welcome, "u"));
        for (let n = 0; n < 3; n++) assert.match((await edge.ask("GET", link)).text, /<form method="post">/);
        assert.equal((await shop.person(email)).consents[0].state, "given", "looking takes nothing back");
        for (let n = 0; n < 2; n++) {
          const page = await edge.ask("POST", link, press);
          assert.equal(page.status, 200);
          assert.doesNotMatch(page.text, /<form/);
        }
        const person = await shop.person(email);
        assert.deepEqual(person.consents.map(({ state, method }) => [state, method]), [
          ["withdrawn", method],
          ["given", "confirmation link"],
          ["asked", "form hello"],
        ]);
        await shop.advance({ days: 20 });
        assert.deepEqual(await mails(shop, email), ["confirm", "welcome"]);
        assert.ok((await shop.decisionsAbout(person.id)).includes("skip reminder: withdrawal"));
      });
    }

    test("somebody who has unsubscribed comes back only through a new confirmation", async () => {
      const shop = await open();
      const { email } = await shop.welcome();
      await edge.ask("POST", shop.link(await shop.mailTo(email, "welcome"), "u"));
      await shop.submit({ email, allow: ["email.marketing"] });
      await shop.advance({ seconds: 0 });
      const standing = async () => (await shop.person(email)).consents[0].state;
      assert.equal(await standing(), "asked");
      const [latest] = await shop.mailsTo(email);
      assert.equal(latest.mail, "confirm");
      await edge.ask("POST", shop.link(await shop.message(latest.id), "c"));
      assert.equal(await standing(), "given");
      await shop.advance({ days: 20 });
      assert.deepEqual(await mails(shop, email), ["confirm", "confirm", "reminder", "welcome"], "the welcome comes once in a life");
    });

    test("somebody who confirms a second form keeps the permission and the code they have", async () => {
      const shop = await open();
      const { email } = await shop.welcome();
      await shop.mailTo(email, "welcome");
      await shop.submit({ email, allow: ["email.marketing"] });
      await shop.advance({ seconds: 0 });
      const [latest] = await shop.mailsTo(email);
      await edge.ask("POST", shop.link(await shop.message(latest.id), "c"));
      await shop.advance({ seconds: 60 });
      const person = await shop.person(email);
      assert.equal(person.codes.length, 1);
      assert.deepEqual(await mails(shop, email), ["confirm", "confirm", "welcome"]);
    });

    test("an address that never confirms is never written to again", async () => {
      const shop = await open();
      const email = emailAddress();
      await shop.submit({ email, allow: ["email.marketing"] });
      await shop.advance({ days: 20 });
      assert.deepEqual(await mails(shop, email), ["confirm"]);
      assert.deepEqual((await shop.person(email)).codes, []);
      await shop.advance({ days: 40 });
      assert.equal((await shop.list("messages")).length, 1);
    });
  });
}
