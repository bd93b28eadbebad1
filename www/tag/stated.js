// What the page says of what is sold on it, raw: `domain::page` makes sense of it.

/** What `f` makes of the elements that fit, 60 at most. */
const all = (selector, f) => [...document.querySelectorAll(selector)].slice(0, 60).map(f);

/** An element's attribute, else as much of another text as is useful. */
const value = (tag, name, or) => (tag.getAttribute(name) || or || "").trim().slice(0, 400);

/** All of this page, `first` since it was loaded: what changes late says nothing of the pages after that. */
export const stated = (first) => {
  let room = 2e4; // characters
  const ld = all('[type$="ld+json"]', (script) => script.textContent)
    .filter((text) => /Product|Order|Breadcrumb/.test(text) && text.length < room && (room -= text.length))
    .slice(0, 4);
  const meta = all('[property*=":"]', (tag) => [value(tag, "property"), value(tag, "content")]);
  return {
    ld,
    ...(!/Product/.test(ld) && {
      // Each under the property that its thing is of another; what begins with i is related, or part of a list.
      micro: all('[itemtype$="/Product"]:not([itemprop^=i]) [itemprop]:not([itemscope])', (tag) => [
        value(tag.parentNode.closest("[itemscope]"), "itemprop") + "." + value(tag, "itemprop"),
        value(tag, "content", tag.href || tag.src || tag.textContent),
      ]),
      ...(first && {
        meta: /product/.test(meta) ? meta : [],
        layer: (window.dataLayer || [])
          .map((entry) => JSON.stringify([entry.event || entry[1], entry.ecommerce || entry[2]]))
          .filter((text) => /"(view_item|detail)"/.test(text))
          .slice(-1),
      }),
    }),
  };
};
