import { catalogue, pictureOf } from "../catalogue.mjs";
import { html } from "../markup.mjs";

/** Degrees Celsius at the slip on the first of each month. */
const WATER = [5, 4, 4, 6, 9, 13, 16, 18, 17, 14, 10, 7];

export function home(page) {
  const popular = catalogue.products.filter((product) => product.popular);
  return page.frame({
    name: "home",
    title: page.t("tagline"),
    linked: [
      { "@type": "Organization", name: "Skerrow", url: page.absolute("/"), email: "mara@skerrow.example" },
      {
        "@type": "WebSite", name: "Skerrow", url: page.absolute("/"), inLanguage: page.lang,
        potentialAction: { "@type": "SearchAction", target: `${page.absolute("/search")}?q={search_term_string}`, "query-input": "required name=search_term_string" },
      },
    ],
    main: html`<section class="hero">
<img src="/pictures/hero.svg" alt="" width="1600" height="900" fetchpriority="high">
<div><h1>${page.t("hero_title")}</h1><p>${page.t("hero_text")}</p>
<p class="row"><a class="button" href="${page.href("/category/warm")}">${page.t("hero_warm")}</a> <a class="button plain" href="${page.href("/category/swim")}">${page.t("hero_swim")}</a></p></div>
</section>
<section class="doors"><ul>${catalogue.categories.map((each) => door(page, each))}</ul></section>
<section class="wide"><h2>${page.t("popular")}</h2><ul class="cards">${popular.map((each) => page.card(each))}</ul></section>
${year(page)}
<section class="letter"><img src="${pictureOf(catalogue.product("ferry-mug"))}" alt="" width="800" height="1000" loading="lazy">
<div><h2>${page.t("mara_title")}</h2><p>${page.t("mara_text")}</p><p><a class="button plain" href="mailto:mara@skerrow.example">${page.t("mara_link")}</a></p></div></section>
<section class="promises"><ul>${["delivery", "return", "repair"].map((each) => html`<li><h2>${page.t(`${each}_title`)}</h2><p>${page.t(`${each}_text`)}</p></li>`)}</ul></section>`,
  });
}

function door(page, category) {
  return html`<li class="door ground-${category.id}"><a href="${page.href(`/category/${category.id}`)}">
<span><strong>${page.in(category.name)}</strong><span>${page.in(category.line)}</span></span>
<img src="${pictureOf(catalogue.product(category.picture), category.colour)}" alt="" width="800" height="1000"></a></li>`;
}

function year(page) {
  const months = page.t("months");
  const list = WATER.map((degrees, month) => `${months[month]} ${degrees}`).join(", ");
  const layer = (degrees) => (degrees < 8 ? "cold" : degrees < 14 ? "cool" : "mild");
  const bar = (degrees, month) => html`<li class="${layer(degrees)} d${degrees}"><b>${degrees}°</b><i></i><span>${months[month]}</span></li>`;
  return html`<section class="year"><div><h2>${page.t("year_title")}</h2><p>${page.t("year_text")}</p>
<ul class="key">${["cold", "cool", "mild"].map((each) => html`<li class="${each}">${page.t(`year_${each}`)}</li>`)}</ul></div>
<p class="unseen">${page.t("year_caption", { list })}</p>
<ol aria-hidden="true">${WATER.map(bar)}</ol></section>`;
}
