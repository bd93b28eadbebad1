// What everybody needs to be able to use a dialog of ours.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** No violation of what axe knows in a frame, or in a part of it, which may have frames of its own. */
export async function assertNoViolation(frame, state, part) {
  if (!(await frame.evaluate(() => "axe" in window))) await frame.evaluate(AXE);
  const violations = await frame.evaluate(async (part) => {
    const found = await window.axe.run(part ?? document, { resultTypes: ["violations"], iframes: false });
    return found.violations.map(({ id, help, nodes }) => `${id}: ${help} ${nodes.map(({ target, failureSummary }) => target.flat().join(" ") + failureSummary).join("; ")}`);
  }, part);
  assert.deepEqual(violations, [], state);
}

/** No violation of what axe knows in our part of the page. */
export async function assertAccessible({ page }, state) {
  // Half-transparent moments of an animation have no contrast of their own. What turns for ever never is one.
  await page.evaluate(() => {
    const { shadowRoot } = document.querySelector("#rapport");
    const passing = shadowRoot.getAnimations().filter(({ effect }) => effect.getTiming().iterations !== Infinity);
    return Promise.all(passing.map((animation) => animation.finished.catch(() => {})));
  });
  await assertNoViolation(page, state, "#rapport");
}

/** Nothing of the open card is cut off or has to be moved sideways to be read. */
export async function assertFits({ page }, state) {
  const wrong = await page.evaluate(() => {
    const dialog = document.querySelector("#rapport").shadowRoot.querySelector("dialog");
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const found = [];
    if (left < 0 || right > innerWidth + 1 || top < 0 || bottom > innerHeight + 1) found.push(`the dialog leaves the window: ${[left, top, right, bottom]} of ${innerWidth}x${innerHeight}`);
    if (dialog.scrollWidth > dialog.clientWidth + 1) found.push("the dialog scrolls sideways");
    for (const each of dialog.querySelectorAll(".rp-card:not([hidden]) :is(h2,p,label,input,button,select,textarea,legend,output):not(.rp-trap)")) {
      const box = each.getBoundingClientRect();
      if (box.width && (box.left < left - 1 || box.right > right + 1)) found.push(`${each.localName} ${each.className} sticks out`);
    }
    return found;
  });
  assert.deepEqual(wrong, [], state);
}

/** Windows, letters and directions in which everything is looked at. */
export const SIZES = {
  "at a desk": { viewport: { width: 1280, height: 800 } },
  "on a phone": { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  "on a small phone": { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true },
  "zoomed to 400 %": { viewport: { width: 320, height: 200 } },
  "on a phone held sideways": { viewport: { width: 844, height: 390 }, isMobile: true, hasTouch: true },
  "in Arabic": { viewport: { width: 1280, height: 800 }, path: "/?lang=ar" },
  "in Arabic on a phone": { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, path: "/?lang=ar" },
  "with reduced motion": { reducedMotion: "reduce" },
  "with forced colours": { forcedColors: "active" },
  "with the letters twice as large": { init: () => addEventListener("DOMContentLoaded", () => (document.documentElement.style.fontSize = "200%")) },
};
