//! Printing: lines for people, or one line of JSON for each figure.

use crate::bootstrap::Above;
use crate::judge::Quality;
use crate::sizes::Sizes;

/// To where, and how.
#[derive(Clone, Copy)]
pub struct Report {
    /// One line of JSON for each figure.
    pub json: bool,
}

impl Report {
    /// One figure of a method.
    pub fn figure(self, method: &str, figure: &str, value: f64, unit: &str) {
        if self.json {
            println!("{}", serde_json::json!({ "method": method, "figure": figure, "value": value, "unit": unit }));
        } else {
            println!("{method:12} {figure:42} {value:>12.4} {unit}");
        }
    }

    /// All four.
    pub fn quality(self, method: &str, quality: &Quality) {
        if self.json {
            for (figure, value) in quality.figures() {
                self.figure(method, figure, value, "");
            }
            self.figure(method, "next questions", quality.next_asked as f64, "");
            self.figure(method, "shelf questions", quality.shelf_asked as f64, "");
        } else {
            let figures = quality.figures().map(|(_, value)| format!("{value:.4}"));
            let [next_hr, next_mrr, shelf_hr, shelf_mrr] = figures;
            let Quality { next_asked, shelf_asked, .. } = quality;
            println!(
                "{method:12} next HR@20 {next_hr} MRR@20 {next_mrr} (n {next_asked})   shelf HR@20 {shelf_hr} MRR@20 {shelf_mrr} (n {shelf_asked})"
            );
        }
    }

    /// What the bootstrap says.
    pub fn above(self, ours: &str, theirs: &str, above: &[Above]) {
        for Above { figure, by, from, to, chance } in above {
            if self.json {
                let line = serde_json::json!({
                    "method": ours, "figure": format!("{figure} above {theirs}"), "value": by, "from": from, "to": to,
                    "chance": chance,
                });
                println!("{line}");
            } else {
                println!(
                    "{ours} above {theirs:12} {figure:14} {by:>+8.4}   95 of 100 draws {from:+.4} to {to:+.4}, not above in {chance:.4}"
                );
            }
        }
    }

    /// What packs and files weigh.
    pub fn sizes(self, method: &str, sizes: &Sizes) {
        let count = |numbers: &[usize]| numbers.iter().copied().max().unwrap_or_default() as f64;
        let mean = |numbers: &[usize]| numbers.iter().sum::<usize>() as f64 / numbers.len().max(1) as f64;
        self.figure(method, &format!("rows of {} products, brotli", sizes.products), sizes.whole as f64, "bytes");
        self.figure(method, "rows of a shop of 2,000 products, brotli", sizes.small as f64, "bytes");
        self.figure(method, "file of a shop of 2,000 products, brotli", sizes.small_file as f64, "bytes");
        self.figure(method, "file of a shop of 2,000 products, raw", sizes.small_raw as f64, "bytes");
        self.figure(method, "reading that file", sizes.small_reading, "ms");
        self.figure(method, "files of the large shop", sizes.buckets.len() as f64, "");
        self.figure(method, "heaviest file of the large shop, brotli", count(&sizes.buckets), "bytes");
        self.figure(method, "its files on average, brotli", mean(&sizes.buckets), "bytes");
        let share = sizes.foreign.0 as f64 / sizes.foreign.1.max(1) as f64;
        self.figure(method, "cards of what its rows lead to elsewhere", share * 100.0, "%");
        self.figure(method, "files of its index", sizes.index.len() as f64, "");
        self.figure(method, "heaviest file of its index", count(&sizes.index), "bytes");
    }
}
