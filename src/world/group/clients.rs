//! Those who ask the replicas for something: clients that write and read, and the commander's king.

use super::{Answer, EventKind, Group, Pending, Watch};
use crate::fault::{Action, ReplicaId, ReplicaSet};
use crate::protocol::generals::Due;
use crate::protocol::{Command, Input, catalogue};

/// What clients have asked for, and were told.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    /// Writes tried so far.
    pub(super) writes: Command,
    /// Reads asked for so far.
    reads: u32,
    /// Answers that nobody has looked at.
    pub(super) answers: Vec<Answer>,
}

impl Group {
    /// A client tries a write, at those to whom the protocol's clients go.
    pub(super) fn write(&mut self, sink: &mut Watch<'_>) -> EventKind {
        if let Some(every) = self.scenario.group().write_every {
            self.queue.push(self.now + every, Pending::Write);
        }
        self.clients.writes += 1;
        let command = self.clients.writes;
        let to: ReplicaSet = match self.scenario.group().protocol.clients() {
            catalogue::Clients::Leader => self.newest_leader().into_iter().collect(),
            catalogue::Clients::InTurn => self.in_turn(command).into_iter().collect(),
            catalogue::Clients::Everyone => {
                self.replicas().filter(|&id| self.listens(id)).collect()
            }
            catalogue::Clients::Nobody => ReplicaSet::NOBODY,
        };
        let first = to.iter().next();
        self.mix(5, u64::from(command), first.map_or(u64::MAX, |id| u64::from(id.0)));
        for id in to.iter() {
            self.tell(id, Input::Propose(command), sink);
        }
        EventKind::Write { command, to }
    }

    /// The newest leader there is, if there is one. A client of a leader always knows where to go:
    /// what it cannot write, nobody could have.
    pub(super) fn newest_leader(&self) -> Option<ReplicaId> {
        let listening = self.replicas().filter(|&id| self.listens(id));
        let leaders = listening.filter_map(|id| Some((self.replica(id).leads()?, id)));
        leaders.max().map(|(_, id)| id)
    }

    /// The replica whose turn it is, or the next one that listens.
    fn in_turn(&self, command: Command) -> Option<ReplicaId> {
        let count = u32::try_from(self.processes.len()).expect("bounded by Bounds::REPLICAS");
        let from = |step| ReplicaId(((command - 1 + step) % count) as u8);
        (0..count).map(from).find(|&id| self.listens(id))
    }

    /// The next client asks for a read: there is one beside each replica, and it goes to whom its
    /// replica believes to lead. No fault of a link touches it.
    pub(super) fn read(&mut self, sink: &mut Watch<'_>) -> Option<EventKind> {
        let (every, _) = self.scenario.group().read?;
        // A read comes last in its moment: whoever stood still until now knows how long it was.
        if self.queue.next_at() == Some(self.now) {
            self.queue.push(self.now, Pending::Read);
            return None;
        }
        self.queue.push(self.now + every, Pending::Read);
        let client = ReplicaId((self.clients.reads % self.processes.len() as u32) as u8);
        self.clients.reads += 1;
        let read = self.clients.reads;
        let known = Some(client).filter(|&id| self.listens(id));
        let leader = known.and_then(|id| self.replica(id).belief().leader);
        let to = leader.filter(|&id| self.listens(id));
        self.mix(10, u64::from(read), to.map_or(u64::MAX, |id| u64::from(id.0)));
        if let Some(id) = to {
            self.tell(id, Input::Read(read), sink);
        }
        Some(EventKind::Read { read, to })
    }

    #[cold]
    pub(super) fn answer(&mut self, answer: Answer) {
        self.mix(11, u64::from(answer.read), u64::from(answer.index));
        self.clients.answers.push(answer);
    }

    /// An order of the generals is due: everybody knows, and the commander knows what it says.
    pub(super) fn announce(&mut self, value: Command, sink: &mut Watch<'_>) {
        let so_far = &self.scenario.actions[..self.acts_done as usize];
        let number = so_far.iter().filter(|(_, act)| matches!(act, Action::Order(_))).count();
        let number = u32::try_from(number).expect("bounded by Bounds::ACTS");
        for id in self.replicas() {
            let told = Due { number, value }.told_to(id);
            self.push(Some(id), Input::Propose(told), sink);
        }
    }
}
