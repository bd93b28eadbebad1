//! Taking a form in: the address becomes somebody's, permissions are asked for, a mail that proves
//! the address becomes due. Nothing that was said is believed before that proof.

use domain::campaign::{Form, Reveal};
use domain::consent::{Channel, Receipt, Standing};
use domain::id::{ShopperId, Slug, hex};
use domain::identity::NameKind;
use domain::offer::Offer;
use domain::place::Bucket;
use domain::published::ShopConfig;
use domain::signup::{Signs, is_flood};
use domain::time::{Span, Timestamp};
use domain::why::Why;

use super::answers::FormAnswer;
use super::consent;
use super::doubt::needed_work;
use super::ingest::allowed_origin;
use super::jobs::{self, Job, MailJob};
use super::joining::{self, Whereabouts, keeper, whereabouts};
use super::ledger::{self, What};
use super::limits::Counted;
use super::names::{self, Hash};
use super::people::{self, Profile};
use super::{Shard, Shop, links};
use crate::call::{self, ShardCall, Submission};
use crate::problem::{Error, Rejected, Result};
use crate::sql::{Value, values};
use crate::token::LinkKind;

/// How long a confirmation link lasts.
const LINK_LASTS: Span = Span::days(7);
/// The most confirmation mails to one address in a day: somebody may be typing in strangers'.
const MOST_QUESTIONS_A_DAY: i64 = 4;

/// A form's address, whose it is, and the name under which the form is kept.
struct Owned {
    shopper: String,
    hash: Hash,
    form: Hash,
}

/// The name under which a form is kept: sent again it has the same, and another one where the address was
/// corrected meanwhile.
fn id_of(shop: &Shop, form: &Submission, address: &Hash) -> Hash {
    shop.keys.name("form", &format!("{}:{}", form.id, hex(address)))
}

impl Shard {
    /// Takes a form in, or hands it on to the shard whose address it names.
    pub(super) async fn submit_here_or_there(&self, mut form: Box<Submission>) -> Result<FormAnswer> {
        if form.step == 0 {
            self.take_time(&form).await;
        }
        let shop = self.shop()?;
        // A form of the shop's own making may not say which version it was drawn from.
        if form.version.is_empty() {
            shop.version.clone_into(&mut form.version);
        }
        let hash = shop.keys.name(NameKind::Email.as_str(), form.email.as_str());
        let named_at = shop.placement.object_of(Bucket::of_hash(&hash));
        let owner = match form.shopper {
            None if named_at == shop.object => names::owner(&self.db, hash)?,
            owner => owner,
        };
        // Where the address is named, and where its owner lives if that is elsewhere.
        let object = match owner {
            None if named_at == shop.object => return self.submit(&form, hash, None),
            None => named_at,
            Some(owner) => match whereabouts(&self.db, &owner.to_string())? {
                Whereabouts::Here(_) => return self.submit(&form, hash, Some(owner)),
                Whereabouts::Frozen => return Err(joining::busy().into()),
                Whereabouts::Moved(into) => shop.placement.object_of(into.home()),
                // Erased a moment ago: the address is not anybody's any more as soon as its object has heard.
                Whereabouts::Unknown if shop.placement.object_of(owner.home()) == shop.object => {
                    return Err(joining::busy().into());
                }
                Whereabouts::Unknown => shop.placement.object_of(owner.home()),
            },
        };
        form.shopper = owner;
        call::shard(&self.env, &shop.key, object, &ShardCall::Submit(form)).await
    }

