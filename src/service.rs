//! What stands on a group: clients that come at a rate, try again and give up, and the queue in
//! front of what serves them. It knows no world: it is told what happens, and says what is next.
//!
//! The model is the one of "Metastable Failures in Distributed Systems" (Bronson et al., `HotOS`
//! '21, section 2): arrivals do not slow down when answers do (an open loop), a client that gave up
//! tries again, and whoever serves does not know that it gave up, so it works for nobody.

pub mod database;

use std::collections::VecDeque;

use crate::clock::Micros;
use crate::protocol::Command;
use crate::rng::Rng;
use crate::scenario::{Clients, Order};

/// Makes a stream of chance of its own of a group's seed, so that clients take nothing of what
/// timers and packets draw.
const STREAM: u32 = 0x5eed_c11e;

/// Why a request failed: what its last try met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Failure {
    /// The queue was full, and refused it.
    QueueFull,
    /// It waited in the queue for the larger part of its timeout.
    Queue,
    /// The same, where retries kept the queue from running empty.
    RetryStorm,
    /// When its turn came nobody led.
    NoLeader,
    /// A leader had it, and it was not committed in time.
    NotCommitted,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::QueueFull, Self::Queue, Self::RetryStorm, Self::NoLeader, Self::NotCommitted];

    /// For scripts and the catalogue of words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QueueFull => "queue-full",
            Self::Queue => "queue",
            Self::RetryStorm => "retry-storm",
            Self::NoLeader => "no-leader",
            Self::NotCommitted => "not-committed",
        }
    }
}

/// A try of a request: its number, and the place where it is kept until its client gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Try {
    slot: u32,
    number: u32,
}

/// How a try stands.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Nobody waits for it: the place may be used again.
    Free,
    /// Refused.
    Refused,
    /// In the queue.
    Waiting,
    /// Its turn has come.
    Served,
    /// Given to the group.
    Proposed { at: Micros, led: bool },
    /// Answered in time.
    Answered,
    /// Given up, and tried again later.
    Resting,
}

#[derive(Clone, Debug)]
struct Kept {
    number: u32,
    request: u32,
    tries: u32,
    sent: Micros,
    /// What went before it; as long as it waits for those who come later, what had come by then.
    load: Load,
    state: State,
}

/// Tries that came, and how many of them were retries.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    tries: u32,
    retries: u32,
}

/// Clients of a group, and the queue in front of it.
#[derive(Clone, Debug)]
pub struct Front {
    clients: Clients,
    rng: Rng,
    requests: u32,
    numbers: u32,
    tries: Vec<Kept>,
    free: Vec<u32>,
    /// Those that wait, the one that came first in front; and which of them are retries.
    queue: VecDeque<(Try, bool)>,
    /// The one that is served.
    served: Option<(Try, bool)>,
    /// What waits, the one that is served included: all of them have a place in the queue.
    waiting: Load,
    /// What has come so far and was not refused.
    came: Load,
    /// Those that the group has, in order of their commands.
    proposed: VecDeque<(Command, Try)>,
}

impl Front {
    /// Nobody has come yet.
    pub fn new(clients: Clients, seed: u32) -> Self {
        Self {
            clients,
            rng: Rng::new(seed ^ STREAM),
            requests: 0,
            numbers: 0,
            tries: Vec::new(),
            free: Vec::new(),
            queue: VecDeque::new(),
            served: None,
            waiting: Load::default(),
            came: Load::default(),
            proposed: VecDeque::new(),
        }
    }

    /// How long it is from one client to the next.
    pub fn gap(&mut self) -> Micros {
        let rate = u64::from(self.clients.per_second);
        // Of whole seconds and 2^32 parts of one, as if one came in a second.
        let (whole, part) = exponential(&mut self.rng);
        let micros = whole * 1_000_000 + ((part * 1_000_000) >> 32);
        Micros((micros / rate).max(1))
    }

