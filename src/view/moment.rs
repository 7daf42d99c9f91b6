//! The state of everything at one moment.

use std::collections::VecDeque;

use super::carried::{carried, trips};
use super::strip::value_fact;
use super::{
    CaughtView, Cause, CulpritsView, DiedOn, FaultView, FlowState, FlowView, HeardValue, LaneState,
    LaneView, LieView, PacketView, PartView, ReplicaView, Target, ToldView, Trouble, View,
    ViolationView,
};
use crate::check::Violation;
use crate::clock::Micros;
use crate::explore::{Culprits, Lie};
use crate::fact::{Fact, counts};
use crate::fault::{
    self, ActiveFaults, ByzantineBehaviour, Ends, Impairment, PartState, ReplicaId, order_name,
};
use crate::history::{History, before};
use crate::network::{DropCause, Network, Reason, Route};
use crate::plant::{LaneId, PartId, Plant};
use crate::protocol::{Belief, Message, Replica};
use crate::timeline::{Timeline, TracedPacket};
use crate::traitor::{Instead, other_story};
use crate::world::{ConnectionState, Group, Phase};

impl View {
    /// What is to be drawn at `at`, with the packets that left in `window` before.
    pub fn of(timeline: &mut Timeline, at: Micros, window: Micros) -> Self {
        timeline.reach(at);
        let consequence = super::consequence::latest(timeline, at);
        let faults = faults_in_force(timeline, at);
        let mut view = Self { faults, consequence, ..Self::default() };
        view.fill_world(timeline, at, window);
        if !timeline.scenario().group().protocol.is_generals() {
            view.outside = super::outside::fact(timeline.scenario(), &view, at);
        }
        view.fill_history(timeline.history(), at);
        if let groups @ [_, _, ..] = timeline.groups() {
            view.groups = groups.iter().map(members).collect();
        }
        view
    }

    fn fill_world(&mut self, timeline: &mut Timeline, at: Micros, window: Micros) {
        let followed = followed(timeline.history(), at);
        let (world, flights) = timeline.seek(at, window);
        let plant = world.plant();
        self.time_us = at.0;
        self.events = world.events();
        self.trace_hash = format!("{:016x}", world.trace_hash());
        self.writes_tried = u64::from(world.writes());
        self.parts = ids(plant.parts().len()).map(|id| part_view(world, PartId(id), at)).collect();
        self.replicas =
            world.replicas().map(|id| replica_view(world, id, followed[id.index()])).collect();
        self.packets = flights.map(packet_view).collect();
        self.flows = flows(world);
        self.faults.extend(trips(world));
        self.carried = carried(world, at);
        if world.scenario().group().protocol.is_generals() {
            self.outside = super::outside::of_generals(world);
        }
        let used = used_lanes(world);
        let lane = |id| lane_view(world.active_faults(), plant, LaneId(id), &used);
        self.lanes = ids(plant.lanes().len()).map(lane).collect();
    }

    fn fill_history(&mut self, history: &History, at: Micros) {
        // Everything that happened at `at` itself counts, so look from just after it.
        let after = Micros(at.0 + 1);
        self.leader = before(&history.led, after).flatten().map(|leader| leader.0);
        self.parted = before(&history.parted, after).unwrap_or(true);
        self.writes_committed = history.commits.partition_point(|&commit| commit <= at) as u64;
        self.leader_changes = history.elections.partition_point(|won| won.at <= at) as u64;
    }
}

impl ViolationView {
    /// A violation, to be shown.
    pub fn of(violation: &Violation) -> Self {
        let Violation { property, at, detail } = violation;
        Self { property: property.name(), at_us: at.0, detail: detail.clone(), culprits: None }
    }
}

/// The faults in force at that moment, oldest first.
fn faults_in_force(timeline: &Timeline, at: Micros) -> Vec<FaultView> {
    let scenario = timeline.scenario();
    let plant = timeline.frontier().world().plant();
    let spans =
        fault::spans(&scenario.actions, scenario.group().members.len(), scenario.until).into_iter();
    let in_force = |span: &fault::FaultInForce| {
        span.from <= at && at < span.to.max(super::strip::rebuilt(timeline, span))
    };
    let active_faults = spans.filter(in_force).filter_map(|span| {
        let act = scenario.actions[span.action].1;
        // A disk that is being rebuilt is replaced already.
        let lift = act.lifted_by().filter(|_| at < span.to);
        Some(FaultView {
            at_us: span.from.0,
            text: act.to_string(),
            class: act.inflicts()?.name(),
            lift: lift.map(|lift| lift.to_string()),
            target: Target::of(plant, &act),
        })
    });
    active_faults.collect()
}

