use super::*;

pub(super) struct Plain;

impl Markup for Plain {
    fn first_step(&self, form: &FormView) -> String {
        format!("<p>{}</p>", form.text.title)
    }

    fn survey(&self, survey: &SurveyView) -> String {
        format!("<p>{}</p>", survey.questions[0].text.title)
    }

    fn stylesheet(&self, theme: &Theme) -> Result<String, String> {
        Ok(format!(":host{{color:{}}}", theme.ink))
    }
}

/// The demo shop's own folder, the template for every other.
pub(super) fn demo() -> BTreeMap<String, String> {
    fn walk(dir: &std::path::Path, root: &std::path::Path, into: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, into);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                into.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/demo/rapport");
    let mut sources = BTreeMap::new();
    walk(&root, &root, &mut sources);
    sources
}

#[track_caller]
/// What a shop's folder becomes with one text in place of another.
pub(super) fn compiled_with(file: &str, old: &str, new: &str) -> crate::published::ShopConfig {
    let mut sources = demo();
    let text = sources.get_mut(file).unwrap();
    assert!(text.contains(old), "{file} does not say {old}");
    *text = text.replacen(old, new, 1);
    compile(sources, &Plain).unwrap().config
}

pub(super) fn problem(file: &str, from: &str, to: &str, expected: &str) {
    let mut sources = demo();
    let text = sources.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} does not contain {from}");
    *text = text.replacen(from, to, 1);
    let problems = compile(sources, &Plain).unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|line| line.starts_with(file) && line.contains(expected)), "{said:#?}");
}

#[test]
fn the_demo_shop_compiles_to_files_named_after_their_contents() {
    let release = compile(demo(), &Plain).unwrap();
    assert_eq!(release.languages.keys().collect::<Vec<_>>(), ["ar", "en"]);
    for (name, body) in &release.files {
        assert_eq!(*name, short(&Sha256::digest(STANDARD.decode(body).unwrap())));
    }
    let file: LanguageFile =
        serde_json::from_slice(&STANDARD.decode(&release.files[&release.languages["ar"]]).unwrap()).unwrap();
    assert_eq!(file.plan[0].wake.campaign, "hello");
    let survey = file.plan.iter().find(|planned| planned.wake.campaign == "leaving").unwrap();
    assert!(survey.html.starts_with("<dialog data-campaign=leaving ") && survey.html.ends_with("</dialog>"));
    assert_eq!(survey.wake.survey.as_ref().map(Vec::len), Some(5));
    let first = file.plan.iter().find(|planned| planned.wake.campaign == "email-first").unwrap();
    assert!(first.html.contains("</dialog>") && first.texts.as_ref().is_some_and(|own| *own != file.texts));
    let html = &file.plan[0].html;
    let start = "<dialog data-campaign=hello aria-labelledby=rp-hello-title lang=ar dir=rtl><p>";
    assert!(html.starts_with(start) && html.contains("</dialog><button class=rp-tab>"), "{html}");
    let brain = Brain::read(&STANDARD.decode(&release.files[&file.brain]).unwrap()).unwrap();
    assert_eq!(brain.version, release.version);
    assert_eq!(brain.forms[0].asks.len(), 2);
    assert_eq!(brain.calendar.as_ref().map(|words| words.months.len()), Some(12), "one is asked for a birthday");
    let older = Brain { calendar: None, ..brain };
    assert_eq!(Brain::read(&older.write().unwrap()), Ok(older), "published before there were calendars");
}

#[test]
fn topics_keep_the_shop_s_order_and_a_release_from_before_there_were_any_is_read() {
    let config = compile(demo(), &Plain).unwrap().config;
    assert_eq!(
        config.topics.iter().map(|topic| topic.name.as_str()).collect::<Vec<_>>(),
        ["offers", "arrivals", "stories"]
    );
    let mut old = serde_json::to_value(&config).unwrap();
    for field in ["topics", "zone"] {
        old.as_object_mut().unwrap().remove(field);
    }
    let read: crate::published::ShopConfig = serde_json::from_value(old).unwrap();
    assert_eq!((read.topics.len(), read.zone.as_str()), (0, "UTC"));
}

#[test]
fn the_same_texts_are_the_same_version_and_others_are_not() {
    let first = compile(demo(), &Plain).unwrap();
    assert_eq!(compile(demo(), &Plain).unwrap(), first);
    let mut changed = demo();
    changed.get_mut("mails/welcome/en.txt").unwrap().push_str("PS");
    assert_ne!(compile(changed, &Plain).unwrap().version, first.version);
}

