-- What journeys know of a person (`domain::journey::Shopper`, sealed), under the shopper whom all of theirs are
-- joined to.
CREATE TABLE journeys (shopper TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
-- Up to which row of the log they have heard: what was there before is looked up when they first hear of somebody.
INSERT INTO meta (name, value) SELECT 'heard', coalesce(max(seq), 0) FROM events;
-- What there is one run for, and why it ended.
ALTER TABLE runs ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN rule TEXT;
ALTER TABLE runs ADD COLUMN fact TEXT;
-- On which channel a message left, and which step of which run said it (JSON).
ALTER TABLE sends ADD COLUMN channel TEXT NOT NULL DEFAULT 'email';
ALTER TABLE sends ADD COLUMN run TEXT;
CREATE INDEX visits_by_visitor ON visits (visitor);
