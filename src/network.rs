//! Directed links and paths: every packet gets a verdict, delivered after, or dropped because.
//!
//! A packet goes from the sender's NIC to a ToR switch of its rack, over a spine if the receiver is
//! in another rack, to one of the receiver's ToRs and into the receiver's NIC. At each fork the
//! sender side chooses among the ways that routing believes to be good, by a hash of the two
//! addresses: XOR, folded, modulo the number of ways, as Linux bonds do (bonding.rst, layer2).
//! So all packets from one server to another take one way, whatever happens on it, until routing
//! notices; and a switch that half fails hurts some pairs of servers and not others.
//!
//! What routing notices: parts that are dead, and cables without carrier. What it does not notice:
//! a gray switch, and a cable with one dead direction. A ToR that has lost its way to the receiver
//! is not chosen (uplink tracking; it stands here for the peer link between the two ToRs).
//! A packet's verdict falls when it leaves: what is in flight when a link dies still arrives.

use crate::clock::Micros;
use crate::fault::{ActiveFaults, ReplicaId};
use crate::plant::{LaneId, Part, PartId, Plant, ServerAt, Side, Site};
use crate::rng::Rng;
use crate::scenario::Scenario;

/// The most lanes on a way: NIC, ToR, spine, ToR, NIC.
pub const LANES_MAX: usize = 4;

/// Something on the way that loses packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DropCause {
    /// Lanes that a packet crosses before it dies here; the last may be the dead one itself.
    pub lanes: u8,
    /// The share of packets lost, 1 to 100.
    pub percent: u8,
    /// What loses them.
    pub reason: Reason,
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
}

/// The way that one replica's packets to another take now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    lanes: [LaneId; LANES_MAX],
    count: u8,
    /// In the order in which a packet meets them.
    drop_causes: Vec<DropCause>,
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
    hop: Micros,
    jitter: Micros,
    routes: Vec<Route>,
}

impl Route {
    /// The lanes, in order, as far as the way goes.
    pub fn lanes(&self) -> &[LaneId] {
        &self.lanes[..usize::from(self.count)]
    }

    /// What loses packets on the way, in order.
    pub fn drop_causes(&self) -> &[DropCause] {
        &self.drop_causes
    }

    /// The first obstacle that nothing passes.
    pub fn dead_end(&self) -> Option<&DropCause> {
        self.drop_causes.iter().find(|drop_cause| drop_cause.percent == 100)
    }
}

impl Network {
    /// The ways of that scenario while those faults are in force.
    pub fn new(scenario: &Scenario, plant: &Plant, active_faults: &ActiveFaults) -> Self {
        let replicas =
            u8::try_from(scenario.group().members.len()).expect("bounded by Bounds::REPLICAS");
        let mut network = Self {
            replicas,
            hop: scenario.hop,
            jitter: scenario.jitter,
            routes: Vec::with_capacity(
                scenario.group().members.len() * scenario.group().members.len(),
            ),
        };
        let finder = Finder { plant, active_faults };
        for from in (0..replicas).map(ReplicaId) {
            for to in (0..replicas).map(ReplicaId) {
                let ends =
                    (scenario.group().members[from.index()], scenario.group().members[to.index()]);
                let (lanes, stuck) = if from == to { (Vec::new(), None) } else { finder.way(ends) };
                network.routes.push(finder.route((from, to), &lanes, stuck, scenario.hop));
            }
        }
        network
    }

    /// The way from one replica to another.
    #[inline]
    pub fn route(&self, from: ReplicaId, to: ReplicaId) -> &Route {
        &self.routes[from.index() * usize::from(self.replicas) + to.index()]
    }

    /// What becomes of a packet that leaves now.
    #[inline(always)]
    pub fn send(&self, from: ReplicaId, to: ReplicaId, rng: &mut Rng) -> Verdict {
        let route = self.route(from, to);
        for &DropCause { lanes, percent, reason } in &route.drop_causes {
            if percent == 100 || rng.percent(percent) {
                let after = Micros(self.hop.0 * u64::from(lanes));
                return Verdict::Dropped { lanes, reason, after };
            }
        }
        Verdict::Delivered(route.travel + rng.up_to(self.jitter))
    }
}

