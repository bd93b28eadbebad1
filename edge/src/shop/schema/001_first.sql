CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Admin tokens, as hashes.
CREATE TABLE tokens (hash BLOB PRIMARY KEY, made INTEGER NOT NULL) WITHOUT ROWID;

-- What was published, with the texts it was made from.
CREATE TABLE versions (
  version TEXT PRIMARY KEY, at INTEGER NOT NULL,
  languages TEXT NOT NULL, config TEXT NOT NULL, sources TEXT NOT NULL
) WITHOUT ROWID;

-- Files for browsers, named after their contents.
CREATE TABLE files (hash TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;

-- The last change that each shard has taken over.
CREATE TABLE shards (object INTEGER PRIMARY KEY, serial INTEGER NOT NULL);
