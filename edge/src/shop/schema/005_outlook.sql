-- What each shard counted last of its shoppers (`domain::value::Part`, sealed), and when it began to.
CREATE TABLE outlook_parts (object INTEGER PRIMARY KEY, at INTEGER NOT NULL, sealed BLOB NOT NULL);
-- The last outlook (`meta`) that each shard has taken over.
ALTER TABLE shards ADD COLUMN outlook INTEGER NOT NULL DEFAULT 0;
