use super::*;
use crate::consent::EMAIL_MARKETING;
use crate::customer::CustomerRecord;
use crate::facts::{Ending, Points};
use crate::latest::said;
use crate::money::Money;
use crate::order::OrderRecord;

const NOW: Timestamp = Timestamp(1_795_327_200_000);

fn file(about: About, format: Format, bytes: &[u8]) -> Result<Import, Refused> {
    let file = File { about, format, bytes, prefix: "", as_of: Timestamp(NOW.0 - 1) };
    read(&file, &Context { now: NOW, calling_code: None })
}

fn customers(csv: &str) -> Import {
    file(About::Customers, Format::Csv, csv.as_bytes()).unwrap()
}

fn orders(csv: &str) -> Import {
    file(About::Orders, Format::Csv, csv.as_bytes()).unwrap()
}

fn customer(import: &Import, n: usize) -> &CustomerRecord {
    let Says::Customer(record) = &import.statements[n].says else { panic!("a customer") };
    record
}

fn order(import: &Import, n: usize) -> &OrderRecord {
    let Says::Order(record) = &import.statements[n].says else { panic!("an order") };
    record
}

fn lines(import: &Import) -> Vec<(u64, &str)> {
    import.refused.iter().map(|refused| (refused.line, refused.field.as_str())).collect()
}

#[test]
fn a_bad_line_is_refused_by_its_number_and_field_and_the_others_count() {
    let import = customers(
        "id,E-Mail,Phone,Birthday\n\
         1,anna@example.org,+49 30 901820,1980-02-29\n\
         2,no address,,\n\
         \n\
         3,,030 901820,\n\
         4,bob@example.org,,02-30\n\
         5,carla@example.org\n\
         ,,,02-28\n\
         6,dora@example.org,,\n",
    );
    assert_eq!(lines(&import), [(3, "emails[0]"), (5, "phones[0]"), (6, "birthday"), (7, ""), (8, "id")]);
    assert_eq!((import.accepted, import.statements.len()), (2, 2));
}

#[test]
fn files_are_read_as_programs_write_them() {
    let plain = "id,email,first name\n1,anna@example.org,\"Anna, \"\"A.\"\" Lee\"\n";
    let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    let tabs = "id\temail\tfirst name\n1\tanna@example.org\tAnna, \"A.\" Lee\n";
    let semicolons = "id;email;first name\n1;anna@example.org;\"Anna, \"\"A.\"\" Lee\"\n";
    for text in [plain, &windows, semicolons] {
        let import = customers(text);
        assert_eq!(import.refused, [], "{text}");
        assert_eq!(customer(&import, 0).name.as_ref().unwrap().value.given, "Anna, \"A.\" Lee");
    }
    assert_eq!(customers(tabs).accepted, 1);
    let broken_cell = customers("id,email,first name\r\n1,anna@example.org,\"two\r\nlines\"\r\n2,x,y\r\n");
    assert_eq!(lines(&broken_cell), [(4, "emails[0]")]);
}

