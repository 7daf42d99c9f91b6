//! A consensus group on a plant: replicas on servers, packets between them, and its own chance.
//!
//! It performs what replicas ask for: it draws timers, decides each packet's fate and keeps the
//! time. It sees the scenario as if it stood on the plant alone ([`Scenario::alone`]): its replicas
//! are n1, n2, …, and what is done to another group's replicas is not in it.
//!
//! What every delivered message goes through is marked `inline(always)`, here and where it leads:
//! a call costs wasm more than native code, and the module is compiled with a low threshold.

mod clients;
mod disk;
mod failures;
mod faults;
mod lies;
mod post;
mod process;
mod readouts;
mod tcp;

use std::sync::Arc;

pub use failures::Failures;

use super::event::{Answer, Event, EventKind, Packet, Watch};
use crate::clock::Micros;
use crate::fault::{Action, ActiveFaults, ReplicaId};
use crate::meter::Meter;
use crate::network::{Network, Reason, Verdict};
use crate::plant::{LaneId, Part, PartId, Plant};
use crate::protocol::{Effect, Identity, Input, Message, Replica, Timer, fold};
use crate::queue::Queue;
use crate::rng::Rng;
use crate::scenario::{Scenario, true_time};
use crate::service::Front;
use clients::Clients;
use lies::{Lied, Lies};
use post::{Envelope, Post};
use process::{Look, Process};
use tcp::Tcp;
pub use tcp::{ConnectionState, Phase};

/// What is still to happen.
#[derive(Clone, Copy, Debug)]
enum Pending {
    /// The envelope in that place arrives.
    Deliver(u32),
    /// A timer may have run out.
    Timer(ReplicaId, Timer),
    /// The client's next write.
    Write,
    /// The next client comes.
    Ask,
    /// The database has served the try that is next.
    Serve,
    /// The client in that place gives its try up, if it is not answered.
    GiveUp(u32),
    /// The client in that place tries again.
    AskAgain(u32),
    /// A traitor may say something of its own accord.
    Mischief(ReplicaId),
    /// The next client's read.
    Read,
    /// A write to disk may have ended.
    Synced(ReplicaId),
    /// A disk may have been rebuilt.
    Rebuilt(PartId),
    /// The power chain may change of its own.
    Power,
    /// What is under way of a connection, in that place, arrives.
    Frame(u32),
    /// On the connection from one to the other something may have to be sent again.
    Retransmit(ReplicaId, ReplicaId),
    /// LACP may take a cable out of its bundle, or put it back.
    Bundle(LaneId),
}

/// The state of a group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its place among the groups of the world.
    number: u8,
    /// True if it has the plant for itself.
    is_alone: bool,
    /// As it is written.
    written: Arc<Scenario>,
    /// The same, with whom what is done so far was done to, where that says `leader`.
    scenario: Arc<Scenario>,
    plant: Arc<Plant>,
    now: Micros,
    queue: Queue<Pending>,
    acts_done: u32,
    /// Of those, what touches a part that it stands on; all, if it is alone.
    acts_felt: u32,
    /// When the next act is due; never, if there is none.
    next_act: Micros,
    active_faults: ActiveFaults,
    network: Network,
    processes: Vec<Process>,
    post: Post,
    /// Where messages go over connections.
    tcp: Option<Box<Tcp>>,
    rng: Rng,
    events: u64,
    meter: Meter,
    delivered: u64,
    clients: Clients,
    /// Clients who come at a rate.
    front: Option<Box<Front>>,
    lies: Lies,
    /// Of generals.
    record: failures::Record,
    hash: u64,
    /// Kept between steps only for its memory.
    effects: Vec<Effect>,
}

