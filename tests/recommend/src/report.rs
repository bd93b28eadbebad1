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

    /// What packs weigh.
    pub fn sizes(self, method: &str, sizes: &Sizes) {
        self.figure(method, &format!("pack of {} products, brotli", sizes.products), sizes.whole as f64, "bytes");
        let each = sizes.whole as f64 / f64::from(sizes.products.max(1));
        self.figure(method, "pack, for each product", each, "bytes");
        self.figure(method, "pack of a shop of 2,000 products, brotli", sizes.small as f64, "bytes");
        self.figure(method, "heaviest bucket of 400 products, brotli", sizes.heaviest_bucket as f64, "bytes");
    }
}
