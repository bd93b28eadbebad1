// The bag's page: quantities, removal, and how much is missing for free delivery.

import { change, read, subtotal } from "./bag.js";
import { line, make, money, shelf, word } from "./lines.js";

const FREE_FROM = 8000;
const list = document.querySelector(".lines");

function show() {
  const bag = read();
  document.querySelector(".empty").hidden = bag.items.length > 0;
  document.querySelector(".filled").hidden = bag.items.length === 0;
  list.replaceChildren(...bag.items.map((item) => line(item, controls(item))).filter(Boolean));
  const sum = subtotal(bag);
  document.querySelector(".subtotal").textContent = money(sum);
  document.querySelector(".free").textContent = sum >= FREE_FROM ? word("free_now") : word("free_from", { amount: money(FREE_FROM - sum) });
}

function controls(item) {
  const { name } = shelf.products[item.product];
  const button = (sign, label, quantity, kind) => {
    const element = make("button", { type: "button", class: kind, "aria-label": label }, sign);
    element.addEventListener("click", () => {
      const place = [...list.querySelectorAll("button")].indexOf(element);
      change(item, quantity);
      show();
      document.getElementById("said").textContent = `${name}: ${quantity}`;
      (quantity > 0 ? list.querySelectorAll("button")[place] : document.querySelector("h1")).focus();
    });
    return element;
  };
  return make("div", { class: "amount", role: "group", "aria-label": word("quantity") },
    button("−", word("fewer", { name }), item.quantity - 1, "step"),
    make("span", { class: "quantity" }, item.quantity),
    button("+", word("more", { name }), item.quantity + 1, "step"),
    button(word("remove"), word("remove_name", { name }), 0, "remove"));
}

show();
addEventListener("pageshow", show);
addEventListener("storage", show);
