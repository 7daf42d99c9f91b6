//! Golden scenarios: short runs that read as stories.
//!
//! A file in `tests/golden` is a comment that says what is proved, a scenario, `---`, and the run,
//! one line an event of interest. `UPDATE=1 cargo test golden` writes the part below the line anew;
//! read the diff. The story is told by watching the world from outside, packet by packet.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use halflink::check::Violation;
use halflink::clock::Micros;
use halflink::fault::{Action, PartState, ReplicaId};
use halflink::history::History;
use halflink::network::{Network, Reason, Verdict};
use halflink::outcome::{Window, judge};
use halflink::plant::{Part, PartId, Plant};
use halflink::protocol::raft::Message as RaftMessage;
use halflink::protocol::{Belief, Message, Protocol, Role};
use halflink::run::Run;
use halflink::scenario::Scenario;
use halflink::view::Trouble;
use halflink::words::{ENGLISH, Names};
use halflink::world::{Event, EventKind, Fate, Group, Packet, Phase, Sink, World};

use crate::support::{notes_of, scenario};
use halflink::words::told;

/// A pause between two commits that is worth a line.
const STALL: Micros = Micros::from_millis(1_000);

/// Most stories open with an election that goes well: up to then only acts and the leader are told.
const OPENING: Micros = Micros::from_millis(10);

#[test]
fn every_golden_scenario_runs_as_told() {
    assert_told("tests/golden", 14, story);
}

/// Folders of stories, told in three ways.
const FOLDERS: [&str; 3] = ["tests/golden", "tests/golden-rounds", "tests/golden-orders"];

#[test]
fn every_protocol_has_a_healthy_golden_story_and_one_of_a_fault() {
    let told: Vec<Scenario> = FOLDERS.into_iter().flat_map(files).map(|path| read(&path)).collect();
    for protocol in Protocol::here() {
        // With prose between the steps, and not just above them.
        let stories =
            told.iter().filter(|one| one.group().protocol == protocol && one.notes.len() >= 2);
        let (healthy, faulty): (Vec<_>, Vec<_>) = stories.partition(|one| is_healthy(one));
        assert!(!healthy.is_empty(), "{protocol}: no story, with notes, in which nothing fails");
        assert!(!faulty.is_empty(), "{protocol}: no story, with notes, of a fault");
    }
}

/// The scenario of a story.
fn read(path: &Path) -> Scenario {
    let told = std::fs::read_to_string(path).expect("UTF-8");
    scenario(told.split_once("---\n").map_or(told.as_str(), |(head, _)| head))
}

/// Nothing fails and nobody lies: somebody may be elected, and orders given.
fn is_healthy(scenario: &Scenario) -> bool {
    scenario.actions.iter().all(|(_, act)| matches!(act, Action::Elect(_) | Action::Order(_)))
}

/// Every story in that folder is told as it was, and there are so many at least.
pub(crate) fn assert_told(folder: &str, least: usize, story: fn(Scenario) -> String) {
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let files = files(folder);
    assert!(files.len() >= least, "only {} golden scenarios", files.len());
    let mut differing = Vec::new();
    for path in files {
        let told = std::fs::read_to_string(&path).expect("UTF-8");
        let (head, _) = told.split_once("---\n").unwrap_or((&told, ""));
        assert!(told.starts_with("# "), "{}: say first what is proved", path.display());
        let scenario = scenario(head);
        let notes = notes_of(&scenario);
        assert!(notes.len() >= scenario.notes.len(), "{}: a note never comes", path.display());
        let now = format!("{head}---\n{}", story(scenario));
        for (at, note) in &notes {
            assert!(now.contains(&format!("  # {note}")), "{}: untold at {at}", path.display());
        }
        if now == told {
            continue;
        }
        if update {
            std::fs::write(&path, &now).expect("the golden files can be written");
        } else {
            differing.push(format!("{}\n{}", path.display(), difference(&told, &now)));
        }
    }
    let hint = "UPDATE=1 cargo test golden rewrites them; read the diff";
    assert!(differing.is_empty(), "{hint}\n{}", differing.join("\n"));
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder).expect("there are golden scenarios");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

/// The first line that is not as it was, and what stands there now.
fn difference(told: &str, now: &str) -> String {
    let place = told.lines().zip(now.lines()).take_while(|(old, new)| old == new).count();
    let line = |text: &str| text.lines().nth(place).unwrap_or("(the end)").to_owned();
    format!("line {}\n  told: {}\n  now:  {}", place + 1, line(told), line(now))
}

