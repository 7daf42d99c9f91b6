//! Tendermint's timers by the names of the paper (algorithm 1, lines 57 to 67).

use crate::protocol::Timer;

/// `timeoutPropose`.
pub(super) const PROPOSE: Timer = Timer::Election;

/// `timeoutPrevote`.
pub(super) const PREVOTE: Timer = Timer::Retry;

/// `timeoutPrecommit`.
pub(super) const PRECOMMIT: Timer = Timer::Round;

/// When it next tells others what they lack: gossip is no part of algorithm 1.
pub(super) const GOSSIP: Timer = Timer::Heartbeat;
