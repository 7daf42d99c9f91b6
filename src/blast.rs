//! The blast radius of a part, or of several at once: what would stop if they failed now, what
//! redundancy saves, which flows would have to go another way, and whether a quorum is left.
//!
//! It is what the plant and its routing do with the failure, and no run: nothing moves, and what
//! the replicas would make of it, an election say, is for a run to show. What the plant does of
//! its own afterwards is done: batteries have run down, generators run, overloads have tripped,
//! LACP has taken out what it does not hear. It is compared with what that would come to without
//! the failure, so no sentence may say of flows how they are "now".

use std::cmp::Ordering;

use crate::clock::Micros;
use crate::fault::{Action, ActiveFaults, ReplicaId, ReplicaSet, outlet};
use crate::network::{Network, Route};
use crate::plant::{LaneId, Part, PartId, Plant, Side, Site};
use crate::protocol::facts::{Family, Needs};
use crate::world::Group;

/// What would be if some parts failed now, on top of the faults in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blast {
    /// Those that fail, in the order asked, without what does not work now anyway.
    pub fails: Vec<PartId>,
    /// Those that were asked for and do not work now.
    pub dead_already: Vec<PartId>,
    /// True if one of them is a switch whose control plane is dead now.
    pub is_control_dead: bool,
    /// Parts that will have no power any more if nothing else fails: batteries run down.
    pub falls_anyway: Vec<PartId>,
    /// Parts that would have no power any more, and servers whose data would be gone.
    pub falls: Vec<PartId>,
    /// Servers that would have no power for a while, until something stands in for what failed.
    pub falls_meanwhile: Vec<PartId>,
    /// Of the servers that fall, those of which no disk of a mirror pair would have the data.
    pub loses_data: Vec<PartId>,
    /// What they still had to copy: disks that were being rebuilt from one that fails.
    pub not_rebuilt: Vec<PartId>,
    /// Parts that go on, because redundancy saves them, each once for each way in which it does.
    pub spared: Vec<(PartId, Spared)>,
    /// By group.
    pub groups: Vec<GroupBlast>,
}

/// What a part goes on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spared {
    /// The one of its two supplies that is left.
    Supply,
    /// What is left of the cables that lead up from it.
    Uplink,
    /// A disk whose mirror has died.
    Mirror,
}

/// What it would mean to a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupBlast {
    /// Those that would stop.
    pub stops: ReplicaSet,
    /// The flows between two that go on which cross one of the parts, and would find another
    /// way.
    pub moves: Vec<(ReplicaId, ReplicaId)>,
    /// Those that would have no way.
    pub ends: Vec<(ReplicaId, ReplicaId)>,
    /// Those that nothing would pass otherwise, and that would find a way: a part that fails
    /// whole is gone round.
    pub revives: Vec<(ReplicaId, ReplicaId)>,
    /// Of those that end or are revived, those of which the other stream passes then, or now: with
    /// `hash layer3+4` each has two.
    pub halves: Vec<(ReplicaId, ReplicaId)>,
    /// Which replicas hear each other as the protocol needs it, without that.
    pub quorum_now: Quorum,
    /// The same then.
    pub quorum_then: Quorum,
}

/// The most replicas that run and hear each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// Every two of them, or one with all others, in both directions.
    pub who: ReplicaSet,
    /// How many it takes.
    pub needed: u8,
}

impl Quorum {
    /// True if they are enough.
    pub fn is_there(&self) -> bool {
        self.who.len() >= self.needed
    }
}

impl Blast {
    /// Of those parts, at the moment that the groups of a world are in.
    #[cold]
    #[inline(never)]
    pub fn of(groups: &[Group], parts: &[PartId]) -> Self {
        let plant = groups[0].plant();
        let now = groups[0].active_faults();
        // What happens of its own anyway is no matter of these parts. All groups have one plant;
        // what is done to flows is each one's own.
        let courses: Vec<_> = groups
            .iter()
            .map(|group| [&[], parts].map(|parts| with_failed(group, parts)))
            .collect();
        let [anyway, then] = &courses[0];
        let change = Change { plant, before: anyway, then };
        let falls_meanwhile = dips(&groups[0], parts, then);
        let mut blast = Self { falls_meanwhile, ..Self::default() };
        for &id in parts {
            let list =
                if works(plant, now, id) { &mut blast.fails } else { &mut blast.dead_already };
            list.push(id);
            blast.is_control_dead |= now.is_control_dead(id);
        }
        for id in (0..).map(PartId).take(plant.parts().len()) {
            // A supply has no power when its PDU has none: what matters is whether its server has.
            let counts = !matches!(plant.part(id), Part::Psu { .. });
            if parts.contains(&id) {
                continue;
            }
            if !works(plant, anyway, id) {
                if counts && works(plant, now, id) {
                    blast.falls_anyway.push(id);
                }
            } else if works(plant, then, id) {
                change.add_spared(id, &mut blast.spared);
            } else if counts {
                blast.falls.push(id);
                if then.alive(id) {
                    blast.loses_data.push(id);
                }
            }
        }
        for one in now.rebuilds() {
            if blast.loses_data.contains(&one.server) && !then.has_copy(one.source) {
                blast.not_rebuilt.push(one.disk);
            }
        }
        for (group, [anyway, then]) in groups.iter().zip(&courses) {
            blast.groups.push(GroupBlast::of(group, anyway, then));
        }
        blast
    }
}

