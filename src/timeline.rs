//! Going anywhere in a run, and changing it there.
//!
//! The run is simulated ahead of the reader and leaves a checkpoint every few thousand messages.
//! Seeking is the nearest checkpoint and some steps; what the page draws of packets is recorded on
//! the way. A change to the scenario keeps every checkpoint before the first difference.
//!
//! Whatever may take long can be done in slices of work ([`Timeline::advance`],
//! [`Timeline::approach`]): work is what the run's own meter counts, so a slice takes about as long
//! in any scenario. Checkpoints thin out where they would fill memory.

mod slices;

use std::collections::VecDeque;
use std::sync::Arc;

pub use self::slices::Replay;

use crate::aftermath::Aftermath;
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::history::{History, Mark};
use crate::network::{LANES_MAX, Network, Reason, Verdict};
use crate::plant::LaneId;
use crate::protocol::Message;
use crate::run::Run;
use crate::scenario::Scenario;
use crate::traitor::Instead;
use crate::world::{Fate, Group, Packet, Sink, World};

/// Work between two checkpoints, to begin with: about a millisecond of simulation.
const INTERVAL: u64 = 8_192;
/// The most checkpoints; past it every other one is dropped and the interval doubles.
const CHECKPOINTS_MAX: usize = 128;
/// The most bytes that they take together, about; the same then.
const WEIGHT_MAX: usize = 40 << 20;
/// The most packets of a group that are kept for drawing.
const PACKETS_MAX: usize = 600;

#[derive(Clone, Debug)]
struct Checkpoint {
    run: Run,
    /// One a group.
    marks: Vec<Mark>,
    /// About how many bytes it takes.
    weight: usize,
}

/// A packet as it is drawn.
#[derive(Clone, Debug)]
pub struct TracedPacket {
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
    /// How often its message was sent before, over a connection.
    pub again: u8,
    /// If it arrived, and its acknowledgement died: of what.
    pub unheard: Option<Reason>,
}

impl TracedPacket {
    /// The lanes it crosses, in order; the last is where it dies, if it does.
    pub fn lanes(&self) -> &[LaneId] {
        &self.way.0[..usize::from(self.way.1)]
    }
}

/// The packets of the last moments before the cursor.
#[derive(Clone, Debug)]
struct PacketTrace {
    from: Micros,
    /// If it shows one sender's packets only, whose: the group's number, and the replica's in it.
    of: Option<(u8, ReplicaId)>,
    /// One a group.
    flights: Vec<VecDeque<TracedPacket>>,
}

impl Sink for PacketTrace {
    fn packet(&mut self, packet: Packet<'_>, network: &Network) {
        let is_another = self.of.is_some_and(|of| of != (packet.group, packet.from));
        if is_another || packet.sent < self.from {
            return;
        }
        let Packet { id, group, from, to, sent, message, verdict, lie, segment, .. } = packet;
        let way = network.route_of(from, to, message).lanes();
        let (count, after, died) = match verdict {
            Verdict::Delivered(after) => (way.len(), after, None),
            Verdict::Dropped { lanes, reason, after } => (usize::from(lanes), after, Some(reason)),
        };
        let mut lanes = [LaneId(0); LANES_MAX];
        lanes[..count].copy_from_slice(&way[..count]);
        let count = u8::try_from(count).expect("at most LANES_MAX");
        let (ends, message) = (sent + after, message.clone());
        let lie = lie.map(|(_, truth)| truth.clone());
        let flights = &mut self.flights[usize::from(group)];
        if flights.len() == PACKETS_MAX {
            flights.pop_front();
        }
        let way = (lanes, count);
        let (again, unheard) = (segment.map_or(0, |segment| segment.again), None);
        let packet =
            TracedPacket { id, from, to, sent, ends, message, way, died, lie, again, unheard };
        flights.push_back(packet);
    }

    fn lost(&mut self, id: u64, at: Micros, reason: Reason) {
        if let Some(flight) = self.traced(id) {
            (flight.ends, flight.died) = (at, Some(reason));
        }
    }

    fn fares(&mut self, id: u64, fate: Fate) {
        if let Fate::Unacknowledged(reason) = fate
            && let Some(flight) = self.traced(id)
        {
            flight.unheard = Some(reason);
        }
    }
}

impl PacketTrace {
    /// The packet of that number, if it is drawn.
    #[inline(never)]
    fn traced(&mut self, id: u64) -> Option<&mut TracedPacket> {
        let mut flights = self.flights.iter_mut().flat_map(|flights| flights.iter_mut().rev());
        flights.find(|flight| flight.id == id)
    }
}

