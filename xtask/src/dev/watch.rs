//! Noticing what was changed, by looking: no service of the operating system, the same everywhere.

use crate::files;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// A part of the repository that is rebuilt by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// The rules: they are in everything.
    Domain,
    /// The wasm that shoppers download.
    Widget,
    /// The Worker.
    Edge,
    /// The local database's form.
    Migrations,
    /// The loader and the other static files.
    Static,
    /// The demo shop's texts.
    Texts,
    /// The demo shop's own pages and server.
    Shop,
}

/// Where to look, the narrower place first.
const PLACES: [(&str, Area); 14] = [
    ("domain", Area::Domain),
    ("Cargo.toml", Area::Domain),
    ("Cargo.lock", Area::Domain),
    ("widget", Area::Widget),
    ("xtask/shopfiles", Area::Texts),
    ("edge/migrations", Area::Migrations),
    ("edge", Area::Edge),
    ("www/tag", Area::Static),
    ("www/shelf", Area::Widget),
    ("www/inbox", Area::Static),
    ("www/schema", Area::Static),
    ("www/_headers", Area::Static),
    ("www/demo/rapport", Area::Texts),
    ("www/demo", Area::Shop),
];

/// Remembers what was there at the last look.
pub struct Watch {
    seen: Seen,
}

type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

impl Watch {
    /// Looks for the first time.
    pub fn start() -> Result<Self> {
        Ok(Self { seen: look()? })
    }

    /// The areas in which something changed since the last call, once the changes have settled.
    pub fn changed(&mut self) -> Result<BTreeSet<Area>> {
        const SETTLED_AFTER: Duration = Duration::from_millis(150);
        let mut now = look()?;
        if now == self.seen {
            return Ok(BTreeSet::new());
        }
        loop {
            sleep(SETTLED_AFTER);
            let later = look()?;
            if later == now {
                break;
            }
            now = later;
        }
        let areas = areas(&self.seen, &now);
        self.seen = now;
        Ok(areas)
    }
}

fn look() -> Result<Seen> {
    let mut seen = Seen::new();
    for (place, _) in PLACES {
        let place = files::at(place);
        let paths = if place.is_file() { vec![place] } else { files::below(&place)? };
        for path in paths {
            // A file may go away between the two looks.
            if let Ok(about) = path.metadata() {
                seen.insert(path, (about.modified().ok(), about.len()));
            }
        }
    }
    Ok(seen)
}

fn areas(before: &Seen, after: &Seen) -> BTreeSet<Area> {
    let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
    let paths = before.keys().chain(after.keys()).filter(differs);
    paths.filter_map(|path| area(path.strip_prefix(files::root()).ok()?)).collect()
}

fn area(path: &Path) -> Option<Area> {
    PLACES.iter().find(|(place, _)| path.starts_with(place)).map(|(_, area)| *area)
}

#[cfg(test)]
mod tests {
    use super::{Area, Seen, area, areas};
    use crate::files;
    use std::path::Path;

    #[test]
    fn a_path_belongs_to_the_narrowest_place() {
        let cases = [
            ("edge/src/lib.rs", Some(Area::Edge)),
            ("edge/migrations/0001_reports.sql", Some(Area::Migrations)),
            ("www/demo/server.mjs", Some(Area::Shop)),
            ("www/demo/rapport/shop.toml", Some(Area::Texts)),
            ("README.md", None),
        ];
        for (path, expected) in cases {
            assert_eq!(area(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn what_is_new_gone_or_longer_has_changed_and_the_rest_has_not() {
        let seen = |files: &[(&str, u64)]| -> Seen {
            files.iter().map(|(path, length)| (files::at(path), (None, *length))).collect()
        };
        let before = seen(&[("edge/a.rs", 1), ("widget/b.rs", 1), ("domain/c.rs", 1)]);
        let after = seen(&[("edge/a.rs", 2), ("widget/b.rs", 1), ("www/tag/d.js", 1)]);
        let expected = [Area::Domain, Area::Edge, Area::Static].into();
        assert_eq!(areas(&before, &after), expected);
    }
}
