// Sends a burst of signed webhooks over a pool of connections, each as soon as one is free, and prints
// what came of it. A process of its own: its work is not the server's.
//
// node load.mjs '{"port": 1, "shop": "pk_…", "secret": "…", "connections": 64, "burst": 1000, "from": 0}'

import { Agent, request } from "node:http";

import { timed } from "../../harness/server.mjs";

const { port, shop, secret, connections, burst, from } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: connections });

/** What a shop's server says over a day: a customer, then an order of theirs and what becomes of it. */
function said(n) {
  const at = new Date().toISOString();
  const who = Math.floor(n / 4);
  const order = { id: `o${who}`, currency: "EUR" };
  const items = [1, 2].map((k) => ({ product: `SKU-${(n + k) % 97}`, name: `Product ${n % 97}`, quantity: k, price: "19.90" }));
  const says = [
    { type: "customer.updated", customer: { id: `c${who}`, emails: [`shopper.${who}@example.org`], given_name: "Anna", language: "de", country: "DE" } },
    { type: "order.placed", order: { ...order, number: `#${10_000 + who}`, customer_id: `c${who}`, email: `shopper.${who}@example.org`, total: "59.70", items } },
    { type: "payment.received", order, payment: { id: `p${who}`, amount: "59.70" } },
    { type: "fulfilment.shipped", order, fulfilment: { id: `f${who}`, carrier: "DHL" } },
  ];
  return Buffer.from(JSON.stringify({ v: 1, id: `b${n}`, at, ...says[n % 4] }));
}

const bodies = Array.from({ length: burst }, (_, n) => {
  const body = said(from + n);
  return { body, signature: timed(secret, body) };
});

const latencies = [];
let refused = 0;
let first;

const send = ({ body, signature }) =>
  new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": body.length, "rapport-signature": signature };
    const asked = request({ port, host: "127.0.0.1", agent, method: "POST", path: `/v1/hooks/${shop}/generic`, headers });
    let began = performance.now();
    // From the moment at which a connection was free: the wait for one is the pool's.
    asked.on("socket", () => { began = performance.now(); });
    asked.on("error", reject);
    asked.on("response", (answer) => {
      let text = "";
      answer.on("data", (chunk) => { text += chunk; });
      answer.on("end", () => {
        latencies.push(performance.now() - began);
        if (answer.statusCode !== 202) {
          refused += 1;
          first ??= `${answer.statusCode} ${text}`;
        }
        resolve();
      });
    });
    asked.end(body);
  });

const began = performance.now();
await Promise.all(bodies.map(send));
const took = performance.now() - began;
agent.destroy();
const sorted = latencies.sort((a, b) => a - b);
const quantile = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
console.log(JSON.stringify({ refused, first, p50_ms: quantile(0.5), p99_ms: quantile(0.99), max_ms: sorted.at(-1), took_ms: took }));
