//! What is within the fault model, and that the promise is kept there.

use super::*;
use crate::fault::{Ends, Link};
use crate::timeline::Timeline;
use crate::view::View;
use crate::words::{ENGLISH, Names};

/// What the page says of the model at some time.
fn outside_at(seconds: u64, protocol: Protocol, generals: u8, rest: &str) -> String {
    let mut timeline = Timeline::new(scenario(protocol, generals, rest));
    let view = View::of(&mut timeline, Micros::from_secs(seconds), Micros::from_millis(1));
    let told = |fact| ENGLISH.tell("outside", &fact, &Names::default());
    view.outside.map(told).unwrap_or_default()
}

fn om(rest: &str) -> String {
    outside_at(3, Protocol::GeneralsOm, 4, rest)
}

#[test]
fn failures_are_counted_as_the_paper_counts_them() {
    assert_eq!(om("at 1s order attack\nrun 4s\n"), "");
    assert_eq!(om("at 1s traitor n3 equivocate\nat 1s order attack\nrun 4s\n"), "");
    assert_eq!(om("at 1s crash r3.s1\nrun 4s\n"), "");
    // A failed line is one failure, and several at one general are one.
    assert_eq!(om("at 1s cut n1 -> n3\nrun 4s\n"), "");
    assert_eq!(om("at 1s cut n1 <-> n3\nat 1s cut n2 -> n3\nat 1s cut n3 -> n4\nrun 4s\n"), "");
    // Nothing is sent to the commander.
    assert_eq!(om("at 1s cut n2 -> n1\nat 1s cut n3 -> n4\nrun 4s\n"), "");
    let lines = om("at 1s cut n1 -> n3\nat 1s cut n2 -> n4\nrun 4s\n");
    let counted = "2 generals fail, failed lines (n1 -> n3, n2 -> n4) counted at one end each";
    assert_eq!(lines, format!("{counted}, and this group is set up for 1."));
    let line = om("at 1s traitor n2 equivocate\nat 1s cut n1 -> n3\nrun 4s\n");
    assert!(line.contains("a failed line (n2 lies, n1 -> n3) counted as one"), "{line}");
    // The traitor's own line is no failure more, and nobody is counted twice.
    assert_eq!(om("at 1s traitor n2 equivocate\nat 1s cut n2 -> n3\nrun 4s\n"), "");
    assert_eq!(om("at 1s traitor n3 equivocate\nat 1s crash r3.s1\nrun 4s\n"), "");
    let two = om("at 1s crash r3.s1\nat 1s traitor n2 equivocate\nrun 4s\n");
    assert!(two.starts_with("2 generals fail (n2 lies, n3 stopped"), "{two}");
    // A part that failed may lose messages, too.
    assert_eq!(om("at 1s fail r3.tor-a\nat 1s fail r3.tor-b\nrun 4s\n"), "");
    assert!(om("network hop 30ms, jitter 1ms\nrun 4s\n").starts_with("A3 is broken"));
}

