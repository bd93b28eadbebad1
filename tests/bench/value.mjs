// What shoppers are likely to be worth, beside PyPI's Lifetimes on the table of CDNOW's customers: parameters,
// likelihoods and scores, each with how far they are apart, and how long it takes on this machine.
//
// value/cdnow.csv has the published 1/10 sample of CDNOW's customers of early 1997, in the order of their
// numbers: repeat orders up to week 39, weeks from the first order to the last and to week 39, mean dollars
// of the repeat orders. value/lifetimes.json was computed by Lifetimes 0.11.3 from its own copy of that table
// (load_cdnow_summary_data_with_monetary_value): BetaGeoFitter().fit on all customers (also with
// penalizer_coef=0.01), its log-likelihood in weeks, GammaGammaFitter().fit on those with repeat orders; for
// some customers, and summed over all, conditional_probability_alive,
// conditional_expected_number_of_purchases_up_to_time(39), conditional_expected_average_profit and
// customer_lifetime_value(time=12, discount_rate=0.01, freq="W").
//
// node tests/bench/value.mjs [--json]

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values: wanted } = parseArgs({ options: { json: { type: "boolean", default: false } } });

/** How far from Lifetimes a figure may be, as a share of Lifetimes' own. */
const BAR = 0.01;
const FOLDER = new URL("value/", import.meta.url).pathname;
const SCORES = ["alive", "expected_orders", "mean_order", "lifetime_value"];

const theirs = JSON.parse(readFileSync(`${FOLDER}lifetimes.json`, "utf8"));
const numbers = theirs.customers.map(([number]) => String(number));
// Built as the edge is, but for this machine.
const program = ["run", "--quiet", "--profile", "edge", "--package", "domain", "--features", "json,value", "--example", "value"];
const ours = JSON.parse(execFileSync(process.env.CARGO ?? "cargo", [...program, "--", `${FOLDER}cdnow.csv`, ...numbers], { stdio: ["ignore", "pipe", "inherit"] }));

function compare(figure, value, reference) {
  const apart = Math.abs(value - reference) / Math.abs(reference);
  return { figure, value, lifetimes: reference, apart, bar: BAR, holds: apart <= BAR };
}

const figures = [
  ...["bg_nbd", "bg_nbd_penalty_0.01", "gamma_gamma"].flatMap((model) =>
    Object.entries(theirs[model]).map(([name, reference]) => compare(`${model} ${name}`, ours[model][name], reference)),
  ),
  ...SCORES.map((score, n) => compare(`all ${score}`, ours.all[n], theirs.all[score])),
  ...theirs.customers.flatMap(([number, ...references], row) =>
    references.map((reference, n) => compare(`customer ${number} ${SCORES[n]}`, ours.customers[row][n], reference)),
  ),
];
const { fit, fit_many: many, score_us: score } = ours.times;
const times = [
  { figure: `fit ${fit.shoppers} shoppers`, value: fit.ms, unit: "ms" },
  { figure: `fit ${many.shoppers} shoppers`, value: many.ms, unit: "ms" },
  { figure: "score, of CDNOW", value: score.cdnow, unit: "us" },
  { figure: "score, of many", value: score.many, unit: "us" },
];

const plain = (value) => value.toPrecision(7).padStart(12);
if (wanted.json) {
  for (const figure of [...figures, ...times]) console.log(JSON.stringify(figure));
} else {
  console.log(`${"".padEnd(30)} ${"ours".padStart(12)} ${"Lifetimes".padStart(12)}  relative difference, at most ${BAR}`);
  for (const { figure, value, lifetimes, apart, holds } of figures) {
    console.log(`${figure.padEnd(30)} ${plain(value)} ${plain(lifetimes)}  ${apart.toExponential(1)} ${holds ? "holds" : "misses"}`);
  }
  for (const { figure, value, unit } of times) console.log(`${figure.padEnd(30)} ${value.toPrecision(3).padStart(12)} ${unit}`);
  const [held, worst] = [figures.filter(({ holds }) => holds).length, Math.max(...figures.map(({ apart }) => apart))];
  console.log(`${held} of ${figures.length} agree within ${BAR}, the worst by ${worst.toExponential(1)}: ${held === figures.length ? "holds" : "misses"}`);
}
if (!figures.every(({ holds }) => holds)) process.exitCode = 1;
