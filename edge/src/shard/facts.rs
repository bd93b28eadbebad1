//! What is known of a shopper, as the merchant reads it, and what can be expected of them.

use domain::clock::local_day;
use domain::consent::Channel;
use domain::facts::{Facts, Points, Purchase};
use domain::id::ShopperId;
use domain::money::{Currency, Money};
use domain::time::{Span, Timestamp};
use domain::value::Score;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::joining::Place;
use super::{Shard, Shop, preferences};
use crate::call::ShardCall;
use crate::problem::Result;

/// So many favourites are said, and so many signs of unhappiness.
const MOST: usize = 10;

/// What is known of a shopper. Moments are milliseconds since 1970; amounts are plain decimals with their
/// currency, such as `19.90 EUR`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FactsAnswer {
    /// Who: the shopper whom all are joined to that are one person.
    pub shopper: String,
    /// As of when.
    pub at: i64,
    /// Orders that stand: neither cancelled nor paid back as a whole.
    pub orders: Orders,
    /// What they came to, refunds taken off; nothing where the shop has no currency.
    pub spend: Option<String>,
    /// What one came to on average.
    pub average_order: Option<String>,
    /// Whole days since the last order.
    pub recency_days: Option<i64>,
    /// How many days usually lie between two days with an order: the median, from three such days on.
    pub rhythm_days: Option<f64>,
    /// Their last sign of life.
    pub seen: Option<i64>,
    /// The categories they like, the most liked first.
    pub favourite_categories: Vec<Favourite>,
    /// The sizes they bought, the most pieces first.
    pub sizes: Vec<Size>,
    /// The channel that gets answers: a click or an order within three days; nothing while none did.
    #[schemars(with = "Option<String>")]
    pub answers_on: Option<Channel>,
    /// How messages were received, channel by channel.
    pub messages: Vec<Received>,
    /// How unhappy they are, 0 to 100.
    pub unhappiness: u8,
    /// Why, the newest sign first.
    pub unhappy_because: Vec<Sign>,
    /// The points on their account; nothing where the shop never spoke of any.
    pub points: Option<PointsItem>,
    /// The tags they bear.
    pub tags: Vec<String>,
    /// The segments they are in.
    pub segments: Vec<String>,
    /// What can be expected within a year; nothing where there is no model, or they never ordered.
    pub expected: Option<Expected>,
    /// By which model that is said, or why there is none.
    pub model: ModelItem,
}

/// Orders that stand.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Orders {
    /// How many.
    pub count: usize,
    /// How many of them within the last year of 365 days: their frequency.
    pub within_a_year: usize,
    /// When the first was placed.
    pub first: Option<i64>,
    /// When the last was.
    pub last: Option<i64>,
}

/// A category they like.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Favourite {
    /// Which one.
    pub category: String,
    /// How much: looks count one, pieces in a cart three, bought ones eight, and half after sixty days.
    pub weight: f64,
}

/// A size they bought.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// Which one.
    pub size: String,
    /// How many pieces.
    pub pieces: f64,
}

/// How messages of a channel were received, of those that are remembered.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Received {
    /// The channel.
    #[schemars(with = "String")]
    pub channel: Channel,
    /// How many left.
    pub sent: u32,
    /// How many were answered.
    pub answered: u32,
}

/// A sign of unhappiness.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[allow(clippy::struct_field_names)] // as the reasons in mails name it
pub struct Sign {
    /// When.
    pub at: i64,
    /// What went wrong.
    pub sign: String,
    /// How heavy it was then, of a hundred; half of it counts after thirty days.
    pub weight: f64,
}

/// Points of a loyalty programme that the shop runs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PointsItem {
    /// How many.
    pub balance: u32,
    /// How many of them end next.
    pub ending: u32,
    /// When those end; nothing where none do.
    pub ends: Option<i64>,
}

impl PointsItem {
    fn of(points: Points) -> Self {
        let (ending, ends) = points.ending.map_or((0, None), |ending| (ending.count, Some(ending.at.0)));
        Self { balance: points.balance, ending, ends }
    }
}

/// What can be expected of a shopper within a year.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// The day where the shop is by which the next order is as likely as not; nothing where it is likelier that
    /// none comes.
    pub next_order: Option<String>,
    /// Probability that they have left for good.
    pub churn: f64,
    /// Probability of an order.
    pub chance_of_order: f64,
    /// How many days with an order.
    pub orders: f64,
    /// What an order of theirs comes to in the long run.
    pub average_order: Option<String>,
    /// What they will spend, later amounts counting a little less.
    pub value: Option<String>,
}

