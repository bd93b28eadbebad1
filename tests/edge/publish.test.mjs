// Versions are immutable, checked before they are kept, and any of them can be the live one.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { changedRelease, demoRelease, helloForm } from "../harness/release.mjs";

const edge = await startEdge();
after(() => edge.stop());

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

/** A version whose mails say which version they are of. */
const saying = (word) =>
  changedRelease((config) => {
    for (const mail of Object.values(config.mails)) mail.texts.en.subject = `${word}: ${mail.texts.en.subject}`;
  });

test("what is published is what browsers get, under names that never change", async () => {
  const shop = await edge.createShop();
  const release = demoRelease();
  assert.equal(await shop.publish(release), release.version);
  const pointer = await edge.ask("GET", `/v1/shops/${shop.key}/pointer`);
  assert.deepEqual(pointer.json, {
    v: 1,
    version: release.version,
    files: release.languages,
    fallback: release.config.languages[0],
    objects: 1,
    off: false,
  });
  assert.equal(pointer.headers.get("access-control-allow-origin"), "*");
  assert.match(pointer.headers.get("cache-control"), /^public, max-age=\d+$/);
  for (const [name, body] of Object.entries(release.files)) {
    for (let n = 0; n < 2; n++) {
      const file = await edge.ask("GET", `/v1/shops/${shop.key}/files/${name}`);
      assert.equal(file.status, 200);
      assert.equal(digest(file.bytes), name);
      assert.deepEqual(file.bytes, Buffer.from(body, "base64"));
      assert.match(file.headers.get("cache-control"), /immutable/);
      assert.equal(file.headers.get("access-control-allow-origin"), "*");
    }
  }
  for (const name of Object.values(release.languages)) {
    const { json } = await edge.ask("GET", `/v1/shops/${shop.key}/files/${name}`);
    assert.equal(json.version, release.version);
    assert.ok(release.files[json.brain], "the brain is published with it");
  }
  for (const name of ["0000000000000000", "nope", "..%2f..", `${Object.keys(release.files)[0]}0`]) {
    assertProblem(await edge.ask("GET", `/v1/shops/${shop.key}/files/${name}`), 404);
  }
});

test("a release that is not whole is refused by the field at fault, and changes nothing", async () => {
  const shop = await edge.createShop();
  const [hash] = Object.keys(demoRelease().files);
  const large = Buffer.alloc(300_000, 7);
  const at = demoRelease().config.campaigns.findIndex(({ name }) => name === "hello");
  const wrong = [
    [400, `files.${hash}`, (release) => { release.files[hash] = Buffer.from("changed").toString("base64"); }],
    [400, `files.${hash}`, (release) => { release.files[hash] = "no base64!"; }],
    [400, "files.0123456789abcdef", (release) => { release.files["0123456789abcdef"] = ""; }],
    [400, "files.../../etc/passwd", (release) => { release.files["../../etc/passwd"] = ""; }],
    [400, `files.${digest(large)}`, (release) => { release.files[digest(large)] = large.toString("base64"); }],
    [400, "languages.en", (release) => { release.languages.en = "0123456789abcdef"; }],
    [400, "v", (release) => { release.v = 2; }],
    [400, "version", (release) => { release.version = "latest"; }],
    [400, "version", (release) => { release.version = 7; }],
    [400, "config", (release) => { delete release.config; }],
    [400, "config.journeys", (release) => { release.config.journeys = {}; }],
    [400, `config.campaigns[${at}].form.reveal`, (release) => { helloForm(release.config).reveal = "never"; }],
    [400, "config.senders.en.address", (release) => { delete release.config.senders.en.address; }],
  ];
  for (const [status, field, spoil] of wrong) {
    const release = demoRelease();
    spoil(release);
    assertProblem(await shop.admin("POST", "versions", { json: release }), status, field);
  }
  assertProblem(await shop.admin("POST", "versions", { body: "{" }), 400);
  assertProblem(await shop.admin("POST", "versions", { body: "" }), 400);
  assertProblem(await shop.admin("POST", "versions", { body: " ".repeat(9 * 1024 * 1024) }), 413);
  assert.equal((await shop.pointer()).version, "");
  assert.deepEqual((await shop.list("versions")), []);
});

