// What the shop sells, from products.json, and its pictures in every colour.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

const { categories, products } = JSON.parse(readFileSync(new URL("products.json", import.meta.url), "utf8"));

export const catalogue = {
  categories,
  products,
  category: (id) => categories.find((category) => category.id === id),
  product: (id) => products.find((product) => product.id === id),
  in: (category) => products.filter((product) => product.category === category.id),
};

/** Cents, from the decimal string of the product file: money is never a float here. */
export const cents = (price) => Number(price.replace(".", ""));

/** The decimal string that JSON-LD and Rapport read. */
export const decimal = (amount) => `${Math.trunc(amount / 100)}.${String(Math.abs(amount % 100)).padStart(2, "0")}`;

/** `gone` in products.json names a colour, or a colour and a size as `ink/XL`. */
export function inStock(product, colour, size) {
  return !product.gone.includes(colour) && !product.gone.includes(`${colour}/${size}`);
}

export const pictureOf = (product, colour = product.colours[0].id) => `/pictures/${product.id}--${colour}.svg`;

/** The drawing of a product in one of its colours; throws when there is none. */
export async function picture(id, colour) {
  const shades = catalogue.product(id)?.colours.find((each) => each.id === colour);
  if (!shades) throw new Error(`no picture of ${id} in ${colour}`);
  const drawing = await readFile(new URL(`pictures/${id}.svg`, import.meta.url), "utf8");
  return drawing.replace(/ style="--a:[^"]*"/, "").replace(/var\(--([abcdg])\)/g, (_, shade) => shades[shade]);
}
