//! The rules of the paper one by one, and whole runs.

use std::sync::Arc;

use super::*;
use crate::check::Property;
use crate::clock::Micros;
use crate::history::History;
use crate::lab::mutants::assert_caught_in;
use crate::outcome::Outcome;
use crate::protocol::Protocol;
use crate::rng::Rng;
use crate::run::{self, Run};
use crate::scenario::{Scenario, arbitrary, text};
use crate::world::World;

const N1: ReplicaId = ReplicaId(0);
const N2: ReplicaId = ReplicaId(1);
const N3: ReplicaId = ReplicaId(2);

fn replica(id: ReplicaId) -> Paxos {
    let election = Micros(10)..=Micros(20);
    Paxos::new(Identity { id, replicas: 3, tolerated: 0, heartbeat: Micros(1), election })
}

fn ballot(number: u32, owner: ReplicaId) -> Ballot {
    Ballot { number, owner }
}

/// What a replica says to that input, by receiver.
fn says(replica: &mut Paxos, input: Input<'_, Message>) -> Vec<(ReplicaId, Message)> {
    let mut effects = Vec::new();
    replica.step(input, &mut effects);
    let said = effects.into_iter().filter_map(|effect| match effect {
        Effect::Send { to, message: crate::protocol::Message::Paxos(message), .. } => {
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

fn hears(replica: &mut Paxos, from: ReplicaId, message: Message) -> Vec<(ReplicaId, Message)> {
    says(replica, Input::Deliver { from, message: &message })
}

/// P2c: the value of the highest ballot reported, whatever the client wants.
#[test]
fn a_proposer_is_bound_by_the_highest_vote_it_is_told_of() {
    let mut proposer = replica(N1);
    let prepare = says(&mut proposer, Input::Propose(9));
    let own = ballot(1, N1);
    assert_eq!(prepare, [N2, N3].map(|to| (to, Message::Prepare { ballot: own })));
    // It accepted 4 long ago; n2 accepted 5 later.
    proposer.accepted = Some(Vote { ballot: ballot(1, N2), value: 4 });
    proposer.promised = ballot(6, N2);
    says(&mut proposer, Input::Timeout(Timer::Election));
    let own = ballot(7, N1);
    assert_eq!(proposer.promised, own);
    let later = Some(Vote { ballot: ballot(5, N2), value: 5 });
    let accept = hears(&mut proposer, N2, Message::Promise { ballot: own, accepted: later });
    assert_eq!(accept, [N2, N3].map(|to| (to, Message::Accept { ballot: own, value: 5 })));
    assert_eq!(proposer.belief().role, Role::Leader);
}

#[test]
fn an_acceptor_takes_part_in_no_ballot_below_its_promise() {
    let mut acceptor = replica(N3);
    let high = ballot(5, N2);
    let promise = hears(&mut acceptor, N2, Message::Prepare { ballot: high });
    assert_eq!(promise, [(N2, Message::Promise { ballot: high, accepted: None })]);
    let low = ballot(5, N1);
    let refusal = |accept| Message::Nack { ballot: low, accept, promised: high };
    let told = hears(&mut acceptor, N1, Message::Prepare { ballot: low });
    assert_eq!(told, [(N1, refusal(false))]);
    let told = hears(&mut acceptor, N1, Message::Accept { ballot: low, value: 1 });
    assert_eq!((told, acceptor.accepted), (vec![(N1, refusal(true))], None));
    acceptor.crash();
    let told = hears(&mut acceptor, N1, Message::Accept { ballot: low, value: 1 });
    assert_eq!(told, [(N1, refusal(true))], "a promise outlives the process");
    let told = hears(&mut acceptor, N2, Message::Accept { ballot: high, value: 2 });
    assert_eq!(told, [(N2, Message::Accepted { ballot: high })]);
    // Nobody proposes in another's ballot.
    assert_eq!(hears(&mut acceptor, N1, Message::Prepare { ballot: ballot(9, N2) }), []);
}

/// The paper's section 2.4: each proposer stops the other between its two phases, for ever. Here a
/// hundred times, until one is left alone.
#[test]
fn two_proposers_can_duel_as_long_as_they_like() {
    let (mut one, mut other, mut acceptor) = (replica(N1), replica(N3), replica(N2));
    let mut push = Input::Propose(1);
    for round in 0..100 {
        let (proposer, id) = if round % 2 == 0 { (&mut one, N1) } else { (&mut other, N3) };
        says(proposer, push);
        let own = proposer.promised;
        let promise = hears(&mut acceptor, id, Message::Prepare { ballot: own });
        assert_eq!(promise, [(id, Message::Promise { ballot: own, accepted: None })]);
        let accept = hears(proposer, N2, promise[0].1.clone());
        assert_eq!(proposer.belief().role, Role::Leader);
        assert!(matches!(accept[0].1, Message::Accept { .. }), "{accept:?}");
        // The other prepares above it before that arrives.
        let (rival, id) = if round % 2 == 0 { (&mut other, N3) } else { (&mut one, N1) };
        hears(rival, if id == N1 { N3 } else { N1 }, Message::Prepare { ballot: own });
        assert_eq!(rival.belief().role, Role::Follower, "a promise ends what it proposed");
        push = if round == 0 { Input::Propose(2) } else { Input::Timeout(Timer::Election) };
    }
    assert_eq!(acceptor.promised.number, 100);
    assert_eq!((one.commit(), other.commit(), acceptor.commit()), (0, 0, 0));
    let last = other.promised;
    hears(&mut acceptor, N3, Message::Accept { ballot: last, value: 2 });
    let told = hears(&mut other, N2, Message::Accepted { ballot: last });
    let (ballot, accept, value) = (Ballot::NONE, false, 2);
    let decided = Message::Decided { ballot, accept, value };
    assert_eq!(told, [(N1, decided.clone()), (N2, decided)]);
}

fn scenario(more: &str) -> Scenario {
    let scenario = format!(
        "halflink 1\ntitle \"Paxos\"\nplant 5 racks of 1 server, 2 disks each\n\
         cluster c: paxos on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
         seed 7\n{more}"
    );
    text::parse(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

fn play(more: &str) -> (Run, History) {
    run::to_end(Arc::new(scenario(more)))
}

fn outcome((run, history): &(Run, History)) -> Outcome {
    let scenario = run.world().scenario();
    crate::outcome::judge(scenario, history).outcome
}

fn decisions(run: &Run) -> Vec<Option<Command>> {
    let world = run.world();
    world
        .group(0)
        .replicas()
        .map(|id| world.group(0).replica(id).log().get(1).map(|entry| entry.command))
        .collect()
}

#[test]
fn one_value_is_decided_and_then_there_is_silence() {
    let played = play("write every 300ms\nrun 30s\n");
    assert_eq!(decisions(&played.0), [Some(1); 3]);
    assert_eq!((outcome(&played), played.1.commits.len()), (Outcome::Stable, 1));
    let world = played.0.world();
    assert!(world.delivered() < 20, "{} messages", world.delivered());
}

/// Whom the decision did not reach asks as soon as a client wants something of it, and one that
/// missed everything is told when it can be reached again.
#[test]
fn whoever_missed_the_decision_is_told() {
    let cut = "cut n1 <-> n3\nat 0s cut n2 <-> n3\n";
    let played = play(&format!("write every 300ms\nat 0s {cut}run 9s\n"));
    assert_eq!(decisions(&played.0), [Some(1), Some(1), None]);
    assert_eq!(outcome(&played), Outcome::Parted);
    let heal = "at 5s heal n2 <-> n3\n";
    assert_eq!(
        decisions(&play(&format!("write every 300ms\nat 0s {cut}{heal}run 9s\n")).0),
        [Some(1); 3]
    );
    // The proposer dies with its majority's votes on the way: who accepted finishes it.
    let crash = "network hop 20ms, jitter 0s\nat 500ms crash r1.s1\n";
    for (restart, until) in [("", "4s"), ("at 4s restart r1.s1\n", "9s")] {
        let played = play(&format!("write every 300ms\n{crash}{restart}run {until}\n"));
        println!("{until}: {:?}", decisions(&played.0));
        assert_eq!(decisions(&played.0)[1..], [Some(1); 2]);
        assert_eq!(decisions(&played.0)[0].is_some(), until == "9s");
    }
}

/// Each write is proposed before the one before it is through: leadership jumps from one to the
/// next, until chance leaves one alone for a round trip.
#[test]
fn a_duel_is_seen_in_who_leads() {
    let played = play("network hop 10ms, jitter 0s\nwrite every 50ms\nrun 20s\n");
    let leaders: Vec<_> = played.1.elections.iter().map(|won| won.leader).collect();
    println!("{leaders:?}, decided after {:?}", played.1.commits);
    assert_eq!(leaders[..3], [N1, N2, N3]);
    assert_eq!(outcome(&played), Outcome::Stable);
    let (n1, decided) = (&played.1.beliefs[0], played.1.commits[0]);
    let roles: Vec<_> = n1.iter().filter_map(|(at, belief)| Some((*at, (*belief)?.role))).collect();
    let deposed = roles.windows(2).any(|pair| {
        pair[0].1 == Role::Leader && pair[1].1 == Role::Follower && pair[1].0 < decided
    });
    assert!(deposed, "{roles:?}");
}

/// Two proposers that cannot hear each other, and between them one who says yes to both.
#[test]
fn a_voter_that_votes_twice_gets_two_values_decided() {
    let split =
        "at 0s cut n1 <-> n3\nat 100ms elect n1\nat 100ms elect n3\nwrite every 300ms\nrun 9s\n";
    let loyal = play(split);
    assert!(loyal.1.violations.is_empty());
    let played = play(&format!("at 0s traitor n2 double-vote to n1 n3\n{split}"));
    let broke: Vec<_> = played.1.violations.iter().map(|one| one.property).collect();
    assert_eq!(broke, [Property::Agreement], "{:?}", played.1.violations);
}

#[test]
fn a_proposer_with_two_stories_gets_two_values_decided() {
    let played = play("at 0s traitor n1 equivocate to n3\nwrite every 300ms\nrun 9s\n");
    let broke: Vec<_> = played.1.violations.iter().map(|one| one.property).collect();
    assert!(broke.contains(&Property::Agreement), "{:?}", played.1.violations);
}

/// Every way of lying does something.
#[test]
fn every_lie_changes_what_is_said() {
    for lie in ["equivocate", "double-vote", "claim-leadership", "deny-leader", "lie-about-log"] {
        let told = (0..40).any(|seed| {
            let mut scenario = arbitrary::harsh_group(&mut Rng::new(seed), Protocol::Paxos, 3);
            let betrayed = format!("at 0s traitor n2 {lie}");
            let text = format!("{scenario}").replacen("run ", &format!("{betrayed}\nrun "), 1);
            scenario = text::parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
            let mut world = World::new(Arc::new(scenario));
            while world.step(&mut ()).is_some() {}
            world.group(0).lies_told() > 0
        });
        assert!(told, "{lie} is never told");
    }
}

/// Timeouts as short as a round trip: many ballots meet.
const DUEL: &str = "timing n1 election 110ms..200ms\ntiming n2 election 110ms..200ms\n\
                    timing n3 election 110ms..200ms\nnetwork hop 10ms, jitter 50ms\n\
                    write every 10ms\nrun 20s\n";

#[test]
fn the_checks_find_what_is_done_wrong() {
    // Duels, in which messages overtake each other and get lost.
    let duel = |seed| {
        let loss = ["n1 <-> n2", "n2 <-> n3", "n1 <-> n3"]
            .map(|link| format!("at 0s lose 40% of {link}\n"))
            .concat();
        scenario(&format!("{loss}{DUEL}")).with(|group| group.seed = seed)
    };
    for mutant in [Mutant::VoteTwice, Mutant::SmallQuorum, Mutant::ForgetLock] {
        assert_caught_in(Protocol::Paxos, mutant, duel);
    }
}

#[test]
fn random_plants_and_faults_decide_one_value_at_most() {
    let large = std::env::var("HALFLINK_LARGE").is_ok_and(|value| value == "1");
    let mut decided = 0;
    for number in 0..if large { 20_000 } else { 300 } {
        let mut rng = Rng::new(number);
        let scenario = if number % 2 == 0 {
            arbitrary::scenario_of(&mut rng, Protocol::Paxos)
        } else {
            arbitrary::harsh(&mut rng, Protocol::Paxos)
        };
        let scenario = Arc::new(scenario);
        let (one, history) = run::to_end(Arc::clone(&scenario));
        assert!(history.violations.is_empty(), "{:?}\n{scenario}", history.violations);
        let (two, _) = run::to_end(Arc::clone(&scenario));
        assert_eq!(one.world().trace_hash(), two.world().trace_hash(), "{scenario}");
        decided += history.commits.len();
    }
    println!("decided in {decided} runs");
    assert!(decided > 200, "only {decided} runs came to a decision");
}
