// Most unhappy people say nothing. What they do tells it: they click again and again, click where nothing happens, send
// a form that is not taken. Fetched with the first click of a page; says each sign once a page, in the rules' own names
// (`domain::facts::SIGNS`), and never what was typed.
import { fight, rage } from "./signs.js";

/** So long a page has to answer a click, in ms. */
const PATIENCE = 1_000;

/** Where we come from. */
const OURS = new URL(import.meta.url).origin;

/** What promises that something happens. Fields, labels and what is played with answer by themselves. */
const PROMISES = "a,button,[role=button],[role=link],summary,[onclick]";
const FIELDS = "input,select,textarea,label,option,video,audio,canvas,[contenteditable]";

/** Where it was, as the merchant's developer finds it: no text of the page. */
const place = (element) =>
  [element.localName, element.id && "#" + element.id, ...[...element.classList].slice(0, 2).map((name) => "." + name)]
    .filter(Boolean)
    .join("")
    .slice(0, 80);

/** Watches the page; `event` tells. */
export const sense = (event) => {
  const said = new Set();
  const tell = (name, element) => {
    if (said.has(name)) return;
    said.add(name);
    event("custom", { name, data: { on: place(element) } });
  };
  const [raging, fighting] = [rage(), fight()];

  let changed = 0; // when the page last did anything
  const alive = () => (changed = performance.now());
  new MutationObserver(alive).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  for (const kind of ["scroll", "focusin", "submit", "beforeunload", "pagehide", "hashchange", "popstate", "visibilitychange", "copy"])
    addEventListener(kind, alive, { capture: true, passive: true });
  // What is fetched is an answer, though nothing is to be seen yet. What we fetch ourselves is none.
  try {
    new PerformanceObserver((list) => list.getEntries().some(({ name }) => !name.startsWith(OURS)) && alive()).observe({
      type: "resource",
    });
  } catch {}

  addEventListener(
    "click",
    ({ target, clientX: x, clientY: y, isTrusted, defaultPrevented }) => {
      // A page's own scripts click, too; keys have no place.
      if (!isTrusted || !(x || y) || !target.closest || target.closest(FIELDS)) return;
      if (target.closest("#rapport")) return;
      const at = performance.now();
      setTimeout(() => {
        const answered = changed >= at || document.hidden;
        if (raging({ at, x, y, answered })) tell("rage click", target);
        const promise = target.closest(PROMISES);
        const leads = promise?.matches("a[href]:not([href^='#'])") && !defaultPrevented;
        if (promise && !promise.disabled && !leads && !answered) tell("dead click", promise);
      }, PATIENCE);
    },
    true,
  );
  const tried = ({ target }) => {
    const form = target.form || target;
    if (form.localName == "form" && fighting(form)) tell("form fight", form);
  };
  // A field that is not right is told of one by one: the first of a try counts.
  let lately = -1;
  addEventListener(
    "invalid",
    (event) => {
      const now = performance.now();
      if (now - lately > 100) tried(event);
      lately = now;
    },
    true,
  );
  addEventListener("submit", tried, true);
};
