//! Going through a run a little at a time, so that whoever looks at it is never kept waiting.

use std::collections::VecDeque;

use super::{PacketTrace, Timeline, TracedPacket, step_by};
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::world::World;

impl Timeline {
    /// The run from the last checkpoint before `at - window` to `at`, to be played once more.
    pub fn replay(&self, at: Micros, window: Micros, of: Option<ReplicaId>) -> Replay {
        let (to, last_event) = (at.min(self.frontier_at()), self.last_event());
        let from = Micros(to.0.saturating_sub(window.0));
        let world = self.checkpoint_by(from).run.world().clone();
        let last = (world.events() > 0).then(|| world.now());
        let film = of.map(|of| self.packets_of(of, from));
        Replay { world, film, shown: self.shown, to, last_event, last }
    }
}

/// A stretch of the run that is played once more, for one question.
#[derive(Clone, Debug)]
pub struct Replay {
    world: World,
    /// What is filmed of it, if anything.
    film: Option<PacketTrace>,
    /// Of which group.
    shown: usize,
    to: Micros,
    /// See [`Timeline::last_event`].
    last_event: u64,
    last: Option<Micros>,
}

impl Replay {
    /// Plays on by about that much work; true if it has come to its end.
    pub fn advance(&mut self, work: u64) -> bool {
        let Self { world, film, shown: _, to, last_event, last } = self;
        let enough = world.work().saturating_add(work);
        while world.work() < enough {
            let goes_on = match film {
                Some(film) => step_by(world, *to, *last_event, film),
                None => step_by(world, *to, *last_event, &mut ()),
            };
            if !goes_on {
                return true;
            }
            *last = Some(world.now());
        }
        false
    }

    /// The time of the last event that it saw.
    pub const fn last(&self) -> Option<Micros> {
        self.last
    }

    /// What was filmed, oldest first.
    pub fn flights(self) -> VecDeque<TracedPacket> {
        let shown = self.shown;
        self.film.map(|mut film| film.flights.swap_remove(shown)).unwrap_or_default()
    }
}
