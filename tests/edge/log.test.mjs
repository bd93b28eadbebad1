// The log for rehearsals: whole people, page by page, with nothing in it that says who they are.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { plain, uuid } from "../harness/ids.mjs";
import { changedRelease, demoRelease, named } from "../harness/release.mjs";
import { Server, statement } from "../harness/server.mjs";

const edge = await startEdge();
after(() => edge.stop());

for (const objects of [1, 8]) {
  const open = async () => {
    const shop = await edge.createShop({ objects });
    await shop.publish();
    return shop;
  };
  /** All pages of all objects, as lines. */
  const all = async (shop) => {
    const lines = [];
    for (let object = 0; object < objects; object++) {
      for (let after = ""; after !== null; ) {
        const answer = await shop.admin("GET", `log?object=${object}&after=${after}`);
        assert.equal(answer.status, 200, answer.text);
        const page = answer.text.trimEnd().split("\n").map((line) => JSON.parse(line));
        const [head, foot] = [page.shift(), page.pop()];
        assert.deepEqual([head.export, head.shop, head.currency, head.zone], [1, shop.key, "EUR", "Europe/London"]);
        assert.equal(foot.page.objects, objects);
        lines.push(...page);
        after = foot.page.next;
      }
    }
    return lines;
  };

  test(`in a shop with ${objects}: everybody is there once, with what they did, wherever they did it`, async () => {
    const shop = await open();
    const server = await new Server(shop).connect();
    const visitor = uuid();
    const { email } = await shop.welcome({ visitor, allow: ["email.marketing", "device.personalisation"], given_name: "Wilhelmina", birthday: "02-29" });
    const seen = shop.event("product.viewed", { product: { id: "robe", title: "Robe", price: "20.00", currency: "EUR" } });
    await shop.send([seen], { visitor });
    await server.tell(statement("order.placed", { order: { id: "1001", email, phone: "+4915112345678", total: "40.00", currency: "EUR", items: [{ product: "robe-xl", quantity: 2 }] } }));
    await server.settled();
    await shop.welcome();
    await shop.advance({ seconds: 60 });
    const lines = await all(shop);
    const people = lines.filter(({ person }) => person);
    assert.equal(new Set(people.map(({ person }) => person)).size, 2);
    assert.equal(people.length, 2);
    const { id } = await shop.person(email);
    const from = lines.findIndex(({ person }) => plain(person ?? "") === plain(id));
    const to = lines.findIndex(({ person }, n) => n > from && person);
    const theirs = lines.slice(from + 1, to < 0 ? undefined : to);
    assert.deepEqual([lines[from].birthday, lines[from].reach, lines[from].numbers], ["02-29", ["email", "sms"], ["DE"]]);
    assert.deepEqual(theirs.filter(({ consent }) => consent).map(({ consent, standing, proven }) => [consent, standing, proven]).at(-1).slice(1), ["given", true]);
    const events = theirs.filter(({ event }) => event);
    assert.ok(events.some(({ event }) => plain(event) === plain(seen.id)), "what the browser did is theirs");
    const order = events.find(({ kind }) => kind === "order.confirmed");
    assert.deepEqual(order.data.order.items, [{ product: "robe-xl", quantity: 2 }]);
    const issued = events.filter(({ kind }) => kind === "code.issued");
    assert.deepEqual(issued.map(({ data }) => data.run), [undefined], "the form's own code");
    const text = JSON.stringify(lines).toLowerCase();
    for (const needle of [email, "wilhelmina", "15112345678", "sealed"]) assert.ok(!text.includes(needle), needle);
  });

  test(`in a shop with ${objects}: a page that is not there is said so, and the live version is handed out`, async () => {
    const shop = await open();
    for (const [wrong, field] of [[`object=${objects}`, "object"], ["object=x", "object"], ["after=x", "after"]]) {
      const answer = await shop.admin("GET", `log?${wrong}`);
      assert.deepEqual([answer.status, answer.json.field], [400, field], answer.text);
    }
    const live = await shop.admin("GET", "versions/live");
    assert.deepEqual(live.json, { version: demoRelease().version, config: demoRelease().config });
  });

  test(`in a shop with ${objects}: a draft is rehearsed over the log, for each shopper, and nothing is sent by it`, async () => {
    const shop = await open();
    const quick = changedRelease((config) => {
      const [wait] = named(config.journeys, "vip").steps;
      wait.act = { wait: { days: [5, 600] } };
    });
    const { email } = await shop.welcome();
    const server = await new Server(shop).connect();
    await server.tell(statement("order.placed", { order: { id: "1001", email, total: "40.00", currency: "EUR" } }));
    await server.settled();
    await shop.advance({ days: 8 });
    const before = (await shop.list("messages")).length;
    const people = [];
    let shoppers = 0;
    for (let object = 0; object < objects; object++) {
      const answer = await shop.admin("POST", `rehearsals?object=${object}`, { json: quick });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.json.page, { objects, next: null });
      shoppers += answer.json.totals.shoppers;
      people.push(...answer.json.people);
    }
    assert.equal(shoppers, 1);
    const [{ shopper, changes }] = people;
    assert.equal(shopper, (await shop.person(email)).id);
    const vip = changes.find(({ journey }) => journey === "vip");
    assert.deepEqual([vip.change, vip.message, vip.draft.became], ["open", "vip", "sent"], JSON.stringify(vip));
    assert.equal((await shop.list("messages")).length, before);
    const same = await shop.admin("POST", "rehearsals?object=0", { json: demoRelease() });
    assert.deepEqual(same.json.people, []);
    for (const wrong of ["object=9", "since=soon"]) {
      const answer = await shop.admin("POST", `rehearsals?${wrong}`, { json: quick });
      assert.deepEqual([answer.status, answer.json.field], [400, wrong.split("=")[0]], answer.text);
    }
    assert.equal((await shop.admin("POST", "rehearsals", { json: {} })).status, 400);
  });
}
