-- A copy of each shop's catalogue, for reports. Prices are in the currency's minor unit; categories, a line each.
CREATE TABLE products (
  shop TEXT NOT NULL,
  id TEXT NOT NULL,
  market TEXT NOT NULL,
  title TEXT NOT NULL,
  url TEXT NOT NULL,
  image TEXT,
  price INTEGER,
  currency TEXT,
  in_stock INTEGER NOT NULL,
  categories TEXT NOT NULL,
  PRIMARY KEY (shop, id, market)
);
