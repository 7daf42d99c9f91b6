//! The boundary between a consensus protocol and the world.
//!
//! A replica is a state machine with no clock, no socket and no random numbers: inputs go in,
//! effects come out, and the world performs them. It asks for a timer *range* and the world draws.
//! So cloning the world is a checkpoint, and the same inputs always give the same effects.
//!
//! A protocol is a room: a [`StateMachine`], a line for it in `state_machines!` below and in
//! [`machine`], and a row of [`facts`], which [`catalogue`] lists.

pub mod catalogue;
mod commands;
pub mod facts;
pub mod hotstuff;
pub mod generals;
pub mod log;
pub mod machine;
pub mod mutant;
pub mod multipaxos;
pub mod paxos;
pub mod pbft;
pub mod omnipaxos;
pub mod raft;
mod read_mode;
pub mod vr;
mod requests;
pub mod tendermint;
mod written;
pub mod zab;
#[cfg(feature = "production")]
pub mod omnipaxos_crate;
#[path = "protocol/omnipaxos_crate/facts.rs"]
mod omnipaxos_crate_facts;
#[cfg(feature = "production")]
pub mod tikv;
#[path = "protocol/tikv/facts.rs"]
mod tikv_facts;

use std::fmt;

use crate::clock::Micros;
use crate::fact::Fact;
use crate::fault::{Behaviour, ReplicaId, ReplicaSet};
pub use catalogue::Protocol;
pub(crate) use commands::entries;
pub use commands::{command, commands};
use log::{Index, Log, LogMark};
pub use machine::Identity;
pub use mutant::Mutant;
pub use read_mode::ReadMode;
pub(crate) use written::{digest, fold};

/// The number that orders leaderships; Raft calls it a term.
pub type Epoch = u32;

/// What a client asks to be written: the number of the write, from 1; 0 is a leader's no-op.
pub type Command = u32;

/// Set in a command that no client asked for: the other story of a liar.
pub const FORGED: Command = 1 << 31;

/// The other story about a command; telling it twice gives the first one back, so that liars who
/// never spoke to each other tell the same two stories.
pub const fn forge(command: Command) -> Command {
    command ^ FORGED
}

/// A consensus protocol, as one replica runs it.
///
/// It knows nothing of how long a disk takes: the world holds back what it says until what that
/// vouches for is durable ([`StateMachine::written`]). So its own vote or entry, which it counts at
/// once, is durable before anybody's answer to it can come, and no quorum rests on what was not.
pub trait StateMachine: Clone + fmt::Debug {
    /// What replicas say to each other.
    type Message: ProtocolMessage;

