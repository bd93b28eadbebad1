//! Whether a page's word about a product is believed.
//!
//! It came by way of a browser, and anybody can say anything there. Of the last visitors who spoke of a product, the
//! latest word of each, a majority has to agree: with `needed` witnesses that is so many of the last 2 × `needed` − 1. So
//! one visitor changes nothing, however often they say it, and keeps nothing from changing either.

use serde::{Deserialize, Serialize};

use super::Said;

/// The most statements about one product that wait for witnesses, of each part of it.
const MOST_RIVALS: usize = 4;
/// The most witnesses that can be asked for.
pub const MOST_NEEDED: usize = 8;

/// What pages say of one product in one market, and who says so. Kept as JSON, a few kilobytes at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witnesses {
    /// Its name, page and picture.
    #[serde(default, skip_serializing_if = "Part::is_empty")]
    look: Part,
    /// Price, stock and variants, which change most.
    #[serde(default, skip_serializing_if = "Part::is_empty")]
    offer: Part,
    /// Everything else.
    #[serde(default, skip_serializing_if = "Part::is_empty")]
    rest: Part,
}

/// What hearing somebody has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Nothing: nothing has to be kept.
    Nothing,
    /// A word is remembered, and waits for others.
    Remembered,
    /// Something else is believed now.
    Believed,
}

impl Witnesses {
    /// Hears what a page said. `who` stands for the visitor, the same number for the same one, hard to have many of.
    pub fn hear(&mut self, who: u64, said: &Said, needed: usize) -> Change {
        let needed = needed.clamp(1, MOST_NEEDED);
        let [look, offer, rest] = parts(said);
        let look = self.look.hear(who, look, needed);
        let offer = self.offer.hear(who, offer, needed);
        let rest = self.rest.hear(who, rest, needed);
        look.max(offer).max(rest)
    }

    /// What is believed now, if anything.
    pub fn believed(&self) -> Option<Said> {
        let mut known = [&self.look, &self.offer, &self.rest].into_iter().filter_map(|part| part.believed.clone());
        let mut said = known.next()?;
        known.for_each(|other| said.learn(other));
        Some(said)
    }
}

/// A statement in parts that change for different reasons, so that a new price needs no new witnesses of the name.
fn parts(said: &Said) -> [Said; 3] {
    let of = || Said::of(&said.id);
    let look = Said { title: said.title.clone(), url: said.url.clone(), image: said.image.clone(), ..of() };
    let offer = Said {
        price: said.price.clone(),
        was: said.was.clone(),
        currency: said.currency.clone(),
        in_stock: said.in_stock,
        variants: said.variants.clone(),
        ..of()
    };
    let rest = Said {
        group: said.group.clone(),
        description: said.description.clone(),
        categories: said.categories.clone(),
        brand: said.brand.clone(),
        attributes: said.attributes.clone(),
        ..of()
    };
    [look, offer, rest]
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    believed: Option<Said>,
    /// What is not believed (yet), the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rivals: Vec<Said>,
    /// The latest word of each of the last visitors, the oldest first: who, and which rival; nothing for what is believed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    votes: Vec<(u64, Option<usize>)>,
}

impl Part {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn hear(&mut self, who: u64, said: Said, needed: usize) -> Change {
        if said.is_bare() {
            return Change::Nothing;
        }
        let window = 2 * needed - 1;
        let known = self.believed.as_ref() == Some(&said);
        // Most visitors see what is known, and then nothing has to be written down.
        if known && self.votes.len() >= needed && self.votes.iter().all(|(_, rival)| rival.is_none()) {
            return Change::Nothing;
        }
        let place = if known { None } else { Some(self.place(said)) };
        if self.votes.contains(&(who, place)) {
            return Change::Nothing;
        }
        self.votes.retain(|(other, _)| *other != who);
        self.votes.push((who, place));
        let too_many = self.votes.len().saturating_sub(window);
        self.votes.drain(..too_many);
        let change = self.count(place, needed);
        self.forget();
        change
    }

    /// Where a rival stands, which may be new.
    fn place(&mut self, said: Said) -> usize {
        if let Some(place) = self.rivals.iter().position(|rival| *rival == said) {
            return place;
        }
        if self.rivals.len() >= MOST_RIVALS {
            self.drop_rival(0);
        }
        self.rivals.push(said);
        self.rivals.len() - 1
    }

    fn drop_rival(&mut self, place: usize) {
        self.rivals.remove(place);
        self.votes.retain(|(_, rival)| *rival != Some(place));
        for (_, rival) in &mut self.votes {
            *rival = rival.map(|rival| if rival > place { rival - 1 } else { rival });
        }
    }