    /// Takes a form in. Sent twice with the same id and address, it counts once.
    fn submit(&self, form: &Submission, hash: Hash, owner: Option<ShopperId>) -> Result<FormAnswer> {
        let shop = self.shop()?;
        let now = self.now();
        allowed_origin(&shop, form.origin.as_deref())?;
        let config = shop.live()?;
        let campaign = config.campaigns.iter().find(|campaign| campaign.name.as_str() == form.campaign);
        let asked = campaign.and_then(|campaign| campaign.form.as_ref()).ok_or_else(|| Rejected {
            field: Some("campaign".into()),
            ..Rejected::not_found("no form of this shop has that name")
        })?;

        let id = id_of(&shop, form, &hash);
        if let Some(row) = self.db.row("SELECT answer FROM submissions WHERE id = ?", values![id.to_vec()])?
            && form.step == 0
        {
            return Ok(serde_json::from_str(row.text(0)?)?);
        }
        let asks = form.step == 0 && !form.trapped;
        let signs = if asks { self.signs(form, now)? } else { Signs::default() };
        if let Some(work) = needed_work(&shop, form, &signs, now) {
            return Ok(FormAnswer::in_doubt(work));
        }
        // From here on something is written.
        self.limits
            .borrow_mut()
            .take(Counted::Forms, form.sender, 1, now)
            .map_err(|wait| Rejected::too_many("too many forms from this network address", wait))?;
        if form.trapped {
            // A program filled in a field that people do not see. It learns nothing.
            let why = Why::new("trap", "a hidden field was filled in");
            ledger::decided(&self.db, now, "", What::Skip, asked.confirm_mail.as_str(), &why)?;
            return Ok(FormAnswer::done());
        }
        if form.step > 0 {
            return self.add_to_submission(&shop, form, id).map(|()| FormAnswer::done());
        }

        let language = config.language(&form.language).to_owned();
        let shopper = match owner {
            Some(owner) => owner,
            None => names::newcomer(&self.db, &shop.keys, &form.email, hash, &language, now)?,
        };
        let named = Owned { shopper: shopper.to_string(), hash, form: id };
        let mut answer = FormAnswer::done();
        if asked.reveal == Reveal::AtOnce {
            // Never one that the address has already: whoever types it in may be somebody else.
            let issue = |offer| Ok::<_, Error>(self.issue_new(&shop, config, &named.shopper, offer, None, now)?.code);
            answer.code = offer_of(config, asked).map(issue).transpose()?;
        }
        self.keep_submission(&shop, form, &named, &language, &answer, now)?;
        self.ask_permissions(&shop, asked, form, &named, &language, now)?;
        self.ask_to_confirm(&shop, asked, form, &named, is_flood(&signs), now)?;
        ledger::note(
            &self.db,
            now,
            &named.shopper,
            form.visitor,
            "address.given",
            &serde_json::json!({ "campaign": form.campaign, "version": form.version }),
        )?;
        self.report_later(now)?;
        Ok(answer)
    }

