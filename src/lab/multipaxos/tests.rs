//! The rules one by one, Table 1 of the Omni-Paxos paper, and whole runs.

use super::*;
use crate::check::Property;
use crate::clock::Micros;
use crate::fault::Behaviour;
use crate::history::History;
use crate::lab::mutants::assert_caught;
use crate::lab::trial::{assert_heals, assert_safe, broken_by, cuts, outcome, play, size};
use crate::outcome::{Measures, Outcome, Window};
use crate::protocol::{Mutant, Protocol};
use crate::run::Run;

const N1: ReplicaId = ReplicaId(0);
const N2: ReplicaId = ReplicaId(1);
const N3: ReplicaId = ReplicaId(2);

const BOTH: [Protocol; 2] = [Protocol::Multipaxos, Protocol::MultipaxosRobust];

fn replica(id: ReplicaId) -> Multipaxos {
    let election = Micros(10)..=Micros(20);
    let identity = Identity { id, replicas: 3, tolerated: 0, heartbeat: Micros(1), election };
    Multipaxos::new(identity, Rules { claims_need_a_quorum: false })
}

fn ballot(number: u32, owner: ReplicaId) -> Ballot {
    Ballot { number, owner }
}

/// What a replica says to that input, by receiver.
fn says(replica: &mut Multipaxos, input: Input<'_, Message>) -> Vec<(ReplicaId, Message)> {
    let mut effects = Vec::new();
    replica.step(input, &mut effects);
    let said = effects.into_iter().filter_map(|effect| match effect {
        Effect::Send { to, message: crate::protocol::Message::Multipaxos(message), .. } => {
            Some((to, message))
        }
        Effect::Send { .. }
        | Effect::SetTimer { .. }
        | Effect::RestartTimer(_)
        | Effect::CancelTimer(_)
        | Effect::Answer { .. } => None,
    });
    said.collect()
}

fn hears(replica: &mut Multipaxos, from: ReplicaId, message: Message) -> Vec<Message> {
    says(replica, Input::Deliver { from, message: &message })
        .into_iter()
        .map(|(_, said)| said)
        .collect()
}

fn accept(ballot: Ballot, first: Index, decided: Index, commands: &[Command]) -> Message {
    Message::Accept { ballot, first, decided, commands: commands.into() }
}

/// n1 in phase 1 of its first ballot, having accepted 5 in slot 1 of ballot 3 of n2, and nothing
/// since; n2's promise tells of slots 1 and 3.
fn elected() -> (Multipaxos, Vec<(ReplicaId, Message)>) {
    let mut leader = replica(N1);
    hears(&mut leader, N2, accept(ballot(3, N2), 1, 0, &[5]));
    let own = ballot(4, N1);
    let asked = says(&mut leader, Input::Timeout(Timer::Election));
    assert_eq!(asked, [N2, N3].map(|to| (to, Message::Prepare { ballot: own, first: 1 })));
    assert_eq!(leader.belief().role, Role::Candidate);
    let older = Slot { ballot: ballot(2, N3), command: 6 };
    let newer = Slot { ballot: ballot(3, N3), command: 7 };
    let slots = [older, Slot::EMPTY, newer].into();
    let message = Message::Promise { ballot: own, first: 1, decided: 0, slots };
    let told = says(&mut leader, Input::Deliver { from: N3, message: &message });
    assert_eq!(leader.belief().role, Role::Leader);
    (leader, told)
}

#[test]
fn a_leader_proposes_what_was_accepted_last_and_fills_holes_with_no_ops() {
    let (leader, told) = elected();
    let all = accept(ballot(4, N1), 1, 0, &[5, 0, 7]);
    assert_eq!(told, [(N2, all.clone()), (N3, all)]);
    assert_eq!((leader.commit(), leader.filled), (0, 3));
}

#[test]
fn what_a_majority_has_filled_is_decided_and_what_is_lost_is_sent_again() {
    let (mut leader, _) = elected();
    let own = ballot(4, N1);
    let write = says(&mut leader, Input::Propose(8));
    assert_eq!(write[1], (N3, accept(own, 4, 0, &[8])));
    let mut follower = replica(N3);
    // What comes first is taken, though it leaves a hole.
    let answer = Message::Accepted { ballot: own, filled: 0, told: 0 };
    assert_eq!(hears(&mut follower, N1, accept(own, 4, 0, &[8])), std::slice::from_ref(&answer));
    assert_eq!(hears(&mut leader, N3, answer), [], "sent again only where a sign of life shows it");
    let life = says(&mut leader, Input::Timeout(Timer::Heartbeat));
    assert_eq!(life[1], (N3, accept(own, 1, 0, &[])), "all four slots may be under way");
    let life = says(&mut leader, Input::Timeout(Timer::Heartbeat));
    assert_eq!(life[1], (N3, accept(own, 5, 0, &[])));
    let lacks = hears(&mut follower, N1, life[1].1.clone());
    assert_eq!(lacks, [Message::Accepted { ballot: own, filled: 0, told: 4 }]);
    let again = hears(&mut leader, N3, lacks[0].clone());
    assert_eq!(again, [accept(own, 1, 0, &[5, 0, 7, 8])]);
    let all = hears(&mut follower, N1, again[0].clone());
    assert_eq!(all, [Message::Accepted { ballot: own, filled: 4, told: 0 }]);
    assert_eq!(hears(&mut leader, N3, all[0].clone()), []);
    assert_eq!((leader.commit(), follower.commit()), (4, 0));
    let life = says(&mut leader, Input::Timeout(Timer::Heartbeat));
    hears(&mut follower, N1, life[1].1.clone());
    let commands: Vec<_> = follower.log.from(1, 9).iter().map(|entry| entry.command).collect();
    assert_eq!(commands, [5, 0, 7, 8]);
}

