//! The laboratory: what protocols are put through by tests that run the simulator. No protocol knows
//! of it, and nothing of it is in a build.
//!
//! Besides the rooms that all use, each protocol has one of its own here. Its files are modules of
//! the protocol's room, which names them by their path, so that they may look at its insides.

mod model_check;
pub(crate) mod liars;
pub(crate) mod mutants;
#[cfg(feature = "production")]
mod thousand;
pub(crate) mod trial;
