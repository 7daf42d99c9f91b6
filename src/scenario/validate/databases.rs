//! Database clusters: how many, on which servers, and how long what they do takes.

use super::actions::absent;
use super::{Bounds, Found, Subject, bounded};
use crate::clock::Micros;
use crate::fact::fact;
use crate::plant::{Part, PlantSpec};
use crate::scenario::database::DatabaseDraft;
use crate::scenario::{Clients, DatabaseCluster, Group};

impl Found {
    #[inline(never)]
    pub(super) fn databases(&mut self, group: &Group, spec: PlantSpec) {
        for (number, one) in group.databases.iter().enumerate() {
            let of = |word| Subject::Database(number, word);
            if number >= DatabaseCluster::MOST {
                return self.add(of(0), bounded("databases", DatabaseCluster::MOST));
            }
            if group.write_every.is_none() {
                self.add(of(0), "database-without-writes");
            }
            if group.databases[..number].iter().any(|other| other.name == one.name) {
                self.add(of(0), fact!("database-twice", name = one.name.clone()));
            }
            self.members_of(one, number, spec);
            let times = [(1, one.lease), (2, one.promote), (3, one.rebuild)];
            for (word, time) in times {
                let what = ["lease", "promotion", "rebuild"][word - 1];
                let least = if word == 1 { DatabaseCluster::LEASE_MIN } else { Micros::ZERO };
                if time < least || time > Bounds::UNTIL {
                    let fact = fact!("database-time", what, least);
                    self.add(of(word), fact.with("most", Bounds::UNTIL));
                }
            }
            let most = Clients::MOST[0];
            for (word, rate) in (4..).zip(one.reads.into_iter().flatten()) {
                if !(1..=most).contains(&rate) {
                    self.add(of(word), fact!("rate-bounds", most));
                }
            }
        }
    }

    fn members_of(&mut self, one: &DatabaseCluster, number: usize, spec: PlantSpec) {
        let (fewest, most) = DatabaseCluster::MEMBERS;
        let members = &one.members;
        if !(fewest..=most).contains(&members.len()) {
            let fact = bounded("database-members", most).with("least", fewest);
            self.add(Subject::Database(number, 0), fact);
        }
        for (place, server) in members.iter().enumerate() {
            let subject = Subject::Database(number, DatabaseDraft::MEMBERS + place);
            if let Some(fact) = absent(Part::Server(*server), spec) {
                self.add(subject, fact);
            } else if members[..place].contains(server) {
                let fact = fact!("database-server-twice", server = server.to_string());
                self.add(subject, fact);
            }
        }
    }
}
