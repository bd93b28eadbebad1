// 7. Three weeks later an offer to say thanks, and on the birthday a present that is good on that day alone.
// 8. No reaction to the letter: a text, where texts are allowed.

import assert from "node:assert/strict";

import { until } from "../../harness/until.mjs";
import { NEWS, PHONE, TEXTS, number } from "./walk.mjs";

const DAY_MS = 86_400_000;

/** The code of an offer that somebody holds. */
const codeOf = async (walk, email, offer) => (await walk.shop.person(email)).codes.find((each) => each.offer === offer)?.code;

export async function threeWeeksLater(walk) {
  const { shop, world, anna, gus, hana, ines, olga } = walk;
  // Hana lets the thanks tell her where to say no; Ines orders again.
  const preferences = shop.link(await walk.gets(hana.email, "thank-you"), "p").replace(/#.*/, "");
  const page = await world.edge.ask("POST", preferences, { form: new URLSearchParams({ act: "stop" }) });
  assert.ok([200, 303].includes(page.status), page.text);
  assert.equal((await walk.allows(hana.email)).email, "withdrawn");
  await walk.pass({ days: 10 });
  await walk.ordered({ "I-2": ines });
  await walk.pass({ days: 10 });
  const offered = async (...who) => (await walk.got(...who.flatMap(({ email, phone }) => [email, phone]))).filter((mail) => mail.endsWith("vip"));
  assert.deepEqual(await offered(anna, gus, hana, ines, olga), [], "three weeks are not over");
  await walk.pass({ days: 2 });
  assert.deepEqual(await offered(gus), ["vip"]);
  assert.deepEqual(await offered(olga), ["sms vip"]);
  assert.deepEqual([await offered(hana), await offered(ines)], [[], []]);
  const letter = await walk.gets(gus.email, "vip");
  const [his, hers] = [await codeOf(walk, gus.email, "vip"), await codeOf(walk, olga.email, "vip")];
  assert.match(his, /^THANKS-/);
  assert.ok(letter.text.includes(his) && his !== hers, "a code of his own");
  assert.equal(new Intl.DateTimeFormat("en-GB", { hour: "numeric", timeZone: "Europe/London" }).format(letter.at), "10");
  await walk.letter(letter, "7-1-letter-to-say-thanks");
  const text = await walk.gets(olga.phone, "vip");
  assert.ok(text.text.startsWith(`Olga, to say thanks: 20 % off with ${hers}`), text.text);
  await walk.text(text, "7-2-text-to-say-thanks");
  assert.equal(await walk.worth(his), "good");

  // Ines is thanked three weeks after her newest order; Anna, who ordered twice in a week, once.
  await walk.pass({ days: 10 });
  assert.deepEqual(await offered(ines), ["vip"]);
  assert.equal((await offered(anna)).length, 1);
}

/** A day soon, and its date as birthdays are written. */
async function soon(walk) {
  const day = new Date((await walk.now()) + 3 * DAY_MS).toISOString().slice(0, 10);
  return { day, birthday: day.slice(5) };
}

/** Lets it become a moment. */
const become = async (walk, at) => walk.pass({ seconds: Math.max(0, Math.ceil((Date.parse(at) - (await walk.now())) / 1_000)) });

/** What has come for a birthday. */
const presents = async (walk, ...addresses) => (await walk.got(...addresses)).filter((mail) => mail.endsWith("birthday"));

export async function birthdays(walk, t) {
  const { shop, world } = walk;
  const { day, birthday } = await soon(walk);
  // Noor lives in Dubai, and says so on her page.
  const { email } = await shop.welcome({ lang: "ar", given_name: "نور", birthday });
  walk.noor = { email };
  const page = await walk.page(t, PHONE);
  await page.goto(world.edge.url + shop.link(await shop.mailTo(email, "welcome"), "p").replace(/#.*/, ""));
  await page.locator("[name=zone]").selectOption("Asia/Dubai");
  await page.locator(".save button").click();
  await page.getByRole("status").waitFor();
  await walk.picture(page, "7-3-where-noor-lives", { fullPage: true });

  await become(walk, `${day}T08:55:00+04:00`);
  assert.deepEqual(await presents(walk, email), [], "it is not nine yet where she is");
  await become(walk, `${day}T09:05:00+04:00`);
  assert.deepEqual(await presents(walk, email), ["birthday"]);
  const letter = await walk.gets(email, "birthday");
  const code = await codeOf(walk, email, "birthday");
  assert.ok(letter.html.includes('dir="rtl"') && letter.text.includes(code));
  await walk.letter(letter, "7-4-letter-birthday-in-arabic");
  await become(walk, `${day}T23:55:00+04:00`);
  assert.equal(await walk.worth(code), "good");
  await become(walk, new Date(Date.parse(`${day}T00:05:00+04:00`) + DAY_MS).toISOString());
  assert.equal(await walk.worth(code), "ended", "the present was for that day");
}

export async function noReaction(walk, t) {
  const { shop, world } = walk;
  const { day, birthday } = await soon(walk);
  // In Toronto: one does not answer, one follows the letter's link, one allows no texts; of two the letters bounce.
  const person = (given_name, allow = [NEWS, TEXTS]) => ({ given_name, birthday, phone: number(), allow });
  const bounces = { bounces: true };
  const [eva, iris, jo, bea, tom] = await walk.customers(
    person("Eva"),
    person("Iris"),
    person("Jo", [NEWS]),
    { ...person("Bea"), ...bounces },
    { ...person("Tom", [NEWS]), ...bounces },
  );
  const got = ({ email, phone }) => presents(walk, email, phone);
  const offset = zoneOf(day);
  await become(walk, `${day}T09:05:00${offset}`);
  for (const each of [eva, iris, jo]) assert.deepEqual(await got(each), ["birthday"]);
  await walk.letter(await walk.gets(eva.email, "birthday"), "8-1-letter-birthday");
  const [bounced] = (await shop.mailsTo(bea.email)).filter(({ mail }) => mail === "birthday");
  assert.equal(bounced.state, "refused");
  const visitor = await world.visitor(t, { shop });
  const [link] = (await walk.gets(iris.email, "birthday")).text.match(/https?:\S+#rapport=\S+/);
  await visitor.open(new URL(link).pathname + new URL(link).hash);
  await visitor.page.locator(".ask [data-device=yes]").click();
  await until("that she came is known", async () => {
    await visitor.wait(5_000);
    return (await visitor.recorded("message.clicked")).some(({ shopper, data }) => shopper === iris.id && data.mail === "birthday");
  });
  await become(walk, `${day}T14:55:00${offset}`);
  assert.deepEqual(await got(eva), ["birthday"]);
  assert.deepEqual([await got(bea), await got(tom)], [["birthday", "sms birthday"], ["birthday"]], "it bounced: the text as soon as one may be sent, where it is allowed");
  await become(walk, `${day}T15:10:00${offset}`);
  assert.deepEqual(await got(eva), ["birthday", "sms birthday"], "the letter was not answered");
  assert.deepEqual([await got(iris), await got(jo)], [["birthday"], ["birthday"]], "one has seen it, the other allows no texts");
  const text = await walk.gets(eva.phone, "birthday");
  const code = await codeOf(walk, eva.email, "birthday");
  assert.ok(text.text.startsWith(`Happy birthday, Eva! Today only, ${code} takes 15 % off`), text.text);
  await walk.text(text, "8-2-text-birthday");
}

/** How far Toronto is from UTC on a day. */
function zoneOf(day) {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: "America/Toronto", timeZoneName: "longOffset" }).formatToParts(Date.parse(`${day}T17:00:00Z`));
  return parts.find(({ type }) => type === "timeZoneName").value.slice(3);
}
