// What a trace of Chromium says of one visit's scripts.
//
// Script time is taken from the trace and not from `Performance.getMetrics`: of a loop of 200 ms that runs after something
// was fetched its ScriptDuration holds one, because it leaves out microtasks, and those are most of what a small tag does.
// Counted is what Chromium's own profiler calls scripting: running, compiling and collecting garbage on the page's main
// thread, without the style and layout that a script forces, in CPU time of that thread, so that whatever else the machine
// does counts less. While a script waits for the browser's other processes, a thread that is slowed down spins: it counts.

/** What is traced. The events of V8's own insides would cost several times what they measure. */
export const CATEGORIES = ["devtools.timeline", "toplevel", "v8.execute", "v8.wasm", "disabled-by-default-v8.compile"];

const SCRIPT = /^(EvaluateScript|FunctionCall|RunMicrotasks|v8\.(compile|compileModule|evaluateModule|produceCache|produceModuleCache|callFunction|newInstance|run|wasm\..*)|wasm\..*|MinorGC|MajorGC)$/;
const LAYOUT = /^(UpdateLayoutTree|Layout)$/;
const DRAWING = /^(UpdateLayoutTree|Layout|PrePaint|Paint|PaintImage|Layerize|Commit|IntersectionObserverController::computeIntersections)$/;
const TASK = "ThreadControllerImpl::RunTask";
/** Beyond this a task is long (ms), and blocks. */
const LONG_MS = 50;
/** A task is the tag's doing if so much script ran in it, in ms. */
const OF_SCRIPT_MS = 1;

/**
 * Figures of one visit, in ms; `watch` is the address of the script that looked on, whose work is left out.
 *
 * - `script`: CPU time of scripts, `before` and `after` the press that asks for a popup
 * - `layout`: CPU time of style and layout, whoever forced them
 * - `aside`: what V8 did for the page on other threads
 * - `blocking`: the total blocking time, of all tasks; `long`: long tasks in which scripts ran
 * - `parts`: script time by what ran: `[what, ms]`, most first
 */
export function figures(traced, watch) {
  const events = traced.filter(({ ph, dur }) => ph === "X" && dur !== undefined);
  const main = mainThread(events, watch);
  const own = events.filter((each) => each.pid === main.pid && each.tid === main.tid).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const scripts = outermost(own.filter(({ name }) => SCRIPT.test(name))).filter((each) => urlOf(each) !== watch);
  const drawn = outermost(own.filter(({ name }) => DRAWING.test(name)));
  const parts = new Map();
  const pressed = own.find(({ name, args }) => name === "EventDispatch" && args?.data?.type === "click")?.ts ?? Infinity;
  const spent = { before: 0, after: 0 };
  const bare = scripts.map((each) => {
    const forced = drawn.filter((other) => within(other, each)).reduce((sum, other) => sum + cpu(other), 0);
    const ms = Math.max(0, cpu(each) - forced);
    spent[each.ts < pressed ? "before" : "after"] += ms;
    const what = `${each.name} ${short(urlOf(each) ?? urlBelow(each, own) ?? "")}`.trim();
    parts.set(what, (parts.get(what) ?? 0) + ms);
    return { ...each, ms };
  });
  const tasks = outermost(own.filter(({ name }) => name === TASK)).filter(({ dur }) => dur > LONG_MS * 1_000);
  const long = tasks.filter((task) => bare.filter((each) => within(each, task)).reduce((sum, { ms }) => sum + ms, 0) >= OF_SCRIPT_MS);
  const aside = events.filter((each) => each.pid === main.pid && each.tid !== main.tid && /v8|wasm/i.test(each.name));
  return {
    script: spent.before + spent.after,
    before: spent.before,
    after: spent.after,
    layout: sum(outermost(own.filter(({ name }) => LAYOUT.test(name)))),
    aside: [...byThread(aside)].reduce((all, list) => all + sum(outermost(list)), 0),
    blocking: tasks.reduce((all, { dur }) => all + dur / 1_000 - LONG_MS, 0),
    long: long.length,
    longest: Math.max(0, ...long.map(({ dur }) => dur / 1_000)),
    parts: [...parts].sort(([, a], [, b]) => b - a),
  };
}

/** The thread on which the page was looked at. */
function mainThread(events, watch) {
  const seen = events.find((each) => each.name === "FunctionCall" && urlOf(each) === watch);
  if (!seen) throw new Error("the trace does not hold the page");
  return seen;
}

const urlOf = ({ args }) => args?.data?.url || args?.fileName || undefined;
const urlBelow = (outer, all) => urlOf(all.find((each) => each !== outer && within(each, outer) && urlOf(each)) ?? {});
const short = (url) => url.replace(/^https?:\/\/[^/]+/, "").replace(/\?.*/, "");
const cpu = ({ tdur, dur }) => (tdur ?? dur) / 1_000;
const sum = (list) => list.reduce((all, each) => all + cpu(each), 0);
const within = (inner, outer) => inner.ts >= outer.ts && inner.ts + inner.dur <= outer.ts + outer.dur;

/** Those that lie in no other; sorted by their beginning. */
function outermost(events) {
  let end = -Infinity;
  return events
    .toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)
    .filter(({ ts, dur }) => {
      if (ts < end) return false;
      end = ts + dur;
      return true;
    });
}

function byThread(events) {
  const threads = new Map();
  for (const each of events) threads.set(each.tid, [...(threads.get(each.tid) ?? []), each]);
  return threads.values();
}
