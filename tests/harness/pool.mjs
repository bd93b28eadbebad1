// Shops whose hello gives codes of a pool.

import { changedRelease, helloForm, named } from "./release.mjs";

/** The demo shop with the pool `vip`, for which the demo's own codes (`HELLO-…`) stand in. */
export function poolRelease({ low = 5, valid_for = 14 * 86_400_000, made, personal = false, percent = 20, more = () => {} } = {}) {
  return changedRelease((config) => {
    config.offers = config.offers.filter(({ name }) => name !== "vip");
    config.offers.push({ name: "vip", percent, personal, codes: { pool: { valid_for, fallback: "welcome", low, ...(made && { made }) } } });
    helloForm(config).offer = "vip";
    // The letter of the welcome names the code that the form promised.
    const welcome = named(config.journeys, "welcome");
    welcome.steps.find(({ act }) => act.code).act.code.offer = "vip";
    welcome.exits[0].happened.subject = "vip";
    config.alerts = "merchant@skerrow.example";
    more(config);
  });
}

/** So many codes, as a list has them. */
export const codes = (count, prefix = "VIP") => Array.from({ length: count }, (_, n) => `${prefix}-${String(n).padStart(4, "0")}`);

/** Takes a list of codes into a pool. */
export async function take(shop, list, offer = "vip") {
  const answer = await shop.admin("POST", `pools/${offer}/codes`, { body: list.join("\n"), headers: { "content-type": "text/plain" } });
  if (answer.status !== 200) throw new Error(`taking codes in: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** What is known of a pool. */
export async function pool(shop, offer = "vip") {
  const answer = await shop.admin("GET", `pools/${offer}`);
  if (answer.status !== 200) throw new Error(`the pool: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** The codes that everybody has: `{address: [code, …]}`. */
export async function given(shop) {
  const people = await shop.list("people");
  return Object.fromEntries(people.map(({ addresses, codes }) => [addresses[0].address, codes.map(({ code }) => code)]));
}
