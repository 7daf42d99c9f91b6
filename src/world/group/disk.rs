//! What a process has written and its disk has not kept yet, where disks take time.
//!
//! What a step changes of what must be durable ([`Replica::written`]) is a write, and what the step
//! says waits for the end of that write; so does whatever is said after it, in order, but for signs
//! of life, which vouch for nothing on disk. Timers run on. What is written while the disk is busy
//! goes with the next write, as in a group commit. If the server loses its power before the end,
//! the write is lost, and nobody was told of it; a process that ends loses what it had still to
//! say, and its kernel goes on writing.
//!
//! A group of one waits for nothing: it has nobody to tell.
//!
//! Where syncing is lazy nothing waits: what was written is said at once, and is on disk a while
//! later. Then a loss of power takes what was promised.

use super::{Effect, EventKind, Group, Pending, Watch};
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::protocol::Replica;
use crate::protocol::log::LogMark;
use crate::scenario;

/// The disk under a replica.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    /// What would be found after a loss of power.
    kept: Replica,
    /// As of the last write.
    written: (Option<u64>, LogMark),
    sync: Option<Sync>,
    /// True if more was written since that began.
    more: bool,
    /// What is still to be said, in order.
    waiting: Vec<Effect>,
    /// How much of it hangs on the write under way and those before.
    batch: usize,
    /// How much of it waits for nothing but that the process goes on.
    ready: usize,
}

/// A write under way.
#[derive(Clone, Debug)]
struct Sync {
    /// Never, if the disk hangs.
    ends: Micros,
    /// What it writes; where syncing is lazy, whatever there is when it ends.
    image: Option<Replica>,
}

impl Disk {
    /// That of a group whose disks take time, with all on it; else none.
    pub(super) fn under(replica: &Replica, group: &scenario::Group) -> Option<Box<Self>> {
        let takes_time = group.disk.takes_time() || group.disk.lazy.is_some();
        (takes_time && Self::matters(group)).then(|| Box::new(Self::new(replica)))
    }

    /// True if anything in that group waits for disks, or forgets what it did not wait for.
    fn matters(group: &scenario::Group) -> bool {
        group.protocol.waits_for_disks() && (group.replicas() > 1 || group.disk.lazy.is_some())
    }

    fn new(replica: &Replica) -> Self {
        Self {
            kept: replica.clone(),
            written: mark(replica),
            sync: None,
            more: false,
            waiting: Vec::new(),
            batch: 0,
            ready: 0,
        }
    }

    /// Whether a step that asks for those effects has written something.
    fn notes(&mut self, replica: &Replica, effects: &[Effect]) -> bool {
        let now = mark(replica);
        let before = std::mem::replace(&mut self.written, now);
        before != now || now.0.is_none() && effects.iter().any(|effect| waits(effect, false))
    }

    /// When the write under way ends.
    pub(super) fn ends(&self) -> Option<Micros> {
        self.sync.as_ref().map(|sync| sync.ends)
    }

    /// The process ends: what it had still to say is not said.
    pub(super) fn fall_silent(&mut self) {
        self.waiting.clear();
        (self.batch, self.ready) = (0, 0);
    }

    /// Its disks are replaced.
    pub(super) fn renew(&mut self, replica: &Replica) {
        *self = Self::new(replica);
    }

    /// The power is gone: what is found afterwards, if that is not all that was written.
    pub(super) fn lose(&mut self) -> Option<Replica> {
        self.sync.take()?;
        self.more = false;
        self.fall_silent();
        let mut found = self.kept.clone();
        found.crash();
        self.written = mark(&found);
        Some(found)
    }

    /// How much it keeps, for the meter.
    pub(super) fn held(&self) -> u64 {
        let said = |effect: &Effect| match effect {
            Effect::Send { entries, .. } => 1 + u64::from(*entries),
            Effect::SetTimer { .. }
            | Effect::RestartTimer(_)
            | Effect::CancelTimer(_)
            | Effect::Answer { .. } => 0,
        };
        let image = self.sync.as_ref().and_then(|sync| sync.image.as_ref());
        let image = image.map_or(0, Replica::held);
        self.kept.held() + image + self.waiting.iter().map(said).sum::<u64>()
    }
}

/// What tells whether something is to be written. Where all is on disk before it is said, what is
/// decided is, too.
fn mark(replica: &Replica) -> (Option<u64>, LogMark) {
    let written = replica.written();
    let log = if written.is_none() { replica.log().mark() } else { LogMark::default() };
    (written, log)
}

/// True for what waits for the disk: of a step that wrote all that is said, else all that vouches
/// for something.
fn waits(effect: &Effect, wrote: bool) -> bool {
    match effect {
        Effect::Send { message, .. } => wrote || !message.is_sign_of_life(),
        Effect::SetTimer { .. }
        | Effect::RestartTimer(_)
        | Effect::CancelTimer(_)
        | Effect::Answer { .. } => false,
    }
}

