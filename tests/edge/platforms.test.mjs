// What the tests sign as Stripe and Shopify do, the platforms' own libraries verify; what those sign, the edge
// believes.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import "@shopify/shopify-api/adapters/node";
import { ApiVersion, shopifyApi } from "@shopify/shopify-api";
import Stripe from "stripe";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { Server, sign } from "../harness/server.mjs";

const edge = await startEdge();
after(() => edge.stop());

const SECRET = "whsec_of_the_test_000001";
const stripe = new Stripe("sk_test_of_nobody");

async function connected(source) {
  const shop = await edge.createShop();
  await shop.publish();
  return new Server(shop, source).connect({ secret: SECRET });
}

test("Stripe's library verifies what we sign, and we believe what it signs", async () => {
  const said = JSON.stringify({
    id: "evt_1", object: "event", type: "payment_intent.succeeded", created: Math.floor(Date.now() / 1_000),
    data: { object: { id: "pi_1", object: "payment_intent", amount: 1990, amount_received: 1990, currency: "eur", status: "succeeded", metadata: {}, receipt_email: emailAddress() } },
  });
  const header = sign.stripe(SECRET, said)["Stripe-Signature"];
  assert.equal(stripe.webhooks.constructEvent(said, header, SECRET).id, "evt_1");
  assert.throws(() => stripe.webhooks.constructEvent(`${said} `, header, SECRET));
  assert.throws(() => stripe.webhooks.constructEvent(said, header, `${SECRET}x`));

  const server = await connected("stripe");
  const theirs = (payload, secret = SECRET, timestamp) =>
    ({ "Stripe-Signature": stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }) });
  const answer = await server.send(said, theirs(said));
  assert.deepEqual([answer.status, answer.json], [202, { heard: 1 }], answer.text);
  assertProblem(await server.send(`${said} `, theirs(said)), 401, "Stripe-Signature");
  assertProblem(await server.send(said, theirs(said, `${SECRET}x`)), 401, "Stripe-Signature");
  const old = Math.floor(Date.now() / 1_000) - 301;
  assertProblem(await server.send(said, theirs(said, SECRET, old)), 401, "Stripe-Signature");
});

test("Shopify's library verifies what we sign", async () => {
  const shopify = shopifyApi({
    apiKey: "key", apiSecretKey: SECRET, hostName: "x.example", apiVersion: Object.values(ApiVersion).at(-1), isEmbeddedApp: false,
    logger: { log: () => {} },
  });
  const said = JSON.stringify({ id: 4711, email: emailAddress(), first_name: "Anna" });
  const headers = {
    ...sign.shopify(SECRET, said, "customers/create"),
    "X-Shopify-Shop-Domain": "x.myshopify.com", "X-Shopify-API-Version": "2026-10", "X-Shopify-Webhook-Id": "w-1", "X-Shopify-Event-Id": "e-1",
  };
  const valid = async (rawBody) => {
    const rawRequest = { method: "POST", url: "/hooks", headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])) };
    return (await shopify.webhooks.validate({ rawBody, rawRequest })).valid;
  };
  assert.equal(await valid(said), true);
  assert.equal(await valid(`${said} `), false);
  const server = await connected("shopify");
  assert.equal((await server.send(said, headers)).status, 202);
  assertProblem(await server.send(`${said} `, headers), 401, "X-Shopify-Hmac-Sha256");
});
