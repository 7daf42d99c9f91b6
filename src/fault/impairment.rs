//! What a link does to packets besides losing them: they come late, in another order, or twice.
//! Nobody lies: what arrives is what was said. (One that waits before it speaks is a liar.)

use std::fmt;

use super::{Ends, Link};
use crate::clock::Micros;

/// One way in which a link is worse than whole; network emulators call it an impairment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impairment {
    /// `by 50ms..80ms`: every packet is so much later, drawn evenly for each.
    Delay(Late),
    /// `10% of … by 20ms`: so many are so much later: what was said next overtakes them.
    Reorder(u8, Late),
    /// `5% of …`: so many arrive twice.
    Duplicate(u8),
}

/// How much later: at least, and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Late(pub Micros, pub Micros);

/// A direction of a link, and one thing that is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Impaired {
    /// From, to.
    pub ends: Ends,
    /// What.
    pub how: Impairment,
}

impl Impairment {
    /// The share of packets that it touches; all, where the text names none.
    pub const fn percent(self) -> u8 {
        match self {
            Self::Delay(_) => 100,
            Self::Reorder(percent, _) | Self::Duplicate(percent) => percent,
        }
    }

    /// How much later a packet comes for it.
    pub const fn late(self) -> Option<Late> {
        match self {
            Self::Delay(late) | Self::Reorder(_, late) => Some(late),
            Self::Duplicate(_) => None,
        }
    }

    /// True if one takes the place of the other on a link.
    pub fn replaces(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    /// As the text writes it, on that link.
    pub(super) fn fmt(self, link: Link, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !matches!(self, Self::Delay(_)) {
            write!(formatter, "{}% of ", self.percent())?;
        }
        write!(formatter, "{link}")?;
        self.late().map_or(Ok(()), |late| write!(formatter, " by {late}"))
    }
}

/// As the scenario text writes it: `50ms`, `50ms..80ms`.
impl fmt::Display for Late {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(least, most) = self;
        if least == most {
            write!(formatter, "{least}")
        } else {
            write!(formatter, "{least}..{most}")
        }
    }
}

impl Link {
    /// Its directions, one or two.
    pub fn directions(self) -> impl Iterator<Item = Ends> {
        let reverse = self.both.then_some(match self.ends {
            Ends::Lane(from, to) => Ends::Lane(to, from),
            Ends::Flow(from, to) => Ends::Flow(to, from),
        });
        [Some(self.ends), reverse].into_iter().flatten()
    }
}
