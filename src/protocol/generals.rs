//! Lamport's generals: one commander, some traitors, and an order that all who are loyal must obey
//! alike.
//!
//! Source: Lamport, Shostak & Pease, "The Byzantine Generals Problem" (1982), *the paper*.
//! Interactive consistency (its section 1): **IC1**, all loyal lieutenants obey the same order;
//! **IC2**, if the commander is loyal, they obey the order that he gave. What it assumes of
//! messages (sections 2 and 4): **A1** every message that is sent is delivered correctly, **A2**
//! the receiver knows who sent it, **A3** the absence of a message can be detected; and for signed
//! messages **A4**, a loyal general's signature cannot be forged, and anyone can verify it.
//!
//! **OM(m)**, oral messages (section 3). The commander sends his order to every lieutenant; each
//! then acts as the commander of OM(m - 1) to pass on what he got; and each takes the majority of
//! his own and of what the others came out with. Unrolled, a value travels by a *path* of different
//! generals, a round for each: in round r everybody passes on what he heard by paths of length
//! r - 1, and after round m + 1 the tree of what was heard is folded up again, from its leaves, by
//! majorities. What was not heard is RETREAT, and so is a vote without a strict majority. Up to m
//! traitors among n >= 3m + 1 generals change nothing; with three generals one traitor is too many
//! (figures 1 and 2).
//!
//! **SM(m)**, signed messages (section 4). The path is a chain of signatures. A lieutenant who
//! learns a value that is new to him signs it and passes it on, while fewer than m + 1 have signed.
//! In the end every loyal lieutenant has the same set V, and *choice* makes the order of it: the
//! one value in it, or RETREAT if there are none or several. Two orders with the commander's
//! signature convict him (figure 5). This works for any number of traitors up to m.
//!
//! **Rounds.** "The absence of a message can only be detected by its failure to arrive within some
//! fixed length of time" (section 6, A3). That takes clocks, and a time that everybody knows: "By
//! fixing the time at which the input processor sends its value, one can calculate until what time
//! on its own clock a processor must wait for each message. For example, in Algorithm SM(m) a
//! processor must wait until time T0 + k(mu + tau) for any message having k signatures, where T0 is
//! the time (on his clock) at which the commander starts executing the algorithm." Here mu + tau is
//! a round, the length of a heartbeat; all clocks start together and tick once a round. That an
//! order is *due* everybody is told, and its number with it; only the commander is told what it
//! says ([`Due`]). T0 is the next tick at which no earlier order is under way, by everyone's own
//! clock, and what k generals have signed, or said, counts until k rounds later. What comes after
//! that is late, and late is not sent: "If it arrives later, then the sender must be faulty". What
//! comes early, from a traitor or from a general whose clock is wrong, waits for its round. So
//! whatever others say, and whenever, all loyal lieutenants agree on when an order began and when
//! it is over, and decide then; who was told nothing retreats.
//!
//! What is done differently, and why:
//! - A lieutenant who heard nothing by some path does not pass RETREAT on: silence says the same.
//! - A commander may give many orders, and they are numbered: "when using SM(m) repeatedly to
//!   distribute a sequence of values, sequence numbers should be appended" (section 6, A4). An
//!   order that became due while a general was stopped was RETREAT to him.
//! - Who is *caught*: under SM a commander whose signature is under two orders. Under OM hearsay
//!   proves nothing, except that a general whom more than m others contradict has lied, if no more
//!   than m do.
//!
//! Left out: OM(m, p) for networks in which not everyone reaches everyone (section 5), and traitors
//! who sign for each other: a liar has only its own signature here. In the paper traitors may share
//! theirs, to no avail. Clocks that drift: whoever stops or stands still keeps time by himself from
//! then on, and counts as faulty unless he came back on the beat.

pub(super) mod facts;
mod lie;
mod message;
#[cfg(test)]
#[path = "../lab/generals/tests.rs"]
mod tests;

pub use message::{Message, Path};

