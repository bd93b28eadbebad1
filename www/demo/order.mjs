// Orders: what arrives from the checkout is priced here, never trusted from the browser.

import { catalogue, cents, inStock } from "./catalogue.mjs";

const POST = 490;
const POST_FREE_FROM = 8000;
const KEPT = 500;
const REQUIRED = ["given_name", "family_name", "street", "postcode", "city"];

/** Amounts in cents for lines that were priced before. */
export function amounts(lines, { percent, delivery }) {
  const subtotal = lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
  const off = Math.round((subtotal * percent) / 100);
  const post = delivery === "pick_up" || subtotal - off >= POST_FREE_FROM ? 0 : POST;
  return { subtotal, off, post, total: subtotal - off + post };
}

/** The newest orders, in memory: a demonstration forgets. */
export class Orders {
  #orders = new Map();
  #placed = 0;
  #check;

  /** `check` says what a code is worth. */
  constructor(check) {
    this.#check = check;
  }

  get(id) {
    return this.#orders.get(id);
  }

  /** Either the placed `order`, or `errors` as a list of field names. */
  async place(form) {
    const lines = linesOf(form.cart);
    const errors = REQUIRED.filter((field) => !form[field]?.trim());
    if (!/^\S+@\S+\.\S+$/.test(form.email ?? "")) errors.unshift("email");
    if (lines.length === 0) errors.unshift("cart");
    if (errors.length > 0) return { errors };
    const goods = amounts(lines, { percent: 0, delivery: "pick_up" }).total;
    const { code, percent } = await this.#check(form.code ?? "", { email: form.email.trim(), total: (goods / 100).toFixed(2) });
    const delivery = form.delivery === "pick_up" ? "pick_up" : "post";
    const id = `SK-${Date.now().toString(36)}${(this.#placed++).toString(36)}`.toUpperCase();
    const order = {
      id, lines, delivery, code: percent > 0 ? code : undefined, cart: form.cart_id ?? "", at: new Date().toISOString(),
      email: form.email.trim(), given_name: form.given_name.trim(), family_name: form.family_name.trim(),
      ...amounts(lines, { percent, delivery }),
    };
    this.#orders.set(id, order);
    if (this.#orders.size > KEPT) this.#orders.delete(this.#orders.keys().next().value);
    return { order };
  }
}

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
    return [{ product, colour, size: item.size || undefined, quantity, price: cents(product.price) }];
  });
}
