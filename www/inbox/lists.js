// Events, jobs and decisions: one row for each, with what is behind it.

import { empty, fromNow, make, person, said, short, state, table, when, why } from "./dom.js";
import { pagedList } from "./pages.js";

const view = (title, about, read, draw) => {
  const list = pagedList(read, draw);
  const element = make("section", { class: "list" }, make("header", {}, make("h1", {}, title), make("p", { class: "quiet" }, about)), list.element);
  return { element, show: () => list.refresh() };
};

/** What came in, newest first. */
export function events(shop) {
  return view("Events", "What came in, newest first. Facts are never changed.", shop.api.events, (items) => {
    if (items.length === 0) return empty("Nothing heard yet", "Open a page of the shop that carries the tag and allow this device to be remembered. Page views, products, carts and orders appear here.");
    return table("Events", ["Received", "What", "Who", "About"], items.map((item) => [
      when(item.received ?? item.at, shop.status.clock.now),
      make("b", {}, said(item.type)),
      item.shopper ? person(item.shopper, shop.names) : item.visitor ? make("span", { class: "quiet", title: item.visitor }, `visitor ${short(item.visitor)}`) : make("span", { class: "quiet" }, "–"),
      make("details", { "data-id": item.id }, make("summary", { "data-id": `${item.id} summary` }, said(gist(item))), make("pre", { tabindex: 0 }, said(JSON.stringify(item.data, null, 2)))),
    ]));
  });
}

/** One line that says what an event is about. */
function gist({ data }) {
  if (!data || typeof data !== "object") return "details";
  const { url, product, cart, order, campaign, mail, offer, code, channel, purpose, name } = data;
  if (product?.name ?? product?.id) return product.name ?? product.id;
  if (order?.id) return `order ${order.id}${order.total ? `, ${order.total} ${order.currency ?? ""}` : ""}`;
  if (cart) return cart.items?.length ? `${cart.items.length} in the cart${cart.total ? `, ${cart.total} ${cart.currency ?? ""}` : ""}` : "empty cart";
  if (channel) return `${channel} · ${purpose}`;
  return String(campaign ?? mail ?? offer ?? code ?? name ?? url ?? "details");
}

/** What is due, next first. */
export function jobs(shop) {
  return view("Jobs", "What is going to happen, next first. Everything is decided again when it is due.", shop.api.jobs, (items) => {
    if (items.length === 0) return empty("Nothing is waiting", "When somebody signs up, the next steps of their journey wait here. The development clock brings them forward.");
    const { now } = shop.status.clock;
    return table("Jobs", ["Due", "What", "For", "State", "Worth saying until"], items.map((item) => [
      make("span", {}, make("b", {}, fromNow(item.due_at, now)), make("br"), when(item.due_at, now)),
      make("span", { title: item.key }, said([KINDS[item.channel === "sms" ? "text" : item.kind] ?? item.kind, item.mail, item.journey].filter(Boolean).join(" · "))),
      person(item.shopper, shop.names),
      state(item.state),
      when(item.valid_until, now),
    ]));
  });
}

/** What a decision was about, where it was no message to a shopper. */
function about({ what, message, why: reason }) {
  if (reason?.rule === "webhook") return make("span", { class: "quiet" }, " call of the shop's server");
  if (message === "alert") return make("span", { class: "quiet" }, " mail to the merchant");
  return what === "end" ? make("span", { class: "quiet" }, " journey") : "";
}

/** What jobs are, in words. */
const KINDS = {
  timer: "next step", mail: "mail", text: "text", webhook: "call of the shop's server", alert: "mail to the merchant", hear: "what the shop's server said",
  follow: "what a browser did", errand: "word to another object", refill: "codes of a pool", give_back: "codes back to their pool", sweep: "new rules for everybody",
};

/** Every send and skip, with its reason. */
export function decisions(shop) {
  return view("Decisions", "Every send, skip and delay, every call of the shop's server and every journey's early end, with the rule that decided and the fact it saw.", shop.api.decisions, (items) => {
    if (items.length === 0) return empty("Nothing decided yet", "As soon as a message is due, its decision stands here, whether it was sent or not.");
    return table("Decisions", ["When", "What", "Message", "For", "Why"], items.map((item) => [
      when(item.at, shop.status.clock.now),
      state(item.what),
      make("span", {}, said(item.message), about(item)),
      person(item.shopper, shop.names),
      why(item.why) ?? "–",
    ]));
  });
}
