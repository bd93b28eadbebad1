import { catalogue, cents, inStock, pictureOf } from "../catalogue.mjs";
import { data, html } from "../page.mjs";

export function product(page, product) {
  const category = catalogue.category(product.category);
  const trail = page.trail([[page.in(category.name), `/category/${category.id}`], [page.in(product.name), `/product/${product.id}`]]);
  return page.frame({
    name: "product",
    title: page.in(product.name),
    description: page.in(product.line),
    scripts: ["product.js"],
    linked: [trail.linked, linked(page, product, category)],
    main: html`${trail.seen}
<article class="product">
<div class="pic"><img src="${pictureOf(product)}" alt="${page.in(product.name)}" width="800" height="1000" fetchpriority="high"></div>
<div class="about">
<h1>${page.in(product.name)}</h1>
<p class="lead">${page.in(product.line)}</p>
<p class="price">${page.price(product)} <span class="quiet">${page.t("vat")}</span></p>
<form class="choose" data-product="${product.id}" novalidate>
${choice("colour", page.t("colour"), product.colours.map((each, index) => swatch(page, product, each, index === 0)))}
${product.sizes.length > 0 ? choice("size", page.t("size"), product.sizes.map((size) => html`<label class="size"><input type="radio" name="size" value="${size}"><span>${size}</span></label>`)) : ""}
<p class="stock" role="status">${page.t("in_stock")}</p>
<p class="error" id="size-error" hidden>${page.t("size_missing")}</p>
<button class="button big" type="submit">${page.t("add")}</button>
<p class="added" role="status" hidden><span>${page.t("added")}</span> <a href="${page.href("/cart")}">${page.t("to_bag")}</a></p>
</form>
<p>${page.in(product.story)}</p>
<details open><summary>${page.t("details")}</summary><ul>${page.in(product.facts).map((fact) => html`<li>${fact}</li>`)}</ul></details>
<details><summary>${page.t("post_title")}</summary><p>${page.t("post_text")}</p></details>
</div>
</article>
<section class="wide" data-rapport-shelf="goes-with"><h2>${page.t("pairs")}</h2><ul class="cards three">${product.pairs.map((id) => page.card(catalogue.product(id)))}</ul></section>
${data("application/json", about(page, product), "product")}`,
  });
}

const choice = (name, title, options) => html`<fieldset class="choice ${name}"><legend>${title}</legend>${options}</fieldset>`;

function swatch(page, product, colour, checked) {
  const dot = html`<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true"><circle cx="16" cy="16" r="15.5" fill="${colour.a}" stroke="#10243b" stroke-opacity=".25"/><path d="M16 .5a15.5 15.5 0 0 1 0 31z" fill="${colour.d}"/></svg>`;
  return html`<label class="swatch" title="${page.in(colour.name)}"><input type="radio" name="colour" value="${colour.id}"${checked ? html` checked` : ""}>${dot}<span>${page.in(colour.name)}</span></label>`;
}

/** What the page's own script needs to know to fill the bag. */
function about(page, product) {
  return {
    id: product.id,
    price: cents(product.price),
    sizes: product.sizes,
    gone: product.gone,
    pictures: Object.fromEntries(product.colours.map((each) => [each.id, pictureOf(product, each.id)])),
    words: { in_stock: page.t("in_stock"), all_gone: page.t("all_gone"), gone: page.t("gone") },
  };
}

function linked(page, product, category) {
  const available = product.colours.some((colour) => inStock(product, colour.id));
  return {
    "@type": "Product",
    "@id": page.absolute(`/product/${product.id}`),
    sku: product.id,
    name: page.in(product.name),
    description: page.in(product.line),
    image: product.colours.map((each) => page.absolute(pictureOf(product, each.id))),
    brand: { "@type": "Brand", name: "Skerrow" },
    category: page.in(category.name),
    offers: {
      "@type": "Offer",
      url: page.absolute(`/product/${product.id}`),
      price: product.price,
      priceCurrency: "EUR",
      availability: `https://schema.org/${available ? "InStock" : "OutOfStock"}`,
    },
  };
}
