//! `/p/{shop}/{token}`: how somebody wants to be talked to, and why they were. It works without any
//! script, as all our pages do.

mod words;
mod zones;

use domain::consent::Channel;
use domain::id::hex;
use domain::message::months;
use domain::preference::{Entered, Frequency, Mistake, PauseWish, time_of_day};
use domain::published::direction;
use serde::Serialize;
use worker::url::form_urlencoded;
use worker::{Env, Response};

use self::words::Words;
use super::{STYLE, locate, rendered};
use crate::call::{self, ShardCall};
use crate::problem::{Rejected, Result};
use crate::secrets::random;
use crate::shard::answers::{LinkPage, PreferenceAnswer, PreferencePage};
use crate::shard::{Wish, query};
use crate::token::LinkKind;

const TEMPLATE: &str = include_str!("preferences.html");
/// What this page has beside the style of them all.
const PARTS: &str = include_str!("preferences.css");
/// The longest form, in bytes.
const MOST_BYTES: usize = 16 * 1024;

/// Something to choose.
#[derive(Serialize)]
struct Choice<'a> {
    value: String,
    label: String,
    chosen: bool,
    /// Of an option in another language: its tag.
    lang: &'a str,
}

impl<'a> Choice<'a> {
    fn new(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        Self { chosen: value == chosen, value, label: label.into(), lang: "" }
    }

    fn in_language(self, lang: &'a str) -> Self {
        Self { lang, ..self }
    }
}

/// Choices under a heading.
#[derive(Serialize)]
struct Group<'a> {
    label: &'a str,
    choices: Vec<Choice<'a>>,
}

/// A way to write to somebody, with its switch.
#[derive(Serialize)]
struct Switch<'a> {
    name: &'a str,
    label: &'a str,
    wording: &'a str,
    on: bool,
    was: bool,
    asked: bool,
}

/// A field that needs another look.
#[derive(Serialize)]
struct Complaint {
    field: &'static str,
    says: &'static str,
}

/// A letter and why it was written.
#[derive(Serialize)]
struct Letter<'a> {
    day: &'a str,
    subject: &'a str,
    because: &'a str,
}

/// What the template shows.
#[derive(Serialize)]
struct View<'a> {
    lang: &'a str,
    dir: &'a str,
    words: &'a Words,
    page: &'a PreferencePage,
    path: String,
    home: String,
    heading: String,
    lead: String,
    done: Option<&'a str>,
    complaints: Vec<Complaint>,
    switches: Vec<Switch<'a>>,
    topics: Vec<Choice<'a>>,
    frequencies: Vec<Choice<'a>>,
    quiet_from: Vec<Choice<'a>>,
    quiet_until: Vec<Choice<'a>>,
    pauses: Vec<Choice<'a>>,
    languages: Vec<Choice<'a>>,
    days: Vec<Choice<'a>>,
    months: Vec<Choice<'a>>,
    zone_home: Choice<'a>,
    zones: Vec<Group<'a>>,
    why_allowed: Option<(String, &'a str)>,
    letters: Vec<Letter<'a>>,
    style: &'a str,
    parts: &'a str,
    nonce: String,
}

/// The words in which we ask for a channel where the shop has none of its own.
pub fn wording(channel: Channel, language: &str) -> &'static str {
    let words = words::of(language);
    if channel == Channel::Sms { words.sms_wording } else { words.email_wording }
}

/// `GET`: the page as things stand.
pub async fn preferences(env: &Env, url: &str, key: &str, token: &str) -> Result<Response> {
    let answer = ask(env, key, token, None).await?;
    let done = query(url, "done").unwrap_or_default();
    match answer {
        PreferenceAnswer::Page(page) => show(&page, &path(key, token), done),
        PreferenceAnswer::Ended(page) => show_end(&page, done),
        _ => see(key, token, ""),
    }
}

