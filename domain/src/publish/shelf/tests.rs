use std::collections::BTreeMap;

use super::super::tests::{Plain, demo, problem};
use crate::publish::compile;
use crate::published::LanguageFile;
use crate::shelf::Kind;
use crate::shelf::rule::{Margin, Match, RuleAct};
use crate::shelf::settings::{Prices, ShelfBrain, Shelves};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The demo shop with a shelf of everything.
fn with(shelf: &str, more: &str) -> BTreeMap<String, String> {
    let mut sources = demo();
    sources.insert("shelves/all.toml".into(), shelf.into());
    *sources.get_mut("shelves.toml").unwrap() += more;
    sources
}

#[track_caller]
fn read(shelf: &str, more: &str) -> Shelves {
    compile(with(shelf, more), &Plain).unwrap_or_else(|problems| panic!("{problems:#?}")).config.shelves
}

#[track_caller]
fn wrong(shelf: &str, more: &str, expected: &str) {
    let problems = compile(with(shelf, more), &Plain).unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|line| line.starts_with("shel") && line.contains(expected)), "{said:#?}");
}

const ALL: &str = r#"
kind = "similar"
size = 12
least = 4
leave_out = ["owned"]
only = { category = ["Swim", "Get warm"], same_category = true, price = { EUR = "20 to 49.90", AED = "from 80" } }
diversity = { category = 3, brand = 2 }
holdout = "12.5 %"

[text.en]
title = "Like it"
reasons.like = "Much like {title}"

[text.ar]
title = "يشبهه"

[[rule]]
pin = { id = ["pilot-goggles", "lookout-hat"] }
beside = { category = "Swim" }

[[rule]]
bury = { margin = "up to 20 %" }
by = 4
market = "gulf"
"#;

const MORE: &str = r#"
[[rule]]
boost = { brand = "Skerrow", attribute = { colour = "red" }, reduced = true }
by = 1.5

[[rule]]
exclude = { price = { EUR = "from 500" } }

[markets.gulf]
countries = ["AE", "sa"]
languages = ["ar"]
currency = "AED"
path = "/ar/"
free_delivery = 250
"#;

#[test]
fn everything_that_can_be_said_of_shelves_is_read() {
    let shelves = read(ALL, MORE);
    let all = shelves.shelf("all").unwrap();
    assert_eq!((all.kind, all.size, all.least, all.holdout), (Kind::Similar, 12, 4, 125));
    assert_eq!((all.without_owned, all.without_cart), (true, false));
    assert_eq!((all.most_of_category, all.most_of_brand), (Some(3), Some(2)));
    let prices = |currency: &str, from, to| Prices { currency: currency.into(), from, to };
    assert_eq!(all.only.prices, [prices("AED", 8_000, u32::MAX), prices("EUR", 2_000, 4_990)]);
    assert!(all.only.same_category && all.only.categories == ["Swim", "Get warm"]);

    let names: Vec<&str> = shelves.markets.iter().map(|market| market.name.as_str()).collect();
    assert_eq!(names, ["default", "gulf"]);
    let [default, gulf] = &shelves.markets[..] else { panic!() };
    assert_eq!((default.currency.as_str(), default.free_delivery), ("EUR", Some(8_000)));
    assert_eq!((gulf.countries.join(" "), gulf.path.as_str()), ("ae sa".to_owned(), "/ar"));
    assert_eq!((gulf.currency.as_str(), gulf.free_delivery, gulf.digits), ("AED", Some(25_000), 2));

    let acts: Vec<RuleAct> = shelves.rules.iter().map(|rule| rule.act).collect();
    assert_eq!(acts, [RuleAct::Lift(9), RuleAct::Exclude, RuleAct::Pin, RuleAct::Lift(-32)]);
    assert_eq!(shelves.rules[2].with.ids, ["pilot-goggles", "lookout-hat"]);
    assert_eq!(shelves.rules[2].beside, Some(Match { categories: vec!["Swim".into()], ..Match::default() }));
    assert_eq!(shelves.rules[2].shelf.as_ref().map(crate::id::Slug::as_str), Some("all"));
    assert!(shelves.rules[2].place.starts_with("shelves/all.toml:1"), "{}", shelves.rules[2].place);
    assert_eq!(shelves.rules[3].with.margin, Some(Margin { from: i32::MIN, to: 200 }));
    assert_eq!(shelves.rules[3].market.as_ref().map(crate::id::Slug::as_str), Some("gulf"));

    let text = &shelves.shelves.iter().find(|said| said.shelf.name.as_str() == "all").unwrap().texts["en"];
    assert_eq!((text.title.as_str(), text.reasons.like.as_str()), ("Like it", "Much like {title}"));
    assert_eq!(text.reasons.trending, "Many look at it these days");
}

