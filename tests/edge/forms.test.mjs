// Forms: a slip is asked about, a robot learns nothing, nobody learns who is known.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, readFormId, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { changedRelease, helloForm } from "../harness/release.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

async function publishedShop(release) {
  const shop = await edge.createShop();
  await shop.publish(release);
  return shop;
}

/** Waits until nothing is due any more. */
const quiet = (shop) => shop.advance({ seconds: 0 });

test("an address is taken in, with what was ticked in the words that were read", async () => {
  const shop = await publishedShop();
  const email = emailAddress("Anna.Lee");
  const version = (await shop.pointer()).version;
  const visitor = uuid();
  const allow = ["email.marketing", "device.personalisation"];
  const answer = await shop.submit({ email: ` ${email.toUpperCase()} `, allow, version, visitor });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, { v: 1, step: "done" });
  const person = await shop.person(email);
  assert.deepEqual(person.addresses, [{ channel: "email", address: email.toLowerCase(), state: "asked" }]);
  assert.equal(person.visitors, 0, "a typed address proves nothing");
  const receipts = person.consents.map(({ channel, state }) => [channel, state]).sort();
  assert.deepEqual(receipts, [["device", "given"], ["email", "asked"]]);
  for (const receipt of person.consents) {
    assert.ok(receipt.wording.length > 20, "the very words");
    assert.equal(receipt.version, version);
    assert.equal(receipt.page, `${shop.origin}/`);
    assert.equal(receipt.method, "form hello");
  }
});

test("what was not ticked is not asked for, and what the form does not offer cannot be ticked", async () => {
  const shop = await publishedShop();
  const email = emailAddress();
  await shop.submit({ email, allow: ["sms.marketing"] });
  assert.deepEqual((await shop.person(email)).consents, []);
});

test("fields that a person can mend are complained about by name", async () => {
  const shop = await publishedShop();
  const complaints = [
    [{ email: "" }, { field: "email", code: "required" }],
    [{ email: undefined }, { field: "email", code: "required" }],
    [{ email: "anna" }, { field: "email", code: "invalid" }],
    [{ email: "anna@example" }, { field: "email", code: "invalid" }],
    [{ email: "anna@exa mple.org" }, { field: "email", code: "invalid" }],
    [{ email: `${"a".repeat(300)}@example.org` }, { field: "email", code: "invalid" }],
    [{ email: "anna@example.org\r\nBcc: all@example.org" }, { field: "email", code: "invalid" }],
    [{ email: "anna@gmial.com" }, { field: "email", code: "typo", suggestion: "anna@gmail.com" }],
    [{ email: "anna@example.con" }, { field: "email", code: "typo", suggestion: "anna@example.com" }],
    [{ birthday: "31-31" }, { field: "birthday", code: "invalid" }],
    [{ birthday: "1990-02-30" }, { field: "birthday", code: "invalid" }],
  ];
  for (const [fields, complaint] of complaints) {
    const problem = assertProblem(await shop.submit(fields), 422, complaint.field);
    assert.deepEqual(problem.errors, [complaint]);
  }
  assert.equal((await shop.status()).counts.people, 0);
});

test("fields that only a program can get wrong are refused by name", async () => {
  const shop = await publishedShop();
  const wrong = [
    [400, "id", { id: "first" }],
    [400, "id", { id: undefined }],
    [400, "allow", { allow: "everything" }],
    [400, "visitor", { visitor: "me" }],
    [400, "step", { step: "-1" }],
    [400, "step", { step: "1000" }],
    [413, undefined, { page: `https://shop.example/${"x".repeat(20_000)}` }],
  ];
  for (const [status, field, fields] of wrong) assertProblem(await shop.submit(fields), status, field);
  assertProblem(await shop.submit({}, { campaign: "unknown" }), 404, "campaign");
  assertProblem(await shop.submit({}, { campaign: "..%2Fhello" }), 404);
  assertProblem(await shop.submit({}, { objects: 99 }), 400, "objects");
  const other = { ...shop, origin: "https://evil.example" };
  assertProblem(await shop.submit.call(other, {}), 403, "origin");
  assertProblem(await edge.ask("POST", "/v1/forms/hello", { form: "" }), 400, "shop");
  assertProblem(await edge.ask("POST", "/v1/forms/hello?shop=pk_aaaaaaaaaaaaaaaaaaaa", { form: `id=${uuid()}&email=${emailAddress()}` }), 404, "shop");
});

