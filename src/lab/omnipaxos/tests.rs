//! The rules of the paper, message by message; whole runs; and what the checks find if a rule is
//! broken.

use super::*;
use crate::clock::Micros;
use crate::fault::Behaviour;
use crate::lab::mutants::assert_caught;
use crate::lab::trial;
use crate::outcome::Window;
use crate::protocol::{self, Protocol};

const N1: ReplicaId = ReplicaId(0);
const N2: ReplicaId = ReplicaId(1);
const N3: ReplicaId = ReplicaId(2);

const fn ballot(number: u32, owner: ReplicaId) -> Ballot {
    Ballot { number, owner }
}

fn entries(commands: &[u32]) -> Vec<Entry> {
    commands.iter().map(|&command| Entry { epoch: 1, command }).collect()
}

/// A replica of three that has accepted `commands` in a ballot, the first so many of them decided.
fn replica(id: ReplicaId, accepted: Ballot, commands: &[u32], decided: Index) -> Omnipaxos {
    let election = Micros(10)..=Micros(10);
    let identity = Identity { id, replicas: 3, tolerated: 0, heartbeat: Micros(1), election };
    let mut replica = Omnipaxos::new(identity, Flavour::Paper);
    replica.undecided = entries(commands);
    replica.decide(decided);
    (replica.promised, replica.accepted) = (accepted, accepted);
    replica
}

/// Gives it a message, and says what it answers.
fn hear(replica: &mut Omnipaxos, from: ReplicaId, message: Message) -> Vec<(ReplicaId, Message)> {
    let mut effects = Vec::new();
    replica.step(Input::Deliver { from, message: &message }, &mut effects);
    said(effects)
}

fn said(effects: Vec<Effect>) -> Vec<(ReplicaId, Message)> {
    let said = effects.into_iter().filter_map(|effect| {
        let Effect::Send { to, message: protocol::Message::Omnipaxos(message), .. } = effect else {
            return None;
        };
        Some((to, message))
    });
    said.collect()
}

/// What it has accepted, the decided ones first.
fn commands(replica: &Omnipaxos) -> Vec<u32> {
    replica.suffix(0).entries.iter().map(|entry| entry.command).collect()
}

fn promise(ballot: Ballot, follower: &Omnipaxos, suffix: Option<(Index, &[u32])>) -> Message {
    let suffix = suffix
        .map(|(after, commands)| Box::new(Suffix { after, entries: entries(commands).into() }));
    Message::Promise { ballot, extent: follower.extent(), suffix }
}

#[test]
fn a_promise_brings_what_a_newer_log_has_and_the_leaders_lacks() {
    let asked = |accepted, last, decided| Message::Prepare {
        ballot: ballot(5, N3),
        extent: Extent { accepted, last, decided },
    };
    let answer = |prepare| {
        let mut follower = replica(N1, ballot(2, N1), &[1, 2, 3, 4], 2);
        let answers = hear(&mut follower, N3, prepare);
        let expected = |suffix| vec![(N3, promise(ballot(5, N3), &follower, suffix))];
        (answers, expected(None), expected(Some((1, &[2, 3, 4][..]))), expected(Some((3, &[4]))))
    };
    // Accepted in an older ballot: all that is not decided there may be wrong.
    let (said, _, from_decided, _) = answer(asked(ballot(1, N3), 9, 1));
    assert_eq!(said, from_decided);
    // In the same one: a prefix, or longer.
    let (said, _, _, from_last) = answer(asked(ballot(2, N1), 3, 1));
    assert_eq!(said, from_last);
    for prepare in [asked(ballot(2, N1), 4, 1), asked(ballot(2, N2), 0, 0)] {
        let (said, nothing, ..) = answer(prepare);
        assert_eq!(said, nothing);
    }
}

