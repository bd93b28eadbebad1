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
    let mut gap = false;
    for char in title.chars() {
        if char.is_ascii_alphanumeric() || !char.is_ascii() && !matches!(char, '’' | '–' | '—' | '×' | '·') {
            if gap && url.len() > from {
                url.push('-');
            }
            gap = false;
            url.push(char.to_ascii_lowercase());
        } else if !matches!(char, '\'' | '’') {
            gap = true;
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
