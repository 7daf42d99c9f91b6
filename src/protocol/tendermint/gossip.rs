//! What gets lost, and how it comes after all: the gossip that the paper assumes.

use super::{Ask, Block, Certificate, Decision, Effects, Gossip, Height, Known, Message, Round};
use super::{ReplicaId, ReplicaSet, Stage, Tally, Tendermint, Vote, Want, id_of, send};

/// Requests in one gossip, at most.
const REQUESTS_AT_ONCE: usize = 16;

/// Blocks in one answer, at most.
const BLOCKS_AT_ONCE: usize = 64;

impl Tendermint {
    /// The process starts, and may have missed something: it asks.
    pub(super) fn ask_what_it_missed(&mut self, effects: &mut Effects) {
        self.answered = Some(ReplicaSet::NOBODY).filter(|_| self.identity.replicas > 1);
        if self.answered.is_some() {
            self.gossip(effects);
            self.set_gossip_timer(effects);
        }
    }

    /// True if the gossip timer has to run.
    pub(super) fn has_to_gossip(&self) -> bool {
        let asks = self.begun || self.behind > 0 || self.answered.is_some();
        asks || !self.wanted.is_empty()
    }

    /// The height has not ended for a while: say what is known of it, and ask for more.
    pub(super) fn on_gossip_timeout(&mut self, effects: &mut Effects) {
        if !self.has_to_gossip() {
            return;
        }
        self.gossip(effects);
        self.behind = self.behind.saturating_sub(1);
        self.wanted.clear();
        if self.has_to_gossip() {
            self.set_gossip_timer(effects);
        }
    }

    /// Tells all others, and those who wait for it what they have missed.
    fn gossip(&self, effects: &mut Effects) {
        let asks = match self.answered {
            Some(_) => Ask::Anything,
            None if self.begun || self.behind > 0 => Ask::More,
            None => Ask::Nothing,
        };
        for to in self.identity.peers() {
            match self.wanted.iter().find(|want| want.who == to) {
                Some(want) if want.height < self.height => {
                    self.tell_decisions(to, want.height, effects);
                }
                Some(_) | None => {}
            }
            self.gossip_to(to, self.round, asks, effects);
        }
    }

    /// What it knows of the rounds from that one's predecessor to its own, save those between.
    fn gossip_to(&self, to: ReplicaId, round: Round, asks: Ask, effects: &mut Effects) {
        let pending = self.requests.pending();
        let of_use = |tally: &&Tally| {
            // Whoever is a round behind needs the precommits that ended it.
            tally.round == round || tally.round == self.round || tally.round + 1 == self.round
        };
        let known = |tally: &Tally| Known {
            round: tally.round,
            proposals: tally.proposals.iter().map(|heard| heard.proposal.clone()).collect(),
            prevotes: tally.prevotes.0.as_slice().into(),
            precommits: tally.precommits.0.as_slice().into(),
        };
        let mut rounds: Vec<Known> = Vec::new();
        for tally in self.rounds.iter().filter(of_use) {
            let place = rounds.partition_point(|known| known.round < tally.round);
            rounds.insert(place, known(tally));
        }
        if rounds.last().is_none_or(|known| known.round < self.round) {
            rounds.push(known(&Tally { round: self.round, ..Tally::default() }));
        }
        let passed_on = |want: &&Want| want.hops > 0 && want.who != to;
        let less = |want: &Want| Want { hops: want.hops - 1, ..*want };
        let gossip = Gossip {
            height: self.height,
            asks,
            requests: pending[..pending.len().min(REQUESTS_AT_ONCE)].into(),
            rounds: rounds.into(),
            wanted: self.wanted.iter().filter(passed_on).map(less).collect(),
        };
        send(effects, to, Message::Gossip(Box::new(gossip)));
    }

