//! The smallest sets of faults that make a run come out so.
//!
//! Every set of a vocabulary is run, from the smallest on, so "smallest" is what was seen and not
//! what was reasoned. Sets that look alike, but for which replica is which, are told once, with
//! how many of them reach the goal; each of them was run, for each draws chance of its own.

mod search;
mod vocabulary;

pub use search::{Came, Explored, Findings, Found, KEPT, Question, Refusal, Single, Size, Space};
pub use vocabulary::{ALIKE, Faults, Struck};

/// The most sets that one search may run.
pub const SETS: u64 = 20_000_000;
