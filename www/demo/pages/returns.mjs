import { pictureOf } from "../catalogue.mjs";
import { html } from "../markup.mjs";
import { REASONS, returnable } from "../order.mjs";
import { summary } from "./account.mjs";
import { EMAIL, field } from "./field.mjs";
import { variant } from "./thanks.mjs";

/** Which order is it? Those of this browser, or one by its number and its address. `missed` when there is none such. */
export function returns(page, orders, form = {}, missed = false) {
  return page.frame({
    name: "returns",
    title: page.t("returns"),
    main: html`<div class="narrow form"><h1>${page.t("returns_title")}</h1><p class="lead">${page.t("returns_text")}</p>
${orders.length > 0 && html`<section><h2>${page.t("returns_yours")}</h2><ul class="orders">${orders.map((order) => summary(page, order))}</ul></section>`}
<section><h2>${page.t("returns_find")}</h2>
${missed && html`<p class="error box" role="alert">${page.t("error_order")}</p>`}
<form method="post" action="${page.href("/returns")}">
${field("order", page.t("order_number"), { value: form.order, note: page.t("order_number_note"), required: "", dir: "ltr", autocomplete: "off", autocapitalize: "characters", spellcheck: "false" })}
${field("email", page.t("email"), { value: form.email ?? page.shopper?.email, ...EMAIL })}
<button class="button big" type="submit">${page.t("returns_go")}</button></form></section></div>`,
  });
}

/** An order of which something comes back: what was asked already, and what can be asked. */
export function sending(page, order, { asked = new URLSearchParams(), errors = [], noted } = {}) {
  const left = returnable(order);
  return page.frame({
    name: "returns",
    title: `${page.t("returns")}: ${order.id}`,
    main: html`<div class="narrow form"><h1>${page.t(noted ? "return_noted" : "returns_pick")}</h1>
<p class="quiet">${page.t("order_of", { order: order.id })} · ${page.t("order_date", { date: page.date(order.at) })} · ${page.money(order.total)}</p>
${[...order.returns].reverse().map((back) => status(page, order, back))}
${left.length > 0 ? questions(page, order, left, asked, errors) : html`<p class="lead">${page.t("returns_all")}</p>`}
<p><a href="${page.href(page.shopper ? "/account" : "/returns")}">${page.t(page.shopper ? "account" : "returns_other")}</a></p></div>`,
  });
}

function questions(page, order, left, asked, errors) {
  const wrong = (name) => errors.includes(name) && html` aria-invalid="true" aria-describedby="${name}-error"`;
  const said = (name, word) => errors.includes(name) && html`<span class="error" id="${name}-error">${page.t(word)}</span>`;
  const reasons = page.t("reasons");
  const ticked = asked.getAll("item");
  return html`<form method="post" action="${page.href(`/returns/${order.id}`)}" novalidate>
<fieldset class="picks"${wrong("item")}><legend>${page.t("returns_what")}</legend>
${left.map(([place, line]) => html`<label class="pick"><input type="checkbox" name="item" value="${place}"${ticked.includes(String(place)) && html` checked`}>${piece(page, line)}</label>`)}
${said("item", "error_items")}</fieldset>
<p class="field"><label for="reason">${page.t("returns_why")}</label>
<select id="reason" name="reason" required${wrong("reason")}><option value="">${page.t("returns_why_pick")}</option>${REASONS.map((each) => html`<option value="${each}"${asked.get("reason") === each && html` selected`}>${reasons[each]}</option>`)}</select>${said("reason", "error_reason")}</p>
<p class="field"><label for="note">${page.t("returns_note")}</label><textarea id="note" name="note" rows="3" maxlength="1000">${asked.get("note") ?? ""}</textarea></p>
<button class="button big" type="submit">${page.t("returns_ask")}</button></form>`;
}

/** How far a return has come: at the first of its steps, because nobody unpacks parcels in a demonstration. */
function status(page, order, back) {
  const [asked, ...later] = page.t("return_steps");
  return html`<section class="back"><h2>${page.t("return_of", { id: back.id })}</h2>
<ol class="steps"><li aria-current="step">${asked}</li>${later.map((step) => html`<li>${step}</li>`)}</ol>
<ul class="picks">${back.places.map((place) => html`<li class="pick">${piece(page, order.lines[place])}</li>`)}</ul>
<p>${page.t("return_asked", { date: page.date(back.at) })}. ${page.t("return_reason", { reason: page.t("reasons")[back.reason] })}</p><p>${page.t("return_next", { id: back.id })}</p></section>`;
}

const piece = (page, line) => html`<img src="${pictureOf(line.product, line.colour.id)}" alt="" width="800" height="1000">
<span><strong>${page.in(line.product.name)}</strong><span class="quiet">${variant(page, line)}${line.quantity > 1 && ` × ${line.quantity}`}</span></span>`;
