//! How large a plant is, and how its servers are connected.

use super::{Part, Power, ServerAt, Side, Site};
use crate::clock::Micros;

/// How large a plant is, and how its servers are connected. Bounds: [`PlantSpec::RACKS`],
/// [`PlantSpec::SERVERS`], [`PlantSpec::DISKS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlantSpec {
    /// Sites; more than one are numbered site1, site2, ….
    pub sites: u8,
    /// Racks of all sites together, as many in each, numbered r1, r2, … through all of them.
    pub racks: u8,
    /// Servers in each rack, numbered s1, s2, ….
    pub servers: u8,
    /// Disks in each server, an even number: mirror pairs.
    pub disks: u8,
    /// True if a cable joins the two ToR switches of every rack.
    pub peer_links: bool,
    /// True if those two pose as one to LACP, as long as they hear each other over their peer link.
    pub mlag: bool,
    /// How its servers' two cables are bonded.
    pub bond: Bond,
    /// What a way is chosen by, where there are two.
    pub hash: HashPolicy,
    /// How long a disk that was replaced is rebuilt from its mirror; at once, if nothing is said.
    pub rebuild: Option<Micros>,
    /// Travel time over a WAN link, in one direction.
    pub wan: Micros,
    /// What stands between feeds and supplies.
    pub power: Power,
    /// By kind of port.
    missing: [Missing; 2],
}

/// How the two cables of a server are bonded, at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// Both are used, by a hash of the two addresses; one is out when it has no carrier
    /// (`balance-xor` of Linux).
    Hashed,
    /// The same, and one is out when LACP hears nothing on it in one direction (`802.3ad`).
    Lacp(Rate),
    /// The first that has carrier is used alone, in both directions (`active-backup`, its first
    /// port `primary`).
    ActiveBackup,
}

/// What of a packet whoever sends it on hashes (`xmit_hash_policy` of Linux, bonding.rst).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashPolicy {
    /// The two cards' addresses.
    Layer2,
    /// The two servers' addresses, too. A server has one of each here, so it chooses as
    /// [`Self::Layer2`] does.
    Layer23,
    /// The two ports, too: what is said in one stream may go another way than what is said in the
    /// other.
    Layer34,
}

impl HashPolicy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Layer2, Self::Layer23, Self::Layer34];

    /// As the text names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Layer2 => "layer2",
            Self::Layer23 => "layer2+3",
            Self::Layer34 => "layer3+4",
        }
    }
}

/// How often LACP speaks on each cable (IEEE 802.1AX-2020, 6.4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Every second.
    Fast,
    /// Every 30 seconds.
    Slow,
}

impl Rate {
    /// As the text names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Slow => "slow",
        }
    }

    /// Fast_Periodic_Time, Slow_Periodic_Time.
    pub const fn period(self) -> Micros {
        match self {
            Self::Fast => Micros::from_secs(1),
            Self::Slow => Micros::from_secs(30),
        }
    }

    /// Short_Timeout_Time, Long_Timeout_Time: three periods in which nothing is heard.
    pub const fn timeout(self) -> Micros {
        match self {
            Self::Fast => Micros::from_secs(3),
            Self::Slow => Micros::from_secs(90),
        }
    }
}

/// By side and rack a bit for each server that has no such port.
type Missing = [[u16; PlantSpec::RACKS as usize]; 2];

/// What a server has one or two of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// A NIC, cabled to the ToR of its side: single- or dual-homed.
    Nic,
    /// A power supply, on the PDU of its side: single- or dual-corded.
    Supply,
}

/// Which of a pair a server has: `None` is both.
pub type Single = Option<Side>;

impl Port {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Nic, Self::Supply];
    /// How the text says what a server has, two words a kind: one, and both.
    pub const WORDS: [&'static str; 4] =
        ["single-homed", "dual-homed", "single-corded", "dual-corded"];

    /// The kind that one of [`Self::WORDS`] is about.
    pub fn of(word: &str) -> Self {
        if word.ends_with("homed") { Self::Nic } else { Self::Supply }
    }

    /// As the text says it.
    pub fn words(self, single: Single) -> String {
        let word = Self::WORDS[2 * self as usize + usize::from(single.is_none())];
        single.map_or_else(|| word.to_owned(), |side| format!("{word} {side}"))
    }
}

impl PlantSpec {
    /// The most sites.
    pub const SITES: u8 = 3;
    /// The travel time over a WAN link where the text does not say it: some 2000 km of fibre.
    pub const WAN: Micros = Micros::from_millis(10);
    /// The most racks, of all sites together.
    pub const RACKS: u8 = 12;
    /// The most servers in a rack.
    pub const SERVERS: u8 = 12;
    /// The most disks in a server.
    pub const DISKS: u8 = 12;

    /// So many racks of so many servers with so many disks each; every server has two NICs and two
    /// supplies.
    pub const fn new(racks: u8, servers: u8, disks: u8) -> Self {
        let missing = [[[0; Self::RACKS as usize]; 2]; 2];
        Self {
            sites: 1,
            racks,
            servers,
            disks,
            wan: Self::WAN,
            peer_links: false,
            mlag: false,
            bond: Bond::Hashed,
            hash: HashPolicy::Layer2,
            rebuild: None,
            power: Power::NONE,
            missing,
        }
    }

