//! Journeys where a shopper lives: what they are told, and what they want done.
//!
//! Everything here belongs to the section of whoever calls: what happened, what follows from it and what
//! journeys know of it by then are committed together, or not at all.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use domain::clock::Clocks;
use domain::consent::{Channel, Permission, Purpose};
use domain::facts::{Facts, Happened, log};
use domain::id::{EventId, Uuid};
use domain::journey::{Act, Deed, Effect, Input, Rules, RunId, Shopper, Surroundings};
use domain::law::{self, Country};
use domain::time::{Span, Timestamp};
use domain::why::Why;
use domain::zone::Zone;

use super::jobs::{self, Job, MailJob, RunOf};
use super::joining::{Whereabouts, whereabouts};
use super::{Shard, Shop, consent, ledger, people, preferences, sightings};
use crate::problem::{Failed, Result};
use crate::sql::{Row, values};

/// The world around one person, in one piece.
pub struct World {
    live: Rc<Rules>,
    earlier: Vec<Rc<Rules>>,
    zone: Zone,
    country: Option<Country>,
    language: String,
    birthday: Option<domain::form::Birthday>,
    channels: Vec<Channel>,
    seed: u64,
}

impl World {
    /// Calls something with the surroundings at a moment.
    pub fn at<T>(&self, now: Timestamp, f: impl FnOnce(&Surroundings<'_>) -> T) -> T {
        let earlier: Vec<&Rules> = self.earlier.iter().map(Rc::as_ref).collect();
        f(&Surroundings {
            now,
            live: &self.live,
            earlier: &earlier,
            zone: &self.zone,
            country: self.country,
            language: &self.language,
            birthday: self.birthday,
            channels: &self.channels,
            outlook: None,
            seed: self.seed,
        })
    }
}

/// By it lots fall, and runs say for whom they began: half of the shopper's id.
fn seed(person: &str) -> Result<u64> {
    let id = Uuid::try_parse(person).map_err(|_| Failed::new("reading a shopper", "an id is none"))?;
    Ok(id.as_u64_pair().1)
}

impl Shard {
    /// Something happened to a shopper who lives here: it is noted, and their journeys hear of it.
    pub(super) fn happened(&self, shopper: &str, kind: &str, data: &serde_json::Value) -> Result<()> {
        let now = self.now();
        let id = ledger::new_id(now)?;
        ledger::note_as(&self.db, id, now, shopper, kind, data)?;
        self.heard_of_shopper(shopper, kind, &data.to_string(), id, now)
    }

    /// The journeys of whoever a shopper belongs to hear of something that is noted already.
    pub(super) fn heard_of_shopper(
        &self,
        shopper: &str,
        kind: &str,
        data: &str,
        id: EventId,
        at: Timestamp,
    ) -> Result<()> {
        let shop = self.shop()?;
        let Some(config) = &shop.config else { return Ok(()) };
        let Some(happened) = log::read(kind, data, id, at, config.currency) else { return Ok(()) };
        let Whereabouts::Here(person) = whereabouts(&self.db, shopper)? else { return Ok(()) };
        self.tell(&person, &Input::Happened(&happened))
    }

    /// Tells a person's journeys something, and does what they want done.
    pub(super) fn tell(&self, person: &str, input: &Input<'_>) -> Result<()> {
        let shop = self.shop()?;
        if shop.config.is_none() {
            return Ok(());
        }
        let mut shopper = self.journeys_of(&shop, person)?;
        let world = self.world(&shop, person, &shopper)?;
        let effects = world.at(self.now(), |around| shopper.step(input, around));
        self.perform(&shop, person, &world, &mut shopper, effects)?;
        self.keep_journeys(person, &shopper)
    }

    /// What journeys know of a person; of whom they know nothing yet, what the log says.
    pub(super) fn journeys_of(&self, shop: &Shop, person: &str) -> Result<Shopper> {
        if let Some(row) = self.db.row("SELECT body FROM journeys WHERE shopper = ?", values![person])? {
            return Ok(serde_json::from_str(row.text(0)?)?);
        }
        let mut shopper = Shopper { facts: self.facts_of(shop, person)?, ..Shopper::default() };
        let world = self.world(shop, person, &shopper)?;
        // What was true before journeys heard of them begins nothing; nor is there anything to be done yet.
        let effects = world.at(self.now(), |around| shopper.step(&Input::Published, around));
        self.perform(shop, person, &world, &mut shopper, effects)?;
        Ok(shopper)
    }

    fn keep_journeys(&self, person: &str, shopper: &Shopper) -> Result<()> {
        self.db.run(
            "INSERT INTO journeys (shopper, body) VALUES (?, ?) ON CONFLICT (shopper) DO UPDATE SET body = excluded.body",
            values![person, serde_json::to_string(shopper)?],
        )
    }

    /// What a person did, worked out from the log.
    fn facts_of(&self, shop: &Shop, person: &str) -> Result<Facts> {
        let currency = shop.config.as_ref().and_then(|config| config.currency);
        let query = format!("{} SELECT id, at, kind, data FROM theirs ORDER BY at, id", sightings::theirs());
        let mut facts = Facts::default();
        for row in self.db.rows(&query, values![person])? {
            if let Some(happened) = logged(&row, currency)? {
                facts.fold(&happened);
            }
        }
        Ok(facts)
    }

    /// Whose the log says what is has changed: what a person did is worked out anew. Nothing begins by it.
    pub(super) fn refold(&self, person: &str) -> Result<()> {
        let shop = self.shop()?;
        let mut shopper = self.journeys_of(&shop, person)?;
        shopper.facts = self.facts_of(&shop, person)?;
        self.keep_journeys(person, &shopper)?;
        self.tell(person, &Input::Published)
    }

