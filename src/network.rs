//! Directed links and paths: every packet gets a verdict, delivered after, or dropped because.
//!
//! A packet goes from the sender's NIC to a ToR switch of its rack, over a spine if the receiver is
//! in another rack, to one of the receiver's ToRs and into the receiver's NIC. At each fork the
//! sender side chooses among the ways that routing believes to be good, by a hash of the two
//! addresses: XOR, folded, modulo the number of ways, as Linux bonds do (bonding.rst, layer2).
//! So all packets from one server to another take one way, whatever happens on it, until routing
//! notices; and a switch that half fails hurts some pairs of servers and not others.
//!
//! With `hash layer3+4` the ports count, too. Each ordered pair of replicas has two streams, as
//! etcd's have (`rafthttp`: one for `MsgApp`, one for all else): four connections a pair, each with
//! a port of its own at one end. Real ones are drawn by the kernel, so that two connections part
//! half of the time; here the two streams of a direction always do, and a stream goes where the
//! other stream of the other direction goes. Over `transport tcp` the two are one connection, and
//! what acknowledges it has its ports.
//!
//! What routing notices: parts that are dead, and cables without carrier. What it does not notice:
//! a gray switch, and, where LACP does not watch (`fault/lacp.rs`), a cable with one dead
//! direction. A server in active-backup mode has one cable to all others, the other is a spare.
//! A ToR that has lost its way to the receiver is not chosen (uplink tracking), unless its peer
//! link works: then it is, and what it cannot forward itself it hands over to the other ToR of its
//! rack.
//! Two servers of a rack that have no switch in common reach each other over the peer link, or,
//! where the plant has none, over a spine.
//! Where there are several sites, a packet to another one goes from a spine to the border of its
//! site, over the WAN link to the other or, where that is seen to be dead, over the third site, and
//! down again. Nothing sees that a WAN link has one dead direction.
//! A packet's verdict falls when it leaves: what is in flight when a link dies still arrives.

use crate::clock::Micros;
use crate::fault::{ActiveFaults, Ends, Impairment, Late, ReplicaId};
use crate::plant::{Bond, HashPolicy, Lane, LaneId, Part, PartId, Plant, ServerAt, Side, Site};
use crate::protocol::Message;
use crate::rng::Rng;
use crate::scenario::Scenario;

/// The most lanes on a way: from a NIC to a ToR, its peer, a spine, three sites, a spine, a ToR,
/// its peer, and a NIC.
pub const LANES_MAX: usize = 10;

/// Something on the way that loses packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DropCause {
    /// Lanes that a packet crosses before it dies here; the last may be the dead one itself.
    pub lanes: u8,
    /// The share of packets lost, 1 to 100.
    pub percent: u8,
    /// What loses them.
    pub reason: Reason,
    /// How long after it left, without jitter, a packet dies of it.
    pub after: Micros,
}

/// Something that a packet meets on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hindrance {
    /// It may die of it.
    Loss(DropCause),
    /// It comes late, or twice.
    Impairment(Impairment),
}

/// Why a packet died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The lane loses packets.
    Lane(LaneId),
    /// The switch is gray for this flow.
    Gray(PartId),
    /// The flow itself is cut.
    Flow,
    /// The part has no way on.
    NoRoute(PartId),
    /// The receiver's processes do not run.
    ReceiverDown,
    /// The receiver stood still for so long that its buffers are full.
    ReceiverFull,
    /// The sender is a traitor, and did not send it.
    Withheld,
    /// Its connection was given up, for nothing was acknowledged any more.
    TimedOut,
    /// The same, for the receiver read nothing any more.
    SlowConsumer,
    /// The same, for its sender held as much as it may.
    Backlog,
    /// The same, for the receiver's server knew nothing of it.
    Refused,
    /// The sender's process ended before it was acknowledged.
    SenderDown,
    /// There was no connection, or not this one any more.
    NotConnected,
}

/// The way that one replica's packets to another take now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    lanes: [LaneId; LANES_MAX],
    count: u8,
    /// In the order in which a packet meets them.
    hindrances: Vec<Hindrance>,
    /// True if some of them let a packet pass, late or twice, if packets belong to connections, or
    /// if some go another way: then more is to be done about one than to ask whether it dies.
    impairs: bool,
    /// Travel time without jitter.
    travel: Micros,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrives after that time.
    Delivered(Micros),
    /// It dies.
    Dropped {
        /// Lanes it crosses, the one it dies on included.
        lanes: u8,
        /// Why.
        reason: Reason,
        /// How long after it left.
        after: Micros,
    },
}