#[inline(never)]
fn at_once(group: &Group, parts: &[PartId]) -> ActiveFaults {
    let (plant, mut then) = (group.plant(), group.active_faults().clone());
    for &part in parts {
        then.apply(plant, group.now(), &Action::Fail(plant.part(part)));
    }
    then
}

fn with_failed(group: &Group, parts: &[PartId]) -> ActiveFaults {
    let mut then = at_once(group, parts);
    then.settle(group.plant());
    then
}

/// Servers that have no power at some time until nothing more happens of its own, and have some
/// now and in the end.
#[inline(never)]
fn dips(group: &Group, parts: &[PartId], then: &ActiveFaults) -> Vec<PartId> {
    let (plant, now) = (group.plant(), group.active_faults());
    let mut faults = at_once(group, parts);
    let mut dips = Vec::new();
    // As many steps as settling takes.
    for _ in 0..4 * plant.parts().len() {
        for server in plant.servers() {
            let id = plant.expect(Part::Server(server));
            let is_dip = now.alive(id) && !faults.alive(id) && then.alive(id);
            if is_dip && !dips.contains(&id) {
                dips.push(id);
            }
        }
        if faults.pass_one(plant, Micros::NEVER).is_none() {
            break;
        }
    }
    dips
}

/// True if it has power and has not failed; of a server also if it runs, or would if it were not
/// paused.
fn works(plant: &Plant, faults: &ActiveFaults, id: PartId) -> bool {
    match plant.part(id) {
        Part::Server(_) => faults.runs(id),
        Part::Feed { .. }
        | Part::Pdu { .. }
        | Part::Spine { .. }
        | Part::Tor { .. }
        | Part::Disk { .. }
        | Part::Nic { .. }
        | Part::Psu { .. }
        | Part::Generator { .. }
        | Part::Ups { .. }
        | Part::Ats { .. }
        | Part::Breaker { .. }
        | Part::Site(_)
        | Part::Wan { .. } => faults.alive(id),
    }
}

/// The plant before and after.
struct Change<'a> {
    plant: &'a Plant,
    before: &'a ActiveFaults,
    then: &'a ActiveFaults,
}

impl Change<'_> {
    /// Adds in which ways redundancy saves a part that goes on.
    fn add_spared(&self, id: PartId, spared: &mut Vec<(PartId, Spared)>) {
        let part = self.plant.part(id);
        if supplies(self.plant, part).iter().any(|&one| self.has_lost(one)) {
            spared.push((id, Spared::Supply));
        }
        if self.has_lost_uplink(id) {
            spared.push((id, Spared::Uplink));
        }
        if let Part::Disk { server, disk } = part
            && self.has_lost(Part::Disk { server, disk: disk ^ 1 })
            && self.before.has_copy(id)
        {
            spared.push((id, Spared::Mirror));
        }
    }

    /// True if it works and would not; what a plant does not have does not.
    fn has_lost(&self, part: Part) -> bool {
        self.plant.id(part).is_some_and(|id| self.before.alive(id) && !self.then.alive(id))
    }

    /// True if one of the cables that lead up from it has light and would have none, and
    /// another keeps it.
    fn has_lost_uplink(&self, id: PartId) -> bool {
        let (mut lost, mut kept) = (false, false);
        for (lane, number) in self.plant.lanes().iter().zip(0..) {
            if lane.from == id && self.is_up(id, lane.to) {
                let had = self.before.carrier(self.plant, LaneId(number));
                let has = self.then.carrier(self.plant, LaneId(number));
                lost |= had && !has;
                kept |= has;
            }
        }
        lost && kept
    }

    /// True if the other end is a floor above.
    fn is_up(&self, from: PartId, to: PartId) -> bool {
        matches!(
            (self.plant.part(from), self.plant.part(to)),
            (Part::Server(_), Part::Tor { .. }) | (Part::Tor { .. }, Part::Spine { .. })
        )
    }
}

