//! What a replica heard of a round: proposals and votes, and who contradicts itself.

use super::{Evidence, Height, Message, Proposal, ROUNDS, ROUNDS_AHEAD, Round, Stage, Tendermint};
use super::{ReplicaId, ReplicaSet, Signed, Vote, id_of};
use crate::protocol::requests::BlockId;

/// How often a replica asks on the word of one that there is more: that one may lie.
const ASKS: u8 = 8;

/// Values that one replica's votes are kept for.
const VOICES_MAX: usize = 4;

/// The votes of one step of a round, by value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ballots(pub(super) Vec<Signed>);

impl Ballots {
    /// Who voted for that.
    #[inline]
    pub(super) fn of(&self, value: Option<BlockId>) -> ReplicaSet {
        self.0.iter().find(|(other, _)| *other == value).map_or(ReplicaSet::NOBODY, |(_, of)| *of)
    }

    /// Who voted for anything.
    #[inline]
    pub(super) fn voters(&self) -> ReplicaSet {
        ReplicaSet(self.0.iter().fold(0, |all, (_, of)| all | of.0))
    }

    /// For how many values somebody voted.
    pub(super) fn voices(&self, who: ReplicaId) -> usize {
        self.0.iter().filter(|(_, of)| of.contains(who)).count()
    }

    /// Counts a vote. True if its signer has voted for something else before: a second vote counts
    /// as well, as in the paper, where votes for a value are asked for; there is an end to it,
    /// past nil and two stories, lest a liar fill memory.
    fn add(&mut self, who: ReplicaId, value: Option<BlockId>) -> bool {
        let voices = self.voices(who);
        if voices >= VOICES_MAX || self.of(value).contains(who) {
            return false;
        }
        match self.0.iter_mut().find(|(other, _)| *other == value) {
            Some((_, of)) => of.add(who),
            None => self.0.push((value, [who].into_iter().collect())),
        }
        voices == 1
    }
}

/// A proposal, and its block's hash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Heard {
    pub(super) id: BlockId,
    pub(super) proposal: Proposal,
}

/// All that was heard of a round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Tally {
    pub(super) round: Round,
    /// The first one counts; more if the proposer lies.
    pub(super) proposals: Vec<Heard>,
    pub(super) prevotes: Ballots,
    pub(super) precommits: Ballots,
    /// True if the timeout for prevotes has been set (line 34).
    pub(super) awaits_prevotes: bool,
    /// True if the timeout for precommits has been set (line 47).
    pub(super) awaits_precommits: bool,
    /// True if more than two thirds were seen to prevote a block (line 36).
    pub(super) has_polka: bool,
}

impl Tally {
    /// True if nothing was proposed.
    pub(super) fn is_mute(&self) -> bool {
        self.proposals.is_empty()
    }
}

/// The tally of a round, made if there is none.
fn of_round(rounds: &mut Vec<Tally>, round: Round) -> &mut Tally {
    let place = rounds.iter().rposition(|tally| tally.round == round).unwrap_or_else(|| {
        rounds.push(Tally { round, ..Tally::default() });
        rounds.len() - 1
    });
    &mut rounds[place]
}

impl Tendermint {
    /// What it knows of a round of its height.
    #[inline]
    pub(super) fn tally(&self, round: Round) -> Option<&Tally> {
        self.rounds.iter().rfind(|tally| tally.round == round)
    }

    /// The tally of a round of this height or the next, unless it is too far ahead to be kept.
    fn tally_to_keep(&mut self, height: Height, round: Round) -> Option<&mut Tally> {
        if height == self.height && round <= self.round + ROUNDS_AHEAD {
            Some(of_round(&mut self.rounds, round))
        } else if height == self.height + 1 && round <= ROUNDS_AHEAD {
            Some(of_round(&mut self.next, round))
        } else {
            None
        }
    }

