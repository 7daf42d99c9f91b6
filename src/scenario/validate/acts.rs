//! Whether an act can be done: its parts are in the plant, its replicas in the cluster.

use super::Word;
use crate::clock::Micros;
use crate::fault::{Act, Deed, Ends, Flows, Link, ReplicaId};
use crate::plant::{Part, PlantSpec, ServerAt};
use crate::protocol::Protocol;
use crate::scenario::print::plant;
use crate::scenario::{Bounds, Scenario};

/// What an act is done to.
#[derive(Clone, Copy)]
pub(crate) struct Setting {
    /// The size of the plant.
    pub(crate) plant: PlantSpec,
    /// How many replicas there are.
    pub(crate) replicas: usize,
    /// What they speak.
    pub(crate) protocol: Protocol,
}

impl Setting {
    /// That of a scenario.
    pub(crate) const fn of(scenario: &Scenario) -> Self {
        let replicas = scenario.members.len();
        Self { plant: scenario.plant, replicas, protocol: scenario.protocol }
    }
}

/// What is wrong with an act in that setting.
pub(crate) fn flaws_of_act(act: &Act, setting: Setting) -> Vec<(Word, String)> {
    let Setting { plant: spec, replicas, protocol } = setting;
    let mut flaws = Vec::new();
    let percent = match act {
        Act::Cut { percent, .. } | Act::Gray { percent, .. } => *percent,
        Act::Heal { .. }
        | Act::Ungray { .. }
        | Act::Fail(_)
        | Act::Restore(_)
        | Act::Crash(_)
        | Act::Restart(_)
        | Act::Pause(_)
        | Act::Resume(_)
        | Act::Betray { .. }
        | Act::Loyal(_)
        | Act::Wipe(_)
        | Act::Transfer(_)
        | Act::Order(_)
        | Act::Elect(_) => 100,
    };
    if !(1..=100).contains(&percent) {
        flaws.push((Word::Percent, "a share is 1% to 100%".to_owned()));
    }
    match *act {
        Act::Cut { link, .. } | Act::Heal { link } => {
            flaws_of_link(link, spec, replicas, &mut flaws)
        }
        Act::Gray { switch, flows, .. } => {
            flaws.extend(not_a_switch(switch, spec).map(|message| (Word::First, message)));
            flaws_of_flows(flows, replicas, &mut flaws);
        }
        Act::Ungray { switch } => {
            flaws.extend(not_a_switch(switch, spec).map(|message| (Word::First, message)));
        }
        Act::Fail(part) | Act::Restore(part) => {
            flaws.extend(absent(part, spec).map(|message| (Word::First, message)));
        }
        Act::Crash(server)
        | Act::Restart(server)
        | Act::Pause(server)
        | Act::Resume(server)
        | Act::Wipe(server) => {
            flaws.extend(absent(Part::Server(server), spec).map(|message| (Word::First, message)));
        }
        Act::Elect(_) if protocol.is_generals() => {
            let message = "generals elect nobody: `order attack` instead".to_owned();
            flaws.push((Word::Verb, message));
        }
        Act::Elect(replica) | Act::Loyal(replica) => {
            flaws.extend(stranger(replica, replicas).map(|message| (Word::First, message)));
        }
        Act::Betray { replica, deed } => {
            flaws.extend(stranger(replica, replicas).map(|message| (Word::First, message)));
            flaws_of_deed(replica, deed, setting, &mut flaws);
        }
        Act::Transfer(replica) => {
            flaws.extend(stranger(replica, replicas).map(|message| (Word::First, message)));
            if !protocol.hands_over() {
                let message = format!("{protocol} has no way to hand leadership over");
                flaws.push((Word::Verb, message));
            }
        }
        // Whether it has one is not known where only Raft's code is: another module will say.
        Act::Order(_) if !protocol.is_generals() => {
            let message = format!("{protocol} has no commander: `write every 300ms` instead");
            flaws.push((Word::Verb, message));
        }
        Act::Order(_) => {}
    }
    flaws
}

/// Why nobody can be elected before anything happened, where that is meant.
pub(super) fn flaw_of_first_leader(
    (at, act): (Micros, &Act),
    Setting { protocol, .. }: Setting,
) -> Option<(Word, String)> {
    let &Act::Elect(replica) = act else { return None };
    let why = protocol.refuses_first_leader(replica).filter(|_| at == Micros::ZERO)?;
    Some((Word::Verb, format!("{replica} cannot be made the first leader of {protocol}: {why}")))
}

