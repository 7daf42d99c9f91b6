//! A text in its canonical form, for the second module alone: no first view writes texts anew.

use wasm_bindgen::prelude::wasm_bindgen;

use super::{Thrown, thrown};
use crate::scenario::format;

/// The canonical form of a text, with its comments: see [`crate::scenario::format`].
///
/// # Errors
/// What is wrong with the text.
#[wasm_bindgen]
pub fn formatted(text: &str) -> Thrown<String> {
    format::format(text).map_err(thrown)
}
