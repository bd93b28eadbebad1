// What the shop's server tells Rapport, signed: orders, customers, returns. A shop that shares no secret tells nothing.

import { randomUUID } from "node:crypto";
import { decimal } from "./catalogue.mjs";
import { signature } from "./codes.mjs";

const PATIENCE_MS = 5_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const MOST_TRIES = 12;

/** What stands at the beginning of every statement; `id` makes it count once, however often it is told. */
const statement = (type, at, parts) => ({ v: 1, id: randomUUID(), at: new Date(at).toISOString(), type, ...parts });

/** An order that was placed. */
export const orderPlaced = (order) =>
  statement("order.placed", order.at, {
    customer: {
      ...(order.customer && { id: order.customer }), emails: [order.email], given_name: order.given_name, country: order.country,
      ...(order.phone && { phones: [order.phone] }),
      ...(order.texts && { permissions: [allowed("sms.marketing", order)] }),
    },
    order: {
      id: order.id, placed: order.at, email: order.email, phone: order.phone, language: order.lang, country: order.country,
      ...(order.customer && { customer_id: order.customer }),
      currency: "EUR", total: decimal(order.total), codes: order.code ? [order.code] : [],
      items: order.lines.map(({ product, category, size, quantity, price }) => ({
        product: product.id, name: product.name[order.lang], quantity, price: decimal(price), category: category.name[order.lang], ...(size && { size }),
      })),
    },
  });

/** What was ticked at the checkout. Nobody has proven that the number is theirs: where the law wants that, it is not enough. */
const allowed = (permission, order) => ({ permission, given: true, at: order.at, method: "checkbox at checkout", wording: order.texts, source: "demo shop" });

/** Somebody who has logged in. */
export const customerUpdated = ({ id, email, given_name }, lang, now) =>
  statement("customer.updated", now, { customer: { id, emails: [email], given_name, language: lang } });

/** Somebody wants to send something back; `reason` is a word of the shop's. */
export const returnRequested = (order, { id, at, reason }) =>
  statement("return.requested", at, { order: { id: order.id, email: order.email }, return: { id, reason } });

/** Tells statements one by one, again and again until each is taken. `close` ends that. */
export class Hooks {
  #way;
  #waiting = new Set();

  /** `key` is the shop's public key, or gives it. */
  constructor({ edge, key, secret }) {
    this.#way = { edge, key, secret };
  }

  tell(said) {
    if (this.#way.secret) this.#try(said, JSON.stringify(said), 1);
  }

  close() {
    this.#way.secret = undefined;
    this.#waiting.forEach(clearTimeout);
  }

  async #try(said, body, tries) {
    const { edge, key, secret } = this.#way;
    if (!secret) return;
    try {
      const headers = { "content-type": "application/json", "rapport-signature": signature(secret, body) };
      const path = `/v1/hooks/${typeof key === "function" ? key() : key}/generic`;
      const answer = await fetch(edge + path, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
    } catch (error) {
      if (!this.#way.secret) return;
      console.error(`${said.type} could not be told: ${error.message}`);
      if (tries >= MOST_TRIES) return;
      const timer = setTimeout(() => {
        this.#waiting.delete(timer);
        this.#try(said, body, tries + 1);
      }, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)));
      timer.unref();
      this.#waiting.add(timer);
    }
  }
}
