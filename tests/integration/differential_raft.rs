//! Our Raft in etcd's flavour against TiKV's `raft` crate, step by step.
//!
//! Both run in a world of ticks: in each tick every timer that is due rings, replica by replica, and
//! then messages travel at once, first come first served, until nobody says anything more. The
//! script (one-way cuts, writes, restarts, campaigns) is the same, and so is each replica's series
//! of election timeouts. After every tick each replica must believe the same, have the same log, and
//! the same must be committed. A disagreement prints the shortest script that still shows it.
//!
//! Four differences are known. They are taken out by name, on the wire, and nothing else is:
//! - *Commit by vote.* The crate's candidates and voters tell each other what they know committed
//!   (`commit`, `commit_term` of votes); etcd's do not. Here these fields are lost.
//! - *One message while probing.* The crate sends a follower that has not answered it yet one
//!   AppendEntries with entries until there is an answer; ours sends every new entry once. Here
//!   what ours would send to such a follower is lost.
//! - *A round trip more.* To a follower that it hears again the crate's leader sends what is missing;
//!   ours goes on from what it sent, and a refusal tells it what is missing. If it is deposed within
//!   that round trip, an entry is there or not. Here what carries a newer term than its receiver
//!   knows, and may so depose it, comes last in its tick.
//! - *Commit told at once.* The crate tells its followers of a new commit index at once, ours with
//!   what is said next. So what is compared is the highest commit index of the group.
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

/// Microseconds in a tick.
const TICK: u64 = 100;
const LEAST_TICKS: u64 = 10;
const MOST_TICKS: u64 = 19;
const REPLICAS_MAX: usize = 5;

const PAIRS: [(Protocol, Protocol); 4] = [
    (Protocol::EtcdRaft, Protocol::TikvRaft),
    (Protocol::EtcdRaftPrevote, Protocol::TikvRaftPrevote),
    (Protocol::EtcdRaftCheckquorum, Protocol::TikvRaftCheckquorum),
    (Protocol::EtcdRaftPrevoteCheckquorum, Protocol::TikvRaftPrevoteCheckquorum),
];

/// Something done to the group.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    Cut(usize, usize),
    Heal(usize, usize),
    HealAll,
    Write,
    Restart(usize),
    Elect(usize),
}

/// A script: what is done before which tick.
#[derive(Clone, Debug)]
struct Script {
    seed: u32,
    replicas: usize,
    ticks: u64,
    deeds: Vec<(u64, Deed)>,
}

impl fmt::Display for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "seed {}, {} replicas", self.seed, self.replicas)?;
        for (tick, deed) in &self.deeds {
            writeln!(formatter, "tick {tick}: {deed:?}")?;
        }
        Ok(())
    }
}

impl Script {
    /// Mostly cuts, many of them one-way, so that at most times some hear whom others do not.
    fn random(seed: u32) -> Self {
        let mut rng = Rng::new(seed);
        let replicas = if rng.percent(60) { 3 } else { 5 };
        let ticks = 300;
        let mut deeds = Vec::new();
        for tick in 1..ticks {
            let (one, other) = pair(&mut rng, replicas);
            match rng.below(100) {
                0..=4 => deeds.push((tick, Deed::Cut(one, other))),
                5..=6 => {
                    deeds.extend([(tick, Deed::Cut(one, other)), (tick, Deed::Cut(other, one))]);
                }
                7..=9 => deeds.push((tick, Deed::Heal(one, other))),
                10 => deeds.push((tick, Deed::HealAll)),
                11 => deeds.push((tick, Deed::Restart(one))),
                12 => deeds.push((tick, Deed::Elect(one))),
                13..=40 => deeds.push((tick, Deed::Write)),
                _ => {}
            }
        }
        Self { seed, replicas, ticks, deeds }
    }
}

fn pair(rng: &mut Rng, replicas: usize) -> (usize, usize) {
    let one = rng.below(replicas as u32) as usize;
    let step = 1 + rng.below(replicas as u32 - 1) as usize;
    (one, (one + step) % replicas)
}

