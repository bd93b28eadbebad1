use super::*;

/// The only mistake in a journey: its line, and something that is said of it.
#[track_caller]
fn mistake(text: &str, line: usize, expected: &str) {
    mistake_as(text, &known(), line, expected);
}

#[track_caller]
fn mistake_as(text: &str, known: &Known, line: usize, expected: &str) {
    let problems = read_as(text, known).expect_err(text);
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let [only] = said.as_slice() else { panic!("{said:#?}\n{text}") };
    let start = format!("journeys/test.toml:{line}: ");
    assert!(only.starts_with(&start) && only.contains(expected), "{only}\nexpected line {line}, {expected:?}\n{text}");
}

#[test]
fn a_message_that_shows_a_cart_or_an_order_needs_runs_that_are_about_one() {
    let says = |head: &str, mail: &str| format!("{head}\nstep = [{{ send = \"{mail}\" }}]");
    let (cart, order) = ("entry = { event = \"cart.changed\" }", "entry = { event = \"order.confirmed\" }");
    read(&says(cart, "basket"));
    read(&says(order, "parcel"));
    mistake(&says(order, "basket"), 2, "it shows the cart");
    mistake(&says(cart, "parcel"), 2, "it shows the order");
    mistake(&says(&format!("{cart}\nkey = \"shopper\""), "basket"), 3, "it shows the cart");
    mistake(&says(&format!("{order}\nkey = \"year\""), "parcel"), 3, "it shows the order");
    let joined = "entry = { event = \"custom\", name = \"joined\" }";
    mistake(
        &format!("{joined}\nstep = [{{ text = \"short\", fallback = {{ send = \"basket\" }} }}]"),
        2,
        "it shows the cart",
    );
}

#[test]
fn a_mistake_in_the_head_is_named() {
    let head = |text: &str, line, expected| mistake(&format!("{text}\nstep = [{{ exit = true }}]"), line, expected);
    head("key = \"order\"", 1, "entry is missing");
    head("entry = { at = \"10:00\" }", 1, "expected one of event, yearly, segment or silence");
    head("\nentry = { event = \"order.lost\" }", 2, "unknown variant `order.lost`");
    head("entry = { event = \"order.confirmed\", segment = \"regulars\" }", 1, "exclude each other");
    head(
        "entry = { event = \"order.confirmed\", at = \"10:00\" }",
        1,
        "at does not go with event: expected product, campaign",
    );
    head("entry = { event = \"message.accepted\" }", 1, "our own messages begin no journey");
    head("entry = { event = \"code.issued\" }", 1, "begin no journey");
    head("entry = { event = \"order.confirmed\", product = \"A\" }", 1, "product does not go with order.confirmed");
    head("entry = { event = \"address.confirmed\", campaign = \"gone\" }", 1, "there is no gone in campaigns/");
    head("entry = { event = \"order.confirmed\", amount_at_least = 9.999 }", 1, "digits after the point");
    head(
        "entry = { event = \"product.viewed\", amount_at_least = 9 }",
        1,
        "amount_at_least does not go with product.viewed",
    );
    head(
        "entry = { yearly = \"birthday\", at = \"25:00\" }",
        1,
        "expected a time of day such as \"09:30\", not \"25:00\"",
    );
    head("entry = { yearly = \"easter\" }", 1, "unknown variant `easter`");
    head("entry = { segment = \"gone\" }", 1, "there is no gone in segments/");
    head("entry = { silence = \"150 %\" }", 1, "silence needs at_least");
    head("entry = { silence = \"50 %\", at_least = \"1 day\" }", 1, "expected 100 % to 1000 %");
    head("entry = { silence = \"lots\", at_least = \"1 day\" }", 1, "expected a number of percent");
    head(
        "entry = { segment = \"regulars\" }\nkey = \"order\"",
        2,
        "this key needs an entry by an event about an order",
    );
    head("entry = { segment = \"regulars\" }\nagain = \"sometimes\"", 2, "expected \"never\", \"always\" or a span");
    head("entry = { segment = \"regulars\" }\nagian = \"never\"", 2, "unknown field `agian`");
}

