//! Every state that three replicas can get into, within bounds: the `stateright` crate walks
//! through all of them, breadth first, and looks at the safety properties in each.
//!
//! Other tests draw runs by chance; this one leaves nothing to it. The replicas are the very state
//! machines that the page runs. Around them the world is made worse than the simulated one:
//! - *The network* is the set of all that was ever said. Whatever is in it may be delivered next,
//!   any number of times, however late, or never: so there is loss, reordering and duplication.
//! - *Time* is gone. A timer that runs may run out at any moment, and a lease with it.
//! - *A crash* may come between any two steps; what is not on disk is lost. To be down for long is
//!   the same as to hear nothing, so the restart follows at once. Where a protocol recovers from
//!   it, disks may be replaced, too.
//!
//! What is bounded ([`Bounds`]): how often timers run out, so how many elections there are; epochs,
//! writes, crashes, and how many different packets there are. Heartbeats and retries never come,
//! but whatever was said once may be delivered again. Within that, nothing is left out. Raft's
//! replicas differ by name alone, so one of several that have not done anything yet stands for the
//! others.
//!
//! What is looked at: no two replicas ever decide differently, nothing is decided that no client
//! asked for, nobody else leads an epoch that was led, and Raft's logs match. And so that this
//! proves something: in some state something is decided, two have led, and each known mistake
//! ([`Mutant`]) that the bounds leave room for is found, with a short way that leads to it.
//!
//! Zab, Multi-Paxos and Omni-Paxos talk so much to find a leader that little else would fit, and
//! what they say for that decides nothing. So they are given less of it ([`Gossip`]): who leads,
//! when, and who has heard of it is still up to the walk. And some walks begin after an *opening*,
//! a few steps that are the same for all of them; what was said in it may still come, however late.

mod bounds;
mod kept;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use stateright::{Checker, HasDiscoveries, Model, Property};

use self::bounds::{ANY, Bounds, Gossip, Seen};
use self::kept::{Kept, digest};
use crate::clock::Micros;
use crate::fault::{ReplicaId, ReplicaSet};
use crate::lab::trial;
use crate::protocol::catalogue::{Clients, Logs};
use crate::protocol::log::Entry;
use crate::protocol::mutant::tests::with;
use crate::protocol::{
    Command, Effect, Epoch, Identity, Input, Message, Mutant, Protocol, Replica, Role, Timer,
    multipaxos, omnipaxos, zab,
};
use crate::words::told;

const REPLICAS: u8 = 3;

/// Three replicas of one protocol, and what may happen to them.
#[derive(Debug)]
struct Trio {
    protocol: Protocol,
    mutant: Option<Mutant>,
    bounds: Bounds,
    /// What came of each input so far, by the digests of a seat and of the input: the same replica
    /// is told the same in very many states.
    steps: Mutex<BTreeMap<(u64, u64), Arc<Outcome>>>,
}

/// What an input makes of a replica, and what that one says.
#[derive(Debug)]
struct Outcome {
    seat: Arc<Kept<Seat>>,
    said: Vec<Arc<Kept<Packet>>>,
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
    /// Of gossip that is not kept, the latest, in order of sender and receiver.
    latest: Vec<Arc<Kept<Packet>>>,
    /// How often each timer has run out, where that is bounded.
    fired: [u8; Timer::COUNT],
    crashes: u8,
    wipes: u8,
    writes: u8,
    /// How many replicas have done anything, where one is as good as another.
    awake: u8,
    /// Who has led, and in which epoch where only one may.
    led: Vec<(Epoch, ReplicaId)>,
    /// What was ever decided, by index, as whoever came first decided it.
    decided: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Hash)]
enum Move {
    Deliver(Arc<Kept<Packet>>),
    Timeout(ReplicaId, Timer),
    /// It hears these, and ends its round.
    Round(ReplicaId, ReplicaSet),
    Write(ReplicaId, Command),
    Restart(ReplicaId),
    Wipe(ReplicaId),
}

/// One line of a way to a state.
impl fmt::Display for Move {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deliver(packet) => {
                let Packet { from, to, message } = &packet.what;
                let message = told("message", &message.fact());
                write!(formatter, "{from} to {to}: {message}")
            }
            Self::Timeout(replica, timer) => write!(formatter, "{replica}: {timer:?} runs out"),
            Self::Round(replica, heard) => {
                write!(formatter, "{replica} hears")?;
                heard.iter().try_for_each(|other| write!(formatter, " {other}"))?;
                formatter.write_str(", and ends its round")
            }
            Self::Write(replica, command) => {
                write!(formatter, "{replica} is asked for write {command}")
            }
            Self::Restart(replica) => write!(formatter, "{replica} crashes and starts again"),
            Self::Wipe(replica) => write!(formatter, "{replica} starts again with empty disks"),
        }
    }
}

