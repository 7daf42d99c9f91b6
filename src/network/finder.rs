//! Which way a packet takes through a plant with faults, fork by fork, and what it meets there.

use super::{DropCause, Hindrance, LANES_MAX, Reason, Route};
use crate::clock::Micros;
use crate::fault::{ActiveFaults, Ends, ReplicaId, Which};
use crate::plant::{Bond, Lane, LaneId, Part, PartId, Plant, ServerAt, Side, Site};

/// Whose packets, and where they may go.
#[derive(Clone, Copy)]
struct Trip {
    from: ServerAt,
    to: ServerAt,
    /// Their sites.
    sites: [Site; 2],
    /// The receiver.
    target: PartId,
    /// True if a spine may be on the way.
    climbs: bool,
}

impl Trip {
    /// True if it leads to another site.
    fn leaves(self) -> bool {
        self.sites[0] != self.sites[1]
    }
}

/// Finds ways through a plant with faults.
pub(super) struct Finder<'a> {
    pub(super) plant: &'a Plant,
    pub(super) active_faults: &'a ActiveFaults,
}

impl Finder<'_> {
    /// The lanes from one server to another, of packets with those ports, and the part where the
    /// way ends early, if it does.
    pub(super) fn way(
        &self,
        (from, to): (ServerAt, ServerAt),
        ports: u32,
    ) -> (Vec<LaneId>, Option<PartId>) {
        let trip = Trip {
            from,
            to,
            sites: [from, to].map(|server| self.plant.spec.site_of(server.rack)),
            target: self.id(Part::Server(to)),
            climbs: from.rack != to.rack || !self.share_a_tor(from, to),
        };
        let hash = fold(address(from) ^ address(to)) ^ ports;
        let source = self.id(Part::Server(from));
        let mut lanes = Vec::with_capacity(LANES_MAX);
        let up: Vec<PartId> = self.tors(from.rack).filter(|&tor| self.joins(tor, source)).collect();
        let good: Vec<PartId> =
            (up.iter().copied()).filter(|&tor| self.tor_reaches(tor, trip)).collect();
        let Some(first) = choose(if good.is_empty() { &up } else { &good }, hash) else {
            return (lanes, Some(source));
        };
        lanes.push(self.lane(source, first));
        let stuck = if from.rack == to.rack && (!trip.climbs || self.delivers(first, trip)) {
            self.go_down(&mut lanes, first, trip)
        } else {
            self.go_over_a_spine(&mut lanes, first, hash, trip)
        };
        (lanes, stuck)
    }

    /// From a ToR of the sender's rack, itself or by its peer, up and down again.
    #[inline(never)]
    fn go_over_a_spine(
        &self,
        lanes: &mut Vec<LaneId>,
        mut tor: PartId,
        hash: u32,
        trip: Trip,
    ) -> Option<PartId> {
        if !self.has_uplink(tor, trip)
            && let Some(peer) = self.peer(tor).filter(|&peer| self.has_uplink(peer, trip))
        {
            lanes.push(self.lane(tor, peer));
            tor = peer;
        }
        let spines: Vec<PartId> = self.spines_up(tor, trip).collect();
        let Some(mut spine) = choose(&spines, hash >> 1) else { return Some(tor) };
        lanes.push(self.lane(tor, spine));
        if trip.leaves() {
            spine = self.cross(lanes, spine, hash, trip);
        }
        let down: Vec<PartId> = self.tors_down(spine, trip).collect();
        let last = choose(&down, hash).expect("the spine reaches the server");
        lanes.push(self.lane(spine, last));
        self.go_down(lanes, last, trip)
    }

    /// From a ToR of the receiver's rack to the receiver, if it can.
    #[inline(never)]
    fn go_down(&self, lanes: &mut Vec<LaneId>, mut tor: PartId, trip: Trip) -> Option<PartId> {
        if !self.joins(tor, trip.target)
            && let Some(peer) = self.peer(tor).filter(|&peer| self.joins(peer, trip.target))
        {
            lanes.push(self.lane(tor, peer));
            tor = peer;
        }
        if !self.joins(tor, trip.target) {
            return Some(tor);
        }
        lanes.push(self.lane(tor, trip.target));
        None
    }

    #[inline(never)]
    fn tor_reaches(&self, tor: PartId, trip: Trip) -> bool {
        let stays = trip.from.rack == trip.to.rack && self.delivers(tor, trip);
        let climbs = || {
            self.has_uplink(tor, trip)
                || self.peer(tor).is_some_and(|peer| self.has_uplink(peer, trip))
        };
        stays || trip.climbs && climbs()
    }

    /// True if some spine takes a packet on from there.
    #[inline(never)]
    fn has_uplink(&self, tor: PartId, trip: Trip) -> bool {
        self.spines_up(tor, trip).next().is_some()
    }

    fn spines_up(&self, tor: PartId, trip: Trip) -> impl Iterator<Item = PartId> {
        self.spines(trip.sites[0]).into_iter().filter(move |&spine| {
            self.carrier(tor, spine)
                && if trip.leaves() {
                    let border = self.id(Part::Site(trip.sites[0]));
                    self.carrier(spine, border) && self.over_wan(trip).is_some()
                } else {
                    self.tors_down(spine, trip).next().is_some()
                }
        })
    }

    fn spines(&self, site: Site) -> [PartId; 2] {
        Side::BOTH.map(|side| self.id(Part::Spine { site, side }))
    }

    /// The sites to the receiver's, both ends included, if WAN links and its spines take a packet
    /// there: straight, or over a third.
    #[cold]
    fn over_wan(&self, trip: Trip) -> Option<Vec<PartId>> {
        let [from, to] = trip.sites;
        let others = self.plant.spec.each_site().filter(|site| ![from, to].contains(site));
        let ways = std::iter::once(vec![from, to]).chain(others.map(|via| vec![from, via, to]));
        let mut ways = ways.map(|way| way.iter().map(|site| self.id(Part::Site(*site))).collect());
        self.spines_down(trip).next()?;
        ways.find(|way: &Vec<_>| way.windows(2).all(|ends| self.carrier(ends[0], ends[1])))
    }

    /// The spines of the receiver's site that lead from its border to the receiver.
    fn spines_down(&self, trip: Trip) -> impl Iterator<Item = PartId> {
        let border = self.id(Part::Site(trip.sites[1]));
        self.spines(trip.sites[1]).into_iter().filter(move |&spine| {
            self.carrier(border, spine) && self.tors_down(spine, trip).next().is_some()
        })
    }

    /// From a spine that is good for it to one of the receiver's site.
    #[cold]
    fn cross(&self, lanes: &mut Vec<LaneId>, mut at: PartId, hash: u32, trip: Trip) -> PartId {
        let mut way = self.over_wan(trip).expect("the spine reaches the site");
        let down: Vec<PartId> = self.spines_down(trip).collect();
        way.extend(choose(&down, hash >> 1));
        for next in way {
            lanes.push(self.lane(at, next));
            at = next;
        }
        at
    }

    fn tors_down(&self, spine: PartId, trip: Trip) -> impl Iterator<Item = PartId> {
        self.tors(trip.to.rack)
            .filter(move |&tor| self.carrier(spine, tor) && self.delivers(tor, trip))
    }

    /// True if a ToR of the receiver's rack gets a packet to it, itself or by its peer.
    #[inline(never)]
    fn delivers(&self, tor: PartId, trip: Trip) -> bool {
        self.joins(tor, trip.target)
            || self.peer(tor).is_some_and(|peer| self.joins(peer, trip.target))
    }

    /// True if two servers of a rack have a ToR in common.
    #[inline(never)]
    fn share_a_tor(&self, from: ServerAt, to: ServerAt) -> bool {
        if self.plant.spec.bond != Bond::ActiveBackup {
            return self.plant.spec.share_a_side(from, to);
        }
        let [from, to] = [from, to].map(|server| (server.rack, self.id(Part::Server(server))));
        self.tors(from.0).any(|tor| self.joins(tor, from.1) && self.joins(tor, to.1))
    }

    /// True if a server uses its cable to that ToR.
    #[inline(never)]
    fn joins(&self, tor: PartId, server: PartId) -> bool {
        let Part::Tor { rack, side } = self.plant.part(tor) else { return false };
        let is_spare = self.plant.spec.bond == Bond::ActiveBackup
            && side == Side::B
            && self.carrier(self.id(Part::Tor { rack, side: Side::A }), server);
        !is_spare && self.carrier(tor, server)
    }

    /// The other ToR of a rack, if a working peer link leads there.
    #[inline(never)]
    fn peer(&self, tor: PartId) -> Option<PartId> {
        let Part::Tor { rack, side } = self.plant.part(tor) else { return None };
        let other = if side == Side::A { Side::B } else { Side::A };
        let peer = self.id(Part::Tor { rack, side: other });
        (self.plant.spec.peer_links && self.carrier(tor, peer)).then_some(peer)
    }

    fn tors(&self, rack: u8) -> impl Iterator<Item = PartId> {
        Side::BOTH.into_iter().map(move |side| self.id(Part::Tor { rack, side }))
    }

    fn id(&self, part: Part) -> PartId {
        self.plant.expect(part)
    }

    fn lane(&self, from: PartId, to: PartId) -> LaneId {
        self.plant.lane(from, to).expect("the way goes over neighbours")
    }

    /// True if a cable joins them and both ends see light.
    #[inline(never)]
    fn carrier(&self, from: PartId, to: PartId) -> bool {
        let lane = self.plant.lane(from, to);
        lane.is_some_and(|lane| self.active_faults.carrier(self.plant, lane))
    }

    /// What a packet meets on those lanes, in order.
    pub(super) fn route(
        &self,
        (from, to): (ReplicaId, ReplicaId),
        way: &[LaneId],
        stuck: Option<PartId>,
        hop: Micros,
    ) -> Route {
        let mut lanes = [LaneId(0); LANES_MAX];
        lanes[..way.len()].copy_from_slice(way);
        let mut hindrances = Vec::new();
        let mut travel = Micros::ZERO;
        let cause = |(lanes, after): (usize, _), percent, reason| {
            let lanes = u8::try_from(lanes).expect("at most LANES_MAX");
            DropCause { lanes, percent, reason, after }
        };
        let meet = |hindrances: &mut Vec<Hindrance>, crossed, percent: u8, reason| {
            if percent > 0 {
                hindrances.push(Hindrance::Loss(cause(crossed, percent, reason)));
            }
        };
        let impair = |hindrances: &mut Vec<Hindrance>, ends| {
            hindrances.extend(self.active_faults.impairments(ends).map(Hindrance::Impairment));
        };
        // A flow that is cut as such dies in the middle of its way, at the fabric's filter. No part
        // is at fault there, so the picture shows it at its sender.
        let filter = way.len() / 2;
        for (index, &lane) in way.iter().enumerate() {
            let is_wan = self.plant.is_wan(lane);
            travel = travel + if is_wan { self.plant.spec.wan } else { hop };
            let crossed = (index + 1, travel);
            meet(&mut hindrances, crossed, self.active_faults.lane_loss(lane), Reason::Lane(lane));
            let Lane { from: left, to: reached } = self.plant.lanes()[usize::from(lane.0)];
            impair(&mut hindrances, Ends::Lane(self.plant.part(left), self.plant.part(reached)));
            for gray in self.active_faults.gray() {
                if gray.switch != reached || !gray.flows.cover(from, to) {
                    continue;
                }
                match gray.flows.which {
                    Which::All => {
                        meet(&mut hindrances, crossed, gray.percent, Reason::Gray(reached));
                    }
                    Which::Control => {}
                    Which::Over(bytes) => {
                        let dies = cause(crossed, gray.percent, Reason::TooLarge(reached));
                        hindrances.push(Hindrance::LossOver(bytes, dies));
                    }
                }
            }
            if crossed.0 == filter {
                let loss = self.active_faults.flow_loss(from, to);
                meet(&mut hindrances, crossed, loss, Reason::Flow);
                impair(&mut hindrances, Ends::Flow(from, to));
            }
        }
        if let Some(part) = stuck {
            meet(&mut hindrances, (way.len(), travel), 100, Reason::NoRoute(part));
        }
        let count = u8::try_from(way.len()).expect("at most LANES_MAX");
        let impairs = hindrances.iter().any(|one| !matches!(one, Hindrance::Loss(_)));
        Route { lanes, count, hindrances, impairs, travel }
    }
}

/// A server's address: the rack in the low bits, so that neighbouring racks hash apart.
pub(super) const fn address(server: ServerAt) -> u32 {
    server.rack as u32 | (server.slot as u32) << 4
}

/// Brings the slot's bits down to where the modulus looks.
const fn fold(hash: u32) -> u32 {
    hash ^ (hash >> 4)
}

/// One of the ways, by hash.
fn choose(ways: &[PartId], hash: u32) -> Option<PartId> {
    let count = u32::try_from(ways.len()).ok()?;
    ways.get(hash.checked_rem(count)? as usize).copied()
}
