//! Fast leader election, after ZooKeeper's `lookForLeader`.

use super::{Effects, Leading, Message, Stage, Standing, State, Vote, Zab, send};
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::protocol::zab::timer;
use crate::protocol::{Effect, Mutant, Timer};

/// Above every server id that a replica has unless somebody wants it to lead first.
const FIRST_TO_LEAD: u8 = 100;

/// What a replica that looks for a leader has heard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Looking {
    /// By replica, its vote of this round; its own place included.
    votes: Vec<Option<Vote>>,
    /// By replica, whom it follows, and whether it leads. Of whatever round: those who follow one
    /// leader may have found it in different rounds (ZOOKEEPER-1805).
    settled: Vec<Option<(ReplicaId, bool)>>,
    /// True while [`timer::FINALIZE`] runs: a quorum votes as it does, and something better may come.
    is_finalizing: bool,
}

impl Looking {
    pub(super) fn new(replicas: u8) -> Self {
        let replicas = usize::from(replicas);
        Self { votes: vec![None; replicas], settled: vec![None; replicas], is_finalizing: false }
    }

    /// True if a leader says that it leads; a leader that died leads nobody.
    fn leads(&self, leader: ReplicaId) -> bool {
        matches!(self.settled[leader.index()], Some((_, true)))
    }
}

fn count<T: PartialEq>(of: &[Option<T>], is: impl Fn(&T) -> bool) -> usize {
    of.iter().flatten().filter(|one| is(one)).count()
}

impl Zab {
    /// Looks for a leader, in the next round of voting.
    pub(super) fn look(&mut self, effects: &mut Effects) {
        self.state = State::Looking(Looking::new(self.identity.replicas));
        self.round = self.round.saturating_add(1);
        for timer in [Timer::Election, Timer::Heartbeat, Timer::CheckQuorum, timer::FINALIZE] {
            effects.push(Effect::CancelTimer(timer));
        }
        self.set_retry_timer(effects);
        self.change_vote(self.vote_for_itself(), effects);
    }

    /// A follower that has heard nothing of its leader for a whole timeout looks for another. No
    /// other replica has this timeout: if somebody outside wants it to lead, it does what it can.
    /// Before its first epoch it is given the highest server id, and so wins among equals; later it
    /// tells its vote again, as at a timeout of `lookForLeader`. A leader leads.
    pub(super) fn lose_leader(&mut self, effects: &mut Effects) {
        match self.state {
            State::Following { .. } => self.look(effects),
            State::Looking(_) if self.accepted == 0 => {
                self.server = FIRST_TO_LEAD + self.identity.id.0;
                self.change_vote(self.vote_for_itself().max(self.vote), effects);
            }
            State::Looking(_) => self.tell_vote(effects),
            State::Leading(_) => {}
        }
    }

    fn vote_for_itself(&self) -> Vote {
        let (leader, server) = (self.identity.id, self.server);
        if Mutant::SkipLogCheck.is_made() {
            return Vote { epoch: 0, last: (0, 0), server, leader };
        }
        Vote { epoch: self.current, last: self.last(), server, leader }
    }

    fn change_vote(&mut self, vote: Vote, effects: &mut Effects) {
        self.vote = vote;
        let State::Looking(looking) = &mut self.state else { return };
        looking.votes[self.identity.id.index()] = Some(vote);
        self.tell_vote(effects);
        self.count_votes(effects);
    }

    pub(super) fn tell_vote(&self, effects: &mut Effects) {
        for peer in self.peers() {
            self.notify(peer, false, effects);
        }
    }

    fn notify(&self, to: ReplicaId, is_answer: bool, effects: &mut Effects) {
        let standing = match &self.state {
            State::Looking(_) => Standing::Looking,
            State::Following { .. } => Standing::Following,
            State::Leading(_) => Standing::Leading,
        };
        let (vote, round) = (self.vote, self.round);
        send(effects, to, Message::Notification { vote, round, standing, is_answer });
    }

