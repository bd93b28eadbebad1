// Why a page shows what it shows: told to the shop's own admin, by the same rules that the page goes by.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { plain, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

let shop;

before(async () => {
  shop = await edge.createShop({ origins: ["https://ours.example"], objects: 2 });
  await shop.publish();
});

/** What a page that has just been opened tells. */
const page = ({ state, signals, ...rest } = {}) => ({
  at: Date.now(),
  state: { known: false, busy: false, closed: {}, ...state },
  signals: { path: "/", elapsed: 3_000, scrolled: 0, exit: false, ...signals },
  ...rest,
});

const why = (told, options) => shop.admin("POST", "why", { json: told, ...options });

const about = async (name, told) => {
  const answer = await why(told);
  assert.equal(answer.status, 200, answer.text);
  const { shown, kind, why: reason } = answer.json.campaigns.find(({ campaign }) => campaign === name);
  return [shown, kind, reason.rule, reason.fact];
};

test("every campaign is there in its order, with the rule and the fact that it saw", async () => {
  const { json } = await why(page());
  const { config } = (await shop.admin("GET", "versions/live")).json;
  assert.deepEqual(json.campaigns.map(({ campaign }) => campaign), config.campaigns.map(({ name }) => name));
  assert.ok(json.campaigns.every(({ why: { rule, fact } }) => rule && fact));
  assert.equal(json.version, (await shop.pointer()).version);
  assert.deepEqual([json.on, json.shopper], [true, null]);
  assert.deepEqual(await about("hello", page()), [true, "form", "after", "2 seconds on the page"]);
  assert.deepEqual(await about("hello", page({ signals: { elapsed: 10 } })), [false, "form", "trigger", "none has fired yet"]);
  assert.deepEqual((await about("hello", page({ state: { known: true } }))).slice(0, 3), [false, "form", "visitors"]);
  assert.deepEqual((await about("leaving", page({ state: { known: true }, signals: { exit: true } }))).slice(0, 3), [true, "survey", "exit"]);
});

test("the browser's clock says how long ago something was closed", async () => {
  const at = Date.now() - 400 * 86_400_000;
  const closed = { hello: at - 86_400_000 };
  assert.equal((await about("hello", page({ at, state: { closed } })))[2], "again_after");
  assert.equal((await about("hello", page({ state: { closed } })))[2], "after");
});

test("while campaigns are switched off that is why", async () => {
  await shop.switches({ campaigns: false });
  const { json } = await why(page());
  assert.equal(json.on, false);
  assert.ok(json.campaigns.every(({ shown, why: { rule } }) => !shown && rule === "switch"));
  await shop.switches({ campaigns: true });
});

test("whose browser it is, is said once it is proven, with what was decided about them", async () => {
  for (const visitor of [uuid(), uuid(), uuid()]) {
    const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"] });
    const { id } = await shop.person(email);
    // Loaders write ids without hyphens.
    const known = await until("the browser is theirs", async () => (await why(page({ visitor: plain(visitor) }))).json.shopper);
    assert.equal(known, id);
    const { json } = await until("the welcome has left", async () => {
      const answer = await shop.admin("GET", `people/${id}/decisions`);
      return answer.json.items.length > 1 && answer;
    });
    assert.deepEqual(json.items.map(({ what, message }) => [what, message]), [["send", "welcome"], ["send", "confirm"]]);
    assert.ok(json.items.every(({ at, why: { rule, fact } }) => at && rule && fact));
    assert.equal(json.next, null);
    const [first, second] = json.items;
    const earlier = (await shop.admin("GET", `people/${id}/decisions?before=${first.seq}`)).json.items;
    assert.deepEqual(earlier, [second]);
  }
  assert.equal((await why(page({ visitor: uuid() }))).json.shopper, null);
});

test("a browser of one shop is nobody's in another", async () => {
  const other = await edge.createShop({ origins: ["https://other.example"] });
  await other.publish();
  const visitor = uuid();
  const { email } = await other.welcome({ visitor, allow: ["email.marketing", "device.personalisation"] });
  const asked = () => other.admin("POST", "why", { json: page({ visitor }) });
  await until("it is known there", async () => (await asked()).json.shopper);
  assert.equal((await why(page({ visitor }))).json.shopper, null);
  const { id } = await other.person(email);
  assertProblem(await shop.admin("GET", `people/${id}/decisions`), 404);
  for (const token of [undefined, "", other.token, `${shop.token}x`]) assertProblem(await why(page(), { token }), 401);
});

test("what cannot be read is named", async () => {
  const wrong = [
    [{}, "at"],
    [page({ at: "now" }), "at"],
    [page({ visitor: "anna" }), "visitor"],
    [{ ...page(), state: undefined }, "state"],
    [page({ state: { closed: { HELLO: 1 } } }), /^state\.closed/],
    [page({ state: { closed: { hello: "yesterday" } } }), /^state\.closed/],
    [page({ signals: { path: "product" } }), "signals.path"],
    [page({ signals: { scrolled: 101 } }), "signals.scrolled"],
    [page({ signals: { elapsed: -1 } }), "signals.elapsed"],
  ];
  for (const [told, field] of wrong) {
    const answer = await why(told);
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.json.field, field instanceof RegExp ? field : new RegExp(`^${field.replace(".", "\\.")}$`));
  }
  assertProblem(await shop.admin("GET", `people/${uuid()}/decisions`), 404);
  const { email } = await shop.welcome();
  const { id } = await shop.person(email);
  assertProblem(await shop.admin("GET", `people/${id}/decisions?before=then`), 400, "before");
  assertProblem(await why(page({ signals: { path: `/${"x".repeat(40_000)}` } })), 413);
});

test("before anything is published it is said so", async () => {
  const empty = await edge.createShop({ origins: ["https://empty.example"] });
  assertProblem(await empty.admin("POST", "why", { json: page() }), 409);
});