    /// Counts a signed vote, whoever brought it.
    pub(super) fn hear_vote(&mut self, who: ReplicaId, vote: Vote) {
        let Vote { stage, height, round, value } = vote;
        if !self.note(who, height, round) {
            return;
        }
        let Some(tally) = self.tally_to_keep(height, round) else { return };
        let (ballots, what) = match stage {
            Stage::Prevote => (&mut tally.prevotes, "two-prevotes"),
            Stage::Precommit => (&mut tally.precommits, "two-precommits"),
        };
        if ballots.add(who, value) {
            self.catch(Evidence { who, what, height, round });
        }
    }

    /// Keeps a proposal that the round's proposer signed, whoever brought it.
    pub(super) fn hear_proposal(&mut self, height: Height, round: Round, proposal: Proposal) {
        if height == 0 {
            return;
        }
        let (who, quorum) = (self.proposer(height, round), self.quorum());
        let id = id_of(height, &proposal.block);
        if !self.note(who, height, round) {
            return;
        }
        match proposal.valid_round {
            Some(valid_round) if valid_round >= round => return,
            Some(round) => self.hear_proof(
                Vote { stage: Stage::Prevote, height, round, value: Some(id) },
                proposal.proof,
            ),
            None => {}
        }
        let Some(tally) = self.tally_to_keep(height, round) else { return };
        let kept = tally.proposals.len();
        // Beyond the two that prove a lie, only what others believe in is worth the room.
        let is_known = tally.proposals.iter().any(|heard| heard.id == id);
        if is_known || kept >= 2 && tally.prevotes.of(Some(id)).len() < quorum {
            return;
        }
        tally.proposals.push(Heard { id, proposal });
        if kept > 0 {
            self.catch(Evidence { who, what: "two-proposals", height, round });
        }
    }

    /// Takes a certificate for the votes that it stands for.
    pub(super) fn hear_proof(&mut self, vote: Vote, signers: ReplicaSet) {
        let replicas = self.identity.replicas;
        for who in signers.iter().filter(|who| who.0 < replicas) {
            self.hear_vote(who, vote);
        }
    }

    /// Somebody proposes whose turn it is not.
    pub(super) fn hear_usurper(&mut self, who: ReplicaId, height: Height, round: Round) {
        self.catch(Evidence { who, what: "out-of-turn", height, round });
    }

    fn catch(&mut self, evidence: Evidence) {
        if evidence.who != self.identity.id {
            self.caught.add(evidence);
        }
    }

    /// Notes where somebody is; false if what it says there is of no use.
    pub(super) fn note(&mut self, who: ReplicaId, height: Height, round: Round) -> bool {
        if height > self.height {
            self.behind = ASKS;
        } else if height == self.height && round < ROUNDS {
            let furthest = &mut self.furthest[who.index()];
            *furthest = (*furthest).max(round);
        }
        height >= self.height && round < ROUNDS
    }

    /// The next height's tallies become this height's.
    pub(super) fn turn_to_next_height(&mut self) {
        self.height += 1;
        self.rounds = std::mem::take(&mut self.next);
        self.furthest.fill(0);
        for tally in &self.rounds {
            let heard = tally.prevotes.voters().0 | tally.precommits.voters().0;
            for who in ReplicaSet(heard).iter() {
                let furthest = &mut self.furthest[who.index()];
                *furthest = (*furthest).max(tally.round);
            }
        }
    }

    /// Takes what somebody says.
    pub(super) fn receive(
        &mut self,
        from: ReplicaId,
        message: &Message,
        effects: &mut super::Effects,
    ) {
        let was_behind = self.behind > 0;
        match *message {
            Message::Propose { height, round, .. }
                if height == 0 || self.proposer(height, round) != from =>
            {
                self.hear_usurper(from, height, round);
            }
            Message::Propose { height, round, ref proposal } => {
                if height >= self.height {
                    self.learn(proposal.block.iter().copied(), effects);
                }
                self.hear_proposal(height, round, (**proposal).clone());
            }
            Message::Vote(vote) => self.hear_vote(from, vote),
            Message::Gossip(ref gossip) => self.on_gossip(from, gossip, effects),
            Message::Decisions { height, ref blocks } => {
                self.on_decisions(from, height, blocks, effects);
            }
        }
        if self.behind > 0 && !was_behind && !self.begun {
            self.set_gossip_timer(effects);
        }
    }
}
