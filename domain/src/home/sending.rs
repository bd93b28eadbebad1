//! The moment of sending: decided from what is known then, claimed, and concluded by what a provider answered.

use super::{Claim, Content, Home, LOOK_AGAIN, Ledger, MessageId, Row, Waiting};
use crate::consent::Channel;
use crate::facts::{About, Happened, Kind};
use crate::id::{EventId, Uuid};
use crate::journey::{Fate, Input, Said};
use crate::law::{self, Opens, text_window};
use crate::sending::{self, After, Decision, Outcome, Request, Sent, Situation, Verdict, Wishes, after, decide};
use crate::time::{Span, Timestamp};
use crate::why::Why;

impl<'a> Home<'a> {
    pub(super) fn decide(
        &mut self,
        id: &MessageId,
        waiting: Waiting<'a>,
        now: Timestamp,
        sending_off: bool,
        ledger: &mut impl Ledger,
    ) -> Option<Said> {
        let content = waiting.version.content(&waiting.said.message);
        let decision = self.decision(id, &waiting, &content, now, sending_off);
        let (why, said) = (decision.why(), waiting.said);
        match decision.verdict() {
            Verdict::Send => {
                let (why, attempt) = (why.clone(), waiting.attempt + 1);
                let claim = Claim { at: now, said: said.clone(), attempt, why, content };
                // A claim that was written before and not refused for now is never written again.
                let open = self.claims.insert(id.clone(), claim).is_some();
                ledger.claims(id, open, now);
                Some(said)
            }
            Verdict::Defer => {
                let due = decision.until().unwrap_or(now + LOOK_AGAIN).max(now + Span(1));
                if waiting.held_by.as_deref() != Some(why.rule()) {
                    ledger.row(id, &said, Row::Deferred, why, now);
                }
                let held_by = Some(why.rule().to_owned());
                self.messages.insert(id.clone(), Waiting { due, said, held_by, ..waiting });
                None
            }
            verdict @ (Verdict::Skip | Verdict::Unsayable) => {
                ledger.row(id, &said, Row::Skipped, why, now);
                let fate = if verdict == Verdict::Unsayable { Fate::Unsayable } else { Fate::Unsaid };
                self.step(&Input::Fate(&id.run, said.of, fate), now, ledger);
                None
            }
        }
    }

    /// Whether a message may leave, from what is known at this moment.
    fn decision(
        &mut self,
        id: &MessageId,
        waiting: &Waiting<'_>,
        content: &Content,
        now: Timestamp,
        sending_off: bool,
    ) -> Decision {
        let channel = waiting.said.message.channel;
        let valid_until = Some(waiting.said.valid_until);
        let request = Request { kind: content.kind, channel, asks_to_confirm: false, valid_until };
        let around = self.world.around(now);
        let over = self.shopper.over(&id.run, id.of, &around);
        let sent = self.heard_from_us();
        let who = &self.world.who;
        let reachable = who.reach.contains(&channel);
        // Of the clocks of somebody without a number, or for what is no marketing, nobody asks.
        let asks_hours = channel == Channel::Sms && content.kind == sending::Kind::Marketing && reachable;
        let situation = Situation {
            marketing: self.world.standing(channel).cloned(),
            law: law::of(who.country, None),
            reachable,
            suppressed: false,
            sending_off,
            sender_present: true,
            confirmed: true,
            over,
            hours: asks_hours.then(|| self.hours(now)).flatten(),
            wishes: self.wishes(content, sent.first().map(|sent| sent.at), now),
            room: waiting.version.limits.room(&sent, content.sells, now),
        };
        decide(&request, &situation, now)
    }

    /// When marketing texts may arrive, if not now.
    fn hours(&self, now: Timestamp) -> Option<Timestamp> {
        match text_window(&self.world.clocks, None, now).opens() {
            Opens::Now => None,
            Opens::At(moment) => Some(moment),
            Opens::Never => Some(now + Span::days(1)),
        }
    }

    /// News and offers that left, may have, or are about to, the newest first.
    fn heard_from_us(&self) -> Vec<Sent> {
        let news = self.claims.values().filter(|claim| claim.content.kind == sending::Kind::Marketing);
        let claimed = news.map(|claim| Sent { at: claim.at, sells: claim.content.sells });
        let mut sent: Vec<Sent> = self.sent.iter().map(|(sent, _)| *sent).chain(claimed).collect();
        sent.sort_by_key(|sent| core::cmp::Reverse(sent.at));
        sent
    }

    fn wishes(&self, content: &Content, last: Option<Timestamp>, now: Timestamp) -> Wishes {
        let said = self.world.who.wishes.as_ref().filter(|(since, _)| *since <= now);
        let home = &self.world.version.home;
        said.map(|(_, wishes)| wishes.towards(content.topic.as_ref(), home, last, now)).unwrap_or_default()
    }

    /// Writes down what a provider answered to a message that was claimed.
    pub fn conclude(&mut self, id: &MessageId, outcome: Outcome, now: Timestamp, ledger: &mut impl Ledger) {
        let Some(Claim { at, said, attempt, why, content }) = self.claims.remove(id) else { return };
        let kind = match outcome {
            Outcome::Accepted => Kind::MessageAccepted,
            Outcome::Unknown => Kind::MessageUnknown,
            Outcome::Refused | Outcome::NotNow => Kind::MessageRefused,
        };
        self.note(kind, &said, now, ledger);
        match after(outcome, attempt) {
            After::Again(span) => {
                ledger.row(id, &said, Row::Again, &Why::new("provider", "not now"), now);
                let run = self.shopper.runs().get(&id.run);
                let version = run.and_then(|run| self.world.version_named(&run.version)).unwrap_or(self.world.version);
                let waiting = Waiting { due: now + span, said, version, attempt, held_by: None };
                self.messages.insert(id.clone(), waiting);
            }
            After::Done(fate) => {
                let row = match outcome {
                    Outcome::Accepted => Row::Sent,
                    Outcome::Unknown => Row::Unknown,
                    Outcome::Refused | Outcome::NotNow => Row::Refused,
                };
                ledger.row(id, &said, row, &why, now);
                if content.kind == sending::Kind::Marketing && row != Row::Refused {
                    self.left(Sent { at, sells: content.sells }, id.of);
                }
                self.step(&Input::Fate(&id.run, said.of, fate), now, ledger);
            }
        }
    }

    /// The journeys hear what a provider answered.
    fn note(&mut self, kind: Kind, said: &Said, now: Timestamp, ledger: &mut impl Ledger) {
        self.told += 1;
        // Nothing that happened elsewhere bears such an id.
        let event = EventId(Uuid::from_u64_pair(u64::MAX - self.told, self.world.who.seed));
        let about = About { subject: said.message.name.to_string(), ..About::default() };
        self.step(&Input::Happened(&Happened::new(now, event, kind, about)), now, ledger);
    }

    pub(super) fn left(&mut self, sent: Sent, of: u64) {
        let place = self.sent.partition_point(|(known, _)| known.at <= sent.at);
        self.sent.insert(place, (sent, of));
    }

    /// What was claimed and not concluded: whoever held it is gone, and nobody knows whether it left.
    pub fn doubt_open_claims(&mut self, now: Timestamp, ledger: &mut impl Ledger) {
        let open: Vec<MessageId> = self.claims.keys().cloned().collect();
        for id in open {
            self.conclude(&id, Outcome::Unknown, now, ledger);
        }
    }
}
