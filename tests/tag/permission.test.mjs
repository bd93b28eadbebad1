import assert from "node:assert/strict";
import test from "node:test";

import { browserStorage, openPage, pretendEdge } from "./page.mjs";

const track = (type) => ["track", { type }];
const YES = ["consent", { device: true }];
const NO = ["consent", { device: false }];

test("nothing is stored or sent before permission", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  const page = await openPage({ edge, storage });
  page.push(track("wishlist"), ["identify", { email: "a@example.org" }]);
  await page.fire("document", "visibilitychange");
  await page.advance(60_000);
  assert.deepEqual(storage.entries(), []);
  assert.deepEqual(
    new Set(edge.requests.map((request) => request.split("/").pop())),
    new Set(["pointer", "f0"]),
  );
});

test("permission releases the newest fifty of what was held", async () => {
  const edge = pretendEdge();
  const page = await openPage({ edge });
  for (let n = 0; n < 80; n++) page.push(track(`n${n}`));
  page.push(YES);
  await page.advance(2_000);
  assert.equal(edge.events.length, 50);
  assert.equal(edge.events[0].name, "n31");
  assert.deepEqual([edge.events[49].type, edge.events[49].given], ["consent.changed", true]);
});

test("a consent manager that says yes on every page is believed once", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  for (let visits = 0; visits < 3; visits++) {
    const page = await openPage({ edge, storage, queue: [YES] });
    await page.advance(2_000);
  }
  assert.deepEqual(edge.events.map((event) => event.type).sort(), [
    "consent.changed",
    "page.viewed",
    "page.viewed",
    "page.viewed",
  ]);
});

test("withdrawal is told to the edge and leaves nothing but the closed wish", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  const name = "rapport:pk_0123456789abcdefghij";
  storage.window[name] = JSON.stringify({ closed: { hello: "2026-11-01" } });
  const page = await openPage({ edge, storage, queue: [YES] });
  await page.advance(2_000);
  const { id } = storage.read();
  await page.push(NO);
  assert.deepEqual(storage.read(), { closed: { hello: "2026-11-01" } });
  await page.advance(60_000);
  assert.deepEqual(edge.events.at(-1).given, false);
  const sent = edge.batches.length;
  page.push(track("after"));
  await page.advance(60_000);
  assert.equal(edge.batches.length, sent);
  page.push(YES);
  assert.notEqual(storage.read().id, id);
});

test("what was not sent before a withdrawal is never sent", async () => {
  const edge = pretendEdge();
  edge.answer = 503;
  const page = await openPage({ edge, queue: [YES] });
  page.push(track("before"), NO);
  edge.answer = 202;
  page.push(YES);
  await page.advance(60_000);
  assert.ok(!edge.events.some((event) => event.name === "before"));
});

test("a withdrawal in one tab is heard in the other", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  const [one, two] = [await openPage({ edge, storage, queue: [YES] }), await openPage({ edge, storage })];
  await two.advance(2_000);
  await one.push(NO);
  const sent = edge.batches.length;
  await two.push(track("after"));
  await two.advance(60_000);
  assert.equal(edge.batches.length, sent);
  assert.deepEqual(storage.entries(), []);
});

test("a withdrawal holds when a tab that hears of it late has written over it", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  const key = "rapport:pk_0123456789abcdefghij";
  const [one, two] = [await openPage({ edge, storage, queue: [YES] }), await openPage({ edge, storage })];
  await two.advance(2_000);
  const before = storage.window[key];
  await one.push(NO);
  const sent = edge.batches.length;
  storage.window[key] = before;
  await two.push(track("after"));
  assert.ok(storage.read().device, "written over");
  await one.advance(60_000);
  assert.equal(edge.batches.length, sent, "the tab that was told does not believe it");
  await two.push(track("after"));
  await two.fire("window", "storage", { key, oldValue: before, newValue: null });
  await two.advance(60_000);
  assert.deepEqual([storage.entries(), edge.batches.length], [[], sent]);
});

test("what other tabs and the shop itself keep is no withdrawal", async () => {
  const edge = pretendEdge();
  const storage = browserStorage();
  const key = "rapport:pk_0123456789abcdefghij";
  const page = await openPage({ edge, storage });
  page.push(track("held"));
  await page.fire("window", "storage", { key, oldValue: null, newValue: '{"closed":{"hello":"2026-11-01"}}' });
  await page.push(YES);
  await page.fire("window", "storage", { key, oldValue: null, newValue: storage.window[key] });
  await page.fire("window", "storage", { key: "cart", oldValue: "[1]", newValue: "[]" });
  await page.fire("window", "storage", { key: null, oldValue: null, newValue: null });
  await page.advance(2_000);
  assert.deepEqual(
    edge.events.map((event) => event.name ?? event.type),
    ["page.viewed", "held", "consent.changed"],
  );
});

test("a shop that need not ask does not, unless the browser objects or the visitor has", async () => {
  for (const [gpc, queue, sends] of [
    [undefined, undefined, true],
    [true, undefined, false],
    [undefined, [NO], false],
    [true, [YES], true],
  ]) {
    const edge = pretendEdge({ consent: "free" });
    const storage = browserStorage();
    const page = await openPage({ edge, storage, gpc, queue });
    await page.advance(2_000);
    assert.equal(edge.events.length > 0, sends, JSON.stringify({ gpc, queue }));
    assert.equal(storage.entries().length > 0, sends);
  }
});

test("a shop that has to ask from now on forgets whom it had not asked", async () => {
  const storage = browserStorage();
  const page = await openPage({ edge: pretendEdge({ consent: "free" }), storage });
  await page.advance(2_000);
  assert.ok(storage.read().id);
  const edge = pretendEdge({ consent: "ask" });
  const next = await openPage({ edge, storage });
  await next.advance(2_000);
  assert.deepEqual([storage.entries(), edge.events], [[], []]);
});

test("where storage is blocked or full the page remembers", async () => {
  for (const trouble of [{ blocked: true }, { full: true }]) {
    const edge = pretendEdge();
    const page = await openPage({ edge, storage: browserStorage(trouble), queue: [YES] });
    await page.advance(2_000);
    page.push(track("wishlist"));
    await page.advance(60_000);
    assert.deepEqual(
      edge.events.map((event) => event.type),
      ["consent.changed", "page.viewed", "custom"],
      JSON.stringify(trouble),
    );
    assert.equal(new Set(edge.batches.map((batch) => batch.query.visitor)).size, 1);
  }
});

test("an entry that cannot be read is replaced", async () => {
  const storage = browserStorage();
  storage.window["rapport:pk_0123456789abcdefghij"] = "{{{";
  const page = await openPage({ edge: pretendEdge(), storage, queue: [YES] });
  await page.advance(2_000);
  assert.equal(storage.read().device, 1);
});

test("a link from our mails makes known, and leaves the address", async () => {
  const storage = browserStorage();
  const page = await openPage({
    edge: pretendEdge(),
    storage,
    url: "https://shop.example/?a=1#rapport=known",
  });
  assert.equal(page.address, "https://shop.example/?a=1");
  assert.deepEqual(storage.entries(), []);
  await page.push(YES);
  assert.equal(storage.read().known, 1);
});
