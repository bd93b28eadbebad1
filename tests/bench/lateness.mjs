// How late messages of journeys leave when ten thousand are due within one minute, with a million jobs waiting; and how
// fast a backlog is cleared after `kill -9`: the deployed build with the real clock on bare workerd, its messages
// to a relay that takes 50 ms to answer. With one object and with eight.
//
// The stores are filled while nothing runs, with copies of what the product has written itself (`lateness/fill.mjs`).
// Each message is a journey's whose timer rings, that says something, which is decided about, claimed and handed over.
//
// node tests/bench/lateness.mjs [--json] [--messages 10000] [--pending 1000000] [--objects 1,8] [--build deploy] [--flags --perf-basic-prof]

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";

import { emailAddress } from "../harness/ids.mjs";
import { readMail } from "../harness/mime.mjs";
import { changedRelease, remindAlways } from "../harness/release.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";
import { fill, seedOf, setDue, stores } from "./lateness/fill.mjs";

const { values: wanted } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    messages: { type: "string", default: "10000" },
    pending: { type: "string", default: "1000000" },
    objects: { type: "string", default: "1,8" },
    build: { type: "string", default: "deploy" },
    folder: { type: "string", default: tmpdir() },
    flags: { type: "string", default: "" },
  },
});
const [messages, pending] = [Number(wanted.messages), Number(wanted.pending)];

/** What is promised: so late at most, in milliseconds, are 99 of 100. */
const BAR_MS = 60_000;
/** Within so long they are due. */
const MINUTE_MS = 60_000;
/** So long the relay takes to answer. */
const ANSWER_MS = 50;
/** So many messages one object may have under way. */
const AT_A_TIME = 8;
/** So long the journey of whoever is copied waits: until then nothing may ring. */
const WAIT_MS = 30_000;
const JOURNEY = "welcome";
/** Over so many shares everybody is spread (`domain::place`). */
const BUCKETS = 4_096;

/** A relay that remembers which claim it took when, and nothing else of a message. */
async function startRelay() {
  const relay = { taken: new Map(), twice: 0, questions: new Map() };
  const server = createServer(async (request, response) => {
    const claim = request.headers["idempotency-key"];
    const chunks = [];
    try {
      for await (const chunk of request) if (claim.startsWith("confirm:")) chunks.push(chunk);
    } catch {
      return; // The sender died while it was sending: nothing was taken.
    }
    await pause(ANSWER_MS);
    if (chunks.length > 0) relay.questions.set(request.headers["x-envelope-to"], Buffer.concat(chunks).toString("utf8"));
    if (relay.taken.has(claim)) relay.twice += 1;
    relay.taken.set(claim, Date.now());
    response.writeHead(202).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  relay.url = `http://127.0.0.1:${server.address().port}/`;
  relay.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return relay;
}

/** The highest that a process's memory has been, in bytes. */
const peakMemory = (pid) => 1_024 * Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)[1]);
/** CPU time that a process has used, in milliseconds: Linux counts it in ticks of 10 ms. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
const percentile = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
/** How many a second, over the middle of what happened at these moments. */
function rate(moments) {
  const sorted = moments.toSorted((a, b) => a - b);
  const [from, to] = [Math.floor(sorted.length * 0.1), Math.floor(sorted.length * 0.9)];
  return ((to - from) * 1_000) / (sorted[to] - sorted[from]);
}

