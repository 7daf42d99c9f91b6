//! A text becomes a scenario: the grammar, one statement a line.
//!
//! ```text
//! halflink 1
//! title   "A switch that half failed"
//! source  "https://…"                            # optional
//! plant   3 racks of 3 servers, 4 disks each     # and `, single-homed a`, `, peer links`, sites
//! server  r2.s3 single-corded b                  # optional, one a server
//! power   breaker 2kw, ups 8kw for 5m            # optional: what is between feeds and supplies
//! name    r1.s1 east-1                           # optional: `names`
//! cluster etcd: raft on r1.s1 r2.s1 r3.s1        # replicas n1 n2 n3
//! tolerate 1                                     # optional, for protocols that survive liars
//! timing  heartbeat 100ms, election 1s..2s
//! timing  n2 election 2s..3s                     # optional, one a replica
//! network hop 200us, jitter 100us                # optional
//! seed    2020
//! write   every 300ms, patience 2s               # optional, and so is the patience
//! clients 280/s, timeout 1s, retry 1 after 1s    # optional, as is all behind the rate
//! database auth on r1.s2 r2.s2, lease 30s         # optional: `database`
//! read    every 300ms by quorum                  # optional; or by local, by lease
//! disk    latency 2ms..8ms                       # optional, as is the longest
//! transport tcp, timeout 3s                      # optional, as is the timeout
//! at 10s  gray r1.tor-a drops n1 <-> n3          # the acts: `fault::Action`
//! at 20s  pause r2.s1 for 3s                     # for a time: `repeat::Repeat`
//! every 6s from 4s to 60s cut n1 <-> n2 for 4s   # again and again, of the same type
//! note 12s "Server 1 stops hearing its leader."  # optional: `note`
//! expect  raft flapping                          # optional: `expect::Expectation`
//! run     400s
//! ```
//!
//! A second `cluster` begins a second group on the same plant: what belongs to a group (`tolerate`,
//! `timing`, `seed`, `write`, `clients`, `database`, `read`, `disk`, `transport`) belongs to the
//! `cluster` above it, and what is above all of them to the first. An action that names replicas
//! says of which group, `at 10s in zk elect n1`, `every 6s from 4s to 60s in zk isolate n1 for 4s`.
//!
//! After `halflink 1` the order is free. A `#` outside quotes starts a comment. A wrong line does
//! not hide the next one: every line gives at most one syntax error, and what a scenario must hold
//! besides (`validate.rs`) is checked for all that could be read.

mod group;
mod plant;

pub(super) use self::group::GroupDraft;
use self::plant::PlantDraft;
use super::action::{ActPlaces, act, replica_named};
use super::cursor::{Cursor, Parsed};
use super::database::DatabaseDraft;
use super::diagnostic::{DIAGNOSTICS_MAX, Diagnostic, Place};
use super::expect::{ExpectPlaces, Expectation, expectation};
use super::names::{self, NameDraft, Named};
use super::note::NoteDraft;
use super::power::PowerDraft;
use super::print::VERSION;
use super::repeat::RepeatDraft;
use super::validate::{Setting, Subject, ValidationError, Word, flaws_of_act, is_cluster_name};
use super::{Bounds, Scenario};
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::{Action, Object};
use crate::plant::ServerAt;

/// Reads a scenario, or says everything that is wrong with it, in the order of the text.
///
/// # Errors
///
/// At most [`DIAGNOSTICS_MAX`] diagnostics, at least one.
pub fn parse(text: &str) -> Result<Scenario, Vec<Diagnostic>> {
    let diagnostics = match Draft::read(text) {
        Ok(draft) => match draft.finish() {
            Ok(scenario) => return Ok(scenario),
            Err(diagnostics) => diagnostics,
        },
        Err(too_long) => vec![*too_long],
    };
    let mut sorted = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics {
        put_in_order(&mut sorted, diagnostic, |diagnostic| (diagnostic.line, diagnostic.column));
    }
    sorted.truncate(DIAGNOSTICS_MAX);
    Err(sorted)
}

/// Where each of a text's expectations stands, in their order; of one that cannot be read, nowhere.
pub fn expectation_places(text: &str) -> Vec<Place> {
    let draft = Draft::read(text).unwrap_or_default();
    draft.expectations.iter().map(|(_, places)| places.whole).collect()
}

/// Puts an item behind all whose key is not greater. Lines come nearly in order, so it rarely
/// moves anything; the library's sort would be a twentieth of the page's engine.
fn put_in_order<T, K: Ord>(items: &mut Vec<T>, item: T, key: impl Fn(&T) -> K) {
    let place = items.iter().rposition(|other| key(other) <= key(&item)).map_or(0, |last| last + 1);
    items.insert(place, item);
}

