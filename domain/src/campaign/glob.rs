//! Patterns for paths: `*` stands for anything.

use serde::{Deserialize, Serialize};

/// A pattern for a page's path, such as `/shop/*`. `*` stands for any run of characters, slashes
/// included; everything else for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Glob(pub String);

impl Glob {
    /// Whether the whole path fits.
    pub fn fits(&self, path: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = path.strip_prefix(first) else { return false };
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            match rest.find(part) {
                Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
                None => return false,
            }
        }
        true
    }

    /// The same as the source of a regular expression, for the loader.
    pub fn regex_source(globs: &[Self]) -> String {
        let mut source = String::from("^(?:");
        for (n, glob) in globs.iter().enumerate() {
            if n > 0 {
                source.push('|');
            }
            for c in glob.0.chars() {
                match c {
                    '*' => source.push_str(".*"),
                    '/' | '-' | '_' => source.push(c),
                    c if c.is_alphanumeric() => source.push(c),
                    c => {
                        source.push('\\');
                        source.push(c);
                    }
                }
            }
        }
        source.push_str(")$");
        source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (glob, path, fits) in [
            ("/*", "/", true),
            ("/*", "/a/b", true),
            ("/checkout*", "/checkout", true),
            ("/checkout*", "/checkout/step-2", true),
            ("/checkout*", "/shop/checkout", false),
            ("/p/*/reviews", "/p/a/b/reviews", true),
            ("/p/*/reviews", "/p/reviews", false),
            ("/about", "/about", true),
            ("/about", "/about/us", false),
            ("*", "", true),
            ("/a*b*c", "/a-b-b-c", true),
            ("/a*b*c", "/a-c-b", false),
        ] {
            assert_eq!(Glob(glob.into()).fits(path), fits, "{glob} on {path}");
        }
    }

    #[test]
    fn the_loaders_pattern_escapes_what_is_special() {
        assert_eq!(Glob::regex_source(&[Glob("/a.b*".into()), Glob("/c+".into())]), r"^(?:/a\.b.*|/c\+)$");
    }
}
