// Every route that the API describes, asked with one shop's keys for another shop's things: nothing comes
// back, and nothing changes.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { OWNER, startEdge } from "../harness/edge.mjs";
import { plain, uuid } from "../harness/ids.mjs";
import { changedRelease } from "../harness/release.mjs";
import { Server, sign, statement } from "../harness/server.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

const METHODS = ["get", "put", "post", "delete", "patch"];

/** The name of a small shop's one file of products, by the head of its market (`domain::shelf::Head`, postcard). */
function fileOf(head) {
  let at = 1;
  const number = () => {
    for (let [sum, shift] = [0n, 0n]; ; shift += 7n) {
      const byte = BigInt(head[at++]);
      sum |= (byte & 127n) << shift;
      if (byte < 128n) return sum;
    }
  };
  number();
  const length = Number(number());
  at += length;
  number();
  return number() === 1n ? number().toString(16).padStart(16, "0") : undefined;
}

/** Lets a shop sell one thing, and gives the name of the file that browsers read of it. */
async function sold(shop, word) {
  const products = [{ id: word, title: word, url: `${shop.origin}/thing`, price: "5.00", currency: "EUR", in_stock: true }];
  await shop.admin("PUT", "products", { json: { products } });
  await shop.admin("POST", "learner/learn", { json: {} });
  return until("what is sold is in a file", async () => fileOf((await edge.ask("GET", `/v1/shops/${shop.key}/shelves/default`)).bytes), { within: 60_000 });
}

