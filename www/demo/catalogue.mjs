// What the shop sells, from the files of products/, and its pictures in every colour.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** Categories in the order in which the shop shows them; each is a file of products/. */
const ORDER = ["swim", "warm", "wear", "bring", "small", "home"];

const files = ORDER.map((id) => JSON.parse(readFileSync(new URL(`products/${id}.json`, import.meta.url), "utf8")));
const categories = files.map(({ category }) => category);
const products = files.flatMap(({ products }) => products);

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

/** `gone` of a product names a colour, or a colour and a size as `ink/XL`. */
export function inStock(product, colour, size) {
  return !product.gone.includes(colour) && !product.gone.includes(`${colour}/${size}`);
}

/** Everything that can be chosen of a product: `{colour, size, there}`; `size` is missing where there are none. */
export const variants = (product) =>
  product.colours.flatMap((colour) =>
    (product.sizes.length > 0 ? product.sizes : [undefined]).map((size) => ({ colour, size, there: inStock(product, colour.id, size) })));

/** Whether any of it can be bought. */
export const available = (product) => variants(product).some(({ there }) => there);

/** A product is shown in the first of its colours that can be bought, or the first. */
export const shownColour = (product) => (variants(product).find(({ there }) => there)?.colour ?? product.colours[0]).id;

export const pictureOf = (product, colour = shownColour(product)) => `/pictures/${product.id}--${colour}.svg`;

/** The drawing of a product in one of its colours; throws when there is none. */
export async function picture(id, colour) {
  const shades = catalogue.product(id)?.colours.find((each) => each.id === colour);
  if (!shades) throw new Error(`no picture of ${id} in ${colour}`);
  const drawing = await readFile(new URL(`pictures/${id}.svg`, import.meta.url), "utf8");
  return drawing.replace(/ style="--a:[^"]*"/, "").replace(/var\(--([abcdg])\)/g, (_, shade) => shades[shade]);
}
