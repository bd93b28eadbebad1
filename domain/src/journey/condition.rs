//! What can be asked of a shopper: filters, branches, goals, exits and segments are all of these.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::consent::Channel;
use crate::facts::{Facts, HALF_LIFE, Kind, Told};
use crate::id::Slug;
use crate::law::Country;
use crate::time::{Span, Timestamp, earliest};
use crate::value::{Model, Score};

/// Something that is true of a shopper at a moment, or not. What is asked of a fact that is not known is
/// not true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Each of them.
    All(Vec<Condition>),
    /// One of them at least.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// A number is within limits.
    Number(Range),
    /// A word is one of several, written in lower case.
    Word {
        /// Which word.
        fact: Word,
        /// Those it may be.
        is: BTreeSet<String>,
    },
    /// Something happened, so often, lately.
    Happened(Past),
    /// They bear a tag.
    Tag(Slug),
    /// They are in a segment.
    Segment(Slug),
    /// An order of theirs that stands holds the product.
    Bought(String),
    /// The category is one of the three they like most.
    Likes(String),
    /// They may be written to on a channel about news and offers.
    May(Channel),
}

/// A number and its limits, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Which number.
    pub fact: Number,
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i64>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<i64>,
}

/// Numbers that can be asked for. Amounts are in the smallest unit of the shop's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// Orders that stand.
    Orders,
    /// The sum of them, refunds taken off.
    Spend,
    /// The mean of those that were paid in the shop's currency.
    AverageOrder,
    /// Whole days since the last of them.
    DaysSinceOrder,
    /// Whole days since the last sign of life.
    DaysSinceSeen,
    /// Whole days since they were first heard of.
    DaysKnown,
    /// Days on which they gave a sign of life.
    ActiveDays,
    /// What lies in the cart.
    CartValue,
    /// How many pieces lie in the cart.
    CartItems,
    /// How unhappy, 0 to 100.
    Unhappy,
    /// The newest messages in a row without an answer.
    Unanswered,
    /// How unlikely another order within a year is, in percent.
    Churn,
    /// What they will probably spend within a year.
    Value,
    /// Whole days until the next order is as likely as not to have come; not known of whom none is expected.
    DaysToOrder,
    /// Points on their account, as the shop's server said it.
    Points,
    /// How many of them end next.
    PointsEnding,
    /// Whole days until those end.
    DaysToPointsEnd,
}

impl Number {
    /// It is an amount of money.
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Spend | Self::AverageOrder | Self::CartValue | Self::Value)
    }
}

/// Words that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Two letters of ISO 3166-1.
    Country,
    /// The language they read.
    Language,
    /// The category they like most.
    Category,
    /// The size they wear, by what they bought, put into the cart and looked at.
    Size,
    /// The channel that gets answers, `email` or `sms`: the one of whose messages the larger share was followed by a
    /// click or an order within three days. Not known while none was.
    AnswersBy,
}

/// Something that happened, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// What.
    #[serde(flatten)]
    pub what: Match,
    /// Not longer ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Only since the run began.
    #[serde(default)]
    pub since_start: bool,
    /// How often at least.
    pub at_least: u32,
}

/// Which events are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The kind.
    pub event: Kind,
    /// The product, order, campaign or custom event it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// It is about the same order, cart or message as the run.
    #[serde(default)]
    pub same: bool,
    /// A product of this category is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The least amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// What a custom event says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
}

impl Match {
    /// Every event of a kind.
    pub const fn any(event: Kind) -> Self {
        Self { event, subject: None, same: false, category: None, amount: None, data: BTreeMap::new() }
    }

    /// Whether an event is meant; `run` is what the run is about. What is not said of its products may be known of them
    /// by the shopper's `facts`.
    pub fn fits(&self, told: &Told<'_>, run: Option<&str>, facts: &Facts) -> bool {
        self.event == told.kind
            && self.subject.as_deref().is_none_or(|subject| subject == told.subject)
            && (!self.same || run.is_some_and(|about| is_same(about, told, facts)))
            && self
                .category
                .as_deref()
                .is_none_or(|wanted| told.pieces.iter().any(|piece| facts.category_of(piece) == Some(wanted)))
            && self.amount.is_none_or(|least| told.amount.is_some_and(|amount| amount >= least))
            && self.data.iter().all(|(name, value)| told.data.is_some_and(|data| data.get(name) == Some(value)))
    }
}

