//! Something that happened to a shopper, as journeys see it: one shape for what browsers, the shop's
//! server and we ourselves say.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::answers::CHANNEL;
use super::purchase;
use crate::consent::Channel;
use crate::id::EventId;
use crate::time::Timestamp;

/// Something that happened, told once: the same id never counts twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// The event's id.
    pub id: EventId,
    /// What.
    pub kind: Kind,
    /// What it is about.
    pub about: Arc<About>,
}

/// What something that happened is about. Nothing here is personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The product, order, campaign, message or custom event it is about; the reason of a sign of unhappiness.
    pub subject: String,
    /// Other names of the same order: pages and servers do not always say the same.
    pub names: Vec<String>,
    /// An amount in the smallest unit of the shop's currency; nothing for other currencies.
    pub amount: Option<i64>,
    /// Products with their categories: of a look, a cart, an order.
    pub pieces: Vec<Piece>,
    /// What a custom event says, one level deep.
    pub data: BTreeMap<String, String>,
}

/// The longest text that is looked at, in bytes.
pub const LONGEST: usize = 80;
/// So many lines of a cart or an order are.
const MOST_PIECES: usize = 40;
/// So many other names of an order.
const MOST_NAMES: usize = 4;
/// So many fields of a custom event.
const MOST_FIELDS: usize = 12;

impl About {
    fn cut(mut self, kind: Kind) -> Self {
        let order = purchase::concerns(kind) || kind == Kind::ReturnRequested;
        cut(&mut self.subject);
        self.names.truncate(if order { MOST_NAMES } else { 0 });
        self.names.iter_mut().for_each(cut);
        let with_pieces = order || matches!(kind, Kind::ProductViewed | Kind::CartChanged);
        self.pieces.truncate(if with_pieces { MOST_PIECES } else { 0 });
        for Piece { product, category, size, .. } in &mut self.pieces {
            [Some(product), category.as_mut(), size.as_mut()].into_iter().flatten().for_each(cut);
        }
        let short = |(name, value): &(String, String)| name.len() <= LONGEST && value.len() <= LONGEST;
        // Of our own events it is one word, or a few numbers.
        let most = match kind {
            Kind::Custom => MOST_FIELDS,
            Kind::PointsChanged => 3,
            _ => 1,
        };
        if self.data.len() > most || !self.data.iter().all(|(name, value)| name.len().max(value.len()) <= LONGEST) {
            self.data = self.data.into_iter().filter(short).take(most).collect();
        }
        self
    }
}

fn cut(text: &mut String) {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
    }
}

/// So many of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Piece {
    /// The shop's id of it.
    pub product: String,
    /// Its category, where it was said.
    pub category: Option<String>,
    /// Its size, where it has one.
    pub size: Option<String>,
    /// How many.
    pub quantity: u32,
}

/// An event as it is asked about: one that just happened, or one that is remembered.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What.
    pub kind: Kind,
    /// When.
    pub at: Timestamp,
    /// About what.
    pub subject: &'a str,
    /// Other names of the same.
    pub names: &'a [String],
    /// How much.
    pub amount: Option<i64>,
    /// With which products.
    pub pieces: &'a [Piece],
    /// What else it says.
    pub data: Option<&'a BTreeMap<String, String>>,
}

impl About {
    /// About a message: its name, whether it was a text and not a letter, and whether it wants to sell.
    pub fn message(name: String, by_text: bool, sells: bool) -> Self {
        let mut data = BTreeMap::new();
        // Of most there is nothing to say: they are letters.
        if by_text {
            data.insert(CHANNEL.to_owned(), Channel::Sms.as_str().to_owned());
        }
        if sells {
            data.insert("sells".to_owned(), "true".to_owned());
        }
        Self { subject: name, data, ..Self::default() }
    }
}

