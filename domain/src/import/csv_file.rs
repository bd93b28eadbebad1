//! A header row, then rows.

use std::collections::BTreeMap;

use super::columns::named;
use super::{About, Reading};
use crate::hook::{Refused, wire};

/// The most columns of a file.
const MOST_COLUMNS: usize = 200;

/// A row: its cells by our names for the columns, empty ones left out.
struct Row {
    line: u64,
    cells: BTreeMap<&'static str, String>,
    raw: String,
}

impl Row {
    fn take(&mut self, column: &str) -> Option<String> {
        self.cells.remove(column)
    }

    /// A list in one cell, separated by commas, semicolons, bars or spaces.
    fn list(&mut self, column: &str, separators: &[char]) -> Option<Vec<String>> {
        let cell = self.take(column)?;
        Some(cell.split(separators).map(str::trim).filter(|each| !each.is_empty()).map(str::to_owned).collect())
    }

    /// An amount as people write it: of point and comma the later is the decimal sign. A single one
    /// before three digits could be either, so a comma there is left to be refused.
    fn amount(&mut self, column: &str) -> Option<String> {
        let cell = self.take(column)?;
        Some(match (cell.rfind('.'), cell.rfind(',')) {
            (Some(point), Some(comma)) if comma > point => cell.replace('.', "").replace(',', "."),
            (Some(_), Some(_)) => cell.replace(',', ""),
            (None, Some(comma)) if cell.len() - comma != 4 && cell.find(',') == Some(comma) => cell.replace(',', "."),
            _ => cell,
        })
    }

    /// A number of whole things.
    fn count(&mut self, column: &'static str) -> Result<Option<u32>, Refused> {
        let number = |cell: String| cell.parse().map_err(|_| Refused::unreadable(column, "expected a whole number"));
        self.take(column).map(number).transpose()
    }

    fn points(&mut self) -> Result<Option<wire::Points>, Refused> {
        let (balance, ending, ends) = (self.count("points")?, self.count("points_ending")?, self.take("points_end"));
        let Some(balance) = balance else {
            let other = ending.is_some() || ends.is_some();
            return if other {
                Err(Refused::unreadable("points", "missing; expected how many there are"))
            } else {
                Ok(None)
            };
        };
        Ok(Some(wire::Points { balance, ending, ends }))
    }

    fn yes(&mut self, column: &'static str) -> Result<Option<bool>, Refused> {
        let Some(cell) = self.take(column) else { return Ok(None) };
        match cell.to_lowercase().as_str() {
            "yes" | "y" | "true" | "1" | "x" | "ja" | "oui" | "si" | "sí" | "subscribed" => Ok(Some(true)),
            "no" | "n" | "false" | "0" | "nein" | "non" | "unsubscribed" => Ok(Some(false)),
            _ => Err(Refused::unreadable(column, "expected yes or no")),
        }
    }
}

pub fn read(text: &str, reading: &mut Reading) -> Result<(), Refused> {
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .into_records();
    let header = match rows.next() {
        Some(Ok(header)) => header,
        Some(Err(error)) => return Err(Refused::unreadable("", error.to_string())),
        None => return Err(Refused::unreadable("", "the file is empty; expected a row that names the columns")),
    };
    let columns = columns(&header, reading.file.about)?;
    let mut orders = Orders::default();
    let mut lines = Lines { text, byte: 0, line: 1 };
    for record in rows {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = lines.of(error.position());
                reading.refuse(line, Refused::unreadable("", error.to_string()));
                continue;
            }
        };
        let line = lines.of(record.position());
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if record.len() != columns.len() {
            let detail = format!("{} cells where the header has {}; is a quote missing?", record.len(), columns.len());
            reading.refuse(line, Refused::unreadable("", detail));
            continue;
        }
        let cells = columns
            .iter()
            .zip(&record)
            .filter_map(|(column, cell)| {
                Some(((*column)?, cell.trim().to_owned())).filter(|(_, cell)| !cell.is_empty())
            })
            .collect();
        let raw = record.iter().collect::<Vec<_>>().join("\u{1f}");
        let row = Row { line, cells, raw };
        match reading.file.about {
            About::Customers => match customer(row) {
                Ok((line, raw, customer)) => reading.customer(line, &raw, customer),
                Err((line, refused)) => reading.refuse(line, refused),
            },
            About::Orders => {
                if let Err((line, refused)) = orders.take(row) {
                    reading.refuse(line, refused);
                }
            }
        }
    }
    for order in orders.told {
        reading.order(order.line, order.lines, &order.raw, order.wire);
    }
    Ok(())
}

/// Numbers of lines. The reader's own are those where the row before ended.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line on which the row begins that the reader met here; rows are asked for in their order.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let at = position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.byte);
        let ends = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let bytes = self.text.as_bytes();
        let begins = at + bytes.get(at..).unwrap_or_default().iter().take_while(ends).count();
        let passed = bytes.get(self.byte..begins).unwrap_or_default();
        self.line += (1_u64..).zip(passed.iter().filter(|byte| **byte == b'\n')).last().map_or(0, |(n, _)| n);
        self.byte = begins.max(self.byte);
        self.line
    }
}

/// The separator that the header has most of, outside quotes.
fn separator(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| *separator == byte) {
                    *count += 1;
                }
            }
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

