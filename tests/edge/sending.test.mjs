// Messages through a relay: taken, refused, or nobody knows; never twice.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { readMail } from "../harness/mime.mjs";
import { startSink } from "../harness/sink.mjs";
import { until } from "../harness/until.mjs";

const MINUTE_S = 60;

const sink = await startSink();
const edge = await startEdge({ bindings: { SENDER: "relay", RELAY_URL: sink.url, RELAY_TOKEN: "relay-token" } });
after(async () => {
  await edge.stop();
  await sink.stop();
});

const shop = await edge.createShop();
await shop.publish();

/** Sends a form whose confirmation mail meets a relay that behaves in this way. */
async function asked(answer) {
  const email = emailAddress();
  answers.set(email, typeof answer === "function" ? answer : () => answer);
  await shop.submit({ email, allow: ["email.marketing"] });
  return email;
}

const answers = new Map();
sink.answer = (message) => answers.get(message.to)?.(message) ?? { status: 202 };

const attempts = (email) => sink.attempts.filter(({ to }) => to === email).length;
const delivered = (email) => sink.delivered.filter(({ to }) => to === email);
const stateOf = async (email) => (await shop.mailsTo(email)).map(({ state }) => state);
const settled = (email, state) =>
  until(`the mail to ${email} is ${state}`, async () => (await stateOf(email)).includes(state), { within: 40_000 });

test("a message leaves as it is, with its envelope, its claim and the relay's token", async () => {
  const email = await asked({ status: 200, body: "queued as 4711\r\nand more" });
  await settled(email, "accepted");
  const [message] = delivered(email);
  assert.equal(message.type, "message/rfc822");
  assert.equal(message.token, "Bearer relay-token");
  assert.match(message.claim, /^confirm:/);
  assert.equal(message.from, "mara@skerrow.example");
  const { headers } = readMail(message.source);
  assert.ok(headers.get("to").includes(email));
  const [kept] = await shop.mailsTo(email);
  assert.equal(kept.detail, "queued as 4711");
  assert.equal(kept.sender, "relay");
  assert.equal((await shop.message(kept.id)).source, message.source);
});

test("what the relay refuses for good is not offered again", async () => {
  for (const status of [400, 401, 404, 422, 550]) {
    if (status >= 500) continue;
    const email = await asked({ status, body: "no such mailbox" });
    await settled(email, "refused");
    await shop.advance({ seconds: 120 * MINUTE_S });
    assert.equal(attempts(email), 1, `${status}`);
    const { id } = await shop.person(email);
    assert.deepEqual(await shop.decisionsAbout(id), ["refused confirm: provider", "send confirm: transactional"]);
  }
});

test("what it refuses for now is offered again, later and later, under the same claim", async () => {
  let times = 0;
  const email = await asked(() => (++times < 4 ? { status: [500, 429, 503][times - 1] } : { status: 202 }));
  await settled(email, "refused");
  for (const [minutes, expected] of [[0.5, 1], [1, 2], [1, 2], [1, 3], [2.5, 3], [2, 4]]) {
    await shop.advance({ seconds: minutes * MINUTE_S });
    assert.equal(attempts(email), expected, `after ${minutes} more minutes`);
  }
  assert.deepEqual(await stateOf(email), ["accepted"]);
  assert.equal(delivered(email).length, 1);
  const claims = sink.attempts.filter(({ to }) => to === email).map(({ claim }) => claim);
  assert.equal(new Set(claims).size, 1);
});

test("a relay that is down for hours is not asked for ever", async () => {
  const email = await asked({ status: 503, body: "down" });
  await settled(email, "refused");
  await shop.advance({ seconds: 2 * 86_400 });
  assert.equal(attempts(email), 6);
  assert.deepEqual(await stateOf(email), ["refused"]);
  assert.ok(!(await shop.list("jobs")).some(({ mail }) => mail === "confirm"));
});

for (const [name, answer] of [
  ["the connection breaks before the relay has taken it", { hangUp: true }],
  ["the connection breaks after the relay has taken it", { hangUp: true, taken: true }],
]) {
  test(`when ${name}, nobody knows: it is counted, shown and never offered again`, async () => {
    const before = (await shop.status()).counts.unknown;
    const email = await asked(answer);
    await settled(email, "unknown");
    await shop.advance({ seconds: 2 * 86_400 });
    assert.equal(attempts(email), 1);
    assert.ok(delivered(email).length <= 1);
    assert.equal((await shop.status()).counts.unknown, before + 1);
    const { id } = await shop.person(email);
    assert.deepEqual(await shop.decisionsAbout(id), ["unknown confirm: provider", "send confirm: transactional"]);
  });
}

