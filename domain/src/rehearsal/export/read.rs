//! Reading the lines, with the line and the field of what is wrong.

use core::fmt;

use serde::Deserialize;

use super::VERSION;
use super::lines::{ConsentLine, Counts, End, EventLine, Head, PersonLine};
use crate::consent::{Channel, Permission, Purpose};
use crate::facts::{Kind, log};
use crate::home::Who;
use crate::money::Currency;
use crate::rehearsal::{News, Person, What};
use crate::time::Timestamp;

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The line, from 1.
    pub line: u64,
    /// The field of it; empty for the line as a whole.
    pub field: String,
    /// What is wrong, and what is expected.
    pub detail: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.detail)
    }
}

impl core::error::Error for Broken {}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The first line.
    Head,
    /// Somebody.
    Person,
    /// An event.
    Event,
    /// A word about a permission.
    Consent,
    /// The last line.
    End,
}

/// What a line is, by its first field.
pub fn sort(line: &[u8]) -> Option<Sort> {
    let sorts: [(&[u8], Sort); 5] = [
        (b"event", Sort::Event),
        (b"person", Sort::Person),
        (b"consent", Sort::Consent),
        (b"end", Sort::End),
        (b"export", Sort::Head),
    ];
    let line = line.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?;
    let is = |name: &[u8]| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(b"\""));
    sorts.into_iter().find(|(name, _)| is(name)).map(|(_, sort)| sort)
}

/// The first moment that no line may name: the year 2100.
const LATEST: Timestamp = Timestamp(4_102_444_800_000);

/// Reads the head.
///
/// # Errors
/// What is wrong with the first line.
pub fn head(line: &str) -> Result<Head, Broken> {
    if sort(line.as_bytes()) != Some(Sort::Head) {
        return Err(wrong(1, "", "expected the head of an export: {\"export\":1,\"shop\":…"));
    }
    let head: Head = parse(line, 1)?;
    if head.export != VERSION {
        return Err(wrong(1, "export", format!("it is version {}; expected {VERSION}", head.export)));
    }
    plausible(head.until, "until", 1)?;
    Ok(head)
}

/// Reads people out of whole lines of an export, without the head, from a person's line on.
pub struct People<'a> {
    lines: core::iter::Peekable<core::str::Lines<'a>>,
    line: u64,
    currency: Option<Currency>,
    counts: Counts,
    end: Option<Counts>,
}

impl<'a> People<'a> {
    /// Reads `text`, whose first line is the `line`th of the file.
    pub fn of(text: &'a str, line: u64, currency: Option<Currency>) -> Self {
        Self { lines: text.lines().peekable(), line, currency, counts: Counts::default(), end: None }
    }

    /// What was read so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// What the last line says there is, if it was read.
    pub const fn end(&self) -> Option<Counts> {
        self.end
    }

    fn next_person(&mut self) -> Result<Option<Person>, Broken> {
        let mut person: Option<Person> = None;
        while let Some(line) = self.lines.peek().copied() {
            let sort = sort(line.as_bytes());
            if person.is_some() && matches!(sort, Some(Sort::Person | Sort::End)) {
                break;
            }
            self.lines.next();
            let number = self.line;
            self.line += 1;
            if line.trim().is_empty() {
                continue;
            }
            if self.end.is_some() {
                return Err(wrong(number, "", "nothing is expected after the end"));
            }
            match (sort, &mut person) {
                (Some(Sort::Person), _) => person = Some(somebody(parse(line, number)?, number)?),
                (Some(Sort::End), _) => self.end = Some(parse::<End>(line, number)?.end),
                (Some(Sort::Event), Some(person)) => {
                    self.counts.events += 1;
                    person.news.extend(event(&parse(line, number)?, number, self.currency)?);
                }
                (Some(Sort::Consent), Some(person)) => person.news.extend(word(&parse(line, number)?, number)?),
                (Some(Sort::Event | Sort::Consent), None) => {
                    return Err(wrong(number, "", "expected a person's line before what is about them"));
                }
                (Some(Sort::Head), _) => return Err(wrong(number, "export", "the head is expected once, at first")),
                (None, _) => {
                    return Err(wrong(
                        number,
                        "",
                        "expected an object whose first field is \"person\", \"event\", \"consent\" or \"end\"",
                    ));
                }
            }
        }
        if let Some(person) = &mut person {
            self.counts.people += 1;
            // Stable: of two that came at once the first one stays first.
            person.news.sort_by_key(|news| news.at);
        }
        Ok(person)
    }
}

