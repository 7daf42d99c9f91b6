//! The blast radius of parts as facts of the room `blast`: see [`Blast`].

use serde::Serialize;

use crate::blast::{Blast, GroupBlast, Spared};
use crate::fact::{Arg, Fact, fact};
use crate::fault::ReplicaId;
use crate::plant::{Bond, Part, PartId, Plant};
use crate::scenario::Scenario;
use crate::timeline::Timeline;

/// What would be if some parts failed now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct BlastView {
    /// Those that fail, by number.
    pub fails: Vec<u16>,
    /// Those that fall with them, by number.
    pub falls: Vec<u16>,
    /// Those that redundancy saves, by number, each once.
    pub spared: Vec<u16>,
    /// The sentences that tell it, of the room `blast`.
    pub said: Vec<Fact>,
}

impl BlastView {
    /// Of parts by number, at the moment that a timeline was last asked for. Numbers that no part
    /// has count for nothing.
    pub fn at(timeline: &Timeline, parts: &[u16]) -> Self {
        let groups = timeline.groups();
        let plant = groups[0].plant();
        let there = parts.iter().filter(|&&part| usize::from(part) < plant.parts().len());
        let parts: Vec<PartId> = there.map(|&part| PartId(part)).collect();
        Self::of(&Blast::of(groups, &parts), timeline.whole(), plant)
    }

    /// Of a scenario that stands on that plant.
    pub fn of(blast: &Blast, scenario: &Scenario, plant: &Plant) -> Self {
        let numbers = |ids: &[PartId]| ids.iter().map(|id| id.0).collect();
        let mut spared: Vec<u16> = blast.spared.iter().map(|(id, _)| id.0).collect();
        spared.dedup();
        Self {
            fails: numbers(&blast.fails),
            falls: numbers(&blast.falls),
            spared,
            said: Told { blast, scenario, plant }.facts(),
        }
    }
}

/// What is to be told, and of what.
struct Told<'a> {
    blast: &'a Blast,
    scenario: &'a Scenario,
    plant: &'a Plant,
}

impl Told<'_> {
    fn facts(&self) -> Vec<Fact> {
        let Blast { fails, dead_already, falls_anyway, falls, falls_meanwhile, .. } = self.blast;
        let Blast { loses_data, not_rebuilt, groups, .. } = self.blast;
        let mut facts = Vec::new();
        if !fails.is_empty() {
            facts.push(fact!("if", parts = parts(fails)));
        }
        if !dead_already.is_empty() {
            facts.push(fact!("dead-already", parts = parts(dead_already)));
        }
        if fails.is_empty() {
            return facts;
        }
        if !falls_anyway.is_empty() {
            facts.push(self.some("falls-anyway", falls_anyway));
        }
        let mut unpowered = falls.clone();
        unpowered.retain(|id| !loses_data.contains(id));
        if !unpowered.is_empty() {
            facts.push(self.some("falls", &unpowered));
        }
        if !falls_meanwhile.is_empty() {
            facts.push(self.some("falls-meanwhile", falls_meanwhile));
        }
        if !loses_data.is_empty() {
            facts.push(self.some("loses-data", loses_data));
        }
        if !not_rebuilt.is_empty() {
            let count = not_rebuilt.len();
            facts.push(fact!("not-rebuilt", parts = parts(not_rebuilt), count));
        }
        if falls.is_empty() && falls_meanwhile.is_empty() {
            facts.push("nothing-falls".into());
        }
        for (way, kind) in [
            (Spared::Supply, "one-supply"),
            (Spared::Uplink, "one-uplink"),
            (Spared::Mirror, "one-disk"),
        ] {
            let mut ids = Vec::new();
            for &(id, by) in &self.blast.spared {
                if by == way {
                    ids.push(id);
                }
            }
            if !ids.is_empty() {
                facts.push(self.some(kind, &ids));
            }
        }
        let several = groups.len() > 1;
        for (own, group) in self.scenario.groups.iter().zip(groups) {
            let mut told = of_group(group, own.protocol.is_generals());
            if several && !told.is_empty() {
                facts.push(fact!("of-group", name = own.name.clone()));
            }
            facts.append(&mut told);
        }
        let carries = fails
            .iter()
            .any(|&id| matches!(self.plant.part(id), Part::Tor { .. } | Part::Spine { .. }));
        let moves = |group: &GroupBlast| !group.moves.is_empty();
        if carries && groups.iter().any(moves) {
            facts.push("if-gray".into());
        } else if carries && groups.iter().all(GroupBlast::is_unharmed) {
            facts.push("carries-nothing".into());
        }
        facts.extend(self.if_control_dies());
        facts
    }

    /// Of a ToR: what its control plane takes along where it dies alone, if it has not yet.
    fn if_control_dies(&self) -> Option<Fact> {
        if self.blast.is_control_dead {
            return None;
        }
        let [id] = self.blast.fails[..] else { return None };
        let Part::Tor { .. } = self.plant.part(id) else { return None };
        Some(match self.plant.spec.bond {
            Bond::Lacp(rate) => fact!("if-control-dies", after = rate.timeout()),
            Bond::Hashed | Bond::ActiveBackup => "if-control-dies-unheard".into(),
        })
    }

    /// "r1.s1, r1.s2 and r1.s3", or how many of what there are.
    fn some(&self, kind: &'static str, ids: &[PartId]) -> Fact {
        const NAMED_MAX: usize = 4;
        let who = if ids.len() <= NAMED_MAX {
            fact!("named", parts = parts(ids))
        } else {
            let mut counts = [0_u64; KINDS.len()];
            for &id in ids {
                counts[kind_of(self.plant.part(id))] += 1;
            }
            let mut kinds = Vec::new();
            for (kind, count) in KINDS.into_iter().zip(counts) {
                if count > 0 {
                    kinds.push(Arg::Fact(fact!(kind, count)));
                }
            }
            fact!("counted", kinds = Arg::List(kinds))
        };
        Fact::plain(kind).with("who", who).with("count", ids.len())
    }
}

