//! Who is who: when a name becomes somebody's, when two shoppers turn out to be one, and when they
//! do not although they share something.
//!
//! A *name* is whatever a person can be found by: an e-mail address, a phone number, the shop's own
//! customer id. Each has one owner. What the shop's server says about its customers weighs most:
//! two customer ids are two people, whatever they share.

use serde::{Deserialize, Serialize};

use crate::id::ShopperId;
use crate::why::Why;

/// What a person can be found by, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameKind {
    /// The shop's id for a customer.
    Customer,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
}

impl NameKind {
    /// As it stands in tables and goes into keyed hashes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

/// Who says that names belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Somebody at the address pressed the button in a letter to it, or typed the code of a text.
    Confirmed,
    /// The shop's server, signed, or a file of the shop's.
    Shop,
}

/// A name in a claim, and who has it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// What kind of name.
    pub kind: NameKind,
    /// Its owner; nobody yet.
    pub owner: Option<Owner>,
}

/// Who has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Who.
    pub shopper: ShopperId,
    /// The shop knows them by a customer id that is not part of the claim.
    pub other_customer: bool,
}

/// What becomes of one name of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Nobody had it: it becomes the subject's.
    Give,
    /// It is the subject's already.
    Keep,
    /// Its owner and the subject are one person. The older of the two stays.
    Join(ShopperId),
    /// It becomes the subject's; the owner it had stays somebody else and loses it.
    Take(ShopperId),
    /// It stays whose it is: the two are known to be two.
    Leave(ShopperId),
}

/// Whom a claim is about, and what becomes of its names, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The owner of the strongest name; nobody when a shopper has to be made.
    pub subject: Option<ShopperId>,
    /// One ruling with its reason for each name.
    pub rulings: Vec<(Ruling, Why)>,
}

/// Judges a claim that all these names are one person's.
pub fn judge(names: &[Named], proof: Proof) -> Judgement {
    let claims_customer = names.iter().any(|name| name.kind == NameKind::Customer);
    // A customer of one id never becomes that of another.
    let may_be_meant =
        |(kind, owner): &(NameKind, Owner)| !claims_customer || *kind == NameKind::Customer || !owner.other_customer;
    let owned = names.iter().filter_map(|name| Some((name.kind, name.owner?))).filter(may_be_meant);
    let subject = owned.min_by_key(|(kind, owner)| (*kind, owner.shopper)).map(|(_, owner)| owner);
    let rulings = names.iter().map(|name| rule(*name, subject, claims_customer, proof)).collect();
    Judgement { subject: subject.map(|owner| owner.shopper), rulings }
}

fn rule(name: Named, subject: Option<Owner>, claims_customer: bool, proof: Proof) -> (Ruling, Why) {
    let why = |rule: &str, fact: &str| Why::new(rule, fact);
    let Some(owner) = name.owner else {
        return (Ruling::Give, why("new name", "nobody had it"));
    };
    if subject.is_some_and(|subject| subject.shopper == owner.shopper) {
        return (Ruling::Keep, why("known name", "it is theirs already"));
    }
    let two_customers =
        owner.other_customer && (claims_customer || subject.is_some_and(|subject| subject.other_customer));
    match (two_customers, proof) {
        (false, _) => (Ruling::Join(owner.shopper), why("one person", "the same names, and no second customer id")),
        (true, Proof::Confirmed) => (
            Ruling::Take(owner.shopper),
            why("changed hands", "whoever has it now confirmed it; the shop knows two customers"),
        ),
        (true, Proof::Shop) => (
            Ruling::Leave(owner.shopper),
            why("shared name", "the shop knows two customers by it; it stays with the first"),
        ),
    }
}

/// Which of two shoppers stays when they become one: the older, whoever is asked first.
pub fn target(one: ShopperId, other: ShopperId) -> ShopperId {
    one.min(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Uuid;

    fn shopper(n: u128) -> ShopperId {
        ShopperId(Uuid::from_u128(n))
    }

    fn free(kind: NameKind) -> Named {
        Named { kind, owner: None }
    }

    fn of(kind: NameKind, n: u128, other_customer: bool) -> Named {
        Named { kind, owner: Some(Owner { shopper: shopper(n), other_customer }) }
    }

    #[track_caller]
    fn check(names: &[Named], proof: Proof, subject: Option<u128>, rulings: &[Ruling]) {
        let judged = judge(names, proof);
        assert_eq!(judged.subject, subject.map(shopper));
        assert_eq!(judged.rulings.into_iter().map(|(ruling, _)| ruling).collect::<Vec<_>>(), rulings);
    }

    #[test]
    fn new_names_make_somebody_new() {
        use NameKind::{Customer, Email};
        check(&[free(Email)], Proof::Confirmed, None, &[Ruling::Give]);
        check(&[free(Customer), free(Email)], Proof::Shop, None, &[Ruling::Give, Ruling::Give]);
    }

    #[test]
    fn two_addresses_of_one_customer_become_one_person() {
        use NameKind::{Customer, Email};
        let names = [of(Customer, 2, false), of(Email, 1, false), of(Email, 3, false), free(Email)];
        let rulings = [Ruling::Keep, Ruling::Join(shopper(1)), Ruling::Join(shopper(3)), Ruling::Give];
        check(&names, Proof::Shop, Some(2), &rulings);
    }

    #[test]
    fn an_address_that_two_customers_share_stays_with_the_first() {
        use NameKind::{Customer, Email};
        let names = [of(Customer, 2, false), of(Email, 1, true)];
        check(&names, Proof::Shop, Some(2), &[Ruling::Keep, Ruling::Leave(shopper(1))]);
        // The second customer may be new.
        let names = [free(Customer), of(Email, 1, true)];
        check(&names, Proof::Shop, None, &[Ruling::Give, Ruling::Leave(shopper(1))]);
    }

    #[test]
    fn a_number_changes_hands_when_whoever_has_it_confirms_it() {
        use NameKind::{Email, Phone};
        let names = [of(Email, 2, true), of(Phone, 1, true)];
        check(&names, Proof::Shop, Some(2), &[Ruling::Keep, Ruling::Leave(shopper(1))]);
        check(&names, Proof::Confirmed, Some(2), &[Ruling::Keep, Ruling::Take(shopper(1))]);
    }

    #[test]
    fn whoever_is_asked_first_the_older_stays() {
        assert_eq!(target(shopper(1), shopper(2)), target(shopper(2), shopper(1)));
    }
}
