// The order is placed: Rapport hears of it, and the bag it came from is empty.

import { ordered, rapport } from "./bag.js";

const { cart, order } = JSON.parse(document.getElementById("order").textContent);
rapport("order", order);
ordered(cart);