#[test]
fn a_mistake_in_a_condition_is_named_however_deep_it_stands() {
    let filter = |text: &str, line, expected| {
        let text = format!("entry = {{ event = \"order.confirmed\" }}\nstep = [{{ exit = true }}]\nfilter = {text}");
        mistake(&text, line, expected);
    };
    filter("{ }", 3, "expected one of all, any, not, fact, event");
    filter("{ any = [] }", 3, "at least one condition");
    filter("{ any = [\n  { tag = \"ok\" },\n  { not = { fact = \"wealth\" } },\n] }", 5, "unknown variant `wealth`");
    filter(
        "{ any = [\n  { tag = \"ok\" },\n  { not = { segment = \"gone\" } },\n] }",
        5,
        "there is no gone in segments/",
    );
    filter("{ fact = \"orders\" }", 3, "a number needs at_least");
    filter("{ fact = \"orders\", at_least = 1.5 }", 3, "expected a whole number");
    filter("{ fact = \"orders\", at_least = 5, at_most = 2 }", 3, "never true");
    filter("{ fact = \"churn\", at_least = 120 }", 3, "0 to 100");
    filter("{ fact = \"orders\", is = \"many\" }", 3, "this fact is a number");
    filter("{ fact = \"country\", at_least = 2 }", 3, "this fact is a word");
    filter("{ fact = \"country\", is = \"Germany\" }", 3, "two letters");
    filter("{ fact = \"country\" }", 3, "a word needs is");
    filter("{ fact = \"answers_by\", is = \"phone\" }", 3, "they answer by one of email, sms");
    filter(
        "{ event = \"frustrated\", name = \"rage clik\" }",
        3,
        "no sign of unhappiness is called so: expected damaged",
    );
    filter("{ event = \"custom\", name = \"rage click\" }", 3, "expected event = \"frustrated\"");
    filter("{ event = \"page.viewed\" }", 3, "not remembered");
    filter("{ event = \"order.confirmed\", since_start = true }", 3, "there is no run yet");
    filter("{ event = \"order.cancelled\", same = true }", 3, "same = true is for journeys");
    filter("{ event = \"order.cancelled\", at_least = 0 }", 3, "1 to 200");
    filter("{ event = \"order.cancelled\", within = \"0 days\" }", 3, "not empty");
    filter("{ event = \"order.cancelled\", at_most = 2 }", 3, "at_most does not go with event");
    filter("{ tag = \"Very Important\" }", 3, "expected a name of lower-case letters");
    filter("{ bought = \" \" }", 3, "not empty");
    filter("{ may = \"pigeon\" }", 3, "unknown variant `pigeon`");
    let poor = Known { currency: None, ..known() };
    let text =
        "entry = { segment = \"regulars\" }\ngoal = { fact = \"spend\", at_least = 100 }\nstep = [{ goal = true }]";
    mistake_as(text, &poor, 2, "needs currency = \"EUR\"");
    let text = "entry = { segment = \"regulars\" }\nstep = [{ goal = true }]\nexit = [\n{ event = \"order.cancelled\", same = true },\n]";
    mistake(text, 4, "same = true is for journeys");
}

