// Somebody asks why (`?rapport=why`): a panel in a corner of the shop's page. What stands in it is a page of the edge's
// in a frame, because the shop's page is no place for an admin token. This side only tells what the loader knows, and
// hears nothing but that the frame is there, that it asks for the token, and that it is to be closed.

/** The edge, without a slash at the end. */
const edge = import.meta.url.replace(/\/w\/\w+\/why\.js$/, "");

/** A window up to so wide is a phone's, in px. */
const PHONE = 640;
/** How often it is told how the page is, in ms. */
const EVERY = 1_000;
/** So long the frame has to say that it is there, in ms. */
const PATIENCE = 8_000;

const WORDS = {
  en: {
    title: "Why?",
    fold: "Fold",
    unfold: "Unfold",
    close: "Close",
    lost: "The panel could not be loaded. Is the edge up, and does the page's policy allow its frames (frame-src)?",
  },
  ar: {
    title: "لماذا؟",
    fold: "طيّ",
    unfold: "فتح",
    close: "إغلاق",
    lost: "تعذّر تحميل اللوحة. هل يعمل الخادم، وهل تسمح سياسة الصفحة بإطاراته (frame-src)؟",
  },
};

const STYLE = `
:host { all: initial !important; position: fixed !important; inset: auto 16px 16px auto !important; z-index: 2147483647 !important; width: 400px !important; max-width: calc(100vw - 32px) !important; height: 660px !important; max-height: calc(100dvh - 32px) !important; margin: 0 !important; padding: 0 !important; border: 1px solid #8a958d !important; border-radius: 14px !important; overflow: hidden !important; background: #1d2420 !important; color: #f7f5ee !important; box-shadow: 0 12px 40px #0006 !important; color-scheme: light dark !important; display: flex !important; flex-direction: column !important; }
:host([dir="rtl"]) { inset: auto auto 16px 16px !important; }
:host([data-folded]) { height: auto !important; width: 200px !important; }
section { flex: 1; min-height: 0; display: flex; flex-direction: column; }
.bar { display: flex; align-items: center; gap: 8px; padding-block: 6px; padding-inline: 16px 6px; font: 600 15px/1.3 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans Arabic", sans-serif; }
h2 { flex: 1; margin: 0; font: inherit; }
button { display: grid; place-content: center; width: 40px; height: 40px; padding: 0; border: 0; border-radius: 8px; background: none; color: inherit; cursor: pointer; }
button:hover { background: #fff2; }
button:focus-visible { outline: 3px solid #f3c465; outline-offset: -3px; }
svg { width: 18px; height: 18px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
:host([data-folded]) .turn { transform: rotate(180deg); }
iframe, p { flex: 1; min-height: 0; margin: 0; border: 0; background: #f7f6f1; }
p { padding: 20px; color: #1d2420; font: 400 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans Arabic", sans-serif; }
[hidden], :host([data-folded]) :is(iframe, p) { display: none; }
@media (max-width: ${PHONE}px) {
  :host, :host([dir="rtl"]) { inset: auto 0 0 0 !important; width: 100vw !important; max-width: none !important; height: 70dvh !important; max-height: none !important; border-width: 1px 0 0 !important; border-radius: 14px 14px 0 0 !important; padding-block-end: env(safe-area-inset-bottom) !important; box-sizing: border-box !important; }
  :host([data-folded]) { height: auto !important; width: 100vw !important; }
}
`;

const SVG = "http://www.w3.org/2000/svg";

/** A button with a sign drawn by one path. */
const button = (path, name, act) => {
  const made = document.createElement("button");
  const sign = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  made.type = "button";
  sign.setAttribute("viewBox", "0 0 24 24");
  sign.ariaHidden = "true";
  line.setAttribute("d", path);
  sign.append(line);
  made.append(sign);
  made.ariaLabel = made.title = name;
  made.onclick = act;
  return made;
};

/** What stands on the page's shelves; nothing of one where the shop's own stands. */
const shelves = () =>
  [...document.querySelectorAll("[data-rapport-shelf]")].slice(0, 12).map((slot) => {
    const box = slot.shadowRoot?.querySelector("[data-shelf]:not([hidden])");
    const words = (item, part) => item.querySelector(`[part=${part}]`)?.textContent.slice(0, 200);
    return {
      shelf: slot.dataset.rapportShelf,
      items:
        box &&
        [...box.querySelectorAll("li")].slice(0, 24).map((item) => ({
          id: item.dataset.id,
          why: item.dataset.why,
          name: words(item, "name"),
          said: words(item, "reason"),
        })),
    };
  });

/** The loader's situation as the frame is told of it. */
const told = ({ file, now, time, scroll, path, exit, device, id, known, closed, shown, width, met, cart, referrer, said }) => ({
  rapport: "now",
  at: now,
  visitor: device ? id : undefined,
  device,
  known: !!known,
  closed,
  shown: Object.fromEntries((file?.plan || []).filter((entry) => entry.shown).map((entry) => [entry.campaign, entry.shown])),
  open: document.getElementById("rapport")?.shadowRoot?.querySelector("dialog[open]")?.dataset.campaign,
  path,
  elapsed: time,
  scrolled: scroll,
  exit: !!exit,
  lately: shown || [],
  width,
  met,
  cart: cart / 1e4,
  from: referrer,
  said: said.split("|").filter(Boolean),
  lang: file?.lang,
  version: file?.version,
  shelves: shelves(),
});