/// What was lost in the rounds of an order stays lost; what failed and was mended before does not
/// matter.
#[test]
fn a_failure_stays_as_long_as_it_can_matter() {
    let two = "at 1010ms cut n1 -> n3\nat 1010ms cut n2 -> n4\n";
    let healed = "at 1020ms heal n1 -> n3\nat 1020ms heal n2 -> n4\n";
    let run_on = "at 4s order hold\nrun 6s\n";
    let within = format!("at 1s order attack\n{two}{healed}{run_on}");
    assert_ne!(om(&within), "");
    assert_eq!(outside_at(5, Protocol::GeneralsOm, 4, &within), "");
    assert_eq!(om(&format!("{two}{healed}at 2s order attack\n{run_on}")), "");
    assert_ne!(om(&format!("{two}{run_on}")), "");
    // Switches that failed and were restored.
    let towers = "at 1010ms fail r2.tor-a\nat 1010ms fail r2.tor-b\nat 1010ms fail r3.tor-a\n\
                  at 1010ms fail r3.tor-b\nat 1020ms restore r2.tor-a\nat 1020ms restore r2.tor-b\n\
                  at 1020ms restore r3.tor-a\nat 1020ms restore r3.tor-b\n";
    assert_ne!(om(&format!("at 1s order attack\n{towers}{run_on}")), "");
    assert_eq!(om(&format!("{towers}at 2s order attack\n{run_on}")), "");
    // Stopped before an order and back after it began, or off the beat for good.
    let stops = "at 990ms crash r2.s1\nat 990ms crash r3.s1\nat 1s order attack\n\
                 at 1100ms restart r2.s1\nat 1100ms restart r3.s1\n";
    assert_ne!(om(&format!("{stops}{run_on}")), "");
    assert_eq!(outside_at(5, Protocol::GeneralsOm, 4, &format!("{stops}{run_on}")), "");
    let shifted = stops.replace("1100ms", "1150ms");
    assert_ne!(outside_at(5, Protocol::GeneralsOm, 4, &format!("{shifted}{run_on}")), "");
    // A traitor who was loyal again before the order.
    let reformed = "at 1s traitor n2 equivocate\nat 1s traitor n3 equivocate\nat 2s loyal n2\n";
    assert_ne!(om(&format!("at 1500ms order attack\n{reformed}{run_on}")), "");
    assert_eq!(outside_at(5, Protocol::GeneralsOm, 4, &format!("{reformed}{run_on}")), "");
}

/// Theorem 4: SM(m + d - 1), and a failed line is as good as none.
#[test]
fn lines_matter_to_signed_messages_by_distance_alone() {
    let sm = |m: u8, rest: &str| {
        outside_at(3, Protocol::GeneralsSm, 5, &format!("tolerate {m}\n{rest}run 4s\n"))
    };
    let far = "at 1s cut n1 -> n3\nat 1s cut n1 -> n4\nat 1s cut n1 -> n5\nat 1s cut n2 -> n4\n\
               at 1s cut n2 -> n5\n";
    // n1 to n2, to n3, to n4: two lieutenants pass it on, and SM(1) lets one.
    let said = sm(1, far);
    assert!(said.starts_with("A1 is broken: what n1 says takes 3 steps to n4"), "{said}");
    assert_eq!(sm(2, far), "");
    let lost = format!("{far}at 1s cut n3 -> n4\nat 1s cut n5 -> n4\n");
    assert_eq!(sm(3, &lost), "A1 is broken: no loyal general brings n4 what n1 says.");
    // Under a traitor the lieutenants must hear each other: t + d - 1 <= m.
    let traitor = "at 1s traitor n1 equivocate\nat 1s cut n2 -> n3\n";
    assert!(sm(1, traitor).contains("takes 2 steps to n3"), "{}", sm(1, traitor));
    assert_eq!(sm(2, traitor), "");
}

/// n >= 3m + 1 is needed for m; what is said of fewer generals is true, too.
#[test]
fn how_many_an_army_withstands_is_true_of_all_sizes() {
    for (n, m) in (1..=15).flat_map(|n| (0..=4).map(move |m| (n, m))) {
        let oral = withstands(Mode::Oral, n, m);
        assert_eq!(oral == m, n > 3 * m, "{n}, {m}");
        assert!(oral == 0 || n > 3 * oral);
        assert_eq!(withstands(Mode::Signed, n, m), m);
    }
    assert_eq!((withstands(Mode::Oral, 3, 1), withstands(Mode::Oral, 6, 2)), (0, 1));
    let one_of_three = "at 1s traitor n3 equivocate\nrun 4s\n";
    let three = outside_at(3, Protocol::GeneralsOm, 3, one_of_three);
    assert!(three.ends_with("OM(1) takes 4 generals to withstand 1; with 3 it withstands 0."));
    assert_eq!(outside_at(3, Protocol::GeneralsSm, 3, one_of_three), "");
    // Machines, under liars: as many as are withstood.
    for generals in 3..=7 {
        for m in 1..=3.min(generals - 2) {
            let liars = withstands(Mode::Oral, generals, m);
            for seed in 0..if is_large() { 500 } else { 10 } {
                let mut rng = Rng::new(seed);
                let of = |_| ReplicaId(rng.below(u32::from(generals)) as u8);
                let traitors: ReplicaSet = (0..liars).map(of).collect();
                let (mode, order) = (Mode::Oral, ATTACK);
                let case = Case { mode, generals, liars_max: m, traitors, order, stories: 3 };
                let hall = Hall::run(case, &mut Lies::drawn(seed));
                let decided: Vec<_> = case.loyal().map(|id| hall.decided(id)).collect();
                assert!(decided.iter().all(|one| *one == decided[0]), "{case:?}");
                assert!(case.lies(0) || decided.iter().all(|one| *one == Some(ATTACK)), "{case:?}");
            }
        }
    }
}

