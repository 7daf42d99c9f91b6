//! Replicas that lose all that they knew: the paper's steps, whole runs, and what the paper leaves
//! out.

use super::*;
use crate::check::{Property, Violation};
use crate::clock::Micros;
use crate::lab::trial::heal::{Trouble, assert_catches_up};
use crate::lab::trial::{assert_safe, outcome, play, size};
use crate::outcome::Outcome;
use crate::protocol::log::{Entry, Index};
use crate::protocol::vr::tests::{N1, N2, N3, hear, prepare, replica, said, started};
use crate::protocol::vr::timer;
use crate::protocol::{Input, Protocol, Role, StateMachine};
use crate::rng::Rng;
use crate::run::to_end;
use crate::scenario::arbitrary;
use crate::words::told;

/// A replica of so many that was wiped, and has said so.
fn wiped(id: ReplicaId, replicas: u8) -> Vr {
    let mut wiped = replica(id, replicas);
    let new = wiped.clone();
    wiped.wipe(new);
    let asks = said(&mut wiped, Input::Start);
    assert_eq!(asks.len(), usize::from(replicas) - 1);
    assert!(asks.iter().all(|(_, said)| *said == Message::Recovery { life: 1 }));
    wiped
}

fn lives(of_n1: u32, of_n2: u32, of_n3: u32) -> Lives {
    [of_n1, of_n2, of_n3].into()
}

fn response(view: View, life: u32, log: Option<&[u32]>) -> Message {
    let suffix = |commands: &[u32]| {
        let entries = commands.iter().map(|&command| Entry { epoch: view, command }).collect();
        Suffix { base: 0, commit: 1, entries }
    };
    Message::RecoveryResponse { view, life, lives: lives(life, 0, 0), log: log.map(suffix) }
}

/// 4.3, step 3; until then "the recovering replica does not participate in the request processing
/// protocol or the view change protocol".
#[test]
fn a_wiped_replica_answers_nothing_until_it_has_the_log_of_the_latest_primary() {
    let mut n1 = wiped(N1, 3);
    assert_ne!(n1.belief().role, Role::Leader, "view 0 is its own, and it does not lead it");
    for message in [
        started(2, 3),
        Message::Recovery { life: 0 },
        Message::GetState { view: 0, op: 0 },
        Message::Commit { view: 1, op: 3, commit: 2 },
        Message::StartView { view: 1, suffix: n1.suffix(0) },
    ] {
        assert_eq!(hear(&mut n1, N2, message), []);
    }
    assert_eq!(said(&mut n1, Input::Timeout(timer::VIEW_CHANGE)), []);
    assert_eq!(said(&mut n1, Input::Propose(9)), []);
    // Two answers, and none of the primary of view 0: that is itself.
    hear(&mut n1, N2, response(0, 1, None));
    hear(&mut n1, N3, response(0, 1, None));
    assert!(matches!(n1.status, Status::Recovering(_)));
    assert_eq!(said(&mut n1, Input::Timeout(timer::ASK_AGAIN)).len(), 2, "views may change");
    // One of another life, one of a primary whose view is not the latest, and then the one.
    hear(&mut n1, N2, response(1, 0, Some(&[4, 5])));
    hear(&mut n1, N3, response(2, 1, None));
    hear(&mut n1, N2, response(1, 1, Some(&[4])));
    assert!(matches!(n1.status, Status::Recovering(_)));
    assert_eq!(
        said(&mut n1, Input::Timeout(timer::ASK_AGAIN)).len(),
        2,
        "that log is of an old view"
    );
    let thanks = hear(&mut n1, N3, response(2, 1, Some(&[4, 5])));
    assert_eq!(thanks, [(N3, Message::PrepareOk { view: 2, op: 2, life: 1 })]);
    assert_eq!((n1.view, n1.last_normal, n1.commit(), n1.op()), (2, 2, 1, 2));
    assert_eq!(said(&mut n1, Input::Timeout(timer::ASK_AGAIN)), [], "it asks no more");
}