#[test]
fn a_shelf_that_says_little_is_the_usual_one() {
    let shelves = compile(demo(), &Plain).unwrap().config.shelves;
    let names: Vec<&str> = shelves.shelves.iter().map(|said| said.shelf.name.as_str()).collect();
    assert_eq!(names, ["goes-with", "next", "trending"]);
    let shelf = shelves.shelf("trending").unwrap();
    assert_eq!((shelf.size, shelf.least, shelf.holdout), (8, 3, 0));
    assert!(shelf.without_cart && shelf.without_owned);
    assert_eq!(shelves.catalogue.witnesses, 2);
    // What is bought again and again is bought again.
    let again = read("kind = \"for-you\"\ntext.en.title = \"A\"\ntext.ar.title = \"B\"\n", "");
    assert!(!again.shelf("all").unwrap().without_owned);
}

#[test]
fn what_the_browser_reads_is_a_file_of_the_release_in_each_language() {
    let release = compile(demo(), &Plain).unwrap();
    for (language, title) in [("en", "Goes well with it"), ("ar", "يتماشى معه جيدًا")] {
        let file = STANDARD.decode(&release.files[&release.languages[language]]).unwrap();
        let file: LanguageFile = serde_json::from_slice(&file).unwrap();
        let brain = STANDARD.decode(&release.files[&file.shelves.unwrap()]).unwrap();
        let brain = ShelfBrain::read(&brain).unwrap();
        assert_eq!(brain.shelf("goes-with").unwrap().title, title);
        assert_eq!((brain.version.as_str(), brain.markets[0].name.as_str()), (release.version.as_str(), "default"));
        assert!(!brain.words.dismiss.is_empty() && brain.badges.len() == 1);
    }
}

#[test]
fn a_shop_without_shelves_has_no_file_of_them() {
    let mut sources = demo();
    sources.retain(|path, _| !path.starts_with("shelves"));
    for text in sources.values_mut() {
        *text = text.replace("shelf = \"next\"", "").replace("products = 3", "");
    }
    let release = compile(sources, &Plain).unwrap();
    assert!(release.config.shelves.are_none());
    assert!(!serde_json::to_string(&release.config).unwrap().contains("shelves"));
    let file = STANDARD.decode(&release.files[&release.languages["en"]]).unwrap();
    assert_eq!(serde_json::from_slice::<LanguageFile>(&file).unwrap().shelves, None);
}

#[test]
fn what_is_wrong_with_a_shelf_is_named_by_file_and_line() {
    let shelf = |from: &str, to: &str, expected: &str| {
        assert!(ALL.contains(from), "{from}");
        wrong(&ALL.replacen(from, to, 1), MORE, expected);
    };
    shelf("\"similar\"", "\"alike\"", "shelves/all.toml:2: unknown variant `alike`");
    shelf("size = 12", "size = 25", ":3: expected 1 to 24");
    shelf("least = 4", "least = 13", ":4: expected 1 to 12");
    shelf("\"owned\"", "\"old\"", ":5: unknown variant `old`");
    shelf("20 to 49.90", "50 to 20", ":6: expected amounts of EUR, the lower one first");
    shelf("20 to 49.90", "20 to 49.909", ":6: expected amounts of EUR");
    shelf("20 to 49.90", "cheap", ":6: expected a range such as \"20 to 50\"");
    shelf("EUR", "EURO", ":6: expected prices by a currency");
    shelf("12.5 %", "60 %", ":8: expected at most 50 %");
    shelf("12.5 %", "some", ":8: expected a number of percent");
    shelf("[text.ar]\ntitle = \"يشبهه\"", "", ": [text.ar] is missing");
    shelf("\"Like it\"", "\" \"", ":11: expected what stands above the shelf");
    shelf("{title}", "{name}", ":12: {name} is not known here; expected {title}");
    shelf("pin = { id", "pin = { name", ":18: unknown field `name`");
    shelf("bury = {", "boost = { reduced = true }\nbury = {", "boost and bury exclude each other here");
    shelf("by = 4", "by = 1", ":23: expected a number above 1 and at most 200");
    shelf("beside = { category = \"Swim\" }", "by = 3", "by does not go with pin: expected beside and market");
    shelf("market = \"gulf\"", "market = \"mars\"", ":24: there is no [markets.mars] in shelves.toml");
    shelf("up to 20 %", "up to much", "expected a range");
    shelf("{ margin = \"up to 20 %\" }", "{}", ": expected at least one of id, category, brand");
    problem("shelves/next.toml", "kind = \"next\"\n", "", "missing field `kind`");
}

