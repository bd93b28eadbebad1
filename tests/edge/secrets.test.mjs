// Secrets rotate, and personal data at rest is sealed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { key, OWNER, startEdge } from "../harness/edge.mjs";
import { filesBelow, temporaryFolder } from "../harness/folder.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";

test("an admin token can be replaced, by the shop and by the owner", async (t) => {
  const edge = await startEdge();
  t.after(() => edge.stop());
  const shop = await edge.createShop();
  const opens = async (token) => (await shop.admin("GET", "status", { token })).status === 200;
  const first = shop.token;

  const second = (await shop.admin("POST", "tokens", { json: {} })).json.admin_token;
  assert.deepEqual([await opens(first), await opens(second)], [true, true], "both, until the old one is ended");

  const third = (await shop.admin("POST", "tokens", { json: { revoke_others: true } })).json.admin_token;
  assert.deepEqual([await opens(first), await opens(second), await opens(third)], [false, false, true]);

  const answer = await edge.ask("POST", `/owner/v1/shops/${shop.key}/tokens`, { token: OWNER });
  assert.deepEqual([await opens(third), await opens(answer.json.admin_token)], [false, true], "when all are lost");
  assert.equal(answer.json.key, shop.key);
  assertProblem(await edge.ask("POST", "/owner/v1/shops/pk_aaaaaaaaaaaaaaaaaaaa/tokens", { token: OWNER }), 404, "shop");
});

test("master keys rotate: everything opens all the time, and afterwards the old key can go", async (t) => {
  const persist = temporaryFolder(t);
  const run = async (keys, work) => {
    const edge = await startEdge({ persist, bindings: { RAPPORT_MASTER_KEYS: keys } });
    try {
      return await work(edge);
    } finally {
      await edge.stop();
    }
  };
  const [old, fresh] = [`1:${key(2)}`, `2:${key(3)}`];
  const emails = Array.from({ length: 6 }, () => emailAddress());
  let shop;
  const names = async () => (await shop.list("people")).map(({ given_name }) => given_name).filter(Boolean).sort();
  const subjects = async () => (await shop.list("messages")).map(({ subject }) => subject).length;

  await run(old, async (edge) => {
    shop = await edge.createShop({ objects: 2 });
    await shop.publish();
    for (const [n, email] of emails.entries()) await shop.welcome({ email, given_name: `Anna ${n}` });
    const { email } = await shop.welcome({ given_name: "Erased" });
    const { id } = await shop.person(email);
    assert.equal((await shop.admin("POST", `people/${id}/erase`, { json: {} })).status, 200, "whose key is gone");
    await shop.advance({ seconds: 60 });
  });

  await run(`${fresh},${old}`, async (edge) => {
    shop.edge = edge;
    assert.equal((await names()).length, emails.length, "the old key still opens what it sealed");
    await shop.welcome({ given_name: "Anna 6" });
    const rewrap = () => edge.ask("POST", `/owner/v1/shops/${shop.key}/rewrap`, { token: OWNER });
    assert.deepEqual((await rewrap()).json, { left: 0 });
    assert.deepEqual((await rewrap()).json, { left: 0 }, "again, harmless");
  });

  await run(fresh, async (edge) => {
    shop.edge = edge;
    assert.deepEqual(await names(), [0, 1, 2, 3, 4, 5, 6].map((n) => `Anna ${n}`));
    assert.ok((await subjects()) >= 14, "old messages open too");
    await shop.advance({ days: 11 });
    const reminders = (await shop.list("messages")).filter(({ mail, state }) => mail === "reminder" && state === "accepted");
    assert.equal(reminders.length, 7, "and people can still be written to");
    const { email } = await shop.welcome({ email: emails[0] });
    assert.equal((await shop.list("people")).length, 7, `${email} is found as before`);
  });

  await run(old, async (edge) => {
    shop.edge = edge;
    const answer = await shop.admin("GET", "people");
    assertProblem(answer, 500);
    assert.ok(!/Anna|example\.org/.test(answer.text), "without the key nothing opens");
    assert.equal((await shop.send([shop.event()])).status, 202, "and events still come in");
  });
});

test("secrets that are missing or malformed are our own error, and say nothing", async (t) => {
  for (const [name, value] of [
    ["RAPPORT_INDEX_KEY", undefined],
    ["RAPPORT_INDEX_KEY", "c2hvcnQ="],
    ["RAPPORT_MASTER_KEYS", undefined],
    ["RAPPORT_MASTER_KEYS", "1:c2hvcnQ="],
    ["RAPPORT_MASTER_KEYS", ""],
  ]) {
    const edge = await startEdge({ bindings: { [name]: value } });
    t.after(() => edge.stop());
    const answer = await edge.ask("POST", "/owner/v1/shops", {
      token: OWNER,
      json: { name: "Shop", origins: ["https://shop.example"] },
    });
    const next = answer.status === 201 ? await edge.ask("POST", `/v1/forms/hello?shop=${answer.json.key}`, { form: "id=x" }) : answer;
    assert.ok(answer.status === 201 || answer.status === 500, answer.text);
    assert.ok(next.status >= 400, next.text);
    assert.doesNotMatch(next.text, /RAPPORT_|base64/);
  }
});

test("no address, name, birthday or mail lies in the clear in any file", async (t) => {
  const persist = temporaryFolder(t);
  const edge = await startEdge({ persist });
  const shop = await edge.createShop({ objects: 2 });
  await shop.publish();
  // Half a year away: the days about which the shop counts must not be taken for it.
  const day = new Date(Date.now() + 182 * 86_400_000).toISOString().slice(5, 10);
  const secrets = { email: "Wilhelmina.Xanthopoulos@quite-unlikely.example", given_name: "Wilhelmina", birthday: `1987-${day}` };
  await shop.welcome(secrets);
  const welcome = await shop.mailTo(secrets.email.toLowerCase(), "welcome");
  await shop.send([shop.event("identified", { email: secrets.email, customer: "customer-4711" })]);
  await shop.send([shop.event("page.viewed", { url: `${shop.origin}/account?email=${secrets.email}&token=sesame-4711#x` })]);
  await shop.advance({ days: 11 });
  assert.ok(welcome.text.includes(secrets.given_name));
  await edge.stop();

  const needles = [
    "wilhelmina", "xanthopoulos", "quite-unlikely", secrets.birthday, day,
    "customer-4711", "sesame-4711",
    Buffer.from(secrets.email.toLowerCase()).toString("base64").slice(0, 20),
    Buffer.from(secrets.email.toLowerCase()).toString("hex"),
    shop.token, OWNER, key(1), key(2),
    ...welcome.text.split("\n").filter((line) => line.includes(secrets.given_name)),
    shop.link(welcome, "u").split("/").at(-1),
  ];
  let files = 0;
  for (const { path, bytes } of filesBelow(persist)) {
    files += 1;
    const haystacks = [bytes.toString("latin1").toLowerCase(), bytes.toString("utf16le").toLowerCase()];
    for (const needle of needles) {
      const wanted = Buffer.from(needle).toString("latin1").toLowerCase();
      assert.ok(!haystacks[0].includes(wanted), `${needle} lies in ${path}`);
      assert.ok(!haystacks[1].includes(needle.toLowerCase()), `${needle} lies in ${path} as UTF-16`);
    }
  }
  assert.ok(files >= 4, "the objects' files were looked at");
});
