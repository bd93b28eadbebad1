// Erasing: nothing is left by which somebody could be known, nothing reaches them, nothing brings them back.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { emailAddress, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { Server, statement } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

/** Everything that lies in a shop's objects, as text, by table. */
async function tables(shop) {
  const all = {};
  for (let object = 0; object < shop.objects; object++) {
    const names = await edge.inside(shop, `shard/${object}`, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_*' AND name NOT GLOB 'sqlite_*'");
    for (const { name } of names) {
      const rows = await edge.inside(shop, `shard/${object}`, `SELECT * FROM ${name}`);
      (all[name] ??= []).push(...rows.map((row) => JSON.stringify(row)));
    }
  }
  return all;
}

const erase = (shop, id) => shop.admin("POST", `people/${id}/erase`, { json: {} });

for (const objects of [1, 8]) {
  const shop = await edge.createShop({ objects });
  await shop.publish();

  test(`in a shop with ${objects}: who is erased is not there any more, and hears nothing`, async () => {
    const { email } = await shop.welcome({ given_name: "Anna", birthday: "02-29" });
    const letter = await shop.mailTo(email, "welcome");
    const { id, codes } = await shop.person(email);
    assert.equal((await erase(shop, id)).status, 200);
    assert.equal(await shop.person(email), undefined);
    await shop.advance({ days: 12 });
    const left = (await shop.list("messages")).filter(({ shopper }) => shopper === id);
    assert.deepEqual(left.map(({ mail, to, subject }) => [mail, to, subject]), [["welcome", null, null], ["confirm", null, null]]);
    assertProblem(await edge.ask("GET", shop.link(letter, "u")), 404);
    assertProblem(await shop.admin("GET", `people/${id}/events`), 404);
    assertProblem(await erase(shop, id), 404);
    assert.ok(!JSON.stringify(await shop.list("events")).includes(id), "no event names them");
    assert.equal((await shop.message(left[0].id)).html, undefined);
    assert.equal(codes.length, 1);
  });

  test(`in a shop with ${objects}: all of a person goes, whoever they were joined of and wherever they browsed`, async () => {
    const visitor = uuid();
    const anna = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"] });
    const berta = await shop.welcome();
    const [one, other] = [await shop.person(anna.email), await shop.person(berta.email)];
    await shop.send([shop.event("page.viewed", { title: "Seen by Anna" })], { visitor });
    await shop.admin("POST", `people/${one.id}/join`, { json: { with: other.id } });
    await until("they are one", async () => (await shop.person(anna.email))?.addresses.length === 2);
    await until("they are erased", async () => (await erase(shop, other.id)).status === 200);
    await shop.advance({ seconds: 60 });
    assert.equal(await shop.person(anna.email), undefined);
    assert.equal(await shop.person(berta.email), undefined);
    assert.ok(!JSON.stringify(await shop.list("events")).includes("Seen by Anna"));
  });

  test(`in a shop with ${objects}: who comes back and confirms is a new person, and is written to again`, async () => {
    const { email } = await shop.welcome();
    const before = await shop.person(email);
    await erase(shop, before.id);
    const again = await until("the form is taken in", async () => {
      const answer = await shop.submit({ email, allow: ["email.marketing"] });
      return answer.status === 200 && answer;
    });
    assert.deepEqual(again.json, { v: 1, step: "done" });
    const confirm = (await shop.mailsTo(email)).find(({ mail }) => mail === "confirm");
    await edge.ask("POST", shop.link(await shop.message(confirm.id), "c"));
    await shop.mailTo(email, "welcome");
    const later = await shop.person(email);
    assert.notEqual(later.id, before.id);
    assert.equal(later.codes.length, 1);
  });

  test(`in a shop with ${objects}: orders go with whose they were, and nothing that is said of them later is kept`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish();
    const server = await new Server(shop).connect();
    const visitor = uuid();
    const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"] });
    const [{ code }] = (await shop.person(email)).codes;
    const item = { product: "Quincejam", quantity: 1 };
    const page = shop.event("order.placed", { order: { id: "N48151623", total: "5.00", currency: "EUR", items: [item], codes: [code] } });
    await shop.send([page], { visitor });
    const order = { id: "ord-Quince-1", number: "#N48151623", email, total: "5.00", currency: "EUR", lines: [{ product: "Quincejam", quantity: 1 }], codes: [code] };
    const shipped = () => statement("fulfilment.shipped", { order: { id: order.id }, fulfilment: { id: "f1", tracking_number: "TRACKQuince", tracking_url: "https://parcels.example/TRACKQuince" } });
    const paid = () => statement("payment.received", { order: { id: order.id, payment_id: "pay-Quince" }, payment: { id: "pay-Quince", amount: "5.00", currency: "EUR" } });
    await server.tell(statement("order.placed", { order }), shipped(), paid());
    await server.tell(statement("order.placed", { order: { id: "ord-other", email: emailAddress(), total: "5.00", currency: "EUR" } }));
    await server.settled();
    await shop.advance({ seconds: 60 });
    const { id, orders } = await shop.person(email);
    assert.deepEqual(orders.map(({ seen }) => seen), ["both"]);
    const before = await tables(shop);
    assert.deepEqual(["orders_told", "shopper_orders", "orders"].map((name) => before[name].length), [2, 2, 2], "the page's order and its code");

    const nothing = async (when) => {
      await server.settled();
      await shop.advance({ seconds: 60 });
      const found = await tables(shop);
      const [other] = await shop.list("people");
      const ofOthers = (row) => row.includes("retention:") || row.includes("\"outlook") || row.includes(`timer:${other.id}`);
      assert.deepEqual(["orders_told", "shopper_orders", "orders", "order_names", "jobs"].map((name) => found[name].filter((row) => !ofOthers(row)).length), [1, 1, 0, 0, 0], when);
      assert.doesNotMatch(JSON.stringify(found), /Quince|48151623/, when);
      assert.equal((await shop.list("people")).length, 1, when);
    };
    assert.equal((await erase(shop, id)).status, 200);
    await nothing("erased");
    await server.tell(shipped(), paid(), statement("order.placed", { order: { ...order, total: "6.00" } }));
    await nothing("told of again");
    const another = { ...order, id: "ord-Quince-2", number: "#N481516230" };
    await server.tell(statement("order.placed", { order: another }));
    await server.settled();
    await server.tell(statement("fulfilment.shipped", { order: { id: another.id }, fulfilment: { id: "f2", tracking_number: "TRACKQuince2" } }));
    await nothing("another order of theirs");
    assert.equal((await shop.list("events")).filter(({ data }) => data.order).length, 1);
  });

  test(`in a shop with ${objects}: a copy holds everything, and the receipts in it can be checked`, async () => {
    const visitor = uuid();
    const { email } = await shop.welcome({ given_name: "Åsa", visitor, allow: ["email.marketing", "device.personalisation"] });
    await shop.send([shop.event("page.viewed", { title: "A page of Åsa's" })], { visitor });
    await shop.advance({ seconds: 6 });
    const { id } = await shop.person(email);
    const { status, json: copy } = await shop.admin("GET", `people/${id}/copy`);
    assert.equal(status, 200);
    assert.equal(copy.about.given_name, "Åsa");
    assert.equal(copy.about.addresses[0].address, email);
    assert.deepEqual(copy.messages.map(({ mail }) => mail).sort(), ["confirm", "welcome"]);
    assert.ok(copy.messages.every(({ to, text }) => to === email && text.length > 20));
    assert.ok(copy.events.some(({ data }) => data.title === "A page of Åsa's"));
    assert.equal(copy.browsers.length, 1);
    const receipts = copy.receipts.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(receipts.at(-1).receipts, receipts.length - 1);
    assert.ok(receipts.some(({ permission, standing, proof }) => permission === "email.marketing" && standing === "given" && proof.method === "confirmation link"));
    assert.ok(!JSON.stringify(copy.receipts).includes(email));
  });
}

