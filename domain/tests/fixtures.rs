//! Examples of every wire type, which the tests of the edge and the loader read too. After a change
//! that is meant, `UPDATE_FIXTURES=1 cargo test -p domain --all-features` writes those that follow
//! from the rules.
#![cfg(feature = "json")]

use std::path::PathBuf;

use domain::campaign::plan::{Case, Table, wake_plan};
use domain::campaign::survey::{self, Jump, Question, Survey};
use domain::campaign::{Audience, Campaign, Device, Form, Glob, Reveal, Signals, Trigger, VisitorState, Visitors};
use domain::event::read_batch;
use domain::money::Money;
use domain::published::{LanguageFile, Pointer};
use domain::time::{Span, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

/// What is written again is what was read: nothing in the example is ignored, nothing is missing.
#[track_caller]
fn survives<T: Serialize + DeserializeOwned>(name: &str) {
    let read: T = serde_json::from_str(&text(name)).unwrap();
    let again = serde_json::to_value(&read).unwrap();
    let example: serde_json::Value = serde_json::from_str(&text(name)).unwrap();
    assert_eq!(again, example, "{name}");
}

#[test]
fn the_pointer_survives() {
    survives::<Pointer>("pointer.json");
}

#[test]
fn a_language_file_survives() {
    survives::<LanguageFile>("language.json");
}

#[test]
fn every_kind_of_event_is_accepted() {
    let body = text("batch.json");
    let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
    let batch = read_batch(&body, Timestamp(sent["sent"].as_i64().unwrap())).unwrap();
    assert_eq!(batch.refused, []);
    let [said] = &batch.stated[..] else { panic!("{:?}", batch.stated) };
    assert_eq!((said.id.as_str(), said.price.as_deref(), said.brand.as_deref()), ("robe", Some("89.00"), None));
    let mut kinds: Vec<&str> = batch.events.iter().map(|event| event.fact.kind()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "campaign.answered",
            "campaign.closed",
            "campaign.shown",
            "cart.changed",
            "consent.changed",
            "custom",
            "identified",
            "order.placed",
            "page.viewed",
            "product.viewed",
            "shelf.clicked",
            "shelf.dismissed",
            "shelf.held",
            "shelf.shown",
            "survey.answered",
        ]
    );
}

#[test]
fn the_page_goes_through_a_survey_as_the_rules_do() {
    let all = |choices: &[&str]| choices.iter().map(|choice| (*choice).to_owned()).collect::<Vec<_>>();
    let jump = |after: &[&str], to| Jump { after: all(after), to };
    let question = Question {
        name: "why".parse().unwrap(),
        kind: survey::Kind::Multiple,
        options: ["price", "delivery", "trust"].map(|option| option.parse().unwrap()).into(),
        other: true,
        required: false,
        jumps: vec![jump(&["trust"], 3), jump(&["price", "delivery"], 2)],
        then: 1,
        title: String::new(),
        labels: std::collections::BTreeMap::new(),
        alerts: Vec::new(),
        signs: std::collections::BTreeMap::new(),
    };
    let answers: [&[&str]; 7] =
        [&[], &["price"], &["delivery"], &["trust"], &["price", "trust"], &["other"], &["other", "delivery"]];
    let cases = answers.map(|answer| (all(answer), question.next(&all(answer))));
    let ways = Survey { questions: vec![question.clone()] }.ways().remove(0);
    let table = serde_json::json!({ "ways": ways, "cases": cases });
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(path("survey.json"), format!("{table}\n")).unwrap();
    }
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text("survey.json")).unwrap(), table);
}

fn campaign(name: &str, triggers: Vec<Trigger>, pages: &[&str], not_pages: &[&str], visitors: Visitors) -> Campaign {
    let globs = |list: &[&str]| list.iter().map(|glob| Glob((*glob).to_owned())).collect();
    Campaign {
        name: name.parse().unwrap(),
        triggers,
        pages: globs(pages),
        not_pages: globs(not_pages),
        visitors,
        audience: None,
        most: Vec::new(),
        priority: 0,
        again_after: Span::days(30),
        banner_from_search: true,
        form: Some(Form {
            asks: Vec::new(),
            steps: Vec::new(),
            offer: None,
            reveal: Reveal::Confirmed,
            confirm_mail: "confirm".parse().unwrap(),
            journey: None,
        }),
        survey: None,
    }
}

