//! What a link holds, field by field.
//!
//! One description serves both directions: a [`Coder`] that writes is handed what is known and
//! hands it back, one that reads is handed a blank and hands back what it read. So the two cannot
//! disagree. `None` stands for what no writer ever writes.

use super::words::Words;
use crate::clock::{Micros, Span};
use crate::fault::ReplicaId;
use crate::plant::{PlantSpec, ServerAt};
use crate::protocol::Protocol;
use crate::protocol::ReadMode;
use crate::scenario::link::range::{Coder, NumberModel};
use crate::scenario::note::Note;
use crate::scenario::{Bounds, Disk, Group, Scenario, Transport};

use super::actions;
use super::plant::{self as plant_table, FrozenPlant};

/// Microseconds to a second in steps of ten: times are written in the coarsest that is exact.
const UNITS: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// Codes a scenario; the reader's `known` is [`blank`].
pub(super) fn scenario(coder: &mut impl Coder, known: &Scenario) -> Option<Scenario> {
    let mut words = Words::new();
    let plant = plant(coder, known.plant)?;
    let group = known.group();
    let name = words.text(coder, &group.name, Bounds::CLUSTER)?;
    let place = Protocol::ALL.iter().position(|&protocol| protocol == group.protocol)?;
    let number = u32::try_from(place).ok()? + u32::from(group.tolerate.is_some()) * SAYS_MORE;
    let number = number + u32::from(group.read.is_some()) * READS;
    let number = coder.uniform(number, 256);
    let protocol = number % SAYS_MORE % READS;
    let protocol = *Protocol::ALL.get(protocol as usize)?;
    let tolerate = if number < SAYS_MORE {
        None
    } else {
        u8::try_from(coder.uniform(u32::from(group.tolerate.unwrap_or(0)), 256)).ok()
    };
    let read = if number & READS == 0 { None } else { Some(read(coder, group.read)?) };
    let members = members(coder, plant, &group.members)?;
    let mut model = NumberModel::new();
    let heartbeat = micros(coder, &mut model, group.heartbeat)?;
    let election = span(coder, &mut model, &group.election)?;
    let replicas = u32::try_from(members.len()).ok()?;
    let mut election_of = Vec::new();
    for number in 0..coder.uniform(length(&group.election_of), replicas + 1) as usize {
        let blank = (ReplicaId(0), Micros::ZERO..=Micros::ZERO);
        let (replica, own) = group.election_of.get(number).unwrap_or(&blank);
        let replica = ReplicaId(u8::try_from(coder.uniform(u32::from(replica.0), replicas)).ok()?);
        election_of.push((replica, span(coder, &mut model, own)?));
    }
    let is_plain = (known.hop, known.jitter) == (Scenario::HOP, Scenario::JITTER);
    let (hop, jitter) = if coder.choice(!is_plain, LIKELY) {
        (micros(coder, &mut model, known.hop)?, micros(coder, &mut model, known.jitter)?)
    } else {
        (Scenario::HOP, Scenario::JITTER)
    };
    let seed = u32::try_from(coder.number(u64::from(group.seed), &mut NumberModel::new())).ok()?;
    let often = group.write_every.unwrap_or_default();
    let writes = coder.choice(group.write_every.is_some(), EVEN);
    let write_every = if writes { Some(micros(coder, &mut model, often)?) } else { None };
    let until = micros(coder, &mut model, known.until)?;
    let actions = actions::actions(coder, &known.actions, &FrozenPlant::new(plant), replicas)?;
    let title = words.text(coder, &known.title, Bounds::TITLE)?;
    let has_source = coder.choice(known.source.is_some(), EVEN);
    let source = known.source.as_deref().unwrap_or_default();
    let source = if has_source { Some(words.text(coder, source, Bounds::TITLE)?) } else { None };
    let notes = notes(coder, &mut words, &known.notes)?;
    Some(Scenario {
        title,
        source,
        plant,
        groups: vec![Group {
            name,
            protocol,
            tolerate,
            members,
            names: Vec::new(),
            heartbeat,
            election,
            election_of,
            seed,
            write_every,
            read,
            ..blank().group().clone()
        }],
        hop,
        jitter,
        actions,
        notes,
        until,
        ..blank()
    })
}

/// How often and how clients read.
fn read(coder: &mut impl Coder, known: Option<(Micros, ReadMode)>) -> Option<(Micros, ReadMode)> {
    let (every, by) = known.unwrap_or((Micros::ZERO, ReadMode::Local));
    let by = coder.uniform(by as u32, ReadMode::ALL.len() as u32);
    let every = micros(coder, &mut NumberModel::new(), every)?;
    Some((every, *ReadMode::ALL.get(by as usize)?))
}

/// Added to a protocol's number if the number of liars that it is set up for follows.
const SAYS_MORE: u32 = 128;

/// Added to it if reads follow.
const READS: u32 = 64;

