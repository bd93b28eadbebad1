//! Tables of a file as types: what may stand in them, which of it goes together, and where it stands.

use std::marker::PhantomData;
use std::ops::Range;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

/// A value with its place in the file.
pub struct At<T>(pub Spanned<T>);

impl<T> At<T> {
    pub fn get(&self) -> &T {
        self.0.get_ref()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Spanned::deserialize(from).map(Self)
    }
}

/// A text that is read as something else, with its place in the file.
pub struct Read<T>(pub At<String>, PhantomData<T>);

impl<'de, T> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        At::deserialize(from).map(|text| Self(text, PhantomData))
    }
}

/// Where something stands in its file, in bytes.
pub trait Place {
    fn place(&self) -> Range<usize>;
}

impl<T> Place for At<T> {
    fn place(&self) -> Range<usize> {
        self.0.span()
    }
}

impl<T> Place for Read<T> {
    fn place(&self) -> Range<usize> {
        self.0.place()
    }
}

/// One of the things that a table can be: the word that makes it that, and what else may stand there.
pub struct Sort {
    /// The word that says which it is.
    pub word: &'static str,
    /// What has to stand there as well.
    pub must: &'static [&'static str],
    /// What may.
    pub may: &'static [&'static str],
}

/// Makes a table's type: all that may stand in it, each optional, and the sorts that it can be. With
/// `[event]` it can also say which events it means.
macro_rules! form {
    (
        $(#[$about:meta])* $name:ident [event] { $($fields:tt)* } $($sorts:tt)*
    ) => {
        form! {
            $(#[$about])*
            $name {
                $($fields)*
                /// The name of an event.
                event: At<Kind>,
                /// Only about this product, by the shop's own id of it.
                product: At<String>,
                /// Only about this campaign, a file of campaigns/.
                campaign: Read<Name>,
                /// Only about this offer, a file of offers/.
                offer: Read<Name>,
                /// Only of this name: which custom event, which tag, which sign of unhappiness.
                name: At<String>,
                /// Only with a product of this category.
                category: At<String>,
                /// Only from this amount on, in the shop's currency: 50 or 49.90.
                amount_at_least: At<Decimal>,
                /// Only custom events that say this: { plan = "gold" }.
                data: At<Data>,
                /// Only about the same order, product or campaign as the run.
                same: At<bool>,
            }
            $($sorts)*
        }

        impl $name {
            /// The events that it means.
            pub fn events(&self) -> Events<'_> {
                Events {
                    event: self.event.as_ref(),
                    product: self.product.as_ref(),
                    campaign: self.campaign.as_ref(),
                    offer: self.offer.as_ref(),
                    name: self.name.as_ref(),
                    category: self.category.as_ref(),
                    amount: self.amount_at_least.as_ref(),
                    data: self.data.as_ref(),
                    same: self.same.as_ref(),
                }
            }
        }
    };
    (
        $(#[$about:meta])*
        $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* }
        $($word:ident: [$($must:ident),*] [$($may:ident),*];)*
    ) => {
        $(#[$about])*
        #[derive(Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = $name::described))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$doc])* #[cfg_attr(feature = "schema", schemars(required))] pub $field: Option<$type>,)*
        }

        impl $name {
            pub const SORTS: &'static [Sort] = &[$(Sort {
                word: stringify!($word),
                must: &[$(stringify!($must)),*],
                may: &[$(stringify!($may)),*],
            },)*];

            /// What stands there, and where.
            pub fn given(&self) -> Vec<(&'static str, Range<usize>)> {
                let mut given = Vec::new();
                $(if let Some(value) = &self.$field {
                    given.push((stringify!($field), value.place()));
                })*
                given
            }

            #[cfg(feature = "schema")]
            fn described(schema: &mut schemars::Schema) {
                $crate::publish::journey::schema::of_sorts(schema, Self::SORTS);
            }
        }
    };
}

pub(in crate::publish) use form;

/// Which sort a table is. `Err` says where and what is wrong.
pub fn sort(
    sorts: &'static [Sort],
    given: &[(&'static str, Range<usize>)],
    around: &Range<usize>,
) -> Result<&'static Sort, (Range<usize>, String)> {
    let leads = |word: &str| sorts.iter().find(|sort| sort.word == word);
    let mut found = given.iter().filter_map(|(word, place)| Some((leads(word)?, place)));
    let Some((sort, _)) = found.next() else {
        let place = given.first().map_or(around, |(_, place)| place).clone();
        let words = listed(sorts.iter().map(|sort| sort.word), "or");
        let message = if sorts.len() == 1 { format!("{words} is missing") } else { format!("expected one of {words}") };
        return Err((place, message));
    };
    if let Some((other, place)) = found.next() {
        return Err((place.clone(), format!("{} and {} exclude each other here", sort.word, other.word)));
    }
    let goes = |word: &&str| sort.must.contains(word) || sort.may.contains(word);
    if let Some((word, place)) = given.iter().find(|(word, _)| *word != sort.word && !goes(word)) {
        let others = listed(sort.must.iter().chain(sort.may).map(|word| bare(word)), "and");
        let goes = if others.is_empty() { "nothing does".to_owned() } else { format!("expected {others}") };
        return Err((place.clone(), format!("{} does not go with {}: {goes}", bare(word), sort.word)));
    }
    let missing = sort.must.iter().find(|word| !given.iter().any(|(given, _)| given == *word));
    match missing {
        Some(word) => {
            let place = given.iter().find(|(given, _)| *given == sort.word).map_or(around, |(_, place)| place);
            Err((place.clone(), format!("{} needs {}", sort.word, bare(word))))
        }
        None => Ok(sort),
    }
}

/// A word as it stands in the file.
pub fn bare(word: &str) -> &str {
    word.strip_prefix("r#").unwrap_or(word)
}

fn listed<'a>(words: impl Iterator<Item = &'a str>, last: &str) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        _ => words.concat(),
    }
}
