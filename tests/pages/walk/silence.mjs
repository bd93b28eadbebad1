// 10. Unsubscribe, and silence: for a year, whatever happens.

import assert from "node:assert/strict";

import { PHONE, fill } from "./walk.mjs";

export async function silence(walk, t) {
  const { shop, world, anna, gus } = walk;
  const offer = (await shop.mailsTo(anna.phone)).concat(await shop.mailsTo(anna.email)).find(({ mail }) => mail === "vip");
  const page = await walk.page(t, PHONE);
  await page.goto(world.edge.url + shop.link(await shop.message(offer.id), "u"));
  await walk.picture(page, "10-1-no-more");
  await page.getByRole("button", { name: "Stop letters and text messages" }).click();
  await page.getByText("Done. No more letters, no more text messages.").waitFor();
  await walk.picture(page, "10-2-done");
  assert.deepEqual(await walk.allows(anna.email), { email: "withdrawn", sms: "withdrawn" });

  // She goes on shopping, and leaves what she chose; her birthday comes, and half a year without her.
  const carts = (await anna.visitor.recorded("cart.changed")).length;
  await fill(anna.visitor, "ferry-mug");
  await anna.visitor.records("cart.changed", carts + 1);
  const before = (await walk.got(anna.email, anna.phone)).length;
  const others = (await walk.got(gus.email)).length;
  for (const days of [1, 30, 90, 245]) await walk.pass({ days });
  assert.equal((await walk.got(anna.email, anna.phone)).length, before, (await walk.got(anna.email, anna.phone)).join());
  assert.ok((await walk.got(gus.email)).length > others, "who did not say so is still written to");

  // What would have been said, and why it was not, is written down.
  const about = await shop.decisionsAbout((await shop.person(anna.email)).id);
  assert.ok(about.includes("skip win-back: withdrawal"), about.join());
  const desk = await walk.inbox("Decisions");
  await desk.locator("#main table").waitFor();
  await walk.picture(desk, "10-3-decisions");
  assert.deepEqual(anna.visitor.complaints, []);
}
