// Somebody is unhappy and says nothing: what they do is noticed, told with permission alone, and never what they typed.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

/** A page of the shop with things that do not work, looked at by somebody who may be remembered. */
async function broken(t, { allowed = true } = {}) {
  const visitor = await world.visitor(t, { change: (file) => { file.plan = []; } });
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
  const { url } = await until("what watches is fetched", () => visitor.requests.find(({ url }) => url.endsWith("/senses.js")));
  await page.evaluate((url) => import(url), url);
  return { visitor, page };
}

const signs = async (visitor) =>
  (await visitor.shop.list("events")).filter(({ type }) => type === "custom").map(({ data }) => [data.name, data.data.on]);

/** Presses the broken button as fast as a hand can, until that is told. A slow machine may need more than one try. */
const hammer = ({ visitor, page }) =>
  until("both are told", async () => {
    await page.locator("#broken").click({ clickCount: 5, delay: 15 });
    await visitor.wait(2_500);
    const told = await signs(visitor);
    return told.length >= 2 && told;
  });

const VAIN = [["dead click", "button#broken.wide.dark"], ["rage click", "button#broken.wide.dark"]];

test("a button that does nothing is a dead click, and hammering it is rage", async (t) => {
  assert.deepEqual((await hammer(await broken(t))).toSorted(), VAIN);
});

test("a button that works is pressed as often as one likes, a paragraph is marked, and nobody is unhappy", async (t) => {
  const { visitor, page } = await broken(t);
  for (let n = 0; n < 8; n++) await page.locator("#works").click();
  await page.locator("#words").click({ clickCount: 3 });
  await visitor.wait(2_500);
  // It was watched all the same: nothing but what comes now is told.
  assert.deepEqual((await hammer({ visitor, page })).toSorted(), VAIN);
});

test("what the page fetches is an answer, and what we fetch ourselves is none", async (t) => {
  const { visitor, page } = await broken(t);
  const fetches = (url) => page.evaluate((url) => {
    document.querySelector("#broken").onclick = () => fetch(url).then((answer) => answer.text());
  }, url);
  await fetches("/discount?code=");
  for (let n = 0; n < 2; n++) {
    const answered = page.waitForResponse(/discount/);
    await page.locator("#broken").click();
    await (await answered).finished();
    await visitor.wait(2_500);
  }
  assert.deepEqual(await signs(visitor), []);
  await fetches(`${world.edge.url}/v1/shops/${visitor.shop.key}/pointer`);
  assert.deepEqual((await hammer({ visitor, page })).toSorted(), VAIN);
});

test("a form that is refused three times is a fight, told without what was typed", async (t) => {
  const { visitor, page } = await broken(t);
  await page.locator("#size").fill("secret words");
  for (let n = 0; n < 3; n++) {
    await page.locator("#send").click();
    await visitor.wait(250);
  }
  const told = await until("it is told", async () => {
    await visitor.wait(1_000);
    const told = await signs(visitor);
    return told.length > 0 && told;
  });
  assert.deepEqual(told, [["form fight", "form#strict"]]);
  assert.ok(visitor.requests.every(({ body }) => !body.includes("secret words")));
});

test("without permission nothing of it leaves", async (t) => {
  const { visitor, page } = await broken(t, { allowed: false });
  await page.locator("#broken").click({ clickCount: 5, delay: 15 });
  await visitor.nothingMore();
  assert.deepEqual(visitor.asked(/^POST/), []);
});
