// Finding products by words, in both languages at once.

import { available, catalogue } from "./catalogue.mjs";

/** The longest text that is searched for, in characters. */
export const LONGEST = 80;

/** What is spelled in several ways is one: case, accents, Arabic vowel signs, forms of alif, ya and ta marbuta. */
const folded = (text) =>
  text.normalize("NFKD").replace(/[\p{M}\u0640]/gu, "").toLowerCase().replace(/ى/g, "ي").replace(/ة/g, "ه").replace(/['’]/g, "");

/** A word without its article, its plural or its gender. */
const stem = (word) =>
  word
    .replace(/^(?:[وبلك]?ال|لل)(?=\p{L}{3})/u, "").replace(/(?<=[ء-ي]{3})(?:ات|ه)$/, "")
    .replace(/(?<=[a-z]{3})(?:es|s)$/, "").replace(/(?<=[a-z]{3})ie?$/, "y");

const spelled = (text) => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];
const wordsOf = (text) => spelled(text).map(stem);

/** What somebody may call it who does not know our name for it. */
const ALSO = {
  "lookout-hat": "beanie bobble woolly طاقية", "harbour-gansey": "jumper sweater pullover بلوفر سويتر", "boathouse-robe": "coat changing روب معطف",
  "deckchair-towel": "towels bath فوطة", "flood-dry-bag": "backpack rucksack كيس شنطة", "second-cup-flask": "thermos bottle ثيرموس قارورة", "ferry-mug": "cup coffee tea فنجان كوب",
  "low-tide-suit": "swimming costume bathing مايوه", "slipway-shorts": "trunks swimming", "spring-tide-two-piece": "bikini swimming بكيني مايوه", "breakwater-wetsuit": "neoprene wet suit",
  "pilot-goggles": "swimming glasses نظارات", "marker-float": "buoy tow safety طوف", "shingle-boots": "neoprene shoes", "tether-mittens": "gloves كفوف", "cloudburst-jacket": "raincoat coat معطف",
  "falling-glass-hat": "rain hat", "puddle-row-boots": "wellies wellingtons rubber rain بوت", "causeway-shoes": "sneakers trainers plimsolls", "undercliff-long-johns": "underwear leggings thermal",
  "headland-gilet": "vest bodywarmer", "dry-dock-dungarees": "overalls", "sheepfold-slippers": "house shoes", "steam-hut-bucket": "sauna ساونا", "otter-towel": "poncho children kids baby أطفال",
  "sprat-suit": "children kids swimsuit أطفال مايوه", "holm-seal": "toy cuddly plush لعبة دمية", "firth-tug": "toy boat لعبة قارب", "puffin-ring": "swim ring rubber float", "westerly-kite": "toy لعبة", "quayside-cap": "hat sailor",
  "north-skerry-print": "poster picture art صورة", "saltmarsh-blanket": "throw plaid", "mackerel-sky-cushion": "pillow مخدة", "white-horses-soap": "gift هدية", "last-light-candle": "gift هدية",
  "keeper-lantern": "lamp light مصباح", "sounding-thermometer": "temperature gift هدية", "cockle-basket": "picnic hamper", "pier-stool": "chair seat مقعد", "ferryman-belt-bag": "bum fanny waist",
};

/** Every word that finds a product, with how much it says of it. */
const index = catalogue.products.map((product) => {
  const weights = new Map();
  const add = (weight, ...texts) => texts.flatMap(wordsOf).forEach((word) => weights.set(word, Math.max(weight, weights.get(word) ?? 0)));
  const both = (texts) => Object.values(texts).flat();
  add(8, ...both(product.name));
  add(6, ALSO[product.id] ?? "");
  add(4, ...both(catalogue.category(product.category).name));
  add(3, ...product.colours.flatMap(({ name }) => both(name)));
  add(2, ...both(product.line));
  add(1, ...both(product.facts), ...product.sizes);
  return { product, weights: [...weights] };
});

/** Words that name things, by how they are looked up. */
const names = new Map(catalogue.products.flatMap((product) =>
  [...Object.values(product.name), ALSO[product.id] ?? ""].flatMap(spelled).filter((word) => word.length > 3).map((word) => [stem(word), word])));

/** How well a word answers what was typed: wholly, or by its beginning. */
const answers = (word, typed) => (word === typed ? 1 : typed.length > 2 && word.startsWith(typed) ? 0.6 : 0);

/** The products of which every word of `text` is true, the likeliest first; what is sold out comes last. */
export function find(text) {
  const typed = wordsOf(text.slice(0, LONGEST));
  if (typed.length === 0) return [];
  const found = index.flatMap(({ product, weights }) => {
    const each = typed.map((one) => Math.max(0, ...weights.map(([word, weight]) => weight * answers(word, one))));
    return each.every((score) => score > 0) ? [{ product, score: each.reduce((sum, score) => sum + score, available(product) ? 100 : 0) }] : [];
  });
  return found.sort((one, other) => other.score - one.score).map(({ product }) => product);
}

/** A word that finds something and is spelled almost like `text`, if there is one. */
export function near(text) {
  const [typed] = wordsOf(text.slice(0, LONGEST));
  if (!typed || typed.length < 4) return undefined;
  const most = typed.length < 6 ? 1 : 2;
  const close = [...names.keys()].map((word) => [word, distance(typed, word)]).filter(([, far]) => far > 0 && far <= most);
  return names.get(close.sort(([, one], [, other]) => one - other)[0]?.[0]);
}

/** How many letters have to be changed, added or left out. */
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let place = 1; place <= other.length; place++) {
      next[place] = Math.min(row[place] + 1, next[place - 1] + 1, row[place - 1] + (one[at - 1] === other[place - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[other.length];
}
