//! Whether an act can be done: its parts are in the plant, its replicas in the cluster.

use super::{Word, of};
use crate::clock::Micros;
use crate::fact::{Fact, counts, fact};
use crate::fault::verb::{Applies, Shape};
use crate::fault::{Action, ByzantineBehaviour, Ends, Flows, Late, Link, Object, ReplicaId, Which};
use crate::plant::{Part, PlantSpec, Port, Power, ServerAt, Side, Site, Ups};
use crate::protocol::Protocol;
use crate::scenario::print::plant;
use crate::scenario::{Bounds, Group, Scenario};

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
    /// That of a group of a scenario.
    pub(crate) fn of(scenario: &Scenario, group: usize) -> Self {
        let Group { ref members, protocol, .. } = scenario.groups[group];
        Self { plant: scenario.plant, replicas: members.len(), protocol }
    }
}

/// What is wrong with an act in that setting.
pub(crate) fn flaws_of_act(act: &Action, setting: Setting) -> Vec<(Word, Fact)> {
    let row = act.row();
    if row.applies == Applies::Elections && setting.protocol.is_generals() {
        return vec![(Word::Verb, "no-election".into())];
    }
    let mut flaws = Vec::new();
    flaws_of_object(row.shape, act.object(), setting, &mut flaws);
    flaws.extend(foreign(row.applies, setting.protocol).map(|fact| (Word::Verb, fact)));
    flaws
}

/// Why the protocol has no use for it, if it has none.
fn foreign(applies: Applies, protocol: Protocol) -> Option<Fact> {
    match applies {
        Applies::Anywhere | Applies::Elections => None,
        Applies::HandsOver => (!protocol.hands_over()).then(|| of(protocol, "no-transfer")),
        // Whether it has one is not known where only Raft's code is: another module will say.
        Applies::Commander => (!protocol.is_generals()).then(|| of(protocol, "no-commander")),
    }
}

fn flaws_of_object(shape: Shape, object: Object, setting: Setting, flaws: &mut Vec<(Word, Fact)>) {
    let spec = setting.plant;
    let percent = match object {
        Object::Link { percent, .. } | Object::Flows { percent, .. } => percent,
        Object::Impaired { how, .. } => how.percent(),
        Object::Part(_)
        | Object::Volume { .. }
        | Object::VolumeOf { .. }
        | Object::Server(_)
        | Object::Replica(_)
        | Object::Groups(_)
        | Object::ByzantineBehaviour { .. }
        | Object::Order(_) => 100,
    };
    if !(1..=100).contains(&percent) {
        flaws.push((Word::Percent, "share".into()));
    }
    match object {
        Object::Link { link, .. } => flaws_of_link(link, setting, flaws),
        Object::Impaired { link, how } => {
            flaws_of_link(link, setting, flaws);
            flaws.extend(how.late().and_then(wrong_delay).map(|fact| (Word::By, fact)));
        }
        Object::Flows { switch, flows, .. } => {
            flaws.extend(not_a_switch(switch, spec).map(|fact| (Word::First, fact)));
            if flows.which == Which::Control {
                flaws_of_control(switch, (flows, percent), flaws);
            } else {
                flaws_of_flows(flows, setting, flaws);
            }
        }
        Object::Part(part) => {
            let is_switch = matches!(shape, Shape::Switch(_));
            let wrong = if is_switch { not_a_switch(part, spec) } else { absent(part, spec) };
            flaws.extend(wrong.map(|fact| (Word::First, fact)));
        }
        Object::Server(server) | Object::Volume { server, .. } => {
            flaws.extend(absent(Part::Server(server), spec).map(|fact| (Word::First, fact)));
        }
        Object::Replica(replica) | Object::VolumeOf { replica, .. } => {
            flaws.extend(unknown(replica, setting).map(|fact| (Word::First, fact)));
        }
        Object::Groups(groups) => {
            for replica in groups.all().iter() {
                let wrong = unknown(replica, setting);
                flaws.extend(wrong.map(|fact| (Word::Member(replica.0), fact)));
            }
        }
        Object::ByzantineBehaviour { replica, byzantine } => {
            flaws.extend(unknown(replica, setting).map(|fact| (Word::First, fact)));
            flaws_of_deed(replica, byzantine, setting, flaws);
        }
        Object::Order(_) => {}
    }
    if let (Shape::Slow(_), Object::Volume { by, .. } | Object::VolumeOf { by, .. }) =
        (shape, object)
        && (by == Micros::ZERO || by > Bounds::LATENCY)
    {
        flaws.push((Word::Percent, fact!("slow-by", most = Bounds::LATENCY)));
    }
}

/// Why nobody can be elected before anything happened, where that is meant.
pub(super) fn flaw_of_first_leader(
    (at, act): (Micros, &Action),
    Setting { protocol, .. }: Setting,
) -> Option<(Word, Fact)> {
    let &Action::Elect(replica) = act else { return None };
    let why = protocol.refuses_first_leader(replica).filter(|_| at == Micros::ZERO)?;
    let fact = of(protocol, "no-first-leader").with("replica", replica.to_string());
    Some((Word::Verb, fact.with("why", Fact::plain(why))))
}

