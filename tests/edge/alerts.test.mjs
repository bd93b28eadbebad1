// The merchant is told by mail of what cannot wait: once each time, with the reasons, in the shop's first language.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { uuid } from "../harness/ids.mjs";
import { readMail } from "../harness/mime.mjs";
import { codes, given, pool, poolRelease, take } from "../harness/pool.mjs";
import { changedRelease } from "../harness/release.mjs";
import { startSink } from "../harness/sink.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const edge = await startEdge();
after(() => edge.stop());

const MERCHANT = "merchant@skerrow.example";
const alerts = async (shop) => (await shop.list("messages")).filter(({ mail }) => mail === "alert");
const ofKind = async (shop, kind) => (await shop.list("events")).filter(({ type }) => type === kind).reverse();

/** Somebody whose browser tells that much went wrong. */
async function unhappy(shop, signs = ["coupon failed", "coupon failed", "form fight", "empty search"]) {
  const visitor = uuid();
  const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"], given_name: "Wilhelmina" });
  await shop.mailTo(email, "welcome");
  await shop.send(signs.map((name) => shop.event("custom", { name })), { visitor });
  return { visitor, email };
}

const merchantOf = (languages) => changedRelease((config) => {
  config.alerts = MERCHANT;
  if (languages) config.languages = languages;
});

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: an unhappy shopper is told of once, with what happened, and without their name`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish(merchantOf());
    const { visitor, email } = await unhappy(shop);
    const [{ id }] = await until("the merchant is told", async () => {
      const all = await alerts(shop);
      return all.length > 0 && all;
    });
    const mail = await shop.message(id);
    const person = await shop.person(email);
    assert.deepEqual([mail.to, mail.state, mail.why.rule], [MERCHANT, "accepted", "journey"]);
    assert.equal(mail.subject, "A shopper is unhappy.");
    for (const part of [mail.text, mail.html]) {
      for (const says of ["Write yourself before then", "had a code that did not work", "could not get a form to be taken", "Your journey rescue told you this", `/inbox/#/people/${person.id}`]) {
        assert.ok(part.includes(says), `${says} in ${part}`);
      }
      assert.ok(!part.includes(email) && !part.includes("Wilhelmina"), "whoever reads it looks the person up");
    }
    const read = readMail(mail.source);
    assert.equal(read.headers.get("auto-submitted"), "auto-generated");
    assert.equal(read.headers.get("list-unsubscribe"), undefined);
    const [event] = await ofKind(shop, "merchant.alerted");
    assert.deepEqual([event.shopper, event.data.journey, event.data.reasons.length], [person.id, "rescue", 3], "as soon as it is too much");
    await shop.send([shop.event("custom", { name: "rage click" })], { visitor });
    await shop.advance({ seconds: 10 });
    await shop.advance({ days: 2 });
    assert.equal((await alerts(shop)).length, 1);
    assert.deepEqual((await shop.list("decisions")).filter(({ message }) => message === "alert").map(({ what }) => what), ["send"]);
  });

  test(`in a shop with ${objects}: a small pool is told of before anybody gets what stands in`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish(poolRelease({ low: 10 }));
    await until("that it is empty is told", async () => (await alerts(shop)).length === 1);
    await take(shop, codes(40));
    await until("codes are leased", async () => (await pool(shop)).leased >= Math.min(objects, 8));
    const quiet = async () => (await shop.list("jobs")).every(({ kind, due_at }) => kind !== "refill" || due_at > Date.now() + 1_000);
    let [toldAfter, stoodInAfter] = [];
    for (let n = 1; n <= 44 && !stoodInAfter; n++) {
      const { email } = await shop.welcome();
      if ((await given(shop))[email].some((code) => code.startsWith("HELLO-"))) stoodInAfter = n;
      await until("what was asked for is leased", quiet);
      if (!toldAfter && (await alerts(shop)).length === 2) toldAfter = n;
    }
    const [mail] = await alerts(shop);
    assert.match(mail.subject, /^[5-9] codes left: vip$/);
    assert.ok(toldAfter < stoodInAfter, `told after ${toldAfter}, and after ${stoodInAfter} something stood in`);
    assert.ok(stoodInAfter - toldAfter >= 9, `${stoodInAfter - toldAfter} codes were given out in between`);
    assert.equal((await ofKind(shop, "pool.low")).length, 2);
  });
}

test("many at once get codes of a small pool, as long as there are any: with eight objects nothing stands in before", async () => {
  const shop = await edge.createShop({ objects: 8 });
  await shop.publish(poolRelease({ low: 10 }));
  await take(shop, codes(40));
  await until("codes are leased", async () => (await pool(shop)).leased >= 8);
  const people = await Promise.all(Array.from({ length: 24 }, () => shop.welcome()));
  const all = await given(shop);
  assert.ok(people.every(({ email }) => all[email][0].startsWith("VIP-")), JSON.stringify(all));
  await until("the merchant is told", async () => (await alerts(shop)).length === 2);
  assert.deepEqual(await ofKind(shop, "code.fallback"), []);
});

