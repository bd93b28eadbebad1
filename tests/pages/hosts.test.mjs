// Pages that make it hard for us: strict policies, an edge that is slow, dead or gone. The shop works on.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { emailAddress } from "../harness/ids.mjs";
import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

for (const policy of ["strict", "wasm"]) {
  test(`under a strict policy (csp=${policy}) the popup is styled, answers, and breaks no rule`, async (t) => {
    const visitor = await world.visitor(t);
    const popup = await visitor.meet(`/?csp=${policy}`);
    await visitor.page.keyboard.type("anna");
    if (policy === "wasm") await popup.isLive();
    const padding = await popup.form.evaluate((card) => parseFloat(getComputedStyle(card).paddingTop));
    assert.ok(padding > 8, "the card has its style");
    await popup.answer(emailAddress());
    const broken = visitor.complaints.filter((each) => /style|connect|frame|img|font/.test(each));
    assert.deepEqual(broken, []);
    assert.deepEqual(visitor.errors(), []);
  });
}

test("a policy that forbids the edge leaves the page alone", async (t) => {
  const visitor = await world.visitor(t);
  await visitor.underPolicy("connect-src 'self'");
  await visitor.open();
  await visitor.nothingMore();
  assert.equal(await visitor.page.locator("#rapport").count(), 0);
  assert.deepEqual(visitor.errors(), []);
});

for (const [name, allowed] of [["allows", "rapport"], ["does not allow", "other"]]) {
  test(`a page that demands Trusted Types and ${name} ours has no error of ours`, async (t) => {
    const visitor = await world.visitor(t);
    await visitor.underPolicy(`require-trusted-types-for 'script'; trusted-types ${allowed}`);
    await visitor.open();
    await visitor.wait(2_000);
    if (allowed === "rapport") {
      await visitor.popup.isShown();
      await visitor.page.keyboard.type("anna");
      await visitor.popup.answer(emailAddress());
    } else {
      await visitor.nothingMore();
      assert.equal(await visitor.popup.open(), 0);
    }
    assert.deepEqual(visitor.errors().filter((each) => !/TrustedTypePolicy/.test(each)), []);
  });
}

for (const edge of ["dead", "gone"]) {
  test(`a shop whose edge is ${edge} works as if we were not there`, async (t) => {
    const visitor = await world.visitor(t);
    await visitor.open(`/product/lookout-hat?edge=${edge}`);
    await visitor.wait(15_000);
    await visitor.heard();
    assert.equal(await visitor.page.locator("#rapport").count(), 0);
    await visitor.page.getByRole("button", { name: "Put it in the bag" }).click();
    assert.equal(await visitor.page.locator(".to-bag .n").textContent(), "1");
    assert.deepEqual(visitor.errors(), []);
  });
}

test("an edge that answers late shows the popup late and breaks nothing", async (t) => {
  const visitor = await world.visitor(t);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await visitor.context.route("**/pointer", async (route) => {
    await held;
    await route.continue();
  });
  await visitor.open("/", { waitUntil: "domcontentloaded" });
  await until("the pointer is asked for", () => visitor.asked(/pointer/).length > 0);
  assert.equal(await visitor.popup.open(), 0);
  release();
  await visitor.wait(2_000);
  await visitor.popup.isShown();
  assert.deepEqual(visitor.complaints, []);
});
