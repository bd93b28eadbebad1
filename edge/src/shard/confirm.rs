//! What the link in the first letter does: confirm an address. Looking at a link changes nothing; only the
//! button behind it does, because mail scanners look at every link.

use domain::consent::{Permission, Proof, Receipt, Standing};
use domain::id::{Uuid, VisitorId};
use domain::published::ShopConfig;
use domain::time::Timestamp;
use serde::de::DeserializeOwned;

use super::answers::{CodeShown, LinkPage, LinkState};
use super::codes::{self, Issued};
use super::joining::{Whereabouts, busy, whereabouts};
use super::people;
use super::submit::offer_of;
use super::{Shard, Shop, consent, ledger, links};
use crate::call::ShardCall;
use crate::problem::{Failed, Rejected, Result};
use crate::sql::values;

/// A link as stored.
pub(super) struct Link {
    pub id: String,
    pub shopper: String,
    pub address: Vec<u8>,
    pub submission: Option<Vec<u8>>,
    pub ends: Timestamp,
    pub used: bool,
}

impl Shard {
    /// Looks at a confirmation link where its shopper lives by now.
    pub(super) async fn confirm_here_or_there(&self, link: String, act: bool) -> Result<LinkPage> {
        let call = ShardCall::Confirm { link: link.clone(), act };
        if let Some(page) = self.ask_home_of_link(&link, &call).await? {
            return Ok(page);
        }
        if act {
            self.have_ready(1).await;
        }
        self.confirm(&link, act)
    }

    /// Asks the object to which a link's shopper went; nothing when this one has the answer.
    pub(super) async fn ask_home_of_link<T: DeserializeOwned>(
        &self,
        link: &str,
        call: &ShardCall,
    ) -> Result<Option<T>> {
        match self.home_of_link(link)? {
            Some(object) => self.ask(object, call).await.map(Some),
            None => Ok(None),
        }
    }

    /// The object to which a link's shopper went; nothing when that is this one.
    pub(super) fn home_of_link(&self, link: &str) -> Result<Option<u16>> {
        let row = self.db.row("SELECT shopper FROM links WHERE id = ?", values![link])?;
        let Some(row) = row else { return Ok(None) };
        match whereabouts(&self.db, row.text(0)?)? {
            Whereabouts::Moved(into) => Ok(Some(self.shop()?.placement.object_of(into.home()))),
            Whereabouts::Frozen => Err(busy().into()),
            Whereabouts::Here(_) | Whereabouts::Unknown => Ok(None),
        }
    }

    /// Looks at a confirmation link, and confirms when `act`.
    fn confirm(&self, link: &str, act: bool) -> Result<LinkPage> {
        let (shop, now) = (self.shop()?, self.now());
        let config = shop.live()?.clone();
        let link = self.link(link, "confirm")?;
        let language = self.language(&link)?;
        let person = self.person_behind(&link)?;
        let state = match () {
            () if link.used => LinkState::Done,
            () if self.is_over(&link, &person, now)? => LinkState::Ended,
            () if act => {
                self.prove(&shop, &config, &link, &person, now)?;
                LinkState::Done
            }
            () => LinkState::Open,
        };
        let code = match state {
            LinkState::Done => self.campaign_code(&config, &link)?.map(|issued| shown(&issued, &language)),
            _ => None,
        };
        Ok(page(&config, state, language, code))
    }

    /// The person that a link's shopper is part of; they live here.
    pub(super) fn person_behind(&self, link: &Link) -> Result<String> {
        match whereabouts(&self.db, &link.shopper)? {
            Whereabouts::Here(person) => Ok(person),
            Whereabouts::Frozen => Err(busy().into()),
            Whereabouts::Moved(_) | Whereabouts::Unknown => {
                Err(Rejected::not_found("this link is not known here any more").into())
            }
        }
    }

    /// Whether a link leads nowhere any more: it is too old, or the address that it was sent to is not the
    /// person's by now, and whoever reads what comes there may be somebody else.
    pub(super) fn is_over(&self, link: &Link, person: &str, now: Timestamp) -> Result<bool> {
        Ok(now > link.ends || !links::is_address_of(&self.db, &link.address, person)?)
    }

