//! Whole runs: as many messages as the paper counts, and what traitors and failed lines do.

use super::*;
use crate::fault::Behaviour;
use crate::protocol::{Liar, Tampering};
use crate::words::told;

/// facts.md 6.1: OM(1) of 4, OM(2) of 7 and OM(3) of 10 take 9, 156 and 3,609 messages.
#[test]
fn as_many_messages_as_the_paper_counts() {
    for (generals, expected) in [(4, 9), (7, 156), (10, 3_609)] {
        let (run, history) = run(Protocol::GeneralsOm, generals, "at 1s order attack\nrun 3s\n");
        assert_eq!(run.world().delivered(), expected);
        assert_eq!(decisions(&run), vec![vec![ATTACK]; usize::from(generals)]);
        assert!(history.violations.is_empty());
    }
    // Loyal generals have nothing new to say after the second round.
    let tolerant = "tolerate 3\nat 1s order attack\nrun 3s\n";
    let (run, _) = run(Protocol::GeneralsSm, 10, tolerant);
    assert_eq!(run.world().delivered(), 9 + 9 * 8);
}

/// Section 4: with signatures no number of traitors up to m matters, here three of five, the
/// commander among them.
#[test]
fn signatures_hold_where_majorities_do_not() {
    let rest = "tolerate 3\nat 500ms traitor n1 equivocate to n3 n5\n\
                at 500ms traitor n2 silent-to n4\nat 500ms traitor n3 silent-to n5\n\
                at 1s order attack\nrun 3s\n";
    let (run, history) = run(Protocol::GeneralsSm, 5, rest);
    assert!(history.violations.is_empty(), "{:?}", history.violations);
    let decisions = decisions(&run);
    assert_eq!(decisions[3], decisions[4]);
    assert!(run.group().replica(ReplicaId(4)).belief().caught.contains(COMMANDER));
}

/// IC1 and IC2, named by the checks where more lie than OM is set up for.
#[test]
fn one_traitor_too_many_breaks_both_conditions() {
    let rest = "at 500ms traitor n4 equivocate to n2\nat 500ms traitor n3 equivocate to n2\n\
                at 1s order attack\nrun 3s\n";
    let (run1, history) = run(Protocol::GeneralsOm, 4, rest);
    let broken: Vec<_> = history.violations.iter().map(|one| one.property).collect();
    assert_eq!(
        (broken, vector(&run1, 1).join(" ").as_str()),
        (vec![Property::LoyalOrder], "attack retreat retreat")
    );
    let rest = "at 500ms traitor n4 equivocate to n2\nat 500ms traitor n1 equivocate to n3\n\
                at 1s order attack\nrun 3s\n";
    let (run2, history) = run(Protocol::GeneralsOm, 4, rest);
    let broken: Vec<_> = history.violations.iter().map(|one| one.property).collect();
    assert_eq!(broken, [Property::SameOrder], "{:?}", decisions(&run2));
}

/// A lieutenant to whom the commander says nothing hears of the order from the others.
#[test]
fn a_silent_commander_is_retreat_and_rounds_are_known_by_their_paths() {
    let rest = "at 500ms traitor n1 silent-to n3\nat 1s order attack\nat 1s order hold\nrun 3s\n";
    let (run1, _) = run(Protocol::GeneralsOm, 4, rest);
    assert_eq!(decisions(&run1)[1..], vec![vec![ATTACK, HOLD]; 3]);
    let rest = "at 500ms traitor n1 silent-to n2 n3 n4\nat 1s order attack\n\
                at 1500ms loyal n1\nat 2s order attack\nrun 3s\n";
    let (run2, _) = run(Protocol::GeneralsOm, 4, rest);
    assert_eq!(decisions(&run2)[1..], vec![vec![RETREAT, ATTACK]; 3]);
}