/// 4.3, step 2: "a replica j replies to a RECOVERY message only when its status is normal".
#[test]
fn only_those_in_a_view_answer_and_the_primary_with_its_log() {
    let mut backup = replica(N2, 3);
    hear(&mut backup, N1, prepare(1, 7));
    let recovery = || Message::Recovery { life: 1 };
    let answers = hear(&mut backup, N3, recovery());
    let expected = |log| {
        let (view, life, lives) = (0, 1, lives(0, 0, 1));
        [(N3, Message::RecoveryResponse { view, life, lives, log })]
    };
    assert_eq!(answers, expected(None));
    hear(&mut backup, N1, started(1, 3));
    assert_eq!(hear(&mut backup, N3, recovery()), [], "it changes views");
    let mut primary = replica(N1, 3);
    said(&mut primary, Input::Propose(7));
    let log = Some(primary.suffix(0));
    assert_eq!(hear(&mut primary, N3, recovery()), expected(log));
}

/// A majority knows of every view and op; n + 1 less a majority of the others meet it.
#[test]
fn any_answers_and_any_majority_share_a_replica() {
    for replicas in 1..=15 {
        let one = replica(N1, replicas);
        let (answers, majority) = (one.answers_needed(), replicas / 2 + 1);
        // Without the recovering replica itself.
        assert!(answers + (majority - 1) > replicas - 1, "{replicas}");
        assert!(replicas % 2 == 0 || answers == one.f() + 1, "{replicas}");
    }
}

/// What a replica said before its loss does not count once that is known, whoever told of it.
#[test]
fn what_was_said_before_a_loss_is_not_heard() {
    let mut n2 = replica(N2, 3);
    hear(&mut n2, N3, Message::Recovery { life: 1 });
    assert_eq!(hear(&mut n2, N3, started(1, 3)), [], "sent before");
    let now = Message::StartViewChange { view: 1, lives: lives(0, 0, 1) };
    assert_eq!(hear(&mut n2, N3, now).len(), 2);
    // Counted already: n1 learns of the loss from n2, and n3's vote is void.
    let mut n1 = replica(N1, 3);
    let change = |one: &Vr| told("phase", &one.phase());
    hear(&mut n1, N3, started(2, 3));
    assert_eq!(change(&n1), "StartViewChange from 1 of 1 other");
    hear(&mut n1, N2, Message::StartViewChange { view: 1, lives: lives(0, 0, 1) });
    assert_eq!(change(&n1), "StartViewChange from 0 of 1 other");
    // And PrepareOK.
    let mut primary = replica(N1, 3);
    hear(&mut primary, N2, Message::Recovery { life: 1 });
    said(&mut primary, Input::Propose(7));
    hear(&mut primary, N2, Message::PrepareOk { view: 0, op: 1, life: 0 });
    assert_eq!(primary.commit(), 0);
    hear(&mut primary, N2, Message::PrepareOk { view: 0, op: 1, life: 1 });
    assert_eq!(primary.commit(), 1);
}

/// The primary loses its disks, with all links whole. It led at once, once, and decided anew.
#[test]
fn a_wiped_primary_does_not_crown_itself() {
    for (protocol, act) in [
        (Protocol::Vr, "at 4s wipe r1.s1"),
        (Protocol::VrRecovery, "at 4s wipe r1.s1"),
        (Protocol::VrRecovery, "at 4s crash r1.s1\nat 4010ms restart r1.s1"),
    ] {
        for seed in 0..20 {
            let (run, history) = play(protocol, 3, seed, &format!("{act}\nrun 20s"));
            assert_eq!(history.violations, [], "{protocol} {seed}");
            let led: Vec<_> = history.elections.iter().map(|won| (won.leader, won.epoch)).collect();
            assert_eq!(led, [(N1, 0), (N2, 1)], "{protocol} {seed}");
            let world = run.world();
            let least =
                world.group(0).replicas().map(|id| world.group(0).replica(id).commit()).min();
            let count = Index::try_from(history.commits.len()).expect("few");
            assert!(least.is_some_and(|least| least + 4 > count), "{protocol} {seed}");
        }
    }
}

