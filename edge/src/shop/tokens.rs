//! Admin tokens: `rpt_` + the key without `pk_` + `_` + 43 random characters. Only hashes are kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::Shop;
use crate::clock::real_now;
use crate::problem::Result;
use crate::secrets::random;
use crate::sql::values;

impl Shop {
    /// Makes a token and returns it, the only time it is seen.
    pub(super) fn new_token(&self, revoke: bool) -> Result<String> {
        let secret: [u8; 32] = random()?;
        let token = format!("rpt_{}_{}", self.key()?.bare(), URL_SAFE_NO_PAD.encode(secret));
        if revoke {
            self.db.run("DELETE FROM tokens", values![])?;
        }
        self.db.run("INSERT INTO tokens (hash, made) VALUES (?, ?)", values![hash(&token), real_now().0])?;
        Ok(token)
    }

    /// Whether a token is one of this shop's. Looked up by its hash, so nothing can be learned from
    /// how long it takes.
    pub(super) fn authorise(&self, token: &str) -> Result<bool> {
        if self.about.borrow().is_none() {
            return Ok(false);
        }
        Ok(self.db.row("SELECT 1 FROM tokens WHERE hash = ?", values![hash(token)])?.is_some())
    }
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
