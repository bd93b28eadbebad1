use super::*;

#[test]
fn a_product_is_recognised_in_the_usual_forms() {
    let plain = r#"{"@context":"https://schema.org","@type":"Product","sku":"A-1","name":"Wool hat","image":["https://x.example/a.jpg?w=80"],
        "offers":{"@type":"Offer","price":"19.90","priceCurrency":"EUR","availability":"https://schema.org/InStock"}}"#;
    let graph = format!(r#"{{"@graph":[{{"@type":"BreadcrumbList"}},{plain}]}}"#);
    let listed = format!("[{plain}]");
    for block in [plain, &graph, &listed] {
        let [Statement::Product(product)] = &recognise([block].into_iter())[..] else { panic!("{block}") };
        assert_eq!(
            (product.id.as_str(), product.price.as_deref(), product.in_stock),
            ("A-1", Some("19.90"), Some(true))
        );
        assert_eq!(product.image.as_deref(), Some("https://x.example/a.jpg?w=80"));
    }
    let numeric = r#"{"@type":["Product"],"productID":7,"offers":[{"price":5,"priceCurrency":"EUR","availability":"OutOfStock"}]}"#;
    let [Statement::Product(product)] = &recognise([numeric].into_iter())[..] else { panic!() };
    assert_eq!((product.id.as_str(), product.price.as_deref(), product.in_stock), ("7", Some("5"), Some(false)));
}

#[test]
fn an_order_is_recognised() {
    let block = r#"{"@type":"Order","orderNumber":"1001","price":"59.70","priceCurrency":"EUR",
        "orderedItem":[{"@type":"OrderItem","orderQuantity":3,"orderedItem":{"@type":"Product","sku":"A-1","name":"Hat"}}]}"#;
    let [Statement::Order(order)] = &recognise([block].into_iter())[..] else { panic!() };
    assert_eq!((order.id.as_str(), order.items[0].quantity, order.items[0].product.as_str()), ("1001", 3, "A-1"));
}

#[test]
fn broken_and_hostile_markup_is_left_out() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for block in ["", "{", "null", "[]", r#"{"@type":"Product"}"#, r#"{"@type":"Product","sku":{"a":1}}"#, &deep] {
        assert!(recognise([block].into_iter()).is_empty(), "{block}");
    }
    let many = format!("[{}]", vec![r#"{"@type":"Product","sku":"x"}"#; 50].join(","));
    assert_eq!(recognise([many.as_str()].into_iter()).len(), 4);
}

/// A page as it is sent, and what it is to say.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    page: Page,
    said: Vec<Said>,
}

#[derive(serde::Deserialize)]
struct Page {
    url: String,
    #[serde(default)]
    ld: Vec<String>,
    #[serde(default)]
    meta: Vec<(String, String)>,
    #[serde(default)]
    micro: Vec<(String, String)>,
    #[serde(default)]
    layer: Vec<String>,
}

#[test]
fn what_pages_say_of_products_is_read_in_every_form() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../fixtures/pages.json")).unwrap();
    for Case { name, page, said } in cases {
        let raw = Raw { address: &page.url, ld: &page.ld, meta: &page.meta, micro: &page.micro, layer: &page.layer };
        let stated = read(&raw);
        assert_eq!(stated.said, said, "{name}");
        let seen: Vec<(&str, Option<&str>)> = stated
            .statements
            .iter()
            .map(|statement| match statement {
                Statement::Product(product) => (product.id.as_str(), product.price.as_deref()),
                Statement::Order(order) => panic!("{name}: {order:?}"),
            })
            .collect();
        let expected: Vec<_> = said.iter().map(|said| (said.id.as_str(), said.price.as_deref())).collect();
        assert_eq!(seen, expected, "{name}");
    }
}

#[test]
fn however_much_a_page_says_little_of_it_is_looked_at() {
    let pairs = vec![("name".to_owned(), "x".repeat(1_000)); 50_000];
    let entry = format!("{{\"items\":[{{\"item_id\":\"{}\"}}]}}", "9".repeat(9_000));
    let offers = vec![r#"{"sku":"a","price":1,"priceCurrency":"EUR"}"#; 5_000].join(",");
    let group = (0..2_000).map(|n| format!(r#"{{"sku":"v{n}"}}"#)).collect::<Vec<_>>().join(",");
    let ld = [
        format!(r#"{{"@type":"Product","sku":"a","offers":[{offers}]}}"#),
        format!(r#"{{"@type":"ProductGroup","productGroupID":"b","hasVariant":[{group}]}}"#),
    ];
    let raw = Raw { address: "https://x.example/", ld: &ld, meta: &pairs, micro: &pairs, layer: &[entry] };
    let stated = read(&raw);
    assert_eq!(stated.said.iter().map(|said| said.variants.len()).collect::<Vec<_>>(), [0, 250]);
    let micro = Raw { ld: &[], layer: &[], ..raw };
    assert_eq!(read(&micro).said[0].title.as_deref().map(str::len), Some(200));
}
