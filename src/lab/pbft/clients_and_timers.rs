//! When a client takes its write for done (4.1), and what the timers run for (4.4, 4.5.2).

use super::*;
use crate::lab::trial::heal::{Trouble, assert_catches_up};
use crate::scenario::library::find;
use crate::world::EventKind;

/// Replica 1 alone hears enough to execute five requests more, and nobody hears it.
#[test]
fn one_that_executed_alone_is_not_enough_for_a_client() {
    let cuts = [(2, 1), (2, 3), (2, 4), (3, 1), (4, 1)];
    let cuts: String =
        cuts.iter().map(|(from, to)| format!("at 3s cut n{from} -> n{to}\n")).collect();
    let text = format!(
        "halflink 1\ntitle \"One executor\"\nplant 4 racks of 1 server, 2 disks each\n\
         cluster c: pbft on r1.s1 r2.s1 r3.s1 r4.s1\ntiming heartbeat 100ms, election 1s..2s\n\
         seed 7\nwrite every 300ms\n{cuts}run 30s\n"
    );
    let (run, history) = play(text::parse(&text).expect("it is right"));
    let commits: Vec<_> =
        run.group().replicas().map(|id| run.group().replica(id).commit()).collect();
    println!("{commits:?}");
    assert_eq!(history.commits.len(), 9);
    assert!(commits[1] > 9, "{commits:?}");
}

/// The f + 1st honest replica: of four, the second; and it may come much later than the first.
#[test]
fn a_write_is_done_when_the_second_has_executed_it() {
    let mut run = Run::new(scenario("write every 1s\nrun 5s").into());
    let mut seen = 0;
    while let Some(event) = run.0.step(&mut run.1) {
        let world = run.0.world();
        let executed = |number: u32| {
            world
                .group(0)
                .replicas()
                .filter(|&id| world.group(0).replica(id).commit() >= number)
                .count()
        };
        let done = run.1[0].commits.len();
        if done > seen {
            assert_eq!(executed(done as u32), 2, "{event:?}");
            seen = done;
        }
        assert!(executed(done as u32 + 1) < 2, "{event:?}");
    }
    assert_eq!(seen, 4);
}

/// What the captions of the shipped scenario say, in numbers.
#[test]
fn the_captions_of_the_equivocating_primary_are_what_happens() {
    let text = find("pbft-equivocating-primary").expect("it is shipped").text;
    let scenario = text::parse(text).expect("it is right");
    let (mut run, mut history) = Run::new(scenario.into());
    let (mut gave_up, mut joined) = (Vec::new(), Vec::new());
    let mut views = [0; 4];
    while let Some(event) = run.step(&mut history) {
        for id in 0..4 {
            let view = machine(run.group(), id).view;
            let before = std::mem::replace(&mut views[usize::from(id)], view);
            let hundredths = event.at.0 / 10_000;
            match event.kind {
                _ if view == before => {}
                EventKind::Timeout(_, Timer::Election) => gave_up.push((hundredths, id + 1)),
                _ => joined.push((hundredths, id + 1)),
            }
        }
    }
    // "n2's patience ended at 5.00 s, n4's at 5.04 s": at 5.036, to be exact, and 5.0403 is when it
    // is done. The liar joins as well.
    assert_eq!(gave_up, [(500, 2), (503, 4)]);
    assert_eq!(joined, [(503, 1), (503, 3)]);
    let after = history[0].commits.iter().find(|at| **at > Micros::from_secs(4));
    assert_eq!(after.map(|at| at.0 / 10_000), Some(504), "from 5.04 s on");
    let stuck = |at: &&Micros| (4_000_000..5_040_000).contains(&at.0);
    assert_eq!(history[0].commits.iter().find(stuck), None);
    let caught = machine(run.group(), 1).evidence();
    assert_eq!(caught.iter().map(|(liar, _)| liar.0).collect::<Vec<_>>(), [0]);
    assert_eq!(views, [1; 4]);
}

/// What it does to its election timer when it is told that.
fn timers(machine: &mut Pbft, from: u8, message: &Message) -> Vec<&'static str> {
    let mut effects = Vec::new();
    machine.step(Input::Deliver { from: ReplicaId(from), message }, &mut effects);
    let of = |effect: &Effect| match effect {
        Effect::SetTimer { timer: Timer::Election, .. } => Some("set"),
        Effect::RestartTimer(Timer::Election) => Some("restart"),
        Effect::CancelTimer(Timer::Election) => Some("cancel"),
        _ => None,
    };
    effects.iter().filter_map(of).collect()
}

fn new_view(view: View, prepared: &[Certificate]) -> Message {
    let signed = [1, 2, 3].map(|from| (ReplicaId(from), change(view, prepared)));
    Message::NewView { view, changes: signed.into() }
}

