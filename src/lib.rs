//! Halflink: why a fully redundant data centre can stand still.

pub mod clock;
pub mod rng;
pub mod plant;
pub mod fault;
pub mod scenario;
pub mod network;
pub mod protocol;
pub mod world;
pub mod belief;
pub mod check;
pub mod history;
pub mod run;
pub mod outcome;
pub mod timeline;
pub mod session;
pub mod view;
pub mod report;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

/// The version of the engine's semantics. Bump it whenever the same text and seed give another
/// trace: a link carries it, so that an old link can say that it now replays differently.
pub const SEMANTICS: u32 = 1;
