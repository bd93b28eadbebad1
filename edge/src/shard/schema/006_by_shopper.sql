-- What is asked of one shopper is found by them, however many there are.
CREATE INDEX jobs_by_shopper ON jobs (shopper);
CREATE INDEX runs_by_shopper ON runs (shopper);
CREATE INDEX runs_under_way ON runs (version) WHERE ended IS NULL;
CREATE INDEX decisions_by_shopper ON decisions (shopper);
CREATE INDEX submissions_by_shopper ON submissions (shopper);
