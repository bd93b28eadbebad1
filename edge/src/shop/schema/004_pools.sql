-- Codes that the shop's own system knows. `making`: on the way into it; `free`: nobody's; `leased`: an object
-- issues it. A shop has a code once, whatever its letters.
CREATE TABLE pool_codes (
  code TEXT PRIMARY KEY, spelled TEXT NOT NULL, offer TEXT NOT NULL, n INTEGER NOT NULL, state TEXT NOT NULL,
  percent INTEGER, object INTEGER, block INTEGER
) WITHOUT ROWID;
CREATE INDEX pool_codes_by_state ON pool_codes (offer, state, n);
CREATE INDEX pool_codes_by_block ON pool_codes (offer, object, block) WHERE state = 'leased';
-- What is known of a pool. `low`: fewer are left than the merchant wants; `sinkings` counts how often that came
-- about, `told` how many of them the merchant was told. The rest is about making codes: the discount and the
-- bulk creation in the shop's system, how often the present codes were tried, when to go on, what went wrong.
CREATE TABLE pools (
  offer TEXT PRIMARY KEY, next INTEGER NOT NULL, low INTEGER NOT NULL DEFAULT 0, sinkings INTEGER NOT NULL DEFAULT 0,
  told INTEGER NOT NULL DEFAULT 0, discount TEXT, bulk TEXT, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER, trouble TEXT
) WITHOUT ROWID;
-- Shop systems in which codes can be made: where they are, and sealed what opens them.
CREATE TABLE systems (system TEXT PRIMARY KEY, address TEXT NOT NULL, since INTEGER NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;
