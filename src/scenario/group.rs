//! A consensus group of a scenario: its replicas, what they speak, and who asks them for what.

use std::sync::Arc;

use super::repeat::Repeat;
use super::{Clients, DatabaseCluster, Disk, Scenario, Transport};
use crate::clock::{Micros, Span};
use crate::fault::{Action, Ends, Link, Object, ReplicaId};
use crate::plant::{Part, ServerAt};
use crate::protocol::generals::withstands;
use crate::protocol::{Protocol, ReadMode};

/// One `cluster` and what is said of it. Its replicas are n1, n2, … within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// What it runs.
    pub protocol: Protocol,
    /// How many liars it is set up for, where the text says so: f of n = 3f + 1, or the generals'
    /// m; else [`Protocol::tolerated`].
    pub tolerate: Option<u8>,
    /// The servers of replicas n1, n2, …; no server twice.
    pub members: Vec<ServerAt>,
    /// What replicas are called, where they have a name, in order.
    pub names: Vec<(ReplicaId, String)>,
    /// The leader's sign of life.
    pub heartbeat: Micros,
    /// The range of every replica's election timeout, unless overridden.
    pub election: Span,
    /// Replicas with a range of their own, in order, each once.
    pub election_of: Vec<(ReplicaId, Span)>,
    /// Replicas whose clocks are wrong, in order, each once: how fast they run, in percent of the
    /// true time.
    pub clocks: Vec<(ReplicaId, u8)>,
    /// The number that fixes all chance.
    pub seed: u32,
    /// How often a client tries a write, if one does.
    pub write_every: Option<Micros>,
    /// How long a client waits for a write, if the text says so: see [`Group::patience`].
    pub patience: Option<Micros>,
    /// Clients who come at a rate, and what serves them.
    pub clients: Option<Clients>,
    /// Database clusters whose manager keeps its leases in the group.
    pub databases: Vec<DatabaseCluster>,
    /// How often a client asks for a read, if one does, and how it is answered.
    pub read: Option<(Micros, ReadMode)>,
    /// The disks of its servers.
    pub disk: Disk,
    /// What carries its messages.
    pub transport: Transport,
}

impl Group {
    /// How many replicas it has.
    pub fn replicas(&self) -> u8 {
        u8::try_from(self.members.len()).expect("bounded by Bounds::REPLICAS")
    }

    /// How many liars it is set up for.
    pub fn tolerated(&self) -> u8 {
        self.tolerate.unwrap_or_else(|| self.protocol.tolerated(self.replicas()))
    }

    /// How many liars it really stands: fewer than it is set up for, if it is an army of generals
    /// too small for oral messages.
    pub fn withstands(&self) -> u8 {
        let tolerated = self.tolerated();
        let mode = self.protocol.generals();
        mode.map_or(tolerated, |mode| withstands(mode, self.replicas(), tolerated))
    }

    /// How long a client waits for a write to be committed before it is no longer served by it.
    pub fn patience(&self) -> Micros {
        let of_rate = self.clients.map(|clients| clients.patience());
        self.patience.or(of_rate).unwrap_or(Scenario::PATIENCE)
    }

    /// Lets one client write so often, or nobody, in place of whoever did.
    pub fn let_write(&mut self, every: Option<Micros>) {
        (self.write_every, self.clients) = (every, None);
        if every.is_none() {
            self.databases.clear();
        }
    }

    /// True if clients write.
    pub const fn is_written(&self) -> bool {
        self.write_every.is_some() || self.clients.is_some()
    }

    /// Five of the longest election timeouts: after so much calm, trouble is over.
    pub fn calm(&self) -> Micros {
        Micros(5 * self.longest_election_timeout().0)
    }

    /// True if an action is done to its replicas, to their servers, or to what these hang on.
    pub fn is_touched_by(&self, act: &Action) -> bool {
        let object = act.object();
        match object {
            _ if object.names_replicas() => true,
            Object::Link { link: Link { ends: Ends::Lane(part, _), .. }, .. }
            | Object::Impaired { link: Link { ends: Ends::Lane(part, _), .. }, .. }
            | Object::Flows { switch: part, .. }
            | Object::Part(part) => self.hangs_on(part),
            Object::Server(server) | Object::Volume { server, .. } => {
                self.servers().any(|other| other == server)
            }
            Object::Link { link: Link { ends: Ends::Flow(..), .. }, .. }
            | Object::Impaired { link: Link { ends: Ends::Flow(..), .. }, .. }
            | Object::VolumeOf { .. }
            | Object::Replica(_)
            | Object::Groups(_)
            | Object::ByzantineBehaviour { .. }
            | Object::Order(_) => true,
        }
    }

    /// The servers of its replicas, and of the databases that stand on it.
    fn servers(&self) -> impl Iterator<Item = ServerAt> {
        let databases = self.databases.iter().flat_map(|one| &one.members);
        self.members.iter().chain(databases).copied()
    }

