// What the shop's page tells of itself. Scripts of others run there: what it says is looked at before it is asked with,
// and only ever becomes text.

const SLUG = /^[a-z0-9-]{1,40}$/;
const ID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

const number = (value, most) => Math.min(Math.max(Math.floor(Number.isFinite(value) ? value : 0), 0), most);
const text = (value, most = 200) => (typeof value === "string" ? value.slice(0, most) : "");
const entries = (value) => (value && typeof value === "object" ? Object.entries(value) : []).filter(([name]) => SLUG.test(name)).slice(0, 200);

/** What may be used of a page's words. */
export function heard(said) {
  const closed = entries(said.closed).map(([name, day]) => [name, Date.parse(text(day))]).filter(([, at]) => at);
  return {
    at: number(said.at, 8.64e15) || Date.now(),
    visitor: ID.test(said.visitor) ? said.visitor : undefined,
    device: number(said.device, 2),
    known: said.known === true,
    closed: Object.fromEntries(closed),
    shown: Object.fromEntries(entries(said.shown).map(([name, why]) => [name, text(String(why))])),
    open: SLUG.test(said.open) ? said.open : undefined,
    path: /^\//.test(said.path) ? text(said.path, 500) : "/",
    elapsed: number(said.elapsed, 4e9),
    scrolled: number(said.scrolled, 100),
    exit: said.exit === true,
    lately: (Array.isArray(said.lately) ? said.lately : []).slice(-20).map(([name, at]) => [text(name, 40), number(at, 8.64e15)]).filter(([name]) => SLUG.test(name)),
    width: number(said.width, 100_000),
    met: number(said.met, 4e12),
    cart: said.cart > 0 && said.cart < 1e11 ? Number(said.cart).toFixed(2) : undefined,
    from: text(said.from),
    said: (Array.isArray(said.said) ? said.said : []).slice(-50).map((name) => text(name)),
    lang: text(said.lang, 20),
    version: text(said.version, 64),
    shelves: (Array.isArray(said.shelves) ? said.shelves : []).slice(0, 12).map((each) => ({
      shelf: text(each?.shelf, 40),
      items: Array.isArray(each?.items) ? each.items.slice(0, 24).map((item) => ({ id: text(item?.id), why: text(item?.why, 40), name: text(item?.name), said: text(item?.said) })) : undefined,
    })),
  };
}

/** The question that is asked with them. */
export const question = ({ at, visitor, known, closed, lately, open, path, elapsed, scrolled, exit, width, met, cart, from, said }) => ({
  at,
  visitor,
  state: { known, closed, shown: lately, busy: open !== undefined },
  signals: { path, elapsed, scrolled, exit, width, met, cart, referrer: from, said },
});
