-- What was counted today of the shoppers up to a position (`domain::value::Part`, sealed): when they ordered and
-- for how much, without a word of who they are. It lies here until the shop object has it.
CREATE TABLE outlook_counted (upto INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