/// The run of a scenario, told. Where several groups stand on a plant, each line says of which.
fn story(scenario: Scenario) -> String {
    let scenario = Arc::new(scenario);
    // Two worlds in step: one watched by the checks and the record, one by the tellers.
    let (mut run, mut histories) = Run::new(Arc::clone(&scenario));
    let mut world = World::new(Arc::clone(&scenario));
    let mut tellers = Tellers(world.groups().iter().map(Teller::new).collect());
    let mut told = Told { names: scenario.groups.len() > 1, text: String::new() };
    let notes = notes_of(&scenario);
    let mut notes = notes.iter().peekable();
    while let Some(event) = world.step(&mut tellers) {
        run.step(&mut histories);
        while let Some((at, words)) = notes.next_if(|(at, _)| *at <= event.at) {
            told.text += &line(*at, &format!("# {words}"));
        }
        let number = usize::from(event.group);
        let (teller, history) = (&mut tellers.0[number], &histories[number]);
        teller.tell(world.group(number), event);
        for broken in &history.violations {
            teller.tell_broken(broken);
        }
        let committed = history.commits.last().copied();
        if committed > teller.committed {
            teller.tell_commit(committed, event.at);
        }
        told.take(teller);
    }
    assert_eq!(run.world().trace_hash(), world.trace_hash(), "the two worlds went apart");
    for (number, (teller, history)) in tellers.0.iter_mut().zip(&histories).enumerate() {
        teller.line(scenario.until, &ending(&scenario.alone(number), history));
        told.take(teller);
    }
    // By the author's names, of several groups by those of the first.
    scenario.called(0, &told.text)
}

/// How it ended for a group.
fn ending(scenario: &Scenario, history: &History) -> String {
    let window = Window::of_faults(scenario);
    let found = window.measure(history);
    let leaders: Vec<String> =
        history.elections.iter().map(|won| format!("{} in {}", won.leader, won.epoch)).collect();
    let outcome = judge(scenario, history).outcome.name();
    let (committed, tried) = (found.writes_committed, found.writes_tried);
    let reads = match (found.reads_tried, found.reads_answered, found.reads_stale) {
        (0, ..) => String::new(),
        (tried, answered, stale) => {
            format!(", {answered} of {tried} reads answered, {stale} stale")
        }
    };
    format!(
        "the end: {outcome}, {committed} of {tried} writes committed since {}{reads}; leaders: {}",
        window.from,
        leaders.join(", "),
    )
}

/// What all tellers have told.
struct Told {
    /// True if lines say of which group they are.
    names: bool,
    text: String,
}

impl Told {
    /// Takes what that one has told since.
    fn take(&mut self, teller: &mut Teller) {
        for (at, words) in teller.lines.drain(..) {
            let words = if self.names { format!("{}: {words}", teller.name) } else { words };
            self.text += &line(at, &words);
        }
    }
}

fn line(at: Micros, words: &str) -> String {
    let seconds = format!("{:.4}", at.0 as f64 / 1e6);
    format!("{seconds:>8}  {words}\n")
}

/// One a group.
struct Tellers(Vec<Teller>);

impl Sink for Tellers {
    fn packet(&mut self, packet: Packet<'_>, network: &Network) {
        self.0[usize::from(packet.group)].post.packet(packet, network);
    }

    fn lost(&mut self, id: u64, at: Micros, reason: Reason) {
        for teller in &mut self.0 {
            teller.post.lost(id, at, reason);
        }
    }

    fn fares(&mut self, id: u64, fate: Fate) {
        for teller in &mut self.0 {
            teller.post.fares(id, fate);
        }
    }
}

/// A message under way.
#[derive(Clone, Debug)]
struct TracedPacket {
    id: u64,
    from: ReplicaId,
    to: ReplicaId,
    /// When it arrives; `None` once it waits at a server that stands still.
    ends: Option<Micros>,
    message: Message,
}

