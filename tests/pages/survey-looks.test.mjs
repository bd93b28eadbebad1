// Surveys at every width, in both directions: usable by everybody, and in pictures to look at (target/pictures).

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { ROOT } from "../harness/folder.mjs";
import { until } from "../harness/until.mjs";
import { SIZES, assertAccessible, assertFits } from "./accessible.mjs";
import { openWorld } from "./world.mjs";

const FOLDER = join(ROOT, "target/pictures");
mkdirSync(FOLDER, { recursive: true });

const world = await openWorld();
after(() => world.close());

/** Brings something into the middle of the window, as somebody scrolls there, and chooses it. */
const choose = async (card, value) => {
  const choice = card.locator(`[value="${value}"]`);
  await choice.evaluate((input) => input.scrollIntoView({ block: "center", behavior: "instant" }));
  await choice.check({ force: true });
};

/** Chooses, and goes on to the next card. */
const answer = (value) => async (card) => {
  const before = await card.locator("h2").innerText();
  await choose(card, value);
  await card.locator(".rp-go").click();
  await until("the next card", async () => (await card.locator("h2").innerText()) !== before);
};

/** The states of a survey, each by what leads to it from the one before. */
const LEAVING = {
  why: () => {},
  "why-other": async (card) => {
    await choose(card, "other");
    await card.locator("[name=words]").fill("A very long answer of somebody who has much to say about what was missing");
  },
  delivery: answer("delivery"),
  done: answer("pick-up"),
};
const TRUST = { doubt: answer("trust") };
const ORDERED = {
  ease: () => {},
  "ease-chosen": (card) => choose(card, "4"),
  friend: answer("5"),
  "friend-chosen": (card) => choose(card, "9"),
};

/** What differs: the whole of each survey once, and in every other window what could break there. */
const ROUNDS = [
  ["at a desk", "leaving", LEAVING],
  ["with reduced motion", "trust", TRUST],
  ["on a phone", "ordered", ORDERED],
  ["on a small phone", "leaving", LEAVING, "why-other delivery"],
  ["zoomed to 400 %", "ordered", ORDERED, "ease-chosen friend"],
  ["in Arabic on a phone", "leaving", LEAVING, "why-other done"],
  ["in Arabic", "ordered", ORDERED, "ease-chosen friend-chosen"],
  ["with forced colours", "ordered", ORDERED, "ease-chosen friend-chosen"],
  ["with the letters twice as large", "leaving", LEAVING, "why-other delivery"],
];

/** A shop in which one survey comes at once, wherever one is. */
const shopOf = (campaign) => {
  const change = (file) => {
    file.plan = file.plan.filter((entry) => entry.campaign === campaign).map((entry) => ({ ...entry, on: [["time", 0]], pages: "^/", not_pages: "" }));
  };
  return world.shop({ after }, { change });
};
const shops = { leaving: await shopOf("leaving"), ordered: await shopOf("ordered") };

/** Somebody who is asked, in a window of that size; what follows the first card is there. */
async function asked(t, how, campaign) {
  const { path = "/", init, ...context } = SIZES[how];
  const visitor = await world.visitor(t, { shop: shops[campaign], context, init });
  await visitor.open(path);
  await visitor.popup.isShown();
  const card = visitor.popup.dialog.locator(".rp-card:not([hidden])");
  await visitor.page.mouse.move(1, 1);
  await card.locator(".rp-go").hover();
  await visitor.page.locator("#rapport dialog[data-live]").waitFor();
  return { visitor, card };
}

for (const [how, name, states, looked = Object.keys(states).join(" ")] of ROUNDS) {
  test(`survey ${name}: every state is accessible and fits, ${how}`, async (t) => {
    const { visitor, card } = await asked(t, how, name === "ordered" ? "ordered" : "leaving");
    for (const [state, lead] of Object.entries(states)) {
      await lead(card);
      if (!looked.split(" ").includes(state)) continue;
      await assertAccessible(visitor, state);
      await assertFits(visitor, state);
      const taken = join(FOLDER, `survey-${name}-${state}-${how.replaceAll(/[^a-z0-9]+/gi, "-")}.png`);
      await visitor.page.screenshot({ path: taken, animations: "disabled" });
    }
  });
}

test("what is chosen by keyboard is never below the button that closes, however small the window", async (t) => {
  const { visitor, card } = await asked(t, "zoomed to 400 %", "leaving");
  const { keyboard } = visitor.page;
  await card.locator("[value=looking]").focus();
  for (let n = 0; n < 6; n++) {
    await keyboard.press("ArrowUp");
    const covered = await card.locator(":checked").evaluate((input) => {
      const [one, other] = [input, input.closest("dialog").querySelector(".rp-card:not([hidden]) .rp-close")].map((each) => each.getBoundingClientRect());
      return one.top < other.bottom && one.bottom > other.top && one.left < other.right && one.right > other.left;
    });
    const { top, height } = await card.locator(":checked").evaluate((input) => input.closest("label").getBoundingClientRect().toJSON());
    assert.ok(!covered && top >= 0 && height > 0, `choice ${n} from the end begins at ${top}`);
  }
});