#[test]
fn other_encodings_are_refused_with_the_way_out() {
    let latin = b"id,email,first name\n1,anna@example.org,J\xfcrgen\n";
    let refused = file(About::Customers, Format::Csv, latin).unwrap_err();
    assert!(refused.detail.contains("line 2") && refused.detail.contains("UTF-8"), "{}", refused.detail);
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("id".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert!(file(About::Customers, Format::Csv, &wide).unwrap_err().detail.contains("UTF-16"));
    for text in ["", "colour,size\nred,1\n", "email,e-mail\na@example.org,b@example.org\n"] {
        assert!(file(About::Customers, Format::Csv, text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_permission_counts_only_with_its_origin() {
    let import = customers(
        "id;email;opt-in;opt-in date;opt-in method;wording;source;double opt-in\n\
         1;a@example.org;yes;2024-05-03;till tablet;Write me;till Hamburg;yes\n\
         2;b@example.org;yes;;;;;\n\
         3;c@example.org;yes;2024-05-03;till tablet;;;\n\
         4;d@example.org;no;2024-05-03;;;;\n\
         5;e@example.org;;;;;;\n\
         6;f@example.org;perhaps;;;;;\n",
    );
    let right = |n| customer(&import, n).right(EMAIL_MARKETING).map(|origin| (origin.method(), origin.proven()));
    assert_eq!((0..5).map(right).collect::<Vec<_>>(), [Some(("till tablet", true)), None, None, None, None]);
    assert_eq!(import.without_right, [3, 4]);
    assert_eq!(customer(&import, 3).permissions.len(), 1);
    assert!(customer(&import, 4).permissions.is_empty());
    assert_eq!(lines(&import), [(7, "permission_given")]);
}

#[test]
fn the_rows_of_one_order_are_gathered() {
    let import = orders(
        "Order ID,Date,Currency,Total,Email,SKU,Qty,Unit price,Coupon,Paid\n\
         1001,2026-01-02T10:00:00Z,EUR,59.70,anna@example.org,A-1,2,19.90,HELLO,59.70\n\
         1002,2026-01-03,JPY,1980,,B-1,1,1980,,\n\
         1001,,,,,A-2,1,19.90,,\n\
         1003,2026-01-03,EUR,1.999,,,,,,\n\
         1004,2026-01-03,EUR,5,,A-1,many,,,\n",
    );
    assert_eq!((import.accepted, import.statements.len()), (3, 2));
    let first = order(&import, 0);
    assert_eq!(first.items.as_ref().unwrap().value.len(), 2);
    assert_eq!(first.state().paid, Some(Money { currency: "EUR".parse().unwrap(), minor: 5_970 }));
    assert_eq!(order(&import, 1).state().total.unwrap().minor, 1_980);
    assert_eq!(lines(&import), [(6, "quantity"), (5, "total")]);
}

#[test]
fn amounts_are_read_with_either_decimal_sign() {
    let import = orders(
        "id;currency;total\n1;EUR;59,70\n2;EUR;1.234,50\n3;EUR;1,234.50\n4;EUR;59.70\n5;EUR;1,234\n6;EUR;1,2,3\n",
    );
    let minor = |n| order(&import, n).state().total.unwrap().minor;
    assert_eq!((0..4).map(minor).collect::<Vec<_>>(), [5_970, 123_450, 123_450, 5_970]);
    assert_eq!(lines(&import), [(6, "total"), (7, "total")]);
}

#[test]
fn lines_of_json_say_all_that_a_hook_can() {
    let text = r#"{"id":"1001","currency":"EUR","total":"10.00","payments":[{"id":"p","amount":"10.00"}],"deliveries":[{"id":"f"}]}

{"id":"1002","currency":"EUR","total":10}
{"id":"1003","items":[{"product":"A","quantity":0}]}
not json
{"number":"7"}"#;
    let import = file(About::Orders, Format::Ndjson, text.as_bytes()).unwrap();
    assert_eq!(import.accepted, 1);
    assert!(order(&import, 0).state().delivered_at.is_some());
    assert_eq!(lines(&import), [(3, "total"), (4, "items[0].quantity"), (5, ""), (6, "id")]);
}

#[test]
fn the_same_file_again_says_the_same() {
    let text = "id,email\n1,anna@example.org\n2,bob@example.org\n";
    assert_eq!(customers(text), customers(text));
    let ids = |import: &Import| import.statements.iter().map(|s| s.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&customers(text))[0], ids(&customers("id,email\n1,anna@example.org\n"))[0]);
    assert_ne!(ids(&customers(text))[0], ids(&customers(text))[1]);
}

#[test]
fn a_till_s_numbers_are_not_the_shop_s_of_orders_and_of_customers() {
    let till = |about, text: &'static str| {
        let file = File { about, format: Format::Csv, bytes: text.as_bytes(), prefix: "till/", as_of: NOW };
        read(&file, &Context { now: NOW, calling_code: None }).unwrap()
    };
    let orders = till(About::Orders, "id,customer_id,total,currency\n1001,17,5,EUR\n1002, ,5,EUR\n");
    assert_eq!(order(&orders, 0).id(), "till/1001");
    assert_eq!(said(order(&orders, 0).customer.as_ref()).map(String::as_str), Some("till/17"));
    assert_eq!(order(&orders, 1).customer, None);
    let customers = till(About::Customers, "Customer ID,email\n17,anna@example.org\n,bob@example.org\n");
    assert_eq!(customer(&customers, 0).id.as_deref(), Some("till/17"));
    assert_eq!(customer(&customers, 1).id, None);
}

#[test]
fn points_are_read_from_three_columns_and_go_together() {
    let import = customers(
        "id,Points,Expiring points,Points expire\n\
         1,120,50,2027-01-01\n\
         2,80,,\n\
         3,,,\n\
         4,,50,2027-01-01\n\
         5,many,,\n\
         6,20,30,2027-01-01\n\
         7,20,10,\n",
    );
    assert_eq!(lines(&import), [(5, "points"), (6, "points"), (7, "points.ending"), (8, "points.ends")]);
    let points = |n| said(customer(&import, n).points.as_ref()).copied();
    let ending = Ending { at: Timestamp(1_798_761_600_000), count: 50 };
    assert_eq!(points(0), Some(Points { balance: 120, ending: Some(ending) }));
    assert_eq!((points(1), points(2)), (Some(Points { balance: 80, ending: None }), None));
}
