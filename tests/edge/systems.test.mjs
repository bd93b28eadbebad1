// Codes that are made ahead in the shop's own system: each there once, whatever it answers.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { given, pool, poolRelease } from "../harness/pool.mjs";
import { startShopify } from "../harness/shopify.mjs";
import { until } from "../harness/until.mjs";
import { startWooCommerce } from "../harness/woocommerce.mjs";

const edge = await startEdge({ inspect: true });
after(() => edge.stop());

const KINDS = {
  shopify: {
    start: startShopify,
    access: (double) => ({ address: double.url, token: "shpat_double" }),
    codes: (double) => double.codes(),
  },
  woocommerce: {
    start: startWooCommerce,
    access: (double) => ({ address: double.url, key: "ck_double", secret: "cs_double" }),
    codes: (double) => [...double.coupons.keys()].map((code) => code.toUpperCase()),
  },
};

/** A shop whose codes are made in a double. */
async function making(t, system, { ahead = 120, objects = 1, connect = true, ...options } = {}) {
  const double = await KINDS[system].start(options);
  t.after(() => double.stop());
  const shop = await edge.createShop({ objects });
  const access = KINDS[system].access(double);
  const connected = () => shop.admin("PUT", `systems/${system}`, { json: access });
  if (connect) assert.equal((await connected()).status, 200);
  await shop.publish(poolRelease({ low: 10, made: { system, prefix: "VIP", ahead } }));
  return { shop, double, connected, codes: () => KINDS[system].codes(double) };
}

/** Waits until so many codes are ready, and sees that the system has each of them once. */
async function ready(shop, codes, count) {
  await until(`${count} codes are ready, and the shop's system knows the same ones`, async () => {
    const rows = await edge.inside(shop, "shop", "SELECT code, state FROM pool_codes WHERE offer = 'vip'");
    const free = rows.filter(({ state }) => state === "free").length;
    return free >= count && `${codes().sort()}` === `${rows.map(({ code }) => code).sort()}`;
  }, { within: 60_000 });
}

for (const system of Object.keys(KINDS)) {
  test(`${system}: codes are made ahead, given away and made again`, async (t) => {
    const { shop, double, codes } = await making(t, system, { objects: 2 });
    await ready(shop, codes, 120);
    await until("they are leased", async () => (await pool(shop)).leased >= 2);
    const { email } = await shop.welcome();
    const [[code]] = [(await given(shop))[email]];
    assert.match(code, /^VIP-/);
    assert.ok(codes().includes(code));
    assert.deepEqual(double.wrong, [], "the system found nothing wrong");
    if (system === "shopify") {
      const [discount] = double.discounts.values();
      assert.deepEqual([discount.customerGets.value.percentage, discount.usageLimit, double.discounts.size], [0.2, 1, 1]);
    } else {
      const [coupon] = double.coupons.values();
      assert.deepEqual([coupon.discount_type, coupon.amount, coupon.usage_limit], ["percent", "20.00", 1]);
    }
    const { sinkings, is_low, made_in, trouble } = await pool(shop);
    assert.deepEqual([sinkings, is_low, made_in, trouble], [0, false, system, null], "it was never low: more were on their way");
  });

  test(`${system}: what fails or is not answered is tried again and made once`, async (t) => {
    const moods = {
      shopify: (name, attempt) => ({
        "discountCodeBasicCreate 1": { status: 503 }, "discountCodeBasicCreate 2": "lost", "discountCodeBasicCreate 3": { status: 429, retryAfter: 0.5 },
        "discountRedeemCodeBulkAdd 1": "throttled", "discountRedeemCodeBulkAdd 2": "lost",
        "discountRedeemCodeBulkCreation 1": { status: 502 }, "codeDiscountNodeByCode 1": "throttled",
      })[`${name} ${attempt}`],
      woocommerce: (attempt) => ({ 1: { status: 500 }, 2: "lost", 3: { status: 429, retryAfter: 0.5 } })[attempt],
    };
    const { shop, double, codes } = await making(t, system, { ahead: 60, mood: moods[system] });
    await ready(shop, codes, 60);
    assert.deepEqual(double.wrong, []);
    if (system === "shopify") assert.equal(double.discounts.size, 1, "one discount, whatever was lost");
  });

  test(`${system}: a key that is refused is said, and tried again when it is exchanged`, async (t) => {
    const double = await KINDS[system].start({ ...(system === "shopify" ? { token: "shpat_other" } : { secret: "cs_other" }) });
    t.after(() => double.stop());
    const shop = await edge.createShop();
    await shop.publish(poolRelease({ low: 10, made: { system, prefix: "VIP", ahead: 20 } }));
    const alerted = async () => (await shop.list("messages")).filter(({ mail }) => mail === "alert");
    await until("the merchant is told, once", async () => (await alerted()).length === 1);
    await until("it is said that nothing is connected", async () => /not connected/.test((await pool(shop)).trouble));
    const access = KINDS[system].access(double);
    await shop.admin("PUT", `systems/${system}`, { json: access });
    await until("it is said that the key is refused", async () => /^401/.test((await pool(shop)).trouble));
    const right = system === "shopify" ? { token: "shpat_other" } : { secret: "cs_other" };
    await shop.admin("PUT", `systems/${system}`, { json: { ...access, ...right } });
    await ready(shop, () => KINDS[system].codes(double), 20);
    const counts = await pool(shop);
    assert.deepEqual([counts.trouble, counts.is_low, (await alerted()).length], [null, false, 1]);
    // What opens it is kept sealed and never shown.
    const [{ sealed }] = await edge.inside(shop, "shop", "SELECT hex(sealed) AS sealed FROM systems");
    assert.ok(!Buffer.from(sealed, "hex").includes("_other"));
    const shown = await shop.admin("GET", "systems");
    assert.deepEqual(shown.json.items.map((item) => [item.system, item.address]), [[system, double.url]]);
    assert.ok(!shown.text.includes("_other"));
    assert.equal((await shop.admin("DELETE", `systems/${system}`)).status, 200);
    assert.equal((await shop.admin("DELETE", `systems/${system}`)).status, 404);
  });
}