    /// Takes one input and appends what it asks for to `effects`.
    fn step(&mut self, input: Input<'_, Self::Message>, effects: &mut Vec<Effect>);

    /// The process dies: only what is on disk stays.
    fn crash(&mut self);

    /// Its disks are replaced, and in its place runs `new`, which has never run. Only what whoever
    /// replaced them knows is left: that it did run, and how often.
    fn wipe(&mut self, new: Self) {
        *self = new;
    }

    /// What it believes.
    fn belief(&self) -> Belief;

    /// Clients will ask for reads, and nobody's election timeout is shorter than `patience`.
    fn expect_reads(&mut self, _by: ReadMode, _patience: Micros) {}

    /// Its log, of the kind that [`catalogue::Logs`] says.
    fn log(&self) -> &Log;

    /// How many entries it knows committed.
    fn commit(&self) -> Index;

    /// About how much it keeps, for the meter: log entries, votes, signatures and the like, in units
    /// of eight bytes. Whatever grows with the length of a run is in it.
    #[inline]
    fn held(&self) -> u64 {
        u64::from(self.log().last_index())
    }

    /// True if its disk keeps that command for that place of the log, also where it is only accepted
    /// and [`Self::log`] does not show it yet: it can still be read when a quorum is asked.
    fn keeps(&self, index: Index, command: Command) -> bool {
        self.log().get(index).is_some_and(|entry| entry.command == command)
    }

    /// A digest of what its paper wants on stable storage before it answers: another one whenever
    /// that has changed. `None` where all is on disk before it is said.
    fn written(&self) -> Option<u64> {
        None
    }

    /// Where it stands within its epoch, "round 2 of 3", if that is worth a word: in the room
    /// `phase`.
    fn phase(&self) -> Option<Fact> {
        None
    }

    /// Whom it heard say what, where it keeps a vector of values: the path, and the value, in the
    /// room `value`.
    fn vector(&self) -> Vec<(String, Fact)> {
        Vec::new()
    }

    /// Whom it has caught lying, and by what evidence, in the room `evidence`.
    fn evidence(&self) -> Vec<(ReplicaId, Fact)> {
        Vec::new()
    }

    /// Why it would not do what a message asks for, as it stands: the guard of its paper that
    /// fails, in the room `refusal`.
    fn refusal(&self, _from: ReplicaId, _message: &Self::Message) -> Option<Fact> {
        None
    }
}

/// What a message shows of itself.
pub trait ProtocolMessage: Clone + fmt::Debug + PartialEq + Eq {
    /// What is said, in the room `message`: the paper's name, then what matters.
    fn fact(&self) -> Fact;

    /// A word for its kind, for the page: see [`crate::view::PacketView::kind`].
    fn kind(&self) -> &'static str;

    /// True for a sign of life: it vouches for nothing that is on disk, so it waits for no write.
    fn is_sign_of_life(&self) -> bool {
        false
    }

    /// True if it carries what is to be written and has no [`Self::entries`], for it always carries
    /// one: `hash layer3+4` asks.
    fn is_proposal(&self) -> bool {
        false
    }

    /// Its content as two words of 64 bits, for the trace hash.
    fn digest(&self) -> [u64; 2];

    /// How many log entries, votes or signatures it carries, for the meter: whatever makes one
    /// message larger than another, in units of eight bytes.
    #[inline]
    fn entries(&self) -> usize {
        0
    }
}

/// A liar in a replica's place. It stands beside the state machine, which knows nothing of it.
pub trait Liar: StateMachine {
    /// What it would say to `to`, who is to hear the other story: instead of `said` or besides it;
    /// or of its own accord, once a heartbeat, where nothing is said. Signed messages of others are
    /// never made up here: a liar has only its own signature.
    fn lie(
        &self,
        behaviour: Behaviour,
        to: ReplicaId,
        said: Option<&Self::Message>,
    ) -> Tampering<Self::Message>;
}

/// What a liar says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tampering<M = Message> {
    /// What its protocol says, or nothing where that says nothing.
    Truth,
    /// This, in place of the truth.
    Instead(M),
    /// The truth, if there is one, and this.
    Besides(M),
}

impl<M> Tampering<M> {
    /// The same lie in other words.
    pub fn map<N>(self, wrap: impl FnOnce(M) -> N) -> Tampering<N> {
        match self {
            Self::Truth => Tampering::Truth,
            Self::Instead(message) => Tampering::Instead(wrap(message)),
            Self::Besides(message) => Tampering::Besides(wrap(message)),
        }
    }
}

/// Something a replica waits for. The number of each is in the trace hash. A protocol that waits for
/// something else has a name of its own for it, in `timer.rs` of its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Silence after which a follower campaigns.
    Election,
    /// When a leader next gives a sign of life.
    Heartbeat,
    /// While it runs, this replica has heard from a leader within the least election timeout.
    Lease,
    /// When a leader next asks itself whether a majority still answers.
    CheckQuorum,
    /// When what nobody answered is said again, or tried again.
    Retry,
    /// When a round or a step of one ends.
    Round,
}

impl Timer {
    /// How many there are.
    pub const COUNT: usize = 6;

