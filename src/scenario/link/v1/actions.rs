//! The acts of a link: the kind, what it is done to by its number in the plant, and when.

use super::format::{Times, length, micros, unit};
use super::plant::{FrozenPlant, server_number, server_of, switch_number, switch_of};
use crate::clock::Micros;
use crate::fault::verb::Verb;
use crate::fault::{
    Action, Behaviour, ByzantineBehaviour, Ends, Flows, Link, ORDERS, Object, ReplicaId,
    ReplicaSet, Which,
};
#[cfg(test)]
use crate::plant::Part;
use crate::scenario::Bounds;
use crate::scenario::link::range::{Coder, NumberModel, Odds};

/// An act taken apart: every field is 0 where the kind has no use for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shape {
    kind: Kind,
    /// A lane, a flow, a part, a server, a switch or a replica, by number.
    what: u32,
    /// True if `what` is a flow, where it may be a lane or a flow.
    is_flow: bool,
    both: bool,
    percent: u32,
    /// 0 is anybody; replicas count from 1.
    from: u32,
    to: u32,
    /// A traitor's behaviour, those who hear the other story, a bit each, and its delay.
    behaviour: u32,
    toward: u32,
    by: Micros,
}

/// A link encodes a kind by its number: append only, up to 16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Cut,
    Heal,
    Gray,
    Ungray,
    Fail,
    Restore,
    Crash,
    Restart,
    Pause,
    Resume,
    Elect,
    Betray,
    Loyal,
    Wipe,
    Transfer,
    Order,
}

impl Kind {
    /// What a link has for a verb; none for one that came later.
    fn of(verb: Verb) -> Option<Self> {
        const VERBS: [Verb; 16] = [
            Verb::Cut,
            Verb::Heal,
            Verb::Gray,
            Verb::Ungray,
            Verb::Fail,
            Verb::Restore,
            Verb::Crash,
            Verb::Restart,
            Verb::Pause,
            Verb::Resume,
            Verb::Elect,
            Verb::Traitor,
            Verb::Loyal,
            Verb::Wipe,
            Verb::Transfer,
            Verb::Order,
        ];
        let known = if verb == Verb::Lose { Verb::Cut } else { verb };
        let place = VERBS.iter().position(|verb| *verb == known);
        place.map(|place| Self::ALL[place])
    }

    const ALL: [Self; 16] = [
        Self::Cut,
        Self::Heal,
        Self::Gray,
        Self::Ungray,
        Self::Fail,
        Self::Restore,
        Self::Crash,
        Self::Restart,
        Self::Pause,
        Self::Resume,
        Self::Elect,
        Self::Betray,
        Self::Loyal,
        Self::Wipe,
        Self::Transfer,
        Self::Order,
    ];
}

/// Codes acts that are in order of time.
pub(super) fn actions(
    coder: &mut impl Coder,
    known: &[(Micros, Action)],
    plant: &FrozenPlant,
    replicas: u32,
) -> Option<Vec<(Micros, Action)>> {
    let count = coder.number(u64::from(length(known)), &mut NumberModel::new());
    let count = usize::try_from(count).ok().filter(|count| *count <= Bounds::ACTS)?;
    let mut times = Times::new(unit(coder, known.iter().map(|(at, _)| *at)));
    let mut habits = Habits::new();
    let numbers = Numbers::new(plant, replicas);
    (0..count)
        .map(|number| {
            let known = known.get(number);
            let at = times.next(coder, known.map_or(Micros::ZERO, |(at, _)| *at))?;
            let shape = known.map_or(Shape::default(), |(_, act)| numbers.shape(act));
            Some((at, numbers.act(habits.shape(coder, shape, &numbers)?)?))
        })
        .collect()
}

/// True if there is a number for it.
#[cfg(test)]
pub(super) fn knows(act: &Action) -> bool {
    let is_later = matches!(
        act.object(),
        Object::Part(
            Part::Nic { .. }
                | Part::Psu { .. }
                | Part::Generator { .. }
                | Part::Ups { .. }
                | Part::Ats { .. }
                | Part::Breaker { .. }
        ) | Object::Flows { flows: Flows { which: Which::Over(_) | Which::Control, .. }, .. }
    );
    Kind::of(act.row().verb).is_some() && !is_later
}

