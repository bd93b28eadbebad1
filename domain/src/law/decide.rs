use super::{BusinessDays, Confirmation, Local, Prior, Rules, SoftOptIn};
use crate::consent::{Basis, Channel, Held, Standing};
use crate::time::Timestamp;
use crate::why::Why;

/// By when a withdrawal is honoured here, whatever the law allows: at once.
pub const WITHDRAWAL: BusinessDays = BusinessDays(0);

/// Whether the law allows something, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    allowed: bool,
    why: Why,
}

impl Decision {
    fn yes(rule: &str, fact: &str) -> Self {
        Self { allowed: true, why: Why::new(rule, fact) }
    }

    fn no(rule: &str, fact: &str) -> Self {
        Self { allowed: false, why: Why::new(rule, fact) }
    }

    /// It is allowed.
    pub const fn allowed(&self) -> bool {
        self.allowed
    }

    /// Why.
    pub const fn why(&self) -> &Why {
        &self.why
    }
}

/// Whether the law allows a marketing message on a channel, given what the shopper's permission for
/// it is and rests on. A withdrawal and an unanswered question forbid it everywhere.
pub fn may_market(channel: Channel, held: Option<&Held>, rules: &Rules, now: Timestamp) -> Decision {
    let prior = rules.prior(channel);
    let Some(held) = held else {
        return if prior == Prior::NotAsked {
            Decision::yes("no consent asked", "the law there asks for none; nobody objected")
        } else {
            Decision::no("consent", "no permission for news and offers")
        };
    };
    match held.standing {
        Standing::Withdrawn => return Decision::no("withdrawal", "permission was taken back"),
        Standing::Asked => return Decision::no("confirmation", "the address is not confirmed"),
        Standing::Given => {}
    }
    if prior == Prior::NotAsked {
        return Decision::yes("no consent asked", "the law there asks for none; nobody objected");
    }
    match &held.basis {
        Basis::SoftOptIn { at, .. } => after_purchase(rules.after_purchase(channel), *at, now),
        Basis::Imported { .. } if prior == Prior::WrittenConsent => {
            Decision::no("written consent", "the permission was brought from elsewhere: its words are not on record")
        }
        Basis::Consent if prior == Prior::WrittenConsent && !held.worded => {
            Decision::no("written consent", "the words that were agreed to are not on record")
        }
        Basis::Consent | Basis::Imported { .. } => {
            if rules.confirmation.value == Confirmation::Needed && !held.proven && channel != Channel::Device {
                Decision::no("confirmation", "nothing proves that the address is the shopper's own")
            } else {
                Decision::yes("consent", "permission was given")
            }
        }
    }
}

fn after_purchase(soft: SoftOptIn, bought: Timestamp, now: Timestamp) -> Decision {
    match soft {
        SoftOptIn::NotNeeded => Decision::yes("no consent asked", "the law there asks for none; nobody objected"),
        SoftOptIn::Never => Decision::no("soft opt-in", "a purchase does not stand in for consent there"),
        SoftOptIn::Within(terms) if now > bought + terms.purchase => {
            Decision::no("soft opt-in", "the purchase is too long ago to stand in for consent")
        }
        SoftOptIn::Within(_) => Decision::yes("soft opt-in", "a recent purchase stands in for consent"),
    }
}

/// Whether a marketing text may arrive now, where the recipient is.
pub fn may_text(rules: &Rules, now: Local) -> Decision {
    if rules.text_hours.value.allow(now) {
        return Decision::yes("hours for texts", "it is within the hours for texts there");
    }
    let silent = now.holiday && !rules.text_hours.value.holidays();
    Decision::no(
        "hours for texts",
        if silent { "it is a holiday there" } else { "it is outside the hours for texts there" },
    )
}

/// When data of a shopper is to be forgotten, and why then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    at: Timestamp,
    why: Why,
}

impl Retention {
    /// From then on the data must be gone.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Why.
    pub const fn why(&self) -> &Why {
        &self.why
    }
}

/// When to forget somebody whose last sign of life (an order, a click, an answer, a visit while
/// known) was then. That a mail was opened is no such sign: programs open mails too. The receipts
/// are kept longer ([`Rules::proof`]); they hold no personal data.
pub fn forget(rules: &Rules, last_sign: Timestamp) -> Retention {
    let silence = rules.silence.value.0;
    Retention { at: last_sign + silence, why: Why::new("silence", format!("no sign of life for {silence}")) }
}
