// A shop for tests: an edge that hears what it is told, and a browser that keeps cookies.

import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { serve } from "./server.mjs";

export const KEY = "pk_0123456789abcdefghij";
export const SECRET = "a secret of the shop and the edge";
export const TAG = "window.loaded = true;";

/** An order that can be placed: 89.00 and twice 16.00. */
export const ORDER = {
  email: "jonas@shop.example", given_name: "Jonas", family_name: "Brandt", street: "Quay 4", postcode: "24999", city: "Skerry Sound", country: "DE",
  delivery: "post", code: "hello-7kq2m9xd", cart_id: "a-cart",
  cart: JSON.stringify([{ product: "low-tide-suit", colour: "kelp", size: "M", quantity: 1 }, { product: "ferry-mug", colour: "white", quantity: 2 }]),
};

/** An edge that hands out a tag and takes what it is told. `refusals` webhooks are refused before one is taken. */
export async function listen({ refusals = 0 } = {}) {
  const waiting = [];
  const told = [];
  const server = createServer(async (request, response) => {
    if (request.url === "/tag.js") return response.end(TAG);
    const chunks = await request.toArray();
    if (request.url !== `/v1/hooks/${KEY}/generic`) return response.end("edge");
    const body = Buffer.concat(chunks).toString("utf8");
    response.writeHead(refusals-- > 0 ? 503 : 202).end();
    const statement = { body, said: JSON.parse(body), signature: request.headers["rapport-signature"] };
    if (waiting.length > 0) waiting.shift()(statement);
    else told.push(statement);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://localhost:${server.address().port}`,
    /** What it is told next. */
    next: () => new Promise((resolve) => (told.length > 0 ? resolve(told.shift()) : waiting.push(resolve))),
    close: () => server.close(),
  };
}

/** Whether a signature is the shop's for a text, as README says it is made. */
export function isSigned(signature, text) {
  const [, at] = signature.match(/^t=(\d+),/) ?? [];
  return signature === `t=${at},v1=${createHmac("sha256", SECRET).update(`${at}.${text}`).digest("hex")}` && Math.abs(Date.now() / 1_000 - at) < 300;
}

/** Somebody with a browser: keeps cookies, follows no redirection by itself. */
export class Browser {
  cookies = new Map();

  constructor(shop, headers = {}) {
    Object.assign(this, { shop, headers });
  }

  async get(path) {
    return this.#ask(path, {});
  }

  /** Sends a form; a field with a list is sent several times. */
  async post(path, fields = {}) {
    const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
    return this.#ask(path, { method: "POST", body: new URLSearchParams(pairs) });
  }

  async #ask(path, options) {
    const cookie = [...this.cookies].map((pair) => pair.join("=")).join("; ");
    const response = await fetch(this.shop.url + path, { ...options, redirect: "manual", headers: { ...this.headers, ...(cookie && { cookie }) } });
    for (const line of response.headers.getSetCookie()) this.cookies.set(...line.split(";")[0].split("="));
    return { status: response.status, headers: response.headers, location: response.headers.get("location"), text: await response.text() };
  }
}

/** A shop that talks with an edge, until the test's end; `now` tells it what time it is. */
export async function open(t, { now, ...options } = {}) {
  const edge = await listen(options);
  const shop = await serve({ port: 0, edge: edge.url, key: KEY, secret: SECRET, now });
  t.after(async () => {
    await shop.close();
    edge.close();
  });
  return { edge, shop };
}
