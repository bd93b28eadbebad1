//! Taking permission back: behind the link of a message for the channel it came by, or for everything.

use domain::consent::{Channel, EMAIL_MARKETING, Permission, Receipt, SMS_MARKETING, Standing};
use domain::law;
use domain::time::Timestamp;

use super::answers::{LinkState, StopPage, Stops};
use super::confirm::{Link, page};
use super::joining::{MEMBERS, members};
use super::preferences::marketing;
use super::{Shard, Shop, consent, jobs, ledger, links, people};
use crate::call::ShardCall;
use crate::problem::Result;
use crate::sql::values;

impl Shard {
    /// Looks at an unsubscribe link where its shopper lives by now.
    pub(super) async fn unsubscribe_here_or_there(
        &self,
        link: String,
        act: bool,
        method: String,
        everything: bool,
    ) -> Result<StopPage> {
        match self.home_of_link(&link)? {
            None => {
                let (page, shopper) = self.unsubscribe(&link, act.then_some((method.as_str(), everything)))?;
                if act {
                    self.nothing_leaves(&members(&self.db, &shopper)?).await?;
                }
                Ok(page)
            }
            Some(object) => self.ask(object, &ShardCall::Unsubscribe { link, act, method, everything }).await,
        }
    }

    /// Looks at an unsubscribe link. Where its button was `pressed`, takes back what lets us send news and offers:
    /// on the channel to whose address the link was sent, or on all.
    fn unsubscribe(&self, link: &str, pressed: Option<(&str, bool)>) -> Result<(StopPage, String)> {
        let (shop, now) = (self.shop()?, self.now());
        let config = shop.live()?;
        let link = self.link(link, "unsubscribe")?;
        let language = self.language(&link)?;
        let person = self.person_behind(&link)?;
        let mut stops = match links::channel(&self.db, &link.address)? {
            Some(Channel::Email) => Stops::Letters,
            Some(Channel::Sms) => Stops::Texts,
            Some(Channel::Device) | None => Stops::Everything,
        };
        if let Some((method, everything)) = pressed {
            if everything {
                stops = Stops::Everything;
            }
            self.stop(&shop, &link, &person, stops, method, now)?;
        }
        // What was said at any address of the person counts.
        let withdrawn = |permission| {
            let standing = consent::standing(&self.db, &person, permission)?;
            Ok::<_, crate::problem::Error>(standing == Some(Standing::Withdrawn))
        };
        let (letters, texts) = (withdrawn(EMAIL_MARKETING)?, withdrawn(SMS_MARKETING)?);
        let (done, more) = match stops {
            Stops::Letters => (letters, self.reaches(&person, Channel::Sms)?),
            Stops::Texts => (texts, self.reaches(&person, Channel::Email)?),
            Stops::Everything => (letters && !self.may_send(&person, Channel::Sms)?, false),
        };
        // Whoever has stopped both reads so, whichever link they come back by.
        let stops = if done && letters && texts { Stops::Everything } else { stops };
        let state = if done { LinkState::Done } else { LinkState::Open };
        Ok((StopPage { page: page(config, state, language, None), stops, more }, person))
    }

    /// Whether news and offers reach a person on a channel: they may be sent, and there is an address.
    fn reaches(&self, person: &str, channel: Channel) -> Result<bool> {
        let query = format!("SELECT 1 FROM addresses WHERE shopper IN ({MEMBERS}) AND channel = ?2 LIMIT 1");
        let known = self.db.row(&query, values![person, channel.as_str()])?.is_some();
        Ok(known && self.may_send(person, channel)?)
    }

    /// Whether news and offers may be sent to a person on a channel as things stand.
    fn may_send(&self, person: &str, channel: Channel) -> Result<bool> {
        let held = consent::held(&self.db, person, marketing(channel))?;
        let country = people::country(&self.db, person)?;
        Ok(law::may_market(channel, held.as_ref(), law::of(country, None), self.now()).allowed())
    }

    /// Takes back what lets us send news and offers.
    pub(super) fn stop(
        &self,
        shop: &Shop,
        link: &Link,
        person: &str,
        stops: Stops,
        method: &str,
        now: Timestamp,
    ) -> Result<()> {
        // Where nothing was said about texts and the law asks for a yes, there is nothing to take back.
        let texts = match stops {
            Stops::Letters => false,
            Stops::Texts => true,
            Stops::Everything => {
                consent::held(&self.db, person, SMS_MARKETING)?.is_some() || self.may_send(person, Channel::Sms)?
            }
        };
        let letters = stops != Stops::Texts;
        for permission in [letters.then_some(EMAIL_MARKETING), texts.then_some(SMS_MARKETING)].into_iter().flatten() {
            self.withdraw(shop, link, person, permission, method, now)?;
        }
        jobs::undefer_of(&self.db, person, now)?;
        self.report_later(now)?;
        Ok(())
    }

    /// Takes a permission of a person back, unless it is taken back already.
    pub(super) fn withdraw(
        &self,
        shop: &Shop,
        link: &Link,
        person: &str,
        permission: Permission,
        method: &str,
        now: Timestamp,
    ) -> Result<()> {
        if consent::standing(&self.db, person, permission)? == Some(Standing::Withdrawn) {
            return Ok(());
        }
        let receipt = Receipt {
            permission,
            standing: Standing::Withdrawn,
            at: now,
            wording: String::new(),
            version: shop.version.clone(),
            page: String::new(),
            method: method.to_owned(),
        };
        consent::record(&self.db, &link.shopper, consent::in_person(receipt, None))?;
        let data = serde_json::json!({ "permission": permission.to_string() });
        ledger::note(&self.db, now, &link.shopper, None, "consent.withdrawn", &data)
    }
}
