// Shelves: places on the shop's page that are filled when they come near. What for is the wasm's business; here is
// only what it needs to know of somebody, which never leaves the device.
import { event } from "./outbox.js";
import { address } from "./page.js";
import { quiet } from "./quiet.js";
import { edge } from "./shop.js";
import { trusted } from "./stage.js";
import { name, state, update } from "./storage.js";
import { file, published } from "./tag.js";

let near; // whoever tells which places are

/** Begins well before a place can be seen. */
const observe = (slot) => {
  near ||=
    window.IntersectionObserver &&
    new IntersectionObserver(
      (places) => places.map((place) => place.isIntersecting && fill(place.target)),
      { rootMargin: "300px" },
    );
  near?.observe(slot);
};

const fill = quiet(async (slot) =>
  (await import(edge + __SHELF__)).shelve({
    slot,
    lang: file.lang,
    brain: file.shelves,
    name,
    page: address(),
    state: () => state,
    update,
    event,
    published,
    trusted,
  }),
);

/** Looks for places; on another page, or when something has changed, also for those that were found before. */
export const shelve = (anew) => {
  if (anew) near?.disconnect();
  if (file?.shelves) document.querySelectorAll("[data-rapport-shelf]").forEach(observe);
};

/** Keeps the last twenty: `seen` pages, what is somebody's `own`, campaigns that were `shown`. */
export const remember = (what, more) =>
  update((state) => (state[what] = [...(state[what] || []), ...more].slice(-20)));

/** What the shop's page says of a cart and an order matters to shelves, too. */
export const heard = (what, data) => {
  if (what == "cart") {
    update((state) => (state.cart = data));
    shelve(1);
  }
  if (what == "order") remember("own", [data.items.map((item) => item.product)]);
};