/// All that the world's packets show.
#[derive(Debug, Default)]
struct Post {
    flights: Vec<TracedPacket>,
    /// Who sent something in this step.
    senders: BTreeSet<ReplicaId>,
    /// Packets that died in this step: kind, from, to, why.
    deaths: Vec<(&'static str, ReplicaId, ReplicaId, Reason)>,
    /// The same of acknowledgements of what arrived.
    unheard: Vec<(&'static str, ReplicaId, ReplicaId, Reason)>,
}

impl Sink for Post {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        let Packet { id, from, to, sent, message, verdict, .. } = packet;
        self.senders.insert(from);
        match verdict {
            Verdict::Delivered(after) => {
                let (ends, message) = (Some(sent + after), message.clone());
                self.flights.push(TracedPacket { id, from, to, ends, message });
            }
            Verdict::Dropped { reason, .. } => self.deaths.push((message.kind(), from, to, reason)),
        }
    }

    fn lost(&mut self, id: u64, _at: Micros, reason: Reason) {
        let place = self.flights.iter().position(|flight| flight.id == id);
        let Some(place) = place else { return };
        let flight = self.flights.remove(place);
        self.deaths.push((flight.message.kind(), flight.from, flight.to, reason));
    }

    /// What a process is handed waits for its turn; what came before is no message any more.
    fn fares(&mut self, id: u64, fate: Fate) {
        let place = self.flights.iter().position(|flight| flight.id == id);
        let Some(place) = place else { return };
        match fate {
            Fate::Taken => {
                let flight = self.flights.remove(place);
                self.flights.push(TracedPacket { ends: None, ..flight });
            }
            Fate::Repeated => drop(self.flights.remove(place)),
            Fate::Unacknowledged(reason) => {
                let TracedPacket { from, to, ref message, .. } = self.flights[place];
                self.unheard.push((message.kind(), from, to, reason));
            }
        }
    }
}

impl Post {
    /// The message that arrives now; nobody watched what was sent when the processes started.
    fn arrival(&mut self, from: ReplicaId, to: ReplicaId, at: Micros) -> Option<Message> {
        let arrives = |flight: &TracedPacket| {
            flight.from == from && flight.to == to && flight.ends.is_none_or(|ends| ends == at)
        };
        let place = self.flights.iter().position(arrives)?;
        Some(self.flights.remove(place).message)
    }

    /// What arrives now waits.
    fn hold(&mut self, to: ReplicaId, at: Micros) {
        let arrives = |flight: &&mut TracedPacket| flight.to == to && flight.ends == Some(at);
        if let Some(flight) = self.flights.iter_mut().find(arrives) {
            flight.ends = None;
        }
    }
}

/// Writes the story down, and remembers what it has told.
struct Teller {
    /// The group's.
    name: String,
    lines: Vec<(Micros, String)>,
    post: Post,
    told: BTreeSet<String>,
    beliefs: Vec<Option<Belief>>,
    truncations: Vec<u32>,
    /// Connections that stand.
    open: BTreeSet<(ReplicaId, ReplicaId)>,
    parts: Vec<PartState>,
    committed: Option<Micros>,
    /// The last write found no leader.
    leaderless: bool,
}

impl Teller {
    fn new(world: &Group) -> Self {
        let replicas = world.replicas().count();
        Self {
            name: world.scenario().group().name.clone(),
            lines: Vec::new(),
            post: Post::default(),
            told: BTreeSet::new(),
            beliefs: world.replicas().map(|id| world.belief(id)).collect(),
            truncations: vec![0; replicas],
            open: BTreeSet::new(),
            parts: states(world),
            committed: None,
            leaderless: false,
        }
    }

    fn line(&mut self, at: Micros, words: &str) {
        self.lines.push((at, words.to_owned()));
    }

    /// A line, unless it was told before.
    fn once(&mut self, at: Micros, words: String) {
        if at >= OPENING && self.told.insert(words.clone()) {
            self.line(at, &words);
        }
    }

