use crate::campaign::survey::{Kind, Ways};
use crate::publish::compile;
use crate::publish::tests::{Plain, demo, problem};

const FILE: &str = "campaigns/leaving.toml";

fn leaving(config: &crate::published::ShopConfig) -> &crate::campaign::Survey {
    let campaign = config.campaigns.iter().find(|campaign| campaign.name.as_str() == "leaving");
    campaign.and_then(|campaign| campaign.survey.as_ref()).unwrap()
}

#[test]
fn the_demo_shop_s_survey_asks_one_more_question_by_the_answer() {
    let config = compile(demo(), &Plain).unwrap().config;
    let survey = leaving(&config);
    let why = survey.question("why").unwrap();
    let after = |choice: &str| survey.questions.get(why.next(&[choice.to_owned()])).map(|next| next.name.as_str());
    assert_eq!((after("price"), after("size"), after("trust")), (Some("price"), Some("wanted"), Some("trust")));
    assert_eq!((after("looking"), after("other")), (None, None));
    assert_eq!(survey.question("delivery").unwrap().kind, Kind::Multiple);
    assert!(why.required && why.alerts(&["trust".to_owned()]));
    // As the merchant reads it.
    assert_eq!(why.title, "Before you go: what was missing?");
    assert_eq!(why.labels["other"], "Something else");
    let Ways(name, jumps, end) = &survey.ways()[0];
    assert_eq!((name.as_str(), jumps.len(), *end), ("why", 4, 5));
}

#[test]
fn what_is_wrong_with_a_survey_is_said_with_its_line() {
    problem(FILE, "show_as = \"popup\"", "show_as = \"wheel\"", ":4: \"wheel\" is not known here");
    problem(FILE, "triggers = [\"exit\"]", "triggers = [\"sometimes\"]", ":7: \"sometimes\" is no trigger");
    problem(FILE, "kind = \"multiple\"", "kind = \"stars\"", "unknown variant `stars`");
    problem(FILE, "to = \"trust\"", "to = \"nowhere\"", "\"nowhere\" is no later question");
    problem(
        FILE,
        "name = \"trust\"\nkind = \"text\"\nthen = \"end\"",
        "name = \"trust\"\nkind = \"text\"\nthen = \"why\"",
        "is no later question",
    );
    problem(FILE, "alert = [\"trust\"]", "alert = [\"rust\"]", "\"rust\" cannot be chosen; expected price,");
    problem(FILE, "\"damaged trust\" =", "\"bad mood\" =", "expected a sign of unhappiness: damaged trust");
    problem(FILE, "name = \"wanted\"", "name = \"price\"", "another question is named price");
    problem(
        FILE,
        "name = \"wanted\"\nkind = \"text\"",
        "name = \"wanted\"\nkind = \"text\"\nother = true",
        "have options",
    );
    problem(FILE, "options = [\"elsewhere\", \"later\"", "options = [\"later\", \"later\"", "each option once");
    problem(FILE, "{ after = [\"delivery\"], to = \"delivery\" },", "", "no answer leads to this question");
    problem(
        FILE,
        "elsewhere = \"It costs",
        "abroad = \"It costs",
        "text.en.questions.price.options.elsewhere is missing",
    );
    problem(
        FILE,
        "elsewhere = \"It costs",
        "abroad = \"\"\nelsewhere = \"It costs",
        "options.abroad: there is no such option",
    );
    problem(FILE, "title = \"What about the price?\"", "title = \" \"", "text.en.questions.price.title is missing");
    problem(FILE, "[text.ar]", "[text.fr]", "missing field `close`");
    problem(FILE, "[text.en.questions.trust]", "[text.en.questions.doubt]", "there is no such question");
}

#[test]
fn scales_are_asked_for_by_range_and_say_what_their_ends_mean() {
    let mut sources = demo();
    let text = sources.get_mut(FILE).unwrap();
    *text = text.replacen(
        "name = \"wanted\"\nkind = \"text\"",
        "name = \"wanted\"\nkind = \"nps\"\nalert = [\"0 to 6\"]",
        1,
    );
    let said: Vec<String> = compile(sources.clone(), &Plain).unwrap_err().iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|line| line.contains("text.en.questions.wanted.low is missing")), "{said:#?}");
    let text = sources.get_mut(FILE).unwrap();
    *text = text.replace(".questions.wanted]\n", ".questions.wanted]\nlow = \"No\"\nhigh = \"Yes\"\n");
    let config = compile(sources.clone(), &Plain).unwrap().config;
    let survey = leaving(&config);
    assert_eq!(survey.question("wanted").unwrap().alerts, ["0", "1", "2", "3", "4", "5", "6"]);
    let text = sources.get_mut(FILE).unwrap();
    *text = text.replacen("0 to 6", "0 to 11", 1);
    assert!(
        compile(sources, &Plain)
            .unwrap_err()
            .iter()
            .any(|wrong| wrong.message.contains("\"0 to 11\" cannot be chosen"))
    );
}