/// A run that can be seen at any moment and forked at any moment.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// With all its groups.
    whole: Arc<Scenario>,
    /// The number of the group that is shown.
    shown: usize,
    checkpoints: Vec<Checkpoint>,
    /// Of no use any more. To free one takes as long as to make it, so no more of them are freed at
    /// a time than are made.
    spent: Vec<Checkpoint>,
    interval: u64,
    /// The work at which the next checkpoint is kept.
    checkpoint_due: u64,
    frontier: Run,
    /// One a group.
    histories: Vec<History>,
    /// By group, what came of the fault that was asked for last.
    aftermaths: Vec<Option<Aftermath>>,
    complete: bool,
    cursor: World,
    /// All events up to there have happened in `cursor`.
    cursor_at: Micros,
    film: PacketTrace,
}

impl Timeline {
    /// A scenario of which nothing is simulated yet.
    pub fn new(scenario: Scenario) -> Self {
        let whole = Arc::new(scenario);
        let (frontier, histories) = Run::new(Arc::clone(&whole));
        let (run, marks) = (frontier.clone(), marks(&histories, Micros::ZERO));
        let start = Checkpoint { weight: run.weight(), run, marks };
        Self {
            cursor: frontier.world().clone(),
            cursor_at: Micros::ZERO,
            film: no_packets(&whole, Micros::ZERO),
            checkpoints: vec![start],
            spent: Vec::new(),
            interval: INTERVAL,
            checkpoint_due: INTERVAL,
            complete: false,
            aftermaths: nothing_known(&whole),
            shown: 0,
            whole,
            frontier,
            histories,
        }
    }

    /// The scenario with all its groups.
    pub const fn whole(&self) -> &Arc<Scenario> {
        &self.whole
    }

    /// Shows the group of that number, or the last one.
    pub fn show(&mut self, number: usize) {
        self.shown = number.min(self.whole.groups.len() - 1);
    }

    /// The number of the group that is shown.
    pub const fn shown(&self) -> usize {
        self.shown
    }

    /// The scenario, as the group sees it that is shown, with whom was meant by `leader` in what is
    /// done as far as it is simulated: see [`Group::scenario`].
    #[inline(never)]
    pub fn scenario(&self) -> &Arc<Scenario> {
        self.frontier.world().group(self.shown).scenario()
    }

    /// The same as it is written.
    pub fn written(&self) -> &Arc<Scenario> {
        self.frontier.world().group(self.shown).written()
    }

    /// The record so far, of the group that is shown.
    pub fn history(&self) -> &History {
        &self.histories[self.shown]
    }

    /// The records of all groups.
    pub fn histories(&self) -> &[History] {
        &self.histories
    }

    /// What came of the latest fault by `at`, once it is known.
    pub fn aftermath(&mut self, at: Micros) -> Option<&Aftermath> {
        let fault = Aftermath::fault_by(self.scenario(), at)?;
        if self.aftermaths[self.shown].as_ref().is_none_or(|known| known.fault != fault) {
            let known = (at, self.frontier_at());
            let latest = Aftermath::latest(self.scenario(), self.history(), known);
            self.aftermaths[self.shown] = latest;
        }
        self.aftermaths[self.shown].as_ref()
    }

    /// The run as far as it is simulated.
    pub const fn frontier(&self) -> &Run {
        &self.frontier
    }

    /// How far it is simulated.
    pub fn frontier_at(&self) -> Micros {
        if self.complete { self.end() } else { self.frontier.world().now() }
    }

    /// When the run ends, as far as is known: as the scenario says, or at a bound before.
    pub fn end(&self) -> Micros {
        self.history().exhausted.map_or(self.scenario().until, |exhausted| exhausted.at)
    }

    /// The trace hash of the whole run, if it is simulated.
    pub fn trace_hash(&self) -> Option<u64> {
        self.complete.then(|| self.frontier.world().trace_hash())
    }

    /// True if the whole run is simulated.
    pub const fn complete(&self) -> bool {
        self.complete
    }

    /// Simulates ahead by that much work, as [`crate::meter::Meter::work`] counts it, or a little
    /// over: a message, sent and delivered, is two. True if the whole run is simulated.
    pub fn advance(&mut self, work: u64) -> bool {
        let mut left = work;
        self.spent.pop();
        while left > 0 && !self.complete {
            let until_due = self.checkpoint_due.saturating_sub(self.worked());
            let some = left.min(until_due.max(1));
            self.complete = !self.frontier.advance(some, &mut self.histories);
            left -= some;
            if self.worked() >= self.checkpoint_due && !self.complete {
                self.keep_checkpoint();
            }
        }
        self.complete
    }