fn ids(count: usize) -> std::ops::Range<u16> {
    0..u16::try_from(count).expect("plants are bounded")
}

fn part_view(world: &Group, id: PartId, now: Micros) -> PartView {
    let state = world.active_faults().state(id).name();
    PartView { state, why: Trouble::of(world.active_faults(), world.plant(), (id, now)) }
}

fn lane_view(active_faults: &ActiveFaults, plant: &Plant, lane: LaneId, used: &[bool]) -> LaneView {
    let loss = active_faults.lane_loss(lane);
    let ends = plant.lanes()[usize::from(lane.0)];
    let dead_end = !active_faults.alive(ends.from) || !active_faults.alive(ends.to);
    let [from, to] = [ends.from, ends.to].map(|end| plant.part(end));
    let impaired = impaired(active_faults.impairments(Ends::Lane(from, to)));
    let state = match loss {
        _ if dead_end => LaneState::Down,
        100 => LaneState::Cut,
        0 if active_faults.is_unheard(lane) => LaneState::Out,
        0 if active_faults.is_out_of_bundle(plant, lane) => LaneState::Other,
        0 if !active_faults.carrier(plant, lane) => LaneState::Down,
        0 if !impaired.is_empty() => LaneState::Impaired,
        0 => LaneState::Up,
        1.. => LaneState::Lossy,
    };
    LaneView { state, impaired, used: used[usize::from(lane.0)] }
}

/// The lanes that some pair of replicas that run uses now.
fn used_lanes(world: &Group) -> Vec<bool> {
    let mut used = vec![false; world.plant().lanes().len()];
    for (from, to) in pairs(world) {
        if world.belief(from).is_some() && world.belief(to).is_some() {
            for lane in world.network().routes(from, to).flat_map(Route::lanes) {
                used[usize::from(lane.0)] = true;
            }
        }
    }
    used
}

fn pairs(world: &Group) -> impl Iterator<Item = (ReplicaId, ReplicaId)> {
    world
        .replicas()
        .flat_map(|from| world.replicas().filter(move |&to| to != from).map(move |to| (from, to)))
}

fn flows(world: &Group) -> Vec<FlowView> {
    pairs(world).map(|(from, to)| flow_view(world, from, to)).collect()
}

fn flow_view(world: &Group, from: ReplicaId, to: ReplicaId) -> FlowView {
    let network = world.network();
    // What is cut as such stays so, wherever else its packets die.
    let lost_as_such = world.active_faults().flow_loss(from, to);
    let drop_cause = network.dead_ends(from, to).next();
    let drop_cause =
        drop_cause.or_else(|| network.ways(from, to).find_map(|way| way.drop_causes().next()));
    let mut impaired = impaired(network.route(from, to).impairments());
    let lone = lone_stream(network, from, to);
    let is_half_dead = lone.is_some();
    impaired.extend(lone);
    let large = network.ways(from, to).find_map(|way| way.drops_over().next());
    let over = |(bytes, one): (u16, DropCause)| counts!("too-large", bytes, percent = one.percent);
    impaired.extend(large.map(over));
    let is_connected = world.connection(from, to).is_none_or(|connection| {
        let answers_die = network.way_back(from, to).dead_end().is_some();
        impaired.extend(answers_die.then(|| Fact::plain("no-answers")));
        impaired.extend(waits(connection));
        connection.phase != Phase::Connecting
    });
    let (state, why) = match drop_cause {
        _ if lost_as_such == 100 => (FlowState::Cut, Some((Reason::Flow, 100))),
        Some(one) if is_half_dead => (FlowState::Impaired, Some((one.reason, 100))),
        Some(one) if one.percent == 100 => (FlowState::Dead, Some((one.reason, 100))),
        _ if !is_connected => (FlowState::Dead, Some((Reason::NotConnected, 100))),
        Some(one) => (FlowState::Lossy, Some((one.reason, one.percent))),
        None if !impaired.is_empty() => {
            (FlowState::Impaired, large.map(|(_, one)| (one.reason, one.percent)))
        }
        None => (FlowState::Up, None),
    };
    let why = why.map(|(why, percent)| Cause::of(why, percent, from, to));
    let lost_as_such = lost_as_such > 0;
    let mut lanes: Vec<u16> = Vec::new();
    for lane in network.ways(from, to).flat_map(lanes_until_dead) {
        lanes.extend((!lanes.contains(&lane)).then_some(lane));
    }
    FlowView { from: from.0, to: to.0, state, why, lost_as_such, impaired, lanes }
}

