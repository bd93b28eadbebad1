// A copy of everything, and that it is erased: asked for on the preference page, proven by a letter, done by
// the button behind it. In one object and in eight.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEdge } from "../harness/edge.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { assertProblem } from "../harness/problem.mjs";
import { until } from "../harness/until.mjs";

const edge = await startEdge();
after(() => edge.stop());

for (const objects of [1, 8]) {
  const shop = await edge.createShop({ objects });
  await shop.publish();

  const welcomed = async (fields = {}) => {
    const { email } = await shop.welcome({ given_name: "Anna", ...fields });
    const page = shop.link(await shop.mailTo(email, "welcome"), "p").replace(/#.*/, "");
    return { email, page, id: (await shop.person(email)).id };
  };
  const wish = async (page, act) => {
    const answer = await edge.ask("POST", page, { form: new URLSearchParams({ act }) });
    assert.equal(answer.status, 303, answer.text);
    assert.equal(answer.headers.get("location"), `${page}?done=${act}`);
    return (await edge.ask("GET", `${page}?done=${act}`)).text;
  };

  test(`in a shop with ${objects}: a copy comes by a letter, as a file, as often as wanted for a day`, async () => {
    const { email, page } = await welcomed();
    assert.match(await wish(page, "export"), /Look in your inbox/);
    const letter = await shop.mailTo(email, "export");
    assert.match(letter.html, /<a href="https?:\/\/[^"]+\/e\/pk_/);
    assert.match(letter.text, /Lighthouse Yard/, "with the postal address");
    for (const part of [letter.text, letter.html]) assert.ok(part.includes(`${page}#why`), "and the way to the preference page");
    const link = shop.link(letter, "e");
    const shown = await edge.ask("GET", link);
    assert.match(shown.text, /<button type="submit">Give me my file<\/button>/);
    assert.ok(!shown.text.includes(email));
    for (let n = 0; n < 2; n++) {
      const copy = await edge.ask("POST", link);
      assert.match(copy.headers.get("content-disposition"), /attachment; filename="everything\.json"/);
      assert.match(copy.headers.get("cache-control"), /no-store/);
      assert.equal(copy.json.about.addresses[0].address, email);
      assert.ok(copy.json.messages.some(({ mail }) => mail === "export"));
    }
    await shop.advance({ days: 1, seconds: 60 });
    assert.match((await edge.ask("POST", link)).text, /only works for a day/);
  });

  test(`in a shop with ${objects}: erasing takes a letter and two presses, and says so ever after`, async () => {
    const { email, page, id } = await welcomed();
    assert.match(await wish(page, "erase"), /Look in your inbox/);
    assert.ok(await shop.person(email), "asking erases nothing");
    const link = shop.link(await shop.mailTo(email, "erase"), "x");
    assert.match((await edge.ask("GET", link)).text, /Erase everything\?/);
    assert.ok(await shop.person(email), "looking erases nothing");
    for (let n = 0; n < 2; n++) assert.match((await edge.ask("POST", link)).text, /It is all gone/);
    assert.match((await edge.ask("GET", link)).text, /It is all gone/);
    assert.equal(await shop.person(email), undefined);
    assertProblem(await edge.ask("GET", page), 404);
    assertProblem(await shop.admin("GET", `people/${id}/copy`), 404);
  });

  test(`in a shop with ${objects}: whoever became one with another asks for both`, async () => {
    const [anna, berta] = [await welcomed(), await welcomed({ given_name: "Berta" })];
    assert.equal((await shop.admin("POST", `people/${anna.id}/join`, { json: { with: berta.id } })).status, 200);
    await until("they are one", async () => (await shop.person(anna.email))?.addresses.length === 2);
    await wish(berta.page, "export");
    const copy = await edge.ask("POST", shop.link(await shop.mailTo(berta.email, "export"), "e"));
    assert.deepEqual(copy.json.about.addresses.map(({ address }) => address).sort(), [anna.email, berta.email].sort());
    await wish(berta.page, "erase");
    assert.match((await edge.ask("POST", shop.link(await shop.mailTo(berta.email, "erase"), "x"))).text, /It is all gone/);
    assert.equal(await shop.person(anna.email), undefined);
    assert.equal(await shop.person(berta.email), undefined);
  });

  test(`in a shop with ${objects}: nobody's mailbox is filled with such letters`, async () => {
    const { email, page } = await welcomed();
    for (let n = 0; n < 7; n++) await wish(page, "erase");
    await shop.mailTo(email, "erase");
    await shop.advance({ seconds: 60 });
    assert.equal((await shop.mailsTo(email)).filter(({ mail }) => mail === "erase").length, 4);
  });

  test(`in a shop with ${objects}: a wish's link is good for that wish and for its shop`, async () => {
    const { email, page } = await welcomed({ email: emailAddress("carla") });
    await wish(page, "export");
    const link = shop.link(await shop.mailTo(email, "export"), "e");
    for (const kind of ["x", "c", "u", "p"]) assertProblem(await edge.ask("POST", link.replace("/e/", `/${kind}/`)), 404);
    assertProblem(await edge.ask("POST", link.slice(0, -1)), 404);
    assert.ok(await shop.person(email));
  });
}
