// The wake plan: thresholds that the rules of the shop were compiled to. Pure; the rules stay in `domain`.

/**
 * May this campaign be shown on this page to this visitor? State: `path`, `known`, `closed` (a date for each
 * campaign), `now` in ms.
 */
export const eligible = (entry, state) =>
  RegExp(entry.pages).test(state.path) &&
  !RegExp(entry.not_pages || "^$").test(state.path) &&
  !(entry.unknown && state.known) &&
  !(Date.parse(state.closed?.[entry.campaign]) + entry.again_days * 864e5 > state.now);

/** The first of its triggers that fires. State: `time` in ms, `scroll` in percent, `exit`. */
export const fires = (entry, state) => entry.on.find(([kind, least = 1]) => state[kind] >= least);

/** The file in the first language that there is one in, exactly or in its base language. */
export const choose = (files, wanted) =>
  wanted.map((tag) => files[tag] || files[tag.split("-")[0]]).find((file) => file);
