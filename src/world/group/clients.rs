//! Those who ask the replicas for something: clients that write and read, and the commander's king.

use super::{Answer, EventKind, Group, Pending, Watch};
use crate::fault::{Action, ReplicaId, ReplicaSet};
use crate::protocol::generals::Due;
use crate::protocol::log::Index;
use crate::protocol::{Command, Input, catalogue};
use crate::service::{Front, GivenUp, Try};

/// What clients have asked for, and were told.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    /// Writes tried so far.
    pub(super) writes: Command,
    /// Reads asked for so far.
    reads: u32,
    /// Answers that nobody has looked at.
    pub(super) answers: Vec<Answer>,
    /// Up to which index of the log clients who come at a rate have been answered.
    seen: Index,
    /// Their requests that the last event answered.
    pub(super) served: Vec<u32>,
}

impl Group {
    /// A client tries a write, at those to whom the protocol's clients go.
    pub(super) fn write(&mut self, sink: &mut Watch<'_>) -> EventKind {
        if let Some(every) = self.scenario.group().write_every {
            self.queue.push(self.now + every, Pending::Write);
        }
        let (command, to) = self.next_command();
        self.propose(command, to, sink)
    }

    /// The next command, and whom a client gives it to.
    fn next_command(&mut self) -> (Command, ReplicaSet) {
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
        (command, to)
    }

    fn propose(&mut self, command: Command, to: ReplicaSet, sink: &mut Watch<'_>) -> EventKind {
        let first = to.iter().next();
        self.mix(5, u64::from(command), first.map_or(u64::MAX, |id| u64::from(id.0)));
        for id in to.iter() {
            self.tell(id, Input::Propose(command), sink);
        }
        EventKind::Write { command, to }
    }

    /// Clients begin to come at a rate, if the text has such.
    pub(super) fn open_front(&mut self) {
        let Some(clients) = self.scenario.group().clients else { return };
        let mut front = Front::new(clients, self.scenario.group().seed);
        self.queue.push(front.gap(), Pending::Ask);
        self.front = Some(Box::new(front));
    }

    fn front(&mut self) -> &mut Front {
        self.front.as_mut().expect("who comes at a rate comes to a front")
    }

    /// The next client comes.
    #[cold]
    pub(super) fn ask(&mut self) -> EventKind {
        let now = self.now;
        let gap = self.front().gap();
        self.queue.push(now + gap, Pending::Ask);
        let (request, one) = self.front().arrive(now);
        self.mix(12, request.into(), 0);
        self.wait_for(one);
        EventKind::Asked { request }
    }

    /// A client tries again.
    #[cold]
    pub(super) fn ask_again(&mut self, slot: u32) -> EventKind {
        let now = self.now;
        let (request, one) = self.front().send_again(slot, now);
        self.mix(13, request.into(), 0);
        self.wait_for(one);
        EventKind::AskedAgain { request }
    }

    /// A client waits for an answer to a try, for as long as it will.
    fn wait_for(&mut self, one: Try) {
        let waits = self.front().waits(one);
        self.queue.push(self.now + waits, Pending::GiveUp(one.slot()));
        self.begin_to_serve();
    }

    fn begin_to_serve(&mut self) {
        if let Some(takes) = self.front().begin() {
            self.queue.push(self.now + takes, Pending::Serve);
        }
    }

    /// What has been served goes to the group, whether or not its client still waits.
    #[cold]
    pub(super) fn serve(&mut self, sink: &mut Watch<'_>) -> EventKind {
        let now = self.now;
        let (command, to) = self.next_command();
        self.front().propose(command, now, to != ReplicaSet::NOBODY);
        self.begin_to_serve();
        self.propose(command, to, sink)
    }

    /// A client gives a try up; nothing happens if it was answered.
    #[cold]
    pub(super) fn lose_patience(&mut self, slot: u32) -> Option<EventKind> {
        match self.front().give_up(slot) {
            GivenUp::Answered => None,
            GivenUp::Again { request, after } => {
                self.mix(14, request.into(), 0);
                self.queue.push(self.now + after, Pending::AskAgain(slot));
                Some(EventKind::GaveUp { request })
            }
            GivenUp::Failed { request, failure } => {
                self.mix(15, request.into(), 0);
                Some(EventKind::Failed { request, failure })
            }
        }
    }

    /// Answers those whose commands as many replicas know committed by now as a client asks for.
    #[cold]
    pub(super) fn answer_requests(&mut self) {
        self.clients.served.clear();
        let seen = self.clients.seen;
        let commits = |group: &Self, least: Index| {
            let knows =
                move |&id: &ReplicaId| group.is_honest(id) && group.replica(id).commit() >= least;
            group.replicas().filter(knows).collect::<ReplicaSet>()
        };
        let ahead = commits(self, seen + 1);
        let of = self.scenario.group();
        let replies = of.protocol.replies(of.tolerated());
        let by = |&id: &ReplicaId| commits(self, self.replica(id).commit()).len() >= replies;
        let enough = ahead.iter().filter(by).max_by_key(|&id| self.replica(id).commit());
        let Some(id) = enough else { return };
        self.clients.seen = self.replica(id).commit();
        for index in seen + 1..=self.clients.seen {
            let Some(entry) = self.replica(id).log().get(index) else { continue };
            let request = self.front().answer(entry.command);
            self.clients.served.extend(request);
        }
    }

    /// True if clients come at a rate.
    pub(crate) const fn has_front(&self) -> bool {
        self.front.is_some()
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
