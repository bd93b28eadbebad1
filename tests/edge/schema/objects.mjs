// A Worker with the same classes of objects as ours and nothing in them: runs SQL inside, as older
// code would have.

import { DurableObject } from "cloudflare:workers";

class Tables extends DurableObject {
  async fetch(request) {
    const rows = [];
    for (const [query, ...values] of await request.json()) {
      const bound = values.map((value) => (value?.blob === undefined ? value : Uint8Array.fromHex(value.blob)));
      rows.push(this.ctx.storage.sql.exec(query, ...bound).toArray());
    }
    const hex = (_, value) => (value instanceof ArrayBuffer ? { blob: new Uint8Array(value).toHex() } : value);
    return new Response(JSON.stringify(rows, hex));
  }
}

export class Shard extends Tables {}
export class Shop extends Tables {}
export class Learner extends Tables {}

export default {
  fetch(request, env) {
    const { searchParams } = new URL(request.url);
    return env[searchParams.get("binding")].getByName(searchParams.get("name")).fetch(request);
  },
};
