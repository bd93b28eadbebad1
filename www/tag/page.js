// Which page this is.
import { event } from "./outbox.js";
import { stated } from "./stated.js";
import { remember, shelve } from "./shelf.js";
import { update } from "./storage.js";
import { check } from "./tag.js";

let last;

/** An anchor is not a page, a hash route (#/cart, #!cart) is. */
export const address = () => location.href.replace(/#(?![/!]).*/, "");

/** The host of the page before this one. */
export const referrer = () => document.referrer.split("/")[2];

/** Records the page if it is another one, or `again`: with what it says of what is sold on it. */
export const look = (again) => {
  const url = address();
  if (url == last && !again) return;
  let more;
  // A page is viewed, whatever it says.
  try {
    more = stated(!last);
  } catch {}
  event("page.viewed", {
    url,
    referrer: last || document.referrer,
    title: document.title,
    ...more,
  });
  // Where they came from, until they come from elsewhere.
  const from = referrer();
  if (!last && from != location.host) update((state) => (state.from = from || state.from));
  last = url;
  remember("seen", [url]);
  shelve(1);
  check();
};