impl Group {
    /// The group of a scenario that has no other, at time zero, all replicas started. It is the one
    /// of that number among those of `whole`. What replicas say as they start, `sink` is told.
    pub(super) fn new(
        scenario: Arc<Scenario>,
        plant: &Arc<Plant>,
        (number, whole): (usize, &Scenario),
        sink: &mut Watch<'_>,
    ) -> Self {
        let replicas =
            u8::try_from(scenario.group().members.len()).expect("bounded by Bounds::REPLICAS");
        let active_faults = ActiveFaults::none(plant, replicas);
        let network = Network::new(&scenario, plant, &active_faults);
        let process = |id: ReplicaId| {
            let server = plant.expect(Part::Server(scenario.group().members[id.index()]));
            let mut process = Process::new(new_replica(&scenario, id), server, scenario.group());
            process.clock_percent = scenario.group().clock_percent(id);
            process
        };
        let timeout = scenario.group().transport.timeout();
        let mode = scenario.group().protocol.generals();
        let failures = Failures::none(mode, scenario.group().tolerated(), replicas);
        let mut group = Self {
            number: u8::try_from(number).expect("bounded by Bounds::REPLICAS"),
            now: Micros::ZERO,
            queue: Queue::new(),
            acts_done: 0,
            acts_felt: 0,
            is_alone: whole.groups.len() == 1,
            next_act: due(&scenario, 0),
            active_faults,
            network,
            processes: (0..replicas).map(ReplicaId).map(process).collect(),
            post: Post::default(),
            tcp: timeout.map(|timeout| Tcp::between(replicas, timeout)),
            rng: Rng::new(scenario.group().seed),
            events: 0,
            meter: Meter::shared(whole.groups.len()),
            delivered: 0,
            clients: Clients::default(),
            front: None,
            lies: Lies::default(),
            record: failures::Record::new(failures),
            hash: 0,
            effects: Vec::new(),
            plant: Arc::clone(plant),
            written: Arc::clone(&scenario),
            scenario,
        };
        group.await_power();
        for id in (0..replicas).map(ReplicaId) {
            group.tell(id, Input::Start, sink);
        }
        if let Some(every) = group.scenario.group().write_every {
            group.queue.push(every, Pending::Write);
        }
        group.open_front();
        if let Some((every, _)) = group.scenario.group().read {
            group.queue.push(every, Pending::Read);
        }
        group
    }

    /// Puts another scenario in place of this one: see [`super::World::fork`].
    pub(super) fn fork(&mut self, scenario: Arc<Scenario>) {
        self.next_act = due(&scenario, self.acts_done);
        self.written = Arc::clone(&scenario);
        let done = 0..self.acts_done as usize;
        let known = std::mem::replace(&mut self.scenario, scenario);
        if self.scenario.actions[done.clone()] != known.actions[done.clone()] {
            self.actions_mut()[done.clone()].copy_from_slice(&known.actions[done]);
        }
    }

    /// Draws other chance from now on: see [`super::World::reseed`].
    pub(super) fn reseed(&mut self, chance: u32) {
        self.rng = Rng::new(self.scenario.group().seed.wrapping_add(chance));
    }

    /// What is done, to say to whom.
    #[inline(never)]
    fn actions_mut(&mut self) -> &mut [(Micros, Action)] {
        &mut Arc::make_mut(&mut self.scenario).actions
    }

    /// The time of the next event, if there is one before the run ends.
    pub fn next_at(&self) -> Option<Micros> {
        let rest = self.queue.iter().filter_map(|(at, pending)| self.happens_at(at, pending));
        let at = rest.fold(self.next_act, Micros::min);
        let mut meter = self.meter;
        let is_over = meter.is_due() && self.look(&mut meter);
        (at <= self.scenario.until && !is_over).then_some(at)
    }

    /// When something pending becomes an event if nothing else does before; `None` if never.
    fn happens_at(&self, at: Micros, pending: Pending) -> Option<Micros> {
        match pending {
            Pending::Deliver(_)
            | Pending::Write
            | Pending::Read
            | Pending::Frame(_)
            | Pending::Ask
            | Pending::AskAgain(_)
            | Pending::Serve => Some(at),
            Pending::GiveUp(slot) => {
                self.front.as_ref().filter(|front| front.is_unanswered(slot)).map(|_| at)
            }
            Pending::Retransmit(from, to) => self.tcp.as_ref()?.runs_out((from, to), at),
            Pending::Timer(id, timer) => {
                let process = &self.processes[id.index()];
                process.timers.runs_out(timer, at).filter(|_| !process.paused)
            }
            Pending::Synced(id) => {
                let ends = self.processes[id.index()].disk.as_ref()?.ends();
                ends.filter(|&ends| ends == at)
            }
            Pending::Rebuilt(disk) => {
                let mut rebuilds = self.active_faults.rebuilds().iter();
                rebuilds.any(|one| one.disk == disk && one.ends() == at).then_some(at)
            }
            Pending::Power => Some(at).filter(|&at| self.active_faults.power_due() == at),
            Pending::Bundle(lane) => {
                let mut bundles = self.active_faults.bundles(&self.plant);
                bundles.any(|(one, due)| (one.lane, due) == (lane, at)).then_some(at)
            }
            Pending::Mischief(id) => {
                let is_traitor = self.processes[id.index()].traitor.is_some();
                (is_traitor && self.listens(id)).then_some(at)
            }
        }
    }

