// Waiting for something to become true, with a deadline instead of a guess.

import { setTimeout as pause } from "node:timers/promises";

/**
 * Asks until the answer is neither false nor nothing, and returns it. `what` is said when the
 * deadline passes, with the last error.
 */
export async function until(what, ask, { within = 15_000, every = 25 } = {}) {
  const deadline = Date.now() + within;
  let last;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await pause(every);
  } while (Date.now() < deadline);
  throw new Error(`after ${within} ms still not: ${what}`, { cause: last });
}
