//! Every state that three replicas can get into, within bounds: the `stateright` crate walks through
//! all of them, breadth first, and looks at the safety properties in each.
//!
//! Other tests draw runs by chance; this one leaves nothing to it. The replicas are the very state
//! machines that the page runs. Around them the world is made worse than the simulated one:
//! - *The network* is the set of all that was ever said. Whatever is in it may be delivered next, any
//!   number of times, however late, or never: so there is loss, reordering and duplication.
//! - *Time* is gone. A timer that runs may run out at any moment, and a lease with it.
//! - *A crash* may come between any two steps; what is not on disk is lost. To be down for long is
//!   the same as to hear nothing, so the restart follows at once.
//!
//! What is bounded ([`Bounds`]): how often timers run out, so how many elections there are; epochs,
//! writes, crashes, and how many different packets there are. Heartbeats and retries never come, and
//! only Raft, Paxos and VR have room for a crash. Within that, nothing is left out. Raft's replicas
//! differ by name alone, so one of several that have not done anything yet stands for the others.
//!
//! What is looked at: no two replicas ever decide differently, nothing is decided that no client
//! asked for, nobody else leads an epoch that was led, and Raft's logs match. And so that this
//! proves something: in some state something is decided, two have led, and each known mistake
//! ([`Mistake`]) that the bounds leave room for is found, with a short way that leads to it.
//!
//! Multi-Paxos and Omni-Paxos talk so much to find a leader that little else would fit. There
//! elections come from outside: whoever is told to lead does so, whatever the others hear of it.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use stateright::{Checker, HasDiscoveries, Model, Property};

use super::catalogue::{Clients, Logs};
use super::log::Entry;
use super::mistake::tests::with;
use super::{
    Command, Effect, Epoch, Identity, Input, Message, Mistake, Protocol, Replica, Role, Timer,
    trial,
};
use crate::clock::Micros;
use crate::fault::ReplicaId;

const REPLICAS: u8 = 3;

/// How far the walk goes.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// The highest epoch that anybody may be in.
    epoch: Epoch,
    /// How many writes clients ask for.
    writes: u8,
    /// How many crashes there are.
    crashes: u8,
    /// How many different packets there may be.
    packets: usize,
    /// How often each timer may run out, in order of [`Timer::ALL`], all replicas together.
    timeouts: [u8; Timer::COUNT],
    /// True if elections come from outside, as [`Timer::Election`] may at any time, and what is said
    /// to find a leader is lost: the walk is all about what comes after.
    pushed: bool,
}

/// As often as it likes.
const ANY: u8 = u8::MAX;

/// Three replicas of one protocol, and what may happen to them.
#[derive(Clone, Debug)]
struct Trio {
    protocol: Protocol,
    mistake: Option<Mistake>,
    bounds: Bounds,
}

/// Something that never changes, with its hash: hashed once, and then shared by many states.
#[derive(Debug)]
struct Kept<T> {
    digest: u64,
    what: T,
}

impl<T: Hash> Kept<T> {
    fn new(what: T) -> Arc<Self> {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        Arc::new(Self { digest: hasher.finish(), what })
    }
}

impl<T> Hash for Kept<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.digest);
    }
}

impl<T: PartialEq> PartialEq for Kept<T> {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest && self.what == other.what
    }
}

/// A replica, and which of its timers run, a bit each.
#[derive(Clone, Debug, PartialEq, Hash)]
struct Seat {
    replica: Replica,
    armed: u8,
}

/// Something that was said.
#[derive(Debug, PartialEq, Hash)]
struct Packet {
    from: ReplicaId,
    to: ReplicaId,
    message: Message,
}

#[derive(Clone, Debug, PartialEq, Hash)]
struct State {
    seats: [Arc<Kept<Seat>>; REPLICAS as usize],
    /// All that was ever said, in order of the digests.
    said: Vec<Arc<Kept<Packet>>>,
    /// How often each timer has run out, where that is bounded.
    fired: [u8; Timer::COUNT],
    crashes: u8,
    writes: u8,
    /// How many replicas have done anything, where one is as good as another.
    awake: u8,
    /// Who has led, and in which epoch where only one may.
    led: Vec<(Epoch, ReplicaId)>,
    /// What was ever decided, by index, as whoever came first decided it.
    decided: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Deliver(Arc<Kept<Packet>>),
    Timeout(ReplicaId, Timer),
    Write(ReplicaId),
    Restart(ReplicaId),
}

/// One line of a way to a state.
impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deliver(packet) => {
                let Packet { from, to, message } = &packet.what;
                write!(formatter, "{from} to {to}: {message}")
            }
            Self::Timeout(replica, timer) => write!(formatter, "{replica}: {timer:?} runs out"),
            Self::Write(replica) => write!(formatter, "{replica} is asked for a write"),
            Self::Restart(replica) => write!(formatter, "{replica} crashes and starts again"),
        }
    }
}

