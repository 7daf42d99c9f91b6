//! Where etcd's library panics, and with it the process.
//!
//! A heartbeat commits what the follower once acknowledged (`sendHeartbeat`: the lower of Match and
//! the commit index). A follower whose disk was wiped has not got it any more: "tocommit(%d) is out
//! of range [lastIndex(%d)]. Was the raft log corrupted, truncated, or lost?" (`commitTo` in
//! `log.go`). Nothing that came with that message is on its disk yet. Started again, it meets the
//! same end, until another leader asks anew what it has.
//!
//! The library's other panic of a follower, "entry %d conflict with committed entry", cannot come:
//! it looks at no entries that begin before its commit index (`handleAppendEntries`).

use super::{Effects, Raft, State, Term};
use crate::protocol::log::Index;
use crate::protocol::{Effect, Timer};

impl Raft {
    /// False if a heartbeat of that term, which is not older than its own, ends the process, that
    /// then stays away until it is started again.
    #[inline(always)]
    pub(super) fn survives(&mut self, term: Term, commit: Index, effects: &mut Effects) -> bool {
        if commit <= self.log.last_index() {
            return true;
        }
        // Two leaders in one term: this one does not listen.
        let leads = matches!(self.state, State::Leader { .. }) && term == self.term;
        if !leads {
            self.stop("commit-beyond", effects);
        }
        leads
    }

    #[cold]
    fn stop(&mut self, why: &'static str, effects: &mut Effects) {
        (self.state, self.stopped) = (State::Follower, Some(why));
        self.leader = None;
        effects.extend(Timer::ALL.map(Effect::CancelTimer));
    }
}
