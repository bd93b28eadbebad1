//! The folder's files: finding them, reading TOML, naming lines.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::DeserializeOwned;

use super::Problem;
use crate::id::Slug;

/// The files of a shop's folder, and the problems found in them so far.
pub struct Files<'a> {
    sources: &'a BTreeMap<String, String>,
    pub problems: Vec<Problem>,
}

impl<'a> Files<'a> {
    pub fn new(sources: &'a BTreeMap<String, String>) -> Self {
        Self { sources, problems: Vec::new() }
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&'a str> {
        self.sources.get(path).map(String::as_str)
    }

    /// Notes something wrong in a file as a whole.
    pub fn wrong(&mut self, file: &str, message: impl Into<String>) {
        self.problems.push(Problem { file: file.to_owned(), line: None, message: message.into() });
    }

    /// Notes something wrong at a place in a file.
    pub fn wrong_at(&mut self, file: &str, span: Range<usize>, message: impl Into<String>) {
        let line = self.text(file).map(|text| line(text, span.start));
        self.problems.push(Problem { file: file.to_owned(), line, message: message.into() });
    }

    /// Notes something wrong on a line of a file, where it is known.
    pub fn wrong_on(&mut self, file: &str, line: Option<usize>, message: impl Into<String>) {
        self.problems.push(Problem { file: file.to_owned(), line, message: message.into() });
    }

    /// A place in a file as people name it: `shelves/next.toml:12`.
    pub fn named(&self, file: &str, span: &Range<usize>) -> String {
        let line = self.text(file).map_or(0, |text| line(text, span.start));
        format!("{file}:{line}")
    }

    /// Reads a TOML file; notes what is wrong with it.
    pub fn toml<T: DeserializeOwned>(&mut self, path: &str) -> Option<T> {
        let Some(text) = self.text(path) else {
            self.wrong(path, "is missing");
            return None;
        };
        match toml::from_str(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let line = error.span().map(|span| line(text, span.start));
                let message = error.message().to_owned();
                self.problems.push(Problem { file: path.to_owned(), line, message });
                None
            }
        }
    }

    /// The names of the TOML files of a folder, in order: `campaigns/hello.toml` is `hello`.
    pub fn names(&mut self, folder: &str) -> Vec<(Slug, String)> {
        let inside = |path: &String| {
            Some((path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".toml")?.to_owned(), path.clone()))
        };
        let found: Vec<(String, String)> =
            self.sources.keys().filter_map(inside).filter(|(name, _)| !name.contains('/')).collect();
        self.slugs(found)
    }

    /// The names of the folders of a folder that hold a file: `mails/confirm/mail.toml` is `confirm`.
    pub fn folders(&mut self, folder: &str, file: &str) -> Vec<(Slug, String)> {
        let inside = |path: &String| {
            let name = path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(file)?.strip_suffix('/')?;
            Some((name.to_owned(), format!("{folder}/{name}")))
        };
        let found: Vec<(String, String)> = self.sources.keys().filter_map(inside).collect();
        self.slugs(found)
    }

    fn slugs(&mut self, found: Vec<(String, String)>) -> Vec<(Slug, String)> {
        let mut good = Vec::new();
        for (name, path) in found {
            match name.parse() {
                Ok(slug) => good.push((slug, path)),
                Err(error) => self.wrong(&path, format!("the file's name: {error}")),
            }
        }
        good
    }
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

/// The line on which a text first stands in a file.
pub fn line_of(sources: &BTreeMap<String, String>, file: &str, what: &str) -> Option<usize> {
    let text = sources.get(file)?;
    text.find(what).map(|offset| line(text, offset))
}
