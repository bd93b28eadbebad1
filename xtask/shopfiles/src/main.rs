//! Compiles a shop's folder of texts: `shopfiles DIR` prints the release as JSON. `shopfiles --schema
//! journey`, `segment`, `shelf` and `shelves` print what can be written into those files, as JSON Schema.
//!
//! A program of its own, so that the task runner starts without it, and a task runner that is
//! already running publishes with the rules and components as they are now.

use anyhow::{Context, Result, bail};
use domain::campaign::survey::SurveyView;
use domain::campaign::view::{FormView, Theme};
use domain::publish::journey::schema;
use domain::publish::{Markup, compile, shelf};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

/// Markup by the very components that run in the browser.
struct Components;

impl Markup for Components {
    fn first_step(&self, form: &FormView) -> String {
        widget::first_step_html(form)
    }

    fn survey(&self, survey: &SurveyView) -> String {
        widget::survey_html(survey)
    }

    fn stylesheet(&self, theme: &Theme) -> Result<String, String> {
        fn fit<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, String> {
            value.parse().map_err(|problem| format!("{name} = {value:?}: {problem}"))
        }
        Ok(widget::stylesheet(&widget::Theme {
            accent: fit("accent", &theme.accent)?,
            accent_ink: fit("accent_ink", &theme.accent_ink)?,
            ink: fit("ink", &theme.ink)?,
            paper: fit("paper", &theme.paper)?,
            muted: fit("muted", &theme.muted)?,
            radius: fit("radius", &theme.radius)?,
            font: fit("font", &theme.font)?,
            display_font: fit("display_font", &theme.display_font)?,
        }))
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().context("usage: shopfiles DIR | --schema NAME")?;
    if folder == "--schema" {
        let schema = match arguments.next().and_then(|name| name.into_string().ok()).as_deref() {
            Some("journey") => schema::journey(),
            Some("segment") => schema::segment(),
            Some("shelf") => shelf::schema::shelf(),
            Some("shelves") => shelf::schema::shelves(),
            _ => bail!("expected journey, segment, shelf or shelves"),
        };
        return Ok(std::io::stdout().lock().write_all(schema.as_bytes())?);
    }
    let mut sources = BTreeMap::new();
    read(Path::new(&folder), "", &mut sources)?;
    match compile(sources, &Components) {
        Ok(release) => Ok(serde_json::to_writer(std::io::stdout().lock(), &release)?),
        Err(problems) => {
            let mut out = std::io::stderr().lock();
            for problem in &problems {
                writeln!(out, "{}/{problem}", Path::new(&folder).display())?;
            }
            bail!("{} mistakes in the shop's texts", problems.len());
        }
    }
}

/// Collects the texts below a folder by their path in it. Hidden files are not the shop's.
fn read(folder: &Path, prefix: &str, sources: &mut BTreeMap<String, String>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{path}/"), sources)?;
        } else {
            let text = fs::read_to_string(entry.path()).with_context(|| format!("cannot read {path}"))?;
            sources.insert(path, text);
        }
    }
    Ok(())
}
