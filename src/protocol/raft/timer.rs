//! Raft's timers by their own names, where the one that the world knows has another.

use crate::protocol::Timer;

/// While it runs, this replica has heard from a leader within the least election timeout.
pub(super) const HEARD_LEADER: Timer = Timer::Lease;

/// While it runs, this voter elects nobody but the leader that it heard.
pub(super) const PROMISE: Timer = Timer::Round;

/// As a leader: its lease ends with one of them, and the next lease with the other.
pub(super) const LEASES: [Timer; 2] = [Timer::Lease, Timer::Round];

/// When a leader gives a handover up (thesis 3.10).
pub(super) const TRANSFER: Timer = Timer::Retry;
