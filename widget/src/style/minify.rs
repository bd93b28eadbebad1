//! Takes comments and spare white space out of our own style sheets.
//!
//! It is no general minifier: it knows what we write, and a test in a browser-like parser would
//! find out if it did harm. A tool for all of CSS would take minutes to build for some bytes.

/// The same rules in fewer bytes.
pub fn minified(source: &str) -> String {
    let mut css = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let token = match next {
            '/' if rest.starts_with("/*") => {
                rest = rest.split_once("*/").map_or("", |(_, after)| after);
                continue;
            }
            '"' => rest.get(1..).and_then(|text| text.find('"')).map_or(rest.len(), |end| end + 2),
            _ if next.is_whitespace() => {
                rest = rest.trim_start();
                let before = css.chars().next_back();
                let after = rest.chars().next();
                if !before.is_none_or(glues_behind) && !after.is_none_or(glues_before) {
                    css.push(' ');
                }
                continue;
            }
            _ => next.len_utf8(),
        };
        if next == '}' && css.ends_with(';') {
            css.pop();
        }
        let (token, after) = rest.split_at(token);
        css.push_str(token);
        rest = after;
    }
    css.replace(" 0.", " .").replace("(0.", "(.").replace(":0.", ":.").replace("-0.", "-.").replace(",0.", ",.")
}

/// Behind these no space is needed.
fn glues_behind(c: char) -> bool {
    matches!(c, '{' | '}' | ';' | ',' | ':' | '>' | '(' | ' ')
}

/// Before these no space is needed. Not before a colon: `a :hover` is not `a:hover`.
fn glues_before(c: char) -> bool {
    matches!(c, '{' | '}' | ';' | ',' | '>' | ')' | '!')
}

#[cfg(test)]
mod tests {
    use super::minified;

    #[track_caller]
    fn becomes(source: &str, css: &str) {
        assert_eq!(minified(source), css);
    }

    #[test]
    fn white_space_and_comments_go() {
        becomes("/* a */\n.a,\n.b > .c {\n  margin: 0 1em;\n  color: red;\n}\n", ".a,.b>.c{margin:0 1em;color:red}");
        becomes("a {}\n\n/* b */ c { d: e !important; }", "a{}c{d:e!important}");
    }

    #[test]
    fn white_space_that_means_something_stays() {
        becomes(".rp :focus { a: calc(100% - 2em); }", ".rp :focus{a:calc(100% - 2em)}");
        becomes("@media (max-width: 40em) { .a { b: c } }", "@media (max-width:40em){.a{b:c}}");
        becomes(".a .b:not([c]) .d {}", ".a .b:not([c]) .d{}");
        becomes(".a + .b {}", ".a + .b{}");
        becomes(
            "a { font: 600 1em/1.5 \"Two  Words /* */\", serif; }",
            "a{font:600 1em/1.5 \"Two  Words /* */\",serif}",
        );
    }

    #[test]
    fn fractions_lose_their_zero() {
        becomes("a { b: 0.5em -0.5em 10.5em; c: d(0.2, 0.7); e: 0.3s }", "a{b:.5em -.5em 10.5em;c:d(.2,.7);e:.3s}");
    }
}
