// 4. A cart is left: after an hour a letter shows it, a second one after a day; neither after the purchase.

import assert from "node:assert/strict";

import { uuid } from "../../harness/ids.mjs";
import { DEVICE, HOUR_S, NEWS, nameOf } from "./walk.mjs";

const AFTER = ["confirm", "welcome"];

export async function leftCart(walk) {
  const { shop, anna } = walk;
  await anna.visitor.records("cart.changed", 4);
  const left = async () => (await walk.got(anna.email)).filter((mail) => mail.startsWith("left-cart"));

  // Somebody else leaves the same cart, and buys it within the hour.
  const visitor = uuid();
  const { email } = await shop.welcome({ visitor, allow: [NEWS, DEVICE], given_name: "Dora" });
  await shop.mailTo(email, "welcome");
  const items = ["lookout-hat", "boathouse-robe"].map((product) => ({ product, quantity: 1, price: "34.00" }));
  await shop.send([shop.event("cart.changed", { cart: { items, currency: "EUR", url: `${shop.origin}/cart` } })], { visitor });
  await walk.pass({ seconds: HOUR_S / 2 });
  await walk.ordered({ "D-1": { email } });

  assert.deepEqual(await left(), [], "the hour is not over");
  await walk.pass({ seconds: HOUR_S / 2 + 300 });
  assert.deepEqual(await left(), ["left-cart"]);
  const first = await walk.gets(anna.email, "left-cart");
  for (const product of ["lookout-hat", "boathouse-robe"]) {
    assert.ok(first.text.includes(nameOf(product)) && first.html.includes(`/pictures/${product}--`), product);
  }
  assert.match(first.text, /Together: €183\.00/);
  assert.ok(!first.text.includes(nameOf("marker-float")), "what she has bought is not in it");
  await walk.letter(first, "4-1-letter-left-cart");

  await walk.pass({ days: 1, seconds: HOUR_S });
  assert.deepEqual(await left(), ["left-cart", "left-cart-again"]);
  await walk.letter(await walk.gets(anna.email, "left-cart-again"), "4-2-letter-left-cart-again");
  assert.deepEqual(await walk.got(email), [...AFTER, "thank-you"], "who has bought hears of no cart");

  // The way back in the letter leads to that very cart.
  const [, back] = first.text.match(/Back to the basket: (\S+)/);
  await anna.visitor.page.goto(back);
  await anna.visitor.page.locator(".lines .line").nth(1).waitFor();
  assert.equal(new URL(anna.visitor.page.url()).hash, "", "and the address bar says nothing of the letter");
  await walk.picture(anna.visitor.page, "4-3-back-at-the-bag");
}
