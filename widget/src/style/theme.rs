//! A shop's looks: a few values that are put into our style sheet. What could end a declaration and
//! begin another is refused, so a theme cannot restyle more than it is for.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// The colours, corners and letters of a shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// Buttons and what stands out.
    pub accent: Color,
    /// Text on the accent.
    pub accent_ink: Color,
    /// Text.
    pub ink: Color,
    /// What the text stands on.
    pub paper: Color,
    /// Text of less weight, and outlines; must be readable on the paper.
    pub muted: Color,
    /// How round corners are.
    pub radius: Length,
    /// The letters of the text.
    pub font: Family,
    /// The letters of headlines.
    pub display_font: Family,
}

/// It would not stay within its declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit(&'static str);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for Unfit {}

macro_rules! values {
    ($($(#[$doc:meta])* $name:ident: $fits:expr, $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = Unfit;

            fn from_str(text: &str) -> Result<Self, Unfit> {
                let text = text.trim();
                if $fits(text) { Ok(Self(text.to_owned())) } else { Err(Unfit($expected)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Unfit;

            fn try_from(text: String) -> Result<Self, Unfit> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    )*};
}

values! {
    /// A colour: `#c4351b`, a name, or a function such as `oklch(60% 0.2 30)`.
    Color: is_color, "expected a colour such as #c4351b, tomato or oklch(60% 0.2 30)";
    /// A length: `6px`, `0.5em`, `0`.
    Length: is_length, "expected a length such as 6px, 0.5em or 0";
    /// A list of font families, those with odd names in double quotes.
    Family: is_family, "expected font families such as \"Open Sans\", system-ui, sans-serif";
}

fn is_color(text: &str) -> bool {
    let plain = |text: &str, also: &[u8]| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || also.contains(&b))
    };
    if let Some(digits) = text.strip_prefix('#') {
        return matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    }
    match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((name, arguments)) => {
            // Nothing that fetches or looks elsewhere.
            matches!(name, "rgb" | "rgba" | "hsl" | "hsla" | "hwb" | "lab" | "lch" | "oklab" | "oklch" | "color")
                && plain(arguments, b" .,%/-")
        }
        None => plain(text, b"") && text.bytes().all(|b| b.is_ascii_alphabetic()),
    }
}

fn is_length(text: &str) -> bool {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let unit = text.get(digits.len()..).unwrap_or_default();
    digits.parse::<f32>().is_ok_and(|length| (0.0..=99.0).contains(&length))
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && (matches!(unit, "px" | "em" | "rem") || digits == "0" && unit.is_empty())
}

fn is_family(text: &str) -> bool {
    text.split(',').all(|name| {
        let name = name.trim();
        let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
        !name.is_empty() && quoted.unwrap_or(name).chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
    })
}

impl Color {
    /// Is it dark, as far as a hexadecimal one tells? Relative luminance as WCAG 2.2 defines it,
    /// against the grey that is as far from white as from black.
    fn is_dark(&self) -> bool {
        let Some(digits) = self.0.strip_prefix('#') else { return false };
        let wide = digits.len() > 4;
        let part = |index: usize| {
            let text = if wide { digits.get(2 * index..2 * index + 2) } else { digits.get(index..=index) };
            let value = text.and_then(|text| u8::from_str_radix(text, 16).ok()).unwrap_or_default();
            let value = f32::from(if wide { value } else { value * 17 }) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2) < 0.18
    }
}

impl Theme {
    /// The theme as custom properties on the shadow host.
    pub(super) fn declarations(&self) -> String {
        // Controls that the browser draws follow the paper, and so does the red of complaints.
        let (scheme, bad) = if self.paper.is_dark() { ("dark", "#ffb4a8") } else { ("light", "#b3261e") };
        format!(
            ":host{{--rp-scheme:{scheme};--rp-bad:{bad};--rp-accent:{};--rp-accent-ink:{};--rp-ink:{};--rp-paper:{};\
             --rp-muted:{};--rp-radius:{};--rp-font:{};--rp-display:{}}}",
            self.accent.0,
            self.accent_ink.0,
            self.ink.0,
            self.paper.0,
            self.muted.0,
            self.radius.0,
            self.font.0,
            self.display_font.0
        )
    }
}

impl Default for Theme {
    /// Plain and readable, for shops that have not said how they look.
    fn default() -> Self {
        let color = |text: &str| Color(text.to_owned());
        let family = || Family("system-ui, sans-serif".to_owned());
        Self {
            accent: color("#1a4d3a"),
            accent_ink: color("#ffffff"),
            ink: color("#1b1f1d"),
            paper: color("#ffffff"),
            muted: color("#5b625e"),
            radius: Length("6px".to_owned()),
            font: family(),
            display_font: family(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_colours() {
        for text in ["#fff", "#c4351b", "#c4351b80", "tomato", "rgb(1 2 3 / 50%)", "oklch(60% 0.2 30)", " #FFF "] {
            assert!(text.parse::<Color>().is_ok(), "{text}");
        }
    }

    #[test]
    fn what_would_leave_its_declaration_is_refused() {
        for text in [
            "",
            "#ff",
            "#ggg",
            "red;}",
            "red}",
            "url(x)",
            "url(//evil.example)",
            "rgb(0,0,0);x:y",
            "rgb(var(--x))",
            "rgb(0))",
            "var(--x)",
            "red/**/",
            "red\\3b",
            "image(x)",
            "rgb(\"\")",
            "a b",
        ] {
            assert!(text.parse::<Color>().is_err(), "{text}");
        }
        for text in ["", "6", "-6px", "6px;", "6 px", "1e9px", "NaN", "inf", "calc(1px)", "6vw", "100px"] {
            assert!(text.parse::<Length>().is_err(), "{text}");
        }
        for text in ["", "a,", "a;b", "a}", "\"a", "a\"b\"", "\"a\\\"", "url(x)", "'a'"] {
            assert!(text.parse::<Family>().is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_and_families_are_taken() {
        for text in ["0", "6px", "0.5em", "99rem"] {
            assert!(text.parse::<Length>().is_ok(), "{text}");
        }
        for text in ["system-ui", "\"Bricolage Grotesque\", Alexandria, system-ui, sans-serif", "\"Noto Sans العربية\""]
        {
            assert!(text.parse::<Family>().is_ok(), "{text}");
        }
    }

    #[test]
    fn controls_follow_the_paper() {
        let on = |paper: &str| Theme { paper: paper.parse().unwrap(), ..Theme::default() }.declarations();
        assert!(on("#111").contains("--rp-scheme:dark"));
        assert!(on("#10243b").contains("--rp-scheme:dark"));
        assert!(on("#fdfcf8").contains("--rp-scheme:light"));
        assert!(on("#f00").contains("--rp-scheme:light"));
        assert!(on("white").contains("--rp-scheme:light"));
    }
}
