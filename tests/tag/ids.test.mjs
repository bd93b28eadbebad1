import assert from "node:assert/strict";
import test from "node:test";

import { uuid } from "../../www/tag/uuid.js";

test("an id is a UUIDv7 without hyphens", () => {
  const before = Date.now();
  const ids = Array.from({ length: 2_000 }, uuid);
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    const at = parseInt(id.slice(0, 12), 16);
    assert.ok(before <= at && at <= Date.now());
  }
  assert.equal(new Set(ids).size, ids.length);
});
