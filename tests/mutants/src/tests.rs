use std::collections::BTreeSet;

use crate::list::{Genre, Mutant, Place, Span};
use crate::sites::Sites;
use crate::{render, sites};

/// A mutant of a source of one line, that replaces a part of it which is there once.
fn mutant(number: u32, source: &str, genre: Genre, part: &str, replacement: &str) -> Mutant {
    assert_eq!(source.matches(part).count(), 1, "{part}");
    let place = |byte: usize| Place { line: 1, column: source[..byte].chars().count() + 1 };
    let start = source.find(part).unwrap();
    let span = Span { start: place(start), end: place(start + part.len()) };
    Mutant { number, name: part.into(), file: "lib.rs".into(), genre, span, replacement: replacement.into() }
}

fn found(source: &str, mutants: &[(Genre, &str, &str)]) -> Sites {
    let mutants = (1..).zip(mutants);
    let mutants = mutants.map(|(number, (genre, part, text))| mutant(number, source, *genre, part, text));
    sites::find(source, &mutants.collect::<Vec<_>>().iter().collect::<Vec<_>>()).unwrap()
}

/// All of them are found, and this is what is compiled; without any of them it is the source.
#[track_caller]
fn check(source: &str, mutants: &[(Genre, &str, &str)], expected: &str) {
    let sites = found(source, mutants);
    assert_eq!(sites.alone, [] as [u32; 0]);
    assert_eq!(render::all(source, &sites, &BTreeSet::new()).text.replace("crate::mutant::", ""), expected);
    let without = (1..).take(mutants.len()).collect();
    assert_eq!(render::all(source, &sites, &without).text, source);
}

#[test]
fn an_expression_within_another_has_a_switch_of_its_own() {
    check(
        "fn f(é: i8, b: i8) -> bool { !(é + 1 < b) }",
        &[
            (Genre::BinaryOperator, "<", "=="),
            (Genre::BinaryOperator, "<", "<="),
            (Genre::BinaryOperator, "+", "-"),
            (Genre::UnaryOperator, "!", ""),
        ],
        "fn f(é: i8, b: i8) -> bool { (if is(4) { (é + 1 < b) } else { !((if is(1) { (é + 1) == (b) } else if is(2) \
         { (é + 1) <= (b) } else { (if is(3) { (é) - (1) } else { é + 1 }) < b })) }) }",
    );
}

#[test]
fn a_function_returns_before_it_does_anything_and_is_not_constant_any_more() {
    check(
        "const fn f() -> u8 { g() + 2 }",
        &[(Genre::FnValue, "g() + 2", "0"), (Genre::BinaryOperator, "+", "*")],
        " fn f() -> u8 { if is(1) { return 0; } (if is(2) { (g()) * (2) } else { g() + 2 }) }",
    );
}

#[test]
fn an_arm_is_taken_unless_it_is_gone_and_its_condition_can_be_another() {
    check(
        "fn f(a: u8) -> u8 { match a { 0 | 1 => 1, n if n >= 5 => 2, _ => 3 } }",
        &[
            (Genre::MatchArm, "0 | 1 => 1,", ""),
            (Genre::MatchArmGuard, "n >= 5", "true"),
            (Genre::BinaryOperator, ">=", "<"),
        ],
        "fn f(a: u8) -> u8 { match a { 0 | 1 if !is(1) => 1, n if (if is(2) { true } else if is(3) { (n) < (5) } \
         else { n >= 5 }) => 2, _ => 3 } }",
    );
}

#[test]
fn a_field_is_taken_from_the_base() {
    check(
        "fn f(b: B) -> B { B { x: 1, y: 2 + 3, ..b } }",
        &[(Genre::StructField, "y: 2 + 3,", ""), (Genre::BinaryOperator, "+", "-")],
        "fn f(b: B) -> B { (if is(1) { B { x: 1,  ..b } } else { B { x: 1, y: (if is(2) { (2) - (3) } else { 2 + 3 }), \
         ..b } }) }",
    );
}

#[test]
fn what_cannot_stand_beside_what_it_replaces_is_built_alone() {
    for (source, change) in [
        ("fn f(a: Option<u8>) { if let Some(b) = a && b == 1 {} }", (Genre::BinaryOperator, "&&", "||")),
        ("fn f() -> impl Iterator<Item = u8> { g() }", (Genre::FnValue, "g()", "::std::iter::empty()")),
        ("fn f(a: u8) { match a { 0 => (), _ if a > 1 => (), n => g(n) } }", (Genre::MatchArm, "0 => (),", "")),
    ] {
        let sites = found(source, &[change]);
        assert_eq!(sites.alone, [1], "{source}");
        assert_eq!(render::all(source, &sites, &BTreeSet::from([1])).text, source);
    }
}

#[test]
fn alone_a_mutant_is_written_in_place_of_what_it_replaces() {
    for (source, (genre, part, text), expected) in [
        ("fn f() -> u8 { 1 + 2 }", (Genre::FnValue, "1 + 2", "0"), "fn f() -> u8 { 0 }"),
        ("fn f() -> u8 { 1 + 2 }", (Genre::BinaryOperator, "+", "-"), "fn f() -> u8 { (1) - (2) }"),
        (
            "fn f() { match 1 { 0 => (), _ => g() } }",
            (Genre::MatchArm, "0 => (),", ""),
            "fn f() { match 1 {  _ => g() } }",
        ),
    ] {
        let change = mutant(1, source, genre, part, text);
        let range = sites::range(source, &change).unwrap();
        assert_eq!(render::one(source, &found(source, &[(genre, part, text)]), 1, &range, text), expected);
    }
}
