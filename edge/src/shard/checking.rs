//! Checking a code for the shop's checkout: asked at the shop's ear, answered by what the object knows that
//! issued it.

use domain::address::Email;
use domain::event::field_at_fault;
use domain::hook::{self, Source};
use domain::identity::NameKind;
use domain::money::{Currency, Money};
use domain::offer::Codes;
use domain::offer::check::{Holder, Judgement, Known, judge};
use domain::time::Timestamp;
use domain::why::Why;
use domain::zone::Zone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::codes::{issuer, lookup};
use super::hearing::{refusal, secrets_of};
use super::joining::{MEMBERS, Whereabouts, busy, whereabouts};
use super::limits::Counted;
use super::{Shard, Shop};
use crate::call::{self, ShardCall, ShopCall};
use crate::clock::real_now;
use crate::problem::{Error, Rejected, Result};
use crate::sql::values;

/// The longest code that is looked for.
const LONGEST_CODE: usize = 64;

/// A signed question, as it came in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckRequest {
    /// The header with the signature.
    pub signature: Option<String>,
    /// The bytes that were signed.
    pub body: String,
    /// A hash of the sender's network address, for limits; kept in memory only.
    pub sender: Option<u64>,
}

/// Body of `POST /v1/shops/{shop}/codes/check`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The code as it was typed; capitals do not matter.
    code: String,
    /// The buyer's address: needed for codes that are good only for whom they were given to.
    #[serde(default)]
    email: Option<String>,
    /// The shop's own id for the buyer; it serves as well.
    #[serde(default)]
    customer: Option<String>,
    /// The order's currency (ISO 4217), with `total`.
    #[serde(default)]
    currency: Option<String>,
    /// What the goods cost before the discount, as a decimal such as `19.90`.
    #[serde(default)]
    total: Option<String>,
}

/// Whether a code is good.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CheckAnswer {
    /// It is good now.
    pub valid: bool,
    /// Percent off; 0 where it is not good.
    pub percent: u8,
    /// The last moment at which it is good, in milliseconds since 1970; nothing where it does not end.
    #[schemars(with = "Option<i64>")]
    pub ends: Option<Timestamp>,
    /// What comes off `total`, such as `1.99 EUR`; nothing where no total was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off: Option<String>,
    /// The rule and the fact that it saw, in words.
    pub why: Reason,
}

/// A rule and what it saw.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Its name; of a code `good`, `used`, `ended`, `personal` or `unknown`.
    pub rule: String,
    /// What the rule saw.
    pub fact: String,
}

impl From<&Why> for Reason {
    fn from(why: &Why) -> Self {
        Self { rule: why.rule().to_owned(), fact: why.fact().to_owned() }
    }
}

/// Names of whoever asks, as keyed hashes in hex.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Asking {
    email: Option<String>,
    customer: Option<String>,
}

/// What an object knows of a code that it issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    offer: String,
    percent: u8,
    ends: Option<Timestamp>,
    shown: Option<Timestamp>,
    used: bool,
    /// Whoever asks is whom it was issued to.
    theirs: bool,
}

impl Shard {
    /// Answers a signed question. Nothing is looked for before the signature holds.
    pub(super) async fn check_code(&self, request: &CheckRequest) -> Result<CheckAnswer> {
        let (shop, now) = (self.shop()?, self.now());
        self.signed_by_shop(&shop, request)?;
        let question = read(&request.body)?;
        let total = total_of(&question)?;
        let asking = asking(&shop, &question)?;
        let known = self.find_code(&shop, &lookup(&question.code), asking).await?;
        let judged = judge(known.as_ref(), now);
        Ok(answer(&judged, total))
    }

    fn signed_by_shop(&self, shop: &Shop, request: &CheckRequest) -> Result<()> {
        let secrets = secrets_of(shop, Source::Generic)?;
        let mut headers: Vec<(String, String)> = Vec::new();
        headers.extend(request.signature.clone().map(|signature| ("Rapport-Signature".to_owned(), signature)));
        if let Some(sender) = request.sender {
            let detail = "too many requests from this network address were not signed rightly";
            let taken = self.limits.borrow_mut().take(Counted::Unsigned, sender, 1, real_now());
            taken.map_err(|wait| Rejected::too_many(detail, wait))?;
        }
        hook::verify(Source::Generic, &headers, request.body.as_bytes(), &secrets, real_now())
            .map_err(|refused| Error::from(refusal(refused)))?;
        if let Some(sender) = request.sender {
            self.limits.borrow_mut().give_back(Counted::Unsigned, sender);
        }
        Ok(())
    }

    /// What is known of a code, wherever it was issued.
    async fn find_code(&self, shop: &Shop, code: &str, asking: Asking) -> Result<Option<Known>> {
        let offers = || shop.config.iter().flat_map(|config| &config.offers);
        let shared = offers().find(|offer| matches!(&offer.codes, Codes::Shared { code: own } if lookup(own) == *code));
        if let Some(offer) = shared {
            return Ok(Some(Known::shared(offer)));
        }
        let mut seen = self.see_code_here_or_there(code, &asking).await?;
        if let (None, Some(object)) = (&seen, issuer(shop.placement, code).filter(|object| *object != shop.object)) {
            seen = self.see_code_at(shop, object, code, &asking).await?;
        }
        if seen.is_none() && shop.placement.objects() > 1 && self.forms(shop)?.pools {
            let asked = ShopCall::WhoHas { code: code.to_owned() };
            if let Some(object) = call::shop::<Option<u16>>(&self.env, &shop.key, &asked).await? {
                seen = self.see_code_at(shop, object, code, &asking).await?;
            }
        }
        let Some(Seen { offer, percent, ends, shown, used, theirs }) = seen else { return Ok(None) };
        let personal = offers().any(|known| known.name.as_str() == offer && known.personal);
        let holder = match (personal, theirs) {
            (false, _) => Holder::Anybody,
            (true, true) => Holder::They,
            (true, false) => Holder::SomebodyElse,
        };
        Ok(Some(Known { percent, ends, shown, used, holder }))
    }