/** A shop full of things, each with a word in it that stands nowhere else. */
async function full(word, objects) {
  const shop = await edge.createShop({ name: word, origins: [`https://${word.toLowerCase()}.example`], objects });
  await shop.publish(changedRelease((config) => { config.name = word; }));
  const visitor = uuid();
  const { email, confirmation } = await shop.welcome({ given_name: word, visitor, allow: ["email.marketing", "device.personalisation"] });
  await shop.send([shop.event("page.viewed", { title: word })], { visitor });
  const welcome = await shop.mailTo(email, "welcome");
  const person = await shop.person(email);
  const server = await new Server(shop).connect();
  await server.tell(statement("customer.updated", { customer: { id: word, emails: [email], given_name: word } }));
  await server.settled();
  const pointer = await shop.pointer();
  const page = shop.link(welcome, "p").replace(/#.*/, "");
  await edge.ask("POST", page, { form: new URLSearchParams({ act: "erase" }) });
  await edge.ask("POST", page, { form: new URLSearchParams({ act: "export" }) });
  const [erase, copy] = [await shop.mailTo(email, "erase"), await shop.mailTo(email, "export")];
  const token = (path) => path.split("/").at(-1).replace(/#.*/, "");
  return {
    shop, word, email, visitor, server, code: person.codes[0].code,
    path: {
      shopper: person.id, visitor, id: encodeURIComponent(welcome.id), version: pointer.version,
      hash: Object.values(pointer.files)[0], name: await sold(shop, word), campaign: "hello", source: "generic", offer: "welcome", system: "shopify",
    },
    tokens: {
      c: token(confirmation), u: token(shop.link(welcome, "u")), p: token(page),
      e: token(shop.link(copy, "e")), x: token(shop.link(erase, "x")),
    },
  };
}

/** All that can be seen of a shop, without what time alone changes. */
async function everything({ shop }) {
  const lists = ["people", "messages", "events", "decisions", "versions"];
  const read = await Promise.all([shop.pointer(), shop.admin("GET", "hooks"), ...lists.map((name) => shop.list(name))]);
  return JSON.stringify(read.map((each) => each.text ?? each));
}

test("swapped keys open nothing on any route", async () => {
  const [ours, theirs] = [await full("Oursonly", 1), await full("Theirsonly", 2)];
  const { json: api } = await edge.ask("GET", "/openapi.json");
  const before = await everything(theirs);
  const secrets = [theirs.word, theirs.email, theirs.path.shopper, plain(theirs.visitor)];
  const release = changedRelease((config) => { config.name = "Stolen"; });
  const body = {
    "admin/v1/shops/{shop}/versions": { json: release },
    "admin/v1/shops/{shop}/switches": { json: { campaigns: false, sending: false } },
    "admin/v1/shops/{shop}/origins": { json: { origins: ["https://oursonly.example"] } },
    "admin/v1/shops/{shop}/tokens": { json: { revoke_others: true } },
    "admin/v1/shops/{shop}/clock/advance": { json: { seconds: 10 } },
    "admin/v1/shops/{shop}/pools/{offer}/codes": { body: "STOLEN-1" },
    "admin/v1/shops/{shop}/systems/{system}": { json: { address: "https://stolen.example", token: "t" } },
    "admin/v1/shops/{shop}/import": { body: "id,email\n1,stolen@example.org\n" },
    "admin/v1/shops/{shop}/people/{shopper}/join": { json: { with: ours.path.shopper } },
  };
  const asked = new Set();
  const refused = async (method, path, options) => {
    const answer = await edge.ask(method, path, options);
    assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${path}: ${answer.status} ${answer.text}`);
    for (const secret of secrets) assert.ok(!answer.text.includes(secret), `${method} ${path} says ${secret}`);
  };
  for (const [template, methods] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => methods[name]).map((name) => name.toUpperCase())) {
      const fill = (key, parts) => template.replace(/\{(\w+)\}/g, (_, name) => (name === "shop" ? key : parts[name] ?? "x"));
      const query = "?about=customers&format=csv";
      const options = { ...(method === "GET" || method === "DELETE" ? {} : body[template.slice(1)] ?? { json: {} }) };
      asked.add(`${method} ${template}`);
      if (template.startsWith("/admin/")) {
        // Their shop with our token, and our shop with our token for their things.
        await refused(method, fill(theirs.shop.key, theirs.path) + query, { ...options, token: ours.shop.token });
        await refused(method, fill(theirs.shop.key, theirs.path) + query, { ...options, token: OWNER });
        if (/\{(shopper|id|version)\}/.test(template)) {
          await refused(method, fill(ours.shop.key, theirs.path) + query, { ...options, token: ours.shop.token });
        }
      } else if (template.startsWith("/owner/")) {
        for (const token of [ours.shop.token, theirs.shop.token, ours.shop.key]) {
          await refused(method, fill(theirs.shop.key, theirs.path), { ...options, token });
        }
      } else if (template.includes("{token}")) {
        const kind = template[1];
        // Their links under our key, our links under theirs, and each for what it is not.
        await refused(method, `/${kind}/${ours.shop.key}/${theirs.tokens[kind]}`, {});
        await refused(method, `/${kind}/${theirs.shop.key}/${ours.tokens[kind]}`, {});
        for (const [other, token] of Object.entries(theirs.tokens)) {
          if (other !== kind) await refused(method, `/${kind}/${theirs.shop.key}/${token}`, {});
        }
      } else if (template.startsWith("/v1/hooks/")) {
        const said = JSON.stringify(statement("customer.updated", { customer: { id: "stolen", emails: [theirs.email] } }));
        await refused(method, fill(theirs.shop.key, theirs.path), { body: said, headers: sign.generic(ours.server.secret, said) });
      } else if (template === "/v1/shops/{shop}/codes/check") {
        // Our signature on their checkout, and theirs on ours for their code.
        const asked = JSON.stringify({ code: theirs.code });
        await refused(method, fill(theirs.shop.key, theirs.path), { body: asked, headers: sign.generic(ours.server.secret, asked) });
        const here = await edge.ask(method, fill(ours.shop.key, ours.path), { body: asked, headers: sign.generic(ours.server.secret, asked) });
        assert.deepEqual([here.status, here.json.why.rule], [200, "unknown"]);
      } else if (template === "/v1/shops/{shop}/files/{hash}") {
        await refused(method, fill("pk_aaaaaaaaaaaaaaaaaaaa", theirs.path), {});
      } else if (template === "/v1/shops/{shop}/packs/{name}") {
        // What their pages read is no file of ours.
        await refused(method, fill(ours.shop.key, theirs.path), {});
        assert.equal((await edge.ask(method, fill(theirs.shop.key, theirs.path))).status, 200);
      } else if (template === "/v1/events") {
        await refused(method, `/v1/events?shop=${theirs.shop.key}&visitor=${theirs.visitor}`, { origin: ours.shop.origin, body: JSON.stringify({ v: 1, sent: Date.now(), events: [theirs.shop.event()] }) });
      } else if (template === "/v1/forms/{campaign}") {
        const form = new URLSearchParams({ id: uuid(Date.now() - 4_000), email: theirs.email, lang: "en" });
        await refused(method, `/v1/forms/hello?shop=${theirs.shop.key}`, { origin: ours.shop.origin, form, headers: { accept: "application/json" } });
      } else {
        // What is public on purpose: the pointer, what is on shelves, the health, this description.
        assert.ok(["/v1/shops/{shop}/pointer", "/v1/shops/{shop}/shelves/{market}", "/health", "/openapi.json"].includes(template), `${template} is new: say here what it must not tell`);
      }
    }
  }
  assert.ok(asked.size >= 54, `${asked.size} routes`);
  assert.equal(await everything(theirs), before, "nothing of theirs has changed");
  assert.equal((await theirs.shop.admin("GET", "status")).status, 200, "their token is still good");
});
