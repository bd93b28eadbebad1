//! Who carries messages. One is chosen for the deployment by the variable `SENDER`.

mod relay;
mod smtp;

use domain::consent::Channel;
use worker::Env;

use crate::shard::Outgoing;

/// What came of handing a message over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken; the provider's name for it.
    Accepted(String),
    /// It was not taken, and the provider said so.
    Refused {
        /// What it said.
        detail: String,
        /// It may take it later.
        for_now: bool,
    },
    /// Nobody knows.
    Unknown(String),
}

/// A way for messages to leave.
pub enum Sender {
    /// They stay, sealed, and the inbox page shows them; one to an address that ends in `.invalid` bounces. For development.
    Inbox,
    /// An HTTP relay of the shop's own.
    Relay(relay::Relay),
    /// A mail server.
    Smtp(smtp::Smtp),
}

impl Sender {
    /// The deployment's sender: `SENDER=inbox`, `SENDER=smtp` (see [`smtp::Smtp::of`]), or
    /// `SENDER=relay` with `RELAY_URL` and the secret `RELAY_TOKEN`. None when nothing (usable) is set: then messages wait.
    pub fn of(env: &Env) -> Option<Self> {
        let variable = |name: &str| env.var(name).map(|value| value.to_string()).ok().filter(|value| !value.is_empty());
        match variable("SENDER")?.as_str() {
            "inbox" => Some(Self::Inbox),
            "relay" => Some(Self::Relay(relay::Relay {
                url: variable("RELAY_URL")?,
                token: env.secret("RELAY_TOKEN").map(|secret| secret.to_string()).ok(),
            })),
            "smtp" => smtp::Smtp::of(env).map(Self::Smtp),
            _ => None,
        }
    }

    /// Its name in tables and on the status page.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Relay(_) => "relay",
            Self::Smtp(_) => "smtp",
        }
    }

    /// Whether it carries what is said on a channel. Texts stay in the inbox: no provider of texts is known yet.
    pub fn carries(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => true,
            Channel::Sms => matches!(self, Self::Inbox),
            Channel::Device => false,
        }
    }

    /// Whether anything outside the object learns of the message.
    pub fn leaves_this_object(&self) -> bool {
        !matches!(self, Self::Inbox)
    }

    /// Hands a message over. `claim` names it: the same message always has the same.
    pub async fn send(&self, message: &Outgoing, claim: &str) -> Outcome {
        match self {
            // No address can end so (RFC 2606, section 2): it is how a bounce is looked at.
            Self::Inbox if message.to.ends_with(".invalid") => {
                Outcome::Refused { detail: "550 there is no such address".into(), for_now: false }
            }
            // Kept with its claim already: the same commit.
            Self::Inbox => Outcome::Accepted("inbox".into()),
            Self::Relay(relay) => relay.send(message, claim).await,
            Self::Smtp(smtp) => smtp.send(message).await,
        }
    }
}

/// The beginning of what a provider said: enough to understand, too little to hold a message.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}
