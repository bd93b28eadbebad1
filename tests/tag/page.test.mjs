import assert from "node:assert/strict";
import test from "node:test";

import { openPage, pretendEdge } from "./page.mjs";

const PERMITTED = [["consent", { device: true }]];
const views = (edge) => edge.events.filter((event) => event.type === "page.viewed");

test("a page view carries what the page says about things sold, and no more of it than is useful", async () => {
  const product = '{"@type":"Product","sku":"a1"}';
  const way = '{"@type":"BreadcrumbList"}';
  const long = `{"@type":"Product","name":"${"x".repeat(20_000)}"}`;
  const ld = [product, '{"@type":"WebSite"}', long, way, ...Array(9).fill('{"@type":"Order","orderNumber":"7"}')];
  const edge = pretendEdge();
  const page = await openPage({ edge, queue: PERMITTED, ld });
  await page.advance(2_000);
  const [view] = views(edge);
  assert.deepEqual([view.url, view.title], ["https://shop.example/p/cap", "A cap"]);
  assert.deepEqual(view.ld, [product, way, ...Array(2).fill('{"@type":"Order","orderNumber":"7"}')]);
});

test("what the data layer says counts for the page that was loaded, not for those after it", async () => {
  const edge = pretendEdge();
  const dataLayer = [{ event: "view_item", ecommerce: { items: [{ item_id: "a1" }] } }];
  const page = await openPage({ edge, queue: PERMITTED, dataLayer });
  await page.goTo("/other");
  await page.advance(2_500);
  assert.deepEqual(
    views(edge).map(({ layer }) => layer),
    [['["view_item",{"items":[{"item_id":"a1"}]}]'], undefined],
  );
});

test("a page is viewed, whatever stands in its data layer", async () => {
  const round = { event: "view_item", ecommerce: {} };
  round.ecommerce.itself = round;
  for (const dataLayer of [{}, [null], [round], 7]) {
    const edge = pretendEdge();
    const page = await openPage({ edge, queue: PERMITTED, dataLayer });
    await page.advance(2_000);
    assert.deepEqual(
      views(edge).map(({ url }) => url),
      ["https://shop.example/p/cap"],
    );
  }
});

test("a single-page shop is followed, anchors are not, hash routes are", async () => {
  const edge = pretendEdge();
  const page = await openPage({ edge, queue: PERMITTED, url: "https://shop.example/a" });
  for (const to of ["/b", "/b#reviews", "/b#/cart", "/a"]) {
    await page.goTo(to);
    await page.advance(500);
  }
  await page.advance(2_000);
  assert.deepEqual(
    views(edge).map(({ url, referrer }) =>
      [url, referrer].map((each) => each.replace("https://shop.example", "")),
    ),
    [
      ["/a", ""],
      ["/b", "/a"],
      ["/b#/cart", "/b"],
      ["/a", "/b#/cart"],
    ],
  );
});

test("a page that comes back from the browser's cache is viewed again", async () => {
  const edge = pretendEdge();
  const page = await openPage({ edge, queue: PERMITTED });
  await page.fire("window", "pageshow", { persisted: false });
  await page.fire("window", "pageshow", { persisted: true });
  await page.advance(2_000);
  assert.equal(views(edge).length, 2);
});

test("a page that the browser only prepares is neither viewed nor used to show anything", async () => {
  const edge = pretendEdge({ plan: [{ campaign: "hello", on: [["time", 0]], pages: "", again_days: 30 }] });
  const page = await openPage({ edge, queue: PERMITTED, prerendering: true });
  await page.advance(60_000);
  assert.deepEqual([edge.requests, page.attempts], [[], 0]);
  await page.fire("document", "prerenderingchange");
  await page.advance(2_000);
  assert.deepEqual([views(edge).length, page.attempts], [1, 1]);
});

test("pasted twice, the tag works once", async () => {
  const edge = pretendEdge();
  const page = await openPage({ edge, queue: PERMITTED, tags: 2 });
  await page.advance(2_000);
  assert.deepEqual(
    edge.requests.map((request) => request.split("/").pop()),
    ["pointer", "f0", "events"],
  );
  assert.equal(edge.events.length, 2);
});

test("it works without the queue, and next to something else of the same name", async () => {
  for (const queue of [undefined, { tagName: "SECTION" }]) {
    const edge = pretendEdge();
    const page = await openPage({ edge, queue });
    page.push(...PERMITTED);
    await page.advance(2_000);
    assert.equal(edge.events.length, 2);
  }
});

test("a campaign is shown when its moment comes, unless the kill switch is on", async () => {
  const plan = [{ campaign: "hello", on: [["time", 2_000]], pages: "^/p/", again_days: 30 }];
  for (const [published, shown] of [
    [{ plan }, 1],
    [{ plan, off: true }, 0],
    [{ plan: [{ ...plan[0], pages: "^/other" }] }, 0],
  ]) {
    const page = await openPage({ edge: pretendEdge(published) });
    await page.advance(1_999);
    assert.equal(page.attempts, 0);
    await page.advance(60_000);
    assert.equal(page.attempts, shown, JSON.stringify(published));
  }
});

test("nothing published, or nothing to be shown: events are still recorded", async () => {
  for (const published of [{ files: {} }, { off: true, plan: [{ campaign: "hello", on: [["time", 0]] }] }]) {
    const edge = pretendEdge(published);
    const page = await openPage({ edge, queue: PERMITTED });
    await page.advance(10_000);
    assert.equal(edge.events.length, 2);
    assert.ok(!edge.requests.some((request) => request.endsWith("undefined")));
  }
});
