//! Amounts and words as pages and feeds write them.

use crate::event::{cut, is_decimal};

/// The first amount in a text, as a plain decimal: `€ 1.299,00`, `19.90 EUR`, `1'299.–`. Of point and comma the later is
/// the decimal sign; a comma alone before three digits separates thousands, a point alone never does.
pub fn decimal(text: &str) -> Option<String> {
    let begins = text.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = text.split_at_checked(begins)?;
    if before.trim_end().ends_with('-') {
        return None;
    }
    let mut number = String::new();
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '0'..='9' | '.' | ',' => number.push(c),
            '\'' | '’' => {}
            ' ' | '\u{a0}' | '\u{202f}' if chars.peek().is_some_and(char::is_ascii_digit) => {}
            _ => break,
        }
        if number.len() > 24 {
            return None;
        }
    }
    let number = number.trim_end_matches(['.', ',']);
    let count = |sign| number.matches(sign).count();
    let plain = match (number.rfind('.'), number.rfind(',')) {
        (Some(point), Some(comma)) if comma > point => number.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => number.replace(',', ""),
        (Some(_), None) if count('.') > 1 => number.replace('.', ""),
        (None, Some(comma)) if count(',') > 1 || number.len() - comma == 4 => number.replace(',', ""),
        (None, Some(_)) => number.replace(',', "."),
        _ => number.to_owned(),
    };
    Some(plain).filter(|plain| is_decimal(plain))
}

/// A number of JSON as a plain decimal. Sums that were counted in binary fractions (`29.900000000000002`) are rounded to
/// four digits after the point.
pub fn number(number: &serde_json::Number) -> Option<String> {
    let written = number.to_string();
    if is_decimal(&written) {
        return Some(written);
    }
    let amount = number.as_f64().filter(|amount| (0.0..1e12).contains(amount))?;
    Some(format!("{amount:.4}")).filter(|plain| is_decimal(plain))
}

/// What a text says without its markup: tags out, entities resolved, white space single, cut to so many characters.
pub fn plain(text: &str, most: usize) -> String {
    let mut words = String::new();
    let mut rest = text;
    // What is cut off in the end needs no reading.
    while !rest.is_empty() && words.len() < most * 4 {
        let end = rest.find(['<', '&']).unwrap_or(rest.len());
        let (before, found) = rest.split_at(end);
        words.push_str(before);
        let (said, after) = match found.chars().next() {
            Some('<') => tag(found),
            Some(_) => entity(found),
            None => (String::new(), ""),
        };
        words.push_str(&said);
        rest = after;
    }
    cut(&words.split_whitespace().collect::<Vec<_>>().join(" "), most)
}

/// What a tag says, a space, and what follows it. A `<` that begins no tag stands for itself.
fn tag(text: &str) -> (String, &str) {
    let begins = text.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    match text.find('>') {
        Some(end) if begins => (" ".into(), text.get(end + 1..).unwrap_or_default()),
        _ => ("<".into(), text.get(1..).unwrap_or_default()),
    }
}

/// What an entity stands for, and what follows it.
fn entity(text: &str) -> (String, &str) {
    let end = text.bytes().take(12).position(|byte| byte == b';');
    let name = end.and_then(|end| text.get(1..end));
    match (name.and_then(resolve), end) {
        (Some(char), Some(end)) => (char.into(), text.get(end + 1..).unwrap_or_default()),
        _ => ("&".into(), text.get(1..).unwrap_or_default()),
    }
}

/// The character that an entity of HTML stands for: numbers, and the names that texts of shops have.
pub fn resolve(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "euro" => '€',
        "pound" => '£',
        "reg" => '®',
        "trade" => '™',
        "copy" => '©',
        "deg" => '°',
        "times" => '×',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "ntilde" => 'ñ',
        "rsquo" => '’',
        "lsquo" => '‘',
        "ldquo" => '“',
        "rdquo" => '”',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, plain) in [
            ("19.90", Some("19.90")),
            ("19,90 €", Some("19.90")),
            ("€ 1.299,00", Some("1299.00")),
            ("$1,299.00", Some("1299.00")),
            ("1,299", Some("1299")),
            ("1.299", Some("1.299")),
            ("1.299.000", Some("1299000")),
            ("CHF 1'299.–", Some("1299")),
            ("1 299,50\u{a0}kr", Some("1299.50")),
            ("19.90 - 29.90", Some("19.90")),
            ("5", Some("5")),
            ("-5", None),
            ("on request", None),
            ("", None),
            ("1234567890123", None),
        ] {
            assert_eq!(decimal(text).as_deref(), plain, "{text}");
        }
    }

    #[test]
    fn numbers_of_json_become_plain_decimals() {
        for (written, plain) in [
            ("19.9", Some("19.9")),
            ("5", Some("5")),
            ("5.0", Some("5.0")),
            ("19.98765432", Some("19.9877")),
            ("1e3", Some("1000.0")),
            ("-1", None),
            ("1e300", None),
        ] {
            let number = serde_json::from_str(written).unwrap();
            assert_eq!(super::number(&number).as_deref(), plain, "{written}");
        }
    }

    #[test]
    fn words_lose_their_markup() {
        for (text, words) in [
            ("<p>Warm &amp; soft,<br/>for&nbsp;all</p>", "Warm & soft, for all"),
            ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
            ("&#252;ber &#xdc;ber &unknown;", "über Über &unknown;"),
            ("<b", "<b"),
            ("&", "&"),
            ("&#1114112;", "&#1114112;"),
        ] {
            assert_eq!(plain(text, 100), words, "{text}");
        }
        assert_eq!(plain("abcdef", 3), "abc");
    }
}
