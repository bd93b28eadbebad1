// The preference page: everything said there is kept, shown again and obeyed, and nothing is said by looking.
// In a shop with one object and in one with eight.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { filled, formOf } from "../harness/page.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { changedRelease, named, remindAlways } from "../harness/release.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PAGE = { "cache-control": /no-store/, "referrer-policy": /^no-referrer$/, "x-robots-tag": /^noindex$/, "content-security-policy": /^default-src 'none'/ };

/** The demo shop whose reminder comes after so many days, also when the code is not valid any longer. */
const reminding = (days) =>
  changedRelease((config) => {
    remindAlways(config, days * DAY_MS);
    // What shows a code is worth nothing once the code has ended.
    named(config.offers, "welcome").codes.unique.valid_for = 30 * DAY_MS;
  });

for (const objects of [1, 8]) {
  describe(`in a shop with ${objects} ${objects === 1 ? "object" : "objects"}`, () => {
    const open = async (release) => {
      const shop = await edge.createShop({ objects });
      await shop.publish(release);
      return shop;
    };

    /** Somebody who was welcomed, and the link to their page. */
    const welcomed = async (shop, fields = {}) => {
      const { email } = await shop.welcome({ given_name: "Anna", ...fields });
      const welcome = await shop.mailTo(email, "welcome");
      return { email, link: shop.link(welcome, "p").replace(/#.*/, ""), welcome, id: (await shop.person(email)).id };
    };
    const look = async (link) => {
      const page = await edge.ask("GET", link);
      assert.equal(page.status, 200, page.text);
      return page.text;
    };
    const send = async (link, changes) => edge.ask("POST", link, { form: filled(await look(link), changes) });
    /** Saves, and reads what the page then shows as it would be sent again. */
    const save = async (link, changes) => {
      const saved = await send(link, changes);
      assert.equal(saved.status, 303, saved.text);
      assert.equal(saved.headers.get("location"), `${link}?done=saved`);
      return look(`${link}?done=saved`);
    };
    const mails = async (shop, email) => (await shop.mailsTo(email)).map(({ mail }) => mail).sort();
    const reminded = async (shop, email) => (await mails(shop, email)).includes("reminder");

    test("every message leads to it, and looking at it changes nothing", async () => {
      const shop = await open();
      const email = emailAddress();
      await shop.submit({ email, allow: ["email.marketing"] });
      const confirm = await shop.mailTo(email, "confirm");
      const link = shop.link(confirm, "p");
      assert.match(confirm.text, /Why did I get this\? \S+#why\n/);
      const before = [await shop.person(email), await shop.list("events"), await shop.list("jobs")];
      for (let n = 0; n < 3; n++) {
        const page = await edge.ask("GET", link.replace(/#.*/, ""));
        assert.equal(page.status, 200);
        for (const [name, value] of Object.entries(PAGE)) assert.match(page.headers.get(name), value);
        assert.doesNotMatch(page.text, /<script/);
        assert.match(page.text, /Not confirmed yet/);
        assert.doesNotMatch(page.text, new RegExp(email), "the address is not said in full");
      }
      assert.deepEqual([await shop.person(email), await shop.list("events"), await shop.list("jobs")], before);
      const first = await welcomed(shop);
      for (const part of [first.welcome.text, first.welcome.html]) {
        assert.ok(part.includes(`${first.link}#why`), "why");
        assert.match(part, new RegExp(`${first.link}["\\s]`), "the page itself");
      }
    });

    test("everything that is saved is shown again", async () => {
      const shop = await open();
      const { email, link } = await welcomed(shop, { birthday: "12-31" });
      assert.match(await look(link), /Anna, how shall we write to you\?/);
      assert.deepEqual([formOf(await look(link)).get("day"), formOf(await look(link)).get("month")], ["31", "12"]);
      const said = {
        topic: ["stories"],
        frequency: "month",
        quiet_from: "22:00",
        quiet_until: "07:00",
        day: "29",
        month: "2",
        year: "2000",
        zone: "Asia/Riyadh",
      };
      const page = await save(link, said);
      assert.match(page, /<p class="done" role="status" tabindex="-1" autofocus>Saved\./);
      const shown = formOf(page);
      for (const [name, value] of Object.entries(said)) assert.deepEqual(shown.getAll(name), [value].flat(), name);
      assert.deepEqual(shown.getAll("channel"), ["email"]);
      assert.equal((await shop.person(email)).birthday, "2000-02-29");
      const paused = await save(link, { pause: "1m" });
      assert.equal(formOf(paused).get("pause"), "keep");
      assert.match(paused, /Until \d+ \w+ 20\d\d/);
      const emptied = formOf(await save(link, { pause: "", day: "", month: "", year: "", quiet_from: "", quiet_until: "", zone: "", frequency: "any", topic: ["arrivals", "offers", "stories"] }));
      assert.deepEqual([emptied.get("day"), emptied.get("pause"), emptied.get("quiet_from"), emptied.get("zone")], ["", "", "", ""]);
      assert.equal((await shop.person(email)).birthday, null);
      assert.deepEqual(emptied.getAll("topic"), ["offers", "arrivals", "stories"]);
    });

    test("a topic that is turned off is left out, and that topic only", async () => {
      const shop = await open();
      const anna = await welcomed(shop);
      const berta = await welcomed(shop);
      await save(anna.link, { topic: ["arrivals", "stories"] });
      await save(berta.link, { topic: ["offers"] });
      await shop.advance({ days: 11 });
      assert.equal(await reminded(shop, anna.email), false);
      assert.equal((await shop.decisionsAbout(anna.id))[0], "skip reminder: topic");
      assert.equal(await reminded(shop, berta.email), true);
    });

    test("a pause holds a mail back until it ends", async () => {
      const shop = await open(reminding(12));
      const { email, link, id } = await welcomed(shop);
      await save(link, { pause: "2w" });
      await shop.advance({ days: 13 });
      assert.equal(await reminded(shop, email), false);
      assert.equal((await shop.decisionsAbout(id))[0], "defer reminder: pause");
      await shop.advance({ days: 1, seconds: 60 });
      assert.equal(await reminded(shop, email), true);
      assert.equal(formOf(await look(link)).get("pause"), "", "it is over");
    });

    test("a pause that is ended lets the waiting mail go; one too long makes it stale", async () => {
      const shop = await open();
      const [anna, berta] = [await welcomed(shop), await welcomed(shop)];
      for (const { link } of [anna, berta]) await save(link, { pause: "3m" });
      await shop.advance({ days: 11 });
      assert.equal((await shop.decisionsAbout(anna.id))[0], "defer reminder: pause");
      await save(anna.link, { pause: "" });
      await shop.mailTo(anna.email, "reminder");
      await shop.advance({ days: 3 });
      assert.equal((await shop.decisionsAbout(berta.id))[0], "skip reminder: valid_until");
      assert.deepEqual(await shop.list("jobs"), []);
    });

    test("a page left open from before a pause does not end it", async () => {
      const shop = await open();
      const { email, link, id } = await welcomed(shop);
      const early = formOf(await look(link));
      await save(link, { pause: "3m" });
      await shop.advance({ days: 11 });
      assert.equal((await edge.ask("POST", link, { form: early })).status, 303);
      assert.equal(formOf(await look(link)).get("pause"), "keep");
      await shop.advance({ seconds: 60 });
      assert.equal(await reminded(shop, email), false);
      assert.equal((await shop.decisionsAbout(id))[0], "defer reminder: pause");
    });

    test("quiet hours hold a mail back until they end on the reader's clock, over midnight", async () => {
      const shop = await open();
      const { email, link, id } = await welcomed(shop);
      // A zone in which it is between eleven and midnight now.
      const hour = new Date().getUTCHours();
      const ahead = hour > 9 ? 23 - hour : -1 - hour;
      const zone = ahead === 0 ? "UTC" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
      await save(link, { quiet_from: "22:00", quiet_until: "06:00", zone });
      await shop.advance({ days: 10, seconds: 60 });
      assert.equal(await reminded(shop, email), false);
      assert.equal((await shop.decisionsAbout(id))[0], "defer reminder: quiet hours");
      await shop.advance({ days: 1 });
      const { at } = (await shop.mailsTo(email)).find(({ mail }) => mail === "reminder");
      const local = new Date(at + ahead * HOUR_MS);
      assert.deepEqual([local.getUTCHours(), local.getUTCMinutes()], [6, 0]);
    });

    test("who wants one letter a week gets the second after a week", async () => {
      const shop = await open(reminding(5));
      const { email, link, id } = await welcomed(shop);
      await save(link, { frequency: "week" });
      await shop.advance({ days: 6 });
      assert.equal(await reminded(shop, email), false);
      assert.equal((await shop.decisionsAbout(id))[0], "defer reminder: frequency");
      await shop.advance({ days: 1, seconds: 60 });
      const sent = Object.fromEntries((await shop.mailsTo(email)).map(({ mail, at }) => [mail, at]));
      const late = sent.reminder - (sent.welcome + 7 * DAY_MS);
      assert.ok(late >= 0 && late < 1_000, `${late} ms after the week`);
    });

    test("a letter about a wish is no news, and holds none back", async () => {
      const shop = await open(reminding(9));
      const { email, link } = await welcomed(shop);
      await save(link, { frequency: "week" });
      await shop.advance({ days: 8 });
      for (const act of ["export", "erase"]) {
        assert.equal((await edge.ask("POST", link, { form: new URLSearchParams({ act }) })).status, 303);
        await shop.mailTo(email, act);
      }
      await shop.advance({ days: 1, seconds: 60 });
      assert.equal(await reminded(shop, email), true);
    });

    test("a rule that takes over from another is told of", async () => {
      const shop = await open();
      const { link, id } = await welcomed(shop);
      await save(link, { pause: "3m" });
      await shop.advance({ days: 11 });
      await save(link, { pause: "", frequency: "month" });
      await until("it is decided anew", async () => (await shop.decisionsAbout(id))[0] === "defer reminder: frequency");
      assert.equal((await shop.decisionsAbout(id))[1], "defer reminder: pause");
    });

    test("later mails come in the language that was chosen, and so does the page", async () => {
      const shop = await open();
      const { email, link } = await welcomed(shop);
      const page = await save(link, { language: "ar" });
      assert.match(page, /<html lang="ar" dir="rtl">/);
      assert.match(page, /تم الحفظ/);
      await shop.advance({ days: 11 });
      assert.match((await shop.mailTo(email, "reminder")).text, /مرحبًا Anna/);
    });

    test("turned off, nothing leaves; turned on again, it does; both have their receipts", async () => {
      const shop = await open();
      const [anna, berta] = [await welcomed(shop), await welcomed(shop)];
      for (const { link } of [anna, berta]) await save(link, { channel: undefined });
      const off = await shop.person(anna.email);
      assert.deepEqual([off.consents[0].state, off.consents[0].method], ["withdrawn", "preference page"]);
      assert.deepEqual(formOf(await look(anna.link)).getAll("channel"), []);
      await save(anna.link, { channel: "email" });
      const on = (await shop.person(anna.email)).consents;
      assert.deepEqual([on[0].state, on[0].method, on[0].version], ["given", "preference page", (await shop.pointer()).version]);
      assert.equal(on[0].wording, on.at(-1).wording, "the shop's own words");
      assert.ok((await look(anna.link)).includes("On "), "since when");
      await shop.advance({ days: 11 });
      assert.equal(await reminded(shop, anna.email), true);
      assert.equal(await reminded(shop, berta.email), false);
      assert.equal((await shop.decisionsAbout(berta.id))[0], "skip reminder: withdrawal");
    });

    test("saved twice, it is said once", async () => {
      const shop = await open();
      const { email, link } = await welcomed(shop);
      const form = filled(await look(link), { channel: undefined });
      for (let n = 0; n < 3; n++) assert.equal((await edge.ask("POST", link, { form })).status, 303);
      const { consents } = await shop.person(email);
      assert.deepEqual(consents.map(({ state }) => state), ["withdrawn", "given", "asked"]);
    });

    test("a page that was left open does not take back what was said elsewhere since", async () => {
      const shop = await open();
      const { email, link, welcome } = await welcomed(shop);
      const old = filled(await look(link), { frequency: "week" });
      assert.equal((await edge.ask("POST", shop.link(welcome, "u"))).status, 200);
      assert.equal((await edge.ask("POST", link, { form: old })).status, 303);
      assert.equal((await shop.person(email)).consents[0].state, "withdrawn");
      assert.equal(formOf(await look(link)).get("frequency"), "week");
    });

    test("one button stops all letters and keeps the rest", async () => {
      const shop = await open();
      const { email, link } = await welcomed(shop);
      await save(link, { frequency: "week" });
      const stopped = await edge.ask("POST", link, { form: "act=stop" });
      assert.equal(stopped.headers.get("location"), `${link}?done=stopped`);
      const page = await look(`${link}?done=stopped`);
      assert.match(page, /Done\. No more letters/);
      assert.deepEqual([formOf(page).getAll("channel"), formOf(page).get("frequency")], [[], "week"]);
      assert.deepEqual((await shop.person(email)).consents[0].method, "preference page");
      await shop.advance({ days: 30 });
      assert.deepEqual(await mails(shop, email), ["confirm", "welcome"]);
    });

    test("whoever has not confirmed can say yes here: the link was in a message to the address", async () => {
      const shop = await open();
      const email = emailAddress();
      await shop.submit({ email, allow: [] });
      const link = shop.link(await shop.mailTo(email, "confirm"), "p").replace(/#.*/, "");
      await save(link, { channel: "email" });
      const person = await shop.person(email);
      assert.deepEqual([person.consents[0].state, person.addresses[0].state], ["given", "confirmed"]);
    });

    test("it says what was written and why, and with which words that was allowed", async () => {
      const shop = await open();
      const { link } = await welcomed(shop);
      const page = await look(link);
      assert.match(page, /<strong dir="auto">Come in\. Here is your code<\/strong><span>You allowed us to write to you\./);
      assert.match(page, /<strong dir="auto">Is this your address\?<\/strong><span>It answers something you did yourself\./);
      assert.match(page, /<blockquote dir="auto">Write to me now and then/);
      assert.ok(page.indexOf("Come in.") < page.indexOf("Is this your address?"), "the newest first");
    });

    test("the link of somebody who was joined works, and the latest word counts for both", async () => {
      const shop = await open();
      const [anna, berta] = [await welcomed(shop), await welcomed(shop)];
      await save(anna.link, { frequency: "month", language: "ar" });
      await save(berta.link, { frequency: "week" });
      assert.equal((await shop.admin("POST", `people/${anna.id}/join`, { json: { with: berta.id } })).status, 200);
      await until("they are one", async () => (await shop.person(anna.email))?.addresses.length === 2);
      for (const { link } of [anna, berta]) assert.equal(formOf(await look(link)).get("frequency"), "week");
      await save(anna.link, { frequency: "month", topic: ["offers"] });
      const shown = formOf(await look(berta.link));
      assert.deepEqual([shown.get("frequency"), shown.getAll("topic")], ["month", ["offers"]]);
      await edge.ask("POST", berta.link, { form: "act=stop" });
      assert.deepEqual(formOf(await look(anna.link)).getAll("channel"), []);
      assert.equal((await shop.admin("POST", `people/${berta.id}/part`, { json: {} })).status, 200);
      await until("they are two", async () => (await shop.person(berta.email))?.addresses.length === 1);
      assert.equal(formOf(await look(anna.link)).get("frequency"), "month");
      assert.equal(formOf(await look(berta.link)).get("frequency"), "week");
    });

    test("links that were made after their shopper had moved work", async () => {
      const shop = await open();
      const people = [];
      for (let n = 0; n < 6; n++) {
        const email = emailAddress();
        await shop.submit({ email, allow: ["email.marketing"] });
        const confirm = shop.link(await shop.mailTo(email, "confirm"), "c");
        people.push({ email, confirm, id: (await shop.person(email)).id });
      }
      for (const { id } of people.slice(1)) await shop.admin("POST", `people/${people[0].id}/join`, { json: { with: id } });
      await until("they are one", async () => (await shop.person(people[0].email))?.addresses.length === 6);
      for (const { email, confirm } of people) {
        assert.equal((await edge.ask("POST", confirm)).status, 200);
        const before = (await shop.mailsTo(email)).length;
        await shop.submit({ email, allow: ["email.marketing"] });
        const [made] = await until("they are asked again", async () => {
          const letters = (await shop.mailsTo(email)).filter(({ mail, state }) => mail === "confirm" && state === "accepted");
          return letters.length + (email === people[0].email ? 1 : 0) > before && letters;
        });
        const letter = await shop.message(made.id);
        assert.equal((await edge.ask("POST", shop.link(letter, "c"))).status, 200);
        await look(shop.link(letter, "p").replace(/#.*/, ""));
      }
      const welcome = await shop.mailTo(people[0].email, "welcome");
      assert.equal((await edge.ask("GET", shop.link(welcome, "u"))).status, 200);
    });
  });
}

const shop = await edge.createShop();
await shop.publish();
const { email } = await shop.welcome({ given_name: `<img src=x onerror="alert('1')">` });
const welcome = await shop.mailTo(email, "welcome");
const link = shop.link(welcome, "p").replace(/#.*/, "");
const look = async () => (await edge.ask("GET", link)).text;

test("a link that is cut, forged, another shop's or made for something else is none", async () => {
  const other = await edge.createShop();
  const token = link.split("/").at(-1);
  const forged = token.slice(0, -1) + (token.endsWith("A") ? "B" : "A");
  const unsubscribe = shop.link(welcome, "u").split("/").at(-1);
  const wrong = [token.slice(0, -1), `${token}A`, forged, unsubscribe, "x", "%00", "..%2f", "é", "A".repeat(5_000)];
  for (const [key, each] of [...wrong.map((each) => [shop.key, each]), [other.key, token], ["pk_x", token]]) {
    for (const method of ["GET", "POST"]) {
      assertProblem(await edge.ask(method, `/p/${key}/${each}`, method === "POST" ? { form: "frequency=week" } : {}), 404);
    }
  }
  assert.equal((await edge.ask("GET", `/u/${shop.key}/${token}`)).status, 404);
});

test("whatever is wrong is said at its field, and everything else stays as it was entered", async () => {
  const hostile = ["<script>alert(1)</script>", `"><img src=x>`, "\0\u0007", "٣", "x".repeat(4_000), "{{ shop.name }}", "' OR 1=1 --", "\u202eevil"];
  const before = await look();
  for (const name of ["act", "channel", "was", "topic", "shown", "frequency", "quiet_from", "quiet_until", "pause", "language", "day", "month", "year", "zone"]) {
    for (const value of hostile) {
      const form = filled(before, { frequency: "week", quiet_from: "21:00", quiet_until: "05:00", day: "7", month: "4", [name]: value });
      const page = await edge.ask("POST", link, { form });
      assert.equal(page.status, 422, `${name}=${value}: ${page.text.slice(0, 200)}`);
      assert.match(page.headers.get("content-type"), /^text\/html/);
      assert.doesNotMatch(page.text, /<script|<img|\u0007/, `${name}=${value}`);
      const field = name.startsWith("quiet") ? "quiet" : { was: "channel", shown: "topic", day: "birthday", month: "birthday", year: "birthday" }[name] ?? name;
      assert.match(page.text, new RegExp(`<a href="#${field}">`), name);
      const shown = formOf(page.text);
      if (name !== "frequency") assert.equal(shown.get("frequency"), "week", name);
      if (field !== "quiet") assert.equal(shown.get("quiet_from"), "21:00", name);
      if (name !== "day") assert.equal(shown.get("day"), "7", name);
    }
  }
  const bare = (html) => html.replace(/nonce="\w+"/g, "");
  assert.equal(bare(await look()), bare(before), "nothing was kept");
});

test("a name is shown as it is, a word that is not a field is passed over, too much is refused", async () => {
  assert.doesNotMatch(await look(), /<img/);
  assert.equal((await edge.ask("POST", link, { form: filled(await look(), { mood: "x".repeat(3_000) }) })).status, 303);
  assertProblem(await edge.ask("POST", link, { form: `year=${"1".repeat(17 * 1024)}` }), 413);
  for (const body of ["", "%", "%ff%fe=%00", "&&&===", "topic=".repeat(2_000)]) {
    const { status } = await edge.ask("POST", link, { form: body });
    assert.ok([303, 422].includes(status), `${status} for ${body.slice(0, 20)}`);
  }
});

test("the API's description knows both ways to ask", async () => {
  const { json } = await edge.ask("GET", "/openapi.json");
  const { get, post } = json.paths["/p/{shop}/{token}"];
  assert.ok(get.responses["200"] && post.responses["303"] && post.responses["422"].content["text/html"]);
  const schema = json.components.schemas.Preferences;
  assert.deepEqual(post.requestBody.content["application/x-www-form-urlencoded"].schema, { $ref: "#/components/schemas/Preferences" });
  assert.ok(schema.properties.quiet_from.description && schema.required === undefined);
});
