// The page inside the panel of `?rapport=why`, in a frame on the shop's page. It asks for the admin token, hears from
// the page how it is, and asks the edge what is decided there and why. To the page it says only that it is there, that
// it asks for the token, and that it wants to be closed: never what the edge answered.

import { make } from "../inbox/dom.js";
import { Trouble, keep, shopApi, token } from "./api.js";
import * as draw from "./draw.js";
import { heard, question } from "./told.js";
import { speak } from "./words.js";

/** How often it is looked whether there is something to ask, in ms. */
const EVERY = 1_000;
/** How often is asked while the page is as it was, and about the person, in ms. */
const AGAIN = 3_000;
const PERSON_AGAIN = 5_000;
/** So long a page that was about to be left counts as such, in ms. */
const LEAVING = 4_000;

const query = new URLSearchParams(location.search);
const shop = query.get("shop") ?? "";
const words = speak(query.get("lang"));
const at = (id) => document.getElementById(id);

let api;
let origins; // of the shop's pages
let page; // as it was told last
let from; // its origin, as the browser says
let left = -Infinity; // when it was about to be left
let answer;
let person = {};
let asked = { key: "", at: -Infinity, person: -Infinity };
let busy = false;

document.documentElement.lang = words.language;
document.documentElement.dir = words.dir;
document.title = `${words.title} · Rapport`;

/** Says it once to those who listen. */
const tellAloud = (text) => {
  if (at("said").textContent !== text) at("said").textContent = text;
};

/** Exchanges what stands in a part, if it has changed. */
const painted = new WeakMap();
function paint(id, key, build) {
  const part = at(id);
  const now = JSON.stringify(key);
  if (!part || painted.get(part) === now) return;
  painted.set(part, now);
  part.replaceChildren(...[build()].flat().filter(Boolean));
}

/** A page with nothing but a sentence. */
function sentence(text) {
  api = undefined;
  at("main").replaceChildren(make("p", { class: "alone", role: "status" }, text));
}

/** Asks for the token. */
function ask(trouble = "") {
  api = undefined;
  keep(undefined);
  const input = make("input", {
    id: "token", name: "token", type: "password", autocomplete: "off", autocapitalize: "none", spellcheck: "false", placeholder: "rpt_…", dir: "ltr",
    required: true, "aria-describedby": "wrong", "aria-invalid": trouble ? "true" : undefined,
  });
  const opening = make("form", { class: "door" },
    make("h1", {}, words.title),
    make("p", { class: "quiet" }, words.door),
    make("label", { for: "token" }, words.token),
    input,
    make("p", { class: "wrong", id: "wrong", role: "alert" }, trouble),
    make("button", { class: "go", type: "submit" }, words.go));
  opening.addEventListener("submit", (event) => {
    event.preventDefault();
    open(input.value.trim());
  });
  at("main").replaceChildren(opening);
  parent.postMessage({ rapport: "token" }, "*");
  input.focus({ preventScroll: true });
}

/** Opens the panel with a token that the edge accepts. */
async function open(given) {
  const button = document.querySelector(".go");
  if (button) button.disabled = true;
  try {
    const mine = shopApi(shop, given);
    ({ origins } = (await mine.status()).shop);
    keep(given);
    api = mine;
    lay();
    beat();
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (error.kind !== "edge" || button) return ask(words.trouble[error.kind] ?? error.detail);
    // The token was good before: the edge is away for a moment.
    sentence(words.trouble.edge);
    setTimeout(open, AGAIN, given);
  }
}

/** The panel's parts, empty. */
function lay() {
  const part = (id, title, ...more) => make("section", { "aria-labelledby": `${id}-title` }, make("h2", { id: `${id}-title` }, title), make("div", { id }), ...more);
  const more = make("button", { type: "button", id: "more", hidden: true }, words.more);
  more.addEventListener("click", earlier);
  const forget = make("button", { type: "button", class: "forget" }, words.forget);
  forget.addEventListener("click", () => ask());
  at("main").replaceChildren(
    make("h1", { class: "unseen" }, words.title),
    make("p", { class: "trouble", id: "trouble", role: "alert", hidden: true }),
    part("campaigns", words.campaigns),
    make("div", { id: "with-shelves", hidden: true }, part("shelves", words.shelves)),
    part("who", words.who),
    make("div", { id: "with-decisions", hidden: true }, part("decisions", words.decisions, more)),
    part("knows", words.knows),
    make("footer", {}, forget));
  at("campaigns").append(make("p", { class: "quiet" }, words.loading));
  asked = { key: "", at: -Infinity, person: -Infinity };
  answer = undefined;
  person = {};
}

