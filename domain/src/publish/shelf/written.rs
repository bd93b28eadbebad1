//! Shelves as they are written.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;

use super::values::Between;
use crate::publish::journey::form::{At, Place, Read, Sort, form};
use crate::publish::journey::values::{Decimal, Duration, Name, OneOf, Percent};
use crate::publish::shop::Said;
use crate::published::Language;
use crate::shelf::Kind;

/// A shelf: a row of recommended products. Its name is that of its file; a page has it where it says
/// `<section data-rapport-shelf="NAME"></section>`.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShelfFile {
    /// What it is for.
    pub kind: At<Kind>,
    /// Products on it, at most: 1 to 24; 8 when it is left out.
    pub size: Option<At<u8>>,
    /// With fewer it is not shown; 3 when it is left out, or its size.
    pub least: Option<At<u8>>,
    /// What does not stand on it: "cart", "owned". Both when it is left out; of shelves for what was looked at or is
    /// bought again and again, only what lies in the cart.
    pub leave_out: Option<At<Vec<At<LeaveOut>>>>,
    /// What may stand on it; everything when it is left out.
    pub only: Option<At<OnlyText>>,
    /// How many products of one sort at most.
    pub diversity: Option<At<DiversityText>>,
    /// The share of visitors who do not see it, so that what it brings can be told: "10 %". None when it is left out.
    pub holdout: Option<Read<Percent>>,
    /// Its words, in every language of the shop.
    pub text: At<BTreeMap<Language, At<TitleText>>>,
    /// What the merchant wants on this shelf.
    #[serde(default)]
    pub rule: Vec<At<RuleText>>,
}

/// What is left out of a shelf.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LeaveOut {
    /// What lies in the cart.
    Cart,
    /// What they have bought.
    Owned,
}

/// What may stand on a shelf.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OnlyText {
    /// Only what is in this category, or in one of these, or below.
    pub category: Option<At<OneOf>>,
    /// true: only what shares a category with what is looked at.
    pub same_category: Option<At<bool>>,
    /// Only what costs so much, by currency: { EUR = "20 to 50" }. It says nothing in markets of other currencies.
    pub price: Option<At<BTreeMap<String, Read<Between>>>>,
}

/// How many products of one sort at most.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DiversityText {
    /// Of one category.
    pub category: Option<At<u8>>,
    /// Of one brand.
    pub brand: Option<At<u8>>,
}

/// A shelf's words in one language.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TitleText {
    /// What stands above it.
    pub title: At<String>,
    /// What is said below its products, where it is not what shelves.toml says.
    pub reasons: Option<At<ReasonsText>>,
}

/// What is said below a product. {title} stands for the product that it follows from, {amount} for money. Where a text
/// is left out or empty, nothing is said.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReasonsText {
    /// Others went on to it: "Others went on to it from {title}".
    pub went_on_from: Option<At<String>>,
    /// Others bought it with something: "Often bought with {title}".
    pub bought_with: Option<At<String>>,
    /// It is like something: "Like {title}".
    pub like: Option<At<String>>,
    /// They have looked at it: "You have looked at it".
    pub seen_before: Option<At<String>>,
    /// They have bought it: "You have bought it".
    pub bought_before: Option<At<String>>,
    /// Many look at it: "Many look at it these days".
    pub trending: Option<At<String>>,
    /// It brings a cart nearer to free delivery: "{amount} to free delivery".
    pub free_delivery: Option<At<String>>,
    /// The shop wants it there: "Our choice".
    pub pinned: Option<At<String>>,
}

/// Shelves: their markets, words, badges and rules, and where the catalogue comes from.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShelvesFile {
    /// Words that all shelves share, in every language of the shop.
    pub text: At<BTreeMap<Language, At<WordsText>>>,
    /// Markets by name. `default` is the one of everybody else.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, MarketText>"))]
    pub markets: BTreeMap<toml::Spanned<String>, MarketText>,
    /// Where the catalogue comes from, beside the shop's pages and its server.
    #[serde(default)]
    pub catalogue: CatalogueText,
    /// What stands on products, at most eight.
    #[serde(default)]
    pub badge: Vec<At<BadgeText>>,
    /// What the merchant wants on all shelves.
    #[serde(default)]
    pub rule: Vec<At<RuleText>>,
}

