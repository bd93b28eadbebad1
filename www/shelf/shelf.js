// Around the wasm of shelves: it is given bytes and says what stands on a shelf; here it is fetched for, and what it
// says is put into the page. Whatever is missing or goes wrong, the place stays as the shop left it.
import { forget, load } from "./files.js";
import { Row } from "./row.js";

/** Files that one page fetches anew, at most; those of earlier pages are there already. */
const NEW_FILES = 2;
/** How long a market's short file is good, in ms. */
const FRESH = 30_000;

const rows = new WeakMap(); // by place
const heads = new Map(); // by market: when it was asked for
const tried = new Set(); // names of files
let fetched = 0; // files, for this page
let page;
let line = Promise.resolve(); // one place after the other: they share one wasm

/** Writes amounts as the language does; nothing where a currency is none. */
const money = (lang) => ({
  write(amount, currency, digits) {
    try {
      return new Intl.NumberFormat(lang, { style: "currency", currency }).format(amount / 10 ** digits);
    } catch {
      return "";
    }
  },
});

/** What the rules are told of somebody: a line each. */
const lines = ({ page, state }) => {
  const { seen, cart, own, not, device, id } = state();
  return [
    "p" + page,
    ...(seen || []).map((url) => "s" + url),
    ...(cart?.items || []).map((item) => "c" + item.product),
    ...(own || []).flatMap((order) => ["b", ...order.map((product) => "o" + product)]),
    ...(not || []).map((product) => "n" + product),
    cart?.total && `t${cart.total} ${cart.currency}`,
    device && "v" + id,
  ]
    .filter(Boolean)
    .join("\n");
};

const bytes = async (answer) => answer.ok && new Uint8Array(await answer.arrayBuffer());

/** Fetches what the rules want for this page, and gives it to them. */
const prepare = async (rules, bridge, market) => {
  if (!(performance.now() - heads.get(market) < FRESH)) {
    const head = await bytes(await bridge.published("shelves/" + market));
    if (head && rules.head(head)) heads.set(market, performance.now());
  }
  rules.know(lines(bridge));
  for (;;) {
    const name = rules.wanted().split(" ").find((name) => name && !tried.has(name));
    if (!name) return;
    tried.add(name);
    const file = await load(name, bridge, fetched < NEW_FILES);
    if (file?.anew) fetched++;
    if (file && !rules.give(BigInt("0x" + name), file.bytes)) await forget(name, bridge);
  }
};

/** Fills one place; `retry` is what fills it once more. */
const fill = async (rules, bridge, retry) => {
  const { slot, lang } = bridge;
  if (page != bridge.page) {
    page = bridge.page;
    fetched = 0;
    tried.clear();
  }
  const { rapportShelf: name, rapportMarket: wanted = "" } = slot.dataset;
  const here = [wanted, location.pathname, lang].join("\n");
  const market = rules.choose(here);
  if (!market) return;
  await prepare(rules, bridge, market);
  const row = rows.get(slot) || new Row(slot, retry);
  rows.set(slot, row);
  row.show(bridge, () => {
    // Another place may have asked for another market since.
    if (rules.choose(here) != market) return;
    rules.know(lines(bridge));
    return rules.fill(name + "\n" + lang, money(document.documentElement.lang || lang));
  });
};

/** The loader's `shelve`: `start` makes the wasm ready, `rules` is what it can be asked. */
export const shelving = (start, rules) => {
  let ready;
  const begin = async (bridge) => {
    await start();
    return rules.open(await bytes(await bridge.published("files/" + bridge.brain)));
  };
  const shelve = (bridge) =>
    (line = line
      .then(async () => {
        ready = ready || begin(bridge);
        if (await ready) await fill(rules, bridge, (late) => late.page == page && shelve(late));
      })
      .catch(() => {}));
  return shelve;
};
