//! What the page draws: the plan of a scenario, the state at one moment, the strip of a whole run.
//!
//! These are the JavaScript objects of the page, field for field (serde-wasm-bindgen, numbers as
//! numbers, `Option` as `null`); their TypeScript types are made of them (`src/crossing.rs`). Times
//! are microseconds. Parts, lanes and replicas are referred to by their number in [`Plan`].

#[cfg(feature = "production")]
pub mod account;
mod blast;
mod caption;
mod carried;
mod cause;
mod consequence;
mod databases;
#[cfg(feature = "production")]
pub mod ledger;
#[cfg(feature = "production")]
pub mod logs;
mod moment;
mod outside;
mod plan;
mod shelf;
mod state;
mod strip;
mod told;

pub use blast::BlastView;
pub use caption::{CaptionView, NoteView};
pub use carried::Carried;
pub use cause::{Cause, CauseKind, Dropped, Target, TargetLink, Trouble};
pub use databases::DatabaseView;
pub use plan::PlanLane;
use serde::Serialize;
pub use shelf::{OpenedLink, ProtocolEntry, Refusal};
pub use state::{DiedOn, FlowState, LaneState, PartKind};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use strip::value_fact;
pub use told::{CaughtView, HeardValue, LieView, ToldView};

use crate::fact::Fact;
use crate::outcome::Requests;
use crate::service::Failure;

/// What does not change while a scenario runs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Plan {
    /// The scenario's title, plain text.
    pub title: String,
    /// Its source, plain text.
    pub source: Option<String>,
    /// All groups of the scenario, in its order.
    pub groups: Vec<PlanGroup>,
    /// The number of the one that is shown: what follows, and views and strips, are of it.
    pub shown: u8,
    /// Its name, "etcd".
    pub cluster: String,
    /// The protocol's name, "raft+prevote".
    pub protocol: String,
    /// What the protocol needs to go on, in the room `progress`.
    #[cfg_attr(test, ts(as = "crate::protocol::catalogue::Needs"))]
    pub needs: &'static str,
    /// What it takes of links that bring messages late or twice, in the room `links`.
    #[cfg_attr(test, ts(as = "crate::protocol::catalogue::Links"))]
    pub links: &'static str,
    /// The protocol's words for the roles, by the role's name: see [`ReplicaView::role`].
    pub role_words: RoleWords,
    /// "crash-fault", "byzantine-fault" or "production code".
    #[cfg_attr(test, ts(as = "crate::protocol::catalogue::Family"))]
    pub family: &'static str,
    /// How many liars the group, set up as it is, stands.
    pub tolerated: u8,
    /// Ways to lie that the protocol's messages allow, as the text writes them.
    #[cfg_attr(test, ts(as = "Vec<crate::fault::Behaviour>"))]
    pub behaviours: Vec<&'static str>,
    /// True for Lamport's generals: rounds, orders and no writes.
    pub generals: bool,
    /// True if a leader can be asked to hand over.
    pub hands_over: bool,
    /// Which of the page's modules can run it: see [`Protocol::module`](crate::protocol::Protocol::module).
    #[cfg_attr(test, ts(type = "\"\" | \"production\""))]
    pub module: &'static str,
    /// The seed.
    pub seed: u32,
    /// The length of the run.
    pub until_us: u64,
    /// The longest election timeout of any replica, the yardstick of the run.
    pub election_max_us: u64,
    /// Sites of the plant.
    pub sites: u8,
    /// Racks in the plant, in all its sites together.
    pub racks: u8,
    /// Servers in each rack.
    pub servers: u8,
    /// Disks in each server.
    pub disks: u8,
    /// What the author calls servers and replicas: what the language does, and the name.
    pub names: Vec<(String, String)>,
    /// All parts, by number.
    pub parts: Vec<PlanPart>,
    /// All lanes, by number; 2k and 2k+1 are the two directions of one cable.
    pub lanes: Vec<PlanLane>,
    /// All replicas, by number.
    pub replicas: Vec<PlanReplica>,
    /// The scenario's notes, in its order. Which of them come, and when, [`Strip::captions`] has.
    pub notes: Vec<NoteView>,
    /// What the author expects, in the order of the text.
    pub expectations: Vec<ExpectationView>,
}

