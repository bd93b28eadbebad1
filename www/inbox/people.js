// People: who they are, what they allowed and which words prove it.

import { empty, make, said, state, when } from "./dom.js";
import { pagedList } from "./pages.js";

export function people(shop) {
  const list = pagedList(shop.api.people, draw);
  const element = make("section", { class: "list" }, make("header", {}, make("h1", {}, "People"), make("p", { class: "quiet" }, "Everybody who left an address, newest first, with the receipts of what they allowed.")), list.element);
  let chosen;
  /** Somebody who was asked for and is not among the newest. */
  let other;

  function draw(newest) {
    const items = other && !newest.some(({ id }) => id === other.id) ? [other, ...newest] : newest;
    if (items.length === 0) return empty("Nobody yet", "The first person who answers the popup appears here.");
    return make("div", { class: "people" }, items.map(card));
  }

  function card(each) {
    const { now } = shop.status.clock;
    const name = each.given_name || each.addresses?.[0]?.address || "Nobody any longer";
    const facts = [
      each.language && ["Language", said(languageName(each.language))],
      each.birthday && ["Birthday", said(each.birthday)],
      ["Browsers", String(each.visitors ?? 0)],
      ["Since", when(each.since, now)],
    ].filter(Boolean);
    return make("article", { class: "person", id: `person-${each.id}`, tabindex: -1, "aria-label": name },
      make("header", {}, make("h2", {}, said(name)), make("dl", { class: "facts" }, facts.map(([key, value]) => make("div", {}, make("dt", {}, key), make("dd", {}, value))))),
      part("Addresses", each.addresses, (one) => [said(one.address, { class: "strong" }), state(one.state)]),
      part("Codes", each.codes, (one) => [make("code", {}, one.code), state(one.state), make("span", { class: "quiet" }, said(one.offer), one.ends ? ", until " : "", one.ends ? when(one.ends, now) : "")]),
      part("Journeys", each.runs, (one) => [
        make("span", { class: "line" }, said(one.journey, { class: "strong" }), state(one.ended ? "over" : "under way"), make("span", { class: "quiet" }, "since ", when(one.began, now))),
        one.ended && one.why ? make("span", { class: "quiet" }, "Ended ", when(one.ended, now), ": ", said(one.why.fact ?? one.why.rule)) : ""]),
      part("Permissions", each.consents, (one) => [
        make("span", { class: "line" }, make("b", {}, `${one.channel} · ${one.purpose}`), state(one.state), when(one.at, now)),
        one.wording ? make("q", {}, said(one.wording)) : "",
        make("span", { class: "quiet" }, said([one.method, one.page].filter(Boolean).join(" · ")))]));
  }

  const part = (title, items, row) => items?.length > 0 && make("div", { class: "part-of" }, make("h3", {}, title), make("ul", {}, items.map((item) => make("li", {}, row(item)))));

  async function show(id) {
    await list.refresh();
    if (!id || id === chosen) return;
    chosen = id;
    if (!document.getElementById(`person-${id}`)) {
      other = await known(id);
      list.paint();
    }
    const found = document.getElementById(`person-${id}`);
    found?.scrollIntoView({ block: "start" });
    found?.focus({ preventScroll: true });
  }

  /** What is known of one person; nothing of somebody who was erased. */
  async function known(id) {
    try {
      return await shop.api.person(id);
    } catch (error) {
      if (error.kind !== "missing") throw error;
    }
  }

  return { element, show };
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames("en", { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}
