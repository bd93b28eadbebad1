// The Worker on bare workerd: nothing between it and the socket, in a process group of its own.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import workerd from "workerd";

import { deployment, edgeModules } from "./build.mjs";
import { Edge, SECRETS } from "./edge.mjs";

/** Text as a literal in a capnp file. */
const quoted = (text) => `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;

/**
 * Starts workerd over a folder: the objects' state lies in `folder/state`, and survives.
 *
 * - `modules`: `[{name, esModule|wasm}]`, the first one is the Worker
 * - `objects`: binding → class of SQLite-backed Durable Objects
 * - `bindings`: variables and secrets
 * - `trust`: certificates (PEM) beside those that browsers trust
 * - `v8Flags`: for profiles: `--perf-basic-prof`
 */
export async function startWorkerd(folder, { modules, objects, bindings = {}, trust = [], v8Flags = [], onLine = () => {} }) {
  mkdirSync(join(folder, "state"), { recursive: true });
  for (const { name, esModule, wasm } of modules) writeFileSync(join(folder, name), esModule ?? wasm);
  writeFileSync(join(folder, "config.capnp"), configuration(folder, modules, objects, bindings, trust, v8Flags));
  const child = spawn(
    workerd.default ?? workerd,
    ["serve", join(folder, "config.capnp"), "--experimental", "--control-fd=3"],
    { stdio: ["ignore", "pipe", "pipe", "pipe"], detached: true },
  );
  const said = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on("line", (line) => {
      said.push(line);
      if (said.length > 200) said.shift();
      onLine(line);
    });
  }
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const port = await new Promise((resolve, reject) => {
    createInterface(child.stdio[3]).on("line", (line) => {
      const event = JSON.parse(line);
      if (event.event === "listen" && event.socket === "http") resolve(event.port);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`workerd did not start:\n${said.join("\n")}`)));
  });
  const signal = async (name) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name);
    await ended;
  };
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    port,
    pid: child.pid,
    said,
    /** Ends the whole process group at once, as a power cut does. */
    kill: () => signal("SIGKILL"),
    stop: () => signal("SIGTERM"),
  };
}

function configuration(folder, modules, objects, bindings, trust, v8Flags) {
  const list = (items) => `[${items.join(", ")}]`;
  const module = ({ name, esModule }) => `(name = ${quoted(name)}, ${esModule === undefined ? "wasm" : "esModule"} = embed ${quoted(name)})`;
  const namespace = ([, className]) => `(className = ${quoted(className)}, uniqueKey = ${quoted(className)}, enableSql = true)`;
  const all = [
    ...Object.entries(objects).map(([name, className]) => `(name = ${quoted(name)}, durableObjectNamespace = ${quoted(className)})`),
    ...Object.entries(bindings).map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "disk", disk = (path = ${quoted(join(folder, "state"))}, writable = true)),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true, trustedCertificates = ${list(trust.map(quoted))}))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  v8Flags = ${list(v8Flags.map(quoted))},
);
const worker :Workerd.Worker = (
  modules = ${list(modules.map(module))},
  compatibilityDate = ${quoted(deployment().compatibility_date)},
  bindings = ${list(all)},
  durableObjectNamespaces = ${list(Object.entries(objects).map(namespace))},
  durableObjectStorage = (localDisk = "disk"),
);
`;
}

/** Starts our Worker on bare workerd; like `startEdge`, but without reports and static files. */
export async function startBareEdge(folder, { build = "dev", bindings = {}, ...rest } = {}) {
  const { script, wasm } = edgeModules(build);
  const process = await startWorkerd(folder, {
    modules: [
      { name: "index.js", esModule: script },
      { name: "index_bg.wasm", wasm },
    ],
    objects: { SHARD: "Shard", SHOP: "Shop", LEARNER: "Learner" },
    bindings: { SENDER: "inbox", POINTER_MAX_AGE: "0", ...SECRETS, ...bindings },
    ...rest,
  });
  return Object.assign(new Edge(undefined, process.url), {
    process,
    stop: process.stop,
    kill: process.kill,
  });
}
