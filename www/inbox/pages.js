// A list that grows at both ends: newer items appear on top, older ones on request.

import { make } from "./dom.js";

/**
 * Keeps what was read of `read(before)` → `{ items, next }`. `draw(items)` is called when something
 * changed and returns the element to show.
 */
export function pagedList(read, draw) {
  const body = make("div");
  const more = make("button", { type: "button", class: "more", onclick: older, hidden: true }, "Show older");
  const element = make("div", {}, body, more);
  const key = (item) => item.id ?? JSON.stringify(item);
  let items = [];
  let next;
  let grown = false;
  let drawn;

  async function older() {
    more.disabled = true;
    try {
      const page = await read(next);
      items = items.concat(page.items);
      next = page.next;
      grown = true;
    } finally {
      more.disabled = false;
    }
    paint();
  }

  /** Reads the newest again and draws what changed. */
  async function refresh() {
    const page = await read();
    const fresh = new Set(page.items.map(key));
    // Without an item in common there may be a gap below the newest: older ones are asked for again.
    grown &&= items.some((item) => fresh.has(key(item)));
    if (grown) {
      items = page.items.concat(items.filter((item) => !fresh.has(key(item))));
    } else {
      items = page.items;
      next = page.next;
    }
    paint();
  }

  function paint(anew = false) {
    const now = JSON.stringify(items);
    more.hidden = next === undefined || next === null;
    if (now === drawn && !anew) return;
    drawn = now;
    const open = new Set([...body.querySelectorAll("details[open]")].map((each) => each.dataset.id));
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.id ?? document.activeElement.getAttribute("href") : undefined;
    body.replaceChildren(draw(items));
    for (const each of body.querySelectorAll("details")) if (open.has(each.dataset.id)) each.open = true;
    if (focused) (body.querySelector(`[data-id="${CSS.escape(focused)}"], [href="${CSS.escape(focused)}"]`))?.focus();
  }

  return { element, refresh, items: () => items, paint: () => paint(true) };
}
