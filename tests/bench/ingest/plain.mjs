// What ours is measured against: a Durable Object that only parses and inserts.

import { DurableObject } from "cloudflare:workers";

export class Log extends DurableObject {
  constructor(context, env) {
    super(context, env);
    context.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL)",
    );
  }

  async fetch(request) {
    const { events } = JSON.parse(await request.text());
    for (const event of events) {
      this.ctx.storage.sql.exec(
        "INSERT OR IGNORE INTO events (id, at, type, body) VALUES (?, ?, ?, ?)",
        event.id,
        event.at,
        event.type,
        JSON.stringify(event),
      );
    }
    return Response.json({ accepted: events.length }, { status: 202 });
  }
}

export default {
  fetch(request, env) {
    const shop = new URL(request.url).searchParams.get("shop");
    return env.LOG.get(env.LOG.idFromName(shop)).fetch(request);
  },
};
