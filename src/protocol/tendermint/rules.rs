//! Algorithm 1 of the paper, its upon-rules by their lines.

use super::{Block, Certificate, Effects, Entry, Heard, Mutant, Round, Stage, Step, Tally};
use super::{ReplicaSet, Tendermint, epoch};
use crate::protocol::requests::BlockId;
use crate::protocol::tendermint::timer;

/// What a rule asks for.
enum Move {
    /// Lines 22 and 28.
    Prevote(Option<BlockId>),
    /// Line 34.
    AwaitPrevotes,
    /// Line 36.
    Lock(BlockId, Block),
    /// Line 44.
    PrecommitNil,
    /// Line 47.
    AwaitPrecommits,
}

impl Tendermint {
    /// Does what the rules ask for until they ask for no more.
    #[inline]
    pub(super) fn follow_rules(&mut self, effects: &mut Effects) {
        while self.decide_if_due(effects) || self.skip_if_due(effects) || self.move_if_due(effects)
        {
        }
    }

    /// Line 49: more than two thirds precommitted a block, in whatever round.
    fn decide_if_due(&mut self, effects: &mut Effects) -> bool {
        let quorum = self.quorum();
        let found = self.rounds.iter().find_map(|tally| {
            let signers = |heard: &Heard| tally.precommits.of(Some(heard.id));
            let due = |heard: &&Heard| {
                signers(heard).len() >= quorum && self.requests.fit(&heard.proposal.block)
            };
            let heard = tally.proposals.iter().find(due)?;
            Some((tally.round, signers(heard), heard.proposal.block.clone()))
        });
        let Some((round, signers, block)) = found else { return false };
        self.decide(&block, round, signers, effects);
        true
    }

    /// Lines 51 to 54.
    pub(super) fn decide(
        &mut self,
        block: &[u32],
        round: Round,
        signers: ReplicaSet,
        effects: &mut Effects,
    ) {
        let epoch = epoch(self.height, round);
        block.iter().for_each(|&command| self.log.push(Entry { epoch, command }));
        self.decided.push(Certificate { end: self.log.last_index(), round, signers });
        self.requests.decide(block);
        self.locked = None;
        self.valid = None;
        self.behind = 0;
        self.turn_to_next_height();
        self.start_round(0, effects);
    }

    /// Line 55: f + 1 are further, so an honest one is.
    fn skip_if_due(&mut self, effects: &mut Effects) -> bool {
        let ahead = self.furthest.iter().copied().filter(|&round| round > self.round);
        let reached = |&round: &Round| {
            let there = self.furthest.iter().filter(|&&other| other >= round).count();
            there > usize::from(self.identity.tolerated)
        };
        let Some(round) = ahead.filter(reached).max() else { return false };
        self.start_round(round, effects);
        true
    }

    #[inline]
    fn move_if_due(&mut self, effects: &mut Effects) -> bool {
        let Some(next) = self.next_move() else { return false };
        match next {
            Move::Prevote(value) => self.vote(Stage::Prevote, value, effects),
            Move::AwaitPrevotes => {
                self.own_tally().awaits_prevotes = true;
                self.set_timer(timer::PREVOTE, 2, effects);
            }
            Move::Lock(id, block) => {
                self.own_tally().has_polka = true;
                self.valid = Some((self.round, block.clone()));
                if self.step == Step::Prevote || Mutant::VoteTwice.is_made() {
                    self.locked = Some((self.round, block));
                    self.vote(Stage::Precommit, Some(id), effects);
                }
            }
            Move::PrecommitNil => self.vote(Stage::Precommit, None, effects),
            Move::AwaitPrecommits => {
                self.own_tally().awaits_precommits = true;
                self.set_timer(timer::PRECOMMIT, 2, effects);
            }
        }
        true
    }

    fn own_tally(&mut self) -> &mut Tally {
        let tally = self.rounds.iter_mut().rfind(|tally| tally.round == self.round);
        tally.expect("a rule that holds has found it")
    }

    fn next_move(&self) -> Option<Move> {
        let (tally, quorum) = (self.tally(self.round)?, self.quorum());
        if let Some(value) = self.prevote_due(tally, quorum) {
            return Some(Move::Prevote(value));
        }
        if let Some(heard) = self.polka_due(tally, quorum) {
            return Some(Move::Lock(heard.id, heard.proposal.block.clone()));
        }
        let prevoting = self.step == Step::Prevote;
        if prevoting && tally.prevotes.of(None).len() >= quorum {
            return Some(Move::PrecommitNil);
        }
        if prevoting && !tally.awaits_prevotes && tally.prevotes.voters().len() >= quorum {
            return Some(Move::AwaitPrevotes);
        }
        let due = !tally.awaits_precommits && tally.precommits.voters().len() >= quorum;
        due.then_some(Move::AwaitPrecommits)
    }

    /// Lines 22 and 28: the proposal is there, and with it the prevotes that it claims, if any.
    fn prevote_due(&self, tally: &Tally, quorum: u8) -> Option<Option<BlockId>> {
        if self.step > Step::Propose {
            let own = self.identity.id;
            let again = Mutant::VoteTwice.is_made() && tally.prevotes.voices(own) == 1;
            let other = |heard: &&Heard| !tally.prevotes.of(Some(heard.id)).contains(own);
            return tally
                .proposals
                .iter()
                .filter(|_| again)
                .find(other)
                .map(|heard| Some(heard.id));
        }
        let Heard { id, proposal } = tally.proposals.first()?;
        let locked = self.locked.as_ref().filter(|_| !Mutant::ForgetLock.is_made());
        let is_free = match (locked, proposal.valid_round) {
            (None, None) => true,
            (Some((_, block)), None) => *block == proposal.block,
            (locked, Some(valid_round)) => {
                if self.tally(valid_round)?.prevotes.of(Some(*id)).len() < quorum {
                    return None;
                }
                locked
                    .is_none_or(|(round, block)| *round <= valid_round || *block == proposal.block)
            }
        };
        Some(Some(*id).filter(|_| is_free && self.requests.fit(&proposal.block)))
    }

    /// Line 36: more than two thirds prevoted a proposal that is there; the first time counts.
    fn polka_due<'a>(&self, tally: &'a Tally, quorum: u8) -> Option<&'a Heard> {
        let own = self.identity.id;
        let twice = Mutant::VoteTwice.is_made() && tally.precommits.voices(own) == 1;
        if self.step == Step::Propose || (tally.has_polka && !twice) {
            return None;
        }
        tally.proposals.iter().find(|heard| {
            tally.prevotes.of(Some(heard.id)).len() >= quorum
                && self.requests.fit(&heard.proposal.block)
                && !(twice && tally.precommits.of(Some(heard.id)).contains(own))
        })
    }
}
