use core::fmt;

use crate::time::Span;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weekday {
    /// The first of the week (ISO 8601).
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The last.
    Sunday,
}

#[cfg(feature = "zones")]
impl Weekday {
    /// The same day of the calendar's own.
    pub(crate) const fn of(weekday: jiff::civil::Weekday) -> Self {
        use jiff::civil::Weekday as Civil;
        match weekday {
            Civil::Monday => Self::Monday,
            Civil::Tuesday => Self::Tuesday,
            Civil::Wednesday => Self::Wednesday,
            Civil::Thursday => Self::Thursday,
            Civil::Friday => Self::Friday,
            Civil::Saturday => Self::Saturday,
            Civil::Sunday => Self::Sunday,
        }
    }
}

/// A part of a day, in minutes after midnight: from the first, before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    from: u16,
    until: u16,
}

impl Window {
    /// From one full hour to another; nothing where they leave no time.
    pub(super) const fn hours(from: u16, until: u16) -> Option<Self> {
        Self::minutes(from * 60, until * 60)
    }

    const fn minutes(from: u16, until: u16) -> Option<Self> {
        if from < until { Some(Self { from, until }) } else { None }
    }

    /// First minute in it.
    pub const fn from(self) -> u16 {
        self.from
    }

    /// First minute after it.
    pub const fn until(self) -> u16 {
        self.until
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, until } = self;
        write!(f, "{}:{:02}–{}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

/// In which hours of which days marketing texts may arrive, in the recipient's local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// From Monday on; none for a day of silence.
    days: [Option<Window>; 7],
    /// On a public holiday, besides the hours of its day of the week.
    holidays: bool,
}

/// A moment where the recipient is. Whoever asks knows the time zone and the holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Day of the week.
    pub weekday: Weekday,
    /// Minutes after midnight, 0 to 1,439.
    pub minute: u16,
    /// It is a public holiday there.
    pub holiday: bool,
}

const MINUTES_OF_DAY: u16 = 24 * 60;

impl Hours {
    /// From Monday to Friday, on Saturday and on Sunday; without a word on holidays.
    pub(super) const fn weekly(weekday: Option<Window>, saturday: Option<Window>, sunday: Option<Window>) -> Self {
        Self { days: [weekday, weekday, weekday, weekday, weekday, saturday, sunday], holidays: true }
    }

    /// The same hours, and silence on holidays.
    pub(super) const fn not_on_holidays(self) -> Self {
        Self { holidays: false, ..self }
    }

    /// The hours of a day of the week.
    pub const fn on(&self, weekday: Weekday) -> Option<Window> {
        self.days[weekday as usize]
    }

    /// Whether texts may arrive on holidays.
    pub const fn holidays(&self) -> bool {
        self.holidays
    }

    /// A text may arrive now.
    pub fn allow(&self, now: Local) -> bool {
        let within = |window: Window| (window.from..window.until).contains(&now.minute);
        (self.holidays || !now.holiday) && self.on(now.weekday).is_some_and(within)
    }

    /// How long until texts may arrive: zero when they may now, nothing when they never may. Coming
    /// days are taken for ordinary ones and for 24 hours long, so ask again when the time has come.
    pub fn opens_in(&self, now: Local) -> Option<Span> {
        if self.allow(now) {
            return Some(Span(0));
        }
        (0..=7_u8).find_map(|ahead| {
            let day = (now.weekday as usize + usize::from(ahead)) % 7;
            let window = self.days[day]?;
            let today = ahead == 0;
            if today && ((now.holiday && !self.holidays) || now.minute >= window.from) {
                return None;
            }
            let opens = i64::from(ahead) * i64::from(MINUTES_OF_DAY) + i64::from(window.from);
            Some(Span::minutes(opens - i64::from(now.minute)))
        })
    }

    /// The hours that are in both.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let mut days = [None; 7];
        for (day, pair) in days.iter_mut().zip(self.days.iter().zip(&other.days)) {
            if let (Some(a), Some(b)) = pair {
                *day = Window::minutes(a.from.max(b.from), a.until.min(b.until));
            }
        }
        Self { days, holidays: self.holidays && other.holidays }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [("Mon–Fri", Weekday::Monday), ("Sat", Weekday::Saturday), ("Sun", Weekday::Sunday)];
        for (place, (name, day)) in named.into_iter().enumerate() {
            f.write_str(if place == 0 { "" } else { ", " })?;
            match self.on(day) {
                Some(window) => write!(f, "{name} {window}")?,
                None => write!(f, "{name} silent")?,
            }
        }
        f.write_str(if self.holidays { "" } else { ", holidays silent" })
    }
}