/// Anything may fail at any time: lines, servers, clocks, loyalty.
fn rough(seed: u32) -> Scenario {
    let mut rng = Rng::new(seed ^ 0x0397);
    let protocol = [Protocol::GeneralsOm, Protocol::GeneralsSm][rng.below(2) as usize];
    let generals = 3 + rng.below(5) as u8;
    let mut scenario = scenario(protocol, generals, "run 4s\n");
    scenario.group_mut().tolerate = Some(1 + rng.below(u32::from((generals - 2).min(3))) as u8);
    scenario.group_mut().seed = seed;
    let at = |rng: &mut Rng| Micros::from_millis(u64::from(rng.below(3_000)));
    for _ in 0..1 + rng.below(4) {
        let (from, to) = (at(&mut rng), at(&mut rng));
        let (start, end) = (from.min(to), from.max(to));
        let who = ReplicaId(rng.below(u32::from(generals)) as u8);
        let other = ReplicaId((who.0 + 1 + rng.below(u32::from(generals) - 1) as u8) % generals);
        let server = scenario.group().members[who.index()];
        let behaviour = [Behaviour::Equivocate, Behaviour::SilentTo][rng.below(2) as usize];
        let toward = ReplicaSet::NOBODY;
        let byzantine = ByzantineBehaviour { behaviour, toward, by: Micros::ZERO };
        let link = Link { ends: Ends::Flow(who, other), both: rng.percent(50) };
        let (fault, mended) = match rng.below(5) {
            0 => (Action::Crash(server), Action::Restart(server)),
            1 => (Action::Pause(server), Action::Resume(server)),
            2 => (Action::Betray { replica: who, byzantine }, Action::Loyal(who)),
            _ => (Action::Cut { link, percent: 100 }, Action::Heal { link }),
        };
        scenario.actions.push((start, fault));
        if rng.percent(70) {
            scenario.actions.push((end, mended));
        }
    }
    for _ in 0..2 + rng.below(4) {
        scenario.actions.push((at(&mut rng), Action::Order(1 + rng.below(3))));
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
    scenario
}

/// No condition breaks within the model, and outside some do.
#[test]
fn the_promise_is_kept_within_the_model() {
    let (mut inside, mut broken) = (0, 0);
    // The last one: a commander who stood still, and is on the beat and a round behind.
    let seeds = (0..if is_large() { 30_000 } else { 400 }).chain([5_766]);
    for seed in seeds {
        let scenario = rough(seed);
        if !scenario.flaws().is_empty() {
            continue;
        }
        let (mut run, mut history) = Run::new(Arc::new(scenario.clone()));
        let (mut known, mut always) = (0, true);
        while run.step(&mut history).is_some() {
            let too_many = run.group().failures().are_too_many();
            always &= !too_many;
            let new = &history[0].violations[known..];
            assert!(new.is_empty() || too_many, "seed {seed}: {new:?}\n{scenario}");
            known = history[0].violations.len();
        }
        inside += u32::from(always);
        broken += u32::from(known > 0);
    }
    println!("{inside} runs within the model, {broken} that broke a condition outside");
    assert!(inside > 50 && broken > 0, "{inside}, {broken}");
}
