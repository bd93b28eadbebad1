// What the panel shows, as elements. What comes from outside only ever becomes text.

import { make, said, short } from "../inbox/dom.js";

const pill = (kind, text) => make("span", { class: `pill ${kind}` }, text);

/** The rule in the reader's words where there are any, and the fact as the edge says it: in English. */
const why = (words, { rule, fact }, rules = {}) =>
  rules[rule]
    ? make("p", { class: "why" }, make("b", {}, rules[rule]), " ", said(fact, { lang: "en" }))
    : make("p", { class: "why", lang: "en", dir: "ltr" }, make("b", {}, rule), " ", said(fact));

/** Why the loader has shown it: the sensor that fired, with its threshold. */
function fired(words, sensor) {
  const [kind, least] = sensor.split(",");
  const rule = { time: "after" }[kind] ?? kind;
  return make("p", { class: "why" }, make("b", {}, words.rules[rule] ?? kind), " ", make("span", {}, words.fired[kind]?.(Number(least)) ?? ""));
}

/** A campaign of the live version. */
function campaign(words, { campaign, kind, shown, why: reason }, page) {
  const sensor = page.shown[campaign];
  const open = page.open === campaign;
  const now = open ? "open" : sensor ? "shown" : shown ? "would" : "held";
  return make("li", { class: now },
    make("div", { class: "line" }, make("h3", {}, said(campaign), " ", make("small", {}, words.kinds[kind] ?? kind)), pill(now, words.now[now])),
    sensor ? fired(words, sensor) : "",
    open ? make("p", { class: "quiet" }, words.holds) : sensor && !shown ? why(words, reason, words.rules) : "",
    sensor || open ? "" : why(words, reason, words.rules),
    now === "would" && page.here ? make("p", { class: "quiet" }, words.waits) : "");
}

/** All campaigns, and what keeps them all from being shown. */
export const campaigns = (words, answer, page) => [
  answer.on ? "" : make("p", { class: "notice" }, words.off),
  page.version && page.version !== answer.version ? make("p", { class: "notice" }, words.older) : "",
  answer.campaigns.length > 0
    ? make("ul", { class: "cards" }, answer.campaigns.map((each) => campaign(words, each, page)))
    : make("p", { class: "quiet" }, words.no_campaigns),
];

/** The places for shelves on the page. */
export const shelves = (words, page) => make("ul", { class: "cards" }, page.shelves.map(({ shelf, items }) => make("li", {},
  make("h3", {}, said(shelf)),
  items?.length > 0
    ? make("ol", {}, items.map((item) => make("li", {}, said(item.name || item.id), make("p", { class: "why" }, make("b", {}, words.reasons[item.why] ?? said(item.why)), item.said ? " " : "", item.said ? said(item.said) : ""))))
    : make("p", { class: "quiet" }, words.own))));

const time = (words, at) => make("time", { datetime: new Date(at).toISOString(), title: words.full(at) }, words.moment(at));

/** Whose browser it is, as far as anybody has proven it. */
export function who(words, { page, shopper, facts, gone }) {
  if (!page.device) return make("p", {}, words.denied);
  const browser = make("p", { class: "quiet" }, words.browser, " ", make("code", { title: page.visitor }, short(page.visitor)));
  if (!shopper) return [make("p", {}, words.nameless), browser];
  if (gone) return [make("p", {}, words.gone), browser];
  const signs = facts?.unhappy_because ?? [];
  return [
    make("p", { class: "line" },
      make("span", {}, words.shopper, " ", make("code", { title: shopper }, short(shopper))),
      make("a", { href: `../inbox/#/people/${encodeURIComponent(shopper)}`, target: "_blank", rel: "noopener" }, words.inbox)),
    facts && make("div", { class: facts.unhappiness > 0 ? "mood bad" : "mood" },
      make("p", { class: "score" }, facts.unhappiness > 0 ? words.unhappy(facts.unhappiness) : words.happy),
      facts.unhappiness > 0 ? bar(facts.unhappiness) : "",
      signs.length > 0 ? make("ul", {}, signs.map(({ at, sign, weight }) => make("li", { class: "line" }, make("span", {}, said(words.signs[sign] ?? sign), " ", make("small", { dir: "ltr" }, `+${Math.round(weight)}`)), time(words, at)))) : ""),
  ].filter(Boolean);
}

/** How much of a hundred. */
function bar(score) {
  const outer = make("div", { class: "bar", "aria-hidden": "true" }, make("i", {}));
  outer.firstChild.style.inlineSize = `${score}%`;
  return outer;
}

/** Decisions about somebody, newest first. */
export const decisions = (words, items) => items.length > 0
  ? make("ul", { class: "cards" }, items.map(({ at, what, message, why: reason }) => make("li", {},
    make("div", { class: "line" }, make("h3", {}, said(message)), pill(what, words.what[what] ?? what)),
    why(words, reason),
    make("p", { class: "quiet" }, time(words, at)))))
  : make("p", { class: "quiet" }, words.no_decisions);

const duration = (ms) => {
  const s = Math.floor(ms / 1000);
  const two = (n) => String(n).padStart(2, "0");
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
};

/** What the page knows, line by line. */
export function knows(words, page) {
  const { facts } = words;
  const yes = (is) => (is ? words.yes : words.no);
  const closed = Object.entries(page.closed).map(([name, at]) => `${name}, ${words.day(at)}`).join("; ");
  const lines = [
    [facts.path, said(page.path, { dir: "ltr" })],
    [facts.elapsed, make("span", { class: "figure" }, duration(page.elapsed))],
    [facts.scrolled, said(`${page.scrolled} %`, { dir: "ltr" })],
    [facts.leaving, yes(page.exit)],
    [facts.device, page.device === 2 ? words.unasked : yes(page.device)],
    [facts.known, yes(page.known)],
    [facts.closed, said(closed || words.nothing)],
    [facts.cart, said(page.cart || words.nothing)],
    [facts.referrer, page.from ? said(page.from, { dir: "ltr" }) : words.nothing],
    [facts.lang, said(page.lang || words.nothing)],
    [facts.version, page.version ? make("code", {}, page.version) : words.nothing],
  ];
  return make("dl", {}, lines.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}