const KINDS: [&str; 7] = ["servers", "switches", "units", "disks", "cards", "supplies", "sites"];

/// The place in [`KINDS`].
const fn kind_of(part: Part) -> usize {
    match part {
        Part::Server(_) => 0,
        Part::Tor { .. } | Part::Spine { .. } => 1,
        Part::Pdu { .. }
        | Part::Feed { .. }
        | Part::Generator { .. }
        | Part::Ups { .. }
        | Part::Ats { .. }
        | Part::Breaker { .. } => 2,
        Part::Disk { .. } => 3,
        Part::Nic { .. } => 4,
        Part::Psu { .. } => 5,
        Part::Site(_) | Part::Wan { .. } => 6,
    }
}

/// What it would mean to a group.
fn of_group(group: &GroupBlast, is_generals: bool) -> Vec<Fact> {
    let GroupBlast { stops, moves, ends, revives, halves, quorum_now, quorum_then } = group;
    let mut facts = Vec::new();
    if !stops.is_empty() {
        facts.push(fact!("replicas-stop", who = stops.names(), count = stops.len()));
    }
    if !moves.is_empty() {
        facts.push(some_flows("flows-move", moves));
    }
    for (flows, kinds) in
        [(ends, ["flows-end", "stream-ends"]), (revives, ["flows-revive", "stream-revives"])]
    {
        for (kind, is_half) in kinds.into_iter().zip([false, true]) {
            let mut flows = flows.clone();
            flows.retain(|flow| halves.contains(flow) == is_half);
            if !flows.is_empty() {
                facts.push(some_flows(kind, &flows));
            }
        }
    }
    let unchanged = moves.is_empty() && ends.is_empty() && revives.is_empty();
    if is_generals || stops.is_empty() && unchanged {
        return facts;
    }
    let needed = quorum_then.needed;
    facts.push(match (quorum_now.is_there(), quorum_then.is_there()) {
        (true, true) => {
            fact!("quorum-kept", who = quorum_then.who.names(), needed = needed)
        }
        (true, false) => {
            fact!("quorum-lost", count = quorum_then.who.len(), needed = needed)
        }
        (false, true) => {
            fact!("quorum-back", who = quorum_then.who.names(), needed = needed)
        }
        (false, false) => fact!("quorum-lost-before", needed = needed),
    });
    facts
}

/// Two directions of one pair are named once.
fn some_flows(kind: &'static str, flows: &[(ReplicaId, ReplicaId)]) -> Fact {
    const NAMED_MAX: usize = 3;
    let back = |(from, to): (ReplicaId, ReplicaId)| flows.contains(&(to, from));
    let named = flows.iter().filter(|&&(from, to)| from < to || !back((from, to)));
    let named: Vec<Arg> = named
        .map(|&(from, to)| {
            let kind = if back((from, to)) { "both" } else { "one" };
            Arg::Fact(fact!(kind, from = from.to_string(), to = to.to_string()))
        })
        .collect();
    let count = flows.len();
    let which = if named.len() <= NAMED_MAX {
        fact!("flows-named", flows = Arg::List(named))
    } else {
        fact!("flows-counted", count)
    };
    Fact::plain(kind).with("which", which)
}

fn parts(ids: &[PartId]) -> Arg {
    Arg::List(ids.iter().map(|id| Arg::Number(id.0.into())).collect())
}
