import { catalogue } from "../catalogue.mjs";
import { data, html } from "../markup.mjs";
import { LONGEST, find, near } from "../search.mjs";

/** What was found for `query`; without one, the question. Where nothing is found the page says how to go on. */
export function search(page, query) {
  const found = query ? find(query) : [];
  const words = { query, n: found.length };
  const title = !query ? "search_title" : found.length === 0 ? "search_none" : found.length === 1 ? "search_one" : "search_found";
  return page.frame({
    name: "search",
    title: query ? page.t("search_for", words) : page.t("search"),
    scripts: query ? ["search.js"] : [],
    main: html`<div class="seek"><h1>${page.t(title, words)}</h1>
<form role="search" action="/search"><p class="field"><label for="q">${page.t("search_label")}</label>
<span class="beside"><input id="q" name="q" type="search" value="${query}" maxlength="${LONGEST}" autocomplete="off" enterkeyhint="search"><button class="button" type="submit">${page.t("search_go")}</button></span></p>
${Object.entries(page.switches).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}</form></div>
${found.length > 0 ? html`<section class="wide"><ul class="cards">${found.map((each) => page.card(each))}</ul></section>` : waysOn(page, query)}
${query && data("application/json", { query, results: found.length }, "searched")}`,
  });
}

function waysOn(page, query) {
  const word = query && near(query);
  const link = word && html`<a href="${page.href("/search", { q: word })}">${word}</a>`;
  const [before, after] = page.t("search_near").split("{word}");
  return html`${query && html`<div class="narrow-text"><p class="lead">${link && html`${before}${link}${after} `}${page.t("search_none_text")}</p><p><a href="mailto:mara@skerrow.example">${page.t("search_ask")}</a></p></div>`}
<section class="wide"><h2>${page.t("search_doors")}</h2><ul class="chips">${catalogue.categories.map((each) => html`<li><a class="chip ground-${each.id}" href="${page.href(`/category/${each.id}`)}">${page.in(each.name)}</a></li>`)}</ul></section>
<section class="wide"><h2>${page.t("search_liked")}</h2><ul class="cards">${catalogue.products.filter(({ popular }) => popular).slice(0, 4).map((each) => page.card(each))}</ul></section>`;
}