/// A consensus group, by the number that [`View::groups`] has it by.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlanGroup {
    /// Its name, "etcd".
    pub name: String,
    /// Its protocol's name, "raft+prevote".
    pub protocol: String,
    /// By replica, the number of the server that it is on.
    pub parts: Vec<u16>,
    /// As [`Plan::names`], of this group.
    pub names: Vec<(String, String)>,
}

/// The protocol's words for the roles.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RoleWords {
    /// "leader", "primary", "commander".
    pub leader: &'static str,
    /// "follower", "backup", "acceptor".
    pub follower: &'static str,
    /// "candidate", "view-change", "looking".
    pub candidate: &'static str,
}

/// A piece of hardware.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlanPart {
    /// "r1.tor-a".
    pub name: String,
    /// What it is.
    pub kind: PartKind,
    /// The site from 0, where there are several; a WAN link is in none.
    pub site: Option<u8>,
    /// The rack from 0, where it is in one.
    pub rack: Option<u8>,
    /// 0 for a, 1 for b, where it is one of a pair.
    pub side: Option<u8>,
    /// The server's place in the rack from 0, for servers and disks.
    pub slot: Option<u8>,
    /// The disk's number from 0.
    pub disk: Option<u8>,
    /// The replica on it, for servers.
    pub replica: Option<u8>,
}

/// A replica's place.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlanReplica {
    /// "n1".
    pub name: String,
    /// The number of the server it is on.
    pub part: u16,
    /// Those who hear its other story, by number, if it lies and the text does not say to whom.
    pub toward: Vec<u8>,
    /// How fast its clock runs, in percent of the true time.
    pub clock_percent: u8,
}

/// What the author expects of some protocols.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExpectationView {
    /// Its line in the text, from 1.
    pub line: u32,
    /// "raft, zab flapping or stalled".
    pub text: String,
    /// True if this run is judged by it: see [`OutcomeView::expected`].
    pub applies: bool,
}

/// The state of everything at one moment.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct View {
    /// The moment.
    pub time_us: u64,
    /// Events so far.
    pub events: u64,
    /// Trace hash so far, 16 hex digits.
    pub trace_hash: String,
    /// By part number.
    pub parts: Vec<PartView>,
    /// By lane number.
    pub lanes: Vec<LaneView>,
    /// Every ordered pair of replicas.
    pub flows: Vec<FlowView>,
    /// By replica number.
    pub replicas: Vec<ReplicaView>,
    /// Of several groups the replicas of each, by group and by replica; else none.
    pub groups: Vec<Vec<ReplicaView>>,
    /// Packets to draw, oldest first: all that left in the window before `time_us`.
    pub packets: Vec<PacketView>,
    /// Faults in force, oldest first.
    pub faults: Vec<FaultView>,
    /// The replica that a majority follows now, if there is one.
    pub leader: Option<u8>,
    /// True while live replicas disagree on who leads (or some follow nobody).
    pub parted: bool,
    /// Writes tried so far.
    pub writes_tried: u64,
    /// Writes committed so far.
    pub writes_committed: u64,
    /// Leader changes so far.
    pub leader_changes: u64,
    /// What the latest fault did or did not change; `null` before the first.
    pub consequence: Option<Consequence>,
    /// Why the faults so far are outside the protocol's fault model, in the room `outside`, if they
    /// are.
    pub outside: Option<Fact>,
    /// What parts of a power chain carry; none where the text names no chain.
    pub carried: Vec<Carried>,
}