use super::log::{Entry, Index, Log};
use super::{Belief, Command, Effect, Epoch, Identity, Input, Mutant, Role};
use super::{ProtocolMessage, StateMachine, Timer};
use crate::fact::{Fact, counts, fact};
use crate::fault::{ORDERS, ReplicaId, ReplicaSet, order_name};

/// The general who gives orders.
const COMMANDER: ReplicaId = ReplicaId(0);

/// What is done where there is no order, or no agreement on one.
const RETREAT: Command = 2;

/// The highest number of an order: a text cannot give more, and a lieutenant remembers them all.
const ORDERS_MAX: Epoch = 1_000;

/// What is fixed beforehand of an order (section 6, A3): everybody knows that it is due, and which
/// number it has. What it says, the commander alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Due {
    /// Its number, from 1.
    pub number: Epoch,
    /// What it says: a number of [`crate::fault::ORDERS`], from 1; 0 for those who do not know.
    pub value: Command,
}

impl Due {
    /// As generals are told of it, in the place of a client's command.
    pub const fn command(self) -> Command {
        self.number << 2 | self.value & 3
    }

    const fn of(command: Command) -> Self {
        Self { number: command >> 2, value: command & 3 }
    }

    /// How everybody is told of an order: what `to` is to propose.
    pub fn told_to(self, to: ReplicaId) -> Command {
        let value = if to == COMMANDER { self.value } else { 0 };
        Self { value, ..self }.command()
    }
}

/// How many faulty generals the promise survives, of so many generals set up for m.
///
/// SM(m) "copes with m traitors for any number of generals" (section 4). OM(m) copes with m if
/// there are more than 3m generals (theorem 1). With fewer it still copes with k <= m where more
/// than 2k + m generals are: lemma 1 says so of IC2, and IC1 follows by the induction of theorem 1,
/// as under a traitorous commander k - 1 of n - 1 lieutenants are traitors, and n - 1 > 2(k - 1) +
/// m - 1.
pub const fn withstands(mode: Mode, generals: u8, m: u8) -> u8 {
    match mode {
        Mode::Signed => m,
        Mode::Oral => {
            let most = generals.saturating_sub(m + 1) / 2;
            if most < m { most } else { m }
        }
    }
}

type Effects = Vec<Effect>;

/// What messages are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// OM(m): a general can say what he likes.
    Oral,
    /// SM(m): what others signed he can pass on, or keep to himself.
    Signed,
}

/// A general.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Generals {
    identity: Identity,
    mode: Mode,
    /// Durable: what was decided on each order; the commander's own is his order.
    log: Log,
    /// Orders that are due and have not begun, by number.
    waiting: Vec<Due>,
    /// The number of the order at hand, or of the last one; 0 if he knows of none.
    order: Epoch,
    /// In which round of it he is, from 1; 0 if it is over.
    round: u8,
    /// By order and path: what he heard of the order at hand, or at last, and of those to come.
    /// Under SM the set V, each value by the shortest chain that brought it.
    heard: Vec<Message>,
    /// What he would do if the last round were over.
    believed: Option<Command>,
    /// Whom he has caught, and how.
    caught: Vec<(ReplicaId, Fact)>,
}

impl Generals {
    /// A general who has never run.
    pub fn new(identity: Identity, mode: Mode) -> Self {
        Self {
            identity,
            mode,
            log: Log::default(),
            waiting: Vec::new(),
            order: 0,
            round: 0,
            heard: Vec::new(),
            believed: None,
            caught: Vec::new(),
        }
    }

    /// True if he is not done with what others are done with.
    pub const fn lags(&self) -> bool {
        self.round > 0 || self.waiting.len() > 1
    }

    fn commands(&self) -> bool {
        self.identity.id == COMMANDER
    }

    /// The m of OM(m) and SM(m).
    fn liars_max(&self) -> u8 {
        self.identity.tolerated.min(Path::MAX as u8 - 1)
    }

    /// How many rounds an order takes.
    fn rounds(&self) -> u8 {
        self.liars_max() + 1
    }

    /// The number of the order at hand, or of the last one.
    fn order(&self) -> Epoch {
        self.order.max(self.log.last_index())
    }
}

