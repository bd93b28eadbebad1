import { html } from "../page.mjs";

export function privacy(page) {
  return page.frame({
    name: "privacy",
    title: page.t("privacy"),
    scripts: ["privacy.js"],
    main: html`<div class="narrow prose"><h1>${page.t("privacy_title")}</h1>
<p>${page.t("privacy_shop")}</p><p>${page.t("privacy_talk")}</p>
<h2>${page.t("privacy_device_title")}</h2><p>${page.t("privacy_device")}</p>
<p class="row"><button class="button" type="button" data-device="yes" data-said="${page.t("privacy_allowed")}">${page.t("privacy_allow")}</button>
<button class="button plain" type="button" data-device="no" data-said="${page.t("privacy_stopped")}">${page.t("privacy_stop")}</button></p>
<p class="added" id="said" role="status"></p></div>`,
  });
}
