// Randomness that can be replayed.

/** A stream of numbers in [0, 1) that follows from a seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    /** A whole number from `least` to `most`, both included. */
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    /** True so often. */
    chance: (share) => next() < share,
    /** One of a list. */
    pick: (list) => list[Math.floor(next() * list.length)],
    /** So many bytes, for ids. */
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => Math.floor(next() * 256))),
  };
}
