//! Clocks that are wrong, and what comes early or late by them (the paper's section 6, A3).

use super::*;

fn case(text: &str) -> (Run, History) {
    to_end(Arc::new(parse(text).unwrap_or_else(|wrong| panic!("{wrong:?}"))))
}

/// n4 restarts off the beat and relays early, which must not clear what n2 and n3 heard.
const SHIFTED: &str = "halflink 1\ntitle \"A shifted clock\"
plant 4 racks of 1 server, 2 disks each
cluster c: generals-om on r1.s1 r2.s1 r3.s1 r4.s1
timing heartbeat 500ms, election 1s..2s
seed 7
at 200ms crash r4.s1
at 750ms restart r4.s1
at 2s order attack
run 10s
";

/// The same for signed messages: a general whose clock is wrong and a traitor are within m = 2.
const SHIFTED_SIGNED: &str = "halflink 1\ntitle \"A shifted clock, signed\"
plant 4 racks of 1 server, 2 disks each
cluster c: generals-sm on r1.s1 r2.s1 r3.s1 r4.s1
tolerate 2
timing heartbeat 500ms, election 1s..2s
seed 7
at 100ms crash r4.s1
at 650ms restart r4.s1
at 1s traitor n1 silent-to n4
at 1s traitor n1 equivocate to n3 n4
at 2s order attack
run 10s
";

#[test]
fn a_clock_that_is_off_the_beat_misleads_nobody() {
    let (run, history) = case(SHIFTED);
    assert_eq!(history.violations, []);
    assert_eq!(decisions(&run), vec![vec![ATTACK]; 4]);
    let (run, history) = case(SHIFTED_SIGNED);
    assert_eq!(history.violations, []);
    assert_eq!(decisions(&run)[1], decisions(&run)[2]);
}

/// A restart at every moment of a round and of the rounds of an order, before, in and after it: one
/// failure, so nobody else is misled, whether n4 tells the truth or lies as well.
#[test]
fn a_restart_at_any_offset_within_a_round_is_one_failure() {
    let step = if is_large() { 1 } else { 13 };
    let behaviours = ["", "at 0s traitor n4 equivocate to n2\n"];
    for (down, lies) in [0, 130, 260].into_iter().flat_map(|down| behaviours.map(|lie| (down, lie)))
    {
        for offset in (1..=500).step_by(step) {
            for stops in [("crash", "restart"), ("pause", "resume")] {
                let (from, to) = (700 + offset, 701 + offset + down);
                let (stop, start) = stops;
                let rest = format!(
                    "{lies}at {from}ms {stop} r4.s1\nat {to}ms {start} r4.s1\n\
                     at 1s order attack\nat 1500ms order hold\nat 2s order retreat\nrun 3s\n"
                );
                for protocol in [Protocol::GeneralsOm, Protocol::GeneralsSm] {
                    let (run, history) = run(protocol, 4, &rest);
                    assert_eq!(history.violations, [], "{rest}");
                    for id in 1..3 {
                        assert_eq!(decisions(&run)[id], [ATTACK, HOLD, RETREAT], "{rest}");
                    }
                }
            }
        }
    }
}

/// The commander's clock is off, and he tells each a different story, early.
#[test]
fn a_commander_who_is_early_and_lies_is_one_traitor() {
    for offset in (1..100).step_by(if is_large() { 1 } else { 7 }) {
        let restart = 600 + offset;
        let rest = format!(
            "at 500ms crash r1.s1\nat {restart}ms restart r1.s1\n\
             at 700ms traitor n1 equivocate to n3\nat 950ms order attack\nrun 3s\n"
        );
        for protocol in [Protocol::GeneralsOm, Protocol::GeneralsSm] {
            let (run, history) = run(protocol, 4, &rest);
            assert_eq!(history.violations, [], "{rest}");
            let decided = &decisions(&run)[1..];
            assert!(decided.iter().all(|one| one.len() == 1 && *one == decided[0]), "{rest}");
        }
    }
}

/// Who was not there when orders were announced takes up the numbers where the others are, the
/// commander, too.
#[test]
fn numbers_are_kept_through_a_stop() {
    for server in ["r1.s1", "r3.s1"] {
        let rest = format!(
            "at 500ms crash {server}\nat 1s order attack\nat 1500ms order hold\n\
             at 2s restart {server}\nat 3s order hold\nrun 5s\n"
        );
        let (run, history) = run(Protocol::GeneralsOm, 4, &rest);
        assert_eq!(history.violations, []);
        assert!(decisions(&run).iter().all(|one| one.len() == 3 && one[2] == HOLD), "{rest}");
    }
}

/// The paper's count times two (one replay of each message), whatever liars send late or twice, and
/// no general panics: n = 1 to 15 and every m.
#[test]
fn the_number_of_messages_is_bounded() {
    let most = |n: u64, m: u64, oral: bool| {
        let of_round = |round| (0..=round).map(|one| (n - 1).saturating_sub(one)).product::<u64>();
        if oral { (0..=m).map(of_round).sum() } else { n - 1 + 3 * of_round(1) }
    };
    for (generals, m) in (1..=15).flat_map(|n| (0..=4).map(move |m| (n, m))) {
        for mode in [Mode::Oral, Mode::Signed] {
            let traitors = ReplicaSet::NOBODY;
            let case = Case { mode, generals, liars_max: m, traitors, order: ATTACK, stories: 2 };
            let mut hall = Hall::new(case);
            hall.announce(1, ATTACK);
            let mut sent = 0;
            for _ in 0..=u64::from(m) + 2 {
                hall.tick(&mut Lies::all());
                // Everything comes twice.
                hall.letters = [hall.letters.clone(), hall.letters.clone()].concat();
                sent += hall.letters.len() as u64;
                hall.deliver();
            }
            let most = most(u64::from(generals), u64::from(m.min(3)), mode == Mode::Oral);
            assert!(sent <= 2 * most, "{case:?}: {sent} of {most}");
            assert!((0..generals).all(|id| hall.decided(id) == Some(ATTACK)), "{case:?}");
        }
    }
    for (generals, m, order) in [(4, 1, 9), (7, 2, 156), (10, 3, 3_609)] {
        for byzantine in ["replay", "delay 90ms", "delay 7s"] {
            let rest = format!(
                "tolerate {m}\nat 0s traitor n1 {byzantine}\nat 0s traitor n2 {byzantine}\n\
                 at 0s traitor n3 {byzantine}\nat 1s order attack\nat 2s order hold\nrun 9s\n"
            );
            let (run, _) = run(Protocol::GeneralsOm, generals, &rest);
            assert!(run.world().delivered() <= 2 * 2 * order, "{rest}");
        }
    }
}
