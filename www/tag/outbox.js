// Events leave in batches and are forgotten only when the edge has answered 202. Sending one twice is
// harmless: the edge knows an event by its id. So whenever in doubt, keep.
import { fits, without } from "./batch.js";
import { objects } from "./tag.js";
import { later, on, quiet } from "./quiet.js";
import { request, shop } from "./shop.js";
import { name, state, update } from "./storage.js";
import { uuid } from "./uuid.js";

/** Of this page, not acknowledged: held until permission, then safe from what other tabs overwrite. */
let own = [];
let busy;
let timer; // to the next attempt
let backoff = 0; // ms

/** With permission, what is held in memory goes into the storage. */
const gather = () =>
  update((state) => state.device && (state.out = [...without(state.out, own), ...own].slice(-200)));

/** Something happened. */
export const event = (type, data) => {
  own = [...own, { ...data, id: uuid(), at: Date.now(), type }].filter(fits).slice(-50);
  gather();
  later(nudge, 2e3);
};

/** Now would be a good time to send, unless the edge wants to be left alone. */
export const nudge = () => backoff || flush();

/**
 * Sends what is there. On a page that is being left nobody hears the answer, so it is sent again from the
 * next one.
 */
const flush = async () => {
  gather();
  if (!busy && objects && state.device && state.out[0]) {
    busy = 1;
    let events = state.out.slice(0, 100);
    while (!fits(events)) events.length >>= 1;
    const answer = await request(
      `/v1/events?shop=${shop}&objects=${objects}&visitor=${state.id}`,
      JSON.stringify({ v: 1, sent: Date.now(), events }),
    );
    backoff = backoff * 2 || 2e3;
    // Refused ones go too: they will never pass.
    if (/202|4(?!29)../.test(answer.status)) {
      backoff = 0;
      own = without(own, events);
      update((state) => (state.out = without(state.out, events)));
    }
    busy = 0;
    clearTimeout(timer);
    timer = later(flush, (answer.headers?.get("Retry-After") * 1e3 || backoff) * (1 + Math.random()));
  }
};

on(window, "online", flush);

const forget = () =>
  update((state) => {
    state.gone = state.id;
    state.device = state.id = state.seen = state.own = state.not = state.cart = state.from = 0;
    state.out = own = state.shown = [];
    // Files of shelves say roughly what was looked at.
    quiet(() => window.caches?.delete(name))();
  });

/** Another tab has written. It can hear late of what this one has kept, and write over it: a withdrawal holds all the same. */
export const written = ({ key, newValue }) =>
  key == name && state.device && !/"device":[12]/.test(newValue) && forget();

/** Permission to use this device, given or withdrawn. */
export const consent = (given) => {
  if (given && state.device == 1) return;
  if (given) update((state) => (state.device = 1));
  event("consent.changed", { given });
  if (!given) {
    flush();
    forget();
  }
};
