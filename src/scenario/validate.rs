//! What a scenario must hold besides its grammar, for a text and for a link alike.
//!
//! Every bound that a stranger can break is checked here and named in the message. What a run may
//! take is no matter of the text: see [`crate::meter`].

mod actions;
mod databases;
mod names;
mod notes;
mod timing;

use self::actions::flaw_of_first_leader;
pub(super) use self::actions::{Setting, absent, flaws_of_act};
use super::diagnostic::is_unprintable;
use super::expect::{Expected, Under};
use super::power::PowerDraft;
use super::{Bounds, Disk, Group, Scenario};
use crate::clock::{Micros, Span};
use crate::fact::{Arg, Fact, fact};
use crate::fault::Action;
use crate::plant::{Bond, Part, PlantSpec, Power};
use crate::protocol::Protocol;
use crate::protocol::catalogue::Family;

/// One thing wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationError {
    /// The number of the group that it is about, where it is about one.
    pub group: usize,
    /// What it is about, so that a text can point at it.
    pub subject: Subject,
    /// What is wrong, in the room `diagnostic`.
    pub fact: Fact,
}

#[cfg(not(target_arch = "wasm32"))]
impl ValidationError {
    /// A sentence without the full stop.
    pub fn message(&self) -> String {
        crate::words::ENGLISH.tell("diagnostic", &self.fact, &crate::words::Names::default())
    }
}

/// A piece of a scenario. Numbers count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The title.
    Title,
    /// The source.
    Source,
    /// Racks (0), servers (1) or disks (2) of the plant, how long one is rebuilt (3), sites (4), or
    /// how long a WAN link takes (5).
    Plant(usize),
    /// That number of the power chain: see [`super::power::PowerDraft`].
    Power(usize),
    /// The cluster's name.
    Cluster,
    /// The protocol.
    Protocol,
    /// How many liars it is set up for.
    Tolerate,
    /// That server's name (1), or the server (0).
    ServerName(usize, usize),
    /// That replica's name (1), or the replica (0).
    ReplicaName(usize, usize),
    /// That replica's server.
    Member(usize),
    /// Heartbeat (0) or election timeout (1).
    Timing(usize),
    /// Replica (0) or election timeout (1) of that override.
    TimingOf(usize, usize),
    /// Replica (0) or rate (1) of that clock.
    Clock(usize, usize),
    /// Hop (0) or jitter (1).
    Network(usize),
    /// How long clients wait for a write.
    Patience,
    /// Of the clients their rate (0), timeout (1), retries (2) and when (3), the database's rate
    /// (4), or the queue (5).
    Clients(usize),
    /// Of that database a word: see [`super::database::DatabaseDraft`].
    Database(usize, usize),
    /// The write interval.
    Write,
    /// The interval between reads (0), or how they are answered (1).
    Read(usize),
    /// What its disks are like.
    Disk,
    /// How much later what nobody waits for is durable.
    Lazy,
    /// After how long a connection is given up.
    Transport,
    /// The length of the run.
    Run,
    /// The time of that act.
    ActTime(usize),
    /// A word of that action: of those written with `at`, then those with `every`.
    Action(usize, Word),
    /// A word of that line with `every`, by its number in [`super::repeat`].
    Repeat(usize, usize),
    /// Of that note a word: see [`super::note::NoteDraft`].
    Note(usize, usize),
    /// Of what is done when that note comes, a word.
    NoteAction(usize, Word),
    /// Of what that note points at, that one.
    Focus(usize, usize),
    /// A word of that expectation.
    Expect(usize, ExpectWord),
}

/// A word of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectWord {
    /// All of it.
    Whole,
    /// That protocol.
    Protocol(usize),
    /// That word for how it comes out.
    Word(usize),
}

/// A word of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// `traitor`, `order`: what is done, where the protocol has no use for it.
    Verb,
    /// `90%`.
    Percent,
    /// `50ms..80ms`, `1500`.
    By,
    /// The part, server, replica, or the first end of the link.
    First,
    /// The second end of the link.
    Second,
    /// That replica, by its number from 0, of those in groups.
    Member(u8),
    /// The first end of a gray switch's flows.
    From,
    /// The second end of a gray switch's flows.
    To,
}

