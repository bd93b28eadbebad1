import { data, html } from "../markup.mjs";
import { shelf } from "./cart.mjs";
import { EMAIL, PHONE, field } from "./field.mjs";

/** What is said of a field that is wrong, where it is not that it is empty. */
const SAID = { email: "error_email", phone: "error_phone" };

/** The checkout; after a mistake with what was typed, and the names of the fields in `errors`. */
export function checkout(page, form = page.shopper ?? {}, errors = []) {
  const asked = (name, label, more) =>
    field(name, label, { value: form[name], said: errors.includes(name) && page.t(SAID[name] ?? "error_field"), required: "", ...more });
  const way = (value, title, note) => html`<label class="way"><input type="radio" name="delivery" value="${value}"${(form.delivery ?? "post") === value ? html` checked` : ""}> <span><strong>${title}</strong><span class="quiet">${note}</span></span></label>`;
  return page.frame({
    name: "checkout",
    title: page.t("checkout_title"),
    scripts: ["checkout.js"],
    main: html`<h1 class="checkout-title">${page.t("checkout_title")}</h1>
<form class="checkout" method="post" action="${page.href("/checkout")}" novalidate>
<div class="asked">
${errors.length > 0 ? html`<p class="error box" role="alert"><strong>${page.t("error_title")}</strong> ${errors.includes("cart") ? page.t("error_cart") : ""}</p>` : ""}
<fieldset><legend>${page.t("contact")}</legend><div class="pairs reach">${asked("email", page.t("email"), EMAIL)}${asked("phone", page.t("phone"), PHONE(page))}</div>
<label class="agree"><input type="checkbox" name="text_me" value="yes"${form.text_me && html` checked`}> <span>${page.t("text_me")}</span></label></fieldset>
<fieldset><legend>${page.t("address")}</legend><div class="pairs">
${asked("given_name", page.t("given_name"), { autocomplete: "given-name" })}${asked("family_name", page.t("family_name"), { autocomplete: "family-name" })}
${asked("street", page.t("street"), { autocomplete: "street-address" })}${asked("postcode", page.t("postcode"), { autocomplete: "postal-code" })}${asked("city", page.t("city"), { autocomplete: "address-level2" })}
<p class="field country"><label for="country">${page.t("country")}</label><select id="country" name="country" autocomplete="country">${Object.entries(page.t("countries")).map(([code, name]) => html`<option value="${code}"${form.country === code ? html` selected` : ""}>${name}</option>`)}</select></p>
</div></fieldset>
<fieldset><legend>${page.t("how")}</legend>${way("post", page.t("by_post"), page.t("by_post_note"))}${way("pick_up", page.t("pick_up"), page.t("pick_up_note"))}</fieldset>
</div>
<aside class="summary"><h2>${page.t("summary")}</h2><ul class="lines small"></ul>
<p class="field code"><label for="code">${page.t("code")}</label><span class="beside"><input id="code" name="code" value="${form.code ?? ""}" autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr" aria-describedby="code-said"><button class="button plain" type="button" id="apply">${page.t("code_apply")}</button></span>
<span id="code-said" role="status"></span></p>
<p class="sum"><span>${page.t("subtotal")}</span> <span class="subtotal"></span></p>
<p class="sum off" hidden><span>${page.t("discount")}</span> <span class="amount"></span></p>
<p class="sum"><span>${page.t("delivery")}</span> <span class="post"></span></p>
<p class="sum total"><span>${page.t("total")}</span> <strong class="amount"></strong></p>
<input type="hidden" name="cart"><input type="hidden" name="cart_id">
<button class="button big" type="submit">${page.t("place")}</button>
<p class="quiet">${page.t("place_note")}</p></aside>
</form>
${data("application/json", shelf(page), "shelf")}`,
  });
}
