//! Surveys: questions, one after the other, of which the next depends on the answer.
//!
//! An answer is a set of choices, and perhaps words. A choice is an option's name, [`OTHER`], or a number of a scale,
//! written as text: so jumps, alerts and signs ask the same of every kind of question.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::Slug;

/// The choice that is none of the options, and says in words what it is.
pub const OTHER: &str = "other";

/// The longest words of an answer, in characters.
pub const LONGEST: usize = 1_000;

/// What a survey asks, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The first one is asked first.
    pub questions: Vec<Question>,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its name among the survey's.
    pub name: Slug,
    /// How it is answered.
    pub kind: Kind,
    /// What there is to choose from, in order; nothing for scales and words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Slug>,
    /// There is [`OTHER`], too.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub other: bool,
    /// It cannot be left out.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub required: bool,
    /// Where it goes on after some answers: the first that fits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jumps: Vec<Jump>,
    /// Where it goes on after all others: the place of a later question, or how many there are, which is the end.
    pub then: usize,
    /// The question as the merchant reads it, in the first of the shop's languages.
    #[serde(default)]
    pub title: String,
    /// What can be chosen, likewise: the choice and the words for it.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Choices that the merchant is told of at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<String>,
    /// Choices that are signs of unhappiness, by sign ([`crate::facts::SIGNS`]).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signs: BTreeMap<String, Vec<String>>,
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// By one of the options.
    Single,
    /// By any of them.
    Multiple,
    /// From 1 to 5.
    Rating,
    /// How likely somebody is to recommend the shop, from 0 to 10 (Net Promoter Score).
    Nps,
    /// In words.
    Text,
}

/// Where it goes on after some answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jump {
    /// Any of these choices.
    pub after: Vec<String>,
    /// The place of a later question, or how many there are, which is the end.
    pub to: usize,
}

impl Kind {
    /// The scale, from its least to its most.
    pub fn scale(self) -> Option<core::ops::RangeInclusive<u8>> {
        match self {
            Self::Rating => Some(1..=5),
            Self::Nps => Some(0..=10),
            Self::Single | Self::Multiple | Self::Text => None,
        }
    }
}

impl Question {
    /// Everything that can be chosen, in order.
    pub fn choices(&self) -> Vec<String> {
        let scale = self.kind.scale().into_iter().flatten().map(|number| number.to_string());
        let options = self.options.iter().map(|option| option.as_str().to_owned());
        scale.chain(options).chain(self.other.then(|| OTHER.to_owned())).collect()
    }

    /// The place of the question that follows an answer; how many there are at the end.
    pub fn next(&self, chosen: &[String]) -> usize {
        self.jumps.iter().find(|jump| any(&jump.after, chosen)).map_or(self.then, |jump| jump.to)
    }

    /// Whether the merchant is told of an answer at once.
    pub fn alerts(&self, chosen: &[String]) -> bool {
        any(&self.alerts, chosen)
    }

    /// Which sign of unhappiness an answer is.
    pub fn sign(&self, chosen: &[String]) -> Option<&str> {
        self.signs.iter().find(|(_, of)| any(of, chosen)).map(|(sign, _)| sign.as_str())
    }
}

fn any(of: &[String], chosen: &[String]) -> bool {
    of.iter().any(|choice| chosen.contains(choice))
}

impl Survey {
    /// A question by its name.
    pub fn question(&self, name: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.name.as_str() == name)
    }

    /// What the page goes by: for each question its jumps, and where it goes on else.
    pub fn ways(&self) -> Vec<Ways> {
        let way = |jump: &Jump| (jump.after.clone(), jump.to);
        let of = |question: &Question| {
            Ways(question.name.to_string(), question.jumps.iter().map(way).collect(), question.then)
        };
        self.questions.iter().map(of).collect()
    }
}

/// A question's name, its jumps (after any of these choices, to which place) and where it goes on else: in JSON
/// `["why", [[["price"], 2]], 1]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways(pub String, pub Vec<(Vec<String>, usize)>, pub usize);

/// A survey in one language: what its markup is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyView {
    /// The campaign's name; also the stem of the ids in its markup.
    pub campaign: String,
    /// Its questions.
    pub questions: Vec<QuestionView>,
    /// The words around them.
    pub text: SurveyText,
}