/// The shop's model.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ModelItem {
    /// There is one.
    pub there: bool,
    /// As of when shoppers were counted for it; also where that was in vain.
    pub at: Option<i64>,
    /// How many shoppers were counted: those who ordered.
    pub shoppers: Option<u64>,
    /// What could not be worked out, and why.
    pub why: Option<String>,
}

impl Shard {
    pub(super) async fn facts_here_or_there(&self, shopper: ShopperId) -> Result<FactsAnswer> {
        match self.place_of(&shopper.to_string())? {
            Place::Here(person) => self.facts_answer(&person),
            Place::There(object) => self.ask(object, &ShardCall::Facts { shopper }).await,
        }
    }

    /// What is known of a person who lives here. Asking changes nothing.
    fn facts_answer(&self, person: &str) -> Result<FactsAnswer> {
        self.hear_news()?;
        let (shop, now) = (self.shop()?, self.now());
        let known = self.known_of(&shop, person)?;
        let facts = &known.facts;
        let currency = shop.config.as_ref().and_then(|config| config.currency);
        let money = |minor: i64| currency.map(|currency| Money { currency, minor }.to_string());
        let orders = orders(facts, now);
        let average = i64::try_from(orders.count).ok().and_then(|count| facts.spent().checked_div(count));
        let model = shop.outlook.as_ref().and_then(|outlook| outlook.model);
        let expected = model.and_then(|model| facts.expected(&model, now));
        let mut signs: Vec<Sign> =
            facts.signs().map(|(at, weight, sign)| Sign { at: at.0, sign: sign.to_owned(), weight }).collect();
        signs.sort_by_key(|sign| core::cmp::Reverse(sign.at));
        signs.truncate(MOST);
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // days, 0 to 100
        Ok(FactsAnswer {
            shopper: person.to_owned(),
            at: now.0,
            spend: money(facts.spent()),
            average_order: average.and_then(money),
            recency_days: orders.last.map(|last| (now - Timestamp(last)).0.div_euclid(Span::days(1).0)),
            rhythm_days: facts.rhythm().map(|rhythm| rhythm.0 as f64 / Span::days(1).0 as f64),
            seen: facts.seen().map(|seen| seen.0),
            favourite_categories: facts
                .favourites(now)
                .into_iter()
                .take(MOST)
                .map(|(category, weight)| Favourite { category: category.to_owned(), weight })
                .collect(),
            sizes: facts
                .sizes()
                .into_iter()
                .take(MOST)
                .map(|(size, pieces)| Size { size: size.to_owned(), pieces })
                .collect(),
            answers_on: facts.answering_channel(),
            messages: facts
                .receptions()
                .into_iter()
                .map(|(channel, of)| Received { channel, sent: of.sent, answered: of.answered })
                .collect(),
            unhappiness: facts.unhappiness(now) as u8,
            unhappy_because: signs,
            points: facts.points(now).map(PointsItem::of),
            tags: facts.tags().iter().map(ToString::to_string).collect(),
            segments: known.segments.iter().map(ToString::to_string).collect(),
            expected: expected.map(|score| self::expected(&shop, &score, currency, now)).transpose()?,
            model: model_item(&shop),
            orders,
        })
    }
}

fn orders(facts: &Facts, now: Timestamp) -> Orders {
    let placed = || facts.orders().filter_map(Purchase::placed);
    Orders {
        count: facts.orders().count(),
        within_a_year: placed().filter(|at| *at > Timestamp(now.0 - Span::days(365).0)).count(),
        first: placed().next().map(|at| at.0),
        last: placed().next_back().map(|at| at.0),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // what is beyond is cut off; a week is exact
fn expected(shop: &Shop, score: &Score, currency: Option<Currency>, now: Timestamp) -> Result<Expected> {
    let money = |minor: Option<f64>| Some(Money { currency: currency?, minor: minor? as i64 }.to_string());
    let zone = preferences::home_zone(shop.live()?);
    let next = score.next_order.map(|weeks| now + Span((weeks * Span::days(7).0 as f64) as i64));
    Ok(Expected {
        next_order: next.map(|at| local_day(&zone, at).to_string()),
        churn: score.churn,
        chance_of_order: score.chance_of_order,
        orders: score.expected_orders,
        average_order: money(score.mean_order),
        value: money(score.lifetime_value),
    })
}

fn model_item(shop: &Shop) -> ModelItem {
    match &shop.outlook {
        Some(outlook) => ModelItem {
            there: outlook.model.is_some(),
            at: Some(outlook.at.0),
            shoppers: Some(outlook.shoppers),
            why: outlook.why.clone(),
        },
        None => ModelItem {
            why: Some("Nobody was counted yet: that is done early every morning.".into()),
            ..ModelItem::default()
        },
    }
}
