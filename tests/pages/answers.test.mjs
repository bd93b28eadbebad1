// The answer on its way to the edge: helped where it is wrong, kept where it does not get through, counted once.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, describe, test } from "node:test";

import { emailAddress } from "../harness/ids.mjs";
import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

const FORMS = "**/v1/forms/**";
const idOf = (form) => form.get("id");

for (const wasm of [true, false]) {
  describe(wasm ? "with the wasm" : "without the wasm", () => {
    /** Somebody in front of the popup, with an address typed. */
    async function typed(t, email) {
      const visitor = await world.visitor(t);
      if (!wasm) await visitor.context.route("**/w/*/widget*", (route) => route.abort());
      const popup = await visitor.meet();
      await popup.email.fill(email);
      if (wasm) await popup.isLive();
      return { visitor, popup };
    }
    const answered = ({ popup }) => popup.dialog.locator(":is([data-rp=done],[data-rp=step]):not([hidden])").first().waitFor();

    test("a slip is shown to whoever presses the button, and sent when it is meant", async (t) => {
      const email = `${emailAddress().split("@")[0]}@gmial.com`;
      const { visitor, popup } = await typed(t, email);
      await popup.go.click();
      await popup.suggestion.waitFor();
      await popup.go.click();
      await answered({ popup });
      assert.ok(visitor.forms().at(-1).getAll("sure").includes(email));
      assert.ok(await visitor.shop.mailTo(email, "confirm"));
    });

    test("an edge in trouble keeps what was typed and says so; then it counts once", async (t) => {
      const email = emailAddress();
      const { visitor, popup } = await typed(t, email);
      await popup.ask("email.marketing").check();
      await visitor.context.route(FORMS, (route) => route.abort());
      await popup.go.click();
      await popup.trouble.waitFor();
      assert.equal(await popup.trouble.textContent(), "That did not get through. Please try again in a moment.");
      assert.equal(await popup.email.inputValue(), email);
      assert.equal(await popup.ask("email.marketing").isChecked(), true);
      assert.equal(await popup.go.textContent(), "Send me the code");
      await visitor.context.unroute(FORMS);
      await popup.go.click();
      await answered({ popup });
      assert.equal(new Set(visitor.forms().map(idOf)).size, 1);
      await visitor.shop.mailTo(email, "confirm");
      assert.equal((await visitor.shop.mailsTo(email)).length, 1);
    });

    for (const status of [500, 503, 429]) {
      test(`an edge that says ${status} is not believed to have taken it`, async (t) => {
        const { visitor, popup } = await typed(t, emailAddress());
        await visitor.context.route(FORMS, (route) => route.fulfill({
          status,
          contentType: "application/problem+json",
          headers: { "access-control-allow-origin": "*" },
          body: JSON.stringify({ type: "about:blank", status, title: "Not now" }),
        }));
        await popup.go.click();
        await popup.trouble.waitFor();
        assert.equal(await popup.done.isVisible(), false);
        assert.equal(await visitor.kept(), null);
      });
    }

    test("an answer that was lost on the way is asked for again and counts once", async (t) => {
      const email = emailAddress();
      const { visitor, popup } = await typed(t, email);
      let lost = 0;
      await visitor.context.route(FORMS, async (route) => {
        if (lost++ > 0) return route.continue();
        await route.fetch(); // the edge has taken it
        await route.abort("connectionreset");
      });
      await popup.go.click();
      await answered({ popup });
      assert.equal(new Set(visitor.forms().map(idOf)).size, 1);
      await visitor.shop.mailTo(email, "confirm");
      assert.equal((await visitor.shop.mailsTo(email)).length, 1);
      assert.equal((await visitor.shop.person(email)).addresses.length, 1);
    });

    test(`a form in doubt ${wasm ? "does its work and is taken in" : "says that it did not get through, and keeps what was typed"}`, async (t) => {
      const email = emailAddress();
      const { visitor, popup } = await typed(t, email);
      // As the edge answers where many forms come from one network.
      let doubts = 0;
      await visitor.context.route(FORMS, async (route) => {
        if (doubts++ > 0) return route.continue();
        const json = { v: 1, step: "work", work: "8.1.00", ok: false, errors: [{ field: "", code: "network" }] };
        await route.fulfill({ json, headers: { "access-control-allow-origin": visitor.shop.origin } });
      });
      await popup.go.click();
      if (wasm) {
        await answered({ popup });
        const [first, second] = visitor.forms();
        assert.equal(first.get("work"), null);
        assert.match(second.get("work"), /^8\.1\.00\.\d+$/);
        assert.equal(createHash("sha256").update(second.get("work")).digest()[0], 0, "eight zero bits");
        assert.equal(idOf(first), idOf(second));
      } else {
        await popup.trouble.waitFor();
        assert.equal(await popup.email.inputValue(), email);
        await popup.go.click();
        await answered({ popup });
      }
      await visitor.shop.mailTo(email, "confirm");
    });

    test("pressed again and again while it is sending, it is sent once", async (t) => {
      const { visitor, popup } = await typed(t, emailAddress());
      let release;
      const held = new Promise((resolve) => (release = resolve));
      await visitor.context.route(FORMS, async (route) => {
        await held;
        await route.continue();
      });
      await popup.go.click();
      await until("it says that it is sending", async () => (await popup.go.textContent()) === "Sending …");
      // It is marked as disabled meanwhile, which stops no finger.
      for (let n = 0; n < 3; n++) await popup.go.click({ force: true });
      release();
      await answered({ popup });
      assert.equal(visitor.forms().length, 1);
    });
  });
}

const LANGUAGES = [
  ["the page's", "/?lang=ar", "en-GB", "ar", "rtl"],
  ["the page's, whatever the visitor's is", "/", "ar", "en", "ltr"],
];
for (const [whose, path, locale, lang, dir] of LANGUAGES) {
  test(`the popup speaks ${whose} language (${lang})`, async (t) => {
    const visitor = await world.visitor(t, { context: { locale } });
    const popup = await visitor.meet(path);
    assert.equal(await popup.dialog.getAttribute("lang"), lang);
    assert.equal(await popup.dialog.evaluate((dialog) => getComputedStyle(dialog).direction), dir);
    await popup.answer(emailAddress());
    assert.equal(visitor.forms()[0].get("lang"), lang);
  });
}

test("a tag on a path of the shop's own domain finds its edge there", async (t) => {
  const visitor = await world.visitor(t);
  const { origin, key } = visitor.shop;
  await visitor.context.grantPermissions(["local-network-access"]);
  await visitor.context.route(`${origin}/talk/**`, async (route) => {
    const url = route.request().url().replace(`${origin}/talk`, world.edge.url);
    const response = await route.fetch({ url });
    await route.fulfill({ response });
  });
  await visitor.open("/?tag=none");
  await visitor.page.evaluate(([src, key]) => {
    const script = document.createElement("script");
    Object.assign(script, { src, async: true });
    script.dataset.shop = key;
    document.head.append(script);
  }, [`${origin}/talk/tag.js`, key]);
  await visitor.loaded();
  await visitor.wait(2_000);
  await visitor.popup.isShown();
  await visitor.popup.answer(emailAddress());
  assert.ok(visitor.requests.some(({ url }) => url.startsWith(`${origin}/talk/v1/forms/`)));
});
