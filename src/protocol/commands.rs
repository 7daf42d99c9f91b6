//! What clients ask for, as facts.

use super::log::Entry;
use super::{Command, FORGED, forge};
use crate::fact::{Fact, counts, fact};

/// A command, in the room `value`.
#[inline(never)]
pub fn command(command: Command) -> Fact {
    match command {
        0 => "no-op".into(),
        forged if forged & FORGED != 0 => counts!("forged", number = forge(forged)),
        number => counts!("write", number),
    }
}

/// Commands in a row, in the room `entries`: a few by name; of many how many, the first and the
/// last that are no no-ops, so that a liar's other story reads otherwise.
#[inline(never)]
pub fn commands(all: &[Command]) -> Fact {
    const NAMED: usize = 3;
    let count = all.len();
    if count == 0 {
        return "none".into();
    }
    if count <= NAMED {
        return fact!("few", all = all.iter().copied().map(command).collect::<Vec<_>>());
    }
    let mut writes = all.iter().copied().filter(|&one| one != 0 && one != forge(0));
    match (writes.next(), writes.next_back()) {
        (None, _) => counts!("no-ops", count),
        (Some(only), None) => fact!("one-write", count, only = command(only)),
        (Some(first), Some(last)) => {
            fact!("writes", count, first = command(first), last = command(last))
        }
    }
}

/// What stands in a log, as [`commands`].
pub(crate) fn entries(all: &[Entry]) -> Fact {
    commands(&all.iter().map(|entry| entry.command).collect::<Vec<_>>())
}