fn flaws_of_link(link: Link, setting: Setting, flaws: &mut Vec<(Word, Fact)>) {
    let spec = setting.plant;
    match link.ends {
        Ends::Lane(from, to) => {
            let absences = (absent(from, spec), absent(to, spec));
            if absences == (None, None)
                && !are_cabled(from, to, spec)
                && !are_cabled(to, from, spec)
            {
                let fact = fact!("no-cable", from = from.to_string());
                flaws.push((Word::Second, fact.with("to", to.to_string())));
            }
            flaws.extend(absences.0.map(|fact| (Word::First, fact)));
            flaws.extend(absences.1.map(|fact| (Word::Second, fact)));
        }
        Ends::Flow(from, to) => {
            flaws.extend(unknown(from, setting).map(|fact| (Word::First, fact)));
            flaws.extend(unknown(to, setting).map(|fact| (Word::Second, fact)));
            if from == to {
                flaws.push((Word::Second, "same-ends".into()));
            }
        }
    }
}

/// What is wrong with how much later packets are.
fn wrong_delay(Late(least, most): Late) -> Option<Fact> {
    if most > Bounds::SPAN_MAX {
        return Some(fact!("delay", most = Bounds::SPAN_MAX));
    }
    if most < least {
        return Some("delay-backwards".into());
    }
    (most == Micros::ZERO).then(|| "no-delay".into())
}

fn flaws_of_deed(
    replica: ReplicaId,
    byzantine: ByzantineBehaviour,
    setting: Setting,
    flaws: &mut Vec<(Word, Fact)>,
) {
    let protocol = setting.protocol;
    if let Some(why) = protocol.refuses(byzantine.behaviour) {
        let fact = of(protocol, "no-such-lie").with("behaviour", byzantine.behaviour.name());
        flaws.push((Word::Verb, fact.with("why", Fact::plain(why))));
    }
    for receiver in byzantine.toward.iter() {
        flaws.extend(unknown(receiver, setting).map(|fact| (Word::To, fact)));
        if receiver == replica {
            flaws.push((Word::To, fact!("lie-to-itself", replica = replica.to_string())));
        }
    }
    if byzantine.by > Bounds::SPAN_MAX {
        flaws.push((Word::Percent, fact!("delay", most = Bounds::SPAN_MAX)));
    }
}

/// Nobody speaks LACP with a spine, and who says nothing says nothing to anybody.
fn flaws_of_control(switch: Part, which: (Flows, u8), flaws: &mut Vec<(Word, Fact)>) {
    if matches!(switch, Part::Spine { .. }) {
        flaws.push((Word::First, "control-of-spine".into()));
    }
    if which != (Flows::CONTROL, 100) {
        flaws.push((Word::Percent, "control-share".into()));
    }
}

fn flaws_of_flows(flows: Flows, setting: Setting, flaws: &mut Vec<(Word, Fact)>) {
    for (end, word) in [(flows.from, Word::From), (flows.to, Word::To)] {
        let fact = end.and_then(|replica| unknown(replica, setting));
        flaws.extend(fact.map(|fact| (word, fact)));
    }
    if flows.from.is_some() && flows.from == flows.to {
        flaws.push((Word::To, "same-flow".into()));
    }
    let [least, most] = Which::SIZES;
    if let Which::Over(bytes) = flows.which
        && !(least..=most).contains(&bytes)
    {
        flaws.push((Word::By, counts!("packet-size", least, most)));
    }
    if flows.both && (flows.from, flows.to) == (None, None) {
        flaws.push((Word::From, "all-both-ways".into()));
    }
}

/// True if a cable runs up from `lower` to `upper`; agrees with [`crate::plant::Plant::lane`].
fn are_cabled(lower: Part, upper: Part, spec: PlantSpec) -> bool {
    match (lower, upper) {
        (Part::Server(server), Part::Tor { rack, side }) => {
            server.rack == rack && spec.has(Port::Nic, server, side)
        }
        (Part::Tor { rack, side: Side::A }, Part::Tor { rack: other, side: Side::B }) => {
            spec.peer_links && rack == other
        }
        (Part::Tor { rack, .. }, Part::Spine { site, .. }) => {
            spec.sites == u8::MAX || spec.site_of(rack) == site
        }
        (Part::Spine { site, .. }, Part::Site(border)) => site == border,
        (Part::Site(low), Part::Site(high)) => low < high,
        _ => false,
    }
}

fn not_a_switch(part: Part, spec: PlantSpec) -> Option<Fact> {
    match part {
        Part::Tor { .. } | Part::Spine { .. } => absent(part, spec),
        Part::Feed { .. }
        | Part::Pdu { .. }
        | Part::Server(_)
        | Part::Disk { .. }
        | Part::Nic { .. }
        | Part::Psu { .. }
        | Part::Generator { .. }
        | Part::Ups { .. }
        | Part::Ats { .. }
        | Part::Breaker { .. }
        | Part::Site(_)
        | Part::Wan { .. } => Some(fact!("no-switch", part = part.to_string())),
    }
}

