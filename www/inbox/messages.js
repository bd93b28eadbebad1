// Messages: the list, and one of them as it looks to the person who gets it.

import { empty, make, said, state, when, why, inFull } from "./dom.js";
import { pagedList } from "./pages.js";

const FORMS = { looks: "As it looks", text: "Plain text", headers: "Headers", source: "Source" };

export function messages(shop) {
  let chosen;
  let form = "looks";
  let narrow = false;
  const pane = make("div", { class: "pane" });
  const list = pagedList(shop.api.messages, draw);
  const element = make("section", { class: "mailbox" }, make("h1", { class: "unseen" }, "Messages"), make("div", { class: "shelf" }, list.element), pane);
  element.addEventListener("keydown", walk);

  function draw(items) {
    if (items.length === 0) return empty("No message yet", "Sign up in the shop's popup: the confirmation mail arrives here.");
    return make("ul", {}, items.map((item) => make("li", {}, make("a", { href: `#/messages/${encodeURIComponent(item.id)}`, "data-id": item.id, "aria-current": item.id === chosen?.id ? "true" : undefined },
      make("span", { class: "line" }, said(item.to, { class: "to" }), when(item.at, shop.status.clock.now)),
      said(item.channel === "sms" ? item.text : item.subject, { class: "subject" }),
      make("span", { class: "line quiet" }, make("span", {}, item.channel === "sms" ? "Text · " : item.shopper ? "" : "To the merchant · ", said(item.mail)), state(item.state))))));
  }

  /** Arrow keys walk through the list. */
  function walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...element.querySelectorAll(".shelf a")];
    const here = links.indexOf(document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    links[here + step]?.focus();
  }

  async function show(id) {
    const before = chosen?.id;
    await list.refresh();
    if (!id) {
      chosen = undefined;
      pane.replaceChildren(make("p", { class: "hint" }, list.items().length > 0 ? "Choose a message to see it as it looks." : ""));
    } else if (id !== before || list.items().find((item) => item.id === id)?.state !== chosen.state) {
      await choose(id, id !== before);
    }
    element.classList.toggle("reading", Boolean(id));
    for (const link of element.querySelectorAll(".shelf a")) {
      if (link.dataset.id === chosen?.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  async function choose(id, moved) {
    try {
      chosen = await shop.api.message(id);
    } catch (error) {
      if (error.kind !== "missing") throw error;
      chosen = undefined;
      pane.replaceChildren(empty("This message is gone", "It was erased, or the address is wrong."));
      return;
    }
    read();
    if (moved) pane.querySelector("h2").focus({ preventScroll: true });
  }

  function read() {
    const heading = byText() ? "Text message" : said(chosen.subject);
    const header = make("header", {},
      make("a", { class: "back", href: "#/messages" }, "All messages"),
      make("h2", { tabindex: -1 }, heading),
      make("dl", {},
        field("To", chosen.shopper ? make("a", { href: `#/people/${encodeURIComponent(chosen.shopper)}` }, said(chosen.to)) : said(chosen.to), named()),
        field("From", said(chosen.from)),
        field("Sent", make("time", {}, inFull(chosen.at)), " ", state(chosen.state), chosen.detail ? said(` ${chosen.detail}`, { class: "quiet" }) : ""),
        chosen.journey ? field("Journey", said(chosen.journey)) : "",
        field("Why", why(chosen.why) ?? "–")));
    // A text is nothing but its words.
    if (byText()) pane.replaceChildren(header, bubble(chosen));
    else readMail(header);
  }

  const byText = () => chosen.channel === "sms";

  function readMail(header) {
    const button = (name) => make("button", { type: "button", role: "tab", "aria-selected": String(name === form), "aria-controls": "part", tabindex: name === form ? 0 : -1,
      onclick: () => { form = name; read(); pane.querySelector("[aria-selected=true]").focus(); } }, FORMS[name]);
    const tabs = make("div", { class: "forms", role: "tablist", "aria-label": "The message as" }, Object.keys(FORMS).map(button));
    tabs.addEventListener("keydown", turn);
    const width = make("label", { class: "width" }, make("input", { type: "checkbox", checked: narrow, onchange: (event) => { narrow = event.target.checked; pane.querySelector("#part").classList.toggle("narrow", narrow); } }), "Phone width");
    pane.replaceChildren(
      header,
      make("div", { class: "bar" }, tabs, form === "looks" ? width : ""),
      make("div", { id: "part", class: `part ${form}${narrow && form === "looks" ? " narrow" : ""}`, role: "tabpanel", "aria-label": FORMS[form], tabindex: form === "looks" ? undefined : 0 }, part()));
  }

  /** The name of whom it went to, where it is more than the address. */
  function named() {
    const name = shop.names.get(chosen.shopper);
    return name && name !== chosen.to && name !== chosen.shopper ? [" ", said(name, { class: "quiet" })] : "";
  }

  function turn(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = Object.keys(FORMS);
    form = names[(names.indexOf(form) + step + names.length) % names.length];
    read();
    pane.querySelector("[aria-selected=true]").focus();
  }

  function part() {
    if (form === "text") return make("pre", { dir: "auto" }, chosen.text ?? "");
    if (form === "source") return make("pre", { dir: "ltr" }, chosen.source ?? "");
    if (form === "headers") return make("dl", { class: "headers" }, (chosen.headers ?? []).map(([name, value]) => field(name, said(value))));
    return make("iframe", { title: `The message: ${chosen.subject}`, sandbox: "allow-popups allow-popups-to-escape-sandbox", referrerpolicy: "no-referrer", srcdoc: framed(chosen.html ?? "") });
  }

  return { element, show };
}

/** A text as a telephone shows it, with what it costs. */
function bubble({ text, parts }) {
  const words = String(text ?? "");
  const length = [...words].length;
  return make("div", { class: "phone" },
    make("p", { class: "bubble", dir: "auto" }, linked(words)),
    make("p", { class: "quiet" }, `Sent in ${parts} ${parts === 1 ? "part" : "parts"}, ${length} ${length === 1 ? "character" : "characters"}.`));
}

/** The addresses in a text as links, which a telephone makes of them, too. */
function linked(text) {
  return text.split(/(https?:\/\/\S+)/).map((piece, index) =>
    index % 2 === 0 ? piece : make("a", { href: piece, target: "_blank", rel: "noreferrer noopener", dir: "ltr" }, piece));
}

const field = (name, ...values) => make("div", {}, make("dt", {}, name), make("dd", {}, values.flat()));

/** The mail with one addition: its links open in a tab of their own. Scripts never run in the frame. */
function framed(html) {
  const base = '<base target="_blank">';
  const head = /<head(\s[^>]*)?>/i;
  return head.test(html) ? html.replace(head, (tag) => tag + base) : base + html;
}
