//! The moment of sending: decided again, claimed, made durable, handed over, concluded.
//!
//! The claim is written before the provider is called and is the message's only permission to
//! leave. Whatever happens between claim and conclusion leaves a claim without one, and that is
//! `unknown`: counted, shown and, because it may have left, never tried again.

use domain::consent::Channel;
use domain::journey::{Fate, Input};
use domain::law::{self, text_window};
use domain::published::ShopConfig;
use domain::sending::{self, After, Request, Situation, Unless, Verdict, after, decide};
use domain::time::{Span, Timestamp};
use domain::why::Why;
use serde_json::json;

use super::baskets::{Shown, nothing_to_show};
use super::codes::Issued;
use super::content::{self, Content};
use super::jobs::{self, FateJob, Job, MailJob, RunOf, State};
use super::joining::{Whereabouts, keeper, whereabouts};
use super::ledger::{self, What};
use super::mail::{Composed, Unsaid, With, address_for, compose};
use super::{Shard, Shop, consent, erasing, people, preferences};
use crate::problem::{Failed, Result};
use crate::sender::{Outcome, Sender};
use crate::sql::{Db, Value, values};

/// A message that may leave: claimed, not yet handed over.
pub struct Claim {
    pub key: String,
    pub job: Job,
    pub composed: Composed,
    pub channel: Channel,
    /// The step that says it, where it is a journey's.
    pub run: Option<RunOf>,
}

impl Shard {
    /// Decides about one mail that is due, in the synchronous section of its batch.
    pub(super) fn decide_mail(&self, job: &Job, mail: &MailJob) -> Result<Option<Claim>> {
        let (shop, now) = (self.shop()?, self.now());
        let config = self.config(&shop, &mail.version)?;
        let content = content::of(&config, mail)?;
        let sender = Sender::of(&self.env).filter(|sender| sender.carries(mail.channel));
        let request = Request {
            kind: content.kind(),
            channel: mail.channel,
            asks_to_confirm: mail.link.is_some(),
            valid_until: job.valid_until,
        };
        let person = match whereabouts(&self.db, &job.shopper)? {
            Whereabouts::Here(person) => person,
            // Erased since: there is nobody to write to.
            Whereabouts::Unknown => return jobs::remove(&self.db, &job.key).map(|()| None),
            Whereabouts::Moved(_) | Whereabouts::Frozen => {
                return Err(Failed::new("sending", "the shopper is not here").into());
            }
        };
        let code = mail.code(&self.db, &config, &person, now)?;
        let shown = self.shown(&shop, &config, &person, &content, mail)?;
        let with = (&content, code.as_ref(), shown.as_ref());
        let situation = self.situation(&shop, &config, &person, (job, mail), with, sender.is_some())?;
        let decision = decide(&request, &situation, now);
        let name = mail.mail.as_str();
        match (decision.verdict(), sender) {
            (Verdict::Send, Some(sender)) => {
                // What can be said without a code is said without one that is good no longer.
                let code = code.filter(|code| code.spent(now).is_none());
                let with = With { code, picked: self.picked(job), shown };
                let composed = match compose(&self.db, &shop, &config, job, mail, with, now)? {
                    Ok(composed) => composed,
                    Err(Unsaid { why, fate }) => return self.leave_out(&person, job, mail, &why, fate),
                };
                let claim = Claim {
                    key: job.key.clone(),
                    job: job.clone(),
                    composed,
                    channel: mail.channel,
                    run: mail.run.clone(),
                };
                self.write_claim(&claim, name, &sender, decision.why(), now)?;
                Ok(Some(claim))
            }
            (Verdict::Skip, _) => self.leave_out(&person, job, mail, decision.why(), Fate::Unsaid),
            (Verdict::Unsayable, _) => self.leave_out(&person, job, mail, decision.why(), Fate::Unsayable),
            (Verdict::Defer | Verdict::Send, _) => {
                let rule = decision.why().rule();
                if job.state != State::Deferred || mail.held_by.as_deref() != Some(rule) {
                    ledger::decided(&self.db, now, &job.shopper, What::Defer, name, decision.why())?;
                }
                let again = decision.until().unwrap_or(now + Span::minutes(15));
                jobs::hold_back(&self.db, job, mail, rule, again)?;
                Ok(None)
            }
        }
    }

    /// A message does not leave, and the journey that wanted it hears so.
    fn leave_out(&self, person: &str, job: &Job, mail: &MailJob, why: &Why, fate: Fate) -> Result<Option<Claim>> {
        jobs::remove(&self.db, &job.key)?;
        ledger::decided(&self.db, self.now(), &job.shopper, What::Skip, mail.mail.as_str(), why)?;
        self.met(person, mail.run.as_ref(), fate)?;
        Ok(None)
    }

