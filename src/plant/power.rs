//! What stands between a feed and the supplies: generator, UPS, transfer switch, breaker.
//!
//! ```text
//! feed-a    feed-b         each of them only where the text says so: a generator beside each feed,
//!   | gen     | gen        a UPS behind them,
//! ups-a     ups-b
//!   |   \ /   |            in every rack a switch that takes one of both sides for the whole rack,
//!   |  r1.ats |
//!   |   / \   |
//! pdu-a     pdu-b
//!   |         |            and behind every PDU a breaker, which opens when too much is drawn.
//! breaker-a breaker-b
//! ```

use crate::clock::Micros;

/// What a text says of the power chain. What it does not name does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Power {
    /// What every server draws while it has power, in watts. What switches draw is not counted.
    pub server_w: u32,
    /// What the breaker behind every PDU is rated for, in watts.
    pub breaker_w: Option<u32>,
    /// The UPS behind every feed.
    pub ups: Option<Ups>,
    /// How long the generator beside every feed takes to start.
    pub generator: Option<Micros>,
    /// How long the transfer switch of every rack takes to move to the other side.
    pub transfer: Option<Micros>,
}

/// A UPS: a battery, and what it can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ups {
    /// How long its battery lasts, whatever it carries.
    pub lasts: Micros,
    /// What it is rated for, in watts; none if it carries anything.
    pub capacity_w: Option<u32>,
}

impl Power {
    /// What a server draws where the text does not say it: facts of no source, a round number.
    pub const SERVER_W: u32 = 400;
    /// The most of anything, in watts.
    pub const MOST_W: u32 = 1_000_000;
    /// Feeds lead straight to PDUs.
    pub const NONE: Self = Self {
        server_w: Self::SERVER_W,
        breaker_w: None,
        ups: None,
        generator: None,
        transfer: None,
    };

    /// True if anything in the chain does something of its own, at its own time.
    pub const fn has_parts(&self) -> bool {
        self.breaker_w.is_some()
            || self.ups.is_some()
            || self.generator.is_some()
            || self.transfer.is_some()
    }
}
