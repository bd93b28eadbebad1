// Receipts of consent: a file that proves what was allowed, checked here by other code than ours.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

/** The hash of a receipt, after the description in `domain::consent::chain`. */
function hashOf(receipt) {
  const bytes = [];
  const field = (value) => {
    const content = Buffer.isBuffer(value) ? value : Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    bytes.push(length, content);
  };
  const moment = (at) => {
    const content = Buffer.alloc(8);
    content.writeBigInt64BE(BigInt(at));
    field(content);
  };
  field(Buffer.from(receipt.shopper.replaceAll("-", ""), "hex"));
  field(Buffer.from(receipt.previous, "hex"));
  field(receipt.permission);
  field(receipt.standing);
  moment(receipt.at);
  for (const name of ["wording", "version", "page", "method"]) field(receipt[name]);
  assert.equal(receipt.basis.kind, "consent");
  field("consent");
  if (receipt.proof) {
    field("proof");
    field(receipt.proof.method);
    moment(receipt.proof.at);
  } else field("none");
  return sha(Buffer.from([1]), ...bytes).toString("hex");
}

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: everybody's receipts are one file, whole, chained and without a name`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish();
    const version = (await shop.pointer()).version;
    const people = [];
    for (let n = 0; n < 5; n++) people.push(await shop.welcome({ given_name: "Quetzalcoatlina", version }));
    const [anna, berta, carla] = await Promise.all(people.map(({ email }) => shop.person(email)));
    await edge.ask("POST", shop.link(await shop.mailTo(people[0].email, "welcome"), "u"));
    await shop.admin("POST", `people/${anna.id}/join`, { json: { with: berta.id } });
    await until("they are one", async () => (await shop.person(people[0].email)).addresses.length === 2);
    await shop.admin("POST", `people/${carla.id}/erase`, { json: {} });

    const answer = await shop.admin("GET", "receipts");
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-disposition"), /receipts\.ndjson/);
    const lines = answer.text.trimEnd().split("\n");
    const [end, ...reversed] = lines.map((line) => JSON.parse(line)).reverse();
    const receipts = reversed.reverse();
    assert.deepEqual([end.receipts, end.shoppers], [11, 5], "an erased person's receipts stay");
    assert.equal(end.seal, sha(`${lines.slice(0, -1).join("\n")}\n`).toString("hex"));
    const heads = new Map();
    for (const receipt of receipts) {
      assert.equal(receipt.previous, heads.get(receipt.shopper) ?? "0".repeat(64), "in its chain");
      assert.equal(receipt.hash, hashOf(receipt));
      heads.set(receipt.shopper, receipt.hash);
    }
    const said = receipts.filter(({ shopper }) => shopper === anna.id).map(({ standing, method, proof }) => [standing, method, proof?.method]);
    assert.deepEqual(said, [
      ["asked", "form hello", undefined],
      ["given", "confirmation link", "confirmation link"],
      ["withdrawn", "unsubscribe link", undefined],
    ]);
    const given = receipts.find(({ standing }) => standing === "given");
    assert.ok(given.wording.length > 20 && given.version === version && given.page === `${shop.origin}/`);
    for (const { email } of people) assert.ok(!answer.text.includes(email.split("@")[0]));
    assert.ok(!answer.text.includes("Quetzalcoatlina"));
  });
}