/// A quorum has decided that.
fn commits(machine: &mut Pbft, view: View, sequence: Sequence, command: Command) {
    for from in [1, 2, 3] {
        hear(machine, from, Message::Commit { view, sequence, command });
    }
}

/// 4.4: the timer is about a request *in a view*. It began in view 0, under another primary.
#[test]
fn a_timer_of_view_0_does_not_run_on_into_view_1() {
    let mut backup = replica(2);
    backup.step(Input::Propose(5), &mut Vec::new());
    assert_eq!(backup.patience, Patience::Request(0, 5));
    // It hears of the new view before it ever left the old one.
    assert_eq!(timers(&mut backup, 1, &new_view(1, &[])), ["set"]);
    assert_eq!((backup.view, backup.patience), (1, Patience::Request(1, 5)));
}

/// 4.5.2: "if the timer expires before it receives a valid new-view message for v + 1 or before it
/// executes a request in the new view that it had not executed previously": one timer for both.
#[test]
fn one_timer_covers_the_new_view_and_its_first_request() {
    let mut backup = replica(0);
    backup.step(Input::Propose(5), &mut Vec::new());
    backup.step(Input::Propose(6), &mut Vec::new());
    for from in [2, 3] {
        hear(&mut backup, from, Message::ViewChange(change(1, &[])));
    }
    assert_eq!((backup.view, backup.patience), (1, Patience::NewView(1)));
    let none: [&str; 0] = [];
    assert_eq!(timers(&mut backup, 1, &new_view(1, &[])), none, "the same timer runs on");
    assert_eq!((backup.active, backup.patience), (true, Patience::NewView(1)));
    // Then the next request has a timer of its own.
    commits(&mut backup, 1, 1, 5);
    assert_eq!(backup.patience, Patience::Request(1, 6));
}

/// 4.5.2: only "a request in the new view that it had not executed previously" shows that the new
/// primary is good: no null request, no repetition, and nothing that an older view decided.
#[test]
fn only_what_is_new_in_the_view_ends_the_doubling() {
    let fresh = || {
        let mut backup = replica(0);
        backup.step(Input::Propose(9), &mut Vec::new());
        for view in [1, 2] {
            for from in [2, 3] {
                hear(&mut backup, from, Message::ViewChange(change(view, &[])));
            }
        }
        backup
    };
    // Sequence 1 is null, for nobody prepared anything there; 2 was prepared in view 0.
    let order = new_view(2, &[certificate(0, 2, 7)]);
    let mut backup = fresh();
    hear(&mut backup, 2, order.clone());
    assert_eq!((backup.failures, backup.patience), (2, Patience::NewView(2)));
    commits(&mut backup, 2, 1, 0);
    assert_eq!((backup.executed(), backup.failures), (1, 2), "a null request");
    commits(&mut backup, 2, 2, 7);
    assert_eq!((backup.executed(), backup.failures), (2, 0));
    // The same, but what view 0 decided comes from a replica that helps.
    let mut backup = fresh();
    hear(&mut backup, 2, order);
    let decided = [certificate(0, 1, 8), certificate(0, 2, 7)];
    hear(&mut backup, 3, Message::Committed(decided.into()));
    assert_eq!((backup.executed(), backup.failures), (2, 2));
}

/// One that lost its disks asks, and what it is sent is no more than after a crash and restart,
/// twice over; nor does it give away numbers before it knows how far all are.
#[test]
fn a_wiped_replica_catches_up_and_is_not_a_storm() {
    for member in 1..=4 {
        let delivered = |act: &str| {
            let text = format!("write every 100ms\n{act}\nrun 40s");
            let (run, history) = play_safely(&text);
            let world = run.world();
            let least =
                world.group(0).replicas().map(|id| world.group(0).replica(id).commit()).min();
            assert!(least > Some(380), "n{member}: {least:?}\n{text}");
            assert_eq!(writes(&history, 0, 38).1, 0, "n{member}\n{text}");
            world.delivered()
        };
        let server = format!("r{member}.s1");
        let crashed = delivered(&format!("at 20s crash {server}\nat 20001ms restart {server}"));
        let wiped = delivered(&format!("at 20s wipe {server}"));
        println!("n{member}: {crashed}, {wiped}");
        assert!(wiped <= 2 * crashed);
    }
}

#[test]
fn all_catch_up_when_crashes_cuts_and_losses_are_over() {
    let stops = Trouble { replicas: (4, 9), forgets: false, lies: false };
    assert_catches_up(Protocol::Pbft, stops, large(60, 10_000));
    assert_catches_up(Protocol::Pbft, Trouble { lies: true, ..stops }, large(60, 5_000));
}