    fn tell(&mut self, world: &Group, event: Event) {
        let at = event.at;
        match event.kind {
            EventKind::Action(number) => {
                let (_, act) = world.written().actions[number as usize];
                let (_, done) = world.scenario().actions[number as usize];
                let whom = if !act.is_open() {
                    String::new()
                } else if done.is_open() {
                    ", of whom there is none".to_owned()
                } else {
                    format!(": {done}")
                };
                self.line(at, &format!("-- {act}{whom}"));
                self.tell_parts(world, at);
            }
            EventKind::Delivered { from, to } => {
                if let Some(message) = self.post.arrival(from, to, at) {
                    self.tell_message((from, to), &message, at);
                }
            }
            EventKind::Power { part, change } => {
                let part = world.plant().part(part);
                let words = ENGLISH.tell("power", &change.fact(), &Names::default());
                self.line(at, &format!("-- {part}: {words}"));
                self.tell_parts(world, at);
            }
            EventKind::Failed { failure, .. } => {
                self.once(at, format!("a request fails: {}", failure.name()));
            }
            EventKind::Mischief(_)
            | EventKind::Synced(_)
            | EventKind::Transport { .. }
            | EventKind::Asked { .. }
            | EventKind::AskedAgain { .. }
            | EventKind::GaveUp { .. } => {}
            EventKind::Rebuilt(disk) => {
                self.line(at, &format!("   {} is rebuilt", world.plant().part(disk)));
                self.tell_parts(world, at);
            }
            EventKind::Bundle { lane, is_out } => {
                let does = if is_out { "leaves" } else { "rejoins" };
                self.line(at, &format!("   {} {does} its bundle", world.plant().lane_name(lane)));
            }
            EventKind::Held { to } => self.post.hold(to, at),
            EventKind::Write { to, .. } => {
                let before = std::mem::replace(&mut self.leaderless, to.is_empty());
                if self.leaderless && !before {
                    self.line(at, "writes find no leader");
                }
            }
            EventKind::Lost { .. } | EventKind::Timeout(..) | EventKind::Read { .. } => {}
        }
        for id in world.replicas() {
            self.tell_replica(world, id, at);
        }
        for (kind, from, to, reason) in std::mem::take(&mut self.post.deaths) {
            let why = why(world.plant(), reason, from, to);
            self.once(at, format!("{kind} from {from} to {to} dies: {why}"));
        }
        for (kind, from, to, reason) in std::mem::take(&mut self.post.unheard) {
            let why = why(world.plant(), reason, to, from);
            self.once(
                at,
                format!("{kind} from {from} arrives at {to}, its acknowledgement dies: {why}"),
            );
        }
        self.tell_connections(world, at);
        self.post.senders.clear();
    }

    /// Questions and refusals, the first of each; what only goes well is not told.
    fn tell_message(&mut self, (from, to): (ReplicaId, ReplicaId), message: &Message, at: Micros) {
        let Message::Raft(raft) = message else {
            // The first of its kind in an epoch; what only goes well is not told.
            let epoch = self.beliefs[to.index()].map_or(0, |belief| belief.epoch);
            let kind = message.kind();
            let is_routine = ["heartbeat", "append", "accept", "commit", "decide"]
                .iter()
                .any(|routine| kind.starts_with(routine));
            if !is_routine && self.told.insert(format!("{kind} {from} {to} {epoch}")) {
                let message = told("message", &message.fact());
                self.once(at, format!("{to} hears {from}: {message}{}", self.answered(to)));
            }
            return;
        };
        let known = self.beliefs[to.index()].map_or(0, |belief| belief.epoch);
        let words = match raft {
            RaftMessage::Vote { .. } => self.answered(to).to_owned(),
            RaftMessage::Append { term, .. } | RaftMessage::Heartbeat { term, .. }
                if *term < known =>
            {
                let (kind, silence) = (message.kind(), self.answered(to));
                self.once(at, format!("{to} hears {from}: old {kind} of term {term}{silence}"));
                return;
            }
            RaftMessage::VoteReply { .. }
            | RaftMessage::AppendReply { success: false, .. }
            | RaftMessage::TimeoutNow { .. } => String::new(),
            RaftMessage::Append { .. }
            | RaftMessage::Heartbeat { .. }
            | RaftMessage::AppendReply { .. }
            | RaftMessage::HeartbeatReply { .. }
            | RaftMessage::HeartbeatContext { .. } => return,
        };
        let message = told("message", &message.fact());
        self.once(at, format!("{to} hears {from}: {message}{words}"));
    }

    fn answered(&self, who: ReplicaId) -> &'static str {
        if self.post.senders.contains(&who) { "" } else { ", and does not answer" }
    }

    fn tell_replica(&mut self, world: &Group, id: ReplicaId, at: Micros) {
        let (truncations, kept) = world.replica(id).log().truncations();
        if std::mem::replace(&mut self.truncations[id.index()], truncations) != truncations {
            self.line(at, &format!("{id} throws away what it has after entry {kept}"));
        }
        let belief = world.belief(id);
        let before = std::mem::replace(&mut self.beliefs[id.index()], belief);
        let leads = belief.is_some_and(|belief| belief.role == Role::Leader);
        if belief != before && (leads || at >= OPENING) {
            let words = conviction((id, world.scenario().group().protocol), before, belief);
            self.line(at, &format!("{id} {words}"));
        }
    }

    fn tell_parts(&mut self, world: &Group, at: Micros) {
        let now = states(world);
        for (index, &state) in now.iter().enumerate() {
            let id = PartId(u16::try_from(index).expect("plants are bounded"));
            let part = world.plant().part(id);
            let is_disk = matches!(part, Part::Disk { .. });
            let is_told = !is_disk || matches!(state, PartState::Rebuilding | PartState::Sole);
            if self.parts[index] != state && is_told {
                let trouble = Trouble::of(world.active_faults(), world.plant(), (id, at));
                let room = if is_disk { "state" } else { "trouble" };
                let told = |fact| ENGLISH.tell(room, &fact, &Names::of(world.plant(), 0));
                let why = trouble.map_or_else(|| state.name().to_owned(), told);
                self.line(at, &format!("   {part}: {why}"));
            }
        }
        self.parts = now;
    }

