//! Journeys where a shopper lives: what they are told, and what they want done.
//!
//! Everything here belongs to the section of whoever calls: what happened, what follows from it and what
//! journeys know of it by then are committed together, or not at all.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use domain::consent::Channel;
use domain::facts::Facts;
use domain::form::Birthday;
use domain::id::{Slug, Uuid, hex};
use domain::journey::{Deed, Effect, Given, Input, Rules, RunId, Shopper, State, Surroundings};
use domain::law::{self, Country};
use domain::time::Timestamp;
use domain::value::Model;
use domain::why::Why;
use domain::zone::Zone;
use serde_json::json;

use super::alerts::{Told, default_language};
use super::jobs::{self, Job, JourneyJob, MailJob, RunOf, WebhookJob};
use super::joining::members;
use super::ledger::{self, What};
use super::preferences::marketing;
use super::{Shard, Shop, consent, people};
use crate::pages::alert_words;
use crate::problem::{Failed, Result};
use crate::seal::PersonKey;
use crate::sql::values;

/// Under this name it is sealed what journeys know of a person.
const JOURNEYS: &str = "journeys";

/// The world around one person, in one piece.
pub struct World {
    live: Rc<Rules>,
    earlier: Vec<Rc<Rules>>,
    zone: Zone,
    country: Option<Country>,
    language: String,
    birthday: Option<Birthday>,
    channels: Vec<Channel>,
    outlook: Option<Model>,
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
            outlook: self.outlook.as_ref(),
            seed: self.seed,
        })
    }
}

/// What went wrong for somebody lately, the newest first, in words that the merchant reads.
fn reasons(facts: &Facts, language: &str) -> Vec<String> {
    let words = alert_words::of(language);
    let mut signs: Vec<(Timestamp, String)> = facts.signs().map(|(at, _, sign)| (at, sign.to_owned())).collect();
    signs.sort_by_key(|(at, _)| core::cmp::Reverse(*at));
    signs.into_iter().take(10).map(|(at, sign)| words.sign(at, &sign)).collect()
}

/// By it lots fall, and runs say for whom they began: half of the shopper's id.
pub fn seed(shopper: &str) -> Result<u64> {
    let id = Uuid::try_parse(shopper).map_err(|_| Failed::new("reading a shopper", "an id is none"))?;
    Ok(id.as_u64_pair().1)
}

/// What a run is called in its table: after whoever it began for.
fn run_id(person: &str, run: &RunId) -> String {
    format!("{}:{person}:{}", run.journey, run.key)
}

impl Shard {
    /// Tells a person's journeys something, and does what they want done.
    pub(super) fn tell(&self, person: &str, input: &Input<'_>) -> Result<()> {
        let shop = self.shop()?;
        if shop.config.is_none() {
            return Ok(());
        }
        let mut shopper = self.journeys_of(person)?;
        let world = self.world(&shop, person, &shopper)?;
        let effects = world.at(self.now(), |around| shopper.step(input, around));
        self.perform(&shop, person, &world, &mut shopper, effects)?;
        self.keep_journeys(person, &shopper)
    }

    /// What is known of a person without their doing has changed, such as their birthday: what time alone
    /// brings is looked at again.
    pub(super) fn look_again(&self, person: &str) -> Result<()> {
        self.hear_news()?;
        self.tell(person, &Input::Due(None))
    }

    /// What journeys know of a person; of whom they know nothing yet, what the log says.
    pub(super) fn journeys_of(&self, person: &str) -> Result<Shopper> {
        let shop = self.shop()?;
        if let Some(row) = self.db.row("SELECT body FROM journeys WHERE shopper = ?", values![person])? {
            let key = self.key_of(&shop, person)?;
            let kept = key.open_bytes(JOURNEYS, row.bytes(0)?)?;
            return Ok(Shopper::read(&kept).map_err(|error| Failed::new("reading journeys", error.to_string()))?);
        }
        let mut shopper = Shopper::default();
        shopper.facts = self.facts_of(&shop, person)?;
        if shop.config.is_none() {
            return Ok(shopper);
        }
        let world = self.world(&shop, person, &shopper)?;
        // What was true before journeys heard of them begins nothing.
        let effects = world.at(self.now(), |around| shopper.step(&Input::Published, around));
        self.perform(&shop, person, &world, &mut shopper, effects)?;
        Ok(shopper)
    }

    /// Keeps what journeys know of a person.
    pub(super) fn keep_journeys(&self, person: &str, shopper: &Shopper) -> Result<()> {
        let sealed = self.key_of(&*self.shop()?, person)?.seal_bytes(JOURNEYS, &shopper.write())?;
        self.db.run(
            "INSERT INTO journeys (shopper, body) VALUES (?, ?) ON CONFLICT (shopper) DO UPDATE SET body = excluded.body",
            values![person, sealed],
        )
    }

    /// What opens what is sealed about a shopper.
    pub(super) fn key_of(&self, shop: &Shop, shopper: &str) -> Result<PersonKey> {
        let person = people::person(&self.db, &shop.keys, shopper)?;
        Ok(person.map(|person| person.key).ok_or_else(|| Failed::new("reading a shopper", "there is none"))?)
    }

