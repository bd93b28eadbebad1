//! The preference page: what somebody wishes is shown, kept and obeyed. Looking at it changes nothing.
//!
//! What is said here belongs to the shopper whose link it was said behind. Of a person who was joined
//! of several the latest word counts.

use domain::consent::{Channel, Permission, Proof, Purpose, Receipt, Standing};
use domain::preference::{Entered, Frequency, Preferences, Said};
use domain::published::ShopConfig;
use domain::sending::{Kind, Sent, Wishes};
use domain::time::Timestamp;
use domain::zone::Zone;
use serde_json::json;

use super::answers::{LinkState, PreferenceAnswer, Stops};
use super::confirm::{Link, page};
use super::content::Content;
use super::joining::{MEMBERS, members};
use super::names::Hash;
use super::{Shard, Shop, Wish, consent, jobs, ledger, links, people, schema};
use crate::call::ShardCall;
use crate::pages::wording;
use crate::problem::{Failed, Rejected, Result};
use crate::sql::{Db, Row, values};

/// How a permission is given here: the link was in a message to the address, so the address is proven.
const BY_LINK: &str = "link in a message to the address";
/// How receipts name this page.
const PAGE: &str = "preference page";
/// What the button says that stops every letter.
const STOP: &str = "stop";

/// What a person wishes.
pub fn of(db: &Db, person: &str) -> Result<Preferences> {
    let query = format!("SELECT body FROM preferences WHERE shopper IN ({MEMBERS}) ORDER BY at DESC, shopper LIMIT 1");
    let row = db.row(&query, values![person])?;
    Ok(row
        .map(|row| Ok::<_, crate::problem::Error>(serde_json::from_str(row.text(0)?)?))
        .transpose()?
        .unwrap_or_default())
}

/// What a person's wishes mean for a message at this moment, by what they heard lately.
pub fn towards(
    db: &Db,
    person: &str,
    config: &ShopConfig,
    content: &Content<'_>,
    news: &[Sent],
    now: Timestamp,
) -> Result<Wishes> {
    if content.kind() == Kind::Transactional {
        return Ok(Wishes::default());
    }
    let preferences = of(db, person)?;
    let last = news.first().map(|last| last.at).filter(|_| preferences.frequency != Frequency::Any);
    Ok(preferences.towards(content.topic(), &home_zone(config), last, now))
}

/// The zone of those who did not say theirs.
pub fn home_zone(config: &ShopConfig) -> Zone {
    config.zone.parse().unwrap_or_else(|_| Zone::utc())
}

/// The permission for news and offers on a channel.
pub const fn marketing(channel: Channel) -> Permission {
    Permission { channel, purpose: Purpose::Marketing }
}

/// The shop's own words for a permission, in a language: those of the first campaign that asks for it.
pub fn shop_wording(config: &ShopConfig, permission: Permission, language: &str) -> Option<String> {
    let asks = config.campaigns.iter().filter_map(|campaign| config.wordings.get(&campaign.name)?.get(language));
    asks.flatten().find(|ask| ask.permission == permission).map(|ask| ask.wording.clone())
}

impl Shard {
    /// Shows or keeps somebody's preferences where they live by now.
    pub(super) async fn preferences_here_or_there(
        &self,
        link: String,
        entered: Option<Box<Entered>>,
    ) -> Result<PreferenceAnswer> {
        let call = ShardCall::Preferences { link: link.clone(), entered: entered.clone() };
        if let Some(answer) = self.ask_home_of_link(&link, &call).await? {
            return Ok(answer);
        }
        let (answer, person) = self.preferences(&link, entered.as_deref())?;
        if matches!(answer, PreferenceAnswer::Saved | PreferenceAnswer::Stopped) {
            self.nothing_leaves(&members(&self.db, &person)?).await?;
        }
        Ok(answer)
    }

    /// Shows somebody's preferences, or keeps what they entered, and says who they are. One synchronous
    /// section.
    fn preferences(&self, link: &str, entered: Option<&Entered>) -> Result<(PreferenceAnswer, String)> {
        let (shop, now) = (self.shop()?, self.now());
        let config = shop.live()?.clone();
        let link = self.link(link, "preferences")?;
        let person = self.person_behind(&link)?;
        // A no counts behind any link that was ever theirs.
        if self.is_over(&link, &person, now)? && entered.is_none_or(|entered| entered.act != STOP) {
            let page = page(&config, LinkState::Ended, self.language(&link)?, None);
            return Ok((PreferenceAnswer::Ended(Box::new(page)), person));
        }
        let Some(entered) = entered else {
            return Ok((self.preference_page(&shop, &config, &link, &person, None)?, person));
        };
        if let Some(wish) = Wish::named(&entered.act) {
            let address = self.wish_address(&link, &person)?;
            let none = || Rejected::field("act", "a letter has to prove that it is you, and we know no e-mail address");
            self.ask_for(&link.shopper, address.ok_or_else(none)?, wish)?;
            return Ok((PreferenceAnswer::Asked(wish), person));
        }
        let answer = match entered.check(&config.languages) {
            Ok(_) if entered.act == STOP => {
                self.stop(&shop, &link, &person, Stops::Everything, PAGE, now)?;
                PreferenceAnswer::Stopped
            }
            Ok(said) => {
                self.keep_preferences(&shop, &config, &link, &person, entered, &said, now)?;
                PreferenceAnswer::Saved
            }
            Err(mistakes) => self.preference_page(&shop, &config, &link, &person, Some((entered, mistakes)))?,
        };
        Ok((answer, person))
    }

