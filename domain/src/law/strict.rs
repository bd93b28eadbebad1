//! Which of two values of a fact is the stricter, and what satisfies both.

use super::{
    BusinessDays, Confirmation, Contents, Fact, Hours, KeepAtLeast, KeepAtMost, Prior, Rules, SoftOptIn, Terms,
};
use crate::published::DeviceConsent;

/// A value that can be stricter than another. Whoever obeys [`Strict::strictest`] obeys both.
pub trait Strict: Sized + PartialEq {
    /// The least strict value that satisfies both.
    fn strictest(&self, other: &Self) -> Self;

    /// Whoever obeys this obeys the other.
    fn satisfies(&self, other: &Self) -> bool {
        self.strictest(other) == *self
    }
}

macro_rules! the_greater_is_stricter {
    ($($name:ty),*) => {$(
        impl Strict for $name {
            fn strictest(&self, other: &Self) -> Self {
                *self.max(other)
            }
        }
    )*};
}

macro_rules! the_lesser_is_stricter {
    ($($name:ty),*) => {$(
        impl Strict for $name {
            fn strictest(&self, other: &Self) -> Self {
                *self.min(other)
            }
        }
    )*};
}

the_greater_is_stricter!(Prior, Confirmation, KeepAtLeast);
the_lesser_is_stricter!(BusinessDays, KeepAtMost);

impl Strict for DeviceConsent {
    fn strictest(&self, other: &Self) -> Self {
        if *self == Self::Ask { Self::Ask } else { *other }
    }
}

impl Strict for SoftOptIn {
    fn strictest(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::NotNeeded, one) | (one, Self::NotNeeded) => *one,
            (Self::Within(a), Self::Within(b)) => Self::Within(Terms {
                purchase: a.purchase.min(b.purchase),
                inquiry: a.inquiry.zip(b.inquiry).map(|(a, b)| a.min(b)),
                similar_only: a.similar_only || b.similar_only,
                refusal_offered: a.refusal_offered || b.refusal_offered,
            }),
        }
    }
}

impl Strict for Contents {
    fn strictest(&self, other: &Self) -> Self {
        Self {
            sender: self.sender || other.sender,
            postal: self.postal || other.postal,
            stop: self.stop || other.stop,
            stop_works: self.stop_works.max(other.stop_works),
        }
    }
}

impl Strict for Hours {
    fn strictest(&self, other: &Self) -> Self {
        self.within(other)
    }
}

impl<T: Strict + Clone> Fact<T> {
    /// The stricter fact with its sources; where neither is, what satisfies both, with the sources
    /// of both.
    fn strictest(&self, other: &Self) -> Self {
        let value = self.value.strictest(&other.value);
        if value == self.value {
            return self.clone();
        }
        if value == other.value {
            return other.clone();
        }
        let mut sources = self.sources.clone();
        for source in &other.sources {
            if !sources.contains(source) {
                sources.push(*source);
            }
        }
        Self { value, sources, note: "the strictest of several" }
    }
}

impl Rules {
    /// Rules that satisfy both, fact by fact.
    pub(super) fn strictest(&self, other: &Self) -> Self {
        Self {
            email: self.email.strictest(&other.email),
            texts: self.texts.strictest(&other.texts),
            email_after_purchase: self.email_after_purchase.strictest(&other.email_after_purchase),
            texts_after_purchase: self.texts_after_purchase.strictest(&other.texts_after_purchase),
            confirmation: self.confirmation.strictest(&other.confirmation),
            device: self.device.strictest(&other.device),
            text_hours: self.text_hours.strictest(&other.text_hours),
            email_contents: self.email_contents.strictest(&other.email_contents),
            text_contents: self.text_contents.strictest(&other.text_contents),
            withdrawal: self.withdrawal.strictest(&other.withdrawal),
            proof: self.proof.strictest(&other.proof),
            silence: self.silence.strictest(&other.silence),
        }
    }

    /// Whoever obeys these rules obeys the others, in every fact.
    pub fn satisfies(&self, other: &Self) -> bool {
        self.email.value.satisfies(&other.email.value)
            && self.texts.value.satisfies(&other.texts.value)
            && self.email_after_purchase.value.satisfies(&other.email_after_purchase.value)
            && self.texts_after_purchase.value.satisfies(&other.texts_after_purchase.value)
            && self.confirmation.value.satisfies(&other.confirmation.value)
            && self.device.value.satisfies(&other.device.value)
            && self.text_hours.value.satisfies(&other.text_hours.value)
            && self.email_contents.value.satisfies(&other.email_contents.value)
            && self.text_contents.value.satisfies(&other.text_contents.value)
            && self.withdrawal.value.satisfies(&other.withdrawal.value)
            && self.proof.value.satisfies(&other.proof.value)
            && self.silence.value.satisfies(&other.silence.value)
    }
}
