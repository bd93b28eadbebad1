//! Whoever sees everything and believes nobody: the mailbox, the shopper's own memory of what they said, and
//! an account of every row. It knows nothing of how the engine works; the laws, wishes and limits by which it
//! judges are written down here a second time, by hand.

mod notes;

use std::collections::{BTreeMap, BTreeSet};

use domain::consent::{Channel, Standing};
use domain::facts::{Happened, Kind};
use domain::home::{MessageId, Row};
use domain::journey::{RunId, Said};
use domain::preference::{Frequency, Preferences};
use domain::rehearsal::Course;
use domain::sending;
use domain::time::{Span, Timestamp};

pub use self::notes::Notes;
use crate::life::Who;
use crate::migrated::plain;
use crate::place::Place;
use crate::replay::Told;
use crate::shop::{self, Meant};

/// A promise that was broken.
#[derive(Clone, Debug)]
pub struct Broken {
    pub promise: &'static str,
    pub about: String,
}

/// What shoppers say about whether and how they may be written to.
pub enum Word {
    /// A permission, by this one of the shoppers that a person may be of.
    Standing { whose: u64, channel: Channel, standing: Standing, at: Timestamp },
    /// What somebody wishes.
    Wishes { of: u64, wishes: Preferences },
}

impl Word {
    /// Whether what is said now replaces what was said before.
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Standing { whose: a, channel: b, .. }, Self::Standing { whose: c, channel: d, .. }) => {
                (a, b) == (c, d)
            }
            (Self::Wishes { of: one, .. }, Self::Wishes { of: two, .. }) => one == two,
            _ => false,
        }
    }
}

/// A run, as it began.
#[derive(Clone)]
pub struct Began {
    pub at: Timestamp,
    /// The versions that it was on, and since when.
    pub versions: Vec<(Timestamp, String)>,
}

/// A message that a journey wanted said.
pub struct Asked {
    pub at: Timestamp,
    /// Where they were by then: which day is today is said by its clock, whoever they turn out to be later.
    pub home: Place,
    /// What became of it in the end, by which rule.
    pub fate: Option<(Row, String, Timestamp)>,
}

/// A message that was claimed and not refused.
struct Claimed {
    id: MessageId,
    at: Timestamp,
    /// It is news or an offer, of which there are to be few.
    news: bool,
    sells: bool,
}

/// What one household's witness saw.
#[derive(Default)]
pub struct Witness {
    pub broken: Vec<Broken>,
    pub delivered: u64,
    pub claimed: u64,
    pub unknown: u64,
    pub skipped: u64,
    pub deferred: u64,
    pub refused: u64,
    /// Runs that were set on another version.
    pub moved: u64,
    /// The version on which they are being set.
    moves_to: String,
    /// Why messages were skipped or waited, counted.
    pub rules: BTreeMap<String, u64>,
    /// Steps of the engine.
    pub steps: u64,
    /// What it was told, by the shopper's seed.
    pub told: BTreeMap<u64, Vec<Told>>,
    pub lateness: Span,
    /// Sends that were in flight at a kill, or without an answer.
    pub in_flight: u64,
    /// What was really sent and why, where somebody wants to compare it.
    pub course: Option<Course>,
    people: BTreeMap<u64, Place>,
    wishes: BTreeMap<u64, Preferences>,
    mailbox: BTreeMap<MessageId, u32>,
    /// When somebody was last told something of which there is to be little.
    last: BTreeMap<(u64, &'static str), Timestamp>,
    claims: Vec<Claimed>,
    pub asked: BTreeMap<MessageId, Asked>,
    /// Messages that may wait on.
    waiting: BTreeSet<MessageId>,
    /// By shopper and channel: when it was said, what, and when that was acknowledged.
    words: BTreeMap<(u64, Channel), (Timestamp, Standing, Timestamp)>,
    joined: BTreeMap<u64, u64>,
    pub heard: Vec<(u64, Timestamp, Happened)>,
    pub began: BTreeMap<(u64, String, String), Began>,
    pub ended: BTreeMap<(u64, String, String), (String, Timestamp)>,
}

impl Witness {
    pub fn fault(&mut self, promise: &'static str, about: impl Into<String>) {
        self.broken.push(Broken { promise, about: about.into() });
    }

    /// Runs are to be set on a version.
    pub fn moves_to(&mut self, version: &str) {
        version.clone_into(&mut self.moves_to);
    }

    /// Who there is.
    pub fn knows(&mut self, who: &Who) {
        self.people.insert(who.seed, who.place.clone());
        self.wishes.insert(who.seed, who.wishes.clone());
    }