/// Whether an event is about what a run is about. An order has several names: a page and the shop's server do
/// not always say the same.
fn is_same(about: &str, told: &Told<'_>, facts: &Facts) -> bool {
    let mut names = core::iter::once(told.subject).chain(told.names.iter().map(String::as_str));
    if names.clone().any(|name| name == about) {
        return true;
    }
    facts.order(about).is_some_and(|order| names.any(|name| order.is_called(name)))
}

/// What a shopper is at a moment, for conditions.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    /// What they did.
    pub facts: &'a Facts,
    /// The moment.
    pub now: Timestamp,
    /// Where they are.
    pub country: Option<Country>,
    /// The language they read.
    pub language: &'a str,
    /// On which channels they may be written to about news and offers.
    pub channels: &'a [Channel],
    /// What can be expected of them.
    pub outlook: Option<&'a Model>,
    /// The shop's segments.
    pub segments: &'a BTreeMap<Slug, Condition>,
    /// The run that asks: when it began and what it is about.
    pub run: Option<(Timestamp, &'a str)>,
}

impl Condition {
    /// Whether it is true now.
    pub fn holds(&self, of: &Person<'_>) -> bool {
        match self {
            Self::All(each) => each.iter().all(|one| one.holds(of)),
            Self::Any(each) => each.iter().any(|one| one.holds(of)),
            Self::Not(one) => !one.holds(of),
            Self::Number(range) => of.number(range.fact).is_some_and(|n| range.holds(n)),
            Self::Word { fact, is } => of.word(*fact, |word| is.contains(word)),
            Self::Happened(past) => {
                let wanted = usize::try_from(past.at_least).unwrap_or(usize::MAX);
                of.matching(past).take(wanted).count() >= wanted
            }
            Self::Tag(tag) => of.facts.has_tag(tag.as_str()),
            Self::Segment(name) => of.segments.get(name).is_some_and(|segment| segment.holds(of)),
            Self::Bought(product) => of.facts.bought(product),
            Self::Likes(category) => of.facts.favourites(of.now).iter().take(3).any(|(liked, _)| liked == category),
            Self::May(channel) => of.channels.contains(channel),
        }
    }

    /// How much it asks. What a segment asks that it names is not counted.
    pub fn questions(&self) -> u64 {
        match self {
            Self::All(each) | Self::Any(each) => each.iter().map(Self::questions).sum(),
            Self::Not(one) => one.questions(),
            _ => 1,
        }
    }

    /// Whether it asks what is expected of a shopper, somewhere in it.
    pub fn asks_for_outlook(&self) -> bool {
        match self {
            Self::All(each) | Self::Any(each) => each.iter().any(Self::asks_for_outlook),
            Self::Not(one) => one.asks_for_outlook(),
            Self::Number(range) => matches!(range.fact, Number::Churn | Number::Value | Number::DaysToOrder),
            _ => false,
        }
    }

    /// The earliest later moment at which it may change by the passing of time alone; nothing where it
    /// does not.
    pub fn next_change(&self, of: &Person<'_>) -> Option<Timestamp> {
        self.now_and_next(of).1
    }

    /// Whether it is true now, and when that may change by the passing of time alone.
    pub(super) fn now_and_next(&self, of: &Person<'_>) -> (bool, Option<Timestamp>) {
        let both = |one: &Self| one.now_and_next(of);
        match self {
            Self::All(each) => each
                .iter()
                .map(both)
                .fold((true, None), |(all, next), (holds, change)| (all & holds, earliest(next, change))),
            Self::Any(each) => each
                .iter()
                .map(both)
                .fold((false, None), |(any, next), (holds, change)| (any | holds, earliest(next, change))),
            Self::Not(one) => {
                let (holds, change) = both(one);
                (!holds, change)
            }
            Self::Number(range) if range.fact == Number::Unhappy => of.unhappy(range),
            Self::Number(range) => (self.holds(of), of.number_changes(range)),
            Self::Happened(past) => {
                let leaves = |within| {
                    let moments = of.matching(past).map(|told| told.at + within + Span(1));
                    moments.filter(|moment| *moment > of.now).min()
                };
                (self.holds(of), past.within.and_then(leaves))
            }
            Self::Segment(name) => of.segments.get(name).map_or((false, None), both),
            Self::Word { .. } | Self::Tag(_) | Self::Bought(_) | Self::Likes(_) | Self::May(_) => {
                (self.holds(of), None)
            }
        }
    }
}

