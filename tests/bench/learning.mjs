// What learning a shop at the edge takes: the deployed build on bare workerd is told what it sells and what its visitors
// looked at by its public API, counts that, and learns it in slices. Printed: how long counting and learning took, each
// stage's slices, what the files weigh, and the most memory that workerd had.
//
// --data FILE: sessions of a real shop (tab-separated: SessionId, ItemId, Time in seconds). Without it, or beside it with
// --made, a shop that is made up by seed: 20,000 products and a million views.
//
// node tests/bench/learning.mjs [--json] [--data FILE] [--made] [--events 1000000] [--products 20000] [--objects 1] [--build deploy] [--folder /dev/shm]

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";

import { networkAddress, uuid } from "../harness/ids.mjs";
import { seeded } from "../harness/random.mjs";
import { learner, sell, shelvedRelease } from "../harness/shelf.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const { values: wanted } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    data: { type: "string" },
    made: { type: "boolean", default: false },
    events: { type: "string", default: "1000000" },
    products: { type: "string", default: "20000" },
    objects: { type: "string", default: "1" },
    build: { type: "string", default: "deploy" },
    folder: { type: "string", default: tmpdir() },
  },
});
/** What is promised of a slice: it ends long before the platform would end it, and memory stays well below its 128 MB. */
const LONGEST_SLICE_MS = 30_000;
const DAY_MS = 86_400_000;
const CONNECTIONS = 12;
const AT_A_TIME = 1_000;
const say = (text) => process.stderr.write(`${text}\n`);

/** Sessions of a file, moved so that the last of them ended a minute ago. */
function read(file) {
  const lines = readFileSync(file, "utf8").split("\n").slice(1).filter(Boolean).map((line) => line.split("\t"));
  const sessions = new Map();
  let last = 0;
  for (const [session, item, seconds] of lines) {
    const at = Number(seconds) * 1_000;
    last = Math.max(last, at);
    if (!sessions.has(session)) sessions.set(session, []);
    sessions.get(session).push({ at, item: `i${item}` });
  }
  const later = Date.now() - 60_000 - last;
  const all = [...sessions.values()].map((views) => views.sort((a, b) => a.at - b.at).map(({ at, item }) => ({ at: at + later, item })));
  const items = [...new Set(lines.map(([, item]) => `i${item}`))];
  return { sessions: all, products: items.map((id) => ({ id, title: `Item ${id}` })) };
}

const MATERIALS = ["Linen", "Cotton", "Wool", "Silk", "Denim", "Leather", "Cashmere", "Velvet", "Canvas", "Bamboo"];
const COLOURS = ["white", "black", "navy", "sage", "rust", "sand", "rose", "stone", "olive", "plum", "sky", "amber"];
const THINGS = ["shirt", "dress", "coat", "scarf", "hat", "bag", "belt", "skirt", "blouse", "jacket", "jumper", "trousers", "sandals", "boots", "socks", "apron", "cushion", "throw", "robe", "towel"];

/** A shop made up by seed: products in groups, visitors who mostly stay within one. */
function make(events, products) {
  const random = seeded(5);
  const pick = (list) => list[random.between(0, list.length - 1)];
  const all = Array.from({ length: products }, (_, n) => {
    const thing = THINGS[n % THINGS.length];
    return {
      id: `m${n}`,
      title: `${pick(MATERIALS)} ${thing} ${pick(COLOURS)} ${n}`,
      description: `A ${thing} of ${pick(MATERIALS).toLowerCase()}, ${pick(COLOURS)} with ${pick(COLOURS)}, made in small numbers, number ${random.between(1, 5_000)}.`,
      categories: [`Shop > ${thing}`],
      brand: `Maker ${n % 40}`,
    };
  });
  const sessions = [];
  for (let made = 0; made < events; ) {
    const length = Math.min(events - made, 1 + Math.floor(-Math.log(1 - random.between(0, 999) / 1_000) * 5));
    let at = Date.now() - random.between(1, 30) * DAY_MS;
    // What is popular is looked at more: the square of an even number.
    let item = Math.floor((random.between(0, 999_999) / 1_000_000) ** 2 * products);
    const views = [];
    for (let n = 0; n < Math.max(length, 1); n++) {
      views.push({ at, item: `m${item}` });
      at += random.between(5, 120) * 1_000;
      item = random.between(0, 9) < 8 ? Math.min(products - 1, Math.max(0, item + THINGS.length * random.between(-8, 8))) : Math.floor((random.between(0, 999_999) / 1_000_000) ** 2 * products);
    }
    sessions.push(views);
    made += views.length;
  }
  return { sessions, products: all };
}