/// Reads one act without its time, such as `cut n3 -> n1`, for the plant and cluster of `scenario`.
///
/// # Errors
///
/// What is wrong with it, on line 1.
pub fn parse_act(statement: &str, scenario: &Scenario) -> Result<Action, Vec<Diagnostic>> {
    if let Some(too_long) = too_long(statement) {
        return Err(vec![too_long]);
    }
    let names = scenario.known_names();
    let mut cursor = Cursor::new(statement, 1).knowing(&names);
    let read = act(&mut cursor).and_then(|read| cursor.finish().map(|()| read));
    let (act, places) = read.map_err(|wrong| vec![*wrong])?;
    let flaws = flaws_of_act(&act, Setting::of(scenario, 0));
    let wrong: Vec<_> = flaws.into_iter().map(|(word, fact)| places.of(word).says(fact)).collect();
    if wrong.is_empty() { Ok(act) } else { Err(wrong) }
}

/// Reads a span of time such as `1.5s`.
///
/// # Errors
///
/// What was expected.
pub fn parse_duration(text: &str) -> Result<Micros, Box<Diagnostic>> {
    let mut cursor = Cursor::new(text, 1);
    let (span, _) = cursor.duration("time")?;
    cursor.finish().map(|()| span)
}

fn too_long(text: &str) -> Option<Diagnostic> {
    let place = Place { line: 1, column: 1, length: 1 };
    let fact = || fact!("text-too-long", most = Bounds::TEXT, bytes = text.len());
    (text.len() > Bounds::TEXT).then(|| place.says(fact()))
}

/// Of [`SINGLE`], what a text has once a group.
const OF_GROUP: [&str; 9] =
    ["cluster", "tolerate", "timing", "transport", "seed", "write", "clients", "read", "disk"];

/// Statements that a text has once, and an example of each that it must have.
const SINGLE: [(&str, &str); 16] = [
    ("halflink", "halflink 1"),
    ("title", "title \"A switch that half failed\""),
    ("source", ""),
    ("plant", "plant 3 racks of 3 servers, 4 disks each"),
    ("power", ""),
    ("cluster", "cluster etcd: raft on r1.s1 r2.s1 r3.s1"),
    ("tolerate", ""),
    ("timing", "timing heartbeat 100ms, election 1s..2s"),
    ("network", ""),
    ("seed", "seed 2020"),
    ("write", ""),
    ("clients", ""),
    ("read", ""),
    ("disk", ""),
    ("transport", ""),
    ("run", "run 60s"),
];

/// A value and where it stands.
type Put<T> = (T, Place);

/// What could be read of a text so far, with the place of everything that may turn out wrong.
#[derive(Default)]
pub(super) struct Draft {
    /// What servers are called.
    server_names: Vec<(Put<ServerAt>, Put<String>)>,
    /// The line of each of [`SINGLE`], even if the rest of that line could not be read.
    lines: [Option<u32>; SINGLE.len()],
    /// True from the first statement on.
    started: bool,
    title: Option<Put<String>>,
    source: Option<Put<String>>,
    plant: PlantDraft,
    power: PowerDraft,
    /// At least one.
    groups: Vec<GroupDraft>,
    network: Option<[Put<Micros>; 2]>,
    actions: Vec<(Put<Micros>, ActDraft)>,
    repeats: Vec<RepeatDraft>,
    notes: Vec<NoteDraft>,
    expectations: Vec<(Expectation, ExpectPlaces)>,
    run: Option<Put<Micros>>,
    end: Place,
    diagnostics: Vec<Diagnostic>,
}

/// An action, and in which group it is said to be.
pub(super) struct ActDraft {
    group: Option<Put<String>>,
    pub(super) act: Action,
    places: ActPlaces,
}

impl ActDraft {
    #[inline(never)]
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let named = |word: &str| is_cluster_name(word).then(|| word.to_owned());
        let group = if cursor.skip("in") {
            cursor.group = Some(cursor.word());
            Some(cursor.take("group", named)?)
        } else {
            None
        };
        let (act, places) = act(cursor)?;
        Ok(Self { group, act, places })
    }
}

