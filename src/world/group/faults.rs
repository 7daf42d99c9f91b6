//! The scenario's actions, and what follows from a fault of the plant.

use super::{EventKind, Group, Pending, Watch, due, new_replica};
use crate::belief::Beliefs;
use crate::clock::Micros;
use crate::fault::{Action, ByzantineBehaviour, ReplicaId};
use crate::network::Network;
use crate::plant::{LaneId, Part, PartId, ServerAt};
use crate::protocol::{Input, Mutant, Timer};
use crate::traitor::ByzantineReplica;

impl Group {
    /// The next action is due.
    #[cold]
    pub(super) fn perform_act(&mut self, sink: &mut Watch<'_>) -> EventKind {
        let number = self.acts_done;
        let act = self.known(number as usize);
        self.acts_done += 1;
        self.next_act = due(&self.scenario, self.acts_done);
        // What is done elsewhere on the plant is no part of the trace that a group has alone, nor
        // is what is done to nobody.
        if !act.is_open() && (self.is_alone || self.scenario.group().is_touched_by(&act)) {
            self.mix(6, u64::from(self.acts_felt), 0);
            self.acts_felt += 1;
        }
        if let Action::Wipe(server) = act {
            self.wipe(server, sink);
        }
        if self.active_faults.apply(&self.plant, self.now, &act) {
            self.follow_plant(sink);
        } else if !act.is_open() {
            self.perform_on_replicas(act, sink);
        }
        self.record_failures(matches!(act, Action::Order(_)));
        EventKind::Action(number)
    }

    /// The action of that number, done to whoever leads now where it says so, and to whom its fault
    /// was done to where it lifts one. It stays as it is written if there is nobody to do it to.
    #[inline(never)]
    fn known(&mut self, number: usize) -> Action {
        let act = self.scenario.actions[number].1;
        if !act.is_open() {
            return act;
        }
        let done = if act.lifts() {
            let fault = self
                .written
                .lifted(&self.written.lines(), number)
                .map(|fault| self.scenario.actions[fault].1);
            fault.filter(|fault| !fault.is_open()).and_then(|fault| fault.lifted_by())
        } else {
            self.led().and_then(|leader| self.scenario.done_to(leader, &act))
        };
        if let Some(done) = done {
            self.actions_mut()[number].1 = done;
        }
        done.unwrap_or(act)
    }

    /// The leader that a majority follows now.
    fn led(&self) -> Option<ReplicaId> {
        let mut beliefs = Beliefs::new(self.processes.len());
        for id in self.replicas() {
            beliefs.observe(id, self.belief(id));
        }
        beliefs.led()
    }

    /// An act that no part of the plant feels.
    fn perform_on_replicas(&mut self, act: Action, sink: &mut Watch<'_>) {
        if let Action::Elect(id) = act {
            self.push(Some(id), Input::Timeout(Timer::Election), sink);
        } else if let Action::Transfer(to) = act {
            self.push(self.newest_leader(), Input::Transfer(to), sink);
        } else if let Action::Order(order) = act {
            self.announce(order, sink);
        } else if let Action::Betray { replica, byzantine } = act {
            self.betray(replica, byzantine);
        } else if let Action::Loyal(replica) = act {
            self.processes[replica.index()].traitor = None;
        } else {
            panic!("{act} is done to nobody");
        }
    }

    /// Gives a replica an input that somebody outside the protocol thought of, if it listens.
    pub(super) fn push(&mut self, id: Option<ReplicaId>, input: Input<'_>, sink: &mut Watch<'_>) {
        if let Some(id) = id.filter(|&id| self.listens(id)) {
            self.tell(id, input, sink);
        }
    }

    /// All that follows from a fault of the plant that was inflicted or lifted.
    fn follow_plant(&mut self, sink: &mut Watch<'_>) {
        self.await_rebuilds();
        self.await_bundles();
        self.await_power();
        self.network = Network::new(&self.scenario, &self.plant, &self.active_faults);
        for id in self.replicas() {
            self.follow_server(id, sink);
        }
    }

    /// Those that began now, or went on, will end.
    fn await_rebuilds(&mut self) {
        for one in self.active_faults.rebuilds().iter().filter(|one| one.since == self.now) {
            self.queue.push(one.ends(), Pending::Rebuilt(one.disk));
        }
    }

    /// A disk may have been rebuilt.
    #[cold]
    pub(super) fn end_rebuild(&mut self, disk: PartId) -> Option<EventKind> {
        if !self.active_faults.end_rebuild(disk, self.now) {
            return None;
        }
        // As with actions, what happens elsewhere on the plant is no part of the trace.
        let act = Action::Restore(self.plant.part(disk));
        if self.is_alone || self.scenario.group().is_touched_by(&act) {
            self.mix(13, u64::from(disk.0), 0);
        }
        Some(EventKind::Rebuilt(disk))
    }

