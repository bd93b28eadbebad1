//! Whose the names in a statement are, and making them somebody's.

use domain::id::ShopperId;
use domain::identity::{self, Judgement, NameKind, Named, Owner, Proof, Ruling};
use domain::place::Bucket;
use domain::why::Why;
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::asks::{Ask, AtHome, at_home};
use super::customers::AdoptCustomer;
use super::hands::Want;
use crate::problem::Result;
use crate::seal::PersonKey;
use crate::secrets::random;
use crate::shard::joining::{MEMBERS, Whereabouts, busy, whereabouts};
use crate::shard::names::{self as kept, Hash};
use crate::shard::transfers::Way;
use crate::shard::{Shard, Shop, retention};
use crate::sql::values;

/// A name as it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Name {
    /// What kind of name.
    pub kind: NameKind,
    /// Its keyed hash.
    pub hash: Hash,
}

/// A name that stays with somebody else, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Left {
    pub name: Name,
    pub rule: String,
    pub fact: String,
}

/// Somebody whom a statement is about.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The owner of the strongest name; what is said is theirs.
    pub shopper: ShopperId,
    /// Which of the names are theirs.
    pub names: Vec<Name>,
    /// Which are not.
    pub left: Vec<Left>,
}

/// Whom a statement is about.
pub enum Whom {
    /// This one.
    Somebody(Subject),
    /// Nobody who may be kept: the names are suppressed, or there are none.
    Nobody,
    /// Two are being made one just now.
    SoonOne,
}

impl Name {
    pub fn new(shop: &Shop, kind: NameKind, text: &str) -> Self {
        Self { kind, hash: shop.keys.name(kind.as_str(), text) }
    }

    pub fn bucket(&self) -> Bucket {
        Bucket::of_hash(&self.hash)
    }
}

impl Shard {
    /// Finds whom these names mean, makes somebody of names that nobody has, and gives each name its
    /// owner. Asked again, it comes to the same.
    pub(super) async fn whom(&self, shop: &Shop, mut names: Vec<Name>, language: Option<&str>) -> Result<Whom> {
        /// What others do at the same time can make it begin anew, not for ever.
        const MOST_ROUNDS: usize = 8;
        names.sort_by_key(|name| (name.kind, name.hash));
        names.dedup();
        for _ in 0..MOST_ROUNDS {
            let Some(known) = self.known(shop, &names).await? else { return Ok(Whom::Nobody) };
            let judgement = identity::judge(&known.iter().map(Known::named).collect::<Vec<_>>(), Proof::Shop);
            let Some(person) = judgement.subject else {
                let free = known.iter().zip(&judgement.rulings).find(|(_, (ruling, _))| *ruling == Ruling::Give);
                let Some((strongest, _)) = free else { return Ok(Whom::Nobody) };
                let ask = MakeSomebody { name: strongest.name, language: language.map(str::to_owned) };
                self.ask_at(shop, strongest.name.bucket(), ask).await?;
                continue;
            };
            if self.join_up(shop, person, &judgement).await? {
                return Ok(Whom::SoonOne);
            }
            if let Some(subject) = self.give(shop, person, &known, judgement).await? {
                return Ok(Whom::Somebody(subject));
            }
        }
        Ok(Whom::SoonOne)
    }

    /// Who has each name, suppressed ones left out. Nothing, when no name is left, or when the shop's own
    /// id for the customer is suppressed: then whoever is meant was erased.
    pub(super) async fn holders(&self, shop: &Shop, names: &[Name]) -> Result<Option<Vec<Known>>> {
        let holders = names.iter().map(|name| self.ask_at(shop, name.bucket(), WhoHas { name: *name }));
        let mut known = Vec::new();
        for (name, holder) in names.iter().zip(try_join_all(holders).await?) {
            match holder {
                Holder::Suppressed if name.kind == NameKind::Customer => return Ok(None),
                Holder::Suppressed => {}
                Holder::Nobody => known.push(Known { name: *name, owner: None }),
                Holder::Somebody(shopper) => known.push(Known { name: *name, owner: Some((shopper, None)) }),
            }
        }
        Ok(Some(known).filter(|known| !known.is_empty()))
    }

