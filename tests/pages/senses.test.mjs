// Somebody is unhappy and says nothing: what they do is noticed, told with permission alone, and never what they typed.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

/** A page of the shop with things that do not work, looked at by somebody who may be remembered. */
async function broken(t, { allowed = true } = {}) {
  const visitor = await world.visitor(t, { clock: false, change: (file) => { file.plan = []; } });
  const page = await visitor.open("/privacy");
  if (allowed) await visitor.page.locator("[data-device=yes]").first().click();
  await page.evaluate(() => {
    document.querySelector("main").innerHTML = `
      <p id="words">Some words to read.</p>
      <button id="broken" class="wide dark" type="button">Broken</button>
      <button id="works" type="button">0</button>
      <form id="strict"><label>Size <input id="size" required pattern="[0-9]+"></label><button id="send">Send</button></form>`;
    const works = document.querySelector("#works");
    works.onclick = () => (works.textContent = Number(works.textContent) + 1);
  });
  // The first click of a page fetches what watches the others.
  await page.locator("#works").click();
  await until("somebody watches", () => visitor.requests.some(({ url }) => url.endsWith("/senses.js")));
  await page.waitForTimeout(300);
  return { visitor, page };
}

const signs = async (visitor) =>
  (await visitor.shop.list("events")).filter(({ type }) => type === "custom").map(({ data }) => [data.name, data.data.on]);

test("a button that does nothing is a dead click, and hammering it is rage", async (t) => {
  const { visitor, page } = await broken(t);
  for (let n = 0; n < 5; n++) await page.locator("#broken").click({ delay: 20 });
  const told = await until("both are told", async () => {
    const told = await signs(visitor);
    return told.length === 2 && told;
  });
  assert.deepEqual(told.toSorted(), [["dead click", "button#broken.wide.dark"], ["rage click", "button#broken.wide.dark"]]);
});

test("a button that works is pressed as often as one likes, a paragraph is marked, and nobody is unhappy", async (t) => {
  const { visitor, page } = await broken(t);
  for (let n = 0; n < 8; n++) await page.locator("#works").click();
  await page.locator("#words").click({ clickCount: 3 });
  await page.waitForTimeout(2_500);
  assert.deepEqual(await signs(visitor), []);
});

test("a form that is refused three times is a fight, told without what was typed", async (t) => {
  const { visitor, page } = await broken(t);
  await page.locator("#size").fill("secret words");
  for (let n = 0; n < 3; n++) {
    await page.locator("#send").click();
    await page.waitForTimeout(250);
  }
  const told = await until("it is told", async () => {
    const told = await signs(visitor);
    return told.length > 0 && told;
  });
  assert.deepEqual(told, [["form fight", "form#strict"]]);
  assert.ok(visitor.requests.every(({ body }) => !body.includes("secret words")));
});

test("without permission nothing of it leaves", async (t) => {
  const { visitor, page } = await broken(t, { allowed: false });
  for (let n = 0; n < 5; n++) await page.locator("#broken").click({ delay: 20 });
  await page.waitForTimeout(3_000);
  assert.deepEqual(visitor.asked(/^POST/), []);
});
