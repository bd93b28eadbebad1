// The inbox page: what came in, what went out, the clock and the switches, for whoever holds the token.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";

import { ROOT } from "../harness/folder.mjs";
import { emailAddress } from "../harness/ids.mjs";
import { Server, statement } from "../harness/server.mjs";
import { both, orderRelease, startListener } from "../harness/told.mjs";
import { until } from "../harness/until.mjs";
import { openWorld } from "./world.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FOLDER = join(ROOT, "target/pictures");
mkdirSync(FOLDER, { recursive: true });

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

/** A shop whose orders bring a text, a word to the shop's server and one to the merchant, and somebody who ordered. */
async function told(t, { lang = "en", given_name = "Anna" } = {}) {
  const listener = await startListener(() => 410);
  t.after(() => listener.stop());
  const shop = await world.shop(t);
  const text = { message: { channel: "sms", name: "thank-you", valid_for: 86_400_000, today_only: false } };
  await shop.publish(orderRelease([text, { alert: "Somebody ordered. Say hello." }, { webhook: "crm" }, { wait: { for: 864_000_000 } }], (config) => {
    config.webhooks = { crm: listener.url };
    config.alerts = "mara@skerrow.example";
    config.texts["thank-you"].texts.en += " https://skerrow.example/orders/1001";
    config.texts["thank-you"].texts.ar += " https://skerrow.example/orders/1001";
  }));
  const server = await new Server(shop).connect();
  const person = await both(server, { given_name, language: lang });
  await server.tell(statement("order.placed", { order: { id: "1001", email: person.email, total: "40.00", currency: "EUR", items: [{ product: "robe", quantity: 1 }] } }));
  await server.settled();
  await until("the shop's server has been told", () => listener.calls.length > 0);
  return { shop, ...person };
}

test("a text shows its number, its words and its parts; why it left stands beside it", async (t) => {
  const { shop, phone } = await told(t);
  const page = await inbox(t, shop);
  const row = page.locator(".shelf a").filter({ hasText: phone });
  await row.getByText(/Anna, thank you for/).waitFor();
  await row.getByText("Text ·").waitFor();
  await row.click();
  await page.getByRole("heading", { level: 2, name: "Text message" }).waitFor();
  await page.locator(".pane").getByText(phone).waitFor();
  await page.locator(".bubble").getByText(/I am packing it now/).waitFor();
  assert.equal(await page.locator(".bubble a").getAttribute("href"), "https://skerrow.example/orders/1001");
  await page.getByText(/^Sent in 1 part, \d+ characters\.$/).waitFor();
  await page.locator(".pane").getByText("the answer to what the shopper did").waitFor();
  assert.equal(await page.getByRole("tab").count(), 0, "there is no HTML and no source to look at");
  assert.deepEqual(page.complaints, []);
});

test("a mail to the merchant, a call of the shop's server and a run of a journey are there with their why", async (t) => {
  const { shop, email } = await told(t);
  const page = await inbox(t, shop);
  await page.locator(".shelf a").filter({ hasText: "Somebody ordered." }).click();
  await page.frameLocator("iframe").getByText("Say hello.").waitFor();
  assert.equal(await page.locator(".pane dd a").count(), 0, "the merchant is no shopper");
  await view(page, "Decisions");
  const call = page.locator("tr").filter({ hasText: "call of the shop's server" });
  await call.getByText("the shop's server answered 410").waitFor();
  await page.locator("tr").filter({ hasText: "mail to the merchant" }).getByText("Somebody ordered.").waitFor();
  await view(page, "Jobs");
  await page.locator("tr").filter({ hasText: "next step · told" }).waitFor();
  await view(page, "People");
  const card = page.locator("article").filter({ hasText: email });
  await card.getByText("under way").waitFor();
  assert.deepEqual(page.complaints, []);
});

test("the link in a mail to the merchant leads to the person, however many came after them", async (t) => {
  const { shop, email } = await told(t);
  const { id } = await shop.person(email);
  const lines = Array.from({ length: 60 }, (_, n) => JSON.stringify({ id: `later-${n}`, emails: [`later-${n}@example.org`] }));
  await shop.admin("POST", "import?about=customers&format=ndjson", { body: lines.join("\n"), headers: { "content-type": "text/plain" } });
  await until("they are there", async () => (await shop.list("people")).length > 60, { within: 60_000 });
  const page = await inbox(t, shop);
  await page.locator("#shop-name").getByText("Skerrow").waitFor();
  await page.goto(`${world.edge.url}/inbox/#/people/${id}`);
  await page.locator(`#person-${id}`).getByText(email).waitFor();
  assert.ok(await page.evaluate((id) => document.activeElement.id === `person-${id}`, id));
});

for (const [place, viewport] of Object.entries({ desk: { width: 1280, height: 800 }, "small-phone": { width: 320, height: 568 } })) {
  for (const lang of ["en", "ar"]) {
    test(`texts, calls and runs are good to look at: ${place}, ${lang}`, async (t) => {
      const { shop, phone } = await told(t, { lang, given_name: lang === "ar" ? "نور" : "Anna" });
      const page = await inbox(t, shop, { viewport });
      const picture = async (name) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
        if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
        const violations = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join("; ")}`));
        assert.deepEqual(violations, [], name);
        await page.screenshot({ path: join(FOLDER, `inbox-${name}-${place}-${lang}.png`), animations: "disabled" });
      };
      await page.locator(".shelf a").filter({ hasText: phone }).waitFor();
      await picture("1-texts");
      await page.locator(".shelf a").filter({ hasText: phone }).click();
      await page.locator(".bubble").waitFor();
      await picture("2-text");
      if (place === "small-phone") await page.goBack();
      for (const name of ["Decisions", "Jobs", "People"]) {
        await view(page, name);
        await page.locator("#main :is(table, article)").first().waitFor();
        await picture(`3-${name.toLowerCase()}`);
      }
    });
  }
}

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
