//! What the checks see of a world, and of a replica in it.

use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::protocol::log::{Index, Log, LogMark};
use crate::protocol::{Belief, Changed, Command, Role};
use crate::world::{Failures, Group};

/// Where the checks look: a world, or in tests replicas that do what no protocol should.
pub trait Observed {
    /// The time of the last event.
    fn now(&self) -> Micros;
    /// A replica as it is now.
    fn shown(&self, id: ReplicaId) -> Shown<'_>;
    /// What has changed of a replica since it was seen.
    fn changed(&self, id: ReplicaId, seen: &Seen) -> Changed {
        let now = Seen::of(&self.shown(id));
        let log = LogMark { last_index: now.log.last_index, ..seen.log };
        if now == *seen {
            Changed::Nothing
        } else if now == (Seen { log, commit: now.commit, ..*seen }) {
            Changed::Progress
        } else {
            Changed::Belief
        }
    }
    /// How many writes clients have asked for so far.
    fn writes(&self) -> Command;
    /// True if a replica's disk keeps that command for that place of its log, also if it does not
    /// know it decided.
    fn keeps(&self, id: ReplicaId, index: Index, command: Command) -> bool;
    /// Which generals and lines have failed; `None` where there are no generals.
    fn failures(&self) -> Option<&Failures> {
        None
    }
}

/// What the checks see of a replica.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// True if its process runs.
    pub up: bool,
    /// True if it never was a traitor: nothing is promised of the others.
    pub honest: bool,
    /// How often it began with empty disks, or lost what was on them.
    pub lives: u32,
    /// True if it has disks that it can start from.
    pub has_disk: bool,
    /// The part it plays, and in which epoch.
    pub belief: Belief,
    /// Its log.
    pub log: &'a Log,
    /// How many entries it knows committed.
    pub commit: Index,
}

impl Observed for Group {
    #[inline]
    fn now(&self) -> Micros {
        Self::now(self)
    }

    #[inline]
    fn shown(&self, id: ReplicaId) -> Shown<'_> {
        let (up, replica) = (self.is_up(id), self.replica(id));
        Shown {
            up,
            honest: self.is_honest(id),
            lives: self.lives(id),
            has_disk: self.has_disk(id),
            belief: replica.belief(),
            log: replica.log(),
            commit: replica.commit(),
        }
    }

    /// Asked after every event.
    #[inline(always)]
    fn changed(&self, id: ReplicaId, seen: &Seen) -> Changed {
        if (self.is_up(id), self.is_honest(id), self.lives(id))
            != (seen.up, seen.honest, seen.lives)
        {
            return Changed::Belief;
        }
        self.replica(id).changed(&seen.belief, seen.log, seen.commit)
    }

    #[inline]
    fn writes(&self) -> Command {
        Self::writes(self)
    }

    fn keeps(&self, id: ReplicaId, index: Index, command: Command) -> bool {
        self.replica(id).keeps(index, command)
    }

    fn failures(&self) -> Option<&Failures> {
        Some(Self::failures(self))
    }
}

/// What was last seen of a replica: all that anyone who watches a run looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub(super) up: bool,
    pub(super) belief: Belief,
    pub(super) log: LogMark,
    pub(super) commit: Index,
    pub(super) honest: bool,
    pub(super) lives: u32,
}

impl Seen {
    /// A replica that has not been looked at.
    pub(super) const NOTHING: Self = Self {
        up: false,
        belief: Belief::new(Role::Follower, 0, None),
        log: LogMark { last_index: 0, truncations: 0 },
        commit: 0,
        honest: true,
        lives: 1,
    };

    pub(super) fn of(shown: &Shown<'_>) -> Self {
        let Shown { up, honest, lives, has_disk: _, belief, log, commit } = *shown;
        Self { up, belief, log: log.mark(), commit, honest, lives }
    }

    /// Whether it runs and never lied, and how much it knows committed.
    pub const fn progress(&self) -> (bool, Index) {
        (self.up && self.honest, self.commit)
    }

    /// What it believes; `None` if its process does not run.
    pub fn belief(&self) -> Option<Belief> {
        self.up.then_some(self.belief)
    }

    pub(super) fn leads(&self) -> bool {
        self.belief.role == Role::Leader
    }
}
