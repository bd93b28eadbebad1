use crate::campaign::{Audience, Device, Glob, Trigger};
use crate::publish::tests::{compiled_with, problem};

const HELLO: &str = "campaigns/hello.toml";
const PRIORITY: &str = "priority = 10";

#[test]
fn an_audience_is_read_in_groups() {
    let text = r#"audience = { all = [
        { any = [ { device = "phone" }, { device = ["tablet", "desktop"] }, { visitor = "new" } ] },
        { not = { page = ["/sale*", "/gifts*"] } },
        { known = false },
        { cart_from = 19.90 },
        { cart_below = 200 },
        { referrer = ["*.social.example", "direct"] },
    ] }"#;
    let config = compiled_with(HELLO, PRIORITY, text);
    let hello = config.campaigns.iter().find(|campaign| campaign.name.as_str() == "hello").unwrap();
    let not = |audience| Audience::Not(Box::new(audience));
    let Some(Audience::All(all)) = &hello.audience else { panic!("{:?}", hello.audience) };
    let [any, page, known, from, below, referrer] = all.as_slice() else { panic!("{all:?}") };
    let devices = |devices: &[Device]| Audience::Device(devices.to_vec());
    let list = vec![devices(&[Device::Phone]), devices(&[Device::Tablet, Device::Desktop]), not(Audience::Returning)];
    assert_eq!(*any, Audience::Any(list));
    assert_eq!(*page, not(Audience::Page(vec![Glob("/sale*".into()), Glob("/gifts*".into())])));
    assert_eq!(*known, not(Audience::Known));
    assert!(matches!(from, Audience::CartFrom(money) if money.minor == 1_990));
    assert!(
        matches!(below, Audience::Not(from) if matches!(**from, Audience::CartFrom(money) if money.minor == 20_000))
    );
    assert_eq!(*referrer, Audience::Referrer(vec![Glob("*.social.example".into()), Glob(String::new())]));
}

#[test]
fn how_often_how_important_and_what_else_fires_is_read() {
    let config = compiled_with(HELLO, PRIORITY, "priority = -3\nmost = [\"1 in 1 day\", \"3 in 30 days\"]");
    let last = config.campaigns.last().unwrap();
    assert_eq!(
        (last.name.as_str(), last.priority, last.most.len()),
        ("hello", -3, 2),
        "the least important comes last"
    );
    assert_eq!(config.shown.len(), 1);
    let config = compiled_with(HELLO, "\"after 2s\"", "\"click .basket > a\", \"said empty search\"");
    let hello = config.campaigns.iter().find(|campaign| campaign.name.as_str() == "hello").unwrap();
    let [click, said, ..] = hello.triggers.as_slice() else { panic!("{:?}", hello.triggers) };
    assert_eq!(*click, Trigger::Click(".basket > a".into()));
    assert_eq!(*said, Trigger::Said("empty search".into()));
}

#[test]
fn what_is_wrong_with_an_audience_is_named_with_its_line() {
    for (text, says) in [
        ("audience = { }", "expected one of all, any, not, page"),
        ("audience = { device = \"phone\", known = true }", "expected one of all, any"),
        ("audience = { device = \"watch\" }", "expected \"phone\", \"tablet\" or \"desktop\""),
        ("audience = { device = [] }", "expected \"phone\""),
        ("audience = { visitor = \"old\" }", "\"old\" is not known here; expected \"new\" or \"returning\""),
        ("audience = { any = [] }", "expected at least one condition"),
        ("audience = { all = [ { not = { colour = \"red\" } } ] }", "unknown field `colour`"),
        ("audience = { cart_from = 0 }", "expected an amount above nothing"),
        ("audience = { cart_from = 1.999 }", "(EUR)"),
        ("audience = { referrer = \"https://www.example.org/\" }", "expected hosts such as"),
        ("most = [\"often\"]", "expected such as \"1 in 1 day\", at most 20"),
        ("most = [\"21 in 1 day\"]", "at most 20"),
    ] {
        problem(HELLO, PRIORITY, text, says);
    }
    problem("shop.toml", "shown = [\"6 in 1 day\"]", "shown = [\"0 in 1 day\"]", "at most 20");
    problem(HELLO, "\"exit\"", "\"click \"", "\"click .selector\"");
}
