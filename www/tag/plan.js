// The wake plan: thresholds that the rules of the shop were compiled to. Pure; the rules stay in `domain`.

/** A test that is none of others, of a number's least (one, if it says none) or of a text's regular expression. */
const holds = ([what, ...of], state, [least = 1] = of) =>
  what == "none"
    ? !of.some((test) => holds(test, state))
    : least >= 0
      ? state[what] >= least
      : RegExp(least).test(state[what]);

/** Has enough been shown lately, of a campaign or of all? `most`: so often within so many ms. */
const enough = (most, { shown, now }, campaign) =>
  most?.some(
    ([times, span]) => shown?.filter(([name, at]) => name == (campaign || name) && at + span > now)[times - 1],
  );

/**
 * May this campaign be shown on this page to this visitor? State: `path`, `known`, `closed` (a date for each
 * campaign), `shown` (names with their moments), `file` (what is published), `now` in ms; for audiences `width` in
 * pixels, `met` in ms, `cart` in ten thousandths, `referrer`.
 */
export const eligible = (entry, state) =>
  RegExp(entry.pages).test(state.path) &&
  !RegExp(entry.not_pages || "^$").test(state.path) &&
  !(entry.unknown && state.known) &&
  holds(entry.if || ["now"], state) &&
  !(Date.parse(state.closed?.[entry.campaign]) + entry.again_days * 864e5 > state.now) &&
  !enough(entry.most, state, entry.campaign) &&
  !enough(state.file?.most, state);

/** The first of its triggers that fires. State: `time` in ms, `scroll` in percent, `exit`, `click`, `said`. */
export const fires = (entry, state) => entry.on.find((rule) => holds(rule, state));

/** The file in the first language that there is one in, exactly or in its base language. */
export const choose = (files, wanted) =>
  wanted.map((tag) => files[tag] || files[tag.split("-")[0]]).find((file) => file);
