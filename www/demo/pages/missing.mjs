import { html } from "../markup.mjs";

export function missing(page) {
  return page.frame({
    name: "missing",
    title: page.t("missing_title"),
    main: html`<div class="narrow empty"><h1>${page.t("missing_title")}</h1><p>${page.t("missing_text")}</p><p><a class="button" href="${page.href("/")}">${page.t("thanks_back")}</a></p></div>`,
  });
}
