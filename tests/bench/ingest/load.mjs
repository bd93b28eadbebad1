// Sends batches of events over so many connections for so long, each as soon as the one before is
// answered, and prints what came of it. A process of its own: its work is not the server's.
//
// node load.mjs '{"port": 1, "shop": "pk_…", "origin": "https://…", "connections": 8, "events": 10, "seconds": 3}'

import { randomBytes } from "node:crypto";
import { connect } from "node:net";

import { uuid } from "../../harness/ids.mjs";

const { port, shop, origin, connections, events, seconds } = JSON.parse(process.argv[2]);

/** So many requests of one browser, then another one comes. */
const REQUESTS_OF_A_VISITOR = 8;

/** What a shop's pages tell, in the proportion in which they do. */
function told(n) {
  const page = { url: `${origin}/p/product-${n % 97}`, title: `Product ${n % 97} · A believable shop`, referrer: `${origin}/c/hats` };
  const product = { id: `SKU-${n % 97}`, name: `Product ${n % 97}`, price: "19.90", currency: "EUR", category: "Hats" };
  const items = [1, 2].map((k) => ({ product: `SKU-${(n + k) % 97}`, quantity: k, price: "19.90" }));
  switch (n % 10) {
    case 3: case 7:
      return { type: "product.viewed", url: page.url, product };
    case 5:
      return { type: "cart.changed", cart: { items, currency: "EUR", total: "59.70" } };
    case 9:
      return { type: "campaign.shown", campaign: "hello", version: "3c9ed9231ee5d913", as: "popup", why: "time" };
    default:
      return { type: "page.viewed", ...page };
  }
}

/** A request whose ids and times are written anew each time it is sent. */
class Batch {
  constructor(seed) {
    const at = Date.now();
    const list = Array.from({ length: events }, (_, n) => ({ id: uuid(at), at, ...told(seed + n) }));
    this.body = Buffer.from(JSON.stringify({ v: 1, sent: at, events: list }));
    const find = (marker) => {
      const places = [];
      for (let place = this.body.indexOf(marker); place !== -1; place = this.body.indexOf(marker, place + 1)) {
        places.push(place + marker.length);
      }
      return places;
    };
    this.ids = find('"id":"0');
    this.times = [...find('"at":'), ...find('"sent":')];
    this.sent = 0;
  }

  next() {
    if (this.sent++ % REQUESTS_OF_A_VISITOR === 0) {
      const address = randomBytes(4).join(".");
      this.head = Buffer.from(
        `POST /v1/events?shop=${shop}&visitor=${uuid()}&objects=1 HTTP/1.1\r\nhost: edge.example\r\n` +
          `origin: ${origin}\r\ncontent-type: text/plain;charset=UTF-8\r\ncf-connecting-ip: ${address}\r\n` +
          "user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36\r\n" +
          `accept: */*\r\naccept-language: en\r\ncontent-length: ${this.body.length}\r\n\r\n`,
      );
    }
    const now = Date.now().toString();
    const moment = Date.now().toString(16).padStart(12, "0");
    const random = randomBytes(this.ids.length * 8).toString("hex");
    for (const [n, place] of this.ids.entries()) {
      // The first digit is part of the marker: "0" until the year 2527.
      const own = random.slice(n * 16, n * 16 + 15);
      this.body.latin1Write(`${moment.slice(1, 8)}-${moment.slice(8)}-7${own.slice(0, 3)}-8${own.slice(3, 6)}-${own.slice(6, 15)}`, place);
    }
    for (const place of this.times) this.body.latin1Write(now, place);
    return [this.head, this.body];
  }
}

const result = { requests: 0, refused: 0, latencies: [] };
let over = false;

/** One connection, until the time is over. */
function keepSending(seed) {
  return new Promise((resolve, reject) => {
    const batch = new Batch(seed);
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let began;
    let read = Buffer.alloc(0);
    const send = () => {
      if (over) return socket.end();
      began = performance.now();
      const [head, body] = batch.next();
      socket.cork();
      socket.write(head);
      socket.write(body);
      socket.uncork();
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("close", resolve);
    socket.on("data", (chunk) => {
      read = read.length ? Buffer.concat([read, chunk]) : chunk;
      const end = answerEnd(read);
      if (end === -1) return;
      const answer = read.toString("latin1", 0, end);
      read = read.subarray(end);
      if (answer.startsWith("HTTP/1.1 202 ") && answer.includes(`"accepted":${events}`)) result.requests += 1;
      else if (result.refused++ === 0) process.stderr.write(`${answer}\n`);
      result.latencies.push(performance.now() - began);
      send();
    });
  });
}

/** Where an answer ends in what was read; -1 while it has not. */
function answerEnd(read) {
  const headEnd = read.indexOf("\r\n\r\n");
  if (headEnd === -1) return -1;
  const head = read.toString("latin1", 0, headEnd).toLowerCase();
  const length = head.match(/content-length: *(\d+)/);
  if (length) {
    const end = headEnd + 4 + Number(length[1]);
    return read.length >= end ? end : -1;
  }
  const end = read.indexOf("\r\n0\r\n\r\n", headEnd);
  return end === -1 ? -1 : end + 7;
}

const began = performance.now();
setTimeout(() => { over = true; }, seconds * 1_000);
await Promise.all(Array.from({ length: connections }, (_, n) => keepSending(n * 31)));
const took = (performance.now() - began) / 1_000;
const sorted = result.latencies.sort((a, b) => a - b);
const quantile = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
console.log(
  JSON.stringify({
    events: result.requests * events,
    refused: result.refused,
    per_second: (result.requests * events) / took,
    p50_ms: quantile(0.5),
    p99_ms: quantile(0.99),
    load_cpu_s: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  }),
);
