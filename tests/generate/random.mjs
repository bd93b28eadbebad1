// Draws beyond the plain ones of the harness.

import { seeded } from "../harness/random.mjs";

/** A stream of its own for everything that has a name: what one shopper does never moves what another one does. */
export function stream(seed, ...names) {
  let hash = 0x811c9dc5;
  for (const character of [seed, ...names].join("\n")) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  const random = seeded(hash);
  return {
    ...random,
    /** How many failures stand before a success that comes so often: 0, 1, 2 … */
    failures: (share) => Math.floor(Math.log(1 - random.next()) / Math.log(1 - share)),
    /** A waiting time with this mean (exponential). */
    wait: (mean) => -Math.log(1 - random.next()) * mean,
    /** One of a list, each as often as its weight says; nothing of an empty list. */
    weighted: (list, weightOf) => {
      let left = random.next() * list.reduce((sum, each) => sum + weightOf(each), 0);
      for (const each of list) if ((left -= weightOf(each)) < 0) return each;
      return list.at(-1);
    },
  };
}
