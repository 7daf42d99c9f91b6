//! What can be read off a world.

use std::sync::Arc;

use super::process::Process;
use super::{Answer, ConnectionState, Group};
use crate::clock::Micros;
use crate::fault::{ActiveFaults, ByzantineBehaviour, ReplicaId};
use crate::meter::{Exhausted, Meter};
use crate::network::Network;
use crate::plant::{PartId, Plant};
use crate::protocol::{Belief, Command, Replica, Timer};
use crate::scenario::Scenario;

impl Group {
    /// The scenario that it runs. What is done so far to whoever led is done there to that replica,
    /// or, where nobody led, to `leader` still: then nothing was done.
    pub const fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// The scenario as it is written.
    pub const fn written(&self) -> &Arc<Scenario> {
        &self.written
    }

    /// The plant.
    pub fn plant(&self) -> &Plant {
        &self.plant
    }

    /// The time of the last event.
    pub const fn now(&self) -> Micros {
        self.now
    }

    /// Acts performed so far.
    pub const fn acts_done(&self) -> u32 {
        self.acts_done
    }

    /// Events so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// What it was counted to take so far, and whether that was too much.
    #[inline(always)]
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// If it has come to a bound, to which and when.
    pub const fn exhausted(&self) -> Option<Exhausted> {
        self.meter.exhausted()
    }

    /// Somebody who watches keeps a change of belief for good.
    pub(crate) const fn count_belief(&mut self) {
        self.meter.believe();
    }

    /// About how many bytes a clone takes, checkpoints are weighed with it: entries are eight bytes.
    pub fn weight(&self) -> usize {
        let entries = self.held();
        let processes = self.processes.len() * size_of::<Process>();
        let network = self.processes.len().pow(2) * 96;
        let queue = self.queue.len() * 32;
        8 * usize::try_from(entries).unwrap_or(usize::MAX / 16)
            + processes
            + network
            + self.post.weight()
            + queue
            + self.tcp.as_ref().map_or(0, |tcp| tcp.weight())
            + self.front.as_ref().map_or(0, |front| front.weight())
    }

    /// Messages delivered so far.
    pub const fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Writes tried so far.
    pub const fn writes(&self) -> Command {
        self.clients.writes
    }

    /// The trace hash of everything up to now.
    pub const fn trace_hash(&self) -> u64 {
        self.hash
    }

    /// The faults in force.
    pub const fn active_faults(&self) -> &ActiveFaults {
        &self.active_faults
    }

    /// The ways between replicas.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Answers that were given since they were last taken.
    #[inline]
    pub fn has_answers(&self) -> bool {
        !self.clients.answers.is_empty() || !self.clients.served.is_empty()
    }

    /// Takes them, in order.
    pub fn take_answers(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.clients.answers)
    }

    /// The requests that the last event answered, of clients who come at a rate.
    pub fn take_served(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.clients.served)
    }

    /// Which try of clients who come at a rate is served, by the order in which they were made.
    pub fn served(&self) -> Option<u32> {
        self.front.as_ref()?.served()
    }

    /// How many replicas there are.
    pub fn replicas(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        let count = u8::try_from(self.processes.len()).expect("bounded by Bounds::REPLICAS");
        (0..count).map(ReplicaId)
    }

    /// A replica's state machine.
    #[inline]
    pub fn replica(&self, id: ReplicaId) -> &Replica {
        &self.processes[id.index()].replica
    }

    /// The server that a replica is on.
    pub fn server(&self, id: ReplicaId) -> PartId {
        self.processes[id.index()].server
    }

    /// True if a replica's process runs.
    #[inline]
    pub fn is_up(&self, id: ReplicaId) -> bool {
        self.processes[id.index()].up
    }

    /// True for a replica that was loyal all along: the others' claims count for nothing.
    #[inline]
    pub fn is_honest(&self, id: ReplicaId) -> bool {
        !self.processes[id.index()].has_lied
    }

    /// What a traitor does at the moment; nothing for those that are loyal.
    pub fn byzantine(&self, id: ReplicaId) -> &[ByzantineBehaviour] {
        self.processes[id.index()].traitor.as_ref().map_or(&[], |traitor| traitor.byzantine())
    }

    /// How often a replica has begun with empty disks, the first time included, or lost its data.
    #[inline]
    pub fn lives(&self, id: ReplicaId) -> u32 {
        self.processes[id.index()].lives
    }

    /// False if a mirror pair of its server died, and it has no new disks yet.
    #[inline]
    pub fn has_disk(&self, id: ReplicaId) -> bool {
        self.processes[id.index()].has_disk
    }

    /// True once a loss of power took what a replica had said it had, since nobody waits for disks.
    pub fn has_forgotten(&self, id: ReplicaId) -> bool {
        self.processes[id.index()].has_forgotten
    }

    /// How many lies were told so far, those that were censored included.
    pub const fn lies_told(&self) -> u32 {
        self.lies.told
    }

    /// From now on only the lies of these numbers, in order, are told; else the truth is, or nothing.
    pub fn tell_only(&mut self, lies: Arc<[u32]>) {
        self.lies.only = Some(lies);
    }

    /// What a replica believes; `None` while its process does not run.
    #[inline]
    pub fn belief(&self, id: ReplicaId) -> Option<Belief> {
        let process = &self.processes[id.index()];
        process.up.then(|| process.replica.belief())
    }

    /// When `id` last heard from `from`, if it has.
    pub fn heard(&self, id: ReplicaId, from: ReplicaId) -> Option<Micros> {
        Some(self.processes[id.index()].heard[from.index()]).filter(|&at| at != Micros::NEVER)
    }

    /// How the connection stands over which one replica tells another, where there is one.
    pub fn connection(&self, from: ReplicaId, to: ReplicaId) -> Option<ConnectionState> {
        Some(self.tcp.as_ref()?.state((from, to)))
    }

    /// When a replica's election timer runs out, and how long it was set for.
    pub fn election_timer(&self, id: ReplicaId) -> Option<(Micros, Micros)> {
        let timers = &self.processes[id.index()].timers;
        Some((timers.deadline(Timer::Election)?, timers.length(Timer::Election)))
    }
}
