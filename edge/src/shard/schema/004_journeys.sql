-- What journeys know of a person (JSON of `domain::journey::Shopper`), under the shopper whom all of theirs are
-- joined to.
CREATE TABLE journeys (shopper TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
-- Why a run ended.
ALTER TABLE runs ADD COLUMN rule TEXT;
ALTER TABLE runs ADD COLUMN fact TEXT;
-- On which channel a message left.
ALTER TABLE sends ADD COLUMN channel TEXT NOT NULL DEFAULT 'email';
