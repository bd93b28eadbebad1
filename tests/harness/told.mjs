// Shoppers and merchants who are told things: texts with permission, journeys of one step, a listening server.

import { createHmac } from "node:crypto";
import { createServer } from "node:http";

import { emailAddress, uuid } from "./ids.mjs";
import { changedRelease, helloForm } from "./release.mjs";
import { statement } from "./server.mjs";

const DAY_MS = 86_400_000;

/** The demo shop with one journey instead of its own: it begins with each order, and has these steps. */
export function orderRelease(steps, more = () => {}) {
  return changedRelease((config) => {
    const acts = steps.map((act, n) => ({ id: `step-${n}`, act, next: act.message?.otherwise ? steps.length : n + 1 }));
    config.journeys = [{ name: "told", entry: { event: { event: "order.confirmed", same: false } }, key: "subject", again: "always", exits: [], steps: acts }];
    helloForm(config).journey = null;
    more(config);
  });
}

/** A shop whose orders bring a text that advertises, and a letter if none can be sent; or the other way round. */
export function textRelease(first = "sms") {
  const say = (channel) => ({ message: { channel, name: "news", valid_for: 9 * DAY_MS, today_only: false } });
  const [one, other] = first === "sms" ? ["sms", "email"] : ["email", "sms"];
  return orderRelease([{ message: { ...say(one).message, otherwise: 1 } }, say(other)], (config) => {
    const words = {
      en: "Big news from {{ shop.name }}. Reply STOP, or {{ link.unsubscribe }} or {{ link.preferences }}",
      ar: "خبر كبير من {{ shop.name }}. للإيقاف STOP أو {{ link.unsubscribe }} أو {{ link.preferences }}",
    };
    config.texts.news = { kind: "marketing", texts: words };
    config.mails.news = config.mails["win-back"];
    delete config.limits;
  });
}

let numbers = 0;

/** Somebody known by address and number who allows both, as the shop's server says. */
export async function both(server, { allow = ["email.marketing", "sms.marketing"], ...more } = {}) {
  const [email, id] = [emailAddress(), `c-${uuid()}`];
  const phone = `+49151${String(10_000_000 + process.pid * 100 + ++numbers).slice(-8)}`;
  const at = new Date().toISOString();
  const permissions = allow.map((permission) => ({ permission, given: true, at, method: "checkbox at checkout", wording: "Write to me", source: "till", proven: true }));
  await server.tell(statement("customer.updated", { customer: { id, emails: [email], phones: [phone], country: "DE", permissions, ...more } }));
  await server.settled();
  return { id, email, phone };
}

/** Starts a shop's server that listens. `answer(call)` gives a status, nothing to stay silent, or "hang up". */
export async function startListener(answer = () => 200) {
  const listener = { calls: [], answer };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const call = { headers: request.headers, path: request.url, method: request.method, body, json: JSON.parse(body.toString("utf8")) };
    listener.calls.push(call);
    const status = listener.answer(call, listener.calls.length);
    if (status === undefined) return;
    if (status === "hang up") request.socket.destroy();
    else response.writeHead(status, status >= 300 && status < 400 ? { location: `${listener.url}/elsewhere` } : {}).end("noted");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  listener.url = `http://localhost:${server.address().port}/rapport`;
  listener.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return listener;
}

/** Whether a call is signed with a secret as README says, less than five minutes ago. */
export function isSigned({ headers, body }, secret) {
  const [, t, v1] = headers["rapport-signature"]?.match(/^t=(\d+),v1=([0-9a-f]{64})$/) ?? [];
  const expected = createHmac("sha256", secret).update(`${t}.`).update(body).digest("hex");
  return v1 === expected && Math.abs(Date.now() / 1_000 - Number(t)) < 300;
}
