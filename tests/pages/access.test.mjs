// Everybody can use it: every state at every width, in both directions, by keyboard and by ear.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";

import { emailAddress } from "../harness/ids.mjs";
import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const world = await openWorld();
after(() => world.close());

/** No violation of what axe knows in our part of the page. */
async function assertAccessible({ page }, state) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  // Half-transparent moments of an animation have no contrast of their own. What turns for ever never is one.
  await page.evaluate(() => {
    const { shadowRoot } = document.querySelector("#rapport");
    const passing = shadowRoot.getAnimations().filter(({ effect }) => effect.getTiming().iterations !== Infinity);
    return Promise.all(passing.map((animation) => animation.finished.catch(() => {})));
  });
  const violations = await page.evaluate(async () => {
    const found = await window.axe.run("#rapport", { resultTypes: ["violations"] });
    return found.violations.map(({ id, help, nodes }) => `${id}: ${help} ${nodes.map(({ target, failureSummary }) => target.flat().join(" ") + failureSummary).join("; ")}`);
  });
  assert.deepEqual(violations, [], state);
}

/** Nothing of the open card is cut off or has to be moved sideways to be read. */
async function assertFits({ page }, state) {
  const wrong = await page.evaluate(() => {
    const dialog = document.querySelector("#rapport").shadowRoot.querySelector("dialog");
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const found = [];
    if (left < 0 || right > innerWidth + 1 || top < 0 || bottom > innerHeight + 1) found.push(`the dialog leaves the window: ${[left, top, right, bottom]} of ${innerWidth}x${innerHeight}`);
    if (dialog.scrollWidth > dialog.clientWidth + 1) found.push("the dialog scrolls sideways");
    for (const each of dialog.querySelectorAll(".rp-card:not([hidden]) :is(h2,p,label,input,button,select,legend,output):not(.rp-trap)")) {
      const box = each.getBoundingClientRect();
      if (box.width && (box.left < left - 1 || box.right > right + 1)) found.push(`${each.localName} ${each.className} sticks out`);
    }
    return found;
  });
  assert.deepEqual(wrong, [], state);
}

const SIZES = {
  "at a desk": { viewport: { width: 1280, height: 800 } },
  "on a phone": { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  "on a small phone": { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true },
  "zoomed to 400 %": { viewport: { width: 320, height: 200 } },
  "on a phone held sideways": { viewport: { width: 844, height: 390 }, isMobile: true, hasTouch: true },
  "in Arabic": { viewport: { width: 1280, height: 800 }, path: "/?lang=ar" },
  "in Arabic on a phone": { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, path: "/?lang=ar" },
  "with reduced motion": { reducedMotion: "reduce" },
  "with forced colours": { forcedColors: "active" },
  "with the letters twice as large": { init: () => addEventListener("DOMContentLoaded", () => (document.documentElement.style.fontSize = "200%")) },
};

for (const [how, { path = "/", init, ...context }] of Object.entries(SIZES)) {
  test(`every state is accessible and fits, ${how}`, async (t) => {
    const shop = await world.shop(t, { config: (config) => { config.campaigns[0].form.reveal = "AtOnce"; } });
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
    if (!wasm) await visitor.context.route("**/w/**", (route) => route.abort());
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
    if (!wasm) await visitor.context.route("**/w/**", (route) => route.abort());
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
