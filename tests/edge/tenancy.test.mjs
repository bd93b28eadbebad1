// Two shops from the first day: nobody reads or writes another shop's data.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { OWNER, startEdge } from "../harness/edge.mjs";
import { emailAddress, plain, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { changedRelease } from "../harness/release.mjs";

const edge = await startEdge();
after(() => edge.stop());

const named = (name) =>
  changedRelease((config) => {
    config.name = name;
  });

let ours;
let theirs;

before(async () => {
  ours = await edge.createShop({ name: "Ours", origins: ["https://ours.example"] });
  theirs = await edge.createShop({ name: "Theirs", origins: ["https://theirs.example"], objects: 2 });
  await ours.publish(named("Ours"));
  await theirs.publish(named("Theirs"));
  await theirs.send([theirs.event("page.viewed", { title: "A secret of theirs" })]);
});

/** Every route of the admin API, with a request that would work for the shop itself. */
const routes = (message, version, shopper) => [
  ["GET", "status"],
  ["GET", "messages"],
  ["GET", `messages/${encodeURIComponent(message)}`, "messages/{id}"],
  ["GET", "people"],
  ["GET", "events"],
  ["GET", "jobs"],
  ["GET", "decisions"],
  ["GET", "reports"],
  ["GET", "versions"],
  // Bodies are small: a large one that is refused unread can break the connection before the answer is read.
  ["POST", "versions", "versions", { json: { v: 1 } }],
  ["POST", `versions/${version}/activate`, "versions/{version}/activate"],
  ["PUT", "switches", "switches", { json: { campaigns: false, sending: false } }],
  ["PUT", "origins", "origins", { json: { origins: ["https://ours.example"] } }],
  ["POST", "tokens", "tokens", { json: { revoke_others: true } }],
  ["POST", `people/${shopper}/join`, "people/{shopper}/join", { json: { with: uuid() } }],
  ["POST", `people/${shopper}/part`, "people/{shopper}/part", { json: {} }],
  ["GET", `people/${shopper}/events`, "people/{shopper}/events"],
  ["GET", `people/${shopper}/copy`, "people/{shopper}/copy"],
  ["GET", `people/${shopper}/facts`, "people/{shopper}/facts"],
  ["GET", `people/${shopper}/decisions`, "people/{shopper}/decisions"],
  ["POST", "why", "why", { json: { at: 0, state: {}, signals: { path: "/" } } }],
  ["POST", `people/${shopper}/erase`, "people/{shopper}/erase", { json: {} }],
  ["DELETE", `people/${shopper}/visitors/${uuid()}`, "people/{shopper}/visitors/{visitor}"],
  ["GET", "receipts"],
  ["GET", "hooks"],
  ["GET", "hooks/generic", "hooks/{source}"],
  ["PUT", "hooks/generic", "hooks/{source}", { json: {} }],
  ["DELETE", "hooks/generic", "hooks/{source}"],
  ["DELETE", "hooks/generic/previous", "hooks/{source}/previous"],
  ["POST", "import?about=customers&format=csv", "import", { body: "id\n1\n" }],
  ["GET", "versions/live"],
  ["GET", "log?object=0", "log"],
  ["POST", "rehearsals?object=0", "rehearsals", { json: { v: 1 } }],
  ["GET", "journeys/vip/migrate", "journeys/{journey}/migrate"],
  ["POST", "journeys/vip/migrate", "journeys/{journey}/migrate", { json: {} }],
  ["GET", "pools"],
  ["GET", "pools/vip", "pools/{offer}"],
  ["POST", "pools/vip/codes", "pools/{offer}/codes", { body: "CODE-1\n" }],
  ["POST", "pools/vip/recall", "pools/{offer}/recall", { json: {} }],
  ["GET", "systems"],
  ["PUT", "systems/shopify", "systems/{system}", { json: { domain: "x.myshopify.com", token: "shpat_1" } }],
  ["DELETE", "systems/shopify", "systems/{system}"],
  ["GET", "products"],
  ["GET", "products/p1", "products/{id}"],
  ["PUT", "products", "products", { json: { products: [{ id: "p1" }] } }],
  ["PATCH", "products", "products", { json: { products: [{ id: "p1" }] } }],
  ["DELETE", "products", "products", { json: { ids: ["p1"] } }],
  ["PUT", "products/stock", "products/stock", { json: { stock: { p1: false } } }],
  ["GET", "learner"],
  ["POST", "learner/learn", "learner/learn", { json: {} }],
  ["GET", "feeds"],
  ["POST", "feeds/read", "feeds/read", { json: {} }],
  ["GET", "shelves"],
  ["GET", "shelves/next?seen=p1", "shelves/{shelf}"],
  ["POST", "clock/advance", "clock/advance", { json: { seconds: 86_400 } }],
];

test("no route of the admin API opens for another shop's token, nor for none", async () => {
  const { email } = await theirs.welcome();
  const { id } = await theirs.mailTo(email, "welcome");
  const person = await theirs.person(email);
  const { version } = await theirs.status();
  const everything = async () => JSON.stringify([await theirs.status(), await theirs.list("versions"), await theirs.list("people")]);
  const stable = (text) => text.replace(/"now":\d+/, "").replace(/"jobs":\d+/, "").replace(/"next_due":\w+/, "");
  const before = stable(await everything());

  const [, bare, secret] = theirs.token.split("_");
  const [, foreignBare, foreignSecret] = ours.token.split("_");
  const tokens = {
    none: undefined,
    empty: "",
    "another shop's": ours.token,
    "another shop's secret under this shop's name": `rpt_${bare}_${foreignSecret}`,
    "this shop's secret under another name": `rpt_${foreignBare}_${secret}`,
    cut: theirs.token.slice(0, -1),
    longer: `${theirs.token}A`,
    "the name alone": `rpt_${bare}_`,
    "the public key": theirs.key,
    "the owner's": OWNER,
    sql: "rpt_' OR '1'='1_x",
  };
  for (const [method, path, , options] of routes(id, version, person.id)) {
    for (const [name, token] of Object.entries(tokens)) {
      const answer = await edge.ask(method, `/admin/v1/shops/${theirs.key}/${path}`, { ...options, token });
      assertProblem(answer, 401);
      for (const data of [email, person.id, person.codes[0].code, "Theirs", "secret of theirs"]) {
        assert.ok(!answer.text.includes(data), `${data} with ${name} at ${path}`);
      }
    }
    const mark = path.includes("?") ? "&" : "?";
    const cookie = await edge.ask(method, `/admin/v1/shops/${theirs.key}/${path}${mark}token=${theirs.token}`, options);
    assertProblem(cookie, 401);
  }
  assert.equal(stable(await everything()), before, "nothing was changed by all this");
});

test("the table above names every route that the API describes", async () => {
  const { status, json } = await edge.ask("GET", "/openapi.json");
  assert.equal(status, 200);
  const prefix = "/admin/v1/shops/{shop}/";
  const described = Object.entries(json.paths)
    .filter(([path]) => path.startsWith(prefix))
    .flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => ["get", "put", "post", "delete", "patch"].includes(method))
        .map((method) => `${method.toUpperCase()} ${path.slice(prefix.length)}`),
    );
  assert.ok(described.length >= 14);
  const known = routes("m", "v", "s").map(([method, path, template = path]) => `${method} ${template}`);
  assert.deepEqual(described.filter((route) => !known.includes(route)), []);
});

