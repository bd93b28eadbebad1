-- Who may speak for the shop: secrets, sealed, and the country whose telephone numbers are meant.
CREATE TABLE hooks (
  source TEXT PRIMARY KEY, since INTEGER NOT NULL, rotated INTEGER NOT NULL, secrets BLOB NOT NULL, calling_code INTEGER
) WITHOUT ROWID;