/// A part's state.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PartView {
    /// "up", "gray", "control-dead", "second-primary", "paused", "crashed", "failed", "unpowered",
    /// "data-loss" (a mirror pair is gone; the server's replica is stopped).
    #[cfg_attr(test, ts(as = "crate::fault::PartState"))]
    pub state: &'static str,
    /// What is wrong, if it is not "up".
    pub why: Option<Trouble>,
}

/// A lane's state.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LaneView {
    /// How it is.
    pub state: LaneState,
    /// What else it does to packets, in the room `impaired`.
    pub impaired: Vec<Fact>,
    /// True if some flow between live replicas takes this lane now.
    pub used: bool,
}

/// Everything one replica sends another.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FlowView {
    /// Sending replica.
    pub from: u8,
    /// Receiving replica.
    pub to: u8,
    /// How it is.
    pub state: FlowState,
    /// Why it is not "up".
    pub why: Option<Cause>,
    /// True if a fault of the flow itself takes packets from it, all or some, whatever else does.
    pub lost_as_such: bool,
    /// What else happens to its packets on their way, and what its connection waits for, in the
    /// room `impaired`.
    pub impaired: Vec<Fact>,
    /// The lanes it takes now, in order; up to where it dies, if it does. Of a flow that is cut
    /// itself, those that it would take.
    pub lanes: Vec<u16>,
}

/// A replica's state and its belief.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReplicaView {
    /// True if its process runs (paused counts as up).
    pub up: bool,
    /// True if its server is paused: it neither hears nor says anything.
    pub paused: bool,
    /// True once a loss of power took what it had said it had: its disk is synced lazily.
    pub forgot: bool,
    /// What is wrong with its server, if it does not run.
    pub why_down: Option<Trouble>,
    /// "follower", "pre-candidate", "candidate" or "leader".
    #[cfg_attr(test, ts(as = "crate::protocol::Role"))]
    pub role: &'static str,
    /// Its epoch, as a number.
    pub epoch: u64,
    /// Its epoch as the protocol counts, in the room `place`: "term 3", "height 37, round 0".
    pub place: Fact,
    /// Whom it believes to lead.
    pub leader: Option<u8>,
    /// When it last heard from the one it believes in (or last believed in), if ever.
    pub heard_us: Option<u64>,
    /// Who that was.
    pub heard_from: Option<u8>,
    /// Entries in its log.
    pub log: u64,
    /// Entries it knows committed.
    pub commit: u64,
    /// The one value that it believes in, where a protocol is about one, in the room `value`:
    /// "attack", "write 3".
    pub value: Option<Fact>,
    /// Where it stands within its epoch, if its protocol has that, in the room `phase`.
    pub phase: Option<Fact>,
    /// Whom it heard say what, for protocols that keep a vector of values.
    pub vector: Vec<HeardValue>,
    /// Whom it has caught lying.
    pub caught: Vec<CaughtView>,
    /// What it does as a traitor, as the text writes it; empty for the loyal.
    pub lies: Vec<LieView>,
    /// When it will lose patience (its election timer), if that is running.
    pub timeout_at_us: Option<u64>,
    /// The length of that timer, to draw it as a share.
    pub timeout_us: Option<u64>,
}

/// A packet under way, or one that has just arrived or died.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PacketView {
    /// A key that stays while the packet is drawn.
    pub id: u64,
    /// Sending replica.
    pub from: u8,
    /// Receiving replica.
    pub to: u8,
    /// "append", "append-reply", "heartbeat", "heartbeat-reply", "vote", "vote-reply",
    /// "pre-vote", "pre-vote-reply", "transfer".
    pub kind: &'static str,
    /// The message, in the room `message`: "AppendEntries, term 13: write 7".
    pub words: Fact,
    /// Of what a general says: the order that it is about, "attack".
    pub order: Option<&'static str>,
    /// When it left.
    pub sent_us: u64,
    /// When it arrives, or dies.
    pub ends_us: u64,
    /// Lanes it crosses, in order; a dying packet's last one is where it dies.
    pub lanes: Vec<u16>,
    /// What an honest replica would have said: `null` if this is the truth, "nothing" if it would
    /// not have spoken.
    pub truth: Option<Fact>,
    /// `null` if it arrives; else why not.
    pub died: Option<Cause>,
    /// Where it died, if it did.
    pub died_on: Option<DiedOn>,
    /// How often the message was sent before, over a connection.
    pub again: u8,
    /// If it arrives and its acknowledgement dies, of what.
    pub unheard: Option<Cause>,
}