impl Happened {
    /// Something that happened. What is said of it is cut to what is looked at: some lines, some names, short
    /// texts. So what is kept of somebody has an end, whatever a page says.
    pub fn new(at: Timestamp, id: EventId, kind: Kind, about: About) -> Self {
        Self { at, id, kind, about: Arc::new(about.cut(kind)) }
    }

    /// The same, to be asked about.
    pub fn told(&self) -> Told<'_> {
        let about = &self.about;
        Told {
            kind: self.kind,
            at: self.at,
            subject: &about.subject,
            names: &about.names,
            amount: about.amount,
            pieces: &about.pieces,
            data: Some(&about.data),
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        // New ones are added at the end: what is kept of shoppers names them by their place.
        /// What can happen. The names are those of the event log.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Kind {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in the event log and in journeys.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// A page was looked at.
    PageViewed = "page.viewed",
    /// A product was looked at.
    ProductViewed = "product.viewed",
    /// What lies in the cart changed; empty when it was emptied.
    CartChanged = "cart.changed",
    /// A page said that an order was placed: believed so far that it ends what an order ends.
    OrderPlaced = "order.placed",
    /// The shop's server said so.
    OrderConfirmed = "order.confirmed",
    /// Money came.
    PaymentReceived = "payment.received",
    /// A parcel left.
    FulfilmentShipped = "fulfilment.shipped",
    /// A parcel arrived.
    DeliveryArrived = "delivery.arrived",
    /// An order will not come.
    OrderCancelled = "order.cancelled",
    /// Money went back.
    RefundMade = "refund.made",
    /// Somebody wants to send something back.
    ReturnRequested = "return.requested",
    /// It came back.
    ReturnReceived = "return.received",
    /// A campaign came on the screen.
    CampaignShown = "campaign.shown",
    /// It was closed without an answer.
    CampaignClosed = "campaign.closed",
    /// It was answered.
    CampaignAnswered = "campaign.answered",
    /// An address was proven.
    AddressConfirmed = "address.confirmed",
    /// A permission was given.
    ConsentGiven = "consent.given",
    /// A permission was taken back.
    ConsentWithdrawn = "consent.withdrawn",
    /// A message left; the subject is its run and step.
    MessageAccepted = "message.accepted",
    /// Nobody knows whether it left.
    MessageUnknown = "message.unknown",
    /// No provider took it.
    MessageRefused = "message.refused",
    /// The shopper followed a link in one, or answered it.
    MessageClicked = "message.clicked",
    /// A code was issued; the subject is its offer.
    CodeIssued = "code.issued",
    /// An order used it.
    CodeUsed = "code.used",
    /// The shop or a journey put a tag on somebody.
    TagAdded = "tag.added",
    /// The shop or a journey took a tag off.
    TagRemoved = "tag.removed",
    /// A sign of unhappiness; the subject says which.
    Frustrated = "frustrated",
    /// Something that the shop's own page reports; the subject is its name.
    Custom = "custom",
    /// The shop said how many points are on somebody's account.
    PointsChanged = "points.changed",
    /// A question of a survey was answered; the subject is the campaign.
    SurveyAnswered = "survey.answered",
}

impl core::str::FromStr for Kind {
    type Err = crate::id::Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|kind| kind.as_str() == text);
        found.copied().ok_or(crate::id::Malformed("expected the name of an event such as \"order.confirmed\""))
    }
}

impl Kind {
    /// Something that only a person does: it breaks a silence.
    pub const fn is_sign_of_life(self) -> bool {
        !matches!(
            self,
            Self::MessageAccepted
                | Self::MessageUnknown
                | Self::MessageRefused
                | Self::CodeIssued
                | Self::TagAdded
                | Self::TagRemoved
                | Self::FulfilmentShipped
                | Self::DeliveryArrived
                | Self::OrderCancelled
                | Self::RefundMade
                | Self::PaymentReceived
                | Self::ReturnReceived
                | Self::ConsentWithdrawn
                | Self::PointsChanged
        )
    }
}