    /// A message has met its fate; the run that said it goes on, at once or when it can be told.
    fn met(&self, person: &str, run: Option<&RunOf>, fate: Fate) -> Result<()> {
        let Some(RunOf { run: id, of, step }) = run else { return Ok(()) };
        let told = self.db.whole(|| self.tell(person, &Input::Fate(id, *of, step, fate)));
        told.or_else(|error| {
            worker::console_error!("a message's fate: {error}");
            let job =
                run.map(|run| Job::fate(self.now() + jobs::backoff(0), person, FateJob { run: run.clone(), fate }));
            job.map_or(Ok(()), |job| jobs::add(&self.db, &job))
        })
    }

    /// What is known of a person at this moment.
    fn situation(
        &self,
        shop: &Shop,
        config: &ShopConfig,
        person: &str,
        (job, mail): (&Job, &MailJob),
        (content, code, shown): (&Content<'_>, Option<&Issued>, Option<&Shown>),
        sender_present: bool,
    ) -> Result<Situation> {
        let (now, db) = (self.now(), &self.db);
        let answered = match &mail.link {
            Some(link) => {
                db.number("SELECT count(*) FROM links WHERE id = ? AND used IS NOT NULL", values![link.as_str()])? > 0
            }
            None => false,
        };
        let address = address_for(db, job, mail)?;
        // Whoever was erased and comes back is asked: the question is the way off the list.
        let suppressed = match &address {
            Some(address) if mail.link.is_none() => erasing::is_suppressed(db, &address.hash)?,
            _ => false,
        };
        let over = match (&mail.run, mail.unless) {
            (Some(run), _) => self.over(shop, person, run)?,
            (None, Some(unless)) => superfluous(unless, code, now),
            (None, None) => None,
        };
        let over = over.or_else(|| if content.needs_code() { without_code(code, now) } else { None });
        let over = over.or_else(|| nothing_to_show(content, shown));
        let country = people::country(db, person)?;
        let news = content::news(db, person, config)?;
        Ok(Situation {
            marketing: consent::held(db, person, preferences::marketing(mail.channel))?,
            law: law::of(country, None),
            reachable: address.is_some(),
            suppressed,
            sending_off: !shop.switches.sending,
            sender_present,
            confirmed: answered,
            over,
            hours: if mail.channel == Channel::Sms {
                text_window(&self.clocks_of(shop, config, person)?, None, now).closed_until(now)
            } else {
                None
            },
            wishes: preferences::towards(db, person, config, content, &news, now)?,
            // The shop's limits are those of today, whatever version the message is of.
            room: shop.live()?.limits.room(&news, content.sells(), now),
        })
    }

    /// Why the journey does not want to say it any more, if so.
    fn over(&self, shop: &Shop, person: &str, of: &RunOf) -> Result<Option<Why>> {
        if self.is_deaf(person)? {
            return Err(Failed::new("sending", "there is something to be told to the journey first").into());
        }
        let shopper = self.journeys_of(person)?;
        let world = self.world(shop, person, &shopper)?;
        Ok(world.at(self.now(), |around| shopper.over(&of.run, of.of, &of.step, around)))
    }

    pub(super) fn write_claim(
        &self,
        claim: &Claim,
        mail: &str,
        sender: &Sender,
        why: &Why,
        now: Timestamp,
    ) -> Result<()> {
        let shopper = claim.job.shopper.as_str();
        // A refused message is offered again under the claim it has; any other second claim fails
        // here, on the unique key, before anything is handed over.
        self.db.run("DELETE FROM sends WHERE claim = ? AND state = 'refused'", values![claim.key.as_str()])?;
        self.db.run(
            "INSERT INTO sends (claim, mail, shopper, sender, at, state, detail, rule, fact, message, channel, run)
             VALUES (?, ?, ?, ?, ?, 'claimed', '', ?, ?, ?, ?, ?)",
            values![
                claim.key.as_str(),
                mail,
                shopper,
                sender.name(),
                now.0,
                why.rule(),
                why.fact(),
                claim.composed.sealed.clone(),
                claim.channel.as_str(),
                claim.run.as_ref().map(serde_json::to_string).transpose()?,
            ],
        )?;
        jobs::remove(&self.db, &claim.job.key)?;
        ledger::decided(&self.db, now, shopper, What::Send, mail, why)
    }

    /// Hands a claimed message over, once its claim is durable, and says what came of it.
    pub(super) async fn hand_over(&self, claim: Claim) -> (Claim, Outcome) {
        let Some(sender) = Sender::of(&self.env) else {
            let detail = "no provider is set up".to_owned();
            return (claim, Outcome::Refused { detail, for_now: true });
        };
        if sender.leaves_this_object()
            && let Err(error) = self.state.storage().sync().await
        {
            return (claim, Outcome::Refused { detail: format!("not handed over: {error}"), for_now: true });
        }
        let outcome = sender.send(&claim.composed.outgoing, &claim.key).await;
        (claim, outcome)
    }

    /// Writes down what came of a claim, and what follows from it.
    pub(super) fn conclude(&self, claim: &Claim, outcome: &Outcome) -> Result<()> {
        let (now, db) = (self.now(), &self.db);
        let (came, state, detail) = match outcome {
            Outcome::Accepted(id) => (sending::Outcome::Accepted, "accepted", id.as_str()),
            Outcome::Refused { detail, for_now: true } => (sending::Outcome::NotNow, "refused", detail.as_str()),
            Outcome::Refused { detail, for_now: false } => (sending::Outcome::Refused, "refused", detail.as_str()),
            Outcome::Unknown(detail) => (sending::Outcome::Unknown, "unknown", detail.as_str()),
        };
        db.run("UPDATE sends SET state = ?, detail = ? WHERE claim = ?", values![state, detail, claim.key.as_str()])?;
        let (shopper, name) = (claim.job.shopper.as_str(), claim.composed.mail.as_str());
        let what = match came {
            sending::Outcome::Accepted => None,
            sending::Outcome::Unknown => Some(What::Unknown),
            sending::Outcome::Refused | sending::Outcome::NotNow => Some(What::Refused),
        };
        if let Some(what) = what {
            ledger::decided(db, now, shopper, what, name, &Why::new("provider", detail))?;
        }
        note_fate(db, now, shopper, claim.channel, state, name, claim.composed.sells)?;
        let attempt = u32::try_from(claim.job.attempts).unwrap_or_default().saturating_add(1);
        match (after(came, attempt), keeper(db, shopper)?) {
            // What goes to the merchant is nobody's.
            (After::Again(span), person) if person.is_some() || shopper.is_empty() => {
                let again = Job { due: now + span, attempts: claim.job.attempts + 1, ..claim.job.clone() };
                jobs::add(db, &again)?;
            }
            (After::Done(fate), Some(person)) => self.concluded(&person, claim.run.as_ref(), fate)?,
            // Erased meanwhile: nobody is written to again.
            (After::Again(_) | After::Done(_), _) => {}
        }
        self.hear_news()?;
        self.report_later(now)?;
        Ok(())
    }

    /// What became of a message was noted: whoever it went to hears of that, and the run that said it goes on.
    fn concluded(&self, person: &str, run: Option<&RunOf>, fate: Fate) -> Result<()> {
        let Some(RunOf { run: id, of, step }) = run else { return Ok(()) };
        if self.hear_news_and(person, &Input::Fate(id, *of, step, fate))? {
            return Ok(());
        }
        self.met(person, run, fate)
    }

    /// Claims that were left open by an instance that is gone: nobody knows whether they left.
    pub(super) fn doubt_open_claims(&self) -> Result<()> {
        let (now, db) = (self.now(), &self.db);
        let open =
            db.rows("SELECT claim, shopper, mail, channel, run FROM sends WHERE state = 'claimed'", values![])?;
        for row in open {
            let (claim, shopper, name) = (row.text(0)?, row.text(1)?, row.text(2)?);
            let why = Why::new("crash", "stopped between the claim and the provider's answer");
            db.run("UPDATE sends SET state = 'unknown', detail = ? WHERE claim = ?", values![why.fact(), claim])?;
            ledger::decided(db, now, shopper, What::Unknown, name, &why)?;
            let channel = if row.text(3)? == Channel::Sms.as_str() { Channel::Sms } else { Channel::Email };
            note_fate(db, now, shopper, channel, "unknown", name, false)?;
            self.hear_news()?;
            let run: Option<RunOf> = row.maybe_text(4).map(serde_json::from_str).transpose()?;
            if let Some(person) = keeper(db, shopper)? {
                self.met(&person, run.as_ref(), Fate::Left)?;
            }
        }
        Ok(())
    }
}

/// Notes what became of a message.
fn note_fate(
    db: &Db,
    now: Timestamp,
    shopper: &str,
    channel: Channel,
    state: &str,
    name: &str,
    sells: bool,
) -> Result<()> {
    let named = if channel == Channel::Sms { "text" } else { "mail" };
    let mut data = json!({ named: name });
    if let (true, Some(fields)) = (sells, data.as_object_mut()) {
        fields.insert("sells".into(), true.into());
    }
    ledger::note(db, now, shopper, None, &format!("message.{state}"), &data)
}

/// Why a message that names a code must not leave, if there is none that is good.
fn without_code(code: Option<&Issued>, now: Timestamp) -> Option<Why> {
    code.map_or_else(|| Some(Why::new("code", "there is no code to show")), |code| code.spent(now))
}

/// What older versions of journeys said of their mails.
fn superfluous(unless: Unless, code: Option<&Issued>, now: Timestamp) -> Option<Why> {
    let code = code?;
    match unless {
        Unless::CodeUsed if code.used => Some(Why::new("code", "the code has been used")),
        Unless::CodeEnded if code.ends.is_some_and(|ends| ends < now) => {
            Some(Why::new("code", "the code is not valid any longer"))
        }
        Unless::CodeUsed | Unless::CodeEnded => None,
    }
}

/// Messages whose fate nobody knows.
pub fn count_unknown(db: &Db) -> Result<i64> {
    db.number("SELECT count(*) FROM sends WHERE state = 'unknown'", Vec::<Value>::new())
}
