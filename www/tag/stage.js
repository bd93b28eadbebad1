// A campaign on the page: a native <dialog> in our own shadow root. Nothing here needs the wasm.
import { answered, begin, taker, thank } from "./form.js";
import { event } from "./outbox.js";
import { file, held, resume } from "./tag.js";
import { later, on, painted } from "./quiet.js";
import { state, update } from "./storage.js";
import { wake } from "./widget.js";

/** The campaign that stands on the page, one at a time: what is published of it, and its dialog. */
export let entry;
export let dialog = {};
let tab; // opens it again
let pressed; // where the pointer went down
let policy; // of Trusted Types
let root; // all of it


export const find = (selector) => dialog.querySelector(selector);

/** Markup of ours. Where a page demands Trusted Types, the shop allows ours by this name. */
export const trusted = (html) => {
  policy ||= window.trustedTypes?.createPolicy("rapport", { createHTML: (html) => html });
  return policy?.createHTML(html) || html;
};

/** Something about this campaign. */
const report = (what, more) =>
  event("campaign." + what, { campaign: entry.campaign, version: entry.version, ...more });

/** It is closed or answered, which is the wish not to see it again. */
export const settled = (what) => {
  update((state) => (state.closed = { ...state.closed, [entry.campaign]: new Date().toJSON().slice(0, 10) }));
  report(what);
};

/**
 * Puts a campaign on the page: open with a reason, else only the small tab, behind which the thanks are. What was
 * pressed is answered first.
 */
export const present = (planned, why) => {
  dialog = { open: why };
  painted(() => {
    try {
      put(planned, why);
    } catch {
      dialog = {};
      resume();
    }
  });
};

const put = (planned, why) => {
  const sheet = new CSSStyleSheet();
  if (!root) {
    root = document.createElement("div").attachShadow({ mode: "open" });
    // Typing a name must not press the shop's shortcuts.
    on(root.host, "keydown keyup keypress", (event) => event.stopPropagation());
  }
  entry = { ...file, ...planned };
  sheet.replaceSync(entry.css);
  root.adoptedStyleSheets = [sheet];
  root.host.id = "rapport";
  const banner = entry.banner && innerWidth < 641 && RegExp(entry.search).test(document.referrer);
  const as = banner ? "banner" : "popup";
  root.innerHTML = trusted(entry.html);
  document.body.append(root.host);
  [dialog, tab] = root.children; // a survey has no tab
  dialog.className = "rp rp-" + as;
  const open = () => {
    if (banner)
      dialog.open = true; // show() would take the focus
    else {
      dialog.showModal();
      // On a phone the heading, so that the keyboard does not jump up. Where thanks are said both are hidden.
      find(innerWidth < 641 ? "h2" : "input")?.focus();
    }
  };
  if (tab) on(tab, "click", open);
  on(dialog, "pointerdown", (event) => (pressed = event.target));
  // Marking a text and letting go outside is no wish to close. What is closed is gone at once: that the rest of the
  // page can be used again is a new style for all of it.
  on(
    dialog,
    "click",
    (event) =>
      (event.target.closest("[data-close]") || (event.target == dialog && pressed == dialog)) &&
      painted(() => dialog.close((dialog.hidden = 0)), (dialog.hidden = 1)),
  );
  on(dialog, "pointerover input keydown", (event) =>
    event.key == "Escape" ? banner && dialog.close() : event.target.closest("form") && wake(),
  );
  on(dialog, "close", () => {
    answered || settled("closed");
    resume();
  });
  begin();
  if (why) {
    open();
    report("shown", { as, why });
    // Others get what takes answers with the first sign of interest. Here the checkout waits.
    if (held) later(taker);
    later(wake, 4e3);
  } else later(() => dialog.open || thank(state.code));
};
