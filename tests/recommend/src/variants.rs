//! What was tried: the shipped settings with one thing changed.

use domain::recommend::count::Profile;
use domain::recommend::pack::Form;
use domain::recommend::score::{Again, Taste};

use crate::ours::Settings;

/// Names and settings, in the order of the table.
pub fn variants() -> Vec<(String, Settings)> {
    let shipped = Settings::SHIPPED;
    let mut all = vec![("as shipped".to_owned(), shipped.clone())];
    let mut add = |name: &str, change: &dyn Fn(&mut Settings)| {
        let mut settings = shipped.clone();
        change(&mut settings);
        all.push((name.to_owned(), settings));
    };

    add("one step: only what shoppers did", &|to| to.recipe.steps = 1);
    add("two steps", &|to| to.recipe.steps = 2);
    add("four steps", &|to| to.recipe.steps = 4);
    add("each further step counts half as much", &|to| to.recipe.further /= 2.0);
    add("each further step counts twice as much", &|to| to.recipe.further *= 2.0);

    add("counted: only what came directly after", &|to| to.profile = directly([1_000, 0]));
    add("counted: directly after, or directly before", &|to| to.profile = directly([1_000, 600]));
    add("counted: in any order, at any distance up to eight", &|to| {
        to.profile = Profile { half_life_days: to.profile.half_life_days, ..Profile::TOGETHER };
    });
    add("counted: without what came before", &|to| to.profile.behind = [0; 8]);
    for days in [5.0, 10.0, 20.0, 60.0] {
        add(&format!("decay: half after {days} days"), &|to| to.profile.half_life_days = days);
    }
    add("decay: none", &|to| to.profile.half_life_days = 1e6);

    add("links: counts as they are", &|to| to.recipe.power = 1.0);
    add("links: nothing off for what everybody looks at", &|to| to.recipe.popularity = 0.0);
    add("links: a pair that one visitor looked at counts as any other", &|to| to.recipe.lone = 1.0);
    add("links: a pair needs two visitors", &|to| to.recipe.lone = 0.0);

    add("scored: only the last product", &|to| to.taste.reach = 1);
    add("scored: the last two products", &|to| to.taste.reach = 2);
    add("scored: the last four products", &|to| to.taste.reach = 4);
    add("scored: what was seen before gets nothing of its own", &|to| to.taste.again = Some(by_rows_alone()));
    add("scored: what was seen before, without being shown again", &|to| to.taste = Taste::NEW);

    for links in [5, 10, 15, 30, 40, 60, 100] {
        add(&format!("{links} links a product"), &|to| to.recipe.links = links);
    }
    for (levels, step) in [(64, 2), (32, 4), (16, 6), (16, 10), (8, 12), (8, 16), (8, 20), (4, 24), (4, 36), (2, 48)] {
        add(&format!("{levels} levels, {step}/16 of a halving apart"), &|to| to.form = Form { levels, step });
    }
    for (links, levels, step) in [(10, 8, 16), (15, 8, 16), (30, 8, 16)] {
        add(&format!("{links} links, {levels} levels, {step}/16 apart"), &|to| {
            to.recipe.links = links;
            to.form = Form { levels, step };
        });
    }
    all
}

fn directly([ahead, behind]: [u16; 2]) -> Profile {
    let first = |weight| [weight, 0, 0, 0, 0, 0, 0, 0];
    Profile { ahead: first(ahead), behind: first(behind), half_life_days: Profile::NEXT.half_life_days }
}

fn by_rows_alone() -> Again {
    Again { base: 0.0, back: 0.0, fading: 0.0, oftener: 0.0, returned: 1.0, kept: 0.0 }
}

#[cfg(test)]
mod tests {
    use domain::recommend::links::Recipe;

    use super::*;

    #[test]
    fn every_name_stands_for_settings_of_its_own() {
        let all = variants();
        for (place, (name, _)) in all.iter().enumerate() {
            assert!(all.iter().skip(place + 1).all(|(other, _)| other != name), "{name} twice");
        }
        assert_eq!(all[0].1.recipe, Recipe::NEXT);
    }
}
