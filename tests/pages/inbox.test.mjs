// The inbox page: what came in, what went out, the clock and the switches, for whoever holds the token.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { emailAddress } from "../harness/ids.mjs";
import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const world = await openWorld();
after(() => world.close());

/** The inbox page of a shop, opened with its token in the fragment. */
async function inbox(t, shop, { token = shop.token, viewport = { width: 1280, height: 800 } } = {}) {
  const context = await world.browser.newContext({ viewport, locale: "en-GB" });
  t.after(() => context.close());
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  await page.goto(`${world.edge.url}/inbox/#token=${token}`);
  return page;
}

const view = async (page, name) => {
  await page.locator("#tabs").getByRole("link", { name: new RegExp(`^${name}`) }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor({ state: "attached" });
};

test("it opens with the token, which leaves the address bar and is forgotten with the tab", async (t) => {
  const shop = await world.shop(t);
  const page = await inbox(t, shop);
  await page.locator("#shop-name").getByText("Skerrow").waitFor();
  assert.ok(!page.url().includes(shop.token));
  assert.deepEqual(await page.evaluate(() => [localStorage.length, document.cookie]), [0, ""]);
  await view(page, "Status");
  await page.getByRole("button", { name: /Forget the/ }).click();
  await page.locator("#door").waitFor();
  assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage)), "{}");
  assert.deepEqual(page.complaints, []);
});

test("a wrong token opens nothing, and says so beside the field", async (t) => {
  const shop = await world.shop(t);
  const page = await inbox(t, shop, { token: `${shop.token.slice(0, -2)}xx` });
  await page.locator("#door-said").getByText(/\w/).waitFor();
  assert.equal(await page.locator("#app").isVisible(), false);
  assert.equal(await page.locator("#token").getAttribute("aria-invalid"), "true");
  await page.locator("#token").fill(shop.token);
  await page.getByRole("button", { name: "Open" }).click();
  await page.locator("#shop-name").getByText("Skerrow").waitFor();
});

test("a token of one shop shows nothing of another", async (t) => {
  const [one, other] = [await world.shop(t), await world.shop(t)];
  const { email } = await other.welcome();
  const page = await inbox(t, one);
  await page.getByText("No message yet").waitFor();
  await view(page, "People");
  assert.ok(!(await page.locator("body").textContent()).includes(email));
});

test("messages, people, jobs and decisions are there, and the clock brings the reminder", async (t) => {
  const shop = await world.shop(t);
  const { email } = await shop.welcome({ given_name: "Anna" });
  await shop.mailTo(email, "welcome");
  const page = await inbox(t, shop);

  await page.locator(".shelf a").filter({ hasText: "welcome" }).first().click();
  const mail = page.frameLocator("iframe");
  const [{ code }] = (await shop.person(email)).codes;
  await mail.getByText(code).first().waitFor();
  await page.getByRole("tab", { name: "Plain text" }).click();
  await page.locator("#part pre").getByText(code).waitFor();
  await page.getByRole("tab", { name: "Source" }).click();
  await page.locator("#part pre").getByText(/multipart\/alternative/).waitFor();

  await view(page, "People");
  await page.locator("#main").getByText(email).first().waitFor();
  await view(page, "Jobs");
  await page.locator("#main").getByText(/welcome/).first().waitFor();
  await view(page, "Events");
  await page.locator("#main").getByText(/address\.|consent|form/).first().waitFor();

  await page.locator("#clock").getByRole("button", { name: "21 days" }).click();
  await page.locator("#ran").getByText(/21 days later: \d+ jobs? ran/).waitFor();
  assert.deepEqual((await shop.mailsTo(email)).map(({ mail }) => mail).sort(), ["confirm", "reminder", "welcome"]);
  await view(page, "Decisions");
  await page.locator("#main").getByText("reminder").first().waitFor();
  await view(page, "Messages");
  await page.locator(".shelf a").filter({ hasText: "reminder" }).first().waitFor();
  assert.deepEqual(page.complaints, []);
});

test("what happens meanwhile appears without reloading", async (t) => {
  const shop = await world.shop(t);
  const page = await inbox(t, shop);
  await page.getByText("No message yet").waitFor();
  const email = emailAddress();
  await shop.submit({ email });
  await page.locator(".shelf").getByText(email).waitFor();
});

test("the kill switches work both ways", async (t) => {
  const shop = await world.shop(t);
  const page = await inbox(t, shop);
  await page.locator("#shop-name").getByText("Skerrow").waitFor();
  await view(page, "Status");
  for (const name of ["campaigns", "sending"]) {
    const lever = page.locator(`[data-switch=${name}]`);
    for (const on of [false, true]) {
      await lever.click();
      await until(`${name} is ${on}`, async () => (await shop.status()).switches[name] === on);
      await page.locator(`[data-switch=${name}][aria-checked=${on}]`).waitFor();
    }
  }
});

const HOSTILE = `<img src=x onerror="window.top.hacked=1"><script>window.top.hacked=1</script>`;

test("what strangers and mails say is shown as text, and no script of a mail runs", async (t) => {
  const shop = await world.shop(t, {
    config: (config) => {
      const mails = JSON.stringify(config.mails).replaceAll("</body>", `${HOSTILE.replaceAll('"', '\\"')}</body>`);
      config.mails = JSON.parse(mails);
    },
  });
  const { email } = await shop.welcome({ given_name: HOSTILE.slice(0, 60) });
  const sent = await shop.send([shop.event("page.viewed", { url: `${shop.origin}/`, title: `<b>bold</b>${HOSTILE}` })]);
  assert.equal(sent.json.accepted, 1);
  const page = await inbox(t, shop);
  await page.locator(".shelf a").filter({ hasText: "welcome" }).first().click();
  const frame = page.locator("iframe");
  await frame.waitFor();
  assert.ok(!(await frame.getAttribute("sandbox")).includes("allow-scripts"));
  assert.ok(!(await frame.getAttribute("sandbox")).includes("allow-same-origin"));
  await view(page, "People");
  await page.locator("#main").getByText(email).first().waitFor();
  await view(page, "Events");
  const told = page.locator("#main details").filter({ hasText: "<b>bold</b>" });
  await told.locator("summary").click();
  await told.getByText("<b>bold</b>").waitFor();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("#main img[src=x]").count(), 0);
});

test("it fits a phone", async (t) => {
  const shop = await world.shop(t);
  const { email } = await shop.welcome();
  await shop.mailTo(email, "welcome");
  const page = await inbox(t, shop, { viewport: { width: 390, height: 844 } });
  await page.locator(".shelf a").first().waitFor();
  for (const name of ["Messages", "People", "Events", "Jobs", "Decisions", "Status"]) {
    await view(page, name);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
  }
});