    async fn see_code_at(&self, shop: &Shop, object: u16, code: &str, asking: &Asking) -> Result<Option<Seen>> {
        if object == shop.object {
            return Ok(None);
        }
        self.ask(object, &ShardCall::SeeCode { code: code.to_owned(), asking: asking.clone() }).await
    }

    /// What is known of a code that was issued here, to somebody who may live elsewhere by now: there all that
    /// orders tell of it comes together.
    pub(super) async fn see_code_here_or_there(&self, code: &str, asking: &Asking) -> Result<Option<Seen>> {
        let shop = self.shop()?;
        let query = "SELECT offer, percent, ends, used, shopper, zone FROM codes WHERE code = ?";
        let Some(row) = self.db.row(query, values![code])? else { return Ok(None) };
        let theirs = match whereabouts(&self.db, row.text(4)?)? {
            Whereabouts::Here(person) => self.is_person(&person, asking)?,
            // Whoever has moved went to somebody older, so this comes to an end.
            Whereabouts::Moved(into) => {
                let call = ShardCall::SeeCode { code: code.to_owned(), asking: asking.clone() };
                return self.ask(shop.placement.object_of(into.home()), &call).await;
            }
            Whereabouts::Frozen => return Err(busy().into()),
            Whereabouts::Unknown => false,
        };
        let ends = row.maybe_int(2).map(Timestamp);
        let zone: Option<Zone> = row.maybe_text(5).and_then(|text| text.parse().ok());
        Ok(Some(Seen {
            offer: row.text(0)?.to_owned(),
            percent: u8::try_from(row.int(1)?).unwrap_or_default(),
            ends,
            shown: ends.map(|ends| zone.map_or(ends, |zone| zone.shown(ends))),
            used: row.maybe_int(3).is_some(),
            theirs,
        }))
    }

    fn is_person(&self, person: &str, asking: &Asking) -> Result<bool> {
        let has = |table: &str, column: &str, hash: &Option<String>| {
            let Some(hash) = hash else { return Ok(false) };
            let query = format!("SELECT 1 FROM {table} WHERE shopper IN ({MEMBERS}) AND {column} = unhex(?2)");
            Ok::<_, Error>(self.db.row(&query, values![person, hash.as_str()])?.is_some())
        };
        Ok(has("addresses", "hash", &asking.email)? || has("customers", "customer", &asking.customer)?)
    }
}

fn read(body: &str) -> Result<Question> {
    let mut reader = serde_json::Deserializer::from_str(body);
    let question: Question = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let said = error.inner().to_string();
        Error::from(Rejected::field(&field_at_fault(&error.path().to_string(), &said), said))
    })?;
    let length = question.code.trim().len();
    if length == 0 || length > LONGEST_CODE {
        return Err(Rejected::field("code", format!("expected a code of 1 to {LONGEST_CODE} characters")).into());
    }
    Ok(question)
}

fn asking(shop: &Shop, question: &Question) -> Result<Asking> {
    let name = |kind: NameKind, text: &str| domain::id::hex(&shop.keys.name(kind.as_str(), text));
    let email = question.email.as_deref().map(str::parse::<Email>).transpose();
    let email = email.map_err(|error| Rejected::field("email", error.to_string()))?;
    let customer = question.customer.as_deref().map(str::trim).filter(|id| !id.is_empty());
    if customer.is_some_and(|id| id.len() > 200) {
        return Err(Rejected::field("customer", "expected the shop's id for the buyer, at most 200 bytes").into());
    }
    Ok(Asking {
        email: email.map(|email| name(NameKind::Email, email.as_str())),
        customer: customer.map(|id| name(NameKind::Customer, id)),
    })
}

fn total_of(question: &Question) -> Result<Option<Money>> {
    let currency = question.currency.as_deref().map(str::parse::<Currency>).transpose();
    let currency = currency.map_err(|error| Rejected::field("currency", error.to_string()))?;
    match (currency, &question.total) {
        (_, None) => Ok(None),
        (None, Some(_)) => Err(Rejected::field("currency", "missing; a total needs one, such as EUR").into()),
        (Some(currency), Some(total)) => {
            let money = Money::exact(total.trim(), currency);
            let money = money.map_err(|error| Rejected::field("total", error.to_string()))?;
            if money.minor < 0 {
                return Err(Rejected::field("total", "expected an amount of zero or more").into());
            }
            Ok(Some(money))
        }
    }
}

fn answer(judged: &Judgement, total: Option<Money>) -> CheckAnswer {
    let off = total.map(|total| {
        // Halves are rounded in the buyer's favour.
        let minor = (i128::from(total.minor) * i128::from(judged.percent()) + 50) / 100;
        Money { minor: i64::try_from(minor).unwrap_or(i64::MAX), ..total }.to_string()
    });
    CheckAnswer {
        valid: judged.is_valid(),
        percent: judged.percent(),
        ends: judged.ends(),
        off,
        why: judged.why().into(),
    }
}
