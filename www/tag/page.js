// Which page this is.
import { event } from "./outbox.js";
import { check } from "./tag.js";

let last;

/** An anchor is not a page, a hash route (#/cart, #!cart) is. */
export const address = () => location.href.replace(/#(?![/!]).*/, "");

/**
 * Records the page if it is another one, or `again`: with what it says of itself in JSON-LD, where that is
 * about things sold.
 */
export const look = (again) => {
  const url = address();
  if (url == last && !again) return;
  event("page.viewed", {
    url,
    referrer: last || document.referrer,
    title: document.title,
    ld: [...document.querySelectorAll('[type$="ld+json"]')]
      .map((script) => script.textContent)
      .filter((text) => /Product|Order/.test(text) && text.length < 8192)
      .slice(0, 4),
  });
  last = url;
  check();
};