    /// A time before which nothing happens; [`Micros::NEVER`] if nothing will.
    #[inline]
    pub(super) fn quiet_until(&self) -> Micros {
        self.next_act.min(self.queue.next_at().unwrap_or(Micros::NEVER))
    }

    /// Performs the next event if it falls by `limit`, which is no later than the end of the run.
    #[inline(always)]
    pub(super) fn step_watched(&mut self, limit: Micros, sink: &mut Watch<'_>) -> Option<Event> {
        loop {
            let at = self.quiet_until();
            if at > limit || self.meter.is_due() && self.is_exhausted() {
                return None;
            }
            self.now = at;
            let kind = if self.next_act == at {
                Some(self.perform_act(sink))
            } else {
                let (_, pending) = self.queue.pop().expect("something is due");
                self.perform(pending, sink)
            };
            if let Some(kind) = kind {
                if self.front.is_some() {
                    self.answer_requests();
                }
                self.events += 1;
                self.meter.step();
                return Some(Event { at, group: self.number, kind });
            }
        }
    }

    /// The same without a sink for packets.
    #[inline(always)]
    pub(crate) fn step_unseen(&mut self, limit: Micros) -> Option<Event> {
        self.step_watched(limit, &mut Watch(None))
    }

    /// True if the run has come to a bound, and ends here.
    #[cold]
    fn is_exhausted(&mut self) -> bool {
        let mut meter = self.meter;
        let exhausted = self.look(&mut meter);
        self.meter = meter;
        exhausted
    }

    /// True if a meter of this run has come to a bound.
    fn look(&self, meter: &mut Meter) -> bool {
        meter.look(self.now, self.events, self.queue.len() as u64, self.held())
    }

    /// What replicas and packets under way hold, for the meter.
    fn held(&self) -> u64 {
        let held = |process: &Process| {
            process.replica.held() + process.disk.as_ref().map_or(0, |disk| disk.held())
        };
        let kept = self.tcp.as_ref().map_or(0, |tcp| tcp.held());
        self.post.held() + kept + self.processes.iter().map(held).sum::<u64>()
    }

    /// `None` if it turns out that nothing happens.
    #[inline]
    fn perform(&mut self, pending: Pending, sink: &mut Watch<'_>) -> Option<EventKind> {
        match pending {
            Pending::Deliver(place) => Some(self.deliver(place, sink)),
            Pending::Timer(id, timer) => self.ring(id, timer, sink),
            Pending::Write => Some(self.write(sink)),
            Pending::Ask => Some(self.ask()),
            Pending::AskAgain(slot) => Some(self.ask_again(slot)),
            Pending::Serve => Some(self.serve(sink)),
            Pending::GiveUp(slot) => self.lose_patience(slot),
            Pending::Mischief(id) => self.make_mischief(id, sink),
            Pending::Read => self.read(sink),
            Pending::Synced(id) => self.end_sync(id, sink),
            Pending::Rebuilt(disk) => self.end_rebuild(disk),
            Pending::Power => self.change_power(sink),
            Pending::Frame(place) => Some(self.arrive(place, sink)),
            Pending::Retransmit(from, to) => self.retransmit((from, to), sink),
            Pending::Bundle(lane) => self.change_bundle(lane, sink),
        }
    }

    fn deliver(&mut self, place: u32, sink: &mut Watch<'_>) -> EventKind {
        let Envelope { id, from, to, entries, ref message } = *self.post.at(place);
        let process = &mut self.processes[to.index()];
        if !process.up || process.paused {
            return self.do_not_deliver(place, (id, to), sink);
        }
        process.heard[from.index()] = self.now;
        let [first, second] = message.digest();
        process.replica.step(Input::Deliver { from, message }, &mut self.effects);
        self.delivered += 1;
        self.post.free(place, entries);
        self.mix(3 | u64::from(from.0) << 8 | u64::from(to.0) << 16, first, second);
        if self.processes[to.index()].disk.is_some() {
            self.hold_back(to);
        }
        self.perform_effects(to, sink);
        EventKind::Delivered { from, to }
    }

