-- What the learner knows about itself: what the shop object told it, how far it has come.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- What there is to do, and when. One of each.
CREATE TABLE due (what TEXT PRIMARY KEY, at INTEGER NOT NULL, attempts INTEGER NOT NULL) WITHOUT ROWID;

-- Products, each under the number by which it is counted. No number is ever given again.
CREATE TABLE products (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  since INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  -- Counts up with every change of any product: how far a copy has come.
  serial INTEGER NOT NULL,
  -- Nobody says any more that there is such a product.
  gone INTEGER NOT NULL,
  -- It turned out to be a variant of this one: what was counted of it is that one's.
  of INTEGER
);
CREATE INDEX products_by_serial ON products (serial);

-- Ids of variants, under which carts and orders may name a product.
CREATE TABLE variants (id TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX variants_by_number ON variants (number);

-- What each source says of a product or of a variant, in a market. A feed is a source of its own.
CREATE TABLE said (
  number INTEGER NOT NULL, source TEXT NOT NULL, feed TEXT NOT NULL, market TEXT NOT NULL, id TEXT NOT NULL,
  at INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (number, source, feed, market, id)
) WITHOUT ROWID;

-- What pages say of a product, and which visitors say so (`domain::catalogue::Witnesses`).
CREATE TABLE witnesses (
  id TEXT NOT NULL, market TEXT NOT NULL, at INTEGER NOT NULL, believed INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (id, market)
) WITHOUT ROWID;
CREATE INDEX witnesses_by_at ON witnesses (at) WHERE believed = 0;

-- How far the counts of each object are in: a push that is repeated counts once.
CREATE TABLE counted (object INTEGER PRIMARY KEY, serial INTEGER NOT NULL, at INTEGER NOT NULL, visitors INTEGER NOT NULL);

-- What they told and is not added yet, as it came.
CREATE TABLE told (pos INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, body BLOB NOT NULL);

-- What follows each product, and what is bought with it: all of it in one value, as `domain::recommend::ledger` writes
-- it. `what` is `next` or `together`.
CREATE TABLE counts (what TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (what, number)) WITHOUT ROWID;

-- How many looked at each product, in parts of so many numbers; the last part is of all visitors. `what` is `next`, `together`
-- or `seen` and a market.
CREATE TABLE sums (what TEXT NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (what, part)) WITHOUT ROWID;

-- Results of learning that is under way, so that it goes on where it stood.
CREATE TABLE work (stage TEXT NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (stage, part)) WITHOUT ROWID;

-- What was learned last and before: the products by the numbers that browsers know.
CREATE TABLE generations (generation INTEGER PRIMARY KEY, at INTEGER NOT NULL, products BLOB NOT NULL);

-- Files for browsers, compressed, named after what is in them. One may belong to several generations.
CREATE TABLE files (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE used (generation INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (generation, name)) WITHOUT ROWID;

-- The short file of each market.
-- Beside it: hashes of the cards that the files have, by number.
CREATE TABLE heads (market TEXT PRIMARY KEY, body BLOB NOT NULL, cards BLOB NOT NULL) WITHOUT ROWID;

-- Feeds: what was heard of each, and when.
CREATE TABLE feeds (
  url TEXT PRIMARY KEY, tried INTEGER, heard INTEGER, etag TEXT, modified TEXT, status TEXT NOT NULL,
  products INTEGER NOT NULL, refused INTEGER NOT NULL, attempts INTEGER NOT NULL
) WITHOUT ROWID;

-- What each shelf is credited with (`domain::shelf::credit::Arms`).
CREATE TABLE credit (shelf TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
