//! The queue in front of a group against one that is written from `docs/LANGUAGE.md` alone: of a
//! run it is told when clients came, and nothing else.

use std::collections::BTreeMap;

use halflink::clock::Micros;
use halflink::history::History;
use halflink::outcome::Requests;
use halflink::rng::Rng;
use halflink::scenario::{Clients, Order};
use halflink::service::Failure;

use crate::support::{run_to_end, scenario, size};

/// What became of a request, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Answered(u64),
    Failed(u64, Failure),
    Waiting,
}

/// What happens next, in microseconds; of what happens at once, what was known first.
#[derive(Clone, Copy)]
enum Next {
    Comes(usize),
    Again(usize),
    Served,
    Patience { attempt: usize },
}

struct Attempt {
    request: usize,
    sent: u64,
    is_retry: bool,
    is_last: bool,
    refused: bool,
    /// Those that it found there, itself not included.
    found: Vec<usize>,
    /// How many tries there were when its turn came.
    begun: Option<usize>,
}

struct Twin {
    clients: Clients,
    tries: Vec<Attempt>,
    fates: Vec<Fate>,
    /// Tries of each request so far.
    tried: Vec<u32>,
    waiting: Vec<usize>,
    served: Option<usize>,
    agenda: BTreeMap<(u64, usize), Next>,
    known: usize,
}

impl Twin {
    fn fates(clients: Clients, arrivals: &[u64], until: u64) -> Vec<Fate> {
        let count = arrivals.len();
        let mut twin = Self {
            clients,
            tries: Vec::new(),
            fates: vec![Fate::Waiting; count],
            tried: vec![0; count],
            waiting: Vec::new(),
            served: None,
            agenda: BTreeMap::new(),
            known: 0,
        };
        twin.then(arrivals[0], Next::Comes(0));
        while let Some(((now, _), next)) = twin.agenda.pop_first() {
            if now > until {
                break;
            }
            match next {
                Next::Comes(request) => {
                    if let Some(at) = arrivals.get(request + 1) {
                        twin.then(*at, Next::Comes(request + 1));
                    }
                    twin.send(request, now);
                }
                Next::Again(request) => twin.send(request, now),
                Next::Served => twin.served(now),
                Next::Patience { attempt } => twin.patience_ends(attempt, now),
            }
        }
        twin.fates
    }

    fn then(&mut self, at: u64, next: Next) {
        self.agenda.insert((at, self.known), next);
        self.known += 1;
    }

    fn send(&mut self, request: usize, now: u64) {
        let found: Vec<usize> = self.waiting.iter().chain(&self.served).copied().collect();
        let places = self.clients.database.map_or(u32::MAX, |database| database.queue);
        let refused = found.len() >= places as usize;
        let attempt = self.tries.len();
        self.tries.push(Attempt {
            request,
            sent: now,
            is_retry: self.tried[request] > 0,
            is_last: self.tried[request] == self.clients.retries,
            refused,
            found,
            begun: None,
        });
        self.tried[request] += 1;
        let patience = if refused { 0 } else { self.clients.timeout.0 };
        self.then(now + patience, Next::Patience { attempt });
        if !refused {
            self.waiting.push(attempt);
        }
        self.begin(now);
    }

    fn begin(&mut self, now: u64) {
        if self.served.is_some() || self.waiting.is_empty() {
            return;
        }
        let next = if self.is_last_first() { self.waiting.len() - 1 } else { 0 };
        let attempt = self.waiting.remove(next);
        self.tries[attempt].begun = Some(self.tries.len());
        self.served = Some(attempt);
        let takes = self.clients.database.map_or(0, |database| 1_000_000 / database.per_second);
        self.then(now + u64::from(takes), Next::Served);
    }

    fn is_last_first(&self) -> bool {
        self.clients.database.is_some_and(|database| database.order == Order::Lifo)
    }

    fn served(&mut self, now: u64) {
        let attempt = self.served.take().expect("somebody was served");
        let one = &self.tries[attempt];
        if now < one.sent + self.clients.timeout.0 {
            self.fates[one.request] = Fate::Answered(now);
        }
        self.begin(now);
    }

    fn patience_ends(&mut self, attempt: usize, now: u64) {
        let one = &self.tries[attempt];
        if self.fates[one.request] != Fate::Waiting {
            return;
        }
        if one.is_last {
            self.fates[one.request] = Fate::Failed(now, self.cause(attempt));
        } else {
            self.then(now + self.clients.after.0, Next::Again(one.request));
        }
    }