    /// The work that the run took so far.
    pub fn worked(&self) -> u64 {
        self.frontier.world().work()
    }

    /// Gets nearer to where [`Self::seek`] can show that moment, by about that much work; true if
    /// it is there, and `seek` takes no time any more.
    pub fn approach(&mut self, at: Micros, window: Micros, work: u64) -> bool {
        let before = self.worked();
        self.spent.pop();
        while self.frontier_at() < at && !self.complete {
            let Some(left) = work.checked_sub(self.worked() - before).filter(|left| *left > 0)
            else {
                return false;
            };
            self.advance(left.min(INTERVAL));
        }
        let left = work.saturating_sub(self.worked() - before).max(INTERVAL);
        self.follow(at, window, left)
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
        self.spent.pop();
        let weight = self.frontier.weight();
        // The first one stays: it is the start of the run.
        while self.checkpoints.len() > 1 && self.are_full(weight) {
            let mut number = 0;
            self.spent.extend(self.checkpoints.extract_if(.., |_| {
                number += 1;
                number % 2 == 0
            }));
            self.interval *= 2;
        }
        let marks = marks(&self.histories, self.frontier.world().now());
        self.checkpoints.push(Checkpoint { run: self.frontier.clone(), marks, weight });
        self.checkpoint_due = self.worked() + self.interval;
    }

    /// True if there is no room for one more checkpoint of that weight.
    fn are_full(&self, weight: usize) -> bool {
        let kept: usize = self.checkpoints.iter().map(|kept| kept.weight).sum();
        self.checkpoints.len() == CHECKPOINTS_MAX || kept + weight > WEIGHT_MAX
    }

    /// The group that is shown, with all events up to `at` done, and the packets that left in
    /// `window` before.
    ///
    /// Simulates as far as it must, so stay near the frontier until the run is complete.
    pub fn seek(
        &mut self,
        at: Micros,
        window: Micros,
    ) -> (&Group, impl Iterator<Item = &TracedPacket>) {
        self.reach(at);
        self.follow(at, window, u64::MAX);
        (self.cursor.group(self.shown), self.film.flights[self.shown].iter())
    }

    /// All groups at the moment that [`Self::seek`] was last asked for.
    pub fn groups(&self) -> &[Group] {
        self.cursor.groups()
    }

    /// Brings the cursor to a moment that is simulated, by about that much work; true if it is
    /// there.
    fn follow(&mut self, at: Micros, window: Micros, work: u64) -> bool {
        let at = at.min(self.end());
        let film_from = Micros(at.0.saturating_sub(window.0));
        if at < self.cursor_at || film_from < self.film.from || self.far_ahead(film_from) {
            self.cursor = self.checkpoint_by(film_from).run.world().clone();
            self.film = no_packets(&self.whole, film_from);
        }
        self.film.from = film_from;
        let enough = self.cursor.work().saturating_add(work);
        let last = self.last_event();
        let mut is_there = false;
        while !is_there && self.cursor.work() < enough {
            is_there = !step_by(&mut self.cursor, at, last, &mut self.film);
        }
        self.cursor_at = if is_there { at } else { self.cursor.now() };
        for flights in &mut self.film.flights {
            let old = flights.partition_point(|flight| flight.sent < film_from);
            flights.drain(..old);
        }
        is_there
    }

    /// The number of the last event of the run, if it is known: what watches the run may have come
    /// to a bound that a world by itself knows nothing of.
    fn last_event(&self) -> u64 {
        if self.complete { self.frontier.world().events() } else { u64::MAX }
    }

    /// What `of` has sent in `window` before `at`, oldest first; at most `PACKETS_MAX`.
    pub fn said(&mut self, of: ReplicaId, at: Micros, window: Micros) -> VecDeque<TracedPacket> {
        self.reach(at);
        let at = at.min(self.end());
        let from = Micros(at.0.saturating_sub(window.0));
        let last = self.last_event();
        let mut world = self.checkpoint_by(from).run.world().clone();
        let mut film = self.packets_of(of, from);
        while step_by(&mut world, at, last, &mut film) {}
        film.flights.swap_remove(self.shown)
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
        self.reach(at);
        self.follow(at, Micros::ZERO, u64::MAX);
        (self.cursor.events() < self.last_event()).then(|| self.cursor.next_at())?
    }

    /// The time of the last event before `at`.
    pub fn event_before(&mut self, at: Micros) -> Option<Micros> {
        let earlier = Micros(at.0.checked_sub(1)?);
        self.reach(earlier);
        let events = self.last_event();
        let mut world = self.checkpoint_by(earlier).run.world().clone();
        let mut last = (world.events() > 0).then(|| world.now());
        while step_by(&mut world, earlier, events, &mut ()) {
            last = Some(world.now());
        }
        last
    }