#[test]
fn nothing_older_than_a_promise_is_promised_or_accepted() {
    let mut follower = replica(N1, ballot(5, N2), &[], 0);
    let extent = follower.extent();
    assert_eq!(hear(&mut follower, N3, Message::Prepare { ballot: ballot(4, N3), extent }), []);
    // Two owners of one number: the greater one is newer.
    assert_eq!(
        hear(&mut follower, N3, Message::Prepare { ballot: ballot(5, N3), extent }).len(),
        1
    );
    let entries = entries(&[1]).into();
    let (place, old) = (Place { session: 1, count: 2 }, ballot(5, N2));
    let accept = Message::Accept { ballot: old, place, decided: 0, entries };
    let refused = Message::NotAccepted { ballot: ballot(5, N3), refused: old };
    assert_eq!(hear(&mut follower, N2, accept), [(N2, refused)]);
    // A promise outlives a crash, and is the first thing that is spoken of afterwards.
    follower.crash();
    let mut effects = Vec::new();
    follower.step(Input::Start, &mut effects);
    let request = Message::PrepareRequest { ballot: ballot(5, N3) };
    assert_eq!(said(effects)[..2], [(N2, request.clone()), (N3, request)]);
    assert_eq!(follower.election.own, ballot(0, N1), "it does not come back as a leader");
}

/// The log that was accepted in the greatest ballot counts, not the longest one.
#[test]
fn a_leader_adopts_the_newest_log_of_a_majority() {
    let mut leader = replica(N3, ballot(1, N1), &[1, 8, 9], 1);
    let mut effects = Vec::new();
    leader.start_leading(ballot(5, N3), &mut effects);
    let extent = leader.extent();
    let prepare = Message::Prepare { ballot: ballot(5, N3), extent };
    assert_eq!(said(effects), [(N1, prepare.clone()), (N2, prepare)]);
    let newer = replica(N2, ballot(2, N2), &[1, 2], 1);
    let answers = hear(&mut leader, N2, promise(ballot(5, N3), &newer, Some((1, &[2]))));
    assert_eq!((commands(&leader), leader.belief().role), (vec![1, 2], Role::Leader));
    // Its own old entries are gone; the other's are all there.
    let suffix = Box::new(Suffix { after: 2, entries: Box::default() });
    let place = Place { session: 1, count: 1 };
    let sync = Message::AcceptSync { ballot: ballot(5, N3), place, decided: 1, suffix };
    assert_eq!(answers, [(N2, sync)]);
    // Whoever accepted in another ballot keeps what is decided, and nothing else.
    let other = replica(N1, ballot(1, N1), &[1, 8, 9], 1);
    let answers = hear(&mut leader, N1, promise(ballot(5, N3), &other, None));
    let [(N1, Message::AcceptSync { suffix, .. })] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!((suffix.after, &suffix.entries[..]), (1, &entries(&[2])[..]));
    // A majority has all of it once one follower has: old entries are decided by counting, because
    // they were accepted again.
    let accepted = Message::Accepted { ballot: ballot(5, N3), last: 2 };
    hear(&mut leader, N2, accepted);
    assert_eq!(leader.commit(), 2);
}

/// A follower that was synchronised in a ballot.
fn synchronised() -> Omnipaxos {
    let mut follower = replica(N1, ballot(1, N1), &[1, 7], 1);
    let extent = Extent { accepted: ballot(2, N2), last: 2, decided: 1 };
    hear(&mut follower, N3, Message::Prepare { ballot: ballot(5, N3), extent });
    assert_eq!(hear(&mut follower, N3, sync(1, &[2])), accepted(2));
    assert_eq!(commands(&follower), [1, 2]);
    follower
}

fn sync(session: u32, commands: &[u32]) -> Message {
    let suffix = Box::new(Suffix { after: 1, entries: entries(commands).into() });
    let place = Place { session, count: 1 };
    Message::AcceptSync { ballot: ballot(5, N3), place, decided: 1, suffix }
}

fn accept(count: u32, command: u32) -> Message {
    let (ballot, place) = (ballot(5, N3), Place { session: 1, count });
    Message::Accept { ballot, place, decided: 1, entries: entries(&[command]).into() }
}