    /// Of a group that commits what it is given at once.
    fn cause(&self, attempt: usize) -> Failure {
        let one = &self.tries[attempt];
        if one.refused {
            return Failure::QueueFull;
        }
        let database = self.clients.database.expect("who waits, waits for a database");
        let before: Vec<&Attempt> = if self.is_last_first() {
            let until = one.begun.unwrap_or(self.tries.len());
            self.tries[attempt + 1..until].iter().filter(|other| !other.refused).collect()
        } else {
            one.found.iter().map(|&other| &self.tries[other]).collect()
        };
        let retries = before.iter().filter(|other| other.is_retry).count() as u64;
        let (serves, comes) = (u64::from(database.per_second), self.clients.per_second.into());
        if serves <= comes || self.clients.timeout.0 * serves < 2_000_000 {
            return Failure::Queue;
        }
        // While those before it are served, so many more could be, of which first tries take most.
        let spare = before.len() as u64 * (serves - comes);
        let is_storm = retries * serves > spare && retries * 10 >= before.len() as u64;
        if is_storm { Failure::RetryStorm } else { Failure::Queue }
    }
}

/// A run of a healthy group of so many replicas, with those clients.
fn healthy(clients: &str, replicas: u8, seed: u32) -> (History, Clients) {
    let members: Vec<_> = (1..=replicas).map(|rack| format!("r{rack}.s1")).collect();
    let text = scenario(&format!(
        "halflink 1\ntitle \"A queue\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster db: raft on {}\ntiming heartbeat 100ms, election 1s..2s\nseed {seed}\n\
         clients {clients}\nat 0s elect n1\nrun 20s\n",
        members.join(" ")
    ));
    let clients = text.group().clients.expect("it has them");
    (run_to_end(text).history, clients)
}

/// Clients that fill a database by half to two times, many of them just so, and wait for so many
/// milliseconds or more.
fn random_clients(rng: &mut Rng, least: u32) -> String {
    let rate = 5 + rng.below(295);
    let most = if rng.percent(50) { 100 } else { 2_000 };
    let timeout = least + rng.below(most);
    let mut line = format!("{rate}/s, timeout {timeout}ms");
    if rng.percent(70) {
        line += &format!(", retry {} after {}ms", 1 + rng.below(3), 1 + rng.below(1_500));
    }
    let percent = if rng.percent(50) { 50 + rng.below(150) } else { 100 + rng.below(10) };
    let serves = rate * percent / 100;
    let places = [1 + rng.below(5), 5 + rng.below(100), 1_000][rng.below(3) as usize];
    let order = ["fifo", "lifo"][rng.below(2) as usize];
    line + &format!(", database {serves}/s, queue {places} {order}")
}

fn of_run(history: &History) -> Vec<Fate> {
    let answered = |at: Option<Micros>| at.map_or(Fate::Waiting, |at| Fate::Answered(at.0));
    let mut fates: Vec<_> = history.writes.iter().map(|one| answered(one.committed)).collect();
    for &(at, request, failure) in &history.failures {
        fates[request as usize - 1] = Fate::Failed(at.0, failure);
    }
    fates
}

fn of_twin(history: &History, clients: Clients) -> Vec<Fate> {
    let arrivals: Vec<u64> = history.writes.iter().map(|one| one.at.0).collect();
    Twin::fates(clients, &arrivals, 20_000_000)
}

/// A group of one commits at once, so each request has the very same fate, to the microsecond.
#[test]
fn a_queue_is_one_that_anybody_would_write() {
    let mut seen = [0; 5];
    for number in 0..size(200, 4_000) {
        let line = random_clients(&mut Rng::new(number), 20);
        let (history, clients) = healthy(&line, 1, number);
        let (run, twin) = (of_run(&history), of_twin(&history, clients));
        for (request, (run, twin)) in run.iter().zip(&twin).enumerate() {
            assert_eq!(run, twin, "{number}: clients {line}: request {}", request + 1);
            match run {
                Fate::Answered(_) => seen[0] += 1,
                Fate::Waiting => seen[1] += 1,
                Fate::Failed(_, failure) => seen[2 + *failure as usize] += 1,
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 500), "{seen:?}");
}

/// Three replicas need a way there and back for each answer: all but a few have the same fate.
#[test]
fn a_healthy_group_adds_little_to_its_queue() {
    for number in 0..size(200, 2_000) {
        let line = random_clients(&mut Rng::new(number), 400);
        let (history, clients) = healthy(&line, 3, number);
        let whole = Requests::of(&history);
        let twin = of_twin(&history, clients);
        let answered = twin.iter().filter(|one| matches!(one, Fate::Answered(_))).count() as u32;
        let apart = whole.answered.abs_diff(answered);
        assert!(50 * apart <= whole.asked + 200, "{number}: clients {line}: {apart}: {whole:?}");
    }
}