#[test]
fn a_mistake_in_a_step_is_named_however_deep_it_stands() {
    let step = |text: &str, line, expected| mistake(&format!("{ENTRY}step = [\n{text}\n]"), line, expected);
    step("", 2, "at least one step");
    step("{ id = \"a\" }", 3, "expected one of wait, wait_until");
    step("{ wait = \"1 day\" },\n{ wiat = \"1 day\" }", 4, "unknown field `wiat`");
    step("{ wait = \"1 day\", send = \"hello\" }", 3, "wait and send exclude each other");
    step("{ wait = \"1 month\" }", 3, "expected a span such as");
    step("{ wait = \"0 days\" }", 3, "not empty");
    step("{ wait = \"36 hours\", at = \"10:00\" }", 3, "only whole days");
    step("{ wait = \"1 day\", at = \"10\" }", 3, "expected a time of day");
    step("{ wait_until = \"someday\" }", 3, "expected a weekday");
    step("{ wait_until = \"2026-02-30\" }", 3, "expected a weekday");
    step("{ wait_until = \"10:00\", at = \"11:00\" }", 3, "a time of day already");
    step("{ quiet_for = 3 }", 3, "invalid type");
    step("{ before_code_ends = \"1 day\" }", 3, "there is no code");
    step("{ wait_for = { event = \"order.confirmed\" } }", 3, "wait_for needs at_most");
    step("{ wait_for = { event = \"order.confirmed\", at_least = 2 }, at_most = \"1 day\" }", 3, "unknown field");
    step("{ wait_for = { event = \"custom\", same = true }, at_most = \"1 day\" }", 3, "same = true is for");
    step("{ code = \"gone\" }", 3, "there is no gone in offers/");
    step("{ send = \"gone\" }", 3, "there is no gone in mails/");
    step("{ text = \"hello\" }", 3, "there is no hello in texts/");
    step("{ send = \"present\" }", 3, "it names a code");
    let one = "{ branch = [\n{ if = { tag = \"gold\" }, step = [{ code = \"vip\" }] },\n";
    step(&format!("{one}] }},\n{{ send = \"present\" }}"), 6, "not every way that leads here has issued one");
    step(&format!("{one}{{ step = [{{ wait = \"1 day\" }}] }}] }},\n{{ text = \"gift\" }}"), 6, "not every way");
    let split = "{ split = [{ share = \"60 %\", step = [{ code = \"vip\" }] }] },\n{ send = \"present\" }";
    step(split, 4, "not every way");
    let awaited =
        "{ wait_for = { event = \"order.confirmed\" }, at_most = \"1 day\", otherwise = [{ code = \"vip\" }] },";
    step(&format!("{awaited}\n{{ send = \"present\" }}"), 4, "not every way");
    step("{ send = \"hello\", valid_for = \"now\" }", 3, "expected a span");
    step("{ send = \"hello\", today_only = false }", 3, "today_only is true, or left out");
    step("{ send = \"hello\", fallback = { send = \"hello\" } }", 3, "expected the other channel");
    step("{ send = \"hello\", fallback = {\n text = \"lost\" } }", 4, "there is no lost in texts/");
    step("{ exit = false }", 3, "exit is true, or left out");
    step("{ alert = \"\" }", 3, "not empty");
    step("{ exit = true },\n{ send = \"hello\" }", 4, "never reached");
    step("{ id = \"a\", wait = \"1 day\" },\n{ id = \"a\", wait = \"2 days\" }", 4, "another step is named a already");
    step("{ branch = [] }", 3, "at least one way");
    step("{ branch = [{ step = [] }] }", 3, "at least one way with a condition");
    step("{ branch = [{ if = { tag = \"a\" } }] }", 3, "step is missing");
    step("{ branch = [\n{ if = { tag = \"a\" }, step = [] },\n{ step = [] },\n{ step = [] },\n] }", 6, "never taken");
    step(
        "{ branch = [\n{ if = { tag = \"a\" }, step = [\n{ goal = true }\n] },\n{ step = [{ exit = true }] },\n] },\n{ tag = \"b\" }",
        9,
        "never reached",
    );
    step("{ split = [] }", 3, "at least one way");
    step("{ split = [\n{ share = \"60 %\", step = [] },\n{ share = \"50 %\", step = [] }] }", 5, "more than 100 %");
    step("{ split = [{ share = \"0 %\", step = [] }] }", 3, "nobody draws");
    step("{ split = [{ share = \"half\", step = [] }] }", 3, "expected a number of percent");
    step("{ split = [{ share = \"50 %\" }] }", 3, "share needs step");
    let many = format!("{ENTRY}step = [\n{}\n]", "{ tag = \"a\" },\n".repeat(1_001));
    mistake(&many, 2, "at most 1000 steps");
}

#[test]
fn tables_with_headers_have_their_lines_too() {
    let text = "entry = { segment = \"regulars\" }\n\n[[step]]\nwait = \"1 day\"\n\n[[step]]\nwait_for = { event = \"code.used\" }\n\
        at_most = \"1 day\"\n\n[[step.otherwise]]\nsend = \"gone\"\n";
    mistake(text, 11, "there is no gone in mails/");
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let text = "entry = { segment = \"gone\" }\nstep = [{ send = \"lost\" }]";
    assert_eq!(read_as(text, &known()).unwrap_err().len(), 1, "without an entry the rest cannot be judged");
    let text = "entry = { segment = \"regulars\" }\nfilter = { any = [{ segment = \"a\" }, { segment = \"b\" }] }\n\
        goal = { fact = \"orders\" }\nstep = [{ send = \"lost\" }, { wait = \"x\" }, { split = [{ share = \"y\", step = [{ code = \"z\" }] }] }]";
    let lines: Vec<_> = read_as(text, &known()).unwrap_err().into_iter().map(|problem| problem.line.unwrap()).collect();
    assert_eq!(lines, [2, 2, 3, 4, 4, 4, 4]);
}

