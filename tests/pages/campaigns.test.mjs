// To whom campaigns are shown and how often, and the question that stands before the checkout.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { ROOT } from "../harness/folder.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { until } from "../harness/until.mjs";
import { assertAccessible, assertFits } from "./accessible.mjs";
import { openWorld } from "./world.mjs";

const FOLDER = join(ROOT, "target/pictures");
mkdirSync(FOLDER, { recursive: true });

const world = await openWorld();
after(() => world.close());

const named = (file, name) => file.plan.find(({ campaign }) => campaign === name);

// The question before the checkout.

const IN_THE_BAG = "Put it in the bag";

const onlyFirst = (file) => {
  file.plan = [named(file, "email-first")];
};

/** Somebody with something in the bag, who is about to go to the checkout. */
async function withBag(t, options = {}) {
  const visitor = await world.visitor(t, { change: onlyFirst, ...options });
  await visitor.open("/product/lookout-hat");
  await visitor.page.getByRole("button", { name: IN_THE_BAG }).click();
  await visitor.go(`/cart${options.search ?? ""}`);
  await visitor.loaded();
  const { page, context, popup } = visitor;
  return { visitor, link: page.locator(".to-checkout"), page, context, popup };
}

/** The checkout is there; what was closed on the way gives it up with the next frame. */
async function atCheckout({ page }) {
  const there = page.waitForURL(/\/checkout/);
  await page.clock.runFor(50).catch(() => {});
  await there;
}

test("before the checkout the address alone is asked for, and then the checkout comes by itself", async (t) => {
  const { visitor, link, page, popup } = await withBag(t);
  await link.click();
  await popup.isShown();
  assert.match(page.url(), /\/cart$/, "the click waits");
  assert.equal(await popup.dialog.getByRole("textbox").count(), 1);
  const email = emailAddress();
  await popup.email.fill(email);
  await popup.ask("email.marketing").check();
  await page.keyboard.press("Enter");
  await atCheckout(visitor);
  assert.deepEqual(visitor.forms().map((form) => [form.get("email"), form.getAll("allow")]), [[email, ["email.marketing"]]]);
  await visitor.shop.mailTo(email, "confirm");
  assert.equal(visitor.asked(/widget/).length, 0, "no wasm stands between somebody and the checkout");
  assert.deepEqual(visitor.errors(), []);
});

test("a picture in the button is part of it", async (t) => {
  const { visitor, link, popup } = await withBag(t);
  await link.evaluate((element) => element.insertAdjacentHTML("beforeend", ' <svg width="40" height="40" aria-hidden="true"><rect width="40" height="40" /></svg>'));
  await link.locator("rect").click();
  await popup.isShown();
  await visitor.page.keyboard.press("Escape");
  await atCheckout(visitor);
  assert.deepEqual(visitor.errors(), []);
});

test("another campaign that is due while the question is being closed does not keep anybody from the checkout", async (t) => {
  const change = (file) => {
    file.plan = [named(file, "email-first"), { ...named(file, "leaving"), on: [["said", "pressed"]] }];
  };
  const { visitor, link, page, popup } = await withBag(t, { change });
  await link.click();
  await popup.isShown();
  await page.evaluate(() => document.addEventListener("click", () => rapport.push(["track", { type: "pressed" }])));
  await popup.dialog.locator("[data-rp=form] .rp-close").click();
  await atCheckout(visitor);
  assert.deepEqual(visitor.errors(), []);
});

test("a slip in the address is pointed out, and meant it is taken", async (t) => {
  const { visitor, link, page, popup } = await withBag(t);
  await link.click();
  await popup.isShown();
  const email = emailAddress().split("@")[0];
  await popup.email.fill(`${email}@gmial.com`);
  await page.keyboard.press("Enter");
  await popup.suggestion.click();
  await popup.go.click();
  await atCheckout(visitor);
  assert.equal(visitor.forms().at(-1).get("email"), `${email}@gmail.com`);
});

