//! The simulator: a plant, its faults, replicas on servers, and packets between them.
//!
//! One step is one event, and the order of events is a function of the scenario alone. The world
//! performs what replicas ask for: it draws timers, decides each packet's fate and keeps the time.
//! Everything is plain data, so a clone is a checkpoint.
//!
//! What every delivered message goes through is marked `inline(always)`, here and where it leads:
//! a call costs wasm more than native code, and the module is compiled with a low threshold.

mod failures;

use std::sync::Arc;

pub use failures::Failures;

use crate::clock::Micros;
use crate::fault::{Act, Deed, InForce, ReplicaId, ReplicaSet};
use crate::meter::{Exhausted, Meter};
use crate::network::{Network, Reason, Verdict};
use crate::plant::{Part, PartId, Plant, ServerAt};
use crate::protocol::catalogue::Clients;
use crate::protocol::generals::Due;
use crate::protocol::log::Index;
use crate::protocol::mistake::Mistake;
use crate::protocol::{Belief, Command, Effect, Identity, Input, Message, Replica, Timer};
use crate::queue::Queue;
use crate::rng::Rng;
use crate::scenario::Scenario;
use crate::traitor::{Instead, Said, Traitor};

/// Packets that wait for a server that stands still; one more is lost, as with a full socket.
const HELD_MAX: usize = 1_024;

/// What the message in an envelope that waits to be used again may carry.
const ENTRIES_KEPT: u32 = 64;

/// A packet as it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Its number, unique in the run.
    pub id: u64,
    /// Who sends it.
    pub from: ReplicaId,
    /// Who is to receive it.
    pub to: ReplicaId,
    /// When it leaves.
    pub sent: Micros,
    /// What it carries.
    pub message: &'a Message,
    /// What becomes of it.
    pub verdict: Verdict,
    /// If it is a lie: which one of the run, and what an honest replica would have said.
    pub lie: Option<(u32, &'a Instead)>,
}

/// Whoever wants to see packets; `()` does not.
pub trait Sink {
    /// How the world sees it.
    fn watch(&mut self) -> Watch<'_>
    where
        Self: Sized,
    {
        Watch(Some(self))
    }

    /// A packet leaves.
    fn packet(&mut self, _packet: Packet<'_>, _network: &Network) {}
    /// A packet that arrived is lost at the receiver after all.
    fn lost(&mut self, _id: u64, _at: Micros, _reason: Reason) {}
}

impl Sink for () {
    fn watch(&mut self) -> Watch<'_> {
        Watch(None)
    }
}

/// Somebody who watches, or nobody: the engine is compiled once for both.
pub struct Watch<'a>(Option<&'a mut dyn Sink>);

impl Watch<'_> {
    #[inline]
    fn packet(&mut self, packet: Packet<'_>, network: &Network) {
        if let Some(sink) = &mut self.0 {
            sink.packet(packet, network);
        }
    }

    fn lost(&mut self, id: u64, at: Micros, reason: Reason) {
        if let Some(sink) = &mut self.0 {
            sink.lost(id, at, reason);
        }
    }
}

/// What happened in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Micros,
    /// What.
    pub kind: EventKind,
}

/// The kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The act of that number in the scenario; any replica may have changed.
    Act(u32),
    /// A message reached a replica.
    Delivered {
        /// Who sent it.
        from: ReplicaId,
        /// Who heard it.
        to: ReplicaId,
    },
    /// A packet reached a server whose processes stand still, and waits.
    Held {
        /// Who will hear it.
        to: ReplicaId,
    },
    /// A packet reached a server and was lost there.
    Lost {
        /// Who would have heard it.
        to: ReplicaId,
    },
    /// A timer ran out.
    Timeout(ReplicaId, Timer),
    /// A client tried a write.
    Write {
        /// The write.
        command: Command,
        /// Who got it.
        to: ReplicaSet,
    },
    /// A traitor spoke of its own accord, or had nothing to say.
    Mischief(ReplicaId),
    /// A client asked for a read.
    Read {
        /// The read, by its number from 1.
        read: u32,
        /// The leader that it asked; nobody, if its server knows none that runs.
        to: Option<ReplicaId>,
    },
}

/// What a client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The read.
    pub read: u32,
    /// Who answered.
    pub by: ReplicaId,
    /// It showed its log up to there.
    pub index: Index,
}