#[test]
fn what_is_wrong_is_named_by_file_and_line() {
    problem("shop.toml", "name = \"Skerrow\"", "name = 7", "shop.toml:3: invalid type");
    problem("shop.toml", "[theme]", "colour = 1\n[theme]", "unknown field");
    problem("shop.toml", "url = \"http", "url = \"ftp", "expected the address");
    problem("shop.toml", "postal = \"", "postal = \" \" # \"", "sender.postal is missing");
    problem("campaigns/hello.toml", "\"after 2s\"", "\"soon\"", "\"soon\" is no trigger");
    problem("campaigns/hello.toml", "offer = \"welcome\"", "offer = \"gone\"", ":5: there is no gone in offers/");
    problem("campaigns/hello.toml", "reveal = \"confirmed\"", "reveal = \"never\"", "\"at once\" or \"confirmed\"");
    problem("campaigns/hello.toml", "[text.ar]", "[text.fa]", "[text.ar] is missing");
    problem("campaigns/hello.toml", "again_after = \"30 days\"", "again_after = \"a while\"", "expected a span");
    problem("offers/welcome.toml", "percent = 10", "percent = 0", "1 to 100");
    problem("journeys/welcome.toml", "send = \"reminder\"", "send = \"lost\"", "there is no lost in mails/");
    problem("mails/welcome/mail.toml", "subject.ar", "subject.fa", "subject.ar is missing");
    problem("mails/welcome/en.mjml", "{{ link.unsubscribe }}", "#", "needs {{ link.unsubscribe }}");
    problem("mails/welcome/en.txt", "{{ link.preferences }}", "#", "needs {{ link.preferences }}");
    problem("mails/reminder/mail.toml", "topic = \"offers\"", "topic = \"gossip\"", ":2: there is no [topics.gossip]");
    problem("shop.toml", "zone = \"Europe/London\"", "zone = \"London\"", "shop.toml:7: expected a time zone");
    problem("shop.toml", "[topics.offers]", "[topics.\"Our offers\"]", "expected a name of lower-case letters");
    problem("shop.toml", "title.ar = \"العروض", "title.fa = \"العروض", "title is missing for \"ar\"");
    problem("mails/welcome/en.txt", "{{ offer.code }}", "{{ offer.kode }}", "as a template");
    problem("mails/welcome/en.mjml", "</mjml>", "", "as MJML");
    problem("shop.toml", "currency = \"EUR\"", "currency = \"euro\"", "shop.toml:8: expected a currency");
    problem(
        "campaigns/hello.toml",
        "confirm_mail =",
        "journey = \"welcome\"\nconfirm_mail =",
        ":7: a campaign begins no journey",
    );
    problem("offers/vip.toml", "percent = 20", "percent = 200", "1 to 100");
    problem("segments/unhappy.toml", "\"unhappy\"", "\"hungry\"", "segments/unhappy.toml:6: unknown variant `hungry`");
    problem("journeys/welcome.toml", "code = \"welcome\"", "wait = \"1 day\"", ":12: it names a code");
}

#[test]
fn a_text_message_is_short_and_says_who_writes_and_how_to_stop() {
    const VIP: &str = "texts/vip.toml";
    problem(VIP, "topic = \"offers\"", "topic = \"gossip\"", ":2: there is no [topics.gossip]");
    problem(VIP, "ar = ", "fa = ", ":4: text.ar is missing");
    problem(VIP, "{{ offer.code }}", "{{ offer.kode }}", ":5: as a template");
    problem(VIP, "{{ shop.name }}. No", "me. No", ":5: text.en: a marketing text needs {{ shop.name }}");
    problem(VIP, "reply STOP or", "bye", ":5: text.en: a marketing text needs the word STOP");
    let both = "{{ link.shop }} Mara, {{ shop.name }}. No more texts: reply STOP or {{ link.unsubscribe }}";
    problem(VIP, both, "Mara, {{ shop.name }}. Reply STOP", ":5: text.en: a marketing text needs a link");
    problem(VIP, "say thanks", &"blah ".repeat(90), ":5: text.en: it would be sent in 5 parts; expected at most 3");
    let config = compile(demo(), &Plain).unwrap().config;
    let text = &config.texts[&"thank-you".parse().unwrap()];
    assert_eq!(text.kind, crate::sending::Kind::Transactional);
    let sample = |much| {
        let sample = super::sample::sample("en", true, None);
        super::sample::showing(sample, text.shows, much, crate::message::basket::TEXT)
    };
    let said = |much| crate::message::render_text(&text.texts["en"], &sample(much)).unwrap();
    assert_eq!(said(false), "Anna, thank you for your order. I am packing it now. Mara, Shop");
    let (name, full) = ("ł".repeat(28), said(true));
    assert_eq!(
        full,
        format!("Anna, thank you for 2 x {name}, 2 x {name} and 12 more, €2,039.80. I am packing it now. Mara, Shop")
    );
}

