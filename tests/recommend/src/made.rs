//! A made catalogue: names, addresses, pictures and prices as shops have them, for products of which only numbers are
//! known. What files weigh depends on these as much as on links.
//!
//! Products whose numbers are near are alike, as those are that shoppers go to from one another: a category for some
//! fifty of them, a few brands and materials in each.

use domain::shelf::Card;
use domain::shelf::file::Own;
use domain::shelf::key::Key;
use fastrand::Rng;

/// Products of one category, about.
const ALIKE: u32 = 50;
/// Shopify numbers products and variants in the order in which they are made, with large gaps.
const FIRST_ID: u64 = 7_012_345_678_901;

const GROUPS: [(&str, [&str; 8]); 8] = [
    ("Women", ["Dress", "Cardigan", "Blouse", "Skirt", "Trousers", "Jumper", "Coat", "T-Shirt"]),
    ("Men", ["Shirt", "Chinos", "Hoodie", "Jacket", "Polo", "Shorts", "Overshirt", "Jeans"]),
    ("Home & Living", ["Cushion", "Table Lamp", "Throw", "Vase", "Side Table", "Mirror", "Rug", "Candle"]),
    ("Kitchen", ["Frying Pan", "Chef's Knife", "Mixing Bowl", "Kettle", "Cutting Board", "Mug", "Teapot", "Casserole"]),
    ("Outdoor", ["Backpack", "Tent", "Sleeping Bag", "Head Torch", "Water Bottle", "Trekking Poles", "Stove", "Tarp"]),
    ("Shoes", ["Trainers", "Ankle Boots", "Sandals", "Loafers", "Running Shoes", "Clogs", "Brogues", "Slippers"]),
    ("Toys", ["Building Set", "Puzzle", "Doll", "Board Game", "Race Car", "Plush Bear", "Train", "Drawing Kit"]),
    ("Beauty", ["Face Cream", "Shampoo", "Hand Balm", "Serum", "Perfume", "Lip Tint", "Body Scrub", "Sun Lotion"]),
];
const MATERIALS: [&str; 24] = [
    "Linen",
    "Organic Cotton",
    "Merino Wool",
    "Recycled Nylon",
    "Oak",
    "Stainless Steel",
    "Cast Iron",
    "Ceramic",
    "Leather",
    "Suede",
    "Canvas",
    "Bamboo",
    "Velvet",
    "Corduroy",
    "Glass",
    "Titanium",
    "Silk",
    "Down",
    "Rattan",
    "Denim",
    "Jersey",
    "Brushed Brass",
    "Waxed Cotton",
    "Cork",
];
const SHAPES: [&str; 28] = [
    "Slim Fit",
    "Oversized",
    "Classic",
    "Relaxed",
    "Long",
    "Small",
    "Large",
    "Everyday",
    "Ultralight",
    "Quilted",
    "Ribbed",
    "Pleated",
    "Hand-Painted",
    "Foldable",
    "Waterproof",
    "Cropped",
    "High-Waisted",
    "Double-Breasted",
    "Family",
    "Travel",
    "Two-Piece",
    "Striped",
    "Checked",
    "Hooded",
    "Sleeveless",
    "Refillable",
    "Insulated",
    "Mini",
];
const COLOURS: [&str; 22] = [
    "Navy",
    "Charcoal",
    "Off White",
    "Sage Green",
    "Terracotta",
    "Mustard",
    "Black",
    "Dusty Pink",
    "Sky Blue",
    "Burgundy",
    "Olive",
    "Sand",
    "Ivory",
    "Rust",
    "Forest Green",
    "Light Grey",
    "Cobalt",
    "Lilac",
    "Chestnut",
    "Cream",
    "Midnight",
    "Coral",
];
const NAMES: [&str; 40] = [
    "Alma", "Bergen", "Calla", "Dover", "Elin", "Fjord", "Greta", "Hollis", "Iris", "Juno", "Kepler", "Lund", "Marlow",
    "Nord", "Otis", "Pella", "Quinn", "Rowan", "Sable", "Tarn", "Ulla", "Vesper", "Wren", "Yara", "Zeno", "Ashby",
    "Brook", "Cleo", "Drift", "Ember", "Flora", "Glen", "Harper", "Isla", "Jasper", "Kite", "Linden", "Mira", "Nell",
    "Oslo",
];
const BRANDS: [&str; 16] = [
    "Hartwell & Co",
    "Nordlys",
    "Maison Perrin",
    "Fieldnotes Supply",
    "Kumo",
    "Tandem",
    "Oak & Iron",
    "Brightside",
    "Studio Lark",
    "Ridgeline",
    "Petit Soleil",
    "Vanta",
    "Casa Luma",
    "Evergreen Works",
    "Bluebird",
    "Thimble",
];

