// What counts as a sign of unhappiness. Pure, so that Node can test it: moments are ms, places px.

/** So many clicks in one place, that nothing answered, within so long. Three mark a paragraph. */
const RAGE = 4;
const RAGE_WITHIN = 2_000;
const SAME_PLACE = 30;

/** So often the same form is sent and stays. */
const FIGHT = 3;

/** Hears of clicks (`{at, x, y, answered}`) and says when somebody clicks again and again in one place. */
export const rage = () => {
  let clicks = [];
  return ({ at, x, y, answered }) => {
    const near = (other) => at - other.at <= RAGE_WITHIN && Math.hypot(x - other.x, y - other.y) <= SAME_PLACE;
    // What answers is not broken: a button for more, a picture to turn.
    clicks = answered ? [] : [...clicks.filter(near), { at, x, y }];
    const enough = clicks.length >= RAGE;
    if (enough) clicks = [];
    return enough;
  };
};

/** Hears of a form that was sent or complained, and says when somebody cannot get it to be taken. */
export const fight = () => {
  const tries = new Map();
  return (form) => {
    tries.set(form, (tries.get(form) || 0) + 1);
    return tries.get(form) == FIGHT;
  };
};