#[test]
fn the_standard_journeys_become_the_rules_of_their_version() {
    let config = compile(demo(), &Plain).unwrap().config;
    let rules = config.rules("v7");
    let names: Vec<&str> = rules.journeys.iter().map(|journey| journey.name.as_str()).collect();
    assert_eq!(names, ["birthday", "left-cart", "rescue", "thank-you", "vip", "welcome", "win-back"]);
    assert_eq!((rules.version.as_str(), rules.segments.len()), ("v7", 1));
    assert_eq!(config.currency.map(|currency| currency.to_string()).as_deref(), Some("EUR"));
    let written = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<crate::published::ShopConfig>(&written).unwrap(), config);
}

#[test]
fn a_release_from_before_journeys_had_entries_is_read_as_what_it_meant() {
    let mut old = serde_json::to_value(compile(demo(), &Plain).unwrap().config).unwrap();
    for field in ["segments", "texts", "currency"] {
        old.as_object_mut().unwrap().remove(field);
    }
    old["campaigns"][0]["form"]["journey"] = "welcome".into();
    old["journeys"] = serde_json::json!([{
        "name": "welcome", "begins": "confirmed",
        "steps": [
            { "send": { "mail": "welcome", "unless": null } },
            { "wait": 864_000_000 },
            { "send": { "mail": "reminder", "unless": "code_used" } },
        ],
    }]);
    let read: crate::published::ShopConfig = serde_json::from_value(old).unwrap();
    let message = |name: &str, days: i64| serde_json::json!({ "message": { "channel": "email", "name": name, "valid_for": days * 86_400_000, "today_only": false } });
    assert_eq!(
        serde_json::to_value(&read.journeys).unwrap(),
        serde_json::json!([{
            "name": "welcome", "key": "shopper", "again": "never",
            "entry": { "event": { "event": "address.confirmed", "subject": "hello", "same": false } },
            "exits": [{ "happened": {
                "event": "code.used", "subject": "welcome", "same": false, "since_start": false, "at_least": 1,
            } }],
            "steps": [
                { "id": "code-welcome", "act": { "code": { "offer": "welcome", "fresh": false } }, "next": 1 },
                { "id": "send-welcome-0", "act": message("welcome", 3), "next": 2 },
                { "id": "wait-1", "act": { "wait": { "for": 864_000_000 } }, "next": 3 },
                { "id": "send-reminder-2", "act": message("reminder", 3), "next": 4 },
            ],
        }])
    );
    assert_eq!(read.campaigns[0].form.as_ref().unwrap().journey, None);
    // Written and read again it is the same.
    let again = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
    assert_eq!(read, again);
}

/// What the demo shop's VIP journey does, as the engine runs it.
#[test]
fn a_journey_from_text_runs() {
    use crate::consent::Channel;
    use crate::facts::{About, Happened, Kind};
    use crate::journey::{Deed, Fate, Given, Input, Shopper, Surroundings};
    use crate::time::{Span, Timestamp};

    let config = compile(demo(), &Plain).unwrap().config;
    let mut rules = config.rules("v1");
    rules.journeys.retain(|journey| journey.name.as_str() == "vip");
    let zone = config.zone.parse().unwrap();
    let mut shopper = Shopper::default();
    let mut step = |now: Timestamp, input: &Input<'_>| {
        let around = Surroundings {
            now,
            live: &rules,
            earlier: &[],
            zone: &zone,
            country: None,
            language: "en",
            birthday: None,
            channels: &[Channel::Email],
            outlook: None,
            seed: 7,
        };
        let deeds = shopper.step(input, &around).into_iter().filter_map(|effect| match effect.deed {
            Deed::Say(said) => Some(format!("{} {}", said.message.channel.as_str(), said.message.name)),
            Deed::Issue { offer, .. } => Some(format!("code {offer}")),
            Deed::Tag(happened) => Some(format!("tag {}", happened.about.subject)),
            Deed::Wake(at) => Some(format!("wake {}", at.0)),
            Deed::End(why) => Some(why.rule().to_owned()),
            _ => None,
        });
        deeds.collect::<Vec<_>>()
    };
    let ordered = Timestamp(1_795_608_000_000); // 2026-11-25T12:00:00Z
    let about = About { subject: "7".into(), amount: Some(5_000), ..About::default() };
    let order = Happened::new(ordered, crate::id::EventId(uuid::Uuid::from_u128(1)), Kind::OrderConfirmed, about);
    // 16 December 2026, ten in the morning in London.
    let due = Timestamp(1_797_415_200_000);
    assert_eq!(step(ordered, &Input::Happened(&order)), [format!("wake {}", due.0)]);
    let run = crate::journey::RunId { journey: "vip".parse().unwrap(), key: "7".into() };
    assert_eq!(step(due, &Input::Due(Some(&run))), ["code vip"]);
    let code = Given { offer: "vip".parse().unwrap(), code: "VIP-1".into(), ends: Some(due + Span::days(14)) };
    assert_eq!(step(due, &Input::Code(&run, Some(&code))), ["sms vip"]);
    assert_eq!(step(due, &Input::Fate(&run, 7, "text-vip", Fate::Unsayable)), ["email vip"]);
    assert_eq!(step(due, &Input::Fate(&run, 7, "text-vip-fallback", Fate::Left)), ["tag thanked", "end"]);
}