    pub fn heard(&mut self, seed: u64, happened: &Happened, now: Timestamp) {
        self.heard.push((seed, now, happened.clone()));
    }

    /// It waits at the end, which is right only for what is worth saying still.
    pub fn waits(&mut self, message: &MessageId, late: Timestamp) {
        let message = &plain(message);
        self.waiting.insert(message.clone());
        let asked = self.asked.get(message).map(|asked| asked.at);
        if let Some((asked, meant)) = asked.zip(shop::meant(message))
            && asked + meant.valid_for < late
        {
            self.fault("missed", format!("{message:?} waits though it is worth nothing any more"));
        }
    }

    /// It is with the provider at the end.
    pub fn is_in_flight(&mut self, message: &MessageId) {
        self.waiting.insert(plain(message));
    }

    /// What a shopper said is done, and they were told so.
    pub fn acknowledged(&mut self, word: Word, now: Timestamp) {
        match word {
            Word::Standing { whose, channel, standing, at } => {
                self.words.insert((whose, channel), (at, standing, now));
            }
            Word::Wishes { of, wishes } => drop(self.wishes.insert(of, wishes)),
        }
    }

    pub fn joined(&mut self, into: u64, other: u64) {
        self.joined.insert(other, into);
    }

    pub fn parted(&mut self, other: u64) {
        self.joined.remove(&other);
    }

    /// Whether a run of a person, or of one whom they turned out to be, is over; not because it gave way to another.
    pub fn went_through(&self, person: u64, run: &RunId) -> bool {
        let theirs = self.ended.iter().filter(|((of, ..), _)| self.whose(*of) == person);
        let mut over = theirs.filter(|(_, (rule, _))| rule != "joined").map(|(run, _)| run);
        over.any(|(_, journey, key)| journey == run.journey.as_str() && (*key == run.key || shop::is_cart(run)))
    }

    fn whose(&self, seed: u64) -> u64 {
        self.joined.get(&seed).copied().unwrap_or(seed)
    }

    /// The last word of a person on a channel that was acknowledged before a moment; of two of one moment, the no.
    fn word(&self, person: u64, channel: Channel, before: Timestamp) -> Option<Standing> {
        let theirs = self.words.iter().filter(|((of, on), _)| *on == channel && self.whose(*of) == person);
        let said = theirs.map(|(_, word)| *word).filter(|(_, _, acknowledged)| *acknowledged < before);
        said.max_by_key(|(at, standing, _)| (*at, *standing == Standing::Withdrawn)).map(|(_, standing, _)| standing)
    }

    /// A message begins to leave.
    pub fn leaves(&mut self, message: &MessageId, said: &Said, who: &domain::home::Who, now: Timestamp) {
        let message = &plain(message);
        let Some(place) = self.claims.iter().rposition(|claim| claim.id == *message) else {
            self.fault("without a claim", format!("{message:?}"));
            return;
        };
        let person = self.whose(message.of);
        if person != who.seed {
            self.fault("to somebody else", format!("{message:?}"));
        }
        if !who.reach.contains(&said.message.channel) {
            self.fault("without an address", format!("{message:?}"));
        }
        let Some(meant) = shop::meant(message) else { return };
        if (meant.name, meant.channel) != (said.message.name.as_str(), said.message.channel) {
            self.fault("another message", format!("{message:?} says {:?}", said.message));
        }
        let home = self.people.get(&person).cloned().unwrap_or_default();
        let (asked, by) = self.asked.get(message).map_or((now, &home), |asked| (asked.at, &asked.home));
        if now > asked + meant.valid_for || meant.today_only && by.date(asked) != by.date(now) {
            self.fault("too late", format!("{message:?}, asked for at {}", asked.0));
        }
        if self.is_over(message, now) {
            self.fault("in spite of its end", format!("{message:?}"));
        }
        if meant.kind == sending::Kind::Marketing {
            self.is_welcome(message, &meant, (person, &home), place, now);
        }
    }

