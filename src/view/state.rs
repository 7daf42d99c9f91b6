//! How things are, in one word each.

use serde::Serialize;

/// What a piece of hardware is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    /// A power feed.
    Feed,
    /// A power distribution unit.
    Pdu,
    /// A spine switch.
    Spine,
    /// A rack's own switch.
    Tor,
    /// A server.
    Server,
    /// A disk.
    Disk,
    /// A network card of a server.
    Nic,
    /// A power supply of a server.
    Psu,
    /// A generator beside a feed.
    Generator,
    /// A battery behind a feed.
    Ups,
    /// A rack's transfer switch.
    Ats,
    /// A breaker behind a PDU.
    Breaker,
    /// A site, where there are several; the end of its WAN links.
    Site,
    /// A WAN link between two sites.
    Wan,
}

/// How a lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum LaneState {
    /// It carries all.
    Up,
    /// It carries nothing.
    Cut,
    /// It carries some.
    Lossy,
    /// It carries all, late or twice.
    Impaired,
    /// A part at an end is dead, or both directions are cut.
    Down,
    /// It would carry all, and LACP has taken its cable out of the bundle.
    Out,
    /// It would carry all, and its switch is another system to LACP than the one that is bundled.
    Other,
}

/// How a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum FlowState {
    /// All arrives.
    Up,
    /// The flow itself is cut.
    Cut,
    /// Some is lost.
    Lossy,
    /// All arrives, late or twice.
    Impaired,
    /// All dies on its way.
    Dead,
}

/// Where a packet died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum DiedOn {
    /// On the last lane.
    Lane,
    /// At the part that the last lane leads to, or at the sender if there is no lane.
    Part,
    /// Of a fault of the flow itself: at the sender's end of the one lane.
    Sender,
}