test("a relay that never answers, or never ends its answer, does not hold the others up for long", async () => {
  await shop.switches({ sending: false });
  const [silent, stalled] = [await asked({ status: 202, after: 60_000 }), await asked({ stall: true })];
  await shop.switches({ sending: true });
  await Promise.all([settled(silent, "unknown"), settled(stalled, "unknown")]);
  const email = await asked({ status: 202 });
  await settled(email, "accepted");
  assert.deepEqual([attempts(silent), attempts(stalled)], [1, 1]);
});

test("what a relay says about an address is not kept", async () => {
  const refused = await asked((message) => ({ status: 400, body: `<${message.to}>: no such user, try <ben@new.example>` }));
  await settled(refused, "refused");
  const accepted = await asked((message) => ({ status: 200, body: `250 OK ${message.to.toUpperCase()}` }));
  await settled(accepted, "accepted");
  for (const email of [refused, accepted]) {
    const [{ detail }] = await shop.mailsTo(email);
    assert.doesNotMatch(detail, /@/);
  }
  const facts = (await shop.list("decisions")).map(({ why }) => why.fact).join();
  assert.doesNotMatch(facts, /@/);
});

test("permission that is taken back between the decision and the next offer stops the message", async () => {
  const email = emailAddress();
  await shop.welcome({ email });
  const [welcome] = await until("the welcome mail has left", () => {
    const found = delivered(email).filter(({ claim }) => claim.startsWith("welcome:"));
    return found.length > 0 && found;
  });
  const before = attempts(email);
  answers.set(email, () => ({ status: 503 }));
  await shop.advance({ days: 10, seconds: 1 });
  assert.equal(attempts(email), before + 1, "the reminder was offered once");
  const unsubscribe = readMail(welcome.source).headers.get("list-unsubscribe").match(/(\/u\/[^>]+)>/)[1];
  await edge.ask("POST", unsubscribe);
  answers.set(email, () => ({ status: 202 }));
  await shop.advance({ days: 1 });
  assert.equal(attempts(email), before + 1);
  const { id } = await shop.person(email);
  assert.equal((await shop.decisionsAbout(id))[0], "skip reminder: withdrawal");
});

test("many messages at once all leave, each once", async () => {
  const everybody = await Promise.all(Array.from({ length: 60 }, () => asked({ status: 202, after: 20 })));
  await until("all have left", () => everybody.every((email) => delivered(email).length > 0), { within: 30_000 });
  await shop.advance({ seconds: 60 });
  assert.deepEqual(everybody.map((email) => attempts(email)), everybody.map(() => 1));
});

test("a relay that is silent about one message keeps no other waiting", async () => {
  const silent = await asked({ status: 202, after: 19_000 });
  await until("it is under way", () => attempts(silent) === 1);
  const others = [];
  for (let n = 0; n < 8; n++) others.push(await asked({ status: 202 }));
  await until("the others have left", () => others.every((email) => delivered(email).length === 1));
  assert.equal(delivered(silent).length, 0, "its answer is still to come");
  await settled(silent, "accepted");
});

test("no more than eight are under way at a time, and each answer makes room for one more", async () => {
  let [under, most, begun] = [0, 0, 0];
  const slow = () => {
    [under, begun] = [under + 1, begun + 1];
    most = Math.max(most, under);
    // The first is slower than all others together.
    const after = begun === 1 ? 6_000 : 100;
    setTimeout(() => (under -= 1), after);
    return { status: 202, after };
  };
  await shop.switches({ sending: false });
  const emails = [];
  for (let n = 0; n < 30; n++) emails.push(await asked(slow));
  await shop.switches({ sending: true });
  await until("all have left", () => emails.every((email) => delivered(email).length === 1));
  assert.equal(most, 8);
  const of = (messages) => messages.filter(({ to }) => emails.includes(to)).map(({ to }) => to);
  assert.equal(of(sink.delivered).at(-1), of(sink.attempts)[0], "nobody else waited for the slow one");
});
