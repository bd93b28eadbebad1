// Everybody can use it: every state at every width, in both directions, by keyboard and by ear.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { emailAddress } from "../harness/ids.mjs";
import { helloForm } from "../harness/release.mjs";
import { until } from "../harness/until.mjs";
import { SIZES, assertAccessible, assertFits } from "./accessible.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

for (const [how, { path = "/", init, ...context }] of Object.entries(SIZES)) {
  test(`every state is accessible and fits, ${how}`, async (t) => {
    const shop = await world.shop(t, { config: (config) => { helloForm(config).reveal = "AtOnce"; } });
    const visitor = await world.visitor(t, { shop, context, init });
    const popup = await visitor.meet(path);
    const check = async (state) => {
      await assertAccessible(visitor, state);
      await assertFits(visitor, state);
    };
    await check("the popup");

    await popup.email.fill("anna@gmial.com");
    await popup.isLive();
    await popup.go.click();
    await popup.suggestion.waitFor();
    await check("a mistake");

    let release;
    const held = new Promise((resolve) => (release = resolve));
    await visitor.context.route("**/v1/forms/**", async (route) => {
      await held;
      await route.continue();
    });
    await popup.email.fill(emailAddress());
    await popup.go.click();
    await popup.dialog.locator("[aria-busy=true]").waitFor();
    await check("busy");
    release();

    await popup.step.waitFor();
    await check("the second step");
    await popup.step.locator("[name=day]").selectOption("31");
    await popup.step.locator("[name=month]").selectOption("2");
    await popup.step.locator(".rp-go").click();
    await popup.step.locator("[aria-invalid=true]").first().waitFor();
    await check("a day that is not in the calendar");
    await popup.step.locator("[data-skip]").click();
    await popup.code.waitFor();
    await check("done, with the code");
    await popup.done.locator("[data-copy]").click();
    await check("copied");

    await popup.close();
    await popup.tab.waitFor();
    await assertAccessible(visitor, "the tab");
    assert.deepEqual(visitor.errors(), []);
  });
}

test("the thanks without a code are accessible, with and without the wasm", async (t) => {
  for (const wasm of [true, false]) {
    const visitor = await world.visitor(t);
    if (!wasm) await visitor.context.route("**/w/*/widget*", (route) => route.abort());
    const popup = await visitor.meet();
    await popup.answer(emailAddress());
    if (await popup.step.isVisible()) await popup.step.locator("[data-skip]").click();
    await popup.done.waitFor();
    await assertAccessible(visitor, "done");
    const heading = popup.dialog.getByRole("heading", { name: "Nearly there. Look in your inbox." });
    assert.equal(await heading.evaluate((h2) => h2.getRootNode().activeElement === h2), true, "the new heading is read");
  }
});

test("a screen reader hears a dialog with its title, and every field by its label", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.meet();
  const name = "10 % off, and a warm welcome";
  const dialog = visitor.page.getByRole("dialog", { name });
  await dialog.waitFor();
  await dialog.getByRole("heading", { name }).waitFor();
  await dialog.getByRole("textbox", { name: "Your e-mail address" }).waitFor();
  await dialog.getByRole("checkbox", { name: /^Write to me now and then/ }).waitFor();
  await dialog.getByRole("checkbox", { name: /^Remember on this device/ }).waitFor();
  await dialog.getByRole("button", { name: "Send me the code" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).waitFor();
  assert.equal(await dialog.getByRole("textbox").count(), 1, "the trap for programs is not heard");
});

for (const wasm of [true, false]) {
  test(`a mistake is tied to its field and heard, ${wasm ? "with" : "without"} the wasm`, async (t) => {
    const visitor = await world.visitor(t);
    if (!wasm) await visitor.context.route("**/w/*/widget*", (route) => route.abort());
    const popup = await visitor.meet();
    if (wasm) {
      await visitor.page.keyboard.type("a");
      await popup.isLive();
      await popup.email.fill("");
    }
    await popup.go.click();
    await popup.complaint.waitFor();
    assert.equal(await popup.complaint.textContent(), "Please type your e-mail address.");
    assert.equal(await popup.email.getAttribute("aria-invalid"), "true");
    assert.equal(await popup.email.getAttribute("aria-describedby"), await popup.complaint.getAttribute("id"));
    assert.equal(await visitor.focused(), "rp-hello-email");
    await popup.email.fill("anna");
    await popup.go.click();
    await until("the other complaint", async () => /not look like/.test(await popup.complaint.textContent()));
  });
}

test("by keyboard alone: typed, ticked, sent, skipped, closed, opened again", async (t) => {
  const visitor = await world.visitor(t);
  const { page, popup } = await visitor.meet().then((popup) => ({ page: visitor.page, popup }));
  await page.keyboard.type(emailAddress());
  await popup.isLive();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  assert.equal(await popup.ask("email.marketing").isChecked(), true);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await popup.step.waitFor();
  await until("the step's heading has the focus", async () => /h2|title/.test(await visitor.focused()));
  await popup.step.locator("[data-skip]").focus();
  await page.keyboard.press("Enter");
  await popup.done.waitFor();
  await page.keyboard.press("Escape");
  await popup.isGone();
  await popup.tab.focus();
  await page.keyboard.press("Enter");
  await popup.isShown();
  await popup.close();
  assert.equal(await visitor.focused(), "rp-tab");
});

test("the focus goes into the popup, stays there, and comes back to where it was", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.open();
  const button = visitor.page.locator("a.button").first();
  await button.focus();
  await visitor.wait(2_000);
  await visitor.popup.isShown();
  assert.equal(await visitor.focused(), "rp-hello-email");
  const reached = new Set();
  for (let n = 0; n < 20; n++) {
    await visitor.page.keyboard.press("Tab");
    const { inside, what } = await visitor.page.evaluate(() => ({ inside: document.activeElement.id === "rapport", what: document.activeElement.localName }));
    // The browser's own controls come between the last and the first.
    assert.ok(inside || what === "body", `the focus reached ${what} of the page`);
    reached.add(await visitor.focused());
  }
  assert.ok(reached.size >= 5, [...reached].join());
  await visitor.popup.close();
  assert.equal(await button.evaluate((each) => each === document.activeElement), true);
});

test("the page underneath is inert while the popup is open", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet();
  const link = visitor.page.locator(".to-bag");
  await assert.rejects(link.click({ timeout: 500 }), "a click does not reach the page");
  assert.equal(await link.evaluate((each) => (each.focus(), document.activeElement === each)), false);
  assert.equal(await popup.dialog.evaluate((dialog) => dialog.matches(":modal")), true);
});

test("it closes by Escape, by its button and by a click beside it, not by marking a text", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet();
  const { mouse } = visitor.page;
  const box = await popup.email.boundingBox();
  await mouse.move(box.x + 30, box.y + 10);
  await mouse.down();
  await mouse.move(5, 5, { steps: 5 });
  await mouse.up();
  assert.equal(await popup.open(), 1);
  await mouse.click(5, 5);
  await popup.isGone();
  await popup.tab.click();
  await popup.isShown();
  await popup.form.getByRole("button", { name: "Close" }).click();
  await popup.isGone();
  await popup.tab.click();
  await popup.isShown();
  await popup.close();
  assert.deepEqual(visitor.complaints, []);
});