/// What the wire knows of a leader's way to a follower: see *one message while probing*.
#[derive(Clone, Copy, Debug, Default)]
struct Probe {
    term: u32,
    answered: bool,
    paused: bool,
}

struct Node {
    replica: Replica,
    /// By timer, the tick at which it rings, and how long it was set for.
    alarms: [Option<u64>; Timer::COUNT],
    lengths: [u64; Timer::COUNT],
    draws: Rng,
}

struct Group {
    now: u64,
    nodes: Vec<Node>,
    cut: [[bool; REPLICAS_MAX]; REPLICAS_MAX],
    probes: [[Probe; REPLICAS_MAX]; REPLICAS_MAX],
    wire: VecDeque<(usize, usize, Message)>,
    writes: Command,
}

impl Group {
    fn new(protocol: Protocol, script: &Script) -> Self {
        let node = |id: usize| {
            let identity = Identity {
                id: ReplicaId(id as u8),
                replicas: script.replicas as u8,
                tolerated: 0,
                heartbeat: Micros(TICK),
                election: Micros(LEAST_TICKS * TICK)..=Micros(MOST_TICKS * TICK),
            };
            Node {
                replica: protocol.replica(identity).expect("this build has it"),
                alarms: [None; Timer::COUNT],
                lengths: [0; Timer::COUNT],
                draws: Rng::new(script.seed ^ (id as u32 + 1) << 24),
            }
        };
        let mut group = Self {
            now: 0,
            nodes: (0..script.replicas).map(node).collect(),
            cut: Default::default(),
            probes: Default::default(),
            wire: VecDeque::new(),
            writes: 0,
        };
        for id in 0..script.replicas {
            group.tell(id, Input::Start);
        }
        group
    }