/// A random army: its traitors say what they like to whom they like, late, twice or not at all.
fn army(number: u32, traitors_more: u8) -> Scenario {
    let mut rng = Rng::new(number ^ 0x1982);
    let oral = rng.percent(50);
    let protocol = if oral { Protocol::GeneralsOm } else { Protocol::GeneralsSm };
    let sizes = if oral { [4, 5, 7] } else { [3, 4, 6] };
    let generals = sizes[rng.below(3) as usize];
    let mut scenario = scenario(protocol, generals, "run 6s\n");
    let most = (generals - 2).min(3);
    let liars =
        if oral { scenario.group().tolerated() } else { 1 + rng.below(u32::from(most)) as u8 };
    scenario.group_mut().tolerate = Some(liars);
    scenario.group_mut().seed = number;
    for _ in 0..liars + traitors_more {
        let replica = ReplicaId(rng.below(u32::from(generals)) as u8);
        for _ in 0..1 + rng.below(2) {
            let others = (0..u32::from(generals)).map(|id| ReplicaId(id as u8));
            let toward = others.filter(|&id| id != replica && rng.percent(50)).collect();
            let behaviour =
                [Behaviour::Equivocate, Behaviour::SilentTo, Behaviour::Replay, Behaviour::Delay]
                    [rng.below(4) as usize];
            let late = u64::from(rng.below(400) + 1) * 1_000;
            let by = if behaviour == Behaviour::Delay { Micros(late) } else { Micros::ZERO };
            let byzantine = ByzantineBehaviour { behaviour, toward, by };
            let at = Micros::from_millis(u64::from(rng.below(3) * 1_000));
            scenario.actions.push((at, Action::Betray { replica, byzantine }));
        }
    }
    for _ in 0..1 + rng.below(6) {
        let at = Micros::from_millis(u64::from(500 + rng.below(3_000)));
        scenario.actions.push((at, Action::Order(1 + rng.below(3))));
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
    assert_eq!(scenario.flaws(), []);
    scenario
}

/// How many of so many random armies break IC1 or IC2; each is played twice.
fn broken(count: u32, traitors_more: u8) -> u32 {
    let mut broken = 0;
    for number in 0..count {
        let scenario = Arc::new(army(number, traitors_more));
        let (run, history) = to_end(Arc::clone(&scenario));
        let (again, _) = to_end(Arc::clone(&scenario));
        assert_eq!(run.world().trace_hash(), again.world().trace_hash(), "{scenario}");
        broken += u32::from(!history.violations.is_empty());
        let safe = history.violations.is_empty() || traitors_more > 0;
        let is_made = Mutant::SmallQuorum.is_made();
        assert!(safe || is_made, "{number}: {:?}\n{scenario}", history.violations);
        let world = run.world();
        for id in
            world.group(0).replicas().filter(|&id| world.group(0).is_honest(id) && safe && !is_made)
        {
            let caught = world.group(0).replica(id).belief().caught;
            let wronged = caught.iter().find(|&liar| world.group(0).is_honest(liar));
            assert!(wronged.is_none() || traitors_more > 0, "{wronged:?}\n{scenario}");
        }
    }
    broken
}

#[test]
fn no_army_is_misled_by_as_many_traitors_as_it_is_set_up_for() {
    assert_eq!(broken(if is_large() { 20_000 } else { 300 }, 0), 0);
}

#[test]
fn more_traitors_mislead_an_army() {
    assert!(broken(100, 2) > 0);
}

#[test]
fn a_majority_that_is_one_too_small_is_found_out() {
    let found = crate::protocol::mutant::tests::with(Mutant::SmallQuorum, || broken(100, 0));
    println!("{found} of 100");
    assert!(found > 0);
}

/// What cannot have come that way is not taken in, and nothing makes a general panic.
#[test]
fn nonsense_is_not_heard() {
    for mode in [Mode::Oral, Mode::Signed] {
        let case = Case {
            mode,
            generals: 4,
            liars_max: 1,
            traitors: ReplicaSet::NOBODY,
            order: ATTACK,
            stories: 2,
        };
        let signed = mode == Mode::Signed;
        let mut hall = Hall::new(case);
        hall.announce(1, ATTACK);
        let n3 = &mut hall.generals[2];
        n3.step(Input::Timeout(Timer::Round), &mut Vec::new());
        let before = n3.clone();
        let good = Message { order: 1, path: as_path(&[0, 1]), value: ATTACK, signed };
        let nonsense = [
            (2, good),
            (0, good),
            (1, Message { order: 0, ..good }),
            (1, Message { order: u32::MAX, ..good }),
            (1, Message { value: 0, ..good }),
            (1, Message { value: 9, ..good }),
            (1, Message { signed: !signed, ..good }),
            (1, Message { path: Path::of(ReplicaId(1)), ..good }),
            (1, Message { path: as_path(&[0, 1, 0, 1]), ..good }),
            (1, Message { path: as_path(&[0, 3, 1]), ..good }),
            (1, Message { path: as_path(&[0, 2, 1]), ..good }),
            (9, Message { path: as_path(&[0, 9]), ..good }),
        ];
        for (from, message) in nonsense {
            n3.step(Input::Deliver { from: ReplicaId(from), message: &message }, &mut Vec::new());
            assert_eq!(*n3, before, "{message:?}");
        }
        // What comes early waits for its round.
        n3.step(Input::Deliver { from: ReplicaId(1), message: &good }, &mut Vec::new());
        assert_eq!((&*told("phase", &n3.phase()), &n3.heard), ("round 1 of 2", &vec![good]));
        n3.step(Input::Timeout(Timer::Round), &mut Vec::new());
        assert_eq!(told("phase", &n3.phase()), "round 2 of 2");
        // The commander's own word comes too late now.
        let late = Message { path: Path::of(COMMANDER), ..good };
        n3.step(Input::Deliver { from: COMMANDER, message: &late }, &mut Vec::new());
        assert_eq!(n3.heard, [good]);
    }
}

#[test]
fn a_liar_signs_with_its_own_name_only() {
    let case = Case {
        mode: Mode::Signed,
        generals: 4,
        liars_max: 2,
        traitors: ReplicaSet::NOBODY,
        order: ATTACK,
        stories: 2,
    };
    let mut hall = Hall::new(case);
    let of_commander = Message { order: 1, path: Path::of(COMMANDER), value: ATTACK, signed: true };
    let to = ReplicaId(3);
    let own = hall.generals[0].lie(Behaviour::Equivocate, to, Some(&of_commander));
    assert_eq!(own, Tampering::Instead(Message { value: HOLD, ..of_commander }));
    hall.announce(1, ATTACK);
    let n2 = &mut hall.generals[1];
    n2.step(Input::Timeout(Timer::Round), &mut Vec::new());
    n2.step(Input::Deliver { from: COMMANDER, message: &of_commander }, &mut Vec::new());
    let relayed = Message { path: as_path(&[0, 1]), ..of_commander };
    assert_eq!(n2.lie(Behaviour::Equivocate, to, Some(&relayed)), Tampering::Truth);
    // Another order that it holds it may show instead.
    let other = Message { path: Path::of(COMMANDER), value: RETREAT, ..of_commander };
    let twin = Message { path: as_path(&[0, 2]), ..other };
    n2.step(Input::Timeout(Timer::Round), &mut Vec::new());
    n2.step(Input::Deliver { from: ReplicaId(2), message: &twin }, &mut Vec::new());
    let shown = Message { path: as_path(&[0, 2, 1]), ..other };
    assert_eq!(n2.lie(Behaviour::Equivocate, to, Some(&relayed)), Tampering::Instead(shown));
}

#[test]
fn bounds_are_named() {
    let servers = |count: u8| {
        (0..count)
            .map(|id| format!("r{}.s{}", id % 5 + 1, id / 5 + 1))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let wrong = |protocol: &str, generals, rest: &str| {
        let text = format!(
            "halflink 1\ntitle \"t\"\nplant 5 racks of 3 servers, 2 disks each\n\
             cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n{rest}run 9s\n",
            servers(generals)
        );
        let flaws = parse(&text).err().unwrap_or_default();
        flaws.into_iter().map(|flaw| flaw.message()).collect::<Vec<_>>().join("; ")
    };
    assert!(wrong("generals-om", 2, "").contains("takes 3 to 10 generals, this cluster has 2"));
    assert!(wrong("generals-sm", 11, "").contains("takes 3 to 10 generals, this cluster has 11"));
    assert!(wrong("generals-om", 10, "tolerate 4\n").contains("at most 3 liars"));
    assert!(wrong("generals-sm", 4, "tolerate 3\n").contains("at most 2 liars"));
    assert!(wrong("generals-sm", 4, "tolerate 0\n").contains("at least 1 liar"));
    assert!(wrong("generals-om", 4, "write every 300ms\n").contains("takes orders, no writes"));
    assert!(wrong("generals-om", 4, "at 1s traitor n2 double-vote\n").contains("do not vote"));
    assert!(wrong("raft", 3, "at 1s order attack\n").contains("no commander"));
    assert_eq!(wrong("generals-om", 10, "tolerate 3\n"), "");
}

/// Whoever stops is no loyal general: nobody asks what it does when it comes back, and those who
/// did not stop agree without it.
#[test]
fn a_general_who_stops_counts_as_a_traitor() {
    let rest = "at 500ms crash r3.s1\nat 1s order attack\nat 2s restart r3.s1\n\
                at 3s order hold\nrun 5s\n";
    let (run1, history) = run(Protocol::GeneralsOm, 4, rest);
    assert!(history.violations.is_empty(), "{:?}", history.violations);
    let decided = decisions(&run1);
    assert_eq!((&decided[1], &decided[3]), (&vec![ATTACK, HOLD], &vec![ATTACK, HOLD]));
    assert_eq!(decided[2], [RETREAT, HOLD]);
}

/// A lieutenant who is told nothing retreats. While that is one failure he counts as the one who
/// failed; with a traitor besides it is too much, and he is as loyal as the others.
#[test]
fn whoever_hears_nothing_retreats() {
    let cut = "at 500ms cut n1 -> n3\nat 500ms cut n2 -> n3\nat 500ms cut n4 -> n3\n";
    let outcome = |more: &str| {
        let rest = format!("{cut}{more}at 1s order attack\nrun 3s\n");
        let scenario = scenario(Protocol::GeneralsOm, 4, &rest);
        let (run, history) = to_end(Arc::new(scenario.clone()));
        assert_eq!(decisions(&run)[2], [RETREAT]);
        let broken: Vec<_> = history.violations.iter().map(|one| one.property).collect();
        (crate::outcome::judge(&scenario, &history).outcome, broken)
    };
    assert_eq!(outcome(""), (Outcome::Stable, vec![]));
    let both = vec![Property::LoyalOrder; 2];
    assert_eq!(outcome("at 500ms traitor n4 equivocate to n2\n"), (Outcome::Unsafe, both));
}
