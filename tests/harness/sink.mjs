// An HTTP relay as a shop may have one: takes messages, or does not, and remembers everything.

import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/**
 * Starts a relay. `answer(message)` decides what happens to each message:
 *
 * - `{status, body?, after?}` answers after so many milliseconds; 2xx has taken it
 * - `{hangUp: true, taken?, after?}` closes the connection instead, having taken it or not
 * - `{stall: true}` sends the beginning of an answer and never the end
 */
export async function startSink(answer = () => ({ status: 202 })) {
  const sink = { delivered: [], attempts: [], answer, inFlight: new Set() };
  const server = createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // The sender died while it was sending: nothing was taken.
    }
    const message = {
      claim: request.headers["idempotency-key"],
      to: request.headers["x-envelope-to"],
      from: request.headers["x-envelope-from"],
      token: request.headers.authorization,
      type: request.headers["content-type"],
      source: Buffer.concat(chunks).toString("utf8"),
      at: Date.now(),
    };
    sink.attempts.push(message);
    sink.inFlight.add(message);
    const what = sink.answer(message, sink);
    if (what.after) await pause(what.after);
    sink.inFlight.delete(message);
    if (what.stall) {
      response.writeHead(202, { "content-length": "1000" });
      response.write("x");
      return;
    }
    if (what.hangUp) {
      if (what.taken) sink.delivered.push(message);
      request.socket.destroy();
      return;
    }
    // It counts from the moment the relay has decided to take it, whether or not anybody hears so.
    if (what.status >= 200 && what.status < 300) sink.delivered.push(message);
    response.writeHead(what.status, { "content-type": "text/plain" });
    response.end(what.body ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  sink.url = `http://127.0.0.1:${server.address().port}/messages`;
  sink.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return sink;
}
