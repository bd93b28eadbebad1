//! Addresses that are made of titles, as most shops' are: `/products/red-hat` for "Red hat".

/// An address made of a title, between these texts.
pub fn around((start, end): &(String, String), title: &str) -> String {
    let mut url = String::with_capacity(start.len() + title.len() + end.len());
    url.push_str(start);
    push(&mut url, title);
    url.push_str(end);
    url
}

/// A title in lower case with hyphens: what is neither letter nor digit becomes one, apostrophes go.
fn push(url: &mut String, title: &str) {
    let from = url.len();
    let is_gap = |char: char| {
        let is_sign = matches!(char, '–' | '—' | '×' | '·') || char.is_ascii() && char != '\'';
        is_sign && !char.is_ascii_alphanumeric()
    };
    for word in title.to_ascii_lowercase().split(is_gap) {
        let mut begun = url.len() == from;
        for piece in word.split(['\'', '’']).filter(|piece| !piece.is_empty()) {
            if !begun {
                url.push('-');
            }
            begun = true;
            url.push_str(piece);
        }
    }
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
