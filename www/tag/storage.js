// What we know of this visitor, and the permission to keep it. One key of localStorage; where that is blocked
// or full, the memory of the page. Without permission only the closed wishes are kept.
import { shop } from "./shop.js";
import { uuid } from "./uuid.js";

/** Our one key. */
export const name = "rapport:" + shop;

/**
 * `closed` ({campaign: date}), and with permission `id`, `known`, `code`, `out` (events), for shelves `seen` (the last
 * pages), `own` (what was ordered), `not` (what was said to be nothing for them) and the `cart`, `from` which host they came, which campaigns were `shown` when, and `device`: 1 is
 * the visitor's yes, 2 that this shop need not ask, 0 a no. Without permission `id` is made up anew for every
 * page. `gone` is the identifier of a permission that was withdrawn.
 */
export let state = { gone: 0 };

let lost; // the last write failed, so memory knows better than the storage
let found; // what was read
let fresh; // read in this task, and not written yet

/** Changes the state on a fresh read: another tab may have written, or withdrawn the permission. */
export const update = (change) => {
  if (!fresh) {
    fresh = 1;
    queueMicrotask(keep);
    try {
      const kept = JSON.parse((found = localStorage[name]) || 0);
      if (!lost && kept.id != state.gone) state = { ...state, ...kept, device: kept.device || (state.device && 0) };
    } catch {}
  }
  change?.(state);
  state.id ||= uuid();
};

/** All changes of a task at once, if there are any: each would cost a page as much as all of them. */
const keep = () => {
  lost = 1;
  fresh = 0;
  try {
    const text = JSON.stringify(state.device ? state : { closed: state.closed });
    if (text != found) text[2] ? (localStorage[name] = text) : delete localStorage[name];
    lost = 0;
  } catch {}
};