    /// A new request, by its number from 1, and its first try.
    pub fn arrive(&mut self, now: Micros) -> (u32, Try) {
        self.requests += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.tries.push(Kept {
                number: 0,
                request: 0,
                tries: 0,
                sent: now,
                load: Load::default(),
                state: State::Free,
            });
            u32::try_from(self.tries.len() - 1).expect("bounded by Bounds::WRITES")
        });
        let kept = &mut self.tries[slot as usize];
        (kept.request, kept.tries) = (self.requests, 0);
        (self.requests, self.send(slot, now))
    }

    /// The next try of the request in that place, and the request's number.
    pub fn send_again(&mut self, slot: u32, now: Micros) -> (u32, Try) {
        (self.tries[slot as usize].request, self.send(slot, now))
    }

    fn send(&mut self, slot: u32, now: Micros) -> Try {
        self.numbers += 1;
        let one = Try { slot, number: self.numbers };
        let load = if self.is_fifo() { self.waiting } else { self.came };
        let state = self.enqueue(one, self.tries[slot as usize].tries > 0);
        let kept = &mut self.tries[slot as usize];
        kept.tries += 1;
        (kept.number, kept.sent, kept.load, kept.state) = (self.numbers, now, load, state);
        one
    }

    fn enqueue(&mut self, one: Try, is_retry: bool) -> State {
        if self.clients.database.is_some_and(|database| self.waiting.tries >= database.queue) {
            return State::Refused;
        }
        self.queue.push_back((one, is_retry));
        self.waiting.add(is_retry);
        self.came.add(is_retry);
        State::Waiting
    }

    fn is_fifo(&self) -> bool {
        self.clients.database.is_none_or(|database| matches!(database.order, Order::Fifo))
    }

    /// What went before a try while it waited: whoever waited when it came, or, where the last one
    /// is the next, whoever came later.
    fn before(&self, kept: &Kept) -> Load {
        if self.is_fifo() || !matches!(kept.state, State::Waiting) {
            return kept.load;
        }
        Load {
            tries: self.came.tries - kept.load.tries - 1,
            retries: self.came.retries - kept.load.retries - u32::from(kept.tries > 1),
        }
    }

    /// How long until its client gives a try up: at once, if it was refused.
    pub fn waits(&self, one: Try) -> Micros {
        match self.tries[one.slot as usize].state {
            State::Refused => Micros::ZERO,
            State::Free
            | State::Waiting
            | State::Served
            | State::Proposed { .. }
            | State::Answered
            | State::Resting => self.clients.timeout,
        }
    }

    /// Begins to serve the next that waits, if nobody is being served: how long that takes.
    pub fn begin(&mut self) -> Option<Micros> {
        if self.served.is_some() {
            return None;
        }
        let next = if self.is_fifo() { self.queue.pop_front() } else { self.queue.pop_back() };
        self.served = next;
        let (one, _) = next?;
        let kept = &self.tries[one.slot as usize];
        if kept.number == one.number && matches!(kept.state, State::Waiting) {
            let load = self.before(kept);
            let kept = &mut self.tries[one.slot as usize];
            (kept.load, kept.state) = (load, State::Served);
        }
        let rate = self.clients.database.map(|database| database.per_second);
        Some(Micros(rate.map_or(0, |rate| 1_000_000 / u64::from(rate))))
    }

    /// The number of the try that is served, by the order in which they were made; for whoever
    /// tells what became of a request.
    pub fn served(&self) -> Option<u32> {
        self.served.map(|(one, _)| one.number)
    }

    /// The one that is served has been: it goes to the group as that command, whether or not its
    /// client still waits. `led` says if there was a leader to take it.
    pub fn propose(&mut self, command: Command, now: Micros, led: bool) {
        let Some((one, is_retry)) = self.served.take() else { return };
        self.waiting.tries -= 1;
        self.waiting.retries -= u32::from(is_retry);
        let kept = &mut self.tries[one.slot as usize];
        if kept.number == one.number && matches!(kept.state, State::Served) {
            kept.state = State::Proposed { at: now, led };
            self.proposed.push_back((command, one));
        }
    }

    /// The group has committed a command: the request that is answered by it, if its client still
    /// waits for that.
    pub fn answer(&mut self, command: Command) -> Option<u32> {
        let place = self.proposed.binary_search_by_key(&command, |(of, _)| *of).ok()?;
        let (_, one) = self.proposed[place];
        let kept = &mut self.tries[one.slot as usize];
        let is_open = kept.number == one.number && matches!(kept.state, State::Proposed { .. });
        if is_open {
            kept.state = State::Answered;
        }
        is_open.then_some(kept.request)
    }

    /// True if something comes of it when the client in that place gives up.
    pub fn is_unanswered(&self, slot: u32) -> bool {
        !matches!(self.tries[slot as usize].state, State::Answered)
    }

    /// The client in that place gives its try up, if it is not answered.
    pub fn give_up(&mut self, slot: u32) -> GivenUp {
        while let Some(&(_, one)) = self.proposed.front()
            && !self.waits_for(one)
        {
            self.proposed.pop_front();
        }
        let kept = &mut self.tries[slot as usize];
        if matches!(kept.state, State::Answered) {
            kept.state = State::Free;
            self.free.push(slot);
            return GivenUp::Answered;
        }
        if kept.tries <= self.clients.retries {
            kept.state = State::Resting;
            return GivenUp::Again { request: kept.request, after: self.clients.after };
        }
        let request = kept.request;
        let failure = self.failure(slot);
        let kept = &mut self.tries[slot as usize];
        kept.state = State::Free;
        self.free.push(slot);
        GivenUp::Failed { request, failure }
    }

    /// Why the request in that place failed, by its last try.
    fn failure(&self, slot: u32) -> Failure {
        let last = &self.tries[slot as usize];
        let queued = || match self.clients.is_kept_busy_by_retries(self.before(last)) {
            true => Failure::RetryStorm,
            false => Failure::Queue,
        };
        match last.state {
            State::Refused => Failure::QueueFull,
            State::Waiting | State::Served => queued(),
            State::Proposed { at, .. } if 2 * at.since(last.sent).0 > self.clients.timeout.0 => {
                queued()
            }
            State::Proposed { led: false, .. } => Failure::NoLeader,
            State::Proposed { .. } | State::Free | State::Answered | State::Resting => {
                Failure::NotCommitted
            }
        }
    }

    fn waits_for(&self, one: Try) -> bool {
        let kept = &self.tries[one.slot as usize];
        kept.number == one.number && matches!(kept.state, State::Proposed { .. })
    }

    /// About how many bytes it takes.
    pub fn weight(&self) -> usize {
        self.tries.len() * 48 + self.queue.len() * 12 + self.proposed.len() * 12
    }
}