function trouble(error) {
  const text = error ? [words.trouble[error.kind], error.kind === "refused" && error.detail].filter(Boolean).join(": ") : "";
  at("trouble").hidden = !text;
  if (at("trouble").textContent !== text) at("trouble").textContent = text;
}

/** Asks the edge, if the page has changed or some time has passed. */
async function beat() {
  if (!api || !page || busy || document.hidden) return;
  if (!origins.includes(from)) {
    keep(undefined);
    return sentence(words.foreign);
  }
  const mine = api;
  const now = performance.now();
  const told = { ...page, exit: now - left < LEAVING };
  const { elapsed, at: _, ...rest } = told;
  const key = JSON.stringify(rest);
  busy = true;
  try {
    if (key !== asked.key || now - asked.at > AGAIN) {
      const fresh = await mine.why(question(told));
      asked = { ...asked, key, at: now, person: fresh.shopper === answer?.shopper ? asked.person : -Infinity };
      answer = fresh;
    }
    if (mine === api) show();
    if (answer.shopper && now - asked.person > PERSON_AGAIN) await know(mine, answer.shopper, now);
    if (mine === api) {
      show();
      trouble();
    }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (mine !== api) return;
    if (error.kind === "wrong") ask(words.trouble.wrong);
    else trouble(error);
  } finally {
    busy = false;
  }
}

/** What is known of somebody, and the newest decisions about them. */
async function know(mine, shopper, now) {
  try {
    const [facts, { items, next }] = await Promise.all([mine.facts(shopper), mine.decisions(shopper)]);
    const older = person.shopper === shopper ? person.items.filter(({ seq }) => seq < items.at(-1)?.seq) : [];
    person = { shopper, facts, items: [...items, ...older], next: older.length > 0 ? person.next : next };
  } catch (error) {
    if (error.kind !== "missing") throw error;
    person = { shopper, gone: true, items: [] };
  }
  asked.person = now;
}

/** Goes on to earlier decisions. */
async function earlier() {
  const { shopper, next } = person;
  try {
    const page = await api.decisions(shopper, next);
    if (person.shopper !== shopper) return;
    person = { ...person, items: [...person.items, ...page.items], next: page.next };
    show();
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    trouble(error);
  }
}

/** Everything as it is known by now. */
function show() {
  if (!at("campaigns") || !answer) return;
  const { open: onScreen, shown, version } = page;
  const here = document.hasFocus();
  paint("campaigns", [answer, onScreen, shown, version, here], () => draw.campaigns(words, answer, { ...page, here }));
  at("with-shelves").hidden = page.shelves.length === 0;
  paint("shelves", page.shelves, () => draw.shelves(words, page));
  const theirs = person.shopper === answer.shopper ? person : { items: [] };
  const known = { page, shopper: answer.shopper, facts: theirs.facts, gone: theirs.gone };
  paint("who", [page.device, page.visitor, known.shopper, known.gone, known.facts?.unhappiness, known.facts?.unhappy_because], () => draw.who(words, known));
  at("with-decisions").hidden = !page.device || !theirs.facts;
  paint("decisions", theirs.items, () => draw.decisions(words, theirs.items));
  at("more").hidden = !theirs.next;
  const onPage = answer.campaigns.find(({ campaign }) => campaign === onScreen);
  tellAloud(onPage ? `${onPage.campaign}: ${words.now.open}` : "");
}

/** The page tells how it is. Its scripts are not ours: whatever is said is looked at first. */
function hear({ source, origin, data }) {
  if (source !== parent || data?.rapport !== "now") return;
  from = origin;
  page = heard(data);
  if (page.exit) left = performance.now();
  paint("knows", { ...page, at: 0 }, () => draw.knows(words, { ...page, exit: performance.now() - left < LEAVING }));
  beat();
}

const close = () => parent.postMessage({ rapport: "close" }, "*");

/** Scripts of a page with our own origin could read what is typed here. */
function isBare() {
  try {
    return parent.location.origin === location.origin;
  } catch {
    return false;
  }
}

if (parent === window) sentence(words.alone);
else if (isBare()) sentence(words.unsafe);
else {
  addEventListener("message", hear);
  // When the key is up again, so that the page, which has the focus then, does not hear half of it; and only if it went
  // down here.
  let down;
  addEventListener("keydown", (event) => (down = event.key));
  addEventListener("keyup", ({ key }) => key === "Escape" && key === down && setTimeout(close));
  setInterval(beat, EVERY);
  const kept = token();
  if (kept) open(kept);
  else ask();
  parent.postMessage({ rapport: "ready" }, "*");
}
