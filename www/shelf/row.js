// A shelf in its place on the page: in a shadow root, so that neither sees the other's style, and never so that
// anything moves that somebody is looking at.
import { Sight } from "./sight.js";

/** A place lower than this, in px, has no height of its own to keep. */
const LOW = 120;

const sheet = new CSSStyleSheet();
sheet.replaceSync(__STYLE__);

const element = (name, ...children) => {
  const made = document.createElement(name);
  made.append(...children);
  return made;
};

export class Row {
  /** `retry` fills the place once more. */
  constructor(slot, retry) {
    this.slot = slot;
    this.sight = new Sight();
    // What did not come because a hand was there comes when it goes.
    slot.addEventListener("pointerleave", () => this.late && retry(this.late));
  }

  /** Shows what `again()` fills it with: HTML, or nothing. On the same page only what has changed is exchanged. */
  show(bridge, again) {
    this.late = undefined;
    const box = this.#filled(bridge, again);
    const same = this.page == bridge.page;
    if (same && this.box) return box && this.#exchange(box);
    if (same && this.held) return;
    if (!box || "held" in box.dataset) this.#clear();
    if (!box) return;
    Object.assign(this, { bridge, again, page: undefined });
    if ("held" in box.dataset) {
      // Kept from this visitor: told when it would have been seen.
      Object.assign(this, { page: bridge.page, held: true });
      this.sight.once(this.slot, () => bridge.event("shelf.held", told(box, [...box.querySelectorAll("li")])));
    } else if (this.#mayChange()) {
      this.page = bridge.page;
      this.#place(box);
    } else {
      this.#clear();
      this.late = this.slot.matches(":hover") && bridge;
    }
  }

  #filled({ trusted }, again) {
    const html = again();
    if (!html) return;
    const template = document.createElement("template");
    template.innerHTML = trusted(html);
    return template.content.firstElementChild;
  }

  /** What the shop had put there comes back. */
  #clear() {
    this.sight.end();
    this.box = this.held = undefined;
    this.root?.replaceChildren(element("slot"));
  }

  /** Nothing moves: the place has its height, or is out of sight. And nobody is just using what is in it. */
  #mayChange() {
    if (this.box) this.box.hidden = true;
    const { top, bottom, height } = this.slot.getBoundingClientRect();
    this.keeps = height >= LOW && height;
    return (this.keeps || top > innerHeight || bottom < 0) && !this.slot.matches(":hover,:focus-within");
  }

  #place(box) {
    if (!this.root) {
      this.root = this.slot.attachShadow({ mode: "open" });
      this.root.adoptedStyleSheets = [sheet];
    }
    this.box = box;
    box.classList.toggle("kept", !!this.keeps);
    const under = element("div", element("slot"));
    under.className = "under";
    this.root.replaceChildren(under, box);
    // The margins of what is under it no longer reach beyond the place.
    const more = this.keeps && this.slot.getBoundingClientRect().height - this.keeps;
    if (more) under.style.marginBlockEnd = -more + "px";
    this.#listen();
    this.sight.once(box, () =>
      this.#report("shown", { products: ids(this.#items().filter((item) => isInView(item, this.#list()))) }),
    );
  }

  #list() {
    return this.box.querySelector("ul");
  }

  #items() {
    return [...this.#list().children];
  }

  #report(what, more) {
    this.bridge.event("shelf." + what, { ...told(this.box), ...more });
  }

  #listen() {
    const { box } = this;
    const list = this.#list();
    const hear = ({ target, button }) => {
      const item = target.closest("li");
      const way = target.closest("[data-way]")?.dataset.way;
      // The middle button opens a link, too; the right one does not.
      if (item && target.closest("a") && button < 2) this.#clicked(item);
      else if (item && !button) this.#dismiss(item);
      else if (way) list.scrollBy({ left: way * turned(list) * list.clientWidth * 0.8 });
    };
    box.addEventListener("click", (event) => event.target.closest("a,button") && hear(event));
    box.addEventListener("auxclick", (event) => event.target.closest("a") && hear(event));
    // A picture that is not there leaves its place empty.
    list.addEventListener("error", (event) => event.target.remove(), true);
    const look = () => list.isConnected && this.#look(list);
    list.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(list);
  }

  /** Which ways there is more. */
  #look(list) {
    const ways = this.box.querySelector(".ways");
    const at = Math.abs(list.scrollLeft);
    const most = list.scrollWidth - list.clientWidth;
    ways.hidden = most < 2;
    const [back, forth] = ways.children;
    back.ariaDisabled = at < 2 ? "true" : null;
    forth.ariaDisabled = at > most - 2 ? "true" : null;
  }

  #clicked(item) {
    const { id, why } = item.dataset;
    this.#report("clicked", { product: { id }, place: this.#items().indexOf(item) + 1, why });
  }

  /** It goes, and what was next comes into its place. */
  #dismiss(item) {
    const { id } = item.dataset;
    const place = this.#items().indexOf(item);
    this.#report("dismissed", { product: { id }, place: place + 1 });
    this.bridge.update((state) => (state.not = [...(state.not || []), id].slice(-50)));
    this.#exchange(this.#filled(this.bridge, this.again), id);
    const said = this.box.querySelector("[role=status]");
    said.textContent = said.dataset.said;
    // The focus stays where it was, on what stands there now.
    const items = this.#items();
    const next = items[Math.min(place, items.length - 1)];
    (next?.querySelector(".no") || this.box.querySelector("h2")).focus();
  }

  /** Takes off what does not belong there any more, and puts what does into the places that become free. */
  #exchange(box, gone) {
    const items = this.#items();
    const wanted = box ? [...box.querySelectorAll("li")] : items.filter((item) => item.dataset.id != gone);
    const fresh = wanted.filter((item) => !among(items, item));
    for (const item of items.filter((item) => !among(wanted, item))) {
      const next = fresh.shift();
      if (next) item.replaceWith(next);
      else item.remove();
    }
    this.#look(this.#list());
  }
}

const among = (items, { dataset }) => items.some((item) => item.dataset.id == dataset.id);

const ids = (items) => items.map((item) => item.dataset.id);

/** What is told of a shelf: which it is, and `items` that stand on it. */
const told = ({ dataset: { shelf, version, market, beside } }, items) => ({
  shelf,
  version,
  market,
  beside,
  ...(items && { products: ids(items) }),
});

/** Whether more than half of a product is within what can be seen of its row. */
const isInView = (item, list) => {
  const [one, other] = [item, list].map((each) => each.getBoundingClientRect());
  return Math.min(one.right, other.right) - Math.max(one.left, other.left) > one.width / 2;
};

/** The sign of the way forth. */
const turned = (list) => (getComputedStyle(list).direction == "rtl" ? -1 : 1);
