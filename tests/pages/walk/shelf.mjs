// 2. A product's page shows what goes with it, learned from the shop's events.

import assert from "node:assert/strict";

import { until } from "../../harness/until.mjs";
import { SHIFTS, Shelf } from "../shelves.mjs";
import { fill } from "./walk.mjs";

const ROBE = "boathouse-robe";

export async function shelf(walk) {
  const { shop, anna: { visitor } } = walk;
  const { page } = visitor;
  const shown = async () => (await visitor.recorded("shelf.shown")).map(({ data }) => data);
  await visitor.context.addInitScript(SHIFTS);
  await visitor.go(`/product/${ROBE}`);
  await visitor.loaded();
  await page.evaluate(async () => {
    await document.fonts.ready;
    window.shifted.length = 0;
  });

  // Far below nobody sees it, so it does not count.
  const row = new Shelf(visitor);
  await visitor.wait(3_000);
  assert.deepEqual(await shown(), [], "nobody has seen it");
  await row.reach();
  await row.isShown();
  const [first, ...others] = await row.ids();
  assert.equal(first, "lookout-hat", "all the others took it");
  assert.ok(others.includes("afterdip-socks") && others.includes("ferry-mug"), others.join());
  assert.ok(![first, ...others].includes("deckchair-towel"), "they took this too, and it is sold out");
  assert.ok(![first, ...others].includes(ROBE), "here it is already");
  assert.match(await row.items.first().innerText(), /Lookout hat\s+€34\.00\s+Often bought with \u2068Boathouse robe\u2069/);
  assert.deepEqual(await page.evaluate(() => window.shifted), [], "nothing has moved");
  /** Stays until it is told that so many shelves were seen. */
  const seen = (count) => until("that it was seen is told", async () => {
    await visitor.wait(2_000);
    const all = await shown();
    return all.length === count && all;
  });
  assert.equal((await seen(1))[0].shelf, "goes-with");
  await walk.picture(page, "2-1-shelf");

  // What lies in the bag is not offered again.
  await fill(visitor, "lookout-hat", ROBE);
  // Before time jumps: an event is as old as the device's clock says when it is sent.
  const told = () => until("all is told", async () => (await visitor.kept()).out.length === 0);
  await told();
  await page.mouse.move(8, 8); // nothing changes under a hand
  await row.reach();
  await row.isShown();
  assert.ok(!(await row.ids()).includes("lookout-hat"), "it is in the bag");
  await walk.picture(page, "2-2-shelf-without-what-is-in-the-bag");

  // She goes, and nothing of it is still under way.
  await seen(2);
  await told();
  await page.goto("about:blank");
  assert.deepEqual(visitor.complaints, []);
}