    /// All of them, in order.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Election, Self::Heartbeat, Self::Lease, Self::CheckQuorum, Self::Retry, Self::Round];

    /// As an index into an array by timer.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Everything a replica can be told.
#[derive(Debug, PartialEq, Eq)]
pub enum Input<'a, M = Message> {
    /// The process starts, with whatever its disks hold.
    Start,
    /// A message arrives.
    Deliver {
        /// Who sent it.
        from: ReplicaId,
        /// What it says.
        message: &'a M,
    },
    /// A timer that was set has run out.
    Timeout(Timer),
    /// A client asks for a write; a commander is given its order.
    Propose(Command),
    /// An operator asks a leader to hand over to that replica.
    Transfer(ReplicaId),
    /// A client asks for a read, by its number from 1.
    Read(u32),
}

impl<'a, M> Input<'a, M> {
    /// The same input to a machine of another vocabulary.
    #[inline]
    fn map<N>(self, unwrap: impl FnOnce(&'a M) -> &'a N) -> Input<'a, N> {
        match self {
            Self::Start => Input::Start,
            Self::Deliver { from, message } => Input::Deliver { from, message: unwrap(message) },
            Self::Timeout(timer) => Input::Timeout(timer),
            Self::Propose(command) => Input::Propose(command),
            Self::Transfer(to) => Input::Transfer(to),
            Self::Read(read) => Input::Read(read),
        }
    }
}

/// Everything a replica can ask for. The world performs it; the replica never does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Say `message` to `to`.
    Send {
        /// The receiver.
        to: ReplicaId,
        /// How much the message carries: see [`ProtocolMessage::entries`].
        entries: u32,
        /// What to say.
        message: Message,
    },
    /// Start (or start again) a timer of a length drawn from `from..=to`.
    SetTimer {
        /// Which.
        timer: Timer,
        /// The shortest length.
        from: Micros,
        /// The longest length.
        to: Micros,
    },
    /// Start a timer again with the length it was last set to.
    RestartTimer(Timer),
    /// Stop a timer.
    CancelTimer(Timer),
    /// Answer a client's read.
    Answer {
        /// The read.
        read: u32,
        /// The client saw the log up to there.
        index: Index,
    },
}

impl Effect {
    /// Says that to `to`. What a message carries is counted here, where its kind is known: later
    /// somebody would have to ask each of them for it.
    #[inline(always)]
    pub fn send<M: ProtocolMessage + Into<Message>>(to: ReplicaId, message: M) -> Self {
        let entries = u32::try_from(message.entries()).unwrap_or(u32::MAX);
        Self::Send { to, entries, message: message.into() }
    }
}

/// The part a replica plays, whatever its protocol calls it: see [`catalogue::Terms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Role {
    /// Accepts a leader's order, or waits for one.
    Follower,
    /// Asks whether a vote would succeed; its epoch is unchanged.
    PreCandidate,
    /// Raised its epoch and asks for votes.
    Candidate,
    /// Orders commands in its epoch.
    Leader,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Follower, Self::PreCandidate, Self::Candidate, Self::Leader];

    /// As the page writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Follower => "follower",
            Self::PreCandidate => "pre-candidate",
            Self::Candidate => "candidate",
            Self::Leader => "leader",
        }
    }
}

/// What a replica believes about who leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belief {
    /// The part it plays.
    pub role: Role,
    /// Its epoch.
    pub epoch: Epoch,
    /// Whom it believes to lead.
    pub leader: Option<ReplicaId>,
    /// The one value that it believes in, where a protocol is about one; an order by its number.
    pub value: Option<Command>,
    /// Whom it has caught lying.
    pub caught: ReplicaSet,
}

impl Belief {
    /// A belief about who leads, and about nothing else.
    #[inline]
    pub const fn new(role: Role, epoch: Epoch, leader: Option<ReplicaId>) -> Self {
        Self { role, epoch, leader, value: None, caught: ReplicaSet::NOBODY }
    }
}

