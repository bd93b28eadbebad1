//! What it costs that a large shop travels in many files: quality against bytes, by how many links a row has, how many
//! products a file and how many bytes it may weigh.

use crate::ask_ours;
use crate::judge::Quality;
use crate::ours::{Files, Ours, Settings};
use crate::sizes::{QUICK, compressed};
use crate::split::Split;

/// Prints it as rows of Markdown.
pub fn table(splits: &[Split<'_>], products: u32, only: &str) -> Result<(), String> {
    println!(
        "| files | links | shelf HR@20 | shelf MRR@20 | next HR@20 | next MRR@20 | heaviest file | cards of others |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let last = splits.last().ok_or("there are no days")?;
    for (name, settings) in variants().into_iter().filter(|variant| variant.0.contains(only)) {
        let [next_hr, next_mrr, shelf_hr, shelf_mrr] =
            Quality::of(&ask_ours(splits, products, &settings)?).figures().map(|(_, value)| value);
        let ours = Ours::learn(&last.learn, products, last.today, &settings)?;
        let heaviest = ours.files.iter().map(|file| compressed(file, QUICK)).max().unwrap_or_default();
        let foreign = 100.0 * ours.foreign.0 as f64 / ours.foreign.1.max(1) as f64;
        let links = settings.recipe.links;
        println!(
            "| {name} | {links} | {shelf_hr:.4} | {shelf_mrr:.4} | {next_hr:.4} | {next_mrr:.4} | {heaviest} | {foreign:.0} % |"
        );
    }
    Ok(())
}

fn variants() -> Vec<(String, Settings)> {
    let mut all = Vec::new();
    let mut add = |name: String, links: usize, files: Files| {
        let mut settings = Settings { files, ..Settings::SHIPPED };
        settings.recipe.links = links;
        all.push((name, settings));
    };
    for links in [20, 30] {
        add("all in one".to_owned(), links, Files::Whole);
        for (size, budget) in [(200, 20_000), (200, 25_000), (200, 29_000), (200, 32_000), (250, 29_000), (300, 29_000)]
        {
            let name = format!("{size} products, at most {budget} bytes");
            add(name, links, Files::Buckets { size, budget, kept: true });
        }
        let alone = Files::Buckets { size: 200, budget: 29_000, kept: false };
        add("200 products, at most 29000 bytes, this page's alone".to_owned(), links, alone);
    }
    all
}