/// What is still to happen.
#[derive(Clone, Copy, Debug)]
enum Pending {
    /// The envelope in that place arrives.
    Deliver(u32),
    /// A timer may have run out.
    Timer(ReplicaId, Timer),
    /// The client's next write.
    Write,
    /// A traitor may say something of its own accord.
    Mischief(ReplicaId),
    /// The next client's read.
    Read,
}

/// A message under way.
#[derive(Clone, Debug)]
struct Envelope {
    id: u64,
    from: ReplicaId,
    to: ReplicaId,
    /// What it carries, for the meter.
    entries: u32,
    message: Message,
}

/// A timer of a replica. It stays in the queue when it is set anew, and is looked at when its old
/// time comes: a heartbeat that restarts an election timer costs no queue operation.
#[derive(Clone, Copy, Debug)]
struct Alarm {
    /// When it runs out; never, if it is off.
    deadline: Micros,
    /// The length it was last set to.
    length: Micros,
    /// The time at which the queue will look at it; never, if the queue does not hold it.
    queued: Micros,
}

const OFF: Alarm = Alarm { deadline: Micros::NEVER, length: Micros::ZERO, queued: Micros::NEVER };

/// A replica on its server.
#[derive(Clone, Debug)]
struct Placed {
    replica: Replica,
    server: PartId,
    up: bool,
    paused: bool,
    alarms: [Alarm; Timer::COUNT],
    /// Timers that ran out while it stood still.
    overdue: [bool; Timer::COUNT],
    /// Envelopes that arrived while it stood still.
    held: Vec<u32>,
    /// When it last heard from each replica; never, if it has not.
    heard: Vec<Micros>,
    /// What it does to what it says, if it lies.
    traitor: Option<Box<Traitor>>,
    /// True from its first lie on, also when it is loyal again.
    has_lied: bool,
    /// How often it has begun with empty disks, or lost what was on them.
    lives: u32,
    /// False from the death of a mirror pair on, until it gets new disks.
    has_disk: bool,
}

/// The lies of a run, counted in order; for finding out which of them matter, some are not told.
#[derive(Clone, Debug, Default)]
struct Lies {
    told: u32,
    /// By number and in order, those that are told, if it is not all; else the truth is.
    only: Option<Arc<[u32]>>,
}

/// A lie on its way.
struct Lied {
    number: u32,
    truth: Instead,
    late: Micros,
    withheld: bool,
}

impl Lied {
    /// What becomes of a packet that would fare like that.
    fn verdict(&self, honest: Verdict) -> Verdict {
        match honest {
            _ if self.withheld => {
                Verdict::Dropped { lanes: 0, reason: Reason::Withheld, after: Micros::ZERO }
            }
            Verdict::Delivered(after) => Verdict::Delivered(after + self.late),
            Verdict::Dropped { .. } => honest,
        }
    }
}

/// The state of a run.
#[derive(Clone, Debug)]
pub struct World {
    scenario: Arc<Scenario>,
    plant: Arc<Plant>,
    now: Micros,
    queue: Queue<Pending>,
    acts_done: u32,
    /// When the next act is due; never, if there is none.
    next_act: Micros,
    in_force: InForce,
    network: Network,
    replicas: Vec<Placed>,
    /// Those under way, and those that arrived and wait in `free_envelopes` to be used again.
    envelopes: Vec<Envelope>,
    free_envelopes: Vec<u32>,
    rng: Rng,
    events: u64,
    meter: Meter,
    delivered: u64,
    writes: Command,
    reads: u32,
    /// Those that nobody has looked at.
    answers: Vec<Answer>,
    lies: Lies,
    /// Of generals.
    record: failures::Record,
    hash: u64,
    /// Kept between steps only for its memory.
    effects: Vec<Effect>,
}

