//! What data protection asks of us by way of a platform (Shopify's three mandatory topics).

use domain::hook::{Privacy, Subject};
use domain::id::ShopperId;
use domain::identity::{self, NameKind, Named, Owner, Proof};
use domain::order::OrderName;
use domain::time::Timestamp;
use domain::why::Why;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::asks::{Ask, AtHome, at_home};
use super::names::{Holder, Name, WhoHas, WhoIs};
use super::orders::{ForgetToldOrder, OrderKey};
use super::{EAR, Outcome, facts};
use crate::call::{self, ShopCall};
use crate::problem::{Error, Result};
use crate::shard::erasing::put_on_the_list;
use crate::shard::{Shard, Shop, ledger};
use crate::sql::values;

impl Shard {
    /// Does what is asked.
    pub(super) async fn settle_privacy(
        &self,
        shop: &Shop,
        id: &str,
        at: Timestamp,
        privacy: Privacy,
    ) -> Result<Outcome> {
        match privacy {
            Privacy::DataRequest { request, subject, .. } => {
                let who = self.subject(shop, &subject).await?;
                let note = NoteRequest { shopper: who, statement: id.to_owned(), request, at };
                match who {
                    Some(shopper) => {
                        self.ask_home_of(shop, shopper, note).await?;
                    }
                    None => {
                        note.note(self, "")?;
                    }
                }
            }
            Privacy::CustomerRedact { subject, orders } => {
                if let Some(shopper) = self.subject(shop, &subject).await? {
                    let why = Why::new("shop's platform", "customers/redact asks for it");
                    match self.erase_here_or_there(shopper, why).await {
                        // Gone meanwhile.
                        Err(Error::Rejected(rejected)) if rejected.status == 404 => {}
                        erased => erased?,
                    }
                }
                for order in orders {
                    let key = OrderKey::new(shop, &OrderName::Id(order));
                    self.ask_at(shop, key.bucket(), ForgetToldOrder { key, for_good: true }).await?;
                }
                for name in names_of(shop, &subject) {
                    self.ask_at(shop, name.bucket(), Suppress { name }).await?;
                }
            }
            Privacy::ShopRedact { .. } => {
                call::shop::<()>(&self.env, &shop.key, &ShopCall::Leave).await?;
                // Twice: a shopper may have been on the way from one object to another.
                for _ in 0..2 {
                    for object in (0..shop.placement.objects()).filter(|object| *object != EAR) {
                        self.ask_object(shop, object, LeaveShop {}).await?;
                    }
                }
                LeaveShop {}.here(self)?;
            }
        }
        Ok(Outcome::Settled)
    }

    /// Whom a platform means; nobody is made for it.
    async fn subject(&self, shop: &Shop, subject: &Subject) -> Result<Option<ShopperId>> {
        let names = names_of(shop, subject);
        let customer = names.iter().find(|name| name.kind == NameKind::Customer).map(|name| name.hash);
        let mut known = Vec::new();
        for name in names {
            let owner = match self.ask_at(shop, name.bucket(), WhoHas { name }).await? {
                Holder::Somebody(shopper) => self.ask_home_of(shop, shopper, WhoIs { shopper, customer }).await?,
                Holder::Nobody | Holder::Suppressed => None,
            };
            let owner = owner.map(|person| Owner { shopper: person.person, other_customer: person.other_customer });
            known.push(Named { kind: name.kind, owner });
        }
        Ok(identity::judge(&known, Proof::Shop).subject)
    }
}

/// All names in what is asked.
pub fn names_in(shop: &Shop, privacy: &Privacy) -> Vec<Name> {
    match privacy {
        Privacy::DataRequest { subject, .. } | Privacy::CustomerRedact { subject, .. } => names_of(shop, subject),
        Privacy::ShopRedact { .. } => Vec::new(),
    }
}

fn names_of(shop: &Shop, subject: &Subject) -> Vec<Name> {
    let id = subject.id.iter().map(|id| Name::new(shop, NameKind::Customer, id));
    let email = subject.email.iter().map(|email| Name::new(shop, NameKind::Email, email.as_str()));
    let phone = subject.phone.iter().map(|phone| Name::new(shop, NameKind::Phone, phone.as_str()));
    id.chain(email).chain(phone).collect()
}

/// Notes for the merchant that somebody wants to know what is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoteRequest {
    /// Who; nobody, when we know nobody of that name.
    pub shopper: Option<ShopperId>,
    /// The statement that asks.
    pub statement: String,
    /// The platform's number.
    pub request: String,
    pub at: Timestamp,
}

impl NoteRequest {
    fn note(&self, shard: &Shard, shopper: &str) -> Result<()> {
        let data = json!({ "asks": "data", "request": self.request, "known": self.shopper.is_some() });
        let id = facts::id_of(&*shard.shop()?, &[b"request", self.statement.as_bytes()]);
        facts::note_once(shard, id, self.at, shopper, "privacy.requested", &data)
    }
}

impl Ask for NoteRequest {
    type Answer = AtHome<()>;

    fn here(self, shard: &Shard) -> Result<Self::Answer> {
        let Some(shopper) = self.shopper else { return Ok(AtHome::Gone) };
        at_home(&shard.db, shopper, |person| self.note(shard, &person))
    }
}

/// Nobody may have this name any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Suppress {
    pub name: Name,
}

impl Ask for Suppress {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        let Name { kind, hash } = self.name;
        put_on_the_list(&shard.db, hash, kind.as_str(), shard.now(), "erased: customers/redact")
    }
}

/// The shop has left: whatever this object kept for it goes, but for what it was told of the shop itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeaveShop {}

impl Ask for LeaveShop {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        // Without a condition, a table is emptied as a whole: it does not matter how much lies in it.
        let tables = shard.db.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('meta', 'configs')
              AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'
              AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
            values![],
        )?;
        let number = shard.db.number("SELECT coalesce(max(seq), 0) FROM events", values![])?;
        for table in &tables {
            shard.db.run(&format!("DELETE FROM \"{}\"", table.text(0)?), values![])?;
        }
        ledger::begin_after(&shard.db, number)?;
        shard.report_due.set(false);
        Ok(())
    }
}
