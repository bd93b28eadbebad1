use super::*;

struct Plain;

impl Markup for Plain {
    fn first_step(&self, form: &FormView) -> String {
        format!("<p>{}</p>", form.text.title)
    }

    fn stylesheet(&self, theme: &Theme) -> Result<String, String> {
        Ok(format!(":host{{color:{}}}", theme.ink))
    }
}

/// The demo shop's own folder, the template for every other.
fn demo() -> BTreeMap<String, String> {
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
fn problem(file: &str, from: &str, to: &str, expected: &str) {
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
    let html = &file.plan[0].html;
    let start = "<dialog data-campaign=hello aria-labelledby=rp-hello-title lang=ar dir=rtl><p>";
    assert!(html.starts_with(start) && html.contains("</dialog><button class=rp-tab>"), "{html}");
    let brain = Brain::read(&STANDARD.decode(&release.files[&file.brain]).unwrap()).unwrap();
    assert_eq!(brain.version, release.version);
    assert_eq!(brain.forms[0].asks.len(), 2);
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
}

#[test]
fn a_mail_is_checked_with_the_offer_that_it_is_sent_with() {
    // The confirmation mail never has one, and the welcome has none once the campaign promises none.
    problem("mails/confirm/en.txt", "{{ link.confirm }}", "{{ link.confirm }} {{ offer.code }}", "without an offer");
    let mut sources = demo();
    let campaign = sources.get_mut("campaigns/hello.toml").unwrap();
    *campaign = campaign.replacen("offer = \"welcome\"", "", 1);
    let problems = compile(sources.clone(), &Plain).unwrap_err();
    let at = |file: &str| problems.iter().any(|problem| problem.file == file);
    assert!(
        at("mails/welcome/en.txt") || at("mails/welcome/en.mjml") || at("mails/welcome/mail.toml"),
        "{problems:#?}"
    );
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
    let mut sources = with_pool(&made);
    let shop = sources.get_mut("shop.toml").unwrap();
    *shop = shop.replacen("[sender]", "[merchant]\nalerts = \"mara@skerrow.example\"\n\n[sender]", 1);
    let config = compile(sources, &Plain).unwrap().config;
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
    problem("shop.toml", "[sender]", "[merchant]\nalerts = \"mara\"\n[sender]", "shop.toml:10: ");

    let mut sources = with_pool(POOL);
    let campaign = sources.get_mut("campaigns/hello.toml").unwrap();
    *campaign = campaign.replace("offer = \"welcome\"", "offer = \"vip\"").replace("\"confirmed\"", "\"at once\"");
    let problems = compile(sources, &Plain).unwrap_err();
    assert!(
        problems.iter().any(|each| each.to_string().contains("hello.toml:6: a pool's codes are for proven")),
        "{problems:#?}"
    );
}