#[test]
fn a_segment_does_not_ask_for_itself_by_way_of_others_either() {
    let sources: BTreeMap<String, String> = [
        ("a", "when = { segment = \"b\" }"),
        ("b", "title = \"B\"\nwhen = { any = [\n{ tag = \"x\" },\n{ not = { segment = \"c\" } }] }"),
        ("c", "when = { segment = \"b\" }"),
        ("d", "title.en = \"D\"\nwhen = { fact = \"orders\", at_least = 2 }"),
    ]
    .into_iter()
    .map(|(name, text)| (format!("segments/{name}.toml"), text.to_owned()))
    .collect();
    let mut files = Files::new(&sources);
    let found = files.names("segments");
    let known = Known { segments: names(&["a", "b", "c", "d"]), ..known() };
    segments(&mut files, &found, &known, &["en".into(), "de".into()]);
    let said: Vec<String> = files.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "segments/d.toml:1: title is missing for \"de\"",
            "segments/b.toml:4: the segment asks for itself: b, c, b",
            "segments/c.toml:1: the segment asks for itself: c, b, c",
        ]
    );
}

/// What is said of journeys that a folder holds: their names and texts.
fn of_journeys(list: &[(&str, &str)]) -> Vec<String> {
    let sources: BTreeMap<String, String> =
        list.iter().map(|(name, text)| (format!("journeys/{name}.toml"), (*text).to_owned())).collect();
    let mut files = Files::new(&sources);
    let found = files.names("journeys");
    let known = known();
    let journeys: Vec<_> =
        found.iter().filter_map(|(name, path)| journey(&mut files, name.clone(), path, &known)).collect();
    check_tags(&mut files, &journeys, &found);
    files.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn journeys_whose_tags_begin_them_again_without_an_end_are_refused() {
    let entry = |kind: &str, tag: &str, again: &str, step: &str| {
        format!(
            "# A tag.\n\nentry = {{ event = \"tag.{kind}\", name = \"{tag}\" }}\nagain = \"{again}\"\nstep = [{{ {step} }}]"
        )
    };
    let own = entry("added", "a", "always", "tag = \"a\"");
    let said = of_journeys(&[("own", &own)]);
    assert!(said.len() == 1 && said[0].starts_with("journeys/own.toml:3: its own tags begin it again"), "{said:?}");
    let [one, two] = [entry("added", "a", "1 day", "untag = \"b\""), entry("removed", "b", "always", "tag = \"a\"")];
    let said = of_journeys(&[("one", &one), ("two", &two)]);
    assert!(said.len() == 2 && said[0].contains("(one, two, one)") && said[1].contains("(two, one, two)"), "{said:?}");
    // Whatever ends of itself is fine.
    let never = entry("removed", "b", "never", "tag = \"a\"");
    assert_eq!(of_journeys(&[("one", &one), ("two", &never)]), [""; 0]);
    assert_eq!(of_journeys(&[("on", &entry("removed", "a", "always", "tag = \"a\""))]), [""; 0]);
    assert_eq!(of_journeys(&[("a", &entry("added", "a", "always", "tag = \"b\""))]), [""; 0]);
}

#[test]
fn segments_that_ask_more_and_more_by_way_of_each_other_are_refused() {
    let sources: BTreeMap<String, String> = (0..12)
        .map(|n| {
            let text = match n {
                0 => "when = { tag = \"x\" }".to_owned(),
                n => format!(
                    "when = {{ any = [\n{{ segment = \"s{0}\" }},\n{{ not = {{ segment = \"s{0}\" }} }}] }}",
                    n - 1
                ),
            };
            (format!("segments/s{n}.toml"), text)
        })
        .collect();
    let mut files = Files::new(&sources);
    let found = files.names("segments");
    let known = Known { segments: found.iter().map(|(name, _)| name.clone()).collect(), ..known() };
    segments(&mut files, &found, &known, &["en".into()]);
    let said: Vec<String> = files.problems.iter().map(ToString::to_string).collect();
    // 3 * 2^n - 2: of the ninth it is 1,534.
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said.iter()
            .any(|said| said.starts_with("segments/s9.toml:2: by way of other segments this asks 1534 questions")),
        "{said:?}"
    );
}

#[test]
fn a_text_that_no_event_could_say_is_refused() {
    let long = "x".repeat(81);
    let text = format!("entry = {{ event = \"product.viewed\", category = \"{long}\" }}\nstep = [{{ exit = true }}]");
    mistake(&text, 1, "at most 80 bytes");
}
