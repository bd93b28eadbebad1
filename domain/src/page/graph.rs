//! Open Graph (ogp.me) with the properties of products that shops and catalogues use (`product:`).

use super::offer::available;
use super::{picture_url, product_url, resolved};
use crate::catalogue::Said;
use crate::catalogue::text::{decimal, plain};
use crate::event::{cut, is_currency};

/// What a page's `<meta>` say of its product; nothing where they are not about one. The id is empty where they name none.
pub fn said(pairs: &[(String, String)], address: &str) -> Option<Said> {
    let get = |names: &[&str]| {
        names.iter().find_map(|name| pairs.iter().find(|(known, _)| known == name)).map(|(_, value)| value.as_str())
    };
    let is_product = get(&["og:type"]).is_some_and(|kind| kind.contains("product"));
    let is_offered = get(&["product:price:amount", "product:retailer_item_id", "product:availability"]).is_some();
    if !is_product && !is_offered {
        return None;
    }
    let amount = |names: &[&str]| get(names).and_then(decimal);
    let full = amount(&["product:price:amount", "og:price:amount"]);
    let reduced = amount(&["product:sale_price:amount"]);
    let before = amount(&["product:original_price:amount"]);
    let (price, was) = match (full, reduced) {
        (full, Some(reduced)) => (Some(reduced), full),
        (full, None) => (full, before),
    };
    let currency = get(&["product:price:currency", "og:price:currency", "product:sale_price:currency"]);
    let currency = currency.map(str::to_ascii_uppercase).filter(|code| is_currency(code));
    let mut said = Said {
        group: get(&["product:item_group_id"]).map(|group| cut(group, 200)),
        title: get(&["og:title"]).map(|title| without_shop(&plain(title, 200), get(&["og:site_name"]))),
        description: get(&["og:description"]).map(|text| plain(text, 300)),
        url: get(&["og:url"]).and_then(|url| product_url(address, url)),
        image: get(&["og:image:secure_url", "og:image", "og:image:url"])
            .and_then(|image| resolved(address, image))
            .and_then(|image| picture_url(&image)),
        was: was.filter(|_| price.is_some()),
        currency: currency.filter(|_| price.is_some()),
        price,
        in_stock: get(&["product:availability", "og:availability"]).map(available),
        categories: get(&["product:category"]).map(|path| plain(path, 200)).into_iter().collect(),
        brand: get(&["product:brand", "og:brand"]).map(|brand| plain(brand, 80)),
        ..Said::of(get(&["product:retailer_item_id"]).map(|id| cut(id, 200)).unwrap_or_default())
    };
    for (names, ours) in [
        (["product:color", "product:colour"], "colour"),
        (["product:size", "og:size"], "size"),
        (["product:material", "og:material"], "material"),
    ] {
        said.attributes.extend(get(&names).map(|value| (ours.to_owned(), plain(value, 100))));
    }
    said.group = said.group.filter(|group| *group != said.id);
    Some(said)
}

/// A title without the shop's name behind it.
fn without_shop(title: &str, shop: Option<&str>) -> String {
    let bare = shop.and_then(|shop| title.strip_suffix(shop)).map(|bare| {
        bare.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '|' | '-' | '–' | '—' | ':' | '·'))
    });
    bare.filter(|bare| !bare.is_empty()).unwrap_or(title).to_owned()
}
