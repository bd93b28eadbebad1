//! Sessions from a file: tab-separated, with the header `SessionId ItemId Time`, times in seconds since 1970.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One visit of a shop.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Products in the order in which they were looked at.
    pub items: Vec<u32>,
    /// When, in seconds since 1970.
    pub times: Vec<f64>,
}

impl Session {
    /// When the last product was looked at.
    pub fn end(&self) -> f64 {
        self.times.last().copied().unwrap_or_default()
    }
}

/// Products by the names they have in files.
#[derive(Default)]
pub struct Names(BTreeMap<String, u32>);

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(name.to_owned()).or_insert(next)
    }

    /// How many products there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }
}

/// Reads a file; sessions in the order of their ends, so that what follows does not depend on the file's order.
pub fn read(path: &Path, names: &mut Names) -> Result<Vec<Session>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut by_name: BTreeMap<&str, Vec<(f64, u32)>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()) {
        let mut fields = line.split('\t');
        let (Some(session), Some(item), Some(time)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(format!("{}:{}: expected SessionId, ItemId and Time", path.display(), number + 1));
        };
        let time: f64 =
            time.trim().parse().map_err(|_| format!("{}:{}: expected seconds", path.display(), number + 1))?;
        by_name.entry(session).or_default().push((time, names.number(item)));
    }
    let mut sessions: Vec<Session> = by_name
        .into_values()
        .map(|mut events| {
            events.sort_by(|a, b| a.0.total_cmp(&b.0));
            Session {
                items: events.iter().map(|event| event.1).collect(),
                times: events.iter().map(|event| event.0).collect(),
            }
        })
        .collect();
    sessions.sort_by(|a, b| a.end().total_cmp(&b.end()));
    Ok(sessions)
}