/// The rack of a part of the power chain that is in one.
const fn of_a_rack(part: Part) -> Option<u8> {
    if let Part::Ats { rack } | Part::Breaker { rack, .. } = part { Some(rack) } else { None }
}

/// What a plant may have that has such a part of the power chain.
fn example(part: Part) -> Option<Power> {
    let (after, none) = (Some(Micros::from_secs(10)), Power::NONE);
    Some(match part {
        Part::Generator { .. } => Power { generator: after, ..none },
        Part::Ups { .. } => {
            let ups = Ups { lasts: Micros::from_secs(300), capacity_w: None };
            Power { ups: Some(ups), ..none }
        }
        Part::Ats { .. } => Power { transfer: after, ..none },
        Part::Breaker { .. } => Power { breaker_w: Some(2_000), ..none },
        Part::Feed { .. }
        | Part::Pdu { .. }
        | Part::Spine { .. }
        | Part::Tor { .. }
        | Part::Server(_)
        | Part::Disk { .. }
        | Part::Nic { .. }
        | Part::Psu { .. }
        | Part::Site(_)
        | Part::Wan { .. } => return None,
    })
}

/// Why there is no site of that number, if a part names one, or none where it is to name one.
fn wrong_site(part: Part, spec: PlantSpec) -> Option<Fact> {
    let site = match part {
        Part::Feed { site, .. }
        | Part::Spine { site, .. }
        | Part::Generator { site, .. }
        | Part::Ups { site, .. }
        | Part::Site(site)
        | Part::Wan { high: site, .. } => site,
        Part::Pdu { .. }
        | Part::Tor { .. }
        | Part::Server(_)
        | Part::Disk { .. }
        | Part::Nic { .. }
        | Part::Psu { .. }
        | Part::Ats { .. }
        | Part::Breaker { .. } => return None,
    };
    let kind = if site == Site::ONLY { "which-site" } else { "no-site" };
    let fact = || Fact::plain(kind).with("part", part.to_string());
    (!spec.has_site(site)).then(|| fact().with("sites", u64::from(spec.sites)))
}

/// Why the plant does not have that part, if it does not.
pub(in crate::scenario) fn absent(part: Part, spec: PlantSpec) -> Option<Fact> {
    if let Some(fact) = wrong_site(part, spec) {
        return Some(fact);
    }
    let on_floor = |rack: u8| rack < spec.racks;
    let in_rack = |server: ServerAt| spec.has_server(server);
    let there = match part {
        Part::Feed { .. } | Part::Spine { .. } | Part::Site(_) | Part::Wan { .. } => true,
        Part::Pdu { rack, .. } | Part::Tor { rack, .. } => on_floor(rack),
        Part::Server(server) => in_rack(server),
        Part::Disk { server, disk } => in_rack(server) && disk < spec.disks,
        Part::Nic { server, side } => in_rack(server) && spec.has(Port::Nic, server, side),
        Part::Psu { server, side } => in_rack(server) && spec.has(Port::Supply, server, side),
        Part::Generator { .. } => spec.power.generator.is_some(),
        Part::Ups { .. } => spec.power.ups.is_some(),
        Part::Ats { rack } => on_floor(rack) && spec.power.transfer.is_some(),
        Part::Breaker { rack, .. } => on_floor(rack) && spec.power.breaker_w.is_some(),
    };
    if let Some(example) = example(part).filter(|_| !there && of_a_rack(part).is_none_or(on_floor))
    {
        let fact = fact!("no-chain", part = part.to_string());
        return Some(fact.with("example", example.to_string()));
    }
    if let Part::Nic { server, .. } | Part::Psu { server, .. } = part
        && in_rack(server)
        && !there
    {
        let port = if matches!(part, Part::Nic { .. }) { Port::Nic } else { Port::Supply };
        let ports = port.words(spec.single(port, server));
        let fact = fact!("no-port", part = part.to_string());
        return Some(fact.with("server", server.to_string()).with("ports", ports));
    }
    let fact = || fact!("absent", part = part.to_string());
    (!there).then(|| fact().with("plant", plant(spec)))
}

/// Why an action cannot be done to that replica, if it cannot: there is none of that number, or no
/// leader.
fn unknown(replica: ReplicaId, Setting { replicas, protocol, .. }: Setting) -> Option<Fact> {
    if !replica.is_leader() {
        return stranger(replica, replicas);
    }
    (!protocol.has_leader()).then(|| of(protocol, "no-leader"))
}

/// Why the cluster does not have that replica, if it does not.
pub(super) fn stranger(replica: ReplicaId, replicas: usize) -> Option<Fact> {
    let fact = || fact!("stranger", replica = replica.to_string());
    (replica.index() >= replicas).then(|| fact().with("last", format!("n{replicas}")))
}