test("whoever does not want to say it goes on at once, by button, cross, keyboard or beside it, and is left in peace", async (t) => {
  const ways = [
    (visitor) => visitor.popup.dialog.getByRole("button", { name: "On without it" }).last().click(),
    (visitor) => visitor.popup.form.locator(".rp-close").click(),
    (visitor) => visitor.page.keyboard.press("Escape"),
    (visitor) => visitor.page.mouse.click(5, 5),
  ];
  for (const way of ways) {
    const { visitor, link, popup } = await withBag(t);
    await link.focus();
    await visitor.page.keyboard.press("Enter");
    await popup.isShown();
    await popup.rests();
    await way(visitor);
    await atCheckout(visitor);
    await visitor.go("/cart");
    await visitor.loaded();
    await visitor.page.locator(".to-checkout").click();
    await atCheckout(visitor);
    assert.equal(visitor.forms().length, 0);
  }
});

test("nobody waits at the checkout for an edge that does not answer, or is not there", async (t) => {
  const { visitor, link, popup, context } = await withBag(t);
  await context.route("**/v1/forms/**", () => {});
  await link.click();
  await popup.isShown();
  await popup.email.fill(emailAddress());
  await visitor.page.keyboard.press("Enter");
  await until("it was sent", () => visitor.forms().length === 1);
  await visitor.wait(3_000);
  await atCheckout(visitor);

  const dead = await world.visitor(t, { change: onlyFirst });
  await dead.open("/product/lookout-hat");
  await dead.page.getByRole("button", { name: IN_THE_BAG }).click();
  await dead.context.route(`${world.edge.url}/v1/**`, (route) => route.abort());
  await dead.go("/cart");
  await dead.page.locator(".to-checkout").click();
  await atCheckout(dead);
});

const SIZES = {
  "at a desk": {},
  "on a small phone": { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true },
  "in Arabic": { search: "?lang=ar" },
};
for (const [how, { search, ...context }] of Object.entries(SIZES)) {
  test(`the question before the checkout is accessible and fits, ${how}`, async (t) => {
    const { visitor, link, page, popup } = await withBag(t, { context, search });
    await link.click();
    await popup.rests();
    await assertAccessible(visitor);
    await assertFits(visitor);
    await page.screenshot({ path: join(FOLDER, `email-first-${how.replaceAll(" ", "-")}.png`), animations: "disabled" });
  });
}

// To whom.

/** Whether the popup comes by itself: how many are open then. */
async function fires(visitor) {
  await visitor.wait(2_500);
  return visitor.popup.open();
}

/** Only the first hello, with these conditions. */
const only = (test) => (file) => {
  file.plan = [{ ...named(file, "hello"), if: test }];
};
const not = (test) => ["none", test];

test("a campaign for phones is shown on phones, one for desks at desks", async (t) => {
  for (const [test, width, shown] of [
    [not(["width", 641]), 390, 1],
    [not(["width", 641]), 1_280, 0],
    [["width", 1_025], 390, 0],
    [["width", 1_025], 1_280, 1],
  ]) {
    const visitor = await world.visitor(t, { change: only(test), context: { viewport: { width, height: 800 } } });
    await visitor.open();
    await visitor.loaded();
    assert.equal(await fires(visitor), shown, `${test} at ${width}`);
  }
});

test("who comes back after hours is returning, if they may be remembered", async (t) => {
  const visitor = await world.visitor(t, { change: only(["met", 21_600_001]) });
  await visitor.open();
  await visitor.say("consent", { device: true });
  await visitor.loaded();
  assert.equal(await fires(visitor), 0, "somebody new");
  await visitor.page.clock.fastForward(6 * 3_600_000);
  await visitor.go("/category/home");
  await visitor.loaded();
  assert.equal(await fires(visitor), 1);
});