impl Action {
    /// Whom it happens to.
    fn at(&self) -> ReplicaId {
        match self {
            Self::Deliver(packet) => packet.what.to,
            Self::Timeout(replica, _) | Self::Write(replica) | Self::Restart(replica) => *replica,
        }
    }
}

impl Seat {
    /// A replica that has just started for the first time, and what it says.
    fn new(protocol: Protocol, id: ReplicaId) -> (Self, Vec<Effect>) {
        let election = Micros(10)..=Micros(20);
        let identity =
            Identity { id, replicas: REPLICAS, tolerated: 0, heartbeat: Micros(1), election };
        let replica = protocol.replica(identity).expect("tests are built with all protocols");
        let mut seat = Self { replica, armed: 0 };
        let effects = seat.step(Input::Start);
        (seat, effects)
    }

    fn step(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.replica.step(input, &mut effects);
        for effect in &effects {
            match effect {
                Effect::Send { .. } => {}
                Effect::SetTimer { timer, .. } | Effect::RestartTimer(timer) => {
                    self.armed |= 1 << timer.index();
                }
                Effect::CancelTimer(timer) => self.armed &= !(1 << timer.index()),
            }
        }
        effects
    }

    fn leads(&self) -> bool {
        self.replica.belief().role == Role::Leader
    }

    /// What it knows committed.
    fn committed(&self) -> &[Entry] {
        self.replica.log().from(1, self.replica.commit() as usize)
    }
}

impl Trio {
    /// True if replicas differ by their names alone.
    fn is_symmetric(&self) -> bool {
        self.protocol.is_raft()
    }

    fn may_run_out(&self, seat: &Seat, timer: Timer) -> bool {
        seat.armed & 1 << timer.index() != 0 || timer == Timer::Election && self.bounds.pushed
    }

    /// Puts what that replica says to the rest.
    fn say(&self, state: &mut State, from: ReplicaId, effects: Vec<Effect>) {
        for effect in effects {
            let Effect::Send { to, message } = effect else { continue };
            if self.bounds.pushed && message.kind().starts_with("heartbeat") {
                continue;
            }
            let packet = Kept::new(Packet { from, to, message });
            let place = state.said.binary_search_by_key(&packet.digest, |known| known.digest);
            if let Err(place) = place {
                state.said.insert(place, packet);
            }
        }
    }

    /// An entry as far as replicas must agree on it.
    fn essence(&self, entry: Entry) -> Entry {
        match self.protocol.logs() {
            Logs::Led => entry,
            Logs::Decided | Logs::Orders => Entry { epoch: 0, ..entry },
        }
    }

    /// Keeps in mind who led, and what was decided.
    fn remember(&self, state: &mut State, id: ReplicaId) {
        let seat = Arc::clone(&state.seats[id.index()]);
        if seat.what.leads() {
            let alone = self.protocol.leads_alone();
            let epoch = if alone { seat.what.replica.belief().epoch } else { 0 };
            if let Err(place) = state.led.binary_search(&(epoch, id)) {
                state.led.insert(place, (epoch, id));
            }
        }
        let news = seat.what.committed().iter().skip(state.decided.len());
        state.decided.extend(news.map(|&entry| self.essence(entry)));
    }

    fn step(&self, last: &State, action: &Action) -> Option<State> {
        let id = action.at();
        let old = &last.seats[id.index()].what;
        let mut state = last.clone();
        let mut seat = old.clone();
        let effects = match action {
            Action::Deliver(packet) => {
                let Packet { from, message, .. } = &packet.what;
                seat.step(Input::Deliver { from: *from, message: message.clone() })
            }
            Action::Timeout(_, timer) => {
                let limit = self.bounds.timeouts[timer.index()];
                state.fired[timer.index()] += u8::from(limit != ANY);
                seat.armed &= !(1 << timer.index());
                seat.step(Input::Timeout(*timer))
            }
            Action::Write(_) => {
                state.writes += 1;
                seat.step(Input::Propose(Command::from(state.writes)))
            }
            Action::Restart(_) => {
                state.crashes += 1;
                seat.replica.crash();
                seat.armed = 0;
                seat.step(Input::Start)
            }
        };
        self.say(&mut state, id, effects);
        if seat == *old && state.said.len() == last.said.len() {
            return None;
        }
        state.seats[id.index()] = Kept::new(seat);
        if self.is_symmetric() {
            state.awake = state.awake.max(id.0 + 1);
        }
        self.remember(&mut state, id);
        Some(state)
    }

