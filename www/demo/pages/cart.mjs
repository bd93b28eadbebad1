import { catalogue, cents, pictureOf } from "../catalogue.mjs";
import { data, html } from "../markup.mjs";
import { MONEY } from "../page.mjs";

/** The bag is in the browser: the page brings the frame and what the script needs to fill it. */
export function cart(page) {
  return page.frame({
    name: "cart",
    title: page.t("cart_title"),
    scripts: ["cart.js"],
    main: html`<div class="narrow"><h1 tabindex="-1">${page.t("cart_title")}</h1>
<noscript><p>${page.t("needs_script")}</p></noscript>
<div class="empty" hidden><h2>${page.t("cart_empty_title")}</h2><p>${page.t("cart_empty")}</p><p><a class="button" href="${page.href("/")}">${page.t("look")}</a></p></div>
<div class="filled" hidden>
<ul class="lines"></ul>
<div class="sums"><p class="sum"><span>${page.t("subtotal")}</span> <strong class="subtotal"></strong></p><p class="quiet free"></p>
<a class="button big to-checkout" href="${page.href("/checkout")}">${page.t("checkout")}</a><p class="quiet">${page.t("vat")}</p></div>
</div>
<p class="unseen" role="status" id="said"></p></div>
${data("application/json", shelf(page), "shelf")}`,
  });
}

/** Everything that can be in a bag, in the words of the page. */
export function shelf(page) {
  const texts = ["quantity", "fewer", "more", "remove", "remove_name", "free_from", "free_now", "free", "code_good", "code_bad", "code_used", "code_ended", "code_personal", "code_unanswered"];
  return {
    money: MONEY[page.lang],
    words: Object.fromEntries(texts.map((each) => [each, page.t(each)])),
    products: Object.fromEntries(catalogue.products.map((product) => [product.id, {
      name: page.in(product.name),
      price: cents(product.price),
      href: page.href(`/product/${product.id}`),
      colours: Object.fromEntries(product.colours.map((each) => [each.id, { name: page.in(each.name), picture: pictureOf(product, each.id) }])),
    }])),
  };
}