    /// Asks to be told when the power chain may change of its own.
    pub(super) fn await_power(&mut self) {
        let due = self.active_faults.power_due();
        if due < Micros::NEVER {
            self.queue.push(due, Pending::Power);
        }
    }

    /// The power chain changes of its own, if that is still due.
    #[cold]
    pub(super) fn change_power(&mut self, sink: &mut Watch<'_>) -> Option<EventKind> {
        self.active_faults.reach(self.now);
        let (part, change) = self.active_faults.change_power(&self.plant)?;
        let is_felt = self.scenario.group().hangs_on(self.plant.part(part));
        if self.is_alone || is_felt {
            self.mix(15, change as u64, 0);
        }
        self.follow_plant(sink);
        self.record_failures(false);
        Some(EventKind::Power { part, change })
    }

    /// What LACP began to notice now will come to its end.
    fn await_bundles(&mut self) {
        for (one, at) in self.active_faults.bundles(&self.plant) {
            if one.since == self.now && at < Micros::NEVER {
                self.queue.push(at, Pending::Bundle(one.lane));
            }
        }
    }

    /// LACP may take a cable out of its bundle, or put it back.
    #[cold]
    pub(super) fn change_bundle(
        &mut self,
        lane: LaneId,
        sink: &mut Watch<'_>,
    ) -> Option<EventKind> {
        let is_out = self.active_faults.change_bundle(&self.plant, lane, self.now)?;
        let server = self.plant.part(self.plant.lanes()[usize::from(lane.0)].from);
        if self.is_alone || self.scenario.group().is_touched_by(&Action::Restore(server)) {
            self.mix(14, u64::from(lane.0), u64::from(is_out));
        }
        self.follow_plant(sink);
        Some(EventKind::Bundle { lane, is_out })
    }

    /// The replicas of a server stop, and are as they were before they ever ran.
    fn wipe(&mut self, server: ServerAt, sink: &mut Watch<'_>) {
        let part = self.plant.expect(Part::Server(server));
        for id in self.replicas() {
            if self.server(id) != part {
                continue;
            }
            self.stop(id, sink);
            self.release_held(id);
            let new = new_replica(&self.scenario, id);
            self.processes[id.index()].wipe(new);
        }
    }

    fn betray(&mut self, id: ReplicaId, byzantine: ByzantineBehaviour) {
        let replicas = self.processes.len();
        let process = &mut self.processes[id.index()];
        if !process.has_lied {
            self.queue.push(self.now + self.scenario.group().heartbeat, Pending::Mischief(id));
        }
        process
            .traitor
            .get_or_insert_with(|| Box::new(ByzantineReplica::new(replicas)))
            .adds(byzantine);
        process.has_lied = true;
    }

    /// Brings a replica's process in line with what its server allows.
    fn follow_server(&mut self, id: ReplicaId, sink: &mut Watch<'_>) {
        let process = &mut self.processes[id.index()];
        if process.has_disk && self.active_faults.has_lost_data(process.server) {
            process.has_disk = false;
            process.lives += 1;
        }
        let runs = self.active_faults.runs(process.server);
        let paused = self.active_faults.paused(process.server) && runs;
        if process.up && !runs {
            self.stop(id, sink);
        }
        if !self.active_faults.alive(self.server(id)) {
            self.lose_unwritten(id);
        }
        self.follow_disk(id);
        let process = &mut self.processes[id.index()];
        let resumed = process.paused && !paused;
        process.paused = paused;
        if resumed || !process.up {
            self.release_held(id);
            if resumed && self.tcp.is_some() {
                self.make_room(id);
            }
            self.say_what_is_ready(id, sink);
        }
        let process = &mut self.processes[id.index()];
        if !process.up && runs {
            process.up = true;
            if self.tcp.is_some() {
                self.connect(id);
            }
            self.tell(id, Input::Start, sink);
        }
    }

    /// A replica's process ends.
    fn stop(&mut self, id: ReplicaId, sink: &mut Watch<'_>) {
        let forgets = !self.scenario.group().protocol.has_disks();
        let process = &mut self.processes[id.index()];
        let was_up = process.up;
        process.stop(forgets);
        if Mutant::SkipSync.is_made() {
            process.replica = new_replica(&self.scenario, id);
        }
        if was_up && self.tcp.is_some() {
            self.hang_up(id, sink);
        }
    }

    /// What waited arrives now, in order (and is lost if the process is gone), then the timers.
    fn release_held(&mut self, id: ReplicaId) {
        for place in self.processes[id.index()].take_held() {
            self.queue.push(self.now, Pending::Deliver(place));
        }
        for timer in Timer::ALL {
            if self.processes[id.index()].timers.take_overdue(timer) {
                self.start_timer(id, timer, Micros::ZERO);
            }
        }
    }
}