    /// The same with its racks in so many sites, as many in each.
    #[must_use]
    pub const fn with_sites(mut self, sites: u8) -> Self {
        self.sites = sites;
        self
    }

    /// The same with that between feeds and supplies.
    #[must_use]
    pub const fn with_power(mut self, power: Power) -> Self {
        self.power = power;
        self
    }

    /// All sites, in order.
    pub fn each_site(self) -> impl Iterator<Item = Site> {
        let first = u8::from(self.sites > 1);
        (first..first + self.sites).map(Site)
    }

    /// Every two sites, as WAN links join them.
    pub fn each_wan(self) -> impl Iterator<Item = (Site, Site)> {
        self.each_site()
            .flat_map(move |low| (low.0 + 1..=self.sites).map(move |high| (low, Site(high))))
    }

    /// The site that a rack is in.
    pub const fn site_of(&self, rack: u8) -> Site {
        if self.sites > 1 { Site(rack / (self.racks / self.sites) + 1) } else { Site::ONLY }
    }

    /// True if a site is called so here; any is, where so many are said to be here that a plant
    /// cannot have them.
    pub const fn has_site(&self, site: Site) -> bool {
        self.sites == u8::MAX || site.0 <= self.sites && (self.sites > 1) == (site.0 > 0)
    }

    /// The site that a part is in, where the plant has several; a WAN link is in none.
    #[inline(never)]
    pub const fn site(&self, part: Part) -> Option<Site> {
        let site = match part {
            Part::Feed { site, .. }
            | Part::Spine { site, .. }
            | Part::Generator { site, .. }
            | Part::Ups { site, .. }
            | Part::Site(site) => site,
            Part::Pdu { rack, .. }
            | Part::Tor { rack, .. }
            | Part::Ats { rack }
            | Part::Breaker { rack, .. } => self.site_of(rack),
            Part::Server(server)
            | Part::Disk { server, .. }
            | Part::Nic { server, .. }
            | Part::Psu { server, .. } => self.site_of(server.rack),
            Part::Wan { .. } => Site::ONLY,
        };
        if site.0 > 0 { Some(site) } else { None }
    }

    /// All servers, rack by rack.
    pub fn each_server(self) -> impl Iterator<Item = ServerAt> {
        (0..self.racks)
            .flat_map(move |rack| (0..self.servers).map(move |slot| ServerAt { rack, slot }))
    }

    /// True if the plant has that server.
    pub const fn has_server(&self, at: ServerAt) -> bool {
        at.rack < self.racks && at.slot < self.servers
    }

    /// True if a server that is in the plant has that port.
    #[inline(never)]
    pub fn has(&self, port: Port, server: ServerAt, side: Side) -> bool {
        let racks = &self.missing[port as usize][side as usize];
        racks.get(usize::from(server.rack)).is_none_or(|rack| rack >> server.slot & 1 == 0)
    }

    /// Which of the pair a server has.
    #[inline(never)]
    pub fn single(&self, port: Port, server: ServerAt) -> Single {
        match Side::BOTH.map(|side| self.has(port, server, side)) {
            [true, false] => Some(Side::A),
            [false, true] => Some(Side::B),
            _ => None,
        }
    }

    /// Gives a server of the plant one or both of a pair.
    #[inline(never)]
    pub fn set_single(&mut self, port: Port, server: ServerAt, single: Single) {
        for side in Side::BOTH {
            let rack = &mut self.missing[port as usize][side as usize][usize::from(server.rack)];
            let bit = 1 << server.slot;
            let is_missing = single.is_some_and(|only| only != side);
            *rack = if is_missing { *rack | bit } else { *rack & !bit };
        }
    }

    /// What most servers have; where no more have one than both, both.
    #[inline(never)]
    pub fn usual(&self, port: Port) -> Single {
        let count =
            |single| self.each_server().filter(|at| self.single(port, *at) == single).count();
        let one = Side::BOTH.map(Some).into_iter().max_by_key(|one| count(*one)).flatten();
        if count(one) > count(None) { one } else { None }
    }

    /// True if both servers have a NIC on one side, so that one switch of their rack joins them.
    pub fn share_a_side(&self, one: ServerAt, other: ServerAt) -> bool {
        Side::BOTH
            .into_iter()
            .any(|side| self.has(Port::Nic, one, side) && self.has(Port::Nic, other, side))
    }

    /// The most lanes that a packet crosses: between sites those to and from their borders, and
    /// as many WAN links as there are other sites.
    pub const fn longest_way(&self) -> usize {
        let between = if self.sites > 1 { self.sites as usize + 1 } else { 0 };
        between + if self.peer_links { 6 } else { 4 }
    }

    /// The longest that a packet travels, without jitter, where a lane inside a site takes so long.
    pub const fn longest_travel(&self, hop: Micros) -> Micros {
        let wans = self.sites as u64 - 1;
        Micros((self.longest_way() as u64 - wans) * hop.0 + wans * self.wan.0)
    }
}
