// The popup as somebody sees it.

import { until } from "../harness/until.mjs";

export class Popup {
  constructor(page) {
    this.page = page;
    this.dialog = page.locator("#rapport dialog");
    this.form = this.dialog.locator("[data-rp=form]");
    this.step = this.dialog.locator("[data-rp=step]");
    this.done = this.dialog.locator("[data-rp=done]");
    this.email = this.dialog.locator("[name=email]");
    this.go = this.form.locator(".rp-go");
    this.complaint = this.dialog.locator('[data-error="email"]');
    this.trouble = this.form.locator('[data-error=""]');
    this.suggestion = this.dialog.locator("[data-suggest]");
    this.code = this.dialog.locator("[data-code]");
    this.tab = page.locator("#rapport .rp-tab");
  }

  /** The box for a permission, such as `email.marketing`. */
  ask(permission) {
    return this.dialog.locator(`[name=allow][value="${permission}"]`);
  }

  isShown() {
    return this.page.locator("#rapport dialog[open]").waitFor();
  }

  /** It has come to where it stays: it slides in, and before that its box says nothing. */
  async rests() {
    await this.isShown();
    await this.dialog.evaluate((dialog) => Promise.allSettled(dialog.getAnimations().map((each) => each.finished)));
  }

  /** Nothing of it is to be seen, and a frame later it is closed. Where time stands still, it goes on for that. */
  async isGone() {
    await this.page.locator("#rapport dialog:visible").waitFor({ state: "detached" });
    await until("the popup is closed", async () => {
      await this.page.clock.runFor(25).catch(() => {});
      return (await this.open()) === 0;
    });
  }

  /** How many dialogs are open. */
  open() {
    return this.page.locator("#rapport dialog[open]").count();
  }

  /** The wasm has taken over. */
  isLive() {
    return this.page.locator("#rapport dialog[data-live]").waitFor();
  }

  async close() {
    await this.page.keyboard.press("Escape");
    await this.isGone();
  }

  /** Leaves an address and permissions, and waits for the answer. */
  async answer(email, ...permissions) {
    await this.email.fill(email);
    for (const permission of permissions) await this.ask(permission).check();
    await this.go.click();
    await this.page.locator("#rapport :is([data-rp=done],[data-rp=step]):not([hidden])").first().waitFor();
  }
}
