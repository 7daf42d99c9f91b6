//! The `raft` crate of TiKV, version 0.7: production code in the same picture.
//!
//! Nothing of the crate is changed or copied. A replica is its `RawNode`, driven as its manual
//! says: hear a message or count a tick, then take what is *ready*: entries and hard state go to
//! the disk, messages to the network. The crate is etcd's library in Rust, so what is said of the
//! rules of `etcd-raft` (see [`super::raft::Rules`]) holds here; where the two differ is in the
//! list at the end of this comment and shown, step by step, by a differential test.
//!
//! **Time.** The crate counts ticks; one tick is the scenario's heartbeat, and each process begins
//! to count at a moment of its own. Leases and check-quorum are counted in ticks: the least
//! election timeout over the heartbeat, rounded down.
//!
//! **Chance.** The only thing that the crate ever draws is its election timeout, from its thread's
//! generator, and that would make no two runs alike. So it is given a range of a single length that
//! no run ever counts to, and the world draws instead: where the crate would draw ([`Raft::reset`],
//! that is where the term or the role changes, but not on becoming a pre-candidate) the election
//! timer is set anew, where it only begins to count again (a sign of life, a granted vote) the
//! timer is restarted as long as it was, and when it rings the count is put to its end and the
//! crate ticks once. Timeouts are therefore as exact as the scenario says, not rounded to ticks.
//!
//! **Order.** The crate asks its peers in the order of a hash table, which differs between 32 and
//! 64 bits. Messages are sorted by receiver, and stay in order for each.
//!
//! **Checkpoints.** A clone is a node built anew from a copy of the disk, with the volatile fields
//! put in; all of them are public but three. The ticks since the last heartbeat are always zero,
//! because a heartbeat is one tick; the bytes uncommitted are not counted, because there is no
//! limit to them; and what `RawNode` remembers of the last time it was ready is what is now,
//! because it is never left with anything undone. A test holds clones to that: the same inputs, the
//! same effects.
//!
//! **Where the crate gives up.** What contradicts its assumptions, a leader that commits what this
//! disk never had for one, ends in a panic: in production the process dies. A module in a page
//! cannot catch a panic, so each is foreseen, and the replica stops and says why until it is
//! started again.
//!
//! Left out: membership changes, snapshots, reads, priorities, and proposals that a follower
//! forwards (clients look for the leader here).
//!
//! [`Raft::reset`]: raft::Raft::reset

mod disk;
mod lie;
mod message;
#[cfg(test)]
#[path = "../lab/tikv/tests.rs"]
mod tests;

use std::fmt;
use std::hash::{Hash, Hasher};

pub use message::Message;
use raft::{Config, RawNode, StateRole, eraftpb};
use slog::{Discard, Logger, o};

use super::log::{Entry, Index, Log};
use super::raft::Term;
use super::{Belief, Command, Effect, Identity, Input, Role, StateMachine, Timer};
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::ReplicaId;
use disk::{Disk, ENTRY_BYTES};
use message::{number, short};

/// The most entries in one MsgAppend, about.
const ENTRIES_MAX: u64 = 64;

/// An election timeout that is never counted to: the world's timer rings long before.
const NEVER_TICKS: usize = i32::MAX as usize;

// In a page there is no source of chance for the crate's generator, and what it draws from a range
// of one length is always that length.
#[cfg(target_arch = "wasm32")]
getrandom_02::register_custom_getrandom!(no_chance);

#[cfg(target_arch = "wasm32")]
#[expect(clippy::unnecessary_wraps, reason = "the signature is the generator's")]
fn no_chance(bytes: &mut [u8]) -> Result<(), getrandom_02::Error> {
    bytes.fill(0);
    Ok(())
}

/// The two switches of the crate that the playground shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Switches {
    /// `pre_vote`.
    pub pre_vote: bool,
    /// `check_quorum`.
    pub check_quorum: bool,
}

/// A replica that runs the crate.
pub struct TikvRaft {
    identity: Identity,
    switches: Switches,
    node: Box<RawNode<Disk>>,
    /// Why its process has died, if it has.
    died: Option<&'static str>,
}

type Effects = Vec<Effect>;

/// What the crate was before an input.
struct Before {
    term: u64,
    role: StateRole,
    /// True if a leader was heard since the last tick.
    fresh: bool,
}

impl TikvRaft {
    /// A replica that has never run.
    pub fn new(identity: Identity, switches: Switches) -> Self {
        let node = new_node(&identity, switches, Disk::empty(identity.replicas));
        Self { identity, switches, node, died: None }
    }
}

