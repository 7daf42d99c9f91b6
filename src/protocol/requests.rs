//! What a replica of Tendermint and of `HotStuff` keeps beside its votes: the clients' requests,
//! the blocks that are made of them, and whom it has caught.
//!
//! A client multicasts its request under its own signature. So everyone can tell what a client
//! asked for from what a liar made up ([`FORGED`]), in whosever block it stands; a liar who
//! proposes can only choose among requests that are genuine.

use std::hash::Hasher;
use std::sync::Arc;

use siphasher::sip::SipHasher24;

use super::{Command, FORGED, command};
use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, ReplicaSet};

/// Requests in one block at most; one more place is for the no-op in front.
pub(super) const BLOCK_MAX: usize = 64;

/// No run has more requests; a number beyond is nonsense, and must not fill memory.
const REQUESTS_MAX: Command = 1 << 20;

/// The hash of a block and of all that it stands on.
pub(super) type BlockId = u64;

/// Requests in the order in which they take effect. A no-op may stand in front: it is what a
/// proposer can put there though no client asked for it. Two of them make a block as well.
///
/// A run holds the same block many times over, in each replica, message and checkpoint.
pub(super) type Block = Arc<[Command]>;

/// The hash of a block on top of `parent`: it covers the whole branch (`HotStuff`'s paper, section
/// 4.2), since the parent's hash does.
///
/// `SipHash` stands for the collision-resistant hash that the papers assume: stable, the same on
/// every target, and no liar here searches for collisions.
pub(super) fn hash(parent: BlockId, block: &[Command]) -> BlockId {
    let mut hasher = SipHasher24::new();
    // Byte by byte, for the default of `write_u64` has the machine's order.
    hasher.write(&parent.to_le_bytes());
    hasher.write(&(block.len() as u64).to_le_bytes());
    block.iter().for_each(|command| hasher.write(&command.to_le_bytes()));
    hasher.finish()
}

/// The other story about a block: the same requests with a no-op in front, or without it if there
/// is one; two no-ops in place of one, and one in place of two. Telling it twice gives the first
/// one back, so that liars who never spoke to each other tell the same two stories.
pub(super) fn other_story(block: &[Command]) -> Block {
    match block {
        [0, rest @ ..] if !rest.is_empty() => rest.into(),
        _ => std::iter::once(0).chain(block.iter().copied()).collect(),
    }
}

/// A block, in the room `block`: its first request, and how many more there are.
pub(super) fn name(block: &[Command]) -> Fact {
    match block {
        [] => "none".into(),
        [first, rest @ ..] => fact!("of", first = command(*first), more = rest.len()),
    }
}

/// The size of a quorum: more than two thirds of all, 2f + 1 of 3f + 1.
pub(super) const fn two_thirds(replicas: u8) -> u8 {
    replicas * 2 / 3 + 1
}

/// A bit a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Bits(Vec<u64>);

impl Bits {
    fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    fn set(&mut self, number: u32) {
        let place = number as usize / 64;
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        self.0[place] |= 1 << (number % 64);
    }
}

/// The requests that a replica knows of. They are on disk: a client asks once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Requests {
    /// Not decided yet, in the order in which they came.
    pending: Vec<Command>,
    known: Bits,
    done: Bits,
}

impl Requests {
    /// Takes a request, if a client's signature is under it and it is news.
    pub(super) fn add(&mut self, command: Command) {
        if is_genuine(command) && !self.known.has(command) {
            self.known.set(command);
            self.pending.push(command);
        }
    }

    /// Those that are not decided yet, oldest first.
    pub(super) fn pending(&self) -> &[Command] {
        &self.pending
    }

    /// True if nothing in that block is made up, decided already, or there twice.
    pub(super) fn fit(&self, block: &[Command]) -> bool {
        let requests = match block {
            [0, 0] => &[],
            [0, requests @ ..] => requests,
            requests => requests,
        };
        let fits = |(place, &command): (usize, &Command)| {
            is_genuine(command) && !self.done.has(command) && !requests[..place].contains(&command)
        };
        !block.is_empty() && requests.len() <= BLOCK_MAX && requests.iter().enumerate().all(fits)
    }

    /// True if it is decided.
    pub(super) fn is_done(&self, command: Command) -> bool {
        self.done.has(command)
    }

    /// A block is decided.
    pub(super) fn decide(&mut self, block: &[Command]) {
        for &command in block.iter().filter(|&&command| command != 0) {
            self.known.set(command);
            self.done.set(command);
        }
        let done = &self.done;
        self.pending.retain(|&command| !done.has(command));
    }
}

const fn is_genuine(command: Command) -> bool {
    command & FORGED == 0 && command > 0 && command < REQUESTS_MAX
}

/// Two things that one replica signed and that no honest one signs both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Evidence {
    /// Who.
    pub(super) who: ReplicaId,
    /// What it did, in the room `caught`: "two-prevotes".
    pub(super) what: &'static str,
    /// In which height, or which view.
    pub(super) height: u32,
    /// In which round of it.
    pub(super) round: u32,
}

/// Whom a replica has caught, each with what it was first caught at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Caught(Vec<Evidence>);

impl Caught {
    pub(super) fn add(&mut self, evidence: Evidence) {
        if self.0.iter().all(|known| known.who != evidence.who) {
            self.0.push(evidence);
        }
    }

    pub(super) fn everyone(&self) -> ReplicaSet {
        self.0.iter().map(|evidence| evidence.who).collect()
    }

    /// A sentence each, of that kind.
    pub(super) fn evidence(&self, kind: &'static str) -> Vec<(ReplicaId, Fact)> {
        let fact = |&Evidence { who, what, height, round }: &Evidence| {
            (who, fact!(kind, who, what, height, round))
        };
        self.0.iter().map(fact).collect()
    }
}

#[cfg(test)]
#[path = "../lab/requests.rs"]
mod tests;
