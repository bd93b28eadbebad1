// The admin API of one shop, as far as the inbox reads it.

const KEPT = "rapport-inbox-token";
const FORM = /^rpt_([a-z0-9]+)_\S+$/;

/** What went wrong with a call: `token`, `edge`, `missing` or `refused`, in words for people. */
export class Trouble extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** The token from the address, which it leaves at once, or the one kept for this tab. */
export function tokenAtHand() {
  const [, given] = location.hash.match(/^#token=(.+)$/) ?? [];
  if (given) {
    keep(decodeURIComponent(given));
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEPT);
}

export const keep = (token) => sessionStorage.setItem(KEPT, token.trim());
export const forget = () => sessionStorage.removeItem(KEPT);

/** Calls for the shop that a token belongs to. */
export function shopApi(token) {
  const [, middle] = FORM.exec(token) ?? [];
  if (!middle) throw new Trouble("token", "This is no admin token. One looks like rpt_ followed by letters and digits.");
  const root = `/admin/v1/shops/pk_${middle}`;
  const call = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}` };
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(`${root}/${path}`, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
    } catch {
      throw new Trouble("edge", "The edge does not answer. Trying again …");
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    if (response.status === 401 || response.status === 403) throw new Trouble("token", "The edge does not accept this token.");
    if (response.status === 404) throw new Trouble("missing", answer.detail ?? "There is nothing of that kind here.");
    const detail = [answer.title, answer.detail, answer.request_id && `request ${answer.request_id}`].filter(Boolean).join(" · ");
    if (response.status >= 500) throw new Trouble("edge", `The edge is in trouble (${response.status}${detail && `: ${detail}`}). Trying again …`);
    throw new Trouble("refused", detail || `The edge refused this (${response.status}).`);
  };
  const list = (what) => (before) => call("GET", before === undefined ? what : `${what}?before=${encodeURIComponent(before)}`);
  return {
    status: () => call("GET", "status"),
    messages: list("messages"),
    people: list("people"),
    events: list("events"),
    jobs: list("jobs"),
    decisions: list("decisions"),
    person: async (id) => (await call("GET", `people/${encodeURIComponent(id)}/copy`)).about,
    message: (id) => call("GET", `messages/${encodeURIComponent(id)}`),
    reports: (days) => call("GET", `reports?days=${days}`),
    switches: (change) => call("PUT", "switches", change),
    advance: (seconds) => call("POST", "clock/advance", { seconds }),
  };
}