test("an unknown shop, a shop without a token and a wrong token look the same", async () => {
  const answers = await Promise.all([
    edge.ask("GET", `/admin/v1/shops/pk_aaaaaaaaaaaaaaaaaaaa/status`, { token: ours.token }),
    edge.ask("GET", `/admin/v1/shops/pk_aaaaaaaaaaaaaaaaaaaa/status`, { token: "rpt_aaaaaaaaaaaaaaaaaaaa_AAAA" }),
    edge.ask("GET", `/admin/v1/shops/nonsense/status`, { token: ours.token }),
    edge.ask("GET", `/admin/v1/shops/${theirs.key}/status`, { token: ours.token }),
  ]);
  const bare = ({ status, json: { request_id, ...rest } }) => JSON.stringify([status, rest]);
  assert.deepEqual(answers.map(bare), answers.map(() => bare(answers[0])));
});

test("one shop's admin finds nothing of the other in its own lists", async () => {
  const { email } = await theirs.welcome();
  const message = await theirs.mailTo(email, "welcome");
  assertProblem(await ours.admin("GET", `messages/${encodeURIComponent(message.id)}`), 404);
  const lists = await Promise.all(["messages", "people", "events", "jobs", "decisions"].map((list) => ours.list(list)));
  assert.ok(!JSON.stringify(lists).includes(email));
  assert.ok(!JSON.stringify(lists).includes("A secret of theirs"));
  assert.deepEqual(await ours.reports(), {});
});

