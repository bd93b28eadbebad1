//! Addresses that are made of titles, as most shops' are: `/products/red-hat` for "Red hat".

/// An address made of a title, between these texts.
pub fn around((start, end): (&str, &str), title: &str) -> String {
    let mut url = String::with_capacity(start.len() + title.len() + end.len());
    url.push_str(start);
    push(&mut url, title);
    url.push_str(end);
    url
}

/// A title in lower case with hyphens, byte by byte: what is neither letter nor digit becomes one, apostrophes go.
pub fn each(title: &str, mut byte: impl FnMut(u8)) {
    let (mut begun, mut gap) = (false, false);
    let mut rest = title.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'a'..=b'z' | b'0'..=b'9' | b'A'..=b'Z' | 0x80.. => {
                if first >= 0xc0
                    && let Some((is_gap, behind)) = sign(first, after)
                {
                    gap |= is_gap;
                    rest = behind;
                    continue;
                }
                if gap && begun {
                    byte(b'-');
                }
                (begun, gap) = (true, false);
                byte(first.to_ascii_lowercase());
            }
            b'\'' => {}
            _ => gap = true,
        }
    }
}

/// What is behind a sign that is no letter, and whether it parts words: `–`, `—`, `×`, `·` do, `’` does not.
fn sign(first: u8, after: &[u8]) -> Option<(bool, &[u8])> {
    match (first, after) {
        (0xe2, [0x80, 0x93 | 0x94, behind @ ..]) | (0xc3, [0x97, behind @ ..]) | (0xc2, [0xb7, behind @ ..]) => {
            Some((true, behind))
        }
        (0xe2, [0x80, 0x99, behind @ ..]) => Some((false, behind)),
        _ => None,
    }
}

fn push(url: &mut String, title: &str) {
    let mut bytes = Vec::with_capacity(title.len());
    each(title, |byte| bytes.push(byte));
    url.push_str(&String::from_utf8(bytes).unwrap_or_default());
}

/// What stands around the title in an address that is made of it.
#[cfg(feature = "learning")]
pub fn frame<'a>(url: &'a str, title: &str) -> Option<(&'a str, &'a str)> {
    let mut slug = String::new();
    push(&mut slug, title);
    if slug.is_empty() {
        return None;
    }
    let at = url.rfind(&slug)?;
    Some((url.get(..at)?, url.get(at.checked_add(slug.len())?..)?))
}
