// Somebody about to leave is asked why: one question after the other, by keyboard, on phones and in any language.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

/** Only the survey is there: the greeting would come first. */
const change = (file) => {
  file.plan = file.plan.filter(({ campaign }) => campaign === "leaving");
};

/** The pointer leaves through the top. */
const leave = (page) =>
  page.evaluate(() =>
    document.documentElement.dispatchEvent(new MouseEvent("mouseout", { bubbles: true, clientX: 300, clientY: -1 })),
  );

/** Somebody who is asked. */
async function asked(t, { path = "/product/lookout-hat", shop, ...options } = {}) {
  const visitor = await world.visitor(t, { change, shop, ...options });
  await visitor.open(path);
  await visitor.isReady?.();
  await until("the survey is there", async () => {
    await leave(visitor.page);
    return (await visitor.popup.open()) === 1;
  });
  const dialog = visitor.popup.dialog;
  const card = dialog.locator(".rp-card:not([hidden])");
  return { visitor, dialog, card, title: () => card.locator("h2").innerText() };
}

const choose = (card, value) => card.locator(`[value="${value}"]`).check();
const go = (card) => card.locator(".rp-go").click();
const answers = (visitor) =>
  visitor.requests
    .filter(({ method, url }) => method === "POST" && url.includes("/v1/events"))
    .flatMap(({ body }) => JSON.parse(body).events)
    .filter(({ type }) => type === "survey.answered");

test("the next question depends on the answer, and each answer is sent when it is given", async (t) => {
  const { visitor, card, title, dialog } = await asked(t);
  await choose(card, "price");
  await go(card);
  await until("the second question", async () => (await title()) === "What about the price?");
  assert.equal(await dialog.getAttribute("aria-labelledby"), await card.locator("h2").getAttribute("id"));
  assert.ok(await card.locator("h2").evaluate((heading) => heading.getRootNode().activeElement === heading));
  const [first] = await until("the first answer", () => answers(visitor).length === 1 && answers(visitor));
  assert.deepEqual([first.question, first.choices, first.last, first.campaign], ["why", ["price"], false, "leaving"]);
  assert.match(first.url, /\/product\/lookout-hat$/);
  await choose(card, "elsewhere");
  await go(card);
  await until("thanks", async () => (await title()) === "Thank you. That helps.");
  const second = answers(visitor).at(-1);
  assert.deepEqual([second.question, second.last, second.response === first.response], ["price", true, true]);
  await visitor.page.keyboard.press("Escape");
  await visitor.popup.isGone();
  assert.deepEqual(Object.keys((await visitor.kept()).closed), ["leaving"]);
});

test("without permission nothing but the answers leaves, and the edge has them with page and cart", async (t) => {
  const { visitor, card, title } = await asked(t);
  await visitor.say("cart", { items: [{ product: "lookout-hat", quantity: 2, price: "29.00" }], currency: "EUR" });
  await choose(card, "other");
  await card.locator("[name=words]").fill("My sister lives\tat sister@example.org");
  await go(card);
  await until("thanks", async () => (await title()) === "Thank you. That helps.");
  assert.deepEqual(visitor.asked(/^POST/), ["POST /v1/events"]);
  assert.deepEqual(Object.keys(await visitor.kept()), ["closed"]);
  const kept = (await visitor.shop.list("events")).find(({ type }) => type === "survey.answered");
  assert.deepEqual([kept.data.choices, kept.data.words], [["other"], "My sister lives at …"]);
  assert.deepEqual([kept.data.cart.items[0].product, kept.data.url.endsWith("/product/lookout-hat")], ["lookout-hat", true]);
});

test("nothing chosen is complained about where it has to be, and left out where it need not", async (t) => {
  const { visitor, card, title } = await asked(t);
  await go(card);
  await card.locator("[role=alert]:not([hidden])").waitFor();
  assert.equal(await card.locator("[role=alert]").innerText(), "Please choose what fits best.");
  await choose(card, "not-found");
  await go(card);
  await until("words are asked for", async () => (await title()) === "What were you looking for?");
  await card.locator("[data-skip]").click();
  await until("thanks", async () => (await title()) === "Thank you. That helps.");
  assert.deepEqual(answers(visitor).map(({ question }) => question), ["why"]);
});

test("somebody who closes it in the middle is not asked again, and what they said is kept", async (t) => {
  const shop = await world.shop(t, { change });
  const { visitor, card, title } = await asked(t, { shop });
  await choose(card, "delivery");
  await go(card);
  await until("the second question", async () => (await title()) === "What would have suited you?");
  await visitor.page.keyboard.press("Escape");
  await visitor.popup.isGone();
  await until("the answer is kept", async () => (await shop.list("events")).some(({ type }) => type === "survey.answered"));
  await leave(visitor.page);
  await visitor.nothingMore();
  assert.equal(await visitor.popup.open(), 0);
});

test("a press that comes before the rest of the survey has come is not lost", async (t) => {
  const { visitor, card, title } = await asked(t, {
    init: () => {
      // Answered faster than anybody could.
      const look = () => {
        const dialog = document.querySelector("#rapport")?.shadowRoot?.querySelector("dialog[open]");
        if (!dialog) return requestAnimationFrame(look);
        dialog.querySelector("[value=trust]").checked = true;
        dialog.querySelector("form").requestSubmit();
      };
      requestAnimationFrame(look);
    },
    clock: false,
  }).catch((error) => Promise.reject(error));
  await until("the second question", async () => (await title()) === "What made you doubt us?");
  assert.equal(answers(visitor).length, 1);
});

test("an answer that does not get through is said so, stays, and goes with the next try", async (t) => {
  const { visitor, card, title } = await asked(t);
  await choose(card, "looking");
  await card.locator(".rp-go").hover();
  await visitor.page.locator("#rapport dialog[data-live]").waitFor();
  await visitor.context.route("**/v1/events*", (route) => route.abort());
  await go(card);
  await card.locator("[role=alert]:not([hidden])").waitFor();
  assert.equal(await card.locator("[role=alert]").innerText(), "That did not get through. Please try again in a moment.");
  await visitor.context.unroute("**/v1/events*");
  await go(card);
  await until("thanks", async () => (await title()) === "Thank you. That helps.");
  const kept = (await visitor.shop.list("events")).filter(({ type }) => type === "survey.answered");
  assert.deepEqual(new Set(kept.map(({ data }) => data.question)), new Set(["why"]));
});

test("it is answered by keyboard alone", async (t) => {
  const { visitor, card, title } = await asked(t);
  const { keyboard } = visitor.page;
  await card.locator("[value=price]").focus();
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await until("the second question", async () => (await title()) === "What would have suited you?");
  await keyboard.press("Tab");
  await keyboard.press("Space");
  await keyboard.press("Enter");
  await until("thanks", async () => (await title()) === "Thank you. That helps.");
  assert.deepEqual(answers(visitor).at(-1).choices, ["sooner"]);
});