async function measure(objects) {
  const folder = mkdtempSync(join(wanted.folder, "rapport-lateness-"));
  const relay = await startRelay();
  const say = (text) => process.stderr.write(`${objects} ${objects === 1 ? "object" : "objects"}: ${text}\n`);
  const v8Flags = wanted.flags.split(",").filter(Boolean);
  const start = () => startBareEdge(folder, { build: wanted.build, bindings: { SENDER: "relay", RELAY_URL: relay.url }, v8Flags });
  let edge = await start();
  try {
    const shop = await edge.createShop({ objects });
    await shop.publish(changedRelease((config) => remindAlways(config, WAIT_MS)));
    // Somebody signs up in each object.
    const began = Date.now();
    await signUp(shop, relay);
    await edge.kill();
    if (Date.now() - began > WAIT_MS) throw new Error("signing up took too long: a journey has gone on");

    const share = Math.ceil(messages / objects);
    const places = stores(folder).map((store) => {
      const email = (object, n) => `somebody.${n}@object${object}.example.org`;
      const ids = fill(store, { shop: shop.key, journey: JOURNEY, people: 2 * share, each: Math.ceil(pending / (2 * share * objects)), email });
      return { store, first: ids.slice(0, share), second: ids.slice(share) };
    });
    const waiting = places.reduce((sum, { store }) => sum + store.db.prepare("SELECT count(*) AS n FROM jobs").get().n, 0);
    const due = new Map();
    const plan = (which, from) => {
      for (const { store, [which]: ids } of places) {
        const moment = (n) => Math.floor(from + (n * MINUTE_MS) / ids.length);
        setDue(store, ids, JOURNEY, moment);
        ids.forEach((id, n) => due.set(seedOf(id), moment(n)));
      }
    };
    /** What of the messages of some people has left: `[{at, late}]`. */
    const left = (which) => {
      const seeds = new Set(places.flatMap((place) => place[which].map(seedOf)));
      const theirs = [...relay.taken].filter(([claim]) => claim.endsWith("send-reminder") && seeds.has(claim.split(":")[1]));
      return theirs.map(([claim, at]) => ({ at, late: at - due.get(claim.split(":")[1]) }));
    };
    const later = Date.now() + 3_600_000;
    plan("second", later);
    await pause(began + WAIT_MS - Date.now());
    plan("first", Date.now() + 5_000);
    say(`${waiting} jobs wait`);

    // Ten thousand within a minute.
    edge = await start();
    shop.edge = edge;
    await shop.status();
    const used = cpu(edge.process.pid);
    await until("all have left", () => left("first").length >= share * objects, { within: 600_000, every: 1_000 });
    const first = left("first");
    const late = first.map((each) => each.late);
    const memory = peakMemory(edge.process.pid);
    // Of the process as a whole, its start included.
    const work = (cpu(edge.process.pid) - used) / first.length;
    say(`p99 ${percentile(late, 0.99)} ms late, ${rate(first.map(({ at }) => at)).toFixed(0)} a second, ${work.toFixed(1)} ms of CPU each`);
    await until("all is written down", () => idle(shop));
    const doubted = (await shop.status()).counts.unknown;
    await edge.kill();

    // The same once more, with a crash when a part of them has left.
    plan("second", Date.now() + 5_000);
    edge = await start();
    shop.edge = edge;
    await shop.status();
    await pause(20_000);
    await edge.kill();
    const before = left("second").length;
    await pause(Math.max(0, Math.max(...due.values()) - Date.now()) + 1_000);
    edge = await start();
    shop.edge = edge;
    const again = Date.now();
    await shop.status();
    await until("the backlog is cleared", async () => left("second").length >= share * objects - objects * AT_A_TIME && (await idle(shop)), { within: 600_000, every: 1_000 });
    const cleared = left("second").filter(({ at }) => at >= again);
    const doubt = (await shop.status()).counts.unknown - doubted;
    say(`${before} before the crash, ${cleared.length} after it at ${rate(cleared.map(({ at }) => at)).toFixed(0)} a second, ${doubt} in doubt`);
    if (left("second").length + doubt < share * objects) throw new Error("messages are missing");
    if (relay.twice > 0) throw new Error(`${relay.twice} messages were handed over twice`);
    if (doubt > objects * AT_A_TIME) throw new Error(`${doubt} messages are in doubt`);
    return {
      p50: percentile(late, 0.5),
      p99: percentile(late, 0.99),
      worst: Math.max(...late),
      rate: rate(first.map(({ at }) => at)),
      cpu: work,
      backlog: cleared.length,
      backlog_rate: rate(cleared.map(({ at }) => at)),
      unknown: doubt,
      memory: Math.max(memory, peakMemory(edge.process.pid)),
      waiting,
    };
  } finally {
    await edge.kill();
    relay.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Somebody signs up in each object, and their journey waits. */
async function signUp(shop, relay) {
  const covered = new Set();
  while (covered.size < shop.objects) {
    const email = emailAddress();
    await shop.submit({ email, allow: ["email.marketing"] });
    const question = await until("the question arrives", () => relay.questions.get(email));
    const [, link] = readMail(question).parts[0].text.match(/https?:\/\/[^/]+(\/c\/\S+)/);
    const confirmed = await shop.edge.ask("POST", link);
    if (confirmed.status !== 200) throw new Error(`confirmation: ${confirmed.status} ${confirmed.text}`);
    const { id } = await shop.person(email);
    await until("the welcome arrives", () => [...relay.taken.keys()].some((claim) => claim.startsWith(`${JOURNEY}:${seedOf(id)}:`)));
    // Where somebody lives stands in their id.
    const bucket = Number.parseInt(id.split("-")[2].slice(1), 16);
    covered.add(Math.floor((bucket * shop.objects) / BUCKETS));
  }
  // The last answer is on its way to being written down.
  await until("all is written down", async () => (await shop.list("messages")).every(({ state }) => state === "accepted"));
}

/** Nothing is due any more. */
async function idle(shop) {
  const { clock, next_due: next } = await shop.status();
  return next === null || next > clock.now;
}

const figures = [];
for (const objects of wanted.objects.split(",").map(Number)) {
  const measured = await measure(objects);
  const figure = (name, value, unit, bar) =>
    figures.push({ figure: `lateness_${name}_${objects}`, value, unit, ...(bar !== undefined && { bar, holds: value <= bar }) });
  figure("jobs_waiting", measured.waiting, "jobs");
  figure("p50", measured.p50, "ms");
  figure("p99", measured.p99, "ms", BAR_MS);
  figure("worst", measured.worst, "ms");
  figure("rate", Math.round(measured.rate), "1/s");
  figure("cpu", Number(measured.cpu.toFixed(1)), "ms each");
  figure("backlog", measured.backlog, "messages");
  figure("backlog_rate", Math.round(measured.backlog_rate), "1/s");
  figure("in_doubt", measured.unknown, "messages", objects * AT_A_TIME);
  figure("peak_memory", Math.round(measured.memory / 1e6), "MB");
}
for (const figure of figures) {
  const { figure: name, value, unit, bar, holds } = figure;
  const judged = bar === undefined ? "" : `  at most ${bar}: ${holds ? "holds" : "MISSED"}`;
  console.log(wanted.json ? JSON.stringify(figure) : `${name.padEnd(26)} ${String(value).padStart(9)} ${unit}${judged}`);
}
if (figures.some(({ holds }) => holds === false)) process.exitCode = 1;