/// The ways between all replicas, as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    replicas: u8,
    jitter: Micros,
    /// Each pair's, and with layer3+4 once more for the stream of the log.
    routes: Vec<Route>,
    /// True if it says of a message which stream it is in.
    is_split: bool,
}

impl Route {
    /// The lanes, in order, as far as the way goes.
    pub fn lanes(&self) -> &[LaneId] {
        &self.lanes[..usize::from(self.count)]
    }

    /// What loses packets on the way, in order.
    pub fn drop_causes(&self) -> impl Iterator<Item = &DropCause> {
        self.hindrances.iter().filter_map(|hindrance| match hindrance {
            Hindrance::Loss(drop_cause) => Some(drop_cause),
            Hindrance::Impairment(_) => None,
        })
    }

    /// True if packets may come late or twice, belong to connections, or may go another way.
    #[inline]
    pub const fn impairs(&self) -> bool {
        self.impairs
    }

    /// What else happens to packets on the way, in order.
    pub fn impairments(&self) -> impl Iterator<Item = Impairment> {
        self.hindrances.iter().filter_map(|hindrance| match hindrance {
            Hindrance::Loss(_) => None,
            Hindrance::Impairment(how) => Some(*how),
        })
    }

    /// Travel time without impairments and jitter.
    pub const fn travel(&self) -> Micros {
        self.travel
    }

    /// How much later than without its impairments a packet may come at most.
    pub fn latest(&self) -> Micros {
        let late = self.impairments().filter_map(Impairment::late);
        late.fold(Micros::ZERO, |sum, Late(_, most)| sum + most)
    }

    /// The first obstacle that nothing passes.
    pub fn dead_end(&self) -> Option<&DropCause> {
        self.drop_causes().find(|drop_cause| drop_cause.percent == 100)
    }
}

impl Network {
    /// The ways of that scenario while those faults are in force.
    pub fn new(scenario: &Scenario, plant: &Plant, active_faults: &ActiveFaults) -> Self {
        let replicas =
            u8::try_from(scenario.group().members.len()).expect("bounded by Bounds::REPLICAS");
        let connects = scenario.group().transport.timeout().is_some();
        let streams = 1 + u32::from(plant.spec.hash == HashPolicy::Layer34);
        let mut network = Self {
            replicas,
            jitter: scenario.jitter,
            routes: Vec::with_capacity(
                scenario.group().members.len() * scenario.group().members.len() * streams as usize,
            ),
            is_split: streams > 1 && !connects,
        };
        let finder = Finder { plant, active_faults };
        for stream in 0..streams {
            for (from, to) in pairs(replicas) {
                let ends =
                    (scenario.group().members[from.index()], scenario.group().members[to.index()]);
                let ports = if streams == 1 { 0 } else { stream ^ u32::from(from > to) };
                let (lanes, stuck) =
                    if from == to { (Vec::new(), None) } else { finder.way(ends, ports) };
                let mut route = finder.route((from, to), &lanes, stuck, scenario.hop);
                route.impairs |= connects || network.is_split;
                network.routes.push(route);
            }
        }
        network
    }

    /// The way from one replica to another; where they have two streams, that of signs of life.
    #[inline]
    pub fn route(&self, from: ReplicaId, to: ReplicaId) -> &Route {
        &self.routes[self.place(from, to)]
    }

    #[inline]
    fn place(&self, from: ReplicaId, to: ReplicaId) -> usize {
        from.index() * usize::from(self.replicas) + to.index()
    }

    /// The ways from one replica to another of all that goes there, the log's second, if that is
    /// another.
    pub fn routes(&self, from: ReplicaId, to: ReplicaId) -> impl Iterator<Item = &Route> {
        let pairs = usize::from(self.replicas) * usize::from(self.replicas);
        self.routes.iter().skip(self.place(from, to)).step_by(pairs)
    }

    /// The way that a message takes.
    #[inline(never)]
    pub fn route_of(&self, from: ReplicaId, to: ReplicaId, message: &Message) -> &Route {
        let is_of_log = self.is_split && message.is_of_log();
        let way = if is_of_log { self.routes(from, to).last() } else { None };
        way.unwrap_or_else(|| self.route(from, to))
    }

