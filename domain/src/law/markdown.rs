use core::fmt::{self, Display, Write as _};

use super::{Fact, Jurisdiction, Rules, Source, places, row};
use crate::published::DeviceConsent;

/// The whole table as a Markdown document, with the source of every fact.
pub fn markdown() -> String {
    let mut text = String::from("# What the law asks\n\nA careful reading, not legal advice.\n");
    for jurisdiction in Jurisdiction::ALL {
        let rules = row(jurisdiction);
        section(&mut text, jurisdiction.as_str(), &rows(rules));
    }
    for (country, region, rules) in places() {
        let name = region.map_or_else(|| country.to_string(), |region| format!("{country}-{region}"));
        let jurisdiction = Jurisdiction::of(country);
        let base = rows(row(jurisdiction));
        let own: Vec<_> = rows(rules).into_iter().filter(|line| !base.contains(line)).collect();
        section(&mut text, &format!("{name}: beyond {}", jurisdiction.as_str()), &own);
    }
    text
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rows(self).iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    // Writing to a string cannot fail.
    let _ = write!(text, "\n## {title}\n\n| what | rule | source |\n| --- | --- | --- |\n");
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
}

fn rows(rules: &Rules) -> Vec<String> {
    let device =
        Fact { value: asked(rules.device.value), sources: rules.device.sources.clone(), note: rules.device.note };
    vec![
        line("e-mail needs", &rules.email),
        line("texts need", &rules.texts),
        line("e-mail without consent after a purchase", &rules.email_after_purchase),
        line("texts without consent after a purchase", &rules.texts_after_purchase),
        line("confirmation of the address", &rules.confirmation),
        line("storage on the device", &device),
        line("hours for texts", &rules.text_hours),
        line("an e-mail names", &rules.email_contents),
        line("a text names", &rules.text_contents),
        line("a withdrawal is honoured", &rules.withdrawal),
        line("proof of consent is kept", &rules.proof),
        line("data of the silent are kept", &rules.silence),
    ]
}

const fn asked(device: DeviceConsent) -> &'static str {
    match device {
        DeviceConsent::Ask => "after consent",
        DeviceConsent::Free => "without asking",
    }
}

fn line<T: Display>(what: &str, fact: &Fact<T>) -> String {
    let sources: Vec<_> = fact.sources.iter().map(ToString::to_string).collect();
    let note = if fact.note.is_empty() { String::new() } else { format!(" {}", fact.note) };
    format!("| {what} | {}.{note} | {} |", fact.value, sources.join("; "))
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {}]({}) ({})", self.law, self.place, self.url, self.checked)
    }
}
