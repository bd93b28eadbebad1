// Pictures of every state, in target/pictures/ for people to look at; here only whether anything is on them.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { ROOT } from "../harness/folder.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { helloForm } from "../harness/release.mjs";
import { openWorld } from "./world.mjs";

const FOLDER = join(ROOT, "target/pictures");
mkdirSync(FOLDER, { recursive: true });

const world = await openWorld();
after(() => world.close());

/** Takes a picture once nothing moves any more. A picture that shows one colour only compresses to nearly nothing. */
async function picture(page, name) {
  await page.evaluate(() => document.fonts.ready);
  const taken = await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: "disabled" });
  assert.ok(taken.length > 8_000, `${name} is blank: ${taken.length} bytes`);
}

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const PLACES = {
  desk: { viewport: { width: 1280, height: 800 } },
  phone: PHONE,
  "small-phone": { ...PHONE, viewport: { width: 320, height: 568 } },
  arabic: { viewport: { width: 1280, height: 800 }, path: "/?lang=ar" },
  "arabic-phone": { ...PHONE, path: "/?lang=ar" },
  forced: { viewport: { width: 1280, height: 800 }, forcedColors: "active" },
};

for (const [place, { path = "/", ...context }] of Object.entries(PLACES)) {
  test(`every state of the popup: ${place}`, async (t) => {
    const shop = await world.shop(t, { config: (config) => { helloForm(config).reveal = "AtOnce"; } });
    const visitor = await world.visitor(t, { shop, context });
    const popup = await visitor.meet(path);
    const { page } = visitor;
    await picture(page, `${place}-1-popup`);
    await popup.email.fill("anna@gmial.com");
    await popup.isLive();
    await popup.email.press("Enter");
    await popup.suggestion.waitFor();
    await picture(page, `${place}-2-slip`);
    await popup.answer(emailAddress(), "email.marketing");
    await picture(page, `${place}-3-step`);
    await popup.step.locator("[name=day]").selectOption("31");
    await popup.step.locator("[name=month]").selectOption("2");
    await popup.step.locator(".rp-go").click();
    await popup.step.locator("[aria-invalid=true]").first().waitFor();
    await picture(page, `${place}-4-no-such-day`);
    await popup.step.locator("[data-skip]").click();
    await popup.code.waitFor();
    await picture(page, `${place}-5-code`);
    await popup.close();
    await picture(page, `${place}-6-tab`);
  });
}

test("the thanks that point to the inbox, and the banner", async (t) => {
  const visitor = await world.visitor(t);
  const popup = await visitor.meet();
  await popup.answer(emailAddress());
  if (await popup.step.isVisible()) await popup.step.locator("[data-skip]").click();
  await popup.done.waitFor();
  await picture(visitor.page, "desk-7-look-in-your-inbox");
  for (const [name, path] of [["phone-7-banner", "/"], ["arabic-phone-7-banner", "/?lang=ar"]]) {
    const searching = await world.visitor(t, { shop: visitor.shop, context: PHONE });
    await searching.meet(path, { referer: "https://www.google.com/" });
    await picture(searching.page, name);
    await searching.popup.email.focus();
    await picture(searching.page, `${name}-in-use`);
  }
});

test("confirming, and the inbox page", async (t) => {
  const shop = await world.shop(t);
  const { email, confirmation } = await shop.welcome({ given_name: "Anna" });
  const other = emailAddress("berta");
  await shop.submit({ email: other, allow: ["email.marketing"] });
  const product = { id: "lookout-hat", name: "Lookout hat", price: "39.00", currency: "EUR" };
  await shop.send([
    shop.event("page.viewed", { url: `${shop.origin}/`, title: "Skerrow" }),
    shop.event("product.viewed", { url: `${shop.origin}/product/lookout-hat`, product }),
    shop.event("cart.changed", { cart: { items: [{ product: "lookout-hat", quantity: 2, price: "39.00" }], total: "78.00", currency: "EUR" } }),
  ]);
  const asked = shop.link(await shop.mailTo(other, "confirm"), "c");
  const welcome = await shop.mailTo(email, "welcome");
  const context = await world.browser.newContext({ viewport: { width: 1000, height: 760 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const pages = { asked, confirmed: confirmation, unsubscribe: shop.link(welcome, "u") };
  for (const [name, link] of Object.entries(pages)) {
    await page.goto(world.edge.url + link);
    await picture(page, `page-${name}`);
  }
  for (const mail of [welcome, await shop.mailTo(other, "confirm")]) {
    const letter = await context.newPage();
    await letter.setContent(mail.html);
    await picture(letter, `mail-${mail.mail}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${world.edge.url}/inbox/#token=${shop.token}`);
  await page.locator(".shelf a").filter({ hasText: "welcome" }).first().click();
  await page.frameLocator("iframe").getByText(/HELLO-/).first().waitFor();
  await picture(page, "inbox-message");
  for (const name of ["People", "Events", "Jobs", "Decisions", "Status"]) {
    await page.locator("#tabs").getByRole("link", { name: new RegExp(`^${name}`) }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.locator("#main :is(table, article, [role=switch])").first().waitFor();
    await picture(page, `inbox-${name.toLowerCase()}`);
  }
});

const LETTERS = { "": { lang: "en", given_name: "Anna" }, "-arabic": { lang: "ar", given_name: "نور" } };
const WIDTHS = { desk: PLACES.desk, phone: PLACES.phone, "small-phone": PLACES["small-phone"] };

for (const [language, fields] of Object.entries(LETTERS)) {
  for (const [place, context] of Object.entries(WIDTHS)) {
    test(`the preference page: ${place}${language}`, async (t) => {
      const shop = await world.shop(t);
      const { email } = await shop.welcome({ ...fields, birthday: "12-31" });
      const link = shop.link(await shop.mailTo(email, "welcome"), "p").replace(/#.*/, "");
      const browser = await world.browser.newContext(context);
      t.after(() => browser.close());
      const page = await browser.newPage();
      const whole = async (name) => {
        await picture(page, `preferences-${place}${language}-${name}-top`);
        await page.screenshot({ path: join(FOLDER, `preferences-${place}${language}-${name}.png`), animations: "disabled", fullPage: true });
      };
      await page.goto(world.edge.url + link);
      await whole("1-open");
      await page.locator("[name=quiet_from]").selectOption("22:00");
      await page.locator("[name=day]").selectOption("31");
      await page.locator("[name=month]").selectOption("2");
      await page.locator(".save button").click();
      await page.getByRole("alert").waitFor();
      await whole("2-mistakes");
      await page.locator("[name=quiet_until]").selectOption("07:00");
      await page.locator("[name=month]").selectOption("3");
      await page.locator("[name=pause][value='1m']").check();
      await page.locator(".save button").click();
      await page.getByRole("status").waitFor();
      await whole("3-saved");
    });
  }
}
