// What somebody does in the shop, visit by visit: pages, products, carts, orders, as events that a browser sends.

import { uuid } from "../harness/ids.mjs";
import { decimal, statement } from "./catalogue.mjs";

const DAY_MS = 86_400_000;
const CAMPAIGNS = ["", "", "", "?utm_source=newsletter&utm_campaign=spring", "?utm_source=instagram&utm_medium=social"];
const REFERRERS = ["", "", "https://www.google.com/", "https://duckduckgo.com/", "https://www.instagram.com/"];

/** The shop as its visitors walk through it: products by id and by category. */
export class Aisles {
  constructor(products) {
    this.byId = new Map(products.map((product) => [product.id, product]));
    this.products = new Ladder(products);
    const categories = Map.groupBy(products, (product) => product.categories[0]);
    this.categories = new Map([...categories].map(([name, all]) => [name, new Ladder(all)]));
  }
}

/** Products to be drawn from, each as often as its appeal says. */
class Ladder {
  constructor(products) {
    this.products = products;
    let sum = 0;
    this.rungs = products.map(({ appeal }) => (sum += appeal));
  }

  pick(random) {
    const wanted = random.next() * this.rungs.at(-1);
    let [low, high] = [0, this.rungs.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rungs[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return this.products[low];
  }
}

/**
 * All visits of a shopper between two moments, in their order: `{ begins, events, order }`. `events` are what a
 * browser sends; `order`, where there is one, is what the shop's server knows.
 */
export function visits(shopper, aisles, origin, from, until) {
  const { random } = shopper;
  const all = [];
  const seen = [];
  let at = from + random.next() * Math.min(until - from, Number.isFinite(shopper.every) ? shopper.every * DAY_MS : Infinity);
  while (at < until) {
    const visit = new Visit(shopper, origin, hour(at, random), all.length);
    visit.walk(aisles, seen);
    if (visit.ends < until) all.push(visit);
    if (!Number.isFinite(shopper.every)) break;
    at += random.wait(shopper.every * DAY_MS) + 1_800_000;
  }
  return all;
}

/** People shop in the evening more than at night. */
function hour(at, random) {
  const day = Math.floor(at / DAY_MS) * DAY_MS;
  const hours = [8, 9, 11, 12, 13, 15, 17, 18, 19, 19, 20, 20, 20, 21, 21, 22];
  return day + random.pick(hours) * 3_600_000 + random.between(0, 3_599_999);
}

class Visit {
  constructor(shopper, origin, begins, number) {
    Object.assign(this, { shopper, origin, begins, number, ends: begins, events: [], cart: [], order: undefined });
  }

  walk(aisles, seen) {
    const { random } = this.shopper;
    if (this.number === 0) this.#say("consent.changed", { given: true });
    const home = `${this.origin}/${random.pick(CAMPAIGNS)}`;
    if (random.chance(0.5)) this.#page(home, "Home", { referrer: random.pick(REFERRERS) });
    let product;
    const steps = 1 + Math.min(random.failures(0.22), 30);
    for (let step = 0; step < steps; step++) {
      product = this.#next(aisles, product, seen);
      this.#look(product);
      seen.push(product);
      if (product.in_stock && random.chance(0.04 + this.shopper.buys / 3)) this.#add(product);
    }
    if (this.cart.length > 0 && random.chance(Math.min(0.9, this.shopper.buys * 2.5))) this.#buy();
  }

  /** Back to something, on within the category, over to what goes with it, or to whatever is liked. */
  #next(aisles, last, seen) {
    const { random, likes } = this.shopper;
    const way = random.next();
    if (last && way < 0.15 && seen.length > 1) return seen.at(-1 - random.between(1, Math.min(4, seen.length - 1)));
    if (last && way < 0.35 && last.pairs.length > 0) return aisles.byId.get(random.pick(last.pairs));
    if (last && way < 0.75) return aisles.categories.get(last.categories[0]).pick(random);
    if (way < 0.95) return aisles.categories.get(random.pick(likes)).pick(random);
    return aisles.products.pick(random);
  }

  #look(product) {
    this.#page(product.url, product.title, { ld: [statement(product)] });
  }

  #add(product) {
    const { random, size } = this.shopper;
    const sized = product.sizes[Math.min(product.sizes.length - 1, Math.floor(size * product.sizes.length))];
    this.cart.push({
      product: product.id,
      name: product.title,
      quantity: random.chance(0.9) ? 1 : 2,
      price: decimal(product.price),
      category: product.categories[0],
      ...(sized && { size: sized }),
    });
    const sum = this.cart.reduce((all, { quantity, price }) => all + quantity * Number(price.replace(".", "")), 0);
    this.total = decimal(sum);
    this.currency = product.currency;
    this.#say("cart.changed", { cart: { items: [...this.cart], currency: this.currency, total: this.total, url: `${this.origin}/cart` } });
  }

  #buy() {
    const { number, customer, country, language } = this.shopper;
    const id = `G${number}-${this.number}`;
    const order = { id, total: this.total, currency: this.currency, items: this.cart };
    this.#page(`${this.origin}/thank-you`, "Thank you", {});
    this.#say("order.placed", { order });
    const placed = new Date(this.ends).toISOString();
    const whose = customer ? { customer_id: customer.id, email: customer.email } : {};
    this.order = { ...order, placed, country, language, ...whose };
  }

  #page(url, title, more) {
    this.#say("page.viewed", { url, title, ...more });
  }

  #say(type, data) {
    const { random } = this.shopper;
    this.ends += 3_000 + Math.floor(random.wait(25_000));
    this.events.push({ id: uuid(this.ends, random.bytes), at: this.ends, type, ...data });
  }
}