test("journeys that wake at one moment get codes of the pool, more than were leased", async () => {
  const shop = await edge.createShop();
  await shop.publish(poolRelease({
    low: 1,
    more: (config) => {
      config.journeys.push({
        name: "later", entry: { event: { event: "address.confirmed", same: false } }, key: "shopper", again: "always", exits: [],
        steps: [{ id: "wait", act: { wait: { days: [1, 600] } }, next: 1 }, { id: "code", act: { code: { offer: "vip", fresh: true } }, next: 2 }],
      });
    },
  }));
  await take(shop, codes(70));
  for (let n = 0; n < 4; n++) await Promise.all(Array.from({ length: 8 }, () => shop.welcome()));
  await shop.advance({ days: 2 });
  const all = Object.values(await given(shop)).flat();
  assert.deepEqual([all.length, all.filter((code) => code.startsWith("VIP-")).length], [64, 64]);
});

test("a shop whose first language is Arabic is told in Arabic", async () => {
  const shop = await edge.createShop();
  await shop.publish(merchantOf(["ar", "en"]));
  const { email } = await unhappy(shop);
  const [{ id }] = await until("the merchant is told", async () => {
    const all = await alerts(shop);
    return all.length > 0 && all;
  });
  const mail = await shop.message(id);
  assert.match(mail.text, /لم يعمل رمز الخصم معه/);
  assert.match(mail.text, /أخبرتك بهذا رحلتك \u2068rescue\u2069/);
  assert.match(mail.html, /<html lang="ar" dir="rtl">/);
  assert.ok(mail.html.includes((await shop.person(email)).id));
  const dry = await edge.createShop();
  await dry.publish(poolRelease({ low: 3, more: (config) => { config.languages = ["ar", "en"]; } }));
  const [pooled] = await until("of the pool, too", async () => {
    const all = await alerts(dry);
    return all.length > 0 && all;
  });
  assert.match(pooled.subject, /^نفدت الرموز: \u2068vip\u2069$/);
  assert.match((await dry.message(pooled.id)).text, /حين تقلّ عن 3/);
});

test("what a page calls a sign is text in the mail and nothing else", async () => {
  const shop = await edge.createShop();
  const hostile = "<img src=x onerror=alert(1)>";
  await shop.publish(changedRelease((config) => {
    config.alerts = MERCHANT;
    const rescue = config.journeys.find(({ name }) => name === "rescue");
    rescue.steps[0].act.alert = `Look ${hostile}. Now`;
  }));
  await unhappy(shop);
  const [{ id }] = await until("the merchant is told", async () => {
    const all = await alerts(shop);
    return all.length > 0 && all;
  });
  const { html, subject } = await shop.message(id);
  assert.equal(subject, `Look ${hostile}.`);
  assert.ok(!html.includes("<img") && html.includes("&lt;img"));
});

test("while sending is off alerts wait with one row, then they leave once", async () => {
  const shop = await edge.createShop();
  await shop.publish(merchantOf());
  const { visitor } = await unhappy(shop, []);
  await shop.switches({ sending: false });
  await shop.send(["coupon failed", "coupon failed", "form fight"].map((name) => shop.event("custom", { name })), { visitor });
  await until("it waits", async () => (await shop.list("jobs")).some(({ kind, state }) => kind === "alert" && state === "deferred"));
  await shop.advance({ seconds: 3_600 });
  assert.deepEqual(await alerts(shop), []);
  await shop.switches({ sending: true });
  await shop.advance({ seconds: 60 });
  assert.equal((await alerts(shop)).length, 1);
  const rows = (await shop.list("decisions")).filter(({ message }) => message === "alert").map(({ what, why }) => `${what}: ${why.rule}`);
  assert.deepEqual(rows, ["send: journey", "defer: switch"]);
});

test("kill -9 while an alert is handed over: it is in doubt, and it is not told twice", async (t) => {
  const sink = await startSink();
  t.after(() => sink.stop());
  const folder = temporaryFolder(t, "rapport-alerts");
  let bare;
  t.after(() => bare?.kill());
  const start = () => startBareEdge(folder, { build: "dev", bindings: { SENDER: "relay", RELAY_URL: sink.url } });
  bare = await start();
  const shop = await bare.createShop();
  // The relay takes the alert and is silent about it.
  sink.answer = ({ to }) => (to === MERCHANT ? { status: 202, after: 60_000 } : { status: 202 });
  await shop.publish(poolRelease({ low: 3 }));
  const attempts = () => sink.attempts.filter(({ to }) => to === MERCHANT);
  await until("the relay has it", () => attempts().length === 1);
  await bare.kill();
  sink.answer = () => ({ status: 202 });
  bare = await start();
  shop.edge = bare;
  await shop.advance({ days: 2 });
  assert.equal(attempts().length, 1, "it may have arrived: it is not risked twice");
  const [alert] = await alerts(shop);
  assert.deepEqual([alert.state, alert.to], ["unknown", MERCHANT]);
  assert.deepEqual((await shop.list("decisions")).filter(({ message }) => message === "alert").map(({ what }) => what), ["unknown", "send"]);
  assert.equal((await ofKind(shop, "pool.low")).length, 1);
  assert.equal((await shop.status()).counts.unknown, 1);
});