/// A process that starts with that disk.
fn new_node(identity: &Identity, switches: Switches, disk: Disk) -> Box<RawNode<Disk>> {
    let ticks = identity.election.start().0 / identity.heartbeat.0;
    let config = Config {
        id: number(identity.id),
        heartbeat_tick: 1,
        election_tick: usize::try_from(ticks).unwrap_or(NEVER_TICKS).clamp(2, NEVER_TICKS),
        min_election_tick: NEVER_TICKS,
        max_election_tick: NEVER_TICKS + 1,
        // What was committed was applied: there is no state machine to do it for.
        applied: disk.commit.into(),
        max_size_per_msg: ENTRIES_MAX * ENTRY_BYTES,
        pre_vote: switches.pre_vote,
        check_quorum: switches.check_quorum,
        ..Config::default()
    };
    let node = RawNode::new(&config, disk, &Logger::root(Discard, o!()));
    Box::new(node.expect("a valid configuration, and a disk that the crate wrote"))
}

impl StateMachine for TikvRaft {
    type Message = Message;

    #[inline]
    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        if self.died.is_some() {
            return;
        }
        match input {
            Input::Start => self.start(effects),
            Input::Deliver { from, message } => self.hear(from, message, effects),
            Input::Timeout(Timer::Heartbeat) => self.tick(effects),
            Input::Timeout(Timer::Election) => self.lose_patience(effects),
            Input::Timeout(Timer::Lease | Timer::CheckQuorum | Timer::Retry | Timer::Round)
            | Input::Read(_) => {}
            Input::Propose(command) => self.propose(command, effects),
            Input::Transfer(to) => {
                let before = self.begin();
                self.node.transfer_leader(number(to));
                self.settle(&before, effects);
            }
        }
    }

    /// Hard state and entries stay on disk.
    fn crash(&mut self) {
        let disk = self.node.raft.store().clone();
        self.node = new_node(&self.identity, self.switches, disk);
        self.died = None;
    }

    #[inline]
    fn belief(&self) -> Belief {
        if self.died.is_some() {
            return Belief::new(Role::Follower, self.term(), None);
        }
        let role = match self.node.raft.state {
            StateRole::Follower => Role::Follower,
            StateRole::PreCandidate => Role::PreCandidate,
            StateRole::Candidate => Role::Candidate,
            StateRole::Leader => Role::Leader,
        };
        Belief::new(role, self.term(), self.leader())
    }

    #[inline]
    fn log(&self) -> &Log {
        &self.node.raft.store().log
    }

    #[inline]
    fn commit(&self) -> Index {
        self.node.raft.store().commit
    }

    /// What its `Ready` has to be synced for (`must_sync`): term, vote and entries.
    fn written(&self) -> Option<u64> {
        Some(self.node.raft.store().written())
    }

    fn phase(&self) -> Option<Fact> {
        self.died.map(|why| fact!("died", why))
    }
}

/// What it is told.
impl TikvRaft {
    /// Processes do not tick in step with each other.
    fn start(&mut self, effects: &mut Effects) {
        let (from, to) = (Micros(1), self.identity.heartbeat);
        effects.push(Effect::SetTimer { timer: Timer::Heartbeat, from, to });
        self.set_election_timer(effects);
    }

    fn hear(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        // To the crate a message without a term is one of its own.
        if message.term() == 0 {
            return;
        }
        if let Some(why) = self.would_die_of(message) {
            self.died = Some(why);
            effects.push(Effect::CancelTimer(Timer::Heartbeat));
            effects.push(Effect::CancelTimer(Timer::Election));
            return;
        }
        let before = self.begin();
        // An error is a message that it ignores.
        let _ = self.node.step(message.to_wire(from, self.identity.id));
        self.settle(&before, effects);
    }

    fn tick(&mut self, effects: &mut Effects) {
        let raft = &self.node.raft;
        let before = Before { term: raft.term, role: raft.state, fresh: false };
        self.node.tick();
        self.settle(&before, effects);
        let every = self.identity.heartbeat;
        effects.push(Effect::SetTimer { timer: Timer::Heartbeat, from: every, to: every });
    }

    /// The election timeout is over: what is left of it passes at once.
    fn lose_patience(&mut self, effects: &mut Effects) {
        let raft = &mut self.node.raft;
        if raft.state == StateRole::Leader {
            return;
        }
        let before = Before { term: raft.term, role: raft.state, fresh: false };
        raft.election_elapsed = raft.randomized_election_timeout();
        self.node.tick();
        self.settle(&before, effects);
    }

