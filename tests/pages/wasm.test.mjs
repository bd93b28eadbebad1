// The wasm may be slow, blocked or broken: the popup does not need it. When it comes, nothing is lost.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { emailAddress } from "../harness/ids.mjs";
import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

const GLUE = /\/w\/[0-9a-f]+\/widget\.js$/;
const WASM = /\/w\/[0-9a-f]+\/widget_bg\.wasm$/;

/** Lets requests wait until they are let go. */
async function hold(visitor, pattern) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await visitor.context.route(pattern, async (route) => {
    await held;
    await route.continue().catch(() => {}); // the page may be gone by now
  });
  return release;
}

const SLOWED_MS = 10_000;

test("with a wasm that takes ten seconds the popup is visible, closable and answered at once", async (t) => {
  const visitor = await world.visitor(t, { clock: false });
  let arrived = 0;
  await visitor.context.route(WASM, (route) => {
    const timer = setTimeout(() => {
      arrived += 1;
      route.continue().catch(() => {});
    }, SLOWED_MS);
    t.after(() => clearTimeout(timer));
  });
  await visitor.open();
  const { popup } = visitor;
  await popup.isShown();
  await visitor.page.keyboard.type("anna");
  await until("the wasm is asked for", () => visitor.asked(WASM).length === 1);
  await popup.close();
  await popup.tab.click();
  await popup.isShown();
  await popup.answer(emailAddress(), "email.marketing");
  assert.equal(arrived, 0, "all of it before the wasm was there");
  assert.deepEqual(visitor.complaints, []);
});

test("what is typed, marked and ticked while the wasm arrives is kept", async (t) => {
  const visitor = await world.visitor(t);
  const release = await hold(visitor, WASM);
  const popup = await visitor.meet();
  await popup.ask("device.personalisation").check();
  await popup.email.focus();
  await visitor.page.keyboard.type("anna.berg@example.org");
  await until("the wasm is asked for", () => visitor.asked(WASM).length === 1);
  await popup.email.evaluate((input) => input.setSelectionRange(4, 9));
  release();
  await popup.isLive();
  const { value, start, end } = await popup.email.evaluate((input) => ({
    value: input.value,
    start: input.selectionStart,
    end: input.selectionEnd,
  }));
  assert.deepEqual({ value, start, end }, { value: "anna.berg@example.org", start: 4, end: 9 });
  assert.equal(await visitor.focused(), "rp-hello-email");
  assert.equal(await popup.ask("device.personalisation").isChecked(), true);
  assert.equal(await popup.ask("email.marketing").isChecked(), false);
  await visitor.page.keyboard.type("-of-");
  assert.equal(await popup.email.inputValue(), "anna-of-@example.org");
  await popup.go.click();
  await popup.step.waitFor();
  const form = visitor.forms().at(-1);
  assert.equal(form.get("email"), "anna-of-@example.org");
  assert.deepEqual(form.getAll("allow"), ["device.personalisation"]);
  assert.deepEqual(visitor.complaints, []);
});

test("typing goes on without a gap while the wasm takes over", async (t) => {
  const visitor = await world.visitor(t, { clock: false });
  await visitor.open();
  const { popup } = visitor;
  await popup.isShown();
  const text = "somebody.with.a.rather.long.address@a-shop-of-their-own.example.org";
  await visitor.page.keyboard.type(text, { delay: 15 });
  await popup.isLive();
  assert.equal(await popup.email.inputValue(), text);
});

test("the focus stays where it was: on a tick, on the button, on the link", async (t) => {
  for (const selector of ['[value="email.marketing"]', "[data-rp=form] .rp-go", ".rp-small a", "[data-rp=form] .rp-close"]) {
    const visitor = await world.visitor(t);
    const release = await hold(visitor, WASM);
    const popup = await visitor.meet();
    await visitor.page.keyboard.type("a");
    await until("the wasm is asked for", () => visitor.asked(WASM).length === 1);
    await popup.dialog.locator(selector).focus();
    release();
    await popup.isLive();
    const kept = await popup.dialog.locator(selector).evaluate((element) => element.getRootNode().activeElement === element);
    assert.ok(kept, selector);
  }
});

test("a complaint that stands there when the wasm takes over stays", async (t) => {
  const visitor = await world.visitor(t);
  const release = await hold(visitor, WASM);
  const popup = await visitor.meet();
  await popup.email.fill("anna@gmial.com");
  await popup.go.click();
  await popup.suggestion.waitFor();
  release();
  await popup.isLive();
  assert.equal(await popup.suggestion.textContent(), "Did you mean anna@gmail.com?");
  await popup.suggestion.click();
  assert.equal(await popup.email.inputValue(), "anna@gmail.com");
});

