// The admin API of the shop whose page this panel stands on, as far as it says why.

const KEPT = "rapport-why-token";
const FORM = /^rpt_([a-z0-9]+)_\S+$/;

/** What went wrong with a call: `malformed`, `other`, `wrong`, `edge`, `missing`, `unpublished` or `refused`. */
export class Trouble extends Error {
  constructor(kind, detail = "") {
    super(detail || kind);
    this.kind = kind;
    this.detail = detail;
  }
}

// Where frames of others may keep nothing, the token lives as long as the page.
let held;

/** The token of this tab, if it was given before. */
export function token() {
  try {
    return sessionStorage.getItem(KEPT) ?? held;
  } catch {
    return held;
  }
}

export function keep(given) {
  held = given;
  try {
    if (given) sessionStorage.setItem(KEPT, given);
    else sessionStorage.removeItem(KEPT);
  } catch {}
}

/** Calls for a shop, with a token that has to be its own. */
export function shopApi(shop, token) {
  const [, bare] = FORM.exec(token) ?? [];
  if (!bare) throw new Trouble("malformed");
  if (`pk_${bare}` !== shop) throw new Trouble("other");
  const call = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}` };
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(`../admin/v1/shops/${shop}/${path}`, {
        method,
        headers,
        body: body && JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(15_000),
      });
    } catch {
      throw new Trouble("edge");
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const kind = { 401: "wrong", 403: "wrong", 404: "missing", 409: "unpublished" }[response.status];
    throw new Trouble(kind ?? (response.status >= 500 ? "edge" : "refused"), [answer.field, answer.detail].filter(Boolean).join(": "));
  };
  const person = (id, what) => call("GET", `people/${encodeURIComponent(id)}/${what}`);
  return {
    status: () => call("GET", "status"),
    why: (asked) => call("POST", "why", asked),
    facts: (id) => person(id, "facts"),
    decisions: (id, before) => person(id, `decisions${before ? `?before=${before}` : ""}`),
  };
}
