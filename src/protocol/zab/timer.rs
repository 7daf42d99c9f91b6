//! Zab's timers by their own names, where the one that the world knows has another.

use crate::protocol::Timer;

/// When an election in which a quorum agrees is over, if nothing better has come: ZooKeeper's
/// `finalizeWait`.
pub(super) const FINALIZE: Timer = Timer::Round;

/// When it asks again for what it lacks.
pub(super) const ASK_AGAIN: Timer = Timer::Retry;