/// What is learned about the acts of a scenario.
struct Habits {
    kind: [Odds; 16],
    is_flow: Odds,
    both: Odds,
    is_all: Odds,
    delay: NumberModel,
}

impl Habits {
    fn new() -> Self {
        let even = Odds::EVEN;
        let delay = NumberModel::new();
        Self { kind: [even; 16], is_flow: even, both: even, is_all: even, delay }
    }

    fn shape(&mut self, coder: &mut impl Coder, known: Shape, of: &Numbers<'_>) -> Option<Shape> {
        let kind = coder.tree(known.kind as u32, 4, &mut self.kind);
        let kind = *Kind::ALL.get(kind as usize)?;
        let mut shape = Shape { kind, ..Shape::default() };
        match kind {
            Kind::Cut | Kind::Heal => {
                shape.is_flow = coder.learned(known.is_flow, &mut self.is_flow);
                let bound = if shape.is_flow { of.flows } else { of.lanes };
                shape.what = pick(coder, known.what, bound)?;
                shape.both = coder.learned(known.both, &mut self.both);
                if kind == Kind::Cut {
                    shape.percent = self.percent(coder, known.percent);
                }
            }
            Kind::Gray => {
                shape.what = pick(coder, known.what, of.switches)?;
                shape.from = pick(coder, known.from, of.replicas + 1)?;
                shape.to = pick(coder, known.to, of.replicas + 1)?;
                shape.both = coder.learned(known.both, &mut self.both);
                shape.percent = self.percent(coder, known.percent);
            }
            Kind::Ungray => shape.what = pick(coder, known.what, of.switches)?,
            Kind::Fail | Kind::Restore => shape.what = pick(coder, known.what, of.parts)?,
            Kind::Crash | Kind::Restart | Kind::Pause | Kind::Resume | Kind::Wipe => {
                shape.what = pick(coder, known.what, of.servers)?;
            }
            Kind::Elect | Kind::Loyal | Kind::Transfer => {
                shape.what = pick(coder, known.what, of.replicas)?;
            }
            Kind::Order => shape.what = coder.uniform(known.what, 16),
            Kind::Betray => {
                shape.what = pick(coder, known.what, of.replicas)?;
                shape.behaviour = coder.uniform(known.behaviour, 16);
                shape.toward = coder.uniform(known.toward, 1 << of.replicas);
                if Behaviour::ALL.get(shape.behaviour as usize) == Some(&Behaviour::Delay) {
                    shape.by = micros(coder, &mut self.delay, known.by)?;
                }
            }
        }
        Some(shape)
    }

    /// 100 % nearly always; else 1 to 99.
    fn percent(&mut self, coder: &mut impl Coder, known: u32) -> u32 {
        if coder.learned(known != 100, &mut self.is_all) {
            coder.uniform(known.clamp(1, 99) - 1, 99) + 1
        } else {
            100
        }
    }
}

/// One of `bound`, if there are any: a cluster of one has no flows.
fn pick(coder: &mut impl Coder, known: u32, bound: u32) -> Option<u32> {
    (bound > 0).then(|| coder.uniform(known, bound))
}

/// Everything in a plant that an act can be done to, numbered.
struct Numbers<'a> {
    plant: &'a FrozenPlant,
    lanes: u32,
    flows: u32,
    parts: u32,
    servers: u32,
    switches: u32,
    replicas: u32,
}

impl<'a> Numbers<'a> {
    fn new(plant: &'a FrozenPlant, replicas: u32) -> Self {
        let racks = u32::from(plant.spec.racks);
        Self {
            plant,
            lanes: length(&plant.lanes),
            flows: replicas * (replicas - 1),
            parts: length(&plant.parts),
            servers: racks * u32::from(plant.spec.servers),
            switches: 2 + 2 * racks,
            replicas,
        }
    }