impl Draft {
    /// Reads every line of a text that is not too long.
    pub(super) fn read(text: &str) -> Parsed<Self> {
        if let Some(too_long) = too_long(text) {
            return Err(Box::new(too_long));
        }
        let names = names::known(text);
        let mut draft = Self { groups: vec![GroupDraft::default()], ..Self::default() };
        draft.end = Place { line: 1, column: 1, length: 0 };
        for (number, line) in (1..).zip(text.lines()) {
            let mut cursor = Cursor::new(line, number).knowing(&names);
            if cursor.peek().is_none() {
                continue;
            }
            draft.end = cursor.end();
            let read = draft.statement(&mut cursor).and_then(|()| cursor.finish());
            draft.diagnostics.extend(read.err().map(|wrong| *wrong));
            if draft.diagnostics.len() >= DIAGNOSTICS_MAX {
                break;
            }
        }
        Ok(draft)
    }

    fn statement(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let is_first = !std::mem::replace(&mut self.started, true);
        let word = cursor.peek().map_or("", |token| token.text);
        if is_first && word != "halflink" {
            let missing = cursor.expected("first-statement");
            self.diagnostics.push(*missing);
            self.lines[0] = Some(cursor.place().line);
        }
        let before = cursor.clone();
        cursor.skip(word);
        let is_override = || cursor.sees(|name| replica_named(name).is_some());
        match word {
            "at" => return self.at(cursor),
            "every" => {
                let read = RepeatDraft::read(cursor)?;
                self.repeat(read);
                return Ok(());
            }
            "note" | "step" | "ask" => return self.note(word, cursor),
            "server" => return self.plant.server(cursor),
            "name" => return self.name(cursor),
            "expect" => {
                self.expectations.push(expectation(cursor)?);
                return Ok(());
            }
            "timing" if is_override() => return self.group().timing_of(cursor),
            "clock" => return self.group().clock(cursor),
            "database" => {
                let read = DatabaseDraft::read(cursor)?;
                self.group().databases.push(read);
                return Ok(());
            }
            _ => {}
        }
        let Some(number) = SINGLE.iter().position(|(single, _)| *single == word) else {
            let single = SINGLE.iter().map(|(single, _)| *single);
            let known: Vec<&str> = single
                .chain(["server", "name", "clock", "database", "at", "every"])
                .chain(["note", "step", "ask", "expect"])
                .collect();
            return Err(before.expected_one("statement".into(), &known));
        };
        if word == "cluster" && self.group().lines[number].is_some() {
            if self.groups.len() == Bounds::REPLICAS {
                let (most, replicas) = (Bounds::REPLICAS, Bounds::REPLICAS + 1);
                return Err(before.place().refuses(fact!("replicas-in-all", most, replicas)));
            }
            self.groups.push(GroupDraft::default());
        }
        let is_of_group = OF_GROUP.contains(&word);
        let lines = if is_of_group { &mut self.group().lines } else { &mut self.lines };
        if let Some(line) = lines[number] {
            let fact = fact!("twice", statement = word.to_owned(), line = u64::from(line));
            return Err(before.place().refuses(fact));
        }
        lines[number] = Some(before.place().line);
        if is_of_group { self.group().single(word, cursor) } else { self.single(word, cursor) }
    }

    /// What could be read of the group of that number.
    pub(super) fn take_group(&mut self, number: usize) -> Option<GroupDraft> {
        (number < self.groups.len()).then(|| self.groups.swap_remove(number))
    }

    /// The group that what comes now belongs to.
    fn group(&mut self) -> &mut GroupDraft {
        self.groups.last_mut().expect("there is one from the start")
    }

    fn single(&mut self, word: &str, cursor: &mut Cursor<'_>) -> Parsed<()> {
        match word {
            "halflink" => version(cursor)?,
            "title" => self.title = Some(cursor.string("title")?),
            "source" => self.source = Some(cursor.string("source")?),
            "plant" => self.plant.all(cursor)?,
            "power" => self.power = PowerDraft::read(cursor)?,
            "network" => {
                cursor.demand("hop")?;
                let hop = cursor.duration("hop")?;
                cursor.demand(",")?;
                cursor.demand("jitter")?;
                self.network = Some([hop, cursor.duration("jitter")?]);
            }
            _ => self.run = Some(cursor.duration("run")?),
        }
        Ok(())
    }

    fn name(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let NameDraft { of: (of, place), name } = NameDraft::read(cursor)?;
        match of {
            Named::Server(at) => {
                put_in_order(&mut self.server_names, ((at, place), name), |((at, _), _)| *at);
            }
            Named::Replica(id) => {
                put_in_order(&mut self.group().names, ((id, place), name), |((id, _), _)| *id);
            }
        }
        Ok(())
    }

