// A shop on an edge: its owner, its pages and its mailbox.

import { work } from "../../www/tag/work.js";
import { emailAddress, networkAddress, readFormId, uuid } from "./ids.mjs";
import { demoRelease } from "./release.mjs";
import { until } from "./until.mjs";

const DAY_S = 86_400;

/** A shop, seen from outside: by its admin, by browsers and by people who get its mails. */
export class Shop {
  constructor(edge, { key, token, origin, objects = 1 }) {
    Object.assign(this, { edge, key, token, origin, objects });
  }

  // Its admin.

  /** Asks the admin API; `path` begins after the shop's key. */
  admin(method, path, options = {}) {
    return this.edge.ask(method, `/admin/v1/shops/${this.key}/${path}`, { token: this.token, ...options });
  }

  async #read(path) {
    const answer = await this.admin("GET", path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  status() {
    return this.#read("status");
  }

  /** A whole list, page after page: messages, people, events, jobs, decisions or versions. */
  async list(name) {
    const items = [];
    let before = "";
    do {
      const page = await this.#read(`${name}?before=${before}`);
      items.push(...page.items);
      before = page.next;
    } while (before);
    return items;
  }

  /** One message in full. */
  message(id) {
    return this.#read(`messages/${encodeURIComponent(id)}`);
  }

  /** Counts by day: `{"2026-11-22": {"page.viewed": 3}}`. */
  async reports() {
    const { days } = await this.#read("reports");
    return Object.fromEntries(days.map(({ day, metrics }) => [day, metrics]));
  }

  /** Publishes; returns the version. */
  async publish(release = demoRelease()) {
    const answer = await this.admin("POST", "versions", { json: release });
    if (answer.status !== 200) throw new Error(`publishing: ${answer.status} ${answer.text}`);
    return answer.json.version;
  }

  /** Turns the kill switches. */
  async switches(wanted) {
    const answer = await this.admin("PUT", "switches", { json: wanted });
    if (answer.status !== 200) throw new Error(`switches: ${answer.status} ${answer.text}`);
    return answer.json.switches;
  }

  /** Moves the development clock on; returns how many jobs ran. */
  async advance({ days = 0, hours = 0, minutes = 0, seconds = 0 }) {
    const ahead = days * DAY_S + hours * 3_600 + minutes * 60 + seconds;
    const answer = await this.admin("POST", "clock/advance", { json: { seconds: ahead } });
    if (answer.status !== 200) throw new Error(`clock: ${answer.status} ${answer.text}`);
    return answer.json.ran;
  }

  // Its pages.

  async pointer() {
    return (await this.edge.ask("GET", `/v1/shops/${this.key}/pointer`)).json;
  }

  /** Sends a body to where events go. `origin: null` is no page. */
  sendBody(body, { visitor = uuid(), objects = this.objects, origin = this.origin, from, key = this.key, signal } = {}) {
    const path = `/v1/events?shop=${key}&visitor=${visitor}&objects=${objects}`;
    return this.edge.ask("POST", path, {
      body,
      from,
      signal,
      origin: origin ?? undefined,
      headers: { "content-type": "text/plain" },
    });
  }

  /** Sends events as the loader does. */
  send(events, { sent = Date.now(), ...options } = {}) {
    return this.sendBody(JSON.stringify({ v: 1, sent, events }), options);
  }

  /** Something that happened on a page of this shop. */
  event(type = "page.viewed", fields = {}) {
    const page = type === "page.viewed" ? { url: `${this.origin}/`, title: "Home" } : {};
    return { id: uuid(), at: Date.now(), type, ...page, ...fields };
  }

  /**
   * Sends a form as the loader does, with the work that the edge may ask for. Fields that are lists are sent
   * repeated.
   */
  async submit(fields = {}, { campaign = "hello", objects = this.objects, from = networkAddress(), json = true, works = true, signal } = {}) {
    const form = new URLSearchParams();
    const all = { id: readFormId(), email: emailAddress(), lang: "en", page: `${this.origin}/`, ...fields };
    for (const [name, value] of Object.entries(all)) {
      for (const each of [value].flat()) if (each !== undefined) form.append(name, each);
    }
    const headers = json ? { accept: "application/json" } : { accept: "text/html,application/xhtml+xml" };
    const path = `/v1/forms/${campaign}?shop=${this.key}&objects=${objects}`;
    const send = () => this.edge.ask("POST", path, { form, headers, from, origin: this.origin, signal });
    const answer = await send();
    if (!answer.json?.work || !works) return answer;
    form.set("work", await work(answer.json.work));
    return send();
  }

  // Its mailbox.

  /** What was sent to an address, newest first. */
  async mailsTo(address) {
    return (await this.list("messages")).filter(({ to }) => to === address.toLowerCase());
  }

  /** Waits for a mail to an address and reads it. */
  async mailTo(address, mail) {
    const found = await until(`${mail} reaches ${address}`, async () =>
      (await this.mailsTo(address)).find((each) => each.mail === mail && each.state === "accepted"),
    );
    return this.message(found.id);
  }

  /** The path behind a mail's link: `c` confirms, `u` unsubscribes. */
  link(message, kind) {
    const found = message.text.match(new RegExp(`https?://\\S+?(/${kind}/\\S+)`));
    if (!found) throw new Error(`no /${kind}/ link in ${message.text}`);
    return found[1];
  }

  /** What is known about whoever has an address. */
  async person(address) {
    const people = await this.list("people");
    return people.find(({ addresses }) => addresses.some((each) => each.address === address.toLowerCase()));
  }

  /** What was decided about somebody's mails, newest first: `["send confirm: transactional", …]`. */
  async decisionsAbout(shopper) {
    const all = (await this.list("decisions")).filter((each) => each.shopper === shopper);
    return all.map(({ what, message, why }) => `${what} ${message}: ${why.rule}`);
  }

  /** Somebody gives an address, permission for news, and confirms. */
  async welcome({ email = emailAddress(), allow = ["email.marketing"], ...fields } = {}) {
    const answer = await this.submit({ email, allow, ...fields });
    if (answer.status !== 200) throw new Error(`form: ${answer.status} ${answer.text}`);
    const confirmation = this.link(await this.mailTo(email, "confirm"), "c");
    const confirmed = await this.edge.ask("POST", confirmation);
    if (confirmed.status !== 200) throw new Error(`confirmation: ${confirmed.status} ${confirmed.text}`);
    return { email, confirmation, page: confirmed.text };
  }
}
