//! Whether a form is in doubt, and the time or the work that it then takes. The rules are in [`domain::signup`].

use domain::signup::{Signs, effort, wait};
use domain::time::{Span, Timestamp};

use super::limits::Counted;
use super::{Shard, Shop};
use crate::call::Submission;
use crate::problem::Result;
use crate::sql::values;
use crate::work;

/// So many questions tell enough: a flood must not make each form of it dearer than the one before.
const MOST_COUNTED: i64 = 1_000;

impl Shard {
    /// Whoever is in a hurry gets the answer when a person could have read the form.
    pub(super) async fn take_time(&self, form: &Submission) {
        let Some(at) = form.id.0.get_timestamp() else { return };
        let (seconds, nanos) = at.to_unix();
        let opened = Timestamp(i64::try_from(seconds).unwrap_or_default() * 1_000 + i64::from(nanos) / 1_000_000);
        if let Some(wait) = wait(self.now() - opened) {
            worker::Delay::from(core::time::Duration::from_millis(wait.0.unsigned_abs())).await;
        }
    }

    /// What a form tells of whoever sent it.
    pub(super) fn signs(&self, form: &Submission, now: Timestamp) -> Result<Signs> {
        let row = self.db.row(
            "SELECT count(*), count(*) FILTER (WHERE used IS NULL) FROM (
               SELECT used FROM links WHERE kind = 'confirm' AND made > ? ORDER BY made DESC LIMIT ?)",
            values![(now + Span::hours(-1)).0, MOST_COUNTED],
        )?;
        let count = |n| row.as_ref().and_then(|row| row.maybe_int(n)?.try_into().ok()).unwrap_or_default();
        let crowded = self.limits.borrow_mut().take(Counted::FormsInCalm, form.sender, 1, now).is_err();
        Ok(Signs { crowded, asked: count(0), unanswered: count(1) })
    }
}

/// The challenge for a form in doubt that does not show its work. Whose address it is makes no difference.
pub fn needed_work(shop: &Shop, form: &Submission, signs: &Signs, now: Timestamp) -> Option<String> {
    let (bits, _) = effort(signs)?;
    let shown = work::is_shown(&shop.keys, form.id, bits, &form.work, now);
    (!shown).then(|| work::challenge(&shop.keys, form.id, bits, now))
}