    fn keep_submission(
        &self,
        shop: &Shop,
        form: &Submission,
        owned: &Owned,
        language: &str,
        answer: &FormAnswer,
        now: Timestamp,
    ) -> Result<()> {
        let profile = Profile { given_name: form.given_name.clone(), birthday: form.birthday };
        let sealed = match people::person(&self.db, &shop.keys, &owned.shopper)? {
            Some(person) => person.seal_profile(&profile)?,
            None => Value::Null,
        };
        let asked: Vec<String> = form.allow.iter().map(ToString::to_string).collect();
        self.db.run(
            "INSERT INTO submissions (id, shopper, campaign, version, at, page, language, asked, visitor, profile, answer)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values![
                owned.form.to_vec(),
                owned.shopper.as_str(),
                form.campaign.as_str(),
                form.version.as_str(),
                now.0,
                form.page.as_str(),
                language,
                serde_json::to_string(&asked)?,
                form.visitor.map_or(Value::Null, |visitor| visitor.0.as_bytes().to_vec().into()),
                sealed,
                serde_json::to_string(answer)?,
            ],
        )
    }

    /// Further steps add to what was sent first; like all of it, they wait for the address's proof.
    fn add_to_submission(&self, shop: &Shop, form: &Submission, id: Hash) -> Result<()> {
        let id = id.to_vec();
        let Some(row) = self.db.row("SELECT shopper, profile FROM submissions WHERE id = ?", values![id.clone()])?
        else {
            return Err(Rejected::field("id", "no form with this id was sent before; begin with the address").into());
        };
        let Some(person) = people::person(&self.db, &shop.keys, row.text(0)?)? else { return Ok(()) };
        let said = match row.maybe_bytes(1) {
            Some(sealed) => person.open_profile(sealed)?,
            None => Profile::default(),
        };
        let profile = said.overlay(Profile { given_name: form.given_name.clone(), birthday: form.birthday });
        self.db.run(
            "UPDATE submissions SET profile = ? WHERE id = ?",
            values![person.seal_profile(&profile)?, id.clone()],
        )?;
        // Somebody who has confirmed meanwhile is believed at once.
        let proven =
            self.db.number("SELECT count(*) FROM links WHERE submission = ? AND used IS NOT NULL", values![id])? > 0;
        if proven {
            let merged = person.profile.clone().overlay(profile);
            person.keep_profile(&self.db, &merged)?;
            if let Some(keeper) = keeper(&self.db, row.text(0)?)? {
                self.look_again(&keeper)?;
            }
        }
        Ok(())
    }

    /// Writes the receipts of what was ticked. What concerns the device counts at once: whoever sits
    /// before it has said so. What concerns an address waits for its proof.
    fn ask_permissions(
        &self,
        shop: &Shop,
        asked: &Form,
        form: &Submission,
        owned: &Owned,
        language: &str,
        now: Timestamp,
    ) -> Result<()> {
        // The words that were read: a page may have been open while another version was published. A
        // version nobody here knows proves no words.
        let seen = self.config(shop, &form.version).ok();
        let campaign = form.campaign.parse::<Slug>().ok();
        let wordings = seen.as_ref().and_then(|config| config.wordings.get(campaign.as_ref()?)?.get(language));
        for permission in form.allow.iter().filter(|permission| asked.asks.contains(permission)) {
            let wording =
                wordings.into_iter().flatten().find(|ask| ask.permission == *permission).map(|ask| ask.wording.clone());
            let standing = if permission.channel == Channel::Device { Standing::Given } else { Standing::Asked };
            let receipt = Receipt {
                permission: *permission,
                standing,
                at: now,
                wording: wording.unwrap_or_default(),
                version: form.version.clone(),
                page: form.page.clone(),
                method: format!("form {}", form.campaign),
            };
            consent::record(&self.db, &owned.shopper, consent::in_person(receipt, None))?;
        }
        Ok(())
    }

    /// Makes the mail due that asks whether this is the right address.
    fn ask_to_confirm(
        &self,
        shop: &Shop,
        asked: &Form,
        form: &Submission,
        owned: &Owned,
        flood: bool,
        now: Timestamp,
    ) -> Result<()> {
        let mail = asked.confirm_mail.clone();
        let asked = self.db.number(
            "SELECT count(*) FROM links WHERE address = ? AND kind = 'confirm' AND made > ?",
            values![owned.hash.to_vec(), (now + Span::days(-1)).0],
        )?;
        if asked >= MOST_QUESTIONS_A_DAY {
            let why = Why::new("address limit", format!("{asked} questions within a day"));
            return ledger::decided(&self.db, now, &owned.shopper, What::Skip, mail.as_str(), &why);
        }
        let ends = now + LINK_LASTS;
        let new = links::New {
            kind: LinkKind::Confirm,
            shopper: &owned.shopper,
            address: &owned.hash,
            submission: Some(owned.form.to_vec()),
            ends,
        };
        let link = links::make(&self.db, new, now)?;
        let job = MailJob::with_link(mail, &shop.version, &link);
        let due = if flood {
            let why = Why::new("flood", "hundreds of questions of the last hour are open; it is asked later");
            ledger::decided(&self.db, now, &owned.shopper, What::Defer, job.mail.as_str(), &why)?;
            now + Span::hours(1)
        } else {
            now
        };
        let key = format!("confirm:{}:{}", form.id, hex(owned.form.first_chunk::<4>().unwrap_or(&[0; 4])));
        jobs::add(&self.db, &Job::mail(key, due, &owned.shopper, Some(ends), job))
    }
}

/// The offer that a form promises, where it does.
pub fn offer_of<'a>(config: &'a ShopConfig, form: &Form) -> Option<&'a Offer> {
    config.offer(form.offer.as_ref()?.as_str())
}