impl Scenario {
    /// Everything wrong with it; nothing if it may run.
    pub fn flaws(&self) -> Vec<ValidationError> {
        let written = Self { actions: self.unexpanded(), ..self.clone() };
        let acts = written.actions.iter().map(|(_, act)| act);
        let acts = acts.chain(self.repeats.iter().map(|repeat| &repeat.act));
        let acts: Vec<_> = acts.map(|act| self.group_of(act)).collect();
        let mut flaws = written.flaws_of_pieces(&acts);
        if flaws.is_empty() {
            flaws.extend(self.flaw_of_size().or_else(|| self.lifts_nothing()));
        }
        flaws
    }

    /// What is wrong with each piece, seen alone or beside those it names; its actions are those
    /// written with `at`. Of each of them, and then of each repeated one, `actions` has the group,
    /// and the action as that sees it.
    pub(super) fn flaws_of_pieces(&self, actions: &[(usize, Action)]) -> Vec<ValidationError> {
        let mut found = Found { group: 0, flaws: Vec::new() };
        found.words(self);
        let before = found.flaws.len();
        found.plant(self.plant);
        found.power(self.plant.power);
        // In an impossible plant nothing else is looked for: one mistake, one message.
        let is_possible = found.flaws.len() == before;
        let spec = if is_possible { self.plant } else { ANY };
        found.each(self, &mut |found, group| found.cluster(group, spec));
        found.together(self);
        found.names(self, spec);
        found.each(self, &mut Found::timing);
        found.network(self);
        found.order(self);
        found.notes(self, spec);
        found.expectations(self);
        found.each(self, &mut Found::protocol);
        found.each(self, &mut Found::reads);
        found.each(self, &mut Found::clients);
        found.each(self, &mut |found, group| found.databases(group, spec));
        found.each(self, &mut Found::disk);
        found.each(self, &mut Found::transport);
        found.repeats(self);
        let times = self.actions.iter().map(|(at, _)| *at);
        let times = times.chain(self.repeats.iter().map(|repeat| repeat.from));
        for (number, (at, (group, act))) in times.zip(actions).enumerate() {
            let setting = Setting { plant: spec, ..Setting::of(self, *group) };
            let flaws = flaws_of_act(act, setting);
            let first = flaw_of_first_leader((at, act), setting).filter(|_| flaws.is_empty());
            found.group = *group;
            for (word, fact) in flaws.into_iter().chain(first) {
                found.add(Subject::Action(number, word), fact);
            }
        }
        found.flaws
    }

    /// Whether the scenario as a whole is too long, when all pieces are within their bounds. How much
    /// work its run is nobody can tell beforehand: that is counted while it runs, see
    /// [`crate::meter`].
    pub(super) fn flaw_of_size(&self) -> Option<ValidationError> {
        let times = |every: Option<Micros>| every.map_or(0, |every| self.until.0 / every.0);
        for (number, group) in self.groups.iter().enumerate() {
            let reads = times(group.read.map(|(every, _)| every));
            let tries = group.clients.map_or(0, |clients| clients.tries(self.until));
            let sizes = [
                (Subject::Clients(0), tries, Bounds::WRITES, "too-many-tries"),
                (Subject::Write, times(group.write_every), Bounds::WRITES, "too-many-writes"),
                (Subject::Read(0), reads, Bounds::READS, "too-many-reads"),
            ];
            for (subject, size, most, kind) in sizes {
                if size > most {
                    return Some(ValidationError {
                        group: number,
                        subject,
                        fact: fact!(kind, size, most),
                    });
                }
            }
        }
        let (size, most) = (self.to_string().len() as u64, Bounds::TEXT as u64);
        let fact = || fact!("too-many-bytes", size, most);
        (size > most).then(|| ValidationError { group: 0, subject: Subject::Title, fact: fact() })
    }
}

/// Has every part that the grammar can name.
const ANY: PlantSpec = PlantSpec::new(99, 99, 99).with_sites(u8::MAX);

/// Of whom something is expected.
#[derive(Default)]
struct ProtocolsSeen {
    all: bool,
    /// A bit each.
    named: u64,
}

struct Found {
    /// The group whose pieces these are.
    group: usize,
    flaws: Vec<ValidationError>,
}

impl Found {
    fn add(&mut self, subject: Subject, fact: impl Into<Fact>) {
        self.flaws.push(ValidationError { group: self.group, subject, fact: fact.into() });
    }

    /// Goes through the groups.
    fn each(&mut self, scenario: &Scenario, look: &mut dyn FnMut(&mut Self, &Group)) {
        for (number, group) in scenario.groups.iter().enumerate() {
            self.group = number;
            look(self, group);
        }
        self.group = 0;
    }

