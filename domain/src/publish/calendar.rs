//! Words for a birthday. A browser knows them in every language, but to ask it for the first time costs a slow phone a
//! tenth of a second, while somebody is typing: so the common ones are published.

use std::collections::BTreeMap;

use crate::campaign::view::Calendar;

const WORDS: &str = include_str!("calendar.toml");

/// The words in a language; nothing in one that a browser has to be asked for. A kind of a language may have its own:
/// January is `Jänner` in `de-AT`, and `sr-Latn` is not written in Cyrillic.
///
/// # Errors
///
/// Only if the table is none.
pub(super) fn words(language: &str) -> Result<Option<Calendar>, toml::de::Error> {
    let mut all: BTreeMap<String, Calendar> = toml::from_str(WORDS)?;
    Ok(all.remove(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_calendar_has_twelve_months_and_all_its_words() {
        let all: BTreeMap<String, Calendar> = toml::from_str(WORDS).unwrap();
        assert!(all.len() > 40);
        for (language, Calendar { day, month, year, months }) in all {
            assert_eq!(months.len(), 12, "{language}");
            assert!([&day, &month, &year].into_iter().chain(&months).all(|word| !word.is_empty()), "{language}");
        }
    }

    #[test]
    fn a_language_has_its_own_words_and_a_kind_of_it_no_other_s() {
        let january = |language: &str| words(language).unwrap().map(|words| words.months[0].clone());
        assert_eq!(january("en").as_deref(), Some("January"));
        assert_eq!(january("de").as_deref(), Some("Januar"));
        assert_eq!(january("de-AT"), None);
        assert_eq!(january("zh-TW").as_deref(), Some("1月"));
        assert_eq!(january("ar").as_deref(), Some("يناير"));
        assert_eq!(january("tlh"), None);
    }
}
