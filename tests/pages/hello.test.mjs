// The first hello from end to end: from the popup to the order, as a shopper walks it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { emailAddress } from "../harness/ids.mjs";
import { helloForm } from "../harness/release.mjs";
import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

const NEWS = "email.marketing";
const DEVICE = "device.personalisation";
const ADDRESS = { given_name: "Anna", family_name: "Berg", street: "Quay 1", postcode: "24999", city: "Skerry" };

/** Follows the link of the confirmation mail and presses its button. */
async function confirm(visitor, email) {
  const link = visitor.shop.link(await visitor.shop.mailTo(email, "confirm"), "c");
  const page = await visitor.context.newPage();
  await page.goto(world.edge.url + link);
  await page.getByRole("button").click();
  await page.getByText(/HELLO-/).first().waitFor();
  return page;
}

/** Puts something into the bag and orders it with a code. */
async function order(visitor, code) {
  const { page } = visitor;
  await visitor.go("/product/lookout-hat");
  await page.getByRole("button", { name: "Put it in the bag" }).click();
  await visitor.go("/checkout");
  await page.locator("#email").fill("anna@example.org");
  for (const [field, value] of Object.entries(ADDRESS)) await page.locator(`#${field}`).fill(value);
  await page.locator("#code").fill(code);
  await page.locator("#apply").click();
  await page.locator("#code-said.good").waitFor();
  await page.locator("form.checkout [type=submit]").click();
  await page.waitForURL(/thank-you/);
}

test("a visitor is greeted, confirms, gets a code, orders with it, and no reminder follows", async (t) => {
  const visitor = await world.visitor(t);
  const { shop } = visitor;
  const popup = await visitor.meet();

  // A slip of the finger is helped in place.
  const email = `${emailAddress().split("@")[0]}@gmail.com`;
  await visitor.page.keyboard.type(email.replace("gmail", "gmial"));
  await popup.isLive();
  await visitor.page.keyboard.press("Enter");
  await popup.suggestion.waitFor();
  assert.equal(await popup.suggestion.textContent(), `Did you mean ${email}?`);
  await popup.suggestion.click();
  assert.equal(await popup.email.inputValue(), email);
  await until("the complaint is gone", () => popup.complaint.isHidden());

  // Permissions, one by one; then a little more.
  assert.equal(await popup.dialog.locator("[name=allow]:checked").count(), 0);
  await popup.ask(NEWS).check();
  await popup.ask(DEVICE).check();
  await popup.go.click();
  await popup.step.waitFor();
  await popup.step.locator("[name=given_name]").fill("Anna");
  await popup.step.locator("[name=day]").selectOption("7");
  await popup.step.locator("[name=month]").selectOption("4");
  await popup.step.locator(".rp-go").click();
  await popup.done.waitFor();
  assert.equal(await popup.done.locator("h2").textContent(), "Nearly there. Look in your inbox.");
  assert.equal(await popup.code.isVisible(), false, "this shop shows the code after confirmation");

  // Somebody's scanner looks at the link, and nothing is confirmed.
  const confirmation = await shop.mailTo(email, "confirm");
  for (let n = 0; n < 2; n++) await world.edge.ask("GET", shop.link(confirmation, "c"));
  assert.equal((await shop.person(email)).addresses[0].state, "asked");

  // The button confirms.
  const confirmed = await confirm(visitor, email);
  const welcome = await shop.mailTo(email, "welcome");
  const person = await shop.person(email);
  const [{ code }] = person.codes;
  assert.equal(person.addresses[0].state, "confirmed");
  assert.equal(person.given_name, "Anna");
  assert.match(await confirmed.locator("body").textContent(), new RegExp(code));
  assert.ok(welcome.html.includes(code) && welcome.text.includes(code));
  assert.ok(welcome.text.includes("Anna"));

  // The code works at the checkout, and the order is recorded.
  await order(visitor, code);
  const [placed] = await visitor.records("order.placed");
  assert.deepEqual(placed.data.order.codes, [code]);

  // Three weeks later: there was no reminder, and it says why.
  await shop.advance({ days: 21 });
  const mails = (await shop.mailsTo(email)).map(({ mail }) => mail).sort();
  assert.deepEqual(mails, ["confirm", "welcome"]);
  const decisions = (await shop.list("decisions")).filter((each) => each.shopper === person.id);
  const over = decisions.find(({ what, message }) => what === "end" && message === "welcome");
  assert.equal(over?.why.rule, "exit", JSON.stringify(decisions));
  assert.ok(!decisions.some(({ message }) => message === "reminder"));
  assert.deepEqual(visitor.complaints, []);
});

test("all of it works when the wasm never loads", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.context.route("**/w/*/widget*", (route) => route.abort());
  const popup = await visitor.meet();
  const email = `${emailAddress().split("@")[0]}@gmail.com`;
  await popup.email.fill(email.replace("gmail", "gmial"));
  await popup.go.click();
  await popup.suggestion.click();
  await popup.answer(email, NEWS, DEVICE);
  assert.equal(await popup.done.isVisible(), true, "without the wasm there is no further step");
  await confirm(visitor, email);
  const [{ code }] = (await visitor.shop.person(email)).codes;
  await order(visitor, code);
  const [placed] = await visitor.records("order.placed");
  assert.deepEqual(placed.data.order.codes, [code]);
  assert.deepEqual(visitor.errors(), []);
});

test("a known subscriber sees no popup again, and the tab shows the thanks", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet();
  await popup.answer(emailAddress(), NEWS, DEVICE);
  await visitor.open("/category/swim");
  await visitor.nothingMore();
  assert.equal(await visitor.popup.open(), 0);
});

test("somebody who comes from our mail is known, and the address bar says nothing of it", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.open("/?a=1#rapport=known");
  await visitor.nothingMore();
  assert.equal(await visitor.popup.open(), 0);
  assert.equal(visitor.page.url(), `${visitor.shop.origin}/?a=1`);
  assert.equal(await visitor.kept(), null, "without permission it is not remembered");
});

test("a shop that shows the code at once shows it, and the tab shows it again on later pages", async (t) => {
  const shop = await world.shop(t, { config: (config) => { helloForm(config).reveal = "AtOnce"; } });
  const visitor = await world.visitor(t, { shop });
  const popup = await visitor.meet();
  await popup.answer(emailAddress(), NEWS, DEVICE);
  const skip = popup.step.locator("[data-skip]");
  if (await popup.step.isVisible()) await skip.click();
  await popup.code.waitFor();
  const code = await popup.code.textContent();
  assert.match(code, /^HELLO-[A-Z0-9]{6,}$/);
  await popup.close();
  await popup.tab.click();
  await popup.isShown();
  assert.equal(await popup.code.textContent(), code);

  await visitor.open("/category/swim");
  await visitor.nothingMore();
  assert.equal(await visitor.popup.open(), 0);
  await visitor.popup.tab.click();
  await visitor.popup.code.waitFor();
  assert.equal(await visitor.popup.code.textContent(), code);
  assert.equal(await visitor.popup.form.isVisible(), false);
  assert.deepEqual(visitor.complaints, []);
});

test("closing is remembered, and the tab opens the form again", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet();
  await popup.close();
  assert.equal(await popup.tab.textContent(), "10 % off");
  await popup.tab.click();
  await popup.isShown();
  await popup.close();
  await visitor.open("/category/warm");
  await visitor.nothingMore();
  assert.equal(await visitor.popup.open(), 0);
});