    fn leaders_are_alone() -> Property<Self> {
        Property::always("election safety", |trio: &Self, state: &State| {
            let alone = |pair: &[(Epoch, ReplicaId)]| pair[0].0 != pair[1].0;
            !trio.protocol.leads_alone() || state.led.windows(2).all(alone)
        })
    }

    fn logs_match() -> Property<Self> {
        Property::always("log matching", |trio: &Self, state: &State| {
            let logs = state.seats.each_ref().map(|seat| seat.what.replica.log().from(1, 99));
            let matches = |one: &[Entry], other: &[Entry]| {
                let same = |(one, other): &(&Entry, &Entry)| one.epoch == other.epoch;
                let last = one.iter().zip(other).rposition(|pair| same(&pair));
                last.is_none_or(|last| one[..=last] == other[..=last])
            };
            trio.protocol.logs() != Logs::Led
                || (0..3).all(|place| matches(logs[place], logs[(place + 1) % 3]))
        })
    }
}

impl Model for Trio {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let started = [0, 1, 2].map(ReplicaId).map(|id| Seat::new(self.protocol, id));
        let mut state = State {
            seats: started.each_ref().map(|(seat, _)| Kept::new(seat.clone())),
            said: Vec::new(),
            fired: [0; Timer::COUNT],
            crashes: 0,
            writes: 0,
            awake: if self.is_symmetric() { 0 } else { REPLICAS },
            led: Vec::new(),
            decided: Vec::new(),
        };
        for (id, (_, effects)) in (0..).map(ReplicaId).zip(started) {
            self.say(&mut state, id, effects);
            self.remember(&mut state, id);
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let bounds = &self.bounds;
        for (id, seat) in (0..).map(ReplicaId).zip(&state.seats) {
            for timer in Timer::ALL {
                let limit = bounds.timeouts[timer.index()];
                if state.fired[timer.index()] < limit && self.may_run_out(&seat.what, timer) {
                    actions.push(Action::Timeout(id, timer));
                }
            }
            let is_asked = match self.protocol.clients() {
                Clients::Leader => seat.what.leads(),
                Clients::InTurn | Clients::Everyone => true,
                Clients::Nobody => false,
            };
            if is_asked && state.writes < bounds.writes {
                actions.push(Action::Write(id));
            }
            if state.crashes < bounds.crashes {
                actions.push(Action::Restart(id));
            }
        }
        actions.extend(state.said.iter().map(|packet| Action::Deliver(Arc::clone(packet))));
        actions.retain(|action| action.at().0 <= state.awake);
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        // Mistakes are made by thread, and the checker has its own.
        match self.mistake {
            Some(mistake) => with(mistake, || self.step(last, &action)),
            None => self.step(last, &action),
        }
    }

    fn within_boundary(&self, state: &State) -> bool {
        let is_early =
            |seat: &Arc<Kept<Seat>>| seat.what.replica.belief().epoch <= self.bounds.epoch;
        state.said.len() <= self.bounds.packets && state.seats.iter().all(is_early)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("agreement", |trio: &Self, state: &State| {
                state.seats.iter().all(|seat| {
                    let committed = seat.what.committed().iter().map(|&entry| trio.essence(entry));
                    committed.zip(&state.decided).all(|(one, other)| one == *other)
                })
            }),
            Property::always("validity", |_, state: &State| {
                let asked = Command::from(state.writes);
                state.decided.iter().all(|entry| entry.command <= asked)
            }),
            Self::leaders_are_alone(),
            Self::logs_match(),
            Property::sometimes("a write is decided", |_, state: &State| {
                state.decided.iter().any(|entry| entry.command > 0)
            }),
            Property::sometimes("two have led", |_, state: &State| {
                state.led.iter().any(|&(_, leader)| leader != state.led[0].1)
            }),
        ]
    }
}

/// What must hold in every state, and what must in some.
const ALWAYS: [&str; 4] = ["agreement", "validity", "election safety", "log matching"];
const SOMETIMES: [&str; 2] = ["a write is decided", "two have led"];

/// Walks through everything; the count of states, and the longest of the shortest ways to one.
fn walk(protocol: Protocol, bounds: Bounds) -> (usize, usize) {
    let trio = Trio { protocol, mistake: None, bounds };
    let checker = trio.checker().threads(1).spawn_bfs().join();
    let found = (checker.unique_state_count(), checker.max_depth());
    println!("{protocol}: {} states, depth {}", found.0, found.1);
    for name in ALWAYS {
        let broken = checker.discovery(name);
        let way = broken.map(|way| written(&way.into_actions()));
        assert!(way.is_none(), "{protocol}: {name} breaks:\n{}", way.unwrap_or_default());
    }
    // Zab says so much until it has a leader that the bounds leave no room for a second one.
    for name in SOMETIMES.into_iter().take(if protocol == Protocol::Zab { 1 } else { 2 }) {
        assert!(checker.discovery(name).is_some(), "{protocol}, {bounds:?}: never {name}");
    }
    found
}

