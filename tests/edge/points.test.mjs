// Points that the shop's server tells of, and what time alone makes of them: a segment that is entered days before they
// end, and left when they are gone.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { changedRelease } from "../harness/release.mjs";
import { Server, statement } from "../harness/server.mjs";

const edge = await startEdge();
after(() => edge.stop());

const DAY = 86_400_000;

/** A shop whose one journey writes to whoever has points that end within two weeks. */
const release = changedRelease((config) => {
  const soon = [{ number: { fact: "points_ending", at_least: 10 } }, { number: { fact: "days_to_points_end", at_most: 13 } }];
  config.segments = { "points-end": { when: { all: soon } } };
  const say = { id: "say", next: 1, act: { message: { channel: "email", name: "win-back", valid_for: 3 * DAY } } };
  config.journeys = [{ name: "points", entry: { segment: "points-end" }, key: "shopper", again: "always", steps: [say] }];
});

for (const objects of [1, 8]) {
  test(`in a shop with ${objects}: whoever's points end soon hears of it on the day, and once`, async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish(release);
    const server = await new Server(shop).connect();
    const { email } = await shop.welcome();
    const { email: other } = await shop.welcome();
    const { clock } = await shop.status();
    const ends = new Date(clock.now + 20 * DAY).toISOString();
    const say = (id, address, points, at) => server.tell(statement("customer.updated", { customer: { id, emails: [address], points } }, { at }));
    await say("c1", email, { balance: 120, ending: 50, ends }, clock.now - 60_000);
    // Said again, nothing has changed.
    await say("c1", email, { balance: 120, ending: 50, ends }, clock.now - 50_000);
    await say("c2", other, { balance: 120, ending: 5, ends }, clock.now - 60_000);
    await server.settled();
    const noted = (await shop.list("events")).filter(({ type }) => type === "points.changed");
    assert.equal(noted.length, 2, JSON.stringify(noted));
    const heard = async (address) => (await shop.list("messages")).filter(({ to, mail }) => to === address && mail === "win-back").length;
    const facts = async (address) => {
      const { shopper } = (await shop.list("messages")).find(({ to }) => to === address);
      const answer = await shop.admin("GET", `people/${shopper}/facts`);
      assert.equal(answer.status, 200, answer.text);
      return answer.json;
    };
    const { points, segments } = await facts(email);
    assert.deepEqual([points, segments], [{ balance: 120, ending: 50, ends: Date.parse(ends) }, []]);

    await shop.advance({ days: 5 });
    assert.deepEqual([await heard(email), await heard(other)], [0, 0], "fifteen days are more than two weeks");
    await shop.advance({ days: 2 });
    assert.deepEqual([await heard(email), await heard(other)], [1, 0], "of five points nobody is told");
    assert.deepEqual((await facts(email)).segments, ["points-end"]);

    await shop.advance({ days: 13 });
    const gone = await facts(email);
    assert.deepEqual([gone.points, gone.segments], [{ balance: 70, ending: 0, ends: null }, []]);
    assert.equal(await heard(email), 1);

    // An older word that comes late changes nothing; a newer one does.
    await say("c1", email, { balance: 1 }, clock.now - 120_000);
    await server.settled();
    assert.equal((await facts(email)).points.balance, 70);
    await say("c1", email, { balance: 300 }, clock.now + 19 * DAY);
    await server.settled();
    assert.deepEqual((await facts(email)).points, { balance: 300, ending: 0, ends: null });
  });
}
