//! Unpacks the engine in a sandboxed frame: a module small enough to come along with it.
//!
//! Browsers unpack gzip, and LZMA makes the engine a fifth smaller than that: far more than this
//! module weighs. In JavaScript the same work takes twice as long. Without the standard library,
//! with an allocator that only ever gives, it is a third of the size; the page drops the whole
//! memory when the engine is unpacked. Native builds have nothing of it.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
mod wasm;
