// Fills a shop by its public API: products, then what its server knows, then what browsers saw.
//
// Everything follows from the seed and the day it ends on, ids too, so filling a shop twice changes nothing. Browsers
// can tell of the last sixty days; what is older comes as the shop's own word, as it would in a shop that has just
// pasted the tag: customers and orders.

import { shopper } from "./shoppers.mjs";
import { Aisles, visits } from "./visits.mjs";
import { decimal } from "./catalogue.mjs";

const DAY_MS = 86_400_000;
/** Older events are refused (`domain::event`); a day is left for filling. */
const BROWSERS_REMEMBER = 59 * DAY_MS;
const MOST_EVENTS = 100;
const MOST_LINES = 5_000;
const MOST_PRODUCTS = 500;

/**
 * Fills a shop. `ask(method, path, { json | body, token, headers })` asks the edge and gives `{ status, json, text,
 * headers }`; `shop` is `{ key, token, origin, objects }`. Gives what there is now.
 */
export async function fill(ask, shop, { products, shoppers, months, seed, until, connections = 8, tell = () => {} }) {
  const from = until - months * 30 * DAY_MS;
  const recent = until - BROWSERS_REMEMBER;
  const aisles = new Aisles(products);
  const filled = { products: products.length, customers: 0, orders: 0, visitors: 0, visits: 0, events: 0, refused: 0 };
  await sendProducts(ask, shop, products);
  tell("products", filled);

  const customers = [];
  const orders = [];
  const batches = [];
  for (let number = 0; number < shoppers; number++) {
    const who = shopper(seed, number, products);
    const all = visits(who, aisles, shop.origin, from, until);
    if (all.length === 0) continue;
    if (who.customer) customers.push(customerLine(who, all[0].begins));
    orders.push(...all.filter(({ order }) => order).map(({ order }) => JSON.stringify({ ...order, id: `${seed}-${order.id}` })));
    const seen = all.filter(({ begins }) => begins >= recent);
    filled.visits += seen.length;
    filled.visitors += seen.length > 0 ? 1 : 0;
    const events = seen.flatMap((visit) => visit.events).map((event) => (event.order ? { ...event, order: { ...event.order, id: `${seed}-${event.order.id}` } } : event));
    for (let at = 0; at < events.length; at += MOST_EVENTS) batches.push({ visitor: who.visitor, events: events.slice(at, at + MOST_EVENTS) });
  }

  await importLines(ask, shop, "customers", customers);
  filled.customers = customers.length;
  await importLines(ask, shop, "orders", orders);
  filled.orders = orders.length;
  tell("orders", filled);

  // Batches go out in the order of what happened, side by side.
  batches.sort((a, b) => a.events[0].at - b.events[0].at);
  let next = 0;
  const send = async () => {
    while (next < batches.length) {
      const batch = batches[next++];
      const { accepted, refused } = await sendEvents(ask, shop, batch);
      filled.events += accepted;
      filled.refused += refused.length;
      if (next % 500 === 0) tell("events", filled);
    }
  };
  await Promise.all(Array.from({ length: connections }, send));
  tell("events", filled);
  return filled;
}

function customerLine({ customer, country, language }, since) {
  const { allows, email, ...rest } = customer;
  const at = new Date(since).toISOString();
  const permissions = allows
    ? [{ permission: "email.marketing", given: true, at, method: "checkbox at checkout", wording: "Write to me now and then.", source: "checkout", proven: true }]
    : [];
  return JSON.stringify({ ...rest, emails: [email], country, language, permissions, updated: at });
}

async function sendProducts(ask, shop, products) {
  for (let at = 0; at < products.length; at += MOST_PRODUCTS) {
    const some = products.slice(at, at + MOST_PRODUCTS).map(({ id, title, description, url, image, price, currency, categories, brand, attributes, in_stock }) => ({
      id, title, description, url, image, price: decimal(price), currency, categories, brand, attributes, in_stock,
    }));
    const answer = await good(ask, "PUT", `/admin/v1/shops/${shop.key}/products`, { json: { products: some }, token: shop.token });
    if (answer.json.refused.length > 0) throw new Error(`products: ${JSON.stringify(answer.json.refused[0])}`);
  }
}

async function importLines(ask, shop, about, lines) {
  for (let at = 0; at < lines.length; at += MOST_LINES) {
    const path = `/admin/v1/shops/${shop.key}/import?about=${about}&format=ndjson`;
    const answer = await good(ask, "POST", path, { body: lines.slice(at, at + MOST_LINES).join("\n"), token: shop.token });
    if (answer.json.refused.length > 0) throw new Error(`${about}: ${JSON.stringify(answer.json.refused[0])}`);
  }
}

async function sendEvents(ask, shop, { visitor, events }) {
  const path = `/v1/events?shop=${shop.key}&visitor=${visitor}&objects=${shop.objects ?? 1}`;
  const body = JSON.stringify({ v: 1, sent: Date.now(), events });
  return (await good(ask, "POST", path, { body, headers: { "content-type": "text/plain" }, origin: shop.origin })).json;
}

/** Asks until it is taken: who is told to wait waits. */
async function good(ask, method, path, options) {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(method, path, options);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const again = answer.status === 429 || answer.status >= 500;
    if (!again || attempt > 60) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    const wait = Number(answer.headers?.get("retry-after") ?? 1);
    await new Promise((resolve) => setTimeout(resolve, Math.min(wait, 30) * 1_000));
  }
}
