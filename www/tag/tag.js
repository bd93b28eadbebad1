// The one script tag of a shop: hears what the shop's page says, and shows the campaign whose moment has
// come. The sensors are dumb and the plan is ready-made; the rules behind it stay in `domain`.
import { state, update } from "./storage.js";
import { choose, eligible, fires } from "./plan.js";
import { later, on, quiet } from "./quiet.js";
import { dialog, present } from "./stage.js";
import { consent, event, nudge, written } from "./outbox.js";
import { address, look, referrer } from "./page.js";
import { heard, remember, shelve } from "./shelf.js";
import { edge, request, shop } from "./shop.js";
import { sending } from "./form.js";

/** The published language file. */
export let file;

/** How many objects the shop is spread over. Nothing is sent before it is known. */
export let objects;

const root = document.documentElement;
const { hash: anchor } = location; // a page's own router may write over it
let plan = [];
let wanted; // a campaign that the shop's page has asked for
let from; // px
let looking; // a timer
let left; // ms
let senses;
export let held; // a click that waits for a campaign
let said = "|"; // what the page told us
let explain; // to somebody who asks why; while they are busy with that, nothing is shown

/** A published file, or the pointer to them. */
export const published = (name) => request(`/v1/shops/${shop}/${name}`);

/** What campaigns are judged by. */
const situation = (exit) => ({
  ...state,
  file,
  exit,
  path: location.pathname,
  now: Date.now(),
  time: performance.now(),
  // Measuring can cost the page a layout, so only where it matters.
  get scroll() {
    return (100 * scrollY) / (root.scrollHeight - innerHeight);
  },
  met: Date.now() - parseInt(state.id.slice(0, 12), 16),
  width: innerWidth,
  cart: state.cart?.total * 1e4,
  referrer: state.from || referrer() || "",
  said,
});

/** What a campaign waits for a click on, if this is one. */
const waits = (entry, { target }) =>
  entry.on.map(([kind, , on]) => kind == "click" && target.closest(on)).find((found) => found);

/**
 * Shows the first campaign whose moment has come; `exit` when the visitor seems to leave. A `click` that a campaign waits
 * for waits for the campaign: it happens once that is answered or closed.
 */
export const check = (exit, click) => {
  const now = situation(exit);
  let why;
  const entry =
    !explain?.(now) &&
    !dialog.open &&
    !sending &&
    plan.find(
      (entry) =>
        (why =
          entry.campaign == wanted
            ? "show"
            : !entry.shown && (click ? waits(entry, click) && "click" : fires(entry, now))) &&
        (entry.campaign == wanted || eligible(entry, now)),
    );
  if (entry) {
    wanted = 0;
    held ||= click && waits(entry, click);
    remember("shown", [[entry.campaign, now.now]]);
    present(entry, (entry.shown = why + ""));
  }
  // Also the second one of whoever clicks twice, before anything can be seen.
  if (click && held && !dialog.close) {
    click.preventDefault();
    click.stopImmediatePropagation();
  }
  shelve();
};

/** The campaign is gone: what waited for it goes on, and what fired meanwhile has its turn. */
export const resume = () => {
  const click = held;
  held = 0;
  click?.click();
  later(check);
};

/** Something that may be a campaign's moment, too. */
const tell = (type, data) => {
  event(type, data);
  said += data.name + "|";
  check();
};

/** What the shop's own page has to say. */
const obey = quiet(([name, data]) =>
  name == "consent"
    ? consent(data.device)
    : name == "show"
      ? check((wanted = data))
      : name == "identify"
        ? event("identified", data)
        : name == "track"
          ? tell("custom", { name: data.type, data })
          : (event(name + ({ cart: ".changed", order: ".placed" }[name] || ".viewed"), { [name]: data }),
            heard(name, data),
            check()),
);

const begin = async () => {
  const queued = window.rapport;
  // Pasted twice, the second one finds our object in place of the shop's array.
  if (queued?.push && !queued.map) return;
  on(window, "storage", written);
  update();
  // One of our letters was opened, and the edge knows whose.
  if (/#rapport=/.test(anchor)) {
    state.known = 1;
    event("identified", { link: anchor.slice(9) });
    history.replaceState(history.state, "", address());
  }
  window.rapport = {
    push(...all) {
      all.map(obey);
    },
  };
  queued?.map?.(obey);
  // Whatever becomes of the rest: a merchant who asks why is told.
  if (/rapport=why/.test(location.search))
    later(async () => (explain = (await import(edge + __WHY__)).ask(shop, situation)));
  look();
  // Single-page shops are followed without touching their history; title and statements come a little after
  // the address.
  on(window.navigation || window, "currententrychange popstate click", () => later(look, 500));
  // Back from the browser's cache.
  on(window, "pageshow", (event) => event.persisted && look(true));
  const pointer = await (await published("pointer")).json();
  const hash = choose(pointer.files, [root.lang, ...navigator.languages, pointer.fallback]);
  if (hash) {
    file = await (await published("files/" + hash)).json();
    if (pointer.off) file.shelves = 0;
    plan = pointer.off ? [] : file.plan;
    // A timer can be early by less than a millisecond.
    plan.map((entry) =>
      entry.on.map(([what, ms]) => what == "time" && later(check, ms - performance.now() + 5)),
    );
    // Where the shop has to ask now, what it did not ask for then (2) is no permission.
    update((state) => {
      state.device =
        file.consent == "free" && !navigator.globalPrivacyControl ? (state.device ?? 2) : state.device & 1;
    });
  }
  objects = pointer.objects;
  nudge();
  later(check);
  const again = state.code && plan.find((entry) => RegExp(entry.pages).test(location.pathname));
  if (again) present(again);
  // Before the page's own scripts hear of it. Who clicks may click in vain.
  window.addEventListener(
    "click",
    quiet((event) => {
      // Looking at more than where it was would cost every click of the page something.
      if (plan.some((entry) => waits(entry, event))) check(0, event);
      senses ||= later(async () => (await import(edge + __SENSES__)).sense(tell));
    }),
    true,
  );
  // At most ten looks in a second. A fling upwards is two pixels in a millisecond; a jump is none.
  on(window, "scroll", () => {
    if (looking) return;
    from = scrollY;
    looking = later(() => {
      looking = 0;
      check(innerWidth < 641 && from - scrollY > 200);
    }, 100);
  });
  // Through the top; not over the scrollbar, not into the list of a select, not into a frame.
  on(
    root,
    "mouseout",
    (event) =>
      event.relatedTarget ||
      event.clientY > 0 ||
      event.clientX >= root.clientWidth ||
      event.target.matches("select") ||
      check(true),
  );
  on(document, "visibilitychange", (event) => {
    nudge();
    if (document.hidden) left = event.timeStamp;
    else check(innerWidth < 641 && event.timeStamp - left > 5e3);
  });
};

/** When the page has nothing else to do, or after 2 s: even the storage makes it wait while it is loaded. */
const soon = () => {
  (window.requestIdleCallback || later)(quiet(begin), { timeout: 2e3 });
  // What was said on a page that is left before that is kept.
  on(window, "pagehide", begin);
};

if (shop) {
  window.rapport ||= [];
  // What the page itself loads comes first. A page that is only being prepared is not viewed yet.
  if (document.prerendering) on(document, "prerenderingchange", soon);
  else if (document.readyState == "loading") on(document, "DOMContentLoaded", soon);
  else soon();
}
