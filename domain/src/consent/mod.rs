//! What somebody allowed, for which channel and purpose, and what proves it.
//!
//! Every change of a permission is a [`Statement`], written once. [`standing_of`] folds a person's
//! statements into what holds now. With the feature `receipts`, [`chain`] ties the statements of a
//! shopper to each other by hash, and [`export`] writes and checks them as a file.

#[cfg(feature = "receipts")]
pub mod chain;
#[cfg(feature = "receipts")]
pub mod export;
mod hash;
mod standing;

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

pub use self::hash::Hash;
pub use self::standing::{Held, Words, standing_of};
use crate::id::Malformed;
use crate::time::Timestamp;

/// A way to reach somebody, or the device they browse with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text messages.
    Sms,
    /// Storage on the device and what is learned from it.
    Device,
}

/// What a channel is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// News and offers.
    Marketing,
    /// Recognising the browser and suiting what is shown to it.
    Personalisation,
}

/// One thing that can be allowed: a channel for a purpose. Written `email.marketing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Permission {
    /// The channel.
    pub channel: Channel,
    /// What for.
    pub purpose: Purpose,
}

/// Storage on the device: what the loader asks for before it remembers anything.
pub const DEVICE: Permission = Permission { channel: Channel::Device, purpose: Purpose::Personalisation };
/// News and offers by e-mail.
pub const EMAIL_MARKETING: Permission = Permission { channel: Channel::Email, purpose: Purpose::Marketing };

/// News and offers by text message.
pub const SMS_MARKETING: Permission = Permission { channel: Channel::Sms, purpose: Purpose::Marketing };

impl Channel {
    /// The channel as it is written in files and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Device => "device",
        }
    }
}

impl Purpose {
    /// The purpose as it is written in files and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Personalisation => "personalisation",
        }
    }
}

impl Permission {
    /// Its name in forms: `email.marketing`.
    pub fn name(self) -> String {
        [self.channel.as_str(), ".", self.purpose.as_str()].concat()
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl FromStr for Permission {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let channel = |name| [Channel::Email, Channel::Sms, Channel::Device].into_iter().find(|c| c.as_str() == name);
        let purpose = |name| [Purpose::Marketing, Purpose::Personalisation].into_iter().find(|p| p.as_str() == name);
        text.split_once('.')
            .and_then(|(c, p)| Some(Self { channel: channel(c)?, purpose: purpose(p)? }))
            .ok_or(Malformed("expected a permission such as email.marketing or device.personalisation"))
    }
}

/// How far a permission has come. The later one weighs more among statements of one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Ticked, but the address is not proven yet: nothing may be sent but the question itself.
    Asked,
    /// Allowed, and the address is proven.
    Given,
    /// Taken back.
    Withdrawn,
}

impl Standing {
    /// As stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What proves a change of permission: written once, never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What it is about.
    pub permission: Permission,
    /// What it became.
    pub standing: Standing,
    /// When.
    pub at: Timestamp,
    /// The very words that were agreed to; empty for a withdrawal.
    pub wording: String,
    /// Which published version those words stood in.
    pub version: String,
    /// The page on which it happened, without its query.
    pub page: String,
    /// How: `form hello`, `confirmation link`, `unsubscribe link`, `one-click header`.
    pub method: String,
}

/// What a permission rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Basis {
    /// The shopper said so.
    Consent,
    /// The shopper bought something and could refuse when the address was collected (Directive
    /// 2002/58/EC art. 13(2), PECR reg. 22(3), CASL s. 10(10)). May only be written where that
    /// refusal was offered.
    SoftOptIn {
        /// The keyed hash of the order's number: it proves which order, and is worth nothing
        /// without the shop's secret.
        order: Hash,
        /// When the order was placed.
        at: Timestamp,
    },
    /// It was given elsewhere, before; the shop answers for it.
    Imported {
        /// Where it came from: a system and a file's name, never a person's.
        origin: String,
    },
}

/// How and when it was proven that the address belongs to whoever spoke.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// How: `confirmation link`, `answer by text`, `checked by the shop`.
    pub method: String,
    /// When.
    pub at: Timestamp,
}

/// A change of a permission with everything that proves it. It holds no address, number or name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What was said, when, where and in which words.
    pub receipt: Receipt,
    /// What it rests on.
    pub basis: Basis,
    /// What proves the address; none while it is unproven.
    pub proof: Option<Proof>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_survives_its_text() {
        for permission in [DEVICE, EMAIL_MARKETING, SMS_MARKETING] {
            assert_eq!(permission.to_string().parse(), Ok(permission));
        }
        assert!("email".parse::<Permission>().is_err());
        assert!("post.marketing".parse::<Permission>().is_err());
    }
}
