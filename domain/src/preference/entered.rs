//! The preference page's form: as it was entered, what is wrong with it, what it says.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Frequency, Preferences, Quiet};
use crate::consent::Channel;
use crate::form::Birthday;
use crate::id::Slug;
use crate::published::Language;
use crate::time::{Span, Timestamp};
use crate::zone::Zone;

/// The fields as they were entered, so that they can be shown again when one needs another look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Preferences"))]
pub struct Entered {
    /// `stop` takes the permission for every channel back and leaves everything else as it is;
    /// empty saves the rest of the form.
    pub act: String,
    /// The channels that are on: `email`, `sms`; once for each.
    pub channel: BTreeSet<String>,
    /// The channels that were on when the page was shown. Only what differs from it is a wish, so
    /// that a page that was left open does not take back what was said elsewhere since.
    pub was: BTreeSet<String>,
    /// The topics that are ticked; once for each.
    pub topic: BTreeSet<String>,
    /// The topics that the page showed; others stay as they are.
    pub shown: BTreeSet<String>,
    /// `any`, `week` or `month`.
    pub frequency: String,
    /// When quiet hours begin, `22:00`; empty for none.
    pub quiet_from: String,
    /// When they end.
    pub quiet_until: String,
    /// Empty for no pause, `keep` for the one there is, `2w`, `1m` or `3m` for one from now on.
    pub pause: String,
    /// Not empty where the page showed a pause. Where it showed none, an empty `pause` ends none that was
    /// begun elsewhere since.
    pub paused: String,
    /// One of the shop's languages.
    pub language: String,
    /// Birthday: the day of the month; empty together with the month for none.
    pub day: String,
    /// Birthday: the month, 1 to 12.
    pub month: String,
    /// Birthday: the year, which may be left out.
    pub year: String,
    /// An IANA time zone; empty for the shop's.
    pub zone: String,
    /// The published version whose words stood on the page.
    pub version: String,
}

/// The longest value that is kept, in characters.
const MOST_CHARS: usize = 48;
/// The most values of one name.
const MOST_VALUES: usize = 64;

/// A field that needs another look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mistake {
    /// Not one of the ways to do something.
    Act,
    /// Not one of the channels.
    Channel,
    /// Not a topic's name.
    Topic,
    /// Not one of the three.
    Frequency,
    /// Not times of day.
    Quiet,
    /// One of the two times is missing.
    QuietHalf,
    /// They end when they begin.
    QuietSame,
    /// Not one of the spans.
    Pause,
    /// Not one of the shop's languages.
    Language,
    /// A day that is in no calendar.
    Birthday,
    /// Not a time zone.
    Zone,
}

impl Mistake {
    /// The field at fault, by the name of its part of the page.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Channel => "channel",
            Self::Topic => "topic",
            Self::Frequency => "frequency",
            Self::Quiet | Self::QuietHalf | Self::QuietSame => "quiet",
            Self::Pause => "pause",
            Self::Language => "language",
            Self::Birthday => "birthday",
            Self::Zone => "zone",
        }
    }
}

/// How a pause is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseWish {
    /// None.
    None,
    /// The one that there is.
    Keep,
    /// One from now on.
    For(Span),
}

impl PauseWish {
    /// The words of the form for pauses from now on.
    pub const SPANS: [(&'static str, Span); 3] =
        [("2w", Span::days(14)), ("1m", Span::days(30)), ("3m", Span::days(91))];
}

/// What the form says, once nothing is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Channels to turn on.
    pub on: Vec<Channel>,
    /// Channels to turn off.
    pub off: Vec<Channel>,
    /// Topics that are wanted.
    pub wanted: BTreeSet<Slug>,
    /// Topics that are not.
    pub unwanted: BTreeSet<Slug>,
    /// How often.
    pub frequency: Frequency,
    /// At which hours not.
    pub quiet: Option<Quiet>,
    /// A pause.
    pub pause: PauseWish,
    /// In which language.
    pub language: Language,
    /// The birthday; nothing where they would rather not say.
    pub birthday: Option<Birthday>,
    /// Where their clock stands.
    pub zone: Option<Zone>,
}

impl Entered {
    /// Reads names and values. The last of a name counts, except where there is one for each tick;
    /// unknown names and what is too long are left out.
    pub fn read<N: AsRef<str>, V: AsRef<str>>(pairs: impl Iterator<Item = (N, V)>) -> Self {
        let mut entered = Self::default();
        for (name, value) in pairs {
            // What cannot be shown stays wrong, and can be shown.
            let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
            let value: String = value.as_ref().trim().chars().take(MOST_CHARS).map(visible).collect();
            let many = |set: &mut BTreeSet<String>, value| {
                if set.len() < MOST_VALUES {
                    set.insert(value);
                }
            };
            match name.as_ref() {
                "act" => entered.act = value,
                "channel" => many(&mut entered.channel, value),
                "was" => many(&mut entered.was, value),
                "topic" => many(&mut entered.topic, value),
                "shown" => many(&mut entered.shown, value),
                "frequency" => entered.frequency = value,
                "quiet_from" => entered.quiet_from = value,
                "quiet_until" => entered.quiet_until = value,
                "pause" => entered.pause = value,
                "paused" => entered.paused = value,
                "language" => entered.language = value,
                "day" => entered.day = value,
                "month" => entered.month = value,
                "year" => entered.year = value,
                "zone" => entered.zone = value,
                "version" => entered.version = value,
                _ => {}
            }
        }
        entered
    }