impl World {
    /// That scenario at time zero, all replicas started.
    pub fn new(scenario: Arc<Scenario>) -> Self {
        let plant = Arc::new(Plant::new(scenario.plant));
        let replicas = u8::try_from(scenario.members.len()).expect("bounded by Bounds::REPLICAS");
        let in_force = InForce::none(&plant, replicas);
        let network = Network::new(&scenario, &plant, &in_force);
        let place = |id: ReplicaId| Placed {
            replica: new_replica(&scenario, id),
            traitor: None,
            has_lied: false,
            lives: 1,
            has_disk: true,
            server: plant.expect(Part::Server(scenario.members[id.index()])),
            up: true,
            paused: false,
            alarms: [OFF; Timer::COUNT],
            overdue: [false; Timer::COUNT],
            held: Vec::new(),
            heard: vec![Micros::NEVER; usize::from(replicas)],
        };
        let mode = scenario.protocol.generals();
        let failures = Failures::none(mode, scenario.tolerated(), replicas);
        let mut world = Self {
            now: Micros::ZERO,
            queue: Queue::new(),
            acts_done: 0,
            next_act: due(&scenario, 0),
            in_force,
            network,
            replicas: (0..replicas).map(ReplicaId).map(place).collect(),
            envelopes: Vec::new(),
            free_envelopes: Vec::new(),
            rng: Rng::new(scenario.seed),
            events: 0,
            meter: Meter::default(),
            delivered: 0,
            writes: 0,
            reads: 0,
            answers: Vec::new(),
            lies: Lies::default(),
            record: failures::Record::new(failures),
            hash: 0,
            effects: Vec::new(),
            plant,
            scenario,
        };
        for id in (0..replicas).map(ReplicaId) {
            world.tell(id, Input::Start, &mut Watch(None));
        }
        if let Some(every) = world.scenario.write_every {
            world.queue.push(every, Pending::Write);
        }
        if let Some((every, _)) = world.scenario.read {
            world.queue.push(every, Pending::Read);
        }
        world
    }