test("codes of another percentage are made anew, and nobody gets the old ones", async (t) => {
  const { shop, double, codes } = await making(t, "shopify", { ahead: 30 });
  await ready(shop, codes, 30);
  await shop.publish(poolRelease({ percent: 30, low: 10, made: { system: "shopify", prefix: "VIP", ahead: 30 } }));
  await until("a second discount is made", async () => double.discounts.size === 2);
  await until("thirty codes of it are ready", async () => (await pool(shop)).remaining >= 30 && (await pool(shop)).making === 0);
  const free = await edge.inside(shop, "shop", "SELECT code FROM pool_codes WHERE state = 'free'");
  const second = double.discounts.get("gid://shopify/DiscountCodeNode/2");
  assert.ok(free.every(({ code }) => second.codes.has(code)));
  // What an object had leased before gives what it was made with.
  const { email } = await shop.welcome();
  const [{ code, percent }] = (await shop.person(email)).codes;
  assert.equal(percent, second.codes.has(code) ? 30 : 20);
});

test("a refusal of the system itself is said in its words", async (t) => {
  const mood = (name) => (name === "discountCodeBasicCreate" ? { userError: { field: ["title"], code: "TOO_LONG", message: "Title is too long" } } : undefined);
  const { shop } = await making(t, "shopify", { mood });
  await until("it is said", async () => (await pool(shop)).trouble === "Title is too long");
});

test("a wrong access is told by its field", async () => {
  const shop = await edge.createShop();
  for (const [system, json, status, field] of [
    ["magento", { address: "https://x.example" }, 404, "system"],
    ["shopify", {}, 400, "address"],
    ["shopify", { address: "http://x.example", token: "t" }, 400, "address"],
    ["shopify", { address: "x.myshopify.com", token: "t" }, 400, "address"],
    ["shopify", { address: "https://x.example" }, 400, "token"],
    ["shopify", { address: "https://x.example", token: "a b" }, 400, "token"],
    ["shopify", { address: "https://x.example", token: "t", key: "k" }, 400, "key"],
    ["woocommerce", { address: "https://x.example", key: "ck" }, 400, "secret"],
    ["woocommerce", { address: "https://x.example", key: "ck", secret: "cs", token: "t" }, 400, "token"],
    ["woocommerce", { address: "https://x.example", key: "ck", secret: "cs", more: 1 }, 400, "more"],
  ]) {
    const answer = await shop.admin("PUT", `systems/${system}`, { json });
    assert.deepEqual([answer.status, answer.json.field], [status, field], answer.text);
  }
});
