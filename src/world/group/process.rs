//! A replica's process on its server: its timers, what waits for it, and how often it began anew.

use super::disk::Disk;
use super::post::Post;
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::plant::PartId;
use crate::protocol::{Replica, Timer};
use crate::scenario;
use crate::traitor::ByzantineReplica;

/// Packets that wait for a process that stands still; one more is lost, as with a full socket.
const HELD_MAX: usize = 1_024;

/// A replica on its server.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) replica: Replica,
    pub(super) server: PartId,
    pub(super) up: bool,
    pub(super) paused: bool,
    pub(super) timers: Timers,
    /// Envelopes that arrived while it stood still.
    held: Vec<u32>,
    /// When it last heard from each replica; never, if it has not.
    pub(super) heard: Vec<Micros>,
    /// What it does to what it says, if it lies.
    pub(super) traitor: Option<Box<ByzantineReplica>>,
    /// True from its first lie on, also when it is loyal again.
    pub(super) has_lied: bool,
    /// How often it has begun with empty disks, or lost what was on them.
    pub(super) lives: u32,
    /// False from the death of a mirror pair on, until it gets new disks.
    pub(super) has_disk: bool,
    /// True once it lost what it had said it had.
    pub(super) has_forgotten: bool,
    /// Where disks take time.
    pub(super) disk: Option<Box<Disk>>,
    /// How fast its clock runs, in percent of the true time.
    pub(super) clock_percent: u8,
}

impl Process {
    /// One of that group that has not started yet.
    pub(super) fn new(replica: Replica, server: PartId, group: &scenario::Group) -> Self {
        let replicas = group.members.len();
        Self {
            disk: Disk::under(&replica, group),
            replica,
            server,
            up: true,
            paused: false,
            timers: Timers { alarms: [OFF; Timer::COUNT], overdue: [false; Timer::COUNT] },
            held: Vec::new(),
            heard: vec![Micros::NEVER; replicas],
            traitor: None,
            has_lied: false,
            lives: 1,
            has_disk: true,
            has_forgotten: false,
            clock_percent: 100,
        }
    }

    /// True if it runs and does not stand still.
    #[inline]
    pub(super) const fn listens(&self) -> bool {
        self.up && !self.paused
    }

    /// Keeps an envelope until it goes on; false if it is full.
    pub(super) fn holds(&mut self, place: u32) -> bool {
        let has_room = self.held.len() < HELD_MAX;
        if has_room {
            self.held.push(place);
        }
        has_room
    }

    /// How many of these are from that replica.
    pub(super) fn held_from(&self, from: ReplicaId, post: &Post) -> u32 {
        let own = self.held.iter().filter(|&&place| post.at(place).from == from);
        u32::try_from(own.count()).expect("at most HELD_MAX")
    }

    /// What it has kept, in order.
    pub(super) fn take_held(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.held)
    }

    /// It ends, and its timers with it. `forgets` if its disks do not keep what it knew.
    pub(super) fn stop(&mut self, forgets: bool) {
        self.lives += u32::from(forgets && self.up);
        self.up = false;
        self.replica.crash();
        self.timers.stop();
        if let Some(disk) = &mut self.disk {
            disk.fall_silent();
        }
    }

    /// Its disks are replaced: `new` has never run.
    pub(super) fn wipe(&mut self, new: Replica) {
        self.replica.wipe(new);
        if let Some(disk) = &mut self.disk {
            disk.renew(&self.replica);
        }
        self.lives += 1;
        self.has_disk = true;
    }
}

/// A timer. It stays in the queue when it is set anew, and is looked at when its old time comes: a
/// heartbeat that restarts an election timer costs no queue operation.
#[derive(Clone, Copy, Debug)]
struct TimerState {
    /// When it runs out; never, if it is off.
    deadline: Micros,
    /// The length it was last set to.
    length: Micros,
    /// The time at which the queue will look at it; never, if the queue does not hold it.
    queued: Micros,
}

const OFF: TimerState =
    TimerState { deadline: Micros::NEVER, length: Micros::ZERO, queued: Micros::NEVER };

/// The timers of a process.
#[derive(Clone, Debug)]
pub(super) struct Timers {
    alarms: [TimerState; Timer::COUNT],
    /// Those that ran out while it stood still.
    overdue: [bool; Timer::COUNT],
}

/// What comes of a look at a timer.
pub(super) enum Look {
    /// It is not due, or it is and its process stands still.
    Quiet,
    /// It was set anew: look again then.
    Later(Micros),
    /// It has run out.
    Out,
}

impl Timers {
    /// Sets the length of a timer that is about to be started.
    #[inline(always)]
    pub(super) const fn set_length(&mut self, timer: Timer, length: Micros) {
        self.alarms[timer.index()].length = length;
    }

    /// The length that it was last set to.
    #[inline(always)]
    pub(super) const fn length(&self, timer: Timer) -> Micros {
        self.alarms[timer.index()].length
    }

    /// Starts a timer; when the queue has to look at it, unless it will anyway.
    #[inline(always)]
    pub(super) fn start(&mut self, timer: Timer, now: Micros, length: Micros) -> Option<Micros> {
        let alarm = &mut self.alarms[timer.index()];
        alarm.deadline = now + length;
        let sooner = alarm.deadline < alarm.queued;
        if sooner {
            alarm.queued = alarm.deadline;
        }
        sooner.then_some(alarm.deadline)
    }

    /// Stops one.
    #[inline(always)]
    pub(super) const fn cancel(&mut self, timer: Timer) {
        self.alarms[timer.index()].deadline = Micros::NEVER;
    }

    fn stop(&mut self) {
        self.overdue = [false; Timer::COUNT];
        for alarm in &mut self.alarms {
            alarm.deadline = Micros::NEVER;
        }
    }

    /// The queue looks at a timer.
    #[inline(always)]
    pub(super) fn look(&mut self, timer: Timer, now: Micros, paused: bool) -> Look {
        let alarm = &mut self.alarms[timer.index()];
        if alarm.queued != now {
            return Look::Quiet;
        }
        alarm.queued = Micros::NEVER;
        if alarm.deadline > now {
            if alarm.deadline == Micros::NEVER {
                return Look::Quiet;
            }
            alarm.queued = alarm.deadline;
            return Look::Later(alarm.deadline);
        }
        alarm.deadline = Micros::NEVER;
        if paused {
            self.overdue[timer.index()] = true;
            return Look::Quiet;
        }
        Look::Out
    }

    /// When the look that is queued for `at` becomes an event if nothing else does before, if it
    /// does: as in [`Self::look`], it may have been set anew, or called off, since it was queued.
    pub(super) fn runs_out(&self, timer: Timer, at: Micros) -> Option<Micros> {
        let alarm = &self.alarms[timer.index()];
        (alarm.queued == at).then(|| self.deadline(timer))?
    }

    /// When it runs out, if it runs.
    pub(super) fn deadline(&self, timer: Timer) -> Option<Micros> {
        Some(self.alarms[timer.index()].deadline).filter(|&at| at < Micros::NEVER)
    }

    /// True if it ran out while its process stood still; once.
    pub(super) const fn take_overdue(&mut self, timer: Timer) -> bool {
        std::mem::replace(&mut self.overdue[timer.index()], false)
    }
}
