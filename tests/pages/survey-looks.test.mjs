// Surveys at every width, in both directions: usable by everybody, and in pictures to look at (target/pictures).

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

/** What is answered, card by card, and how that state is called. */
const WALKS = {
  leaving: [
    ["why", null],
    ["why-other", async (card) => {
      await card.locator("[value=other]").check();
      await card.locator("[name=words]").fill("A very long answer of somebody who has much to say about what was missing");
    }],
    ["delivery", "[value=delivery]"],
    ["done", "[value=pick-up]"],
  ],
  trust: [["doubt", "[value=trust]"]],
  ordered: [
    ["ease", null],
    ["ease-chosen", async (card) => card.locator("[value='4']").check({ force: true })],
    ["friend", "[value='5']"],
    ["friend-chosen", async (card) => card.locator("[value='9']").check({ force: true })],
  ],
};

for (const [how, { path = "/", init, ...context }] of Object.entries(SIZES)) {
  for (const [name, states] of Object.entries(WALKS)) {
    test(`survey ${name}: every state is accessible and fits, ${how}`, async (t) => {
      const campaign = name === "ordered" ? "ordered" : "leaving";
      const change = (file) => {
        file.plan = file.plan.filter((entry) => entry.campaign === campaign).map((entry) => ({ ...entry, on: [["time", 0]], pages: "^/" }));
      };
      const visitor = await world.visitor(t, { change, context, init });
      const { page } = Object.assign(visitor, { page: await visitor.open(path) });
      await visitor.popup.isShown();
      const card = visitor.popup.dialog.locator(".rp-card:not([hidden])");
      await card.locator(".rp-go").hover();
      await page.locator("#rapport dialog[data-live]").waitFor();
      for (const [state, act] of states) {
        if (typeof act === "function") await act(card);
        else if (act) {
          const before = await card.locator("h2").innerText();
          await card.locator(act).check({ force: true });
          await card.locator(".rp-go").click();
          await until("the next card", async () => (await card.locator("h2").innerText()) !== before);
        }
        await assertAccessible(visitor, state);
        await assertFits(visitor, state);
        await page.screenshot({ path: join(FOLDER, `survey-${name}-${state}-${how.replaceAll(/[^a-z0-9]+/gi, "-")}.png`), animations: "disabled" });
      }
    });
  }
}