    /// The way back of what goes from one replica to another over a connection.
    pub fn way_back(&self, from: ReplicaId, to: ReplicaId) -> &Route {
        self.routes(to, from).last().expect("there is one at least")
    }

    /// The ways of what one replica says to another, one a stream.
    pub fn ways(&self, from: ReplicaId, to: ReplicaId) -> impl Iterator<Item = &Route> {
        let streams = if self.is_split { 2 } else { 1 };
        self.routes(from, to).take(streams)
    }

    /// What kills all that a stream from one replica to another carries, of each that dies.
    pub fn dead_ends(&self, from: ReplicaId, to: ReplicaId) -> impl Iterator<Item = &DropCause> {
        self.ways(from, to).filter_map(Route::dead_end)
    }

    /// What becomes of a packet that leaves now on a way that at most loses it.
    #[inline(always)]
    pub fn send(&self, route: &Route, rng: &mut Rng) -> Verdict {
        for hindrance in &route.hindrances {
            if let &Hindrance::Loss(DropCause { lanes, percent, reason, after }) = hindrance
                && (percent == 100 || rng.percent(percent))
            {
                return Verdict::Dropped { lanes, reason, after };
            }
        }
        Verdict::Delivered(route.travel + rng.up_to(self.jitter))
    }

    /// What becomes of a packet that leaves now on any way, and of its copy, if the way makes one.
    #[cold]
    pub fn send_impaired(&self, route: &Route, rng: &mut Rng) -> (Verdict, Option<Verdict>) {
        let mut copy = None;
        let verdict = self.cross(route, (0, Micros::ZERO), &mut copy, rng);
        // A copy is not copied again.
        let copy = copy.map(|from| self.cross(route, from, &mut Some(from), rng));
        (verdict, copy)
    }

    /// What becomes of a packet from that hindrance on, so much later than it should be there; and
    /// from where on it is two, unless that is known.
    fn cross(
        &self,
        route: &Route,
        (first, mut late): (usize, Micros),
        copy: &mut Option<(usize, Micros)>,
        rng: &mut Rng,
    ) -> Verdict {
        for (number, hindrance) in route.hindrances.iter().enumerate().skip(first) {
            match *hindrance {
                Hindrance::Loss(DropCause { lanes, percent, reason, after }) => {
                    if percent == 100 || rng.percent(percent) {
                        let after = after + late;
                        return Verdict::Dropped { lanes, reason, after };
                    }
                }
                Hindrance::Impairment(how) => {
                    if how.percent() < 100 && !rng.percent(how.percent()) {
                        continue;
                    }
                    match how.late() {
                        Some(Late(least, most)) => late = late + rng.span(least, most),
                        None => _ = copy.get_or_insert((number + 1, late)),
                    }
                }
            }
        }
        Verdict::Delivered(route.travel + late + rng.up_to(self.jitter))
    }
}

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
struct Finder<'a> {
    plant: &'a Plant,
    active_faults: &'a ActiveFaults,
}

impl Finder<'_> {
    /// The lanes from one server to another, of packets with those ports, and the part where the
    /// way ends early, if it does.
    fn way(&self, (from, to): (ServerAt, ServerAt), ports: u32) -> (Vec<LaneId>, Option<PartId>) {
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
    fn route(
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
        let meet =
            |hindrances: &mut Vec<Hindrance>, (lanes, after): (usize, _), percent: u8, reason| {
                if percent > 0 {
                    let lanes = u8::try_from(lanes).expect("at most LANES_MAX");
                    hindrances.push(Hindrance::Loss(DropCause { lanes, percent, reason, after }));
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
                if gray.switch == reached && gray.flows.cover(from, to) {
                    meet(&mut hindrances, crossed, gray.percent, Reason::Gray(reached));
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
        let impairs = hindrances.iter().any(|one| matches!(one, Hindrance::Impairment(_)));
        Route { lanes, count, hindrances, impairs, travel }
    }
}

/// All ordered pairs of so many replicas.
fn pairs(replicas: u8) -> impl Iterator<Item = (ReplicaId, ReplicaId)> {
    let ids = move || (0..replicas).map(ReplicaId);
    ids().flat_map(move |from| ids().map(move |to| (from, to)))
}

/// A server's address: the rack in the low bits, so that neighbouring racks hash apart.
const fn address(server: ServerAt) -> u32 {
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

#[cfg(test)]
mod tests;
