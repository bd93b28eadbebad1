//! Addresses as they are kept: without what may be personal.

/// The longest address that is kept, in bytes.
const URL_BYTES: usize = 2_048;
/// What a shop's own campaigns need of a query; the rest may be personal.
const KEPT_QUERY: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];

/// An address without what may be personal: no user name, no fragment, of the query only the
/// campaign marks, and no e-mail address anywhere. Nothing, when it is not http or https.
pub fn clean_url(address: &str) -> Option<String> {
    let address = picture_url(address)?;
    let address = address.split('#').next().unwrap_or_default();
    let (rest, query) = address.split_once('?').unwrap_or((address, ""));
    let mut clean = rest.split('/').filter(|part| !may_be_mail(part)).collect::<Vec<_>>().join("/");
    let is_kept = |pair: &&str| KEPT_QUERY.contains(&pair.split('=').next().unwrap_or_default()) && !may_be_mail(pair);
    for pair in query.split('&').filter(is_kept) {
        clean.push(if clean.contains('?') { '&' } else { '?' });
        clean.push_str(pair);
    }
    Some(clean)
}

/// An address as [`clean_url`] gives it, without what is left of its query.
pub fn clean_page(address: &str) -> Option<String> {
    clean_url(address).map(|clean| clean.split('?').next().unwrap_or_default().to_owned())
}

/// Whether a part of an address may hold an e-mail address, escaped or not: `%40` is an at sign, and so is
/// `%2540` for whoever unescapes twice.
fn may_be_mail(part: &str) -> bool {
    let mut part = part.to_ascii_lowercase();
    while part.contains("%25") {
        part = part.replace("%25", "%");
    }
    part.contains('@') || part.contains("%40")
}

/// The address of a picture, which keeps its query.
pub fn picture_url(address: &str) -> Option<String> {
    let address = address.trim();
    let (scheme, rest) = address.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let fine = (scheme == "http" || scheme == "https")
        && address.len() <= URL_BYTES
        && !rest.is_empty()
        && !address.chars().any(|c| {
            c.is_control() || c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
        });
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or_default();
    (fine && !host.is_empty()).then(|| format!("{scheme}://{host}{path}"))
}

/// What shops hang on addresses to count whence somebody came; of what a page is about it says nothing.
const COUNTING: [&str; 10] =
    ["gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "srsltid", "ttclid", "mc_cid", "mc_eid"];

/// The address of a product's page, stated on the page `base`, itself an address without query or fragment. What names
/// the product in a query is kept; what counts visitors goes, and so does whatever may hold an e-mail address.
pub fn product_url(base: &str, address: &str) -> Option<String> {
    let address = picture_url(&resolved(base, address)?)?;
    let address = address.split('#').next().unwrap_or_default();
    let (rest, query) = address.split_once('?').unwrap_or((address, ""));
    if may_be_mail(rest) {
        return None;
    }
    let mut clean = rest.to_owned();
    let counts = |name: &str| name.starts_with("utm_") || COUNTING.contains(&name);
    let kept =
        |pair: &&str| !pair.is_empty() && !counts(pair.split('=').next().unwrap_or_default()) && !may_be_mail(pair);
    for pair in query.split('&').filter(kept) {
        clean.push(if clean.contains('?') { '&' } else { '?' });
        clean.push_str(pair);
    }
    Some(clean)
}

/// An address that may leave out what it has in common with `base` (RFC 3986, section 4.2; of paths that begin with dots
/// nothing is made).
pub fn resolved(base: &str, address: &str) -> Option<String> {
    let address = address.trim();
    if address.is_empty() || address.contains("://") {
        return Some(address.to_owned()).filter(|address| !address.is_empty());
    }
    let (scheme, rest) = base.split_once("://")?;
    let path = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(path);
    if let Some(other) = address.strip_prefix("//") {
        return Some(format!("{scheme}://{other}"));
    }
    if address.starts_with('/') {
        return Some(format!("{scheme}://{host}{address}"));
    }
    // `mailto:`, `javascript:` and the like, and what climbs.
    if address.starts_with(['#', '?', '.']) || address.split(['/', '?']).next().is_some_and(|part| part.contains(':')) {
        return None;
    }
    let folder = path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or("/");
    Some(format!("{scheme}://{host}{folder}{address}"))
}

/// The host of an address, port included.
pub fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_may_be_personal() {
        for (address, clean) in [
            ("https://x.example/a?email=a@b.cc&utm_source=mail&x=1#frag", Some("https://x.example/a?utm_source=mail")),
            ("HTTPS://user:pw@x.example/a", Some("https://x.example/a")),
            ("http://localhost:8788/p/hat", Some("http://localhost:8788/p/hat")),
            ("https://x.example", Some("https://x.example")),
            (
                "https://x.example/?utm_term=anna@example.org&utm_source=mail",
                Some("https://x.example/?utm_source=mail"),
            ),
            ("https://x.example/u/anna@example.org/orders", Some("https://x.example/u/orders")),
            ("https://x.example/u/anna%40example.org?utm_term=anna%2540example.org", Some("https://x.example/u")),
            ("https://x.example/u;mail=anna%25252540example.org/", Some("https://x.example/")),
            ("https://x.example/sale%2520now/40%25off", Some("https://x.example/sale%2520now/40%25off")),
            ("javascript:alert(1)", None),
            ("https://", None),
            ("https://x.example/\"><script>", None),
            ("/relative", None),
        ] {
            assert_eq!(clean_url(address).as_deref(), clean, "{address}");
        }
        assert_eq!(clean_page("https://x.example/a?utm_source=mail").as_deref(), Some("https://x.example/a"));
        assert_eq!(clean_url(&format!("https://x.example/{}", "a".repeat(3_000))), None);
    }

    #[test]
    fn the_address_of_a_product_keeps_what_names_it() {
        let base = "https://x.example/shop/hat";
        for (address, clean) in [
            ("https://x.example/p?id=7&utm_source=mail&gclid=1#top", Some("https://x.example/p?id=7")),
            ("/p/hat?variant=2", Some("https://x.example/p/hat?variant=2")),
            ("//x.example/p/hat", Some("https://x.example/p/hat")),
            ("cap", Some("https://x.example/shop/cap")),
            ("cap?for=anna@example.org", Some("https://x.example/shop/cap")),
            ("/u/anna@example.org", None),
            ("javascript:alert(1)", None),
            ("../cap", None),
            ("#top", None),
            ("", None),
        ] {
            assert_eq!(product_url(base, address).as_deref(), clean, "{address}");
        }
        assert_eq!(resolved("https://x.example", "cap").as_deref(), Some("https://x.example/cap"));
        assert_eq!(resolved("nothing", "cap"), None);
        assert_eq!(host("https://x.example:81/a?b"), "x.example:81");
    }
}
