//! `budgets.toml`: the most that each figure may weigh, and what it weighed at the last release.

use crate::files;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What `budgets.toml` says, by the figure's name.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Budgets(BTreeMap<String, Budget>);

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// Bytes that must not be exceeded.
    bar: Option<u64>,
    /// Bytes at the last release.
    release: Option<u64>,
}

/// A weighed figure beside its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What was weighed.
    pub figure: String,
    /// Bytes.
    pub value: u64,
    /// Bytes that must not be exceeded.
    pub bar: Option<u64>,
    /// Bytes at the last release.
    pub release: Option<u64>,
}

impl Budgets {
    /// Reads the repository's `budgets.toml`.
    pub fn load() -> Result<Self> {
        Self::parse(&files::read_text(&files::at("budgets.toml"))?)
    }

    fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context("budgets.toml")
    }

    /// Puts a weight beside its budget.
    pub fn judge(&self, figure: &str, value: u64) -> Judged {
        let Budget { bar, release } = self.0.get(figure).copied().unwrap_or_default();
        Judged { figure: figure.to_owned(), value, bar, release }
    }
}

impl Judged {
    /// Whether the weight is within its bar. What has no bar holds.
    pub fn holds(&self) -> bool {
        self.bar.is_none_or(|bar| self.value <= bar)
    }

    /// The line that `--json` prints.
    pub fn json(&self) -> String {
        let figure = &self.figure;
        let value = self.value;
        let holds = self.holds();
        match self.bar {
            Some(bar) => {
                format!(r#"{{"figure":"{figure}","value":{value},"unit":"B","bar":{bar},"holds":{holds}}}"#)
            }
            None => format!(r#"{{"figure":"{figure}","value":{value},"unit":"B"}}"#),
        }
    }

    /// The line for people.
    pub fn line(&self) -> String {
        let mut line = format!("{:<24}{:>9} B", self.figure, self.value);
        if let Some(bar) = self.bar {
            let _ = write!(line, "   of {bar:>6}{}", if self.holds() { "" } else { "   TOO MUCH" });
        }
        if let Some(release) = self.release {
            let change = i128::from(self.value) - i128::from(release);
            let _ = write!(line, "   {change:+} since the last release");
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::Budgets;

    fn judge(value: u64) -> super::Judged {
        let budgets = Budgets::parse("[loader_brotli]\nbar = 3072\nrelease = 2900\n[edge_wasm_gzip]\n");
        budgets.expect("this is a budget").judge("loader_brotli", value)
    }

    #[test]
    fn a_figure_at_its_bar_holds_and_one_byte_more_does_not() {
        assert!(judge(3072).holds());
        assert!(!judge(3073).holds());
    }

    #[test]
    fn json_has_one_line_for_a_figure() {
        let expected = r#"{"figure":"loader_brotli","value":2834,"unit":"B","bar":3072,"holds":true}"#;
        assert_eq!(judge(2834).json(), expected);
    }

    #[test]
    fn the_change_since_the_last_release_is_shown_with_its_sign() {
        assert!(judge(2834).line().ends_with("-66 since the last release"));
        assert!(judge(2901).line().ends_with("+1 since the last release"));
    }

    #[test]
    fn a_misspelt_budget_is_refused() {
        assert!(Budgets::parse("[loader_brotli]\nbra = 3072\n").is_err());
    }
}