/// Words that all shelves share.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WordsText {
    /// On the button that takes a product off the shelf: "Not for me".
    pub dismiss: At<String>,
    /// Said once it is gone: "We will not show it again".
    pub dismissed: At<String>,
    /// Before what something cost before: "Before".
    pub was: At<String>,
    /// On the button to what comes further on: "More".
    pub forth: At<String>,
    /// On the button back: "Back".
    pub back: At<String>,
    /// What is said below products.
    #[serde(default)]
    pub reasons: ReasonsText,
}

/// A market: to whom the shop shows which words and prices.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MarketText {
    /// Its countries, two letters each (ISO 3166-1).
    #[serde(default)]
    pub countries: Vec<At<String>>,
    /// Its languages, among the shop's.
    #[serde(default)]
    pub languages: Vec<At<String>>,
    /// Of its prices; the shop's own when it is left out.
    pub currency: Option<At<String>>,
    /// What the addresses of its pages begin with: "/de".
    pub path: Option<At<String>>,
    /// From which amount on delivery is free, in its currency: 50 or 49.90.
    pub free_delivery: Option<At<Decimal>>,
}

/// Where the catalogue comes from, beside the shop's pages and its server.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogueText {
    /// How many visitors have to have seen the same on a page before it is believed: 1 to 20; 2 when it is left out.
    pub witnesses: Option<At<u8>>,
    /// Hosts from which pictures may come, beside the shop's own.
    #[serde(default)]
    pub image_hosts: Vec<At<String>>,
    /// Lists of products that the shop publishes.
    #[serde(default)]
    pub feed: Vec<At<FeedText>>,
}

/// A list of products that the shop publishes.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FeedText {
    /// Where: https://…
    pub url: At<String>,
    /// In which form: "google" for Google Merchant, "shopify" for products.json.
    pub kind: At<String>,
    /// Of which market; of everybody's when it is left out.
    pub market: Option<Read<Name>>,
    /// How often it is read: "1 hour", from 5 minutes to a week; every hour when it is left out.
    pub every: Option<Read<Duration>>,
}

/// What stands on products.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BadgeText {
    /// What it says: a text, or one for each language.
    pub text: At<Said>,
    /// In which market; in all when it is left out.
    pub market: Option<Read<Name>>,
    /// On which products.
    pub on: At<MatchText>,
}

form! {
    /// What the merchant wants: one of pin, boost, bury and exclude.
    RuleText {
        /// These products come first, in this order.
        pin: At<MatchText>,
        /// These products come sooner.
        boost: At<MatchText>,
        /// These products come later.
        bury: At<MatchText>,
        /// These products do not come at all.
        exclude: At<MatchText>,
        /// How much sooner or later: by how much their scores are multiplied or divided, above 1 and at most 200; 2 when it is left out.
        by: At<Decimal>,
        /// Only beside products of this sort.
        beside: At<MatchText>,
        /// Only in this market.
        market: Read<Name>,
    }
    pin: [] [beside, market];
    boost: [] [by, beside, market];
    bury: [] [by, beside, market];
    exclude: [] [beside, market];
}

/// Products of which all of this is true; at least one thing is asked.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct MatchText {
    /// The shop's own id, or one of these; of a product or of a variant.
    pub id: Option<At<OneOf>>,
    /// In this category, or in one of these, or below: "Women > Dresses".
    pub category: Option<At<OneOf>>,
    /// Of this brand, or of one of these.
    pub brand: Option<At<OneOf>>,
    /// What it costs, by currency: { EUR = "20 to 50" }. Not true in markets of other currencies.
    pub price: Option<At<BTreeMap<String, Read<Between>>>>,
    /// What is left of its price once the shop has paid for it: "from 40 %". Not true where the cost is not known.
    pub margin: Option<Read<Between>>,
    /// true: it costs less than before.
    pub reduced: Option<At<bool>>,
    /// What else is known of it, by name: { colour = "red" }.
    pub attribute: Option<At<BTreeMap<String, OneOf>>>,
}
