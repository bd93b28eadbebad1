// The Worker in miniflare.

import { join } from "node:path";

import { convertV4MiniflareOptions, Miniflare } from "miniflare";

import { deployment, edgeModules, reportMigrations } from "./build.mjs";
import { ROOT } from "./folder.mjs";
import { Shop } from "./shop.mjs";

/** What the owner of this deployment holds. */
export const OWNER = "owner-of-this-deployment";
/** The deployment's secrets: a fresh deployment has one master key. */
export const SECRETS = {
  RAPPORT_OWNER_TOKEN: OWNER,
  RAPPORT_INDEX_KEY: key(1),
  RAPPORT_MASTER_KEYS: `1:${key(2)}`,
};

/** A secret of 32 bytes as a deployment is given it. */
export function key(byte) {
  return Buffer.alloc(32, byte).toString("base64");
}

/** The shape of a Worker with our three classes of objects, for miniflare. */
export function workerOptions({ modules, bindings = {}, ...rest }) {
  return {
    name: "edge",
    modules,
    compatibilityDate: deployment().compatibility_date,
    durableObjects: {
      SHARD: { className: "Shard", useSQLite: true },
      SHOP: { className: "Shop", useSQLite: true },
      LEARNER: { className: "Learner", useSQLite: true },
    },
    bindings,
    ...rest,
  };
}

/**
 * Starts the edge.
 *
 * - `build`: `dev` has the development clock, `deploy` is what is deployed
 * - `persist`: a folder that outlives this edge
 * - `bindings`: variables and secrets beside (or, as `undefined`, without) the usual ones
 * - `assets`: serves target/site as a deployment does
 * - `reports`: false for a deployment without D1
 * - `inspect`: lets a test read and write the objects' tables
 */
export async function startEdge({
  build = "dev",
  persist,
  bindings = {},
  assets = false,
  reports = true,
  inspect = false,
  port = 0,
} = {}) {
  const { script, wasm } = edgeModules(build);
  const variables = { SENDER: "inbox", POINTER_MAX_AGE: "0", ...SECRETS, ...bindings };
  const worker = workerOptions({
    modules: [
      { type: "ESModule", path: "index.js", contents: script },
      { type: "CompiledWasm", path: "index_bg.wasm", contents: wasm },
    ],
    bindings: Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined)),
    ...(reports && { d1Databases: { REPORTS: "reports" } }),
    ...(assets && { assets: siteOptions() }),
  });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      port,
      workers: [worker],
      ...(persist && { resourcePersistencePath: persist }),
      unsafeInspectDurableObjects: inspect,
      unsafeTriggerHandlers: true,
    }),
  );
  const url = await miniflare.ready;
  if (reports) {
    const database = await miniflare.getD1Database("REPORTS");
    const laidOut = await database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'daily'").first();
    if (!laidOut) await database.batch(reportMigrations().map((statement) => database.prepare(statement)));
  }
  return new Edge(miniflare, url);
}

function siteOptions() {
  const { binding, run_worker_first } = deployment().assets;
  return { directory: join(ROOT, "target/site"), binding, run_worker_first, routerConfig: { has_user_worker: true } };
}

/** The class of an object by the last part of its name. */
function classOf(object) {
  return { shop: "Shop", learner: "Learner" }[object] ?? "Shard";
}

/** A running edge. `url` is its origin. */
export class Edge {
  constructor(miniflare, url) {
    this.miniflare = miniflare;
    this.url = url.origin;
  }

  /** Sends a request and reads the whole answer. */
  ask(method, path, options) {
    return ask(this.url, method, path, options);
  }

  /** Makes a shop through the owner's API. */
  async createShop({ name = "Test shop", origins = ["http://localhost:8788"], objects = 1 } = {}) {
    const made = await this.ask("POST", "/owner/v1/shops", { token: OWNER, json: { name, origins, objects } });
    if (made.status !== 201) throw new Error(`no shop: ${made.status} ${made.text}`);
    return new Shop(this, { key: made.json.key, token: made.json.admin_token, origin: origins[0], objects });
  }

  /** The reports database. */
  reports() {
    return this.miniflare.getD1Database("REPORTS");
  }

  /** Runs a statement inside a shop's object: `shop`, `learner`, or `shard/0`. Needs `inspect`. */
  async inside(shop, object, query, ...values) {
    const name = `${shop.key}/${object}`;
    const storage = await this.miniflare.unsafeGetDurableObjectStorage("edge", classOf(object), { name });
    return storage.exec(query, ...values);
  }

  /** Forgets an object's memory, as the platform does whenever it likes. */
  evict(shop, object) {
    return this.miniflare.unsafeEvictDurableObject("edge", classOf(object), { name: `${shop.key}/${object}` });
  }

  /** Lets the cron backstop run. */
  async backstop() {
    const worker = await this.miniflare.getWorker("edge");
    return worker.scheduled({ cron: deployment().triggers.crons[0] });
  }

  stop() {
    return this.miniflare.dispose();
  }
}

/**
 * Sends a request and reads the whole answer: `{status, headers, text, json}`.
 *
 * `json` is a body to send as JSON, `form` one to send as a form, `token` a bearer token, `from` the
 * network address it seems to come from.
 */
export async function ask(url, method, path, { headers = {}, body, json, form, token, from, origin, signal } = {}) {
  const all = { ...headers };
  if (token !== undefined) all.authorization = `Bearer ${token}`;
  if (from !== undefined) all["cf-connecting-ip"] = from;
  if (origin !== undefined) all.origin = origin;
  if (json !== undefined) all["content-type"] ??= "application/json";
  if (form !== undefined) all["content-type"] ??= "application/x-www-form-urlencoded";
  const response = await fetch(url + path, {
    method,
    headers: all,
    body: json !== undefined ? JSON.stringify(json) : form !== undefined ? form.toString() : body,
    redirect: "manual",
    signal,
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString("utf8");
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, bytes, text, json: isJson && text ? JSON.parse(text) : undefined };
}
