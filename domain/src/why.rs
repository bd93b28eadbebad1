//! Why something was shown, sent, held back or left out.
//!
//! Decisions keep their fields private and take a [`Why`] to be made, so one without a reason
//! cannot exist (invariant 7).

use serde::{Deserialize, Serialize};

/// The rule that decided and the fact it looked at, in words a merchant reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    rule: String,
    fact: String,
}

impl Why {
    /// `rule` is the name of the rule, stable enough to count by; `fact` what it saw this time.
    /// Neither may hold personal data: both are kept in plain text.
    pub fn new(rule: &str, fact: impl Into<String>) -> Self {
        Self { rule: rule.to_owned(), fact: fact.into() }
    }

    /// The name of the rule.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// What the rule saw.
    pub fn fact(&self) -> &str {
        &self.fact
    }
}
