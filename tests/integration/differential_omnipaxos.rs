//! Our Omni-Paxos with the crate's elections against the crate itself, `omnipaxos` 0.2.4.
//!
//! Both are driven by one loop: in a tick the links change as the script says, what was sent in the
//! tick before arrives, all clocks advance, and a client writes at the newest leader. After every
//! tick every replica of ours must have promised the same ballot as the crate's, lead if and only
//! if that one leads, and have decided the same entries.
//!
//! Ours does two things that the crate does not, both for links that may lose and reorder, and here
//! the links withhold them: it repeats the number of its last message, where the crate leaves the
//! end of a conversation to whoever runs it; and it takes a synchronisation of a later session at
//! any time, where the crate drops it and asks to be prepared again.

use std::fmt::{self, Write as _};

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::protocol::omnipaxos::Message as Said;
use halflink::protocol::{Effect, Identity, Input, Message, Protocol, Replica, Role, Timer};
use halflink::rng::Rng;
use omnipaxos::messages::Message as CrateMessage;
use omnipaxos::storage::{Entry, NoSnapshot};
use omnipaxos::util::LogEntry;
use omnipaxos::{ClusterConfig, OmniPaxos, ServerConfig};
use omnipaxos_storage::memory_storage::MemoryStorage;

use crate::support::size;
use halflink::words::told;

/// Ticks between two writes.
const WRITE_EVERY: u32 = 3;

/// Rounds at the end in which all links are whole; in the last two nobody writes.
const QUIET_ROUNDS: u32 = 16;

/// A write, as the crate keeps it.
#[derive(Clone, Debug, PartialEq)]
struct Write(u32);

impl Entry for Write {
    type Snapshot = NoSnapshot;
}

/// One direction of a link changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    at: u32,
    from: u8,
    to: u8,
    cut: bool,
}

/// What both are put through.
#[derive(Clone, Debug)]
struct Script {
    replicas: u8,
    /// Ticks in a round of heartbeats.
    round: u32,
    /// Ticks until something is said again.
    repeat: u32,
    /// How long links change, in ticks.
    restless: u32,
    lines: Vec<Line>,
}

impl fmt::Display for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{} replicas, a round is {} ticks, repeats after {}, until {}",
            self.replicas, self.round, self.repeat, self.restless
        )?;
        for Line { at, from, to, cut } in &self.lines {
            let what = if *cut { "cut" } else { "heal" };
            writeln!(formatter, "at {at} {what} n{} -> n{}", from + 1, to + 1)?;
        }
        Ok(())
    }
}

impl Script {
    /// A few links that are cut or healed, one way or both, or all those of a replica.
    fn random(rng: &mut Rng) -> Self {
        let replicas = [3, 3, 4, 5][rng.below(4) as usize];
        let round = [4, 7, 10][rng.below(3) as usize];
        let (repeat, restless) = (2 + rng.below(2 * round), round * (10 + rng.below(30)));
        let mut lines = Vec::new();
        for _ in 0..1 + rng.below(24) {
            let at = 1 + rng.below(restless);
            let from = rng.below(u32::from(replicas)) as u8;
            let other = (from + 1 + rng.below(u32::from(replicas) - 1) as u8) % replicas;
            let cut = rng.percent(70);
            let ways = rng.below(5);
            let others = (0..replicas).filter(|&to| to != from && (ways == 4 || to == other));
            for to in others {
                if ways != 1 {
                    lines.push(Line { at, from, to, cut });
                }
                if ways > 0 {
                    lines.push(Line { at, from: to, to: from, cut });
                }
            }
        }
        lines.sort_by_key(|line| line.at);
        Self { replicas, round, repeat, restless, lines }
    }

    const fn ticks(&self) -> u32 {
        self.restless + QUIET_ROUNDS * self.round
    }

    /// The same disagreement with as few lines as can be.
    fn shrunk(mut self) -> Self {
        loop {
            let fewer = (0..self.lines.len()).map(|line| {
                let mut fewer = self.clone();
                fewer.lines.remove(line);
                fewer
            });
            let Some(fewer) = fewer.into_iter().find(|script| play(script).is_err()) else {
                return self;
            };
            self = fewer;
        }
    }
}

/// What can be seen of a replica from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// Number and owner, from 1; zeros before the first.
    promised: (u32, u64),
    leads: bool,
}

/// Which links are whole; by sender and receiver.
type Links = Vec<Vec<bool>>;

/// Messages under way, by sender, in the order in which they were sent.
type Post<M> = Vec<(u8, u8, M)>;

struct Ours {
    replicas: Vec<Replica>,
    /// By replica and timer, the tick in which it runs out.
    alarms: Vec<[u32; Timer::COUNT]>,
    post: Post<Message>,
}

