//! Our Raft in etcd's flavour against TiKV's `raft` crate, step by step.
//!
//! Both run in a world of ticks: in each tick every timer that is due rings, replica by replica,
//! and then messages travel at once, first come first served, until nobody says anything more. The
//! script (one-way cuts, writes, restarts, campaigns) is the same, and so is each replica's series
//! of election timeouts. After every tick each replica must believe the same, have the same log,
//! and the same must be committed. A disagreement prints the shortest script that still shows it.
//!
//! Two differences are known. They are taken out by name, on the wire, and nothing else is:
//! - *Commit by vote.* The crate's candidates and voters tell each other what they know committed
//!   (`commit`, `commit_term` of votes); etcd's do not. Here these fields are lost.
//! - *Below what was acknowledged.* If a follower whose disk was wiped refuses while the leader
//!   probes it, the crate's leader goes back as far as it asks, if a heartbeat does not end it
//!   before; etcd's never goes below what was acknowledged (`Match` in `MaybeDecrTo`). Here such
//!   refusals are lost.
//!
//! The crate's priorities are off, as in TiKV, and its bounds on what is in flight are never met.

use std::collections::VecDeque;
use std::fmt;

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::protocol::log::Entry;
use halflink::protocol::{
    Belief, Command, Effect, Identity, Input, Message, Protocol, Replica, Role, Timer, raft, tikv,
};
use halflink::rng::Rng;

use crate::support::size;
use halflink::fact::Fact;

/// Microseconds in a tick.
const TICK: u64 = 100;
const LEAST_TICKS: u64 = 10;
const MOST_TICKS: u64 = 19;
const REPLICAS_MAX: usize = 7;

const PAIRS: [(Protocol, Protocol); 4] = [
    (Protocol::EtcdRaft, Protocol::TikvRaft),
    (Protocol::EtcdRaftPrevote, Protocol::TikvRaftPrevote),
    (Protocol::EtcdRaftCheckquorum, Protocol::TikvRaftCheckquorum),
    (Protocol::EtcdRaftPrevoteCheckquorum, Protocol::TikvRaftPrevoteCheckquorum),
];

/// Something done to the group.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ByzantineBehaviour {
    Cut(usize, usize),
    Heal(usize, usize),
    HealAll,
    Write,
    Restart(usize),
    Wipe(usize),
    Elect(usize),
    /// To the newest leader: hand over.
    Transfer(usize),
}

/// A script: what is done before which tick.
#[derive(Clone, Debug)]
struct Script {
    seed: u32,
    replicas: usize,
    ticks: u64,
    byzantine: Vec<(u64, ByzantineBehaviour)>,
}

impl fmt::Display for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "seed {}, {} replicas", self.seed, self.replicas)?;
        for (tick, byzantine) in &self.byzantine {
            writeln!(formatter, "tick {tick}: {byzantine:?}")?;
        }
        Ok(())
    }
}

impl Script {
    /// Mostly cuts, many of them one-way, so that at most times some hear whom others do not.
    fn random(seed: u32) -> Self {
        let mut rng = Rng::new(seed);
        let replicas = 1 + rng.below(REPLICAS_MAX as u32) as usize;
        let ticks = 300;
        let mut byzantine = Vec::new();
        for tick in 1..ticks {
            let (one, other) = pair(&mut rng, replicas);
            match rng.below(100) {
                0..=4 => byzantine.push((tick, ByzantineBehaviour::Cut(one, other))),
                5..=6 => {
                    byzantine.extend([
                        (tick, ByzantineBehaviour::Cut(one, other)),
                        (tick, ByzantineBehaviour::Cut(other, one)),
                    ]);
                }
                7..=9 => byzantine.push((tick, ByzantineBehaviour::Heal(one, other))),
                10 => byzantine.push((tick, ByzantineBehaviour::HealAll)),
                11 => byzantine.push((tick, ByzantineBehaviour::Restart(one))),
                12 => byzantine.push((tick, ByzantineBehaviour::Elect(one))),
                13..=14 => byzantine.push((tick, ByzantineBehaviour::Transfer(one))),
                15 if rng.percent(30) => byzantine.push((tick, ByzantineBehaviour::Wipe(one))),
                16..=40 => byzantine.push((tick, ByzantineBehaviour::Write)),
                _ => {}
            }
        }
        Self { seed, replicas, ticks, byzantine }
    }
}

