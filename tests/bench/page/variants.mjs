// What is visited: the same page with each tag, and what somebody does there.

import { createHash } from "node:crypto";

import { startEdge } from "../../harness/edge.mjs";
import { emailAddress, networkAddress } from "../../harness/ids.mjs";
import { changedRelease } from "../../harness/release.mjs";
import { formbricks, posthog } from "./peers.mjs";
import { gateway, shop } from "./servers.mjs";

/** The survey of the demo shop; measured as soon as there is one. */
const SURVEY = "leaving";
const FORM = "hello";

/** Everything that answers. `tags` are by name; `network` changes whom the edge takes the next visit for. */
export async function world() {
  let from = networkAddress();
  const edge = await startEdge({ build: "deploy", assets: true });
  const front = await gateway(edge.url, () => from);
  const tags = new Map();
  const pages = await shop(() => tags);
  const peers = [await posthog(), await formbricks()];
  const { key, campaigns } = await ours(edge, pages.url);
  const head = `<script>(window.rapport=window.rapport||[]).push(["consent",{device:true}])</script>
<script async src="${front.url}/tag.js" data-shop="${key}"></script>`;
  const form = { host: front.url, head, text: emailAddress, ...OURS };
  tags.set("none", { head: "", pressed: "" });
  const bare = { ...form, head: `<script>(${least})("${front.url}", "${key}", "${FORM}")</script>` };
  tags.set("least", { ...bare, pressed: "" });
  tags.set("bare", { ...bare, pressed: "showBare()" });
  tags.set("ours", { ...form, pressed: "" });
  tags.set(FORM, { ...form, pressed: `rapport.push(['show','${FORM}'])` });
  if (campaigns.includes(SURVEY)) tags.set(SURVEY, { ...form, ...OUR_SURVEY, pressed: `rapport.push(['show','${SURVEY}'])` });
  const [hog, bricks] = peers;
  const at = "{displayType:'popover',ignoreConditions:true,ignoreDelay:true}";
  tags.set("posthog", { host: hog.url, head: hog.head, text: emailAddress, ...POSTHOG, pressed: `posthog.displaySurvey('${hog.survey}',${at})` });
  tags.set("formbricks", { host: bricks.url, head: bricks.head, text: emailAddress, ...FORMBRICKS, pressed: "formbricks.track('leaving')" });
  return {
    tags,
    page: (tag) => `${pages.url}/?v=${tag}`,
    network: () => (from = networkAddress()),
    unknown: () => peers.flatMap((peer) => [...peer.unknown]),
    close: async () => {
      await Promise.all([front.close(), pages.close(), ...peers.map((peer) => peer.close())]);
      await edge.stop();
    },
  };
}

/**
 * What no tag of this kind can do without, and nothing else: when the page is idle it reads its key of the storage and writes it,
 * asks what there is to show, by the same two requests as ours, and tells of the page in one. `showBare` opens the same
 * markup with the same style at once; it can be closed, and nobody hears of it.
 */
function least(edge, shop, form) {
  requestIdleCallback(async () => {
    const id = (localStorage.least ||= Date.now().toString(16).padStart(12, "0") + "70008000" + "0".repeat(12));
    const { files, fallback, objects } = await (await fetch(`${edge}/v1/shops/${shop}/pointer`)).json();
    const file = await (await fetch(`${edge}/v1/shops/${shop}/files/${files[fallback]}`)).json();
    window.showBare = () => {
      const { css, html } = { ...file, ...file.plan.find(({ campaign }) => campaign === form) };
      const host = document.createElement("div");
      const root = host.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
      root.innerHTML = html;
      host.id = "rapport";
      document.body.append(host);
      const dialog = root.firstElementChild;
      dialog.className = "rp rp-popup";
      dialog.onclick = ({ target }) => target.closest("[data-close]") && dialog.close();
      dialog.showModal();
      dialog.querySelector("input").focus();
    };
    const at = Date.now();
    const events = [{ id: id.slice(0, 31) + 1, at, type: "consent.changed", given: true }, { id: id.slice(0, 31) + 2, at, type: "page.viewed", url: location.href }];
    const body = JSON.stringify({ v: 1, sent: at, events });
    await fetch(`${edge}/v1/events?shop=${shop}&objects=${objects}&visitor=${id}`, { method: "POST", body, keepalive: true });
  });
}