    fn shape(&self, act: &Action) -> Shape {
        let kind = Kind::of(act.row().verb).expect("format 1 is frozen: it knows no later verb");
        let of = |what: u32| Shape { kind, what, ..Shape::default() };
        match act.object() {
            Object::Link { link, percent } => {
                let percent = if kind == Kind::Cut { u32::from(percent) } else { 0 };
                Shape { kind, percent, ..self.link_shape(link) }
            }
            Object::Flows { switch, flows, percent } => Shape {
                from: flows.from.map_or(0, |replica| u32::from(replica.0) + 1),
                to: flows.to.map_or(0, |replica| u32::from(replica.0) + 1),
                both: flows.both,
                percent: u32::from(percent),
                ..of(switch_number(switch))
            },
            Object::Part(part) if kind == Kind::Ungray => of(switch_number(part)),
            Object::Part(part) => of(self.plant.part_number(part)),
            Object::Server(server) => of(server_number(server, self.plant.spec)),
            Object::Replica(replica) => of(u32::from(replica.0)),
            Object::Order(order) => of(order),
            Object::ByzantineBehaviour { replica, byzantine } => Shape {
                behaviour: byzantine.behaviour as u32,
                toward: u32::from(byzantine.toward.0),
                by: byzantine.by,
                ..of(u32::from(replica.0))
            },
            Object::Groups(_)
            | Object::Volume { .. }
            | Object::VolumeOf { .. }
            | Object::Impaired { .. } => {
                panic!("format 1 is frozen: it knows no later object")
            }
        }
    }

    fn act(&self, shape: Shape) -> Option<Action> {
        let percent = u8::try_from(shape.percent).ok()?;
        let server = || server_of(shape.what, self.plant.spec);
        let replica = || u8::try_from(shape.what).ok().map(ReplicaId);
        let part = || self.plant.parts.get(shape.what as usize).copied();
        Some(match shape.kind {
            Kind::Cut => Action::Cut { link: self.link(shape)?, percent },
            Kind::Heal => Action::Heal { link: self.link(shape)? },
            Kind::Gray => {
                let end = |end: u32| u8::try_from(end).ok()?.checked_sub(1).map(ReplicaId);
                let (from, to, both) = (end(shape.from), end(shape.to), shape.both);
                let flows = Flows { from, to, both, which: Which::All };
                Action::Gray { switch: switch_of(shape.what)?, flows, percent }
            }
            Kind::Ungray => Action::Ungray { switch: switch_of(shape.what)? },
            Kind::Fail => Action::Fail(part()?),
            Kind::Restore => Action::Restore(part()?),
            Kind::Crash => Action::Crash(server()?),
            Kind::Restart => Action::Restart(server()?),
            Kind::Pause => Action::Pause(server()?),
            Kind::Resume => Action::Resume(server()?),
            Kind::Elect => Action::Elect(replica()?),
            Kind::Loyal => Action::Loyal(replica()?),
            Kind::Wipe => Action::Wipe(server()?),
            Kind::Transfer => Action::Transfer(replica()?),
            Kind::Order => {
                Action::Order((1..=length(&ORDERS)).contains(&shape.what).then_some(shape.what)?)
            }
            Kind::Betray => {
                let behaviour = *Behaviour::ALL.get(shape.behaviour as usize)?;
                let toward = ReplicaSet(u16::try_from(shape.toward).ok()?);
                let is_named = behaviour != Behaviour::SilentTo || !toward.is_empty();
                let byzantine =
                    is_named.then_some(ByzantineBehaviour { behaviour, toward, by: shape.by })?;
                Action::Betray { replica: replica()?, byzantine }
            }
        })
    }

    fn link_shape(&self, link: Link) -> Shape {
        let (is_flow, what) = match link.ends {
            Ends::Lane(from, to) => (false, self.plant.lane_number(from, to)),
            Ends::Flow(from, to) => {
                // The receiver among the others: there is no flow from a replica to itself.
                let (from, to) = (u32::from(from.0), u32::from(to.0));
                (true, from * (self.replicas - 1) + to - u32::from(to > from))
            }
        };
        Shape { is_flow, what, both: link.both, ..Shape::default() }
    }

    fn link(&self, shape: Shape) -> Option<Link> {
        let ends = if shape.is_flow {
            let others = self.replicas.checked_sub(1).filter(|others| *others > 0)?;
            let (from, to) = (shape.what / others, shape.what % others);
            let to = to + u32::from(to >= from);
            Ends::Flow(ReplicaId(u8::try_from(from).ok()?), ReplicaId(u8::try_from(to).ok()?))
        } else {
            let (from, to) = *self.plant.lanes.get(shape.what as usize)?;
            Ends::Lane(from, to)
        };
        Some(Link { ends, both: shape.both })
    }
}