/// A way to where that mistake breaks something, among the shortest, and what it breaks.
fn way_to_trouble(protocol: Protocol, mistake: Mistake, bounds: Bounds) -> Option<String> {
    let trio = Trio { protocol, mistake: Some(mistake), bounds };
    let checker = trio.checker().threads(1).finish_when(HasDiscoveries::AnyFailures);
    let checker = checker.spawn_bfs().join();
    println!("{protocol} {mistake:?}: {} states", checker.unique_state_count());
    let broken = ALWAYS.into_iter().find_map(|name| Some((name, checker.discovery(name)?)));
    broken.map(|(name, way)| format!("{name} breaks:\n{}", written(&way.into_actions())))
}

fn written(way: &[Action]) -> String {
    way.iter().map(|action| format!("  {action}\n")).collect()
}

/// Bounds by epoch, writes, crashes and packets; elections are those that may begin in all.
const fn bounds(epoch: Epoch, writes: u8, crashes: u8, packets: usize, elections: u8) -> Bounds {
    Bounds {
        epoch,
        writes,
        crashes,
        packets,
        timeouts: [elections, 0, ANY, 0, 0, 0],
        pushed: false,
    }
}

/// The same, with elections from outside.
const fn pushed(bounds: Bounds) -> Bounds {
    Bounds { pushed: true, ..bounds }
}

/// The same, with so many rounds of voting and no timeouts.
const fn rounds(bounds: Bounds, rounds: u8) -> Bounds {
    Bounds { timeouts: [0, 0, ANY, 0, 0, rounds], ..bounds }
}

/// Each protocol, the bounds of the small size, and what is found in them: states and depth.
const WALKS: [(Protocol, Bounds, (usize, usize)); 6] = [
    (Protocol::Raft, bounds(2, 1, 1, 13, 2), (89_523, 17)),
    (Protocol::Paxos, bounds(2, 2, 1, 14, 0), (138_829, 16)),
    (Protocol::Multipaxos, pushed(bounds(2, 1, 0, 14, 2)), (64_783, 16)),
    (Protocol::Vr, bounds(2, 1, 1, 14, 2), (131_122, 20)),
    (Protocol::Zab, rounds(bounds(2, 1, 0, 24, 0), 4), (49_328, 21)),
    (Protocol::Omnipaxos, pushed(bounds(2, 1, 0, 14, 2)), (875_992, 22)),
];

/// What every protocol promises, in every state there is within bounds; in the large size there
/// are more packets, and nobody has counted.
#[test]
fn no_state_breaks_a_promise() {
    for (protocol, bounds, expected) in WALKS {
        let more = trial::size(0, 3) as usize;
        let found = walk(protocol, Bounds { packets: bounds.packets + more, ..bounds });
        assert!(more > 0 || found == expected, "{protocol}: {found:?}, not {expected:?}");
    }
}

/// A checker that cannot fail is not a checker.
#[test]
fn every_mistake_has_a_way_to_trouble() {
    use Mistake::{ForgetLock, SkipLogCheck, SmallQuorum, VoteTwice};
    let raft = bounds(2, 1, 1, 12, 2);
    let paxos = bounds(2, 2, 0, 16, 0);
    let led = pushed(bounds(2, 2, 0, 15, 2));
    let vr = bounds(1, 2, 0, 16, 2);
    for (protocol, mistake, bounds) in [
        (Protocol::Raft, VoteTwice, raft),
        (Protocol::Raft, SmallQuorum, raft),
        (Protocol::Raft, SkipLogCheck, raft),
        (Protocol::Paxos, VoteTwice, paxos),
        (Protocol::Paxos, SmallQuorum, paxos),
        (Protocol::Paxos, ForgetLock, paxos),
        (Protocol::Multipaxos, SmallQuorum, led),
        (Protocol::Multipaxos, ForgetLock, led),
        (Protocol::Vr, SmallQuorum, vr),
        (Protocol::Vr, SkipLogCheck, vr),
        (Protocol::Zab, SmallQuorum, rounds(bounds(2, 1, 0, 20, 0), 2)),
        (Protocol::Omnipaxos, SmallQuorum, led),
        (Protocol::Omnipaxos, ForgetLock, led),
    ] {
        let way = way_to_trouble(protocol, mistake, bounds);
        let way = way.unwrap_or_else(|| panic!("{protocol} {mistake:?} breaks nothing"));
        println!("{protocol} {mistake:?}: {way}");
    }
}