/// `POST`: keeps what was entered and leads back to the page, so that neither reloading nor going back
/// sends it again. What needs another look is shown at once, with everything as it was entered.
pub async fn save_preferences(env: &Env, key: &str, token: &str, body: &str) -> Result<Response> {
    if body.len() > MOST_BYTES {
        let detail = format!("{} bytes; at most {MOST_BYTES} are read", body.len());
        return Err(Rejected::new(413, "The form is too long", detail).into());
    }
    let entered = Entered::read(form_urlencoded::parse(body.as_bytes()));
    match ask(env, key, token, Some(Box::new(entered))).await? {
        PreferenceAnswer::Page(page) => show(&page, &path(key, token), ""),
        PreferenceAnswer::Saved => see(key, token, "?done=saved"),
        PreferenceAnswer::Stopped => see(key, token, "?done=stopped"),
        PreferenceAnswer::Asked(Wish::Export) => see(key, token, "?done=export"),
        PreferenceAnswer::Asked(Wish::Erase) => see(key, token, "?done=erase"),
        PreferenceAnswer::Ended(page) => show_end(&page, ""),
    }
}

/// In place of the page, where its link has ended.
fn show_end(page: &LinkPage, done: &str) -> Result<Response> {
    let words = super::words::of(&page.language);
    let (title, body) = match done {
        "stopped" => (words.stop_all.stopped, words.stopped_body),
        _ => (words.ended_title, words.ended_body),
    };
    super::show(page, title, body, None, Some(words.back))
}

async fn ask(env: &Env, key: &str, token: &str, entered: Option<Box<Entered>>) -> Result<PreferenceAnswer> {
    let (shop, link, object) = locate(env, key, token, LinkKind::Preferences).await?;
    call::shard_patiently(env, &shop, object, &ShardCall::Preferences { link: link.as_text(), entered }).await
}

/// Both were proven to be ours by then: they hold nothing that could be taken for markup.
fn path(key: &str, token: &str) -> String {
    format!("/p/{key}/{token}")
}

fn see(key: &str, token: &str, done: &str) -> Result<Response> {
    Ok(Response::builder()
        .with_status(303)
        .with_header("location", &format!("{}{done}", path(key, token)))?
        .with_header("cache-control", "no-store")?
        .with_header("referrer-policy", "no-referrer")?
        .fixed(Vec::new()))
}

fn show(page: &PreferencePage, path: &str, done: &str) -> Result<Response> {
    let words = words::of(&page.language);
    let entered = &page.entered;
    let mut complaints: Vec<Complaint> = Vec::new();
    for mistake in &page.mistakes {
        complaints.push(Complaint { field: mistake.field(), says: words.complaint(*mistake) });
    }
    let nonce = hex(&random::<12>()?);
    let view = View {
        lang: words.language,
        dir: direction(words.language),
        words,
        page,
        path: path.to_owned(),
        home: format!("{}#rapport=known", page.url),
        heading: match &page.given_name {
            Some(name) => words.hello_name.replace("{name}", name),
            None => words.hello.to_owned(),
        },
        lead: words.lead.replace("{address}", &format!("\u{2068}{}\u{2069}", page.address)),
        done: match done {
            "saved" => Some(words.saved),
            "stopped" => Some(words.stopped),
            "export" => Some(words.asked_export),
            "erase" => Some(words.asked_erase),
            _ => None,
        },
        switches: switches(page, words),
        topics: topics(page),
        frequencies: choices(Frequency::ALL.map(Frequency::as_str), words.frequencies, &entered.frequency),
        quiet_from: hours(words, &entered.quiet_from),
        quiet_until: hours(words, &entered.quiet_until),
        pauses: pauses(page, words),
        languages: page
            .languages
            .iter()
            .map(|tag| Choice::new(tag, words::own_name(tag), &entered.language).in_language(tag))
            .collect(),
        days: numbered(words.day, (1..=31).map(|day| day.to_string()), &entered.day),
        months: match months(words.language) {
            Some(names) => numbered(words.month, names.iter().map(|name| (*name).to_owned()), &entered.month),
            None => numbered(words.month, (1..=12).map(|month| month.to_string()), &entered.month),
        },
        zone_home: Choice::new(
            "",
            words.zone_home.replace("{zone}", zones::cities(&page.home_zone, words.language)),
            &entered.zone,
        ),
        zones: zones_of(page, words),
        why_allowed: page.allowed.as_ref().map(|(day, wording)| {
            let says = if wording.is_empty() { words.why_allowed_once } else { words.why_allowed };
            (says.replace("{day}", day), wording.as_str())
        }),
        letters: page
            .letters
            .iter()
            .map(|letter| Letter {
                day: &letter.day,
                subject: &letter.subject,
                because: words.because(&letter.rule).unwrap_or(&letter.fact),
            })
            .collect(),
        complaints,
        style: STYLE,
        parts: PARTS,
        nonce: nonce.clone(),
    };
    let status = if page.mistakes.is_empty() { 200 } else { 422 };
    rendered("preferences.html", TEMPLATE, &view, &nonce, status)
}

