// What the generated shoppers look at: the demo shop's products, or a made shop of any size.
//
// A product is { id, title, description, url, image, price (cents), currency, categories, brand, attributes, sizes,
// in_stock, pairs, appeal }; `pairs` are ids of what goes with it, `appeal` how often it is looked at against others.

import { available, catalogue, cents, decimal, pictureOf, shownColour } from "../../www/demo/catalogue.mjs";
import { stream } from "./random.mjs";

export { decimal };

/** The demo shop's products in one of its languages. */
export function demoCatalogue(origin, language = "en") {
  return catalogue.products.map((product, place) => ({
    id: product.id,
    title: product.name[language],
    description: product.line[language],
    url: `${origin}/product/${product.id}`,
    image: origin + pictureOf(product),
    price: cents(product.price),
    currency: "EUR",
    categories: [catalogue.category(product.category).name[language]],
    brand: "Skerrow",
    attributes: { colour: product.colours.find(({ id }) => id === shownColour(product)).name[language] },
    sizes: product.sizes,
    in_stock: available(product),
    pairs: product.pairs,
    appeal: (product.popular ? 3 : 1) / Math.sqrt(place + 1),
  }));
}

const KINDS = {
  "Women > Dresses": ["Wrap dress", "Shirt dress", "Slip dress", "Midi dress", "Linen dress", "Knitted dress"],
  "Women > Shoes": ["Ballet flats", "Ankle boots", "Court shoes", "Loafers", "Sandals", "Trainers"],
  "Women > Bags": ["Shoulder bag", "Tote", "Bucket bag", "Clutch", "Belt bag"],
  "Men > Shirts": ["Oxford shirt", "Linen shirt", "Flannel shirt", "Poplin shirt", "Overshirt"],
  "Men > Trousers": ["Chinos", "Pleated trousers", "Cords", "Work trousers", "Jeans"],
  "Men > Shoes": ["Derbies", "Chelsea boots", "Desert boots", "Deck shoes", "Running shoes"],
  "Home > Kitchen": ["Casserole", "Chef's knife", "Mixing bowl", "Kettle", "Chopping board", "Frying pan"],
  "Home > Bedroom": ["Duvet cover", "Pillowcase pair", "Throw", "Fitted sheet", "Blanket"],
  "Home > Lighting": ["Table lamp", "Floor lamp", "Pendant lamp", "Wall lamp"],
  "Outdoor > Camping": ["Two-person tent", "Sleeping mat", "Gas stove", "Head torch", "Water filter"],
  "Outdoor > Cycling": ["Cycling jersey", "Bar bag", "Multi-tool", "Rain cape", "Gloves"],
  "Children > Toys": ["Wooden train", "Puzzle", "Building blocks", "Doll's house", "Kite"],
};
const MATERIALS = ["cotton", "linen", "wool", "leather", "oak", "steel", "canvas", "merino", "ceramic", "recycled nylon"];
const COLOURS = ["ink", "sand", "moss", "rust", "chalk", "plum", "slate", "ochre", "sky", "charcoal"];
const MAKERS = ["Alder & Finch", "Brennhovd", "Casa Lume", "Dunmore", "Eight Bells", "Fjordgard", "Greyfriars", "Halden", "Isobel Marr", "Juniper Row"];
const SIZES = { Dresses: ["XS", "S", "M", "L", "XL"], Shirts: ["S", "M", "L", "XL"], Trousers: ["28", "30", "32", "34", "36"], Shoes: ["37", "38", "39", "40", "41", "42", "43"] };

/** A made shop: so many products with names, makers, colours and prices, that go with one another in small families. */
export function madeCatalogue(origin, count, seed = 1) {
  const random = stream(seed, "catalogue");
  const kinds = Object.entries(KINDS);
  const products = Array.from({ length: count }, (_, number) => {
    const [path, names] = kinds[number % kinds.length];
    const [name, material, colour, maker] = [names, MATERIALS, COLOURS, MAKERS].map(random.pick);
    const title = `${maker} ${name.toLowerCase()} in ${material}, ${colour}`;
    const id = `${maker.slice(0, 3).toUpperCase().replaceAll(/[^A-Z]/g, "X")}-${String(10_000 + number)}`;
    return {
      id,
      title,
      description: `${name} of ${material}, made by ${maker}. Colour: ${colour}.`,
      url: `${origin}/p/${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-${number}`,
      image: `${origin}/media/${id.toLowerCase()}.jpg`,
      price: random.between(12, 240) * 100 - 10,
      currency: "EUR",
      categories: [path],
      brand: maker,
      attributes: { colour, material },
      sizes: SIZES[path.split(" > ")[1]] ?? [],
      in_stock: random.chance(0.95),
      pairs: [],
      // A few are looked at a lot, most hardly ever.
      appeal: 1 / (1 + random.between(0, count - 1)) ** 0.6,
    };
  });
  // What goes together: a family of neighbours in different categories.
  for (const [number, product] of products.entries()) {
    const family = Math.floor(number / 24) * 24;
    const others = products.slice(family, family + 24).filter((other) => other.categories[0] !== product.categories[0]);
    product.pairs = Array.from({ length: Math.min(3, others.length) }, () => random.pick(others).id);
  }
  return products;
}

const statements = new WeakMap();

/** What the product's own page states (schema.org), as text. */
export function statement(product) {
  if (!statements.has(product)) statements.set(product, JSON.stringify(stated(product)));
  return statements.get(product);
}

const stated = (product) => ({
  "@context": "https://schema.org",
  "@type": "Product",
  sku: product.id,
  name: product.title,
  description: product.description,
  image: product.image,
  url: product.url,
  brand: { "@type": "Brand", name: product.brand },
  category: product.categories[0],
  offers: {
    "@type": "Offer",
    price: decimal(product.price),
    priceCurrency: product.currency,
    availability: `https://schema.org/${product.in_stock ? "InStock" : "OutOfStock"}`,
  },
});
