//! `cargo xtask migrate`: runs under way are set on the live version.

use crate::deployment::Deployment;
use crate::publish;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// Sets runs of a journey that are under way on the live version.
#[derive(clap::Args)]
pub struct Arguments {
    /// The journey: the name of its file
    journey: String,
    /// The shop; its admin token opens it
    #[arg(long)]
    shop: Option<String>,
    /// The deployment's address
    #[arg(long, visible_alias = "url", default_value = "http://localhost:8787")]
    edge: String,
    /// The shop's admin token; `RAPPORT_ADMIN_TOKEN` in the environment does as well
    #[arg(long)]
    token: Option<String>,
    /// Only runs on this version; without it, those on all but the live one
    #[arg(long)]
    from: Option<String>,
    /// A step that is called otherwise in the live version: OLD=NEW; may be repeated
    #[arg(long = "step", value_parser = renamed)]
    steps: Vec<(String, String)>,
    /// What becomes of runs whose step is not there any more: `exit`, or the step with which they go on. Without
    /// it they stay on their version
    #[arg(long)]
    gone: Option<String>,
    /// Only say what would become of them
    #[arg(long = "try")]
    only_try: bool,
}

/// What the edge is asked.
#[derive(Serialize)]
struct Wish<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    steps: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<&'a str>,
    r#try: bool,
}

/// What it answers.
#[derive(Deserialize)]
struct Answer {
    version: String,
    done: bool,
    moved: u64,
    ended: u64,
    stay: u64,
    left: u64,
    failed: u64,
    runs: Vec<Count>,
}

#[derive(Deserialize)]
struct Count {
    version: String,
    step: String,
    becomes: String,
    to: Option<String>,
    runs: u64,
}

fn renamed(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => Ok((old.to_owned(), new.to_owned())),
        _ => Err("expected the old name of a step, =, and its new one: wait-3-weeks=wait-2-weeks".into()),
    }
}

/// Asks for it, waits until all runs were looked at, and says what became of them.
pub fn run(arguments: &Arguments) -> Result<()> {
    const MOST_LOOKS: usize = 600;
    let (key, token) = publish::shop_and_token(arguments.token.as_deref())?;
    if arguments.shop.as_ref().is_some_and(|shop| *shop != key) {
        bail!("the token opens {key}, not the shop that --shop names");
    }
    let mut steps = BTreeMap::new();
    for (old, new) in &arguments.steps {
        if steps.insert(old.as_str(), new.as_str()).is_some_and(|known| known != new) {
            bail!("--step names {old} twice");
        }
    }
    let wish =
        Wish { from: arguments.from.as_deref(), steps, gone: arguments.gone.as_deref(), r#try: arguments.only_try };
    let edge = Deployment::at(&arguments.edge);
    let read = |text: String| serde_json::from_str::<Answer>(&text).context("the edge's answer to a migration");
    let mut answer = read(edge.migrate(&key, &token, &arguments.journey, &serde_json::to_string(&wish)?)?)?;
    for _ in 0..MOST_LOOKS {
        if answer.done || answer.failed > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
        answer = read(edge.migration(&key, &token, &arguments.journey)?)?;
    }
    print!("{}", told(&arguments.journey, &answer, arguments.only_try));
    if !answer.done {
        bail!("{} runs were not looked at yet; the edge goes on, and the same command says how far it is", answer.left);
    }
    Ok(())
}

/// What became of the runs, or would, in words.
fn told(journey: &str, answer: &Answer, only_try: bool) -> String {
    let mut lines = String::new();
    for Count { version, step, becomes, to, runs } in &answer.runs {
        let what = match (becomes.as_str(), to) {
            ("moves", Some(to)) => format!("{step} -> {to}"),
            ("ends", _) => format!("{step}: ends"),
            _ => format!("{step}: stays, the step is not in the live version (--step {step}=NEW, or --gone)"),
        };
        let _ = writeln!(lines, "{runs:>8}  {version}  {what}");
    }
    let (would, were) = if only_try { ("would move", "would end") } else { ("moved", "ended") };
    let Answer { version, moved, ended, stay, failed, .. } = answer;
    let sum = format!("{moved} {would}, {ended} {were}, {stay} stay where they are");
    let _ = writeln!(lines, "{journey}, version {version} live: {sum}");
    if *failed > 0 {
        let _ = writeln!(lines, "{failed} could not be read and are tried again in a quarter of an hour");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Answer, renamed, told};

    #[test]
    fn a_renamed_step_is_read() {
        assert_eq!(renamed("a=b"), Ok(("a".into(), "b".into())));
        for text in ["a", "=b", "a=", ""] {
            assert!(renamed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_became_of_runs_is_said_by_step() {
        let answer: Answer = serde_json::from_str(
            r#"{"version":"bb","done":true,"moved":2,"ended":1,"stay":3,"left":0,"failed":0,"runs":[
                {"version":"aa","step":"x","becomes":"moves","to":"y","runs":2},
                {"version":"aa","step":"z","becomes":"ends","runs":1},
                {"version":"aa","step":"w","becomes":"stays","runs":3}]}"#,
        )
        .unwrap();
        assert_eq!(
            told("vip", &answer, false),
            "       2  aa  x -> y\n       1  aa  z: ends\n       3  aa  w: stays, the step is not in the live version (--step w=NEW, or --gone)\nvip, version bb live: 2 moved, 1 ended, 3 stay where they are\n"
        );
        assert!(told("vip", &answer, true).contains("2 would move, 1 would end"));
    }
}
