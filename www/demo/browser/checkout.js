// The checkout: the summary beside the form, the discount code, and the bag that goes with the order.

import { rapport, read, subtotal } from "./bag.js";
import { line, money, word } from "./lines.js";

const POST = 490;
const FREE_FROM = 8000;
/** What is said of a code that is good for nothing, by the reason. */
const REFUSED = { used: "code_used", ended: "code_ended", personal: "code_personal", unanswered: "code_unanswered" };
const form = document.querySelector(".checkout");
const said = document.getElementById("code-said");
const bag = read();
let percent = 0;

form.querySelector(".lines").replaceChildren(...bag.items.map((item) => line(item)).filter(Boolean));
form.elements.cart.value = JSON.stringify(bag.items.map(({ product, colour, size, quantity }) => ({ product, colour, size, quantity })));
form.elements.cart_id.value = bag.id;
form.addEventListener("change", sums);
document.getElementById("apply").addEventListener("click", apply);
form.elements.code.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  apply();
});

async function apply() {
  const code = form.elements.code.value.trim();
  percent = 0;
  said.textContent = "";
  if (code) {
    const email = form.elements.email.value.trim();
    const body = new URLSearchParams({ code, email, total: (subtotal(bag) / 100).toFixed(2) });
    const answer = await fetch("/discount", { method: "POST", body }).then((response) => response.json());
    percent = answer.percent;
    said.className = percent > 0 ? "good" : "error";
    said.textContent = percent > 0 ? word("code_good", answer) : word(REFUSED[answer.why] ?? "code_bad");
    // One that is somebody's own can only be judged with their address; and what could not be asked has not failed.
    const failed = percent === 0 && answer.why !== "unanswered" && !(answer.why === "personal" && !email);
    if (failed) rapport("track", { type: "coupon failed", code, why: answer.why });
  }
  sums();
}

function sums() {
  const sum = subtotal(bag);
  const off = Math.round((sum * percent) / 100);
  const post = form.elements.delivery.value === "pick_up" || sum - off >= FREE_FROM ? 0 : POST;
  form.querySelector(".subtotal").textContent = money(sum);
  form.querySelector(".off").hidden = off === 0;
  form.querySelector(".off .amount").textContent = money(-off);
  form.querySelector(".post").textContent = post > 0 ? money(post) : word("free");
  form.querySelector(".total .amount").textContent = money(sum - off + post);
}

form.querySelector("[aria-invalid]")?.focus();
if (form.elements.code.value) apply();
sums();
