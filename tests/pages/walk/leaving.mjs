// 3. Moving to leave brings the exit survey, at a desk and on phones; nothing that only looks like leaving does.

import assert from "node:assert/strict";

import { until } from "../../harness/until.mjs";
import { DESK, PHONE, fill } from "./walk.mjs";

/** Somebody new who has closed the greeting. */
async function stranger(walk, t, { path = "/product/lookout-hat", ...options }) {
  const visitor = await walk.world.visitor(t, { shop: walk.shop, ...options });
  const popup = await visitor.meet(path);
  await popup.rests();
  await popup.close();
  await visitor.loaded();
  return { visitor, popup, page: visitor.page, ...survey(popup) };
}

function survey({ dialog, page }) {
  const card = dialog.locator(".rp-card:not([hidden])");
  const asks = (title) => until(`"${title}" is asked`, async () => (await card.locator("h2").innerText()) === title);
  const answer = async (...choices) => {
    for (const choice of choices) await card.locator(`[value="${choice}"]`).check();
    await card.locator(".rp-go").click();
  };
  return { card, asks, answer, begun: () => page.locator("#rapport dialog[open] .rp-card h2", { hasText: "Before you go" }).waitFor() };
}

/** What the edge has taken in: answers of one who answered, oldest first. */
const answers = (walk, count) =>
  until(`${count} answers are kept`, async () => {
    const all = (await walk.shop.list("events")).filter(({ type }) => type === "survey.answered").reverse();
    return all.length === count && all.map(({ data }) => data);
  });

export async function atADesk(walk, t) {
  const { visitor, page, popup, asks, answer, begun } = await stranger(walk, t, { context: DESK });
  await fill(visitor, "lookout-hat");

  // Tabs and a select on the page, right at its top, and the scrollbar beside it.
  await page.evaluate(() => {
    const tabs = `<div role="tablist"><button role="tab" aria-selected="true">Made of</button><button role="tab">Sizes</button></div>`;
    const select = `<select id="sort"><option>Newest</option><option>Warmest</option></select>`;
    document.body.insertAdjacentHTML("afterbegin", `<div id="top" style="position:fixed;inset:0 auto auto 0;z-index:9;background:#fff">${tabs}${select}</div>`);
  });
  const { mouse } = page;
  await mouse.move(400, 300);
  for (const tab of await page.locator("#top [role=tab]").all()) await tab.click();
  await mouse.move(200, 1);
  await mouse.move(400, 300);
  const leave = (selector, at = {}) => page.evaluate(([selector, at]) => {
    document.querySelector(selector).dispatchEvent(new MouseEvent("mouseout", { bubbles: true, clientX: 50, clientY: -1, ...at }));
  }, [selector, at]);
  await leave("#sort");
  await leave("html", { clientX: DESK.viewport.width });
  await leave("main", { clientY: 300 });
  await visitor.nothingMore();
  assert.equal(await popup.open(), 0, "none of it is leaving");

  // Up and away, to the browser's own bar.
  await mouse.move(400, 40);
  await mouse.move(400, -20);
  await begun();
  await popup.rests();
  await walk.picture(page, "3-1-why-are-you-leaving");
  await answer("price");
  await asks("What about the price?");
  await walk.picture(page, "3-2-the-next-question-depends");
  await page.keyboard.press("Escape");
  await popup.isGone();
  const [{ question, choices, url, cart, last }] = await answers(walk, 1);
  assert.deepEqual([question, choices, last], ["why", ["price"], false], "an answer is kept, though the second never came");
  assert.equal(url, `${walk.shop.origin}/product/lookout-hat`);
  assert.deepEqual(cart.items.map(({ product, quantity }) => [product, quantity]), [["lookout-hat", 1]]);
  assert.deepEqual(visitor.asked(/^POST/), ["POST /v1/events"], "she allowed nothing, so nothing but her answer has left");
  assert.deepEqual(await walk.told(0), []);
}

export async function flungAway(walk, t) {
  const { visitor, page, popup, card, asks, answer, begun } = await stranger(walk, t, { context: PHONE, path: "/category/swim" });
  /** Scrolls there within a tenth of a second, as the page's clock counts it. */
  const scroll = async (...places) => {
    for (const y of places) {
      await page.evaluate((y) => new Promise((done) => {
        addEventListener("scroll", () => done(), { once: true });
        scrollTo({ top: y, behavior: "instant" });
      }), y);
    }
    await visitor.wait(150);
  };
  await scroll(900, 1_800);
  for (let y = 1_790; y > 1_600; y -= 30) await scroll(y, y - 15);
  assert.equal(await popup.open(), 0, "reading upwards is not leaving");
  await scroll(1_500, 1_000);
  await begun();
  await popup.rests();
  await walk.picture(page, "3-3-flung-away-on-a-phone");
  await answer("trust");
  await asks("What made you doubt us?");
  await card.locator("textarea").fill("I could not find out who you are.");
  await walk.picture(page, "3-4-in-her-own-words");
  await answer();
  await asks("Thank you. That helps.");
  await walk.picture(page, "3-5-thanks");
  const [, why, words] = await answers(walk, 3);
  assert.deepEqual([why.choices, words.words, words.last], [["trust"], "I could not find out who you are.", true]);
  assert.equal(why.response, words.response);

  // The merchant hears of it at once: no clock was moved.
  const [mail] = await walk.told(1);
  assert.equal(mail.subject, "“I was not sure whether to trust you”");
  assert.match(mail.text, /\/category\/swim/);
  await walk.letter(mail, "3-6-the-merchant-is-told");
}

export async function cameBack(walk, t) {
  const later = () => {
    // What the loader compares are the events' own times, which no clock of a test moves.
    const real = Object.getOwnPropertyDescriptor(Event.prototype, "timeStamp").get;
    Object.defineProperty(Event.prototype, "timeStamp", { get() { return real.call(this) + (window.elsewhere ?? 0); } });
  };
  const { page, popup, asks, answer } = await stranger(walk, t, { context: PHONE, path: "/?lang=ar", init: later });
  const hide = (hidden, elsewhere) => page.evaluate(([hidden, elsewhere]) => {
    window.elsewhere = elsewhere;
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, [hidden, elsewhere]);
  await hide(true, 0);
  await hide(false, 1_000);
  assert.equal(await popup.open(), 0, "a glance elsewhere is not leaving");
  await hide(true, 1_000);
  await hide(false, 60_000);
  await page.locator("#rapport dialog[open] .rp-card h2", { hasText: "قبل أن تغادر" }).waitFor();
  await popup.rests();
  await walk.picture(page, "3-7-back-in-the-tab-in-arabic");
  await answer("looking");
  await asks("شكرًا لك. هذا يساعدنا.");
  assert.equal((await answers(walk, 4)).at(-1).last, true);
  await walk.told(1);
}
