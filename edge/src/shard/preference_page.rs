//! What the preference page shows: the wishes as they stand, and why the last letters were written.

use domain::consent::{Channel, Permission, Standing};
use domain::message::day_in_words;
use domain::preference::{Entered, Mistake};
use domain::published::ShopConfig;
use domain::time::Timestamp;
use domain::zone::Zone;
use serde::Deserialize;

use super::answers::{ChannelShown, LetterShown, PreferenceAnswer, PreferencePage};
use super::confirm::Link;
use super::joining::MEMBERS;
use super::mail::MESSAGE;
use super::preferences::{self, home_zone, marketing, shop_wording};
use super::{Shard, Shop, consent, links, people};
use crate::problem::{Rejected, Result};
use crate::sql::{Row, values};

/// How many letters are shown.
const LETTERS: i64 = 10;

/// What is read of a kept message.
#[derive(Deserialize)]
struct Kept {
    subject: String,
    text: String,
}

/// Whose page it is, and how days are written for them.
struct Reader<'a> {
    person: &'a str,
    language: &'a str,
    zone: &'a Zone,
}

impl Reader<'_> {
    fn day(&self, at: Timestamp) -> String {
        day_in_words(self.zone.shown(at), self.language)
    }
}

impl Shard {
    /// The page for a link's person; with what they just entered where it needs another look.
    pub(super) fn preference_page(
        &self,
        shop: &Shop,
        config: &ShopConfig,
        link: &Link,
        person: &str,
        entered: Option<(&Entered, Vec<Mistake>)>,
    ) -> Result<PreferenceAnswer> {
        let now = self.now();
        let gone = || Rejected::not_found("this link is not known here any more");
        let shopper = people::person(&self.db, &shop.keys, person)?.ok_or_else(gone)?;
        let language = config.language(&people::language(&self.db, &link.shopper)?);
        let wishes = preferences::of(&self.db, person)?;
        let home = home_zone(config);
        let channel = links::channel(&self.db, &link.address)?.unwrap_or(Channel::Email);
        let reader = Reader { person, language, zone: wishes.zone.as_ref().unwrap_or(&home) };
        let (entered, mistakes) = match entered {
            Some((entered, mistakes)) => (entered.clone(), mistakes),
            None => (self.as_it_stands(config, language, &wishes, shopper.profile.birthday), Vec::new()),
        };
        Ok(PreferenceAnswer::Page(Box::new(PreferencePage {
            shop: config.name.clone(),
            url: config.url.clone(),
            accent: config.accent.clone(),
            languages: config.languages.clone(),
            language: language.to_owned(),
            given_name: shopper.profile.given_name.clone(),
            address: self.masked_address(shop, link)?,
            channels: self.channels(config, &reader)?,
            topics: config
                .topics
                .iter()
                .map(|topic| (topic.name.to_string(), topic.title.get(language).cloned().unwrap_or_default()))
                .collect(),
            paused_until: wishes.paused_until.filter(|until| *until > now).map(|until| reader.day(until)),
            home_zone: home.to_string(),
            version: shop.version.clone(),
            entered,
            mistakes,
            letters: self.letters(shop, &reader)?,
            allowed: self.allowed(&reader, channel)?,
            by_text: channel == Channel::Sms,
            wishes: self.wish_address(link, person)?.is_some(),
        })))
    }

    /// The fields of somebody who has entered nothing yet.
    fn as_it_stands(
        &self,
        config: &ShopConfig,
        language: &str,
        wishes: &domain::preference::Preferences,
        birthday: Option<domain::form::Birthday>,
    ) -> Entered {
        let wanted = config.topics.iter().filter(|topic| !wishes.topics_off.contains(&topic.name));
        Entered {
            topic: wanted.map(|topic| topic.name.to_string()).collect(),
            ..Entered::of(wishes, language, birthday, self.now())
        }
    }

