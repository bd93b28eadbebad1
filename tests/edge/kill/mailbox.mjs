// A mailbox that outlives whoever writes to it: a mail server in a process of its own, and its Maildir, which is read
// as any mail reader would, whatever the sender says.

import { fork } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { generate } from "selfsigned";

import { readMail } from "../../harness/mime.mjs";

const SERVER = new URL("mailserver.mjs", import.meta.url).pathname;
const LOGIN = { user: "shop", password: "päss word" };

/** Starts a mail server over an empty folder. */
export async function startMailbox(folder) {
  for (const part of ["tmp", "new"]) mkdirSync(join(folder, part), { recursive: true });
  const extensions = [
    { name: "basicConstraints", cA: true },
    { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
  ];
  const certificate = await generate([{ name: "commonName", value: "localhost" }], { keySize: 2048, extensions });
  const child = fork(SERVER, [JSON.stringify({ folder, key: certificate.private, cert: certificate.cert, login: LOGIN })]);
  const mailbox = new Mailbox(folder, child, certificate.cert);
  mailbox.port = await new Promise((resolve, reject) => {
    child.on("message", ({ port, taken, answer }) => {
      if (port) resolve(port);
      if (taken) mailbox.heard.push(taken);
      if (answer) mailbox.answer(answer);
    });
    child.once("exit", () => reject(new Error("the mail server did not start")));
  });
  return mailbox;
}

class Mailbox {
  /** What was taken, as far as the server has told of it: `{name, to}`. Only for readers who cannot wait. */
  heard = [];
  #read = new Map();
  #asked = new Map();

  constructor(folder, child, cert) {
    Object.assign(this, { folder, child, cert });
  }

  /** What an edge needs to send through it. */
  get edge() {
    const { user: SMTP_USER, password: SMTP_PASSWORD } = LOGIN;
    const bindings = { SENDER: "smtp", SMTP_HOST: "localhost", SMTP_PORT: String(this.port), SMTP_USER, SMTP_PASSWORD };
    return { trust: [this.cert], bindings };
  }

  /** The server's temper from now on; without a seed it has none. */
  temper(seed = null) {
    this.child.send({ seed });
  }

  /** How many messages are said and not answered, and how many never were. */
  state() {
    const ask = this.#asked.size;
    return new Promise((resolve) => {
      this.#asked.set(ask, resolve);
      this.child.send({ ask });
    });
  }

  answer({ ask, ...state }) {
    this.#asked.get(ask)?.(state);
  }

  /** A letter in the box: whose, when it arrived, its headers and its words. */
  letter({ name }) {
    if (!this.#read.has(name)) this.#read.set(name, readLetter(name, readFileSync(join(this.folder, "new", name), "utf8")));
    return this.#read.get(name);
  }

  /** All that is there, in the order of arrival: read from the folder. */
  async letters() {
    const { readdirSync } = await import("node:fs");
    const names = readdirSync(join(this.folder, "new"));
    return names.map((name) => this.letter({ name })).toSorted((a, b) => a.n - b.n);
  }

  stop() {
    this.child.kill("SIGKILL");
  }
}

function readLetter(name, file) {
  const [, to, arrived, source] = file.match(/^Delivered-To: (\S+)\r\nX-Arrived: (\d+)\r\n([\s\S]*)$/);
  const { headers, parts } = readMail(source);
  return {
    name,
    n: Number(name.split(".")[1]),
    to,
    arrived: Number(arrived),
    id: headers.get("message-id"),
    subject: headers.get("subject"),
    /** When it was written, by the shop's own clock. */
    at: Date.parse(headers.get("date")),
    /** News or an offer: only such letters name a way to end them in their head. */
    marketing: headers.has("list-unsubscribe"),
    text: parts.find(({ type }) => type === "text/plain").text,
  };
}