test("the cart's value counts as the page says it, and the page that somebody came from", async (t) => {
  const cart = await world.visitor(t, { change: only(["cart", 199_895]) });
  await cart.open("/category/home");
  await cart.loaded();
  const items = [{ product: "lookout-hat", quantity: 1 }];
  await cart.say("cart", { items, total: "19.98", currency: "EUR" });
  assert.equal(await fires(cart), 0);
  await cart.say("cart", { items, total: "19.99", currency: "EUR" });
  assert.equal(await fires(cart), 1);

  const social = ["referrer", "^(?:.*\\.social\\.example)$"];
  for (const [referer, remembered, shown] of [["https://www.social.example/x", true, [1, 1]], ["https://www.social.example/x", false, [1, 0]], [undefined, true, [0, 0]]]) {
    const visitor = await world.visitor(t, { change: (file) => { only(social)(file); file.plan[0].again_days = 0; } });
    await visitor.open("/", { referer });
    if (remembered) await visitor.say("consent", { device: true });
    await visitor.loaded();
    assert.equal(await fires(visitor), shown[0], `${referer}`);
    if (shown[0]) await visitor.popup.close();
    await visitor.page.evaluate(() => location.assign("/category/home"));
    await visitor.page.waitForURL(/category/);
    await visitor.loaded();
    assert.equal(await fires(visitor), shown[1], `${referer}, later`);
  }
});

test("a word of the shop's page is a moment, too", async (t) => {
  const visitor = await world.visitor(t, { change: (file) => { file.plan = [{ ...named(file, "hello"), on: [["said", "^(?:.*\\|coupon failed\\|.*)$"]] }]; } });
  await visitor.open();
  await visitor.loaded();
  assert.equal(await fires(visitor), 0);
  await visitor.say("track", { type: "coupon" });
  assert.equal(await visitor.popup.open(), 0);
  await visitor.say("track", { type: "coupon failed" });
  await visitor.popup.isShown();
});

// How often, and in which order.

test("two that fire together are shown one after the other, the more important one first", async (t) => {
  const visitor = await world.visitor(t, {
    change: (file) => {
      file.plan = [named(file, "hello"), { ...named(file, "leaving"), on: [["time", 0]] }];
      for (const entry of file.plan) entry.on = [["time", 1_000]];
    },
  });
  await visitor.open();
  await visitor.loaded();
  await visitor.wait(1_500);
  await visitor.popup.isShown();
  assert.equal(await visitor.popup.dialog.getAttribute("data-campaign"), "hello");
  await visitor.page.keyboard.press("Escape");
  // It comes so soon that nobody need see the page in between.
  const open = visitor.page.locator("#rapport dialog[open]");
  await until("the other has its turn", async () => {
    await visitor.wait(100);
    return (await open.getAttribute("data-campaign", { timeout: 1_000 })) === "leaving";
  });
  assert.equal(await visitor.popup.open(), 1);
  await visitor.page.keyboard.press("Escape");
  await visitor.wait(20_000);
  assert.equal(await visitor.popup.open(), 0, "each once on a page");
});

test("enough is enough: of one campaign, and of all together", async (t) => {
  const often = (most, all) => (file) => {
    file.most = all;
    file.plan = [{ ...named(file, "hello"), again_days: 0, most }];
  };
  for (const change of [often([[2, 3_600_000]]), often([], [[2, 3_600_000]])]) {
    const visitor = await world.visitor(t, { change });
    const shown = [];
    await visitor.open();
    await visitor.say("consent", { device: true });
    for (const path of ["/", "/category/home", "/category/swim", "/search"]) {
      await visitor.go(path);
      await visitor.loaded();
      shown.push(await fires(visitor));
      if (shown.at(-1)) await visitor.popup.close();
    }
    assert.deepEqual(shown, [1, 1, 0, 0]);
    await visitor.page.clock.fastForward(3_600_000);
    await visitor.go("/");
    await visitor.loaded();
    assert.equal(await fires(visitor), 1, "an hour later there is room again");
  }
});
