// The wake plan: thresholds that the rules of the shop were compiled to. Pure; the rules stay in `domain`.

/** A test that is none of others, of a number's least (one, if it says none) or of a text's regular expression. */
const holds = ([what, ...of], state) =>
  what == "none"
    ? !of.some((test) => holds(test, state))
    : 0 <= (of[0] ?? 1)
      ? state[what] >= (of[0] ?? 1)
      : RegExp(of[0]).test(state[what]);

/** Has enough been shown lately? `most`: so often within so many ms; `shown`: names with their moments. */
const enough = (most, shown, now) =>
  most?.some(([times, span]) => shown?.filter(([, at]) => at + span > now)[times - 1]);

/**
 * May this campaign be shown on this page to this visitor? State: `path`, `known`, `closed` (a date for each
 * campaign), `shown` (names with their moments), `most` of all campaigns, `now` in ms; for audiences `width` in
 * pixels, `met` in ms, `cart` in ten thousandths, `referrer`.
 */
export const eligible = (entry, state) =>
  RegExp(entry.pages).test(state.path) &&
  !RegExp(entry.not_pages || "^$").test(state.path) &&
  !(entry.unknown && state.known) &&
  (!entry.if || holds(entry.if, state)) &&
  !(Date.parse(state.closed?.[entry.campaign]) + entry.again_days * 864e5 > state.now) &&
  !enough(entry.most, state.shown?.filter(([name]) => name == entry.campaign), state.now) &&
  !enough(state.most, state.shown, state.now);

/** The first of its triggers that fires. State: `time` in ms, `scroll` in percent, `exit`, `click`, `said`. */
export const fires = (entry, state) => entry.on.find((rule) => holds(rule, state));

/** The file in the first language that there is one in, exactly or in its base language. */
export const choose = (files, wanted) =>
  wanted.map((tag) => files[tag] || files[tag.split("-")[0]]).find((file) => file);
