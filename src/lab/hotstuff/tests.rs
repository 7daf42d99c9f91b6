//! The rules one by one, and whole runs.

use super::{Certificate, Hotstuff, Message, NewView, Node, Phase, Proposal, TimeoutCertificate};
use crate::clock::Micros;
use crate::fault::{ReplicaId, ReplicaSet};
use crate::lab::liars::{self, Trial, plain};
use crate::lab::trial::size;
use crate::outcome::Outcome;
use crate::protocol::{Effect, Identity, Input, Mutant, Protocol, StateMachine};
use crate::words::told;

const OWN: Protocol = Protocol::Hotstuff;

#[test]
fn a_healthy_group_is_stable_and_quiet_when_there_is_nothing_to_do() {
    let trial = Trial::of(&plain(OWN, 4, "", "10s"));
    trial.assert_safe(0);
    assert_eq!(trial.outcome(), Outcome::Stable);
    assert_eq!(trial.lost(0, 9_900), 0);
    let delivered = trial.run.world().delivered();
    // New-view, four things the leader says and three votes; and at the start all ask all.
    assert_eq!(delivered, 8 * 3 * trial.history.commits.len() as u64 + 2 * 4 * 3);
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
    assert!(liars::assert_lies_show(OWN, size(60, 5_000)) > 0, "some are about no-ops");
}

#[test]
fn more_liars_than_f_break_agreement() {
    // n2's votes come last, so that n1 has n3's by then: it shows two certificates at a time.
    let lies = "at 1s traitor n1 equivocate to n3\nat 1s traitor n2 double-vote to n1\n\
                at 1s traitor n2 delay 2ms to n1\n";
    let broken = (0..20).filter(|&seed| Trial::of(&seeded(seed, lies)).breaks_agreement()).count();
    println!("two who work together break {broken} of 20");
    assert!(broken >= 5);
}

#[test]
fn a_small_quorum_is_found() {
    liars::assert_found(Mutant::SmallQuorum, |seed| liars::random(OWN, 4, 1, seed));
}

/// n3 hears one proposal of n1, n2 the other, and n4 both.
#[test]
fn a_second_vote_is_found() {
    let lies = "at 1s traitor n1 equivocate to n3\nat 1s traitor n1 double-vote to n4\n";
    liars::assert_found(Mutant::VoteTwice, |seed| seeded(seed, lies));
}

/// What n1 decides, n3 and n4 often do not learn; and n2, which comes next, shows an old
/// certificate.
#[test]
fn a_forgotten_lock_is_found() {
    liars::assert_found(Mutant::ForgetLock, |seed| {
        let share = 50 + seed % 45;
        let actions = format!(
            "at 1s lose {share}% of n1 -> n3\nat 1s lose {share}% of n1 -> n4\n\
             at 1s traitor n2 lie-about-log to n1 n3 n4\n"
        );
        seeded(seed, &actions)
    });
}

/// Paper, section 4.2: a node's hash covers its whole branch. Two no-ops in a row are two nodes,
/// and the other story of either is neither.
#[test]
fn no_ops_in_a_row_do_not_break_agreement() {
    let losses = "at 0s lose 60% of n3 -> n2\nat 0s lose 60% of n3 -> n1\n\
                  at 0s lose 60% of n3 -> n4\nat 0s lose 60% of n2 -> n1\n";
    for seed in 0..size(100, 2_000) {
        let text = plain(OWN, 4, losses, "60s")
            .replace("election 500ms..1s", "election 150ms..300ms")
            .replace("write every 100ms", "write every 2s")
            .replace("seed 7", &format!("seed {seed}"));
        Trial::of(&text).assert_safe(seed);
    }
}

/// One of four is down and one direction dead: the replica between the other two can lead them, and
/// they come along on the timeout certificates that it shows.
#[test]
fn one_crash_and_one_dead_direction_leave_views_that_decide() {
    for crashed in 1..=4_u8 {
        let others = || (1..=4_u8).filter(|&other| other != crashed);
        for (from, to) in others().flat_map(|from| others().map(move |to| (from, to))) {
            if from == to {
                continue;
            }
            let faults = format!("at 4s crash r{crashed}.s1\nat 4s cut n{from} -> n{to}\n");
            let text = plain(OWN, 4, &faults, "124s").replace("every 100ms", "every 300ms");
            let trial = Trial::of(&text);
            trial.assert_safe(0);
            let commits = &trial.history.commits;
            let gaps = commits.windows(2).map(|pair| pair[1].0 - pair[0].0);
            let longest = gaps
                .max()
                .expect("there are commits")
                .max(Micros::from_secs(124).0 - commits.last().expect("there are commits").0);
            println!("n{crashed} down, n{from} -> n{to} dead: {longest} without a commit");
            assert!(longest < 12_000_000, "n{crashed} down, n{from} -> n{to} dead: {longest}");
            assert_eq!(trial.lost(4_000, 110_000), 0, "n{crashed} down, n{from} -> n{to} dead");
        }
    }
}

fn seeded(seed: u32, actions: &str) -> String {
    plain(OWN, 4, actions, "20s").replace("seed 7", &format!("seed {seed}"))
}

