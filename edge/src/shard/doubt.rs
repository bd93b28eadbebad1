//! Whether a form is in doubt, and the work that it then has to show. The rules are in [`domain::signup`].

use domain::signup::{Signs, effort};
use domain::time::{Span, Timestamp};

use super::{Shard, Shop, limits};
use crate::call::Submission;
use crate::problem::Result;
use crate::sql::values;
use crate::work;

impl Shard {
    /// What a form tells of whoever sent it.
    pub(super) fn signs(&self, form: &Submission, now: Timestamp) -> Result<Signs> {
        let (seconds, nanos) = form.id.0.get_timestamp().map_or((0, 0), |at| at.to_unix());
        let opened = Timestamp(i64::try_from(seconds).unwrap_or_default() * 1_000 + i64::from(nanos) / 1_000_000);
        let on_screen = now - opened;
        let row = self.db.row(
            "SELECT count(*), count(*) FILTER (WHERE used IS NULL) FROM links WHERE kind = 'confirm' AND made > ?",
            values![(now + Span::hours(-1)).0],
        )?;
        let count = |n| row.as_ref().and_then(|row| row.maybe_int(n)?.try_into().ok()).unwrap_or_default();
        let crowded = self.limits.borrow_mut().take(4, form.sender, 1, limits::SENDER_FORMS_IN_CALM, now).is_err();
        Ok(Signs {
            // A clock that is an hour off says nothing.
            on_screen: (Span(0)..Span::hours(1)).contains(&on_screen).then_some(on_screen),
            crowded,
            asked: count(0),
            unanswered: count(1),
        })
    }
}

/// The challenge for a form in doubt that does not show its work. Whose address it is makes no difference.
pub fn needed_work(shop: &Shop, form: &Submission, signs: &Signs, now: Timestamp) -> Option<String> {
    let (bits, _) = effort(signs)?;
    let shown = work::is_shown(&shop.keys, form.id, bits, &form.work, now);
    (!shown).then(|| work::challenge(&shop.keys, form.id, bits, now))
}