    pub(super) fn on_notification(
        &mut self,
        from: ReplicaId,
        vote: Vote,
        (round, standing, is_answer): (u32, Standing, bool),
        effects: &mut Effects,
    ) {
        let exists = vote.leader.0 < self.identity.replicas;
        match (&self.state, standing) {
            (State::Looking(_), Standing::Looking) if exists => {
                self.hear_vote(from, vote, (round, is_answer), effects);
            }
            (State::Looking(_), Standing::Following | Standing::Leading) if exists => {
                let leads = standing == Standing::Leading;
                self.hear_of_leader(from, vote, (round, leads), effects);
            }
            (State::Following { .. } | State::Leading(_), Standing::Looking) if !is_answer => {
                self.notify(from, true, effects);
            }
            (
                State::Looking(_) | State::Following { .. } | State::Leading(_),
                Standing::Looking | Standing::Following | Standing::Leading,
            ) => {}
        }
    }

    /// The vote of another that looks.
    fn hear_vote(
        &mut self,
        from: ReplicaId,
        vote: Vote,
        (round, is_answer): (u32, bool),
        effects: &mut Effects,
    ) {
        if round < self.round {
            if !is_answer {
                self.notify(from, true, effects);
            }
            return;
        }
        let is_newer = round > self.round;
        let own = self.vote_for_itself();
        let State::Looking(looking) = &mut self.state else { return };
        if is_newer {
            self.round = round;
            looking.votes.fill(None);
        }
        looking.votes[from.index()] = Some(vote);
        if is_newer {
            self.change_vote(own.max(vote), effects);
        } else if vote > self.vote {
            self.change_vote(vote, effects);
        } else {
            self.count_votes(effects);
        }
    }

    /// Waits for something better while a quorum votes as it does.
    fn count_votes(&mut self, effects: &mut Effects) {
        let quorum = usize::from(self.identity.majority());
        let State::Looking(looking) = &mut self.state else { return };
        let has_quorum = count(&looking.votes, |vote| *vote == self.vote) >= quorum;
        if has_quorum == looking.is_finalizing {
            return;
        }
        looking.is_finalizing = has_quorum;
        if has_quorum {
            self.set_timer(timer::FINALIZE, Micros(2 * self.identity.heartbeat.0), effects);
        } else {
            effects.push(Effect::CancelTimer(timer::FINALIZE));
        }
    }

    /// Nothing better has come.
    pub(super) fn finalize(&mut self, effects: &mut Effects) {
        if let State::Looking(Looking { is_finalizing: true, .. }) = self.state {
            self.settle(effects);
        }
    }

    /// One who does not look says whom it follows. A quorum that does is believed, if the leader
    /// says that it leads.
    fn hear_of_leader(
        &mut self,
        from: ReplicaId,
        vote: Vote,
        (round, leads): (u32, bool),
        effects: &mut Effects,
    ) {
        let quorum = usize::from(self.identity.majority());
        let leader = vote.leader;
        let is_own = leader == self.identity.id && round == self.round;
        let State::Looking(looking) = &mut self.state else { return };
        looking.settled[from.index()] = Some((leader, leads && from == leader));
        if round == self.round {
            looking.votes[from.index()] = Some(vote);
        }
        if !is_own && !looking.leads(leader) {
            return;
        }
        let in_round = round == self.round && count(&looking.votes, |one| *one == vote) >= quorum;
        let outside = count(&looking.settled, |&(of, _)| of == leader);
        if in_round || outside >= quorum {
            (self.vote, self.round) = (vote, round);
            self.settle(effects);
        }
    }

    /// The leader is found.
    fn settle(&mut self, effects: &mut Effects) {
        effects.push(Effect::CancelTimer(timer::FINALIZE));
        let leader = self.vote.leader;
        if leader == self.identity.id {
            effects.push(Effect::CancelTimer(timer::ASK_AGAIN));
            self.state = State::Leading(Leading::new(self.identity.replicas));
            self.set_timer(Timer::CheckQuorum, *self.identity.election.start(), effects);
            self.choose_epoch(effects);
        } else {
            self.state = State::Following { leader, stage: Stage::Discovery, asking: false };
            let (from, to) = self.identity.election.clone().into_inner();
            effects.push(Effect::SetTimer { timer: Timer::Election, from, to });
            self.repeat_to_leader(effects);
            self.set_retry_timer(effects);
        }
    }
}