    /// Puts another scenario in place of this one, which must agree with it up to now in all that
    /// the engine looks at.
    pub fn fork(&mut self, scenario: Arc<Scenario>) {
        self.next_act = due(&scenario, self.acts_done);
        self.scenario = scenario;
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
            Pending::Deliver(_) | Pending::Write | Pending::Read => Some(at),
            Pending::Timer(id, timer) => {
                // As in `ring`: it may have been set anew, or called off, since it was queued.
                let placed = &self.replicas[id.index()];
                let alarm = &placed.alarms[timer.index()];
                let rings = alarm.queued == at && alarm.deadline < Micros::NEVER;
                (rings && !placed.paused).then_some(alarm.deadline)
            }
            Pending::Mischief(id) => {
                let is_traitor = self.replicas[id.index()].traitor.is_some();
                (is_traitor && self.listens(id)).then_some(at)
            }
        }
    }

    /// A time before which nothing happens; [`Micros::NEVER`] if nothing will.
    #[inline]
    fn quiet_until(&self) -> Micros {
        self.next_act.min(self.queue.next_at().unwrap_or(Micros::NEVER))
    }

    /// Performs the next event; `None` if the run has ended.
    #[inline]
    pub fn step<S: Sink>(&mut self, sink: &mut S) -> Option<Event> {
        self.step_watched(self.scenario.until, &mut sink.watch())
    }

    /// Performs the next event if it falls by `limit`, which is no later than the end of the run.
    pub fn step_by<S: Sink>(&mut self, limit: Micros, sink: &mut S) -> Option<Event> {
        self.step_watched(limit, &mut sink.watch())
    }

    fn step_watched(&mut self, limit: Micros, sink: &mut Watch<'_>) -> Option<Event> {
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
                self.events += 1;
                self.meter.step();
                return Some(Event { at, kind });
            }
        }
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
        let carried = |envelope: &Envelope| u64::from(envelope.entries);
        let all: u64 = self.envelopes.iter().map(carried).sum();
        let free = self.free_envelopes.iter().map(|&place| &self.envelopes[place as usize]);
        let replicas: u64 = self.replicas.iter().map(|placed| placed.replica.held()).sum();
        replicas + all - free.map(carried).sum::<u64>()
    }

    /// `None` if it turns out that nothing happens.
    #[inline]
    fn perform(&mut self, pending: Pending, sink: &mut Watch<'_>) -> Option<EventKind> {
        match pending {
            Pending::Deliver(place) => Some(self.deliver(place, sink)),
            Pending::Timer(id, timer) => self.ring(id, timer, sink),
            Pending::Write => Some(self.write(sink)),
            Pending::Mischief(id) => self.make_mischief(id, sink),
            Pending::Read => self.read(sink),
        }
    }

    fn deliver(&mut self, place: u32, sink: &mut Watch<'_>) -> EventKind {
        let Envelope { id, from, to, entries, ref message } = self.envelopes[place as usize];
        let placed = &mut self.replicas[to.index()];
        if !placed.up || placed.paused {
            return self.do_not_deliver(place, (id, to), sink);
        }
        placed.heard[from.index()] = self.now;
        let [first, second] = message.digest();
        placed.replica.step(Input::Deliver { from, message }, &mut self.effects);
        self.delivered += 1;
        self.free(place, entries);
        self.mix(3 | u64::from(from.0) << 8 | u64::from(to.0) << 16, first, second);
        self.perform_effects(to, sink);
        EventKind::Delivered { from, to }
    }

    /// An envelope may be used again.
    #[inline(always)]
    fn free(&mut self, place: u32, entries: u32) {
        self.free_envelopes.push(place);
        if entries > ENTRIES_KEPT {
            self.lighten(place);
        }
    }

    /// What waits to be used again does not hold on to much: something small takes its place.
    #[cold]
    fn lighten(&mut self, place: u32) {
        let small = self.envelopes.iter().find(|other| other.entries <= ENTRIES_KEPT);
        if let Some(Envelope { entries, message, .. }) = small.cloned() {
            let envelope = &mut self.envelopes[place as usize];
            (envelope.entries, envelope.message) = (entries, message);
        }
    }

    /// A packet reaches a server where nobody listens at the moment.
    #[cold]
    fn do_not_deliver(
        &mut self,
        place: u32,
        (id, to): (u64, ReplicaId),
        sink: &mut Watch<'_>,
    ) -> EventKind {
        let placed = &mut self.replicas[to.index()];
        if placed.up && placed.held.len() < HELD_MAX {
            placed.held.push(place);
            self.mix(1, u64::from(to.0), id);
            return EventKind::Held { to };
        }
        let reason = if placed.up { Reason::ReceiverFull } else { Reason::ReceiverDown };
        self.free(place, self.envelopes[place as usize].entries);
        sink.lost(id, self.now, reason);
        self.mix(2, u64::from(to.0), id);
        EventKind::Lost { to }
    }

    fn ring(&mut self, id: ReplicaId, timer: Timer, sink: &mut Watch<'_>) -> Option<EventKind> {
        let placed = &mut self.replicas[id.index()];
        let alarm = &mut placed.alarms[timer.index()];
        if alarm.queued != self.now {
            return None;
        }
        alarm.queued = Micros::NEVER;
        if alarm.deadline > self.now {
            if alarm.deadline < Micros::NEVER {
                alarm.queued = alarm.deadline;
                self.queue.push(alarm.deadline, Pending::Timer(id, timer));
            }
            return None;
        }
        alarm.deadline = Micros::NEVER;
        if placed.paused {
            placed.overdue[timer.index()] = true;
            return None;
        }
        self.mix(4, u64::from(id.0), timer.index() as u64);
        self.tell(id, Input::Timeout(timer), sink);
        Some(EventKind::Timeout(id, timer))
    }

    /// A client tries a write, at those to whom the protocol's clients go.
    fn write(&mut self, sink: &mut Watch<'_>) -> EventKind {
        if let Some(every) = self.scenario.write_every {
            self.queue.push(self.now + every, Pending::Write);
        }
        self.writes += 1;
        let command = self.writes;
        let to: ReplicaSet = match self.scenario.protocol.clients() {
            Clients::Leader => self.newest_leader().into_iter().collect(),
            Clients::InTurn => self.in_turn(command).into_iter().collect(),
            Clients::Everyone => self.replicas().filter(|&id| self.listens(id)).collect(),
            Clients::Nobody => ReplicaSet::NOBODY,
        };
        let first = to.iter().next();
        self.mix(5, u64::from(command), first.map_or(u64::MAX, |id| u64::from(id.0)));
        for id in to.iter() {
            self.tell(id, Input::Propose(command), sink);
        }
        EventKind::Write { command, to }
    }

    /// True if its process runs and does not stand still.
    fn listens(&self, id: ReplicaId) -> bool {
        let placed = &self.replicas[id.index()];
        placed.up && !placed.paused
    }

    /// The newest leader there is, if there is one. A client of a leader always knows where to go:
    /// what it cannot write, nobody could have.
    fn newest_leader(&self) -> Option<ReplicaId> {
        let listening = self.replicas().filter(|&id| self.listens(id));
        let leaders = listening.filter_map(|id| Some((self.replica(id).leads()?, id)));
        leaders.max().map(|(_, id)| id)
    }

    /// The replica whose turn it is, or the next one that listens.
    fn in_turn(&self, command: Command) -> Option<ReplicaId> {
        let count = u32::try_from(self.replicas.len()).expect("bounded by Bounds::REPLICAS");
        let from = |step| ReplicaId(((command - 1 + step) % count) as u8);
        (0..count).map(from).find(|&id| self.listens(id))
    }

    /// The next client asks for a read: there is one beside each replica, and it goes to whom its
    /// replica believes to lead. No fault of a link touches it.
    fn read(&mut self, sink: &mut Watch<'_>) -> Option<EventKind> {
        let (every, _) = self.scenario.read?;
        // A read comes last in its moment: whoever stood still until now knows how long it was.
        if self.queue.next_at() == Some(self.now) {
            self.queue.push(self.now, Pending::Read);
            return None;
        }
        self.queue.push(self.now + every, Pending::Read);
        let client = ReplicaId((self.reads % self.replicas.len() as u32) as u8);
        self.reads += 1;
        let read = self.reads;
        let known = Some(client).filter(|&id| self.listens(id));
        let leader = known.and_then(|id| self.replica(id).belief().leader);
        let to = leader.filter(|&id| self.listens(id));
        self.mix(10, u64::from(read), to.map_or(u64::MAX, |id| u64::from(id.0)));
        if let Some(id) = to {
            self.tell(id, Input::Read(read), sink);
        }
        Some(EventKind::Read { read, to })
    }

    #[cold]
    fn answer(&mut self, answer: Answer) {
        self.mix(11, u64::from(answer.read), u64::from(answer.index));
        self.answers.push(answer);
    }

    #[cold]
    fn perform_act(&mut self, sink: &mut Watch<'_>) -> EventKind {
        let number = self.acts_done;
        let (_, act) = self.scenario.acts[number as usize];
        self.acts_done += 1;
        self.next_act = due(&self.scenario, self.acts_done);
        self.mix(6, u64::from(number), 0);
        if let Act::Wipe(server) = act {
            self.wipe(server);
        }
        if self.in_force.apply(&self.plant, &act) {
            self.follow_plant(sink);
        } else {
            self.perform_on_replicas(act, sink);
        }
        self.record_failures(act);
        EventKind::Act(number)
    }

    /// An act that no part of the plant feels.
    fn perform_on_replicas(&mut self, act: Act, sink: &mut Watch<'_>) {
        if let Act::Elect(id) = act {
            self.push(Some(id), Input::Timeout(Timer::Election), sink);
        } else if let Act::Transfer(to) = act {
            self.push(self.newest_leader(), Input::Transfer(to), sink);
        } else if let Act::Order(order) = act {
            self.announce(order, sink);
        } else if let Act::Betray { replica, deed } = act {
            self.betray(replica, deed);
        } else if let Act::Loyal(replica) = act {
            self.replicas[replica.index()].traitor = None;
        } else {
            panic!("{act} is done to nobody");
        }
    }

    /// An order of the generals is due: everybody knows, and the commander knows what it says.
    fn announce(&mut self, value: Command, sink: &mut Watch<'_>) {
        let so_far = &self.scenario.acts[..self.acts_done as usize];
        let number = so_far.iter().filter(|(_, act)| matches!(act, Act::Order(_))).count();
        let number = u32::try_from(number).expect("bounded by Bounds::ACTS");
        for id in self.replicas() {
            let told = Due { number, value }.told_to(id);
            self.push(Some(id), Input::Propose(told), sink);
        }
    }

    /// Gives a replica an input that somebody outside the protocol thought of, if it listens.
    fn push(&mut self, id: Option<ReplicaId>, input: Input<'_>, sink: &mut Watch<'_>) {
        if let Some(id) = id.filter(|&id| self.listens(id)) {
            self.tell(id, input, sink);
        }
    }

    /// All that follows from a fault of the plant that was inflicted or lifted.
    fn follow_plant(&mut self, sink: &mut Watch<'_>) {
        self.network = Network::new(&self.scenario, &self.plant, &self.in_force);
        for id in self.replicas() {
            self.follow_server(id, sink);
        }
    }

    /// The replicas of a server stop, and are as they were before they ever ran.
    fn wipe(&mut self, server: ServerAt) {
        let part = self.plant.expect(Part::Server(server));
        for id in self.replicas() {
            if self.server(id) != part {
                continue;
            }
            self.stop(id);
            self.release_held(id);
            let new = new_replica(&self.scenario, id);
            self.replicas[id.index()].replica.wipe(new);
            self.replicas[id.index()].lives += 1;
            self.replicas[id.index()].has_disk = true;
        }
    }

    fn betray(&mut self, id: ReplicaId, deed: Deed) {
        let replicas = self.replicas.len();
        let placed = &mut self.replicas[id.index()];
        if !placed.has_lied {
            self.queue.push(self.now + self.scenario.heartbeat, Pending::Mischief(id));
        }
        placed.traitor.get_or_insert_with(|| Box::new(Traitor::new(replicas))).adds(deed);
        placed.has_lied = true;
    }

    /// Once a heartbeat a traitor may say something that nobody asked it for.
    #[cold]
    fn make_mischief(&mut self, id: ReplicaId, sink: &mut Watch<'_>) -> Option<EventKind> {
        self.queue.push(self.now + self.scenario.heartbeat, Pending::Mischief(id));
        self.replicas[id.index()].traitor.as_ref().filter(|_| self.listens(id))?;
        self.mix(9, u64::from(id.0), 0);
        for to in self.replicas().filter(|&to| to != id) {
            self.send_lies((id, to), None, sink);
        }
        Some(EventKind::Mischief(id))
    }

    /// Brings a replica's process in line with what its server allows.
    fn follow_server(&mut self, id: ReplicaId, sink: &mut Watch<'_>) {
        let placed = &mut self.replicas[id.index()];
        if placed.has_disk && self.in_force.is_dataless(placed.server) {
            placed.has_disk = false;
            placed.lives += 1;
        }
        let runs = self.in_force.runs(placed.server);
        let paused = self.in_force.paused(placed.server) && runs;
        if placed.up && !runs {
            self.stop(id);
        }
        let placed = &mut self.replicas[id.index()];
        let resumed = placed.paused && !paused;
        placed.paused = paused;
        if resumed || !placed.up {
            self.release_held(id);
        }
        let placed = &mut self.replicas[id.index()];
        if !placed.up && runs {
            placed.up = true;
            self.tell(id, Input::Start, sink);
        }
    }

    /// A replica's process ends.
    fn stop(&mut self, id: ReplicaId) {
        let forgets = !self.scenario.protocol.has_disks();
        let placed = &mut self.replicas[id.index()];
        placed.lives += u32::from(forgets && placed.up);
        placed.up = false;
        placed.replica.crash();
        if Mistake::SkipSync.is_made() {
            placed.replica = new_replica(&self.scenario, id);
        }
        placed.overdue = [false; Timer::COUNT];
        for alarm in &mut placed.alarms {
            alarm.deadline = Micros::NEVER;
        }
    }

    /// What waited arrives now, in order (and is lost if the process is gone), then the timers.
    fn release_held(&mut self, id: ReplicaId) {
        for place in std::mem::take(&mut self.replicas[id.index()].held) {
            self.queue.push(self.now, Pending::Deliver(place));
        }
        for timer in Timer::ALL {
            if std::mem::take(&mut self.replicas[id.index()].overdue[timer.index()]) {
                self.set_alarm(id, timer, Micros::ZERO);
            }
        }
    }

    /// Gives a replica one input and performs what it asks for.
    fn tell(&mut self, id: ReplicaId, input: Input<'_>, sink: &mut Watch<'_>) {
        self.replicas[id.index()].replica.step(input, &mut self.effects);
        self.perform_effects(id, sink);
    }

    /// Performs what a replica asks for.
    #[inline(always)]
    fn perform_effects(&mut self, id: ReplicaId, sink: &mut Watch<'_>) {
        let mut effects = std::mem::take(&mut self.effects);
        for effect in &mut effects {
            let placed = &mut self.replicas[id.index()];
            let (timer, length) = match *effect {
                Effect::Send { to, entries, ref mut message } => {
                    if placed.traitor.is_some() {
                        self.send_lies((id, to), Some(message), sink);
                    } else {
                        self.send((id, to), (message, entries), None, sink);
                    }
                    continue;
                }
                Effect::SetTimer { timer, from, to } => {
                    let length = if from == to { from } else { self.rng.span(from, to) };
                    placed.alarms[timer.index()].length = length;
                    (timer, length)
                }
                Effect::RestartTimer(timer) => (timer, placed.alarms[timer.index()].length),
                Effect::CancelTimer(timer) => {
                    placed.alarms[timer.index()].deadline = Micros::NEVER;
                    continue;
                }
                Effect::Answer { read, index } => {
                    self.answer(Answer { read, by: id, index });
                    continue;
                }
            };
            self.set_alarm(id, timer, length);
        }
        effects.clear();
        // What stood there meanwhile owns nothing that would have to be freed.
        std::mem::forget(std::mem::replace(&mut self.effects, effects));
    }

    #[inline(always)]
    fn set_alarm(&mut self, id: ReplicaId, timer: Timer, length: Micros) {
        let alarm = &mut self.replicas[id.index()].alarms[timer.index()];
        alarm.deadline = self.now + length;
        if alarm.deadline < alarm.queued {
            alarm.queued = alarm.deadline;
            self.queue.push(alarm.deadline, Pending::Timer(id, timer));
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
        let id = self.meter.send(entries);
        let mut verdict = self.network.send(from, to, &mut self.rng);
        if let Some(lie) = lie {
            verdict = lie.verdict(verdict);
        }
        let lie = lie.map(|lie| (lie.number, &lie.truth));
        let packet = Packet { id, from, to, sent: self.now, message, verdict, lie };
        sink.packet(packet, &self.network);
        match verdict {
            Verdict::Delivered(after) => {
                self.mix(7, after.0, 0);
                let place = if let Some(place) = self.free_envelopes.pop() {
                    let envelope = &mut self.envelopes[place as usize];
                    (envelope.id, envelope.from, envelope.to) = (id, from, to);
                    envelope.entries = entries;
                    std::mem::swap(&mut envelope.message, message);
                    place
                } else {
                    let message = message.clone();
                    self.envelopes.push(Envelope { id, from, to, entries, message });
                    u32::try_from(self.envelopes.len() - 1).expect("few packets are under way")
                };
                self.queue.push(self.now + after, Pending::Deliver(place));
            }
            Verdict::Dropped { lanes, .. } => self.mix(8, u64::from(lanes), 0),
        }
    }

    /// The same for what no replica asked for.
    fn send_counted(
        &mut self,
        way: (ReplicaId, ReplicaId),
        message: &mut Message,
        lie: Option<&Lied>,
        sink: &mut Watch<'_>,
    ) {
        let entries = message.entries();
        self.send(way, (message, entries), lie, sink);
    }

    /// Sends what a traitor makes of `message`, or what it says of its own accord.
    #[cold]
    fn send_lies(
        &mut self,
        (from, to): (ReplicaId, ReplicaId),
        message: Option<&Message>,
        sink: &mut Watch<'_>,
    ) {
        let Some(mut traitor) = self.replicas[from.index()].traitor.take() else { return };
        let replica = &self.replicas[from.index()].replica;
        for said in traitor.says(replica, (from, to), message) {
            self.send_said((from, to), said, sink);
        }
        self.replicas[from.index()].traitor = Some(traitor);
    }

    /// Sends what a traitor says, unless it is a lie that is not to be told.
    fn send_said(&mut self, way: (ReplicaId, ReplicaId), said: Said, sink: &mut Watch<'_>) {
        let Said { mut message, late, withheld, lie } = said;
        let Some(truth) = lie else { return self.send_counted(way, &mut message, None, sink) };
        let number = self.lies.told;
        self.lies.told += 1;
        let only = self.lies.only.as_ref();
        let is_censored = only.is_some_and(|only| only.binary_search(&number).is_err());
        match truth {
            Instead::Nothing if is_censored => {}
            Instead::Said(mut truth) if is_censored => {
                self.send_counted(way, &mut truth, None, sink)
            }
            truth @ (Instead::Said(_) | Instead::Nothing) => {
                let lie = Lied { number, truth, late, withheld };
                self.send_counted(way, &mut message, Some(&lie), sink);
            }
        }
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

/// One multiplication that lets every bit of the lower half reach the upper, and back.
#[inline]
const fn fold(word: u64) -> u64 {
    let product = word.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    product ^ (product >> 32)
}

/// When the act of that number is due; never, if there is none.
fn due(scenario: &Scenario, act: u32) -> Micros {
    scenario.acts.get(act as usize).map_or(Micros::NEVER, |(at, _)| *at)
}

/// What a replica may know of the scenario it is in.
fn identity(scenario: &Scenario, id: ReplicaId) -> Identity {
    let replicas = u8::try_from(scenario.members.len()).expect("bounded by Bounds::REPLICAS");
    let election = scenario.election_of(id).clone();
    let tolerated = scenario.tolerated();
    Identity { id, replicas, tolerated, heartbeat: scenario.heartbeat, election }
}

/// A replica whose disks are empty.
fn new_replica(scenario: &Scenario, id: ReplicaId) -> Replica {
    let replica = scenario.protocol.replica(identity(scenario, id));
    let replica =
        replica.expect("whoever runs a scenario asks first whether this build has its protocol");
    with_reads(replica, scenario)
}

/// A replica that knows what reads clients will ask for.
fn with_reads(mut replica: Replica, scenario: &Scenario) -> Replica {
    if let Some((_, by)) = scenario.read {
        replica.expect_reads(by, scenario.shortest_election_timeout());
    }
    replica
}

/// What can be read off a world.
impl World {
    /// The scenario that it runs.
    pub const fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// The plant.
    pub fn plant(&self) -> &Plant {
        &self.plant
    }

    /// The time of the last event.
    pub const fn now(&self) -> Micros {
        self.now
    }

    /// Acts performed so far.
    pub const fn acts_done(&self) -> u32 {
        self.acts_done
    }

    /// Events so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// What it was counted to take so far, and whether that was too much.
    #[inline(always)]
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// If it has come to a bound, to which and when.
    pub const fn exhausted(&self) -> Option<Exhausted> {
        self.meter.exhausted()
    }

    /// Somebody who watches keeps a change of belief for good.
    pub(crate) const fn count_belief(&mut self) {
        self.meter.believe();
    }

    /// About how many bytes a clone takes, checkpoints are weighed with it: entries are eight bytes.
    pub fn weight(&self) -> usize {
        let entries = self.held();
        let replicas = self.replicas.len() * size_of::<Placed>();
        let network = self.replicas.len().pow(2) * 96;
        let packets = self.envelopes.len() * (size_of::<Envelope>() + 4);
        let queue = self.queue.len() * 32;
        8 * usize::try_from(entries).unwrap_or(usize::MAX / 16)
            + replicas
            + network
            + packets
            + queue
    }

    /// Messages delivered so far.
    pub const fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Writes tried so far.
    pub const fn writes(&self) -> Command {
        self.writes
    }

    /// The trace hash of everything up to now.
    pub const fn trace_hash(&self) -> u64 {
        self.hash
    }

    /// The faults in force.
    pub const fn in_force(&self) -> &InForce {
        &self.in_force
    }

    /// The ways between replicas.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Answers that were given since they were last taken.
    #[inline]
    pub fn has_answers(&self) -> bool {
        !self.answers.is_empty()
    }

    /// Takes them, in order.
    pub fn take_answers(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.answers)
    }

    /// How many replicas there are.
    pub fn replicas(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        let count = u8::try_from(self.replicas.len()).expect("bounded by Bounds::REPLICAS");
        (0..count).map(ReplicaId)
    }

    /// A replica's state machine.
    #[inline]
    pub fn replica(&self, id: ReplicaId) -> &Replica {
        &self.replicas[id.index()].replica
    }

    /// The server that a replica is on.
    pub fn server(&self, id: ReplicaId) -> PartId {
        self.replicas[id.index()].server
    }

    /// True if a replica's process runs.
    #[inline]
    pub fn is_up(&self, id: ReplicaId) -> bool {
        self.replicas[id.index()].up
    }

    /// True for a replica that was loyal all along: the others' claims count for nothing.
    #[inline]
    pub fn is_honest(&self, id: ReplicaId) -> bool {
        !self.replicas[id.index()].has_lied
    }

    /// What a traitor does at the moment; nothing for those that are loyal.
    pub fn deeds(&self, id: ReplicaId) -> &[Deed] {
        self.replicas[id.index()].traitor.as_ref().map_or(&[], |traitor| traitor.deeds())
    }

    /// How often a replica has begun with empty disks, the first time included, or lost its data.
    #[inline]
    pub fn lives(&self, id: ReplicaId) -> u32 {
        self.replicas[id.index()].lives
    }

    /// False if a mirror pair of its server died, and it has no new disks yet.
    #[inline]
    pub fn has_disk(&self, id: ReplicaId) -> bool {
        self.replicas[id.index()].has_disk
    }

    /// How many lies were told so far, those that were censored included.
    pub const fn lies_told(&self) -> u32 {
        self.lies.told
    }

    /// From now on only the lies of these numbers, in order, are told; else the truth is, or nothing.
    pub fn tell_only(&mut self, lies: Arc<[u32]>) {
        self.lies.only = Some(lies);
    }

    /// What a replica believes; `None` while its process does not run.
    #[inline]
    pub fn belief(&self, id: ReplicaId) -> Option<Belief> {
        let placed = &self.replicas[id.index()];
        placed.up.then(|| placed.replica.belief())
    }

    /// When `id` last heard from `from`, if it has.
    pub fn heard(&self, id: ReplicaId, from: ReplicaId) -> Option<Micros> {
        Some(self.replicas[id.index()].heard[from.index()]).filter(|&at| at != Micros::NEVER)
    }

    /// When a replica's election timer runs out, and how long it was set for.
    pub fn election_timer(&self, id: ReplicaId) -> Option<(Micros, Micros)> {
        let alarm = &self.replicas[id.index()].alarms[Timer::Election.index()];
        (alarm.deadline < Micros::NEVER).then_some((alarm.deadline, alarm.length))
    }
}
