//! The moment of sending, in memory: what is due is decided about and claimed in one section, handed over by whoever
//! owns the home, and concluded.

use super::{Content, Home, Ledger, MessageId, Row, Version};
use crate::consent::Channel;
use crate::facts::{About, Happened, Kind};
use crate::id::{EventId, Uuid};
use crate::journey::{Fate, Input, RunId, Said};
use crate::law::{self, text_window};
use crate::sending::{self, After, Decision, Outcome, Request, Sent, Situation, Verdict, Wishes, after, decide};
use crate::time::{Span, Timestamp};
use crate::why::Why;

/// How long a message waits that nobody knows a moment for.
const LOOK_AGAIN: Span = Span::minutes(15);

/// A message that waits for its moment.
#[derive(Clone)]
pub(super) struct Waiting<'a> {
    pub(super) due: Timestamp,
    pub(super) said: Said,
    /// The version of the run that says it.
    pub(super) version: &'a Version,
    pub(super) attempt: u32,
    /// The rule that holds it back.
    pub(super) held_by: Option<String>,
}

/// A message that may leave: claimed, and not concluded yet.
#[derive(Clone)]
pub(super) struct Claim<'a> {
    at: Timestamp,
    said: Said,
    /// The version whose words they are.
    version: &'a Version,
    attempt: u32,
    why: Why,
    content: Content,
}

impl<'a> Home<'a> {
    /// Runs what is due by now, in one section. Returns what was claimed: it is to be handed over, and then
    /// concluded. `sending_off`: the shop has switched all sending off.
    pub fn run_due(&mut self, now: Timestamp, sending_off: bool, ledger: &mut impl Ledger) -> Vec<(MessageId, Said)> {
        let due = self.messages.iter().filter(|(_, waiting)| waiting.due <= now);
        let messages: Vec<MessageId> = due.map(|(id, _)| id.clone()).collect();
        let due = self.timers.iter().filter(|(_, due)| **due <= now);
        let timers: Vec<Option<RunId>> = due.map(|(run, _)| run.clone()).collect();
        let mut claimed = Vec::new();
        // One that ran before another in this section may have taken it off the list.
        for id in messages {
            let Some(waiting) = self.messages.remove(&id) else { continue };
            ledger.rings(waiting.due, now);
            if let Some(said) = self.decide(&id, waiting, now, sending_off, ledger) {
                claimed.push((id, said));
            }
        }
        for run in timers {
            let Some(due) = self.timers.get(&run).copied().filter(|due| *due <= now) else { continue };
            ledger.rings(due, now);
            self.timers.remove(&run);
            self.step(&Input::Due(run.as_ref()), now, ledger);
        }
        claimed
    }

    fn decide(
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
                let claim = Claim { at: now, said: said.clone(), version: waiting.version, attempt, why, content };
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
                self.step(&Input::Fate(&id.run, said.of, &id.step, fate), now, ledger);
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
        let over = self.shopper.over(&id.run, id.of, &id.step, &around);
        let over = over.or_else(|| self.spent(&waiting.said, content, now));
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
        text_window(&self.world.clocks, None, now).closed_until(now)
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
        let Some(Claim { at, said, version, attempt, why, content }) = self.claims.remove(id) else { return };
        let kind = match outcome {
            Outcome::Accepted => Kind::MessageAccepted,
            Outcome::Unknown => Kind::MessageUnknown,
            Outcome::Refused | Outcome::NotNow => Kind::MessageRefused,
        };
        self.note(kind, &said, content.sells, now, ledger);
        match after(outcome, attempt) {
            After::Again(span) => {
                ledger.row(id, &said, Row::Again, &Why::new("provider", "not now"), now);
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
                self.step(&Input::Fate(&id.run, said.of, &id.step, fate), now, ledger);
            }
        }
    }

    /// The journeys hear what a provider answered.
    fn note(&mut self, kind: Kind, said: &Said, sells: bool, now: Timestamp, ledger: &mut impl Ledger) {
        self.told += 1;
        // Nothing that happened elsewhere bears such an id.
        let event = EventId(Uuid::from_u64_pair(u64::MAX - self.told, self.world.who.seed));
        let by_text = said.message.channel == Channel::Sms;
        let about = About::message(said.message.name.to_string(), by_text, sells);
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
