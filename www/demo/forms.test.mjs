// Accounts, returns, and what the shop's server tells Rapport of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { find, near } from "./search.mjs";
import { Browser, KEY, ORDER, isSigned, open } from "./testing.mjs";
import { words } from "./words.mjs";

const block = (text, id) => {
  const [, json] = text.match(new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`)) ?? [];
  return json && JSON.parse(json);
};
const orderOf = (answer) => new URLSearchParams(answer.location.split("?")[1]).get("order");
const JONAS = { given_name: "Jonas", email: "jonas@shop.example" };

test("somebody logs in, is told that it is a demonstration, and is named to Rapport with the shop's signature", async (t) => {
  const { edge, shop } = await open(t);
  const browser = new Browser(shop);
  const form = await browser.get("/account");
  assert.match(form.text, /no password/);
  assert.equal(block(form.text, "who"), undefined);
  const answer = await browser.post("/account/login", JONAS);
  assert.deepEqual([answer.status, answer.location], [303, "/account"]);
  assert.match(answer.headers.get("set-cookie"), /HttpOnly; SameSite=Lax/);
  for (const path of ["/account", "/", "/product/ferry-mug"]) {
    const { customer, proof } = block((await browser.get(path)).text, "who");
    assert.match(customer, /^c-[0-9a-f]{12}$/);
    assert.ok(isSigned(proof, `customer:${customer}`), path);
  }
  const { said } = await edge.next();
  assert.deepEqual([said.type, said.customer.emails, said.customer.given_name], ["customer.updated", [JONAS.email], "Jonas"]);
  await browser.post("/account/logout");
  assert.match((await browser.get("/account")).text, /action="\/account\/login"/);
  assert.equal(block((await browser.get("/")).text, "who"), undefined);
});

test("what is missing at the login is named at its field", async (t) => {
  const { shop } = await open(t);
  const answer = await new Browser(shop).post("/account/login?lang=ar", { given_name: " ", email: "jonas" });
  assert.equal(answer.status, 422);
  assert.match(answer.text, /dir="rtl"/);
  for (const id of ["given_name-error", "email-error"]) assert.match(answer.text, new RegExp(`id="${id}"`));
});

test("an account shows the orders of its own browser and address, and no others", async (t) => {
  const { shop } = await open(t);
  const [jonas, other] = [new Browser(shop), new Browser(shop)];
  const id = orderOf(await jonas.post("/checkout", { ...ORDER, code: "" }));
  await jonas.post("/account/login", JONAS);
  assert.match((await jonas.get("/account")).text, new RegExp(id));
  await other.post("/account/login", JONAS);
  assert.doesNotMatch((await other.get("/account")).text, new RegExp(id));
  await jonas.post("/account/login", { ...JONAS, email: "mira@shop.example" });
  assert.doesNotMatch((await jonas.get("/account")).text, new RegExp(id));
});

test("an order is told to Rapport by the server, signed, with all that was bought", async (t) => {
  const { edge, shop } = await open(t);
  const browser = new Browser(shop);
  await browser.post("/account/login", JONAS);
  await edge.next();
  const id = orderOf(await browser.post("/checkout?lang=ar", { ...ORDER, code: "" }));
  const { body, said, signature } = await edge.next();
  assert.ok(isSigned(signature, body));
  assert.deepEqual([said.v, said.type, said.order.id, said.order.total, said.order.currency], [1, "order.placed", id, "121.00", "EUR"]);
  assert.deepEqual([said.order.email, said.order.country, said.order.language], [ORDER.email, "DE", "ar"]);
  assert.equal(said.order.customer_id, said.customer.id);
  assert.deepEqual(said.order.items.map(({ product, quantity, price, size }) => [product, quantity, price, size]), [["low-tide-suit", 1, "89.00", "M"], ["ferry-mug", 2, "16.00", undefined]]);
});

test("a number and what it may be used for are told with the order, in the words that were ticked", async (t) => {
  const { edge, shop } = await open(t);
  const buy = async (fields, query = "") => (await new Browser(shop).post(`/checkout${query}`, { ...ORDER, code: "", ...fields })).status;
  assert.equal(await buy({ phone: "085 020 1234", country: "IE", text_me: "yes" }, "?lang=ar"), 303);
  const { said } = await edge.next();
  const [{ at, wording, ...permission }] = said.customer.permissions;
  assert.deepEqual([said.order.phone, said.customer.phones, said.customer.given_name], ["+353850201234", ["+353850201234"], "Jonas"]);
  assert.deepEqual(permission, { permission: "sms.marketing", given: true, method: "checkbox at checkout", source: "demo shop" });
  assert.deepEqual([at, wording], [said.at, words.ar.text_me]);
  for (const [phone, told] of [["+49 (151) 2345-678", "+491512345678"], ["0045 12345678", "+4512345678"], ["", undefined]]) {
    assert.equal(await buy({ phone, country: "IE" }), 303);
    const { said } = await edge.next();
    assert.deepEqual([said.order.phone, said.customer.permissions], [told, undefined], phone);
  }
  for (const phone of ["call me", "12", "+0 123 456 789", "1".repeat(20)]) {
    const answer = await new Browser(shop).post("/checkout", { ...ORDER, phone, text_me: "yes" });
    assert.equal(answer.status, 422);
    assert.match(answer.text, /id="phone-error"[^]*name="text_me" value="yes" checked/);
  }
});

test("what is ordered, sent back and said is as late as the shop is told that it is", async (t) => {
  const at = Date.parse("2031-04-05T06:07:08.000Z");
  const { edge, shop } = await open(t, { now: async () => at });
  const browser = new Browser(shop);
  const heard = async (type) => {
    const { said } = await edge.next();
    assert.deepEqual([said.type, said.at], [type, new Date(at).toISOString()]);
  };
  const id = orderOf(await browser.post("/checkout", { ...ORDER, code: "" }));
  await heard("order.placed");
  await browser.post(`/returns/${id}`, { item: "0", reason: "damaged" });
  await heard("return.requested");
  await browser.post("/account/login", JONAS);
  await heard("customer.updated");
});

test("what the edge does not take is told again, as the same statement", async (t) => {
  const { edge, shop } = await open(t, { refusals: 1 });
  await new Browser(shop).post("/checkout", { ...ORDER, code: "" });
  const [first, again] = [await edge.next(), await edge.next()];
  assert.equal(first.body, again.body);
  assert.ok(isSigned(again.signature, again.body));
});

test("part of an order is sent back, the shop says so, and it cannot be sent back twice", async (t) => {
  const { edge, shop } = await open(t);
  const browser = new Browser(shop);
  const id = orderOf(await browser.post("/checkout", { ...ORDER, code: "" }));
  await edge.next();
  const asked = await browser.get(`/returns/${id}`);
  assert.equal(asked.text.match(/name="item"/g).length, 2);
  const wrong = await browser.post(`/returns/${id}`, { item: "9", reason: "bored" });
  assert.equal(wrong.status, 422);
  for (const field of ["item-error", "reason-error"]) assert.match(wrong.text, new RegExp(`id="${field}"`));
  const answer = await browser.post(`/returns/${id}`, { item: ["0", "0"], reason: "too_small", note: '<script>alert("x")</script>' });
  assert.equal(answer.status, 303);
  const { body, said, signature } = await edge.next();
  assert.ok(isSigned(signature, body));
  assert.deepEqual([said.type, said.order.id, said.return], ["return.requested", id, { id: `${id}-R1`, reason: "too_small" }]);
  const noted = await browser.get(answer.location);
  assert.match(noted.text, /Your return is noted/);
  assert.match(noted.text, /Because: Too small/);
  assert.equal(noted.text.match(/name="item"/g).length, 1);
  assert.equal((await browser.post(`/returns/${id}`, { item: "0", reason: "too_small" })).status, 422);
  await browser.post(`/returns/${id}`, { item: "1", reason: "damaged" });
  assert.match((await browser.get(`/returns/${id}?lang=ar`)).text, /كل ما في هذا الطلب في طريق العودة/);
});

test("an order is found by its number and its address together, and shown to nobody else", async (t) => {
  const { shop } = await open(t);
  const id = orderOf(await new Browser(shop).post("/checkout", { ...ORDER, code: "" }));
  const other = new Browser(shop);
  assert.equal((await other.get(`/returns/${id}`)).location, `/returns?order=${id}`);
  assert.equal((await other.post(`/returns/${id}`, { item: "0", reason: "damaged" })).status, 404);
  assert.equal((await other.post("/returns", { order: id, email: "mira@shop.example" })).status, 422);
  assert.equal((await other.post("/returns", { order: ` ${id.toLowerCase()} `, email: "Jonas@Shop.example" })).location, `/returns/${id}`);
  assert.equal((await other.get(`/returns/${id}`)).status, 200);
});

test("things are found by words of both languages, however they are spelled", () => {
  const found = (text) => find(text).map(({ id }) => id);
  for (const [text, id] of [["Hats", "lookout-hat"], ["bikini", "spring-tide-two-piece"], ["wellies", "puddle-row-boots"], ["منشفه", "deckchair-towel"], ["القبعات", "lookout-hat"], ["jacket XL", "cloudburst-jacket"], ["ferry-mug", "ferry-mug"]]) {
    assert.ok(found(text).includes(id), text);
  }
  for (const text of ["", "  ", "zzz", "flask zzz", "<script>", "(((", "%", "constructor"]) assert.deepEqual(found(text), [], text);
  assert.equal(found("cap").at(-1), "quayside-cap", "what is sold out comes last");
  assert.equal(near("flsk"), "flask");
  assert.equal(near("zzzzzzzz"), undefined);
});

test("a search says what it found, and where it found nothing how to go on", async (t) => {
  const { shop } = await open(t);
  const browser = new Browser(shop);
  assert.deepEqual(block((await browser.get("/search?q=hat")).text, "searched"), { query: "hat", results: 4 });
  const nothing = await browser.get("/search?lang=ar&q=flsk");
  assert.deepEqual(block(nothing.text, "searched"), { query: "flsk", results: 0 });
  assert.match(nothing.text, /href="\/search\?q=flask&amp;lang=ar"/);
  assert.match(nothing.text, /href="\/category\/warm\?lang=ar"/);
  assert.match((await browser.get("/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E")).text, /&lt;script&gt;/);
  assert.equal(block((await browser.get("/search")).text, "searched"), undefined);
  assert.equal(block((await browser.get(`/search?q=${"x".repeat(500)}`)).text, "searched").query.length, 80);
});

test("the question about the device is asked until it is answered, and not of a browser that says no to all", async (t) => {
  const { shop } = await open(t);
  const asks = async (browser) => (await browser.get("/")).text.includes('class="ask"');
  const browser = new Browser(shop);
  assert.ok(await asks(browser));
  assert.doesNotMatch((await browser.get("/privacy")).text, /class="ask"/);
  browser.cookies.set("skerrow-device", "no");
  assert.ok(!(await asks(browser)));
  assert.match((await browser.get("/privacy")).text, /this device is forgotten/);
  assert.ok(!(await asks(new Browser(shop, { "sec-gpc": "1" }))));
});

test("without a secret nothing is signed and nothing is told", async (t) => {
  const { serve } = await import("./server.mjs");
  const shop = await serve({ port: 0, edge: "http://localhost:2", key: KEY });
  t.after(() => shop.close());
  const browser = new Browser(shop);
  await browser.post("/account/login", JONAS);
  assert.equal(block((await browser.get("/account")).text, "who"), undefined);
  assert.equal((await browser.post("/checkout", ORDER)).status, 303);
});