impl Range {
    fn holds(&self, n: i64) -> bool {
        self.at_least.is_none_or(|least| n >= least) && self.at_most.is_none_or(|most| n <= most)
    }

    /// The numbers at which it begins or ceases to hold.
    fn limits(&self) -> impl Iterator<Item = i64> {
        self.at_least.into_iter().chain(self.at_most.map(|most| most + 1))
    }
}

impl<'a> Person<'a> {
    fn number(&self, which: Number) -> Option<i64> {
        let facts = self.facts;
        let days = |since: Option<Timestamp>| since.map(|since| whole_days(self.now - since));
        let count = |n: usize| Some(i64::try_from(n).unwrap_or(i64::MAX));
        match which {
            Number::Orders => count(facts.orders().count()),
            Number::Spend => Some(facts.spent()),
            // Of orders in other currencies the amount is not known.
            Number::AverageOrder => {
                let known = facts.orders().filter(|order| order.total().is_some()).count();
                facts.spent().checked_div(i64::try_from(known).ok()?)
            }
            Number::DaysSinceOrder => days(self.last_order()),
            Number::DaysSinceSeen => days(facts.seen()),
            Number::DaysKnown => days(facts.first()),
            Number::ActiveDays => count(facts.active_days()),
            Number::CartValue => facts.cart().and_then(|cart| cart.about.amount),
            Number::CartItems => Some(
                facts.cart().map_or(0, |cart| cart.about.pieces.iter().map(|piece| i64::from(piece.quantity)).sum()),
            ),
            #[allow(clippy::cast_possible_truncation)] // 0 to 100
            Number::Unhappy => Some(facts.unhappiness(self.now) as i64),
            Number::Unanswered => count(facts.unanswered()),
            #[allow(clippy::cast_possible_truncation)] // 0 to 100
            Number::Churn => Some((self.churn(self.now)? * 100.0) as i64),
            #[allow(clippy::cast_possible_truncation)] // what is beyond is cut off
            Number::Value => Some(self.score(self.now)?.lifetime_value? as i64),
            #[allow(clippy::cast_possible_truncation)] // a century at most
            Number::DaysToOrder => Some((self.score(self.now)?.next_order? * 7.0) as i64),
            Number::Points => Some(i64::from(facts.points(self.now)?.balance)),
            Number::PointsEnding => Some(facts.points(self.now)?.ending.map_or(0, |ending| i64::from(ending.count))),
            Number::DaysToPointsEnd => Some(whole_days(facts.points(self.now)?.ending?.at - self.now)),
        }
    }

    /// What the shop's model expects of them within a year.
    fn score(&self, now: Timestamp) -> Option<Score> {
        self.facts.expected(self.outlook?, now)
    }

    /// How unlikely another order within a year is, 0 to 1. Grows with silence.
    fn churn(&self, now: Timestamp) -> Option<f64> {
        Some(1.0 - self.score(now)?.chance_of_order)
    }

    /// When the first of their points end.
    fn points_end(&self) -> Option<Timestamp> {
        Some(self.facts.points(self.now)?.ending?.at)
    }

    fn last_order(&self) -> Option<Timestamp> {
        self.facts.orders().next_back()?.placed()
    }

    fn word(&self, which: Word, is: impl Fn(&str) -> bool) -> bool {
        match which {
            Word::Country => self.country.is_some_and(|country| is(&country.to_string().to_ascii_lowercase())),
            Word::Language => is(self.language),
            Word::Category => {
                self.facts.favourites(self.now).first().is_some_and(|(liked, _)| is(&liked.to_lowercase()))
            }
            Word::Size => self.facts.size(self.now).is_some_and(|size| is(&size.to_lowercase())),
            Word::AnswersBy => self.facts.answering_channel().is_some_and(|channel| is(channel.as_str())),
        }
    }

