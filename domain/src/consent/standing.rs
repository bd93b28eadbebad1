use std::collections::BTreeMap;

use super::{Basis, Permission, Standing, Statement};
use crate::time::Timestamp;

/// Where a permission stands, and what it rests on.
///
/// The order of its fields decides between statements: the later counts, and of two in the same
/// millisecond the one that takes back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Since when.
    pub at: Timestamp,
    /// How far it has come.
    pub standing: Standing,
    /// The address is proven.
    pub proven: bool,
    /// The words that were agreed to are on record.
    pub worded: bool,
    /// What it rests on.
    pub basis: Basis,
}

impl From<&Statement> for Held {
    fn from(statement: &Statement) -> Self {
        Self {
            at: statement.receipt.at,
            standing: statement.receipt.standing,
            proven: statement.proof.is_some(),
            worded: !statement.receipt.wording.is_empty(),
            basis: statement.basis.clone(),
        }
    }
}

/// Where each permission stands after all that was said.
///
/// The latest word of the shopper counts. Asking again takes nothing away from a yes. What nobody
/// said in person (a purchase, an import) never lifts a withdrawal and never replaces a consent.
/// The result depends on what was said and when, not on the order in which it is read: two chains
/// of a merged shopper give one standing, however they are interleaved.
pub fn standing_of<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> BTreeMap<Permission, Held> {
    let mut said: BTreeMap<Permission, Words> = BTreeMap::new();
    for statement in statements {
        said.entry(statement.receipt.permission).or_default().hear(statement.into());
    }
    said.into_iter().filter_map(|(permission, said)| Some((permission, said.standing()?))).collect()
}

/// The latest of each kind of statement about one permission; a maximum, so their order does not matter.
#[derive(Clone, Debug, Default)]
pub struct Words {
    in_person: Option<Held>,
    for_them: Option<Held>,
    asked: Option<Held>,
}

impl Words {
    /// Takes a statement in.
    pub fn hear(&mut self, held: Held) {
        let place = match (held.standing, &held.basis) {
            (Standing::Asked, _) => &mut self.asked,
            (Standing::Withdrawn, _) | (Standing::Given, Basis::Consent) => &mut self.in_person,
            (Standing::Given, _) => &mut self.for_them,
        };
        if place.as_ref().is_none_or(|known| *known < held) {
            *place = Some(held);
        }
    }