/// A fault in force.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FaultView {
    /// Since when.
    pub at_us: u64,
    /// "gray r1.tor-a drops n1 <-> n3"; of what tripped, whose name: "r1.breaker-b".
    pub text: String,
    /// "crash", "omission", "timing", "duplication", "amnesia" or "byzantine".
    #[cfg_attr(test, ts(as = "crate::fault::FaultClass"))]
    pub class: &'static str,
    /// The statement that lifts it, "heal r1.tor-a"; `null` if nothing does.
    pub lift: Option<String>,
    /// What it is about.
    pub target: Target,
}

/// What a fault led to, from the whole run and not from a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Consequence {
    /// When the fault took hold.
    pub at_us: u64,
    /// The fault.
    pub fault: String,
    /// True if no belief changed and no write was lost until the next act or the end.
    pub nothing: bool,
    /// In the room `aftermath`.
    pub said: Fact,
}

/// The whole run, for the belief strip.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Strip {
    /// How far the run is simulated; equals `until_us` when complete, or where it was exhausted.
    pub frontier_us: u64,
    /// The run's length.
    pub until_us: u64,
    /// By replica number: what it believed, span by span, without gaps.
    pub lanes: Vec<Vec<BeliefSpan>>,
    /// Faults, each from where it took hold to where it was lifted (or the end).
    pub faults: Vec<FaultSpan>,
    /// New leaderships.
    pub elections: Vec<ElectionMark>,
    /// Writes tried, in order of time.
    pub writes: Vec<WriteMark>,
    /// Where clients come at a rate.
    pub requests: Option<RequestsView>,
    /// The database clusters that stand on the group.
    pub databases: Vec<DatabaseView>,
    /// Spans in which no leader was followed by a majority.
    pub leaderless: Vec<[u64; 2]>,
    /// Safety violations.
    pub violations: Vec<ViolationView>,
    /// Captions in order of time: notes by time all, others as far as the run is known. None where
    /// no reader has the run before him.
    pub captions: Vec<CaptionView>,
    /// Present when complete.
    pub outcome: Option<OutcomeView>,
    /// Present if the run came to a bound before its end, and ends there.
    pub exhausted: Option<ExhaustedView>,
}

/// What became of the requests of clients who come at a rate.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RequestsView {
    /// Why requests fail, in the order in which failed ones are counted, in the room `failure`.
    #[cfg_attr(test, ts(as = "Vec<crate::service::Failure>"))]
    pub causes: [&'static str; Failure::ALL.len()],
    /// Of the run as far as it is simulated.
    pub whole: Requests,
    /// How long a stretch is.
    pub stretch_us: u64,
    /// By stretches, up to the last in which one came.
    pub stretches: Vec<Requests>,
}

/// A run that has come to a bound on its work: see [`crate::meter`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExhaustedView {
    /// When; nothing that comes after is known.
    pub at_us: u64,
    /// Which bound: "messages", "events", "carried", "under-way", "held" or "beliefs".
    #[cfg_attr(test, ts(as = "crate::meter::Bound"))]
    pub bound: &'static str,
    /// In the room `exhausted`: "the run ends here, at 47s: more than 30 million messages".
    pub said: Fact,
}