#[test]
fn a_promise_outlives_the_process() {
    let mut acceptor = replica(N3);
    let (high, low) = (ballot(2, N2), ballot(1, N1));
    let promise = hears(&mut acceptor, N2, Message::Prepare { ballot: high, first: 1 });
    let slots = Box::default();
    assert_eq!(promise, [Message::Promise { ballot: high, first: 1, decided: 0, slots }]);
    acceptor.crash();
    says(&mut acceptor, Input::Start);
    let told = hears(&mut acceptor, N1, accept(low, 1, 0, &[1]));
    assert_eq!(told, [Message::Nack { ballot: low, accept: true, slot: 1, promised: high }]);
    assert_eq!(acceptor.leader, high);
}

/// The artifact's rule, step by step: the larger ballot that is gossiped is followed at once; who
/// misses its leader stands with a larger one; without a majority nothing changes.
#[test]
fn the_largest_ballot_leads() {
    let mut one = replica(N1);
    says(&mut one, Input::Start);
    let replied = |one: &mut Multipaxos, ballot, leader| {
        let message = Message::Reply { round: one.round, ballot, leader };
        says(one, Input::Deliver { from: N2, message: &message });
    };
    let (gone, none) = (ballot(3, N3), ballot(0, N2));
    replied(&mut one, none, gone);
    assert_eq!(one.leader, gone);
    // n2 answers, n3 does not: its leader is gone.
    says(&mut one, Input::Timeout(Timer::Round));
    assert_eq!((one.leader, one.own), (Ballot::NONE, ballot(4, N1)));
    assert_eq!(one.belief().role, Role::Candidate);
    replied(&mut one, none, gone);
    assert_eq!(one.leader, gone, "n2 still follows it, and says so");
    let asked = says(&mut one, Input::Timeout(Timer::Round));
    assert_eq!(asked[0], (N2, Message::Prepare { ballot: ballot(4, N1), first: 1 }));
    // Nobody answers: it leads on; the robust one claims nothing any more.
    let mut robust = one.clone();
    robust.rules.claims_need_a_quorum = true;
    says(&mut one, Input::Timeout(Timer::Round));
    says(&mut robust, Input::Timeout(Timer::Round));
    assert_eq!((one.leader, one.leadership.is_some()), (ballot(4, N1), true));
    assert_eq!((robust.leader, robust.own.number, robust.leadership), (Ballot::NONE, 0, None));
    // A larger one is about.
    replied(&mut one, none, ballot(5, N3));
    assert_eq!((one.leader, one.leadership), (ballot(5, N3), None));
}

const FIVE: [(u8, u8); 10] =
    [(1, 2), (1, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 5), (3, 4), (3, 5), (4, 5)];

fn measures((run, history): &(Run, History)) -> Measures {
    Window::of_faults(run.world().scenario()).measure(history)
}

/// In election timeouts of 2 s, the longest.
const fn timeouts(micros: u64) -> u64 {
    micros / 2_000_000
}

/// Table 1: n1 is the hub, n3 leads. Deadlock; with claims that need a quorum, the hub takes over.
#[test]
fn quorum_loss_is_a_deadlock_unless_claims_need_a_quorum() {
    let cut: Vec<_> = FIVE.into_iter().filter(|&(one, _)| one != 1).collect();
    let text = format!("at 0s elect n3\n{}run 60s\n", cuts("5s", &cut));
    for seed in 1..=size(10, 200) {
        let dead = play(Protocol::Multipaxos, 5, seed, &text);
        let found = measures(&dead);
        assert_eq!((outcome(&dead.0, &dead.1), found.writes_committed), (Outcome::Stalled, 0));
        assert_eq!((found.leader_changes, found.epochs), (0, 0), "nothing moves");
        let robust = play(Protocol::MultipaxosRobust, 5, seed, &text);
        let found = measures(&robust);
        assert_eq!(outcome(&robust.0, &robust.1), Outcome::Stable, "{found:?}");
        assert_eq!(robust.1.elections.last().map(|won| won.leader), Some(N1));
        assert!(timeouts(found.longest_stall_us) < 5, "{found:?}");
        if seed == 1 {
            println!("quorum-loss, robust: {found:?}");
        }
    }
}