    fn perform(&mut self, deed: Deed) {
        match deed {
            Deed::Cut(from, to) => self.cut[from][to] = true,
            Deed::Heal(from, to) => self.cut[from][to] = false,
            Deed::HealAll => self.cut = Default::default(),
            Deed::Write => {
                self.writes += 1;
                if let Some(id) = self.newest_leader() {
                    self.tell(id, Input::Propose(self.writes));
                }
            }
            Deed::Restart(id) => {
                self.nodes[id].replica.crash();
                self.nodes[id].alarms = [None; Timer::COUNT];
                self.tell(id, Input::Start);
            }
            Deed::Elect(id) => self.tell(id, Input::Timeout(Timer::Election)),
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
            // As the crate does within a tick: it looks at its quorum before it gives signs of life.
            for timer in [Timer::Lease, Timer::CheckQuorum, Timer::Heartbeat, Timer::Election] {
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
        while !self.wire.is_empty() {
            let obeyed = |(_, to, message): &(usize, usize, Message)| {
                term(message) <= self.nodes[*to].replica.belief().epoch
            };
            // A round trip more.
            let place = self.wire.iter().position(obeyed).unwrap_or(0);
            let (from, to, message) = self.wire.remove(place).expect("it is within the queue");
            messages += 1;
            assert!(messages < 10_000, "messages that never end");
            self.note_answer((from, to), &message);
            self.tell(to, Input::Deliver { from: ReplicaId(from as u8), message: &message });
        }
    }

    fn tell(&mut self, id: usize, input: Input) {
        let mut effects = Vec::new();
        self.nodes[id].replica.step(input, &mut effects);
        for effect in effects {
            match effect {
                Effect::Send { to, message } => self.send((id, to.index()), message),
                Effect::SetTimer { timer, to, .. } => {
                    let node = &mut self.nodes[id];
                    let length = match timer {
                        Timer::Election => LEAST_TICKS + u64::from(node.draws.below(10)),
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
        if !self.is_held_back((from, to), &message) && !self.cut[from][to] {
            self.wire.push_back((from, to, message));
        }
    }

    /// One message while probing: true for what the crate would not send.
    fn is_held_back(&mut self, (from, to): (usize, usize), message: &Message) -> bool {
        let Message::Raft(raft::Message::Append { term, entries, .. }) = message else {
            return false;
        };
        let probe = &mut self.probes[from][to];
        if probe.term != *term {
            *probe = Probe { term: *term, ..Probe::default() };
        }
        if entries.is_empty() || probe.answered {
            return false;
        }
        std::mem::replace(&mut probe.paused, true)
    }

    /// An answer to a leader, as it arrives.
    fn note_answer(&mut self, (from, to): (usize, usize), message: &Message) {
        let Message::Raft(message) = message else { return };
        let probe = &mut self.probes[to][from];
        if message.term() != probe.term {
            return;
        }
        match message {
            raft::Message::AppendReply { success, .. } => {
                (probe.answered, probe.paused) = (*success, false);
            }
            raft::Message::HeartbeatReply { .. } => probe.paused = false,
            raft::Message::Vote { .. }
            | raft::Message::VoteReply { .. }
            | raft::Message::Append { .. }
            | raft::Message::Heartbeat { .. }
            | raft::Message::TimeoutNow { .. }
            | raft::Message::Counted { .. } => {}
        }
    }

    /// What each replica believes and has, and what is committed.
    fn shown(&self) -> (Vec<(Belief, Vec<Entry>)>, u32) {
        let of =
            |node: &Node| (node.replica.belief(), node.replica.log().from(1, usize::MAX).to_vec());
        let commits = self.nodes.iter().map(|node| node.replica.commit());
        (self.nodes.iter().map(of).collect(), commits.max().unwrap_or(0))
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
}

/// Plays a script with both; where they first disagree, and how.
fn play(pair: (Protocol, Protocol), script: &Script, met: &mut Met) -> Result<(), String> {
    let (mut ours, mut crates) = (Group::new(pair.0, script), Group::new(pair.1, script));
    let mut deeds = script.deeds.iter().peekable();
    let mut leading = Vec::new();
    for tick in 1..=script.ticks {
        while let Some((_, deed)) = deeds.next_if(|(at, _)| *at == tick) {
            ours.perform(*deed);
            crates.perform(*deed);
        }
        ours.tick();
        crates.tick();
        let (left, right) = (ours.shown(), crates.shown());
        if left != right {
            let say = |(replicas, committed): &(Vec<(Belief, Vec<Entry>)>, u32)| {
                let lines = replicas.iter().map(|(belief, log)| {
                    let Belief { role, epoch, leader, .. } = belief;
                    let log: Vec<_> = log.iter().map(|e| (e.epoch, e.command)).collect();
                    format!("\n  {role:?} of term {epoch}, leader {leader:?}, log {log:?}")
                });
                format!("committed {committed}{}", lines.collect::<String>())
            };
            return Err(format!("tick {tick}\nours: {}\ncrate: {}", say(&left), say(&right)));
        }
        let leaders = left.0.iter().filter(|(belief, _)| belief.role == Role::Leader);
        let leaders: Vec<_> = leaders.map(|(belief, _)| belief.epoch).collect();
        met.leaderships += leaders.iter().filter(|&term| !leading.contains(term)).count();
        met.ticks_of_two_leaders += u64::from(leaders.len() > 1);
        met.ticks += 1;
        leading = leaders;
    }
    met.committed += u64::from(ours.shown().1);
    let repairs = crates.nodes.iter().map(|node| node.replica.log().truncations().0);
    met.repairs += u64::from(repairs.sum::<u32>());
    Ok(())
}

/// Leaves out whatever is not needed for a disagreement.
fn shortest(pair: (Protocol, Protocol), mut script: Script) -> (Script, String) {
    let disagrees = |script: &Script| play(pair, script, &mut Met::default()).err();
    let mut how = disagrees(&script).expect("it was just seen");
    loop {
        let before = script.deeds.len();
        let mut place = before;
        while place > 0 {
            place -= 1;
            let mut less = script.clone();
            less.deeds.remove(place);
            if let Some(other) = disagrees(&less) {
                (script, how) = (less, other);
            }
        }
        if script.deeds.len() == before {
            return (script, how);
        }
    }
}

#[test]
fn ours_and_the_crate_take_the_same_steps() {
    for pair in PAIRS {
        let mut met = Met::default();
        for seed in 0..size(400, 20_000) {
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
    assert!(script.deeds.len() <= 4, "{script}{how}");
}