impl StateMachine for Generals {
    type Message = Message;

    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        match input {
            Input::Start => {
                let length = self.identity.heartbeat;
                effects.push(Effect::SetTimer { timer: Timer::Round, from: length, to: length });
            }
            Input::Deliver { from, message } => self.hear(from, message),
            Input::Timeout(Timer::Round) => self.end_round(effects),
            Input::Propose(command) => self.expect(Due::of(command)),
            // Nobody is elected, and nothing is said twice.
            Input::Timeout(
                Timer::Election
                | Timer::Heartbeat
                | Timer::Lease
                | Timer::CheckQuorum
                | Timer::Retry,
            )
            | Input::Transfer(_)
            | Input::Read(_) => {}
        }
    }

    /// Decisions stay.
    fn crash(&mut self) {
        self.waiting.clear();
        self.order = 0;
        self.round = 0;
        self.heard.clear();
        self.believed = None;
        self.caught.clear();
    }

    fn belief(&self) -> Belief {
        let role = match self.round {
            _ if self.commands() => Role::Leader,
            0 => Role::Follower,
            1.. => Role::Candidate,
        };
        let decided = || self.log.get(self.log.last_index()).map(|entry| entry.command);
        Belief {
            role,
            epoch: self.order(),
            leader: Some(COMMANDER),
            value: if role == Role::Candidate { self.believed } else { decided() },
            caught: self.caught.iter().map(|(liar, _)| *liar).collect(),
        }
    }

    fn log(&self) -> &Log {
        &self.log
    }

    fn commit(&self) -> Index {
        self.log.last_index()
    }

    fn held(&self) -> u64 {
        u64::from(self.log.last_index()) + 3 * self.heard.len() as u64
    }

    fn phase(&self) -> Option<Fact> {
        if self.round > 0 {
            return Some(counts!("round", round = self.round, rounds = self.rounds()));
        }
        let top = Path::of(COMMANDER);
        let doubted = self.dissenters(self.order(), top).filter(|_| self.mode == Mode::Oral)?;
        match doubted.len() {
            0 => None,
            count => Some(fact!("doubt", one = COMMANDER, count, others = doubted.to_string())),
        }
    }

    /// Under OM the paper's vector, by lieutenant: what the commander told this one, and what each
    /// other one's telling came out as. Under SM the set V, each value with its signatures.
    fn vector(&self) -> Vec<(String, Fact)> {
        let (order, top) = (self.order(), Path::of(COMMANDER));
        let shown = |path: Path, value| (path.written(", "), order_name(value).into());
        let of_order = || self.heard.iter().filter(|held| held.order == order);
        if self.mode == Mode::Signed || self.heard.is_empty() {
            return of_order().map(|held| shown(held.path, held.value)).collect();
        }
        let lieutenants = (1..self.identity.replicas).map(ReplicaId);
        let entries = lieutenants.map(|general| {
            if general == self.identity.id {
                return shown(top, self.heard_by(order, top).unwrap_or_default());
            }
            let path = top.then(general);
            let is_known = of_order().any(|held| held.path.generals().starts_with(path.generals()));
            let over = if self.round > 0 { self.round - 1 } else { self.rounds() };
            let value = if is_known { self.outcome(order, path, over.max(2)) } else { 0 };
            shown(path, value)
        });
        entries.collect()
    }

    fn evidence(&self) -> Vec<(ReplicaId, Fact)> {
        self.caught.clone()
    }
}

/// Rounds.
impl Generals {
    /// An order is due.
    fn expect(&mut self, due: Due) {
        let last = self.waiting.last().map_or(self.order(), |last| last.number);
        let can_be = self.commands() == (1..=ORDERS.len()).contains(&(due.value as usize));
        if can_be && last < due.number && due.number <= ORDERS_MAX {
            self.waiting.push(due);
        }
    }

    /// True if a message of so many generals about that order counts: k signatures count until
    /// T0 + k rounds, and an order to come has time.
    fn is_in_time(&self, order: Epoch, length: u8) -> bool {
        let at_hand = self.round > 0 && order == self.order;
        at_hand && length >= self.round || self.waiting.iter().any(|due| due.number == order)
    }

