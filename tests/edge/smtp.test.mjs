// Mail leaves through a real SMTP server with a certificate of its own, whatever it does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { generate } from "selfsigned";
import { SMTPServer } from "smtp-server";

import { temporaryFolder } from "../harness/folder.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { readMail } from "../harness/mime.mjs";
import { until } from "../harness/until.mjs";
import { startBareEdge } from "../harness/workerd.mjs";

const LOGIN = { user: "shop", password: "päss word" };
const certificate = await generate([{ name: "commonName", value: "localhost" }], {
  keySize: 2048,
  extensions: [
    { name: "basicConstraints", cA: true },
    { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
  ],
});

/** A server that keeps what it is given: `{received, server, port}`. `at` changes what a step does. */
async function startServer(t, { secure = false, at = {}, ...options } = {}) {
  const received = [];
  const server = new SMTPServer({
    secure,
    key: certificate.private,
    cert: certificate.cert,
    authMethods: ["PLAIN", "LOGIN"],
    logger: false,
    onAuth(auth, session, done) {
      const right = auth.username === LOGIN.user && auth.password === LOGIN.password && session.secure;
      done(right ? null : new Error("wrong"), { user: auth.username });
    },
    onMailFrom: (_, session, done) => (at.from ? at.from({ done, hangUp }) : done()),
    onRcptTo: at.to ?? ((_, __, done) => done()),
    onData(stream, session, done) {
      const chunks = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("end", () => {
        received.push({ to: session.envelope.rcptTo[0].address, secure: session.secure, source: Buffer.concat(chunks).toString("utf8") });
        if (at.end) at.end({ done, hangUp });
        else done(null, `queued as ${received.length}`);
      });
    },
    ...options,
  });
  server.on("error", () => {});
  const sockets = new Set();
  server.server.on("connection", (socket) => sockets.add(socket));
  const hangUp = () => sockets.forEach((socket) => socket.destroy());
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return { received, server, port: server.server.address().port };
}

/** An edge that sends through it. */
async function startWith(t, port, { trust = [certificate.cert], bindings = {} } = {}) {
  const edge = await startBareEdge(temporaryFolder(t), {
    trust,
    bindings: {
      SENDER: "smtp",
      SMTP_HOST: "localhost",
      SMTP_PORT: String(port),
      SMTP_USER: LOGIN.user,
      SMTP_PASSWORD: LOGIN.password,
      ...bindings,
    },
  });
  t.after(() => edge.kill());
  const shop = await edge.createShop();
  await shop.publish();
  return { edge, shop };
}

/** Somebody gives their address; what became of the letter, once it is `state`. */
async function letter(shop, state) {
  const email = emailAddress();
  await shop.submit({ email });
  return until(`the letter is ${state}`, async () => (await shop.mailsTo(email)).find((each) => each.state === state));
}

test("a letter goes out after TLS and login, whole, with headers that mail readers ask for", async (t) => {
  const { received, port } = await startServer(t);
  const { edge, shop } = await startWith(t, port);
  const email = emailAddress();
  await shop.submit({ email, allow: ["email.marketing"] });
  const asked = await until("the question arrives", () => received[0]);
  assert.equal(asked.secure, true);
  assert.equal(asked.to, email);
  const [text] = readMail(asked.source).parts;
  const link = text.text.match(/https?:\/\/[^/]+(\/c\/\S+)/)[1];
  await edge.ask("POST", link);
  const welcome = await until("the welcome arrives", () => received[1]);
  const { headers } = readMail(welcome.source);
  assert.match(headers.get("list-unsubscribe"), /^<https?:\/\/.*\/u\/.*>$/);
  assert.equal(headers.get("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
  assert.match(headers.get("list-id"), /<.+>/);
  assert.match(headers.get("reply-to"), /@/);
  assert.match(welcome.source, /Lighthouse Yard/, "the postal address");
  const sent = (await shop.list("messages")).map(({ state, sender }) => `${state} by ${sender}`);
  assert.deepEqual(sent, ["accepted by smtp", "accepted by smtp"]);
});

test("where TLS begins with the connection it does", async (t) => {
  const { received, port } = await startServer(t, { secure: true });
  const { shop } = await startWith(t, port, { bindings: { SMTP_TLS: "implicit" } });
  await letter(shop, "accepted");
  assert.equal(received[0].secure, true);
});

test("a certificate that nobody vouches for gets nothing", async (t) => {
  const { received, port } = await startServer(t);
  const { shop } = await startWith(t, port, { trust: [] });
  await letter(shop, "refused");
  assert.equal(received.length, 0);
});

test("a wrong password is a refusal that may pass", async (t) => {
  const { received, port } = await startServer(t);
  const { shop } = await startWith(t, port, { bindings: { SMTP_PASSWORD: "wrong" } });
  const refused = await letter(shop, "refused");
  assert.match(refused.detail, /^535/);
  assert.equal(received.length, 0);
  assert.equal((await shop.list("jobs")).filter(({ kind }) => kind === "mail").length, 1, "it is offered again");
});

test("an address that the server does not know is refused for good, and not named in the open", async (t) => {
  const unknown = (address, _, done) => done(Object.assign(new Error(`no such user ${address.address}`), { responseCode: 550 }));
  const { port } = await startServer(t, { at: { to: unknown } });
  const { shop } = await startWith(t, port);
  const refused = await letter(shop, "refused");
  assert.match(refused.detail, /^550 .*…/);
  assert.equal((await shop.list("jobs")).filter(({ kind }) => kind === "mail").length, 0);
});

test("a server that breaks off after it has everything leaves an unknown, and is not asked again", async (t) => {
  const { received, port } = await startServer(t, { at: { end: ({ hangUp }) => hangUp() } });
  const { shop } = await startWith(t, port);
  await letter(shop, "unknown");
  await shop.advance({ days: 1 });
  assert.equal(received.length, 1);
});

test("a server that breaks off before loses nothing: the letter is offered again", async (t) => {
  let first = true;
  const from = ({ done, hangUp }) => {
    if (!first) return done();
    first = false;
    hangUp();
  };
  const { received, port } = await startServer(t, { at: { from } });
  const { shop } = await startWith(t, port);
  await letter(shop, "refused");
  await shop.advance({ seconds: 300 });
  await until("it arrives", () => received[0]);
});