    /// A client's write: anyone but the leader drops it, and the write fails. So does a leader that
    /// hands over, or has too much in flight.
    fn propose(&mut self, command: Command, effects: &mut Effects) {
        if self.node.raft.state != StateRole::Leader {
            return;
        }
        let before = self.begin();
        let _ = self.node.propose(Vec::new(), command.to_le_bytes().to_vec());
        self.settle(&before, effects);
    }
}

/// What it asks for.
impl TikvRaft {
    /// Before an input that is no tick. Whether the count of ticks begins again shows in its being
    /// zero afterwards, so it must not be zero already: one is as good, as no lease is that short.
    fn begin(&mut self) -> Before {
        let raft = &mut self.node.raft;
        let fresh = raft.election_elapsed == 0;
        raft.election_elapsed = raft.election_elapsed.max(1);
        Before { term: raft.term, role: raft.state, fresh }
    }

    /// After an input: does what the crate is ready for, and sets the timers as it would count.
    fn settle(&mut self, before: &Before, effects: &mut Effects) {
        let raft = &mut self.node.raft;
        let again = raft.election_elapsed == 0;
        if before.fresh && !again {
            raft.election_elapsed = 0;
        }
        let (term, role) = (raft.term, raft.state);
        let changed = term != before.term || role != before.role;
        let first = effects.len();
        self.perform(effects);
        if effects.len() - first > 1 {
            effects[first..].sort_by_key(receiver);
        }
        if role == StateRole::Leader {
            if changed {
                effects.push(Effect::CancelTimer(Timer::Election));
            }
        } else if changed && role != StateRole::PreCandidate {
            self.set_election_timer(effects);
        } else if again {
            effects.push(Effect::RestartTimer(Timer::Election));
        }
    }

    /// Does what the crate is ready for.
    fn perform(&mut self, effects: &mut Effects) {
        // If it has nothing but messages, they are taken where it gathers them: to make a `Ready`
        // of them and to say that it is done would change nothing but its number.
        let mut said = std::mem::take(&mut self.node.raft.msgs);
        if self.node.has_ready() {
            self.node.raft.msgs = said;
            self.perform_ready(effects);
            while self.node.has_ready() {
                self.perform_ready(effects);
            }
        } else {
            send(&said, effects);
            said.clear();
            // It has room for the next ones.
            self.node.raft.msgs = said;
        }
    }

    /// As in the crate's manual: entries and hard state first, then what may be said only after.
    fn perform_ready(&mut self, effects: &mut Effects) {
        let node = &mut self.node;
        let mut ready = node.ready();
        send(&ready.take_messages(), effects);
        let disk = node.mut_store();
        disk.append(ready.entries());
        if let Some(state) = ready.hs() {
            disk.set_hard_state(state);
        }
        send(&ready.take_persisted_messages(), effects);
        let mut light = node.advance_append(ready);
        if let Some(commit) = light.commit_index() {
            node.mut_store().commit = short(commit);
        }
        send(&light.take_messages(), effects);
        node.advance_apply();
    }

    fn set_election_timer(&self, effects: &mut Effects) {
        let (from, to) = self.identity.election.clone().into_inner();
        effects.push(Effect::SetTimer { timer: Timer::Election, from, to });
    }

    fn term(&self) -> Term {
        short(self.node.raft.term)
    }

    fn leader(&self) -> Option<ReplicaId> {
        replica(self.node.raft.leader_id)
    }
}

/// The replica of that number in the crate, where 0 is nobody.
fn replica(number: u64) -> Option<ReplicaId> {
    u8::try_from(number.checked_sub(1)?).ok().map(ReplicaId)
}

/// Sends what the crate says.
fn send(said: &[eraftpb::Message], effects: &mut Effects) {
    for said in said {
        if let Some(message) = Message::from_wire(said) {
            effects.push(Effect::send(replica(said.to).expect("a member"), message));
        }
    }
}

fn receiver(effect: &Effect) -> Option<ReplicaId> {
    match effect {
        Effect::Send { to, .. } => Some(*to),
        Effect::SetTimer { .. }
        | Effect::RestartTimer(_)
        | Effect::CancelTimer(_)
        | Effect::Answer { .. } => None,
    }
}

