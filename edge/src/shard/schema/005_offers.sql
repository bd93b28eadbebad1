-- How a code is spelled, where not all its letters are capitals, and the zone in which its last day is counted.
ALTER TABLE codes ADD COLUMN spelled TEXT;
ALTER TABLE codes ADD COLUMN zone TEXT;

-- Codes of pools that this object has leased from the shop object and not issued yet, in the order of the
-- pool. `percent` is what the shop's system gives, where we made them; `back`: they are on the way back.
CREATE TABLE leased (
  offer TEXT NOT NULL, n INTEGER NOT NULL, code TEXT NOT NULL, block INTEGER NOT NULL, percent INTEGER,
  back INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (offer, n)
) WITHOUT ROWID;
-- The number of the next block of a pool: asked for again after a crash, it is the same block.
CREATE TABLE leases (offer TEXT PRIMARY KEY, block INTEGER NOT NULL) WITHOUT ROWID;
-- Which offer somebody got while a pool was dry.
CREATE TABLE stand_ins (
  shopper TEXT NOT NULL, offer TEXT NOT NULL, instead TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (shopper, offer)
) WITHOUT ROWID;

-- Orders that used a code (`domain::offer::uses`), by the keyed hash of what the order is called. What stands
-- in `codes.used` and `codes.confirmed` follows from it.
CREATE TABLE code_uses (
  shopper TEXT NOT NULL, code TEXT NOT NULL, of_order BLOB NOT NULL, at INTEGER NOT NULL, by_shop INTEGER NOT NULL,
  cancelled INTEGER, PRIMARY KEY (code, of_order)
) WITHOUT ROWID;
CREATE INDEX code_uses_by_shopper ON code_uses (shopper);
CREATE INDEX codes_by_offer ON codes (offer, used);
