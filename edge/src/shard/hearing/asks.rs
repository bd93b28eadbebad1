//! What objects ask each other while they settle what a shop's server said. An ask that is meant for
//! this very object is answered without leaving it.

use domain::id::{ShopperId, hex};
use domain::place::Bucket;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::Response;

use super::customers::{AdoptCustomer, TakeCustomer};
use super::hands::{GiveUp, Recheck, Reconsider, Want};
use super::names::{ClaimName, JoinUp, MakeSomebody, WhoHas, WhoIs};
use super::orders::{DropOrder, FindOrder, ForgetToldOrder, LinkOrder, OwnOrder, TellOrder};
use super::orders_at_home::{ForgetOrder, TakeOrder};
use super::privacy::{LeaveShop, NoteRequest, Suppress};
use crate::call::{self, ShardCall};
use crate::problem::Result;
use crate::secrets::random;
use crate::shard::jobs::{self, Job};
use crate::shard::joining::{Whereabouts, busy, whereabouts};
use crate::shard::{Shard, Shop};
use crate::sql::Db;

/// Something that is asked of another object. It is answered in one synchronous section.
pub trait Ask: Sized + Into<Call> {
    /// What comes back.
    type Answer: Serialize + DeserializeOwned;

    /// Answers it.
    fn here(self, shard: &Shard) -> Result<Self::Answer>;
}

macro_rules! calls {
    ($($name:ident),* $(,)?) => {
        /// An ask on its way.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub enum Call { $($name(Box<$name>)),* }

        $(impl From<$name> for Call {
            fn from(ask: $name) -> Self {
                Self::$name(Box::new(ask))
            }
        })*

        impl Shard {
            /// Answers what another object asks.
            pub(in crate::shard) fn answer(&self, call: Call) -> Result<Response> {
                match call { $(Call::$name(ask) => call::reply(ask.here(self)),)* }
            }
        }
    };
}

calls!(
    WhoHas,
    WhoIs,
    MakeSomebody,
    ClaimName,
    JoinUp,
    Want,
    GiveUp,
    Recheck,
    Reconsider,
    AdoptCustomer,
    TakeCustomer,
    FindOrder,
    LinkOrder,
    TellOrder,
    OwnOrder,
    DropOrder,
    TakeOrder,
    ForgetOrder,
    NoteRequest,
    ForgetToldOrder,
    Suppress,
    LeaveShop,
);

/// An answer about a shopper, who may have gone elsewhere.
#[derive(Debug, Serialize, Deserialize)]
pub enum AtHome<T> {
    /// From where they live.
    Here(T),
    /// They live with this one now.
    Moved(ShopperId),
    /// There is no such shopper any more.
    Gone,
}

/// The person a shopper is part of, if that one lives here.
pub fn at_home<T>(db: &Db, shopper: ShopperId, here: impl FnOnce(String) -> Result<T>) -> Result<AtHome<T>> {
    match whereabouts(db, &shopper.to_string())? {
        Whereabouts::Here(person) => Ok(AtHome::Here(here(person)?)),
        Whereabouts::Moved(into) => Ok(AtHome::Moved(into)),
        Whereabouts::Frozen => Err(busy().into()),
        Whereabouts::Unknown => Ok(AtHome::Gone),
    }
}

impl Shard {
    /// Asks the object of a bucket.
    pub(super) async fn ask_at<A: Ask>(&self, shop: &Shop, bucket: Bucket, ask: A) -> Result<A::Answer> {
        self.ask_object(shop, shop.placement.object_of(bucket), ask).await
    }

    /// Asks an object.
    pub(super) async fn ask_object<A: Ask>(&self, shop: &Shop, object: u16, ask: A) -> Result<A::Answer> {
        if object == shop.object {
            return ask.here(self);
        }
        call::shard(&self.env, &shop.key, object, &ShardCall::Hearing(ask.into())).await
    }

    /// Asks the object of a bucket by a job, whatever crashes in between; at once where that is this one.
    pub(super) fn ask_later<A: Ask<Answer = ()>>(&self, shop: &Shop, bucket: Bucket, ask: A) -> Result<()> {
        let object = shop.placement.object_of(bucket);
        if object == shop.object {
            return ask.here(self);
        }
        let call: Call = ask.into();
        let key = format!("ask:{}", hex(&random::<12>()?));
        jobs::add(&self.db, &Job::errand(key, self.now(), object, ShardCall::Hearing(call)))
    }

    /// Asks where a shopper lives by now; nothing, when there is no such shopper any more.
    pub(super) async fn ask_home_of<T, A>(&self, shop: &Shop, shopper: ShopperId, ask: A) -> Result<Option<T>>
    where
        A: Ask<Answer = AtHome<T>> + Clone,
    {
        // Whoever has moved went to somebody older, so this comes to an end.
        const MOST_MOVES: usize = 16;
        let mut at = shopper;
        for _ in 0..MOST_MOVES {
            match self.ask_at(shop, at.home(), ask.clone()).await? {
                AtHome::Here(answer) => return Ok(Some(answer)),
                AtHome::Moved(into) => at = into,
                AtHome::Gone => return Ok(None),
            }
        }
        Err(busy().into())
    }
}