/// Which of two streams nothing arrives of, while the other's packets pass, in the room `impaired`.
#[inline(never)]
fn lone_stream(network: &Network, from: ReplicaId, to: ReplicaId) -> Option<Fact> {
    let mut dead = network.ways(from, to).map(|way| way.dead_end().is_some());
    match (dead.next()?, dead.next()?) {
        (true, false) => Some(Fact::plain("no-heartbeats")),
        (false, true) => Some(Fact::plain("no-entries")),
        (true, true) | (false, false) => None,
    }
}

/// What a connection waits for, in the room `impaired`, if it does.
#[cold]
fn waits(connection: ConnectionState) -> Option<Fact> {
    let ConnectionState { phase, is_full, unacknowledged, unsent, again, since, given_up } =
        connection;
    let kind = match phase {
        Phase::Open if is_full => "full",
        Phase::Open if again > 0 => "unacknowledged",
        Phase::Connecting => "connecting",
        Phase::Open | Phase::Closed => return None,
    };
    let fact = Fact::plain(kind).with("count", unacknowledged).with("unsent", unsent);
    let fact = fact.with("again", again).with("since", since);
    Some(fact.with("until", given_up.unwrap_or(since)))
}

/// What is done to packets besides losing them, in the room `impaired`.
#[inline(never)]
fn impaired(how: impl Iterator<Item = Impairment>) -> Vec<Fact> {
    let told = |how: Impairment| {
        let kind = match how {
            Impairment::Delay(_) => "delay",
            Impairment::Reorder(..) => "reorder",
            Impairment::Duplicate(_) => "duplicate",
        };
        let by = how.late().map_or_else(String::new, |late| late.to_string());
        Fact::plain(kind).with("percent", how.percent()).with("by", by)
    };
    how.map(told).collect()
}

/// The lanes up to the part or the lane where the flow dies. What is lost as such dies at no part.
fn lanes_until_dead(route: &Route) -> impl Iterator<Item = u16> {
    let crossed = match route.dead_end() {
        Some(dead) if dead.reason != Reason::Flow => usize::from(dead.lanes),
        Some(_) | None => usize::MAX,
    };
    route.lanes().iter().take(crossed).map(|lane| lane.0)
}

/// By replica, the last other one that it believed in by `at`: it waits on that one's silence.
fn followed(history: &History, at: Micros) -> Vec<Option<ReplicaId>> {
    let last = |(beliefs, id): (&Vec<(Micros, Option<Belief>)>, u8)| {
        let known = &beliefs[..beliefs.partition_point(|(when, _)| *when <= at)];
        let leaders = known.iter().rev().filter_map(|(_, belief)| belief.as_ref()?.leader);
        leaders.into_iter().find(|leader| leader.0 != id)
    };
    history.beliefs.iter().zip(0..).map(last).collect()
}

fn replica_view(world: &Group, id: ReplicaId, followed: Option<ReplicaId>) -> ReplicaView {
    let replica = world.replica(id);
    let belief = replica.belief();
    let up = world.belief(id).is_some();
    // One that has only ever led has nobody's silence to wait on: whoever spoke last, then.
    let latest = || {
        let heard = world.replicas().filter_map(|from| Some((world.heard(id, from)?, from)));
        heard.max().map(|(_, from)| from)
    };
    let heard_from = followed.or_else(latest);
    let timer = world.election_timer(id).filter(|_| up);
    ReplicaView {
        up,
        forgot: world.has_forgotten(id),
        paused: up && world.active_faults().state(world.server(id)) == PartState::Paused,
        why_down: match up {
            true => None,
            false => {
                let server = (world.server(id), world.now());
                Trouble::of(world.active_faults(), world.plant(), server)
            }
        },
        role: belief.role.name(),
        epoch: u64::from(belief.epoch),
        place: world.scenario().group().protocol.place(belief.epoch),
        leader: belief.leader.filter(|_| up).map(|leader| leader.0),
        heard_us: heard_from.and_then(|from| world.heard(id, from)).map(|at| at.0),
        heard_from: heard_from.map(|from| from.0),
        value: belief.value.map(|value| value_fact(world.scenario().group().protocol, value)),
        phase: replica.phase().filter(|_| up),
        vector: heard_values(replica),
        caught: caught(replica),
        lies: world.byzantine(id).iter().map(|byzantine| lie_view(world, id, byzantine)).collect(),
        log: u64::from(replica.log().last_index()),
        commit: u64::from(replica.commit()),
        timeout_at_us: timer.map(|(at, _)| at.0),
        timeout_us: timer.map(|(_, length)| length.0),
    }
}

