// Sign-ups by programs are held off without a puzzle, and nobody learns who is known.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress, networkAddress, readFormId, uuid } from "../harness/ids.mjs";
import { work } from "../../www/tag/work.js";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

const open = async (options) => {
  const shop = await edge.createShop(options);
  await shop.publish();
  return shop;
};

/** The form was not taken in, and says what to do; as any answer of a form, it is no error in the browser's console. */
function assertInDoubt({ status, json }, what) {
  const { work, ...rest } = json ?? {};
  assert.equal(typeof work, "string", what);
  assert.deepEqual([status, rest], [200, { v: 1, step: "work", ok: false, errors: [{ field: "", code: "network" }] }], what);
}

/** Whether a form was taken in. */
const isDone = ({ status, json }) => status === 200 && json.step === "done";

const asked = async (shop) => (await shop.list("messages")).filter(({ mail }) => mail === "confirm").length;

test("a form that is sent sooner than anybody reads is answered when somebody could have read it", async () => {
  const shop = await open();
  const took = async (id) => {
    const from = performance.now();
    assert.ok(isDone(await shop.submit({ id }, { works: false })));
    return performance.now() - from;
  };
  assert.ok((await took(uuid())) >= 1_000);
  const [quick, slow] = [await took(readFormId()), await took(uuid())];
  assert.ok(quick < slow, `${quick} ms, ${slow} ms`);
});

test("a form in doubt that shows work is taken in like any other, and once", async () => {
  const shop = await open();
  const from = networkAddress();
  for (let n = 0; n < 8; n++) await shop.submit({}, { from });
  const fields = { id: readFormId(), email: emailAddress() };
  const doubt = await shop.submit(fields, { from, works: false });
  assertInDoubt(doubt);
  assert.match(doubt.json.work, /^10\.\d+\.[0-9a-f]{24}$/);
  assert.equal(await shop.person(fields.email), undefined);
  const shown = await work(doubt.json.work);
  assert.deepEqual((await shop.submit({ ...fields, work: shown }, { from })).json, { v: 1, step: "done" });
  await shop.mailTo(fields.email, "confirm");
  assert.ok(isDone(await shop.submit(fields, { from, works: false })), "sent again it is known");
});

test("naming some work does not get around the limit of a network", async () => {
  const shop = await open();
  const from = networkAddress();
  const answers = [];
  // A program that fills in the trap; each would be noted.
  for (let n = 0; n < 40; n++) {
    answers.push((await shop.submit({ website: "x", work: "1.1.1.1" }, { from, works: false })).status);
  }
  assert.ok(answers.includes(429), answers.join());
});

test("a form without any script that is in doubt is asked to come again, not thanked", async () => {
  const shop = await open();
  const from = networkAddress();
  for (let n = 0; n < 8; n++) await shop.submit({}, { from });
  const email = emailAddress();
  const answer = await shop.submit({ email }, { from, json: false, works: false });
  assert.deepEqual([answer.status, answer.headers.get("retry-after")], [429, "60"]);
  assert.equal(await shop.person(email), undefined);
});

test("work is good for its form, as it was asked for, and for an hour or two", async () => {
  const shop = await open();
  const from = networkAddress();
  const send = (id, shown) => shop.submit({ id, work: shown }, { from, works: false });
  for (let n = 0; n < 8; n++) await send(readFormId());
  const id = readFormId();
  const { json } = await send(id);
  const shown = await work(json.work);
  const [bits, hour, proof, n] = shown.split(".");
  for (const [what, forged, of = id] of [
    ["another form's", shown, readFormId()],
    ["another number", `${json.work}.${n}0`],
    ["an easier challenge", await work(`1.${hour}.${proof}`)],
    ["another hour", await work(`${bits}.${hour - 5}.${proof}`)],
    ["nothing", ""],
    ["points", "...."],
    ["no number", `${bits}.${hour}.${proof}`],
    ["huge", `255.${hour}.${proof}.${n}`],
    ["letters", "🙂".repeat(40)],
  ]) {
    assertInDoubt(await send(of, forged), what);
  }
  assert.ok(isDone(await send(id, shown)));
  const late = readFormId();
  const then = await work((await send(late)).json.work);
  await shop.advance({ seconds: 3 * 3_600 });
  for (let n = 0; n < 8; n++) await send(readFormId());
  assertInDoubt(await send(late, then));
});

test("a device whose clock is off is not taken for a program", async () => {
  const shop = await open();
  for (const off of [-3_000, -7_200_000, -400 * 86_400_000, 60_000, 7_200_000]) {
    assert.ok(isDone(await shop.submit({ id: uuid(Date.now() + off) }, { works: false })), `${off} ms`);
  }
});

test("many forms from one network have to show work, others do not", async () => {
  const shop = await open();
  const from = networkAddress();
  const answers = [];
  for (let n = 0; n < 12; n++) answers.push((await shop.submit({}, { from, works: false })).json.step);
  assert.deepEqual(answers, [...Array(8).fill("done"), ...Array(4).fill("work")]);
  assert.ok(isDone(await shop.submit({}, { from })), "with work it goes on");
  assert.ok(isDone(await shop.submit({}, { works: false })), "another network");
});

test("questions that nobody answers make every form work, and in the end the shop asks no more for a while", async () => {
  const shop = await open();
  for (let n = 0; n < 30; n++) assert.ok(isDone(await shop.submit({}, { works: false })));
  const doubt = await shop.submit({}, { works: false });
  assertInDoubt(doubt);
  // Known and unknown addresses are asked for the same.
  const known = (await shop.list("people"))[0].addresses[0].address;
  assertInDoubt(await shop.submit({ email: known }, { works: false }));
  // Hundreds more, without the work that each of them takes.
  const { now } = (await shop.status()).clock;
  await edge.inside(
    shop,
    "shard/0",
    `WITH RECURSIVE more (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < 380)
     INSERT INTO links (id, kind, shopper, address, made, ends) SELECT 'more ' || n, 'confirm', 'nobody', x'00', ?, ? FROM more`,
    now,
    now + 86_400_000,
  );
  const before = await asked(shop);
  const flooded = emailAddress();
  assert.deepEqual((await shop.submit({ email: flooded })).json, { v: 1, step: "done" }, "the same answer");
  assert.equal(await asked(shop), before);
  const { id } = await shop.person(flooded);
  assert.deepEqual(await shop.decisionsAbout(id), ["defer confirm: flood"]);
  await shop.advance({ seconds: 3_700 });
  await shop.mailTo(flooded, "confirm");
  assert.ok(isDone(await shop.submit({}, { works: false })), "an hour later it is calm again");
});

test("known, unknown, erased and withdrawn addresses get the same answer", async () => {
  const shop = await open();
  const [known, erased, withdrawn] = [await shop.welcome(), await shop.welcome(), await shop.welcome()];
  await shop.admin("POST", `people/${(await shop.person(erased.email)).id}/erase`, { json: {} });
  await edge.ask("POST", shop.link(await shop.mailTo(withdrawn.email, "welcome"), "u"));
  const bare = ({ status, text, headers }) => [status, text, headers.get("content-type"), headers.get("cache-control")];
  const answers = [];
  for (const email of [known.email, emailAddress(), erased.email, withdrawn.email]) {
    answers.push(bare(await shop.submit({ id: readFormId(), email, allow: ["email.marketing"] })));
  }
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
});
