//! The moment of sending: decided again, claimed, made durable, handed over, concluded.
//!
//! The claim is written before the provider is called and is the message's only permission to
//! leave. Whatever happens between claim and conclusion leaves a claim without one, and that is
//! `unknown`: counted, shown and, because it may have left, never tried again.

use domain::consent::EMAIL_MARKETING;
use domain::published::ShopConfig;
use domain::sending::{Facts, Request, Verdict, Wishes, decide};
use domain::time::{Span, Timestamp};
use domain::why::Why;

use super::jobs::{self, Job, MailJob, State};
use super::joining::{Whereabouts, whereabouts};
use super::ledger::{self, What};
use super::mail::{Composed, address_for, compose, content};
use super::{Shard, Shop};
use super::{consent, erasing, people, preferences};
use crate::problem::{Failed, Result};
use crate::sender::{Outcome, Sender};
use crate::sql::{Db, Value, values};

/// A message that may leave: claimed, not yet handed over.
pub struct Claim {
    pub key: String,
    pub job: Job,
    pub composed: Composed,
}

/// How often a message that a provider refused for now is offered again.
const MOST_ATTEMPTS: i64 = 6;

impl Shard {
    /// Decides about one mail that is due, in the synchronous section of its batch.
    pub(super) fn decide_mail(&self, job: &Job, mail: &MailJob) -> Result<Option<Claim>> {
        let (shop, now) = (self.shop()?, self.now());
        let config = self.config(&shop, &mail.version)?;
        let content = content(&config, mail)?;
        let sender = Sender::of(&self.env);
        let request = Request {
            kind: content.kind,
            asks_to_confirm: mail.link.is_some(),
            unless: mail.unless,
            valid_until: job.valid_until,
        };
        let Whereabouts::Here(person) = whereabouts(&self.db, &job.shopper)? else {
            return Err(Failed::new("sending", "the shopper is not here").into());
        };
        let wishes = preferences::towards(&self.db, &person, &config, &content, now)?;
        let facts = Facts { wishes, ..self.facts(&shop, &config, &person, (job, mail), sender.is_some(), now)? };
        let decision = decide(&request, &facts, now);
        let name = mail.mail.as_str();
        match (decision.verdict(), sender) {
            (Verdict::Send, Some(sender)) => {
                let Some(composed) = compose(&self.db, &shop, &config, job, mail, now)? else {
                    let why = Why::new("address", "the address is not the shopper's any more");
                    jobs::remove(&self.db, &job.key)?;
                    ledger::decided(&self.db, now, &job.shopper, What::Skip, name, &why)?;
                    return Ok(None);
                };
                let claim = Claim { key: job.key.clone(), job: job.clone(), composed };
                self.write_claim(&claim, name, &sender, decision.why(), now)?;
                Ok(Some(claim))
            }
            (Verdict::Skip, _) => {
                jobs::remove(&self.db, &job.key)?;
                ledger::decided(&self.db, now, &job.shopper, What::Skip, name, decision.why())?;
                Ok(None)
            }
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

    /// What is known of a person at this moment.
    fn facts(
        &self,
        shop: &Shop,
        config: &ShopConfig,
        person: &str,
        (job, mail): (&Job, &MailJob),
        sender_present: bool,
        now: Timestamp,
    ) -> Result<Facts> {
        let code = mail.code(&self.db, config, person)?;
        let answered = match &mail.link {
            Some(link) => {
                self.db
                    .number("SELECT count(*) FROM links WHERE id = ? AND used IS NOT NULL", values![link.as_str()])?
                    > 0
            }
            None => false,
        };
        // Whoever was erased and comes back is asked: the question is the way off the list.
        let suppressed = match address_for(&self.db, job, mail)? {
            Some(address) if mail.link.is_none() => erasing::is_suppressed(&self.db, &address.hash)?,
            _ => false,
        };
        Ok(Facts {
            marketing: consent::held(&self.db, person, EMAIL_MARKETING)?,
            country: people::country(&self.db, person)?,
            suppressed,
            sending_off: !shop.switches.sending,
            sender_present,
            confirmed: answered,
            code_used: code.as_ref().is_some_and(|code| code.used),
            code_ended: code.as_ref().and_then(|code| code.ends).is_some_and(|ends| now > ends),
            wishes: Wishes::default(),
        })
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
            "INSERT INTO sends (claim, mail, shopper, sender, at, state, detail, rule, fact, message) VALUES (?, ?, ?, ?, ?, 'claimed', '', ?, ?, ?)",
            values![
                claim.key.as_str(),
                mail,
                shopper,
                sender.name(),
                now.0,
                why.rule(),
                why.fact(),
                claim.composed.sealed.clone(),
            ],
        )?;
        jobs::remove(&self.db, &claim.job.key)?;
        ledger::decided(&self.db, now, shopper, What::Send, mail, why)
    }

    /// Hands claimed messages over, once their claims are durable.
    pub(super) async fn hand_over(&self, claims: Vec<Claim>) -> Result<()> {
        let Some(sender) = Sender::of(&self.env) else { return Ok(()) };
        if claims.is_empty() {
            return Ok(());
        }
        if sender.leaves_this_object() {
            self.state.storage().sync().await?;
        }
        let handed = claims.iter().map(|claim| sender.send(&claim.composed.outgoing, &claim.key));
        let outcomes = futures_util::future::join_all(handed).await;
        // One that cannot be written down must not cost the others theirs.
        let mut written = Ok(());
        for (claim, outcome) in claims.iter().zip(outcomes) {
            written = self.conclude(claim, &outcome).and(written);
        }
        written
    }

    /// Writes down what came of a claim.
    fn conclude(&self, claim: &Claim, outcome: &Outcome) -> Result<()> {
        let (now, db) = (self.now(), &self.db);
        let (state, detail) = match outcome {
            Outcome::Accepted(id) => ("accepted", id.as_str()),
            Outcome::Refused { detail, .. } => ("refused", detail.as_str()),
            Outcome::Unknown(detail) => ("unknown", detail.as_str()),
        };
        db.run("UPDATE sends SET state = ?, detail = ? WHERE claim = ?", values![state, detail, claim.key.as_str()])?;
        let mail = claim.composed.mail.as_str();
        ledger::note(
            db,
            now,
            &claim.job.shopper,
            None,
            &format!("message.{state}"),
            &serde_json::json!({ "mail": mail }),
        )?;
        match outcome {
            Outcome::Accepted(_) => {}
            Outcome::Unknown(detail) => {
                ledger::decided(
                    db,
                    now,
                    &claim.job.shopper,
                    What::Unknown,
                    mail,
                    &Why::new("provider", detail.as_str()),
                )?;
            }
            Outcome::Refused { detail, for_now } => {
                ledger::decided(
                    db,
                    now,
                    &claim.job.shopper,
                    What::Refused,
                    mail,
                    &Why::new("provider", detail.as_str()),
                )?;
                if *for_now && claim.job.attempts + 1 < MOST_ATTEMPTS {
                    let mut again = claim.job.clone();
                    again.due = now + jobs::backoff(again.attempts);
                    again.attempts += 1;
                    jobs::add(db, &again)?;
                }
            }
        }
        self.report_later(now)?;
        Ok(())
    }
}

/// Claims that were left open by an instance that is gone: nobody knows whether they left.
pub fn doubt_open_claims(db: &Db, now: Timestamp) -> Result<()> {
    let open = db.rows("SELECT claim, shopper, mail FROM sends WHERE state = 'claimed'", values![])?;
    for row in open {
        let why = Why::new("crash", "stopped between the claim and the provider's answer");
        db.run("UPDATE sends SET state = 'unknown', detail = ? WHERE claim = ?", values![why.fact(), row.text(0)?])?;
        ledger::decided(db, now, row.text(1)?, What::Unknown, row.text(2)?, &why)?;
        ledger::note(db, now, row.text(1)?, None, "message.unknown", &serde_json::json!({ "mail": row.text(2)? }))?;
    }
    Ok(())
}

/// Messages whose fate nobody knows.
pub fn count_unknown(db: &Db) -> Result<i64> {
    db.number("SELECT count(*) FROM sends WHERE state = 'unknown'", Vec::<Value>::new())
}