impl Try {
    /// Where it is kept.
    pub const fn slot(self) -> u32 {
        self.slot
    }
}

/// What comes of giving up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// Nothing: it was answered.
    Answered,
    /// It tries again after that time.
    Again {
        /// The request.
        request: u32,
        /// How much later.
        after: Micros,
    },
    /// It was the last try.
    Failed {
        /// The request.
        request: u32,
        /// Why.
        failure: Failure,
    },
}

impl Load {
    fn add(&mut self, is_retry: bool) {
        self.tries += 1;
        self.retries += u32::from(is_retry);
    }
}

impl Clients {
    /// True if the database would keep up with first tries, and does not with these: in the time
    /// that it takes to serve them it has less to spare than there are retries. That is the
    /// feedback of Bronson et al., section 2.1: what is late comes again, and so is late. A few
    /// retries are none where the database is all but full: less than a tenth of those who wait.
    fn is_kept_busy_by_retries(&self, before: Load) -> bool {
        let Some(database) = self.database else { return false };
        let (serves, comes) = (u64::from(database.per_second), u64::from(self.per_second));
        let (tries, retries) = (u64::from(before.tries), u64::from(before.retries));
        // One that is served for most of a timeout is late without anybody before it.
        let is_quick = 2_000_000 <= serves * self.timeout.0;
        is_quick
            && serves > comes
            && 10 * retries >= tries
            && retries * serves > tries * (serves - comes)
    }
}

/// A draw from the exponential distribution of mean 1, as whole ones and 2^32 parts of one, by
/// comparisons alone, as von Neumann did ("Various Techniques Used in Connection with Random
/// Digits", 1951). Logarithms would differ in the last bit from target to target.
fn exponential(rng: &mut Rng) -> (u64, u64) {
    let mut whole = 0;
    loop {
        let first = rng.below(u32::MAX);
        let (mut last, mut run) = (first, 1);
        loop {
            let next = rng.below(u32::MAX);
            if next >= last {
                break;
            }
            (last, run) = (next, run + 1);
        }
        if run % 2 == 1 {
            return (whole, first.into());
        }
        whole += 1;
    }
}

#[cfg(test)]
mod tests;
