// What the shopper decides about this device goes to Rapport.

import { rapport } from "./bag.js";

for (const button of document.querySelectorAll("[data-device]")) {
  button.addEventListener("click", () => {
    rapport("consent", { device: button.dataset.device === "yes" });
    document.getElementById("said").textContent = button.dataset.said;
  });
}
