// Live objects of older code are opened, brought up to date and served; those of newer code too.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { Shop } from "../harness/shop.mjs";
import { filled } from "../harness/shelf.mjs";
import { until } from "../harness/until.mjs";
import { frozenAt, layOut, PRESENT, STEPS } from "./schema/older.mjs";

/** Steps that were ever deployed. A new one is added here, after `node tests/edge/schema/freeze.mjs`. */
const DEPLOYED = ["1", "2", "3", "7", "7-1"];

test("every step has objects that its code has left", () => {
  assert.equal(DEPLOYED.at(-1), PRESENT, "freeze the new step and name it above");
});

/** The whole of what a shop does, over objects that others have laid out. */
async function serves(edge, about) {
  const shop = new Shop(edge, about);
  assert.equal((await shop.pointer()).version, about.version);
  const status = await shop.status();
  assert.deepEqual([status.version, status.behind, status.counts.people], [about.version, [], 2]);

  const [anna, ben] = [await shop.person("anna@example.org"), await shop.person("ben@example.org")];
  assert.deepEqual([anna.given_name, anna.birthday], ["Anna", "02-29"]);
  assert.deepEqual([anna.addresses[0].state, ben.addresses[0].state], ["confirmed", "asked"]);
  assert.deepEqual(anna.consents.map(({ state }) => state), ["given", "asked"]);
  const subjects = (await shop.list("messages")).map(({ subject, to }) => `${subject} ${to}`);
  assert.ok(subjects.includes("welcome anna@example.org"));

  const event = shop.event();
  assert.equal((await shop.send([event])).json.accepted, 1);
  const told = (await shop.list("events")).map(({ type }) => type);
  assert.ok(told.includes("order.placed"));

  assert.equal((await edge.ask("POST", about.confirmation)).status, 200);
  await shop.mailTo("ben@example.org", "welcome");
  await shop.welcome({ email: "new@example.org" });
  await shop.advance({ days: 11 });
  const sent = (await shop.list("messages")).filter(({ mail }) => mail === "reminder").map(({ to }) => to);
  assert.deepEqual(sent.sort(), ["anna@example.org", "ben@example.org", "new@example.org"]);
  await edge.ask("POST", shop.link(await shop.mailTo("anna@example.org", "welcome"), "u"));
  assert.equal((await shop.person("anna@example.org")).consents[0].state, "withdrawn");
}

/** What was learned is there, and what was counted since is not lost. */
async function shelves(edge, about) {
  const shop = new Shop(edge, about);
  const ids = async () => (await filled(shop, "next", ["p0"])).items.map(({ id }) => id);
  assert.deepEqual(await ids(), ["p1"], "what is out of stock is not shown");
  await shop.admin("PUT", "products/stock", { json: { stock: { p2: true } } });
  await shop.admin("POST", "learner/learn", { json: {} });
  await until("it is learned", async () => (await ids()).includes("p2"));
}

const schemaOf = async (edge, shop, object) => {
  const [{ value }] = await edge.inside(shop, object, "SELECT value FROM meta WHERE name = 'schema'");
  return Number(value);
};

for (const step of DEPLOYED) {
  test(`objects of step ${step} are brought up to date and served`, async (t) => {
    const persist = temporaryFolder(t);
    const frozen = frozenAt(step);
    await layOut(persist, frozen);
    const edge = await startEdge({ persist, inspect: true });
    t.after(() => edge.stop());
    await serves(edge, frozen.shop);
    assert.equal(await schemaOf(edge, frozen.shop, "shard/0"), STEPS.SHARD.length);
    assert.equal(await schemaOf(edge, frozen.shop, "shop"), STEPS.SHOP.length);
    // A shop that is older than its learner gets one, without anybody's doing.
    await until("the learner is there", async () => (await schemaOf(edge, frozen.shop, "learner")) === STEPS.LEARNER.length);
    if (step.includes("-")) await shelves(edge, frozen.shop);
  });
}

test("objects that newer code has brought further are served by today's, as during a roll-out", async (t) => {
  const persist = temporaryFolder(t);
  const frozen = frozenAt(PRESENT);
  const further = { SHARD: STEPS.SHARD.length + 1, SHOP: STEPS.SHOP.length + 1, LEARNER: STEPS.LEARNER.length + 1 };
  await layOut(persist, frozen, (binding) => [
    ["CREATE TABLE later (id TEXT PRIMARY KEY, thing TEXT NOT NULL)"],
    ...(binding === "LEARNER" ? [["ALTER TABLE products ADD COLUMN later TEXT"]] : []),
    ...(binding === "SHARD" ? [["ALTER TABLE shoppers ADD COLUMN later TEXT"], ["ALTER TABLE events ADD COLUMN later INTEGER"]] : []),
    ["UPDATE meta SET value = ? WHERE name = 'schema'", String(further[binding])],
  ]);
  const edge = await startEdge({ persist, inspect: true });
  t.after(() => edge.stop());
  await serves(edge, frozen.shop);
  assert.equal(await schemaOf(edge, frozen.shop, "shard/0"), further.SHARD, "it does not go back");
  assert.equal(await schemaOf(edge, frozen.shop, "shop"), further.SHOP);
  await shelves(edge, frozen.shop);
  assert.equal(await schemaOf(edge, frozen.shop, "learner"), further.LEARNER);
});

test("a made-up shop leaves no tables behind", async (t) => {
  const edge = await startEdge({ inspect: true });
  t.after(() => edge.stop());
  const nobody = new Shop(edge, { key: "pk_aaaaaaaaaaaaaaaaaaaa", token: "rpt_aaaaaaaaaaaaaaaaaaaa_x", origin: "https://x.example" });
  assert.equal((await nobody.send([nobody.event()])).status, 404);
  assert.equal((await nobody.submit()).status, 404);
  for (const object of ["shard/0", "shop"]) {
    const tables = await edge.inside(nobody, object, "SELECT name FROM sqlite_master WHERE type = 'table'");
    const ours = tables.map(({ name }) => name).filter((name) => !/^(_cf|__miniflare)/.test(name));
    assert.deepEqual(ours, []);
  }
});