#[test]
fn a_mail_is_checked_with_the_offer_that_it_is_sent_with() {
    // The confirmation mail never has one, and the welcome has none once its journey gives none.
    problem("mails/confirm/en.txt", "{{ link.confirm }}", "{{ link.confirm }} {{ offer.code }}", "without an offer");
    problem("journeys/welcome.toml", "code = \"welcome\"\nfresh = false", "tag = \"welcomed\"", "code");
    // A code that everybody has does not end.
    let mut sources = demo();
    sources.insert("offers/welcome.toml".into(), "kind = \"shared code\"\npercent = 10\ncode = \"SUMMER\"\n".into());
    let problems = compile(sources.clone(), &Plain).unwrap_err();
    assert!(problems.iter().all(|problem| problem.message.contains("sent with the offer welcome")), "{problems:#?}");
    for text in sources.values_mut() {
        *text = text.replace("{{ offer.ends }}", "{% if offer.ends %}{{ offer.ends }}{% endif %}");
    }
    compile(sources, &Plain).unwrap();
}

#[test]
fn a_message_shows_a_cart_or_an_order_where_its_journey_is_about_one() {
    use crate::published::Shows;
    const CART: &str = "it shows the cart, and a run of this journey is about none";
    const ORDER: &str = "it shows the order, and a run of this journey is about none";

    let config = compile(demo(), &Plain).unwrap().config;
    let shown: Vec<_> = config.mails.iter().filter_map(|(name, mail)| Some((name.as_str(), mail.shows?))).collect();
    assert_eq!(shown, [("left-cart", Shows::Cart), ("left-cart-again", Shows::Cart), ("thank-you", Shows::Order)]);
    assert_eq!(config.texts[&"thank-you".parse().unwrap()].shows, Some(Shows::Order));

    let step = |file: &str, mail: &str, line: u32, expected: &str| {
        let mut sources = demo();
        let text = sources.get_mut(file).unwrap();
        let send = text.lines().find(|line| line.starts_with("send = ")).unwrap().to_owned();
        *text = text.replacen(&send, &format!("send = \"{mail}\""), 1);
        let problems = compile(sources, &Plain).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|said| said.starts_with(&format!("{file}:{line}: {expected}"))), "{said:#?}");
    };
    step("journeys/win-back.toml", "left-cart", 13, CART);
    step("journeys/rescue.toml", "thank-you", 14, ORDER);
    step("journeys/left-cart.toml", "thank-you", 13, ORDER);
    problem("journeys/left-cart.toml", "again =", "key = \"shopper\"\nagain =", CART);
    problem("journeys/thank-you.toml", "exit =", "key = \"shopper\"\nexit =", ":9: it shows the order");
}

