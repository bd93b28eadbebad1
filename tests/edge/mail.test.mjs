// Mails are well-formed, in HTML and in plain text, in every language of the shop.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { readMail } from "../harness/mime.mjs";
import { changedRelease } from "../harness/release.mjs";

const edge = await startEdge();
after(() => edge.stop());

const shop = await edge.createShop();
await shop.publish(
  changedRelease((config) => {
    for (const sender of Object.values(config.senders)) sender.name = 'Mára "the Boat" Øst, Skerrow 🛶';
  }),
);

for (const lang of ["en", "ar"]) {
  for (const name of ["confirm", "welcome", "reminder"]) {
    test(`the ${name} mail in ${lang} is as the standards ask`, async () => {
      const given_name = lang === "ar" ? "محمد" : "Zoë";
      const { email } = await shop.welcome({ lang, given_name });
      await shop.mailTo(email, "welcome");
      await shop.advance({ days: 11 });
      const message = await shop.mailTo(email, name);
      const { headers, parts } = readMail(message.source);
      assert.deepEqual(parts.map(({ type }) => type), ["text/plain", "text/html"], "the richest comes last");
      const [text, html] = parts.map((part) => part.text.replaceAll("\r\n", "\n").trim());
      assert.equal(text, message.text.replaceAll("\r\n", "\n").trim());
      assert.equal(html, message.html.replaceAll("\r\n", "\n").trim());
      assert.equal(headers.get("subject"), message.subject);
      assert.ok(message.subject.length > 3);
      assert.match(headers.get("to"), new RegExp(`^<?${email}>?$`));
      assert.ok(headers.get("from").endsWith("<mara@skerrow.example>"), headers.get("from"));
      assert.match(headers.get("from"), /Mára .*the Boat.* Øst, Skerrow 🛶/);
      assert.match(headers.get("message-id"), /@skerrow\.example>$/);
      const off = Math.abs(Date.parse(headers.get("date")) - message.at);
      assert.ok(off < 2_000, `the date is ${off} ms off`);
      const [root] = html.match(/<html[^>]*>/);
      assert.ok(root.includes(`lang="${lang}"`) && root.includes(`dir="${lang === "ar" ? "rtl" : "ltr"}"`), root);
      for (const part of [text, html]) {
        assert.ok(part.includes("Lighthouse Yard"), "the postal address that the law asks for");
        assert.ok(!/\{\{|\{%|\bundefined\b/.test(part.replace(/<style.*?<\/style>/gs, "")), "no template is left");
      }
      assert.ok(!/<script/i.test(html), "no script");
      const links = (kind) => [text, html].map((part) => part.match(new RegExp(`https?://[^\\s"<>]+/${kind}/[^\\s"<>]+`))?.[0]);
      if (name === "confirm") {
        const [plain, rich] = links("c");
        assert.ok(plain && plain === rich, `one link, in both, as it is: ${plain} ${rich}`);
        assert.equal(headers.get("list-unsubscribe"), undefined, "there is nothing to unsubscribe from yet");
      } else {
        const [plain, rich] = links("u");
        assert.ok(plain && plain === rich, `one link, in both, as it is: ${plain} ${rich}`);
        assert.equal(headers.get("list-unsubscribe"), `<${plain}>`);
        assert.equal(headers.get("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
        assert.ok(text.includes(given_name) || name === "reminder");
        const [{ code }] = (await shop.person(email)).codes;
        assert.ok(text.includes(code) && html.includes(code));
      }
    });
  }
}

test("no two mails have the same id", async () => {
  const ids = (await Promise.all((await shop.list("messages")).map(({ id }) => shop.message(id)))).map(
    ({ headers }) => new Map(headers).get("Message-ID"),
  );
  assert.ok(ids.length >= 6);
  assert.equal(new Set(ids).size, ids.length);
});

test("what people and shops write cannot add a header", async () => {
  const sly = await edge.createShop();
  const release = changedRelease((config) => {
    config.senders.en.name = "Mara\r\nBcc: everybody@example.org";
    config.mails.confirm.texts.en.subject = "Hello\r\nBcc: everybody@example.org";
  });
  const published = await sly.admin("POST", "versions", { json: release });
  if (published.status === 400) return;
  const email = emailAddress();
  await sly.submit({ email });
  const { source } = await sly.mailTo(email, "confirm");
  const { headers } = readMail(source);
  assert.equal(headers.get("bcc"), undefined);
});
