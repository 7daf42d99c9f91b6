//! How long timers run, and how fast clocks do.

use super::actions::stranger;
use super::{Found, Subject, of};
use crate::fact::fact;
use crate::scenario::{Bounds, Clients, Group};

impl Found {
    pub(super) fn timing(&mut self, group: &Group) {
        self.interval(Subject::Timing(0), group.heartbeat, "heartbeat");
        self.election(Subject::Timing(1), &group.election, group.heartbeat);
        let own = &group.election_of;
        for (number, (replica, span)) in own.iter().enumerate() {
            if let Some(fact) = stranger(*replica, group.members.len()) {
                self.add(Subject::TimingOf(number, 0), fact);
            }
            if number > 0 && own[number - 1].0 >= *replica {
                let fact = fact!("timing-twice", replica = replica.to_string());
                self.add(Subject::TimingOf(number, 0), fact);
            }
            self.election(Subject::TimingOf(number, 1), span, group.heartbeat);
        }
        self.clocks(group);
        if let Some(every) = group.write_every {
            self.interval(Subject::Write, every, "write");
        }
        if let Some(patience) = group.patience {
            self.interval(Subject::Patience, patience, "patience");
        }
    }

    /// Rates, retries and queues within bounds, where clients may come at a rate at all.
    pub(super) fn clients(&mut self, group: &Group) {
        let Some(clients) = group.clients else { return };
        if group.protocol.is_generals() {
            self.add(Subject::Clients(0), of(group.protocol, "orders-not-writes"));
        } else if group.protocol.decides_once() {
            self.add(Subject::Clients(0), of(group.protocol, "no-clients"));
        } else if group.write_every.is_some() {
            self.add(Subject::Clients(0), "clients-and-write");
        }
        self.interval(Subject::Clients(1), clients.timeout, "client-timeout");
        let mut bounded = |word, value: u32, most: u32, kind| {
            if value == 0 || value > most {
                self.add(Subject::Clients(word), fact!(kind, most));
            }
        };
        let [rate, retries, queue] = Clients::MOST;
        bounded(0, clients.per_second, rate, "rate-bounds");
        bounded(2, clients.retries.max(1), retries, "retry-bounds");
        if let Some(database) = clients.database {
            bounded(4, database.per_second, rate, "rate-bounds");
            bounded(5, database.queue, queue, "queue-bounds");
        }
        if clients.retries > 0 {
            self.interval(Subject::Clients(3), clients.after, "retry-after");
        }
    }

    /// Clocks run within bounds, one a replica; not where rounds have no other measure.
    fn clocks(&mut self, group: &Group) {
        let own = &group.clocks;
        for (number, &(replica, percent)) in own.iter().enumerate() {
            if let Some(fact) = stranger(replica, group.members.len()) {
                self.add(Subject::Clock(number, 0), fact);
            }
            if number > 0 && own[number - 1].0 >= replica {
                let fact = fact!("clock-twice", replica = replica.to_string());
                self.add(Subject::Clock(number, 0), fact);
            }
            let (least, most) = Bounds::CLOCK;
            if percent < least || percent > most {
                self.add(Subject::Clock(number, 1), fact!("clock-bounds", least, most));
            }
            if group.protocol.is_generals() {
                self.add(Subject::Clock(number, 0), of(group.protocol, "clock-of-general"));
            }
        }
    }
}
