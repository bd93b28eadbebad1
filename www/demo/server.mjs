// The demo shop's server: plain Node, no dependencies, nothing stored on disk.
//
//   node www/demo/server.mjs --key pk_… [--port 8788] [--edge http://localhost:8787] [--secret rps_…] [--token rpt_…]
//
// With the secret that the shop's server signs with, codes are checked by a signed call to the edge, orders, customers and
// returns are told to it, and pages say who is logged in; without one codes are known by their form, and nothing is told.
// With the token of the shop's admin it is as late here as on the edge's development clock: what is ordered after that was
// moved on is ordered then.
//
// Every page carries the tag as a merchant pastes it. Switches in the query stay on for the whole
// visit, because every link of the shop repeats them:
//
//   lang=ar     the shop in Arabic, right to left
//   csp=strict  a strict Content-Security-Policy: scripts and connections from here and the edge
//               only, no inline script or style, no WebAssembly
//   csp=wasm    the same, with 'wasm-unsafe-eval'
//   tag=none    a page without the tag
//   tag=twice   the tag pasted twice
//   edge=dead   the tag comes from a second origin that has a copy of it, as a browser's cache
//               would, and breaks every other connection: the loader runs, its edge is dead
//   edge=gone   the tag's own address refuses the connection: the loader never arrives

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { picture } from "./catalogue.mjs";
import { codeCheck, signature } from "./codes.mjs";
import { Hooks } from "./hooks.mjs";
import { Orders } from "./order.mjs";
import { Page } from "./page.mjs";
import { missing } from "./pages/missing.mjs";
import { html, opened, posted } from "./routes.mjs";
import { Sessions, cookies } from "./session.mjs";
import { languages, words } from "./words.mjs";

const HERE = new URL("./", import.meta.url);
const FILE = /^\/(browser|fonts|pictures)\/([a-z0-9-]+\.(?:js|css|woff2|svg))$/;
/** An address where nobody listens: a port that the system gives to nobody. */
const NOBODY = "http://localhost:2";
const TYPES = { js: "text/javascript", css: "text/css", woff2: "font/woff2", svg: "image/svg+xml" };
const BODY_BYTES = 64 * 1024;

/**
 * Starts the shop on `port` (0: a free one). `edge` is where the tag comes from, `key` the shop's
 * public key; a function is asked for it at every page. `secret` is what the shop signs with, `now` tells what time it is.
 * `close` ends it, open connections included.
 */
export async function serve({ port = 8788, edge = "http://localhost:8787", key, secret, now }) {
  if (!key) throw new Error("the shop needs its public key (pk_…)");
  edge = edge.replace(/\/+$/, "");
  const dead = await listen(0, (request, response) => deadEdge(edge, request, response));
  const origins = { live: edge, dead: dead.url, gone: NOBODY };
  const check = codeCheck({ edge, key, secret });
  const all = { check, orders: new Orders(check, now), sessions: new Sessions(), hooks: new Hooks({ edge, key, secret }) };
  const shop = await listen(port, async (request, response) => {
    const url = new URL(request.url, shop.url);
    const shopper = all.sessions.of(request)?.shopper;
    // A browser that says no to all shops is not asked by this one.
    const device = cookies(request)["skerrow-device"] ?? (request.headers["sec-gpc"] === "1" ? "no" : undefined);
    const proof = shopper && secret && signature(secret, `customer:${shopper.id}`);
    const page = new Page({ url, key: typeof key === "function" ? key() : key, edge: origins[url.searchParams.get("edge")] ?? origins.live, shopper, proof, device });
    const answer = await route(request, page, all);
    response.writeHead(answer.status ?? 200, { "Cache-Control": "no-cache", ...answer.headers });
    response.end(request.method === "HEAD" ? undefined : answer.body);
  });
  return { url: shop.url, close: () => Promise.all([all.hooks.close(), shop.close(), dead.close()]) };
}

async function route(request, page, all) {
  if (request.method === "POST") {
    const body = await read(request);
    if (body === undefined) return { status: 413, body: "" };
    return posted(page, { ...all, request, form: new URLSearchParams(body) });
  }
  if (!["GET", "HEAD"].includes(request.method)) return { status: 405, headers: { Allow: "GET, HEAD, POST" }, body: "" };
  const file = page.url.pathname.match(FILE);
  return file ? served(page, file) : opened(page, { ...all, request });
}

async function served(page, [, folder, name]) {
  const [stem, ...end] = name.split(".");
  const headers = { "Content-Type": TYPES[end.at(-1)] };
  const [, id, colour] = folder === "pictures" ? (stem.match(/^(.+)--([a-z]+)$/) ?? []) : [];
  try {
    if (colour) return { headers, body: await picture(id, colour) };
    return { headers, body: await readFile(new URL(`${folder}/${name}`, HERE)) };
  } catch {
    return { ...html(page, missing(page)), status: 404 };
  }
}

/** A browser still has the tag in its cache while nothing else of the edge answers. */
async function deadEdge(edge, request, response) {
  const tag = request.url === "/tag.js" && (await fetch(`${edge}/tag.js`).catch(() => undefined));
  if (!tag?.ok) return request.socket.destroy();
  response.writeHead(200, { "Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*" });
  response.end(await tag.text());
}

/** Asks the edge what time it is there; where it does not say, it is as late as here. */
const developmentClock = ({ edge = "http://localhost:8787", key }, token) => async () => {
  try {
    const answer = await fetch(`${edge.replace(/\/+$/, "")}/admin/v1/shops/${key}/status`, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.json()).clock.now;
  } catch {
    return Date.now();
  }
};

async function read(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function listen(port, handle) {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((error) => {
      console.error(`${request.method} ${request.url}: ${error.stack}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { url: `http://localhost:${server.address().port}`, close };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: "string" }, edge: { type: "string" }, key: { type: "string" }, secret: { type: "string" }, token: { type: "string" }, help: { type: "boolean" } } });
  if (values.help || !values.key) {
    console.error("node www/demo/server.mjs --key pk_… [--port 8788] [--edge http://localhost:8787] [--secret rps_…] [--token rpt_…]");
    process.exit(values.help ? 0 : 2);
  }
  const { token, ...rest } = values;
  const { url } = await serve({ ...rest, port: Number(values.port ?? 8788), ...(token && { now: developmentClock(rest, token) }) });
  console.log(`${words.en.tagline}: ${url} (${languages.join(", ")})`);
}