test("the same browser is another visitor in another shop", async () => {
  const visitor = uuid();
  const [here, there] = [ours.event("page.viewed", { title: "Here" }), theirs.event("page.viewed", { title: "There" })];
  await ours.send([here], { visitor });
  await theirs.send([{ ...there, id: here.id }], { visitor });
  const titles = async (shop) => (await shop.list("events")).filter(({ id }) => id === plain(here.id)).map(({ data }) => data.title);
  assert.deepEqual([await titles(ours), await titles(theirs)], [["Here"], ["There"]]);
});

test("a page of one shop cannot send to the other", async () => {
  assertProblem(await ours.send([ours.event()], { origin: theirs.origin }), 403, "origin");
  assertProblem(await ours.send([ours.event()], { key: theirs.key }), 403, "origin");
});

test("one address in two shops is two people who know nothing of each other", async () => {
  const email = emailAddress();
  const id = uuid();
  await ours.welcome({ email, id, given_name: "Anna" });
  await theirs.welcome({ email, id, given_name: "Ann" });
  const [here, there] = [await ours.person(email), await theirs.person(email)];
  assert.deepEqual([here.given_name, there.given_name], ["Anna", "Ann"]);
  assert.notEqual(here.id, there.id);
  assert.notEqual(here.codes[0].code, there.codes[0].code);
  const link = ours.link(await ours.mailTo(email, "welcome"), "u");
  assertProblem(await edge.ask("POST", link.replace(ours.key, theirs.key)), 404);
  await edge.ask("POST", link);
  assert.equal((await ours.person(email)).consents[0].state, "withdrawn");
  assert.equal((await theirs.person(email)).consents[0].state, "given");
});

test("a link works for its own purpose only", async () => {
  const { email, confirmation } = await ours.welcome();
  const unsubscribe = ours.link(await ours.mailTo(email, "welcome"), "u");
  assertProblem(await edge.ask("POST", confirmation.replace("/c/", "/u/")), 404);
  assertProblem(await edge.ask("POST", unsubscribe.replace("/u/", "/c/")), 404);
  assert.equal((await ours.person(email)).consents[0].state, "given");
});

test("a code of one shop is worth nothing in the other", async () => {
  const { email } = await theirs.welcome();
  const [{ code }] = (await theirs.person(email)).codes;
  await ours.send([ours.event("order.placed", { order: { id: "1", codes: [code] } })]);
  assert.equal((await theirs.person(email)).codes[0].state, "issued");
});

test("published files are served under their own shop's key only", async () => {
  const bytes = Buffer.from(`{"only":"theirs"}`);
  const { createHash } = await import("node:crypto");
  const name = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  await theirs.publish(changedRelease((_, release) => { release.files[name] = bytes.toString("base64"); }));
  assert.equal((await edge.ask("GET", `/v1/shops/${theirs.key}/files/${name}`)).text, bytes.toString());
  assertProblem(await edge.ask("GET", `/v1/shops/${ours.key}/files/${name}`), 404);
  assertProblem(await ours.admin("POST", `versions/${(await theirs.status()).version}/activate`), 404, "version");
});

test("the owner's routes open for the owner alone", async () => {
  const requests = [
    ["POST", "/owner/v1/shops", { json: { name: "Sly", origins: ["https://sly.example"] } }],
    ["POST", `/owner/v1/shops/${theirs.key}/tokens`, {}],
    ["POST", `/owner/v1/shops/${theirs.key}/rewrap`, {}],
  ];
  for (const [method, path, options] of requests) {
    for (const token of [undefined, "", "owner", ours.token, theirs.token, OWNER.slice(0, -1), `${OWNER}x`, OWNER.toUpperCase()]) {
      assertProblem(await edge.ask(method, path, { ...options, token }), 401);
    }
  }
  assert.equal((await theirs.admin("GET", "status")).status, 200, "the token is still good");
});

test("a deployment without an owner's token, or with a short one, has no owner", async (t) => {
  for (const secret of [undefined, "", "short"]) {
    const ownerless = await startEdge({ bindings: { RAPPORT_OWNER_TOKEN: secret } });
    t.after(() => ownerless.stop());
    for (const token of ["", secret, undefined]) {
      const answer = await ownerless.ask("POST", "/owner/v1/shops", { token, json: { name: "Sly", origins: ["https://sly.example"] } });
      assertProblem(answer, 401);
    }
  }
});
