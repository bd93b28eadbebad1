// The shop's own bag: one key in localStorage, told to Rapport on every change.

const KEY = "skerrow-cart";
const MOST = 20;
let inMemory = null;

/** `{ id, items: [{ product, colour, size?, quantity, name, price }] }`; prices in cents. */
export function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? inMemory ?? empty();
  } catch {
    return inMemory ?? empty();
  }
}

const empty = () => ({ id: crypto.randomUUID(), items: [] });
const same = (one, other) => one.product === other.product && one.colour === other.colour && one.size === other.size;

/** Puts an item in, or raises its quantity. */
export function add(item) {
  const bag = read();
  const there = bag.items.find((each) => same(each, item));
  if (there) there.quantity = Math.min(MOST, there.quantity + item.quantity);
  else bag.items.push(item);
  write(bag);
}

/** Sets an item's quantity; none removes it. */
export function change(item, quantity) {
  const bag = read();
  bag.items = bag.items.map((each) => (same(each, item) ? { ...each, quantity: Math.min(MOST, quantity) } : each)).filter((each) => each.quantity > 0);
  write(bag);
}

/** Empties the bag that became an order; a newer bag stays. */
export function ordered(id) {
  if (read().id === id) write(empty());
}

export const subtotal = (bag) => bag.items.reduce((sum, item) => sum + item.price * item.quantity, 0);
const decimal = (cents) => (cents / 100).toFixed(2);

function write(bag) {
  inMemory = bag;
  try {
    if (bag.items.length > 0) localStorage.setItem(KEY, JSON.stringify(bag));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is blocked: the bag lives as long as the page.
  }
  count();
  rapport("cart", {
    items: bag.items.map((item) => ({ product: item.product, name: item.name, size: item.size, quantity: item.quantity, price: decimal(item.price) })),
    currency: "EUR",
    total: decimal(subtotal(bag)),
    url: new URL("/cart", location.href).href,
  });
}

/** Tells Rapport something; before its tag has loaded, the command waits in the queue. */
export function rapport(...command) {
  (window.rapport = window.rapport || []).push(command);
}

function count() {
  const items = read().items.reduce((sum, item) => sum + item.quantity, 0);
  const link = document.querySelector(".to-bag");
  const number = link.querySelector(".n");
  number.textContent = items;
  number.hidden = items === 0;
  link.setAttribute("aria-label", link.dataset.count.replace("{n}", items));
}

// Who is logged in, signed by the shop's server.
const who = document.getElementById("who");
if (who) rapport("identify", JSON.parse(who.textContent));

count();
addEventListener("storage", (event) => event.key === KEY && count());
addEventListener("pageshow", count);
