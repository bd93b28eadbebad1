// What stands around every page: the question about this device, the header, the footer.

import { catalogue } from "./catalogue.mjs";
import { html } from "./markup.mjs";
import { languages } from "./words.mjs";

const ICONS = {
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.5 15.5 21 21",
  account: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 21c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
  bag: "M5 8h14l1 13H4ZM8.5 11V7a3.5 3.5 0 0 1 7 0v4",
};
const icon = (name) => html`<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2.25" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;

/** Asked until it is answered, and not where the page itself asks. */
export function ask(page, name) {
  if (page.device || name === "privacy") return "";
  return html`<section class="ask" aria-label="${page.t("ask_title")}"><p>${page.t("ask_text")} <a href="${page.href("/privacy")}">${page.t("ask_more")}</a></p>
<p class="row"><button class="button plain" type="button" data-device="no">${page.t("ask_no")}</button> <button class="button plain" type="button" data-device="yes">${page.t("ask_yes")}</button></p></section>
`;
}

export function header(page) {
  const link = (category) => {
    const path = `/category/${category.id}`;
    return html`<li><a href="${page.href(path)}"${here(page, path)}>${page.in(category.name)}</a></li>`;
  };
  const other = languages.find((lang) => lang !== page.lang);
  const who = page.shopper ? page.t("account_of", { name: page.shopper.given_name }) : page.t("account");
  return html`<header class="top">
<a class="logo" href="${page.href("/")}"><img src="/pictures/flag-k.svg" alt="" width="26" height="26"> Skerrow</a>
<nav aria-label="${page.t("main_nav")}"><ul>${catalogue.categories.map(link)}</ul></nav>
<div class="tools"><a class="tool" href="${page.href("/search")}"${here(page, "/search")}>${icon("search")}<span class="unseen">${page.t("search")}</span></a>
<a class="tool${page.shopper ? " known" : ""}" href="${page.href("/account")}"${here(page, "/account")}>${icon("account")}<span class="unseen">${who}</span></a>
<a class="language" href="${inLanguage(page, other)}" lang="${other}" hreflang="${other}">${page.t("language")}</a>
<a class="to-bag tool" href="${page.href("/cart")}" data-count="${page.t("bag_count")}">${icon("bag")}<span class="word">${page.t("bag")}</span> <span class="n" hidden>0</span></a></div>
</header>`;
}

const here = (page, path) => (page.url.pathname === path ? html` aria-current="page"` : "");

/** The same page in another language. */
function inLanguage(page, lang) {
  const query = new URLSearchParams(page.url.search);
  if (lang === languages[0]) query.delete("lang");
  else query.set("lang", lang);
  return query.size > 0 ? `${page.url.pathname}?${query}` : page.url.pathname;
}

export function footer(page) {
  const list = (title, links) => html`<nav aria-label="${page.t(title)}"><h2>${page.t(title)}</h2><ul>${links.map(([path, name]) => html`<li><a href="${path}">${name}</a></li>`)}</ul></nav>`;
  const own = (path, word) => [page.href(path), page.t(word)];
  return html`<footer class="foot">
<img class="flags" src="/pictures/flags.svg" alt="${page.t("foot_flags")}" width="420" height="60" loading="lazy">
<div>${list("foot_shop", catalogue.categories.map((each) => [page.href(`/category/${each.id}`), page.in(each.name)]))}
${list("foot_help", [own("/search", "search"), own("/account", "account"), own("/cart", "bag"), own("/returns", "returns")])}
${list("foot_us", [["mailto:mara@skerrow.example", page.t("mara_link")], own("/privacy", "privacy"), [`${page.href("/privacy")}#device`, page.t("foot_device")]])}</div>
<p>${page.t("foot_text")}</p>
</footer>`;
}