    fn at(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let at = cursor.duration("time")?;
        let draft = ActDraft::read(cursor)?;
        if cursor.skip("for") {
            let read = RepeatDraft::once(cursor, at, draft)?;
            self.repeat(read);
            return Ok(());
        }
        put_in_order(&mut self.actions, (at, draft), |(at, _)| at.0);
        Ok(())
    }

    fn repeat(&mut self, read: RepeatDraft) {
        let from = read.times.from;
        let place = self.repeats.partition_point(|other| other.times.from <= from);
        self.repeats.insert(place, read);
    }

    fn note(&mut self, word: &str, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let draft = NoteDraft::read(word, cursor)?;
        put_in_order(&mut self.notes, draft, |one| one.note.time().unwrap_or(Micros::NEVER));
        Ok(())
    }
}

/// `1`.
fn version(cursor: &mut Cursor<'_>) -> Parsed<()> {
    let (version, place) = cursor.number("version")?;
    if version == VERSION {
        return Ok(());
    }
    Err(place.refuses(fact!("version", found = version, known = VERSION)))
}

/// From what was read to a scenario.
impl Draft {
    fn finish(mut self) -> Result<Scenario, Vec<Diagnostic>> {
        // A text cut short by its own errors is not complained about for what it lacks.
        if self.diagnostics.len() < DIAGNOSTICS_MAX {
            for (number, (word, example)) in SINGLE.into_iter().enumerate() {
                let lines = |group: &GroupDraft| group.lines[number].is_some();
                // The seed of the first group is every group's that has none of its own.
                let is_there = match word {
                    "seed" => lines(&self.groups[0]),
                    _ if OF_GROUP.contains(&word) => self.groups.iter().all(lines),
                    _ => self.lines[number].is_some(),
                };
                if !is_there && !example.is_empty() {
                    let missing = fact!("missing", statement = word);
                    self.diagnostics.push(self.end.says(missing.with("example", example)));
                }
            }
        }
        let mut scenario = self.scenario();
        self.diagnostics.extend(self.plant.flaws(&scenario.plant));
        let actions = self.settle_acts(&scenario);
        for flaw in scenario.flaws_of_pieces(&actions) {
            self.point(flaw);
        }
        // Only what is possible is renumbered: groups that are too large count over 255 replicas.
        if self.diagnostics.is_empty() {
            let told = |(group, own): &(usize, Action)| {
                let (of, first) = (0..scenario.groups[*group].replicas(), scenario.first(*group));
                own.renumbered(of, first).unwrap_or(*own)
            };
            let told: Vec<_> = actions.iter().map(told).collect();
            let written = scenario.actions.iter_mut().map(|(_, act)| act);
            let written = written.chain(scenario.repeats.iter_mut().map(|repeat| &mut repeat.act));
            written.zip(told).for_each(|(act, told)| *act = told);
            scenario.expand();
            let flaw = scenario.flaw_of_size().or_else(|| scenario.lifts_nothing());
            flaw.into_iter().for_each(|flaw| self.point(flaw));
        }
        if self.diagnostics.is_empty() { Ok(scenario) } else { Err(self.diagnostics) }
    }

    /// What is written with `at`, then what is with `every` or `for`.
    fn drafts(&self) -> impl Iterator<Item = &ActDraft> {
        let written = self.actions.iter().map(|(_, draft)| draft);
        written.chain(self.repeats.iter().map(|repeat| &repeat.draft))
    }

    /// In which group each action is done, and that action; says where that is not to be told. One
    /// of the plant concerns all groups: it counts as the first one's, an order as the generals'.
    fn settle_acts(&mut self, scenario: &Scenario) -> Vec<(usize, Action)> {
        let groups = &scenario.groups;
        let army = groups.iter().position(|group| group.protocol.is_generals());
        let (mut actions, mut wrong) = (Vec::with_capacity(self.actions.len()), Vec::new());
        for ActDraft { group, act, places } in self.drafts() {
            let object = act.object();
            let number = match group {
                None if groups.len() > 1 && object.names_replicas() => {
                    let names: Vec<String> =
                        groups.iter().map(|group| group.name.clone()).collect();
                    let fact = fact!("which-group", names);
                    wrong.push(places.of(Word::Verb).says(fact));
                    0
                }
                None if matches!(object, Object::Order(_)) => army.unwrap_or(0),
                None => 0,
                Some((name, place)) => {
                    let known = groups.iter().position(|group| group.name == *name);
                    if known.is_none() {
                        let fact = fact!("no-group", name = name.clone());
                        wrong.push(place.says(fact));
                    } else if !object.names_replicas() {
                        wrong.push(place.says(Fact::plain("not-of-a-group")));
                    }
                    known.unwrap_or(0)
                }
            };
            actions.push((number, *act));
        }
        self.diagnostics.append(&mut wrong);
        actions
    }