    fn hear(&mut self, from: ReplicaId, message: &Message) {
        let Message { order, path, value, .. } = *message;
        if !self.can_be(from, message) || !self.is_in_time(order, path.length()) {
            return;
        }
        let known = match self.mode {
            // A general says one thing by one path; if he says two, the first counts.
            Mode::Oral => self.heard.iter().position(|one| (one.order, one.path) == (order, path)),
            // SM (2): "Lieutenant i ignores any message containing an order v that is already in
            // the set Vi". A longer chain that came early does not count before its round, so a
            // shorter one takes its place.
            Mode::Signed => {
                self.heard.iter().position(|one| (one.order, one.value) == (order, value))
            }
        };
        if let Some(known) = known {
            if self.heard[known].path.length() <= path.length() {
                return;
            }
            self.heard.remove(known);
        }
        let place = self.heard.partition_point(|held| held < message);
        self.heard.insert(place, *message);
        if order == self.order && (self.mode == Mode::Signed || path.length() == 1) {
            self.believed = Some(self.decision(order, 1));
            self.convict_who_signed_twice(order);
        }
    }

    /// True if it may have come that way: from the commander on, each general once, the sender
    /// last. A signature that is not there is not looked for: nobody makes one up.
    fn can_be(&self, from: ReplicaId, message: &Message) -> bool {
        let Message { order, path, value, signed } = message;
        let all = path.generals();
        all[0] == COMMANDER
            && path.last() == from
            && path.is_simple()
            && path.length() <= self.rounds()
            && all.iter().all(|id| id.0 < self.identity.replicas && *id != self.identity.id)
            && *signed == (self.mode == Mode::Signed)
            && (1..=ORDERS.len()).contains(&(*value as usize))
            && (1..=ORDERS_MAX).contains(order)
    }

    /// The clock ticks: what was heard in the round that ends is passed on in the next one.
    fn end_round(&mut self, effects: &mut Effects) {
        effects.push(Effect::RestartTimer(Timer::Round));
        if self.round == self.rounds() {
            self.decide();
        } else if self.round > 0 {
            self.pass_on(effects);
            self.believed = Some(self.decision(self.order, self.round));
            self.round += 1;
        }
        if self.round == 0 && !self.waiting.is_empty() {
            let due = self.waiting.remove(0);
            self.begin(due, effects);
        }
    }

    /// T0 of an order.
    fn begin(&mut self, due: Due, effects: &mut Effects) {
        self.order = due.number;
        self.round = 1;
        self.believed = None;
        self.heard.retain(|held| held.order >= due.number);
        if self.commands() {
            self.give_order(due, effects);
        } else if self.heard.first().is_some_and(|held| held.order == due.number) {
            self.believed = Some(self.decision(due.number, 1));
            self.convict_who_signed_twice(due.number);
        }
    }

    /// OM (1), SM (1): "The commander signs and sends his value to every lieutenant."
    fn give_order(&mut self, Due { number, value }: Due, effects: &mut Effects) {
        self.conclude(number, value);
        let signed = self.mode == Mode::Signed;
        let message = Message { order: number, path: Path::of(COMMANDER), value, signed };
        for to in self.identity.peers() {
            send(effects, to, message);
        }
    }

    /// OM (2): each lieutenant "acts as the commander" of OM(m - 1) to those who are not on the
    /// path. SM (2)(B)(ii): he adds his signature and sends it to those who have not signed.
    fn pass_on(&self, effects: &mut Effects) {
        let of_round =
            |held: &&Message| (held.order, held.path.length()) == (self.order, self.round);
        for held in self.heard.iter().filter(of_round) {
            let path = held.path.then(self.identity.id);
            for to in self.identity.peers().filter(|&to| !path.contains(to)) {
                send(effects, to, Message { path, ..*held });
            }
        }
    }

