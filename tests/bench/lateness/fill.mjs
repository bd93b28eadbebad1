// Fills the stores of a shop's objects while nothing runs: people as one who really signed up, each with a journey
// that waits to say something, and jobs of theirs that wait for a far day.
//
// Everything is a copy of rows that the product wrote itself, under new ids; what is sealed is opened and sealed anew
// with the deployment's own secrets.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { SECRETS } from "../../harness/edge.mjs";

// Loaded when it is needed: of the versions of Node that tests run on only the newer have it.
const { DatabaseSync } = await import("node:sqlite");

const DAY_MS = 86_400_000;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM as `edge/src/seal.rs` has it: nonce, ciphertext, tag. */
function seal(key, place, bytes) {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

function open(key, place, sealed) {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

/** The key that wraps those of a shop's people (`edge/src/secrets.rs`). */
function wrapping(shop) {
  const master = Buffer.from(SECRETS.RAPPORT_MASTER_KEYS.split(":")[1], "base64");
  return Buffer.from(hkdfSync("sha256", master, "", `rapport/1/seal/${shop}`, 32));
}

/** The stores of a shop's objects below a folder in which workerd ran: `[{object, db}]`, by number. */
export function stores(folder) {
  const below = join(folder, "state/Shard");
  const files = readdirSync(below).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  const found = [];
  for (const name of files) {
    const db = new DatabaseSync(join(below, name));
    const told = db.prepare("SELECT value FROM meta WHERE name = 'configuration'").get();
    found.push({ object: JSON.parse(told.value).object, db });
  }
  return found.toSorted((a, b) => a.object - b.object);
}

/** Half of a shopper's id, by which their runs and claims are known. */
export const seedOf = (id) => id.replaceAll("-", "").slice(16);

/** A number as postcard writes it; those of shoppers always take ten bytes. */
function varint(hex) {
  const bytes = [];
  let left = BigInt(`0x${hex}`);
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return Buffer.from([...bytes, Number(left)]);
}

/** What stands for one thing in bytes stands for another, as long as it was. */
function exchanged(bytes, from, to) {
  if (from.length !== to.length) throw new Error("a copy must be as long as what it is of");
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from, at + to.length)) to.copy(copy, at);
  return copy;
}

/** The n-th code as long as another, of the same offer and object: its beginning and its last two letters say so. */
function anotherCode(code, n) {
  const [from, to] = [code.indexOf("-") + 1, code.length - 2];
  return code.slice(0, from) + n.toString(36).toUpperCase().padStart(to - from, "0") + code.slice(to);
}

/** Writes rows whose columns are those of one that there is. */
function writer(db, table, row) {
  const columns = Object.keys(row);
  const statement = db.prepare(`INSERT INTO ${table} (${columns}) VALUES (${columns.map(() => "?")})`);
  return (changes) => statement.run(...columns.map((name) => (name in changes ? changes[name] : row[name])));
}

/**
 * Fills one object's store with `people` like the one who waits there for the journey `journey`, and `each` jobs of
 * theirs that are due some day within a year. Returns the new ids.
 */