    /// Says a flaw at its place. A flaw of something that was not read has none and is not said:
    /// the reason why it was not read is said already.
    fn point(&mut self, flaw: ValidationError) {
        let place = self.place(flaw.group, flaw.subject);
        self.diagnostics.extend(place.map(|place| place.says(flaw.fact)));
    }

    fn place(&self, group: usize, subject: Subject) -> Option<Place> {
        let own = &self.groups[group];
        match subject {
            Subject::Title => self.title.as_ref().map(|put| put.1),
            Subject::Source => self.source.as_ref().map(|put| put.1),
            Subject::Plant(word) => self.plant.place(word),
            Subject::Power(word) => self.power.place(word),
            Subject::Protocol => own.protocol.map(|put| put.1),
            Subject::Tolerate => own.tolerate.map(|put| put.1).filter(|_| own.protocol.is_some()),
            // What a protocol has no use for cannot be said of one that was not read.
            Subject::Action(_, Word::Verb) if own.protocol.is_none() => None,
            Subject::Cluster => own.name.as_ref().map(|put| put.1),
            Subject::Member(number) => own.members.get(number).map(|put| put.1),
            Subject::Timing(word) => {
                own.timing.as_ref().map(|timing| [timing.0.1, timing.1.1][word])
            }
            Subject::TimingOf(number, word) => {
                own.timing_of.get(number).map(|timing| [timing.0.1, timing.1.1][word])
            }
            Subject::Clock(number, word) => {
                own.clocks.get(number).map(|clock| [clock.0.1, clock.1.1][word])
            }
            Subject::Network(word) => self.network.map(|words| words[word].1),
            Subject::Write => own.write_every.map(|put| put.1),
            Subject::Clients(word) => own.clients.map(|(_, places)| places[word]),
            Subject::Database(number, word) => {
                own.databases.get(number).and_then(|one| one.places.get(word).copied())
            }
            Subject::Patience => own.patience.map(|put| put.1),
            Subject::Read(word) => own.read.map(|(every, by)| [every.1, by.1][word]),
            Subject::Disk => own.disk.place(),
            Subject::Lazy => own.disk.lazy_place(),
            Subject::Transport => own.transport.1,
            Subject::ServerName(number, word) => {
                self.server_names.get(number).map(|(of, name)| [of.1, name.1][word])
            }
            Subject::ReplicaName(number, word) => {
                own.names.get(number).map(|(of, name)| [of.1, name.1][word])
            }
            Subject::Run => self.run.map(|put| put.1),
            Subject::ActTime(number) => self.actions.get(number).map(|act| act.0.1),
            Subject::Action(number, word) => {
                self.drafts().nth(number).map(|draft| draft.places.of(word))
            }
            Subject::Repeat(number, word) => self.repeats.get(number).map(|one| one.places[word]),
            Subject::Note(number, word) => self.notes.get(number).map(|note| note.places[word]),
            Subject::NoteAction(number, word) => {
                self.notes.get(number).map(|note| note.act.of(word))
            }
            Subject::Focus(number, which) => {
                self.notes.get(number).and_then(|note| note.focus.get(which)).copied()
            }
            Subject::Expect(number, word) => {
                self.expectations.get(number).and_then(|expect| expect.1.of(word))
            }
        }
    }

    /// The scenario, with something harmless in place of what was not read: the largest plant, the
    /// largest cluster, the longest run, so that nothing else is found wrong for its sake.
    fn scenario(&self) -> Scenario {
        Scenario {
            title: self.title.as_ref().map_or("?".to_owned(), |put| put.0.clone()),
            source: self.source.as_ref().map(|put| put.0.clone()),
            plant: self.plant.spec().with_power(self.power.power()),
            server_names: self
                .server_names
                .iter()
                .map(|(of, name)| (of.0, name.0.clone()))
                .collect(),
            groups: self.groups.iter().map(|group| group.group(self.groups[0].seed)).collect(),
            hop: self.network.map_or(Scenario::HOP, |words| words[0].0),
            jitter: self.network.map_or(Scenario::JITTER, |words| words[1].0),
            actions: self.actions.iter().map(|(at, draft)| (at.0, draft.act)).collect(),
            repeats: self.repeats.iter().map(|repeat| repeat.times).collect(),
            notes: self.notes.iter().map(|draft| draft.note.clone()).collect(),
            expectations: self.expectations.iter().map(|(expect, _)| expect.clone()).collect(),
            until: self.run.map_or(Bounds::UNTIL, |put| put.0),
        }
    }
}