#[test]
fn what_is_wrong_with_all_of_them_is_named_by_file_and_line() {
    let more = |text: &str, expected: &str| wrong(ALL, &format!("{MORE}\n{text}"), expected);
    more("[markets.x]\ncurrency = \"EURO\"", "expected a currency of ISO 4217");
    more("[markets.x]\ncountries = [\"Germany\"]", "expected a country's two letters");
    more("[markets.x]\nlanguages = [\"fr\"]", "\"fr\" is not among the languages of shop.toml");
    more("[markets.x]\npath = \"de\"", "expected what the addresses of its pages begin with");
    more("[markets.x]\nfree_delivery = 0", "expected an amount of EUR above 0");
    more("[markets.\"A b\"]", "expected a name of lower-case letters");
    more("[[badge]]\ntext.en = \"New\"\non = { id = \"1\" }", "text is missing for \"ar\"");
    more(&"[[badge]]\ntext = \"New\"\non = { id = \"1\" }\n".repeat(8), "expected at most 8 badges");
    more(&"[[rule]]\nexclude = { id = \"1\" }\n".repeat(497), "501 rules");
    let feed = "url = \"https://shop.example/feed.xml\"\nkind = \"google\"\nevery = \"2 hours\"\nmarket = \"gulf\"\n";
    let sources = |text: &str| format!("[[catalogue.feed]]\n{text}");
    let shelves = read(ALL, &format!("{MORE}{}", sources(feed)));
    assert_eq!((shelves.catalogue.feeds.len(), shelves.catalogue.feeds[0].market.as_str()), (1, "gulf"));
    more(&sources(&feed.replace("https", "ftp")), "expected the address of a feed");
    more(&sources(&feed.replace("google", "bing")), "expected \"google\" or \"shopify\"");
    more(&sources(&feed.replace("2 hours", "1 minute")), "expected a span from 5 minutes to 7 days");
    problem("shelves.toml", "dismiss = \"Not for me\"\n", "", ": missing field `dismiss`");
    problem("shelves.toml", "[text.ar]\n", "[text.fa]\n", ":36: missing field `dismiss`");
    problem("shelves.toml", "Many look at it", "Many look at {title}", "{title} is not known here; expected nothing");
    problem("shelves.toml", "witnesses = 2", "witnesses = 0", ": expected 1 to 20");
    problem("shelves.toml", "witnesses = 2", "image_hosts = [\"https://x\"]", ": expected a host such as");
    let mut sources = demo();
    sources.remove("shelves.toml");
    let problems = compile(sources, &Plain).unwrap_err();
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["shelves.toml: is missing", "mails/win-back/mail.toml: `shelf = \"next\"`: there is no shelves/next.toml"]
    );
}

#[test]
fn settings_come_back_from_a_configuration() {
    let shelves = read(ALL, MORE);
    let written = serde_json::to_string(&shelves).unwrap();
    assert_eq!(serde_json::from_str::<Shelves>(&written).unwrap(), shelves);
    let brain = super::brain(&shelves, "v1", "ar").unwrap();
    assert_eq!(ShelfBrain::read(&brain.write().unwrap()), Ok(brain));
}