/// What has changed of a replica since somebody looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Nothing that a watcher sees.
    Nothing,
    /// Its log has grown, or its commit index is another one, and no more than that.
    Progress,
    /// What it believes, or its log is not the one that it was; maybe more.
    Belief,
}

/// Makes [`Message`] and [`Replica`] of the protocols there are. A line is a type that is a
/// [`StateMachine`] and the module it is in, behind the feature that has its code.
macro_rules! state_machines {
    ($($(#[$gate:meta])* $name:ident in $module:ident, $what:literal;)*) => {
        /// What a replica says to another, by protocol.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Message {
            $($(#[$gate])* #[doc = $what] $name(<$module::$name as StateMachine>::Message),)*
        }

        impl Message {
            /// See [`ProtocolMessage::kind`].
            pub fn kind(&self) -> &'static str {
                match self { $($(#[$gate])* Self::$name(message) => message.kind(),)* }
            }

            /// See [`ProtocolMessage::fact`].
            pub fn fact(&self) -> Fact {
                match self { $($(#[$gate])* Self::$name(message) => message.fact(),)* }
            }

            /// See [`ProtocolMessage::entries`].
            #[inline(never)]
            pub fn entries(&self) -> u32 {
                let entries = match self { $($(#[$gate])* Self::$name(message) => message.entries(),)* };
                u32::try_from(entries).unwrap_or(u32::MAX)
            }

            /// See [`ProtocolMessage::is_sign_of_life`].
            pub fn is_sign_of_life(&self) -> bool {
                match self { $($(#[$gate])* Self::$name(message) => message.is_sign_of_life(),)* }
            }

            /// True if it carries what is to be written, and goes in the stream of the log where
            /// there are two; all else goes in the other, signs of life, votes and answers.
            pub fn is_of_log(&self) -> bool {
                let is_proposal =
                    match self { $($(#[$gate])* Self::$name(message) => message.is_proposal(),)* };
                is_proposal || self.entries() > 0
            }

            /// See [`ProtocolMessage::digest`].
            #[inline]
            pub fn digest(&self) -> [u64; 2] {
                match self { $($(#[$gate])* Self::$name(message) => message.digest(),)* }
            }
        }

        $($(#[$gate])* impl From<<$module::$name as StateMachine>::Message> for Message {
            #[inline(always)]
            fn from(message: <$module::$name as StateMachine>::Message) -> Self {
                Self::$name(message)
            }
        })*

        /// A protocol's state machine placed on a server; each method is that of [`StateMachine`].
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Replica {
            $($(#[$gate])* #[doc = $what] $name($module::$name),)*
        }

        #[allow(missing_docs, unreachable_patterns, clippy::missing_panics_doc)]
        impl Replica {
            // Where there is but one machine, the way of a message leads straight into it.
            #[inline]
            pub fn step(&mut self, input: Input<'_>, effects: &mut Vec<Effect>) {
                match self {
                    $($(#[$gate])* Self::$name(machine) => {
                        let input = input.map(|message| match message {
                            Message::$name(message) => message,
                            _ => panic!("all replicas speak one protocol"),
                        });
                        machine.step(input, effects);
                    })*
                }
            }

            pub fn crash(&mut self) {
                match self { $($(#[$gate])* Self::$name(machine) => machine.crash(),)* }
            }

            pub fn wipe(&mut self, new: Self) {
                match (self, new) {
                    $($(#[$gate])* (Self::$name(machine), Self::$name(new)) => machine.wipe(new),)*
                    _ => panic!("all replicas speak one protocol"),
                }
            }

            pub fn expect_reads(&mut self, by: ReadMode, patience: Micros) {
                match self {
                    $($(#[$gate])* Self::$name(machine) => machine.expect_reads(by, patience),)*
                }
            }

            #[inline]
            pub fn belief(&self) -> Belief {
                match self { $($(#[$gate])* Self::$name(machine) => machine.belief(),)* }
            }

            /// In which epoch it leads, if it does.
            #[inline]
            pub fn leads(&self) -> Option<Epoch> {
                match self {
                    $($(#[$gate])* Self::$name(machine) => {
                        let belief = machine.belief();
                        (belief.role == Role::Leader).then_some(belief.epoch)
                    })*
                }
            }

            #[inline]
            pub fn log(&self) -> &Log {
                match self { $($(#[$gate])* Self::$name(machine) => machine.log(),)* }
            }

            #[inline]
            pub fn commit(&self) -> Index {
                match self { $($(#[$gate])* Self::$name(machine) => machine.commit(),)* }
            }

            #[inline]
            pub fn held(&self) -> u64 {
                match self { $($(#[$gate])* Self::$name(machine) => machine.held(),)* }
            }

            pub fn keeps(&self, index: Index, command: Command) -> bool {
                match self { $($(#[$gate])* Self::$name(machine) => machine.keeps(index, command),)* }
            }

            pub fn written(&self) -> Option<u64> {
                match self { $($(#[$gate])* Self::$name(machine) => machine.written(),)* }
            }

            /// What has changed since it believed that, and its log and commit index were as given.
            #[inline]
            pub fn changed(&self, belief: &Belief, log: LogMark, commit: Index) -> Changed {
                match self {
                    $($(#[$gate])* Self::$name(machine) => {
                        let now = machine.log().mark();
                        if now.truncations != log.truncations || machine.belief() != *belief {
                            Changed::Belief
                        } else if now.last_index != log.last_index || machine.commit() != commit {
                            Changed::Progress
                        } else {
                            Changed::Nothing
                        }
                    })*
                }
            }

            pub fn lie(&self, behaviour: Behaviour, to: ReplicaId, said: Option<&Message>) -> Tampering {
                match self {
                    $($(#[$gate])* Self::$name(machine) => {
                        let said = said.map(|message| match message {
                            Message::$name(message) => message,
                            _ => panic!("all replicas speak one protocol"),
                        });
                        machine.lie(behaviour, to, said).map(Message::$name)
                    })*
                }
            }

            pub fn phase(&self) -> Option<Fact> {
                match self { $($(#[$gate])* Self::$name(machine) => machine.phase(),)* }
            }

            pub fn vector(&self) -> Vec<(String, Fact)> {
                match self { $($(#[$gate])* Self::$name(machine) => machine.vector(),)* }
            }

            pub fn evidence(&self) -> Vec<(ReplicaId, Fact)> {
                match self { $($(#[$gate])* Self::$name(machine) => machine.evidence(),)* }
            }

            pub fn refusal(&self, from: ReplicaId, message: &Message) -> Option<Fact> {
                match (self, message) {
                    $($(#[$gate])* (Self::$name(machine), Message::$name(message)) => {
                        StateMachine::refusal(machine, from, message)
                    })*
                    _ => panic!("all replicas speak one protocol"),
                }
            }
        }
    };
}

state_machines! {
    Raft in raft, "Raft.";
    Paxos in paxos, "Paxos, the Synod.";
    Multipaxos in multipaxos, "Multi-Paxos.";
    Vr in vr, "Viewstamped Replication.";
    Tendermint in tendermint, "Tendermint.";
    Pbft in pbft, "PBFT.";
    Zab in zab, "Zab.";
    Hotstuff in hotstuff, "`HotStuff`.";
    Generals in generals, "Lamport's generals.";
    Omnipaxos in omnipaxos, "Omni-Paxos.";
    #[cfg(feature = "production")]
    TikvRaft in tikv, "The `raft` crate of TiKV.";
    #[cfg(feature = "production")]
    OmnipaxosCrate in omnipaxos_crate, "The `omnipaxos` crate.";
}
