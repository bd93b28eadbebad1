use core::fmt;

use crate::time::Span;

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The law, rule, guidance or industry code.
    pub law: &'static str,
    /// The article or section.
    pub place: &'static str,
    /// Where it can be read.
    pub url: &'static str,
    /// How far it was checked.
    pub checked: Checked,
}

/// How far a fact was checked against its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Against the text itself, or what its authority publishes about it.
    Text,
    /// Against what lawyers or the trade publish about it, not the text itself.
    Account,
    /// Not, or the law gives no number: the value is a careful reading.
    Careful,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "checked",
            Self::Account => "checked against accounts of it",
            Self::Careful => "a careful reading",
        })
    }
}

/// A value of the table with what it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<T> {
    /// What the law asks.
    pub value: T,
    /// What it comes from; never empty.
    pub sources: Vec<Source>,
    /// What has to be known to read it, in a sentence; may be empty.
    pub note: &'static str,
}

impl<T> Fact<T> {
    pub(super) fn new<const N: usize>(value: T, sources: [Source; N]) -> Self {
        const { assert!(N > 0, "a fact needs a source") };
        Self { value, sources: sources.to_vec(), note: "" }
    }

    pub(super) fn noting(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

/// What a marketing message needs beforehand. The later is the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prior {
    /// Nothing: it may be sent until somebody objects.
    NotAsked,
    /// Consent, or what the law takes for it.
    Consent,
    /// Consent in writing, after the words the law asks for.
    WrittenConsent,
}

impl fmt::Display for Prior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAsked => "nothing, until somebody objects",
            Self::Consent => "consent",
            Self::WrittenConsent => "express consent in writing",
        })
    }
}

/// Whether a purchase stands in for consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoftOptIn {
    /// Consent is not asked for, so nothing has to stand in for it.
    NotNeeded,
    /// It does, within these terms.
    Within(Terms),
    /// It does not.
    Never,
}

/// Within what a purchase stands in for consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// So long after the last purchase.
    pub purchase: Span,
    /// So long after somebody only asked about buying; none where asking does not count.
    pub inquiry: Option<Span>,
    /// Only for the sender's own products that are like what was bought.
    pub similar_only: bool,
    /// Only where the address was collected with the purchase and a refusal was offered there.
    pub refusal_offered: bool,
}

impl fmt::Display for SoftOptIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNeeded => f.write_str("not needed"),
            Self::Never => f.write_str("no"),
            Self::Within(terms) => {
                write!(f, "for {} after a purchase", terms.purchase)?;
                if let Some(inquiry) = terms.inquiry {
                    write!(f, ", {inquiry} after an inquiry")?;
                }
                if terms.similar_only {
                    f.write_str(", for the shop's own similar products")?;
                }
                if terms.refusal_offered {
                    f.write_str(", if a refusal was offered with the purchase")?;
                }
                Ok(())
            }
        }
    }
}

/// Whether the address must be proven by its owner. The later is the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confirmation {
    /// The law does not speak of it, but whoever sends must prove consent.
    Advised,
    /// Courts or authorities expect it.
    Needed,
}

impl fmt::Display for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Advised => "advised",
            Self::Needed => "needed",
        })
    }
}

/// What a marketing message must contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Who sends it.
    pub sender: bool,
    /// The sender's postal address; in a text, a link to it does.
    pub postal: bool,
    /// How to stop, free of charge.
    pub stop: bool,
    /// For so long after sending, stopping must work.
    pub stop_works: Span,
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [(self.sender, "sender"), (self.postal, "postal address"), (self.stop, "way to stop")];
        let named: Vec<_> = parts.into_iter().filter_map(|(asked, name)| asked.then_some(name)).collect();
        write!(f, "{}; stopping works for {}", named.join(", "), self.stop_works)
    }
}

/// So many business days; none means at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BusinessDays(pub u8);

impl fmt::Display for BusinessDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("at once"),
            n => write!(f, "{n} business days"),
        }
    }
}

/// A span that may be longer, not shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeepAtLeast(pub Span);

impl fmt::Display for KeepAtLeast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at least {}", self.0)
    }
}

/// A span that may be shorter, not longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeepAtMost(pub Span);

impl fmt::Display for KeepAtMost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {}", self.0)
    }
}
