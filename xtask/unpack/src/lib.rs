//! Unpacks the engine in a sandboxed frame: a module small enough to come along with it.
//!
//! Browsers unpack gzip. LZMA makes the engine a fifth smaller than that, and sorting its code
//! first another tenth (`lanes`): far more than this module weighs. In JavaScript the same work
//! takes twice as long. Without the standard library, with an allocator that only ever gives, it
//! is a third of the size; the page drops the whole memory when the engine is unpacked. Native
//! builds have the sorting too, which the build does and this module undoes.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod lanes;
mod lzma;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use lanes::{Flaw, merged, sorted};
pub use lzma::Lzma;
