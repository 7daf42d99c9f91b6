//! What generals say to each other, and by which way it came.

use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, order_name};
use crate::protocol::{Command, Epoch, ProtocolMessage};

/// The generals through whose mouths an order went, the commander first; all different. Under SM
/// they are those who signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    length: u8,
    /// Those past the length are [`ReplicaId`] 0.
    generals: [ReplicaId; Self::MAX],
}

impl Path {
    /// The most generals on a path: m + 1, and m is at most three.
    pub const MAX: usize = 4;

    /// From that general's own mouth.
    pub const fn of(general: ReplicaId) -> Self {
        let mut generals = [ReplicaId(0); Self::MAX];
        generals[0] = general;
        Self { length: 1, generals }
    }

    /// And then through that one's; a path that is full stays as it is.
    #[must_use]
    pub fn then(mut self, general: ReplicaId) -> Self {
        if let Some(place) = self.generals.get_mut(usize::from(self.length)) {
            *place = general;
            self.length += 1;
        }
        self
    }

    /// How many generals are on it: in which round it is heard.
    pub const fn length(self) -> u8 {
        self.length
    }

    /// Those on it, in order.
    pub fn generals(&self) -> &[ReplicaId] {
        &self.generals[..usize::from(self.length)]
    }

    /// True if that general is on it.
    pub fn contains(&self, general: ReplicaId) -> bool {
        self.generals().contains(&general)
    }

    /// Who said it last.
    pub const fn last(self) -> ReplicaId {
        self.generals[self.length as usize - 1]
    }

    /// True if no general is on it twice.
    pub fn is_simple(&self) -> bool {
        let generals = self.generals();
        (1..generals.len()).all(|place| !generals[..place].contains(&generals[place]))
    }

    /// `n1:n3`, or with something else between them.
    pub(super) fn written(self, between: &str) -> String {
        let names: Vec<String> = self.generals().iter().map(ToString::to_string).collect();
        names.join(between)
    }
}

/// One value by one path. Both algorithms say nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    /// Which order of the commander's it is about, from 1.
    pub order: Epoch,
    /// By which way it came, the sender last.
    pub path: Path,
    /// What was ordered: a number of [`crate::fault::ORDERS`], from 1.
    pub value: Command,
    /// True if everyone on the path has signed it: the paper's v:0:j.
    pub signed: bool,
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        let Self { order, path, value, signed } = *self;
        let value = order_name(value);
        if signed {
            return fact!("generals-signed", order, value, by = path.written(":"));
        }
        match path.length() {
            1 => fact!("generals-order", order, value),
            _ => fact!("generals-report", order, value, by = path.written(", ")),
        }
    }

    fn kind(&self) -> &'static str {
        if self.path.length() == 1 { "order" } else { "report" }
    }

    fn digest(&self) -> [u64; 2] {
        let path = self.path.generals().iter().fold(0, |sum, id| sum << 8 | u64::from(id.0 + 1));
        [u64::from(self.order) | u64::from(self.value) << 32, path << 1 | u64::from(self.signed)]
    }
}
