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
use crate::fault::{ActiveFaults, Impairment, Late, ReplicaId};
use crate::plant::{HashPolicy, LaneId, PartId, Plant};
use crate::protocol::Message;
use crate::rng::Rng;
use crate::scenario::Scenario;
use finder::Finder;

mod finder;

#[cfg(test)]
mod tests;

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
    /// It may, if it has more than so many bytes.
    LossOver(u16, DropCause),
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
    /// The switch is gray for what is that large.
    TooLarge(PartId),
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
    /// True if some of them let a packet pass, late, twice or for its size, if packets belong to
    /// connections, or if some go another way: then more is to be done about one than to ask if it
    /// dies.
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

    /// What loses packets on the way, whatever their size, in order.
    pub fn drop_causes(&self) -> impl Iterator<Item = &DropCause> {
        self.hindrances.iter().filter_map(|hindrance| match hindrance {
            Hindrance::Loss(drop_cause) => Some(drop_cause),
            Hindrance::LossOver(..) | Hindrance::Impairment(_) => None,
        })
    }

    /// What loses packets of more than so many bytes, in order.
    pub fn drops_over(&self) -> impl Iterator<Item = (u16, DropCause)> {
        self.hindrances.iter().filter_map(|hindrance| match *hindrance {
            Hindrance::LossOver(bytes, drop_cause) => Some((bytes, drop_cause)),
            Hindrance::Loss(_) | Hindrance::Impairment(_) => None,
        })
    }

    /// True if packets may come late or twice, may be too large, belong to connections, or may go
    /// another way.
    #[inline]
    pub const fn impairs(&self) -> bool {
        self.impairs
    }

    /// What else happens to packets on the way, in order.
    pub fn impairments(&self) -> impl Iterator<Item = Impairment> {
        self.hindrances.iter().filter_map(|hindrance| match hindrance {
            Hindrance::Loss(_) | Hindrance::LossOver(..) => None,
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
    /// One without a message has a header alone.
    #[cold]
    pub fn send_impaired(
        &self,
        route: &Route,
        message: Option<&Message>,
        rng: &mut Rng,
    ) -> (Verdict, Option<Verdict>) {
        let mut copy = None;
        let way = (route, message);
        let verdict = self.cross(way, (0, Micros::ZERO), &mut copy, rng);
        // A copy is not copied again.
        let copy = copy.map(|from| self.cross(way, from, &mut Some(from), rng));
        (verdict, copy)
    }

    /// What becomes of a packet from that hindrance on, so much later than it should be there; and
    /// from where on it is two, unless that is known.
    fn cross(
        &self,
        (route, message): (&Route, Option<&Message>),
        (first, mut late): (usize, Micros),
        copy: &mut Option<(usize, Micros)>,
        rng: &mut Rng,
    ) -> Verdict {
        for (number, hindrance) in route.hindrances.iter().enumerate().skip(first) {
            match *hindrance {
                Hindrance::LossOver(most, _) if message.is_none_or(|one| one.bytes() <= most) => {}
                Hindrance::Loss(DropCause { lanes, percent, reason, after })
                | Hindrance::LossOver(_, DropCause { lanes, percent, reason, after }) => {
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

impl Message {
    /// How large its packet is, in bytes, which are ours: 100, and 100 for each of its entries, or
    /// for the one that it proposes.
    #[cold]
    pub fn bytes(&self) -> u16 {
        let parts = self.entries().max(self.is_of_log().into()).saturating_add(1);
        u16::try_from(parts).unwrap_or(u16::MAX).saturating_mul(100)
    }
}

/// All ordered pairs of so many replicas.
fn pairs(replicas: u8) -> impl Iterator<Item = (ReplicaId, ReplicaId)> {
    let ids = move || (0..replicas).map(ReplicaId);
    ids().flat_map(move |from| ids().map(move |to| (from, to)))
}
