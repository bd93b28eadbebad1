// From a letter in the inbox to the preference page: seen, used by keyboard alone, kept, accessible, and looked at.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";

import { openWorld } from "./world.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const world = await openWorld();
after(() => world.close());

/** Somebody who was welcomed, with a browser and their page in it. */
async function reader(t, { lang = "en", context = {} } = {}) {
  const shop = await world.shop(t);
  const { email } = await shop.welcome({ given_name: lang === "ar" ? "نور" : "Anna", birthday: "12-31", lang });
  const welcome = await shop.mailTo(email, "welcome");
  const browser = await world.browser.newContext(context);
  browser.setDefaultTimeout(8_000);
  t.after(() => browser.close());
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  return { shop, email, page, welcome, complaints, link: world.edge.url + shop.link(welcome, "p").replace(/#.*/, "") };
}

/** Nothing that axe knows is wrong, nothing sticks out, and everything to press is large enough. */
async function assertGood(page, state) {
  // The page itself allows no script; axe is put in from outside it.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map(({ id, help, nodes }) => `${id}: ${help} ${nodes.map(({ target, failureSummary }) => target.flat().join(" ") + failureSummary).join("; ")}`);
  });
  assert.deepEqual(violations, [], state);
  const wrong = await page.evaluate(() => {
    const found = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`it scrolls sideways: ${scrollWidth} of ${clientWidth}`);
    for (const each of document.querySelectorAll("main *")) {
      const box = each.getBoundingClientRect();
      if (box.width && (box.left < -1 || box.right > clientWidth + 1)) found.push(`${each.localName} ${each.className} sticks out`);
    }
    for (const each of document.querySelectorAll("button,select,input[type=text],label:has(input[type=checkbox],input[type=radio]),main a")) {
      const { height, width } = each.getBoundingClientRect();
      if (height < 44 || width < 44) found.push(`${each.localName} ${each.textContent.slice(0, 20)} is ${width}x${height}`);
    }
    return found;
  });
  assert.deepEqual(wrong, [], state);
}

const PLACES = {
  "at a desk": { context: { viewport: { width: 1280, height: 800 } } },
  "on a phone": { context: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } },
  "on a small phone": { context: { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true } },
  "zoomed to 400 %": { context: { viewport: { width: 320, height: 200 } } },
  "in Arabic": { lang: "ar", context: { viewport: { width: 1280, height: 800 } } },
  "in Arabic on a small phone": { lang: "ar", context: { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true } },
  "in the dark": { context: { colorScheme: "dark", viewport: { width: 1280, height: 800 } } },
  "with forced colours": { context: { forcedColors: "active" } },
};

for (const [place, options] of Object.entries(PLACES)) {
  test(`the page is accessible and fits, ${place}`, async (t) => {
    const { page, link, complaints } = await reader(t, options);
    await page.goto(link);
    await assertGood(page, "as it stands");
    await page.locator("[name=quiet_from]").selectOption("22:00");
    await page.locator("[name=day]").selectOption("31");
    await page.locator("[name=month]").selectOption("2");
    await page.locator(".save button").click();
    await page.getByRole("alert").waitFor();
    await assertGood(page, "with two mistakes");
    assert.equal(await page.evaluate(() => document.activeElement.className), "again", "the complaint has the focus");
    await page.locator("[name=quiet_until]").selectOption("07:00");
    await page.locator("[name=month]").selectOption("3");
    await page.locator("[name=pause][value='1m']").check();
    await page.locator(".save button").click();
    await page.getByRole("status").waitFor();
    await assertGood(page, "saved");
    assert.equal(await page.evaluate(() => document.activeElement.className), "done", "what was done has the focus");
    // The answer to a mistake is no success, which browsers note; there is nothing else to note.
    assert.deepEqual(complaints.filter((text) => !/422/.test(text)), []);
  });
}

test("from the letter to the page by keyboard alone: chosen, saved, loaded again, kept", async (t) => {
  const { shop, email, page, welcome } = await reader(t, { context: { viewport: { width: 1000, height: 800 } } });
  await page.setContent(welcome.html);
  const entry = page.getByRole("link", { name: "Choose what we write, and how often" });
  await entry.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Anna, how shall we write to you?" }).waitFor();

  /** Tabs until something has the focus that fits. */
  const tabTo = async (selector) => {
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
        const outline = await page.evaluate(() => {
          const at = document.activeElement;
          return [at, at.nextElementSibling].filter(Boolean).some((each) => getComputedStyle(each).outlineStyle !== "none");
        });
        assert.ok(outline, `${selector} shows its focus`);
        return;
      }
    }
    assert.fail(`${selector} is not reached`);
  };
  await tabTo("[name=topic][value=arrivals]");
  await page.keyboard.press("Space");
  await tabTo("[name=frequency]:checked");
  await page.keyboard.press("ArrowDown");
  await tabTo("[name=quiet_from]");
  await page.keyboard.type("22:");
  await tabTo("[name=quiet_until]");
  await page.keyboard.type("07:");
  await tabTo("[name=pause]:checked");
  await page.keyboard.press("ArrowRight");
  await tabTo("[name=year]");
  await page.keyboard.type("1990");
  await tabTo("[name=zone]");
  await page.keyboard.type("Tokyo");
  await tabTo(".save button");
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "Saved." }).waitFor();

  await page.reload();
  const value = (name) => page.locator(`[name=${name}]`).inputValue();
  assert.equal(await page.locator("[name=topic][value=arrivals]").isChecked(), false);
  assert.equal(await page.locator("[name=topic][value=offers]").isChecked(), true);
  assert.equal(await page.locator("[name=frequency]:checked").inputValue(), "week");
  assert.deepEqual([await value("quiet_from"), await value("quiet_until")], ["22:00", "07:00"]);
  assert.equal(await page.locator("[name=pause]:checked").inputValue(), "keep");
  assert.deepEqual([await value("day"), await value("month"), await value("year")], ["31", "12", "1990"]);
  assert.equal(await value("zone"), "Asia/Tokyo");
  assert.equal((await shop.person(email)).birthday, "1990-12-31");
});

test("a switch says what it is and what it means, and turning it off is obeyed", async (t) => {
  const { shop, email, page, link } = await reader(t);
  await page.goto(link);
  const email_switch = page.getByRole("switch", { name: /^E-mail Write to me now and then/ });
  assert.equal(await email_switch.isChecked(), true);
  await page.getByRole("group", { name: "How often" }).waitFor();
  await email_switch.uncheck();
  await page.locator(".save button").click();
  await page.getByRole("status").waitFor();
  assert.equal(await email_switch.isChecked(), false);
  assert.equal((await shop.person(email)).consents[0].method, "preference page");
  await page.goto(`${link}#why`);
  await page.getByRole("heading", { name: "Why did I get this?" }).waitFor();
  await page.getByText("At the moment you allow us no news and offers by e-mail.").waitFor();
});
