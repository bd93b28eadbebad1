// The whole way of a shelf: shoppers order, the edge learns, somebody else's browser fills it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { uuid } from "../harness/ids.mjs";
import { learn, sell } from "../harness/shelf.mjs";
import { until } from "../harness/until.mjs";
import { SHIFTS, Shelf, demoProducts } from "./shelves.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

test("what shoppers order together stands on a shelf, until it is sold out", async (t) => {
  const shop = await world.shop(t);
  await sell(shop, demoProducts(shop));
  for (let n = 0; n < 8; n++) {
    const items = ["boathouse-robe", "lookout-hat", n % 2 ? "ferry-mug" : "afterdip-socks"].map((product) => ({ product, quantity: 1 }));
    await shop.send([shop.event("order.placed", { order: { id: `order-${n}`, items } })], { visitor: uuid() });
  }
  await learn(shop);
  const look = async () => {
    const visitor = await world.visitor(t, { shop, init: SHIFTS, clock: false });
    await visitor.open("/product/boathouse-robe");
    const shelf = new Shelf(visitor);
    await visitor.loaded();
    await visitor.page.evaluate(async () => {
      await document.fonts.ready;
      window.shifted.length = 0;
    });
    await shelf.reach();
    await until("the shelf is shown", async () => (await shelf.items.count()) > 0);
    return { visitor, shelf };
  };
  const { visitor, shelf } = await look();
  const ids = await shelf.ids();
  assert.equal(ids[0], "lookout-hat", ids.join());
  assert.ok(ids.includes("afterdip-socks") && ids.includes("ferry-mug") && !ids.includes("boathouse-robe"), ids.join());
  assert.match(await shelf.items.first().innerText(), /Lookout hat\s+€34\.00\s+Often bought with \u2068Boathouse robe\u2069/);
  assert.deepEqual(await visitor.page.evaluate(() => window.shifted), []);
  assert.deepEqual(visitor.errors(), []);
  await shop.admin("PUT", "products/stock", { json: { stock: { "lookout-hat": false } } });
  await until("what is sold out is gone from the next page", async () => {
    const { shelf } = await look();
    return !(await shelf.ids()).includes("lookout-hat");
  });
});