test("a word about an erased name that comes again or late changes nothing for whoever came after", async () => {
  const shop = await edge.createShop({ objects: 8 });
  await shop.publish();
  const { email } = await shop.welcome();
  const first = await shop.person(email);
  assert.equal((await erase(shop, first.id)).status, 200);
  await shop.advance({ seconds: 60 });
  await shop.welcome({ email });
  const second = await shop.person(email);
  const homes = await Promise.all(Array.from({ length: 8 }, (_, object) => edge.inside(shop, `shard/${object}`, "SELECT lower(hex(hash)) AS hash FROM names WHERE shopper = ?", second.id)));
  const object = homes.findIndex((rows) => rows.length);
  const [{ hash }] = homes[object];
  const listed = () => edge.inside(shop, `shard/${object}`, "SELECT at FROM suppressed WHERE hash = unhex(?)", hash);
  /** As the job stands in another object that stopped before it took it off its list. */
  const again = async (call) => {
    const body = JSON.stringify({ errand: { object, call } });
    const insert = "INSERT INTO jobs (key, due, kind, shopper, state, attempts, body) VALUES ('again', 0, 'errand', '', 'waiting', 0, ?)";
    await edge.inside(shop, `shard/${(object + 1) % 8}`, insert, body);
    await shop.advance({ seconds: 60 });
    assert.deepEqual((await shop.list("jobs")).filter(({ kind }) => kind === "errand"), []);
  };
  await again({ Suppress: { hash, kind: "email", shoppers: [first.id], at: Date.now() - 1_000, why: "asked for" } });
  assert.deepEqual(await listed(), []);
  assert.equal((await shop.submit({ email })).status, 200);
  assert.equal((await shop.person(email)).id, second.id);
  assert.equal((await shop.list("people")).length, 1);

  const { now } = (await shop.status()).clock;
  assert.equal((await erase(shop, second.id)).status, 200);
  await shop.advance({ seconds: 60 });
  await again({ Lift: { hash, at: now } });
  assert.equal((await listed()).length, 1, "erased after that");
});

