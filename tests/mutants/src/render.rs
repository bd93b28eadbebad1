//! A file with all its mutants in it, each behind the switch; or with one of them as if it were written so.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use crate::sites::{Sites, Texts};

/// A file as it is compiled, and where in it the mutants are.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The source.
    pub text: String,
    /// Where the mutants are.
    pub places: Vec<Place>,
}

/// Where mutants are in a file as it is compiled.
#[derive(Debug)]
pub struct Place {
    /// From where to where.
    pub range: Range<usize>,
    /// Which ones.
    pub of: Vec<u32>,
    /// Only what they do stands there, and not what is there without them as well.
    pub themselves: bool,
}

/// Something that is written into a file at a byte of its source. At one place what ends comes first, then what is put
/// there, then what begins, the outermost first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edit {
    at: usize,
    what: What,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// An expression ends that began at so many bytes before the end of the file, with the mutants for it.
    Close { from_end: usize, of: Vec<u32> },
    /// So many bytes are left out.
    Skip(usize),
    /// Stands in front: what functions return.
    Returns(Texts),
    /// An arm is taken only without this mutant.
    Unless(u32),
    /// An expression begins that ends at so many bytes before the end of the file, and what it is under each mutant.
    Open { from_end: usize, or: Texts },
}

/// Writes a file with all its mutants but those that are `without`.
pub fn all(source: &str, sites: &Sites, without: &BTreeSet<u32>) -> Rendered {
    let mut out = Rendered::default();
    let (mut place, mut open) = (0, Vec::new());
    for Edit { at, what } in edits(source, sites, without) {
        out.text.push_str(source.get(place..at).unwrap_or_default());
        place = at.max(place);
        let began = out.text.len();
        match what {
            What::Close { of, .. } => {
                out.text.push_str(" })");
                let began = open.pop().unwrap_or_default();
                out.places.push(Place { range: began..out.text.len(), of, themselves: false });
            }
            What::Skip(length) => place = at + length,
            What::Returns(all) => all.iter().for_each(|(number, text)| {
                branch(&mut out, *number, &format!("return {text};"));
                out.text.push(' ');
            }),
            What::Unless(number) => {
                out.text.push_str(" if !");
                switch(&mut out.text, number);
                out.places.push(Place { range: began..out.text.len(), of: vec![number], themselves: false });
            }
            What::Open { or, .. } => {
                open.push(began);
                out.text.push('(');
                for (number, text) in &or {
                    branch(&mut out, *number, text);
                    out.text.push_str(" else ");
                }
                out.text.push_str("{ ");
            }
        }
    }
    out.text.push_str(source.get(place..).unwrap_or_default());
    out
}

fn edits(source: &str, sites: &Sites, without: &BTreeSet<u32>) -> Vec<Edit> {
    let living = |all: &[(u32, String)]| -> Vec<_> {
        all.iter().filter(|(number, _)| !without.contains(number)).cloned().collect()
    };
    let mut edits = Vec::new();
    for (range, all) in &sites.choices {
        let or = living(all);
        if !or.is_empty() {
            let of = or.iter().map(|(number, _)| *number).collect();
            let before_end = |at: usize| source.len() - at;
            edits.push(Edit { at: range.1, what: What::Close { from_end: before_end(range.0), of } });
            edits.push(Edit { at: range.0, what: What::Open { from_end: before_end(range.1), or } });
        }
    }
    for (at, all) in &sites.bodies {
        edits.push(Edit { at: *at, what: What::Returns(living(all)) });
    }
    for (at, number) in sites.arms.iter().filter(|(_, number)| !without.contains(number)) {
        edits.push(Edit { at: *at, what: What::Unless(*number) });
    }
    for constant in &sites.constant {
        if constant.mutants.iter().any(|number| !without.contains(number)) {
            edits.push(Edit { at: constant.word.start, what: What::Skip(constant.word.len()) });
        }
    }
    edits.sort();
    edits
}

fn branch(out: &mut Rendered, number: u32, text: &str) {
    out.text.push_str("if ");
    switch(&mut out.text, number);
    out.text.push_str(" { ");
    let began = out.text.len();
    out.text.push_str(text);
    out.places.push(Place { range: began..out.text.len(), of: vec![number], themselves: true });
    out.text.push_str(" }");
}

fn switch(text: &mut String, number: u32) {
    // Writing into a text does not fail.
    let _ = write!(text, "crate::mutant::is({number})");
}

/// Writes a file with one of its mutants only: `range` is what that replaces.
pub fn one(source: &str, sites: &Sites, number: u32, range: &Range<usize>, replacement: &str) -> String {
    let chosen = sites.choices.iter().find_map(|((start, end), all)| {
        let (_, text) = all.iter().find(|(known, _)| *known == number)?;
        Some((*start..*end, text.as_str()))
    });
    let (range, text) = chosen.unwrap_or((range.clone(), replacement));
    let (before, after) = (source.get(..range.start).unwrap_or_default(), source.get(range.end..).unwrap_or_default());
    format!("{before}{text}{after}")
}