test("kill -9 before an alert is handed over loses nothing: it leaves after the restart, once", async (t) => {
  const sink = await startSink();
  t.after(() => sink.stop());
  const folder = temporaryFolder(t, "rapport-alerts");
  let bare;
  t.after(() => bare?.kill());
  const start = () => startBareEdge(folder, { build: "dev", bindings: { SENDER: "relay", RELAY_URL: sink.url } });
  bare = await start();
  const shop = await bare.createShop();
  sink.answer = () => ({ status: 503 });
  await shop.publish(poolRelease({ low: 3 }));
  await until("the relay has refused it for now", () => sink.attempts.length === 1);
  await until("it is written down", async () => (await shop.list("jobs")).some(({ kind }) => kind === "alert"));
  await bare.kill();
  sink.answer = () => ({ status: 202 });
  bare = await start();
  shop.edge = bare;
  await shop.advance({ days: 1 });
  assert.deepEqual(sink.delivered.map(({ to }) => to), [MERCHANT]);
  await shop.advance({ days: 2 });
  assert.equal(sink.delivered.length, 1);
  assert.equal(new Set(sink.attempts.map(({ claim }) => claim)).size, 1, "under one name");
});

/** An answer to a question of the demo's surveys, by somebody of whom nothing is known. */
const answer = (shop, question, choices, more = {}) =>
  shop.event("survey.answered", { campaign: "leaving", version: "v", response: uuid(), question, choices, ...more });

test("an answer that cannot wait is told of at once, whoever gave it, and once", async () => {
  for (const objects of [1, 8]) {
    const shop = await edge.createShop({ objects });
    await shop.publish(merchantOf());
    const cart = { items: [{ product: "lookout-hat", name: "Hat", quantity: 2, price: "29.00" }], currency: "EUR" };
    const doubt = answer(shop, "why", ["trust"], { url: "https://skerrow.example/checkout?email=a@b.example", cart, words: "<b>No phone number</b>" });
    const visitor = uuid();
    await shop.send([answer(shop, "why", ["price"]), doubt], { visitor });
    await shop.send([doubt], { visitor });
    const [{ id }] = await until("the merchant is told", async () => {
      const all = await alerts(shop);
      return all.length > 0 && all;
    });
    const mail = await shop.message(id);
    assert.deepEqual([mail.to, mail.why.rule, mail.subject], [MERCHANT, "answer", "“I was not sure whether to trust you”"]);
    for (const says of ["Before you go: what was missing?", "€58.00", "skerrow.example/checkout", "leaving"]) {
      assert.ok(mail.text.includes(says) && mail.html.includes(says), `${says} in ${mail.text}`);
    }
    assert.ok(!mail.text.includes("a@b.example") && !mail.html.includes("<b>No phone"), "what a page says is shown as it is");
    await shop.advance({ days: 1 });
    assert.equal((await alerts(shop)).length, 1);
    const signs = (await ofKind(shop, "custom")).map(({ data }) => data.name);
    assert.deepEqual(signs, ["damaged trust"], "it is a sign of unhappiness, once");
  }
});

test("an answer to what no published survey asks is kept, and alarms nobody", async () => {
  const shop = await edge.createShop();
  await shop.publish(merchantOf());
  const unknown = [answer(shop, "mood", ["trust"]), { ...answer(shop, "why", ["trust"]), campaign: "hello" }, { ...answer(shop, "why", ["trust"]), campaign: "gone" }];
  await shop.send(unknown);
  await until("they are kept", async () => (await ofKind(shop, "survey.answered")).length === 3);
  await shop.advance({ minutes: 5 });
  assert.deepEqual(await alerts(shop), []);
});

test("a flood of answers does not become a flood of letters", async () => {
  const shop = await edge.createShop();
  await shop.publish(merchantOf());
  await shop.send(Array.from({ length: 40 }, () => answer(shop, "why", ["trust"])));
  await until("the merchant is told", async () => (await alerts(shop)).length === 10);
  await shop.advance({ minutes: 5 });
  assert.equal((await alerts(shop)).length, 10);
  const skipped = (await shop.list("decisions")).filter(({ why }) => why.rule === "many answers");
  assert.deepEqual([skipped.length, skipped[0].what], [30, "skip"]);
  await shop.advance({ minutes: 10 });
  await shop.send([answer(shop, "why", ["trust"])]);
  await until("after a while there is room again", async () => (await alerts(shop)).length === 11);
});
