//! Offers: `offers/NAME.toml`.

use serde::Deserialize;
use toml::Spanned;

use super::files::Files;
use super::shop::{parsed, pointer, word};
use crate::id::Slug;
use crate::offer::{Codes, Made, Offer, Pool, System, Validity, check_spelling};

/// How many codes are kept ready in the shop's system, unless the shop says otherwise.
const AHEAD: u32 = 500;
/// The most.
const MOST_AHEAD: u32 = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferFile {
    kind: Spanned<String>,
    percent: Spanned<u8>,
    code: Option<Spanned<String>>,
    prefix: Option<Spanned<String>>,
    valid_for: Option<Spanned<String>>,
    fallback: Option<Spanned<String>>,
    low: Option<Spanned<u32>>,
    made_in: Option<Spanned<String>>,
    ahead: Option<Spanned<u32>>,
    #[serde(default)]
    personal: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Shared,
    Unique,
    Pool,
}

const KINDS: [(&str, Kind); 3] = [("unique codes", Kind::Unique), ("shared code", Kind::Shared), ("pool", Kind::Pool)];

/// Reads all offers. A pool's fallback is looked up once all are read.
pub fn read_all(files: &mut Files) -> Vec<Offer> {
    let read: Vec<(String, OfferFile, Offer)> = files
        .names("offers")
        .into_iter()
        .filter_map(|(name, path)| {
            let file: OfferFile = files.toml(&path)?;
            let offer = offer(files, &path, &file, name)?;
            Some((path, file, offer))
        })
        .collect();
    let offers: Vec<Offer> = read.iter().map(|(_, _, offer)| offer.clone()).collect();
    for (path, file, offer) in &read {
        let (Some(text), Some(pool)) = (&file.fallback, offer.pool()) else { continue };
        let stands_in = offers.iter().find(|known| known.name == pool.fallback);
        if stands_in.is_some_and(|known| known.pool().is_some()) {
            let message =
                format!("{} is a pool too; expected an offer with a shared code or unique codes", pool.fallback);
            files.wrong_at(path, text.span(), message);
        }
        pointer(files, path, text, "offers", &|_| stands_in.is_some());
    }
    offers
}

fn offer(files: &mut Files, path: &str, file: &OfferFile, name: Slug) -> Option<Offer> {
    if !(1..=100).contains(file.percent.get_ref()) {
        files.wrong_at(path, file.percent.span(), "expected 1 to 100 percent");
    }
    let kind = word(files, path, &file.kind, &KINDS)?;
    check_fields(files, path, file, kind);
    let codes = match kind {
        Kind::Shared => {
            let code = needed(files, path, file, file.code.as_ref(), "a shared code needs code")?;
            if let Err(detail) = check_spelling(code.get_ref()) {
                files.wrong_at(path, code.span(), format!("code {detail}"));
            }
            Codes::Shared { code: code.get_ref().clone() }
        }
        Kind::Unique => {
            const NEEDS: &str = "unique codes need prefix and valid_for";
            let prefix = needed(files, path, file, file.prefix.as_ref(), NEEDS)?;
            let valid_for = needed(files, path, file, file.valid_for.as_ref(), NEEDS)?;
            Codes::Unique { prefix: fitting_prefix(files, path, prefix), valid_for: validity(files, path, valid_for)? }
        }
        Kind::Pool => {
            const NEEDS: &str = "a pool needs valid_for, and as fallback the offer that stands in while it is dry";
            let valid_for = needed(files, path, file, file.valid_for.as_ref(), NEEDS)?;
            let fallback = needed(files, path, file, file.fallback.as_ref(), NEEDS)?;
            Codes::Pool(Pool {
                valid_for: validity(files, path, valid_for)?,
                fallback: parsed(files, path, fallback)?,
                low: file.low.as_ref().map_or(0, |low| *low.get_ref()),
                made: file.made_in.as_ref().and_then(|system| made(files, path, file, system)),
            })
        }
    };
    Some(Offer { name, percent: *file.percent.get_ref(), codes, personal: file.personal })
}

/// A field that this kind of offer has to have.
fn needed<'a>(
    files: &mut Files,
    path: &str,
    file: &OfferFile,
    field: Option<&'a Spanned<String>>,
    message: &str,
) -> Option<&'a Spanned<String>> {
    if field.is_none() {
        files.wrong_at(path, file.kind.span(), message);
    }
    field
}

/// Fields that mean nothing for this kind of offer.
fn check_fields(files: &mut Files, path: &str, file: &OfferFile, kind: Kind) {
    let only_pools = "only a pool has this";
    let text = |field: &Option<Spanned<String>>| field.as_ref().map(Spanned::span);
    let number = |field: &Option<Spanned<u32>>| field.as_ref().map(Spanned::span);
    let made = kind == Kind::Pool && file.made_in.is_some();
    let stray = [
        (kind != Kind::Shared, text(&file.code), "only a shared code has this"),
        (kind == Kind::Shared, text(&file.valid_for), "a code that everybody has does not end"),
        (kind != Kind::Unique && !made, text(&file.prefix), "only codes that are made here begin as they are told to"),
        (kind != Kind::Pool, text(&file.fallback), only_pools),
        (kind != Kind::Pool, number(&file.low), only_pools),
        (kind != Kind::Pool, text(&file.made_in), only_pools),
        (!made, number(&file.ahead), "only a pool with made_in has this"),
    ];
    for (_, span, message) in stray.into_iter().filter(|(stray, ..)| *stray) {
        if let Some(span) = span {
            files.wrong_at(path, span, message);
        }
    }
    if kind == Kind::Shared && file.personal {
        files.wrong_at(path, file.kind.span(), "a code that everybody has cannot be personal");
    }
}

fn made(files: &mut Files, path: &str, file: &OfferFile, system: &Spanned<String>) -> Option<Made> {
    let systems = System::ALL.map(|system| (system.as_str(), system));
    let known = word(files, path, system, &systems);
    let Some(prefix) = &file.prefix else {
        files.wrong_at(path, system.span(), "codes that are made need prefix: what they begin with");
        return None;
    };
    let ahead = file.ahead.as_ref().map_or(AHEAD, |ahead| *ahead.get_ref());
    if let Some(text) = file.ahead.as_ref().filter(|_| !(10..=MOST_AHEAD).contains(&ahead)) {
        files.wrong_at(path, text.span(), format!("expected 10 to {MOST_AHEAD} codes that are kept ready"));
    }
    Some(Made { system: known?, prefix: fitting_prefix(files, path, prefix), ahead })
}

fn fitting_prefix(files: &mut Files, path: &str, prefix: &Spanned<String>) -> String {
    let fits = (1..=12).contains(&prefix.get_ref().len())
        && prefix.get_ref().bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !fits {
        files.wrong_at(path, prefix.span(), "expected 1 to 12 capital letters or digits");
    }
    prefix.get_ref().clone()
}

fn validity(files: &mut Files, path: &str, text: &Spanned<String>) -> Option<Validity> {
    if text.get_ref() == "today" {
        return Some(Validity::TODAY);
    }
    match text.get_ref().parse() {
        Ok(span) => Some(Validity::For(span)),
        Err(error) => {
            files.wrong_at(path, text.span(), format!("{error}, or \"today\""));
            None
        }
    }
}
