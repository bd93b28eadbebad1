// 9. Somebody is quietly unhappy: it is noticed with reasons that can be read, the merchant is told, and a person writes.

import assert from "node:assert/strict";

import { emailAddress } from "../../harness/ids.mjs";
import { until } from "../../harness/until.mjs";
import { DESK, DEVICE, HOUR_S, MARA, NEWS, checkOut, fill, place, tryCode } from "./walk.mjs";

export async function unhappy(walk, t) {
  const { shop, world } = walk;
  const before = (await shop.mailsTo(MARA)).length;
  const visitor = await world.visitor(t, { shop, context: DESK });
  const email = emailAddress("finn");
  const popup = await visitor.meet();
  const { page } = visitor;
  await popup.answer(email, NEWS, DEVICE);
  await page.goto(world.edge.url + shop.link(await shop.mailTo(email, "confirm"), "c"));
  await page.getByRole("button").click();
  await shop.mailTo(email, "welcome");
  const { id } = await shop.person(email);
  /** What is known to have gone wrong for him. */
  const signs = async () => (await shop.admin("GET", `people/${id}/facts`)).json.unhappy_because.map(({ sign }) => sign);
  const noted = (...wanted) => until(`${wanted} are noted`, async () => (await signs()).toSorted().join() === wanted.toSorted().join());

  // A button that nobody has wired up, pressed again and again.
  await visitor.go("/product/puddle-row-boots");
  await page.locator(".choose").evaluate((form) => form.insertAdjacentHTML("afterend", `<p><button class="button plain" type="button" id="guide">Which size am I?</button></p>`));
  const guide = page.locator("#guide");
  await guide.click();
  await until("somebody watches", () => visitor.requests.some(({ url }) => url.endsWith("/senses.js")));
  // He is asked at once what it is, and has no wish to say.
  await until("he is asked", async () => {
    if ((await visitor.popup.open()) === 0) await guide.click({ clickCount: 5, delay: 15 });
    await visitor.wait(2_500);
    return (await visitor.popup.open()) === 1;
  });
  assert.equal(await visitor.popup.dialog.locator(".rp-card:not([hidden]) h2").innerText(), "Is something not working?");
  await walk.picture(page, "9-1-a-button-that-does-nothing");
  await visitor.popup.close();
  await until("his presses are told", async () => {
    await visitor.wait(1_000);
    return (await signs()).length === 2;
  });
  await noted("dead click", "rage click");
  await visitor.go("/search?q=wetsuit+for+a+seal");
  await page.getByText(/Nothing in the boathouse/).waitFor();
  await walk.picture(page, "9-2-nothing-found");
  await noted("dead click", "rage click", "empty search");
  assert.equal((await shop.mailsTo(MARA)).length, before, "so far it is a bad day, not more");
  await fill(visitor, "ferry-mug");
  await checkOut(visitor, { email, given_name: "Finn" });
  assert.equal((await tryCode(visitor, "AHOY-77777777")).percent, 0);
  await walk.picture(page, "9-3-a-code-that-fails", { fullPage: true });

  // The merchant is told at once, with what went wrong.
  const told = (await walk.told(before + 1)).at(-1);
  assert.equal(told.subject, "A shopper is unhappy.");
  for (const reason of ["had a code that did not work", "searched and found nothing", "clicked again and again", "clicked where nothing happened"]) {
    assert.ok(told.text.includes(reason), `${reason} in ${told.text}`);
  }
  assert.ok(told.text.includes(`/inbox/#/people/${id}`) && !told.text.includes(email));
  await walk.letter(told, "9-4-the-merchant-is-told");

  // What he ordered comes back, too.
  const order = await place(visitor);
  await visitor.go(`/returns/${order}`);
  await page.locator("[name=item]").first().check();
  await page.locator("#reason").selectOption("not_as_shown");
  await page.getByRole("button", { name: "Ask for the return" }).click();
  await page.getByText("Your return is noted.").waitFor();
  await walk.picture(page, "9-5-a-return", { fullPage: true });
  await shop.server.settled();
  await noted("dead click", "rage click", "empty search", "coupon failed", "return");

  // An hour later a person asks what it was.
  assert.ok(!(await walk.got(email)).includes("rescue"));
  await walk.pass({ seconds: HOUR_S + 60 });
  const letter = await walk.gets(email, "rescue");
  assert.match(letter.subject, /Did something go wrong\?/);
  await walk.letter(letter, "9-6-letter-rescue");
}