/// What a part that has two of them draws its power from.
fn supplies(plant: &Plant, part: Part) -> [Part; 2] {
    let site = plant.spec.site(part).unwrap_or(Site::ONLY);
    let has_ups = plant.spec.power.ups.is_some();
    match part {
        Part::Server(server) => Side::BOTH.map(|side| Part::Psu { server, side }),
        Part::Tor { rack, .. } => Side::BOTH.map(|side| outlet(plant, rack, side)),
        Part::Spine { .. } | Part::Ats { .. } if has_ups => {
            Side::BOTH.map(|side| Part::Ups { site, side })
        }
        Part::Spine { .. } | Part::Ats { .. } => Side::BOTH.map(|side| Part::Feed { site, side }),
        Part::Ups { side, .. } if plant.spec.power.generator.is_some() => {
            [Part::Feed { site, side }, Part::Generator { site, side }]
        }
        // They have one, or none.
        Part::Feed { .. }
        | Part::Pdu { .. }
        | Part::Disk { .. }
        | Part::Nic { .. }
        | Part::Psu { .. }
        | Part::Generator { .. }
        | Part::Ups { .. }
        | Part::Breaker { .. }
        | Part::Site(_)
        | Part::Wan { .. } => [part; 2],
    }
}

impl GroupBlast {
    /// True if nothing is different for it.
    pub const fn is_unharmed(&self) -> bool {
        let Self { stops, moves, ends, revives, .. } = self;
        stops.is_empty() && moves.is_empty() && ends.is_empty() && revives.is_empty()
    }

    fn of(group: &Group, before: &ActiveFaults, then: &ActiveFaults) -> Self {
        let (scenario, plant) = (group.scenario(), group.plant());
        let (was, network) =
            (Network::new(scenario, plant, before), Network::new(scenario, plant, then));
        let (run_now, run_then) = (running(group, before), running(group, then));
        let mut told = Self {
            stops: run_now.without(run_then),
            moves: Vec::new(),
            ends: Vec::new(),
            revives: Vec::new(),
            halves: Vec::new(),
            quorum_now: quorum_of(group, &was, run_now),
            quorum_then: quorum_of(group, &network, run_then),
        };
        for from in run_then.iter() {
            for to in run_then.iter().filter(|&to| to != from) {
                let both = [&was, &network];
                let [lost, loses] = both.map(|network| network.dead_ends(from, to).count());
                let [before, after] =
                    both.map(|network| network.routes(from, to).map(Route::lanes));
                let list = match lost.cmp(&loses) {
                    Ordering::Less => &mut told.ends,
                    Ordering::Greater => &mut told.revives,
                    Ordering::Equal if lost == 0 && before.ne(after) => &mut told.moves,
                    Ordering::Equal => continue,
                };
                list.push((from, to));
                // The other stream passes, where the pair has two.
                if lost != loses && lost.max(loses) < was.ways(from, to).count() {
                    told.halves.push((from, to));
                }
            }
        }
        told
    }
}

fn running(group: &Group, faults: &ActiveFaults) -> ReplicaSet {
    let mut running = ReplicaSet::NOBODY;
    for id in group.replicas() {
        let server = group.server(id);
        if faults.runs(server) && !faults.paused(server) {
            running.add(id);
        }
    }
    running
}

/// The most that hear each other, as the protocol needs it: every two of them, or one with all
/// others where that is enough ([`Needs`]). Groups are small: at most
/// [`crate::scenario::Bounds::REPLICAS`].
#[inline(never)]
fn quorum_of(group: &Group, network: &Network, running: ReplicaSet) -> Quorum {
    let own = group.scenario().group();
    let hears = |from, to| network.dead_ends(from, to).next().is_none();
    // By replica: itself, and whom it hears and is heard by.
    let mut near = [0_u16; u16::BITS as usize];
    for one in running.iter() {
        for other in running.iter() {
            if one == other || hears(one, other) && hears(other, one) {
                near[one.index()] |= 1 << other.0;
            }
        }
    }
    let is_hub_enough = matches!(own.protocol.needs(), Needs::OneHub | Needs::LoneProposer);
    let fits = |set: u16| {
        let linked = ReplicaSet(set).iter().filter(|id| near[id.index()] & set == set).count();
        let set = ReplicaSet(set);
        set.without(running).is_empty()
            && (linked == usize::from(set.len()) || is_hub_enough && linked > 0)
    };
    let mut who = ReplicaSet::NOBODY;
    for set in (0..=running.0).map(ReplicaSet) {
        if set.len() > who.len() && fits(set.0) {
            who = set;
        }
    }
    let needed = match own.protocol.family() {
        Family::Byzantine => own.replicas() - own.tolerated(),
        Family::Crash | Family::Production => own.replicas() / 2 + 1,
    };
    Quorum { who, needed }
}
