// The walk: what a merchant is shown who asks "what does it do?", in one shop, from the first hello to the last word. Each
// step is a test of its own and leaves pictures in target/pictures/walk; each builds on those before it.

import { after, test } from "node:test";

import { hello } from "./walk/hello.mjs";
import { leftCart } from "./walk/cart.mjs";
import { emailFirst } from "./walk/first.mjs";
import { atADesk, cameBack, flungAway } from "./walk/leaving.mjs";
import { thanks } from "./walk/order.mjs";
import { shelf } from "./walk/shelf.mjs";
import { silence } from "./walk/silence.mjs";
import { unhappy } from "./walk/unhappy.mjs";
import { Walk } from "./walk/walk.mjs";
import { birthdays, noReaction, threeWeeksLater } from "./walk/weeks.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

test("the walk", async (t) => {
  const walk = await Walk.begin(t, world);
  const step = (name, act) => t.test(name, (t) => act(walk, t));
  await walk.learned();
  await step("1. hello, permission, confirmation, and a code that works at the checkout", hello);
  await step("2. a shelf of what goes with it", shelf);
  await step("3. leaving at a desk: why? and the next question depends on the answer", atADesk);
  await step("3. flung away on a phone: a damaged trust is told at once", flungAway);
  await step("3. back in the tab on a phone, in Arabic", cameBack);
  await step("4. a cart that is left, after an hour and after a day", leftCart);
  await step("5. e-mail first, and then the checkout", emailFirst);
  await step("6. thanks for an order, and for the second", thanks);
  await step("7. three weeks later", threeWeeksLater);
  await step("7. a birthday, where the shopper is", birthdays);
  await step("8. no reaction to the letter", noReaction);
  await step("9. quietly unhappy", unhappy);
  await step("10. unsubscribe, and silence", silence);
});
