import { available, catalogue, cents, inStock, pictureOf, shownColour, variants } from "../catalogue.mjs";
import { data, html } from "../markup.mjs";

export function product(page, product) {
  const category = catalogue.category(product.category);
  const there = available(product);
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
<p class="price">${page.price(product)} <span class="quiet">${page.t("vat")}</span>${!there && html` <span class="tag">${page.t("sold_out")}</span>`}</p>
<form class="choose" data-product="${product.id}" novalidate>
${choice("colour", page.t("colour"), product.colours.map((each) => swatch(page, product, each)))}
${product.sizes.length > 0 ? choice("size", page.t("size"), product.sizes.map((size) => html`<label class="size"><input type="radio" name="size" value="${size}"><span>${size}</span></label>`)) : ""}
<p class="stock${there ? "" : " none"}" role="status">${page.t(there ? "in_stock" : "all_gone_now")}</p>
<p class="error" id="size-error" hidden>${page.t("size_missing")}</p>
<button class="button big" type="submit"${!there && html` disabled`}>${page.t(there ? "add" : "sold_out")}</button>
<p class="added" role="status" hidden><span>${page.t("added")}</span> <a href="${page.href("/cart")}">${page.t("to_bag")}</a></p>
</form>
<p>${page.in(product.story)}</p>
<details open><summary>${page.t("details")}</summary><ul>${page.in(product.facts).map((fact) => html`<li>${fact}</li>`)}</ul></details>
<details><summary>${page.t("post_title")}</summary><p>${page.t("post_text")}</p></details>
</div>
</article>
<section class="wide" data-rapport-shelf="goes-with"><h2>${page.t(there ? "pairs" : "gone_instead")}</h2><ul class="cards three">${product.pairs.map((id) => page.card(catalogue.product(id)))}</ul></section>
${data("application/json", about(page, product), "product")}`,
  });
}

const choice = (name, title, options) => html`<fieldset class="choice ${name}"><legend>${title}</legend>${options}</fieldset>`;

function swatch(page, product, colour) {
  const dot = html`<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true"><circle cx="16" cy="16" r="15.5" fill="${colour.a}" stroke="#10243b" stroke-opacity=".25"/><path d="M16 .5a15.5 15.5 0 0 1 0 31z" fill="${colour.d}"/></svg>`;
  const there = variants(product).some((each) => each.colour === colour && each.there);
  const gone = !there && available(product) && html` <span class="gone">${page.t("gone")}</span>`;
  return html`<label class="swatch"><input type="radio" name="colour" value="${colour.id}"${colour.id === shownColour(product) && html` checked`}>${dot}<span>${page.in(colour.name)}${gone}</span></label>`;
}

/** What the page's own script needs to know to fill the bag. */
function about(page, product) {
  return {
    id: product.id,
    price: cents(product.price),
    sizes: product.sizes,
    gone: product.gone,
    pictures: Object.fromEntries(product.colours.map((each) => [each.id, pictureOf(product, each.id)])),
    words: { in_stock: page.t("in_stock"), all_gone: page.t(available(product) ? "all_gone" : "all_gone_now"), gone: page.t("gone"), add: page.t("add"), sold_out: page.t("sold_out") },
  };
}

/** The product as schema.org says it; of what can be chosen every variant, with its own stock. */
function linked(page, product, category) {
  const chosen = variants(product);
  const url = page.absolute(`/product/${product.id}`);
  const offer = (there) => ({ "@type": "Offer", price: product.price, priceCurrency: "EUR", availability: `https://schema.org/${there ? "InStock" : "OutOfStock"}` });
  const several = chosen.length > 1 && {
    productGroupID: product.id,
    variesBy: [product.colours.length > 1 && "https://schema.org/color", product.sizes.length > 0 && "https://schema.org/size"].filter(Boolean),
    hasVariant: chosen.map(({ colour, size, there }) => ({
      "@type": "Product",
      sku: [product.id, colour.id, size?.replaceAll(" ", "")].filter(Boolean).join("/"),
      name: [page.in(product.name), page.in(colour.name), size].filter(Boolean).join(", "),
      image: page.absolute(pictureOf(product, colour.id)),
      color: page.in(colour.name),
      ...(size && { size }),
      offers: offer(there),
    })),
  };
  return {
    "@type": several ? "ProductGroup" : "Product",
    "@id": url,
    url,
    sku: product.id,
    name: page.in(product.name),
    description: page.in(product.line),
    image: [product.colours.find(({ id }) => id === shownColour(product)), ...product.colours.filter(({ id }) => id !== shownColour(product))].map((each) => page.absolute(pictureOf(product, each.id))),
    brand: { "@type": "Brand", name: "Skerrow" },
    category: page.in(category.name),
    ...several,
    offers: { url, ...offer(available(product)) },
  };
}
