//! Rehearsing a whole export on several threads.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

use anyhow::{Result, anyhow};
use domain::home::Version;
use domain::id::{ShopperId, Slug};
use domain::rehearsal::export::{self, Broken, Counts, Head, People};
use domain::rehearsal::{Change, Kind, Person, Rehearsal, Rehearsed, Totals};
use domain::time::Timestamp;

use crate::source::{self, Failed, Piece, Source};

/// What is to be rehearsed, and how.
pub struct Plan<'a> {
    /// What is live.
    pub live: &'a Version,
    /// What may become so.
    pub draft: &'a Version,
    /// When the draft is published; from the beginning, if it is left out.
    pub since: Option<Timestamp>,
    /// Threads.
    pub threads: usize,
    /// So many examples of each difference of each message are kept, the first of the file.
    pub examples: usize,
    /// So many bytes are read at a time.
    pub piece: usize,
}

/// What came of it.
pub struct Report {
    /// The head of the export.
    pub head: Head,
    /// What was read.
    pub counts: Counts,
    /// What it comes to.
    pub totals: Totals,
    /// The first examples of each difference, by journey and message.
    pub examples: BTreeMap<(Slug, Slug, Kind), Vec<(ShopperId, Change)>>,
}

/// What came of one piece.
struct Part {
    number: usize,
    first_line: u64,
    last_line: u64,
    report: std::result::Result<Parted, Broken>,
}

struct Parted {
    counts: Counts,
    end: Option<Counts>,
    totals: Totals,
    examples: BTreeMap<(Slug, Slug, Kind), Vec<(ShopperId, Change)>>,
    seen: Vec<String>,
}

/// Rehearses an export. `write` is asked about every shopper, on any thread; what it returns is handed to
/// `out` in the order of the file.
///
/// # Errors
/// What cannot be read, with the line and the field.
pub fn run<R: Read + Send>(
    reader: R,
    plan: &Plan<'_>,
    write: impl Fn(&Person, &Rehearsed) -> Option<String> + Sync,
    mut out: impl FnMut(&str) -> Result<()>,
) -> Result<Report> {
    let (head, source) = Source::open(reader, plan.piece).map_err(told)?;
    let head = export::head(head.trim_end()).map_err(|broken| anyhow!("{broken}"))?;
    let Head { until, outlook, .. } = head;
    let rehearsal = Rehearsal { live: plan.live, draft: plan.draft, since: plan.since, until, outlook };
    let source = Mutex::new(Some(source));
    let work = |parts: &Sender<std::result::Result<Part, Failed>>| {
        loop {
            let piece = {
                let Ok(mut open) = source.lock() else { return };
                let Some(from) = open.as_mut() else { return };
                let piece = from.next();
                if !matches!(piece, Ok(Some(_))) {
                    *open = None;
                }
                piece
            };
            let part = match piece {
                Ok(None) => return,
                Ok(Some(piece)) => Ok(part(&piece, &rehearsal, &head, plan.examples, &write)),
                Err(failed) => Err(failed),
            };
            let goes_on = part.as_ref().is_ok_and(|part| part.report.is_ok());
            if !goes_on && let Ok(mut open) = source.lock() {
                *open = None;
            }
            if parts.send(part).is_err() || !goes_on {
                return;
            }
        }
    };
    let (counts, totals, examples) = (Counts::default(), Totals::default(), BTreeMap::new());
    let report = Report { head: head.clone(), counts, totals, examples };
    let mut sum = Sum { waiting: BTreeMap::new(), next: 0, most: plan.examples, report, end: None, last_line: 1 };
    let failed = std::thread::scope(|scope| -> Result<Option<Failed>> {
        let (send, receive) = channel();
        let work = &work;
        for _ in 0..plan.threads.max(1) {
            let send = send.clone();
            scope.spawn(move || work(&send));
        }
        drop(send);
        let mut failed = None;
        for part in receive {
            match part {
                Ok(part) => sum.take(part, &mut out)?,
                Err(why) => failed = Some(why),
            }
        }
        Ok(failed)
    })?;
    sum.finish(failed)
}

/// The parts as they come together, in the order of the file.
struct Sum {
    waiting: BTreeMap<usize, Part>,
    next: usize,
    most: usize,
    report: Report,
    end: Option<Counts>,
    last_line: u64,
}

impl Sum {
    fn take(&mut self, part: Part, out: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
        self.waiting.insert(part.number, part);
        while let Some(part) = self.waiting.remove(&self.next) {
            self.next += 1;
            let parted = part.report.map_err(|broken| anyhow!("{broken}"))?;
            if self.end.is_some() {
                return Err(anyhow!("line {}: nothing is expected after the end", part.first_line));
            }
            let report = &mut self.report;
            self.last_line = part.last_line;
            self.end = parted.end.or(self.end);
            report.counts.add(parted.counts);
            report.totals.add(parted.totals);
            for (about, examples) in parted.examples {
                let known = report.examples.entry(about).or_default();
                let room = self.most.saturating_sub(known.len());
                known.extend(examples.into_iter().take(room));
            }
            for text in parted.seen {
                out(&text)?;
            }
        }
        Ok(())
    }

    fn finish(self, failed: Option<Failed>) -> Result<Report> {
        if let Some(failed) = failed {
            return Err(told(failed));
        }
        let (report, line) = (self.report, self.last_line);
        match self.end {
            None => Err(anyhow!("line {line}: the export was cut off: its last line is not the end")),
            Some(end) if end != report.counts => Err(anyhow!(
                "line {line}: end: it says {} people and {} events, and there are {} and {}",
                end.people,
                end.events,
                report.counts.people,
                report.counts.events
            )),
            Some(_) => Ok(report),
        }
    }
}

fn told(failed: Failed) -> anyhow::Error {
    match failed {
        Failed::Io(error) => error.into(),
        Failed::Broken(broken) => anyhow!("{broken}"),
    }
}

fn part(
    piece: &Piece,
    rehearsal: &Rehearsal<'_>,
    head: &Head,
    most: usize,
    write: &(impl Fn(&Person, &Rehearsed) -> Option<String> + Sync),
) -> Part {
    let lines = source::lines(piece.text.as_bytes());
    let mut people = People::of(&piece.text, piece.line, head.currency);
    let mut parted = Parted {
        counts: Counts::default(),
        end: None,
        totals: Totals::default(),
        examples: BTreeMap::new(),
        seen: Vec::new(),
    };
    let mut broken = None;
    for person in &mut people {
        let person = match person {
            Ok(person) => person,
            Err(why) => {
                broken = Some(why);
                break;
            }
        };
        let rehearsed = rehearsal.of(&person);
        parted.totals.count(&person, &rehearsed);
        parted.seen.extend(write(&person, &rehearsed));
        for change in rehearsed.changes {
            let about = (change.journey.clone(), change.message.clone(), change.change);
            let examples: &mut Vec<_> = parted.examples.entry(about).or_default();
            if examples.len() < most {
                examples.push((person.id, change));
            }
        }
    }
    parted.counts = people.counts();
    parted.end = people.end();
    let report = broken.map_or(Ok(parted), Err);
    let (number, first_line) = (piece.number, piece.line);
    Part { number, first_line, last_line: first_line + lines.saturating_sub(1), report }
}