    fn words(&mut self, scenario: &Scenario) {
        if scenario.title.trim().is_empty() {
            self.add(Subject::Title, "empty-title");
        }
        self.string(Subject::Title, &scenario.title, "title", Bounds::TITLE);
        let source = scenario.source.as_deref().unwrap_or_default();
        self.string(Subject::Source, source, "source", Bounds::TITLE);
        for (number, note) in scenario.notes.iter().enumerate() {
            self.string(Subject::Note(number, 1), &note.text, "note", Bounds::NOTE);
        }
    }

    fn string(&mut self, subject: Subject, text: &str, what: &'static str, most: usize) {
        let of = |kind| Fact::plain(kind).with("what", what);
        if text.len() > most {
            self.add(subject, of("too-long").with("most", most).with("bytes", text.len()));
        }
        if text.contains(is_unprintable) {
            self.add(subject, of("unprintable"));
        }
    }

    fn plant(&mut self, spec: PlantSpec) {
        let PlantSpec { sites, racks, servers, disks, wan, .. } = spec;
        if !(1..=PlantSpec::SITES).contains(&sites) {
            self.add(Subject::Plant(4), bounded("sites", PlantSpec::SITES));
        } else if !(1..=PlantSpec::RACKS).contains(&racks) || !racks.is_multiple_of(sites) {
            self.add(
                Subject::Plant(0),
                bounded("racks", PlantSpec::RACKS / sites).with("sites", u64::from(sites)),
            );
        }
        if sites == 1 && wan != PlantSpec::WAN {
            self.add(Subject::Plant(5), "wan-of-one-site");
        } else {
            self.interval(Subject::Plant(5), wan, "wan");
        }
        if !(1..=PlantSpec::SERVERS).contains(&servers) {
            self.add(Subject::Plant(1), bounded("servers", PlantSpec::SERVERS));
        }
        if !(2..=PlantSpec::DISKS).contains(&disks) || disks % 2 == 1 {
            self.add(Subject::Plant(2), bounded("disks", PlantSpec::DISKS));
        }
        if spec.mlag && !matches!(spec.bond, Bond::Lacp(_)) {
            self.add(Subject::Plant(6), "mlag-without-lacp");
        }
        let (least, most) = (Bounds::INTERVAL_MIN, Bounds::UNTIL);
        if spec.rebuild.is_some_and(|time| time < least || time > most) {
            self.add(Subject::Plant(3), fact!("rebuild", least, most));
        }
    }

    /// What is rated for nothing carries nothing, and what takes no time is not there.
    fn power(&mut self, power: Power) {
        let capacity = power.ups.and_then(|ups| ups.capacity_w);
        let rated = [Some(power.server_w), power.breaker_w, capacity];
        for (number, watts) in rated.into_iter().enumerate() {
            if watts.is_some_and(|watts| !(1..=Power::MOST_W).contains(&watts)) {
                let fact = fact!("watts", what = PowerDraft::WORDS[number]);
                self.add(Subject::Power(number), fact.with("most", Power::MOST_W / 1_000));
            }
        }
        let lasts = power.ups.map(|ups| ups.lasts);
        let times = [(3, power.generator), (4, power.transfer), (PowerDraft::LASTS, lasts)];
        for (number, span) in times {
            if let Some(span) = span {
                let what = ["generator", "transfer", "battery"][number - 3];
                self.interval(Subject::Power(number), span, what);
            }
        }
    }

    fn cluster(&mut self, group: &Group, spec: PlantSpec) {
        if !is_cluster_name(&group.name) {
            self.add(Subject::Cluster, bounded("cluster-name", Bounds::CLUSTER));
        }
        let members = &group.members;
        if members.is_empty() {
            self.add(Subject::Cluster, "no-replica");
        }
        if members.len() > Bounds::REPLICAS {
            let bound = Bounds::REPLICAS;
            self.add(
                Subject::Member(bound),
                bounded("replicas", bound).with("replicas", members.len()),
            );
        }
        for (number, server) in members.iter().enumerate().take(Bounds::REPLICAS) {
            if let Some(fact) = absent(Part::Server(*server), spec) {
                self.add(Subject::Member(number), fact);
            }
            if let Some(other) = members[..number].iter().position(|other| other == server) {
                let fact = fact!("server-taken", server = server.to_string());
                self.add(Subject::Member(number), fact.with("replica", format!("n{}", other + 1)));
            }
        }
    }

