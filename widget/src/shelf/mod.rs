//! Shelves on a shopper's page: filled from what was published and learned, and written as HTML.
//!
//! [`app`] knows what was fetched and what it means; [`markup`] writes it. Both are plain functions of bytes and texts.
//! In the browser (feature `shelf`) they are one small wasm of its own, [`page`], with `www/shelf/` around it, which
//! fetches, puts the HTML into the page and listens: a page with a shelf needs no form, and most have a shelf.

pub mod app;
pub mod markup;
#[cfg(feature = "shelf")]
pub mod page;
