// Who is at the other end of a browser, for as long as it is open: a cookie with a number, and what the server
// remembers under it. Nobody's identity is checked: a demonstration has no passwords.

import { createHash, randomUUID } from "node:crypto";

const COOKIE = "skerrow";
const KEPT = 2_000;

/** The shop's id for a customer: the same for the same address. */
const customerId = (email) => `c-${createHash("sha256").update(email.toLowerCase()).digest("hex").slice(0, 12)}`;

/** A request's cookies, by their names. */
export function cookies(request) {
  const pairs = (request.headers.cookie ?? "").split(/; */).map((pair) => pair.split("="));
  return Object.fromEntries(pairs.filter(([name, value]) => name && value));
}

/** The newest sessions, in memory: `{id, shopper}`; `shopper` is there while somebody is logged in. */
export class Sessions {
  #sessions = new Map();

  /** The session of a request, or nothing. */
  of(request) {
    return this.#sessions.get(cookies(request)[COOKIE]);
  }

  /** The session of a request, or a new one. */
  begin(request) {
    const known = this.of(request);
    if (known) return known;
    const session = { id: randomUUID() };
    this.#sessions.set(session.id, session);
    if (this.#sessions.size > KEPT) this.#sessions.delete(this.#sessions.keys().next().value);
    return session;
  }

  /** Logs somebody in: the `session`, or `errors` as a list of field names. */
  logIn(request, form) {
    const [given_name, email] = [form.given_name?.trim().slice(0, 80), form.email?.trim().slice(0, 254)];
    const errors = [!/^\S+@\S+\.\S+$/.test(email ?? "") && "email", !given_name && "given_name"].filter(Boolean);
    if (errors.length > 0) return { errors };
    const session = this.begin(request);
    session.shopper = { id: customerId(email), given_name, email };
    return { session };
  }

  logOut(request) {
    delete this.of(request)?.shopper;
  }
}

/** The header that lets a browser keep a session until it is closed. */
export const kept = (session) => ({ "Set-Cookie": `${COOKIE}=${session.id}; Path=/; HttpOnly; SameSite=Lax` });
