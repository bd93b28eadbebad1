//! What somebody allowed, for which channel and purpose, and what proves it.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

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

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.channel.as_str(), self.purpose.as_str())
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

/// How far a permission has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_survives_its_text() {
        for permission in [DEVICE, EMAIL_MARKETING] {
            assert_eq!(permission.to_string().parse(), Ok(permission));
        }
        assert!("email".parse::<Permission>().is_err());
        assert!("post.marketing".parse::<Permission>().is_err());
    }
}
