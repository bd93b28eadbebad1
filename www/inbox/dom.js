// Elements, moments and small words. What comes from outside only ever becomes text.

/** An element; children are elements or text, never markup. `on…` attributes are listeners. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Text of a shopper or a shop: its own direction, whatever surrounds it. */
export const said = (text, attributes = {}) => make("bdi", attributes, String(text ?? ""));

const moment = (at) => new Date(typeof at === "string" && /^\d+$/.test(at) ? Number(at) : at);
const full = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const minute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1000]];

/** The whole moment: "Sat, 22 Nov 2025, 14:03:07". */
export const inFull = (at) => full.format(moment(at));

/** How far a moment is from now: "in 10 days". */
export function fromNow(at, now) {
  const away = moment(at) - moment(now);
  const [unit, size] = STEPS.find(([, size]) => Math.abs(away) >= size) ?? ["second", 1000];
  return relative.format(Math.round(away / size), unit);
}

/** A moment, short, with the whole of it on hover: "14:03" today, else "22 Nov 2025". */
export function when(at, now) {
  if (at === undefined || at === null) return make("span", {}, "–");
  const date = moment(at);
  const today = date.toDateString() === moment(now ?? Date.now()).toDateString();
  return make("time", { datetime: date.toISOString(), title: inFull(at) }, today ? minute.format(date) : `${day.format(date)}, ${minute.format(date)}`);
}

/** A state in a word, coloured by how good it is. */
export function state(word) {
  const kind = GOOD.has(word) ? "good" : BAD.has(word) ? "bad" : OPEN.has(word) ? "open" : "plain";
  return make("span", { class: `state ${kind}` }, String(word ?? "").replaceAll("_", " "));
}

const GOOD = new Set(["accepted", "send", "sent", "given", "confirmed", "used", "done"]);
const BAD = new Set(["refused", "withdrawn", "bounced", "failed", "unknown", "suppressed"]);
const OPEN = new Set(["claimed", "asked", "pending", "defer", "deferred", "waiting", "issued", "unconfirmed", "skip"]);

/** The reason of a decision. */
export const why = (reason) => reason?.rule
  ? make("p", { class: "why" }, make("b", {}, said(reason.rule)), " ", said(reason.fact))
  : undefined;

/** A link to a person, by name where it is known. */
export const person = (id, names) => id
  ? make("a", { href: `#/people/${encodeURIComponent(id)}`, class: "who" }, said(names.get(id) ?? short(id), { title: id }))
  : make("span", { class: "quiet" }, "–");

/** An id that is only shown to tell it from others. */
export const short = (id) => String(id ?? "").replaceAll("-", "").slice(-8);

/** Where there is nothing yet: what would be here, and how it comes. */
export const empty = (title, text) => make("div", { class: "empty" }, make("h2", {}, title), make("p", {}, text));

/** A table; columns are names, rows are lists of cells. */
export function table(caption, columns, rows) {
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    make("table", {},
      make("caption", { class: "unseen" }, caption),
      make("thead", {}, make("tr", {}, columns.map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, rows.map((cells) => make("tr", {}, cells.map((cell, index) => make("td", { "data-name": columns[index] }, cell)))))));
}