/** The address of another page of the shop, which is asked why likewise. */
const asking = (link) => {
  if (link.origin != location.origin || link.hasAttribute("download") || /rapport=why/.test(link.search)) return;
  if (link.hash && link.pathname == location.pathname) return;
  link.search += (link.search ? "&" : "?") + "rapport=why";
};

/**
 * Opens the panel. What it gives back tells it how the page is, and says whether nothing may be shown just now.
 * `situation()` is how the page is at any time.
 */
export const ask = (shop, situation) => {
  const wanted = [document.documentElement.lang, ...navigator.languages].map((tag) => tag.split("-")[0]);
  const lang = wanted.find((tag) => WORDS[tag]) || "en";
  const words = WORDS[lang];
  const over = new AbortController();
  const { signal } = over;

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  host.id = "rapport-why";
  host.popover = "manual";
  host.lang = lang;
  host.dir = lang == "ar" ? "rtl" : "ltr";

  const frame = document.createElement("iframe");
  frame.src = `${edge}/why/?shop=${encodeURIComponent(shop)}&lang=${lang}`;
  frame.title = words.title;
  const lost = document.createElement("p");
  lost.textContent = words.lost;
  lost.hidden = true;

  let open; // the campaign on the screen
  let ready;
  const close = () => {
    over.abort();
    clearInterval(beat);
    host.remove();
  };
  const fold = (folded) => {
    host.toggleAttribute("data-folded", folded);
    turn.ariaExpanded = String(!folded);
    turn.ariaLabel = turn.title = folded ? words.unfold : words.fold;
  };
  const turn = button("M5 9l7 7 7-7", words.fold, () => fold(!host.hasAttribute("data-folded")));
  turn.className = "turn";
  const title = document.createElement("h2");
  title.textContent = words.title;
  const bar = document.createElement("div");
  bar.className = "bar";
  bar.append(title, turn, button("M6 6l12 12M18 6L6 18", words.close, close));
  const section = document.createElement("section");
  section.ariaLabel = words.title;
  section.append(bar, frame, lost);
  root.append(section);
  fold(false);

  /** A popup lies above all that was there before, so the panel is laid above it; on a phone there is no room for both. */
  const rise = (now) => {
    if (now == open) return;
    open = now;
    if (innerWidth <= PHONE) fold(!!open);
    if (open && host.hidePopover) {
      host.hidePopover();
      host.showPopover();
    }
  };

  const tell = (now) => {
    // Nothing that goes wrong in here keeps a campaign from being shown.
    try {
      if (signal.aborted) return;
      const said = told(now);
      rise(said.open);
      if (ready) frame.contentWindow.postMessage(said, new URL(edge).origin);
    } catch {}
    // A popup would take the focus, and the rest of a token that is being typed into the panel.
    return document.activeElement == host;
  };

  window.addEventListener(
    "message",
    ({ source, origin, data }) => {
      if (source != frame.contentWindow || origin != new URL(edge).origin) return;
      if (data.rapport == "close") close();
      if (data.rapport == "ready") {
        ready = true;
        tell(situation());
      }
      // Whoever asks why will type the token first; on a phone its keyboard would cover the panel.
      if (data.rapport == "token" && document.activeElement == document.body && innerWidth > PHONE) frame.focus();
    },
    { signal },
  );
  // Back on the page, what was kept back has its moment: a look that wishes for no campaign.
  window.addEventListener("focus", () => setTimeout(() => window.rapport.push(["show"])), { signal });
  let down; // the key that was pressed here last
  // What is done here is nothing that the page or our own sensors should make anything of.
  for (const type of ["keydown", "keyup", "keypress", "click", "pointerdown"])
    host.addEventListener(type, (event) => {
      event.stopPropagation();
      if (type == "keydown") down = event.key;
      if (type == "keyup" && event.key == "Escape" && down == "Escape") close();
    });
  // The next page of the shop is asked, too.
  document.addEventListener("click", ({ target }) => target.closest?.("a[href]") && asking(target.closest("a")), {
    capture: true,
    signal,
  });
  document.addEventListener(
    "submit",
    ({ target }) => {
      // A field can have the name of what a form is asked for.
      const { origin } = new URL(target.getAttribute("action") || "", location);
      const posts = /post|dialog/i.test(target.getAttribute("method"));
      if (posts || origin != location.origin || target.querySelector("[name=rapport]")) return;
      const more = document.createElement("input");
      Object.assign(more, { type: "hidden", name: "rapport", value: "why" });
      target.append(more);
    },
    { capture: true, signal },
  );

  document.body.append(host);
  host.showPopover?.();
  const beat = setInterval(() => document.hidden || tell(situation()), EVERY);
  setTimeout(() => {
    frame.hidden = !ready;
    lost.hidden = !!ready;
  }, PATIENCE);
  return tell;
};