/// Our names for the columns; nothing for those without a meaning here.
fn columns(header: &csv::StringRecord, about: About) -> Result<Vec<Option<&'static str>>, Refused> {
    if header.len() > MOST_COLUMNS {
        return Err(Refused::unreadable("", format!("{} columns; at most {MOST_COLUMNS} are read", header.len())));
    }
    let columns: Vec<Option<&'static str>> = header.iter().map(|name| named(name, about)).collect();
    for (n, column) in columns.iter().enumerate() {
        if let Some(name) = column
            && columns.iter().take(n).any(|earlier| earlier == column)
        {
            return Err(Refused::unreadable(*name, format!("two columns mean {name}; remove or rename one")));
        }
    }
    let any = |names: &[&str]| columns.iter().flatten().any(|column| names.contains(column));
    let needed: &[&str] = match about {
        About::Customers => &["id", "emails", "phones"],
        About::Orders => &["id"],
    };
    if any(needed) {
        Ok(columns)
    } else {
        let detail = format!("the first row names no column {}; expected the columns' names there", needed.join(", "));
        Err(Refused::unreadable(needed.first().copied().unwrap_or_default(), detail))
    }
}

type Fault = (u64, Refused);

fn customer(mut row: Row) -> Result<(u64, String, wire::Customer), Fault> {
    let line = row.line;
    let at = |refused| (line, refused);
    let given = row.yes("permission_given").map_err(at)?;
    let named = row.take("permission");
    let permission = wire::Permission {
        permission: named.clone().map_or_else(|| "email.marketing".to_owned(), |name| full_name(&name)),
        given: given.unwrap_or(true),
        at: row.take("permission_at"),
        method: row.take("permission_method"),
        wording: row.take("permission_wording"),
        source: row.take("permission_source"),
        proven: row.yes("permission_proven").map_err(at)?.unwrap_or_default(),
    };
    // A cell that says no is a withdrawal; columns that are empty say nothing.
    let told = given.is_some() || named.is_some();
    let customer = wire::Customer {
        id: row.take("id"),
        emails: row.list("emails", &[',', ';', '|', ' ']),
        phones: row.list("phones", &[',', ';', '|']),
        given_name: row.take("given_name"),
        family_name: row.take("family_name"),
        birthday: row.take("birthday"),
        language: row.take("language"),
        country: row.take("country"),
        loyalty_id: row.take("loyalty_id"),
        points: row.points().map_err(at)?,
        permissions: if told { vec![permission] } else { Vec::new() },
        updated: row.take("updated"),
    };
    Ok((line, row.raw, customer))
}

/// A permission by its channel alone is for news and offers.
fn full_name(permission: &str) -> String {
    let name = permission.to_lowercase();
    if name.contains('.') { name } else { format!("{name}.marketing") }
}

/// Orders whose rows are gathered: exports repeat an order's id for each line of its goods.
#[derive(Default)]
struct Orders {
    told: Vec<Told>,
    places: BTreeMap<String, usize>,
}

struct Told {
    line: u64,
    lines: usize,
    raw: String,
    wire: wire::Order,
}

impl Orders {
    fn take(&mut self, mut row: Row) -> Result<(), Fault> {
        let line = row.line;
        let refused = |field: &str, detail: &str| (line, Refused::unreadable(field, detail));
        let id = row.take("id").ok_or_else(|| refused("id", "missing"))?;
        let item = match row.take("product") {
            None => None,
            Some(product) => {
                let quantity = row.take("quantity").unwrap_or_else(|| "1".to_owned());
                let quantity = quantity.parse().map_err(|_| refused("quantity", "expected a whole number"))?;
                Some(wire::Item {
                    product,
                    name: row.take("product_name"),
                    quantity,
                    price: row.amount("price"),
                    category: row.take("category"),
                    size: row.take("size"),
                })
            }
        };
        let place = *self.places.entry(id.clone()).or_insert(self.told.len());
        if place == self.told.len() {
            let order = wire::Order { id, ..wire::Order::default() };
            self.told.push(Told { line, lines: 0, raw: String::new(), wire: order });
        }
        let Some(told) = self.told.get_mut(place) else { return Ok(()) };
        told.lines += 1;
        told.raw.push_str(&row.raw);
        told.raw.push('\u{1e}');
        if let Some(item) = item {
            told.wire.items.get_or_insert_default().push(item);
        }
        let order = &mut told.wire;
        for (field, column) in [
            (&mut order.number, "number"),
            (&mut order.placed, "placed"),
            (&mut order.updated, "updated"),
            (&mut order.cancelled, "cancelled"),
            (&mut order.customer_id, "customer_id"),
            (&mut order.email, "emails"),
            (&mut order.phone, "phones"),
            (&mut order.language, "language"),
            (&mut order.country, "country"),
            (&mut order.currency, "currency"),
        ] {
            if field.is_none() {
                *field = row.take(column);
            }
        }
        if order.total.is_none() {
            order.total = row.amount("total");
        }
        for code in row.list("codes", &[',', ';', '|', ' ']).into_iter().flatten() {
            if !order.codes.contains(&code) {
                order.codes.push(code);
            }
        }
        // A file tells one sum of each kind for an order, so each has one id.
        let whole = |amount| wire::Amount { id: "order".to_owned(), amount, currency: None };
        if order.payments.is_empty() {
            order.payments.extend(row.amount("paid").map(whole));
        }
        if order.refunds.is_empty() {
            order.refunds.extend(row.amount("refunded").map(whole));
        }
        if order.fulfilments.is_empty() {
            order.fulfilments.extend(row.take("shipped").map(|shipped| wire::Fulfilment {
                id: "order".to_owned(),
                shipped: Some(shipped),
                carrier: None,
                tracking_number: None,
                tracking_url: None,
            }));
        }
        if order.deliveries.is_empty() {
            let delivery = |arrived| wire::Delivery { id: "order".to_owned(), arrived: Some(arrived) };
            order.deliveries.extend(row.take("delivered").map(delivery));
        }
        Ok(())
    }
}