/// One replica's belief over a span.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct BeliefSpan {
    /// From.
    pub from_us: u64,
    /// To.
    pub to_us: u64,
    /// Whom it believed in; `null` is nobody.
    pub leader: Option<u8>,
    /// Its role, as in [`ReplicaView::role`], or "down".
    #[cfg_attr(test, ts(type = "Role | \"down\""))]
    pub role: &'static str,
    /// Its epoch at the start of the span.
    pub epoch: u64,
    /// The value it believed in, where a protocol is about one, in the room `value`.
    pub value: Option<Fact>,
}

/// A fault over time.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FaultSpan {
    /// From.
    pub from_us: u64,
    /// To.
    pub to_us: u64,
    /// The fault, as the text writes it; the part's name of what tripped.
    pub text: String,
    /// True if the part tripped: no statement did it.
    pub tripped: bool,
    /// "crash", "omission", "timing", "duplication", "amnesia" or "byzantine".
    #[cfg_attr(test, ts(as = "crate::fault::FaultClass"))]
    pub class: &'static str,
    /// The number of the line with `every` that it comes from, if it does: these share a track.
    pub line: Option<u16>,
}

/// A replica became leader.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ElectionMark {
    /// When.
    pub at_us: u64,
    /// Who.
    pub leader: u8,
    /// In which epoch.
    pub epoch: u64,
}

/// A write a client tried.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WriteMark {
    /// How many writes this stands for: those of one grain of a long run that fared alike are one.
    pub count: u32,
    /// When it was tried.
    pub at_us: u64,
    /// When it was committed, if it was.
    pub committed_us: Option<u64>,
    /// True if that was after its client's patience was over.
    pub late: bool,
}

/// A safety property that broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ViolationView {
    /// "election-safety", in the room `property`.
    pub property: &'static str,
    /// When.
    pub at_us: u64,
    /// What was seen, in the room `violation`.
    pub detail: Fact,
    /// Lies that break it, if they were looked for and found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub culprits: Option<CulpritsView>,
}

/// A set of lies that breaks a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CulpritsView {
    /// "none-needed", "fewest", "none-to-spare" or "enough": see `explore::Claim`.
    #[cfg_attr(test, ts(as = "crate::explore::Claim"))]
    pub claim: &'static str,
    /// How many they are.
    pub count: u32,
    /// The first of them, in order; a list that nobody reads to its end is cut short.
    pub told: Vec<ToldView>,
}

/// How the run came out: see [`crate::outcome`].
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OutcomeView {
    /// "unsafe", "stalled", "flapping", "recovered", "parted" or "stable".
    #[cfg_attr(test, ts(as = "crate::outcome::Outcome"))]
    pub name: &'static str,
    /// What users felt, in the room `outcome`.
    pub felt: Fact,
    /// The incidents of the run, in order.
    pub episodes: Vec<EpisodeView>,
    /// Writes of which it is known what became of them.
    pub writes_tried: u64,
    /// Of these, committed within the client's patience.
    pub writes_served: u64,
    /// Of these, committed after it.
    pub writes_late: u64,
    /// "reads 38 of 40, 3 stale", if clients read: in the room `counted`.
    pub reads: Option<Fact>,
    /// Leader changes.
    pub leader_changes: u64,
    /// The longest time without a commit while somebody waited for one.
    pub longest_stall_us: u64,
    /// True if it came out as expected; `null` if nothing is expected, or it came to a bound.
    pub expected: Option<bool>,
    /// Trace hash at the end, 16 hex digits.
    pub trace_hash: String,
}

/// An incident of a run: see [`crate::outcome::Episode`].
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EpisodeView {
    /// From.
    pub from_us: u64,
    /// To.
    pub to_us: u64,
    /// The word of its worst damage.
    #[cfg_attr(test, ts(as = "crate::outcome::Outcome"))]
    pub outcome: &'static str,
    /// What users felt, in the room `outcome`.
    pub felt: Fact,
}
