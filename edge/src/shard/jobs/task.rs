//! What a job says there is to do: the forms in which that is kept.

use domain::consent::Channel;
use domain::id::{ShopperId, Slug, VisitorId, hex};
use domain::journey::{Fate, RunId};
use domain::sending::Unless;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call::{Redemption, ShardCall};
use crate::secrets::ShopKeys;
use crate::shard::alerts::Alert;
use crate::shard::migrating::MigrateJob;
use crate::shard::outlook::OutlookJob;
use crate::shard::transfers::Way;
use crate::token::LinkId;

/// What there is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// A mail to decide about and send.
    Mail(MailJob),
    /// A journey whose moment has come, or what time alone brings.
    Timer(TimerJob),
    /// What somebody's journeys could not be told.
    News(NewsJob),
    /// What became of a message, which its journey could not be told.
    Fate(FateJob),
    /// A journey to go on with, as older code has written it.
    Journey(JourneyJob),
    /// What another object has to be told. Told twice, it is done once.
    Errand(Errand),
    /// An order used a code which another object issued. What a page told of waits behind all else.
    Redeem(RedeemJob),
    /// A pool whose next block of codes is to be leased.
    Refill(PoolJob),
    /// Codes of a pool that go back to the shop object.
    GiveBack(PoolJob),
    /// A mail to the merchant.
    Alert(Alert),
    /// What a shopper did in a browser that is kept here, for where they live.
    Follow(FollowJob),
    /// A shopper on the way from or to another object.
    Transfer(TransferJob),
    /// What the shop's server said and is not settled yet.
    Hear {},
    /// The shop's server is to be told by a journey.
    Webhook(WebhookJob),
    /// What other rules mean for whoever comes after this shopper.
    Sweep(SweepJob),
    /// Runs under way are set on the live version, some at a time.
    Migrate(MigrateJob),
    /// What can be expected of shoppers is to be worked out, or to be seen to.
    Outlook(OutlookJob),
    /// Whether somebody is to be forgotten.
    Retention {},
    /// Counts to hand to the reports.
    Report {},
    /// What was done with products, for the learner.
    Count {},
    /// What pages say of products, for the learner.
    State {},
}

/// A mail to decide about and send.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailJob {
    /// Which one.
    pub mail: Slug,
    /// Of which version.
    pub version: String,
    /// What makes it superfluous.
    pub unless: Option<Unless>,
    /// Whose code it shows …
    pub offer: Option<String>,
    /// … and which; the newest that is good, where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The confirmation link in it.
    pub link: Option<String>,
    /// The rule that holds it back, so that another one is told of when it takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<String>,
    /// On which channel.
    #[serde(default = "by_mail")]
    pub channel: Channel,
    /// The run that says it; nothing where it is no journey's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunOf>,
}

const fn by_mail() -> Channel {
    Channel::Email
}

/// A step of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunOf {
    /// The run.
    pub run: RunId,
    /// The seed of the shopper for whom it began.
    pub of: u64,
    /// The step.
    pub step: String,
}

impl RunOf {
    /// The claim to say what the step says: there is one, whoever asks and however often. It outlives its
    /// shopper, so that what it is about, such as an order, is only hashed in it.
    pub fn claim(&self, keys: &ShopKeys) -> String {
        format!("{}:{}", Self::begun(keys, &self.run, self.of), self.step)
    }

    /// Between what all claims of a run lie that began for the shopper of a seed.
    pub fn claims(keys: &ShopKeys, run: &RunId, of: u64) -> (String, String) {
        let begun = Self::begun(keys, run, of);
        (format!("{begun}:"), format!("{begun};"))
    }

    fn begun(keys: &ShopKeys, run: &RunId, of: u64) -> String {
        let about = keys.name("run", &run.key);
        let about = hex(about.first_chunk::<8>().unwrap_or(&[0; 8]));
        format!("{}:{of:016x}:{about}", run.journey)
    }
}

/// A journey whose moment has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TimerJob {
    /// Which run; nothing for what time alone brings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// What somebody's journeys could not be told.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct NewsJob {
    /// What came in from then on.
    pub since: Timestamp,
}

/// What became of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FateJob {
    /// Who said it.
    pub run: RunOf,
    /// What became of it.
    pub fate: Fate,
}

impl MailJob {
    /// A mail that asks to press the button behind a link.
    pub fn with_link(mail: Slug, version: &str, link: &LinkId) -> Self {
        let link = Some(link.as_text());
        Self {
            mail,
            version: version.to_owned(),
            unless: None,
            offer: None,
            code: None,
            link,
            held_by: None,
            channel: Channel::Email,
            run: None,
        }
    }
}

/// A journey to go on with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JourneyJob {
    /// Which run.
    pub run: String,
    /// On which version.
    pub version: String,
    /// From which step.
    pub step: usize,
    /// The offer its mails show.
    pub offer: Option<String>,
}

/// A pool of codes, by its offer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PoolJob {
    /// The offer.
    pub offer: String,
}

/// An order that used a code which another object issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RedeemJob {
    /// The object that issued it, as far as the code says so.
    pub object: u16,
    /// The order and the code.
    pub redemption: Redemption,
}

/// What another object has to be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Errand {
    /// Which object.
    pub object: u16,
    /// What it is told.
    pub call: Box<ShardCall>,
}

/// What a shopper did in a browser.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct FollowJob {
    /// Which browser.
    pub visitor: VisitorId,
    /// Which sighting in it.
    pub said: Timestamp,
}

/// A journey tells the shop's server something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WebhookJob {
    /// Which of the shop's webhooks.
    pub name: String,
    /// Which run.
    pub run: RunId,
    /// When it came to that.
    pub at: Timestamp,
}

/// Other rules were published: everybody's journeys are told, some people at a time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SweepJob {
    /// The last position that was told.
    pub after: i64,
}

/// A shopper on the way.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TransferJob {
    /// Who.
    pub shopper: ShopperId,
    /// Which way.
    pub way: Way,
}

impl Task {
    /// Its name in tables.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Timer(_) => "timer",
            Self::News(_) => "news",
            Self::Fate(_) => "fate",
            Self::Journey(_) => "journey",
            Self::Errand(_) => "errand",
            // What the shop itself says does not wait behind pages.
            Self::Redeem(job) if job.redemption.by_shop => "errand",
            Self::Redeem(_) => "redeem",
            Self::Refill(_) => "refill",
            Self::GiveBack(_) => "give_back",
            Self::Alert(_) => "alert",
            Self::Follow(_) => "follow",
            Self::Transfer(_) => "transfer",
            Self::Hear {} => "hear",
            Self::Webhook(_) => "webhook",
            Self::Sweep(_) => "sweep",
            Self::Migrate(_) => "migrate",
            Self::Outlook(_) => "outlook",
            Self::Retention {} => "retention",
            Self::Report {} => "report",
            Self::Count {} => "count",
            Self::State {} => "state",
        }
    }
}