    /// The holders of names with the people they are part of. Nothing, when there is nobody who may be kept.
    async fn known(&self, shop: &Shop, names: &[Name]) -> Result<Option<Vec<Known>>> {
        let customer = names.iter().find(|name| name.kind == NameKind::Customer).map(|name| name.hash);
        let Some(mut known) = self.holders(shop, names).await? else { return Ok(None) };
        let owners = known.iter().filter_map(|each| Some(each.owner?.0));
        let people = owners.map(|shopper| self.ask_home_of(shop, shopper, WhoIs { shopper, customer }));
        let mut people = try_join_all(people).await?.into_iter();
        for each in &mut known {
            if let Some((_, person)) = &mut each.owner {
                *person = people.next().flatten();
            }
        }
        // Whoever had it was erased, and so it is nobody's.
        let is_gone = |each: &Known| each.owner.is_some_and(|(_, person)| person.is_none());
        if known.iter().any(|each| each.name.kind == NameKind::Customer && is_gone(each)) {
            return Ok(None);
        }
        known.retain(|each| !is_gone(each));
        Ok(Some(known).filter(|known| !known.is_empty()))
    }

    /// Makes those one who turned out to be; whether there were any.
    async fn join_up(&self, shop: &Shop, person: ShopperId, judgement: &Judgement) -> Result<bool> {
        let mut any = false;
        for (ruling, why) in &judgement.rulings {
            let Ruling::Join(other) = ruling else { continue };
            any = true;
            let older = identity::target(person, *other);
            let younger = if older == person { *other } else { person };
            let ask = JoinUp { younger, older, rule: why.rule().to_owned(), fact: why.fact().to_owned() };
            self.ask_at(shop, older.home(), ask).await?;
        }
        Ok(any)
    }

    /// Gives the names that nobody has to the owner of the strongest. Nothing, when somebody else was
    /// faster.
    async fn give(
        &self,
        shop: &Shop,
        person: ShopperId,
        known: &[Known],
        judgement: Judgement,
    ) -> Result<Option<Subject>> {
        let is_theirs = |each: &&Known| each.owner.and_then(|(_, person)| Some(person?.person)) == Some(person);
        let Some(shopper) = known.iter().find(is_theirs).and_then(|each| Some(each.owner?.0)) else {
            return Ok(None);
        };
        let (mut names, mut left, mut given, mut wanted) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (each, (ruling, why)) in known.iter().zip(judgement.rulings) {
            match ruling {
                Ruling::Give => given.push(each.name),
                Ruling::Keep => names.push(each.name),
                Ruling::Leave(_) | Ruling::Take(_) | Ruling::Join(_) => {
                    let (rule, fact) = (why.rule().to_owned(), why.fact().to_owned());
                    left.push(Left { name: each.name, rule, fact });
                    wanted.push(self.ask_at(shop, each.name.bucket(), Want { name: each.name, shopper }));
                }
            }
        }
        if let Some(customer) = given.iter().find(|name| name.kind == NameKind::Customer) {
            let ask = AdoptCustomer { shopper, customer: customer.hash };
            if self.ask_home_of(shop, shopper, ask).await? != Some(true) {
                return Ok(None);
            }
        }
        let claims = given.iter().map(|name| self.ask_at(shop, name.bucket(), ClaimName { name: *name, shopper }));
        if try_join_all(claims).await?.iter().any(|owner| *owner != Some(shopper)) {
            return Ok(None);
        }
        try_join_all(wanted).await?;
        names.extend(given);
        Ok(Some(Subject { shopper, names, left }))
    }
}

/// A name and who has it.
pub struct Known {
    name: Name,
    /// The shopper whose it was first, and the person that one is part of.
    owner: Option<(ShopperId, Option<Person>)>,
}

impl Known {
    fn named(&self) -> Named {
        let owner = self.owner.and_then(|(_, person)| person);
        let owner = owner.map(|person| Owner { shopper: person.person, other_customer: person.other_customer });
        Named { kind: self.name.kind, owner }
    }
}