    /// `a…@example.org`, `…678`: whoever was handed the message on does not learn more than they know.
    fn masked_address(&self, shop: &Shop, link: &Link) -> Result<String> {
        let row = self.db.row("SELECT shopper, sealed FROM addresses WHERE hash = ?", values![link.address.clone()])?;
        let Some(row) = row else { return Ok(String::new()) };
        let address = people::open_address(&self.db, &shop.keys, row.text(0)?, row.bytes(1)?)?;
        let Some((local, domain)) = address.rsplit_once('@') else {
            let last: String = address.chars().skip(address.chars().count().saturating_sub(3)).collect();
            return Ok(format!("…{last}"));
        };
        let first: String = local.chars().take(1).collect();
        // Not to be broken before the at sign.
        Ok(format!("{first}…\u{2060}@{domain}"))
    }

    /// E-mail, and texts where a number is known.
    fn channels(&self, config: &ShopConfig, reader: &Reader<'_>) -> Result<Vec<ChannelShown>> {
        let numbers = self.db.number(
            &format!("SELECT count(*) FROM addresses WHERE shopper IN ({MEMBERS}) AND channel IN ('sms', 'phone')"),
            values![reader.person],
        )?;
        let mut shown = Vec::new();
        for channel in [Channel::Email, Channel::Sms] {
            let permission: Permission = marketing(channel);
            let standing = consent::standing(&self.db, reader.person, permission)?;
            if channel == Channel::Email || numbers > 0 || standing.is_some() {
                shown.push(ChannelShown {
                    name: channel.as_str().into(),
                    on: standing == Some(Standing::Given),
                    asked: standing == Some(Standing::Asked),
                    wording: shop_wording(config, permission, reader.language),
                });
            }
        }
        Ok(shown)
    }

    /// What was written to them, the newest first.
    fn letters(&self, shop: &Shop, reader: &Reader<'_>) -> Result<Vec<LetterShown>> {
        let query = format!(
            "SELECT at, shopper, message, mail, rule, fact FROM sends
              WHERE shopper IN ({MEMBERS}) AND state <> 'refused' ORDER BY at DESC, pos DESC LIMIT ?2"
        );
        let rows = self.db.rows(&query, values![reader.person, LETTERS])?;
        rows.iter()
            .map(|row| {
                Ok(LetterShown {
                    day: reader.day(Timestamp(row.int(0)?)),
                    subject: self
                        .subject_of(shop, row)?
                        .unwrap_or_else(|| row.maybe_text(3).unwrap_or_default().into()),
                    rule: row.text(4)?.to_owned(),
                    fact: row.text(5)?.to_owned(),
                })
            })
            .collect()
    }

    /// The subject of a kept message, or how a text begins; nothing when it is not kept any more.
    fn subject_of(&self, shop: &Shop, row: &Row) -> Result<Option<String>> {
        let Some(writer) = people::person(&self.db, &shop.keys, row.text(1)?)? else { return Ok(None) };
        let Some(sealed) = row.maybe_bytes(2).filter(|sealed| !sealed.is_empty()) else { return Ok(None) };
        let kept: Kept = serde_json::from_str(&writer.key.open(MESSAGE, sealed)?)?;
        Ok(Some(if kept.subject.is_empty() { beginning(&kept.text) } else { kept.subject }))
    }

    /// The day and the words of the permission to write on a channel, while it holds.
    fn allowed(&self, reader: &Reader<'_>, channel: Channel) -> Result<Option<(String, String)>> {
        let permission = marketing(channel);
        if consent::standing(&self.db, reader.person, permission)? != Some(Standing::Given) {
            return Ok(None);
        }
        let given = consent::links(&self.db, reader.person)?
            .into_iter()
            .map(|link| link.statement.receipt)
            .filter(|receipt| receipt.permission == permission && receipt.standing == Standing::Given)
            .max_by_key(|receipt| receipt.at);
        Ok(given.map(|receipt| (reader.day(receipt.at), receipt.wording)))
    }
}

/// The first words of a text.
fn beginning(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SHOWN).collect();
    let whole = cut.rsplit_once(char::is_whitespace).map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", whole.trim_end())
}
