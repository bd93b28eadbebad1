import { pictureOf } from "../catalogue.mjs";
import { html } from "../markup.mjs";
import { EMAIL, field } from "./field.mjs";

/** Nobody is logged in: a name and an address, said to be believed. After a mistake with what was typed and `errors`. */
export function login(page, form = {}, errors = []) {
  const said = (name, word) => errors.includes(name) && page.t(word);
  return page.frame({
    name: "account",
    title: page.t("login_title"),
    main: html`<div class="narrow form"><h1>${page.t("login_title")}</h1><p class="lead">${page.t("login_text")}</p>
<p class="note">${page.t("login_demo")}</p>
<form method="post" action="${page.href("/account/login")}" novalidate>
${field("given_name", page.t("given_name"), { value: form.given_name, said: said("given_name", "error_field"), autocomplete: "given-name", required: "" })}
${field("email", page.t("email"), { value: form.email, said: said("email", "error_email"), ...EMAIL })}
<button class="button big" type="submit">${page.t("login")}</button></form>
<p><a href="${page.href("/returns")}">${page.t("login_returns")}</a></p></div>`,
  });
}

/** Somebody's orders, and the ways from there. */
export function account(page, orders) {
  const { given_name, email } = page.shopper;
  return page.frame({
    name: "account",
    title: page.t("account"),
    main: html`<div class="narrow account"><h1>${page.t("account_title", { name: given_name })}</h1>
<section><h2>${page.t("orders_title")}</h2>
${orders.length > 0 ? html`<ul class="orders">${orders.map((order) => summary(page, order))}</ul>` : html`<p>${page.t("orders_none")}</p><p><a class="button plain" href="${page.href("/")}">${page.t("look")}</a></p>`}</section>
<section><h2>${page.t("account_letters")}</h2><p>${page.t("account_letters_text")}</p></section>
<section><h2>${page.t("account_you")}</h2><p>${given_name} · <bdi>${email}</bdi></p><p class="quiet">${page.t("login_demo")}</p>
<p class="row"><a class="button plain" href="${page.href("/privacy")}#device">${page.t("account_device")}</a></p>
<form method="post" action="${page.href("/account/logout")}"><button class="button plain" type="submit">${page.t("logout")}</button></form></section></div>`,
  });
}

/** An order in a list of orders. */
export function summary(page, order) {
  const pieces = order.lines.slice(0, 4);
  const status = order.returns.length > 0 ? "order_back" : "order_packing";
  return html`<li class="order"><div><strong>${page.t("order_of", { order: order.id })}</strong>
<span class="quiet">${page.t("order_date", { date: page.date(order.at) })} · ${page.money(order.total)} · ${page.t(status)}</span></div>
<ul>${pieces.map(({ product, colour }) => html`<li><img src="${pictureOf(product, colour.id)}" alt="${page.in(product.name)}" width="800" height="1000"></li>`)}</ul>
<a class="button plain" href="${page.href(`/returns/${order.id}`)}"><span>${page.t("order_return")}</span><span class="unseen">: ${page.t("order_of", { order: order.id })}</span></a></li>`;
}
