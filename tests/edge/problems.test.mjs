// Every error is problem+json; the API describes itself.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { OWNER, startEdge } from "../harness/edge.mjs";
import { emailAddress, uuid } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";

const edge = await startEdge({ assets: true });
after(() => edge.stop());

test("what is not there is 404, everywhere and for every method", async () => {
  const shop = await edge.createShop();
  const paths = [
    "/nothing", "/v1", "/v1/", "/v1/nothing", "/v2/events", "/admin", "/admin/v1/shops", "/owner", "/c", "/u/x",
    `/v1/shops/${shop.key}`, `/v1/shops/${shop.key}/nothing`, "/.env", "/wp-login.php",
    "/w/0000000000000000/widget.js", "//", "/%00", "/%F0%9F%92%A9", `/${"x".repeat(3_000)}`, "/v1/events/..%2f..",
  ];
  for (const path of paths) {
    for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH"]) {
      assertProblem(await edge.ask(method, path, { body: method === "GET" ? undefined : "x" }), 404);
    }
  }
  assertProblem(await shop.admin("GET", "nothing"), 404);
  assertProblem(await edge.ask("GET", "/owner/v1/nothing", { token: OWNER }), 404);
});

test("a wrong method on a right path is told the right ones (RFC 9110)", async () => {
  const shop = await edge.createShop();
  const wrong = [
    ["GET", `/v1/events?shop=${shop.key}&visitor=${uuid()}`, "POST"],
    ["PUT", `/v1/events?shop=${shop.key}&visitor=${uuid()}`, "POST"],
    ["GET", `/v1/forms/hello?shop=${shop.key}`, "POST"],
    ["POST", `/v1/shops/${shop.key}/pointer`, "GET"],
    ["DELETE", `/v1/shops/${shop.key}/pointer`, "GET"],
    ["POST", "/health", "GET"],
    ["PUT", `/c/${shop.key}/x`, "GET, POST"],
    ["DELETE", `/admin/v1/shops/${shop.key}/people`, "GET"],
    ["PATCH", `/admin/v1/shops/${shop.key}/versions`, "GET, POST"],
  ];
  for (const [method, path, right] of wrong) {
    const answer = await edge.ask(method, path, { body: method === "GET" ? undefined : "{}", token: shop.token });
    assertProblem(answer, 405);
    assert.equal(answer.headers.get("allow"), right, path);
  }
});

test("a scanner that only asks for the head of a link changes nothing and is not sent away", async () => {
  const shop = await edge.createShop();
  await shop.publish();
  const email = emailAddress();
  await shop.submit({ email, allow: ["email.marketing"] });
  const link = shop.link(await shop.mailTo(email, "confirm"), "c");
  const answer = await edge.ask("HEAD", link);
  assert.deepEqual([answer.status, answer.text], [200, ""]);
  assert.equal((await shop.person(email)).addresses[0].state, "asked");
  for (const path of ["/health", "/tag.js", `/v1/shops/${shop.key}/pointer`]) {
    assert.equal((await edge.ask("HEAD", path)).status, 200, path);
  }
});

test("the owner's mistakes are named by their field", async () => {
  const wish = { name: "Shop", origins: ["https://shop.example"] };
  const create = (json) => edge.ask("POST", "/owner/v1/shops", { token: OWNER, json });
  const wrong = [
    ["name", { ...wish, name: "" }],
    ["name", { ...wish, name: "x".repeat(121) }],
    ["name", { ...wish, name: 7 }],
    ["name", { origins: wish.origins }],
    ["origins", { ...wish, origins: [] }],
    ["origins", { ...wish, origins: "https://shop.example" }],
    ["origins[1]", { ...wish, origins: ["https://shop.example", "shop.example"] }],
    ["origins[0]", { ...wish, origins: ["https://shop.example/path"] }],
    ["origins[0]", { ...wish, origins: ["https://shop.example/"] }],
    ["origins[0]", { ...wish, origins: ["*"] }],
    ["origins[0]", { ...wish, origins: ["javascript:alert(1)"] }],
    ["objects", { ...wish, objects: 0 }],
    ["objects", { ...wish, objects: "8" }],
  ];
  for (const [field, json] of wrong) assertProblem(await create(json), 400, field);
  for (const body of ["", "{", "[]", "null"]) {
    assertProblem(await edge.ask("POST", "/owner/v1/shops", { token: OWNER, body }), 400);
  }
  assertProblem(await create({ ...wish, colour: "red" }), 400);
});

test("lists refuse what is no cursor and survive what is a strange one", async () => {
  const shop = await edge.createShop({ objects: 2 });
  await shop.send([shop.event()]);
  for (const list of ["events", "people", "messages", "decisions"]) {
    for (const before of ["7", "1.2.3", "a.b", "-.x", "1.-", "%20", "9223372036854775807.9223372036854775807", "-1.-1", "1e9.1e9"]) {
      const answer = await shop.admin("GET", `${list}?before=${before}`);
      if (answer.status === 200) assert.ok(Array.isArray(answer.json.items), `${list} ${before}`);
      else assertProblem(answer, 400, "before");
    }
  }
  for (const days of ["0", "401", "-1", "x", "1.5", "99999999999"]) {
    assertProblem(await shop.admin("GET", `reports?days=${days}`), 400, "days");
  }
});

test("files of ours are served beside the API, with what browsers need to know", async () => {
  const tag = await edge.ask("GET", "/tag.js");
  assert.equal(tag.status, 200);
  assert.match(tag.headers.get("content-type"), /javascript/);
  assert.equal(tag.headers.get("access-control-allow-origin"), "*");
  assert.match(tag.headers.get("cache-control"), /max-age=300/);
  const inbox = await edge.ask("GET", "/inbox/");
  assert.equal(inbox.status, 200);
  assert.match(inbox.headers.get("cache-control"), /no-store/);
  assert.match(inbox.headers.get("content-security-policy"), /default-src.*frame-ancestors 'none'/);
  // The one page that stands in frames on the shop's, and what it is made of; the module around it has an address of its own.
  const why = await edge.ask("GET", "/why/");
  assert.equal(why.status, 200);
  assert.match(why.headers.get("cache-control"), /no-store/);
  assert.match(why.headers.get("content-security-policy"), /^default-src 'none'; script-src 'self'.*frame-ancestors \*$/);
  assert.equal((await edge.ask("GET", "/why/why.js")).status, 404);
});

test("the API describes itself in OpenAPI 3.1", async () => {
  const { status, headers, json } = await edge.ask("GET", "/openapi.json");
  assert.equal(status, 200);
  assert.match(headers.get("content-type"), /^application\/json/);
  assert.match(json.openapi, /^3\.1\./);
  for (const path of ["/v1/events", "/v1/forms/{campaign}", "/v1/shops/{shop}/pointer", "/admin/v1/shops/{shop}/people", "/owner/v1/shops"]) {
    assert.ok(json.paths[path], `${path} is described`);
  }
  const references = [...JSON.stringify(json).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path);
  for (const path of new Set(references)) {
    const found = path.split("/").reduce((at, part) => at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], json);
    assert.ok(found, `#/${path} is there`);
  }
});

test("a browser that asks first may send", async () => {
  const answer = await edge.ask("OPTIONS", "/v1/events", {
    origin: "http://localhost:8788",
    headers: { "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
  });
  assert.equal(answer.status, 204);
  assert.match(answer.headers.get("access-control-allow-methods"), /POST/);
});

test("the edge says that it is up", async () => {
  const answer = await edge.ask("GET", "/health");
  assert.deepEqual([answer.status, answer.json], [200, { ok: true }]);
});
