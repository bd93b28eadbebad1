//! Steps in which time passes.

use std::ops::Range;

use super::form::{Place, Read};
use super::steps::{Coded, Program, plain};
use super::values::{Day, Duration, TimeOfDay};
use super::written::StepText;
use crate::journey::Wait;
use crate::time::{Span, Timestamp};

const DAY: Span = Span::days(1);

impl Program<'_, '_, '_> {
    /// What a wait is called, and how long it lasts.
    pub(super) fn wait(&mut self, text: &StepText) -> Option<(String, Wait)> {
        let named = |text: &Read<_>, word: &str| format!("{word}-{}", plain(text.0.get()));
        if let Some(span) = &text.quiet_for {
            return Some(("quiet".into(), Wait::Quiet(self.reader.span(span)?)));
        }
        if let Some(span) = &text.before_code_ends {
            if self.code == Coded::Nowhere {
                self.reader
                    .wrong(span.place(), "there is no code whose end could be waited for: no step before has code");
            }
            return Some(("before-code-ends".into(), Wait::BeforeCodeEnds(self.reader.span(span)?)));
        }
        if let Some(span) = &text.wait {
            let what = named(span, "wait");
            let Some(at) = &text.at else { return Some((what, Wait::For(self.reader.span(span)?))) };
            let Duration(days) = self.reader.read(span)?;
            if days.0 % DAY.0 != 0 {
                self.reader.wrong(
                    span.place(),
                    "until a time of day only whole days pass: expected a span such as \"2 days\"",
                );
                return None;
            }
            let TimeOfDay(minute) = self.reader.read(at)?;
            return Some((what, Wait::Days(u16::try_from(days.0 / DAY.0).ok()?, minute)));
        }
        let day = text.wait_until.as_ref()?;
        let what = format!("until-{}", plain(day.0.get()));
        let wait = match self.reader.read(day)? {
            Day::Time(minute) => {
                if let Some(at) = &text.at {
                    self.reader.wrong(at.place(), "wait_until is a time of day already");
                }
                Wait::Days(0, minute)
            }
            Day::Weekday(weekday) => Wait::Weekday(weekday, self.reader.time_of_day(text.at.as_ref())?),
            Day::Date(date) => {
                let minute = self.reader.time_of_day(text.at.as_ref())?;
                Wait::Until(self.moment(date, minute, day.place())?)
            }
        };
        Some((what, wait))
    }

    /// A time of a day by the shop's own clock.
    fn moment(&mut self, date: jiff::civil::Date, minute: u16, place: Range<usize>) -> Option<Timestamp> {
        let minute = i64::from(minute);
        let zone = jiff::tz::TimeZone::get(self.reader.known.zone.as_str()).unwrap_or(jiff::tz::TimeZone::UTC);
        let time = date.at(0, 0, 0, 0).checked_add(jiff::Span::new().minutes(minute));
        let moment = time.and_then(|time| time.to_zoned(zone));
        if moment.is_err() {
            self.reader.wrong(place, "this day is on no calendar");
        }
        moment.ok().map(|moment| Timestamp(moment.timestamp().as_millisecond()))
    }
}