impl Ours {
    fn new(script: &Script) -> Self {
        let round = Micros(u64::from(script.round));
        let replica = |id| {
            let identity = Identity {
                id: ReplicaId(id),
                replicas: script.replicas,
                tolerated: 0,
                heartbeat: Micros(u64::from(script.repeat)),
                election: round..=round,
            };
            Protocol::OmnipaxosHappy.replica(identity).expect("this build has it")
        };
        let replicas: Vec<_> = (0..script.replicas).map(replica).collect();
        let alarms = vec![[u32::MAX; Timer::COUNT]; replicas.len()];
        let mut ours = Self { replicas, alarms, post: Vec::new() };
        for id in 0..script.replicas {
            ours.tell(id, Input::Start, 0);
        }
        ours
    }

    fn tell(&mut self, id: u8, input: Input, now: u32) {
        let mut effects = Vec::new();
        self.replicas[usize::from(id)].step(input, &mut effects);
        for effect in effects {
            match effect {
                Effect::Send {
                    message: Message::Omnipaxos(Said::Decide { again: true, .. }),
                    ..
                } => {}
                Effect::Send { to, message, .. } => self.post.push((id, to.0, message)),
                Effect::SetTimer { timer, from, to } => {
                    assert_eq!(from, to, "chance would make them differ");
                    let length = u32::try_from(from.0).expect("a script is short");
                    self.alarms[usize::from(id)][timer.index()] = now + length;
                }
                Effect::RestartTimer(timer) | Effect::CancelTimer(timer) => {
                    panic!("{timer:?} is only ever set");
                }
                Effect::Answer { read, .. } => panic!("nobody asked for read {read}"),
            }
        }
    }

    fn tick(&mut self, links: &Links, now: u32) {
        for (from, to, message) in std::mem::take(&mut self.post) {
            if links[usize::from(from)][usize::from(to)] && !self.is_extra(to, &message) {
                self.tell(to, Input::Deliver { from: ReplicaId(from), message: &message }, now);
            }
        }
        for id in 0..self.replicas.len() as u8 {
            for timer in [Timer::Round, Timer::Retry] {
                if self.alarms[usize::from(id)][timer.index()] == now {
                    self.tell(id, Input::Timeout(timer), now);
                }
            }
        }
        self.post.sort_by_key(|(from, ..)| *from);
    }

    /// True for what only ours says, or takes.
    fn is_extra(&self, to: u8, message: &Message) -> bool {
        let Message::Omnipaxos(message) = message else { return false };
        let accepts = || {
            self.replicas[usize::from(to)]
                .phase()
                .is_some_and(|phase| told("phase", &phase).starts_with("accepts"))
        };
        match message {
            Said::Decide { again, .. } => *again,
            Said::AcceptSync { .. } => accepts(),
            Said::HeartbeatRequest { .. }
            | Said::HeartbeatReply { .. }
            | Said::PrepareRequest { .. }
            | Said::Prepare { .. }
            | Said::Promise { .. }
            | Said::Accept { .. }
            | Said::Accepted { .. }
            | Said::NotAccepted { .. } => false,
        }
    }

    fn seen(&self, id: u8) -> Seen {
        let Replica::Omnipaxos(replica) = &self.replicas[usize::from(id)] else {
            panic!("all speak one protocol");
        };
        let promised = replica.promised();
        let owner = if promised.number == 0 { 0 } else { u64::from(promised.owner.0) + 1 };
        let leads = self.replicas[usize::from(id)].belief().role == Role::Leader;
        Seen { promised: (promised.number, owner), leads }
    }

    fn decided(&self, id: u8) -> Vec<u32> {
        let log = self.replicas[usize::from(id)].log();
        log.from(1, usize::MAX).iter().map(|entry| entry.command).collect()
    }
}

struct Theirs {
    replicas: Vec<OmniPaxos<Write, MemoryStorage<Write>>>,
    post: Post<CrateMessage<Write>>,
}

impl Theirs {
    fn new(script: &Script) -> Self {
        let nodes: Vec<_> = (1..=u64::from(script.replicas)).collect();
        let replica = |&pid| {
            let server = ServerConfig {
                pid,
                election_tick_timeout: u64::from(script.round),
                resend_message_tick_timeout: u64::from(script.repeat),
                ..ServerConfig::default()
            };
            let cluster =
                ClusterConfig { configuration_id: 1, nodes: nodes.clone(), flexible_quorum: None };
            let built = cluster.build_for_server(server, MemoryStorage::default());
            built.expect("the configuration is right")
        };
        let mut theirs = Self { replicas: nodes.iter().map(replica).collect(), post: Vec::new() };
        for id in 0..script.replicas {
            theirs.collect(id);
        }
        theirs
    }

    /// After every call: what is still there at the next one, the crate may add to.
    fn collect(&mut self, id: u8) {
        let mut messages = Vec::new();
        self.replicas[usize::from(id)].take_outgoing_messages(&mut messages);
        let numbered = messages.into_iter().map(|message| {
            let to = message.get_receiver() - 1;
            (id, u8::try_from(to).expect("few replicas"), message)
        });
        self.post.extend(numbered);
    }

