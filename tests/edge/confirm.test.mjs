// The link in the confirmation mail: looking at it changes nothing, its button does, once.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";

const edge = await startEdge();
after(() => edge.stop());

async function asked(shop, fields = {}) {
  const email = emailAddress();
  await shop.submit({ email, allow: ["email.marketing"], ...fields });
  return { email, link: shop.link(await shop.mailTo(email, "confirm"), "c") };
}

const shop = await edge.createShop();
await shop.publish();

const state = async (email) => (await shop.person(email)).addresses[0].state;

test("looking at the link confirms nothing, however often", async () => {
  const { email, link } = await asked(shop);
  for (let n = 0; n < 5; n++) {
    const page = await edge.ask("GET", link);
    assert.equal(page.status, 200);
    assert.match(page.text, /<form method="post"><button type="submit">/);
    assert.match(page.headers.get("cache-control"), /no-store/);
    assert.equal(page.headers.get("x-robots-tag"), "noindex");
    assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  }
  await shop.advance({ seconds: 60 });
  assert.equal(await state(email), "asked");
  assert.deepEqual((await shop.mailsTo(email)).map(({ mail }) => mail), ["confirm"]);
});

test("its button confirms, shows the code and begins the welcome", async () => {
  const { email, link } = await asked(shop);
  const page = await edge.ask("POST", link);
  assert.equal(page.status, 200);
  const [code] = page.text.match(/HELLO-[A-Z0-9]{6,}/) ?? assert.fail(page.text);
  assert.doesNotMatch(page.text, /<form/);
  assert.match(page.text, /#rapport=known/, "the way back marks a known visitor");
  assert.equal(await state(email), "confirmed");
  const person = await shop.person(email);
  assert.deepEqual(person.codes.map((each) => each.code), [code]);
  assert.deepEqual(person.consents.map(({ state, method }) => [state, method]), [["given", "confirmation link"], ["asked", "form hello"]]);
  assert.equal(person.consents[0].wording, person.consents[1].wording);
  assert.ok((await shop.mailTo(email, "welcome")).text.includes(code));
});

test("pressing it again changes nothing and shows the same code", async () => {
  const { email, link } = await asked(shop);
  const bare = ({ text }) => text.replace(/nonce="\w+"/g, "");
  const pages = [];
  for (let n = 0; n < 3; n++) pages.push(await edge.ask("POST", link));
  pages.push(await edge.ask("GET", link));
  await shop.mailTo(email, "welcome");
  await shop.advance({ seconds: 60 });
  for (const page of pages) assert.equal(bare(page), bare(pages[0]));
  assert.deepEqual((await shop.mailsTo(email)).map(({ mail }) => mail).sort(), ["confirm", "welcome"]);
  assert.equal((await shop.person(email)).consents.length, 2);
});

test("pressed many times at once it confirms once", async () => {
  const { email, link } = await asked(shop);
  const pages = await Promise.all(Array.from({ length: 8 }, () => edge.ask("POST", link)));
  assert.deepEqual(pages.map(({ status }) => status), pages.map(() => 200));
  await shop.mailTo(email, "welcome");
  await shop.advance({ seconds: 60 });
  assert.equal((await shop.mailsTo(email)).length, 2);
  assert.equal((await shop.person(email)).codes.length, 1);
});

test("somebody who did not tick news gets the code on the page and no news", async () => {
  const { email, link } = await asked(shop, { allow: [] });
  const page = await edge.ask("POST", link);
  assert.match(page.text, /HELLO-/);
  await shop.advance({ days: 20 });
  assert.deepEqual((await shop.mailsTo(email)).map(({ mail }) => mail), ["confirm"]);
  const { id } = await shop.person(email);
  const decisions = await shop.decisionsAbout(id);
  assert.ok(decisions.includes("skip welcome: consent"), decisions.join());
});

test("a link that was changed, cut or made up leads nowhere", async () => {
  const { email, link } = await asked(shop);
  const token = link.split("/").at(-1);
  const middle = Math.floor(token.length / 2);
  const flip = (at) => token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
  const tokens = [
    flip(0), flip(3), flip(middle), flip(token.length - 3),
    token.slice(0, -1), token.slice(0, middle), token.slice(1), `${token}A`, token + token,
    "A", "-", "%00", "..%2F..", "AAAA", "A".repeat(40), "x".repeat(4_000),
  ];
  for (const wrong of tokens) {
    for (const method of ["GET", "POST"]) {
      assertProblem(await edge.ask(method, `/c/${shop.key}/${wrong}`), 404);
    }
  }
  assertProblem(await edge.ask("POST", `/c/${shop.key}/`), 404);
  assertProblem(await edge.ask("POST", `/c/${shop.key}`), 404);
  assertProblem(await edge.ask("POST", `/c/${shop.key.toUpperCase()}/${token}`), 404);
  assertProblem(await edge.ask("POST", `/u/${shop.key}/${token}`), 404);
  assert.equal(await state(email), "asked");
});

test("a link of one shop leads nowhere in another", async () => {
  const other = await edge.createShop();
  await other.publish();
  const { email, link } = await asked(shop);
  const foreign = link.replace(shop.key, other.key);
  for (const method of ["GET", "POST"]) assertProblem(await edge.ask(method, foreign), 404);
  assertProblem(await edge.ask("POST", link.replace(shop.key, "pk_aaaaaaaaaaaaaaaaaaaa")), 404);
  assert.equal(await state(email), "asked");
});

test("a link works for a week, then says so, and a fresh one can be had", async () => {
  const patient = await edge.createShop();
  await patient.publish();
  const late = await asked(patient);
  await patient.advance({ days: 6, seconds: 86_000 });
  assert.match((await edge.ask("GET", late.link)).text, /<form/);
  await patient.advance({ seconds: 600 });
  for (const method of ["GET", "POST"]) {
    const page = await edge.ask(method, late.link);
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.text, /<form/);
    assert.doesNotMatch(page.text, /HELLO-/);
  }
  assert.equal((await patient.person(late.email)).addresses[0].state, "asked");
  await patient.submit({ email: late.email, allow: ["email.marketing"] });
  await patient.advance({ seconds: 0 });
  const [fresh] = await patient.mailsTo(late.email);
  await edge.ask("POST", patient.link(await patient.message(fresh.id), "c"));
  assert.equal((await patient.person(late.email)).addresses[0].state, "confirmed");
});

test("the page speaks the language that the form was read in", async () => {
  const { link } = await asked(shop, { lang: "ar-EG" });
  const page = await edge.ask("GET", link);
  assert.match(page.text, /<html lang="ar" dir="rtl">/);
});