fn pair(rng: &mut Rng, replicas: usize) -> (usize, usize) {
    let one = rng.below(replicas as u32) as usize;
    let step = if replicas == 1 { 0 } else { 1 + rng.below(replicas as u32 - 1) as usize };
    (one, (one + step) % replicas)
}

/// What the wire has seen a follower acknowledge to a leader.
#[derive(Clone, Copy, Debug, Default)]
struct Acknowledged {
    term: u32,
    index: u32,
}

fn new_replica(protocol: Protocol, id: usize, replicas: usize) -> Replica {
    let identity = Identity {
        id: ReplicaId(id as u8),
        replicas: replicas as u8,
        tolerated: 0,
        heartbeat: Micros(TICK),
        election: Micros(LEAST_TICKS * TICK)..=Micros(MOST_TICKS * TICK),
    };
    protocol.replica(identity).expect("this build has it")
}

struct Node {
    replica: Replica,
    /// By timer, the tick at which it rings, and how long it was set for.
    alarms: [Option<u64>; Timer::COUNT],
    lengths: [u64; Timer::COUNT],
    draws: u32,
}

struct Group {
    protocol: Protocol,
    now: u64,
    nodes: Vec<Node>,
    cut: [[bool; REPLICAS_MAX]; REPLICAS_MAX],
    acknowledged: [[Acknowledged; REPLICAS_MAX]; REPLICAS_MAX],
    wire: VecDeque<(usize, usize, Message)>,
    writes: Command,
}

impl Group {
    fn new(protocol: Protocol, script: &Script) -> Self {
        let node = |id: usize| Node {
            replica: new_replica(protocol, id, script.replicas),
            alarms: [None; Timer::COUNT],
            lengths: [0; Timer::COUNT],
            draws: script.seed ^ (id as u32 + 1) << 24,
        };
        let mut group = Self {
            protocol,
            now: 0,
            nodes: (0..script.replicas).map(node).collect(),
            cut: Default::default(),
            acknowledged: Default::default(),
            wire: VecDeque::new(),
            writes: 0,
        };
        for id in 0..script.replicas {
            group.tell(id, Input::Start);
        }
        group
    }

    fn perform(&mut self, byzantine: ByzantineBehaviour) {
        match byzantine {
            ByzantineBehaviour::Cut(from, to) => self.cut[from][to] = true,
            ByzantineBehaviour::Heal(from, to) => self.cut[from][to] = false,
            ByzantineBehaviour::HealAll => self.cut = Default::default(),
            ByzantineBehaviour::Write => {
                self.writes += 1;
                if let Some(id) = self.newest_leader() {
                    self.tell(id, Input::Propose(self.writes));
                }
            }
            ByzantineBehaviour::Restart(id) => {
                self.nodes[id].replica.crash();
                self.nodes[id].alarms = [None; Timer::COUNT];
                self.tell(id, Input::Start);
            }
            ByzantineBehaviour::Wipe(id) => {
                let replicas = self.nodes.len();
                self.nodes[id].replica = new_replica(self.protocol, id, replicas);
                self.nodes[id].alarms = [None; Timer::COUNT];
                self.tell(id, Input::Start);
            }
            ByzantineBehaviour::Transfer(to) => {
                if let Some(id) = self.newest_leader() {
                    self.tell(id, Input::Transfer(ReplicaId(to as u8)));
                }
            }
            ByzantineBehaviour::Elect(id) => self.tell(id, Input::Timeout(Timer::Election)),
        }
        self.settle();
    }

    fn newest_leader(&self) -> Option<usize> {
        let beliefs = self.nodes.iter().map(|node| node.replica.belief()).enumerate();
        let leaders = beliefs.filter(|(_, belief)| belief.role == Role::Leader);
        leaders.max_by_key(|(_, belief)| belief.epoch).map(|(id, _)| id)
    }

    /// All timers that are due, then all messages.
    fn tick(&mut self) {
        self.now += 1;
        for id in 0..self.nodes.len() {
            // As the crate does within a tick: it looks at its quorum, gives a handover up, and
            // then gives signs of life.
            let order = [
                Timer::Lease,
                Timer::Round,
                Timer::CheckQuorum,
                Timer::Retry,
                Timer::Heartbeat,
                Timer::Election,
            ];
            for timer in order {
                if self.nodes[id].alarms[timer.index()].is_some_and(|at| at <= self.now) {
                    self.nodes[id].alarms[timer.index()] = None;
                    self.tell(id, Input::Timeout(timer));
                }
            }
        }
        self.settle();
    }

