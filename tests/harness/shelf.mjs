// A shop with shelves: its release, its products, what its visitors do, and what it has learned of that.

import assert from "node:assert/strict";

import { uuid } from "./ids.mjs";
import { changedRelease } from "./release.mjs";
import { until } from "./until.mjs";

const shelf = (name, kind = name, more = {}) => ({
  shelf: {
    name, kind, size: 8, least: 1, without_owned: false, without_cart: true,
    only: { categories: [], same_category: false, prices: [] },
    most_of_category: null, most_of_brand: null, holdout: 0, ...more,
  },
  texts: {},
});

/** A market as it is published. */
export const market = (name, more = {}) =>
  ({ name, countries: [], languages: [], path: "", currency: "EUR", digits: 2, free_delivery: null, ...more });

/** A release with a shelf of each kind, named after it; `shelves` changes its settings, `change` the rest. */
export function shelvedRelease(shelves = {}, change = () => {}) {
  return changedRelease((config, release) => {
    change(config, release);
    const kinds = ["next", "bought-together", "similar", "recently-viewed", "trending", "for-you"];
    config.shelves = {
      shelves: kinds.map((kind) => shelf(kind)),
      markets: [market("default")],
      badges: [],
      rules: [],
      catalogue: { witnesses: 2, feeds: [], image_hosts: [] },
      ...shelves,
    };
  });
}

/** A product as the shop's server says it. No two of them are alike, unless they are told to be. */
export const product = (n, more = {}) => ({
  id: `p${n}`,
  title: `Thing${n}`,
  url: `http://localhost:8788/things/${n}`,
  image: `http://localhost:8788/things/${n}.svg`,
  price: `${20 + n}.00`,
  currency: "EUR",
  in_stock: true,
  ...more,
});

/** Says products to the catalogue. */
export async function sell(shop, products, { method = "PUT", market } = {}) {
  const answer = await shop.admin(method, `products${market ? `?market=${market}` : ""}`, { json: { products } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** Somebody looks at these products, one after the other. */
export async function browse(shop, ids, { visitor = uuid(), began = Date.now() - ids.length * 10_000, path = "/things" } = {}) {
  const views = ids.map((id, n) => shop.event("product.viewed", { at: began + n * 10_000, url: `${shop.origin}${path}/${id}`, product: { id } }));
  for (let n = 0; n < views.length; n += 100) {
    const answer = await shop.send(views.slice(n, n + 100), { visitor, sent: began + ids.length * 10_000 });
    assert.deepEqual([answer.status, answer.json?.refused], [202, []], answer.text);
  }
  return visitor;
}

/** How the learner is doing. */
export async function learner(shop) {
  const answer = await shop.admin("GET", "learner");
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** Lets everything that was done be counted and learned, and says how the learner is doing then. */
export async function learn(shop, { within = 60_000 } = {}) {
  await shop.advance({ seconds: 30 });
  // One that began by itself may have begun before all was counted.
  const idle = await until("nothing is being learned", async () => {
    const status = await learner(shop);
    return !status.under_way && status;
  }, { within });
  const before = idle.learned?.generation ?? 0;
  const answer = await shop.admin("POST", "learner/learn", { json: {} });
  assert.equal(answer.status, 200, answer.text);
  return until("it is learned", async () => {
    const status = await learner(shop);
    return status.learned?.generation > before && !status.under_way && status;
  }, { within });
}

/** Ids on a shelf, as somebody would see it who has looked at these products. */
export async function filled(shop, name, seen = [], query = "") {
  const answer = await shop.admin("GET", `shelves/${name}?seen=${seen.join(",")}${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** The same, only the ids. */
export const ids = async (...args) => (await filled(...args)).items.map(({ id }) => id);