    fn world(&self, shop: &Shop, person: &str, shopper: &Shopper) -> Result<World> {
        let config = shop.live()?;
        let live = shop.rules.clone().unwrap_or_default();
        let versions: BTreeSet<&str> =
            shopper.runs().values().map(|run| run.version.as_str()).filter(|version| *version != live.version).collect();
        let mut earlier = Vec::new();
        for version in versions {
            // A version that is gone ends its runs; the engine says so.
            if let Ok(config) = self.config(shop, version) {
                earlier.push(Rc::new(config.rules(version)));
            }
        }
        let country = people::country(&self.db, person)?;
        let wishes = preferences::of(&self.db, person)?;
        let home = preferences::home_zone(config);
        let zone = Clocks::of(wishes.zone.as_ref(), country, None, &home).planning().clone();
        let now = self.now();
        let mut channels = Vec::new();
        for channel in [Channel::Email, Channel::Sms] {
            let permission = Permission { channel, purpose: Purpose::Marketing };
            let held = consent::held(&self.db, person, permission)?;
            if law::may_market(channel, held.as_ref(), law::of(country, None), now).allowed() {
                channels.push(channel);
            }
        }
        Ok(World {
            live,
            earlier,
            zone,
            country,
            language: people::language(&self.db, person)?,
            birthday: people::profile(&self.db, &shop.keys, person)?.birthday,
            channels,
            seed: seed(person)?,
        })
    }

    /// Does what journeys want done.
    fn perform(
        &self,
        shop: &Shop,
        person: &str,
        world: &World,
        shopper: &mut Shopper,
        effects: Vec<Effect>,
    ) -> Result<()> {
        let (now, db) = (self.now(), &self.db);
        let mut left = VecDeque::from(effects);
        while let Some(Effect { run, deed }) = left.pop_front() {
            let Some(run) = run else {
                if let Deed::Wake(due) = deed {
                    jobs::set(db, &Job::timer(due, person, None))?;
                }
                continue;
            };
            match deed {
                Deed::Begin => self.note_run(person, &run, shopper, now)?,
                Deed::Wake(due) => jobs::set(db, &Job::timer(due, person, Some(run)))?,
                Deed::Say(said) => {
                    let Some(known) = shopper.runs().get(&run) else { continue };
                    let of = RunOf { run: run.clone(), of: said.of, step: said.step.clone() };
                    let offer = self.offer_before(shop, &known.version, &run, &said.step)?;
                    let mail = MailJob {
                        mail: said.message.name.clone(),
                        version: known.version.clone(),
                        unless: None,
                        offer,
                        link: None,
                        held_by: None,
                        channel: said.message.channel,
                        run: Some(of.clone()),
                    };
                    jobs::add(db, &Job::mail(of.claim(), now, person, Some(said.valid_until), mail))?;
                }
                Deed::Issue { offer, fresh } => {
                    let issued = match shop.live()?.offer(offer.as_str()) {
                        Some(offer) if fresh => Some(self.issue_new(shop, person, offer, now)?),
                        Some(offer) => Some(self.issue(shop, person, offer, now)?),
                        None => None,
                    };
                    let code = issued.map(|issued| issued.ends);
                    let more = world.at(now, |around| shopper.step(&Input::Code(&run, code), around));
                    left.extend(more);
                }
                Deed::Tag(tag, on) => {
                    let kind = if on { "tag.added" } else { "tag.removed" };
                    ledger::note(db, now, person, None, kind, &serde_json::json!({ "tag": tag }))?;
                }
                Deed::Alert(text) => jobs::add(db, &Job::alert(now, person, &run, &text))?,
                Deed::Webhook(name) => jobs::add(db, &Job::webhook(now, person, &run, &name))?,
                Deed::End(why) => self.end_run(person, &run, &why, now)?,
            }
        }
        Ok(())
    }

    fn note_run(&self, person: &str, run: &RunId, shopper: &Shopper, now: Timestamp) -> Result<()> {
        let version = shopper.runs().get(run).map_or("", |run| run.version.as_str());
        self.db.run(
            "INSERT OR IGNORE INTO runs (id, journey, version, shopper, began) VALUES (?, ?, ?, ?, ?)",
            values![run_name(person, run), run.journey.as_str(), version, person, now.0],
        )
    }

    fn end_run(&self, person: &str, run: &RunId, why: &Why, now: Timestamp) -> Result<()> {
        jobs::remove(&self.db, &jobs::timer_key(person, Some(run)))?;
        self.db.run(
            "UPDATE runs SET ended = ?, rule = ?, fact = ? WHERE id = ? AND ended IS NULL",
            values![now.0, why.rule(), why.fact(), run_name(person, run)],
        )
    }

    /// The offer whose code a message shows: that of the last code before it.
    fn offer_before(&self, shop: &Shop, version: &str, run: &RunId, step: &str) -> Result<Option<String>> {
        let config = self.config(shop, version)?;
        let Some(journey) = config.journeys.iter().find(|known| known.name == run.journey) else { return Ok(None) };
        let before = journey.steps.iter().take_while(|known| known.id != step);
        let offers = before.filter_map(|known| match &known.act {
            Act::Code { offer, .. } => Some(offer.to_string()),
            _ => None,
        });
        Ok(offers.last())
    }
}

/// A run's name in lists.
fn run_name(person: &str, run: &RunId) -> String {
    format!("{}:{person}:{}", run.journey, run.key)
}

fn logged(row: &Row, currency: Option<domain::money::Currency>) -> Result<Option<Happened>> {
    let id = Uuid::from_slice(row.bytes(0)?).map_err(|_| Failed::new("reading an event", "its id"))?;
    Ok(log::read(row.text(2)?, row.text(3)?, EventId(id), Timestamp(row.int(1)?), currency))
}
