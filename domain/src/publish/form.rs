//! Forms: what a campaign asks for that wants an address, and in which words.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::campaign::{View, When};
use super::files::Files;
use super::shop::{pointer, word};
use crate::campaign::view::{AskView, FormText, FormView};
use crate::campaign::{Campaign, Field, Form, Reveal};
use crate::consent::{Channel, Permission, Purpose};
use crate::id::Slug;
use crate::offer::Codes;
use crate::published::{Language, ShopConfig};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormFile {
    #[serde(rename = "kind")]
    _kind: String,
    show_as: Spanned<String>,
    offer: Option<Spanned<String>>,
    reveal: Option<Spanned<String>>,
    journey: Option<Spanned<String>>,
    confirm_mail: Spanned<String>,
    when: When,
    #[serde(default)]
    ask: Vec<Ask>,
    #[serde(default)]
    step: Vec<FormStep>,
    text: BTreeMap<Language, FormText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    channel: Channel,
    purpose: Purpose,
    wording: Spanned<BTreeMap<Language, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormStep {
    fields: Spanned<Vec<String>>,
}

/// Reads a campaign that is a form.
pub fn read(
    files: &mut Files,
    shop: &ShopConfig,
    name: &Slug,
    path: &str,
) -> Option<(Campaign, BTreeMap<Language, View>)> {
    let file: FormFile = files.toml(path)?;
    word(files, path, &file.show_as, &[("popup", ())])?;
    let at_once = match &file.reveal {
        Some(text) => word(files, path, text, &[("at once", Reveal::AtOnce), ("confirmed", Reveal::Confirmed)])?,
        None => Reveal::Confirmed,
    };
    let offer = match &file.offer {
        Some(text) => Some(pointer(files, path, text, "offers", &|slug| shop.offers.iter().any(|o| o.name == *slug))?),
        None => None,
    };
    if let Some(journey) = &file.journey {
        let how = format!(
            "a campaign begins no journey: write entry = {{ event = \"address.confirmed\", campaign = \"{name}\" }} into journeys/{}.toml",
            journey.get_ref()
        );
        files.wrong_at(path, journey.span(), how);
    }
    if let (Some(text), Reveal::AtOnce, Some(name)) = (&file.reveal, at_once, &offer)
        && shop.offers.iter().any(|known| known.name == *name && matches!(known.codes, Codes::Pool(_)))
    {
        let message = "a pool's codes are for proven addresses, or anybody could empty it; expected \"confirmed\"";
        files.wrong_at(path, text.span(), message);
    }
    let confirm_mail = pointer(files, path, &file.confirm_mail, "mails", &|slug| shop.mails.contains_key(slug))?;
    if let Some(shows) = shop.mails.get(&confirm_mail).and_then(|mail| mail.shows) {
        let wrong = format!(
            "it shows the {}, and who is asked to confirm an address is asked about nothing else",
            shows.as_str()
        );
        files.wrong_at(path, file.confirm_mail.span(), wrong);
    }

    let mut steps = Vec::new();
    for step in &file.step {
        let field = |text: &String| Field::ALL.into_iter().find(|field| field.as_str() == text);
        let fields: Vec<Field> = step.fields.get_ref().iter().filter_map(field).collect();
        if fields.len() != step.fields.get_ref().len() || fields.is_empty() {
            files.wrong_at(path, step.fields.span(), "expected fields among \"given_name\" and \"birthday\"");
        }
        steps.push(fields);
    }
    let mut views = BTreeMap::new();
    for language in &shop.languages {
        let Some(text) = file.text.get(language) else {
            files.wrong(path, format!("[text.{language}] is missing"));
            continue;
        };
        let mut asks = Vec::new();
        for ask in &file.ask {
            match ask.wording.get_ref().get(language) {
                Some(wording) => asks.push(AskView {
                    permission: Permission { channel: ask.channel, purpose: ask.purpose },
                    wording: wording.clone(),
                }),
                None => files.wrong_at(path, ask.wording.span(), format!("wording.{language} is missing")),
            }
        }
        let view = FormView {
            campaign: name.as_str().to_owned(),
            asks,
            steps: steps.clone(),
            privacy: shop.privacy.clone(),
            reveals_at_once: at_once == Reveal::AtOnce,
            before_click: file.when.is_for_clicks(),
            text: text.clone(),
        };
        views.insert(language.clone(), View::Form(Box::new(view)));
    }
    let form = Form {
        asks: file.ask.iter().map(|ask| Permission { channel: ask.channel, purpose: ask.purpose }).collect(),
        steps,
        offer,
        reveal: at_once,
        confirm_mail,
        journey: None,
    };
    Some((Campaign { form: Some(form), ..file.when.campaign(files, path, name, shop.currency)? }, views))
}