/// A question in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionView {
    /// Its name among the survey's.
    pub name: String,
    /// How it is answered.
    pub kind: Kind,
    /// What can be chosen, with the words for it; [`OTHER`] is the last.
    pub choices: Vec<(String, String)>,
    /// It cannot be left out.
    pub required: bool,
    /// No other question follows it.
    pub is_last: bool,
    /// Its words.
    pub text: QuestionText,
}

/// The words of a question in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct QuestionText {
    /// The question itself.
    pub title: String,
    /// What may be said before it is answered; may be empty.
    pub body: String,
    /// The options, by name.
    pub options: BTreeMap<String, String>,
    /// Example inside the empty field for words; may be empty.
    pub placeholder: String,
    /// What the least of a scale means.
    pub low: String,
    /// What its most means.
    pub high: String,
}

/// The words around the questions in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SurveyText {
    /// Name of the closing button.
    pub close: String,
    /// The button that goes on to another question.
    pub next: String,
    /// The button after which there is no other.
    pub send: String,
    /// Leaves a question out.
    pub skip: String,
    /// What is chosen by whoever finds no option of theirs; empty where no question has it.
    #[serde(default)]
    pub other: String,
    /// Nothing was chosen, and something has to be.
    pub error_required: String,
    /// The answer could not be sent.
    pub error_network: String,
    /// Headline of the thanks.
    pub done_title: String,
    /// What becomes of the answers.
    pub done_body: String,
    /// The questions' own, by name.
    pub questions: BTreeMap<String, QuestionText>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(name: &str, kind: Kind, then: usize) -> Question {
        Question {
            name: name.parse().unwrap(),
            kind,
            options: Vec::new(),
            other: false,
            required: false,
            jumps: Vec::new(),
            then,
            title: String::new(),
            labels: BTreeMap::new(),
            alerts: Vec::new(),
            signs: BTreeMap::new(),
        }
    }

    fn chosen(choices: &[&str]) -> Vec<String> {
        choices.iter().map(|choice| (*choice).to_owned()).collect()
    }

    #[test]
    fn scales_and_options_are_chosen_alike() {
        assert_eq!(question("stars", Kind::Rating, 1).choices(), chosen(&["1", "2", "3", "4", "5"]));
        assert_eq!(question("nps", Kind::Nps, 1).choices().len(), 11);
        assert_eq!(question("words", Kind::Text, 1).choices(), chosen(&[]));
        let options = vec!["price".parse().unwrap(), "trust".parse().unwrap()];
        let why = Question { options, other: true, ..question("why", Kind::Single, 1) };
        assert_eq!(why.choices(), chosen(&["price", "trust", OTHER]));
    }

    #[test]
    fn the_first_jump_that_fits_is_taken_and_nothing_chosen_fits_none() {
        let jumps =
            vec![Jump { after: chosen(&["trust"]), to: 3 }, Jump { after: chosen(&["price", "delivery"]), to: 2 }];
        let why = Question { jumps, ..question("why", Kind::Multiple, 1) };
        assert_eq!(why.next(&chosen(&["delivery", "trust"])), 3);
        assert_eq!(why.next(&chosen(&["delivery"])), 2);
        assert_eq!(why.next(&chosen(&["range"])), 1);
        assert_eq!(why.next(&[]), 1);
    }

    #[test]
    fn an_answer_can_alarm_and_be_a_sign() {
        let signs = BTreeMap::from([("damaged trust".to_owned(), chosen(&["trust"]))]);
        let why = Question { alerts: chosen(&["trust"]), signs, ..question("why", Kind::Single, 1) };
        assert!(why.alerts(&chosen(&["trust"])) && !why.alerts(&chosen(&["price"])) && !why.alerts(&[]));
        assert_eq!((why.sign(&chosen(&["trust"])), why.sign(&chosen(&["price"]))), (Some("damaged trust"), None));
    }

    #[test]
    fn ways_are_short_in_json() {
        let jumps = vec![Jump { after: chosen(&["price"]), to: 2 }];
        let survey = Survey {
            questions: vec![Question { jumps, ..question("why", Kind::Single, 1) }, question("more", Kind::Text, 2)],
        };
        let json = serde_json::to_string(&survey.ways()).unwrap();
        assert_eq!(json, r#"[["why",[[["price"],2]],1],["more",[],2]]"#);
    }
}