/// The replicas of a group, of which nobody asks how long they wait for whom.
fn members(group: &Group) -> Vec<ReplicaView> {
    group.replicas().map(|id| replica_view(group, id, None)).collect()
}

fn lie_view(world: &Group, liar: ReplicaId, byzantine: &ByzantineBehaviour) -> LieView {
    let toward = other_story(byzantine, liar, world.scenario().group().members.len());
    LieView {
        text: byzantine.to_string(),
        toward: toward.iter().map(|replica| replica.0).collect(),
    }
}

impl CulpritsView {
    /// A set of lies, to be shown.
    pub fn of(culprits: &Culprits) -> Self {
        let Culprits { claim, count, lies } = culprits;
        let told = lies.iter().map(told_lie).collect();
        Self { claim: claim.name(), count: *count as u32, told }
    }
}

fn told_lie(lie: &Lie) -> ToldView {
    let Lie { at, from, to, words, truth, withheld } = lie;
    ToldView {
        at_us: at.0,
        from: from.0,
        to: to.0,
        words: words.clone(),
        truth: Some(truth.clone().unwrap_or_else(|| "nothing".into())),
        died: withheld.then(|| Cause::of(Reason::Withheld, 100, *from, *to)),
        unheard: None,
    }
}

/// How many of the latest messages to each receiver are told.
const TOLD_MAX: usize = 12;

impl ToldView {
    /// The latest of `flights` to each receiver, oldest first: see [`crate::session::Session::said`].
    pub fn of_latest(flights: &VecDeque<TracedPacket>) -> Vec<Self> {
        let mut counts = [0; 16];
        let mut told: Vec<Self> = Vec::new();
        for flight in flights.iter().rev() {
            let count = &mut counts[flight.to.index()];
            *count += 1;
            if *count <= TOLD_MAX {
                told.push(Self::of(flight));
            }
        }
        told.reverse();
        told
    }

    fn of(flight: &TracedPacket) -> Self {
        let packet = packet_view(flight);
        let PacketView { sent_us, from, to, words, truth, died, unheard, .. } = packet;
        Self { at_us: sent_us, from, to, words, truth, died, unheard }
    }
}

fn heard_values(replica: &Replica) -> Vec<HeardValue> {
    let heard = replica.vector().into_iter();
    heard.map(|(path, value)| HeardValue { path, value }).collect()
}

fn caught(replica: &Replica) -> Vec<CaughtView> {
    let caught = replica.evidence().into_iter();
    caught.map(|(liar, evidence)| CaughtView { liar: liar.0, evidence }).collect()
}

/// The order that a general's message is about.
#[expect(clippy::wildcard_enum_match_arm, reason = "generals alone give orders")]
fn order(message: &Message) -> Option<&'static str> {
    match message {
        Message::Generals(said) => Some(order_name(said.value)),
        _ => None,
    }
}

fn packet_view(flight: &TracedPacket) -> PacketView {
    let died_on = flight.died.map(|reason| match reason {
        Reason::Lane(_) => DiedOn::Lane,
        Reason::Flow => DiedOn::Sender,
        Reason::Gray(_)
        | Reason::TooLarge(_)
        | Reason::NoRoute(_)
        | Reason::ReceiverDown
        | Reason::ReceiverFull
        | Reason::Withheld
        | Reason::TimedOut
        | Reason::SlowConsumer
        | Reason::Backlog
        | Reason::Refused
        | Reason::SenderDown
        | Reason::NotConnected => DiedOn::Part,
    });
    // The world counts it as lost in the middle of its way, where no part is at fault.
    let crossed = if died_on == Some(DiedOn::Sender) { 1 } else { usize::MAX };
    PacketView {
        id: flight.id,
        from: flight.from.0,
        to: flight.to.0,
        kind: flight.message.kind(),
        words: flight.message.fact(),
        order: order(&flight.message),
        sent_us: flight.sent.0,
        ends_us: flight.ends.0,
        lanes: flight.lanes().iter().take(crossed).map(|lane| lane.0).collect(),
        truth: flight.lie.as_ref().map(Instead::fact),
        died: flight.died.map(|why| Cause::of(why, 100, flight.from, flight.to)),
        died_on,
        again: flight.again,
        unheard: flight.unheard.map(|why| Cause::of(why, 100, flight.to, flight.from)),
    }
}
