//! What is learned from and what is asked.

use crate::sessions::Session;

/// Seconds.
pub const DAY: f64 = 86_400.0;

/// Sessions to learn from, and later ones to ask about.
pub struct Split<'a> {
    /// In the order of their ends.
    pub learn: Vec<&'a Session>,
    /// Without products that nobody has looked at in `learn`, and at least two products each.
    pub ask: Vec<Session>,
    /// Day since 1970 on which is asked.
    pub today: u32,
}

impl<'a> Split<'a> {
    /// Learns from all of the first, asks all of the second.
    pub fn new(learn: Vec<&'a Session>, ask: &[&Session], products: u32) -> Self {
        let mut known = vec![false; products as usize];
        for item in learn.iter().flat_map(|session| &session.items) {
            known[*item as usize] = true;
        }
        let known_only = |session: &&Session| {
            let events = session.items.iter().zip(&session.times).filter(|(item, _)| known[**item as usize]);
            let (items, times) = events.map(|(item, time)| (*item, *time)).unzip();
            Session { items, times }
        };
        let ask: Vec<Session> = ask.iter().map(known_only).filter(|session| session.items.len() > 1).collect();
        let today = ask.iter().map(Session::end).fold(0.0, f64::max) / DAY;
        Self { learn, ask, today: today as u32 }
    }

    /// Asks the sessions that ended on each of `days` days, and learns from all that ended before that day. The last of
    /// these days is `skip` days before the last whole day of the sessions.
    pub fn rolling(sessions: &'a [Session], products: u32, days: u32, skip: u32) -> Vec<Self> {
        let last = (sessions.last().map(Session::end).unwrap_or_default() / DAY).floor();
        let day_of = |back: u32| last - f64::from(back + skip);
        (0..days)
            .rev()
            .map(|back| {
                let (from, to) = (day_of(back) * DAY, (day_of(back) + 1.0) * DAY);
                let learn = sessions.iter().filter(|session| session.end() < from).collect();
                let ask: Vec<&Session> =
                    sessions.iter().filter(|session| (from..to).contains(&session.end())).collect();
                Self::new(learn, &ask, products)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(day: f64, items: &[u32]) -> Session {
        Session { items: items.to_vec(), times: items.iter().map(|_| day * DAY + 1.0).collect() }
    }

    #[test]
    fn a_day_is_learned_from_the_days_before_it_alone() {
        let sessions = [session(1.0, &[0, 1]), session(2.0, &[1, 2]), session(3.0, &[0, 2, 1]), session(3.0, &[3, 0])];
        let days = Split::rolling(&sessions, 4, 2, 0);
        assert_eq!(days[0].learn, [&sessions[0]]);
        // Nobody had looked at 2, so one product is left, and nothing to ask.
        assert_eq!(days[0].ask, []);
        assert_eq!(days[1].learn, [&sessions[0], &sessions[1]]);
        assert_eq!(days[1].ask, [session(3.0, &[0, 2, 1])]);
        assert_eq!(days[1].today, 3);
        assert_eq!(Split::rolling(&sessions, 4, 1, 1)[0].learn, [&sessions[0]]);
    }
}
