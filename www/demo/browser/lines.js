// The lines of a bag, drawn from the page's own list of products.

export const shelf = JSON.parse(document.getElementById("shelf").textContent);

/** An amount in cents, as the page writes it. */
export function money(cents) {
  const euros = Math.abs(cents) / 100;
  return shelf.money.replace("{n}", cents % 100 === 0 ? euros : euros.toFixed(2)).replace("{-}", cents < 0 ? "−" : "");
}
/** A text of the page, its `{places}` filled. */
export const word = (name, values = {}) => shelf.words[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

/** An element with attributes and children; text is always text. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A line of the bag, or nothing when the product is no longer sold. */
export function line(item, ...controls) {
  const product = shelf.products[item.product];
  const colour = product?.colours[item.colour];
  if (!colour) return undefined;
  const variant = [colour.name, item.size].filter(Boolean).join(", ");
  const times = controls.length === 0 && item.quantity > 1 ? ` × ${item.quantity}` : "";
  return make("li", { class: "line" },
    make("img", { src: colour.picture, alt: "", width: 800, height: 1000 }),
    make("div", {}, make("a", { href: product.href }, make("strong", {}, product.name)), make("span", { class: "quiet" }, variant + times), ...controls),
    make("span", { class: "price" }, money(product.price * item.quantity)));
}