    /// The address is proven: what was said with the form is believed, what was asked for is given,
    /// the journey begins. One synchronous section.
    fn prove(&self, shop: &Shop, config: &ShopConfig, link: &Link, person: &str, now: Timestamp) -> Result<()> {
        let db = &self.db;
        db.run("UPDATE links SET used = ? WHERE id = ?", values![now.0, link.id.as_str()])?;
        let newly = self.db.number(
            "SELECT count(*) FROM addresses WHERE hash = ? AND state <> 'confirmed'",
            values![link.address.clone()],
        )? > 0;
        db.run("UPDATE addresses SET state = 'confirmed' WHERE hash = ?", values![link.address.clone()])?;
        let Some(row) = db.row(
            "SELECT campaign, version, page, language, asked, profile, visitor, at FROM submissions WHERE id = ?",
            values![link.submission.clone().unwrap_or_default()],
        )?
        else {
            return Err(Failed::new("confirming", "the form behind the link is gone").into());
        };
        let (campaign, version, on_page, language) = (row.text(0)?, row.text(1)?, row.text(2)?, row.text(3)?);
        if let (Some(person), Some(sealed)) = (people::person(db, &shop.keys, &link.shopper)?, row.maybe_bytes(5)) {
            let merged = person.profile.clone().overlay(person.open_profile(sealed)?);
            person.keep_profile(db, &merged)?;
        }
        db.run("UPDATE shoppers SET language = ? WHERE id = ?", values![language, link.shopper.as_str()])?;
        self.lift_here_or_there(shop, &link.address, now)?;
        let said = Timestamp(row.int(7)?);
        let asked: Vec<String> = serde_json::from_str(row.text(4)?)?;
        for permission in asked.iter().filter_map(|text| text.parse::<Permission>().ok()) {
            // A yes counts from when its address is proven, unless a no came after it was said.
            let question = db.row(
                "SELECT wording FROM receipts
                  WHERE shopper = ? AND channel = ? AND purpose = ? AND standing = 'asked' AND at = ? LIMIT 1",
                values![link.shopper.as_str(), permission.channel.as_str(), permission.purpose.as_str(), said.0],
            )?;
            let Some(question) = question else { continue };
            if consent::was_withdrawn_since(db, person, permission, said)? {
                continue;
            }
            let receipt = Receipt {
                permission,
                standing: Standing::Given,
                at: now,
                wording: question.text(0)?.to_owned(),
                version: version.to_owned(),
                page: on_page.to_owned(),
                method: "confirmation link".into(),
            };
            let proof = Proof { method: "confirmation link".into(), at: now };
            consent::record(db, &link.shopper, consent::in_person(receipt, Some(proof)))?;
        }
        // What they did before is heard of when it is known what they allow.
        if let Some(visitor) = row.maybe_bytes(6).and_then(|bytes| Uuid::from_slice(bytes).ok()) {
            let shopper = link.shopper.parse().map_err(|_| Failed::new("confirming", "the link's shopper is none"))?;
            self.see_here_or_there(VisitorId(visitor), shopper, Timestamp(row.int(7)?), "confirmation link")?;
        }
        let data = serde_json::json!({ "campaign": campaign, "first": newly });
        let form =
            config.campaigns.iter().find(|known| known.name.as_str() == campaign).and_then(|known| known.form.as_ref());
        if let Some(form) = form {
            self.pressed(shop, link, form.confirm_mail.as_str(), now)?;
        }
        ledger::note(db, now, &link.shopper, None, "address.confirmed", &data)?;
        if let Some(offer) = form.and_then(|form| offer_of(config, form)) {
            self.issue(shop, config, &link.shopper, offer, None, now)?;
        }
        self.look_again(person)?;
        self.report_later(now)?;
        Ok(())
    }

    pub(super) fn link(&self, id: &str, kind: &str) -> Result<Link> {
        let row = self.db.row(
            "SELECT id, shopper, address, submission, ends, used FROM links WHERE id = ? AND kind = ?",
            values![id, kind],
        )?;
        let row = row.ok_or_else(|| Rejected::not_found("this link is not known here any more"))?;
        Ok(Link {
            id: row.text(0)?.to_owned(),
            shopper: row.text(1)?.to_owned(),
            address: row.bytes(2)?.to_vec(),
            submission: row.maybe_bytes(3).map(<[u8]>::to_vec),
            ends: Timestamp(row.int(4)?),
            used: row.maybe_int(5).is_some(),
        })
    }

    pub(super) fn language(&self, link: &Link) -> Result<String> {
        let submitted = self.db.row(
            "SELECT language FROM submissions WHERE id = ?",
            values![link.submission.clone().unwrap_or_default()],
        )?;
        let known = self.db.row("SELECT language FROM shoppers WHERE id = ?", values![link.shopper.as_str()])?;
        Ok(submitted.or(known).and_then(|row| row.maybe_text(0).map(str::to_owned)).unwrap_or_else(|| "en".into()))
    }

    /// The code that the campaign behind a link promised.
    fn campaign_code(&self, config: &ShopConfig, link: &Link) -> Result<Option<Issued>> {
        let row = self.db.row(
            "SELECT campaign FROM submissions WHERE id = ?",
            values![link.submission.clone().unwrap_or_default()],
        )?;
        let Some(row) = row else { return Ok(None) };
        let campaign = row.text(0)?;
        let campaign = config.campaigns.iter().find(|known| known.name.as_str() == campaign);
        let offer = campaign.and_then(|known| known.form.as_ref()).and_then(|form| offer_of(config, form));
        offer.map_or(Ok(None), |offer| codes::code(&self.db, config, &link.shopper, offer, self.now()))
    }
}

fn shown(issued: &Issued, language: &str) -> CodeShown {
    CodeShown { code: issued.code.clone(), percent: issued.percent, ends: issued.last_day(language) }
}

pub(super) fn page(config: &ShopConfig, state: LinkState, language: String, code: Option<CodeShown>) -> LinkPage {
    LinkPage {
        state,
        shop: config.name.clone(),
        url: config.url.clone(),
        accent: config.accent.clone(),
        language,
        code,
    }
}
