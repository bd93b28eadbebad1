// What fits where. Pure, so that Node can test it.

/** May this leave in one request? All that outlives a page shares 64 KiB. */
export const fits = (value) => new TextEncoder().encode(JSON.stringify(value)).length < 6e4;

/** Events of a list that are not among others. */
export const without = (events = [], others) =>
  events.filter((event) => others.every((other) => other.id != event.id));
