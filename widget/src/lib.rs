//! What shoppers see: one component for every form of a shop.
//!
//! [`form`] draws it and holds its rules; it knows neither the edge nor the page it stands on. At
//! publishing (feature `ssr`) its first step becomes the HTML that travels with the published
//! files. In the browser (feature `csr`) the same component takes the place of that HTML once
//! somebody shows interest, and does what HTML alone cannot.

pub mod form;
#[cfg(feature = "csr")]
pub mod page;
#[cfg(feature = "ssr")]
mod publish;
#[cfg(feature = "ssr")]
pub mod style;

#[cfg(feature = "ssr")]
pub use publish::first_step_html;
#[cfg(feature = "ssr")]
pub use style::{Theme, stylesheet};