fn flaws_of_link(link: Link, spec: PlantSpec, replicas: usize, flaws: &mut Vec<(Word, String)>) {
    match link.ends {
        Ends::Lane(from, to) => {
            let absences = (absent(from, spec), absent(to, spec));
            if absences == (None, None) && !are_cabled(from, to) && !are_cabled(to, from) {
                let rule = "a cable joins a server and a tor of its rack, or a tor and a spine";
                flaws.push((Word::Second, format!("no cable joins {from} and {to}: {rule}")));
            }
            flaws.extend(absences.0.map(|message| (Word::First, message)));
            flaws.extend(absences.1.map(|message| (Word::Second, message)));
        }
        Ends::Flow(from, to) => {
            flaws.extend(stranger(from, replicas).map(|message| (Word::First, message)));
            flaws.extend(stranger(to, replicas).map(|message| (Word::Second, message)));
            if from == to {
                flaws.push((Word::Second, "a link has two different ends".to_owned()));
            }
        }
    }
}

fn flaws_of_deed(
    replica: ReplicaId,
    deed: Deed,
    setting: Setting,
    flaws: &mut Vec<(Word, String)>,
) {
    let Setting { replicas, protocol, .. } = setting;
    if let Some(why) = protocol.refuses(deed.behaviour) {
        let name = deed.behaviour.name();
        flaws.push((Word::Verb, format!("nobody can {name} in {protocol}: {why}")));
    }
    for receiver in deed.toward.iter() {
        flaws.extend(stranger(receiver, replicas).map(|message| (Word::To, message)));
        if receiver == replica {
            flaws.push((Word::To, format!("{replica} does not lie to itself")));
        }
    }
    if deed.by > Bounds::SPAN_MAX {
        flaws.push((Word::Percent, format!("a delay is at most {}", Bounds::SPAN_MAX)));
    }
}

fn flaws_of_flows(flows: Flows, replicas: usize, flaws: &mut Vec<(Word, String)>) {
    for (end, word) in [(flows.from, Word::From), (flows.to, Word::To)] {
        let message = end.and_then(|replica| stranger(replica, replicas));
        flaws.extend(message.map(|message| (word, message)));
    }
    if flows.from.is_some() && flows.from == flows.to {
        flaws.push((Word::To, "a flow has two different ends".to_owned()));
    }
    if flows == (Flows { from: None, to: None, both: true }) {
        flaws.push((Word::From, "all flows have no direction: write `all`".to_owned()));
    }
}

/// True if a cable runs up from `lower` to `upper`; agrees with [`crate::plant::Plant::lane`].
fn are_cabled(lower: Part, upper: Part) -> bool {
    match (lower, upper) {
        (Part::Server(server), Part::Tor { rack, .. }) => server.rack == rack,
        (Part::Tor { .. }, Part::Spine(_)) => true,
        _ => false,
    }
}

fn not_a_switch(part: Part, spec: PlantSpec) -> Option<String> {
    match part {
        Part::Tor { .. } | Part::Spine(_) => absent(part, spec),
        Part::Feed(_) | Part::Pdu { .. } | Part::Server(_) | Part::Disk { .. } => {
            Some(format!("only a tor or a spine forwards packets, {part} does not"))
        }
    }
}

/// Why the plant does not have that part, if it does not.
pub(super) fn absent(part: Part, spec: PlantSpec) -> Option<String> {
    let on_floor = |rack: u8| rack < spec.racks;
    let in_rack = |server: ServerAt| on_floor(server.rack) && server.slot < spec.servers;
    let there = match part {
        Part::Feed(_) | Part::Spine(_) => true,
        Part::Pdu { rack, .. } | Part::Tor { rack, .. } => on_floor(rack),
        Part::Server(server) => in_rack(server),
        Part::Disk { server, disk } => in_rack(server) && disk < spec.disks,
    };
    (!there).then(|| format!("no {part} here: the plant is {}", plant(spec)))
}

/// Why the cluster does not have that replica, if it does not.
pub(super) fn stranger(replica: ReplicaId, replicas: usize) -> Option<String> {
    (replica.index() >= replicas)
        .then(|| format!("no {replica} here: the cluster's replicas are n1 to n{replicas}"))
}
