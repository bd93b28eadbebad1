-- The shop's domain at the platform, where one app signs for many shops.
ALTER TABLE hooks ADD COLUMN domain TEXT;