const peakMemory = (pid) => 1_024 * Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)[1]);
/** CPU time that a process has used, in milliseconds: Linux counts it in ticks of 10 ms. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(name, { sessions, products }) {
  const folder = mkdtempSync(join(wanted.folder, "rapport-learning-"));
  const edge = await startBareEdge(folder, { build: wanted.build, bindings: { LEARN_EVERY: "36000" } });
  const { pid } = edge.process;
  const events = sessions.reduce((sum, views) => sum + views.length, 0);
  try {
    const shop = await edge.createShop({ objects: Number(wanted.objects) });
    await shop.publish(shelvedRelease());
    say(`${name}: ${products.length} products, ${sessions.length} sessions, ${events} events`);
    for (let n = 0; n < products.length; n += AT_A_TIME) {
      const some = products.slice(n, n + AT_A_TIME);
      await sell(shop, some.map((product) => ({ url: `${shop.origin}/things/${product.id}`, price: "19.90", currency: "EUR", in_stock: true, ...product })));
    }
    await until("the catalogue is learned", async () => {
      const { learned, under_way: at } = await learner(shop);
      return learned && !at;
    }, { within: 1_800_000, every: 500 });

    const began = Date.now();
    let next = 0;
    const send = async () => {
      while (next < sessions.length) {
        const views = sessions[next++];
        const visitor = uuid();
        for (let n = 0; n < views.length; n += 100) {
          const some = views.slice(n, n + 100);
          const all = some.map(({ at, item }) => shop.event("product.viewed", { at, product: { id: item }, url: `${shop.origin}/things/${item}` }));
          const answer = await shop.send(all, { visitor, from: networkAddress() });
          if (answer.status !== 202 || answer.json.refused.length > 0) throw new Error(`events: ${answer.status} ${answer.text}`);
        }
        if (next % 20_000 === 0) say(`  ${next} sessions sent`);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    const sent = Date.now();
    say(`  sent within ${((sent - began) / 1_000).toFixed(1)} s`);
    const counted = await until("everybody is counted", async () => {
      const status = await learner(shop);
      const visitors = status.counted.objects.reduce((sum, object) => sum + object.visitors, 0);
      return visitors >= sessions.length && status;
    }, { within: 3_600_000, every: 500 });
    const counting = (Date.now() - sent) / 1_000;
    say(`  counted ${counting.toFixed(1)} s later; ${counted.counted.waiting} tellings wait`);

    const [learningBegan, before] = [Date.now(), cpu(pid)];
    const { learned: last } = await learner(shop);
    await shop.admin("POST", "learner/learn", { json: {} });
    const status = await until("it is learned", async () => {
      await pause(100);
      const now = await learner(shop);
      return now.learned.generation > last.generation && !now.under_way && now;
    }, { within: 3_600_000, every: 100 });
    const wall = Date.now() - learningBegan;
    const figures = {
      name, products: products.length, events, sessions: sessions.length,
      counted_s: counting, learning_ms: wall, learning_cpu_ms: cpu(pid) - before,
      stages: status.learned.took, files: status.files, rows: status.counted.rows, row_bytes: status.counted.bytes,
      wasm_mb: Math.round(status.memory / 1e6), memory_mb: Math.round(peakMemory(pid) / 1e6),
    };
    const longest = Math.max(...Object.values(figures.stages).map((took) => took.longest_ms));
    if (wanted.json) {
      console.log(JSON.stringify(figures));
    } else {
      console.log(`${name}: learned within ${(wall / 1_000).toFixed(1)} s, ${(figures.learning_cpu_ms / 1_000).toFixed(1)} s of CPU; longest slice ${longest} ms; Rust has at most ${figures.wasm_mb} MB, workerd ${figures.memory_mb} MB`);
      for (const [stage, { slices, ms, longest_ms }] of Object.entries(figures.stages)) console.log(`  ${stage.padEnd(10)} ${String(slices).padStart(4)} slices ${String(ms).padStart(7)} ms, longest ${longest_ms} ms`);
      console.log(`  ${status.files.count} files, ${status.files.bytes} bytes compressed, ${status.files.uncompressed} not; ${figures.rows} rows of sums, ${figures.row_bytes} bytes`);
    }
    return longest <= LONGEST_SLICE_MS;
  } finally {
    await edge.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

let good = true;
if (wanted.data) good = (await measure("real", read(resolve(process.env.INIT_CWD ?? ".", wanted.data)))) && good;
if (!wanted.data || wanted.made) good = (await measure("made up", make(Number(wanted.events), Number(wanted.products)))) && good;
process.exitCode = good ? 0 : 1;
