// How the shop stands: its version, the two kill switches, and the numbers of the last days.

import { empty, make, said, table } from "./dom.js";

const SWITCHES = {
  campaigns: ["Campaigns", "Popups and forms are shown in the shop.", "Nothing is shown in the shop."],
  sending: ["Sending", "Messages leave when they are due.", "No message leaves. What is due waits, as long as it is worth saying."],
};
const SENDERS = { inbox: "This inbox: messages are kept here and reach nobody.", relay: "A mail provider.", none: "None: sending waits until a provider is set up." };
const DAYS = 14;

export function status(shop) {
  const about = make("dl", { class: "about" });
  const levers = make("div", { class: "levers" });
  const numbers = make("div");
  const element = make("section", { class: "list" }, make("header", {}, make("h1", {}, "Status")), about, make("h2", {}, "Kill switches"), levers, make("h2", {}, `The last ${DAYS} days`), numbers,
    make("h2", {}, "This tab"), make("p", { class: "quiet" }, "The admin token is kept until the tab is closed."), make("p", {}, make("button", { type: "button", class: "leave", onclick: () => shop.leave() }, "Forget the token")));
  let drawn = "";

  async function show() {
    const now = shop.status;
    const { days, notice } = await shop.api.reports(DAYS);
    const { clock, ...rest } = now;
    const fresh = JSON.stringify([rest, days]);
    if (fresh === drawn) return;
    drawn = fresh;
    about.replaceChildren(
      row("Shop", said(now.shop.name)),
      row("Address", /^https?:/.test(now.shop.url) ? make("a", { href: now.shop.url, rel: "noreferrer", target: "_blank" }, said(now.shop.url)) : said(now.shop.url)),
      row("Public key", make("code", {}, now.shop.key)),
      row("Published version", make("code", {}, now.version || "nothing published yet")),
      row("Sender", now.notice ? said(now.notice) : SENDERS[now.sender] ?? said(now.sender)),
      row("Objects", now.behind?.length > 0 ? `${now.objects}, of which ${now.behind.length} still work with an older version` : String(now.objects)),
      row("Unknown outcomes", make("span", {}, String(now.counts.unknown), now.counts.unknown > 0 ? make("span", { class: "quiet" }, " Cut off while they were sent: they may have left or not, and marketing is never risked twice.") : "")));
    levers.replaceChildren(...Object.keys(SWITCHES).map((name) => lever(name, now.switches[name])));
    numbers.replaceChildren(report(days ?? [], notice));
  }

  const row = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));

  function lever(name, on) {
    const [title, when_on, when_off] = SWITCHES[name];
    const button = make("button", { type: "button", role: "switch", "aria-checked": String(on), "aria-label": title, "data-switch": name, onclick: turn });
    async function turn() {
      button.disabled = true;
      try {
        await shop.api.switches({ [name]: !on });
        drawn = "";
        await shop.look();
        element.querySelector(`[data-switch=${name}]`).focus();
      } catch (error) {
        button.disabled = false;
        button.parentElement.querySelector(".said").textContent = error.message;
      }
    }
    return make("div", { class: "lever" }, button, make("p", {}, make("b", {}, title), make("span", { class: "quiet" }, on ? when_on : when_off), make("span", { class: "said", role: "alert" })));
  }

  return { element, show };
}

/** One row for each figure, one column for each day, with a bar for its size. */
function report(days, notice) {
  const names = [...new Set(days.flatMap((day) => Object.keys(day.metrics ?? {})))].sort();
  if (names.length === 0) return empty("No numbers yet", notice ?? "Counters arrive here a little after things happen.");
  const most = Object.fromEntries(names.map((name) => [name, Math.max(...days.map((day) => day.metrics?.[name] ?? 0))]));
  const cell = (day, name) => {
    const value = day.metrics?.[name] ?? 0;
    return make("span", { class: `figure f${most[name] > 0 ? Math.round((8 * value) / most[name]) : 0}` }, String(value));
  };
  const shortDay = (day) => new Date(`${day}T12:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const ordered = [...days].sort((one, other) => (one.day < other.day ? 1 : -1));
  return make("div", { class: "report" }, table("Numbers by day", ["Figure", "Sum", ...ordered.map((day) => shortDay(day.day))], names.map((name) => [
    said(name),
    make("b", {}, String(days.reduce((sum, day) => sum + (day.metrics?.[name] ?? 0), 0))),
    ...ordered.map((day) => cell(day, name)),
  ])));
}
