//! The style sheet: the shop's theme in front of our rules, without a byte too many.

mod minify;
mod theme;

use std::sync::LazyLock;

pub use theme::{Color, Family, Length, Theme, Unfit};

const SOURCES: [&str; 5] = [
    include_str!("../style/card.css"),
    include_str!("../style/form.css"),
    include_str!("../style/survey.css"),
    include_str!("../style/done.css"),
    include_str!("../style/banner.css"),
];

/// The style sheet of a shop's forms, for the shadow root they live in.
pub fn stylesheet(theme: &Theme) -> String {
    static RULES: LazyLock<String> = LazyLock::new(|| SOURCES.map(minify::minified).concat());
    [&theme.declarations(), RULES.as_str()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_stands_in_front_of_rules_without_spare_white_space() {
        let css = stylesheet(&Theme::default());
        assert!(css.starts_with(":host{--rp-scheme:light;--rp-bad:#b3261e;--rp-accent:#1a4d3a;"));
        assert!(!css.contains('\n') && !css.contains("  ") && !css.contains("/*"));
        assert_eq!(css.matches('{').count(), css.matches('}').count());
    }

    #[test]
    fn every_custom_property_that_is_used_is_given() {
        let css = stylesheet(&Theme::default());
        for name in css.split("var(").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(css.contains(&format!("{name}:")), "{name}");
        }
    }

    #[test]
    fn nothing_is_fetched() {
        let css = stylesheet(&Theme::default());
        assert!(!css.contains("url(") && !css.contains("@import"));
    }
}