    /// A packet reaches a server where nobody listens at the moment.
    #[cold]
    fn do_not_deliver(
        &mut self,
        place: u32,
        (id, to): (u64, ReplicaId),
        sink: &mut Watch<'_>,
    ) -> EventKind {
        let process = &mut self.processes[to.index()];
        if process.up && process.holds(place) {
            self.mix(1, u64::from(to.0), id);
            return EventKind::Held { to };
        }
        let reason = if process.up { Reason::ReceiverFull } else { Reason::ReceiverDown };
        self.post.free(place, self.post.at(place).entries);
        sink.lost(self.in_run(id), self.now, reason);
        self.mix(2, u64::from(to.0), id);
        EventKind::Lost { to }
    }

    fn ring(&mut self, id: ReplicaId, timer: Timer, sink: &mut Watch<'_>) -> Option<EventKind> {
        let process = &mut self.processes[id.index()];
        match process.timers.look(timer, self.now, process.paused) {
            Look::Quiet => return None,
            Look::Later(at) => {
                self.queue.push(at, Pending::Timer(id, timer));
                return None;
            }
            Look::Out => {}
        }
        self.mix(4, u64::from(id.0), timer.index() as u64);
        self.tell(id, Input::Timeout(timer), sink);
        Some(EventKind::Timeout(id, timer))
    }

    /// True if its process runs and does not stand still.
    fn listens(&self, id: ReplicaId) -> bool {
        self.processes[id.index()].listens()
    }

    /// Gives a replica one input and performs what it asks for.
    fn tell(&mut self, id: ReplicaId, input: Input<'_>, sink: &mut Watch<'_>) {
        self.processes[id.index()].replica.step(input, &mut self.effects);
        if self.processes[id.index()].disk.is_some() {
            self.hold_back(id);
        }
        self.perform_now(id, sink);
    }

    /// Performs what is asked for and waits for nothing.
    fn perform_now(&mut self, id: ReplicaId, sink: &mut Watch<'_>) {
        self.perform_effects(id, sink);
    }

    /// Performs what a replica asks for.
    #[inline(always)]
    fn perform_effects(&mut self, id: ReplicaId, sink: &mut Watch<'_>) {
        let mut effects = std::mem::take(&mut self.effects);
        for effect in &mut effects {
            let process = &mut self.processes[id.index()];
            let (timer, length) = match *effect {
                Effect::Send { to, entries, ref mut message } => {
                    if process.traitor.is_some() {
                        self.send_lies((id, to), Some(message), sink);
                    } else {
                        self.send((id, to), (message, entries), None, sink);
                    }
                    continue;
                }
                Effect::SetTimer { timer, from, to } => {
                    let mut length = if from == to { from } else { self.rng.span(from, to) };
                    if process.clock_percent != 100 {
                        length = true_time(length, process.clock_percent);
                    }
                    process.timers.set_length(timer, length);
                    (timer, length)
                }
                Effect::RestartTimer(timer) => (timer, process.timers.length(timer)),
                Effect::CancelTimer(timer) => {
                    process.timers.cancel(timer);
                    continue;
                }
                Effect::Answer { read, index } => {
                    self.answer(Answer { read, by: id, index });
                    continue;
                }
            };
            self.start_timer(id, timer, length);
        }
        effects.clear();
        // What stood there meanwhile owns nothing that would have to be freed.
        std::mem::forget(std::mem::replace(&mut self.effects, effects));
    }

    #[inline(always)]
    fn start_timer(&mut self, id: ReplicaId, timer: Timer, length: Micros) {
        let timers = &mut self.processes[id.index()].timers;
        if let Some(at) = timers.start(timer, self.now, length) {
            self.queue.push(at, Pending::Timer(id, timer));
        }
    }