    /// How many replicas and liars a protocol takes, and whether it takes writes.
    fn protocol(&mut self, group: &Group) {
        let (protocol, replicas) = (group.protocol, group.members.len());
        if replicas > Bounds::REPLICAS {
            return;
        }
        if protocol.is_generals() {
            self.generals(group);
        } else if protocol.family() == Family::Byzantine {
            let liars = usize::from(group.tolerate.unwrap_or(1)).max(1);
            let least = 3 * liars + 1;
            if replicas < least {
                let subject = group.tolerate.map_or(Subject::Protocol, |_| Subject::Tolerate);
                let fact = of(protocol, "too-few").with("least", least).with("liars", liars);
                self.add(subject, fact.with("replicas", replicas));
            }
        } else if protocol == Protocol::OmnipaxosCrate && replicas < 2 {
            // Its `ClusterConfig::validate`.
            self.add(Subject::Protocol, "one-for-the-crate");
        } else if group.tolerate.is_some() {
            self.add(Subject::Tolerate, of(protocol, "no-liars"));
        }
        if group.tolerate == Some(0) {
            self.add(Subject::Tolerate, "zero-liars");
        }
    }

    fn reads(&mut self, group: &Group) {
        let Some((every, by)) = group.read else { return };
        self.interval(Subject::Read(0), every, "read");
        let protocol = group.protocol;
        if !protocol.answers_reads() {
            self.add(Subject::Read(1), of(protocol, "no-reads"));
        } else if !protocol.reads_by(by) {
            self.add(Subject::Read(1), of(protocol, "no-leases"));
        }
    }

    fn transport(&mut self, group: &Group) {
        let Some(timeout) = group.transport.timeout() else { return };
        let (least, most) = (Bounds::CONNECTION_MIN, Bounds::SPAN_MAX);
        if timeout < least || timeout > most {
            let fact = fact!("interval", what = "connection", least = least);
            self.add(Subject::Transport, fact.with("most", most));
        }
    }

    fn disk(&mut self, group: &Group) {
        if let Some(lazy) = group.disk.lazy {
            self.interval(Subject::Lazy, lazy, "lazy");
        }
        let latency = &group.disk.latency;
        if latency.start() > latency.end() {
            self.add(Subject::Disk, "latency-reversed");
        } else if *latency.end() > Bounds::LATENCY {
            self.add(Subject::Disk, fact!("latency", most = Bounds::LATENCY));
        } else if group.disk != Disk::AT_ONCE && !group.protocol.waits_for_disks() {
            self.add(Subject::Disk, of(group.protocol, "no-disks"));
        }
    }

    fn generals(&mut self, group: &Group) {
        let (protocol, replicas) = (group.protocol, group.members.len());
        let (least, most) = (Bounds::GENERALS.0, Bounds::GENERALS.1);
        if replicas < least || replicas > most {
            let fact = of(protocol, "generals").with("least", least).with("most", most);
            self.add(Subject::Protocol, fact.with("replicas", replicas));
        } else if usize::from(group.tolerated()) > Bounds::LIARS.min(replicas - 2) {
            let most = Bounds::LIARS.min(replicas - 2);
            let fact = of(protocol, "generals-liars").with("replicas", replicas);
            self.add(Subject::Tolerate, fact.with("most", most));
        }
        if group.write_every.is_some() {
            self.add(Subject::Write, of(protocol, "orders-not-writes"));
        }
    }

    fn network(&mut self, scenario: &Scenario) {
        let longest = Bounds::SPAN_MAX;
        if scenario.hop.0 == 0 || scenario.hop > longest {
            self.add(Subject::Network(0), fact!("hop", most = longest));
        }
        if scenario.jitter > longest {
            self.add(Subject::Network(1), fact!("jitter", most = longest));
        }
        let (shortest, longest) = (Bounds::UNTIL_MIN, Bounds::UNTIL);
        if scenario.until < shortest || scenario.until > longest {
            self.add(Subject::Run, fact!("run", least = shortest, most = longest));
        }
    }

    fn interval(&mut self, subject: Subject, interval: Micros, what: &'static str) {
        let (shortest, longest) = (Bounds::INTERVAL_MIN, Bounds::SPAN_MAX);
        if interval < shortest || interval > longest {
            let fact = fact!("interval", what, least = shortest);
            self.add(subject, fact.with("most", longest));
        }
    }

    fn election(&mut self, subject: Subject, span: &Span, heartbeat: Micros) {
        let longest = Bounds::SPAN_MAX;
        if span.start() > span.end() {
            self.add(subject, "timeout-reversed");
        } else if *span.end() > longest {
            self.add(subject, fact!("timeout", most = longest));
        } else if *span.start() <= heartbeat {
            self.add(subject, fact!("timeout-short", heartbeat));
        }
    }