    fn settle(&mut self) {
        let mut messages = 0;
        while let Some((from, to, message)) = self.wire.pop_front() {
            messages += 1;
            assert!(messages < 10_000, "messages that never end");
            if self.is_below_what_was_acknowledged((from, to), &message) {
                continue;
            }
            self.tell(to, Input::Deliver { from: ReplicaId(from as u8), message: &message });
        }
    }

    fn tell(&mut self, id: usize, input: Input) {
        let mut effects = Vec::new();
        self.nodes[id].replica.step(input, &mut effects);
        for effect in effects {
            match effect {
                Effect::Send { to, message, .. } => self.send((id, to.index()), message),
                Effect::SetTimer { timer, to, .. } => {
                    let node = &mut self.nodes[id];
                    let length = match timer {
                        Timer::Election => {
                            // What is drawn depends on the tick, not on how often it is drawn.
                            let mut rng = Rng::new(node.draws ^ (self.now as u32) << 12);
                            LEAST_TICKS + u64::from(rng.below(10))
                        }
                        Timer::Heartbeat
                        | Timer::Lease
                        | Timer::CheckQuorum
                        | Timer::Retry
                        | Timer::Round => to.0 / TICK,
                    };
                    node.lengths[timer.index()] = length;
                    node.alarms[timer.index()] = Some(self.now + length);
                }
                Effect::RestartTimer(timer) => {
                    let node = &mut self.nodes[id];
                    node.alarms[timer.index()] = Some(self.now + node.lengths[timer.index()]);
                }
                Effect::CancelTimer(timer) => self.nodes[id].alarms[timer.index()] = None,
                Effect::Answer { read, .. } => panic!("nobody asked for read {read}"),
            }
        }
    }

    fn send(&mut self, (from, to): (usize, usize), mut message: Message) {
        if let Message::TikvRaft(
            tikv::Message::Vote { commit, commit_term, .. }
            | tikv::Message::VoteReply { commit, commit_term, .. },
        ) = &mut message
        {
            // Commit by vote.
            (*commit, *commit_term) = (0, 0);
        }
        if !self.cut[from][to] {
            self.wire.push_back((from, to, message));
        }
    }

    /// As it arrives: see the difference of that name.
    fn is_below_what_was_acknowledged(
        &mut self,
        (from, to): (usize, usize),
        message: &Message,
    ) -> bool {
        let Some((success, index)) = answer(message) else { return false };
        let seen = &mut self.acknowledged[to][from];
        let term = term(message);
        if term > seen.term {
            *seen = Acknowledged { term, index: 0 };
        }
        if success && term == seen.term {
            seen.index = seen.index.max(index);
        }
        !success && term == seen.term && index <= seen.index
    }

    /// What each replica believes, has, knows committed, and whether it lives.
    fn shown(&self) -> Vec<Shown> {
        let of = |Node { replica, .. }: &Node| Shown {
            belief: replica.belief(),
            commit: replica.commit(),
            died: replica.phase().filter(|phase| phase.kind == "died"),
            log: replica.log().from(1, usize::MAX).to_vec(),
        };
        self.nodes.iter().map(of).collect()
    }
}

/// What is compared of a replica.
#[derive(Debug, PartialEq)]
struct Shown {
    belief: Belief,
    commit: u32,
    died: Option<Fact>,
    log: Vec<Entry>,
}