/// What there is of products, by number.
pub fn catalogue(products: u32, seed: u64) -> Vec<Own> {
    let mut rng = Rng::with_seed(seed);
    let mut kinds = Vec::new();
    for _ in 0..products.div_ceil(ALIKE) {
        let (group, things) = GROUPS[rng.usize(..GROUPS.len())];
        let some = |from: usize, rng: &mut Rng| -> Vec<usize> { (0..5).map(|_| rng.usize(..from)).collect() };
        let (materials, brands) = (some(MATERIALS.len(), &mut rng), some(BRANDS.len(), &mut rng));
        kinds.push((group, things[rng.usize(..things.len())], materials, brands));
    }
    let mut own = Vec::with_capacity(products as usize);
    for number in 0..products {
        // One of five stands among others.
        let near = if rng.u8(..5) == 0 { rng.usize(..kinds.len()) } else { (number / ALIKE) as usize };
        let (group, thing, materials, brands) = &kinds[near];
        let name = NAMES[rng.usize(..NAMES.len())];
        let material = MATERIALS[materials[rng.usize(..materials.len())]];
        let (shape, colour) = (SHAPES[rng.usize(..SHAPES.len())], COLOURS[rng.usize(..COLOURS.len())]);
        let title = match rng.u8(..4) {
            0 => format!("{name} {shape} {material} {thing}"),
            1 => format!("{name} {material} {thing} – {colour}"),
            2 => format!("{name} {shape} {thing} in {colour}"),
            _ => format!("{name} {material} {thing}"),
        };
        let mut slug: String = title
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join("-");
        slug = slug.replace("chef-s", "chefs");
        // Some were renamed after their address was made, and of some there are two.
        if rng.u8(..8) == 0 {
            slug = format!("{slug}-{}", rng.u8(1..4));
        }
        let id = FIRST_ID + rng.u64(..900_000_000_000);
        let price = rng.u32(8..180) * 100 + [99, 95, 90, 0][rng.usize(..4)];
        let count = [0, 1, 3, 5][rng.usize(..4)];
        let mut variant = || Key::of_id(&(id + rng.u64(1..u64::from(u32::MAX))).to_string());
        let variants: Vec<Key> = (0..count).map(|_| variant()).collect();
        let card = Card {
            id: id.to_string(),
            url: format!("/products/{slug}"),
            image: format!(
                "https://cdn.shopname.example/s/files/1/0412/7733/9021/products/{slug}.jpg?v={}",
                1_640_000_000 + rng.u32(..120_000_000)
            ),
            price: Some(price),
            was: (rng.u8(..6) == 0).then_some(price + rng.u32(5..60) * 100),
            brand: BRANDS[brands[rng.usize(..brands.len())]].to_owned(),
            categories: vec![format!("{group} > {thing}s")],
            lift: Card::NO_LIFT,
            badges: u8::from(rng.u8(..10) == 0),
            title,
        };
        own.push(Own { card: Some(card), keys: variants });
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_catalogue_is_always_the_same_and_looks_like_a_shop_s() {
        let own = catalogue(500, 1);
        assert_eq!(own, catalogue(500, 1));
        let cards: Vec<&Card> = own.iter().filter_map(|own| own.card.as_ref()).collect();
        let mean = |of: fn(&Card) -> usize| cards.iter().map(|card| of(card)).sum::<usize>() / cards.len();
        assert!((15..40).contains(&mean(|card| card.title.chars().count())));
        assert!((25..60).contains(&mean(|card| card.url.len())));
        assert!((90..140).contains(&mean(|card| card.image.len())));
        let variants = own.iter().map(|own| own.keys.len()).sum::<usize>();
        assert!((1_000..1_300).contains(&variants), "{variants}");
    }
}
