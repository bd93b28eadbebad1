// A shop's page without a browser: as much of one as the loader touches before it shows anything. The clock stands
// still until a test moves it.

import { join } from "node:path";
import vm from "node:vm";

import { buildSync } from "esbuild";

import { ROOT } from "../harness/folder.mjs";

const LOADER = buildSync({
  entryPoints: [join(ROOT, "www/tag/tag.js")],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  define: { __WIDGET__: '"/w/0123456789abcdef/widget.js"', __SHELF__: '"/w/fedcba9876543210/shelf.js"' },
  write: false,
})
  // A script without a module loader: what is imported, a test gives.
  .outputFiles[0].text.replaceAll("import(", "imported(");

export const KEY = "pk_0123456789abcdefghij";
const START = Date.UTC(2026, 10, 22, 12);

/** What a browser keeps for a shop: shared by its tabs and by pages that follow each other. */
export function browserStorage({ blocked = false, full = false } = {}) {
  const kept = {};
  return {
    /** Our one entry, or undefined. */
    read: () => kept[`rapport:${KEY}`] && JSON.parse(kept[`rapport:${KEY}`]),
    entries: () => Object.keys(kept),
    blocked,
    window: new Proxy(kept, {
      set(target, name, value) {
        if (full) throw new Error("QuotaExceededError");
        target[name] = String(value);
        return true;
      },
    }),
  };
}

/** An edge that notes what it is asked and answers as a test wants. */
export function pretendEdge({
  files = { en: "f0" },
  consent = "ask",
  plan = [],
  off = false,
  objects = 1,
  shelves,
} = {}) {
  const edge = {
    requests: [],
    /** Every event that was answered with 202. */
    events: [],
    batches: [],
    /** What the next batch gets: a status, [status, headers], or "dead". */
    answer: 202,
    async fetch(address, { method = "GET", body, headers, keepalive }) {
      const url = new URL(address);
      const { pathname: path } = url;
      edge.requests.push(`${method} ${path}`);
      if (path.endsWith("/pointer"))
        return reply(200, { v: 1, version: "v1", files, fallback: "en", objects, off });
      if (path.endsWith("/f0")) return reply(200, { v: 1, version: "v1", lang: "en", consent, plan, shelves });
      if (path.includes("/files/")) throw new Error(`nobody has published ${path}`);
      const [status, extra] = [edge.answer].flat();
      edge.batches.push({ body, headers, keepalive, query: Object.fromEntries(url.searchParams), status });
      if (status === "dead") throw new TypeError("Failed to fetch");
      if (status === 202) edge.events.push(...JSON.parse(body).events);
      return reply(status, {}, extra);
    },
  };
  return edge;
}

function reply(status, body, headers = {}) {
  return { ok: status < 300, status, headers: new Headers(headers), json: async () => structuredClone(body) };
}

/** Opens a page with the tag pasted, `tags` times; `busy`: it is not idle yet. */
export async function openPage({
  edge,
  storage = browserStorage(),
  url = "https://shop.example/p/cap",
  queue,
  ld = [],
  dataLayer,
  lang = "en",
  tags = 1,
  gpc,
  prerendering,
  slots = [],
  old,
  busy,
}) {
  const listeners = new Map();
  const timers = [];
  let now = START;
  const listen = (target) => ({
    addEventListener: (type, f) =>
      listeners.set(`${target} ${type}`, [...(listeners.get(`${target} ${type}`) ?? []), f]),
  });
  class FakeDate extends Date {
    constructor(...given) {
      super(...(given.length ? given : [now]));
    }
    static now() {
      return now;
    }
  }
  const location = new URL(url);
  const watched = new Set();
  let hear;
  const settled = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  };
  const page = {
    /** How often it was about to show a campaign. */
    attempts: 0,
    /** Places of the page that are filled when they come near. */
    slots,
    /** What was handed to the wasm of shelves, and from which address that came. */
    shelved: [],
    modules: [],
    /** A place comes near, or is gone past. */
    async comes(slot, isIntersecting = true) {
      if (watched.has(slot)) hear([{ target: slot, isIntersecting }]);
      await settled();
    },
    /** Which places are being watched. */
    watched: () => [...watched],
    /** What is to be kept of it is kept when the page's task is ended: awaited. */
    push: async (...commands) => context.rapport.push(...structuredClone(commands)),
    /** Lets time pass: what is due happens, in order. */
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await settled();
        const due = timers.filter((timer) => !timer.done && timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = Math.max(now, due.at);
        due.done = true;
        due.f();
      }
      now = end;
    },
    async fire(target, type, event = {}) {
      for (const f of listeners.get(`${target} ${type}`) ?? []) f(event);
      await settled();
    },
    goTo(to) {
      location.href = new URL(to, location).href;
      return page.fire("navigation", "currententrychange");
    },
    get address() {
      return location.href;
    },
  };
  const context = vm.createContext({
    ...listen("window"),
    navigation: listen("navigation"),
    location,
    history: { state: null, replaceState: (_, __, to) => (location.href = to) },
    navigator: { languages: ["en"], globalPrivacyControl: gpc },
    document: {
      ...listen("document"),
      currentScript: { dataset: { shop: KEY }, src: "https://edge.example/tag.js" },
      documentElement: { ...listen("root"), lang, scrollHeight: 2000, clientWidth: 1000 },
      readyState: "complete",
      prerendering,
      title: "A cap",
      referrer: "",
      querySelectorAll: (selector) =>
        selector.includes("shelf")
          ? page.slots
          : selector.includes("ld+json")
            ? ld.map((textContent) => ({ textContent }))
            : [],
      createElement: () => ({ attachShadow: () => ({ host: listen("host") }) }),
    },
    scrollY: 0,
    innerHeight: 800,
    innerWidth: 1200,
    rapport: queue,
    dataLayer,
    performance: { now: () => now - START },
    fetch: (...request) => edge.fetch(...request),
    setTimeout: (f, ms = 0) => timers.push({ f, at: now + ms }),
    clearTimeout: (timer) => timer && (timers[timer - 1].f = () => {}),
    ...(!old && {
      IntersectionObserver: class {
        constructor(callback) {
          hear = callback;
        }
        observe(slot) {
          watched.add(slot);
        }
        disconnect() {
          watched.clear();
        }
      },
    }),
    imported: async (address) => {
      page.modules.push(address);
      return { shelve: (bridge) => page.shelved.push(bridge) };
    },
    Date: FakeDate,
    TextEncoder,
    queueMicrotask,
    requestAnimationFrame: (f) => timers.push({ f, at: now + 16 }),
    requestIdleCallback: (f) => timers.push({ f, at: now }),
    AbortSignal,
    URLSearchParams,
    crypto,
    // Where a real page would begin to show something.
    CSSStyleSheet: class {
      constructor() {
        page.attempts += 1;
      }
    },
  });
  context.window = context;
  if (storage.blocked) {
    Object.defineProperty(context, "localStorage", {
      get() {
        throw new Error("SecurityError");
      },
    });
  } else context.localStorage = storage.window;
  for (let tag = 0; tag < tags; tag++) vm.runInContext(LOADER, context);

  if (!busy) await page.advance(0);
  return page;
}