fn accepted(last: Index) -> Vec<(ReplicaId, Message)> {
    vec![(N3, Message::Accepted { ballot: ballot(5, N3), last })]
}

#[test]
fn whoever_misses_a_message_asks_to_be_prepared() {
    let request = || vec![(N3, Message::PrepareRequest { ballot: ballot(5, N3) })];
    let mut follower = synchronised();
    assert_eq!(hear(&mut follower, N3, accept(2, 3)), accepted(3));
    // Twice is once; what is missed is missed.
    assert_eq!(hear(&mut follower, N3, accept(2, 3)), []);
    assert_eq!(hear(&mut follower, N3, accept(4, 5)), request());
    assert_eq!(hear(&mut follower, N3, accept(3, 4)), [], "it waits to be prepared");
    assert_eq!(commands(&follower), [1, 2, 3]);
    // The last message of all may be missed, too: the leader repeats its place.
    let mut follower = synchronised();
    let again = |count| {
        let (ballot, place) = (ballot(5, N3), Place { session: 1, count });
        Message::Decide { ballot, place, decided: 1, again: true }
    };
    assert_eq!(hear(&mut follower, N3, again(1)), accepted(2), "its answer may be what was lost");
    assert_eq!(hear(&mut follower, N3, again(2)), request());
}

/// A request that arrives after the promise would leave the two waiting for each other for ever.
#[test]
fn a_leader_that_was_asked_too_late_is_promised_again() {
    let mut follower = synchronised();
    let extent = Extent { accepted: ballot(5, N3), last: 2, decided: 1 };
    let answers = hear(&mut follower, N3, Message::Prepare { ballot: ballot(5, N3), extent });
    assert_eq!(answers, [(N3, promise(ballot(5, N3), &follower, None))]);
    assert_eq!(hear(&mut follower, N3, sync(2, &[2])), accepted(2));
}

/// What a follower has accepted in a ballot may be decided because of it: no late message may take
/// it away, and none that follows a late one may add it once more.
#[test]
fn a_late_synchronisation_takes_nothing_away_and_begins_nothing() {
    let mut follower = synchronised();
    hear(&mut follower, N3, accept(2, 3));
    hear(&mut follower, N3, accept(4, 5));
    let extent = Extent { accepted: ballot(5, N3), last: 4, decided: 1 };
    hear(&mut follower, N3, Message::Prepare { ballot: ballot(5, N3), extent });
    assert_eq!(hear(&mut follower, N3, sync(1, &[2])), [], "its log has grown since");
    assert_eq!(hear(&mut follower, N3, accept(2, 3)), []);
    assert_eq!(commands(&follower), [1, 2, 3]);
    assert_eq!(hear(&mut follower, N3, sync(2, &[2, 3, 5])), accepted(4));
    assert_eq!(commands(&follower), [1, 2, 3, 5]);
}

/// Cloudflare's cut, in which the two elections disagree.
#[test]
fn the_paper_moves_the_leader_once_and_the_crate_leaves_it() {
    for seed in 1..=20 {
        let leaders = |protocol| {
            let actions = "at 0s elect n3\nat 3s cut n1 <-> n3\nrun 30s";
            let (run, history) = trial::play(protocol, 3, seed, actions);
            assert_eq!(history.violations, []);
            let won: Vec<_> = history.elections.iter().map(|won| (won.leader, won.epoch)).collect();
            let measures = Window::of_faults(run.world().scenario()).measure(&history);
            let beliefs = [N1, N2, N3].map(|id| run.group().replica(id).belief().leader);
            (won, measures.writes_committed, beliefs)
        };
        // n1 does not hear n3, raises its ballot, and n2 hears both.
        let (won, committed, beliefs) = leaders(Protocol::Omnipaxos);
        assert_eq!(won, vec![(N3, 2), (N1, 3)], "seed {seed}");
        // n3 hears of nothing, and nobody tells it: there is no gossip.
        assert_eq!(beliefs, [Some(N1), Some(N1), Some(N3)], "seed {seed}");
        assert!(committed >= 268, "seed {seed}: {committed}");
        // n2 is happy, and n1 hears it.
        let (won, committed, beliefs) = leaders(Protocol::OmnipaxosHappy);
        assert_eq!(won, vec![(N3, 2)], "seed {seed}");
        assert_eq!(beliefs, [None, Some(N3), Some(N3)], "seed {seed}");
        assert!(committed >= 269, "seed {seed}: {committed}");
    }
}

