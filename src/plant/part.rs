//! What a plant is made of: every piece of hardware that can fail, and how it is written.

use std::fmt;

/// One half of every redundant pair: NIC a is cabled to ToR a, PDU a hangs on feed a.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

impl Side {
    /// Both sides, in order.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];
}

/// A server by its place, both counted from 0: `r1.s1` is `{ rack: 0, slot: 0 }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerAt {
    /// The rack.
    pub rack: u8,
    /// The place in the rack.
    pub slot: u8,
}

/// A site by its number from 1, where the plant has several; [`Site::ONLY`] where it has one, of
/// which names say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site(pub u8);

impl Site {
    /// The site of a plant that has one.
    pub const ONLY: Self = Self(0);

    /// Its place among the sites of its plant, from 0.
    pub const fn index(self) -> u8 {
        self.0.saturating_sub(1)
    }
}

/// A piece of hardware that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A supply to a whole site: `feed-a`.
    Feed {
        /// The site.
        site: Site,
        /// Which of the pair.
        side: Side,
    },
    /// A strip that hands a feed out in one rack: `r1.pdu-a`.
    Pdu {
        /// The rack, from 0.
        rack: u8,
        /// The feed it hangs on.
        side: Side,
    },
    /// A switch that joins the racks: `spine-a`.
    Spine {
        /// The site.
        site: Site,
        /// Which of the pair.
        side: Side,
    },
    /// A top-of-rack switch: `r1.tor-a`.
    Tor {
        /// The rack, from 0.
        rack: u8,
        /// Which of the pair.
        side: Side,
    },
    /// A server: `r1.s1`.
    Server(ServerAt),
    /// A disk of a server, from 0: `r1.s1.d1`.
    Disk {
        /// The server it is in.
        server: ServerAt,
        /// Its number, from 0; 2k and 2k+1 mirror each other.
        disk: u8,
    },
    /// A network card of a server, cabled to the ToR of its side: `r1.s1.nic-a`.
    Nic {
        /// The server it is in.
        server: ServerAt,
        /// Which of the pair.
        side: Side,
    },
    /// A power supply of a server, on the PDU of its side: `r1.s1.psu-a`.
    Psu {
        /// The server it is in.
        server: ServerAt,
        /// Which of the pair.
        side: Side,
    },
    /// A generator that starts when the feed beside it is gone: `generator-a`.
    Generator {
        /// The site.
        site: Site,
        /// The feed it stands in for.
        side: Side,
    },
    /// A battery behind a feed, and what it can carry: `ups-a`.
    Ups {
        /// The site.
        site: Site,
        /// The feed it hangs on.
        side: Side,
    },
    /// A transfer switch, which takes one of both sides for a whole rack: `r1.ats`.
    Ats {
        /// The rack, from 0.
        rack: u8,
    },
    /// What opens when too much is drawn from a PDU: `r1.breaker-a`.
    Breaker {
        /// The rack, from 0.
        rack: u8,
        /// That of its PDU.
        side: Side,
    },
    /// A whole site of several: `site2`. As the end of a cable, its border: where its spines meet
    /// its WAN links.
    Site(Site),
    /// What joins two sites, in both directions: `wan1-2`.
    Wan {
        /// The one of the lower number.
        low: Site,
        /// The other.
        high: Site,
    },
}

impl Part {
    /// The WAN link between two sites.
    pub fn wan(one: Site, other: Site) -> Self {
        Self::Wan { low: one.min(other), high: one.max(other) }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::A => "a",
            Self::B => "b",
        })
    }
}

/// As it stands before what is in it: `site2.`, or nothing where there is one.
impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            number => write!(formatter, "site{number}."),
        }
    }
}

impl fmt::Display for ServerAt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "r{}.s{}", self.rack + 1, self.slot + 1)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feed { site, side } => write!(formatter, "{site}feed-{side}"),
            Self::Pdu { rack, side } => write!(formatter, "r{}.pdu-{side}", rack + 1),
            Self::Spine { site, side } => write!(formatter, "{site}spine-{side}"),
            Self::Tor { rack, side } => write!(formatter, "r{}.tor-{side}", rack + 1),
            Self::Server(server) => write!(formatter, "{server}"),
            Self::Disk { server, disk } => write!(formatter, "{server}.d{}", disk + 1),
            Self::Nic { server, side } => write!(formatter, "{server}.nic-{side}"),
            Self::Psu { server, side } => write!(formatter, "{server}.psu-{side}"),
            Self::Generator { site, side } => write!(formatter, "{site}generator-{side}"),
            Self::Ups { site, side } => write!(formatter, "{site}ups-{side}"),
            Self::Ats { rack } => write!(formatter, "r{}.ats", rack + 1),
            Self::Breaker { rack, side } => write!(formatter, "r{}.breaker-{side}", rack + 1),
            Self::Site(Site(number)) => write!(formatter, "site{number}"),
            Self::Wan { low, high } => write!(formatter, "wan{}-{}", low.0, high.0),
        }
    }
}