    /// News and offers: only with permission, at decent hours, as the shopper wishes and as rarely as the shop
    /// promises.
    fn is_welcome(
        &mut self,
        message: &MessageId,
        meant: &Meant,
        (person, home): (u64, &Place),
        place: usize,
        now: Timestamp,
    ) {
        let word = self.word(person, meant.channel, now + Span(1));
        if word != Some(Standing::Given) && !(word.is_none() && home.asks_nobody(meant.channel)) {
            self.fault("after a withdrawal", format!("{message:?} at {}", now.0));
        }
        if meant.channel == Channel::Sms && !home.texts_may_arrive(now) {
            self.fault("outside hours", format!("{message:?} at {} in {home:?}", now.0));
        }
        let wishes = self.wishes.get(&person).cloned().unwrap_or_default();
        let earlier: Vec<(Timestamp, bool)> = self.claims[..place]
            .iter()
            .filter(|claim| claim.news && self.whose(claim.id.of) == person)
            .map(|claim| (claim.at, claim.sells))
            .collect();
        let within = |days: i64| earlier.iter().filter(move |(at, _)| *at + Span::days(days) > now);
        let unwelcome = [
            ("its topic is off", wishes.topics_off.iter().any(|topic| topic.as_str() == meant.topic)),
            ("it is a pause", wishes.paused_until.is_some_and(|until| now < until)),
            ("it is quiet", wishes.quiet.is_some_and(|quiet| is_quiet(home, quiet.from(), quiet.until(), now))),
            (
                "so soon",
                match wishes.frequency {
                    Frequency::Any => false,
                    Frequency::Week => within(7).next().is_some(),
                    Frequency::Month => within(30).next().is_some(),
                },
            ),
        ];
        for (what, _) in unwelcome.into_iter().filter(|(_, is)| *is) {
            self.fault("against a wish", format!("{message:?}: {what}"));
        }
        let (all, selling) = (within(60).count() + 1, within(60).filter(|(_, sells)| *sells).count() + 1);
        let sells_too_much = meant.sells && selling > 1 && selling * 4 > all * 3 + 3;
        if within(7).count() >= 3 || within(30).count() >= 8 || sells_too_much {
            self.fault("over the limit", format!("{message:?}"));
        }
    }

    /// Whether what the message is about came to its end before, as far as is known without the engine. Of two
    /// who were ever one nobody can say.
    fn is_over(&self, message: &MessageId, now: Timestamp) -> bool {
        if self.whose(message.of) != message.of || self.joined.values().any(|into| *into == message.of) {
            return false;
        }
        let heard = |kind: Kind| {
            let heard = self.heard.iter().filter(move |(of, at, _)| *of == message.of && *at <= now);
            heard.map(|(_, _, what)| what).filter(move |what| what.kind == kind)
        };
        let name = message.run.key.as_str();
        let called_off = || heard(Kind::OrderCancelled).any(|what| what.about.subject == name);
        let order = || heard(Kind::OrderConfirmed).find(|what| what.about.subject == name);
        match message.run.journey.as_str() {
            "thank-you" => called_off(),
            "vip" => {
                called_off() || order().is_some_and(|order| heard(Kind::OrderConfirmed).any(|what| what.at > order.at))
            }
            _ => false,
        }
    }

    /// A message lies in the mailbox.
    pub fn delivered(&mut self, message: &MessageId, said: &Said, seed: u64, now: Timestamp) {
        self.delivered += 1;
        let message = &plain(message);
        let count = self.mailbox.entry(message.clone()).or_default();
        *count += 1;
        if *count > 1 {
            self.fault("doubled", format!("{message:?}"));
        }
        let kind = shop::meant(message).map_or(sending::Kind::Marketing, |meant| meant.kind);
        let word = self.word(seed, said.message.channel, now);
        if kind == sending::Kind::Marketing && word == Some(Standing::Withdrawn) {
            self.fault("after a withdrawal", format!("{message:?}, acknowledged while it was in flight"));
        }
        let Some(meant) = shop::meant(message) else { return };
        if let Some(apart) = meant.apart {
            let before = self.last.insert((message.of, meant.name), now);
            if before.is_some_and(|before| now < before + apart) {
                self.fault("doubled", format!("{message:?}, though they were told lately"));
            }
        }
    }

    /// The account at the end.
    pub fn close(&mut self) {
        let missed = self.asked.iter().filter(|(id, asked)| asked.fate.is_none() && !self.waiting.contains(id));
        for message in missed.map(|(id, _)| format!("{id:?}")).collect::<Vec<_>>() {
            self.fault("missed", message);
        }
        if self.unknown != self.in_flight {
            self.fault("other unknown than were in flight", format!("{} of {}", self.unknown, self.in_flight));
        }
    }
}

/// Whether it is quiet for somebody from one time of day to another.
fn is_quiet(home: &Place, from: u16, until: u16, now: Timestamp) -> bool {
    let minute = home.minute_of_wishes(now);
    if from < until { (from..until).contains(&minute) } else { minute >= from || minute < until }
}