/// Table 1: n1 reaches n2, n4 and n5, is behind, and leads all the same; n3 is alone.
#[test]
fn a_constrained_election_is_won_by_whoever_reaches_a_majority() {
    let cut: Vec<_> = FIVE
        .into_iter()
        .filter(|&link| ![(1, 2), (1, 4), (1, 5), (1, 3)].contains(&link))
        .collect();
    let behind = cuts("5s", &[(1, 3)]);
    let text = format!("at 0s elect n3\n{behind}{}run 60s\n", cuts("5500ms", &cut));
    for protocol in BOTH {
        for seed in 1..=size(10, 200) {
            let played = play(protocol, 5, seed, &text);
            let found = measures(&played);
            let world = played.0.world();
            let elections = &played.1.elections;
            assert_eq!(elections.last().map(|won| won.leader), Some(N1), "{elections:?}");
            assert!(timeouts(found.longest_stall_us) < 4, "{found:?}");
            let left = ReplicaId(2);
            assert!(
                world.group(0).replica(left).commit() + 400 < world.group(0).replica(N1).commit()
            );
            assert_eq!(outcome(&played.0, &played.1), Outcome::Parted, "n3 is alone, {found:?}");
            if seed == 1 {
                println!("constrained, {protocol}: {found:?}");
            }
        }
    }
}

/// Table 1: n2 leads and cannot hear n3; n1 hears both. Leadership goes to and fro for ever, and
/// writes get through in between.
#[test]
fn a_chain_is_a_livelock() {
    let text = format!("at 0s elect n2\n{}run 60s\n", cuts("5s", &[(2, 3)]));
    for protocol in BOTH {
        for seed in 1..=size(10, 200) {
            let played = play(protocol, 3, seed, &text);
            let found = measures(&played);
            assert_eq!(outcome(&played.0, &played.1), Outcome::Flapping, "{found:?}");
            assert!(found.leader_changes > 8, "{found:?}");
            let winners: Vec<_> = played.1.elections.iter().map(|won| won.leader).collect();
            assert!(winners.contains(&N2) && winners.contains(&N3) && !winners.contains(&N1));
            assert!(found.writes_committed * 2 > found.writes_tried, "{found:?}");
            if seed == 1 {
                println!("chained, {protocol}: {found:?}");
            }
        }
    }
}

#[test]
fn a_leader_is_found_without_a_push_and_then_stays() {
    for protocol in BOTH {
        let (run, history) = play(protocol, 5, 3, "run 30s\n");
        let leaders: Vec<_> = history.elections.iter().map(|won| won.leader).collect();
        println!("{protocol}: {leaders:?}");
        assert!(
            leaders.len() <= 3
                && history.elections.last().is_some_and(|won| won.at < Micros(8_000_000))
        );
        assert_eq!(outcome(&run, &history), Outcome::Stable, "{:?}", history.elections);
    }
}

/// Messages a write: phase 2 to each of the others, and an answer.
#[test]
fn no_chain_of_messages_outlives_its_cause() {
    let (run, history) = play(Protocol::Multipaxos, 3, 1, "at 0s elect n1\nrun 60s\n");
    // Ten writes and ten signs of life a second at 4 messages each, and some heartbeats.
    let delivered = run.world().delivered();
    assert!((5_400..5_600).contains(&delivered), "{delivered}");
    assert!(history.commits.len() >= 598);
}

#[test]
fn random_plants_and_faults_break_nothing() {
    for protocol in BOTH {
        assert_safe(protocol, size(150, 10_000));
    }
}

#[test]
fn when_every_fault_is_lifted_all_agree_again() {
    for protocol in BOTH {
        assert_heals(protocol, size(60, 5_000), 15);
    }
}

#[test]
fn liars_break_it() {
    let alone = [Behaviour::Equivocate, Behaviour::DoubleVote, Behaviour::LieAboutLog];
    for behaviour in alone {
        let found = broken_by(Protocol::Multipaxos, &[behaviour], 200);
        println!("{}: {found:?}", behaviour.name());
        assert!(found.is_some(), "{} does nothing", behaviour.name());
    }
    let story = "at 0s elect n1\nat 2s traitor n1 equivocate to n3\nrun 9s\n";
    let (_, history) = play(Protocol::Multipaxos, 3, 1, story);
    let broke = |property| history.violations.iter().any(|one| one.property == property);
    assert!(broke(Property::Agreement), "{:?}", history.violations);
    // These two only get in the way.
    for lie in ["claim-leadership", "deny-leader"] {
        let story = format!("at 0s elect n1\nat 2s traitor n3 {lie} to n1 n2\nrun 30s\n");
        let played = play(Protocol::Multipaxos, 3, 1, &story);
        let found = measures(&played);
        assert!(played.1.violations.is_empty(), "{lie}: {found:?}");
        assert!(found.writes_committed + 5 < found.writes_tried, "{lie}: {found:?}");
    }
}

#[test]
fn the_checks_find_what_is_done_wrong() {
    for mutant in [Mutant::VoteTwice, Mutant::SmallQuorum, Mutant::ForgetLock] {
        assert_caught(Protocol::Multipaxos, mutant);
    }
}
