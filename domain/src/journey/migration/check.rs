//! Whether a migration is possible: what is wrong with it, and what there is instead.

use core::fmt;

use super::{Gone, Migration, kind, leading_to, place_of, rests};
use crate::journey::Journey;

/// What is wrong with a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The field: `journey`, `from`, `gone`, or `steps.` and a step's old name.
    pub field: String,
    /// What is wrong and what there is.
    pub detail: String,
}

impl Mistake {
    fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.detail)
    }
}

impl Migration {
    /// Finds the first mistake, against the versions whose runs are meant, with their names, and the live one.
    /// A journey that the live version has no more can only be ended.
    pub fn check(&self, earlier: &[(&str, &Journey)], live: Option<&Journey>) -> Result<(), Mistake> {
        let Some(live) = live else {
            if self.gone != Some(Gone::Exit) {
                let detail = format!(
                    "{} is not in the live version {}: its runs stay on theirs, or end with gone = \"exit\"",
                    self.journey, self.to
                );
                return Err(Mistake::new("gone", detail));
            }
            return Ok(());
        };
        for (before, now) in &self.steps {
            self.check_step(before, now, earlier, live)
                .map_err(|detail| Mistake::new(format!("steps.{before}"), detail))?;
        }
        for (version, old) in earlier.iter().filter(|(_, old)| old.key != live.key) {
            if self.gone != Some(Gone::Exit) {
                let detail = format!(
                    "in version {version} there is a run {}, in the live version {} {}: such runs cannot go on; they can end with gone = \"exit\"",
                    word(old),
                    self.to,
                    word(live)
                );
                return Err(Mistake::new("gone", detail));
            }
        }
        let Some(Gone::At(step)) = &self.gone else { return Ok(()) };
        let Some(at) = place_of(live, step) else {
            let detail = format!(
                "expected exit or a step of the live version {}, which has no {step}; {}",
                self.to,
                steps(live)
            );
            return Err(Mistake::new("gone", detail));
        };
        for (version, old) in earlier {
            self.check_forward(version, old, live, at)?;
        }
        Ok(())
    }

    fn check_step(&self, before: &str, now: &str, earlier: &[(&str, &Journey)], live: &Journey) -> Result<(), String> {
        let new = live.steps.iter().find(|step| step.id == now);
        let new = new.ok_or_else(|| format!("the live version {} has no step {now}; {}", self.to, steps(live)))?;
        if before != now && place_of(live, before).is_some() {
            return Err(format!(
                "the live version {} has a step {before} of its own, so that {before} cannot be {now} now",
                self.to
            ));
        }
        let mut known = false;
        for (version, old) in earlier {
            let Some(step) = old.steps.iter().find(|step| step.id == before) else { continue };
            known = true;
            if kind(&step.act) != kind(&new.act) {
                return Err(format!(
                    "{before} is {} in version {version} and {now} is {} in the live version {}: no run can stand at the one as at the other",
                    kind(&step.act),
                    kind(&new.act),
                    self.to
                ));
            }
            let twin = old.steps.iter().find(|other| other.id != before && self.now(&other.id) == now);
            if let Some(twin) = twin {
                return Err(format!(
                    "{now} is what {} of version {version} is now: two steps cannot become one",
                    twin.id
                ));
            }
        }
        if known || earlier.is_empty() {
            return Ok(());
        }
        let there: Vec<String> = earlier.iter().map(|(version, old)| format!("in {version} {}", steps(old))).collect();
        Err(format!("no version whose runs are meant has a step {before}; {}", there.join("; ")))
    }

    /// Runs whose step is gone must not come to a step that they have been at before.
    fn check_forward(&self, version: &str, old: &Journey, live: &Journey, at: u16) -> Result<(), Mistake> {
        for (n, step) in old.steps.iter().enumerate().filter(|(_, step)| rests(&step.act)) {
            let place = u16::try_from(n).unwrap_or(u16::MAX);
            if self.same(old, live, place).is_some() {
                continue;
            }
            let leads = leading_to(old, place);
            let before = (0..place).filter(|n| leads.get(usize::from(*n)) == Some(&true));
            let again = before.filter_map(|n| Some((n, self.same(old, live, n)?)));
            let again = again.into_iter().find(|(_, now)| leading_to(live, *now).get(usize::from(at)) == Some(&true));
            if let Some(been) = again.and_then(|(n, _)| old.steps.get(usize::from(n))) {
                let on = live.steps.get(usize::from(at)).map(|step| step.id.as_str()).unwrap_or_default();
                let detail = format!(
                    "runs at {} of version {version} have been at {} before, to which {on} leads: expected a step after it; {}",
                    step.id,
                    been.id,
                    steps(live)
                );
                return Err(Mistake::new("gone", detail));
            }
        }
        Ok(())
    }
}

/// Which steps there are.
fn steps(journey: &Journey) -> String {
    let names: Vec<&str> = journey.steps.iter().map(|step| step.id.as_str()).collect();
    format!("there are: {}", names.join(", "))
}

fn word(journey: &Journey) -> &'static str {
    use crate::journey::Key;
    match journey.key {
        Key::Shopper => "for each shopper",
        Key::Subject => "for each order, product or campaign",
        Key::Cart => "for each cart",
        Key::Year => "for each year",
    }
}