/// More than f have lost all: they stay silent, and so does the rest, rather than to lie.
#[test]
fn when_more_than_f_lose_all_the_group_stands_still() {
    let two = "at 4s wipe r1.s1\nat 4s wipe r2.s1\nrun 60s";
    let restart = "at 4s crash r1.s1\nat 4s crash r2.s1\nat 5s restart r1.s1\nat 5s restart r2.s1\n\
                   run 60s";
    for (protocol, actions) in [(Protocol::Vr, two), (Protocol::VrRecovery, restart)] {
        let (run, history) = play(protocol, 3, 1, actions);
        assert_eq!(history.violations, [], "{protocol}");
        assert_eq!(outcome(&run, &history), Outcome::Stalled, "{protocol}");
        assert!(history.commits.iter().all(|&at| at < Micros::from_secs(5)), "{protocol}");
    }
    // And when nobody has kept anything, that is said.
    let all = "at 4s crash r1.s1\nat 4s crash r2.s1\nat 4s crash r3.s1\nat 5s restart r1.s1\n\
               at 5s restart r2.s1\nat 5s restart r3.s1\nrun 60s";
    let broken = |protocol| play(protocol, 3, 1, all).1.violations;
    assert_eq!(broken(Protocol::Vr), []);
    let broken: Vec<_> = broken(Protocol::VrRecovery).iter().map(|one| one.property).collect();
    assert_eq!(broken, [Property::Durability]);
    // With disks a restart of two is nothing to speak of.
    let (_, history) = play(Protocol::Vr, 3, 1, restart);
    assert!(history.commits.iter().any(|&at| at > Micros::from_secs(50)));
}

/// A log is sent once, also to one that lacks the other answers for ever.
#[test]
fn the_primary_is_not_asked_for_its_log_again_and_again() {
    let mut n3 = wiped(N3, 3);
    let entries = [4, 5].map(|command| Entry { epoch: 0, command }).into();
    let log = Some(Suffix { base: 0, commit: 1, entries });
    let answer = Message::RecoveryResponse { view: 0, life: 1, lives: lives(0, 0, 1), log };
    assert_eq!(hear(&mut n3, N1, answer), []);
    let asked = said(&mut n3, Input::Timeout(timer::ASK_AGAIN));
    assert_eq!(asked, [(N2, Message::Recovery { life: 1 })]);
}

/// After a wipe there are at most twice the messages that there are after a crash and restart.
#[test]
fn a_wiped_replica_is_not_a_storm() {
    for replicas in [3, 4, 5, 9] {
        for member in 1..=replicas {
            let delivered = |protocol, act: &str| {
                let (run, _) = play(protocol, replicas, 3, &format!("{act}\nrun 40s"));
                run.world().delivered()
            };
            let crash = format!("at 10s crash r{member}.s1\nat 10001ms restart r{member}.s1");
            let wipe = format!("at 10s wipe r{member}.s1");
            let (crashed, wiped) =
                (delivered(Protocol::Vr, &crash), delivered(Protocol::Vr, &wipe));
            let restarted = delivered(Protocol::VrRecovery, &crash);
            println!("n{member} of {replicas}: {crashed}, {wiped}, {restarted}");
            assert!(wiped <= 2 * crashed && restarted <= 2 * crashed);
        }
    }
}

#[test]
fn random_faults_break_nothing_without_disks() {
    assert_safe(Protocol::VrRecovery, size(200, 10_000));
}

/// Anybody may lose all, at any time and at once: then a group may stand still, but not lie.
#[test]
fn whoever_loses_all_nothing_breaks() {
    for protocol in [Protocol::Vr, Protocol::VrRecovery] {
        let mut commits = 0;
        for number in 0..size(200, 10_000) {
            let mut rng = Rng::new(number ^ 0x10_5e00);
            let mut scenario = arbitrary::harsh(&mut rng, protocol);
            for _ in 0..1 + rng.below(6) {
                let at = rng.span(Micros::ZERO, scenario.until);
                let replica = rng.below(scenario.group().members.len() as u32) as usize;
                scenario
                    .actions
                    .push((at, crate::fault::Action::Wipe(scenario.group().members[replica])));
            }
            scenario.actions.sort_by_key(|(at, _)| *at);
            let scenario = std::sync::Arc::new(scenario);
            let (_, history) = to_end(std::sync::Arc::clone(&scenario));
            // What more than f held and all of them lost is gone, and is said to be.
            let lies = |broken: &&Violation| broken.property != Property::Durability;
            assert_eq!(history.violations.iter().find(lies), None, "{number}\n{scenario}");
            commits += history.commits.len();
        }
        println!("{protocol}: {commits} commits");
        assert!(commits > 1_000);
    }
}

#[test]
fn all_catch_up_when_crashes_cuts_and_losses_are_over() {
    let count = size(60, 10_000);
    let stops = Trouble { replicas: (1, 9), forgets: false, lies: false };
    assert_catches_up(Protocol::Vr, stops, count);
    let forgets = Trouble { forgets: true, ..stops };
    assert_catches_up(Protocol::Vr, forgets, count);
    assert_catches_up(Protocol::VrRecovery, forgets, count);
}