/// Finds ways through a plant with faults.
struct Finder<'a> {
    plant: &'a Plant,
    active_faults: &'a ActiveFaults,
}

impl Finder<'_> {
    /// The lanes from one server to another, and the part where the way ends early, if it does.
    fn way(&self, (from, to): (ServerAt, ServerAt)) -> (Vec<LaneId>, Option<PartId>) {
        let hash = fold(address(from) ^ address(to));
        let (source, target) = (self.id(Part::Server(from)), self.id(Part::Server(to)));
        let mut lanes = Vec::with_capacity(LANES_MAX);
        let up: Vec<PartId> =
            self.tors(from.rack).filter(|&tor| self.carrier(source, tor)).collect();
        let good: Vec<PartId> = (up.iter().copied())
            .filter(|&tor| self.tor_reaches(tor, from.rack, to, target))
            .collect();
        let Some(first) = choose(if good.is_empty() { &up } else { &good }, hash) else {
            return (lanes, Some(source));
        };
        lanes.push(self.lane(source, first));
        if from.rack == to.rack {
            return self.last_lane(lanes, first, target);
        }
        let spines: Vec<PartId> = (Side::BOTH
            .map(|side| self.id(Part::Spine { site: Site::ONLY, side }))
            .into_iter())
        .filter(|&spine| self.carrier(first, spine) && self.spine_reaches(spine, to, target))
        .collect();
        let Some(spine) = choose(&spines, hash >> 1) else { return (lanes, Some(first)) };
        lanes.push(self.lane(first, spine));
        let down: Vec<PartId> = (self.tors(to.rack))
            .filter(|&tor| self.carrier(spine, tor) && self.carrier(tor, target))
            .collect();
        let last = choose(&down, hash).expect("the spine reaches the server");
        lanes.push(self.lane(spine, last));
        self.last_lane(lanes, last, target)
    }

    fn last_lane(
        &self,
        mut lanes: Vec<LaneId>,
        tor: PartId,
        target: PartId,
    ) -> (Vec<LaneId>, Option<PartId>) {
        if !self.carrier(tor, target) {
            return (lanes, Some(tor));
        }
        lanes.push(self.lane(tor, target));
        (lanes, None)
    }

    fn tor_reaches(&self, tor: PartId, rack: u8, to: ServerAt, target: PartId) -> bool {
        if rack == to.rack {
            return self.carrier(tor, target);
        }
        Side::BOTH
            .into_iter()
            .map(|side| self.id(Part::Spine { site: Site::ONLY, side }))
            .any(|spine| self.carrier(tor, spine) && self.spine_reaches(spine, to, target))
    }

    fn spine_reaches(&self, spine: PartId, to: ServerAt, target: PartId) -> bool {
        self.tors(to.rack).any(|tor| self.carrier(spine, tor) && self.carrier(tor, target))
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

    fn carrier(&self, from: PartId, to: PartId) -> bool {
        self.active_faults.carrier(self.plant, self.lane(from, to))
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
        let mut drop_causes = Vec::new();
        let mut meet = |lanes: usize, percent: u8, reason| {
            if percent > 0 {
                let lanes = u8::try_from(lanes).expect("at most LANES_MAX");
                drop_causes.push(DropCause { lanes, percent, reason });
            }
        };
        // A flow that is cut as such dies in the middle of its way, at the fabric's filter. No part
        // is at fault there, so the picture shows it at its sender.
        let filter = way.len() / 2;
        for (index, &lane) in way.iter().enumerate() {
            let crossed = index + 1;
            meet(crossed, self.active_faults.lane_loss(lane), Reason::Lane(lane));
            let reached = self.plant.lanes()[usize::from(lane.0)].to;
            for gray in self.active_faults.gray() {
                if gray.switch == reached && gray.flows.cover(from, to) {
                    meet(crossed, gray.percent, Reason::Gray(reached));
                }
            }
            if crossed == filter {
                meet(crossed, self.active_faults.flow_loss(from, to), Reason::Flow);
            }
        }
        if let Some(part) = stuck {
            meet(way.len(), 100, Reason::NoRoute(part));
        }
        let count = u8::try_from(way.len()).expect("at most LANES_MAX");
        Route { lanes, count, drop_causes, travel: Micros(hop.0 * u64::from(count)) }
    }
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
