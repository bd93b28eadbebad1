import { catalogue } from "../catalogue.mjs";
import { html } from "../markup.mjs";

export function category(page, category) {
  const products = catalogue.in(category);
  const trail = page.trail([[page.in(category.name), `/category/${category.id}`]]);
  return page.frame({
    name: "category",
    title: page.in(category.name),
    description: page.in(category.line),
    linked: [
      trail.linked,
      {
        "@type": "ItemList",
        itemListElement: products.map((product, index) => ({ "@type": "ListItem", position: index + 1, url: page.absolute(`/product/${product.id}`) })),
      },
    ],
    main: html`<div class="title ground-${category.id}">${trail.seen}<h1>${page.in(category.name)}</h1><p>${page.in(category.line)}</p></div>
<section class="wide"><ul class="cards">${products.map((each) => page.card(each, { lazy: false }))}</ul></section>`,
  });
}
