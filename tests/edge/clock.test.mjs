// The development clock moves time in a development build, and a deployment build does not contain it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { edgeModules } from "../harness/build.mjs";
import { startEdge } from "../harness/edge.mjs";
import { assertProblem } from "../harness/problem.mjs";

/** Texts of the clock's own code: its field's rule, its route, and what that is for. */
const MARKS = ["the clock only goes forward", "clock/advance", "Moves the development clock"];

test("a development build moves the clock of one shop, forward only", async (t) => {
  const edge = await startEdge({ build: "dev" });
  t.after(() => edge.stop());
  const [shop, other] = [await edge.createShop(), await edge.createShop()];
  const now = async (of) => (await of.status()).clock;
  assert.equal((await now(shop)).development, true);
  const before = (await now(shop)).now;
  await shop.advance({ days: 21 });
  const moved = (await now(shop)).now - before - 21 * 86_400_000;
  assert.ok(moved >= 0 && moved < 10_000, `${moved} ms more than asked for`);
  assert.ok(Math.abs((await now(other)).now - Date.now()) < 5_000, "the other shop's time stands where it was");
  for (const seconds of [-1, 1e12, 1.5, "21", null]) {
    assertProblem(await shop.admin("POST", "clock/advance", { json: { seconds } }), 400, "seconds");
  }
  assertProblem(await shop.admin("POST", "clock/advance", { json: {} }), 400);
});

test("a deployment build has no way to move the clock", async (t) => {
  const edge = await startEdge({ build: "deploy" });
  t.after(() => edge.stop());
  const shop = await edge.createShop();
  const { clock } = await shop.status();
  assert.equal(clock.development, false);
  for (const method of ["POST", "PUT", "GET"]) {
    assertProblem(await shop.admin(method, "clock/advance", method === "GET" ? {} : { json: { seconds: 86_400 } }), 404);
  }
  assert.ok(Math.abs((await shop.status()).clock.now - Date.now()) < 5_000);
  const described = await edge.ask("GET", "/openapi.json");
  assert.ok(!described.text.includes("clock/advance"));
});

test("the deployed files do not contain the clock, and the development build's do", () => {
  for (const mark of MARKS) {
    const contains = (build) => {
      const { script, wasm } = edgeModules(build);
      return wasm.includes(mark) || script.includes(mark);
    };
    assert.deepEqual({ mark, dev: contains("dev"), deploy: contains("deploy") }, { mark, dev: true, deploy: false });
  }
});