    /// Believes a rival that has its witnesses. Who believed in what was known before says nothing any more.
    fn count(&mut self, place: Option<usize>, needed: usize) -> Change {
        let votes = self.votes.iter().filter(|(_, rival)| *rival == place).count();
        let Some(place) = place.filter(|_| votes >= needed) else { return Change::Remembered };
        self.votes.retain(|(_, rival)| rival.is_some());
        for (_, rival) in &mut self.votes {
            *rival = rival.filter(|rival| *rival != place);
        }
        if let Some(believed) = self.rivals.get(place) {
            self.believed = Some(believed.clone());
            self.drop_rival(place);
        }
        Change::Believed
    }

    /// Forgets what nobody of the last visitors has said.
    fn forget(&mut self) {
        for place in (0..self.rivals.len()).rev() {
            if self.votes.iter().all(|(_, rival)| *rival != Some(place)) {
                self.drop_rival(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(price: &str) -> Said {
        Said { title: Some("Hat".into()), price: Some(price.into()), currency: Some("EUR".into()), ..Said::of("hat") }
    }

    fn price(witnesses: &Witnesses) -> Option<String> {
        witnesses.believed().and_then(|said| said.price)
    }

    /// What is believed after these visitors have spoken, one after the other.
    #[track_caller]
    fn after(needed: usize, said: &[(u64, &str)]) -> Option<String> {
        let mut witnesses = Witnesses::default();
        for (who, price) in said {
            witnesses.hear(*who, &at(price), needed);
            let kept = serde_json::to_string(&witnesses).unwrap();
            assert_eq!(serde_json::from_str::<Witnesses>(&kept).unwrap(), witnesses);
        }
        price(&witnesses)
    }

    #[test]
    fn a_page_is_believed_once_enough_visitors_say_the_same() {
        for (needed, said, believed) in [
            (2, &[(1, "5")][..], None),
            (2, &[(1, "5"), (1, "5"), (1, "5")], None),
            (2, &[(1, "5"), (2, "6")], None),
            (2, &[(1, "5"), (2, "5")], Some("5")),
            (2, &[(1, "5"), (2, "5"), (3, "7")], Some("5")),
            (2, &[(1, "5"), (2, "5"), (3, "7"), (4, "7")], Some("7")),
            (2, &[(1, "5"), (2, "5"), (3, "7"), (4, "5"), (5, "8")], Some("5")),
            (1, &[(1, "5")], Some("5")),
            (3, &[(1, "5"), (2, "5")], None),
            (3, &[(1, "5"), (2, "6"), (3, "5"), (4, "6"), (5, "5")], Some("5")),
        ] {
            assert_eq!(after(needed, said).as_deref(), believed, "{needed} {said:?}");
        }
    }

    #[test]
    fn one_visitor_neither_changes_nor_keeps_anything() {
        let mut witnesses = Witnesses::default();
        for who in 1..=5 {
            witnesses.hear(who, &at("5"), 2);
        }
        for n in 0..1_000 {
            witnesses.hear(66, &at(&format!("{n}")), 2);
            assert_eq!(price(&witnesses).as_deref(), Some("5"));
        }
        // The shop has another price now, and the one goes on saying the old one.
        for who in 10..14 {
            witnesses.hear(66, &at("5"), 2);
            witnesses.hear(who, &at("9"), 2);
        }
        assert_eq!(price(&witnesses).as_deref(), Some("9"));
    }

    #[test]
    fn what_is_known_needs_no_writing_down() {
        let mut witnesses = Witnesses::default();
        for (who, change) in
            [(1, Change::Remembered), (1, Change::Nothing), (2, Change::Believed), (3, Change::Nothing)]
        {
            assert_eq!(witnesses.hear(who, &at("5"), 2), change, "{who}");
        }
        assert_eq!(witnesses.hear(4, &Said::of("hat"), 2), Change::Nothing);
    }

    #[test]
    fn a_new_price_needs_no_new_witnesses_of_the_name() {
        let mut witnesses = Witnesses::default();
        witnesses.hear(1, &at("5"), 2);
        witnesses.hear(2, &at("5"), 2);
        let sold_out = Said { title: None, in_stock: Some(false), ..at("5") };
        witnesses.hear(3, &sold_out, 2);
        witnesses.hear(4, &sold_out, 2);
        let believed = witnesses.believed().unwrap();
        assert_eq!((believed.title.as_deref(), believed.in_stock), (Some("Hat"), Some(false)));
    }

    #[test]
    fn however_many_say_different_things_the_state_stays_small() {
        let mut witnesses = Witnesses::default();
        for who in 0..1_000 {
            witnesses.hear(who, &at(&format!("{who}")), MOST_NEEDED);
            assert!(witnesses.offer.rivals.len() <= MOST_RIVALS && witnesses.offer.votes.len() < 2 * MOST_NEEDED);
        }
        assert!(serde_json::to_string(&witnesses).unwrap().len() < 2_000);
    }
}
