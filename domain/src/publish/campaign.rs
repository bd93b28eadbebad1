//! Campaigns: when and to whom, the same for all of them, and what each shows.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::audience::{Asked, AudienceText};
use super::files::Files;
use super::shop::{limit, parsed, word};
use super::{form, survey};
use crate::campaign::survey::SurveyView;
use crate::campaign::view::FormView;
use crate::campaign::{Campaign, Glob, Trigger, Visitors};
use crate::id::Slug;
use crate::money::Currency;
use crate::published::{Language, ShopConfig};
use crate::time::Span;

/// A campaign in one language.
#[derive(Clone, Debug)]
pub enum View {
    /// A form.
    Form(Box<FormView>),
    /// A survey.
    Survey(Box<SurveyView>),
}

#[derive(Deserialize)]
struct CampaignFile {
    kind: Spanned<String>,
}

/// When a campaign is shown, and to whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    triggers: Spanned<Vec<String>>,
    pages: Option<Vec<Glob>>,
    not_pages: Option<Vec<Glob>>,
    visitors: Spanned<String>,
    again_after: Spanned<String>,
    #[serde(default)]
    banner_from_search: bool,
    #[serde(default)]
    priority: i32,
    #[serde(default)]
    most: Vec<Spanned<String>>,
    audience: Option<Spanned<AudienceText>>,
}

/// So often at most can be counted: browsers remember no more ([`When::most`]).
const MOST: u16 = 20;

#[derive(Clone, Copy)]
enum Kind {
    Form,
    Survey,
}

/// Reads `campaigns/NAME.toml`.
pub fn read(
    files: &mut Files,
    shop: &ShopConfig,
    name: &Slug,
    path: &str,
) -> Option<(Campaign, BTreeMap<Language, View>)> {
    let file: CampaignFile = files.toml(path)?;
    match word(files, path, &file.kind, &[("form", Kind::Form), ("survey", Kind::Survey)])? {
        Kind::Form => form::read(files, shop, name, path),
        Kind::Survey => survey::read(files, shop, name, path),
    }
}

impl When {
    /// Something that is clicked on waits for it.
    pub fn is_for_clicks(&self) -> bool {
        self.triggers.get_ref().iter().any(|trigger| trigger.starts_with("click "))
    }

    /// A campaign that is shown at these times; nothing yet.
    pub fn campaign(self, files: &mut Files, path: &str, name: &Slug, currency: Option<Currency>) -> Option<Campaign> {
        let said = self.triggers.get_ref();
        let triggers: Vec<Trigger> =
            said.iter().filter_map(|text| trigger(files, path, text, self.triggers.span())).collect();
        if said.is_empty() {
            files.wrong_at(path, self.triggers.span(), "a campaign without a trigger is never shown");
        }
        Some(Campaign {
            name: name.clone(),
            triggers,
            pages: self.pages.unwrap_or_else(|| vec![Glob("/*".into())]),
            not_pages: self.not_pages.unwrap_or_default(),
            visitors: word(files, path, &self.visitors, &[("all", Visitors::All), ("unknown", Visitors::Unknown)])?,
            audience: match &self.audience {
                Some(text) => Some(Asked { files, path, currency }.audience(text)?),
                None => None,
            },
            again_after: parsed(files, path, &self.again_after)?,
            most: limits(files, path, &self.most),
            priority: self.priority,
            banner_from_search: self.banner_from_search,
            form: None,
            survey: None,
        })
    }
}

/// How often, each such as "2 in 7 days".
pub fn limits(files: &mut Files, path: &str, said: &[Spanned<String>]) -> Vec<(u16, Span)> {
    said.iter().filter_map(|text| limit(files, path, text, "", MOST, "1 in 1 day")).collect()
}

fn trigger(files: &mut Files, file: &str, text: &str, span: std::ops::Range<usize>) -> Option<Trigger> {
    let read = match text.split_once(' ') {
        None if text == "exit" => Some(Trigger::Exit),
        Some(("click", selector)) if !selector.trim().is_empty() => Some(Trigger::Click(selector.trim().to_owned())),
        Some(("said", name)) if !name.trim().is_empty() => Some(Trigger::Said(name.trim().to_owned())),
        Some(("after", span)) => span.parse().ok().map(Trigger::After),
        Some(("scroll", percent)) => percent
            .strip_suffix('%')
            .and_then(|n| n.trim().parse().ok())
            .filter(|n| (1..=100).contains(n))
            .map(Trigger::Scrolled),
        _ => None,
    };
    if read.is_none() {
        files.wrong_at(
            file,
            span,
            format!(
                "{text:?} is no trigger; expected \"after 2s\", \"scroll 50%\", \"exit\", \"click .selector\" or \"said event\""
            ),
        );
    }
    read
}
