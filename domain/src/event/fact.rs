//! What can happen, as it is kept.

use crate::identity::NameKind;
use serde::Serialize;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Fact {
    /// A page was seen.
    PageViewed {
        /// Its address, without personal parts.
        url: String,
        /// Where the visitor came from: scheme and host only.
        #[serde(skip_serializing_if = "Option::is_none")]
        referrer: Option<String>,
        /// The page's title.
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// A product was seen.
    ProductViewed {
        /// On which page.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// Which one.
        product: Product,
    },
    /// The cart is now this.
    CartChanged {
        /// The whole cart.
        cart: Cart,
    },
    /// An order was seen on a page: it may end a journey, it earns nothing.
    OrderPlaced {
        /// The order.
        order: Order,
    },
    /// A campaign came on the screen.
    CampaignShown {
        /// Which one.
        campaign: String,
        /// The published version.
        version: String,
        /// `popup` or `banner`.
        #[serde(rename = "as")]
        shape: String,
        /// The trigger that fired.
        why: String,
    },
    /// It was closed without an answer.
    CampaignClosed {
        /// Which one.
        campaign: String,
        /// The published version.
        version: String,
    },
    /// It was answered.
    CampaignAnswered {
        /// Which one.
        campaign: String,
        /// The published version.
        version: String,
    },
    /// Permission for the device was given or taken back.
    ConsentChanged {
        /// The permission, such as `device.personalisation`.
        permission: String,
        /// Given, else taken back.
        given: bool,
    },
    /// The page says who this is: a claim that neither merges nor reveals anything. What was
    /// claimed is not kept here.
    Identified {
        /// The kinds of names that were claimed.
        claims: Vec<&'static str>,
        /// The token of a link that the edge has signed. It is looked at and not kept.
        #[serde(skip)]
        link: Option<String>,
        /// A name that the shop's server has signed. It is looked at and not kept.
        #[serde(skip)]
        signed: Option<SignedName>,
    },
    /// Something the shop's own page reports.
    Custom {
        /// Its name.
        name: String,
        /// Whatever the page says about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<serde_json::Value>,
    },
    /// A shelf was really seen: half of it for a second.
    ShelfShown {
        /// Which one.
        #[serde(flatten)]
        shelf: Shelf,
        /// The ids of what stood on it, in their order.
        products: Vec<String>,
    },
    /// A shelf would have been seen, but this visitor is one of those who get none, for comparison.
    ShelfHeld {
        /// Which one.
        #[serde(flatten)]
        shelf: Shelf,
        /// The ids of what would have stood on it, in their order.
        products: Vec<String>,
    },
    /// Somebody followed a product of a shelf.
    ShelfClicked {
        /// Which one.
        #[serde(flatten)]
        shelf: Shelf,
        /// The product's id.
        product: Product,
        /// Its place on the shelf, from 1.
        place: u32,
        /// The reason that stood beside it.
        why: String,
    },
    /// A question of a survey was answered.
    SurveyAnswered {
        /// The campaign.
        campaign: String,
        /// The published version.
        version: String,
        /// What this and the other answers of the same person at the same time have in common.
        response: String,
        /// The question's name.
        question: String,
        /// What was chosen: options, `other`, or a number of a scale.
        choices: Vec<String>,
        /// What was said in words.
        #[serde(skip_serializing_if = "Option::is_none")]
        words: Option<String>,
        /// No question follows.
        last: bool,
        /// On which page.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// What lay in the cart.
        #[serde(skip_serializing_if = "Option::is_none")]
        cart: Option<Cart>,
    },
    /// Somebody said that a product of a shelf is not for them.
    ShelfDismissed {
        /// Which one.
        #[serde(flatten)]
        shelf: Shelf,
        /// The product's id.
        product: Product,
        /// Its place on the shelf, from 1.
        place: u32,
    },
}

/// A shelf on a page, as it was filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shelf {
    /// Its name.
    pub shelf: String,
    /// The published version.
    pub version: String,
    /// For which market it was filled.
    pub market: String,
    /// The id of the product that the page is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
}

/// A name of whoever sits before the browser, with the shop's own word for it: the signature of
/// [`SignedName::text`] in the form of [`crate::hook::verify`]'s generic one.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedName {
    /// What kind of name.
    pub kind: NameKind,
    /// The name.
    pub name: String,
    /// `t=<unix seconds>,v1=<hex>`.
    pub proof: String,
}

impl SignedName {
    /// What is signed: `customer:c1`, `email:anna@example.org`, `phone:+4930901820`.
    pub fn text(&self) -> String {
        format!("{}:{}", self.kind.as_str(), self.name)
    }
}

/// Never the name itself: debug output ends in logs.
impl core::fmt::Debug for SignedName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SignedName(…)")
    }
}

/// A product as a page names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Product {
    /// The shop's id or SKU.
    pub id: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Price of one, a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its size, where the page is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Whether it can be bought now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_stock: Option<bool>,
}

/// A line of a cart or an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The shop's id or SKU.
    pub product: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many, 1 to 10,000.
    pub quantity: u32,
    /// Price of one, a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// Its category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its size, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
}

/// A cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cart {
    /// What lies in it; empty when it was emptied.
    pub items: Vec<Item>,
    /// ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The sum, a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// Where it can be seen again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// The shop's number for it.
    pub id: String,
    /// The sum, a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What was bought.
    pub items: Vec<Item>,
    /// Codes that were redeemed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}

impl Order {
    /// Takes over what another telling of the same order says beyond this one.
    pub fn learn(&mut self, again: &Self) {
        self.total = self.total.take().or_else(|| again.total.clone());
        self.currency = self.currency.take().or_else(|| again.currency.clone());
        if self.items.is_empty() {
            self.items.clone_from(&again.items);
        }
        for code in &again.codes {
            if !self.codes.contains(code) {
                self.codes.push(code.clone());
            }
        }
    }
}

impl Fact {
    /// The kind's name on the wire and in tables.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PageViewed { .. } => "page.viewed",
            Self::ProductViewed { .. } => "product.viewed",
            Self::CartChanged { .. } => "cart.changed",
            Self::OrderPlaced { .. } => "order.placed",
            Self::CampaignShown { .. } => "campaign.shown",
            Self::CampaignClosed { .. } => "campaign.closed",
            Self::SurveyAnswered { .. } => "survey.answered",
            Self::CampaignAnswered { .. } => "campaign.answered",
            Self::ConsentChanged { .. } => "consent.changed",
            Self::Identified { .. } => "identified",
            Self::Custom { .. } => "custom",
            Self::ShelfShown { .. } => "shelf.shown",
            Self::ShelfHeld { .. } => "shelf.held",
            Self::ShelfClicked { .. } => "shelf.clicked",
            Self::ShelfDismissed { .. } => "shelf.dismissed",
        }
    }
}
