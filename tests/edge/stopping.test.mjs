// Behind a message's link: what it came by is stopped, the rest goes on unless all is stopped there, too.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { Server, statement } from "../harness/server.mjs";
import { both, textRelease } from "../harness/told.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

/** What stands of somebody's permissions: `{"sms.marketing": "given"}`; the newest word counts. */
const permissions = async (shop, email) => {
  const { consents } = await shop.person(email);
  return Object.fromEntries(consents.reverse().map(({ channel, purpose, state }) => [`${channel}.${purpose}`, state]));
};

for (const objects of [1, 8]) {
  const within = (text) => `in a shop with ${objects}: ${text}`;
  const open = async (first) => {
    const shop = await edge.createShop({ objects });
    await shop.publish(textRelease(first));
    return { shop, server: await new Server(shop).connect() };
  };
  let orders = 0;
  /** An order of somebody's, and what they hear about it within the week. */
  const hears = async ({ shop, server }, email, ...addresses) => {
    const before = new Set((await shop.list("messages")).map(({ id }) => id));
    await server.tell(statement("order.placed", { order: { id: `o-${objects}-${++orders}`, email, total: "40.00", currency: "EUR", items: [{ product: "robe", quantity: 1 }] } }, { at: (await shop.status()).clock.now }));
    await server.settled();
    await shop.advance({ seconds: 10 });
    await shop.advance({ days: 3 });
    const fresh = (await shop.list("messages")).filter(({ id, to, mail }) => !before.has(id) && mail === "news" && addresses.includes(to));
    return Promise.all(fresh.map(({ id }) => shop.message(id)));
  };

  test(within("a text's link takes back texts and nothing else, and says so; letters go on"), async () => {
    const { shop, server } = await open();
    const { email, phone } = await both(server);
    const [text] = await hears({ shop, server }, email, email, phone);
    assert.deepEqual([text.channel, text.to, text.subject], ["sms", phone, ""]);
    const link = shop.link(text, "u");
    const looked = await edge.ask("GET", link);
    assert.match(looked.text, /<h1>No more text messages\?<\/h1>/);
    assert.match(looked.text, /name="act" value="all">Stop letters and text messages</, "and there is a way to stop everything");
    assert.deepEqual(await permissions(shop, email), { "email.marketing": "given", "sms.marketing": "given" }, "looking changes nothing");

    const done = await edge.ask("POST", link);
    assert.match(done.text, /<h1>Done\. No more text messages\.<\/h1>/);
    assert.match(done.text, /Letters by e-mail still come/);
    assert.deepEqual(await permissions(shop, email), { "email.marketing": "given", "sms.marketing": "withdrawn" });
    const after = await hears({ shop, server }, email, email, phone);
    assert.deepEqual(after.map(({ channel, to }) => [channel, to]), [["email", email]]);
    assert.match((await edge.ask("GET", link)).text, /Done\. No more text messages\./, "it says so ever after");
  });

  test(within("a letter's link takes back letters and nothing else; texts go on"), async () => {
    const { shop, server } = await open("email");
    const { email, phone } = await both(server);
    const [letter] = await hears({ shop, server }, email, email, phone);
    assert.deepEqual([letter.channel, letter.to], ["email", email]);
    const link = shop.link(letter, "u");
    assert.match((await edge.ask("GET", link)).text, /<h1>No more letters\?<\/h1>/);
    const done = await edge.ask("POST", link, { form: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) });
    assert.match(done.text, /<h1>Done\. No more letters\.<\/h1>/);
    assert.match(done.text, /Text messages still come to your phone/);
    assert.deepEqual(await permissions(shop, email), { "email.marketing": "withdrawn", "sms.marketing": "given" });
    const after = await hears({ shop, server }, email, email, phone);
    assert.deepEqual(after.map(({ channel, to }) => [channel, to]), [["sms", phone]]);
  });

  test(within("whoever allowed letters alone finds nothing else to stop"), async () => {
    const { shop, server } = await open();
    const { email, phone } = await both(server, { allow: ["email.marketing"] });
    const [letter] = await hears({ shop, server }, email, email, phone);
    const shown = (await edge.ask("GET", shop.link(letter, "u"))).text;
    assert.match(shown, /Stop the letters/);
    assert.ok(!shown.includes('value="all"'), shown);
  });

  test(within("everything is stopped behind either link by its second button"), async () => {
    for (const kind of ["sms", "email"]) {
      const { shop, server } = await open(kind);
      const { email, phone } = await both(server);
      const [message] = await hears({ shop, server }, email, email, phone);
      assert.equal(message.channel, kind);
      const link = shop.link(message, "u");
      const done = await edge.ask("POST", link, { form: new URLSearchParams({ act: "all" }) });
      assert.match(done.text, /Done\. No more letters, no more text messages\./);
      assert.ok(!done.text.includes("<button"), "nothing is left to stop");
      assert.deepEqual(await permissions(shop, email), { "email.marketing": "withdrawn", "sms.marketing": "withdrawn" });
      assert.deepEqual(await hears({ shop, server }, email, email, phone), []);
    }
  });

  test(within("the link of a text to a number that is somebody else's by now stops everything"), async () => {
    const { shop, server } = await open();
    const { id, email, phone } = await both(server);
    const [text] = await hears({ shop, server }, email, email, phone);
    await server.tell(statement("customer.updated", { customer: { id, emails: [email], phones: [] } }));
    await server.settled();
    await until("the number is not hers any more", async () => (await shop.person(email)).addresses.every(({ address }) => address !== phone));
    const link = shop.link(text, "u");
    assert.match((await edge.ask("GET", link)).text, /No more letters, no more text messages\?/);
    assert.match((await edge.ask("POST", link)).text, /Done\. No more letters, no more text messages\./);
    assert.equal((await permissions(shop, email))["email.marketing"], "withdrawn");
  });

  test(within("the preference page behind a text's link knows that it proves a number and no address"), async () => {
    const { shop, server } = await open();
    const { email, phone } = await both(server, { allow: ["sms.marketing"], given_name: "Anna" });
    const [text] = await hears({ shop, server }, email, email, phone);
    assert.equal(text.channel, "sms");
    const page = shop.link(text, "p");
    const shown = (await edge.ask("GET", page)).text;
    assert.match(shown, new RegExp(`what reaches \u2068…${phone.slice(-3)}\u2069`));
    assert.ok(!shown.includes(phone) && !shown.includes(email));
    assert.match(shown, /<strong dir="auto">Big news from Skerrow\. Reply STOP/, "the text is named by its first words");
    const fields = { version: text.version ?? "", frequency: "any", language: "en" };
    const form = new URLSearchParams([...Object.entries(fields), ["was", "sms"], ["channel", "sms"], ["channel", "email"]]);
    const saved = await edge.ask("POST", page, { form });
    assert.equal(saved.status, 303, saved.text);
    const { consents, addresses } = await shop.person(email);
    const given = consents.find(({ channel, state }) => channel === "email" && state === "given");
    assert.equal(given.method, "preference page");
    assert.deepEqual(addresses.map(({ state }) => state), ["told", "told"], "a link in a text proves no mail address");
    await edge.ask("POST", page, { form: new URLSearchParams({ act: "export" }) });
    const letter = await shop.mailTo(email, "export");
    assert.match(letter.text, /\/e\/pk_/, "the letter that proves a wish goes by mail");
  });
}
