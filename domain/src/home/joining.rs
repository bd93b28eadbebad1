//! Two who turn out to be one, and one who turns out to be two.

use super::{Home, Ledger, MessageId, Who};
use crate::facts::Facts;
use crate::journey::State;
use crate::time::Timestamp;

impl Home<'_> {
    /// Somebody else turns out to be the same person. Messages of both that wait stay; timers are set anew.
    pub fn join(&mut self, other: Self, now: Timestamp, ledger: &mut impl Ledger) {
        let who = &mut self.world.who;
        who.birthday = who.birthday.or(other.world.who.birthday);
        who.reach.extend(&other.world.who.reach);
        self.world.knows_versions_of(&other.world);
        // What either said last holds for both.
        for (channel, held) in other.world.into_standing() {
            if self.world.standing(channel).is_none_or(|mine| *mine < held) {
                self.world.permit(channel, held);
            }
        }
        for (sent, of) in other.sent {
            self.left(sent, of);
        }
        self.messages.extend(other.messages);
        self.claims.extend(other.claims);
        for (offer, codes) in other.codes {
            self.codes.entry(offer).or_default().extend(codes);
        }
        let effects = self.shopper.join(other.shopper, &self.world.around(now));
        self.perform(effects, now, ledger);
    }

    /// One of two who were taken for one goes their own way: `theirs`, with what began for shoppers of the
    /// seeds `of`. Facts are those of each alone, from their own log; nothing begins by it.
    #[must_use]
    pub fn part(
        &mut self,
        (own, facts): (Who, Facts),
        of: &[u64],
        (theirs, their_facts): (Who, Facts),
        now: Timestamp,
        ledger: &mut impl Ledger,
    ) -> Self {
        let went = self.shopper.part(facts, of, their_facts);
        let mut other = Self { shopper: went, codes: self.codes.clone(), ..Self::new(self.world.version, theirs) };
        other.world.stays_on(&self.world);
        self.world.is(own);
        let is_theirs = |id: &MessageId| of.contains(&id.of);
        (other.messages, self.messages) =
            core::mem::take(&mut self.messages).into_iter().partition(|(id, _)| is_theirs(id));
        (other.claims, self.claims) = core::mem::take(&mut self.claims).into_iter().partition(|(id, _)| is_theirs(id));
        (other.sent, self.sent) =
            core::mem::take(&mut self.sent).into_iter().partition(|(_, begun)| of.contains(begun));
        for home in [self, &mut other] {
            home.set_timers();
            home.hear_of_rules(now, ledger);
        }
        other
    }

    /// Timers as the runs stand.
    fn set_timers(&mut self) {
        let runs = self.shopper.runs().iter();
        let moments = runs.filter_map(|(id, run)| match run.state {
            State::Until(moment) | State::Await(moment) => Some((Some(id.clone()), moment)),
            State::Message | State::Code => None,
        });
        self.timers = moments.collect();
    }
}