    /// Puts another scenario in place of this one, keeping what both have in common.
    pub fn change(&mut self, scenario: Scenario) {
        let scenario = Arc::new(scenario);
        let shown = self.shown_in(&scenario);
        let Some(time) = alike_until(&self.whole, &scenario) else {
            let mut other = Self::new(Arc::unwrap_or_clone(scenario));
            other.show(shown);
            other.spent.append(&mut self.spent);
            other.spent.append(&mut self.checkpoints);
            *self = other;
            return;
        };
        let holds = |kept: &Checkpoint| {
            let world = kept.run.world();
            world.events() == 0 || world.now() < time
        };
        let kept = self.checkpoints.iter().take_while(|kept| holds(kept)).count();
        self.spent.extend(self.checkpoints.drain(kept..));
        for checkpoint in &mut self.checkpoints {
            checkpoint.run.fork(Arc::clone(&scenario));
        }
        let last = self.checkpoints.last().expect("the first one always holds");
        self.frontier = last.run.clone();
        self.checkpoint_due = last.run.world().work() + self.interval;
        for (history, mark) in self.histories.iter_mut().zip(&last.marks) {
            history.cut(mark);
        }
        self.cursor = last.run.world().clone();
        self.cursor_at = self.cursor.now();
        self.complete = false;
        self.whole = scenario;
        self.aftermaths = nothing_known(&self.whole);
        // Whatever was filmed is of no use any more; the next seek films again.
        self.film = no_packets(&self.whole, Micros::NEVER);
        self.show(shown);
    }

    /// The number that the group which is shown has in another scenario: that of the same name, or
    /// else of the same place.
    fn shown_in(&self, other: &Scenario) -> usize {
        let name = &self.whole.groups[self.shown].name;
        other.groups.iter().position(|group| group.name == *name).unwrap_or(self.shown)
    }

    /// An empty film of what that replica of the shown group sends.
    fn packets_of(&self, of: ReplicaId, from: Micros) -> PacketTrace {
        let group = u8::try_from(self.shown).expect("bounded by Bounds::REPLICAS");
        PacketTrace { of: Some((group, of)), ..no_packets(&self.whole, from) }
    }
}

/// An empty film.
fn no_packets(scenario: &Scenario, from: Micros) -> PacketTrace {
    let flights = scenario.groups.iter().map(|_| VecDeque::new()).collect();
    PacketTrace { from, of: None, flights }
}

/// By group, that nothing came of any fault so far.
fn nothing_known(scenario: &Scenario) -> Vec<Option<Aftermath>> {
    scenario.groups.iter().map(|_| None).collect()
}

/// Where the records stand at `at`, the time of the last event.
fn marks(histories: &[History], at: Micros) -> Vec<Mark> {
    histories.iter().map(|history| history.mark(at)).collect()
}

/// Performs the next event by `limit`, unless `last` was the last one; false if there is none.
fn step_by<S: Sink>(world: &mut World, limit: Micros, last: u64, sink: &mut S) -> bool {
    world.events() < last && world.step_by(limit, sink).is_some()
}

/// True if two scenarios have run alike by that moment, what is done at it included.
pub fn alike_at(old: &Scenario, new: &Scenario, at: Micros) -> bool {
    alike_until(old, new).is_some_and(|time| at < time)
}

/// Up to when two scenarios run alike; `None` if not at all.
pub fn alike_until(old: &Scenario, new: &Scenario) -> Option<Micros> {
    // Words do not matter to the engine; what is left is compared whole.
    let mut like_new = Scenario {
        title: new.title.clone(),
        source: new.source.clone(),
        server_names: new.server_names.clone(),
        notes: new.notes.clone(),
        expectations: new.expectations.clone(),
        actions: new.actions.clone(),
        repeats: new.repeats.clone(),
        until: new.until,
        ..old.clone()
    };
    for (like_new, new) in like_new.groups.iter_mut().zip(&new.groups) {
        like_new.name.clone_from(&new.name);
        like_new.names.clone_from(&new.names);
    }
    if like_new != *new {
        return None;
    }
    like_new.actions.clone_from(&old.actions);
    let actions = old.actions.iter().zip(&new.actions).take_while(|(old, new)| old == new).count();
    let at =
        |scenario: &Scenario| scenario.actions.get(actions).map_or(Micros::NEVER, |(at, _)| *at);
    let ends = if old.until == new.until { Micros::NEVER } else { old.until.min(new.until) };
    Some(at(old).min(at(new)).min(ends))
}
