// Writes step-N-M.json: a small shop as today's code leaves it, for the tests of all later code.
// Run it once, in the commit that adds a step: node tests/edge/schema/freeze.mjs

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEdge } from "../../harness/edge.mjs";
import { browse, learn, product, sell, shelvedRelease } from "../../harness/shelf.mjs";
import { openObjects, PRESENT, STEPS } from "./older.mjs";

/** A shop with short texts: the file is read by people. */
const small = shelvedRelease({}, (config, release) => {
  Object.assign(release, { sources: {}, files: {}, languages: {} });
  config.languages = ["en"];
  config.senders = { en: config.senders.en };
  for (const [name, mail] of Object.entries(config.mails)) {
    const words = `${name} {{ shopper.given_name }} {{ link.confirm }} {{ link.unsubscribe }} {% if offer %}{{ offer.code }}{% endif %}`;
    mail.texts = { en: { subject: name, html: `<p>${words}</p>`, text: words } };
  }
  for (const wordings of Object.values(config.wordings)) delete wordings.ar;
});

const persist = mkdtempSync(join(tmpdir(), "rapport-freeze-"));
const edge = await startEdge({ persist });
const shop = await edge.createShop({ name: "Frozen" });
await shop.publish(small);
const anna = await shop.welcome({ email: "anna@example.org", given_name: "Anna", birthday: "02-29" });
await shop.mailTo(anna.email, "welcome");
await shop.submit({ email: "ben@example.org", allow: ["email.marketing"] });
const confirmation = shop.link(await shop.mailTo("ben@example.org", "confirm"), "c");
await shop.send([shop.event(), shop.event("order.placed", { order: { id: "1001" } })]);
await sell(shop, [0, 1, 2].map((n) => product(n)));
await browse(shop, ["p0", "p1"]);
await learn(shop);
await sell(shop, [{ id: "p2", in_stock: false }], { method: "PATCH" });
await browse(shop, ["p0", "p2"]);
await shop.advance({ seconds: 30 });
const about = { key: shop.key, token: shop.token, origin: shop.origin, confirmation, version: small.version };
await edge.stop();

const objects = await openObjects(persist);
const frozen = { at: Date.now(), shop: about, objects: [] };
for (const [binding, name] of [["SHOP", `${shop.key}/shop`], ["SHARD", `${shop.key}/shard/0`], ["LEARNER", `${shop.key}/learner`]]) {
  const [list] = await objects.run(binding, name, [["SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY name"]]);
  const tables = {};
  for (const { name: table } of list) {
    const [rows] = await objects.run(binding, name, [[`SELECT * FROM ${table}`]]);
    if (rows.length > 0) tables[table] = rows;
  }
  frozen.objects.push({ binding, name, schema: STEPS[binding].length, tables });
}
await objects.stop();
rmSync(persist, { recursive: true, force: true });
const file = new URL(`step-${PRESENT}.json`, import.meta.url);
writeFileSync(file, `${JSON.stringify(frozen, undefined, 1)}\n`);
console.log(`${file.pathname} is written`);