    /// Where the permission stands after all of them; nothing where none was heard.
    pub fn standing(self) -> Option<Held> {
        match (self.in_person, self.for_them, self.asked) {
            (Some(no), _, Some(asked)) if no.standing == Standing::Withdrawn && asked.at > no.at => Some(asked),
            (Some(word), _, _) => Some(word),
            (None, Some(theirs), _) => Some(theirs),
            (None, None, asked) => asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{EMAIL_MARKETING, Hash, Proof, Receipt, SMS_MARKETING};
    use super::*;

    pub fn statement(permission: Permission, standing: Standing, basis: Basis, at: i64) -> Statement {
        let proof =
            (standing == Standing::Given).then(|| Proof { method: "confirmation link".to_owned(), at: Timestamp(at) });
        let receipt = Receipt {
            permission,
            standing,
            at: Timestamp(at),
            wording: String::new(),
            version: String::new(),
            page: String::new(),
            method: "test".to_owned(),
        };
        Statement { receipt, basis, proof }
    }

    const BOUGHT: Basis = Basis::SoftOptIn { order: Hash([1; 32]), at: Timestamp(0) };

    fn imported() -> Basis {
        Basis::Imported { origin: "old shop".to_owned() }
    }

    #[track_caller]
    fn check(said: &[(Standing, Basis)], expected: Standing) {
        let statements: Vec<_> =
            (1..).zip(said).map(|(at, (s, b))| statement(EMAIL_MARKETING, *s, b.clone(), at)).collect();
        assert_eq!(standing_of(&statements)[&EMAIL_MARKETING].standing, expected);
    }

    #[test]
    fn the_latest_word_counts_and_asking_takes_nothing_away() {
        use Basis::Consent;
        use Standing::{Asked, Given, Withdrawn};
        check(&[(Asked, Consent)], Asked);
        check(&[(Asked, Consent), (Given, Consent)], Given);
        check(&[(Given, Consent), (Asked, Consent)], Given);
        check(&[(Given, Consent), (Withdrawn, Consent)], Withdrawn);
        check(&[(Withdrawn, Consent), (Given, Consent)], Given);
        check(&[(Given, Consent), (Withdrawn, Consent), (Asked, Consent)], Asked);
        check(&[(Asked, Consent), (Withdrawn, Consent)], Withdrawn);
    }

    #[test]
    fn neither_a_purchase_nor_an_import_lifts_a_withdrawal() {
        use Standing::{Given, Withdrawn};
        check(&[(Given, BOUGHT)], Given);
        for basis in [BOUGHT, imported()] {
            check(&[(Withdrawn, Basis::Consent), (Given, basis.clone())], Withdrawn);
            check(&[(Given, basis), (Withdrawn, Basis::Consent)], Withdrawn);
        }
    }

    #[test]
    fn a_consent_is_not_weakened_by_a_later_purchase() {
        let said = [
            statement(EMAIL_MARKETING, Standing::Given, Basis::Consent, 1),
            statement(EMAIL_MARKETING, Standing::Given, BOUGHT, 2),
        ];
        assert_eq!(standing_of(&said)[&EMAIL_MARKETING].basis, Basis::Consent);
    }

    #[test]
    fn of_two_statements_in_one_moment_the_withdrawal_counts() {
        let yes = statement(EMAIL_MARKETING, Standing::Given, Basis::Consent, 5);
        let no = statement(EMAIL_MARKETING, Standing::Withdrawn, Basis::Consent, 5);
        for said in [[&yes, &no], [&no, &yes]] {
            assert_eq!(standing_of(said)[&EMAIL_MARKETING].standing, Standing::Withdrawn);
        }
    }

    #[test]
    fn a_question_in_the_moment_of_a_withdrawal_does_not_undo_it() {
        for (at, expected) in [(4, Standing::Withdrawn), (5, Standing::Withdrawn), (6, Standing::Asked)] {
            let said = [
                statement(EMAIL_MARKETING, Standing::Withdrawn, Basis::Consent, 5),
                statement(EMAIL_MARKETING, Standing::Asked, Basis::Consent, at),
            ];
            assert_eq!(standing_of(&said)[&EMAIL_MARKETING].standing, expected, "{at}");
        }
    }

    #[test]
    fn words_are_on_record_where_some_were_kept() {
        let mut yes = statement(EMAIL_MARKETING, Standing::Given, Basis::Consent, 5);
        assert!(!Held::from(&yes).worded);
        yes.receipt.wording = "Yes, write to me".to_owned();
        assert!(Held::from(&yes).worded);
    }

    fn statements() -> impl Strategy<Value = Vec<Statement>> {
        let permission = prop_oneof![Just(EMAIL_MARKETING), Just(SMS_MARKETING)];
        let standing = prop_oneof![Just(Standing::Asked), Just(Standing::Given), Just(Standing::Withdrawn)];
        let basis = prop_oneof![Just(Basis::Consent), Just(BOUGHT), Just(imported())];
        let one = (permission, standing, basis, 0..8_i64).prop_map(|(p, s, b, at)| statement(p, s, b, at));
        prop::collection::vec(one, 0..12)
    }

    proptest! {
        #[test]
        fn merged_chains_give_one_standing_however_they_are_interleaved(
            (all, shuffled) in statements().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            prop_assert_eq!(standing_of(&all), standing_of(&shuffled));
        }

        #[test]
        fn a_withdrawal_after_everything_else_holds(mut all in statements()) {
            all.push(statement(EMAIL_MARKETING, Standing::Withdrawn, Basis::Consent, 8));
            prop_assert_eq!(standing_of(&all)[&EMAIL_MARKETING].standing, Standing::Withdrawn);
        }

        #[test]
        fn asking_never_takes_away_a_yes(mut all in statements(), at in 0..9_i64) {
            let before = standing_of(&all);
            all.push(statement(EMAIL_MARKETING, Standing::Asked, Basis::Consent, at));
            let held = before.get(&EMAIL_MARKETING).filter(|held| held.standing == Standing::Given);
            if let Some(held) = held {
                prop_assert_eq!(&standing_of(&all)[&EMAIL_MARKETING], held);
            }
        }
    }
}