    /// Takes what others signed, and answers one who is behind. An answer asks for nothing.
    pub(super) fn on_gossip(&mut self, from: ReplicaId, gossip: &Gossip, effects: &mut Effects) {
        let height = gossip.height;
        self.note_answer(from);
        self.wanted.retain(|want| want.who != from || want.height >= height);
        self.learn(gossip.requests.iter().copied(), effects);
        for known in &gossip.rounds {
            let round = known.round;
            for proposal in &known.proposals {
                self.hear_proposal(height, round, proposal.clone());
            }
            let prevotes = known.prevotes.iter().map(|signed| (Stage::Prevote, signed));
            let precommits = known.precommits.iter().map(|signed| (Stage::Precommit, signed));
            for (stage, &(value, signers)) in prevotes.chain(precommits) {
                self.hear_proof(Vote { stage, height, round, value }, signers);
            }
        }
        if height > self.height {
            self.note(from, height, 0);
        }
        let round = gossip.rounds.last().map_or(0, |known| known.round);
        self.answer(from, (height, round), gossip.asks, effects);
        for &want in &gossip.wanted {
            self.pass_on(want, effects);
        }
    }

    /// Answers who is not as far, and remembers who asks in vain.
    fn answer(
        &mut self,
        from: ReplicaId,
        (height, round): (Height, Round),
        asks: Ask,
        effects: &mut Effects,
    ) {
        let is_behind = height < self.height;
        match asks {
            Ask::Nothing => return,
            Ask::More | Ask::Anything if is_behind => self.tell_decisions(from, height, effects),
            Ask::Anything => self.gossip_to(from, round, Ask::Nothing, effects),
            Ask::More if height == self.height && round < self.round => {
                self.gossip_to(from, round, Ask::Nothing, effects);
            }
            Ask::More => {}
        }
        let again = std::mem::replace(&mut self.asked[from.index()], height) == height;
        // Also where it is no further itself: others may be, and not hear the question.
        if again && (is_behind || asks == Ask::More) {
            let hops = self.identity.replicas.saturating_sub(2);
            self.pass_on(Want { who: from, height, asks, hops }, effects);
        }
    }

    /// Keeps in mind who asks in vain, until it gossips the next time.
    fn pass_on(&mut self, want: Want, effects: &mut Effects) {
        let Want { who, hops, .. } = want;
        // More hops than there are replicas are nonsense.
        if who == self.identity.id
            || who.0 >= self.identity.replicas
            || hops >= self.identity.replicas
        {
            return;
        }
        let had_to = self.has_to_gossip();
        match self.wanted.iter_mut().find(|known| known.who == who) {
            Some(known) if known.hops > hops => {}
            Some(known) => *known = want,
            None => self.wanted.push(want),
        }
        if !had_to {
            self.set_gossip_timer(effects);
        }
    }

    /// Somebody has answered; of f + 1 one is honest.
    fn note_answer(&mut self, from: ReplicaId) {
        let Some(answered) = &mut self.answered else { return };
        answered.add(from);
        if answered.len() > self.identity.tolerated {
            self.answered = None;
        }
    }

    fn tell_decisions(&self, to: ReplicaId, height: Height, effects: &mut Effects) {
        let Some(first) = (height as usize).checked_sub(1) else { return };
        let start = first.checked_sub(1).map_or(0, |before| self.decided[before].end);
        let later = self.decided[first..].iter().take(BLOCKS_AT_ONCE);
        let blocks = later.scan(start, |start, certificate| {
            let Certificate { end, round, signers } = *certificate;
            let entries = self.log.from(*start + 1, (end - *start) as usize);
            *start = end;
            let block: Block = entries.iter().map(|entry| entry.command).collect();
            Some(Decision { block, round, signers })
        });
        let message = Message::Decisions { height, blocks: blocks.collect() };
        send(effects, to, message);
    }

    /// Takes what more than two thirds decided; after a full answer it asks for the rest.
    pub(super) fn on_decisions(
        &mut self,
        from: ReplicaId,
        height: Height,
        blocks: &[Decision],
        effects: &mut Effects,
    ) {
        self.note_answer(from);
        let before = self.height;
        for (height, Decision { block, round, signers }) in (height..).zip(blocks) {
            let all = (1_u32 << self.identity.replicas) - 1;
            let signers = ReplicaSet((u32::from(signers.0) & all) as u16);
            if height != self.height || *round >= super::ROUNDS {
                continue;
            }
            let vote = Vote {
                stage: Stage::Precommit,
                height,
                round: *round,
                value: Some(id_of(height, block)),
            };
            self.hear_proof(vote, signers);
            if signers.len() < self.quorum() || !self.requests.fit(block) {
                return;
            }
            self.decide(block, *round, signers, effects);
        }
        if self.height > before && blocks.len() == BLOCKS_AT_ONCE {
            self.gossip_to(from, self.round, Ask::More, effects);
        }
    }
}
