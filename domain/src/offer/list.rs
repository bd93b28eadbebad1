//! A list of codes as a merchant has it: one in each line, or a file with columns of which one is `code`.

use std::collections::BTreeSet;

use super::check_spelling as check;
use crate::hook::Refused;
use crate::import::RefusedLine;

/// The longest list that is read in one go, in bytes.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;

/// What a list says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The codes as they are spelled, in the order of the list, each once.
    pub codes: Vec<String>,
    /// The line of each.
    pub lines: Vec<u64>,
    /// Lines that say a code of an earlier line once more.
    pub repeated: usize,
    /// Lines that do not count.
    pub refused: Vec<RefusedLine>,
}

/// Reads a list. A first line that has a column `code` (or `discount code`, `coupon code`, `coupon`) names the
/// columns; without one, every line is a code. Upper and lower case are the same code.
pub fn read(bytes: &[u8]) -> Result<List, Refused> {
    if bytes.len() > MOST_BYTES {
        let detail = format!("{} bytes; at most {MOST_BYTES} are read at once: split the list", bytes.len());
        return Err(Refused { status: 413, field: String::new(), detail });
    }
    let text = core::str::from_utf8(bytes).map_err(|_| Refused::unreadable("", "expected UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut list = List::default();
    let mut seen = BTreeSet::new();
    let mut column = 0;
    let mut separator = None;
    for (n, line) in text.lines().enumerate() {
        let number = n as u64 + 1;
        if n == 0
            && let Some((found, separates)) = header(line)
        {
            (column, separator) = (found, Some(separates));
            continue;
        }
        let cell = match separator {
            Some(separator) => line.split(separator).nth(column).unwrap_or_default(),
            None => line.trim_end_matches([',', ';']),
        };
        let code = cell.trim().trim_matches('"').trim();
        if line.trim().is_empty() {
            continue;
        }
        match check(code) {
            Err(detail) => list.refused.push(RefusedLine { line: number, field: "code".into(), detail }),
            Ok(()) if seen.insert(code.to_ascii_uppercase()) => {
                list.codes.push(code.to_owned());
                list.lines.push(number);
            }
            Ok(()) => list.repeated += 1,
        }
    }
    if list.codes.is_empty() && list.refused.is_empty() {
        return Err(Refused::unreadable("", "the list is empty; expected one code in each line"));
    }
    Ok(list)
}

/// Where the codes stand and what separates the columns, if a line names columns.
fn header(line: &str) -> Option<(usize, char)> {
    let is_code = |name: &str| {
        let name = name.trim().trim_matches('"').to_lowercase();
        ["code", "discount code", "coupon code", "coupon"].contains(&name.as_str())
    };
    [',', ';', '\t'].into_iter().find_map(|separator| {
        let column = line.split(separator).position(is_code)?;
        Some((column, separator))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_are_codes_and_one_that_comes_twice_counts_once() {
        let list = read(b"\xef\xbb\xbfSUMMER-1\r\nsummer-2,\n\n \"SUMMER-3\" \nsummer-1\n").unwrap();
        assert_eq!(list.codes, ["SUMMER-1", "summer-2", "SUMMER-3"]);
        assert_eq!((list.lines, list.repeated, list.refused), (vec![1, 2, 4], 1, vec![]));
    }

    #[test]
    fn a_file_with_columns_names_the_one_with_codes() {
        for text in ["id,Code,uses\n1,AA-1,0\n2,AA-2,0\n", "id;coupon code\n1;AA-1\n2;\"AA-2\"\n"] {
            assert_eq!(read(text.as_bytes()).unwrap().codes, ["AA-1", "AA-2"], "{text}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused_by_its_line() {
        let long = "A".repeat(65);
        let text = format!("GOOD-1\nTWO WORDS\n{long}\nSCHÖN\nGOOD-2\n");
        let list = read(text.as_bytes()).unwrap();
        assert_eq!(list.codes, ["GOOD-1", "GOOD-2"]);
        assert_eq!(list.refused.iter().map(|refused| refused.line).collect::<Vec<_>>(), [2, 3, 4]);
        assert!(list.refused.iter().all(|refused| refused.field == "code" && !refused.detail.is_empty()));
        assert_eq!(read(b"code\n").unwrap_err().status, 400);
        assert_eq!(read(b"\xff").unwrap_err().status, 400);
        assert_eq!(read(&vec![b'A'; MOST_BYTES + 1]).unwrap_err().status, 413);
    }
}
