// Rounds of load that end in `kill -9`.

import { setTimeout as pause } from "node:timers/promises";

import { seeded } from "../../harness/random.mjs";

/** The seed from which everything that is drawn follows. It is printed; `RAPPORT_KILL_SEED` replays it. */
export function seedOf(t, name) {
  const seed = Number(process.env.RAPPORT_KILL_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`RAPPORT_KILL_SEED=${seed}`);
  console.log(`${name}: RAPPORT_KILL_SEED=${seed}`);
  return seed;
}

/** The longest that a round goes on where little happens. */
const LONGEST_MS = 6_000;

/**
 * So many rounds: the edge starts, `begin(edge, round, seed)` makes it ready, `load(random, signal)` goes on until the
 * edge is killed, `killed()` looks at what is left. A round lasts some time, or, with `count`, until so much more has
 * happened: as much on a slow machine as on a fast one.
 */
export async function rounds(many, seed, { start, begin, load, killed, lifetime = [150, 1_300], count }) {
  for (let round = 0; round < many; round++) {
    const random = seeded(seed + round);
    const edge = await start();
    await begin(edge, round, seed + 1_000 + round);
    const stop = new AbortController();
    const lives = random.between(...lifetime);
    const work = load(random, stop.signal);
    if (count) {
      const [enough, latest] = [count() + lives, Date.now() + LONGEST_MS];
      while (count() < enough && Date.now() < latest) await pause(2);
      await pause(random.between(0, 60));
    } else {
      await pause(lives);
    }
    const after = killed();
    stop.abort();
    await edge.kill();
    await work;
    (await after)?.();
  }
}
