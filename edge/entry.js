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

const failed = () =>
  Response.json(
    { type: "about:blank", title: "Internal error", status: 500 },
    { status: 500, headers: { "content-type": "application/problem+json" } },
  );

export default {
  fetch: (request, env, ctx) => call(() => rust.fetch(request, env, ctx)).catch(failed),
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
      this.#live();
    }

    #live() {
      if (this.#generation !== generation) {
        this.#rust = new Rust(this.ctx, this.env);
        this.#generation = generation;
      }
      return this.#rust;
    }

    fetch(request) {
      return call(() => this.#live().fetch(request));
    }

    alarm() {
      return call(() => this.#live().alarm());
    }
  };

export class Shard extends object(rust.Shard) {}
export class Shop extends object(rust.Shop) {}
