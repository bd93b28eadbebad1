//! What a rehearsal comes to, for people at a terminal.

use std::fmt::Write as _;

use domain::id::Slug;
use domain::rehearsal::{Both, JourneyTotals, Kind, MessageTotals};

use crate::moments::{count, day, number};
use crate::person::sides;
use crate::run::{Plan, Report};

/// How long it took, and how much memory.
pub struct Took {
    /// Seconds, reading included.
    pub seconds: f64,
    /// On so many threads.
    pub threads: usize,
    /// The time that all cores spent, in seconds.
    pub cores: Option<f64>,
    /// The most memory, in bytes.
    pub peak: Option<u64>,
}

/// Whether the terminal shows colours.
#[derive(Clone, Copy)]
pub struct Paint {
    /// It does.
    pub colours: bool,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn of(self, kind: Kind, text: &str) -> String {
        let code = match kind {
            Kind::Added => "32",
            Kind::Gone => "31",
            Kind::Moved => "33",
            Kind::Reason | Kind::Open => "2",
        };
        self.with(code, text)
    }
}

const KINDS: [Kind; 5] = [Kind::Added, Kind::Gone, Kind::Moved, Kind::Reason, Kind::Open];
/// Widths of the columns.
const NAME: usize = 30;
const FIGURE: usize = 10;

/// The report as it is printed.
pub fn report(report: &Report, plan: &Plan<'_>, took: &Took, paint: Paint) -> String {
    let mut text = head(report, plan, took, paint);
    let journeys = &report.totals.journeys;
    if report.counts.people == 0 {
        text.push_str("\nThe log holds no shoppers: there is nothing to rehearse.\n");
        return text;
    }
    if journeys.is_empty() {
        text.push_str("\nNeither version begins a journey for anybody in the log.\n");
        return text;
    }
    let (same, differ): (Vec<_>, Vec<_>) = journeys.iter().partition(|(_, journey)| is_same(journey));
    if differ.is_empty() {
        text.push_str(
            "\nNothing changes: the draft sends every shopper what the live version sends, at the same moments",
        );
        text.push_str(" and for the same reasons.\n");
    } else {
        table(&mut text, &differ, paint);
        legend(&mut text, &differ, paint);
        examples(&mut text, report, paint);
    }
    if !same.is_empty() && !differ.is_empty() {
        let names: Vec<_> = same.iter().map(|(name, _)| name.as_str()).collect();
        let _ = writeln!(text, "\nNothing changes in {}.", names.join(", "));
    }
    let totals = &report.totals;
    if !differ.is_empty() {
        let _ = writeln!(
            text,
            "\n{} would notice: {} added, gone or moved.",
            paint.bold(&format!("{} of {}", number(totals.touched), count(totals.shoppers, "shopper"))),
            count(totals.noticed(), "message"),
        );
    }
    let _ = write!(text, "\n{}", paint.dim(NOT_REHEARSED));
    text
}

/// What nobody can read out of a log.
const NOT_REHEARSED: &str = "\
Not rehearsed: what holds between shoppers and outside of the shop. Every message counts as delivered, every pool has a
code left, and nothing is late, though a provider refuses, pools run dry and sending is switched off at times. What
shoppers did stays as it happened, so nobody buys, clicks or stops because of what only the draft sends; and what is
expected of them (their likely worth, their next order) is not known here.
";

fn head(report: &Report, plan: &Plan<'_>, took: &Took, paint: Paint) -> String {
    let zone = &report.head.zone;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} draft {} against {} (live)",
        paint.bold("Rehearsal:"),
        plan.draft.rules.version,
        plan.live.rules.version
    );
    let _ = writeln!(
        text,
        "{} and {} until {}; {}",
        count(report.counts.people, "shopper"),
        count(report.counts.events, "event"),
        day(report.head.until, zone),
        match plan.since {
            Some(since) =>
                format!("the draft is published on {}, and runs under way stay on the live version", day(since, zone)),
            None => "each as if it had been live from the beginning".to_owned(),
        }
    );
    let peak = took.peak.map_or_else(String::new, |bytes| format!(", {} MB at most", bytes / 1_000_000));
    let threads = count(took.threads as u64, "thread");
    let _ = writeln!(text, "{}", paint.dim(&format!("{:.1} s on {threads}{peak}, reading included", took.seconds)));
    text
}

/// Nothing that a merchant counts differs.
fn is_same(journey: &JourneyTotals) -> bool {
    let same = |both: Both| both.live == both.draft;
    let JourneyTotals { runs, codes, tags, alerts, webhooks, messages } = journey;
    [runs, codes, tags, alerts, webhooks].into_iter().all(|both| same(*both))
        && messages.values().all(|message| {
            message.is_same()
                && same(message.sent())
                && same(message.waits)
                && message.skipped.values().all(|both| same(*both))
        })
}