    fn tick(&mut self, links: &Links) {
        for (from, to, message) in std::mem::take(&mut self.post) {
            if links[usize::from(from)][usize::from(to)] {
                self.replicas[usize::from(to)].handle_incoming(message);
                self.collect(to);
            }
        }
        for id in 0..self.replicas.len() as u8 {
            self.replicas[usize::from(id)].tick();
            self.collect(id);
        }
        self.post.sort_by_key(|(from, ..)| *from);
    }

    fn seen(&self, id: u8) -> Seen {
        let replica = &self.replicas[usize::from(id)];
        let promised = replica.get_promise();
        let pid = u64::from(id) + 1;
        let leads = replica.get_current_leader() == Some((pid, true));
        Seen { promised: (promised.n, promised.pid), leads }
    }

    fn decided(&self, id: u8) -> Vec<u32> {
        let entries = self.replicas[usize::from(id)].read_decided_suffix(0).unwrap_or_default();
        let write = |entry| match entry {
            LogEntry::Decided(Write(write)) => write,
            LogEntry::Undecided(_)
            | LogEntry::Trimmed(_)
            | LogEntry::Snapshotted(_)
            | LogEntry::StopSign(..) => panic!("only what is decided was asked for"),
        };
        entries.into_iter().map(write).collect()
    }
}

/// What a comparison has been through: one in which nothing happens proves nothing.
#[derive(Debug, Default)]
struct Met {
    leaders: usize,
    decided: usize,
    /// Scripts at whose end all had decided the same. The crate's followers may miss the end: where
    /// repeats and rounds are in step, each synchronisation may cross a repeated promise.
    level: usize,
}

/// Puts both through a script; what they first disagreed on, if they did.
fn play(script: &Script) -> Result<Met, String> {
    let (mut ours, mut theirs) = (Ours::new(script), Theirs::new(script));
    let replicas = usize::from(script.replicas);
    let mut links: Links = vec![vec![true; replicas]; replicas];
    let (mut met, mut write, mut led) = (Met::default(), 0, 0);
    for now in 1..=script.ticks() {
        for line in script.lines.iter().filter(|line| line.at == now) {
            links[usize::from(line.from)][usize::from(line.to)] = !line.cut;
        }
        if now == script.restless {
            links.iter_mut().for_each(|links| links.fill(true));
        }
        ours.tick(&links, now);
        theirs.tick(&links);
        compare(&ours, &theirs).map_err(|what| format!("in tick {now} {what}"))?;
        let leaders = (0..script.replicas).filter(|&id| ours.seen(id).leads);
        let leader = leaders.max_by_key(|&id| ours.seen(id).promised);
        let Some(leader) = leader else { continue };
        met.leaders += usize::from(ours.seen(leader).promised.0 > led);
        led = led.max(ours.seen(leader).promised.0);
        if now % WRITE_EVERY == 0 && now + 2 * script.round < script.ticks() {
            write += 1;
            ours.tell(leader, Input::Propose(write), now);
            let appended = theirs.replicas[usize::from(leader)].append(Write(write));
            appended.map_err(|why| format!("{why:?}"))?;
            theirs.collect(leader);
        }
    }
    let decided: Vec<_> = (0..script.replicas).map(|id| ours.decided(id).len()).collect();
    met.decided = decided.iter().copied().max().expect("there are replicas");
    met.level = usize::from(decided.iter().all(|&count| count == met.decided));
    Ok(met)
}

/// All that must be the same after a tick.
fn compare(ours: &Ours, theirs: &Theirs) -> Result<(), String> {
    for id in 0..ours.replicas.len() as u8 {
        let (own, other) = (ours.seen(id), theirs.seen(id));
        if own != other {
            return Err(format!("n{} is {own:?}, the crate's {other:?}", id + 1));
        }
        let (own, other) = (ours.decided(id), theirs.decided(id));
        if own != other {
            return Err(format!("n{} has decided {own:?}, the crate's {other:?}", id + 1));
        }
    }
    Ok(())
}

#[test]
fn our_omnipaxos_does_what_the_crate_does() {
    let (mut all, mut scripts) = (Met::default(), 0);
    for number in 0..size(300, 20_000) {
        let script = Script::random(&mut Rng::new(number));
        match play(&script) {
            Ok(met) => {
                all.leaders += met.leaders;
                all.decided += met.decided;
                all.level += met.level;
                scripts += 1;
            }
            Err(_) => {
                let shortest = script.shrunk();
                let what = play(&shortest).expect_err("it still disagrees");
                let mut text = String::new();
                write!(text, "{shortest}").expect("a string takes everything");
                panic!("number {number}: {what}\nwith\n{text}");
            }
        }
    }
    println!("{scripts} scripts: {all:?}");
    assert!(2 * all.leaders > 3 * scripts && all.decided > 50 * scripts, "{all:?}");
    assert!(all.level * 10 > scripts * 9, "{all:?}");
}
