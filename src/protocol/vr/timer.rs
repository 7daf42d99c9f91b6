//! VR's timers by their own names, where the one that the world knows has another.

use crate::protocol::Timer;

/// When a backup that hears nothing begins a view change (section 4.2).
pub(super) const VIEW_CHANGE: Timer = Timer::Election;

/// While it runs, it has heard its primary within the least timeout.
pub(super) const HEARS_PRIMARY: Timer = Timer::Lease;

/// When it asks again for what it lacks: state, or a recovery (sections 5.2 and 4.3).
pub(super) const ASK_AGAIN: Timer = Timer::Retry;