    /// The address to which a letter about a wish goes: the one that the link was sent to, or, where that is a
    /// number, the person's own.
    pub(super) fn wish_address(&self, link: &Link, person: &str) -> Result<Option<Hash>> {
        let query = format!(
            "SELECT hash FROM addresses WHERE shopper IN ({MEMBERS}) AND channel = 'email'
              ORDER BY hash = ?2 DESC, state = 'confirmed' DESC, since LIMIT 1"
        );
        let row = self.db.row(&query, values![person, link.address.clone()])?;
        let read = |row: Row| Ok(row.bytes(0)?.try_into().map_err(|_| Failed::new("asking for a wish", "a hash"))?);
        row.map(read).transpose()
    }

    #[allow(clippy::too_many_arguments)]
    fn keep_preferences(
        &self,
        shop: &Shop,
        config: &ShopConfig,
        link: &Link,
        person: &str,
        entered: &Entered,
        said: &Said,
        now: Timestamp,
    ) -> Result<()> {
        let db = &self.db;
        let language = people::language(db, &link.shopper)?;
        let after = said.over(&of(db, person)?, now);
        db.run(
            "INSERT INTO preferences (shopper, body, at) VALUES (?, ?, ?)
             ON CONFLICT (shopper) DO UPDATE SET body = excluded.body, at = excluded.at",
            values![link.shopper.as_str(), serde_json::to_string(&after)?, now.0],
        )?;
        self.keep_person(shop, config, link, person, said)?;
        for channel in &said.off {
            self.withdraw(shop, link, person, marketing(*channel), PAGE, now)?;
        }
        // The words that were on the page: those of the version it was drawn from.
        let drawn_from = schema::config(db, &entered.version)?;
        let (version, drawn_from) = match &drawn_from {
            Some(drawn_from) => (entered.version.as_str(), drawn_from),
            None => (shop.version.as_str(), config),
        };
        for channel in &said.on {
            let words = shop_wording(drawn_from, marketing(*channel), drawn_from.language(&language));
            let words = words.unwrap_or_else(|| wording(*channel, &language).to_owned());
            self.allow(link, person, *channel, words, version, now)?;
        }
        ledger::note(db, now, &link.shopper, None, "preferences.saved", &json!({}))?;
        jobs::undefer_of(db, person, now)?;
        self.look_again(person)?;
        self.report_later(now)?;
        Ok(())
    }

    /// Language and birthday are the person's, whichever of their shoppers is written to. What was not
    /// changed stays as each of them has it.
    fn keep_person(&self, shop: &Shop, config: &ShopConfig, link: &Link, person: &str, said: &Said) -> Result<()> {
        let db = &self.db;
        let language = people::language(db, &link.shopper)?;
        let birthday = people::person(db, &shop.keys, person)?.and_then(|person| person.profile.birthday);
        let (read_anew, born_anew) = (said.language != config.language(&language), said.birthday != birthday);
        for member in members(db, person)? {
            if read_anew {
                let values = values![said.language.as_str(), member.as_str()];
                db.run("UPDATE shoppers SET language = ? WHERE id = ?", values)?;
            }
            if let Some(known) = people::person(db, &shop.keys, &member)?.filter(|_| born_anew) {
                let profile = people::Profile { birthday: said.birthday, ..known.profile.clone() };
                known.keep_profile(db, &profile)?;
            }
        }
        Ok(())
    }

    fn allow(
        &self,
        link: &Link,
        person: &str,
        channel: Channel,
        wording: String,
        version: &str,
        now: Timestamp,
    ) -> Result<()> {
        let permission = marketing(channel);
        if consent::standing(&self.db, person, permission)? == Some(Standing::Given) {
            return Ok(());
        }
        // A link proves the address that it was sent to, and none on another channel.
        let proves = links::channel(&self.db, &link.address)? == Some(channel);
        let proof = proves.then(|| Proof { method: BY_LINK.into(), at: now });
        if proof.is_some() {
            self.db.run("UPDATE addresses SET state = 'confirmed' WHERE hash = ?", values![link.address.clone()])?;
        }
        let receipt = Receipt {
            permission,
            standing: Standing::Given,
            at: now,
            wording,
            version: version.to_owned(),
            page: String::new(),
            method: PAGE.into(),
        };
        consent::record(&self.db, &link.shopper, consent::in_person(receipt, proof))?;
        let data = json!({ "permission": permission.to_string() });
        ledger::note(&self.db, now, &link.shopper, None, "consent.given", &data)
    }
}
