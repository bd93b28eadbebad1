// What a shop sells: said by its server, by feeds and by pages, and what browsers are told of it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge({ inspect: true, bindings: { LEARN_EVERY: "0" } });
after(() => edge.stop());

/** A product as the shop's server says it. */
const product = (n, more = {}) => ({
  id: `p${n}`,
  title: `Linen shirt number ${n}`,
  url: `http://localhost:8788/shirts/${n}`,
  image: `http://localhost:8788/shirts/${n}.svg`,
  price: `${20 + n}.00`,
  currency: "EUR",
  in_stock: true,
  categories: ["Women > Shirts"],
  ...more,
});

const put = async (shop, products, method = "PUT") => {
  const answer = await shop.admin(method, "products", { json: { products } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const head = async (shop, market = "default") => {
  const answer = await edge.ask("GET", `/v1/shops/${shop.key}/shelves/${market}`);
  assert.equal(answer.status, 200, answer.text);
  return answer;
};
const learned = (shop, generation = 1) =>
  until("it is learned", async () => {
    const { json } = await shop.admin("GET", "learner");
    return json.learned?.generation >= generation && !json.under_way && json;
  });

test("products by the API are learned within seconds, and their file is what its name says", async () => {
  const shop = await edge.createShop();
  const none = await head(shop);
  assert.deepEqual([...none.bytes.subarray(0, 2)], [1, 0], "nothing was learned yet");
  const answer = await put(shop, Array.from({ length: 30 }, (_, n) => product(n)));
  assert.deepEqual(answer, { accepted: 30, refused: [], changed: 30, products: 30 });
  const status = await learned(shop);
  assert.equal(status.learned.products, 30);
  assert.equal(status.files.count, 1);
  const [{ name }] = await edge.inside(shop, "learner", "SELECT name FROM files");
  const pack = await edge.ask("GET", `/v1/shops/${shop.key}/packs/${name}`);
  assert.equal(pack.status, 200, pack.text);
  assert.equal(createHash("sha256").update(pack.bytes).digest("hex").slice(0, 16), name);
  assert.equal(pack.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(pack.headers.get("content-encoding"), "br");
  assert.ok(pack.bytes.includes("Linen shirt number 7"));
  assert.notDeepEqual((await head(shop)).bytes, none.bytes);
  assertProblem(await edge.ask("GET", `/v1/shops/${shop.key}/packs/0000000000000000`), 404);
  assertProblem(await edge.ask("GET", `/v1/shops/${shop.key}/shelves/mars`), 404, "market");
});