impl Move {
    /// Whom it happens to.
    fn at(&self) -> ReplicaId {
        match self {
            Self::Deliver(packet) => packet.what.to,
            Self::Timeout(replica, _)
            | Self::Round(replica, _)
            | Self::Write(replica, _)
            | Self::Restart(replica)
            | Self::Wipe(replica) => *replica,
        }
    }
}

impl Seat {
    /// A replica that has just started for the first time, and what it says.
    fn new(protocol: Protocol, id: ReplicaId) -> (Self, Vec<Effect>) {
        let mut seat = Self { replica: unused(protocol, id), armed: 0 };
        let effects = seat.step(Input::Start);
        (seat, effects)
    }

    fn run_out(&mut self, timer: Timer) -> Vec<Effect> {
        self.armed &= !(1 << timer.index());
        self.step(Input::Timeout(timer))
    }

    /// Takes what happens to it.
    fn act(&mut self, protocol: Protocol, action: &Move) -> Vec<Effect> {
        match action {
            Move::Deliver(packet) => {
                let Packet { from, message, .. } = &packet.what;
                self.step(Input::Deliver { from: *from, message })
            }
            Move::Timeout(_, timer) => self.run_out(*timer),
            Move::Round(..) => self.run_out(Timer::Round),
            Move::Write(_, command) => self.step(Input::Propose(*command)),
            Move::Restart(_) => {
                self.replica.crash();
                self.armed = 0;
                self.step(Input::Start)
            }
            Move::Wipe(id) => {
                self.replica.wipe(unused(protocol, *id));
                self.armed = 0;
                self.step(Input::Start)
            }
        }
    }

