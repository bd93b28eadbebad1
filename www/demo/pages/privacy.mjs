import { html } from "../markup.mjs";

export function privacy(page) {
  return page.frame({
    name: "privacy",
    title: page.t("privacy"),
    main: html`<div class="narrow prose"><h1>${page.t("privacy_title")}</h1>
<p>${page.t("privacy_shop")}</p><p>${page.t("privacy_cookie")}</p><p>${page.t("privacy_talk")}</p>
<h2 id="device">${page.t("privacy_device_title")}</h2><p>${page.t("privacy_device")}</p>
<p class="row"><button class="button plain" type="button" data-device="yes" data-said="${page.t("privacy_allowed")}">${page.t("privacy_allow")}</button>
<button class="button plain" type="button" data-device="no" data-said="${page.t("privacy_stopped")}">${page.t("privacy_stop")}</button></p>
<p class="added" id="said" role="status">${{ yes: page.t("privacy_allowed"), no: page.t("privacy_stopped") }[page.device]}</p></div>`,
  });
}