/// What a reader knows before it has read: nothing.
pub(super) fn blank() -> Scenario {
    Scenario {
        title: String::new(),
        source: None,
        plant: PlantSpec::new(1, 1, 2),
        server_names: Vec::new(),
        groups: vec![Group {
            name: String::new(),
            protocol: Protocol::Raft,
            tolerate: None,
            members: Vec::new(),
            names: Vec::new(),
            heartbeat: Micros::ZERO,
            election: Micros::ZERO..=Micros::ZERO,
            election_of: Vec::new(),
            clocks: Vec::new(),
            seed: 0,
            write_every: None,
            patience: None,
            clients: None,
            databases: Vec::new(),
            read: None,
            disk: Disk::AT_ONCE,
            transport: Transport::Datagram,
        }],
        hop: Micros::ZERO,
        jitter: Micros::ZERO,
        actions: Vec::new(),
        notes: Vec::new(),
        repeats: Vec::new(),
        expectations: Vec::new(),
        until: Micros::ZERO,
    }
}

/// The odds of no for a choice that is nearly always no, and for one that may be either.
const LIKELY: u32 = 60_000;
const EVEN: u32 = 1 << 15;

/// A plant that can be built: its own bounds are checked at once, as all else is numbered by it.
fn plant(coder: &mut impl Coder, known: PlantSpec) -> Option<PlantSpec> {
    let mut count = |known: u8, bound: u8| {
        let number = coder.uniform(u32::from(known.saturating_sub(1)), u32::from(bound));
        u8::try_from(number + 1).ok()
    };
    let racks = count(known.racks, plant_table::RACKS)?;
    let servers = count(known.servers, plant_table::SERVERS)?;
    let disks = count(known.disks / 2, plant_table::DISKS / 2)? * 2;
    (racks * servers <= plant_table::SERVERS_IN_ALL)
        .then_some(PlantSpec::new(racks, servers, disks))
}

fn members(coder: &mut impl Coder, plant: PlantSpec, known: &[ServerAt]) -> Option<Vec<ServerAt>> {
    let servers = u32::from(plant.racks) * u32::from(plant.servers);
    let most = servers.min(u32::try_from(Bounds::REPLICAS).ok()?);
    let count = coder.uniform(length(known).saturating_sub(1), most) + 1;
    (0..count as usize)
        .map(|number| {
            let known =
                known.get(number).map_or(0, |server| plant_table::server_number(*server, plant));
            plant_table::server_of(coder.uniform(known, servers), plant)
        })
        .collect()
}

/// A span of time: the coarsest unit that is exact, and how many of them.
pub(super) fn micros(
    coder: &mut impl Coder,
    model: &mut NumberModel,
    known: Micros,
) -> Option<Micros> {
    let unit = unit(coder, [known].into_iter());
    Some(Micros(coder.number(known.0 / unit, model).checked_mul(unit)?))
}

fn span(coder: &mut impl Coder, model: &mut NumberModel, known: &Span) -> Option<Span> {
    Some(micros(coder, model, *known.start())?..=micros(coder, model, *known.end())?)
}

/// The coarsest unit in which all of `known` are whole.
pub(super) fn unit(coder: &mut impl Coder, known: impl Iterator<Item = Micros> + Clone) -> u64 {
    let is_exact = |unit: u64| known.clone().all(|time| time.0 % unit == 0);
    let coarsest = UNITS.iter().rposition(|unit| is_exact(*unit)).unwrap_or(0);
    UNITS[coder.uniform(coarsest as u32, UNITS.len() as u32) as usize]
}

fn notes(coder: &mut impl Coder, words: &mut Words, known: &[Note]) -> Option<Vec<Note>> {
    let count = coder.number(u64::from(length(known)), &mut NumberModel::new());
    let unit = unit(coder, known.iter().filter_map(Note::time));
    let mut times = Times::new(unit);
    let blank = Note::at(Micros::ZERO, String::new());
    (0..usize::try_from(count).ok().filter(|count| *count <= Bounds::NOTES)?)
        .map(|number| {
            let note = known.get(number).unwrap_or(&blank);
            let at = times.next(coder, note.time().unwrap_or_default())?;
            Some(Note::at(at, words.text(coder, &note.text, Bounds::NOTE)?))
        })
        .collect()
}

/// Times in order, each as its distance from the one before.
pub(super) struct Times {
    unit: u64,
    last: Micros,
    model: NumberModel,
}

impl Times {
    /// From the start of the run, in that unit.
    pub(super) const fn new(unit: u64) -> Self {
        Self { unit, last: Micros::ZERO, model: NumberModel::new() }
    }

    /// Codes the next time.
    pub(super) fn next(&mut self, coder: &mut impl Coder, known: Micros) -> Option<Micros> {
        let ahead = coder.number(known.since(self.last).0 / self.unit, &mut self.model);
        self.last = Micros(self.last.0.checked_add(ahead.checked_mul(self.unit)?)?);
        Some(self.last)
    }
}

/// How many, as a number that fits every bound.
pub(super) fn length<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}
