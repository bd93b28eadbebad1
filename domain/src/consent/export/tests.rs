use proptest::prelude::*;

use super::*;
use crate::consent::chain::{self, Fault};
use crate::consent::{EMAIL_MARKETING, Permission, SMS_MARKETING, standing_of};
use crate::id::Uuid;

fn shopper(number: u8) -> ShopperId {
    ShopperId(Uuid::from_bytes([number; 16]))
}

fn arb_statement() -> impl Strategy<Value = Statement> {
    let permission = prop_oneof![Just(EMAIL_MARKETING), Just(SMS_MARKETING)];
    let standing = prop_oneof![Just(Standing::Asked), Just(Standing::Given), Just(Standing::Withdrawn)];
    let basis = prop_oneof![
        Just(Basis::Consent),
        (any::<[u8; 32]>(), any::<i32>())
            .prop_map(|(order, at)| Basis::SoftOptIn { order: Hash(order), at: Timestamp(at.into()) }),
        "\\PC{0,8}".prop_map(|origin| Basis::Imported { origin }),
    ];
    let proof = prop::option::of(
        ("[a-z ]{0,12}", any::<i32>()).prop_map(|(method, at)| Proof { method, at: Timestamp(at.into()) }),
    );
    let texts = ("\\PC{0,20}", "[0-9a-f]{0,16}", "[a-z/]{0,12}", "[a-z ]{0,12}");
    (permission, standing, any::<i32>(), texts, basis, proof).prop_map(
        |(permission, standing, at, (wording, version, page, method), basis, proof)| Statement {
            receipt: Receipt { permission, standing, at: Timestamp(at.into()), wording, version, page, method },
            basis,
            proof,
        },
    )
}