#[test]
fn what_a_letter_shows_is_checked_with_much_and_with_little_of_it() {
    const CART: &str = "mails/left-cart/en.mjml";
    problem(CART, "{{ cart.total }}", "{{ cart.sum }}", "as a template, sent without an offer: undefined value");
    problem(CART, "{{ cart.total }}", "{{ cart.sum }}", "left-cart/en.mjml:67: ");
    problem(CART, "{{ item.title }}", "{{ item.name }}", "as a template");
    problem("mails/left-cart/ar.txt", "{{ item.sum }}", "{{ item.cost }}", "left-cart/ar.txt:8: as a template");
    problem("mails/left-cart/mail.toml", "slipway\"", "slipway: {{ cart.item }}\"", "as a template");
    // Nobody may have said what was bought.
    problem("mails/thank-you/en.txt", "{{ order.number }}", "{{ order.items[0].title }}", "en.txt:3: as a template");
    problem(
        "mails/left-cart/mail.toml",
        "slipway\"",
        "slipway {{ order.number }}\"",
        "it shows both a cart and an order",
    );
    let hello = "campaigns/hello.toml";
    let mut sources = demo();
    sources.get_mut("mails/confirm/en.txt").unwrap().push_str("{% if cart %}{{ cart.total }}{% endif %}");
    let problems = compile(sources, &Plain).unwrap_err();
    assert!(
        problems.iter().any(|each| each.to_string().starts_with(hello) && each.message.contains("it shows the cart")),
        "{problems:#?}"
    );
    problem("texts/thank-you.toml", "{{ order.total }}", "{{ order.sum }}", ":6: as a template");
    problem(
        "texts/thank-you.toml",
        "I am packing it now",
        &"I am packing it now ".repeat(5),
        "parts; expected at most 3",
    );
}

/// The demo shop with a pool beside its own offer.
fn with_pool(text: &str) -> BTreeMap<String, String> {
    let mut sources = demo();
    sources.insert("offers/vip.toml".into(), text.into());
    sources
}

const POOL: &str = "kind = \"pool\"\npercent = 20\nvalid_for = \"today\"\nfallback = \"welcome\"\nlow = 200\n";

#[test]
fn a_pool_names_its_validity_and_what_stands_in_for_it() {
    let made = format!("{POOL}made_in = \"shopify\"\nprefix = \"VIP\"\nahead = 300\npersonal = true\n");
    let config = compile(with_pool(&made), &Plain).unwrap().config;
    assert_eq!(config.alerts.as_deref(), Some("mara@skerrow.example"));
    let offer = config.offer("vip").unwrap();
    let pool = offer.pool().unwrap();
    assert_eq!(
        (pool.valid_for, pool.fallback.as_str(), pool.low, offer.personal),
        (crate::offer::Validity::TODAY, "welcome", 200, true)
    );
    assert_eq!(pool.made.as_ref().map(|made| (made.system.as_str(), made.ahead)), Some(("shopify", 300)));
}

#[test]
fn what_is_wrong_with_a_pool_is_named_by_file_and_line() {
    #[track_caller]
    fn wrong(from: &str, to: &str, expected: &str) {
        let problems = compile(with_pool(&POOL.replacen(from, to, 1)), &Plain).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|line| line.starts_with("offers/vip.toml") && line.contains(expected)), "{said:#?}");
    }
    wrong("\"welcome\"", "\"gone\"", "vip.toml:4: there is no gone in offers/");
    wrong("\"welcome\"", "\"vip\"", ":4: vip is a pool too; expected an offer with a shared code or unique codes");
    wrong("fallback", "instead", "unknown field");
    wrong("fallback = \"welcome\"\n", "", ":1: a pool needs valid_for, and as fallback");
    wrong("\"today\"", "\"tomorrow\"", ":3: expected a span");
    wrong("\"pool\"", "\"pond\"", "expected \"unique codes\" or \"shared code\" or \"pool\"");
    wrong("low = 200", "code = \"VIP\"", ":5: only a shared code has this");
    wrong("low = 200", "prefix = \"VIP\"", ":5: only codes that are made here");
    wrong("low = 200", "ahead = 5", "only a pool with made_in");
    wrong("low = 200", "made_in = \"magento\"", "expected \"shopify\" or \"woocommerce\"");
    wrong("low = 200", "made_in = \"shopify\"", ":5: codes that are made need prefix");
    wrong("low = 200", "made_in = \"shopify\"\nprefix = \"VIP\"\nahead = 5", ":7: expected 10 to 10000");
    problem("shop.toml", "alerts = \"mara@skerrow.example\"", "alerts = \"mara\"", "shop.toml:16: ");

    let mut sources = with_pool(POOL);
    let campaign = sources.get_mut("campaigns/hello.toml").unwrap();
    *campaign = campaign.replace("offer = \"welcome\"", "offer = \"vip\"").replace("\"confirmed\"", "\"at once\"");
    let problems = compile(sources, &Plain).unwrap_err();
    assert!(
        problems.iter().any(|each| each.to_string().contains("hello.toml:6: a pool's codes are for proven")),
        "{problems:#?}"
    );
}