    /// How many, and that each protocol has one at most, of words that go together.
    fn expectations(&mut self, scenario: &Scenario) {
        let bound = Bounds::EXPECTATIONS;
        if scenario.expectations.len() > bound {
            let subject = Subject::Expect(bound, ExpectWord::Whole);
            self.add(subject, bounded("expectations", bound));
        }
        let mut known = ProtocolsSeen::default();
        for (number, expectation) in scenario.expectations.iter().enumerate().take(bound) {
            self.protocols(number, (scenario, &expectation.under), &mut known);
            self.expected(number, &expectation.words);
        }
    }

    fn protocols(
        &mut self,
        number: usize,
        (scenario, under): (&Scenario, &Under),
        known: &mut ProtocolsSeen,
    ) {
        let subject = |word| Subject::Expect(number, ExpectWord::Protocol(word));
        match under {
            Under::All if std::mem::replace(&mut known.all, true) => {
                self.add(subject(0), "all-expected-twice");
            }
            Under::All => {}
            Under::These(protocols) => {
                if protocols.is_empty() {
                    let subject = Subject::Expect(number, ExpectWord::Whole);
                    self.add(subject, "expect-nobody");
                }
                for (word, protocol) in protocols.iter().enumerate() {
                    let bit = 1 << *protocol as u32;
                    if known.named & bit != 0 {
                        self.add(subject(word), of(*protocol, "expected-twice"));
                    }
                    known.named |= bit;
                    let runs_it = |group: &Group| group.protocol == *protocol;
                    if scenario.groups.len() > 1 && !scenario.groups.iter().any(runs_it) {
                        self.add(subject(word), of(*protocol, "nobody-runs-it"));
                    }
                }
            }
        }
    }

    fn expected(&mut self, number: usize, words: &[Expected]) {
        let subject = |word| Subject::Expect(number, ExpectWord::Word(word));
        if words.is_empty() {
            let subject = Subject::Expect(number, ExpectWord::Whole);
            self.add(subject, "expect-nothing");
        }
        let mut known = 0_u32;
        for (at, word) in words.iter().enumerate() {
            let bit = 1 << *word as u32;
            if known & bit != 0 {
                let fact = fact!("word-twice", word = word.name());
                self.add(subject(at), fact);
            } else if *word == Expected::Safe && words.len() > 1 {
                self.add(subject(at), "safe-alone");
            }
            known |= bit;
        }
        let words_alone = Expected::ALL.into_iter().filter(|word| *word != Expected::Safe);
        if let Some(last) = words.len().checked_sub(1)
            && words_alone.fold(0, |all, word| all | 1 << word as u32) & !known == 0
        {
            self.add(subject(last), "cannot-fail");
        }
    }

    /// Acts: how many, in order, and within the run.
    fn order(&mut self, scenario: &Scenario) {
        let until = scenario.until;
        let actions: Vec<Micros> = scenario.actions.iter().map(|(at, _)| *at).collect();
        self.times(&actions, until, Bounds::ACTS, "actions", Subject::ActTime);
    }

    /// Lines that repeat, together with what is written with `at`.
    fn repeats(&mut self, scenario: &Scenario) {
        let mut room = Bounds::ACTS.saturating_sub(scenario.actions.len()) as u64;
        for (number, repeat) in scenario.repeats.iter().enumerate() {
            if let Some((word, fact)) = repeat.refuses(scenario.until, room) {
                self.add(Subject::Repeat(number, word), fact);
            } else {
                room -= repeat.count();
            }
        }
    }

    fn times(
        &mut self,
        times: &[Micros],
        until: Micros,
        bound: usize,
        what: &'static str,
        subject: impl Fn(usize) -> Subject,
    ) {
        if times.len() > bound {
            self.add(subject(bound), bounded("times", bound).with("what", what));
        }
        for (number, at) in times.iter().enumerate().take(bound) {
            if *at > until {
                self.add(subject(number), fact!("after-the-end", until));
            }
            if number > 0 && times[number - 1] > *at {
                self.add(subject(number), fact!("out-of-order", what));
            }
        }
    }
}

pub(super) fn is_cluster_name(name: &str) -> bool {
    name.len() <= Bounds::CLUSTER
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-')
}

/// A bound that was broken.
fn bounded(kind: &'static str, most: impl Into<Arg>) -> Fact {
    Fact::plain(kind).with("most", most)
}

/// Something that a protocol is not made for.
fn of(protocol: Protocol, kind: &'static str) -> Fact {
    Fact::plain(kind).with("protocol", protocol.name())
}
