//! Who does not get what is committed: since when, and for how long.
//!
//! A replica that runs *lags* from the moment at which another knows something committed that it
//! does not, until it knows that, too. By then there may be more, and it lags anew: so a follower
//! that is always one write behind never lags for long.

use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::history::{History, Lag};
use crate::protocol::log::Index;

/// What is known of everyone's commit index.
#[derive(Clone, Debug)]
pub(crate) struct Lags {
    /// Shorter ones are not written down.
    long: Micros,
    highest: Index,
    replicas: Vec<Progress>,
}

#[derive(Clone, Copy, Debug)]
struct Progress {
    /// True if it runs and never lied.
    counts: bool,
    commit: Index,
    /// What it has to reach, and since when.
    goal: Option<(Micros, Index)>,
}

impl Lags {
    /// Before the first event; lags shorter than `long` are of no interest.
    pub(crate) fn new(replicas: usize, long: Micros) -> Self {
        let nothing = Progress { counts: false, commit: 0, goal: None };
        Self { long, highest: 0, replicas: vec![nothing; replicas] }
    }

    /// Takes in what a replica knows committed; `counts` while it runs and is honest.
    #[inline]
    pub(crate) fn observe(
        &mut self,
        id: ReplicaId,
        (counts, commit): (bool, Index),
        now: Micros,
        history: &mut History,
    ) {
        let own = &mut self.replicas[id.index()];
        if (own.counts, own.commit) == (counts, commit) {
            return;
        }
        (own.counts, own.commit) = (counts, commit);
        if counts && commit > self.highest {
            self.highest = commit;
            self.set_goals(now, history);
        }
        self.review(id, now, history);
    }

    /// Everyone has something to reach.
    fn set_goals(&mut self, now: Micros, history: &mut History) {
        for (id, one) in (0..).map(ReplicaId).zip(&mut self.replicas) {
            if one.counts && one.goal.is_none() && one.commit < self.highest {
                one.goal = Some((now, self.highest));
                history.behind[id.index()] = Some(now);
            }
        }
    }

    /// A replica may have reached its goal, or have another one.
    fn review(&mut self, id: ReplicaId, now: Micros, history: &mut History) {
        let own = &mut self.replicas[id.index()];
        if let Some((from, goal)) = own.goal {
            if own.counts && own.commit < goal {
                return;
            }
            if now.since(from) >= self.long {
                history.lags.push(Lag { replica: id, from, to: now });
            }
        }
        own.goal = (own.counts && own.commit < self.highest).then_some((now, self.highest));
        history.behind[id.index()] = own.goal.map(|(from, _)| from);
    }
}
