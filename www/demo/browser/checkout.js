// The checkout: the summary beside the form, the discount code, and the bag that goes with the order.

import { read, subtotal } from "./bag.js";
import { line, money, word } from "./lines.js";

const POST = 490;
const FREE_FROM = 8000;
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
  const typed = form.elements.code.value.trim();
  percent = 0;
  said.textContent = "";
  if (typed) {
    const answer = await fetch(`/discount?code=${encodeURIComponent(typed)}`).then((response) => response.json());
    percent = answer.percent;
    said.className = percent > 0 ? "good" : "error";
    said.textContent = percent > 0 ? word("code_good", answer) : word("code_bad");
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