    /// True if its servers, or what its packets cross, may have power by that part, be in it, or
    /// cross it.
    pub(crate) fn hangs_on(&self, part: Part) -> bool {
        match part {
            Part::Feed { .. }
            | Part::Spine { .. }
            | Part::Generator { .. }
            | Part::Ups { .. }
            | Part::Site(_)
            | Part::Wan { .. } => true,
            Part::Pdu { rack, .. }
            | Part::Tor { rack, .. }
            | Part::Ats { rack }
            | Part::Breaker { rack, .. } => self.servers().any(|server| server.rack == rack),
            Part::Server(server)
            | Part::Disk { server, .. }
            | Part::Nic { server, .. }
            | Part::Psu { server, .. } => self.servers().any(|other| other == server),
        }
    }

    /// The longest election timeout of any replica, the yardstick of a run: in true time, as long
    /// as it takes by a clock that is slow.
    pub fn longest_election_timeout(&self) -> Micros {
        let own = self.election_of.iter().map(|(_, span)| *span.end());
        let wrong = self.clocks.iter();
        let wrong = wrong.map(|&(id, percent)| true_time(*self.election_of(id).end(), percent));
        own.chain(wrong).fold(*self.election.end(), Micros::max)
    }

    /// The shortest election timeout of any replica, in true time.
    pub fn shortest_election_timeout(&self) -> Micros {
        let wrong = self.clocks.iter();
        let wrong = wrong.map(|&(id, percent)| true_time(*self.election_of(id).start(), percent));
        wrong.fold(self.shortest_election_timeout_by_clock(), Micros::min)
    }

    /// The same as a replica knows it, who takes all clocks for right: as long as a lease lasts.
    pub fn shortest_election_timeout_by_clock(&self) -> Micros {
        let own = self.election_of.iter().map(|(_, span)| *span.start());
        own.fold(*self.election.start(), Micros::min)
    }

    /// How fast a replica's clock runs, in percent of the true time.
    pub fn clock_percent(&self, replica: ReplicaId) -> u8 {
        let own = self.clocks.iter().find(|(other, _)| *other == replica);
        own.map_or(100, |(_, percent)| *percent)
    }

    /// The election timeout range of a replica.
    pub fn election_of(&self, replica: ReplicaId) -> &Span {
        let own = self.election_of.iter().find(|(other, _)| *other == replica);
        own.map_or(&self.election, |(_, span)| span)
    }
}

/// How long it takes until a clock that runs so fast, in percent, has counted that much.
pub fn true_time(counted: Micros, percent: u8) -> Micros {
    Micros((counted.0 * 100).div_ceil(u64::from(percent)))
}

impl Scenario {
    /// The scenario as that group sees it: it stands on the plant alone, and of what is done, what
    /// is done to others' replicas is left out.
    #[must_use]
    pub fn alone(self: &Arc<Self>, number: usize) -> Arc<Self> {
        if self.groups.len() == 1 {
            return Arc::clone(self);
        }
        let mut alone = Self::clone(self);
        alone.groups = vec![self.groups[number].clone()];
        let actions = self.actions.iter();
        let actions = actions.filter_map(|(at, act)| Some((*at, self.act_in(number, act)?)));
        alone.actions = actions.collect();
        let repeats = self.repeats.iter();
        let repeats =
            repeats.filter_map(|one| Some(Repeat { act: self.act_in(number, &one.act)?, ..*one }));
        alone.repeats = repeats.collect();
        Arc::new(alone)
    }

    /// The number, over all groups, of a group's first replica: actions count so. In groups that
    /// are too many, whose numbers mean nothing, no more than a number can be.
    pub fn first(&self, number: usize) -> u8 {
        self.groups[..number].iter().map(Group::replicas).fold(0, u8::saturating_add)
    }

    /// An action as that group sees it; `None` if it is done to others.
    pub fn act_in(&self, number: usize, act: &Action) -> Option<Action> {
        let group = &self.groups[number];
        if matches!(act, Action::Order(_)) && !group.protocol.is_generals() {
            return None;
        }
        let first = self.first(number);
        act.renumbered(first..first.saturating_add(group.replicas()), 0)
    }

    /// The group that an action is done in, and the action as that sees it; of one that concerns
    /// all the first, of an order the first of generals.
    pub(super) fn group_of(&self, act: &Action) -> (usize, Action) {
        let seen = |number| Some((number, self.act_in(number, act)?));
        (0..self.groups.len()).find_map(seen).unwrap_or((0, *act))
    }

    /// An action as the text writes it: of several groups, with the one that it is done in.
    pub fn action_text(&self, act: &Action) -> String {
        let (number, own) = self.group_of(act);
        let called = self.called(number, &own.to_string());
        if self.groups.len() > 1 && own.object().names_replicas() {
            return format!("in {} {called}", self.groups[number].name);
        }
        called
    }
}
