-- Whose a name (a keyed hash of an e-mail address, a phone number, a customer id) is. Kept where the
-- name's bucket is, and the only place where one becomes somebody's.
CREATE TABLE names (hash BLOB PRIMARY KEY, kind TEXT NOT NULL, shopper TEXT NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO names (hash, kind, shopper, since) SELECT hash, channel, shopper, since FROM addresses;

-- Rows belong for ever to the shopper whose they were first; one that was joined to an older one
-- says so here. In a shop of several objects its rows then lie with the older one (`moved`).
ALTER TABLE shoppers ADD COLUMN joined_to TEXT;
ALTER TABLE shoppers ADD COLUMN state TEXT NOT NULL DEFAULT 'live';
CREATE INDEX shoppers_by_join ON shoppers (joined_to) WHERE joined_to IS NOT NULL;

-- Joins and partings under way.
CREATE TABLE transfers (
  source TEXT PRIMARY KEY, target TEXT NOT NULL, step TEXT NOT NULL, at INTEGER NOT NULL,
  rule TEXT NOT NULL, fact TEXT NOT NULL
) WITHOUT ROWID;