/// n4, which has never run.
fn n4() -> Hotstuff {
    let election = Micros(10)..=Micros(20);
    let (id, heartbeat) = (ReplicaId(3), Micros(5));
    Hotstuff::new(Identity { id, replicas: 4, tolerated: 1, heartbeat, election })
}

/// How many votes it casts in answer to that.
fn votes(replica: &mut Hotstuff, from: u8, message: Message) -> usize {
    let mut effects = Vec::new();
    replica.step(Input::Deliver { from: ReplicaId(from), message: &message }, &mut effects);
    let is_vote = |effect: &&Effect| {
        matches!(
            effect,
            Effect::Send { message: crate::protocol::Message::Hotstuff(Message::Vote { .. }), .. }
        )
    };
    effects.iter().filter(is_vote).count()
}

fn proposal(block: &[u32]) -> Message {
    let node = Node { parent: 0, block: block.into() };
    let entered = ReplicaSet(0b1111);
    Message::Prepare(Box::new(Proposal { view: 1, node, justify: None, entered }))
}

#[test]
fn safe_is_what_stands_on_the_lock_or_is_newer() {
    let certificate =
        |phase, view, node| Some(Certificate { phase, view, node, signers: ReplicaSet(0b0111) });
    let mut replica = n4();
    assert!(replica.is_safe(None), "nothing is locked");
    replica.locked = certificate(Phase::Precommit, 5, 10);
    let safe = |view, node| replica.is_safe(certificate(Phase::Prepare, view, node));
    assert!(safe(5, 10) && safe(6, 11));
    assert!(!safe(4, 11) && !replica.is_safe(None));
}

#[test]
fn a_replica_votes_once_and_says_it_again_if_asked() {
    let mut replica = n4();
    assert_eq!(votes(&mut replica, 1, proposal(&[7])), 0, "it is not n2's turn");
    assert_eq!(votes(&mut replica, 0, proposal(&[7])), 1);
    assert_eq!(votes(&mut replica, 0, proposal(&[7])), 1);
    assert_eq!(votes(&mut replica, 0, proposal(&[0, 7])), 0);
    // The other story of a no-op can be voted for, too.
    assert_eq!([&[0][..], &[0, 0]].map(|block| votes(&mut n4(), 0, proposal(block))), [1, 1]);
    let caught = replica.evidence().into_iter().map(|(_, fact)| told("evidence", &fact));
    let expected = ["n2 proposed out of turn in view 1", "n1 signed two proposals in view 1"];
    assert_eq!(caught.collect::<Vec<_>>(), expected);
}

#[test]
fn a_certificate_needs_a_quorum_of_members() {
    let mut replica = n4();
    let node = Node { parent: 0, block: [7].into() }.id();
    let certificate = |signers| {
        let signers = ReplicaSet(signers);
        Message::Show(Certificate { phase: Phase::Prepare, view: 1, node, signers })
    };
    assert_eq!(votes(&mut replica, 0, certificate(0b0011)), 0);
    assert_eq!(votes(&mut replica, 0, certificate(0b0111_0011)), 0, "strangers do not count");
    assert_eq!(votes(&mut replica, 0, certificate(0b0111)), 1);
    assert_eq!(told("phase", &replica.phase()), "view 1, pre-commit");
}

/// Whoever said NEW-VIEW for a view is done with those before it, also where it has not been yet.
#[test]
fn who_wants_a_later_view_votes_in_none_before() {
    let mut replica = n4();
    let wants = |view| {
        let said = NewView {
            view,
            justify: None,
            decided: 0,
            impatient: true,
            entered: None,
            requests: Box::default(),
        };
        Message::NewView(Box::new(said))
    };
    replica.lose_patience(9, &mut Vec::new());
    votes(&mut replica, 1, wants(9));
    assert!(replica.is_late() && replica.view == 1);
    assert_eq!(votes(&mut replica, 0, proposal(&[7])), 0);
    let entered = Some(TimeoutCertificate { view: 5, signers: ReplicaSet(0b0111) });
    let shown = |entered| {
        let said = NewView {
            view: 5,
            justify: None,
            decided: 0,
            impatient: false,
            entered,
            requests: Box::default(),
        };
        Message::NewView(Box::new(said))
    };
    votes(&mut replica, 2, shown(entered));
    assert!(replica.is_late() && replica.view == 5);
    let node = Node { parent: 0, block: [7].into() };
    let proposal = Proposal { view: 5, node, justify: None, entered: ReplicaSet(0b0111) };
    assert_eq!(votes(&mut replica, 0, Message::Prepare(Box::new(proposal.clone()))), 0);
    // In a twin that has not said so the same proposal gets a vote.
    let mut twin = n4();
    votes(&mut twin, 2, shown(Some(TimeoutCertificate { view: 5, signers: ReplicaSet(0b0011) })));
    assert_eq!(twin.view, 1, "two of four are no quorum");
    assert_eq!(votes(&mut twin, 0, Message::Prepare(Box::new(proposal))), 1);
}