    /// A connection is given up, or there again.
    fn tell_connections(&mut self, world: &Group, at: Micros) {
        let pairs = world.replicas().flat_map(|from| world.replicas().map(move |to| (from, to)));
        let mut open = BTreeSet::new();
        for (from, to) in pairs.filter(|(from, to)| from != to) {
            let Some(state) = world.connection(from, to) else { return };
            if state.phase == Phase::Open {
                open.insert((from, to));
            }
        }
        let before = std::mem::replace(&mut self.open, open);
        let changed: Vec<_> = before.symmetric_difference(&self.open).copied().collect();
        for (from, to) in changed {
            let is = if self.open.contains(&(from, to)) { "is there" } else { "is gone" };
            if at >= OPENING {
                self.line(at, &format!("the connection from {from} to {to} {is}"));
            }
        }
    }

    /// A property that broke, the first time that it does.
    fn tell_broken(&mut self, Violation { property, at, detail }: &Violation) {
        if self.told.insert(property.name().to_owned()) {
            let property = told("property", &property.name());
            let detail = told("violation", detail);
            self.line(*at, &format!("UNSAFE, {property}: {detail}"));
        }
    }

    fn tell_commit(&mut self, committed: Option<Micros>, at: Micros) {
        let before = std::mem::replace(&mut self.committed, committed);
        let stall = at.since(before.unwrap_or(at));
        if stall >= STALL {
            let seconds = stall.0 as f64 / 1e6;
            self.line(at, &format!("a write is committed, the first in {seconds:.1} s"));
        }
    }
}

fn states(world: &Group) -> Vec<PartState> {
    let parts = u16::try_from(world.plant().parts().len()).expect("plants are bounded");
    (0..parts).map(|id| world.active_faults().state(PartId(id))).collect()
}

/// What a replica believes now, in words.
pub(crate) fn conviction(
    (id, protocol): (ReplicaId, Protocol),
    before: Option<Belief>,
    now: Option<Belief>,
) -> String {
    let Some(Belief { role, epoch, leader, .. }) = now else { return "does not run".to_owned() };
    let whom = match leader {
        Some(leader) if leader == id => "follows itself".to_owned(),
        Some(leader) => format!("follows {leader}"),
        None => "follows nobody".to_owned(),
    };
    let was = before.map_or(epoch, |belief| belief.epoch);
    let name = told("epoch", &protocol.terms().epoch);
    let term =
        if epoch == was { format!("{name} {epoch}") } else { format!("{name} {was} -> {epoch}") };
    let again = if before.is_none() { "runs again: " } else { "is " };
    let terms = protocol.terms();
    let role = match role {
        Role::Follower => terms.follower,
        Role::PreCandidate => role.name(),
        Role::Candidate => terms.candidate,
        Role::Leader => terms.leader,
    };
    let role = told("role", &role);
    format!("{again}{role}, {term}, {whom}")
}

/// Why a packet died.
fn why(plant: &Plant, reason: Reason, from: ReplicaId, to: ReplicaId) -> String {
    match reason {
        Reason::Lane(lane) => format!("{} is cut", plant.lane_name(lane)),
        Reason::Gray(switch) => format!("{} does not forward {from} -> {to}", plant.part(switch)),
        Reason::TooLarge(switch) => format!("too large for {}", plant.part(switch)),
        Reason::Flow => format!("{from} -> {to} is cut"),
        Reason::NoRoute(part) => format!("{} has no way on", plant.part(part)),
        Reason::ReceiverDown => format!("{to} is down"),
        Reason::Withheld => "withheld".to_owned(),
        Reason::TimedOut => "nothing was acknowledged, the connection is given up".to_owned(),
        Reason::SlowConsumer => format!("{to} reads nothing, the connection is given up"),
        Reason::Backlog => format!("{to} acknowledges too little, the connection is given up"),
        Reason::Refused => format!("{to} knows nothing of the connection"),
        Reason::SenderDown => format!("{from} ended before it was acknowledged"),
        Reason::NotConnected => "no connection".to_owned(),
        Reason::ReceiverFull => format!("{to} stands still, its buffers full"),
    }
}
