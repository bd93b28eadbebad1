// What the visits of `page.mjs` are answered by: the demo shop's page with a tag in it, and in front of whoever serves a
// tag one and the same gateway, which compresses as the network in front of a deployment does.

import { createServer, request as ask } from "node:http";
import { brotliCompressSync, constants } from "node:zlib";

import { serve } from "../../../www/demo/server.mjs";

/** What is served as it lies there is packed once and at leisure, what is answered anew is packed in passing. */
const QUALITY = { file: 11, answer: 4 };
/** What is shorter than this many bytes is not packed. */
const LEAST_BYTES = 48;
const PACKED = /javascript|json|wasm|text|octet-stream/;

/** Listens on a free port; `close` ends it, open connections included. */
export async function listen(answer) {
  const server = createServer((request, response) => {
    Promise.resolve(answer(request, response)).catch((error) => {
      console.error(`${request.method} ${request.url}: ${error.stack}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://localhost:${server.address().port}`, close };
}

const packed = new Map();

function pack(body, quality) {
  const key = `${quality}:${body.toString("latin1")}`;
  if (!packed.has(key)) packed.set(key, brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }));
  return packed.get(key);
}

/** Answers with a body, packed where the browser takes it. `lasting`: it is a file. */
export function reply(request, response, { status = 200, headers = {}, body = Buffer.alloc(0), lasting = false }) {
  const type = headers["content-type"] ?? "";
  const takes = /\bbr\b/.test(request.headers["accept-encoding"] ?? "");
  const fit = takes && body.length >= LEAST_BYTES && PACKED.test(type) && !headers["content-encoding"];
  const sent = fit ? pack(body, lasting ? QUALITY.file : QUALITY.answer) : body;
  const more = fit ? { "content-encoding": "br", vary: "accept-encoding" } : {};
  response.writeHead(status, { ...headers, ...more, "content-length": sent.length });
  response.end(request.method === "HEAD" ? undefined : sent);
}

export async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The way to an edge. `from()` is the network that a visit comes from: everybody has one of their own. */
export function gateway(upstream, from) {
  const { hostname, port } = new URL(upstream);
  return listen(async (request, response) => {
    const body = await read(request);
    const headers = { ...request.headers, "cf-connecting-ip": from(), "accept-encoding": "identity" };
    const options = { hostname, port, path: request.url, method: request.method, headers };
    const answer = await new Promise((resolve, reject) => ask(options, resolve).on("error", reject).end(body));
    const { "transfer-encoding": _, "content-length": __, connection: ___, ...kept } = answer.headers;
    reply(request, response, {
      status: answer.statusCode,
      headers: kept,
      body: await read(answer),
      lasting: /immutable/.test(kept["cache-control"] ?? "") || request.url === "/tag.js",
    });
  });
}

/**
 * The demo shop's home page without its own scripts: whatever script runs on it is the tag's. `tags` is what stands in
 * its head for each `?v=`, and what its button does.
 */
export async function shop(tags) {
  const demo = await serve({ port: 0, edge: "http://localhost:2", key: "pk_none" });
  const pages = await listen(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const answer = await fetch(demo.url + url.pathname + (url.pathname === "/" ? "?tag=none" : url.search));
    const headers = { "content-type": answer.headers.get("content-type") ?? "", "cache-control": "no-cache" };
    let body = Buffer.from(await answer.arrayBuffer());
    const tag = url.pathname === "/" && tags().get(url.searchParams.get("v"));
    if (tag) body = Buffer.from(withTag(body.toString("utf8"), tag));
    reply(request, response, { status: answer.status, headers, body, lasting: true });
  });
  return { url: pages.url, close: () => Promise.all([pages.close(), demo.close()]) };
}

function withTag(html, { head, pressed }) {
  const bare = html.replace(/<script type="module"[^>]*><\/script>\n?/g, "");
  const button = `<button class="button" id="ask" type="button" onclick="${pressed}">Anything else?</button>`;
  if (/<script (?!type="application\/ld\+json")/.test(bare)) throw new Error("the page has a script of its own");
  return bare.replace("</head>", `${head}</head>`).replace('<p class="row">', `$&${button} `);
}