    /// The last round is over: OM (3), SM (3).
    fn decide(&mut self) {
        self.round = 0;
        if !self.commands() {
            self.conclude(self.order, self.decision(self.order, self.rounds()));
            self.convict_who_is_contradicted(self.order);
        }
    }

    /// Writes down what is done on an order; of those that he missed nothing came to him.
    fn conclude(&mut self, order: Epoch, command: Command) {
        for missed in self.log.last_index() + 1..order {
            self.log.push(Entry { epoch: missed, command: RETREAT });
        }
        self.log.push(Entry { epoch: order, command });
    }
}

/// What comes of what was heard.
impl Generals {
    /// What is to be done on an order after so many rounds.
    fn decision(&self, order: Epoch, rounds: u8) -> Command {
        match self.mode {
            Mode::Oral => self.outcome(order, Path::of(COMMANDER), rounds),
            Mode::Signed => {
                let mut set = self.heard.iter().filter(|held| held.order == order);
                match (set.next(), set.next()) {
                    (Some(only), None) => only.value,
                    (None, _) | (Some(_), Some(_)) => RETREAT,
                }
            }
        }
    }

    /// What the last general on a path said, as OM comes out with it after so many rounds: step (3)
    /// of the paper, with the lieutenants that are not on the path.
    fn outcome(&self, order: Epoch, path: Path, rounds: u8) -> Command {
        let own = self.heard_by(order, path).unwrap_or(RETREAT);
        if path.length() >= rounds {
            return own;
        }
        let mut votes = [0; ORDERS.len() + 1];
        votes[own as usize] += 1;
        for other in self.identity.peers().filter(|&other| !path.contains(other)) {
            votes[self.outcome(order, path.then(other), rounds) as usize] += 1;
        }
        let majority = votes.iter().sum::<u8>() / 2 + 1;
        let enough = majority - u8::from(Mutant::SmallQuorum.is_made());
        let winner = votes.iter().position(|&count| count >= enough);
        winner.map_or(RETREAT, |value| value as Command)
    }

    /// What he heard by a path. Under SM two values may come by one path.
    fn heard_by(&self, order: Epoch, path: Path) -> Option<Command> {
        let place = self.heard.partition_point(|held| (held.order, held.path) < (order, path));
        let held = self.heard.get(place)?;
        ((held.order, held.path) == (order, path)).then_some(held.value)
    }

    /// Who reports that the last general on a path said something else than it said here.
    fn dissenters(&self, order: Epoch, path: Path) -> Option<ReplicaSet> {
        let own = self.heard_by(order, path)?;
        let differs = |other: &ReplicaId| {
            !path.contains(*other)
                && self.heard_by(order, path.then(*other)).is_some_and(|value| value != own)
        };
        Some(self.identity.peers().filter(differs).collect())
    }

    fn convict_who_signed_twice(&mut self, order: Epoch) {
        let mut set = self.heard.iter().filter(|held| held.order == order);
        if let (Mode::Signed, Some(one), Some(other)) = (self.mode, set.next(), set.next()) {
            let evidence = fact!("two-orders", one = one.fact(), other = other.fact());
            self.convict(COMMANDER, evidence);
        }
    }

    /// If the last general on a path was loyal, he told everyone the same, and whoever reports
    /// something else lies. That so many lie is ruled out.
    fn convict_who_is_contradicted(&mut self, order: Epoch) {
        if self.mode == Mode::Signed {
            return;
        }
        for place in 0..self.heard.len() {
            let Message { path, .. } = self.heard[place];
            if self.heard[place].order != order || path.length() == self.rounds() {
                continue;
            }
            let (against, most) = (self.dissenters(order, path), self.liars_max());
            if let Some(against) = against.filter(|against| against.len() > most) {
                let against = against.to_string();
                let evidence = fact!("contradicted", order, against, most);
                self.convict(path.last(), evidence);
            }
        }
    }

    /// The first proof is enough.
    fn convict(&mut self, liar: ReplicaId, evidence: Fact) {
        if self.caught.iter().all(|(known, _)| *known != liar) {
            self.caught.push((liar, evidence));
        }
    }
}

fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}
