// Who comes to the shop: what they like, how often they come, whether they say who they are.

import { stream } from "./random.mjs";

const GIVEN = {
  en: ["Anna", "Oliver", "Grace", "Hamish", "Priya", "Tom", "Niamh", "Leo", "Esther", "Callum"],
  de: ["Jürgen", "Käthe", "Lukas", "Friederike", "Mehmet", "Anneliese", "Björn", "Sophie"],
  ar: ["ليلى", "يوسف", "نور", "سامي", "هالة", "عمر"],
  fr: ["Élodie", "François", "Zoé", "Théo", "Maëlle", "Raphaël"],
  ja: ["さくら", "健太", "陽菜", "大輔"],
};
const FAMILY = {
  en: ["Whitfield", "MacKenzie", "Okonkwo", "Fernsby-Cholmondeley", "Patel", "Hughes"],
  de: ["Müller", "Groß", "von der Heide", "Schäfer", "Yıldız"],
  ar: ["الخطيب", "حدّاد", "المصري"],
  fr: ["Lefèvre", "d'Ormesson", "N'Guyen", "Bézier"],
  ja: ["佐藤", "鈴木", "高橋"],
};
const HOMES = [
  { country: "GB", language: "en", weight: 40 },
  { country: "DE", language: "de", weight: 25 },
  { country: "FR", language: "fr", weight: 12 },
  { country: "US", language: "en", weight: 10 },
  { country: "AE", language: "ar", weight: 8 },
  { country: "JP", language: "ja", weight: 5 },
];

/**
 * The shopper of that number: always the same one for a seed. Some come once and never again, some every week; some
 * have an account.
 */
export function shopper(seed, number, products) {
  const random = stream(seed, "shopper", number);
  const { country, language } = random.weighted(HOMES, ({ weight }) => weight);
  const categories = [...new Set(products.flatMap((product) => product.categories))];
  const kind = random.weighted(
    [
      { name: "once", weight: 55, every: Infinity, buys: 0.03 },
      { name: "now and then", weight: 33, every: 30, buys: 0.12 },
      { name: "regular", weight: 12, every: 9, buys: 0.3 },
    ],
    ({ weight }) => weight,
  );
  const given = random.pick(GIVEN[language]);
  const family = random.pick(FAMILY[language]);
  return {
    number,
    random,
    country,
    language,
    kind: kind.name,
    /** Days from one visit to the next, on average. */
    every: kind.every * (0.5 + random.next()),
    /** How often a visit ends with an order. */
    buys: kind.buys,
    /** Most of what somebody looks at is of one or two categories. */
    likes: Array.from({ length: random.between(1, 2) }, () => random.pick(categories)),
    size: random.next(),
    visitor: id(random),
    customer: random.chance(kind.name === "once" ? 0.1 : 0.8)
      ? {
          id: `g${seed}-${number}`,
          given_name: given,
          family_name: family,
          email: `shopper.${seed}.${number}@example.org`,
          birthday: `${pad(random.between(1, 12))}-${pad(random.between(1, 28))}`,
          allows: random.chance(0.6),
        }
      : undefined,
  };
}

const pad = (number) => String(number).padStart(2, "0");

/** An id as browsers make them (UUIDv4). */
function id(random) {
  const bytes = random.bytes(16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