    /// The fields as the page shows them to somebody with these wishes.
    pub fn of(preferences: &Preferences, language: &str, birthday: Option<Birthday>, now: Timestamp) -> Self {
        let paused = preferences.paused_until.is_some_and(|until| until > now);
        let birthday = |part: fn(Birthday) -> Option<u16>| {
            birthday.and_then(part).map(|number| number.to_string()).unwrap_or_default()
        };
        let quiet = |end: fn(Quiet) -> u16| preferences.quiet.map(|quiet| time_of_day(end(quiet))).unwrap_or_default();
        Self {
            frequency: preferences.frequency.as_str().into(),
            quiet_from: quiet(Quiet::from),
            quiet_until: quiet(Quiet::until),
            pause: if paused { "keep".into() } else { String::new() },
            paused: if paused { "yes".into() } else { String::new() },
            language: language.to_owned(),
            day: birthday(|day| Some(day.day().into())),
            month: birthday(|day| Some(day.month().into())),
            year: birthday(Birthday::year),
            zone: preferences.zone.as_ref().map(ToString::to_string).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// What the form says, or everything that is wrong with it. Nothing said about how often or in
    /// which language leaves that open: the first of each counts.
    pub fn check(&self, languages: &[Language]) -> Result<Said, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut or = |read: Option<()>, mistake| {
            if read.is_none() {
                mistakes.push(mistake);
            }
        };
        let (channels, was) = (channels(&self.channel), channels(&self.was));
        or(channels.as_ref().and(was.as_ref()).map(drop), Mistake::Channel);
        let (ticked, shown) = (slugs(&self.topic), slugs(&self.shown));
        or(ticked.as_ref().and(shown.as_ref()).map(drop), Mistake::Topic);
        let frequency = match self.frequency.as_str() {
            "" => Some(Frequency::Any),
            text => Frequency::ALL.into_iter().find(|frequency| frequency.as_str() == text),
        };
        or(frequency.map(drop), Mistake::Frequency);
        let quiet = match (self.quiet_from.as_str(), self.quiet_until.as_str()) {
            ("", "") => Ok(None),
            ("", _) | (_, "") => Err(Mistake::QuietHalf),
            (from, until) => match (minutes(from), minutes(until)) {
                (Some(from), Some(until)) => Quiet::new(from, until).map(Some).ok_or(Mistake::QuietSame),
                _ => Err(Mistake::Quiet),
            },
        };
        if let Err(mistake) = quiet {
            or(None, mistake);
        }
        let pause = match self.pause.as_str() {
            "" if !self.paused.is_empty() => Some(PauseWish::None),
            "" | "keep" => Some(PauseWish::Keep),
            text => PauseWish::SPANS.iter().find(|(word, _)| *word == text).map(|(_, span)| PauseWish::For(*span)),
        };
        or(pause.map(drop), Mistake::Pause);
        let language = match self.language.as_str() {
            "" => languages.first(),
            text => languages.iter().find(|language| *language == text),
        };
        or(language.map(drop), Mistake::Language);
        let birthday = self.birthday();
        or(birthday.map(drop), Mistake::Birthday);
        let zone = match self.zone.as_str() {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        };
        or(zone.as_ref().map(drop), Mistake::Zone);
        if !["", "stop"].contains(&self.act.as_str()) {
            or(None, Mistake::Act);
        }

        match (channels, was, ticked, shown, frequency, quiet, pause, language, birthday, zone) {
            (
                Some(now),
                Some(was),
                Some(ticked),
                Some(shown),
                Some(frequency),
                Ok(quiet),
                Some(pause),
                Some(language),
                Some(birthday),
                Some(zone),
            ) if mistakes.is_empty() => Ok(Said {
                on: now.difference(&was).copied().collect(),
                off: was.difference(&now).copied().collect(),
                unwanted: shown.difference(&ticked).cloned().collect(),
                wanted: ticked,
                frequency,
                quiet,
                pause,
                language: language.clone(),
                birthday,
                zone,
            }),
            _ => Err(mistakes),
        }
    }

    /// The birthday; nothing where it is none, nothing within where it is left out.
    #[allow(clippy::option_option)] // there is none to keep, and none can be read
    fn birthday(&self) -> Option<Option<Birthday>> {
        let number = |text: &str| -> Option<u16> {
            (text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
        };
        match (self.day.as_str(), self.month.as_str(), self.year.as_str()) {
            ("", "", "") => Some(None),
            (day, month, year) => {
                let year = if year.is_empty() { None } else { Some(number(year)?) };
                let (month, day) = (u8::try_from(number(month)?).ok()?, u8::try_from(number(day)?).ok()?);
                Birthday::new(year, month, day).map(Some)
            }
        }
    }
}

impl Said {
    /// What holds from now on for somebody of whom `before` held.
    pub fn over(&self, before: &Preferences, now: Timestamp) -> Preferences {
        let kept = before.topics_off.difference(&self.wanted).cloned();
        Preferences {
            topics_off: kept.chain(self.unwanted.iter().cloned()).collect(),
            frequency: self.frequency,
            quiet: self.quiet,
            paused_until: match self.pause {
                PauseWish::None => None,
                PauseWish::Keep => before.paused_until.filter(|until| *until > now),
                PauseWish::For(span) => Some(now + span),
            },
            zone: self.zone.clone(),
        }
    }
}

/// A time of day as forms have it: `22:00`.
pub fn time_of_day(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, below: u16| -> Option<u16> {
        let plain = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse().ok())?.filter(|number| *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

fn channels(names: &BTreeSet<String>) -> Option<BTreeSet<Channel>> {
    let channel = |name: &String| [Channel::Email, Channel::Sms].into_iter().find(|channel| channel.as_str() == name);
    names.iter().map(channel).collect()
}

fn slugs(names: &BTreeSet<String>) -> Option<BTreeSet<Slug>> {
    names.iter().map(|name| name.parse().ok()).collect()
}

#[cfg(test)]
mod tests;
