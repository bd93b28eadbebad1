// The inbox page: opens with a token, shows one view of the shop, and looks again every two seconds
// while somebody looks at it.

import { Trouble, forget, keep, shopApi, tokenAtHand } from "./api.js";
import { startClock } from "./clock.js";
import { make } from "./dom.js";
import { decisions, events, jobs } from "./lists.js";
import { messages } from "./messages.js";
import { people } from "./people.js";
import { status } from "./status.js";

const VIEWS = { messages, people, events, jobs, decisions, status };
const COUNTED = { messages: "messages", people: "people", events: "events", jobs: "jobs" };
const EVERY = 2000;
const EVERY_VIEW = 5;

const at = (id) => document.getElementById(id);
let shop;

/** Opens the page with a token, or asks for one. */
async function open(token) {
  at("door").hidden = true;
  try {
    const api = shopApi(token);
    const first = await api.status();
    shop = { api, status: first, names: new Map(), shown: undefined, seen: "", ticks: 0, leave: ask, look: () => tick(true) };
    at("app").hidden = false;
    shop.tellClock = startClock(shop, tick);
    await learnNames();
    await show();
    setTimeout(beat, EVERY, shop);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (error.kind === "edge") {
      trouble(error);
      at("app").hidden = false;
      setTimeout(open, EVERY, token);
      return;
    }
    ask(error.kind === "missing" ? "This token belongs to no shop on this edge." : error.message);
  }
}

function ask(why = "") {
  forget();
  shop = undefined;
  at("app").hidden = true;
  at("door").hidden = false;
  at("door-said").textContent = why;
  at("token").setAttribute("aria-invalid", String(why !== ""));
  at("token").focus();
}

at("opening").addEventListener("submit", (event) => {
  event.preventDefault();
  keep(at("token").value);
  at("opening").reset();
  open(tokenAtHand());
});

/** The view that the address names: `#/messages/<id>`. */
function asked() {
  const [name, id] = location.hash.replace(/^#\/?/, "").split("/");
  return { name: VIEWS[name] ? name : "messages", id: id && decodeURIComponent(id) };
}

async function show() {
  const { name, id } = asked();
  header(name);
  if (shop.shown?.name !== name) {
    shop.shown = { name, view: VIEWS[name](shop) };
    at("main").replaceChildren(shop.shown.view.element);
    document.title = `${label(name)} · ${shop.status.shop.name} · Rapport`;
  }
  await shop.shown.view.show(id);
  trouble();
}

const label = (name) => name[0].toUpperCase() + name.slice(1);

function header(current) {
  const counts = shop.status.counts;
  const tab = (name) => make("li", {}, make("a", { href: `#/${name}`, "aria-current": name === current ? "page" : undefined },
    label(name), name in COUNTED ? make("span", { class: "count" }, counts[COUNTED[name]] ?? 0) : "",
    name === "messages" && counts.unknown > 0 ? make("span", { class: "count bad", title: "sends with an unknown outcome" }, `${counts.unknown}?`) : ""));
  const focused = document.activeElement?.getAttribute("href");
  at("tabs").replaceChildren(...Object.keys(VIEWS).map(tab));
  if (focused) at("tabs").querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  at("tabs").querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
  at("shop-name").textContent = shop.status.shop.name;
  const off = Object.entries(shop.status.switches).filter(([, on]) => !on).map(([name]) => name);
  at("beat").textContent = off.length > 0 ? `${off.map(label).join(" and ")} switched off` : "";
}

/** Asks for the status, and for the view when something changed or some time has passed. */
async function tick(whatever = false) {
  const mine = shop;
  const fresh = await mine.api.status();
  if (mine !== shop) return;
  const { clock, ...rest } = fresh;
  const seen = JSON.stringify(rest);
  const changed = whatever || seen !== mine.seen || ++mine.ticks % EVERY_VIEW === 0;
  mine.status = fresh;
  mine.seen = seen;
  mine.tellClock(clock);
  if (changed) {
    await learnNames();
    await show();
  }
  trouble();
}

async function beat(mine) {
  if (mine !== shop) return;
  try {
    if (!document.hidden) await tick();
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (error.kind === "token") return ask(error.message);
    trouble(error);
  }
  setTimeout(beat, EVERY, mine);
}

/** Who is who: the newest people's names, for links to them. */
async function learnNames() {
  const { items } = await shop.api.people();
  for (const each of items) {
    const address = each.addresses?.[0]?.address;
    shop.names.set(each.id, each.given_name || address || each.id);
  }
}

function trouble(error) {
  at("trouble").hidden = !error;
  if (error && at("trouble").textContent !== error.message) at("trouble").textContent = error.message;
}

addEventListener("hashchange", async () => {
  if (/^#token=/.test(location.hash)) return open(tokenAtHand());
  if (!shop) return;
  try {
    await show();
    if (asked().id === undefined) scrollTo(0, 0);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    trouble(error);
  }
});
document.addEventListener("visibilitychange", () => !document.hidden && shop && tick().catch(trouble));

const token = tokenAtHand();
if (token) open(token);
else ask();