fn switches<'a>(page: &'a PreferencePage, words: &'a Words) -> Vec<Switch<'a>> {
    let mistaken = !page.mistakes.is_empty();
    let switch = |channel: &'a crate::shard::answers::ChannelShown| {
        let (label, ours) =
            if channel.name == "sms" { (words.sms, words.sms_wording) } else { (words.email, words.email_wording) };
        Switch {
            name: &channel.name,
            label,
            wording: channel.wording.as_deref().unwrap_or(ours),
            on: if mistaken { page.entered.channel.contains(&channel.name) } else { channel.on },
            was: if mistaken { page.entered.was.contains(&channel.name) } else { channel.on },
            asked: channel.asked,
        }
    };
    page.channels.iter().map(switch).collect()
}

fn topics(page: &PreferencePage) -> Vec<Choice<'_>> {
    let topic = |(name, title): &(String, String)| Choice {
        value: name.clone(),
        label: title.clone(),
        chosen: page.entered.topic.contains(name),
        lang: "",
    };
    page.topics.iter().map(topic).collect()
}

fn choices<'a, const N: usize>(values: [&str; N], labels: [&str; N], chosen: &str) -> Vec<Choice<'a>> {
    values.into_iter().zip(labels).map(|(value, label)| Choice::new(value, label, chosen)).collect()
}

/// Full hours, and the time that somebody has chosen beside them.
fn hours<'a>(words: &Words, chosen: &str) -> Vec<Choice<'a>> {
    let mut hours: Vec<String> = (0..24).map(|hour| time_of_day(hour * 60)).collect();
    let is_time = |text: &str| text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit() || b == b':');
    if is_time(chosen) && !hours.iter().any(|hour| hour == chosen) {
        hours.push(chosen.to_owned());
        hours.sort();
    }
    let none = Choice::new("", words.quiet_none, chosen);
    core::iter::once(none).chain(hours.into_iter().map(|hour| Choice::new(hour.clone(), hour, chosen))).collect()
}

fn pauses<'a>(page: &PreferencePage, words: &Words) -> Vec<Choice<'a>> {
    let chosen = page.entered.pause.as_str();
    let mut pauses = vec![Choice::new("", words.pause_none, chosen)];
    if let Some(day) = &page.paused_until {
        pauses.push(Choice::new("keep", words.pause_keep.replace("{day}", day), chosen));
    }
    pauses.extend(choices(PauseWish::SPANS.map(|(word, _)| word), words.pauses, chosen));
    pauses
}

/// Choices by number, from 1, after one for nothing.
fn numbered<'a>(nothing: &str, labels: impl Iterator<Item = String>, chosen: &str) -> Vec<Choice<'a>> {
    let numbered = labels.zip(1..).map(|(label, n): (_, u8)| Choice::new(n.to_string(), label, chosen));
    core::iter::once(Choice::new("", nothing, chosen)).chain(numbered).collect()
}

fn zones_of<'a>(page: &'a PreferencePage, words: &Words) -> Vec<Group<'a>> {
    let chosen = page.entered.zone.as_str();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for area in zones::AREAS {
        let zones = area.zones.iter().map(|place| Choice::new(place.0, place.within(words.language), chosen));
        groups.push(Group { label: area.within(words.language), choices: zones.collect() });
    }
    let offered = groups.iter().any(|group| group.choices.iter().any(|choice| choice.chosen));
    if !offered && !chosen.is_empty() && !page.mistakes.contains(&Mistake::Zone) {
        groups.push(Group { label: "…", choices: vec![Choice::new(chosen, chosen, chosen)] });
    }
    groups
}
