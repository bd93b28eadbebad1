//! The short file of each market: what has changed since the files were written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::Slug;
use domain::shelf::{Files, Head};
use serde_json::{Value as Json, json};

use super::asks::{Heard, Telling};
use super::catalogue::{HOME, Known};
use super::Learner;
use crate::problem::{Failed, Rejected, Result};

impl Learner {
    pub(super) fn markets(&self) -> Vec<Slug> {
        HOME.parse().into_iter().collect()
    }

    pub(super) fn show_changes(&self, _known: &[Known], _members: bool) -> Result<()> {
        Ok(())
    }

    pub(super) fn hear_pages(&self, _tellings: &[Telling]) -> Result<Heard> {
        self.shop()?;
        Ok(Heard::default())
    }

    pub(super) fn head_of(&self, market: &str) -> Result<String> {
        self.shop()?;
        self.market(Some(market))?;
        let head = Head {
            v: 1,
            generation: 0,
            currency: String::new(),
            products: 0,
            files: Files::None,
            out: Vec::new(),
            changed: Vec::new(),
            trending: Vec::new(),
            rules: Vec::new(),
        };
        Ok(STANDARD.encode(postcard::to_allocvec(&head).map_err(|error| Failed::new("writing a head", error))?))
    }

    pub(super) fn pack(&self, _name: &str) -> Result<String> {
        self.shop()?;
        Err(Rejected::not_found("no file has this name, or not any more").into())
    }

    pub(super) fn status(&self) -> Result<Json> {
        self.shop()?;
        Ok(json!({}))
    }

    pub(super) fn learn_at_once(&self) -> Result<Json> {
        self.status()
    }
}
