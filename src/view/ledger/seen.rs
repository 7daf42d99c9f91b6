//! What the events of a run tell and its record does not: what was done to whom, what the plant
//! did of its own, which processes ended and started again, and which connections did.

use std::collections::BTreeSet;

use crate::clock::Micros;
use crate::fact::{Fact, counts, fact};
use crate::fault::{Action, PowerChange, ReplicaId, ReplicaSet};
use crate::history::History;
use crate::plant::{LaneId, Part, PartId};
use crate::world::{ConnectionState, EventKind, Group, Phase};

/// What was seen of a group so far.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// In order, each with the replica that it happened to.
    pub(super) told: Vec<(Micros, Option<ReplicaId>, Fact)>,
    /// By replica and number, the beliefs that processes started with.
    pub(super) starts: BTreeSet<(ReplicaId, usize)>,
    /// By replica, whether its process runs and how often it has begun with empty disks.
    processes: Vec<(bool, u32)>,
    /// Batteries that are empty.
    empty: BTreeSet<PartId>,
    /// By sender and receiver, where there are connections.
    connections: Vec<Option<ConnectionState>>,
}

impl Seen {
    /// Of a group at time zero.
    pub(super) fn of(group: &Group) -> Self {
        let pairs = group.replicas().flat_map(|from| group.replicas().map(move |to| (from, to)));
        Self {
            told: Vec::new(),
            starts: BTreeSet::new(),
            processes: group.replicas().map(|id| (group.is_up(id), group.lives(id))).collect(),
            empty: BTreeSet::new(),
            connections: pairs.map(|(from, to)| group.connection(from, to)).collect(),
        }
    }

    fn add(&mut self, group: &Group, who: Option<ReplicaId>, said: Fact) {
        self.told.push((group.now(), who, said));
    }

    /// Takes in an event of the group that has just happened.
    pub(super) fn take(&mut self, kind: EventKind, group: &Group, history: &History) {
        match kind {
            EventKind::Action(number) => {
                let (who, said) = done(group, number as usize, history);
                self.add(group, who, said.clone());
                self.follow_batteries(group);
                self.follow_plant(group, history, &said);
            }
            EventKind::Power { part, change } => {
                let said = power(part, change);
                self.add(group, None, said.clone());
                if change == PowerChange::Drained {
                    self.empty.insert(part);
                }
                self.follow_batteries(group);
                self.follow_plant(group, history, &said);
            }
            EventKind::Rebuilt(disk) => self.add(group, None, counts!("rebuilt", part = disk.0)),
            EventKind::Bundle { lane, is_out } => {
                self.add(group, None, bundle(group, lane, is_out));
            }
            EventKind::Transport { from, to } => self.follow_connection(group, (from, to), true),
            EventKind::Delivered { to: id, .. }
            | EventKind::Timeout(id, _)
            | EventKind::Synced(id)
            | EventKind::Mischief(id)
            | EventKind::Read { to: Some(id), .. } => self.follow_sender(group, id),
            EventKind::Write { to, .. } => self.follow_senders(group, to),
            EventKind::Held { .. }
            | EventKind::Lost { .. }
            | EventKind::Asked { .. }
            | EventKind::AskedAgain { .. }
            | EventKind::GaveUp { .. }
            | EventKind::Failed { .. }
            | EventKind::Read { to: None, .. } => {}
        }
    }

    /// Of batteries that end at the same time the chain tells one.
    fn follow_batteries(&mut self, group: &Group) {
        let (plant, faults) = (group.plant(), group.active_faults());
        for id in plant.chain().map(PartId) {
            let left = faults.battery(plant, plant.part(id), group.now());
            if left != Some(Micros::ZERO) {
                self.empty.remove(&id);
            } else if self.empty.insert(id) {
                self.add(group, None, power(id, PowerChange::Drained));
            }
        }
    }

    /// Any process may have ended, of that, or started.
    fn follow_plant(&mut self, group: &Group, history: &History, cause: &Fact) {
        for id in group.replicas() {
            let now = (group.is_up(id), group.lives(id));
            let before = std::mem::replace(&mut self.processes[id.index()], now);
            let who = id.to_string();
            match (before.0, now.0) {
                (true, false) => {
                    // What it forgets by its end it misses when it starts.
                    self.processes[id.index()].1 = before.1;
                    let said = fact!("stopped", who).with("cause", cause.clone());
                    self.add(group, Some(id), said);
                }
                (true, true) if before.1 == now.1 => {}
                (_, true) => {
                    let beliefs = &history.beliefs[id.index()];
                    if beliefs.last().is_some_and(|(at, _)| *at == group.now()) {
                        self.starts.insert((id, beliefs.len() - 1));
                    }
                    let epoch = group.belief(id).map_or(0, |belief| belief.epoch);
                    let place = group.scenario().group().protocol.place(epoch);
                    let said = fact!("started", who, place).with("empty", before.1 != now.1);
                    self.add(group, Some(id), said);
                }
                // A disk that is wiped meanwhile is empty when it starts.
                (false, false) => self.processes[id.index()].1 = before.1,
            }
        }
        self.follow_senders(group, group.replicas().collect());
    }

