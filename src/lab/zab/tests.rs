//! Rules of the paper and of ZooKeeper, message by message; whole runs; and mistakes that the
//! checks find.

use super::*;
use crate::fault::Behaviour;
use crate::lab::mutants::{assert_caught, assert_caught_in};
use crate::lab::trial::{assert_heals, assert_safe, broken_by, cuts, outcome, play, size};
use crate::outcome::Outcome;
use crate::protocol::Protocol;
use crate::protocol::zab::timer;
use crate::rng::Rng;
use crate::scenario::arbitrary;

const N1: ReplicaId = ReplicaId(0);
const N2: ReplicaId = ReplicaId(1);
const N3: ReplicaId = ReplicaId(2);
const N5: ReplicaId = ReplicaId(4);

/// A replica that has started, one of so many.
fn replica(id: ReplicaId, replicas: u8) -> Zab {
    let election = Micros(10)..=Micros(20);
    let identity = Identity { id, replicas, tolerated: 0, heartbeat: Micros(1), election };
    let mut replica = Zab::new(identity);
    said(&mut replica, Input::Start);
    replica
}

/// What it says to an input, and to whom.
fn said(replica: &mut Zab, input: Input<'_, Message>) -> Vec<(ReplicaId, Message)> {
    let mut effects = Vec::new();
    replica.step(input, &mut effects);
    let sent = |effect| match effect {
        Effect::Send { to, message: crate::protocol::Message::Zab(message), .. } => {
            Some((to, message))
        }
        Effect::Send { .. }
        | Effect::SetTimer { .. }
        | Effect::RestartTimer(_)
        | Effect::CancelTimer(_)
        | Effect::Answer { .. } => None,
    };
    effects.into_iter().filter_map(sent).collect()
}

fn hear(replica: &mut Zab, from: ReplicaId, message: Message) -> Vec<(ReplicaId, Message)> {
    said(replica, Input::Deliver { from, message: &message })
}

const fn votes(leader: ReplicaId, last: (Epoch, Index), standing: Standing) -> Message {
    let vote = Vote { epoch: last.0, last, server: leader.0, leader };
    Message::Notification { vote, round: 1, standing, is_answer: false }
}

const fn ack_epoch(epoch: Epoch, current: Epoch, last: (Epoch, Index)) -> Message {
    Message::AckEpoch { epoch, is_new: true, current, last, commit: 0 }
}

/// A follower of n3 that has accepted epoch 4 and taken over a history of these commands.
fn follower(commands: &[u32]) -> Zab {
    let mut follower = replica(N1, 3);
    hear(&mut follower, N3, votes(N3, (3, 9), Standing::Looking));
    said(&mut follower, Input::Timeout(timer::FINALIZE));
    hear(&mut follower, N3, Message::NewEpoch { epoch: 4 });
    hear(&mut follower, N3, new_leader(4, commands));
    follower
}

fn new_leader(epoch: Epoch, commands: &[u32]) -> Message {
    let entries = commands.iter().map(|&command| Entry { epoch, command }).collect();
    Message::NewLeader { epoch, history: History { base: 0, commit: 0, entries } }
}

fn commands(replica: &Zab) -> Vec<u32> {
    let all = replica.decided.from(1, usize::MAX).iter().chain(&replica.undecided);
    all.map(|entry| entry.command).collect()
}

/// The better vote is made one's own and told on: epoch first, then zxid, then id.
#[test]
fn the_best_vote_spreads() {
    let mut looking = replica(N2, 5);
    assert_eq!(hear(&mut looking, N1, votes(N1, (0, 0), Standing::Looking)), []);
    let told = hear(&mut looking, N3, votes(N5, (0, 0), Standing::Looking));
    assert_eq!((told.len(), looking.vote.leader), (4, N5), "it never heard n5 itself");
    hear(&mut looking, N3, votes(N1, (0, 1), Standing::Looking));
    assert_eq!(looking.vote.leader, N1, "a longer history beats a higher number");
    hear(&mut looking, N3, votes(N3, (1, 0), Standing::Looking));
    assert_eq!(looking.vote.leader, N3, "and a later epoch a longer history");
    assert_eq!(looking.belief().role, Role::Candidate);
}

#[test]
fn a_quorum_of_equal_votes_settles_it_after_a_moment() {
    let mut looking = replica(N1, 3);
    hear(&mut looking, N3, votes(N3, (0, 0), Standing::Looking));
    assert_eq!(looking.belief().leader, None, "something better may come");
    let asks = said(&mut looking, Input::Timeout(timer::FINALIZE));
    assert_eq!(asks, [(N3, Message::FollowerEpoch { accepted: 0 })]);
    assert_eq!(looking.belief().leader, Some(N3));
}

