//! What groups, servers and replicas are called, and how many replicas there are together.

use super::actions::{absent, stranger};
use super::{Found, Subject, bounded};
use crate::fact::fact;
use crate::plant::{Part, PlantSpec};
use crate::scenario::names::wrong;
use crate::scenario::{Bounds, Scenario};

impl Found {
    /// Groups of one plant have names of their own, and so many replicas together as one may have.
    #[inline(never)]
    pub(super) fn together(&mut self, scenario: &Scenario) {
        let mut replicas = 0;
        for (number, group) in scenario.groups.iter().enumerate() {
            self.group = number;
            if scenario.groups[..number].iter().any(|other| other.name == group.name) {
                self.add(Subject::Cluster, fact!("group-twice", name = group.name.clone()));
            }
            let room = Bounds::REPLICAS.saturating_sub(replicas);
            replicas += group.members.len();
            if room < group.members.len() && group.members.len() <= Bounds::REPLICAS {
                let fact = bounded("replicas-in-all", Bounds::REPLICAS);
                self.add(Subject::Member(room), fact.with("replicas", replicas));
            }
        }
        self.group = 0;
    }

    /// Each thing has one name, and each name is of one thing.
    #[inline(never)]
    pub(super) fn names(&mut self, scenario: &Scenario, spec: PlantSpec) {
        let mut seen: Vec<&str> = scenario.groups.iter().map(|group| group.name.as_str()).collect();
        let names = &scenario.server_names;
        for (number, (server, name)) in names.iter().enumerate() {
            let of = Subject::ServerName(number, 0);
            let again = number > 0 && names[number - 1].0 == *server;
            self.name((of, Subject::ServerName(number, 1)), again, name, &mut seen);
            if let Some(fact) = absent(Part::Server(*server), spec) {
                self.add(of, fact);
            }
        }
        for (group, own) in scenario.groups.iter().enumerate() {
            self.group = group;
            for (number, (replica, name)) in own.names.iter().enumerate() {
                let of = Subject::ReplicaName(number, 0);
                let again = number > 0 && own.names[number - 1].0 == *replica;
                self.name((of, Subject::ReplicaName(number, 1)), again, name, &mut seen);
                if let Some(fact) = stranger(*replica, own.members.len()) {
                    self.add(of, fact);
                }
            }
        }
        self.group = 0;
    }

    fn name<'a>(
        &mut self,
        (of, at): (Subject, Subject),
        again: bool,
        name: &'a str,
        seen: &mut Vec<&'a str>,
    ) {
        if again {
            self.add(of, "named-twice");
        }
        if let Some(fact) = wrong(name) {
            self.add(at, fact);
        } else if seen.contains(&name) {
            self.add(at, fact!("name-twice", name = name.to_owned()));
        }
        seen.push(name);
    }
}