test("a form is refused while nothing is published", async () => {
  const shop = await edge.createShop();
  assertProblem(await shop.submit(), 409);
});

test("a slip that is insisted on is taken", async () => {
  const shop = await publishedShop();
  const email = "anna@gmial.com";
  assertProblem(await shop.submit({ email, sure: "someone@else.example" }), 422, "email");
  assert.equal((await shop.submit({ email, sure: email })).status, 200);
  assert.ok(await shop.person(email));
});

test("a robot that fills in the hidden field gets the usual answer, and nothing else happens", async () => {
  const shop = await publishedShop();
  const [robot, human] = [emailAddress(), emailAddress()];
  const trapped = await shop.submit({ email: robot, website: "https://spam.example" });
  const usual = await shop.submit({ email: human });
  assert.deepEqual([trapped.status, trapped.text], [usual.status, usual.text]);
  await shop.mailTo(human, "confirm");
  assert.deepEqual(await shop.mailsTo(robot), []);
  assert.equal(await shop.person(robot), undefined);
  const decisions = await shop.list("decisions");
  assert.ok(decisions.some(({ what, why }) => what === "skip" && why.rule === "trap"), "it has a row");
});

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: an address that is corrected before the form is sent again is asked, with what was said`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish();
    const id = readFormId();
    const [slip, right] = [emailAddress("ana"), emailAddress("anna")];
    for (const email of [slip, right, slip, right]) {
      assert.equal((await shop.submit({ id, email, allow: ["email.marketing"] })).status, 200);
    }
    assert.equal((await shop.submit({ id, email: right, step: 1, given_name: "Anna" })).status, 200);
    await quiet(shop);
    for (const email of [slip, right]) assert.deepEqual((await shop.mailsTo(email)).map(({ mail }) => mail), ["confirm"]);
    await edge.ask("POST", shop.link(await shop.mailTo(right, "confirm"), "c"));
    const { given_name, consents } = await shop.person(right);
    assert.deepEqual([given_name, consents[0].state], ["Anna", "given"]);
    assert.deepEqual((await shop.person(slip)).addresses.map(({ state }) => state), ["asked"]);
  });
}

test("a form that is sent again with the same id counts once", async () => {
  const shop = await publishedShop();
  const fields = { id: uuid(), email: emailAddress(), allow: ["email.marketing"] };
  const answers = await Promise.all([1, 2, 3].map(() => shop.submit(fields)));
  answers.push(await shop.submit(fields));
  assert.deepEqual(answers.map(({ status, text }) => [status, text]), answers.map(() => [200, answers[0].text]));
  await quiet(shop);
  assert.equal((await shop.mailsTo(fields.email)).length, 1);
  assert.equal((await shop.person(fields.email)).consents.length, 1);
});

test("two forms with one address make one shopper", async () => {
  const shop = await publishedShop();
  const email = emailAddress();
  for (const written of [email, email.toUpperCase(), ` ${email}`]) await shop.submit({ email: written });
  assert.equal((await shop.status()).counts.people, 1);
});

test("the second step adds to the first, and is believed once the address is proven", async () => {
  const shop = await publishedShop();
  const fields = { id: uuid(), email: emailAddress(), allow: ["email.marketing"] };
  await shop.submit(fields);
  assert.equal((await shop.submit({ ...fields, step: 1, given_name: "Anna" })).status, 200);
  assert.equal((await shop.submit({ ...fields, step: 2, birthday: "02-29" })).status, 200);
  assert.equal((await shop.person(fields.email)).given_name, null, "anybody could have said so");
  await edge.ask("POST", shop.link(await shop.mailTo(fields.email, "confirm"), "c"));
  const person = await shop.person(fields.email);
  assert.deepEqual([person.given_name, person.birthday], ["Anna", "02-29"]);
  await shop.submit({ ...fields, step: 1, given_name: "Anna Lee" });
  assert.equal((await shop.person(fields.email)).given_name, "Anna Lee", "after the proof it counts at once");
  assertProblem(await shop.submit({ ...fields, id: uuid(), step: 1 }), 400, "id");
});

test("nobody can see from the answer whether an address is known", async () => {
  const shop = await publishedShop();
  const { email } = await shop.welcome();
  const known = await shop.submit({ email, allow: ["email.marketing"] });
  const unknown = await shop.submit({ email: emailAddress(), allow: ["email.marketing"] });
  assert.deepEqual(known.bytes, unknown.bytes);
  const headers = ({ headers }) => [...headers].filter(([name]) => !["date"].includes(name));
  assert.deepEqual(headers(known), headers(unknown));
  const pages = await Promise.all([email, emailAddress()].map((email) => shop.submit({ email }, { json: false })));
  const bare = ({ text }) => text.replace(/nonce="\w+"/g, "");
  assert.equal(bare(pages[0]), bare(pages[1]));
});

test("somebody who types in a stranger's address cannot have them flooded", async () => {
  const shop = await publishedShop();
  const email = emailAddress();
  for (let n = 0; n < 8; n++) assert.equal((await shop.submit({ email })).status, 200, "the answer stays the same");
  await quiet(shop);
  assert.equal((await shop.mailsTo(email)).length, 4);
  const { id } = await shop.person(email);
  const skips = (await shop.decisionsAbout(id)).filter((each) => each === "skip confirm: address limit");
  assert.equal(skips.length, 4, "each that did not go out has a row");
  await shop.advance({ days: 1, seconds: 60 });
  await shop.submit({ email });
  await quiet(shop);
  assert.equal((await shop.mailsTo(email)).length, 5, "a day later they may be asked again");
});

test("a form sent without any script gets a page in the shop's name", async () => {
  const shop = await publishedShop();
  const email = emailAddress();
  const answer = await shop.submit({ email, allow: ["email.marketing"] }, { json: false });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/html; charset=utf-8/);
  assert.match(answer.headers.get("content-security-policy"), /default-src 'none'/);
  assert.match(answer.text, /<html lang="en" dir="ltr">/);
  assert.match(answer.text, /Skerrow/);
  assert.doesNotMatch(answer.text, /<script/i);
  await shop.mailTo(email, "confirm");
});

test("a shop that shows its code at once shows it with the answer, and the last one in the mail", async () => {
  const shop = await publishedShop(changedRelease((config) => { helloForm(config).reveal = "AtOnce"; }));
  const fields = { id: uuid(), email: emailAddress(), allow: ["email.marketing"] };
  const answer = await shop.submit(fields);
  assert.match(answer.json.code, /^HELLO-[A-Z0-9]{6,}$/);
  assert.equal((await shop.submit(fields)).json.code, answer.json.code, "sent again, the same");
  const again = await shop.submit({ ...fields, id: readFormId() });
  assert.match(again.json.code, /^HELLO-[A-Z0-9]{6,}$/);
  assert.notEqual(again.json.code, answer.json.code, "whoever types in a stranger's address does not learn their code");
  assert.notEqual((await shop.submit()).json.code, answer.json.code, "somebody else's is another");
  await edge.ask("POST", shop.link(await shop.mailTo(fields.email, "confirm"), "c"));
  const welcome = await shop.mailTo(fields.email, "welcome");
  assert.ok(welcome.text.includes(again.json.code));
  const page = await shop.submit({}, { json: false });
  assert.match(page.text, /HELLO-[A-Z0-9]{6,}/);
});

test("names are kept as people write them and never become markup", async () => {
  const shop = await publishedShop();
  const names = ["Anne-Marie O'Neill", "محمد", "<b>Bo</b>", "Bobby'); DROP TABLE shoppers;--", "{{ link.confirm }}", "👩‍🚀"];
  for (const given_name of names) {
    const { email } = await shop.welcome({ given_name });
    const person = await shop.person(email);
    assert.equal(person.given_name, given_name.replace(/[<>]/g, " ").trim().replace(/\s+/g, " "));
    const { html } = await shop.mailTo(email, "welcome");
    assert.doesNotMatch(html, /<b>Bo/);
    assert.doesNotMatch(html, /\/c\/pk_/, "a name is no template");
  }
  await until("all of them are people", async () => (await shop.status()).counts.people === names.length);
});