/// A leader that others follow is believed when a quorum says so, and the leader itself.
#[test]
fn hearsay_makes_no_leader() {
    let mut late = replica(N1, 5);
    for follower in [N2, ReplicaId(3), N5] {
        hear(&mut late, follower, votes(N3, (2, 7), Standing::Following));
    }
    assert_eq!(late.belief().leader, None, "a quorum follows n3, which says nothing");
    hear(&mut late, N3, votes(N3, (2, 7), Standing::Leading));
    assert_eq!(late.belief().leader, Some(N3));
}

/// Phase 1 as in ZooKeeper: a leader that meets a better history than its own gives up.
#[test]
fn a_leader_needs_the_best_history_of_its_quorum() {
    let leader = || {
        let mut leader = replica(N3, 3);
        hear(&mut leader, N1, votes(N3, (0, 0), Standing::Looking));
        said(&mut leader, Input::Timeout(timer::FINALIZE));
        let proposed = hear(&mut leader, N1, Message::FollowerEpoch { accepted: 6 });
        assert_eq!(proposed, [(N1, Message::NewEpoch { epoch: 7 })]);
        leader
    };
    let mut gives_up = leader();
    hear(&mut gives_up, N1, ack_epoch(7, 2, (1, 1)));
    assert!(matches!(gives_up.state, State::Looking(_)));
    let mut leads = leader();
    let told = hear(&mut leads, N1, ack_epoch(7, 0, (0, 0)));
    assert_eq!(told, [(N1, new_leader(7, &[]))]);
    assert_eq!(leads.belief().role, Role::Candidate, "synchronising");
    hear(&mut leads, N1, Message::Ack { epoch: 7, index: 0 });
    assert_eq!((leads.belief().role, leads.current), (Role::Leader, 7));
}

#[test]
fn an_epoch_is_accepted_once() {
    let mut follower = follower(&[]);
    said(&mut follower, Input::Timeout(Timer::Election));
    follower.round = 1;
    hear(&mut follower, N2, votes(N2, (8, 9), Standing::Looking));
    said(&mut follower, Input::Timeout(timer::FINALIZE));
    let accepts = hear(&mut follower, N2, Message::NewEpoch { epoch: 4 });
    let is_new = |said: &(_, Message)| matches!(said.1, Message::AckEpoch { is_new: true, .. });
    assert!(accepts.len() == 1 && !accepts.iter().any(is_new), "{accepts:?}");
    // And an older one never.
    said(&mut follower, Input::Timeout(Timer::Election));
    follower.round = 1;
    hear(&mut follower, N2, votes(N2, (8, 9), Standing::Looking));
    said(&mut follower, Input::Timeout(timer::FINALIZE));
    hear(&mut follower, N2, Message::NewEpoch { epoch: 3 });
    assert!(matches!(follower.state, State::Looking(_)));
}

/// One who has accepted a newer epoch can never follow this leader; a new one it can.
#[test]
fn a_leader_of_an_old_epoch_gives_way() {
    let mut leader = replica(N3, 3);
    hear(&mut leader, N1, votes(N3, (0, 0), Standing::Looking));
    said(&mut leader, Input::Timeout(timer::FINALIZE));
    hear(&mut leader, N1, Message::FollowerEpoch { accepted: 6 });
    hear(&mut leader, N1, ack_epoch(7, 0, (0, 0)));
    hear(&mut leader, N1, Message::Ack { epoch: 7, index: 0 });
    let tells = hear(&mut leader, N2, Message::FollowerEpoch { accepted: 7 });
    assert_eq!(tells, [(N2, Message::NewEpoch { epoch: 7 })]);
    assert_eq!(leader.belief().role, Role::Leader);
    hear(&mut leader, N2, Message::FollowerEpoch { accepted: 8 });
    assert_eq!(leader.belief().role, Role::Candidate);
}

/// What is said late must not throw away what was acknowledged since.
#[test]
fn an_old_history_takes_nothing_away() {
    let mut follower = follower(&[1, 2]);
    let proposal = Message::Proposal { epoch: 4, index: 3, command: 3 };
    assert_eq!(hear(&mut follower, N3, proposal), [(N3, Message::Ack { epoch: 4, index: 3 })]);
    hear(&mut follower, N3, new_leader(4, &[1, 2]));
    assert_eq!(commands(&follower), [1, 2, 3]);
}

