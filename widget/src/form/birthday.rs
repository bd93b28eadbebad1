//! A birthday in three parts, none of which depends on how a country writes dates.

use domain::campaign::view::{Calendar, FormText};
use domain::form::Birthday;
use yew::prelude::*;

/// What was chosen so far. Parts that were not are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Day of the month.
    pub day: String,
    /// Month, 1 to 12.
    pub month: String,
    /// Year, for those who want to tell.
    pub year: String,
}

/// A part of a birthday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Day of the month.
    Day,
    /// Month, 1 to 12.
    Month,
    /// Year.
    Year,
}

/// It is not a day of the calendar, or only a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchDay;

impl Entry {
    /// Changes a part.
    pub fn set(&mut self, part: Part, value: String) {
        match part {
            Part::Day => self.day = value,
            Part::Month => self.month = value,
            Part::Year => self.year = value,
        }
    }

    /// The day, or nothing when nothing was chosen.
    pub fn read(&self) -> Result<Option<Birthday>, NoSuchDay> {
        let [day, month, year] = [&self.day, &self.month, &self.year].map(|part| part.trim());
        if day.is_empty() && month.is_empty() && year.is_empty() {
            return Ok(None);
        }
        let year = if year.is_empty() { None } else { Some(number(year).ok_or(NoSuchDay)?) };
        let part = |text| number(text).and_then(|n| u8::try_from(n).ok()).ok_or(NoSuchDay);
        Birthday::new(year, part(month)?, part(day)?).map(Some).ok_or(NoSuchDay)
    }
}

/// Reads digits, also those of Arabic and Persian keyboards.
fn number(text: &str) -> Option<u16> {
    text.chars().try_fold(0_u16, |sum, c| {
        let digit = match c {
            '0'..='9' => c as u32 - '0' as u32,
            '٠'..='٩' => c as u32 - '٠' as u32,
            '۰'..='۹' => c as u32 - '۰' as u32,
            _ => return None,
        };
        sum.checked_mul(10)?.checked_add(u16::try_from(digit).ok()?)
    })
}

/// The control: two lists to choose from, and a field for those who want to tell their year.
pub(super) fn control(text: &FormText, calendar: &Calendar, no_such_day: bool) -> Html {
    let option = |index: usize, shown: Html| html! { <option value={(index + 1).to_string()}>{ shown }</option> };
    let wrong = no_such_day.then_some("true");
    html! {
        <fieldset class="rp-born">
            <legend>{ &text.birthday_label }</legend>
            <select name="day" autocomplete="bday-day" aria-label={calendar.day.clone()} aria-invalid={wrong} aria-describedby="rp-born">
                <option value="" selected={true}>{ &calendar.day }</option>
                { for (0..31).map(|index| option(index, (index + 1).into())) }
            </select>
            <select name="month" autocomplete="bday-month" aria-label={calendar.month.clone()} aria-invalid={wrong} aria-describedby="rp-born">
                <option value="" selected={true}>{ &calendar.month }</option>
                { for calendar.months.iter().enumerate().map(|(index, name)| option(index, name.into())) }
            </select>
            <input name="year" aria-label={calendar.year.clone()} placeholder={calendar.year.clone()}
                aria-invalid={wrong} aria-describedby="rp-born" inputmode="numeric" maxlength="4" autocomplete="bday-year" />
            <p id="rp-born" class={if no_such_day { "rp-error" } else { "rp-help" }} aria-live="polite">
                { if no_such_day { &text.error_birthday } else { &text.birthday_help } }
            </p>
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(day: &str, month: &str, year: &str, read: Result<Option<&str>, NoSuchDay>) {
        let entry = Entry { day: day.into(), month: month.into(), year: year.into() };
        assert_eq!(
            entry.read().map(|day| day.map(String::from)).as_ref().map(Option::as_deref),
            read.as_ref().map(|day| *day)
        );
    }

    #[test]
    fn a_birthday_is_a_whole_day_or_nothing() {
        reads("", "", "", Ok(None));
        reads("7", "4", "", Ok(Some("04-07")));
        reads("29", "2", " ", Ok(Some("02-29")));
        reads("29", "2", "1999", Err(NoSuchDay));
        reads("31", "12", "1990", Ok(Some("1990-12-31")));
        reads("7", "", "", Err(NoSuchDay));
        reads("", "4", "1990", Err(NoSuchDay));
        reads("7", "4", "90", Err(NoSuchDay));
        reads("7", "4", "99999", Err(NoSuchDay));
        reads("7", "4", "19x0", Err(NoSuchDay));
    }

    #[test]
    fn digits_of_other_keyboards_are_read() {
        reads("7", "4", "١٩٩٠", Ok(Some("1990-04-07")));
        reads("7", "4", "۱۹۹۰", Ok(Some("1990-04-07")));
    }
}
