// Chromium by its own protocol, with nobody looking on who was not asked to. A driver such as Playwright has the browser
// report every request and every message of a page, and keeps the call stack of each for that: work on the page's main
// thread, which no visitor's device does, and more of it the more a page asks for.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FLAGS = [
  "--headless",
  "--remote-debugging-pipe",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--mute-audio",
  "--hide-scrollbars",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A window that nobody sees would be slowed down.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--lang=en-GB",
];

/** Starts a browser: `tab()` opens a page for somebody of their own, `close()` ends it. */
export async function launch(executable) {
  const folder = mkdtempSync(join(tmpdir(), "rapport-page-"));
  // What it is told comes in on the fourth channel, what it says goes out on the fifth: messages end with a zero.
  const child = spawn(executable, [...FLAGS, `--user-data-dir=${folder}`, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const gone = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  // Also of somebody who has seen enough and pressed Ctrl-C.
  const tidy = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", tidy);
  const protocol = new Protocol(child.stdio[3], child.stdio[4]);
  gone.then(
    (code) => protocol.ended(new Error(`the browser is gone (${code})`)),
    (error) => protocol.ended(error),
  );
  await protocol.send("Browser.getVersion");
  return {
    tab: () => tab(protocol),
    /** Begins a trace of everything; what is given back ends it and resolves to its events. */
    trace: async (categories) => {
      const events = [];
      const collected = protocol.on("Tracing.dataCollected", ({ value }) => {
        for (const each of value) events.push(each);
      });
      await protocol.send("Tracing.start", { traceConfig: { includedCategories: categories, excludedCategories: ["*"] } });
      return async () => {
        const complete = new Promise((resolve) => {
          const off = protocol.on("Tracing.tracingComplete", () => resolve(off()));
        });
        await protocol.send("Tracing.end");
        await Promise.race([complete, gone]);
        collected();
        if (protocol.fault) throw protocol.fault;
        return events;
      };
    },
    close: async () => {
      await protocol.send("Browser.close").catch(() => {});
      await gone;
      tidy();
    },
  };
}

/** A page without a past, and the way to it: `send` and `on` as of the browser. `close` forgets all that it has kept. */
async function tab(protocol) {
  const { browserContextId } = await protocol.send("Target.createBrowserContext");
  const { targetId } = await protocol.send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await protocol.send("Target.attachToTarget", { targetId, flatten: true });
  return {
    send: (method, params) => protocol.send(method, params, sessionId),
    on: (method, hear) => protocol.on(method, hear, sessionId),
    close: () => protocol.send("Target.disposeBrowserContext", { browserContextId }),
  };
}

/** Messages of the DevTools protocol. */
class Protocol {
  last = 0;
  waiting = new Map();
  ears = new Set();
  fault;

  constructor(write, read) {
    this.write = write;
    // Whoever waits hears of a browser that is gone by `ended`.
    write.on("error", () => {});
    read.on("error", () => {});
    let rest = [];
    read.on("data", (chunk) => {
      let from = 0;
      for (let end; (end = chunk.indexOf(0, from)) >= 0; from = end + 1) {
        const message = Buffer.concat([...rest, chunk.subarray(from, end)]);
        rest = [];
        this.hear(JSON.parse(message.toString()));
      }
      if (from < chunk.length) rest.push(chunk.subarray(from));
    });
  }

  hear({ id, method, params, result, error, sessionId }) {
    if (id === undefined) {
      for (const ear of this.ears) if (ear.method === method && ear.sessionId === sessionId) ear.hear(params);
      return;
    }
    // Whoever waited has been told that the browser is gone.
    const { resolve, reject, asked } = this.waiting.get(id) ?? {};
    if (!this.waiting.delete(id)) return;
    if (error) reject(new Error(`${asked}: ${error.message}`));
    else resolve(result);
  }

  send(method, params = {}, sessionId) {
    if (this.fault) return Promise.reject(this.fault);
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, asked: method });
      this.write.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** Hears of events; what is given back ends that. */
  on(method, hear, sessionId) {
    const ear = { method, hear, sessionId };
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }

  ended(fault) {
    this.fault = fault;
    for (const { reject } of this.waiting.values()) reject(fault);
    this.waiting.clear();
  }
}