/** The demo shop, whose campaigns come when somebody leaves or the page asks, and not while it is being measured. */
async function ours(edge, origin) {
  const shop = await edge.createShop({ name: "Skerrow", origins: [origin] });
  let campaigns;
  const release = changedRelease((config, release) => {
    config.url = origin;
    for (const [lang, hash] of Object.entries(release.languages)) {
      const file = JSON.parse(Buffer.from(release.files[hash], "base64"));
      for (const entry of file.plan) entry.on = [["exit"]];
      campaigns = file.plan.map(({ campaign }) => campaign);
      const body = Buffer.from(JSON.stringify(file));
      const name = createHash("sha256").update(body).digest("hex").slice(0, 16);
      delete release.files[hash];
      release.languages[lang] = name;
      release.files[name] = body.toString("base64");
    }
  });
  await shop.publish(release);
  return { key: shop.key, campaigns };
}

// Where each popup is: `root` is an expression for what to look in, the rest are selectors. A press on `close` ends it, one
// on `done` ends the thanks. `answer` is what is pressed one after the other; what stands in its middle is typed.

/** Among what is pressed: the address is typed. */
export const TYPED = Symbol("typed");

const OURS = {
  root: "document.querySelector('#rapport')?.shadowRoot",
  box: "dialog[open]",
  close: "[data-rp=form] .rp-close",
  answer: ["[name=email]", TYPED, "[data-rp=form] .rp-go"],
  thanks: ":is([data-rp=done],[data-rp=step]):not([hidden])",
  done: ":is([data-rp=done],[data-rp=step]):not([hidden]) .rp-close",
};
/** One question more than theirs: what was chosen leads to the one for a free text. */
const OUR_SURVEY = {
  answer: ["[data-rp=form] [value=not-found]", "[data-rp=form] .rp-go", "[data-rp=question] textarea", TYPED, "[data-rp=question] .rp-go"],
  thanks: "[data-rp=done]",
  done: "[data-rp=done] .rp-close",
};
const POSTHOG = {
  root: "document.querySelector('[class^=PostHogSurvey]')?.shadowRoot",
  box: ".survey-form, .thank-you-message",
  close: ".form-cancel",
  answer: ["textarea", TYPED, ".form-submit"],
  thanks: ".thank-you-message",
  done: ".form-cancel",
};
const FORMBRICKS = {
  root: "document",
  box: "#fbjs .shadow-lg",
  close: "button:has(> .sr-only)",
  answer: ["textarea", TYPED, "button[type=submit]"],
  thanks: "#fbjs .shadow-lg:not(:has(textarea))",
  done: "button:has(> .sr-only)",
};

/** In this order, again and again. `does`: `nothing`, `closes`, `escapes` (with the key) or `answers`. */
export const VARIANTS = [
  { name: "none", tag: "none", does: "nothing", title: "no tag" },
  { name: "least", tag: "least", does: "nothing", title: "storage and requests alone" },
  { name: "bare", tag: "bare", does: "closes", title: "the bare dialog, shown and closed" },
  { name: "nothing", tag: "ours", does: "nothing", title: "ours, nothing shown" },
  { name: "closed", tag: FORM, does: "closes", title: "ours, popup shown and closed" },
  { name: "escaped", tag: FORM, does: "escapes", title: "ours, closed by Escape" },
  { name: "answered", tag: FORM, does: "answers", title: "ours, popup answered" },
  { name: "survey-closed", tag: SURVEY, does: "closes", title: "ours, survey shown and closed" },
  { name: "survey", tag: SURVEY, does: "answers", title: "ours, survey answered" },
  { name: "posthog-closed", tag: "posthog", does: "closes", title: "PostHog, survey shown and closed" },
  { name: "posthog", tag: "posthog", does: "answers", title: "PostHog, survey answered" },
  { name: "formbricks-closed", tag: "formbricks", does: "closes", title: "Formbricks, survey shown and closed" },
  { name: "formbricks", tag: "formbricks", does: "answers", title: "Formbricks, survey answered" },
];