    fn follow_senders(&mut self, group: &Group, ids: ReplicaSet) {
        for id in ids.iter() {
            self.follow_sender(group, id);
        }
    }

    fn follow_sender(&mut self, group: &Group, id: ReplicaId) {
        // Where there are no connections the first of them is none.
        if self.connections.first().is_none_or(Option::is_none) {
            return;
        }
        for other in group.replicas() {
            self.follow_connection(group, (id, other), false);
        }
    }

    /// A connection may have been given up, or stand again; `is_heard`: by what came over the
    /// network, or did not in time, and not by what its sender says.
    fn follow_connection(
        &mut self,
        group: &Group,
        (from, to): (ReplicaId, ReplicaId),
        is_heard: bool,
    ) {
        let replicas = self.processes.len();
        let Some(now) = group.connection(from, to) else { return };
        let before = self.connections[from.index() * replicas + to.index()].replace(now);
        let Some(before) = before else { return };
        let said = match (before.phase, now.phase) {
            (Phase::Open, Phase::Connecting) => {
                let is_over = before.given_up.is_some_and(|at| at <= group.now());
                let why = match (is_heard, is_over) {
                    (true, true) if before.unacknowledged > 0 => "timed-out",
                    (true, true) => "slow-consumer",
                    (true, false) => "refused",
                    (false, _) if before.is_full => "slow-consumer",
                    (false, _) => "backlog",
                };
                fact!("disconnected", who = from.to_string(), to = to.to_string()).with("why", why)
            }
            (Phase::Connecting, Phase::Open) => {
                fact!("connected", who = from.to_string(), to = to.to_string())
            }
            // A process that ends takes its own along.
            (Phase::Open | Phase::Connecting | Phase::Closed, _) => return,
        };
        self.add(group, Some(from), said);
    }
}

/// What was done, and to whom where it is done to whoever leads; or why it could not be.
fn done(group: &Group, number: usize, history: &History) -> (Option<ReplicaId>, Fact) {
    let (written, scenario) = (&group.written().actions[number].1, group.scenario());
    let action = &scenario.actions[number].1;
    let text = written.to_string();
    if action.is_open() {
        return (None, fact!("undone", text).with("why", why_undone(group, action, history)));
    }
    if !written.is_open() {
        return (None, fact!("action", text));
    }
    let is_it = |id: &ReplicaId| scenario.done_to(*id, written).as_ref() == Some(action);
    let said = fact!("action", text, done = action.to_string()).with("role", "yes");
    (group.replicas().find(is_it), said)
}

/// Nothing has changed by it, so whoever leads now led when it was due.
fn why_undone(group: &Group, action: &Action, history: &History) -> &'static str {
    let led = history.led.last().and_then(|(_, led)| *led);
    if action.lifts() {
        "nothing-to-lift"
    } else if led.is_some_and(|led| group.scenario().done_to(led, action).is_none()) {
        "same-replica"
    } else {
        "nobody-leads"
    }
}

fn power(part: PartId, change: PowerChange) -> Fact {
    let part = part.0;
    match change {
        PowerChange::Tripped => counts!("tripped", part),
        PowerChange::Drained => counts!("drained", part),
        PowerChange::Started => counts!("generates", part),
        PowerChange::Moved => counts!("transferred", part),
    }
}

/// A server's cable, or the one between two switches that pose as one.
fn bundle(group: &Group, lane: LaneId, is_out: bool) -> Fact {
    let plant = group.plant();
    let lane = &plant.lanes()[usize::from(lane.0)];
    if matches!(plant.part(lane.from), Part::Server(_)) {
        let (server, switch) = (lane.from.0, lane.to.0);
        return match is_out {
            true => counts!("unbundled", server, switch),
            false => counts!("bundled", server, switch),
        };
    }
    let (switch, other) = (lane.to.0, lane.from.0);
    match is_out {
        true => counts!("switch-unheard", switch, other)
            .with("primary", group.active_faults().is_on_its_own(lane.to)),
        false => counts!("switch-heard", switch, other),
    }
}
