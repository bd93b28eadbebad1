//! Journeys and segments as they are written.

use std::ops::Range;

use serde::Deserialize;

use super::form::{At, Place, Read, Sort, form};
use super::values::{By, Data, Day, Decimal, Duration, Fact, Name, Often, OneFor, OneOf, Percent, TimeOfDay};
use crate::facts::Kind;
use crate::journey::Yearly;
use crate::publish::shop::Said;

/// Which events are meant, wherever it is said.
#[derive(Clone, Copy)]
pub struct Events<'a> {
    pub event: Option<&'a At<Kind>>,
    pub product: Option<&'a At<String>>,
    pub campaign: Option<&'a Read<Name>>,
    pub offer: Option<&'a Read<Name>>,
    pub name: Option<&'a At<String>>,
    pub category: Option<&'a At<String>>,
    pub amount: Option<&'a At<Decimal>>,
    pub data: Option<&'a At<Data>>,
    pub same: Option<&'a At<bool>>,
}

form! {
    /// A journey: what follows after something happened. Its name is that of its file.
    JourneyText {
        /// What begins it.
        entry: At<EntryText>,
        /// What there is one run for. Follows from the entry when it is left out: an order for what happens
        /// to orders, a product for looks at one, a cart for carts, a year for days of the year, else the shopper.
        key: At<OneFor>,
        /// When the same shopper may enter again: "never", "always" or a span such as "90 days" since they entered last.
        /// A run that ended before it said or gave anything does not count, one that is under way does. When it is
        /// left out: never if there is one run for a shopper, else always.
        again: Read<Often>,
        /// Who may enter.
        filter: At<ConditionText>,
        /// What it is for: when that is true, it ends. What happened counts since the run began, unless
        /// within or `since_start = false` says otherwise.
        goal: At<ConditionText>,
        /// What ends it without. What happened counts as for the goal. Asked again before every message leaves.
        exit: At<Vec<At<ConditionText>>>,
        /// What follows, in order.
        step: At<Vec<At<StepText>>>,
    }
    entry: [step] [key, again, filter, goal, exit];
}

form! {
    /// A segment: shoppers of whom something is true. Its name is that of its file.
    SegmentText {
        /// What is true of everybody in it.
        when: At<ConditionText>,
        /// What it is called: a text, or one for each language.
        title: At<Said>,
    }
    when: [] [title];
}

form! {
    /// What begins a journey.
    EntryText [event] {
        /// A day of every year.
        yearly: At<Yearly>,
        /// The shopper comes into this segment, a file of segments/.
        segment: Read<Name>,
        /// No sign of life for longer than usual: "150 %" of the usual time between two orders.
        silence: Read<Percent>,
        /// The time of the shopper's day; 09:00 when it is left out.
        at: Read<TimeOfDay>,
        /// The shortest silence, also for those whose rhythm is not known yet: "30 days".
        at_least: Read<Duration>,
    }
    event: [] [product, campaign, offer, name, category, amount_at_least, data];
    yearly: [] [at];
    segment: [] [];
    silence: [at_least] [];
}

form! {
    /// Something that is true of a shopper at a moment, or not. What is asked of something that is not
    /// known is not true.
    ConditionText [event] {
        /// Each of them is true.
        all: At<Vec<At<ConditionText>>>,
        /// One of them at least is true.
        any: At<Vec<At<ConditionText>>>,
        /// This is not true.
        not: At<Box<ConditionText>>,
        /// Something that is known of them: a number with `at_least`, `at_most` or both, or a word with is.
        /// Amounts are in the shop's currency: 50 or 49.90.
        fact: At<Fact>,
        /// The word, or those it may be.
        is: At<OneOf>,
        /// They bear this tag.
        tag: Read<Name>,
        /// They are in this segment, a file of segments/.
        segment: Read<Name>,
        /// They have bought this product, by the shop's own id of it.
        bought: At<String>,
        /// This category is one of the three they like most.
        likes: At<String>,
        /// They may be written to about news and offers: "email" or "sms".
        may: At<By>,
        /// The least: of a number, or how often it happened; once when it is left out.
        at_least: At<Decimal>,
        /// The most.
        at_most: At<Decimal>,
        /// Not longer ago: "14 days".
        within: Read<Duration>,
        /// Only since the run began. True in goals and exits without within when it is left out.
        since_start: At<bool>,
    }
    all: [] [];
    any: [] [];
    not: [] [];
    fact: [] [at_least, at_most, is];
    event: [] [product, campaign, offer, name, category, amount_at_least, data, same, within, at_least, since_start];
    tag: [] [];
    segment: [] [];
    bought: [] [];
    likes: [] [];
    may: [] [];
}