    /// The world around a person as it is now.
    pub(super) fn world(&self, shop: &Shop, person: &str, shopper: &Shopper) -> Result<World> {
        let config = shop.live()?;
        let live = self.rules(shop, &shop.version)?;
        let on: BTreeSet<&str> = shopper.runs().values().map(|run| run.version.as_str()).collect();
        let earlier = on.into_iter().filter(|version| *version != shop.version);
        // A version that is gone ends its runs; the engine says so.
        let earlier = earlier.filter_map(|version| self.rules(shop, version).ok()).collect();
        let country = people::country(&self.db, person)?;
        let zone = self.clocks_of(shop, config, person)?.planning().clone();
        let mut channels = Vec::new();
        for channel in [Channel::Email, Channel::Sms] {
            let held = consent::held(&self.db, person, marketing(channel))?;
            if law::may_market(channel, held.as_ref(), law::of(country, None), self.now()).allowed() {
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
            outlook: shop.outlook.as_ref().and_then(|outlook| outlook.model),
            seed: seed(person)?,
        })
    }

    /// The rules of a version.
    fn rules(&self, shop: &Shop, version: &str) -> Result<Rc<Rules>> {
        if let Some(known) = shop.rules.borrow().get(version) {
            return Ok(known.clone());
        }
        let rules = Rc::new(self.config(shop, version)?.rules(version));
        shop.rules.borrow_mut().insert(version.to_owned(), rules.clone());
        Ok(rules)
    }

