// What the shopper decides about this device: it goes to Rapport, and the shop asks no more for half a year.

import { rapport } from "./bag.js";

const KEY = "skerrow-device";
const SECONDS = 182 * 24 * 3600;
const bar = document.querySelector(".ask");
const answered = () => document.cookie.split("; ").some((each) => each.startsWith(`${KEY}=`));

for (const button of document.querySelectorAll("[data-device]")) {
  button.addEventListener("click", () => {
    const { device, said } = button.dataset;
    document.cookie = `${KEY}=${device}; Max-Age=${SECONDS}; Path=/; SameSite=Lax`;
    rapport("consent", { device: device === "yes" });
    if (said) document.getElementById("said").textContent = said;
    else leave();
  });
}

/** The question goes, and the keyboard is where the page begins. */
function leave() {
  bar.remove();
  document.getElementById("main").focus({ preventScroll: true });
}

// A page from the browser's cache may still ask.
addEventListener("pageshow", () => answered() && bar?.remove());
