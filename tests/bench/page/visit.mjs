// One visit by somebody whom the page has never seen, on a device as many times slower as asked for, and what was measured.
//
// Everything is done with real input, at the same times after one another whatever the tag. What looks on from inside the
// page is a script of a name of its own, so that its work can be told from the tag's.

import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { CATEGORIES, figures } from "./trace.mjs";
import { TYPED } from "./variants.mjs";

/** The looker-on's script. */
export const WATCH = "bench-watch.js";
const VIEW = { width: 1280, height: 800 };
/** In ms: a page comes to rest, somebody reads, types, and leaves, when every tag has sent what it collects for up to 3 s. */
const WAITS = { settle: 2_000, scroll: 250, read: 800, key: 30, thanks: 600, leave: 3_300 };
const PATIENCE_MS = 20_000;

/** Runs in the page: times of paints, moves and presses. */
function watch() {
  const seen = { shifts: [], events: [] };
  new PerformanceObserver((list) => seen.shifts.push(...list.getEntries().map(({ value, hadRecentInput }) => [value, hadRecentInput]))).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const { name, duration, interactionId } of list.getEntries()) if (interactionId) seen.events.push([name, duration]);
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
  addEventListener("click", ({ timeStamp }) => (seen.pressed = timeStamp), true);
  const at = (root, selector) => [...(root?.querySelectorAll(selector) ?? [])].find((each) => each.getClientRects()[0]?.width > 0);
  const painted = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) return false;
    for (let each = element; each; each = each.parentElement ?? each.getRootNode().host) if (+getComputedStyle(each).opacity === 0) return false;
    return getComputedStyle(element).visibility === "visible";
  };
  window.__watch = {
    seen,
    /** When a frame was painted in which it is (or, with `gone`, is no more) to be seen. */
    until: (root, selector, gone, patience) =>
      new Promise((resolve) => {
        const ends = performance.now() + patience;
        const look = () => {
          const element = at(root(), selector);
          const there = Boolean(element && painted(element));
          if (there !== gone) {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(performance.now());
            port2.postMessage(0);
          } else if (performance.now() > ends) resolve(-1);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    middle: (root, selector) => {
      const box = at(root, selector)?.getBoundingClientRect();
      return box && [box.left + box.width / 2, box.top + box.height / 2];
    },
  };
}

/**
 * Visits, and measures times: see `figures`, and in ms when the popup was visible (`visible`), the longest that a press or a
 * key waited for the next frame (`inp`), how far the page moved by itself (`cls`), and with what moved in the half second
 * after a press or a key (`moved`), which does not count for CLS. `keep`: a folder that the trace is put into.
 */
export async function visit(browser, { variant, keep, ...how }) {
  return during(browser, how, async (tab) => {
    const stop = await browser.trace(CATEGORIES);
    let events;
    let done;
    try {
      done = await behaviour(tab, how, variant);
    } finally {
      events = await stop();
    }
    if (keep) writeFileSync(`${keep}/${variant.name}.json`, JSON.stringify({ traceEvents: events }));
    const { seen, visible } = done;
    return {
      ...figures(events, WATCH),
      visible,
      cls: moved(seen.shifts.filter(([, asked]) => !asked)),
      moved: moved(seen.shifts),
      inp: Math.max(0, ...seen.events.map(([, duration]) => duration)),
      slowest: seen.events.sort(([, a], [, b]) => b - a).slice(0, 3),
    };
  });
}

/**
 * Visits while the browser reports what the page asks for and complains of, which takes time: `bytes` that the tag
 * transferred, and its `requests`. An error if the page complained. `picture`: a folder that pictures of each state are put into.
 */
export async function inspect(browser, { variant, picture, ...how }) {
  return during(browser, how, async (tab) => {
    const complaints = [];
    tab.on("Runtime.consoleAPICalled", ({ type, args }) => type === "error" && complaints.push(args.map(({ value, description }) => description ?? value).join(" ")));
    tab.on("Runtime.exceptionThrown", ({ exceptionDetails: { text, exception } }) => complaints.push(exception?.description ?? text));
    tab.on("Log.entryAdded", ({ entry: { level, text, url } }) => level === "error" && complaints.push(`${text} ${url ?? ""}`));
    await Promise.all([tab.send("Runtime.enable"), tab.send("Log.enable")]);
    const bytes = await transferred(tab, how.tag.host);
    const photograph = async (state) => {
      const { data } = await tab.send("Page.captureScreenshot");
      writeFileSync(`${picture}/${variant.name}-${state}.png`, Buffer.from(data, "base64"));
    };
    await behaviour(tab, how, variant, picture && photograph);
    if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join("; ")}`);
    return { bytes: bytes.total, requests: bytes.list };
  });
}

async function during(browser, { slower }, measure) {
  const tab = await browser.tab();
  try {
    await tab.send("Emulation.setDeviceMetricsOverride", { ...VIEW, deviceScaleFactor: 1, mobile: false });
    await tab.send("Emulation.setCPUThrottlingRate", { rate: slower });
    return await measure(tab);
  } finally {
    await tab.close();
  }
}

/** Comes, does what the variant says, stays a little. */
async function behaviour(tab, { tag, address }, variant, picture) {
  const somebody = new Somebody(tab, tag, picture);
  await somebody.comes(address);
  await pause(WAITS.settle);
  const visible = await somebody.behaves(variant.does);
  await pause(WAITS.leave);
  return { visible, seen: await somebody.asks("__watch.seen") };
}

const moved = (shifts) => shifts.reduce((sum, [value]) => sum + value, 0);

/** What is transferred from and to a host, heads included, as it is on the wire. */
async function transferred(tab, host) {
  const counted = { total: 0, list: [] };
  const theirs = new Map();
  tab.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (host && request.url.startsWith(host)) theirs.set(requestId, request.url.slice(host.length));
  });
  tab.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (!theirs.has(requestId)) return;
    counted.total += encodedDataLength;
    counted.list.push([theirs.get(requestId), encodedDataLength]);
  });
  await tab.send("Network.enable");
  return counted;
}

/** Somebody with a mouse and a keyboard. */
class Somebody {
  at = [640, 500];

  constructor(tab, tag, picture = () => {}) {
    Object.assign(this, { tab, tag, picture });
  }

  async asks(expression) {
    const asked = { expression: `${expression}\n//# sourceURL=${WATCH}`, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.tab.send("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  }

  /** Opens the address, and begins to look on when it is loaded. */
  async comes(address) {
    const { errorText } = await this.tab.send("Page.navigate", { url: address });
    if (errorText) throw new Error(`${address}: ${errorText}`);
    const loaded = `new Promise((resolve, reject) => {
      if (document.readyState === "complete") resolve();
      addEventListener("load", resolve);
      setTimeout(() => reject(new Error("it does not end to load")), ${PATIENCE_MS});
    })`;
    await this.asks(loaded);
    await this.asks(`(${watch})()`);
  }

  mouse(type, [x, y], more = {}) {
    return this.tab.send("Input.dispatchMouseEvent", { type, x, y, ...more });
  }

  async moves(to) {
    const from = this.at;
    const steps = 6;
    for (let n = 1; n <= steps; n++) {
      await this.mouse("mouseMoved", from.map((each, axis) => each + ((to[axis] - each) * n) / steps));
      await pause(16);
    }
    this.at = to;
  }

  async presses(to) {
    await this.moves(to);
    const left = { button: "left", clickCount: 1 };
    await this.mouse("mousePressed", to, { ...left, buttons: 1 });
    await pause(60);
    await this.mouse("mouseReleased", to, left);
  }

  /** Presses something in the popup. */
  async pressesOn(selector) {
    const middle = await this.asks(`__watch.middle(${this.tag.root}, ${JSON.stringify(selector)})`);
    if (!middle) throw new Error(`there is no ${selector}`);
    await this.presses(middle);
  }

  async types(text) {
    for (const key of text) {
      await this.tab.send("Input.dispatchKeyEvent", { type: "keyDown", text: key, key });
      await this.tab.send("Input.dispatchKeyEvent", { type: "keyUp", key });
      await pause(WAITS.key);
    }
  }

  /** When something of the popup is painted, or is gone; an error if that never happens. */
  async until(selector, gone = false) {
    const time = await this.asks(`__watch.until(() => ${this.tag.root}, ${JSON.stringify(selector)}, ${gone}, ${PATIENCE_MS})`);
    if (time < 0) throw new Error(`${selector} is ${gone ? "still" : "never"} to be seen`);
    return time;
  }

  async behaves(does) {
    for (const way of [1, -1]) {
      for (let n = 0; n < 5; n++) {
        await this.mouse("mouseWheel", this.at, { deltaX: 0, deltaY: way * 120 });
        await pause(40);
      }
      await pause(WAITS.scroll);
    }
    const { box, close, answer, thanks, done, text } = this.tag;
    const [x, y] = await this.asks("__watch.middle(document, '#ask')");
    await this.picture("before");
    await this.moves([x, y]);
    const shown = does === "nothing" ? undefined : this.until(box);
    shown?.catch(() => {});
    await this.presses([x, y]);
    const at = await shown;
    const visible = at && at - (await this.asks("__watch.seen.pressed"));
    await pause(WAITS.read);
    await this.picture("shown");
    if (does === "closes") await this.pressesOn(close);
    if (does === "escapes") await this.escapes();
    if (does === "answers") {
      for (const step of answer) {
        if (step === TYPED) {
          await this.types(text());
          await this.picture("typed");
          continue;
        }
        await this.until(step);
        await this.pressesOn(step);
      }
      await this.until(thanks);
      await pause(WAITS.thanks);
      await this.picture("thanks");
      await this.pressesOn(done);
    }
    if (does !== "nothing") await this.until(box, true);
    return visible;
  }

  async escapes() {
    const key = { key: "Escape", code: "Escape", windowsVirtualKeyCode: 27 };
    await this.tab.send("Input.dispatchKeyEvent", { type: "keyDown", ...key });
    await this.tab.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  }
}
