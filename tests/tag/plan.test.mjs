import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { choose, eligible, fires } from "../../www/tag/plan.js";
import { ROOT } from "../harness/folder.mjs";

const fixture = (name) => JSON.parse(readFileSync(join(ROOT, "domain/fixtures", name), "utf8"));
const DAY = 86_400_000;
const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 22, 12);

test("the loader judges as the rules do", () => {
  const { plan, most, cases } = fixture("wake.json");
  const dayBefore = (days) => new Date(NOON - days * DAY).toISOString().slice(0, 10);
  for (const row of cases) {
    const newest = row.closed.toSorted((a, b) => b[1] - a[1]);
    const state = {
      known: row.known,
      closed: Object.fromEntries(newest.map(([campaign, days]) => [campaign, dayBefore(days)])),
      path: row.path,
      shown: row.shown?.map(([campaign, hours]) => [campaign, NOON - hours * HOUR]),
      file: { most },
      now: NOON,
      time: row.elapsed,
      scroll: row.scrolled,
      exit: row.exit,
      said: `|${row.said?.map((name) => `${name}|`).join("") ?? ""}`,
      width: row.width,
      met: row.met,
      cart: row.cart * 1e4,
      referrer: row.referrer,
    };
    const shown = plan.find((entry) => eligible(entry, state) && fires(entry, state));
    assert.equal(shown?.campaign ?? null, row.show, JSON.stringify(row));
  }
});

test("the trigger that fires is named", () => {
  const [entry] = fixture("language.json").plan;
  assert.deepEqual(fires(entry, { time: 2_000, scroll: 0, exit: false }), ["time", 2_000]);
  assert.deepEqual(fires(entry, { time: 0, scroll: 80, exit: false }), ["scroll", 50]);
  assert.deepEqual(fires(entry, { time: 0, scroll: 0, exit: true }), ["exit"]);
  assert.equal(fires(entry, { time: 1_999, scroll: NaN, exit: undefined }), undefined);
  const click = ["click", 1, ".to-checkout"];
  assert.deepEqual(fires({ on: [click] }, { click: 1 }), click);
  assert.equal(fires({ on: [click] }, {}), undefined);
});

test("a closed campaign comes back on the date, whatever is wrong with the note", () => {
  const entry = { campaign: "hello", on: [], again_days: 30 };
  for (const [closed, now, may] of [
    [undefined, NOON, true],
    [{}, NOON, true],
    [{ hello: "2026-11-22" }, NOON, false],
    [{ hello: "2026-10-24" }, NOON, false],
    [{ hello: "2026-10-23" }, NOON, true],
    [{ hello: "yesterday" }, NOON, true],
  ]) {
    assert.equal(eligible(entry, { path: "/", closed, now }), may, JSON.stringify(closed));
  }
});

test("the page's language goes first, then the visitor's, exactly or in its base, then the shop's own", () => {
  const { files, fallback } = fixture("pointer.json");
  for (const [wanted, language] of [
    [["ar", "en-GB"], "ar"],
    [["ar-EG", "en"], "ar"],
    [["", "ar"], "ar"],
    [["de", "fr-FR", "ar-EG"], "ar"],
    [["de"], "en"],
  ]) {
    assert.equal(choose(files, [...wanted, fallback]), files[language], `${wanted}`);
  }
  assert.equal(choose({}, ["en"]), undefined);
});
