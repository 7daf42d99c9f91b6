//! The rules one by one, and whole runs.

use std::fmt::Write as _;

use super::{Ask, Gossip, Known, Message, Proposal, Round, Stage, Tendermint, Vote, id_of};
use crate::clock::Micros;
use crate::fault::{ReplicaId, ReplicaSet};
use crate::lab::liars::{self, Trial, plain};
use crate::lab::trial::size;
use crate::outcome::Outcome;
use crate::protocol::{Command, Effect, Identity, Input, Mutant, Protocol, StateMachine, Timer};
use crate::rng::Rng;
use crate::words::told;

const OWN: Protocol = Protocol::Tendermint;

#[test]
fn a_healthy_group_is_stable_and_quiet_when_there_is_nothing_to_do() {
    let trial = Trial::of(&plain(OWN, 4, "", "10s"));
    trial.assert_safe(0);
    assert_eq!(trial.outcome(), Outcome::Stable);
    assert_eq!(trial.lost(0, 9_900), 0);
    let delivered = trial.run.world().delivered();
    // 3 proposals and 12 votes of each kind, a height; and at the start all ask all.
    assert_eq!(delivered, 27 * trial.history.commits.len() as u64 + 2 * 4 * 3);
}

#[test]
fn one_of_four_may_go_and_two_may_not() {
    liars::assert_one_of_four_may_go(OWN);
}

#[test]
fn f_liars_do_no_harm() {
    liars::assert_survives(OWN, 4, size(60, 5_000));
    liars::assert_survives(OWN, 7, size(30, 2_500));
}

#[test]
fn crashes_losses_and_wipes_leave_nobody_behind() {
    liars::assert_recovers(OWN, false, size(60, 10_000));
}

#[test]
fn f_liars_in_rough_times_leave_nobody_behind() {
    liars::assert_recovers(OWN, true, size(40, 5_000));
}

#[test]
fn a_wiped_replica_costs_little() {
    liars::assert_a_wipe_costs_little(OWN);
}

#[test]
fn a_lie_never_reads_like_its_truth() {
    liars::assert_lies_show(OWN, size(60, 5_000));
}

#[test]
fn more_liars_than_f_break_agreement() {
    let lies = "at 1s traitor n1 equivocate\nat 1s traitor n2 double-vote to n3\n";
    let trial = Trial::of(&plain(OWN, 4, lies, "10s"));
    assert!(trial.breaks_agreement());
    let found = liars::first_break(200, |seed| liars::random(OWN, 4, 2, seed));
    println!("two of four: seed {found:?}");
    assert!(found.is_some());
}

#[test]
fn mistakes_are_found() {
    for mutant in [Mutant::SmallQuorum, Mutant::VoteTwice] {
        liars::assert_found(mutant, |seed| liars::random(OWN, 4, 1, seed));
    }
}

/// A lock matters when one decides and the others do not see it: so links lose much, what is lost
/// is seldom said again, and a liar votes for two stories. Honest gossip alone tells too much of a
/// round for that.
#[test]
fn a_forgotten_lock_is_found() {
    liars::assert_found(Mutant::ForgetLock, |seed| {
        let mut rng = Rng::new(seed);
        let mut actions = String::new();
        for link in 0..16 {
            let (from, to) = (1 + link / 4, 1 + link % 4);
            if from != to && rng.percent(60) {
                let share = 30 + rng.below(65);
                writeln!(actions, "at 1s lose {share}% of n{from} -> n{to}")
                    .expect("a string takes it");
            }
        }
        let others: String =
            (1..4).filter(|_| rng.percent(50)).map(|to| format!(" n{to}")).collect();
        if !others.is_empty() {
            let lies = ["double-vote", "equivocate"];
            actions.extend(lies.map(|lie| format!("at 1s traitor n4 {lie} to{others}\n")));
        }
        plain(OWN, 4, &actions, "20s")
            .replace(
                "heartbeat 100ms, election 500ms..1s",
                "heartbeat 390ms, election 400ms..800ms",
            )
            .replace("seed 7", &format!("seed {seed}"))
            .replace("every 100ms", "every 500ms")
    });
}

const fn identity(id: u8) -> Identity {
    let election = Micros(10)..=Micros(20);
    Identity { id: ReplicaId(id), replicas: 4, tolerated: 1, heartbeat: Micros(5), election }
}

/// A replica under a test's hands: n1 proposes at height 1.
struct Puppet(Tendermint);

impl Puppet {
    fn new(id: u8) -> Self {
        Self(Tendermint::new(identity(id)))
    }

    /// What it votes in answer to that, each vote once.
    fn hears(&mut self, from: u8, message: Message) -> Vec<Vote> {
        self.steps(Input::Deliver { from: ReplicaId(from), message: &message })
    }

    fn steps(&mut self, input: Input<'_, Message>) -> Vec<Vote> {
        let mut effects = Vec::new();
        StateMachine::step(&mut self.0, input, &mut effects);
        let mut votes: Vec<_> = effects.into_iter().filter_map(vote_in).collect();
        votes.dedup();
        votes
    }

    /// Hears the same vote of two others.
    fn hears_two(&mut self, stage: Stage, round: Round, value: Option<u64>) -> Vec<Vote> {
        let own = self.0.identity.id.0;
        let others = (0..4).filter(|&id| id != own && id != round as u8).take(2);
        let vote = Vote { stage, height: 1, round, value };
        others.flat_map(|id| self.hears(id, Message::Vote(vote))).collect()
    }
}

