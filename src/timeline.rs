//! Going anywhere in a run, and changing it there.
//!
//! The run is simulated ahead of the reader and leaves a checkpoint every few thousand events.
//! Seeking is the nearest checkpoint and some steps; what the page draws of packets is recorded on
//! the way. A change to the scenario keeps every checkpoint before the first difference.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::history::{History, Mark};
use crate::network::{LANES_MAX, Network, Reason, Verdict};
use crate::plant::LaneId;
use crate::protocol::Message;
use crate::run::Run;
use crate::scenario::Scenario;
use crate::traitor::Instead;
use crate::world::{Packet, Sink, World};

/// Events between two checkpoints, to begin with: under a millisecond of simulation.
const INTERVAL: u64 = 4_096;
/// The most checkpoints; past it every other one is dropped and the interval doubles.
const CHECKPOINTS_MAX: usize = 128;
/// The most packets kept for drawing.
const PACKETS_MAX: usize = 600;

#[derive(Clone, Debug)]
struct Checkpoint {
    run: Run,
    mark: Mark,
}

/// A packet as it is drawn.
#[derive(Clone, Debug)]
pub struct Flight {
    /// Its number, unique in the run.
    pub id: u64,
    /// Who sent it.
    pub from: ReplicaId,
    /// Who was to receive it.
    pub to: ReplicaId,
    /// When it left.
    pub sent: Micros,
    /// When it arrives or dies.
    pub ends: Micros,
    /// What it carries.
    pub message: Message,
    way: ([LaneId; LANES_MAX], u8),
    /// Why it dies, if it does.
    pub died: Option<Reason>,
    /// If it is a lie, what an honest replica would have said.
    pub lie: Option<Instead>,
}

impl Flight {
    /// The lanes it crosses, in order; the last is where it dies, if it does.
    pub fn lanes(&self) -> &[LaneId] {
        &self.way.0[..usize::from(self.way.1)]
    }
}

/// The packets of the last moments before the cursor.
#[derive(Clone, Debug, Default)]
struct Film {
    from: Micros,
    /// If it shows one sender's packets only, whose.
    of: Option<ReplicaId>,
    flights: VecDeque<Flight>,
}

impl Sink for Film {
    fn packet(&mut self, packet: Packet<'_>, network: &Network) {
        if packet.sent < self.from || self.of.is_some_and(|of| of != packet.from) {
            return;
        }
        let Packet { id, from, to, sent, message, verdict, lie } = packet;
        let way = network.route(from, to).lanes();
        let (count, after, died) = match verdict {
            Verdict::Delivered(after) => (way.len(), after, None),
            Verdict::Dropped { lanes, reason, after } => (usize::from(lanes), after, Some(reason)),
        };
        let mut lanes = [LaneId(0); LANES_MAX];
        lanes[..count].copy_from_slice(&way[..count]);
        let count = u8::try_from(count).expect("at most LANES_MAX");
        let (ends, message) = (sent + after, message.clone());
        let lie = lie.map(|(_, truth)| truth.clone());
        if self.flights.len() == PACKETS_MAX {
            self.flights.pop_front();
        }
        let way = (lanes, count);
        self.flights.push_back(Flight { id, from, to, sent, ends, message, way, died, lie });
    }

    fn lost(&mut self, id: u64, at: Micros, reason: Reason) {
        if let Some(flight) = self.flights.iter_mut().rev().find(|flight| flight.id == id) {
            (flight.ends, flight.died) = (at, Some(reason));
        }
    }
}

/// A run that can be seen at any moment and forked at any moment.
#[derive(Clone, Debug)]
pub struct Timeline {
    scenario: Arc<Scenario>,
    checkpoints: Vec<Checkpoint>,
    interval: u64,
    /// The number of events at which the next checkpoint is kept.
    checkpoint_due: u64,
    frontier: Run,
    history: History,
    complete: bool,
    cursor: World,
    /// All events up to there have happened in `cursor`.
    cursor_at: Micros,
    film: Film,
}

impl Timeline {
    /// A scenario of which nothing is simulated yet.
    pub fn new(scenario: Scenario) -> Self {
        let scenario = Arc::new(scenario);
        let (frontier, history) = Run::new(Arc::clone(&scenario));
        let start = Checkpoint { run: frontier.clone(), mark: history.mark(Micros::ZERO) };
        Self {
            cursor: frontier.world().clone(),
            cursor_at: Micros::ZERO,
            film: Film::default(),
            checkpoints: vec![start],
            interval: INTERVAL,
            checkpoint_due: INTERVAL,
            complete: false,
            scenario,
            frontier,
            history,
        }
    }

    /// The scenario.
    pub const fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// The record so far.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The run as far as it is simulated.
    pub const fn frontier(&self) -> &Run {
        &self.frontier
    }

    /// How far it is simulated.
    pub fn frontier_at(&self) -> Micros {
        if self.complete { self.scenario.until } else { self.frontier.world().now() }
    }

    /// True if the whole run is simulated.
    pub const fn complete(&self) -> bool {
        self.complete
    }

    /// Simulates up to `events` more events; true if the whole run is simulated.
    pub fn advance(&mut self, events: u64) -> bool {
        let mut left = events;
        while left > 0 && !self.complete {
            let until_due = self.checkpoint_due.saturating_sub(self.frontier.world().events());
            let some = left.min(until_due.max(1));
            self.complete = !self.frontier.advance(some, &mut self.history);
            left -= some;
            if self.frontier.world().events() >= self.checkpoint_due && !self.complete {
                self.keep_checkpoint();
            }
        }
        self.complete
    }

