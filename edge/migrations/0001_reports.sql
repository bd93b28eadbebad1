-- How often each kind of event happened, by day (UTC).
CREATE TABLE daily (
  shop TEXT NOT NULL,
  day TEXT NOT NULL,
  kind TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (shop, day, kind)
);

-- How far each shard's counts are in (a push that is repeated adds nothing), and when it has
-- something to do next (for the backstop that wakes the overdue).
CREATE TABLE pushes (
  shop TEXT NOT NULL,
  object INTEGER NOT NULL,
  pushed INTEGER NOT NULL,
  next_due INTEGER,
  PRIMARY KEY (shop, object)
);