/// The mixed chains of up to three shoppers.
fn links(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Link>> {
    prop::collection::vec((1..4_u8, arb_statement()), count).prop_map(|said| {
        let mut heads = BTreeMap::new();
        said.into_iter()
            .map(|(number, statement)| {
                let head = heads.entry(number).or_insert(GENESIS);
                let link = chain::append(shopper(number), *head, statement);
                *head = link.hash;
                link
            })
            .collect()
    })
}

fn export(links: &[Link]) -> String {
    write(links).expect("receipts can be written")
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn a_link() -> Link {
    let receipt = Receipt {
        permission: EMAIL_MARKETING,
        standing: Standing::Given,
        at: Timestamp(1_700_000_000_000),
        wording: "News and offers, about twice a month".to_owned(),
        version: "0123456789abcdef".to_owned(),
        page: "https://shop.example/".to_owned(),
        method: "confirmation link".to_owned(),
    };
    let proof = Some(Proof { method: "confirmation link".to_owned(), at: Timestamp(1_700_000_000_000) });
    chain::append(shopper(1), GENESIS, Statement { receipt, basis: Basis::Consent, proof })
}

/// The canonical bytes are for ever: receipts that were written must stay verifiable.
#[test]
fn the_hash_of_a_receipt_never_changes() {
    assert_eq!(a_link().hash.to_string(), "d4375529923071316b1bfbc866fa6767b59a559ea2b0e205aba3911b571014e1");
    let text = export(&[a_link()]);
    assert_eq!(text, include_str!("../../../fixtures/receipts.ndjson"));
}

#[test]
fn a_whole_export_is_summed_up() {
    let summary = verify_export(&export(&[a_link()])).expect("it is whole");
    assert_eq!((summary.receipts, summary.shoppers), (1, 1));
    assert_eq!(summary.times, Some((Timestamp(1_700_000_000_000), Timestamp(1_700_000_000_000))));
    assert_eq!(verify_export(&export(&[])).map(|empty| (empty.receipts, empty.times)), Ok((0, None)));
}

#[test]
fn a_broken_export_names_the_line() {
    let first = a_link();
    let second = chain::append(first.shopper, first.hash, first.statement.clone());
    let text = export(&[first, second]);
    let [one, two, end] = lines(&text)[..] else { panic!("three lines") };
    for (what, text, line) in [
        ("nothing at all", String::new(), 1),
        ("the closing line is missing", format!("{one}{two}"), 3),
        ("the last receipt is missing", format!("{one}{end}"), 2),
        ("the first receipt is missing", format!("{two}{end}"), 1),
        ("a receipt is doubled", format!("{one}{one}{two}{end}"), 2),
        ("the order is another", format!("{two}{one}{end}"), 1),
        ("something follows", format!("{one}{two}{end}{one}"), 4),
        ("the last line does not end", format!("{one}{two}{}", end.trim_end()), 4),
        ("the wording is another", format!("{one}{}{end}", two.replace("twice", "daily")), 2),
        ("a space crept in", format!("{}{two}{end}", one.replacen(':', ": ", 1)), 1),
        ("a field crept in", format!("{}{two}{end}", one.replacen('{', "{\"note\":1,", 1)), 1),
    ] {
        assert_eq!(verify_export(&text).expect_err(what).line, line, "{what}");
    }
}

#[test]
fn a_broken_chain_names_the_link_and_the_fault() {
    let first = a_link();
    let second = chain::append(first.shopper, first.hash, first.statement.clone());
    let mut changed = second.clone();
    changed.statement.receipt.wording.push('!');
    let mut foreign = second.clone();
    foreign.shopper = shopper(2);
    for (links, index, fault) in [
        (vec![first.clone(), changed], 1, Fault::Content),
        (vec![first.clone(), foreign], 1, Fault::Shopper),
        (vec![first.clone(), first.clone()], 1, Fault::Order),
        (vec![second.clone(), first.clone()], 0, Fault::Order),
    ] {
        assert_eq!(chain::verify(shopper(1), &links), Err(chain::Broken { index, fault }));
    }
    assert_eq!(chain::verify(shopper(1), &[first, second.clone()]), Ok(second.hash));
    assert_eq!(chain::verify(shopper(1), &[]), Ok(GENESIS));
}

/// What an erased shopper leaves behind is exactly what is exported: the chain verifies without
/// the sealed data, and there is no field an address could stand in.
#[test]
fn a_chain_verifies_without_personal_data() {
    let text = export(&[a_link()]);
    assert!(verify_export(&text).is_ok());
    let fields: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(lines(&text)[0]).expect("a line is an object");
    let names: Vec<_> = fields.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "at",
            "basis",
            "hash",
            "method",
            "page",
            "permission",
            "previous",
            "proof",
            "shopper",
            "standing",
            "v",
            "version",
            "wording"
        ]
    );
    assert!(!text.contains('@'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_written_is_found_whole(links in links(0..12)) {
        let text = export(&links);
        let summary = verify_export(&text).expect("it is whole");
        prop_assert_eq!(summary.receipts, links.len() as u64);
        prop_assert_eq!(write(&links).ok(), Some(text));
    }

    #[test]
    fn any_changed_byte_is_found(links in links(1..6), place: prop::sample::Index, with in 0..128_u8) {
        let mut bytes = export(&links).into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != with);
        bytes[place] = with;
        // A byte in the middle of a letter makes a text that is no UTF-8: nothing reads that.
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(verify_export(&changed).is_err());
        }
    }

    #[test]
    fn any_dropped_line_is_found(links in links(1..8), which: prop::sample::Index) {
        let text = export(&links);
        let mut lines = lines(&text);
        lines.remove(which.index(lines.len()));
        prop_assert!(verify_export(&lines.concat()).is_err());
    }

    #[test]
    fn any_doubled_line_is_found(links in links(1..8), which: prop::sample::Index, to: prop::sample::Index) {
        let text = export(&links);
        let mut lines = lines(&text);
        let line = lines[which.index(lines.len())];
        lines.insert(to.index(lines.len() + 1), line);
        prop_assert!(verify_export(&lines.concat()).is_err());
    }

    #[test]
    fn any_moved_line_is_found(
        links in links(2..8),
        from: prop::sample::Index,
        to: prop::sample::Index,
    ) {
        let text = export(&links);
        let before = lines(&text);
        let mut after = before.clone();
        let line = after.remove(from.index(after.len()));
        after.insert(to.index(after.len() + 1), line);
        prop_assume!(after != before);
        prop_assert!(verify_export(&after.concat()).is_err());
    }

    #[test]
    fn any_changed_field_is_found_at_its_link(links in links(1..8), which: prop::sample::Index, other in arb_statement()) {
        let first = links[0].shopper;
        let mut mine: Vec<_> = links.into_iter().filter(|link| link.shopper == first).collect();
        let which = which.index(mine.len());
        prop_assume!(mine[which].statement != other);
        mine[which].statement = other;
        prop_assert_eq!(chain::verify(first, &mine), Err(chain::Broken { index: which, fault: Fault::Content }));
    }

    #[test]
    fn two_chains_merged_by_time_give_one_standing(links in links(0..12)) {
        let both = |first: u8, second: u8| -> BTreeMap<Permission, _> {
            let of = |number| links.iter().filter(move |link| link.shopper == shopper(number));
            standing_of(of(first).chain(of(second)).map(|link| &link.statement))
        };
        prop_assert_eq!(both(1, 2), both(2, 1));
    }
}

#[test]
fn whoever_checks_receipts_reads_where_they_are_broken_and_why() {
    use chain::Fault::{Content, Order, Shopper};
    let said = [Content, Order, Shopper].map(|fault| chain::Broken { index: 3, fault }.to_string());
    for (text, word) in said.iter().zip(["changed", "dropped", "another shopper"]) {
        assert!(text.starts_with("link 3: ") && text.contains(word), "{text}");
    }
    assert_eq!(Broken { line: 7, reason: "it is cut off".into() }.to_string(), "line 7: it is cut off");
}