/// Who has this name? Asked where it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WhoHas {
    pub name: Name,
}

/// Who has a name.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Holder {
    Nobody,
    /// Nobody, and nobody may.
    Suppressed,
    Somebody(ShopperId),
}

impl Ask for WhoHas {
    type Answer = Holder;

    fn here(self, shard: &Shard) -> Result<Holder> {
        let hash = self.name.hash;
        if shard.db.row("SELECT 1 FROM suppressed WHERE hash = ?", values![hash.to_vec()])?.is_some() {
            return Ok(Holder::Suppressed);
        }
        Ok(kept::owner(&shard.db, hash)?.map_or(Holder::Nobody, Holder::Somebody))
    }
}

/// Which person is this shopper part of, and does the shop know them by another id than this one?
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WhoIs {
    pub shopper: ShopperId,
    pub customer: Option<Hash>,
}

/// A person as others see one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Person {
    pub person: ShopperId,
    pub other_customer: bool,
}

impl Ask for WhoIs {
    type Answer = AtHome<Person>;

    fn here(self, shard: &Shard) -> Result<Self::Answer> {
        at_home(&shard.db, self.shopper, |person| {
            let customer = self.customer.map_or_else(Vec::new, |hash| hash.to_vec());
            let query = format!("SELECT 1 FROM customers WHERE shopper IN ({MEMBERS}) AND customer <> ?2");
            let other_customer = shard.db.row(&query, values![person.as_str(), customer])?.is_some();
            let person =
                person.parse().map_err(|_| crate::problem::Failed::new("reading a shopper's id", "not a UUID"))?;
            Ok(Person { person, other_customer })
        })
    }
}

/// Makes somebody of a name that nobody has. They live where it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MakeSomebody {
    pub name: Name,
    pub language: Option<String>,
}

impl Ask for MakeSomebody {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        let (shop, now, db) = (shard.shop()?, shard.now(), &shard.db);
        let hash = self.name.hash;
        if kept::owner(db, hash)?.is_some() {
            return Ok(());
        }
        let shopper = ShopperId::at_home(now, self.name.bucket(), random()?);
        let id = shopper.to_string();
        kept::claim(db, hash, self.name.kind, shopper, now)?;
        let wish = self.language.unwrap_or_default();
        let language = shop.config.as_ref().map_or_else(|| wish.clone(), |config| config.language(&wish).to_owned());
        let (_, wrapped) = PersonKey::create(&shop.keys, &id)?;
        db.run(
            "INSERT INTO shoppers (id, since, language, key_version, key) VALUES (?, ?, ?, ?, ?)",
            values![id.as_str(), now.0, language, i64::from(wrapped.version), wrapped.bytes],
        )?;
        if self.name.kind == NameKind::Customer {
            db.run("INSERT INTO customers (shopper, customer) VALUES (?, ?)", values![id.as_str(), hash.to_vec()])?;
        }
        retention::first_look(db, &id, now)
    }
}

/// Makes a name somebody's if it is nobody's; answers whose it is then, nobody's if it is suppressed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClaimName {
    pub name: Name,
    pub shopper: ShopperId,
}

impl Ask for ClaimName {
    type Answer = Option<ShopperId>;

    fn here(self, shard: &Shard) -> Result<Self::Answer> {
        match (WhoHas { name: self.name }).here(shard)? {
            Holder::Suppressed => Ok(None),
            Holder::Somebody(owner) => Ok(Some(owner)),
            Holder::Nobody => {
                let Name { kind, hash } = self.name;
                kept::claim(&shard.db, hash, kind, self.shopper, shard.now()).map(Some)
            }
        }
    }
}

/// Begins to make two people one. Asked where the older lives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JoinUp {
    pub younger: ShopperId,
    pub older: ShopperId,
    pub rule: String,
    pub fact: String,
}

impl Ask for JoinUp {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        match whereabouts(&shard.db, &self.older.to_string())? {
            Whereabouts::Here(_) => {
                let why = Why::new(&self.rule, self.fact);
                shard.begin_transfer(self.younger, self.older, Way::Join, &why)
            }
            _ => Err(busy().into()),
        }
    }
}