fn table(text: &mut String, journeys: &[(&Slug, &JourneyTotals)], paint: Paint) {
    let mut title = format!("{:<NAME$}", "messages sent");
    for name in ["live", "draft", "added", "gone", "moved", "reason", "open"] {
        let _ = write!(title, "{name:>FIGURE$}");
    }
    let _ = writeln!(text, "\n{}", paint.dim(&title));
    for (name, journey) in journeys {
        let _ = writeln!(text, "{}", paint.bold(name.as_str()));
        for (name, message) in &journey.messages {
            row(text, name, message, paint);
        }
        let others = [
            ("runs", journey.runs),
            ("codes", journey.codes),
            ("tags", journey.tags),
            ("alerts", journey.alerts),
            ("calls of the server", journey.webhooks),
        ];
        for (name, both) in others {
            if both.live != both.draft {
                let line = format!("  {name:<width$}{}{}", cell(both.live), cell(both.draft), width = NAME - 2);
                let _ = writeln!(text, "{}", paint.dim(&line));
            }
        }
    }
}

/// What the less plain columns mean, where there is anything in them.
fn legend(text: &mut String, journeys: &[(&Slug, &JourneyTotals)], paint: Paint) {
    let messages = || journeys.iter().flat_map(|(_, journey)| journey.messages.values());
    let mut lines = Vec::new();
    if messages().any(|message| message.reason > 0) {
        lines.push("reason: both do the same, for another reason");
    }
    if messages().any(|message| message.open > 0) {
        lines.push("open: one sends it, the other has not come so far by the end of the log");
    }
    for (n, line) in lines.iter().enumerate() {
        let _ = writeln!(text, "{}{}", if n == 0 { "\n" } else { "" }, paint.dim(line));
    }
}

fn row(text: &mut String, name: &Slug, message: &MessageTotals, paint: Paint) {
    let channels: Vec<_> = message.sent.keys().map(|channel| channel.as_str()).collect();
    let channels = if channels.is_empty() { String::new() } else { format!(" ({})", channels.join(", ")) };
    let sent = message.sent();
    let _ = write!(
        text,
        "  {:<width$}{}{}",
        format!("{name}{channels}"),
        cell(sent.live),
        cell(sent.draft),
        width = NAME - 2
    );
    for kind in KINDS {
        let n = figure(message, kind);
        let cell = cell(n);
        let _ = write!(text, "{}", if n == 0 { paint.dim(&cell) } else { paint.of(kind, &cell) });
    }
    text.push('\n');
    // What is left out is told where it changes.
    for (rule, both) in &message.skipped {
        if both.live != both.draft {
            let label = format!("    left out: {rule}");
            let line = format!("{label:<NAME$}{}{}", cell(both.live), cell(both.draft));
            let _ = writeln!(text, "{}", paint.dim(&line));
        }
    }
}

fn cell(n: u64) -> String {
    let shown = if n == 0 { "·".to_owned() } else { number(n) };
    format!("{shown:>FIGURE$}")
}

const fn figure(message: &MessageTotals, kind: Kind) -> u64 {
    match kind {
        Kind::Added => message.added,
        Kind::Gone => message.gone,
        Kind::Moved => message.moved,
        Kind::Reason => message.reason,
        Kind::Open => message.open,
    }
}

fn examples(text: &mut String, report: &Report, paint: Paint) {
    if report.examples.values().all(Vec::is_empty) {
        return;
    }
    let _ = writeln!(text, "\n{}", paint.dim("for example"));
    // What only waits for the end of the log needs none.
    let told = report.examples.iter().filter(|((.., kind), _)| *kind != Kind::Open);
    for ((journey, message, kind), examples) in told {
        let total = report.totals.journeys.get(journey).and_then(|journey| journey.messages.get(message));
        let total = total.map_or(0, |message| figure(message, *kind));
        if examples.is_empty() {
            continue;
        }
        let word = if *kind == Kind::Reason { "for another reason" } else { kind.as_str() };
        let _ = writeln!(
            text,
            "{} {message}: {}",
            paint.bold(journey.as_str()),
            paint.of(*kind, &format!("{} {word}", number(total)))
        );
        for (person, change) in examples {
            let [live, draft] = sides(change, &report.head.zone).try_into().unwrap_or_default();
            let _ = writeln!(text, "  {}\n    {live}\n    {draft}", paint.dim(&person.to_string()));
        }
    }
}
