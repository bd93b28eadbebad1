-- What a receipt rests on and what proves the address (JSON of `domain::consent`), and the hashes that
-- tie the receipts of one shopper to each other. `consents` says the same in short; it is kept for code
-- that is older than this step, and read by nothing else.
ALTER TABLE receipts ADD COLUMN basis TEXT;
ALTER TABLE receipts ADD COLUMN proof TEXT;
ALTER TABLE receipts ADD COLUMN previous BLOB;
ALTER TABLE receipts ADD COLUMN hash BLOB;

-- Where somebody is, as far as it is known: it decides which law holds.
ALTER TABLE shoppers ADD COLUMN country TEXT;

-- Names that must not be written to any more. Kept where the name's bucket is.
CREATE TABLE suppressed (hash BLOB PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, why TEXT NOT NULL) WITHOUT ROWID;

-- Who sat before a browser, from when to when; the last is there still. Said only where it was proven.
-- Kept where the browser's bucket is, and decided there.
CREATE TABLE sightings (
  visitor BLOB NOT NULL, said INTEGER NOT NULL, shopper TEXT NOT NULL,
  since INTEGER NOT NULL, until INTEGER, proof TEXT NOT NULL, forwarded INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (visitor, said)
) WITHOUT ROWID;

-- The same where the shopper lives. `shopper_visitors` said so without a proof; nothing reads it any more.
CREATE TABLE visits (
  shopper TEXT NOT NULL, visitor BLOB NOT NULL, said INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER,
  PRIMARY KEY (shopper, visitor, said)
) WITHOUT ROWID;

-- 1: a copy of an event that another object keeps; 2: an event that came here with its shopper. Both are
-- counted where they happened.
ALTER TABLE events ADD COLUMN copied INTEGER;
CREATE INDEX events_by_shopper ON events (shopper) WHERE shopper IS NOT NULL;
CREATE INDEX events_by_visitor ON events (visitor, at) WHERE visitor IS NOT NULL;

-- Shoppers of older code are looked at, too, whether they are to be forgotten.
INSERT OR IGNORE INTO jobs (key, due, kind, shopper, state, attempts, valid_until, body)
SELECT 'retention:' || id, since + 2592000000, 'retention', id, 'waiting', 0, NULL, '{"retention":{}}' FROM shoppers WHERE state <> 'moved';

-- How many were asked lately, and how many answered.
CREATE INDEX links_by_kind ON links (kind, made);

-- How somebody wants to be talked to (JSON of `domain::preference`).
CREATE TABLE preferences (shopper TEXT PRIMARY KEY, body TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;

-- What the shop's server and its files said. Statements are folds (`domain::order`, `domain::customer`).
-- `heard` remembers them for a while, so that each counts once, and holds those that are not settled yet.
CREATE TABLE heard (
  id BLOB PRIMARY KEY, at INTEGER NOT NULL, statement BLOB, due INTEGER, attempts INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX heard_due ON heard (due) WHERE due IS NOT NULL;
CREATE INDEX heard_by_time ON heard (at);
-- Whom the shop knows somebody as: a keyed hash of its customer id, and all it said of them.
CREATE TABLE customers (shopper TEXT PRIMARY KEY, customer BLOB, record BLOB) WITHOUT ROWID;
-- Customers of the shop who share a name that is somebody else's: whose it becomes when it is given up.
CREATE TABLE wanted (hash BLOB NOT NULL, shopper TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (hash, shopper)) WITHOUT ROWID;
-- An order lies with its strongest name; its other names say which that is.
CREATE TABLE orders_told (
  hash BLOB PRIMARY KEY, record BLOB NOT NULL, shopper TEXT, heard INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE order_names (hash BLOB PRIMARY KEY, of_order BLOB NOT NULL) WITHOUT ROWID;
-- … and with whom it belongs to.
CREATE TABLE shopper_orders (
  shopper TEXT NOT NULL, hash BLOB NOT NULL, record BLOB NOT NULL, placed INTEGER,
  PRIMARY KEY (shopper, hash)
) WITHOUT ROWID;

-- The last letters to somebody: for their preference page, and for how often they want to hear.
CREATE INDEX sends_by_shopper ON sends (shopper, at);
-- When the shop's server said that the code was used; a page's word is believed only so far.
ALTER TABLE codes ADD COLUMN confirmed INTEGER;

-- Codes that pages told of and another object issued: they wait behind all else.
CREATE INDEX jobs_of_pages ON jobs (due) WHERE kind = 'redeem';