impl Iterator for People<'_> {
    type Item = Result<Person, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_person().transpose()
    }
}

fn somebody(line: PersonLine, number: u64) -> Result<Person, Broken> {
    let since = line.preferences_at.unwrap_or_default();
    plausible(since, "preferences_at", number)?;
    let who = Who {
        seed: line.person.0.as_u64_pair().1,
        country: line.country,
        of_number: line.numbers,
        language: line.language,
        birthday: line.birthday,
        reach: line.reach,
        wishes: line.preferences.map(|preferences| (since, preferences)),
    };
    Ok(Person { id: line.person, who, news: Vec::new() })
}

fn event(line: &EventLine<'_>, number: u64, currency: Option<Currency>) -> Result<Option<News>, Broken> {
    plausible(line.at, "at", number)?;
    let at = line.received.unwrap_or(line.at);
    plausible(at, "received", number)?;
    let data = line.data.get();
    if !data.starts_with('{') {
        return Err(wrong(number, "data", "expected an object"));
    }
    let Some(happened) = log::read(&line.kind, data, line.event, line.at, currency) else { return Ok(None) };
    let what = match happened.kind {
        // The rehearsal makes its own.
        Kind::MessageAccepted | Kind::MessageUnknown | Kind::MessageRefused => return Ok(None),
        Kind::TagAdded | Kind::TagRemoved | Kind::CodeIssued if of_a_run(data) => return Ok(None),
        Kind::CodeIssued => match happened.about.subject.parse() {
            Ok(offer) => What::Code(offer),
            Err(_) => return Ok(None),
        },
        _ => What::Happened(happened),
    };
    Ok(Some(News { at, what }))
}

/// A journey did it.
fn of_a_run(data: &str) -> bool {
    #[derive(Deserialize)]
    struct Made {
        run: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_str(data).is_ok_and(|made: Made| made.run.is_some())
}

fn word(line: &ConsentLine, number: u64) -> Result<Option<News>, Broken> {
    plausible(line.at, "at", number)?;
    let permission: Permission =
        line.consent.parse().map_err(|malformed| wrong(number, "consent", format!("{malformed}")))?;
    let counts = permission.purpose == Purpose::Marketing && permission.channel != Channel::Device;
    Ok(counts.then(|| News { at: line.at, what: What::Says(permission.channel, line.into()) }))
}

/// Reads a line; where that fails, once more to name the field.
fn parse<'a, T: Deserialize<'a>>(line: &'a str, number: u64) -> Result<T, Broken> {
    serde_json::from_str(line).map_err(|error| {
        let mut reader = serde_json::Deserializer::from_str(line);
        let field = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Err(error) => error.path().to_string(),
            Ok(_) => String::new(),
        };
        // The line in the file is said already, and within it there is but one.
        let detail = error.to_string();
        let detail = detail.split(" at line ").next().unwrap_or_default();
        let field = field.trim_start_matches('.').to_owned();
        wrong(number, if field == "?" { "" } else { &field }, detail)
    })
}

fn plausible(at: Timestamp, field: &str, number: u64) -> Result<(), Broken> {
    if (0..LATEST.0).contains(&at.0) {
        return Ok(());
    }
    Err(wrong(number, field, "expected milliseconds since 1970, before the year 2100"))
}

fn wrong(line: u64, field: &str, detail: impl Into<String>) -> Broken {
    Broken { line, field: field.to_owned(), detail: detail.into() }
}
