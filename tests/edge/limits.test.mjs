// Too much from one browser or one network address is told to wait, and others are not held up.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { networkAddress, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const edge = await startEdge();
after(() => edge.stop());

function assertTooMany(answer) {
  assertProblem(answer, 429);
  const wait = answer.headers.get("retry-after");
  assert.match(wait ?? "", /^[1-9]\d*$/, "whole seconds");
  assert.match(answer.headers.get("access-control-expose-headers") ?? "", /retry-after/i, "the loader may read it");
  return Number(wait);
}

/** Sends until an answer is not one of the good ones; so many at a time, so many at most. */
async function pressed(send, { most, at_a_time }) {
  for (let sent = 0; sent < most; sent += at_a_time) {
    const answers = await Promise.all(Array.from({ length: at_a_time }, send));
    const refused = answers.find(({ status }) => status >= 300);
    if (refused) return refused;
  }
  return undefined;
}

test("one browser that sends without end waits, another does not, and later it may again", async () => {
  const shop = await edge.createShop();
  const visitor = uuid();
  const send = (who) => shop.send(Array.from({ length: 100 }, () => shop.event()), { visitor: who });
  const wait = assertTooMany(await pressed(() => send(visitor), { most: 40, at_a_time: 4 }));
  assert.ok(wait <= 60, `${wait} seconds`);
  assert.equal((await send(uuid())).status, 202, "another browser");
  await shop.advance({ seconds: wait });
  assert.equal((await send(visitor)).status, 202, "after the wait that was named");
});

test("one network address that sends without end waits, another does not", async (t) => {
  // miniflare hands on too few requests in a second for this.
  const bare = await startBareEdge(temporaryFolder(t));
  t.after(() => bare.kill());
  const shop = await bare.createShop();
  const from = networkAddress();
  const send = (address) => shop.send([], { from: address });
  const wait = assertTooMany(await pressed(() => send(from), { most: 20_000, at_a_time: 64 }));
  assert.equal((await send(networkAddress())).status, 202, "another address");
  await shop.advance({ seconds: wait });
  assert.equal((await send(from)).status, 202, "after the wait that was named");
});

test("one network address that sends forms without end waits, another does not", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const from = networkAddress();
  const wait = assertTooMany(await pressed(() => shop.submit({}, { from }), { most: 100, at_a_time: 5 }));
  assert.equal((await shop.submit()).status, 200, "another address");
  await shop.advance({ seconds: wait });
  assert.equal((await shop.submit({}, { from })).status, 200, "after the wait that was named");
});
