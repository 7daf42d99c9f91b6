//! Halflink: why a fully redundant data centre can stand still.
//!
//! A scenario is one short text: a plant of racks, switches, power and servers, a consensus
//! protocol on some of the servers, a seed, and timed faults. Running it is deterministic to the
//! last bit, native and in wasm, so a text, or the link made of it, *is* the run.
//!
//! ```
//! let scenario = halflink::scenario::text::parse(
//!     r#"
//!     halflink 1
//!     title   "One direction of one link"
//!     plant   3 racks of 3 servers, 4 disks each
//!     cluster etcd: raft on r1.s1 r2.s1 r3.s1
//!     timing  heartbeat 100ms, election 1s..2s
//!     seed    7
//!     write   every 300ms
//!     at 0s   elect n3
//!     at 3s   cut n3 -> n1
//!     run     30s
//!     "#,
//! );
//! let (run, history) = halflink::run::to_end(scenario.expect("it is right").into());
//! let report = halflink::report::Report::of(&run, &history);
//! assert!(report.violations.is_empty() && report.whole.leader_changes > 1);
//! ```
//!
//! # What is public, and for whom
//!
//! - To run a text: [`scenario`] (`text`, `link`, `library`), [`run`], [`report`], [`outcome`]; and
//!   [`words`], for whoever tells it. `examples/one_way.rs` needs no more, and a sink.
//! - To look into a run: [`world`] with the packets of [`network`] on the [`plant`], what [`fault`]
//!   did to it, [`history`] and [`check`]; [`claim`] and [`compare`] for many runs at once;
//!   [`blast`] for what would fall with a part; [`diagram`] for every message; [`export`] for what
//!   other tools read.
//! - To go to and fro in one, and to act in it: [`session`], [`timeline`], [`view`]. The page's
//!   module is these, over `wasm`.
//! - [`protocol`]: whoever watches packets may look into the messages of each protocol's room.
//! - [`clock`], [`rng`], [`queue`], [`meter`] and [`fact`] are what the others are made of.
//!
//! What is not listed here is nobody's business outside. Nothing of it is stable but the texts, the
//! links, the trace hashes as [`SEMANTICS`] has it, and the fields of a [`report::Report`].
//!
//! The files below stand in reading order, and each imports only what stands before it: text or
//! link, scenario, world, step, event, beliefs and checks, timeline, view, page. A test holds that.

pub mod clock;
pub mod fact;
pub mod queue;
pub mod meter;
pub mod rng;
pub mod plant;
pub mod fault;
#[cfg(not(target_arch = "wasm32"))]
pub mod words;
// What a scenario is comes before the world, because a world is made of one.
pub mod protocol;
pub mod scenario;
pub mod network;
pub mod service;
mod traitor;
mod belief;
pub mod world;
pub mod check;
pub mod history;
mod lag;
pub mod run;
pub mod outcome;
mod aftermath;
mod caption;
pub mod claim;
mod explore;
#[cfg(any(not(target_arch = "wasm32"), feature = "production"))]
pub mod fault_sets;
#[cfg(any(not(target_arch = "wasm32"), feature = "production"))]
pub mod inevitable;
#[cfg(any(not(target_arch = "wasm32"), feature = "production"))]
pub mod shrink;
#[cfg(not(target_arch = "wasm32"))]
pub mod compare;
pub mod blast;
#[cfg(feature = "production")]
pub mod diagram;
pub mod timeline;
pub mod session;
pub mod view;
#[cfg(feature = "production")]
pub mod export;
#[cfg(not(target_arch = "wasm32"))]
pub mod report;
#[cfg(test)]
mod crossing;
#[cfg(test)]
mod lab;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

/// The version of the engine's semantics. Bump it whenever the same text and seed give another
/// trace: a link carries it, so that an old link can say that it now replays differently.
pub const SEMANTICS: u32 = 2;