fn vote_in(effect: Effect) -> Option<Vote> {
    match effect {
        Effect::Send {
            message: crate::protocol::Message::Tendermint(Message::Vote(vote)), ..
        } => Some(vote),
        Effect::Send { .. }
        | Effect::SetTimer { .. }
        | Effect::RestartTimer(_)
        | Effect::CancelTimer(_)
        | Effect::Answer { .. } => None,
    }
}

fn proposal(round: Round, block: &[Command], valid_round: Option<Round>, proof: u16) -> Message {
    let proposal = Proposal { block: block.into(), valid_round, proof: ReplicaSet(proof) };
    Message::Propose { height: 1, round, proposal: Box::new(proposal) }
}

fn vote(stage: Stage, round: Round, value: Option<u64>) -> Vec<Vote> {
    vec![Vote { stage, height: 1, round, value }]
}

/// n4, locked on write 7 in round 0 and now in round 1, where n2 proposes.
fn locked() -> (Puppet, u64) {
    let (mut puppet, id) = (Puppet::new(3), id_of(1, &[7]));
    let prevote = puppet.hears(0, proposal(0, &[7], None, 0));
    assert_eq!(prevote, vote(Stage::Prevote, 0, Some(id)));
    let precommit = puppet.hears_two(Stage::Prevote, 0, Some(id));
    assert_eq!(precommit, vote(Stage::Precommit, 0, Some(id)));
    puppet.hears_two(Stage::Precommit, 0, None);
    puppet.steps(Input::Timeout(Timer::Round));
    let phase = StateMachine::phase(&puppet.0);
    assert_eq!(told("phase", &phase), "height 1, round 1, propose, locked on write 7");
    (puppet, id)
}

#[test]
fn a_locked_replica_prevotes_nothing_else() {
    let (mut puppet, id) = locked();
    let mut twin = puppet.0.clone();
    assert_eq!(puppet.hears(1, proposal(1, &[8], None, 0)), vote(Stage::Prevote, 1, None));
    puppet = Puppet(twin.clone());
    assert_eq!(puppet.hears(1, proposal(1, &[7], None, 0)), vote(Stage::Prevote, 1, Some(id)));
    // Without the lock it would.
    twin.locked = None;
    let other = Some(id_of(1, &[8]));
    assert_eq!(Puppet(twin).hears(1, proposal(1, &[8], None, 0)), vote(Stage::Prevote, 1, other));
}

#[test]
fn more_than_two_thirds_of_a_later_round_open_a_lock() {
    let (mut puppet, _) = locked();
    let other = id_of(1, &[8]);
    // Round 1 passes it by; n3 proposes in round 2 what three prevoted in round 1.
    puppet.hears_two(Stage::Precommit, 1, None);
    puppet.hears(1, Message::Vote(vote(Stage::Precommit, 1, None)[0]));
    puppet.steps(Input::Timeout(Timer::Round));
    let twin = puppet.0.clone();
    let proof = 0b0111;
    let prevote = puppet.hears(2, proposal(2, &[8], Some(1), proof));
    assert_eq!(prevote, vote(Stage::Prevote, 2, Some(other)));
    // Prevotes of a round before the lock do not, nor do too few.
    puppet = Puppet(twin.clone());
    assert_eq!(puppet.hears(2, proposal(2, &[8], Some(1), 0b0011)), []);
    puppet = Puppet(twin);
    assert_eq!(puppet.hears(2, proposal(2, &[8], Some(2), proof)), [], "of its own round");
}

#[test]
fn f_plus_one_ahead_pull_a_replica_along_and_one_does_not() {
    let mut puppet = Puppet::new(3);
    let ahead =
        |round| Message::Vote(Vote { stage: Stage::Prevote, height: 1, round, value: None });
    puppet.hears(0, ahead(900));
    puppet.hears(0, ahead(5_000));
    assert_eq!(puppet.0.round, 0);
    puppet.hears(1, ahead(3));
    assert_eq!(puppet.0.round, 3);
}

#[test]
fn who_signs_two_of_one_kind_is_caught_by_what_others_pass_on() {
    let mut puppet = Puppet::new(3);
    puppet.hears(0, proposal(0, &[7], None, 0));
    puppet.hears(1, Message::Vote(vote(Stage::Prevote, 0, None)[0]));
    let signed = (Some(id_of(1, &[7])), ReplicaSet(0b0110));
    let other = Proposal { block: [0, 7].into(), valid_round: None, proof: ReplicaSet(0) };
    let known = Known {
        round: 0,
        proposals: [other].into(),
        prevotes: [signed].into(),
        precommits: Box::default(),
    };
    let gossip = Gossip {
        height: 1,
        asks: Ask::Nothing,
        requests: Box::default(),
        rounds: [known].into(),
        wanted: Box::default(),
    };
    puppet.hears(2, Message::Gossip(Box::new(gossip)));
    puppet.hears(2, proposal(3, &[7], None, 0));
    let caught = StateMachine::evidence(&puppet.0).into_iter();
    let caught = caught.map(|(_, fact)| told("evidence", &fact));
    let expected = [
        "n1 signed two proposals in height 1, round 0",
        "n2 signed two prevotes in height 1, round 0",
        "n3 proposed out of turn in height 1, round 3",
    ];
    assert_eq!(caught.collect::<Vec<_>>(), expected);
}