test("after erasing, no file of the state holds an address, a name or a birthday in plain", async (t) => {
  const folder = temporaryFolder(t, "rapport-erase");
  const kept = await startEdge({ persist: folder });
  const shop = await kept.createShop({ objects: 3 });
  await shop.publish();
  const visitor = uuid();
  const secrets = { email: emailAddress(), given_name: "Quetzalcoatlina", birthday: "1971-02-28" };
  const linked = `${shop.origin}/u/${secrets.email}/?utm_source=mail&utm_term=${encodeURIComponent(secrets.email)}`;
  await shop.welcome({ ...secrets, visitor, page: linked, allow: ["email.marketing", "device.personalisation"] });
  const page = `${shop.origin}/u/`;
  assert.deepEqual([...new Set((await shop.admin("GET", "receipts")).text.match(/http:[^"]*/g))], [page]);
  await shop.send(
    [
      shop.event("identified", { email: secrets.email }),
      shop.event("page.viewed", { url: linked }),
      shop.event("page.viewed", { url: `${shop.origin}/account?mail=${secrets.email}`, title: `Hello ${secrets.email}` }),
      shop.event("custom", { name: "newsletter", data: { address: secrets.email, deep: [{ note: `write to ${secrets.email}!` }] } }),
    ],
    { visitor },
  );
  const { id } = await shop.person(secrets.email);
  const other = await shop.welcome();
  await erase(shop, id);
  await shop.advance({ seconds: 120 });
  await kept.stop();
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
  assert.ok(files.length > 4, "the objects and the reports have files");
  const forms = (text) => ["utf8", "utf16le"].map((encoding) => Buffer.from(text, encoding)).concat(Buffer.from(Buffer.from(text).toString("base64").slice(0, -4)), Buffer.from(encodeURIComponent(text)));
  for (const path of files) {
    const bytes = readFileSync(path);
    for (const [what, text] of Object.entries(secrets)) {
      for (const form of forms(text)) assert.equal(bytes.indexOf(form), -1, `${what} in ${path}`);
    }
  }
  const again = await startEdge({ persist: folder });
  t.after(() => again.stop());
  shop.edge = again;
  assert.equal(await shop.person(secrets.email), undefined);
  assert.equal((await shop.person(other.email)).addresses.length, 1, "nobody else is touched");
});

test("an address that nobody confirms is forgotten after a month, as if it had never been given", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const email = emailAddress();
  await shop.submit({ email });
  await shop.advance({ days: 29 });
  assert.ok(await shop.person(email));
  await shop.advance({ days: 2 });
  assert.equal(await shop.person(email), undefined);
  const erased = (await shop.list("events")).find(({ type }) => type === "shopper.erased");
  assert.equal(erased.data.rule, "unconfirmed");
});

test("who gives no sign of life for as long as the law allows is forgotten, and who does is kept", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const visitor = uuid();
  const silent = await shop.welcome();
  const lively = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"] });
  await new Server(shop).connect().then((server) => server.tell(statement("order.placed", { order: { id: "nobody's", total: "5.00", currency: "EUR" } })));
  await shop.advance({ days: 700 });
  const { now } = (await shop.status()).clock;
  await shop.send([{ ...shop.event("page.viewed"), at: now }], { visitor, sent: now });
  await shop.advance({ days: 450 });
  assert.equal(await shop.person(silent.email), undefined);
  assert.ok(await shop.person(lively.email));
  await shop.advance({ days: 1_100 });
  assert.equal(await shop.person(lively.email), undefined);
  assert.equal((await shop.list("events")).filter(({ type }) => type === "page.viewed").length, 0, "nor what browsers did");
  assert.deepEqual((await tables(shop)).orders_told, [], "nor orders that were nobody's");
});
