//! The rules of Rapport: what to show, whom to believe, when to write.
//!
//! Everything here is pure. The clock and the seed are arguments, the outside world is data that
//! goes in ([`event`], [`form`]) and data that comes out ([`journey::Effect`]). The browser, the
//! edge, the tests and a rehearsal run this same code, so they decide the same.

pub mod address;
pub mod campaign;
#[cfg(feature = "json")]
pub mod catalogue;
#[cfg(feature = "zones")]
pub mod clock;
pub mod consent;
#[cfg(feature = "hooks")]
pub mod customer;
#[cfg(feature = "json")]
pub mod event;
#[cfg(feature = "journeys")]
pub mod facts;
pub mod form;
#[cfg(feature = "rehearsal")]
pub mod home;
#[cfg(feature = "hooks")]
pub mod hook;
pub mod id;
pub mod identity;
#[cfg(feature = "hooks")]
pub mod import;
#[cfg(feature = "journeys")]
pub mod journey;
#[cfg(feature = "hooks")]
pub mod latest;
pub mod law;
#[cfg(feature = "message")]
pub mod message;
pub mod money;
pub mod offer;
#[cfg(feature = "hooks")]
pub mod order;
#[cfg(feature = "json")]
pub mod page;
#[cfg(any(feature = "hooks", feature = "zones"))]
pub mod phone;
pub mod place;
#[cfg(feature = "journeys")]
pub mod preference;
#[cfg(feature = "text")]
pub mod publish;
pub mod published;
#[cfg(feature = "recommend")]
pub mod recommend;
#[cfg(feature = "rehearsal")]
pub mod rehearsal;
#[cfg(feature = "journeys")]
pub mod sending;
#[cfg(feature = "shelf")]
pub mod shelf;
pub mod signup;
pub mod time;
#[cfg(feature = "value")]
pub mod value;
pub mod why;
#[cfg(feature = "zones")]
pub mod zone;