/// n2 raises its ballot where nobody hears it, dies, and starts again below it. It may follow
/// nobody older, and the others, who are happy, never go past a ballot that they have not heard of:
/// so the crate leaves it behind, for as long as n3 is well, and so do we. By the paper's rule it
/// goes past that ballot itself, because the leader's is smaller.
#[test]
fn who_promised_a_ballot_that_nobody_heard_of_is_left_behind_by_the_crate() {
    let actions = "at 0s elect n3\nat 5s cut n2 -> n1\nat 5s cut n2 -> n3\nat 6s elect n2\n\
                at 6100ms crash r2.s1\nat 7s heal n2 -> n1\nat 7s heal n2 -> n3\n\
                at 7s restart r2.s1\nrun 60s";
    for seed in 1..=20 {
        let play = |protocol| {
            let (run, history) = trial::play(protocol, 3, seed, actions);
            assert_eq!(history.violations, []);
            let world = run.world();
            let leaders = [N1, N2, N3].map(|id| world.group(0).replica(id).belief().leader);
            (leaders, world.group(0).replica(N2).commit(), history.commits.len())
        };
        for protocol in [Protocol::OmnipaxosHappy, Protocol::OmnipaxosCrate] {
            if protocol.is_here() {
                let (leaders, behind, commits) = play(protocol);
                assert_eq!(leaders, [Some(N3), None, Some(N3)], "{protocol}, seed {seed}");
                assert!(behind < 65 && commits > 590, "{protocol}, seed {seed}: {behind}");
            }
        }
        let (leaders, behind, commits) = play(Protocol::Omnipaxos);
        assert_eq!(leaders, [Some(N2); 3], "seed {seed}");
        assert!(behind > 550 && commits > 550, "seed {seed}: {behind} of {commits}");
    }
}

#[test]
fn the_checks_find_what_is_done_wrong() {
    let all = [Mutant::VoteTwice, Mutant::SmallQuorum, Mutant::SkipLogCheck, Mutant::ForgetLock];
    for (mutant, protocol) in all.into_iter().flat_map(|one| FLAVOURS.map(|of| (one, of))) {
        assert_caught(protocol, mutant);
    }
}

const FLAVOURS: [Protocol; 2] = [Protocol::Omnipaxos, Protocol::OmnipaxosHappy];

#[test]
fn random_plants_and_faults_break_nothing() {
    for protocol in FLAVOURS {
        trial::assert_safe(protocol, trial::size(500, 10_000));
    }
}

#[test]
fn when_every_fault_is_lifted_all_agree_again() {
    for protocol in FLAVOURS {
        trial::assert_heals(protocol, trial::size(60, 5_000), 5);
    }
}

/// It assumes that nobody lies: one who does breaks it.
#[test]
fn a_liar_breaks_it() {
    let lies = [
        &[Behaviour::Equivocate][..],
        &[Behaviour::DoubleVote],
        &[Behaviour::LieAboutLog],
        &[Behaviour::ClaimLeadership, Behaviour::DenyLeader, Behaviour::DoubleVote],
    ];
    for protocol in FLAVOURS {
        for behaviours in lies {
            let broken = trial::broken_by(protocol, behaviours, 300);
            println!("{protocol}, {behaviours:?}: broken in scenario {broken:?}");
            assert!(broken.is_some(), "{protocol}, {behaviours:?}");
        }
    }
}