    fn step(&mut self, input: Input<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.replica.step(input, &mut effects);
        for effect in &effects {
            match effect {
                Effect::Send { .. } | Effect::Answer { .. } => {}
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

/// A replica that has never run.
fn unused(protocol: Protocol, id: ReplicaId) -> Replica {
    let election = Micros(10)..=Micros(20);
    let identity =
        Identity { id, replicas: REPLICAS, tolerated: 0, heartbeat: Micros(1), election };
    protocol.replica(identity).expect("tests are built with all protocols")
}

/// True for what only serves to find a leader.
fn is_gossip(message: &Message) -> bool {
    matches!(
        message,
        Message::Multipaxos(multipaxos::Message::Request { .. })
            | Message::Omnipaxos(omnipaxos::Message::HeartbeatRequest { .. })
            | Message::Zab(zab::Message::Notification { .. })
    ) || is_answer(message)
}

/// True for what answers a question about who is there.
fn is_answer(message: &Message) -> bool {
    matches!(
        message,
        Message::Multipaxos(multipaxos::Message::Reply { .. })
            | Message::Omnipaxos(omnipaxos::Message::HeartbeatReply { .. })
    )
}

/// What is sent of all that a replica asks for.
fn packets(from: ReplicaId, effects: Vec<Effect>) -> Vec<Arc<Kept<Packet>>> {
    let sent = effects.into_iter().filter_map(|effect| match effect {
        Effect::Send { to, message, .. } => Some(Kept::new(Packet { from, to, message })),
        Effect::SetTimer { .. }
        | Effect::RestartTimer(_)
        | Effect::CancelTimer(_)
        | Effect::Answer { .. } => None,
    });
    sent.collect()
}

impl Trio {
    fn new(protocol: Protocol, mutant: Option<Mutant>, bounds: Bounds) -> Self {
        Self { protocol, mutant, bounds, steps: Mutex::default() }
    }

    /// True if replicas differ by their names alone.
    fn is_symmetric(&self) -> bool {
        self.protocol.is_raft()
    }

    fn may_run_out(&self, seat: &Seat, timer: Timer) -> bool {
        let is_pushed = timer == Timer::Election && self.bounds.gossip == Gossip::Lost;
        seat.armed & 1 << timer.index() != 0 || is_pushed
    }

    /// The ways in which that timer may run out.
    fn run_out(&self, id: ReplicaId, timer: Timer, actions: &mut Vec<Move>) {
        if timer == Timer::Round && self.bounds.gossip == Gossip::Asked {
            let heard = (0..1 << REPLICAS).map(ReplicaSet).filter(|heard| !heard.contains(id));
            actions.extend(heard.map(|heard| Move::Round(id, heard)));
        } else {
            actions.push(Move::Timeout(id, timer));
        }
    }

    /// What comes of that input, looked up if that replica was told it before.
    fn outcome(&self, seat: &Arc<Kept<Seat>>, action: &Move) -> Arc<Outcome> {
        let digest = match action {
            Move::Deliver(packet) => packet.digest,
            Move::Timeout(..)
            | Move::Round(..)
            | Move::Write(..)
            | Move::Restart(_)
            | Move::Wipe(_) => digest(action),
        };
        let mut steps = self.steps.lock().expect("no thread has died");
        let outcome = steps.entry((seat.digest, digest)).or_insert_with(|| {
            let id = action.at();
            let mut next = seat.what.clone();
            // Mistakes are made by thread, and the checker has its own.
            let effects = match self.mutant {
                Some(mutant) => with(mutant, || next.act(self.protocol, action)),
                None => next.act(self.protocol, action),
            };
            Arc::new(Outcome { seat: Kept::new(next), said: packets(id, effects) })
        });
        Arc::clone(outcome)
    }

    /// Lets it happen, and puts what that replica says to the rest.
    fn perform(&self, state: &mut State, action: &Move) {
        let id = action.at();
        let outcome = self.outcome(&state.seats[id.index()], action);
        if state.seats[id.index()] != outcome.seat {
            state.seats[id.index()] = Arc::clone(&outcome.seat);
            self.remember(state, id);
        }
        for packet in &outcome.said {
            self.say(state, packet);
        }
    }

    fn say(&self, state: &mut State, packet: &Arc<Kept<Packet>>) {
        if self.bounds.gossip == Gossip::Kept || !is_gossip(&packet.what.message) {
            let place = state.said.binary_search_by_key(&packet.digest, |known| known.digest);
            if let Err(place) = place {
                state.said.insert(place, Arc::clone(packet));
            }
        } else if self.bounds.gossip != Gossip::Lost {
            if is_answer(&packet.what.message) {
                self.perform(state, &Move::Deliver(Arc::clone(packet)));
                return;
            }
            let way = |packet: &Packet| (packet.from, packet.to);
            let place = state.latest.binary_search_by_key(&way(&packet.what), |old| way(&old.what));
            match place {
                Ok(place) => state.latest[place] = Arc::clone(packet),
                Err(place) => state.latest.insert(place, Arc::clone(packet)),
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

    /// The state after that; `None` if nothing changes.
    fn after(&self, last: &State, action: &Move) -> Option<State> {
        let mut state = last.clone();
        if let Move::Round(id, heard) = action {
            let asks = |packet: &&Arc<Kept<Packet>>| {
                packet.what.from == *id && heard.contains(packet.what.to)
            };
            for question in last.latest.iter().filter(asks) {
                self.perform(&mut state, &Move::Deliver(Arc::clone(question)));
            }
        }
        self.perform(&mut state, action);
        match action {
            Move::Deliver(_) => {}
            Move::Round(..) => state.fired[Timer::Round.index()] += 1,
            Move::Timeout(_, timer) => {
                let limit = self.bounds.timeouts[timer.index()];
                state.fired[timer.index()] += u8::from(limit != ANY);
            }
            Move::Write(..) => state.writes += 1,
            Move::Restart(_) => state.crashes += 1,
            Move::Wipe(_) => state.wipes += 1,
        }
        if self.is_symmetric() {
            state.awake = state.awake.max(action.at().0 + 1);
        }
        let is_same = state.seats == last.seats
            && state.said.len() == last.said.len()
            && state.latest == last.latest;
        (!is_same).then_some(state)
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
    type Action = Move;

    fn init_states(&self) -> Vec<State> {
        let started = [0, 1, 2].map(ReplicaId).map(|id| Seat::new(self.protocol, id));
        let mut state = State {
            seats: started.each_ref().map(|(seat, _)| Kept::new(seat.clone())),
            said: Vec::new(),
            latest: Vec::new(),
            fired: [0; Timer::COUNT],
            crashes: 0,
            wipes: 0,
            writes: 0,
            awake: if self.is_symmetric() { 0 } else { REPLICAS },
            led: Vec::new(),
            decided: Vec::new(),
        };
        for (id, (_, effects)) in (0..).map(ReplicaId).zip(started) {
            self.remember(&mut state, id);
            for packet in packets(id, effects) {
                self.say(&mut state, &packet);
            }
        }
        for line in self.bounds.opening {
            let mut actions = Vec::new();
            self.actions(&state, &mut actions);
            let action = actions.iter().find(|action| action.to_string().starts_with(line));
            let action = action.unwrap_or_else(|| panic!("{line:?} is none of {actions:?}"));
            state = self.after(&state, action).expect("an opening changes something");
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Move>) {
        let bounds = &self.bounds;
        for (id, seat) in (0..).map(ReplicaId).zip(&state.seats) {
            for timer in Timer::ALL {
                let limit = bounds.timeouts[timer.index()];
                if state.fired[timer.index()] < limit && self.may_run_out(&seat.what, timer) {
                    self.run_out(id, timer, actions);
                }
            }
            let is_asked = match self.protocol.clients() {
                Clients::Leader => seat.what.leads(),
                Clients::InTurn | Clients::Everyone => true,
                Clients::Nobody => false,
            };
            if is_asked && state.writes < bounds.writes {
                actions.push(Move::Write(id, Command::from(state.writes) + 1));
            }
            if state.crashes < bounds.crashes {
                actions.push(Move::Restart(id));
            }
            if state.wipes < bounds.wipes {
                actions.push(Move::Wipe(id));
            }
        }
        let gossip = if bounds.gossip == Gossip::Latest { &state.latest[..] } else { &[] };
        let under_way = state.said.iter().chain(gossip);
        actions.extend(under_way.map(|packet| Move::Deliver(Arc::clone(packet))));
        actions.retain(|action| action.at().0 <= state.awake);
    }

    fn next_state(&self, last: &State, action: Move) -> Option<State> {
        self.after(last, &action)
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

/// Walks through everything.
fn walk(protocol: Protocol, bounds: Bounds) -> Seen {
    let checker = Trio::new(protocol, None, bounds).checker().threads(1).spawn_bfs().join();
    for name in ALWAYS {
        let broken = checker.discovery(name);
        let way = broken.map(|way| written(&way.into_actions()));
        assert!(way.is_none(), "{protocol}: {name} breaks:\n{}", way.unwrap_or_default());
    }
    let [decides, two_lead] = SOMETIMES.map(|name| checker.discovery(name).is_some());
    let states = checker.unique_state_count();
    println!("{protocol}: {states} states, depth {}", checker.max_depth());
    Seen { states, depth: checker.max_depth(), decides, two_lead }
}

/// A way to where that mistake breaks something, among the shortest, and what it breaks.
fn way_to_trouble(protocol: Protocol, mutant: Mutant, bounds: Bounds) -> Option<String> {
    let trio = Trio::new(protocol, Some(mutant), bounds);
    let checker = trio.checker().threads(1).finish_when(HasDiscoveries::AnyFailures);
    let checker = checker.spawn_bfs().join();
    println!("{protocol} {mutant:?}: {} states", checker.unique_state_count());
    let broken = ALWAYS.into_iter().find_map(|name| Some((name, checker.discovery(name)?)));
    broken.map(|(name, way)| format!("{name} breaks:\n{}", written(&way.into_actions())))
}

fn written(way: &[Move]) -> String {
    way.iter().map(|action| format!("  {action}\n")).collect()
}

/// What every protocol promises, in every state there is within bounds; in the large size there are
/// two packets more, and nobody has counted.
#[test]
fn no_state_breaks_a_promise() {
    let more = trial::size(0, 2) as usize;
    let mut differs = Vec::new();
    for (protocol, bounds, expected) in bounds::WALKS {
        let seen = walk(protocol, Bounds { packets: bounds.packets + more, ..bounds });
        if more == 0 && seen != expected {
            differs.push(format!("{protocol}: {seen:?}, not {expected:?}"));
        }
    }
    assert!(differs.is_empty(), "{differs:#?}");
}

/// A walk in which nothing happens proves nothing.
#[test]
fn in_the_walks_of_each_protocol_something_is_decided_and_two_lead() {
    for (protocol, ..) in bounds::WALKS {
        let mut own = bounds::WALKS.iter().filter(|(of, ..)| *of == protocol);
        assert!(own.clone().any(|(.., seen)| seen.decides), "{protocol}");
        assert!(own.clone().any(|(.., seen)| seen.two_lead), "{protocol}");
        assert!(own.any(|(_, bounds, _)| bounds.crashes + bounds.wipes > 0), "{protocol}");
    }
}

/// A checker that cannot fail is not a checker.
#[test]
fn every_mistake_has_a_way_to_trouble() {
    for (protocol, mutant, bounds) in bounds::MISTAKES {
        let way = way_to_trouble(protocol, mutant, bounds);
        let way = way.unwrap_or_else(|| panic!("{protocol} {mutant:?} breaks nothing"));
        println!("{protocol} {mutant:?}: {way}");
    }
}