impl Group {
    /// Of what a replica has just asked for, keeps back what must wait for its disk.
    #[cold]
    pub(super) fn hold_back(&mut self, id: ReplicaId) {
        let process = &mut self.processes[id.index()];
        let Some(disk) = &mut process.disk else { return };
        let wrote = disk.notes(&process.replica, &self.effects);
        let is_busy = disk.sync.is_some();
        if self.scenario.group().disk.lazy.is_some() {
            if wrote && !is_busy {
                self.begin_sync(id);
            }
            return;
        }
        if !wrote && !is_busy {
            return;
        }
        for effect in std::mem::take(&mut self.effects) {
            let to = if waits(&effect, wrote) { &mut disk.waiting } else { &mut self.effects };
            to.push(effect);
        }
        if is_busy {
            disk.more |= wrote;
        } else {
            self.begin_sync(id);
        }
    }

    fn begin_sync(&mut self, id: ReplicaId) {
        let ends = self.write_ends(id);
        let is_lazy = self.scenario.group().disk.lazy.is_some();
        let process = &mut self.processes[id.index()];
        let Some(disk) = &mut process.disk else { return };
        let image = (!is_lazy).then(|| process.replica.clone());
        self.meter.copy(image.as_ref().map_or(0, Replica::held));
        disk.sync = Some(Sync { ends, image });
        (disk.more, disk.batch) = (false, disk.waiting.len());
        if ends < Micros::NEVER {
            self.queue.push(ends, Pending::Synced(id));
        }
    }

    /// When a write that begins now ends; never, if the disk hangs.
    fn write_ends(&mut self, id: ReplicaId) -> Micros {
        let server = self.server(id);
        let scenario::Disk { ref latency, lazy } = self.scenario.group().disk;
        let (from, to) = (*latency.start(), *latency.end());
        let by = self.active_faults.slowed(server) + lazy.unwrap_or(Micros::ZERO);
        if self.active_faults.stalled(server) {
            return Micros::NEVER;
        }
        let latency = if from == to { from } else { self.rng.span(from, to) };
        // A rebuild takes half of what its server's disks can do.
        let shares = self.active_faults.rebuilds().iter().any(|one| one.server == server);
        self.now + by + latency + if shares { latency } else { Micros::ZERO }
    }

    /// Its disk hangs or goes on, or is slow from now on.
    pub(super) fn follow_disk(&mut self, id: ReplicaId) {
        let server = self.server(id);
        let hangs = self.active_faults.stalled(server);
        let is_ill = hangs || self.active_faults.slowed(server) > Micros::ZERO;
        let process = &mut self.processes[id.index()];
        if process.disk.is_none() && is_ill && Disk::matters(self.scenario.group()) {
            process.disk = Some(Box::new(Disk::new(&process.replica)));
        }
        let Some(sync) = process.disk.as_mut().and_then(|disk| disk.sync.as_mut()) else { return };
        if hangs {
            sync.ends = Micros::NEVER;
        } else if sync.ends == Micros::NEVER {
            let ends = self.write_ends(id);
            let disk = self.processes[id.index()].disk.as_mut();
            if let Some(sync) = disk.and_then(|disk| disk.sync.as_mut()) {
                sync.ends = ends;
                self.queue.push(ends, Pending::Synced(id));
            }
        }
    }

    /// A write may have ended: what it held up is said.
    #[cold]
    pub(super) fn end_sync(&mut self, id: ReplicaId, sink: &mut Watch<'_>) -> Option<EventKind> {
        let now = self.now;
        let process = &mut self.processes[id.index()];
        let disk = process.disk.as_mut()?;
        let sync = disk.sync.take_if(|sync| sync.ends == now)?;
        if sync.image.is_none() {
            self.meter.copy(process.replica.held());
        }
        disk.kept = sync.image.unwrap_or_else(|| process.replica.clone());
        let more = disk.more;
        disk.ready = if more { disk.batch } else { disk.waiting.len() };
        self.mix(12, u64::from(id.0), 0);
        if more {
            self.begin_sync(id);
        }
        self.say_what_is_ready(id, sink);
        Some(EventKind::Synced(id))
    }

    /// Says what waits for nothing any more, if the process does not stand still.
    pub(super) fn say_what_is_ready(&mut self, id: ReplicaId, sink: &mut Watch<'_>) {
        let process = &mut self.processes[id.index()];
        if !process.listens() {
            return;
        }
        let Some(disk) = &mut process.disk else { return };
        let ready = std::mem::take(&mut disk.ready);
        disk.batch = disk.batch.saturating_sub(ready);
        self.effects.extend(disk.waiting.drain(..ready));
        self.perform_now(id, sink);
    }

    /// A server has no power: what was not on disk yet is lost.
    pub(super) fn lose_unwritten(&mut self, id: ReplicaId) {
        let process = &mut self.processes[id.index()];
        if let Some(found) = process.disk.as_mut().and_then(|disk| disk.lose()) {
            process.replica = found;
            process.lives += 1;
            process.has_forgotten |= self.scenario.group().disk.lazy.is_some();
        }
    }
}