#[test]
fn a_gap_is_asked_about_once_a_heartbeat() {
    let mut follower = follower(&[1]);
    let proposal = |index| Message::Proposal { epoch: 4, index, command: index };
    let asks = hear(&mut follower, N3, proposal(3));
    assert!(matches!(asks[..], [(N3, Message::AckEpoch { is_new: false, .. })]), "{asks:?}");
    assert_eq!(hear(&mut follower, N3, proposal(4)), []);
    hear(&mut follower, N3, new_leader(4, &[1, 2, 3, 4]));
    assert_eq!(commands(&follower), [1, 2, 3, 4]);
    let ping = Message::Ping { epoch: 4, last: 4, commit: 2 };
    assert_eq!(hear(&mut follower, N3, ping), [(N3, Message::Ack { epoch: 4, index: 4 })]);
    assert_eq!(follower.commit(), 2);
}

/// Table 1 of the Omni-Paxos paper: in a star all vote alike, and only the hub knows.
#[test]
fn quorum_loss_and_constrained_election_stall() {
    let quorum_loss = cuts("5s", &[(2, 3), (2, 4), (2, 5), (3, 4), (3, 5), (4, 5)]);
    let constrained =
        cuts("4s", &[(1, 5)]) + &cuts("5s", &[(2, 5), (3, 5), (4, 5), (2, 3), (2, 4), (3, 4)]);
    for cuts in [quorum_loss, constrained] {
        for seed in 0..20 {
            let actions = format!("{cuts}run 60s\n");
            let (run, history) = play(Protocol::Zab, 5, seed, &actions);
            assert_eq!(history.elections[0].leader, N5);
            assert_eq!(outcome(&run, &history), Outcome::Stalled, "seed {seed}\n{actions}");
        }
    }
}

/// A leader at the end of a chain of five loses its quorum, and nobody may lead in its place. One
/// in the middle, or of a chain of three, does not: whoever lost it looks for ever, and writes go
/// on.
#[test]
fn a_chain_stalls_if_the_best_history_is_at_its_end() {
    for seed in 0..20 {
        // 5-1-2-3-4 is what is left.
        let end = cuts("5s", &[(2, 5), (3, 5), (4, 5), (1, 3), (1, 4), (2, 4)]) + "run 60s\n";
        let (run, history) = play(Protocol::Zab, 5, seed, &end);
        assert_eq!(outcome(&run, &history), Outcome::Stalled, "seed {seed}");
        // 1-2-5-3-4 is what is left.
        let middle = cuts("5s", &[(1, 5), (1, 3), (1, 4), (2, 3), (2, 4), (4, 5)]) + "run 60s\n";
        let (run, history) = play(Protocol::Zab, 5, seed, &middle);
        assert_eq!(outcome(&run, &history), Outcome::Parted, "seed {seed}");
        let short = cuts("5s", &[(1, 3)]) + "run 60s\n";
        let (run, history) = play(Protocol::Zab, 3, seed, &short);
        assert_eq!(outcome(&run, &history), Outcome::Parted, "seed {seed}");
        assert_eq!(history.elections.len(), 1, "nobody is disturbed");
        assert!(history.commits.len() > 590, "{} of 600", history.commits.len());
    }
}

#[test]
fn random_faults_break_nothing() {
    assert_safe(Protocol::Zab, size(300, 20_000));
}

#[test]
fn when_every_fault_is_lifted_all_agree_again() {
    assert_heals(Protocol::Zab, size(200, 10_000), 5);
}

#[test]
fn the_checks_find_what_is_done_wrong() {
    use Mutant::{ForgetLock, SkipLogCheck, SmallQuorum, VoteTwice};
    for mutant in [SmallQuorum, SkipLogCheck, ForgetLock] {
        assert_caught(Protocol::Zab, mutant);
    }
    // Who accepts an epoch twice does harm only where both of its leaders find others to follow
    // them, in about one of a thousand: so the search begins near one.
    let four = |number| arbitrary::harsh_group(&mut Rng::new(650 + number), Protocol::Zab, 4);
    assert_caught_in(Protocol::Zab, VoteTwice, four);
}

/// Zab assumes that nobody lies, and one liar is enough.
#[test]
fn a_liar_breaks_it() {
    use Behaviour::{ClaimLeadership, DoubleVote, Equivocate, LieAboutLog};
    for lies in [&[Equivocate][..], &[LieAboutLog], &[DoubleVote, LieAboutLog, ClaimLeadership]] {
        let number = broken_by(Protocol::Zab, lies, 300);
        println!("{lies:?}: {number:?}");
        assert!(number.is_some(), "{lies:?} break nothing");
    }
}
