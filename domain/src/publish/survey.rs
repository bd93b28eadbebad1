//! Surveys: questions with jumps by answer. Jumps lead forward only, so every survey ends.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::campaign::{View, When};
use super::files::Files;
use super::shop::word;
use crate::campaign::Campaign;
use crate::campaign::survey::{Jump, Kind, OTHER, Question, QuestionView, Survey, SurveyText, SurveyView};
use crate::facts::SIGNS;
use crate::id::Slug;
use crate::published::{Language, ShopConfig};

/// As the place of a question it is the end of the survey.
const END: &str = "end";
/// So many questions nobody answers.
const MOST_QUESTIONS: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SurveyFile {
    #[serde(rename = "kind")]
    _kind: String,
    show_as: Spanned<String>,
    when: When,
    question: Spanned<Vec<QuestionFile>>,
    text: BTreeMap<Language, SurveyText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    name: Spanned<Slug>,
    kind: Kind,
    options: Option<Spanned<Vec<Slug>>>,
    #[serde(default)]
    other: bool,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    jump: Vec<JumpFile>,
    then: Option<Spanned<String>>,
    alert: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    signs: BTreeMap<Spanned<String>, Spanned<Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JumpFile {
    after: Spanned<Vec<String>>,
    to: Spanned<String>,
}

/// Reads a campaign that is a survey.
pub fn read(
    files: &mut Files,
    shop: &ShopConfig,
    name: &Slug,
    path: &str,
) -> Option<(Campaign, BTreeMap<Language, View>)> {
    let file: SurveyFile = files.toml(path)?;
    word(files, path, &file.show_as, &[("popup", ())])?;
    let asked = file.question.get_ref();
    if asked.is_empty() || asked.len() > MOST_QUESTIONS {
        files.wrong_at(path, file.question.span(), format!("expected between one and {MOST_QUESTIONS} questions"));
        return None;
    }
    let names: Vec<&Slug> = asked.iter().map(|question| question.name.get_ref()).collect();
    let read = asked.iter().enumerate().map(|(place, said)| question(files, path, said, place, &names));
    let mut survey = Survey { questions: read.collect() };
    for (place, (question, said)) in survey.questions.iter().zip(asked).enumerate() {
        if names.iter().position(|name| **name == question.name) != Some(place) {
            files.wrong_at(path, said.name.span(), format!("another question is named {}, too", question.name));
        }
        let earlier = survey.questions.get(..place).unwrap_or_default();
        let leads_here = |from: &Question| from.then == place || from.jumps.iter().any(|jump| jump.to == place);
        if place > 0 && !earlier.iter().any(leads_here) {
            files.wrong_at(path, said.name.span(), "no answer leads to this question");
        }
    }
    let mut views = BTreeMap::new();
    for language in &shop.languages {
        let Some(text) = file.text.get(language) else {
            files.wrong(path, format!("[text.{language}] is missing"));
            continue;
        };
        let view = view(files, path, name, &survey, language, text);
        if shop.languages.first() == Some(language) {
            for (question, view) in survey.questions.iter_mut().zip(&view.questions) {
                question.title.clone_from(&view.text.title);
                question.labels = view.choices.iter().cloned().collect();
            }
        }
        views.insert(language.clone(), View::Survey(Box::new(view)));
    }
    Some((Campaign { survey: Some(survey), ..file.when.campaign(files, path, name, shop.currency)? }, views))
}

fn question(files: &mut Files, path: &str, said: &QuestionFile, place: usize, names: &[&Slug]) -> Question {
    let options = said.options.as_ref().map(|options| options.get_ref().clone()).unwrap_or_default();
    let chooses = matches!(said.kind, Kind::Single | Kind::Multiple);
    if chooses && options.len() < 2 - usize::from(said.other) {
        files.wrong_at(path, said.name.span(), "expected options to choose from, such as [\"price\", \"delivery\"]");
    }
    if !chooses && (said.options.is_some() || said.other) {
        files.wrong_at(path, said.name.span(), "only \"single\" and \"multiple\" have options");
    }
    if let Some(said) = &said.options {
        let twice = options.iter().enumerate().any(|(at, one)| options.iter().take(at).any(|other| other == one));
        if twice || options.iter().any(|option| option.as_str() == OTHER) {
            files.wrong_at(path, said.span(), "each option once; for \"other\" write other = true");
        }
    }
    let mut question = Question {
        name: said.name.get_ref().clone(),
        kind: said.kind,
        options,
        other: said.other,
        required: said.required,
        jumps: Vec::new(),
        then: place.saturating_add(1),
        title: String::new(),
        labels: BTreeMap::new(),
        alerts: Vec::new(),
        signs: BTreeMap::new(),
    };
    if let Some(then) = &said.then {
        question.then = target(files, path, then, place, names).unwrap_or(question.then);
    }
    for jump in &said.jump {
        let after = choices(files, path, &question, &jump.after);
        if let Some(to) = target(files, path, &jump.to, place, names) {
            question.jumps.push(Jump { after, to });
        }
    }
    if let Some(alert) = &said.alert {
        question.alerts = choices(files, path, &question, alert);
    }
    for (sign, of) in &said.signs {
        if !SIGNS.contains(&sign.get_ref().as_str()) {
            files.wrong_at(path, sign.span(), format!("expected a sign of unhappiness: {}", SIGNS.join(", ")));
        }
        let of = choices(files, path, &question, of);
        question.signs.insert(sign.get_ref().clone(), of);
    }
    question
}

/// The place of a later question.
fn target(files: &mut Files, path: &str, said: &Spanned<String>, place: usize, names: &[&Slug]) -> Option<usize> {
    if said.get_ref() == END {
        return Some(names.len());
    }
    let found = names.iter().position(|name| name.as_str() == said.get_ref());
    let found = found.filter(|found| *found > place);
    if found.is_none() {
        files.wrong_at(
            path,
            said.span(),
            format!("{:?} is no later question; expected one, or \"end\"", said.get_ref()),
        );
    }
    found
}

/// Choices as a file names them; of scales also as `0 to 6`.
fn choices(files: &mut Files, path: &str, question: &Question, said: &Spanned<Vec<String>>) -> Vec<String> {
    let possible = question.choices();
    let mut chosen = Vec::new();
    for text in said.get_ref() {
        let range = text.split_once(" to ").and_then(|(from, to)| Some(from.parse::<u8>().ok()?..=to.parse().ok()?));
        let named = range.map_or_else(|| vec![text.clone()], |range| range.map(|number| number.to_string()).collect());
        if named.is_empty() || named.iter().any(|choice| !possible.contains(choice)) {
            let expected =
                if possible.is_empty() { "nothing: it is answered in words".into() } else { possible.join(", ") };
            files.wrong_at(path, said.span(), format!("{text:?} cannot be chosen; expected {expected}"));
        }
        chosen.extend(named);
    }
    chosen
}

fn view(files: &mut Files, path: &str, name: &Slug, survey: &Survey, language: &str, text: &SurveyText) -> SurveyView {
    let end = survey.questions.len();
    let mut questions = Vec::new();
    for question in &survey.questions {
        let stem = format!("text.{language}.questions.{}", question.name);
        let said = text.questions.get(question.name.as_str()).cloned().unwrap_or_default();
        let mut need = |field: &str, text: &str| {
            if text.trim().is_empty() {
                files.wrong(path, format!("{stem}.{field} is missing"));
            }
            text.to_owned()
        };
        need("title", &said.title);
        if question.kind.scale().is_some() {
            need("low", &said.low);
            need("high", &said.high);
        }
        let mut choices = Vec::new();
        for choice in question.choices() {
            let words = match (question.kind.scale(), choice.as_str()) {
                (Some(_), number) => number.to_owned(),
                (None, OTHER) => text.other.clone(),
                (None, option) => said.options.get(option).cloned().unwrap_or_default(),
            };
            let words = need(&format!("options.{choice}"), &words);
            choices.push((choice, words));
        }
        let stray = said.options.keys().find(|option| !choices.iter().any(|(choice, _)| choice == *option));
        if let Some(stray) = stray {
            files.wrong(path, format!("{stem}.options.{stray}: there is no such option"));
        }
        questions.push(QuestionView {
            name: question.name.to_string(),
            kind: question.kind,
            choices,
            required: question.required,
            is_last: question.then == end && question.jumps.iter().all(|jump| jump.to == end),
            text: said,
        });
    }
    if let Some(stray) = text.questions.keys().find(|name| survey.question(name).is_none()) {
        files.wrong(path, format!("text.{language}.questions.{stray}: there is no such question"));
    }
    SurveyView { campaign: name.to_string(), questions, text: text.clone() }
}

#[cfg(test)]
mod tests;
