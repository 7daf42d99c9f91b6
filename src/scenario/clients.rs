//! What a text says of clients that do not wait for each other: `clients 280/s, timeout 1s`.

use std::fmt;

use super::cursor::{Cursor, Parsed, whole};
use super::diagnostic::Place;
use crate::clock::Micros;

/// Clients of a group who come by chance, at a rate, whatever became of those before them, and what
/// serves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clients {
    /// How many come in a second.
    pub per_second: u32,
    /// How long one waits for an answer before it gives the try up.
    pub timeout: Micros,
    /// How often it tries again.
    pub retries: u32,
    /// So long after it gave up.
    pub after: Micros,
    /// What stands in front of the group, if it bears only so much.
    pub database: Option<Database>,
}

/// What takes one try after the other, at a rate, and gives it to the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Database {
    /// How many tries it serves in a second.
    pub per_second: u32,
    /// How many may wait; more are refused.
    pub queue: u32,
    /// Which is next.
    pub order: Order,
}

/// Which of those that wait is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The one that has waited longest.
    Fifo,
    /// The one that came last.
    Lifo,
}

impl Order {
    const ALL: [Self; 2] = [Self::Fifo, Self::Lifo];

    const fn name(self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::Lifo => "lifo",
        }
    }
}

/// The words of a text whose value can be wrong, in order.
pub(super) const WORDS: usize = 6;

impl Clients {
    /// How long a client waits that the text gives no time.
    pub const TIMEOUT: Micros = Micros::from_secs(1);
    /// How many may wait, where the text does not say.
    pub const QUEUE: u32 = 1000;
    /// The most of a rate, of retries and of places in a queue.
    pub(super) const MOST: [u32; 3] = [100_000, 10, 10_000];

    /// How long a client waits for all its tries.
    pub fn patience(&self) -> Micros {
        let retries = u64::from(self.retries);
        Micros(self.timeout.0 * (retries + 1) + self.after.0 * retries)
    }

    /// How many tries there may be within that time.
    pub fn tries(&self, within: Micros) -> u64 {
        u64::from(self.per_second) * (u64::from(self.retries) + 1) * within.0 / 1_000_000
    }

    /// `280/s, timeout 1s, retry 1 after 1s, database 300/s, queue 1000 fifo`, and where each of
    /// its values stands.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<(Self, [Place; WORDS])> {
        let (per_second, place) = rate(cursor)?;
        let mut places = [place; WORDS];
        let mut clients = Self {
            per_second,
            timeout: Self::TIMEOUT,
            retries: 0,
            after: Micros::ZERO,
            database: None,
        };
        let mut comma = Comma(cursor);
        if comma.and("timeout")? {
            (clients.timeout, places[1]) = comma.0.duration("client-timeout")?;
        }
        if comma.and("retry")? {
            (clients.retries, places[2]) = comma.0.take("retries", small)?;
            comma.0.demand("after")?;
            (clients.after, places[3]) = comma.0.duration("retry-after")?;
        }
        if comma.and("database")? {
            let mut database = Database { per_second: 0, queue: Self::QUEUE, order: Order::Fifo };
            (database.per_second, places[4]) = rate(comma.0)?;
            if comma.and("queue")? {
                (database.queue, places[5]) = comma.0.take("queue", small)?;
                if comma.0.peek().is_some() {
                    let order = Order::ALL.into_iter().find(|order| comma.0.skip(order.name()));
                    let names = Order::ALL.map(Order::name);
                    let wrong = || comma.0.expected_of("queue-order", &names);
                    database.order = order.ok_or_else(wrong)?;
                }
            }
            clients.database = Some(database);
        }
        comma.end("clients").map(|()| (clients, places))
    }
}

/// A list whose items have names, each at most once, in order.
pub(super) struct Comma<'a, 't>(pub(super) &'a mut Cursor<'t>);

impl Comma<'_, '_> {
    /// Takes a comma and that name, if it is the next.
    pub(super) fn and(&mut self, name: &'static str) -> Parsed<bool> {
        let mut ahead = self.0.clone();
        if !ahead.skip(",") || !ahead.skip(name) {
            return Ok(false);
        }
        *self.0 = ahead;
        Ok(true)
    }

    /// Nothing may follow; `what` says what may stand in it.
    pub(super) fn end(self, what: &'static str) -> Parsed<()> {
        if self.0.skip(",") { Err(self.0.expected(what)) } else { Ok(()) }
    }
}

fn small(word: &str) -> Option<u32> {
    whole(word).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}

/// `280/s`
pub(super) fn rate(cursor: &mut Cursor<'_>) -> Parsed<(u32, Place)> {
    cursor.take("rate", |word| word.strip_suffix("/s").and_then(small))
}

/// As the scenario text writes it after `clients`.
impl fmt::Display for Clients {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/s", self.per_second)?;
        if self.timeout != Self::TIMEOUT {
            write!(formatter, ", timeout {}", self.timeout)?;
        }
        if self.retries > 0 {
            write!(formatter, ", retry {} after {}", self.retries, self.after)?;
        }
        let Some(Database { per_second, queue, order }) = self.database else { return Ok(()) };
        write!(formatter, ", database {per_second}/s")?;
        if (queue, order) == (Self::QUEUE, Order::Fifo) {
            return Ok(());
        }
        write!(formatter, ", queue {queue} {}", order.name())
    }
}
