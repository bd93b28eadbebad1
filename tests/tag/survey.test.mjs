import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { after } from "../../www/survey/ways.js";
import { ROOT } from "../harness/folder.mjs";

test("the page goes through a survey as the rules do", () => {
  const { ways, cases } = JSON.parse(readFileSync(join(ROOT, "domain/fixtures/survey.json"), "utf8"));
  for (const [chosen, place] of cases) assert.equal(after(ways, chosen), place, JSON.stringify(chosen));
  assert.equal(after(ways), 1, "left out");
});
