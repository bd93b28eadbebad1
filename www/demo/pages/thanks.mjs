import { decimal, pictureOf } from "../catalogue.mjs";
import { data, html } from "../markup.mjs";

export function thanks(page, order) {
  const sum = (title, amount) => html`<p class="sum"><span>${title}</span> <span>${amount}</span></p>`;
  return page.frame({
    name: "thanks",
    title: page.t("thanks_title", { name: order.given_name }),
    scripts: ["thanks.js"],
    linked: [linked(page, order)],
    main: html`<div class="narrow thanks"><img class="flags" src="/pictures/flag-k.svg" alt="" width="72" height="72">
<h1>${page.t("thanks_title", { name: order.given_name })}</h1>
<p class="lead">${page.t("thanks_text", { order: order.id, email: order.email })}</p>
<ul class="lines small">${order.lines.map((line) => row(page, line))}</ul>
<div class="sums">${sum(page.t("subtotal"), page.money(order.subtotal))}
${order.off > 0 ? sum(page.t("code_good", { percent: order.percent, code: order.code }), page.money(-order.off)) : ""}
${sum(page.t("delivery"), order.post > 0 ? page.money(order.post) : page.t("free"))}
<p class="sum total"><span>${page.t("total")}</span> <strong>${page.money(order.total)}</strong></p></div>
<p>${page.t("thanks_next")}</p><p class="row"><a class="button plain" href="${page.href("/")}">${page.t("thanks_back")}</a> <a class="button plain" href="${page.href(`/returns/${order.id}`)}">${page.t("order_return")}</a></p></div>
${data("application/json", { cart: order.cart, order: told(page, order) }, "order")}`,
  });
}

/** The colour and size of a line. */
export const variant = (page, line) => [page.in(line.colour.name), line.size].filter(Boolean).join(", ");

function row(page, line) {
  return html`<li class="line"><img src="${pictureOf(line.product, line.colour.id)}" alt="" width="800" height="1000">
<div><strong>${page.in(line.product.name)}</strong><span class="quiet">${variant(page, line)}${line.quantity > 1 ? ` × ${line.quantity}` : ""}</span></div>
<span class="price">${page.money(line.price * line.quantity)}</span></li>`;
}

/** The order as it is told to Rapport. */
function told(page, order) {
  return {
    id: order.id,
    total: decimal(order.total),
    currency: "EUR",
    ...(order.code && { codes: [order.code] }),
    items: order.lines.map((line) => ({ product: line.product.id, name: page.in(line.product.name), quantity: line.quantity, price: decimal(line.price) })),
  };
}

function linked(page, order) {
  return {
    "@type": "Order",
    orderNumber: order.id,
    orderStatus: "https://schema.org/OrderProcessing",
    orderDate: order.at,
    price: decimal(order.total),
    priceCurrency: "EUR",
    ...(order.code && { discountCode: order.code, discount: decimal(order.off), discountCurrency: "EUR" }),
    merchant: { "@type": "Organization", name: "Skerrow", url: page.absolute("/") },
    acceptedOffer: order.lines.map((line) => ({
      "@type": "Offer",
      price: decimal(line.price),
      priceCurrency: "EUR",
      eligibleQuantity: { "@type": "QuantitativeValue", value: line.quantity },
      itemOffered: { "@type": "Product", sku: line.product.id, name: page.in(line.product.name), url: page.absolute(`/product/${line.product.id}`) },
    })),
  };
}