#[test]
fn the_loader_judges_as_the_rules_do() {
    let campaigns = [
        campaign(
            "sale.1".replace('.', "-").as_str(),
            vec![Trigger::Exit],
            &["/p/*.html", "/shop (old)/*"],
            &[],
            Visitors::All,
        ),
        campaign(
            "hello",
            vec![Trigger::After(Span::seconds(2)), Trigger::Scrolled(50), Trigger::Exit],
            &["/*"],
            &["/checkout*", "*/thank-you"],
            Visitors::Unknown,
        ),
    ];
    let groups = Campaign {
        audience: Some(Audience::Any(vec![
            Audience::All(vec![Audience::Device(vec![Device::Phone, Device::Desktop]), Audience::Returning]),
            Audience::CartFrom(eur("19.99")),
            Audience::All(vec![
                Audience::Referrer(vec![Glob("*.example.org".into()), Glob(String::new())]),
                Audience::Not(Box::new(Audience::Known)),
                Audience::Device(vec![Device::Tablet]),
            ]),
        ])),
        most: vec![(2, Span::days(1))],
        ..campaign(
            "groups",
            vec![Trigger::Click(".to-checkout".into()), Trigger::Said("coupon failed".into())],
            &["/groups"],
            &[],
            Visitors::All,
        )
    };
    let campaigns = [campaigns.into(), vec![groups]].concat();
    let most = [(3, Span::days(2))];
    let now = Timestamp(1_800_000_000_000);
    let mut cases = Vec::new();
    let closed: [&[(&str, i64)]; 4] =
        [&[], &[("hello", 0)], &[("hello", 29), ("hello", 40)], &[("hello", 30), ("sale-1", 3)]];
    for known in [false, true] {
        for closed in closed {
            for path in ["/", "/p/hat.html", "/p/hatxhtml", "/shop (old)/x", "/checkout/pay", "/de/thank-you"] {
                for (elapsed, scrolled, exit) in
                    [(0, 0, false), (1_999, 49, false), (2_000, 0, false), (0, 50, false), (0, 0, true)]
                {
                    let visitor = VisitorState {
                        known,
                        closed: closed
                            .iter()
                            .map(|(name, days)| (name.parse().unwrap(), now + Span::days(-days)))
                            .collect(),
                        ..VisitorState::default()
                    };
                    let (path, elapsed) = (path.to_owned(), Span(elapsed));
                    let signals = Signals { path, elapsed, scrolled, exit, ..Signals::default() };
                    cases.push(Case::of(&campaigns, &most, &visitor, &signals, now));
                }
            }
        }
    }
    cases.extend(audiences().map(|(visitor, signals)| Case::of(&campaigns, &most, &visitor, &signals, now)));
    let table = Table { plan: wake_plan(&campaigns), most: most.into(), cases };
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        let rows: Vec<String> = table.cases.iter().map(|case| serde_json::to_string(case).unwrap()).collect();
        let plan = serde_json::to_string_pretty(&table.plan).unwrap();
        let most = serde_json::to_string(&table.most).unwrap();
        std::fs::write(
            path("wake.json"),
            format!("{{\"plan\":{plan},\n\"most\":{most},\n\"cases\":[\n{}\n]}}\n", rows.join(",\n")),
        )
        .unwrap();
    }
    assert_eq!(serde_json::from_str::<Table>(&text("wake.json")).unwrap(), table);
    assert!(table.cases.iter().any(|case| case.show.as_deref() == Some("sale-1")));
    assert!(table.cases.iter().any(|case| case.show.is_none()));
    let grouped = table.cases.iter().filter(|case| case.path == "/groups");
    let shown = grouped.clone().filter(|case| case.show.is_some()).count();
    assert!(shown > 50 && grouped.count() > 2 * shown, "{shown}");
}

fn eur(decimal: &str) -> Money {
    Money::exact(decimal, "EUR".parse().unwrap()).unwrap()
}

/// Visitors of a page on which an audience decides, one of each kind.
fn audiences() -> impl Iterator<Item = (VisitorState, Signals)> {
    let now = Timestamp(1_800_000_000_000);
    let hours: [&[(&str, i64)]; 5] = [
        &[],
        &[("groups", 1)],
        &[("groups", 23), ("groups", 2)],
        &[("groups", 25), ("groups", 2)],
        &[("hello", 47), ("hello", 1), ("groups", 25)],
    ];
    let mut all = Vec::new();
    for (known, met) in [(false, 0), (true, 0), (false, 21_600_000), (true, 21_600_001)] {
        for (n, width) in [320, 640, 641, 1_024, 1_025].into_iter().enumerate() {
            for cart in [None, Some("19.98"), Some("19.99"), Some("100.00")] {
                for referrer in ["", "www.example.org", "example.org.evil.example"] {
                    // Each kind meets some of the rest; all with all would be many thousands.
                    let shown = hours.get((n + all.len()) % hours.len()).copied().unwrap_or_default();
                    let shown = shown.iter().map(|(name, ago)| (name.parse().unwrap(), now + Span::hours(-ago)));
                    let visitor = VisitorState { known, shown: shown.collect(), ..VisitorState::default() };
                    let said = if all.len() % 7 == 0 { vec!["coupon"] } else { vec!["empty search", "coupon failed"] };
                    let signals = Signals {
                        path: "/groups".into(),
                        said: said.into_iter().map(str::to_owned).collect(),
                        width,
                        met: Span(met),
                        cart: cart.map(eur),
                        referrer: referrer.into(),
                        ..Signals::default()
                    };
                    all.push((visitor, signals));
                }
            }
        }
    }
    all.into_iter()
}