    /// Sends a packet. Its message is taken from there: what is left in its place means nothing.
    #[inline]
    fn send(
        &mut self,
        (from, to): (ReplicaId, ReplicaId),
        (message, entries): (&mut Message, u32),
        lie: Option<&Lied>,
        sink: &mut Watch<'_>,
    ) {
        let route = self.network.route(from, to);
        if route.impairs() {
            self.send_impaired((from, to), (message, entries), lie, sink);
            return;
        }
        let verdict = self.network.send(route, &mut self.rng);
        self.post_packet((from, to), (message, entries), (verdict, lie, false), sink);
    }

    /// The same over a connection, in a stream, or on a way that brings packets late or twice: a
    /// copy is one that nobody sent.
    #[cold]
    #[inline(never)]
    fn send_impaired(
        &mut self,
        way: (ReplicaId, ReplicaId),
        (message, entries): (&mut Message, u32),
        lie: Option<&Lied>,
        sink: &mut Watch<'_>,
    ) {
        if self.tcp.is_some() {
            return self.send_over_tcp(way, (message, entries), lie, sink);
        }
        let route = self.network.route_of(way.0, way.1, message);
        let (verdict, copy) = self.network.send_impaired(route, Some(message), &mut self.rng);
        let first = copy.map(|copy| (message.clone(), copy, true));
        let rest = (message.clone(), verdict, false);
        for (mut message, verdict, is_copy) in first.into_iter().chain([rest]) {
            self.post_packet(way, (&mut message, entries), (verdict, lie, is_copy), sink);
        }
    }

    #[inline(always)]
    fn post_packet(
        &mut self,
        (from, to): (ReplicaId, ReplicaId),
        (message, entries): (&mut Message, u32),
        (mut verdict, lie, is_copy): (Verdict, Option<&Lied>, bool),
        sink: &mut Watch<'_>,
    ) {
        let (number, group) = (self.meter.send(entries), self.number);
        if let Some(lie) = lie {
            verdict = lie.verdict(verdict);
        }
        let lie = lie.map(|lie| (lie.number, &lie.truth));
        let packet = Packet {
            id: self.in_run(number),
            group,
            from,
            to,
            sent: self.now,
            message,
            verdict,
            lie,
            is_copy,
            segment: None,
        };
        sink.packet(packet, &self.network);
        match verdict {
            Verdict::Delivered(after) => {
                self.mix(7, after.0, 0);
                let place = self.post.seal(number, (from, to), (message, entries));
                self.queue.push(self.now + after, Pending::Deliver(place));
            }
            Verdict::Dropped { lanes, .. } => self.mix(8, u64::from(lanes), 0),
        }
    }

    /// The number in the run of the packet that has this one in the group.
    #[inline(always)]
    const fn in_run(&self, packet: u64) -> u64 {
        packet | (self.number as u64) << 48
    }

    /// Takes one fact into the trace hash.
    #[inline]
    const fn mix(&mut self, what: u64, first: u64, second: u64) {
        let mut hash = self.hash;
        hash = fold(hash ^ self.now.0 ^ what << 48);
        hash = fold(hash ^ first);
        self.hash = fold(hash.rotate_left(23) ^ second);
    }
}

/// When the act of that number is due; never, if there is none.
fn due(scenario: &Scenario, act: u32) -> Micros {
    scenario.actions.get(act as usize).map_or(Micros::NEVER, |(at, _)| *at)
}

/// What a replica may know of the scenario it is in.
fn identity(scenario: &Scenario, id: ReplicaId) -> Identity {
    let replicas =
        u8::try_from(scenario.group().members.len()).expect("bounded by Bounds::REPLICAS");
    let election = scenario.group().election_of(id).clone();
    let tolerated = scenario.group().tolerated();
    Identity { id, replicas, tolerated, heartbeat: scenario.group().heartbeat, election }
}

/// A replica whose disks are empty.
fn new_replica(scenario: &Scenario, id: ReplicaId) -> Replica {
    let replica = scenario.group().protocol.replica(identity(scenario, id));
    let replica =
        replica.expect("whoever runs a scenario asks first whether this build has its protocol");
    with_reads(replica, scenario)
}

/// A replica that knows what reads clients will ask for.
fn with_reads(mut replica: Replica, scenario: &Scenario) -> Replica {
    if let Some((_, by)) = scenario.group().read {
        replica.expect_reads(by, scenario.group().shortest_election_timeout_by_clock());
    }
    replica
}
