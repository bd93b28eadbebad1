// 1. Hello, permission, confirmation, welcome; the code works at the checkout and counts as used.

import assert from "node:assert/strict";

import { emailAddress } from "../../harness/ids.mjs";
import { until } from "../../harness/until.mjs";
import { DESK, DEVICE, NEWS, checkOut, fill, place, tryCode } from "./walk.mjs";

/** The number of Anna, who lives in Ireland, as she types it. */
const [TYPED, PHONE] = ["085 020 1234", "+353850201234"];

export async function hello(walk) {
  const { shop, t, world } = walk;
  const visitor = await world.visitor(t, { shop, context: DESK });
  const anna = (walk.anna = { visitor, email: emailAddress("anna"), phone: PHONE });
  const popup = await visitor.meet();
  const { page } = visitor;
  await popup.rests();
  await walk.picture(page, "1-1-hello");

  // Nothing was stored or sent before she allowed it, and she is asked for each thing by itself.
  assert.deepEqual([await visitor.kept(), visitor.asked(/^POST/)], [null, []]);
  assert.equal(await popup.dialog.locator("[name=allow]:checked").count(), 0);
  await popup.email.hover();
  await popup.isLive(); // the further step needs the wasm
  await popup.answer(anna.email, NEWS, DEVICE);
  await popup.step.locator("[name=given_name]").fill("Anna");
  await popup.step.locator("[name=day]").selectOption("7");
  await popup.step.locator("[name=month]").selectOption("4");
  await walk.picture(page, "1-2-name-and-birthday");
  await popup.step.locator(".rp-go").click();
  await popup.done.waitFor();
  await walk.picture(page, "1-3-look-in-your-inbox");

  // The letter asks; only its button confirms.
  const question = await shop.mailTo(anna.email, "confirm");
  await walk.letter(question, "1-4-letter-confirm");
  assert.deepEqual((await shop.person(anna.email)).codes, [], "no code for an address that nobody has confirmed");
  const tab = await visitor.context.newPage();
  await tab.goto(world.edge.url + shop.link(question, "c"));
  await tab.getByRole("button").click();
  await tab.getByText(/HELLO-/).first().waitFor();
  await walk.picture(tab, "1-5-confirmed");
  await tab.close();
  const welcome = await shop.mailTo(anna.email, "welcome");
  await walk.letter(welcome, "1-6-letter-welcome");
  const person = await shop.person(anna.email);
  const [{ code }] = person.codes;
  assert.ok(welcome.text.includes(code) && welcome.text.includes("Anna"));
  const given = person.consents.filter(({ state }) => state === "given").map(({ channel, purpose }) => `${channel}.${purpose}`);
  assert.deepEqual(given.toSorted(), [DEVICE, NEWS].toSorted());

  // The checkout asks the edge: a code that only looks like one is refused.
  await fill(visitor, "marker-float");
  await checkOut(visitor, { email: anna.email, phone: TYPED, tick: ["text_me"] });
  assert.equal(await walk.worth("HELLO-7KQ2M9XD"), "unknown");
  assert.deepEqual(await tryCode(visitor, code.toLowerCase()), { percent: 10, why: "good", said: `10 % off with ${code}` });
  await walk.picture(page, "1-7-code-at-the-checkout", { fullPage: true });
  anna.orders = [await place(visitor)];
  await visitor.wait(6_000);
  await page.locator("#rapport dialog[open] h2", { hasText: "How easy was it to order?" }).waitFor();
  await visitor.popup.rests();
  await walk.picture(page, "1-8-how-was-it");
  await visitor.popup.close();
  await walk.picture(page, "1-9-thank-you", { fullPage: true });

  // It is used: by the word of the shop's server, and for good.
  const used = await until("the code counts as used", async () => (await shop.list("events")).find(({ type }) => type === "code.used"));
  assert.deepEqual([used.shopper, used.data.offer, used.data.order.id], [person.id, "welcome", anna.orders[0]]);
  assert.equal(await walk.worth(code), "used");
  assert.deepEqual(visitor.complaints, []);
}