    /// Does what journeys want done.
    pub(super) fn perform(
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
                Deed::Begin => self.note_run(person, &run, shop, now)?,
                Deed::Move(why) => self.move_run(shop, person, &run, &why, now)?,
                Deed::Wake(due) => jobs::set(db, &Job::timer(due, person, Some(run)))?,
                Deed::Say(said) => {
                    let Some(known) = shopper.runs().get(&run) else { continue };
                    let of = RunOf { run: run.clone(), of: said.of, step: said.step.clone() };
                    let (offer, code) = said.code.map(|given| (given.offer.to_string(), given.code)).unzip();
                    let mail = MailJob {
                        mail: said.message.name.clone(),
                        version: known.version.clone(),
                        unless: None,
                        offer,
                        code: code.filter(|code| !code.is_empty()),
                        link: None,
                        held_by: None,
                        channel: said.message.channel,
                        run: Some(of.clone()),
                    };
                    jobs::add(db, &Job::mail(of.claim(&shop.keys), now, person, Some(said.valid_until), mail))?;
                }
                Deed::Issue { offer, fresh } => {
                    let code = self.issue_for(shop, person, &run, &offer, fresh, now)?;
                    left.extend(world.at(now, |around| shopper.step(&Input::Code(&run, code.as_ref()), around)));
                }
                Deed::Tag(happened) => {
                    let data = json!({ "tag": happened.about.subject, "run": run.journey });
                    ledger::note_as(db, (happened.id, happened.at), person, None, happened.kind.as_str(), &data)?;
                }
                Deed::Alert(text) => {
                    let mark = shop.keys.name("alert", &format!("{person}\n{}\n{text}", run.key));
                    let key = format!("alert:{}:{}", run.journey, hex(mark.first_chunk::<8>().unwrap_or(&[0; 8])));
                    let reasons = reasons(&shopper.facts, default_language(shop.live()?));
                    let (journey, shopper) = (run.journey.to_string(), person.to_owned());
                    self.tell_merchant(Told { key, journey, text, shopper, reasons })?;
                }
                Deed::Webhook { step, name } => {
                    let key = format!("webhook:{}:{person}:{}:{step}", run.journey, run.key);
                    jobs::add(db, &Job::webhook(now, person, key, WebhookJob { name, run, at: now }))?;
                }
                Deed::End(why) => self.end_run(person, &run, &why, now)?,
                Deed::GiveWay(of, why) => self.leave_run_out(person, (&run, of), shopper, &why, now)?,
            }
        }
        Ok(())
    }

    /// The code that a run asked for; nothing where there is none to be had.
    fn issue_for(
        &self,
        shop: &Shop,
        person: &str,
        run: &RunId,
        offer: &Slug,
        fresh: bool,
        now: Timestamp,
    ) -> Result<Option<Given>> {
        let config = shop.live()?.clone();
        let Some(offer) = config.offer(offer.as_str()) else { return Ok(None) };
        let issued = if fresh {
            self.issue_new(shop, &config, person, offer, Some(run), now)?
        } else {
            self.issue(shop, &config, person, offer, Some(run), now)?
        };
        Ok(Some(Given { offer: issued.offer, code: issued.code, ends: issued.ends }))
    }

    fn note_run(&self, person: &str, run: &RunId, shop: &Shop, now: Timestamp) -> Result<()> {
        self.db.run(
            "INSERT OR IGNORE INTO runs (id, journey, key, version, shopper, began) VALUES (?, ?, ?, ?, ?, ?)",
            values![run_id(person, run), run.journey.as_str(), run.key.as_str(), shop.version.as_str(), person, now.0],
        )
    }

    /// A message of a run that has not left is looked at now; for whichever of a person's members it began.
    pub(super) fn hurry(&self, members: &[String], run: &RunId) -> Result<()> {
        let of = members.iter().map(|id| seed(id)).collect::<Result<Vec<u64>>>()?;
        jobs::hurry(&self.db, &self.shop()?.keys, &of, run, self.now())
    }

    /// A run is over. A message of its that has not left is looked at once more, and leaves a word of why not.
    fn end_run(&self, person: &str, run: &RunId, why: &Why, now: Timestamp) -> Result<()> {
        jobs::remove(&self.db, &jobs::timer_key(person, Some(run)))?;
        let members = members(&self.db, person)?;
        self.hurry(&members, run)?;
        if why.rule() != "end" {
            ledger::decided(&self.db, now, person, What::End, run.journey.as_str(), why)?;
        }
        for id in self.runs_called(&members, run)? {
            self.db.run(
                "UPDATE runs SET ended = ?, rule = ?, fact = ? WHERE id = ? AND ended IS NULL",
                values![now.0, why.rule(), why.fact(), id],
            )?;
        }
        Ok(())
    }

    /// What a run of a person's is called in its table.
    fn runs_called(&self, members: &[String], run: &RunId) -> Result<Vec<String>> {
        let ids: Vec<String> = members.iter().map(|member| run_id(member, run)).collect();
        let ids = serde_json::to_string(&ids)?;
        let mut rows =
            self.db.rows("SELECT id FROM runs WHERE id IN (SELECT value FROM json_each(?))", values![ids])?;
        if rows.is_empty() {
            // Older code called its runs otherwise; to look for one means reading all that ever were.
            rows = self.db.rows(
                "SELECT id FROM runs WHERE journey = ? AND key = ? AND shopper IN (SELECT value FROM json_each(?))",
                values![run.journey.as_str(), run.key.as_str(), serde_json::to_string(members)?],
            )?;
        }
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
    }

    /// A run gives way to another for the same, now that two people are one. That one may bear its name: it keeps
    /// its timer and its row.
    fn leave_run_out(
        &self,
        person: &str,
        (run, of): (&RunId, u64),
        shopper: &Shopper,
        why: &Why,
        now: Timestamp,
    ) -> Result<()> {
        if !shopper.runs().contains_key(run) {
            jobs::remove(&self.db, &jobs::timer_key(person, Some(run)))?;
        }
        let members = members(&self.db, person)?;
        self.hurry(&members, run)?;
        ledger::decided(&self.db, now, person, What::End, run.journey.as_str(), why)?;
        for member in members {
            if seed(&member)? == of {
                self.db.run(
                    "UPDATE runs SET ended = ?2, rule = ?3, fact = ?4
                      WHERE journey = ?5 AND key = ?6 AND ended IS NULL AND shopper = ?1",
                    values![member, now.0, why.rule(), why.fact(), run.journey.as_str(), run.key.as_str()],
                )?;
            }
        }
        Ok(())
    }

    /// Timers of a person's runs, as they stand: whoever they were set for before.
    pub(super) fn set_timers(&self, person: &str, shopper: &Shopper) -> Result<()> {
        for (run, standing) in shopper.runs() {
            if let State::Until(moment) | State::Await(moment) = standing.state {
                jobs::set(&self.db, &Job::timer(moment, person, Some(run.clone())))?;
            }
        }
        Ok(())
    }

    /// A run that older code began, with a timer for each of its steps, goes on where it stands.
    pub(super) fn adopt(&self, person: &str, at: &JourneyJob) -> Result<()> {
        let shop = self.shop()?;
        let name = at.run.split(':').next().unwrap_or_default();
        let mut shopper = self.journeys_of(person)?;
        let rules = self.rules(&shop, &at.version)?;
        let journey = rules.journeys.iter().find(|journey| journey.name.as_str() == name);
        // Older steps are counted; they are there under the same numbers.
        let counted = format!("-{}", at.step);
        let step = journey.and_then(|journey| journey.steps.iter().position(|step| step.id.ends_with(&counted)));
        let (Some(journey), Some(step)) = (journey, step) else {
            return self.db.run(
                "UPDATE runs SET ended = ?, rule = 'end', fact = 'nothing is left to do' WHERE id = ?",
                values![self.now().0, at.run.as_str()],
            );
        };
        let run = RunId { journey: journey.name.clone(), key: person.to_owned() };
        self.db.run("UPDATE runs SET key = ? WHERE id = ?", values![run.key.as_str(), at.run.as_str()])?;
        let began = self.db.row("SELECT began FROM runs WHERE id = ?", values![at.run.as_str()])?;
        let began = began.map_or(Ok(self.now()), |row| row.int(0).map(Timestamp))?;
        let world = self.world(&shop, person, &shopper)?;
        let step = u16::try_from(step).unwrap_or(u16::MAX);
        let effects = world.at(self.now(), |around| shopper.resume(&run, &at.version, began, step, around));
        self.perform(&shop, person, &world, &mut shopper, effects)?;
        self.keep_journeys(person, &shopper)?;
        self.catch_up(person)
    }
}