const FAULTS = {
  "not there": [GLUE, (route) => route.fulfill({ status: 404, body: "gone" })],
  "refused by the network": [GLUE, (route) => route.abort()],
  "broken as a script": [GLUE, (route) => route.fulfill({ contentType: "text/javascript", headers: { "access-control-allow-origin": "*" }, body: "export default (" })],
  "broken as wasm": [WASM, (route) => route.fulfill({ contentType: "application/wasm", headers: { "access-control-allow-origin": "*" }, body: "no wasm" })],
  "cut short": [WASM, (route) => route.fulfill({ status: 500, body: "" })],
};
for (const [how, [pattern, fault]] of Object.entries(FAULTS)) {
  test(`with a wasm that is ${how} the popup goes on without it`, async (t) => {
    const visitor = await world.visitor(t);
    await visitor.context.route(pattern, fault);
    const popup = await visitor.meet();
    await visitor.page.keyboard.type("anna@gmial.com");
    await until("the wasm is asked for", () => visitor.asked(pattern).length >= 1);
    await visitor.page.keyboard.press("Enter");
    await popup.suggestion.click();
    await popup.answer(emailAddress(), "email.marketing");
    assert.equal(await popup.done.isVisible(), true);
    assert.equal(visitor.asked(GLUE).length, 1, "it is tried once");
    assert.deepEqual(visitor.errors().filter((each) => !/WebAssembly.*compile|MIME|CORS/.test(each)), []);
  });
}

test("a brain file that is missing leaves the form to the loader", async (t) => {
  const visitor = await world.visitor(t, { change: (file) => { file.brain = "0000000000000000"; } });
  const popup = await visitor.meet();
  await visitor.page.keyboard.type("anna");
  await until("the brain is asked for", () => visitor.asked(/files\/0{16}/).length === 1);
  await popup.answer(emailAddress());
  assert.equal(await popup.done.isVisible(), true);
  assert.deepEqual(visitor.errors(), []);
});

test("a wasm that arrives after the answer does not undo it", async (t) => {
  const visitor = await world.visitor(t);
  const release = await hold(visitor, WASM);
  const popup = await visitor.meet();
  await popup.answer(emailAddress());
  const came = visitor.page.waitForResponse(WASM);
  release();
  await came;
  await visitor.nothingMore();
  assert.equal(await popup.done.isVisible(), true);
  assert.equal(visitor.forms().length, 1);
  assert.deepEqual(visitor.complaints, []);
});

/** A device so slow that drawing the form is cut into pieces, with pauses that last until `resume` is called. */
function slowDevice() {
  const { now } = Date;
  const { setTimeout } = window;
  let late = 0;
  window.pauses = [];
  Date.now = () => now() + (late += 20);
  window.setTimeout = (then, ms, ...more) => (ms === 0 ? window.pauses.push(then) : setTimeout(then, ms, ...more));
  window.resume = () => {
    window.setTimeout = setTimeout;
    window.pauses.forEach((then) => then());
  };
}

for (const when of ["before", "after"])
  test(`a press while the form is being drawn counts, drawn ${when} the answer`, async (t) => {
    const visitor = await world.visitor(t, { clock: false, init: slowDevice });
    const release = await hold(visitor, "**/v1/forms/**");
    await visitor.open();
    const { popup } = visitor;
    await popup.isShown();
    await popup.email.fill(emailAddress());
    await until("the drawing pauses", () => visitor.page.evaluate(() => window.pauses.length > 0));
    assert.equal(await popup.dialog.getAttribute("data-live"), null, "not all is drawn");
    await popup.go.click();
    const resume = () => visitor.page.evaluate(() => window.resume());
    if (when === "before") await resume();
    release();
    await popup.done.waitFor();
    if (when === "after") await resume();
    await visitor.heard();
    assert.equal(await popup.done.isVisible(), true);
    assert.equal(await popup.dialog.getAttribute("data-live"), null, "the thanks are the loader's");
    assert.equal(visitor.forms().length, 1);
    assert.deepEqual(visitor.complaints, []);
  });

test("the wasm is fetched after four quiet seconds, and not when the popup was closed before", async (t) => {
  const patient = await world.visitor(t);
  await patient.meet();
  assert.deepEqual(patient.asked(/widget/), []);
  await patient.wait(4_500);
  await patient.popup.isLive();
  const quick = await world.visitor(t);
  await quick.meet();
  await quick.popup.close();
  await quick.nothingMore();
  assert.deepEqual(quick.asked(/widget/), []);
});

test("what takes answers and cannot be had is said, asked for again, and then takes them", async (t) => {
  const visitor = await world.visitor(t);
  const FORM = /\/w\/[0-9a-f]+\/form\.js/;
  await visitor.context.route(FORM, (route) => route.abort());
  await visitor.context.route(GLUE, (route) => route.abort());
  const popup = await visitor.meet();
  const email = emailAddress();
  await popup.email.fill(email);
  await popup.go.click();
  await popup.trouble.waitFor();
  assert.equal(await popup.trouble.textContent(), "That did not get through. Please try again in a moment.");
  assert.equal(await popup.email.inputValue(), email);
  await visitor.context.unroute(FORM);
  await popup.go.click();
  await popup.done.waitFor();
  await visitor.shop.mailTo(email, "confirm");
  assert.deepEqual(visitor.errors(), []);
});
