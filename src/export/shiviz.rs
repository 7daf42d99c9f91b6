//! A stretch as a log for ShiViz, with vector clocks (Fidge 1988, Mattern 1989).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::json;

use super::mermaid::words;
use super::trace::{Fate, Moment, Trace, Traced, trace};
use super::{Refusal, Stretch, Teller, too_many};
use crate::clock::Micros;
use crate::fact::fact;
use crate::fault::ReplicaId;
use crate::view::ledger::LedgerEntry;

/// The most events: more ShiViz cannot draw.
const EVENTS: usize = 20_000;

/// What every object of JavaScript has: ShiViz keeps hosts by name in plain objects, and takes one
/// of that name for known.
const OF_OBJECTS: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// How often each replica has ticked, as one of them knows it.
type Clock = Vec<u64>;

/// Two lines an event: the replica with its clock, and what it does.
///
/// # Errors
/// There are too many events.
pub(super) fn log(
    teller: &Teller<'_>,
    stretch: Stretch,
    known: Micros,
    entries: &[LedgerEntry],
) -> Result<String, Refusal> {
    let trace = trace(teller, stretch, known)?;
    let replicas = usize::from(teller.replicas);
    let arrived = trace.messages.iter().filter(|one| one.fate == Fate::Arrived);
    let mut log = Log {
        teller,
        trace: &trace,
        arrived: arrived.map(|one| one.first).collect(),
        clocks: vec![vec![0; replicas]; replicas],
        stamps: BTreeMap::new(),
        events: Vec::new(),
        own: vec![VecDeque::new(); replicas],
    };
    for entry in entries {
        if let Some(who) = entry.who {
            log.own[usize::from(who)].push_back(entry);
        }
    }
    for moment in &trace.moments {
        log.take(*moment);
    }
    log.happen_until(Micros::NEVER);
    let times = log.events.iter().map(|event| event.at);
    if let Some(why) = too_many("events", times, EVENTS, stretch) {
        return Err(why);
    }
    Ok(log.events.iter().map(|event| log.told(event)).collect())
}

/// What a replica does.
enum What<'a> {
    Sends(&'a Traced),
    Hears(&'a Traced),
    Happens(&'a LedgerEntry),
}

/// An event of a replica, and its clock after it.
struct Stamped<'a> {
    at: Micros,
    who: ReplicaId,
    clock: Clock,
    what: What<'a>,
}

struct Log<'a> {
    teller: &'a Teller<'a>,
    trace: &'a Trace,
    /// Messages of which a packet arrived, by their first packet.
    arrived: BTreeSet<u64>,
    /// By replica.
    clocks: Vec<Clock>,
    /// The clock that each message carries, by its first packet.
    stamps: BTreeMap<u64, Clock>,
    events: Vec<Stamped<'a>>,
    /// By replica, what is still to happen to it.
    own: Vec<VecDeque<&'a LedgerEntry>>,
}

impl<'a> Log<'a> {
    /// A replica sends or hears something.
    fn take(&mut self, Moment { at, id, is_heard }: Moment) {
        let Some(one) = self.trace.message(id) else { return };
        self.happen_until(at);
        if is_heard {
            // What left before the stretch carries no clock.
            if let Some(stamp) = self.stamps.get(&one.first) {
                for (own, other) in self.clocks[one.to.index()].iter_mut().zip(stamp) {
                    *own = (*own).max(*other);
                }
            }
            self.tick(at, one.to, What::Hears(one));
        } else if !self.stamps.contains_key(&one.first) {
            // What came over it leads to what it says now.
            self.happen(one.from, at);
            let clock = self.tick(at, one.from, What::Sends(one));
            self.stamps.insert(one.first, clock);
        }
    }

    /// An event of a replica; its clock then.
    fn tick(&mut self, at: Micros, who: ReplicaId, what: What<'a>) -> Clock {
        let clock = &mut self.clocks[who.index()];
        clock[who.index()] += 1;
        let clock = clock.clone();
        self.events.push(Stamped { at, who, clock: clock.clone(), what });
        clock
    }

    /// What happened to all before that time.
    fn happen_until(&mut self, at: Micros) {
        for who in self.teller.ids() {
            self.happen(who, Micros(at.0.saturating_sub(1)));
        }
    }

    /// What happened to one by that time.
    fn happen(&mut self, who: ReplicaId, by: Micros) {
        while let Some(entry) = self.own[who.index()].front().copied()
            && entry.at_us <= by.0
        {
            self.own[who.index()].pop_front();
            self.tick(Micros(entry.at_us), who, What::Happens(entry));
        }
    }

    fn told(&self, event: &Stamped<'_>) -> String {
        let teller = self.teller;
        let name = |id: ReplicaId| {
            let name = teller.replica(id);
            if OF_OBJECTS.contains(&name.as_str()) { id.to_string() } else { name }
        };
        let clock = teller.ids().zip(&event.clock).filter(|(_, ticks)| **ticks > 0);
        let clock: BTreeMap<String, u64> = clock.map(|(id, ticks)| (name(id), *ticks)).collect();
        let told = match event.what {
            What::Sends(one) => {
                // Of a message that came again, or twice, the loss of a packet is no loss.
                let is_lost = !self.arrived.contains(&one.first);
                let words = if is_lost { words(teller, one) } else { truly(teller, one) };
                teller.put(&fact!("sends", to = name(one.to), words))
            }
            What::Hears(one) => {
                let words = truly(teller, one);
                teller.put(&fact!("hears", from = name(one.from), words))
            }
            What::Happens(entry) => teller.tell("ledger", &entry.said),
        };
        let told = told.replace(char::is_control, " ");
        format!("{} {}\n{told}\n", name(event.who), json!(clock))
    }
}

/// What it says, whatever became of it.
fn truly(teller: &Teller<'_>, one: &Traced) -> String {
    words(teller, &Traced { fate: Fate::Arrived, ..one.clone() })
}
