//! What shoppers see: one component for every form of a shop, one for its surveys, and its shelves.
//!
//! [`form`] draws it and holds its rules; it knows neither the edge nor the page it stands on. At
//! publishing (feature `ssr`) its first step becomes the HTML that travels with the published
//! files. In the browser (feature `csr`) the same component takes the place of that HTML once
//! somebody shows interest, and does what HTML alone cannot.
//!
//! [`shelf`] (feature `shelf`) is a wasm of its own.

#[cfg(any(feature = "csr", feature = "ssr"))]
pub mod form;
#[cfg(feature = "csr")]
pub mod page;
#[cfg(feature = "ssr")]
mod publish;
#[cfg(feature = "shelf")]
pub mod shelf;
#[cfg(feature = "ssr")]
pub mod style;
#[cfg(feature = "ssr")]
mod survey;

#[cfg(feature = "ssr")]
pub use publish::{first_step_html, survey_html};
#[cfg(feature = "ssr")]
pub use style::{Theme, stylesheet};

/// Half the size of the standard one, and as quick.
#[cfg(all(target_arch = "wasm32", any(feature = "csr", feature = "shelf")))]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
