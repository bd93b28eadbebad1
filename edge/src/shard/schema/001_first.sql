-- What the shard knows about itself: the shop's key, its own number, origins, switches …
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The live version and those that runs in flight were begun with.
CREATE TABLE configs (version TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;

-- Facts, in the order in which this shard heard of them. Never changed.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  visitor BLOB,
  shopper TEXT,
  at INTEGER NOT NULL,
  received INTEGER NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL
);

-- People. Their key is all that opens what is sealed about them.
CREATE TABLE shoppers (
  pos INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  since INTEGER NOT NULL,
  language TEXT NOT NULL,
  key_version INTEGER NOT NULL,
  key BLOB NOT NULL,
  profile BLOB
);

-- Who owns an address: the only place where one becomes somebody's.
CREATE TABLE addresses (
  hash BLOB PRIMARY KEY,
  shopper TEXT NOT NULL,
  channel TEXT NOT NULL,
  sealed BLOB NOT NULL,
  state TEXT NOT NULL,
  since INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX addresses_by_shopper ON addresses (shopper);

-- The browsers that a shopper said are theirs.
CREATE TABLE shopper_visitors (shopper TEXT NOT NULL, visitor BLOB NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (shopper, visitor)) WITHOUT ROWID;

-- Where each permission stands now …
CREATE TABLE consents (
  shopper TEXT NOT NULL, channel TEXT NOT NULL, purpose TEXT NOT NULL,
  standing TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (shopper, channel, purpose)
) WITHOUT ROWID;

-- … and what proves it.
CREATE TABLE receipts (
  seq INTEGER PRIMARY KEY,
  shopper TEXT NOT NULL, channel TEXT NOT NULL, purpose TEXT NOT NULL,
  standing TEXT NOT NULL, at INTEGER NOT NULL,
  wording TEXT NOT NULL, version TEXT NOT NULL, page TEXT NOT NULL, method TEXT NOT NULL
);
CREATE INDEX receipts_by_shopper ON receipts (shopper);

-- What came in with forms: each counts once, and what it claims waits for the address's proof.
CREATE TABLE submissions (
  id BLOB PRIMARY KEY,
  shopper TEXT NOT NULL, campaign TEXT NOT NULL, version TEXT NOT NULL,
  at INTEGER NOT NULL, page TEXT NOT NULL, language TEXT NOT NULL,
  asked TEXT NOT NULL, visitor BLOB, profile BLOB, answer TEXT NOT NULL
) WITHOUT ROWID;

-- Links in mails.
CREATE TABLE links (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, shopper TEXT NOT NULL, address BLOB NOT NULL,
  submission BLOB, made INTEGER NOT NULL, ends INTEGER NOT NULL, used INTEGER
) WITHOUT ROWID;
CREATE INDEX links_by_address ON links (address, made);

-- Issued codes.
CREATE TABLE codes (
  code TEXT PRIMARY KEY, offer TEXT NOT NULL, shopper TEXT NOT NULL, percent INTEGER NOT NULL,
  issued INTEGER NOT NULL, ends INTEGER, used INTEGER, used_by TEXT
) WITHOUT ROWID;
CREATE INDEX codes_by_shopper ON codes (shopper, offer);

-- Orders that a browser told of: in its markup, by a command, at every reload; one fact each time.
CREATE TABLE orders (visitor BLOB NOT NULL, id TEXT NOT NULL, heard INTEGER NOT NULL, PRIMARY KEY (visitor, id)) WITHOUT ROWID;

-- Journeys under way, each on the version it began with.
CREATE TABLE runs (
  id TEXT PRIMARY KEY, journey TEXT NOT NULL, version TEXT NOT NULL, shopper TEXT NOT NULL,
  offer TEXT, began INTEGER NOT NULL, ended INTEGER
) WITHOUT ROWID;

-- What is due and when.
CREATE TABLE jobs (
  key TEXT PRIMARY KEY, due INTEGER NOT NULL, kind TEXT NOT NULL, shopper TEXT NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL, valid_until INTEGER, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX jobs_by_due ON jobs (due);

-- The claim to send one message, written before the provider is called; then what came of it.
CREATE TABLE sends (
  pos INTEGER PRIMARY KEY,
  claim TEXT NOT NULL UNIQUE,
  mail TEXT NOT NULL, shopper TEXT NOT NULL, sender TEXT NOT NULL,
  at INTEGER NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL,
  rule TEXT NOT NULL, fact TEXT NOT NULL, message BLOB NOT NULL
);
CREATE INDEX sends_by_state ON sends (state);

-- Every send, skip, deferral and doubt, with its reason.
CREATE TABLE decisions (
  pos INTEGER PRIMARY KEY,
  at INTEGER NOT NULL, shopper TEXT NOT NULL, what TEXT NOT NULL, message TEXT NOT NULL,
  rule TEXT NOT NULL, fact TEXT NOT NULL
);