/// An answer to AppendEntries: whether it fitted, and the last index that does, or the one that did
/// not.
#[expect(clippy::wildcard_enum_match_arm, reason = "only answers are looked at")]
fn answer(message: &Message) -> Option<(bool, u32)> {
    match message {
        Message::Raft(raft::Message::AppendReply { success: true, index, .. }) => {
            Some((true, *index))
        }
        // Without a place it is the answer to an old leader.
        Message::Raft(raft::Message::AppendReply { success: false, refused: 0, .. }) => None,
        Message::Raft(raft::Message::AppendReply { success: false, refused, .. }) => {
            Some((false, *refused))
        }
        Message::TikvRaft(tikv::Message::AppendReply { reject, index, .. }) => {
            Some((!reject, *index))
        }
        _ => None,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only Raft is spoken here")]
fn term(message: &Message) -> u32 {
    match message {
        Message::Raft(message) => message.term(),
        Message::TikvRaft(message) => message.term(),
        _ => unreachable!("only Raft is spoken here"),
    }
}

/// What a comparison met, so that one in which nothing happens is noticed.
#[derive(Debug, Default)]
struct Met {
    ticks: u64,
    leaderships: usize,
    committed: u64,
    ticks_of_two_leaders: u64,
    repairs: u64,
    /// Replicas that have died, tick by tick.
    died: usize,
}

/// Plays a script with both; where they first disagree, and how.
fn play(pair: (Protocol, Protocol), script: &Script, met: &mut Met) -> Result<(), String> {
    let (mut ours, mut crates) = (Group::new(pair.0, script), Group::new(pair.1, script));
    let mut byzantine = script.byzantine.iter().peekable();
    let mut leading = Vec::new();
    for tick in 1..=script.ticks {
        while let Some((_, byzantine)) = byzantine.next_if(|(at, _)| *at == tick) {
            ours.perform(*byzantine);
            crates.perform(*byzantine);
        }
        ours.tick();
        crates.tick();
        let (left, right) = (ours.shown(), crates.shown());
        if left != right {
            let say = |replicas: &[Shown]| {
                let lines = replicas.iter().map(|Shown { belief, commit, died, log }| {
                    let Belief { role, epoch, leader, .. } = belief;
                    let log: Vec<_> = log.iter().map(|e| (e.epoch, e.command)).collect();
                    format!(
                        "\n  {role:?} of term {epoch}, leader {leader:?}, commit {commit}, {died:?}, \
                         log {log:?}"
                    )
                });
                lines.collect::<String>()
            };
            return Err(format!("tick {tick}\nours: {}\ncrate: {}", say(&left), say(&right)));
        }
        let beliefs = left.iter().map(|shown| shown.belief);
        met.died += left.iter().filter(|shown| shown.died.is_some()).count();
        let leaders = beliefs.filter(|belief| belief.role == Role::Leader);
        let leaders: Vec<_> = leaders.map(|belief| belief.epoch).collect();
        met.leaderships += leaders.iter().filter(|&term| !leading.contains(term)).count();
        met.ticks_of_two_leaders += u64::from(leaders.len() > 1);
        met.ticks += 1;
        leading = leaders;
    }
    let commits = ours.nodes.iter().map(|node| node.replica.commit());
    met.committed += u64::from(commits.max().unwrap_or(0));
    let repairs = crates.nodes.iter().map(|node| node.replica.log().truncations().0);
    met.repairs += u64::from(repairs.sum::<u32>());
    Ok(())
}

/// Leaves out whatever is not needed for a disagreement.
fn shortest(pair: (Protocol, Protocol), mut script: Script) -> (Script, String) {
    let disagrees = |script: &Script| play(pair, script, &mut Met::default()).err();
    let mut how = disagrees(&script).expect("it was just seen");
    loop {
        let before = script.byzantine.len();
        let mut place = before;
        while place > 0 {
            place -= 1;
            let mut less = script.clone();
            less.byzantine.remove(place);
            if let Some(other) = disagrees(&less) {
                (script, how) = (less, other);
            }
        }
        if script.byzantine.len() == before {
            return (script, how);
        }
    }
}

#[test]
fn ours_and_the_crate_take_the_same_steps() {
    for pair in PAIRS {
        let mut met = Met::default();
        for seed in 0..size(400, 10_000) {
            let script = Script::random(seed);
            if play(pair, &script, &mut met).is_err() {
                let (script, how) = shortest(pair, script);
                panic!("{} and {} disagree\n{script}{how}", pair.0, pair.1);
            }
        }
        println!("{}: {met:?}", pair.0);
        // With check-quorum two rarely lead at once: that is what it is for.
        let enough = met.leaderships > 400 && met.committed > 4_000;
        assert!(enough && met.ticks_of_two_leaders > 0 && met.repairs > 10, "{met:?}");
    }
}

/// A test that cannot fail proves nothing: two that do differ, in a switch, are told apart.
#[test]
fn a_difference_is_found_and_its_script_is_short() {
    let pair = (Protocol::EtcdRaft, Protocol::TikvRaftCheckquorum);
    let differs = |seed: &u32| play(pair, &Script::random(*seed), &mut Met::default()).is_err();
    let seed = (0..100).find(differs).expect("one of a hundred scripts shows it");
    let (script, how) = shortest(pair, Script::random(seed));
    println!("{script}{how}");
    assert!(script.byzantine.len() <= 4, "{script}{how}");
}
