// The Worker's script: hands each call to the Rust in `index_bg.wasm`.
//
// A Rust panic is a wasm trap: it ends the whole wasm instance, with every object that lives in it,
// and the promises of the calls in flight never settle. So after a trap every call in flight is
// rejected, the next call starts a fresh instance, and each Durable Object constructs its Rust
// half anew from its storage, where everything acknowledged is.

import { DurableObject } from "cloudflare:workers";
import * as rust from "edge";

// Shared with the panic hook of the `worker` crate, which sets `criticalError` before the trap.
const state = rust.__worker_init_state();

// Counts wasm instances. A Rust object of an older one must not be touched any more.
let generation = 0;

// Refuses one call in flight, each.
const inFlight = new Set();

function trapped(error) {
  state.criticalError = true;
  console.error(`wasm trapped, ${inFlight.size} calls in flight are refused`, error);
  for (const refuse of inFlight) refuse(error);
}

// A trap in the middle of an async function comes up here and nowhere else.
addEventListener("error", (event) => {
  if (event.error instanceof WebAssembly.RuntimeError) trapped(event.error);
});

function ready() {
  if (!state.criticalError) return;
  rust.__wbg_reset_state();
  state.criticalError = false;
  generation++;
}

// Settles as `start()` does, or with the trap that keeps it from settling.
function call(start) {
  ready();
  return new Promise((resolve, reject) => {
    const refuse = (error) => {
      inFlight.delete(refuse);
      reject(error);
    };
    const answer = (value) => {
      inFlight.delete(refuse);
      resolve(value);
    };
    inFlight.add(refuse);
    try {
      start().then(answer, refuse);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) trapped(error);
      else refuse(error);
    }
  });
}

// A call that does not wait.
function now(f) {
  ready();
  try {
    return f();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) trapped(error);
    throw error;
  }
}

function failed(error) {
  if (error) console.error(error);
  return Response.json(
    { type: "about:blank", title: "Internal error", status: 500 },
    { status: 500, headers: { "content-type": "application/problem+json" } },
  );
}

// Rust throws the answer to what it refuses.
const refused = (error) => (error instanceof Response ? error : failed(error));

// Events are nearly all that comes in. What they mean is Rust's business; the waiting is done here,
// because a wait costs Rust several times what it costs the platform's own language.
async function respond(request, env, ctx) {
  const shard = request.method === "POST" && now(() => rust.shardOfEvents(request.url));
  if (shard) return env.SHARD.getByName(shard).fetch(request);
  return call(() => rust.fetch(request, env, ctx));
}

export default {
  fetch: (request, env, ctx) => respond(request, env, ctx).catch(failed),
  scheduled: (event, env, ctx) => call(() => rust.scheduled(event, env, ctx)),
};

// A Durable Object whose state lives in Rust.
const object = (Rust) =>
  class extends DurableObject {
    #generation;
    #rust;

    constructor(ctx, env) {
      super(ctx, env);
      ready();
      this.live();
    }

    live() {
      if (this.#generation !== generation) {
        this.#rust = new Rust(this.ctx, this.env);
        this.#generation = generation;
      }
      return this.#rust;
    }

    fetch(request) {
      return call(() => this.live().fetch(request));
    }

    alarm() {
      return call(() => this.live().alarm());
    }
  };

// What the Worker and the objects say to each other goes to this address; the rest are batches.
const CALL = "https://object/call";

export class Shop extends object(rust.Shop) {}

export class Learner extends object(rust.Learner) {}

export class Shard extends object(rust.Shard) {
  #keeping;

  fetch(request) {
    return request.url === CALL ? super.fetch(request) : this.#events(request).catch(refused);
  }

  async #events(request) {
    const body = new Uint8Array(await request.arrayBuffer());
    const answer = now(() => this.live().takeIn(request, body));
    if (answer === undefined) {
      const home = this.env.SHARD.getByName(now(() => this.live().homeOf(request)));
      return home.fetch(request.url, { method: "POST", headers: request.headers, body });
    }
    await this.#kept();
    const headers = { "content-type": "application/json", "access-control-allow-origin": request.headers.get("origin") ?? "*" };
    return new Response(answer, { status: 202, headers });
  }

  // Settles once everything that was taken in is kept. What arrives at the same time is kept
  // together, in one commit.
  #kept() {
    return (this.#keeping ??= this.#keep(generation));
  }

  async #keep(taken) {
    await scheduler.wait(0);
    this.#keeping = undefined;
    // A trap since then took what was taken in with it.
    if (taken !== generation || state.criticalError) throw new Error("the batch was lost; it is sent again");
    const due = this.ctx.storage.transactionSync(() => now(() => this.live().keep(this.ctx.storage.sql.databaseSize)));
    if (due) now(() => this.live().arm());
  }
}
