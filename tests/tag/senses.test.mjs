import assert from "node:assert/strict";
import test from "node:test";

import { fight, rage } from "../../www/senses/signs.js";

const click = (at, more = {}) => ({ at, x: 100, y: 100, answered: false, ...more });

test("clicking again and again in one place, in vain, is rage", () => {
  const raging = rage();
  assert.deepEqual([0, 300, 600, 900].map((at) => raging(click(at))), [false, false, false, true]);
  assert.deepEqual([1_200, 1_300, 1_400].map((at) => raging(click(at))), [false, false, false], "it begins anew");
});

test("a paragraph is marked by three, and slow, far or answered clicks are none", () => {
  const cases = {
    three: [0, 200, 400].map((at) => click(at)),
    slow: [0, 1_500, 3_000, 4_500].map((at) => click(at)),
    far: [0, 100, 200, 300].map((at) => click(at, { x: at })),
    answered: [0, 100, 200, 300].map((at) => click(at, { answered: at === 200 })),
  };
  for (const [name, clicks] of Object.entries(cases)) assert.ok(!clicks.map(rage()).includes(true), name);
});

test("a form that is sent three times and stays is fought with, each by itself", () => {
  const fighting = fight();
  const [one, other] = [{}, {}];
  assert.deepEqual([one, other, one, one, one, other].map(fighting), [false, false, false, true, false, false]);
});
