// A mail server in a process of its own, with a certificate, a login and a Maildir: what it has said yes to lies in a
// file under `new`, and was there before it said so. Started by `mailbox.mjs`.
//
// Its temper follows from a seed that it is told: slow at times, busy, or gone in the middle of a word.

import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { SMTPServer } from "smtp-server";

import { seeded } from "../../harness/random.mjs";

const { folder, key, cert, login } = JSON.parse(process.argv[2]);

/** What happens to the next message: nothing but that it is taken, unless the server has a temper. */
let temper = () => ({});
let taken = 0;
/** Messages that are said and not answered: their senders wait. */
let open = 0;
/** Answers that never came after a message was said: nobody can know what they would have been. */
let silences = 0;

/** Tempers by seed. Most messages are taken at once. */
function moody(random) {
  return () => {
    const after = random.chance(0.15) ? random.between(60, 400) : random.between(0, 15);
    const mood = random.next();
    if (mood < 0.05) return { after, at: "to", say: [450, "mailbox busy"] };
    if (mood < 0.08) return { after, at: "to", hangUp: true };
    if (mood < 0.11) return { after, at: "end", say: [451, "try again later"] };
    if (mood < 0.13) return { after, at: "end", hangUp: true, kept: true };
    if (mood < 0.14) return { after, at: "end", hangUp: true };
    if (mood < 0.145) return { after, at: "to", say: [550, "no such mailbox"] };
    return { after };
  };
}

/** Keeps a message as mail servers do: written aside, then moved to where it counts. */
function keep(to, at, source) {
  taken += 1;
  const name = `${at}.${taken}`;
  const head = `Delivered-To: ${to}\r\nX-Arrived: ${at}\r\n`;
  writeFileSync(join(folder, "tmp", name), Buffer.concat([Buffer.from(head), source]));
  renameSync(join(folder, "tmp", name), join(folder, "new", name));
  process.send({ taken: { name, to } });
  return name;
}

const sockets = new Map();
const server = new SMTPServer({
  key,
  cert,
  authMethods: ["PLAIN"],
  logger: false,
  onAuth: (auth, session, done) => done(auth.username === login.user && auth.password === login.password && session.secure ? null : new Error("wrong"), { user: auth.username }),
  async onRcptTo(address, session, done) {
    session.mood = temper();
    if (session.mood.at !== "to") return done();
    await pause(session.mood.after);
    if (session.mood.hangUp) return hangUp(session);
    return done(refusal(session.mood.say));
  },
  onData(stream, session, done) {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("error", () => {}); // The sender died while it was speaking: nothing was said.
    stream.on("end", async () => {
      const { mood, envelope } = session;
      const at = Date.now();
      open += 1;
      if (mood.after) await pause(mood.after);
      open -= 1;
      const ends = mood.at === "end";
      if (ends && mood.say) return done(refusal(mood.say));
      const name = !ends || mood.kept ? keep(envelope.rcptTo[0].address, at, Buffer.concat(chunks)) : undefined;
      if (!ends) return done(null, `queued as ${name}`);
      silences += 1;
      return hangUp(session);
    });
  },
});

const refusal = ([responseCode, text]) => Object.assign(new Error(text), { responseCode });
const hangUp = (session) => sockets.get(`${session.remoteAddress}:${session.remotePort}`)?.destroy();
server.on("error", () => {});
server.server.on("connection", (socket) => {
  const name = `${socket.remoteAddress}:${socket.remotePort}`;
  sockets.set(name, socket);
  socket.on("close", () => sockets.delete(name));
});

process.on("message", ({ seed, ask }) => {
  if (seed !== undefined) temper = seed === null ? () => ({}) : moody(seeded(seed));
  if (ask !== undefined) process.send({ answer: { ask, open, silences, taken } });
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => process.send({ port: server.server.address().port }));