/// Where the crate's `fatal!` would end the process. Each is an assumption that holds while nobody
/// lies and no disk forgets.
impl TikvRaft {
    fn would_die_of(&self, message: &Message) -> Option<&'static str> {
        let raft = &self.node.raft;
        let (term, leads) = (self.term(), raft.state == StateRole::Leader);
        if message.term() < term || message.term() == term && leads {
            return None;
        }
        match message {
            Message::Heartbeat { commit, .. } if *commit > self.log().last_index() => {
                Some("commit-beyond")
            }
            Message::Append { index, log_term, commit, entries, .. } => {
                self.would_die_of_entries((*index, *log_term), *commit, entries)
            }
            Message::Heartbeat { .. }
            | Message::Vote { .. }
            | Message::VoteReply { .. }
            | Message::AppendReply { .. }
            | Message::HeartbeatReply { .. }
            | Message::TimeoutNow { .. } => None,
        }
    }

    /// `handle_append_entries` and what it calls, up to the first thing it would not survive. (To
    /// the crate what is beyond the end of its log matches term 0.)
    fn would_die_of_entries(
        &self,
        (index, log_term): (Index, Term),
        commit: Index,
        entries: &[Entry],
    ) -> Option<&'static str> {
        let raft = &self.node.raft;
        let (index, committed) = (u64::from(index), raft.raft_log.committed);
        let is = |index, term: Term| raft.raft_log.match_term(index, u64::from(term));
        if index < committed || !is(index, log_term) {
            return None;
        }
        let (last, end) = (raft.raft_log.last_index(), index + entries.len() as u64);
        let mut places = (index + 1..).zip(entries);
        let last = match places.find(|&(place, entry)| !is(place, entry.epoch)) {
            Some((place, _)) if place <= committed => {
                return Some("contradicts");
            }
            Some((place, _)) if place > last + 1 => {
                return Some("leaves-a-hole");
            }
            Some(_) => end,
            None => last,
        };
        let beyond = u64::from(commit).min(end) > last;
        beyond.then_some("it is told to commit what it has not got")
    }
}

/// See the module's comment on checkpoints.
impl Clone for TikvRaft {
    fn clone(&self) -> Self {
        let raft = &self.node.raft;
        let mut node = new_node(&self.identity, self.switches, raft.store().clone());
        let copy = &mut node.raft;
        (copy.state, copy.leader_id) = (raft.state, raft.leader_id);
        (copy.lead_transferee, copy.pending_conf_index) =
            (raft.lead_transferee, raft.pending_conf_index);
        copy.election_elapsed = raft.election_elapsed;
        *copy.mut_prs() = raft.prs().clone();
        // Its role and leader are news to it.
        while node.has_ready() {
            let ready = node.ready();
            node.advance_append(ready);
        }
        Self { identity: self.identity.clone(), switches: self.switches, node, died: self.died }
    }
}

/// All that the crate's next step depends on; its bookkeeping, the number of a `Ready`, does not
/// count.
impl PartialEq for TikvRaft {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (&self.node.raft, &other.node.raft);
        let progress = |id| one.prs().get(id) == two.prs().get(id);
        (&self.identity, self.switches, self.died) == (&other.identity, other.switches, other.died)
            && one.store() == two.store()
            && (one.state, one.leader_id, one.election_elapsed)
                == (two.state, two.leader_id, two.election_elapsed)
            && (one.lead_transferee, one.pending_conf_index)
                == (two.lead_transferee, two.pending_conf_index)
            && one.prs().votes() == two.prs().votes()
            && (1..=u64::from(self.identity.replicas)).all(progress)
    }
}

impl Eq for TikvRaft {}

/// Less than what [`PartialEq`] compares, so that equal replicas have equal hashes.
impl Hash for TikvRaft {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let raft = &self.node.raft;
        (&self.identity, self.switches, self.died).hash(hasher);
        raft.store().hash(hasher);
        (raft.state as u8, raft.leader_id, raft.election_elapsed).hash(hasher);
        for id in 1..=u64::from(self.identity.replicas) {
            let progress = raft.prs().get(id).map(|of| (of.matched, of.next_idx, of.paused));
            (progress, raft.prs().votes().get(&id)).hash(hasher);
        }
    }
}

impl fmt::Debug for TikvRaft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let raft = &self.node.raft;
        formatter
            .debug_struct("TikvRaft")
            .field("identity", &self.identity)
            .field("switches", &self.switches)
            .field("disk", raft.store())
            .field("state", &raft.state)
            .field("leader_id", &raft.leader_id)
            .field("election_elapsed", &raft.election_elapsed)
            .field("died", &self.died)
            .finish_non_exhaustive()
    }
}
