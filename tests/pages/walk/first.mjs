// 5. E-mail first: the cart's button asks for the address alone, and then the shop's checkout takes over.

import assert from "node:assert/strict";

import { emailAddress } from "../../harness/ids.mjs";
import { HOUR_S, NEWS, PHONE, nameOf } from "./walk.mjs";

export async function emailFirst(walk, t) {
  const { shop, world } = walk;
  const visitor = await world.visitor(t, { shop, context: PHONE });
  const page = await visitor.open("/product/ferry-mug");
  await visitor.say("consent", { device: true });
  await visitor.loaded();
  await visitor.wait(2_500);
  await visitor.popup.close(); // the first hello is not for everybody
  await page.getByRole("button", { name: "Put it in the bag" }).click();
  await visitor.go("/cart");
  await visitor.loaded();
  await page.locator(".to-checkout").click();
  await visitor.popup.rests();
  assert.equal(new URL(page.url()).pathname, "/cart", "the click waits");
  await walk.picture(page, "5-1-the-address-alone");
  const email = emailAddress();
  await visitor.popup.email.fill(email);
  await visitor.popup.ask(NEWS).check();
  await visitor.popup.go.click();
  await page.waitForURL(/\/checkout/);
  await walk.picture(page, "5-2-the-checkout");
  assert.deepEqual(visitor.errors(), []);

  // So the cart that is left there can be talked about, once the address is proven.
  await visitor.records("cart.changed");
  const confirmed = await world.edge.ask("POST", shop.link(await shop.mailTo(email, "confirm"), "c"));
  assert.equal(confirmed.status, 200);
  await walk.pass({ seconds: HOUR_S + 300 });
  const letter = await walk.gets(email, "left-cart");
  assert.ok(letter.text.includes(nameOf("ferry-mug")), letter.text);
}
