// A shop's server: signs with Node's own crypto, as the platforms' documentation says.

import { createHmac } from "node:crypto";

import { networkAddress } from "./ids.mjs";

const hmac = (secret, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac("sha256", secret));

/** `t=…,v1=…` over the time, a point and the body, as ours and Stripe's (docs.stripe.com/webhooks). */
export const timed = (secret, body, at = Math.floor(Date.now() / 1_000)) =>
  `t=${at},v1=${hmac(secret, `${at}.`, body).digest("hex")}`;

/** The base64 of an HMAC over the body, as Shopify's and WooCommerce's. */
export const plain = (secret, body) => hmac(secret, body).digest("base64");

/** The shop at Shopify that signs here. */
export const SHOPIFY = "x.myshopify.com";

/** Signs a body after each scheme: `sign.shopify(secret, body, topic)` gives the headers. */
export const sign = {
  generic: (secret, body) => ({ "Rapport-Signature": timed(secret, body) }),
  stripe: (secret, body) => ({ "Stripe-Signature": timed(secret, body) }),
  shopify: (secret, body, topic) => ({
    "X-Shopify-Topic": topic,
    "X-Shopify-Shop-Domain": SHOPIFY,
    "X-Shopify-Hmac-Sha256": plain(secret, body),
    "X-Shopify-Triggered-At": new Date().toISOString(),
  }),
  woocommerce: (secret, body, topic) => ({
    "X-WC-Webhook-Topic": topic,
    "X-WC-Webhook-Signature": plain(secret, body),
    "X-WC-Webhook-Delivery-ID": plain("delivery", body).slice(0, 16),
  }),
};

let statements = 0;

/** The server of a shop (`shop.mjs`), connected as one source. */
export class Server {
  constructor(shop, source = "generic") {
    Object.assign(this, { shop, source });
  }

  /** Connects the source, or exchanges its secret. */
  async connect({ domain = this.source === "shopify" ? SHOPIFY : undefined, ...rest } = {}) {
    const wish = { domain, ...rest };
    const answer = await this.shop.admin("PUT", `hooks/${this.source}`, { json: wish });
    if (answer.status !== 200) throw new Error(`connecting ${this.source}: ${answer.status} ${answer.text}`);
    this.secret = answer.json.secret ?? wish.secret;
    return this;
  }

  /** Sends bytes with headers. */
  send(body, headers, { from = networkAddress(), source = this.source, key = this.shop.key } = {}) {
    return this.shop.edge.ask("POST", `/v1/hooks/${key}/${source}`, { body, headers, from });
  }

  /** Says something, signed; `topic` is what the body is about where it does not say so itself. */
  say(said, { topic, secret = this.secret, headers = {}, ...rest } = {}) {
    const body = Buffer.from(typeof said === "string" ? said : JSON.stringify(said));
    return this.send(body, { ...sign[this.source](secret, body, topic), ...headers }, rest);
  }

  /** Says something and makes sure that it was taken in. */
  async tell(...said) {
    for (const each of said) {
      const answer = await this.say(each);
      if (answer.status !== 202) throw new Error(`${JSON.stringify(each)}: ${answer.status} ${answer.text}`);
    }
  }

  /** Waits until everything that was said is settled. */
  async settled() {
    const { until } = await import("./until.mjs");
    await until(
      "all that was said is settled",
      async () => (await this.shop.list("jobs")).every(({ kind }) => kind !== "hear" && kind !== "transfer"),
      { within: 60_000 },
    );
  }
}

/** A statement in our own form. */
export function statement(type, parts = {}, { at = Date.now(), id = `s-${process.pid}-${++statements}` } = {}) {
  return { v: 1, id, at: new Date(at).toISOString(), type, ...parts };
}
