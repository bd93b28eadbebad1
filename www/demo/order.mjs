// Orders and what comes back of them: what arrives from a form is priced here, never trusted from the browser.

import { catalogue, cents, inStock } from "./catalogue.mjs";
import { words } from "./words.mjs";

const POST = 490;
const POST_FREE_FROM = 8000;
const KEPT = 500;
/** What a number begins with, called from abroad. */
const CALLING_CODES = { DE: "49", AT: "43", DK: "45", FR: "33", IE: "353", NL: "31", ES: "34", SE: "46" };
const REQUIRED = ["given_name", "family_name", "street", "postcode", "city"];

/** Why something comes back; each has its words. */
export const REASONS = Object.keys(words.en.reasons);

/** Amounts in cents for lines that were priced before. */
export function amounts(lines, { percent, delivery }) {
  const subtotal = lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
  const off = Math.round((subtotal * percent) / 100);
  const post = delivery === "pick_up" || subtotal - off >= POST_FREE_FROM ? 0 : POST;
  return { subtotal, off, percent, post, total: subtotal - off + post };
}

/** The newest orders, in memory: a demonstration forgets. */
export class Orders {
  #orders = new Map();
  #placed = 0;
  #check;

  /** `check` says what a code is worth, `now` what time it is. */
  constructor(check, now = Date.now) {
    Object.assign(this, { now });
    this.#check = check;
  }

  get(id) {
    return this.#orders.get(id);
  }

  /** The order with a number that was placed under an address; whoever knows both may see it. */
  find(id, email) {
    const order = this.#orders.get(id?.trim().toUpperCase());
    return order && same(order.email, email) ? order : undefined;
  }

  /** A session's own orders, the newest first; of whoever is logged in, if anybody is. */
  of(session) {
    const theirs = (order) => order.sessions.has(session?.id) && (!session.shopper || same(order.email, session.shopper.email));
    return [...this.#orders.values()].filter(theirs).reverse();
  }

  /** Either the placed `order`, or `errors` as a list of field names. `lang` is the language it is placed in, `shopper` who is logged in. */
  async place(form, { lang, shopper }) {
    const lines = linesOf(form.cart);
    const errors = REQUIRED.filter((field) => !form[field]?.trim());
    if (!/^\S+@\S+\.\S+$/.test(form.email ?? "")) errors.unshift("email");
    const country = Object.hasOwn(CALLING_CODES, form.country ?? "") ? form.country : undefined;
    const phone = numberOf(form.phone ?? "", country);
    if (phone === null) errors.push("phone");
    if (lines.length === 0) errors.unshift("cart");
    if (errors.length > 0) return { errors };
    const goods = amounts(lines, { percent: 0, delivery: "pick_up" }).total;
    const { code, percent } = await this.#check(form.code ?? "", { email: form.email.trim(), total: (goods / 100).toFixed(2) });
    const delivery = form.delivery === "pick_up" ? "pick_up" : "post";
    const id = `SK-${Date.now().toString(36)}${(this.#placed++).toString(36)}`.toUpperCase();
    const order = {
      id, lines, delivery, lang, code: percent > 0 ? code : undefined, cart: form.cart_id ?? "", at: new Date(await this.now()).toISOString(),
      email: form.email.trim(), given_name: form.given_name.trim(), family_name: form.family_name.trim(),
      country, phone,
      // The words that they saw prove what they allowed.
      texts: phone && form.text_me === "yes" ? words[lang].text_me : undefined,
      customer: same(form.email, shopper?.email) ? shopper.id : undefined,
      sessions: new Set(), returns: [],
      ...amounts(lines, { percent, delivery }),
    };
    this.#orders.set(id, order);
    if (this.#orders.size > KEPT) this.#orders.delete(this.#orders.keys().next().value);
    return { order };
  }
}

/** The lines of an order for which no return was asked yet, by their places. */
export const returnable = (order) =>
  [...order.lines.entries()].filter(([place]) => !order.returns.some((each) => each.places.includes(place)));

/**
 * Asks for the return of lines (`item`, by their places) for a `reason`, at the moment `now`: the return that is `back`, or `errors` as a list of
 * field names.
 */
export function sendBack(order, asked, now) {
  const free = returnable(order).map(([place]) => place);
  const places = [...new Set(asked.getAll("item").map(Number))].filter((place) => free.includes(place));
  const reason = asked.get("reason");
  const errors = [places.length === 0 && "item", !REASONS.includes(reason) && "reason"].filter(Boolean);
  if (errors.length > 0) return { errors };
  const id = `${order.id}-R${order.returns.length + 1}`;
  const back = { id, places, reason, note: (asked.get("note") ?? "").trim().slice(0, 1_000), at: new Date(now).toISOString() };
  order.returns.push(back);
  return { back };
}

/** A number with its country, as it is dialled in `country` or from abroad; `undefined` where there is none, `null` where it is none. */
function numberOf(text, country) {
  const digits = text.trim().replace(/[\s()./-]/g, "").replace(/^00/, "+");
  if (!digits) return undefined;
  const dialled = digits.startsWith("+") ? digits : `+${CALLING_CODES[country] ?? ""}${digits.replace(/^0/, "")}`;
  return /^\+[1-9]\d{6,14}$/.test(dialled) ? dialled : null;
}

const same = (one, other) => one?.trim().toLowerCase() === other?.trim().toLowerCase();

function linesOf(text) {
  let items;
  try {
    items = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(items)) return [];
  return items.flatMap((item) => {
    const product = catalogue.product(item?.product);
    const colour = product?.colours.find((each) => each.id === item.colour);
    const quantity = Number(item?.quantity);
    const sized = product && (product.sizes.length === 0 ? !item.size : product.sizes.includes(item.size));
    if (!colour || !sized || !inStock(product, colour.id, item.size)) return [];
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > 20) return [];
    const category = catalogue.category(product.category);
    return [{ product, category, colour, size: item.size || undefined, quantity, price: cents(product.price) }];
  });
}