export function fill({ object, db }, { shop, journey, people, each, email }) {
  db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; BEGIN");
  const one = (query, ...values) => db.prepare(query).get(...values);
  const timer = one("SELECT * FROM jobs WHERE kind = 'timer' AND key LIKE ? ORDER BY due LIMIT 1", `timer:%:${journey}:%`);
  if (!timer) throw new Error(`nobody waits for ${journey} in object ${object}`);
  const old = timer.shopper;
  const row = (table) => one(`SELECT * FROM ${table} WHERE shopper = ?`, old);
  const wrapper = wrapping(shop);
  const person = one("SELECT * FROM shoppers WHERE id = ?", old);
  const key = open(wrapper, old, person.key);
  const known = row("journeys");
  const journeys = open(key, "journeys", known.body);
  const about = one("SELECT * FROM runs WHERE shopper = ? AND journey = ?", old, journey);
  const events = db.prepare("SELECT * FROM events WHERE shopper = ? ORDER BY seq").all(old).map(({ seq, ...rest }) => rest);
  const receipts = db.prepare("SELECT * FROM receipts WHERE shopper = ? ORDER BY seq").all(old).map(({ seq, ...rest }) => rest);
  const { code: given } = row("codes");
  const { pos: _, ...shopper } = person;
  const { pos: __, ...send } = one("SELECT * FROM sends WHERE shopper = ? AND run IS NOT NULL", old);
  const write = {
    shopper: writer(db, "shoppers", shopper),
    address: writer(db, "addresses", row("addresses")),
    name: writer(db, "names", row("names")),
    consent: writer(db, "consents", row("consents")),
    journeys: writer(db, "journeys", known),
    run: writer(db, "runs", about),
    code: writer(db, "codes", row("codes")),
    send: writer(db, "sends", send),
    timer: writer(db, "jobs", timer),
    retention: writer(db, "jobs", one("SELECT * FROM jobs WHERE key = ?", `retention:${old}`)),
    events: events.map((event) => writer(db, "events", event)),
    receipts: receipts.map((receipt) => writer(db, "receipts", receipt)),
  };
  // So that nothing stored for one is taken for another's: ids are as random as the product's own.
  const ids = [];
  for (let n = 0; n < people; n++) {
    const id = `${old.slice(0, 20)}${randomBytes(8).toString("hex").slice(0, 3)}-${randomBytes(6).toString("hex")}`;
    ids.push(id);
    const named = (text) => text.replaceAll(old, id).replaceAll(seedOf(old), seedOf(id));
    const [hash, mine] = [randomBytes(32), { shopper: id }];
    write.shopper({ id, key: seal(wrapper, id, key) });
    write.address({ ...mine, hash, sealed: seal(key, "address", Buffer.from(email(object, n))) });
    write.name({ ...mine, hash });
    write.consent(mine);
    const code = anotherCode(given, n);
    const told = exchanged(journeys, varint(seedOf(old)), varint(seedOf(id)));
    write.journeys({ ...mine, body: seal(key, "journeys", exchanged(told, Buffer.from(given), Buffer.from(code))) });
    write.run({ ...mine, id: named(about.id) });
    write.code({ ...mine, code });
    write.send({ ...mine, claim: named(send.claim), message: Buffer.alloc(0) });
    write.timer({ ...mine, key: named(timer.key) });
    write.retention({ ...mine, key: `retention:${id}` });
    for (const event of write.events) event({ ...mine, id: randomBytes(16) });
    for (const receipt of write.receipts) receipt(mine);
  }
  // Indexes are built faster once than row by row.
  const indexes = db.prepare("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'jobs' AND type = 'index' AND sql IS NOT NULL").all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  db.prepare(
    `INSERT INTO jobs (key, due, kind, shopper, state, attempts, valid_until, body)
     WITH RECURSIVE some (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some WHERE n < ?1)
     SELECT 'timer:' || id || ':some-day:' || n, ?2 + abs(random() % ?3), 'timer', id, 'waiting', 0, NULL,
            json_object('timer', json_object('run', json_object('journey', 'some-day', 'key', '' || n)))
       FROM shoppers, some ORDER BY id, '' || n`,
  ).run(each, Date.now() + DAY_MS, 364 * DAY_MS);
  for (const { sql } of indexes) db.exec(sql);
  const { last } = one("SELECT max(seq) AS last FROM events");
  db.prepare("UPDATE meta SET value = ? WHERE name = 'heard'").run(String(last));
  db.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  return ids;
}

/** Sets when the journeys of people go on: `due` says it of the n-th. */
export function setDue({ db }, ids, journey, due) {
  db.exec("BEGIN");
  const set = db.prepare("UPDATE jobs SET due = ? WHERE key > ? AND key < ?");
  ids.forEach((id, n) => set.run(due(n), `timer:${id}:${journey}:`, `timer:${id}:${journey};`));
  db.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}
