//! How fast clocks run.

use super::actions::stranger;
use super::{Found, Subject, of};
use crate::fact::fact;
use crate::scenario::{Bounds, Group};

impl Found {
    /// Clocks run within bounds, one a replica; not where rounds have no other measure.
    pub(super) fn clocks(&mut self, group: &Group) {
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