form! {
    /// Events to wait for: the first of them since the run began.
    AwaitedText [event] {}
    event: [] [product, campaign, offer, name, category, amount_at_least, data, same];
}

form! {
    /// One step of a journey.
    StepText {
        /// Its name, the same in every version in which it is the same step. Follows from what it does when it
        /// is left out.
        id: Read<Name>,
        /// So long: "3 weeks". With at: so many days of the shopper's calendar, until that time of day.
        wait: Read<Duration>,
        /// Until a weekday ("monday") or the next time a clock shows this ("10:00") where the shopper is, or
        /// until a date ("2026-12-24") where the shop is.
        wait_until: Read<Day>,
        /// Until the shopper gave no sign of life for so long: "1 hour".
        quiet_for: Read<Duration>,
        /// Until so long before the run's code ends: "4 days".
        before_code_ends: Read<Duration>,
        /// Until something happens, `at_most` so long. What happened counts since the run began, also before it came
        /// to this step, unless an earlier `wait_for` has waited for it; a click counts since the last message of the run.
        wait_for: At<AwaitedText>,
        /// A code of this offer, a file of offers/.
        code: Read<Name>,
        /// This mail, a folder of mails/.
        send: Read<Name>,
        /// This text message, a file of texts/.
        text: Read<Name>,
        /// The first of these ways whose condition is true. One without a condition is for everybody else.
        branch: At<Vec<At<WayText>>>,
        /// One of these ways by lot. The same shopper draws the same lot in every run.
        split: At<Vec<At<ShareText>>>,
        /// This tag is put on the shopper.
        tag: Read<Name>,
        /// This tag is taken off.
        untag: Read<Name>,
        /// The merchant is told by mail: this text.
        alert: At<String>,
        /// The shop's server is told, under this name.
        webhook: Read<Name>,
        /// true: what the journey is for is reached; it ends.
        goal: At<bool>,
        /// true: the journey ends.
        exit: At<bool>,
        /// The time of day: "10:00"; for weekdays and dates 09:00 when it is left out.
        at: Read<TimeOfDay>,
        /// How long at most: "14 days".
        at_most: Read<Duration>,
        /// What follows only when it happened.
        step: At<Vec<At<StepText>>>,
        /// What follows only when it took too long.
        otherwise: At<Vec<At<StepText>>>,
        /// false: the code that the shopper has already, as long as it is good.
        fresh: At<bool>,
        /// How long it is worth saying: "2 days"; three days when it is left out.
        valid_for: Read<Duration>,
        /// true: worth saying only until the end of the shopper's day.
        today_only: At<bool>,
        /// What is said instead when this cannot be said to this shopper.
        fallback: At<FallbackText>,
    }
    wait: [] [id, at];
    wait_until: [] [id, at];
    quiet_for: [] [id];
    before_code_ends: [] [id];
    wait_for: [at_most] [id, step, otherwise];
    code: [] [id, fresh];
    send: [] [id, valid_for, today_only, fallback];
    text: [] [id, valid_for, today_only, fallback];
    branch: [] [id];
    split: [] [id];
    tag: [] [id];
    untag: [] [id];
    alert: [] [id];
    webhook: [] [id];
    goal: [] [id];
    exit: [] [id];
}

form! {
    /// What is said instead.
    FallbackText {
        /// This mail, a folder of mails/.
        send: Read<Name>,
        /// This text message, a file of texts/.
        text: Read<Name>,
        /// Also when no link of a message was followed in so long: "2 days".
        no_answer: Read<Duration>,
        /// How long it is worth saying: "2 days"; three days when it is left out.
        valid_for: Read<Duration>,
        /// true: worth saying only until the end of the shopper's day.
        today_only: At<bool>,
    }
    send: [] [no_answer, valid_for, today_only];
    text: [] [no_answer, valid_for, today_only];
}

form! {
    /// A way for those of whom something is true.
    WayText {
        /// Of whom this is true; everybody else when it is left out.
        r#if: At<ConditionText>,
        /// What follows for them.
        step: At<Vec<At<StepText>>>,
    }
    step: [] [r#if];
}

form! {
    /// A way for some by lot.
    ShareText {
        /// How many: "50 %". The shares make 100 % at most; the rest goes on after the split.
        share: Read<Percent>,
        /// What follows for them.
        step: At<Vec<At<StepText>>>,
    }
    share: [step] [];
}
