//! What the columns of a CSV file mean: our own names, and those of common exports.

use super::About;

/// A column's name in our words, for each name it is found under. Compared without case, and with `_`,
/// `-` and `.` as spaces.
const ALIASES: [(&str, &[&str]); 37] = [
    ("id", &["order id", "order", "order no"]),
    ("number", &["order number", "name order"]),
    ("emails", &["email", "e mail", "email address", "mail", "billing email", "customer email"]),
    ("phones", &["phone", "telephone", "phone number", "mobile", "billing phone"]),
    ("given_name", &["first name", "firstname", "forename", "billing first name"]),
    ("family_name", &["last name", "lastname", "surname", "billing last name"]),
    ("birthday", &["date of birth", "birth date", "dob"]),
    ("language", &["locale", "lang"]),
    ("country", &["country code", "billing country", "shipping country"]),
    ("loyalty_id", &["loyalty", "card number", "loyalty card", "member number"]),
    ("points", &["points balance", "loyalty points", "bonus points"]),
    ("points_ending", &["expiring points", "points expiring"]),
    ("points_end", &["points expire", "points expire at", "points expiry"]),
    ("updated", &["updated at", "modified", "modified at", "last change"]),
    ("permission", &["consent", "channel"]),
    ("permission_given", &["opt in", "accepts marketing", "accepts email marketing", "subscribed"]),
    ("permission_at", &["opt in date", "opt in at", "consent at", "consent date", "subscribed at"]),
    ("permission_method", &["opt in method", "consent method", "how"]),
    ("permission_wording", &["wording", "consent wording", "consent text"]),
    ("permission_source", &["opt in source", "consent source", "source"]),
    ("permission_proven", &["double opt in", "confirmed"]),
    ("customer_id", &["customer", "customer number"]),
    ("placed", &["placed at", "date", "order date", "created at", "date created"]),
    ("cancelled", &["cancelled at", "canceled at"]),
    ("currency", &["currency code"]),
    ("total", &["order total", "amount", "grand total"]),
    ("codes", &["code", "discount code", "coupon", "coupon code"]),
    ("product", &["sku", "item", "product id", "lineitem sku", "article"]),
    ("product_name", &["lineitem name", "item name", "article name"]),
    ("quantity", &["qty", "lineitem quantity", "item quantity"]),
    ("category", &["item category", "product type", "product category"]),
    ("size", &["item size", "product size"]),
    ("price", &["unit price", "lineitem price", "item price"]),
    ("paid", &["paid amount", "amount paid"]),
    ("refunded", &["refunded amount", "amount refunded"]),
    ("shipped", &["shipped at", "fulfilled at", "ship date"]),
    ("delivered", &["delivered at", "delivery date"]),
];

/// Our name for a column of a file about customers or orders, where it has a meaning there.
pub fn named(header: &str, about: About) -> Option<&'static str> {
    let spaced: String = header.chars().map(|c| if matches!(c, '_' | '-' | '.') { ' ' } else { c }).collect();
    let header = spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    // Of a line about a customer it is the line's own id, of one about an order it says whose that is.
    if about == About::Customers && header == "customer id" {
        return Some("id");
    }
    let is_ours = |name: &str| {
        name.len() == header.len() && name.bytes().zip(header.bytes()).all(|(a, b)| a == b || (a == b'_' && b == b' '))
    };
    ALIASES.iter().find(|(name, aliases)| is_ours(name) || aliases.contains(&header.as_str())).map(|(name, _)| *name)
}
