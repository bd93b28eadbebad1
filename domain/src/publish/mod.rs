//! From a shop's text files to what is published.
//!
//! Everything a merchant says is text that can be reviewed, versioned and tested. [`compile`] checks
//! all of it before anything is published and names the file and line of whatever is wrong.

mod audience;
mod calendar;
mod campaign;
mod files;
mod form;
pub mod journey;
mod mail;
mod offer;
mod sample;
pub mod shelf;
mod shop;
mod survey;
mod text;

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use self::campaign::View;
use crate::campaign::plan::{self, SEARCH_REFERRER};
use crate::campaign::survey::SurveyView;
use crate::campaign::view::{Brain, FormView, Theme};
use crate::id::hex;
use crate::message::escape;
use crate::published::{LanguageFile, LoaderTexts, Planned, Release, direction};

/// Something wrong in a shop's texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the shop's folder.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong and what is expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for Problem {}

/// How campaigns become markup: the widget's own components, which `domain` does not know.
pub trait Markup {
    /// Contents of a form's dialog before any wasm is there.
    fn first_step(&self, form: &FormView) -> String;
    /// Contents of a survey's dialog: all of its cards, of which the first is to be seen.
    fn survey(&self, survey: &SurveyView) -> String;
    /// Style of everything inside the shadow root.
    fn stylesheet(&self, theme: &Theme) -> Result<String, String>;
}

/// Compiles a shop's folder: paths relative to it, with their texts.
pub fn compile(sources: BTreeMap<String, String>, markup: &dyn Markup) -> Result<Release, Vec<Problem>> {
    let shop = shop::read(&sources)?;
    let css = markup.stylesheet(&shop.theme).map_err(|message| {
        vec![Problem { file: "shop.toml".into(), line: files::line_of(&sources, "shop.toml", "[theme]"), message }]
    })?;

    // The version is the hash of what the merchant wrote, the markup and the style: the same texts
    // published twice are the same version.
    let mut hash = Sha256::new();
    for (path, text) in &sources {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.update(css.as_bytes());
    let mut rendered = BTreeMap::new();
    for (language, views) in &shop.views {
        let html: Vec<String> = views.iter().map(|view| standing(view, language, markup)).collect();
        for html in &html {
            hash.update(html.as_bytes());
        }
        rendered.insert(language.clone(), html);
    }
    let version = short(&hash.finalize());

    let mut files = BTreeMap::new();
    let mut keep = |bytes: &[u8]| {
        let name = short(&Sha256::digest(bytes));
        files.insert(name.clone(), STANDARD.encode(bytes));
        name
    };
    let mut languages = BTreeMap::new();
    for (language, views) in &shop.views {
        let forms = views
            .iter()
            .filter_map(|view| if let View::Form(form) = view { Some(FormView::clone(form)) } else { None });
        let forms: Vec<FormView> = forms.collect();
        let texts = forms.first().map(loader_texts).unwrap_or_default();
        let own = |view: &View| match view {
            View::Form(form) => Some(loader_texts(form)).filter(|own| *own != texts),
            View::Survey(_) => None,
        };
        let own: Vec<Option<LoaderTexts>> = views.iter().map(own).collect();
        let asks_birthday = forms.iter().any(FormView::asks_birthday);
        let calendar = if asks_birthday { calendar::words(language).map_err(|e| internal(&e))? } else { None };
        let brain = Brain { v: Brain::VERSION, version: version.clone(), forms, calendar };
        let brain = keep(&brain.write().map_err(|e| internal(&e))?);
        let plan = plan::wake_plan(&shop.config.campaigns)
            .into_iter()
            .zip(rendered.remove(language).unwrap_or_default())
            .zip(own)
            .map(|((wake, html), texts)| Planned { wake, html, texts })
            .collect();
        let file = LanguageFile {
            v: 1,
            version: version.clone(),
            lang: language.clone(),
            consent: shop.consent,
            brain,
            shelves: match shelf::brain(&shop.config.shelves, &version, language) {
                Some(brain) => Some(keep(&brain.write().map_err(|e| internal(&e))?)),
                None => None,
            },
            css: css.clone(),
            search: SEARCH_REFERRER.to_owned(),
            texts,
            most: shop.config.shown.clone(),
            plan,
        };
        languages.insert(language.clone(), keep(&serde_json::to_vec(&file).map_err(|e| internal(&e))?));
    }
    Ok(Release { v: 1, version, sources, files, languages, config: shop.config })
}

/// What stands on a page: the dialog with the card inside, named after its headline, and the small tab that
/// opens it again.
fn standing(view: &View, language: &str, markup: &dyn Markup) -> String {
    let (campaign, cards, tab) = match view {
        View::Form(form) => {
            let tab = format!("<button class=rp-tab>{}</button>", escape(&form.text.tab));
            (&form.campaign, markup.first_step(form), tab)
        }
        // Whoever closes a survey does not want to be asked.
        View::Survey(survey) => (&survey.campaign, markup.survey(survey), String::new()),
    };
    let direction = direction(language);
    format!(
        "<dialog data-campaign={campaign} aria-labelledby=rp-{campaign}-title lang={language} dir={direction}>\
         {cards}</dialog>{tab}"
    )
}

fn loader_texts(form: &FormView) -> LoaderTexts {
    let text = form.text.clone();
    LoaderTexts {
        required: text.error_required,
        invalid: text.error_invalid,
        typo: text.error_typo,
        network: text.error_network,
        sending: text.sending,
    }
}

fn internal(error: &dyn fmt::Display) -> Vec<Problem> {
    vec![Problem { file: String::new(), line: None, message: format!("could not be written: {error}") }]
}

/// The first sixteen hex digits of a hash: a name that never means anything else.
fn short(hash: &[u8]) -> String {
    hex(hash.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests;