    /// What is remembered of what a condition counts.
    fn matching<'b>(&self, past: &'b Past) -> impl Iterator<Item = Told<'a>> + use<'a, 'b> {
        let began = self.run.filter(|_| past.since_start).map(|(began, _)| began + Span(1));
        let oldest = past.within.map(|within| Timestamp(self.now.0.saturating_sub(within.0)));
        let since = began.max(oldest).unwrap_or(Timestamp(i64::MIN));
        let (now, facts, about) = (self.now, self.facts, self.run.map(|(_, about)| about));
        let told = facts.told_since(past.what.event, since);
        told.filter(move |told| told.at <= now && past.what.fits(told, about, facts))
    }

    fn number_changes(&self, range: &Range) -> Option<Timestamp> {
        let later = |moment: Timestamp| Some(moment).filter(|moment| *moment > self.now);
        let days = |since: Option<Timestamp>| {
            let least = range.at_least.and_then(|least| later(since? + Span::days(least)));
            let most = range.at_most.and_then(|most| later(since? + Span::days(most.saturating_add(1))));
            least.into_iter().chain(most).min()
        };
        match range.fact {
            Number::DaysSinceOrder => days(self.last_order()),
            Number::DaysSinceSeen => days(self.facts.seen()),
            Number::DaysKnown => days(self.facts.first()),
            Number::Unhappy => self.unhappy(range).1,
            Number::Churn => {
                #[allow(clippy::cast_precision_loss)] // 0 to 100
                let crossings = range.limits().filter_map(|limit| {
                    first_day(self.now, |moment| self.churn(moment).is_some_and(|churn| churn * 100.0 >= limit as f64))
                });
                crossings.min()
            }
            // They change as the silence grows; once a day is often enough for amounts and whole days.
            Number::Points | Number::PointsEnding => self.points_end(),
            Number::DaysToPointsEnd => {
                let end = self.points_end();
                // Whole days are counted down: one more has gone a moment after it.
                let fewer = |days: i64| later(end? + Span::days(-days) + Span(1));
                let crossed = range.at_least.into_iter().chain(range.at_most.map(|most| most.saturating_add(1)));
                crossed.filter_map(fewer).chain(end).min()
            }
            Number::Value | Number::DaysToOrder => self.outlook.map(|_| self.now + Span::days(1)),
            Number::Orders
            | Number::Spend
            | Number::AverageOrder
            | Number::ActiveDays
            | Number::CartValue
            | Number::CartItems
            | Number::Unanswered => None,
        }
    }

    /// Whether the unhappiness is within limits, and when it will have faded below one of them.
    fn unhappy(&self, range: &Range) -> (bool, Option<Timestamp>) {
        let score = self.facts.unhappiness(self.now);
        #[allow(clippy::cast_possible_truncation)] // 0 to 100
        let holds = range.holds(score as i64);
        (holds, range.limits().filter_map(|limit| self.calms_below(score, limit)).min())
    }

    fn calms_below(&self, score: f64, limit: i64) -> Option<Timestamp> {
        #[allow(clippy::cast_precision_loss)] // 0 to 100
        let limit = limit as f64;
        if limit <= 0.0 || score < limit {
            return None;
        }
        // Signs of the future do not count yet, and what is above a hundred fades unseen: look again then.
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // some years in milliseconds
        let fades = Span((libm::log2(score / limit) * HALF_LIFE.0 as f64) as i64 + 1);
        Some(self.now + fades.max(Span::seconds(1)))
    }
}

fn whole_days(span: Span) -> i64 {
    span.0.div_euclid(Span::days(1).0)
}

/// The first of the days to come, within ten years, on which something that grows has come true; nothing
/// when it is true already.
fn first_day(now: Timestamp, reached: impl Fn(Timestamp) -> bool) -> Option<Timestamp> {
    let (mut before, mut after) = (0_i64, 3_650_i64);
    if reached(now) || !reached(now + Span::days(after)) {
        return None;
    }
    while after - before > 1 {
        let middle = i64::midpoint(before, after);
        if reached(now + Span::days(middle)) { after = middle } else { before = middle }
    }
    Some(now + Span::days(after))
}
