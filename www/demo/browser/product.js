// The product page: colours change the picture, sizes that are gone cannot be chosen.

import { add } from "./bag.js";

const about = JSON.parse(document.getElementById("product").textContent);
const form = document.querySelector(".choose");
const picture = document.querySelector(".product .pic img");

form.addEventListener("change", show);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { colour, size } = chosen();
  const missing = about.sizes.length > 0 && !size;
  form.querySelector("#size-error").hidden = !missing;
  if (missing) return form.querySelector("[name=size]:not(:disabled)")?.focus();
  add({ product: about.id, colour, size, quantity: 1, price: about.price, name: document.querySelector("h1").textContent });
  form.querySelector(".added").hidden = false;
});

function chosen() {
  const values = new FormData(form);
  return { colour: values.get("colour"), size: values.get("size") ?? undefined };
}

function show() {
  const { colour, size } = chosen();
  if (!picture.src.endsWith(about.pictures[colour])) picture.src = about.pictures[colour];
  for (const option of form.querySelectorAll("[name=size]")) {
    option.disabled = about.gone.includes(`${colour}/${option.value}`);
    option.parentElement.title = option.disabled ? about.words.gone : "";
    if (option.disabled) option.checked = false;
  }
  const gone = about.gone.includes(colour) || (about.sizes.length > 0 && about.sizes.every((each) => about.gone.includes(`${colour}/${each}`)));
  const button = form.querySelector("[type=submit]");
  button.disabled = gone;
  button.textContent = gone ? about.words.sold_out : about.words.add;
  form.querySelector(".stock").textContent = gone ? about.words.all_gone : about.words.in_stock;
  form.querySelector(".stock").classList.toggle("none", gone);
  form.querySelector(".added").hidden = true;
  if (size) form.querySelector("#size-error").hidden = true;
}

show();