test("an older version can be made the live one again, and an unknown one cannot", async () => {
  const shop = await edge.createShop();
  const [first, second] = [saying("First"), saying("Second")];
  await shop.publish(first);
  await shop.publish(second);
  const live = async () => (await shop.list("versions")).find(({ live }) => live).version;
  assert.equal(await live(), second.version);
  const answer = await shop.admin("POST", `versions/${first.version}/activate`);
  assert.equal(answer.json.version, first.version);
  assert.equal(await live(), first.version);
  assert.equal((await shop.pointer()).version, first.version);
  assert.equal((await shop.list("versions")).length, 2);
  const email = emailAddress();
  await shop.submit({ email });
  assert.match((await shop.mailTo(email, "confirm")).subject, /^First: /);
  for (const unknown of ["0123456789abcdef", "latest", "' OR 1=1"]) {
    assertProblem(await shop.admin("POST", `versions/${encodeURIComponent(unknown)}/activate`), 404, "version");
  }
});

test("the same release published again is the same version", async () => {
  const shop = await edge.createShop();
  for (let n = 0; n < 3; n++) await shop.publish();
  assert.equal((await shop.list("versions")).length, 1);
});

test("the same version compiled anew takes the place of the old in every object", async () => {
  const shop = await edge.createShop({ objects: 2 });
  const release = demoRelease();
  await shop.publish(release);
  release.config.mails.confirm.texts.en.subject = "Compiled anew";
  await shop.publish(release);
  for (let n = 0; n < 4; n++) {
    const email = emailAddress();
    await shop.submit({ email });
    assert.equal((await shop.mailTo(email, "confirm")).subject, "Compiled anew");
  }
});

test("a journey under way stays on the version it began with", async () => {
  const shop = await edge.createShop();
  await shop.publish(saying("First"));
  const early = await shop.welcome();
  assert.match((await shop.mailTo(early.email, "welcome")).subject, /^First: /);
  await shop.publish(saying("Second"));
  const late = await shop.welcome();
  assert.match((await shop.mailTo(late.email, "welcome")).subject, /^Second: /);
  await shop.publish(saying("Third"));
  await shop.advance({ days: 11 });
  assert.match((await shop.mailTo(early.email, "reminder")).subject, /^First: /);
  assert.match((await shop.mailTo(late.email, "reminder")).subject, /^Second: /);
});

test("a mail that waits goes out in its own version, though others were published meanwhile", async () => {
  const shop = await edge.createShop();
  await shop.publish(saying("First"));
  const confirmed = await shop.welcome();
  await shop.mailTo(confirmed.email, "welcome");
  await shop.switches({ sending: false });
  const asked = emailAddress();
  await shop.submit({ email: asked });
  await shop.advance({ days: 10, seconds: 60 });
  const lately = emailAddress();
  await shop.submit({ email: lately });
  await shop.advance({ seconds: 60 });
  await shop.publish(saying("Second"));
  await shop.publish(saying("Third"));
  await shop.switches({ sending: true });
  await shop.advance({ days: 1 });
  assert.match((await shop.mailTo(confirmed.email, "reminder")).subject, /^First: /, "the last mail of its journey");
  assert.match((await shop.mailTo(lately, "confirm")).subject, /^First: /);
  assert.deepEqual(await shop.list("jobs"), []);
});

test("a receipt holds the words of the version that was on the screen", async () => {
  const shop = await edge.createShop();
  const wording = (words) =>
    changedRelease((config) => {
      config.wordings.hello.en.find(({ permission }) => permission.channel === "email").wording = words;
    });
  const first = wording("You may write to me about boats.");
  await shop.publish(first);
  await shop.publish(wording("You may write to me about anything."));
  const email = emailAddress();
  await shop.submit({ email, allow: ["email.marketing"], version: first.version });
  const [receipt] = (await shop.person(email)).consents;
  assert.equal(receipt.version, first.version);
  assert.equal(receipt.wording, "You may write to me about boats.");

  const made_up = emailAddress();
  await shop.submit({ email: made_up, allow: ["email.marketing"], version: "0123456789abcdef" });
  assert.equal((await shop.person(made_up)).consents[0].wording, "", "a version that never was proves no words");

  const silent = emailAddress();
  await shop.submit({ email: silent, allow: ["email.marketing"] });
  const [live] = (await shop.person(silent)).consents;
  assert.deepEqual([live.version, live.wording], [(await shop.pointer()).version, "You may write to me about anything."]);
});
