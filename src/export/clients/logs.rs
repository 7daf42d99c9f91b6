//! What writes the logs of a run hold, and which of them each read saw: read off the world itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::TOLD_EVERY;
use super::Teller;
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::protocol::Command;
use crate::protocol::log::Index;
use crate::world::{EventKind, Group, World};

/// Where writes stand, and what reads saw.
#[derive(Default)]
pub(super) struct Logged {
    /// By write, the first place that holds it in what is committed.
    pub(super) first: BTreeMap<u32, Index>,
    /// By read, the last write that it saw.
    pub(super) seen: BTreeMap<u32, u32>,
}

/// Plays the run once more, up to when it is known.
pub(super) fn logged(teller: &Teller<'_>, known: Micros) -> Logged {
    let mut world = World::new(Arc::clone(&teller.scenario));
    let number = usize::from(teller.number);
    let mut reader = Reader {
        writes: Writes::default(),
        seen: vec![Seen::default(); usize::from(teller.replicas)],
        committed: 0,
        logged: Logged::default(),
    };
    for step in 1_u64.. {
        if step.is_multiple_of(TOLD_EVERY) {
            teller.played(2, world.now());
        }
        // Once it is in the log nobody says any more which try it was.
        let served = world.group(number).served();
        let Some(event) = world.step_by(known, &mut ()) else { break };
        if event.group == teller.number {
            reader.writes.take(event.kind, served);
            reader.read_commits(world.group(number));
            for answer in world.group_mut(number).take_answers() {
                let (id, group) = (answer.by, world.group(number));
                if let Some(last) = reader.last_write(group, id, answer.index) {
                    reader.logged.seen.insert(answer.read, last);
                }
            }
        }
    }
    reader.logged
}

/// Which write a command is: its own number, or the request of which it is a try, where clients
/// come at a rate.
#[derive(Default)]
struct Writes {
    /// The requests of all tries, in order.
    tries: Vec<u32>,
    /// By command.
    requests: BTreeMap<Command, u32>,
}

impl Writes {
    fn take(&mut self, kind: EventKind, served: Option<u32>) {
        match kind {
            EventKind::Asked { request } | EventKind::AskedAgain { request } => {
                self.tries.push(request);
            }
            EventKind::Write { command, .. } => {
                let number = served.map(|number| number as usize - 1);
                let request = number.and_then(|number| self.tries.get(number));
                self.requests.extend(request.map(|request| (command, *request)));
            }
            EventKind::Action(_)
            | EventKind::Delivered { .. }
            | EventKind::Held { .. }
            | EventKind::Lost { .. }
            | EventKind::Timeout(..)
            | EventKind::GaveUp { .. }
            | EventKind::Failed { .. }
            | EventKind::Transport { .. }
            | EventKind::Synced(_)
            | EventKind::Rebuilt(_)
            | EventKind::Power { .. }
            | EventKind::Bundle { .. }
            | EventKind::Mischief(_)
            | EventKind::Read { .. } => {}
        }
    }

    /// Nothing of an entry that no client asked for.
    fn of(&self, command: Command) -> Option<u32> {
        let write = self.requests.get(&command).copied().unwrap_or(command);
        (command > 0).then_some(write)
    }
}

/// What was read of a replica's log.
#[derive(Clone, Default)]
struct Seen {
    /// Which log it is: another one once its disk was empty or entries were thrown away.
    which: (u32, u32),
    writes: BTreeSet<u32>,
    /// By place from 1, the last write that is there for the first time.
    last: Vec<Option<u32>>,
}

struct Reader {
    writes: Writes,
    /// By replica.
    seen: Vec<Seen>,
    /// Up to where somebody has committed.
    committed: Index,
    logged: Logged,
}

impl Reader {
    fn read_commits(&mut self, group: &Group) {
        for id in group.replicas().filter(|id| group.is_honest(*id)) {
            let replica = group.replica(id);
            for index in self.committed + 1..=replica.commit() {
                self.committed = index;
                let entry = replica.log().get(index);
                if let Some(write) = entry.and_then(|entry| self.writes.of(entry.command)) {
                    self.logged.first.entry(write).or_insert(index);
                }
            }
        }
    }

    /// The last write that stands for the first time in a replica's log up to there.
    fn last_write(&mut self, group: &Group, id: ReplicaId, index: Index) -> Option<u32> {
        let (log, seen) = (group.replica(id).log(), &mut self.seen[id.index()]);
        let which = (group.lives(id), log.truncations().0);
        if seen.which != which || log.last_index() < seen.last.len() as u32 {
            *seen = Seen { which, ..Seen::default() };
        }
        for entry in log.from(seen.last.len() as u32 + 1, usize::MAX) {
            let before = seen.last.last().copied().flatten();
            let new = self.writes.of(entry.command).filter(|write| seen.writes.insert(*write));
            seen.last.push(new.or(before));
        }
        let place = (index as usize).checked_sub(1)?;
        seen.last.get(place.min(seen.last.len().checked_sub(1)?)).copied().flatten()
    }
}