    /// Simulates the whole run.
    pub fn finish(&mut self) {
        while !self.advance(u64::from(u32::MAX)) {}
    }

    /// Simulates as far as it takes to know what happened by `at`.
    pub fn reach(&mut self, at: Micros) {
        while self.frontier_at() < at && !self.complete {
            self.advance(INTERVAL);
        }
    }

    fn keep_checkpoint(&mut self) {
        if self.checkpoints.len() == CHECKPOINTS_MAX {
            let mut number = 0;
            self.checkpoints.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.interval *= 2;
        }
        let mark = self.history.mark(self.frontier.world().now());
        self.checkpoints.push(Checkpoint { run: self.frontier.clone(), mark });
        self.checkpoint_due = self.frontier.world().events() + self.interval;
    }

    /// The world with all events up to `at` done, and the packets that left in `window` before.
    ///
    /// Simulates as far as it must, so stay near the frontier until the run is complete.
    pub fn seek(&mut self, at: Micros, window: Micros) -> (&World, impl Iterator<Item = &Flight>) {
        let at = at.min(self.scenario.until);
        let film_from = Micros(at.0.saturating_sub(window.0));
        self.reach(at);
        if at < self.cursor_at || film_from < self.film.from || self.far_ahead(film_from) {
            self.cursor = self.checkpoint_by(film_from).run.world().clone();
            self.film = Film { from: film_from, ..Film::default() };
        }
        self.film.from = film_from;
        while self.cursor.step_by(at, &mut self.film).is_some() {}
        self.cursor_at = at;
        let old = self.film.flights.partition_point(|flight| flight.sent < film_from);
        self.film.flights.drain(..old);
        (&self.cursor, self.film.flights.iter())
    }

    /// What `of` has sent in `window` before `at`, oldest first; at most `PACKETS_MAX`.
    pub fn said(&mut self, of: ReplicaId, at: Micros, window: Micros) -> VecDeque<Flight> {
        let at = at.min(self.scenario.until);
        let from = Micros(at.0.saturating_sub(window.0));
        self.reach(at);
        let mut world = self.checkpoint_by(from).run.world().clone();
        let mut film = Film { from, of: Some(of), flights: VecDeque::new() };
        while world.step_by(at, &mut film).is_some() {}
        film.flights
    }

    /// True if a checkpoint lies between the cursor and the first packet that is wanted.
    fn far_ahead(&self, film_from: Micros) -> bool {
        let nearest = self.checkpoint_by(film_from).run.world();
        nearest.now() > self.cursor_at && nearest.events() > self.cursor.events()
    }

    /// The last checkpoint in which nothing after `at` has happened.
    fn checkpoint_by(&self, at: Micros) -> &Checkpoint {
        let later = self.checkpoints.partition_point(|kept| kept.run.world().now() <= at);
        // The first one has seen no event at all, so it is never too late.
        &self.checkpoints[later.saturating_sub(1)]
    }

    /// The time of the first event after `at`.
    pub fn event_after(&mut self, at: Micros) -> Option<Micros> {
        self.seek(at, Micros::ZERO).0.next_at()
    }

    /// The time of the last event before `at`.
    pub fn event_before(&mut self, at: Micros) -> Option<Micros> {
        let earlier = Micros(at.0.checked_sub(1)?);
        let mut world = self.checkpoint_by(earlier).run.world().clone();
        let mut last = (world.events() > 0).then(|| world.now());
        while let Some(event) = world.step_by(earlier, &mut ()) {
            last = Some(event.at);
        }
        last
    }

    /// Puts another scenario in place of this one, keeping what both have in common.
    pub fn change(&mut self, scenario: Scenario) {
        let scenario = Arc::new(scenario);
        let common = common(&self.scenario, &scenario);
        let Some((time, acts)) = common else {
            *self = Self::new(Arc::unwrap_or_clone(scenario));
            return;
        };
        let holds = |kept: &Checkpoint| {
            let world = kept.run.world();
            world.events() == 0 || world.now() < time && world.acts_done() as usize <= acts
        };
        let kept = self.checkpoints.iter().take_while(|kept| holds(kept)).count();
        self.checkpoints.truncate(kept);
        for checkpoint in &mut self.checkpoints {
            checkpoint.run.fork(Arc::clone(&scenario));
        }
        let last = self.checkpoints.last().expect("the first one always holds");
        self.frontier = last.run.clone();
        self.checkpoint_due = last.run.world().events() + self.interval;
        self.history.cut(&last.mark);
        self.cursor = last.run.world().clone();
        self.cursor_at = self.cursor.now();
        // Whatever was filmed may have changed; the next seek films again.
        self.film = Film { from: Micros::NEVER, ..Film::default() };
        self.complete = false;
        self.scenario = scenario;
    }
}

/// Up to when two scenarios run alike, and how many acts they share; `None` if not at all.
fn common(old: &Scenario, new: &Scenario) -> Option<(Micros, usize)> {
    // Words do not matter to the engine; what is left is compared whole.
    let mut like_new = Scenario {
        title: new.title.clone(),
        source: new.source.clone(),
        cluster: new.cluster.clone(),
        notes: new.notes.clone(),
        acts: new.acts.clone(),
        until: new.until,
        ..old.clone()
    };
    if like_new != *new {
        return None;
    }
    like_new.acts.clone_from(&old.acts);
    let acts = old.acts.iter().zip(&new.acts).take_while(|(old, new)| old == new).count();
    let at = |scenario: &Scenario| scenario.acts.get(acts).map_or(Micros::NEVER, |(at, _)| *at);
    let ends = if old.until == new.until { Micros::NEVER } else { old.until.min(new.until) };
    Some((at(old).min(at(new)).min(ends), acts))
}
