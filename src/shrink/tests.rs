use super::{Goal, Refusal, Shorter, Size, shrink, shrink_unless, smaller_than, without};
use crate::outcome::Outcome;
use crate::rng::Rng;
use crate::run::to_end;
use crate::scenario::arbitrary;
use crate::scenario::library::find;
use crate::scenario::text::parse;

fn nothing(_: Shorter<'_>) {}

fn titled(outcomes: &[Outcome]) -> String {
    format!("{}, made short", outcomes[0].name())
}

#[test]
fn the_outage_is_a_switch_that_half_fails() {
    let text = find("cloudflare-2020").expect("it is shipped").text;
    let short = shrink(text, &titled, &mut nothing).expect("it can be read");
    assert_eq!(short.goals, [Goal { outcome: Outcome::Flapping, broken: None, serves: true }]);
    assert!(short.is_done && short.actions[1] <= 2, "{}", short.text);
    // One direction is enough, as everywhere on this page.
    assert!(short.text.contains("gray r1.tor-a drops n1 -> n3"), "{}", short.text);
    assert!(short.text.contains("title \"flapping, made short\"\n"), "{}", short.text);
    assert!(3 * short.text.len() < text.len(), "{}", short.text);
}

#[test]
fn the_property_that_broke_stays_the_one_that_breaks() {
    for name in ["two-faced-voter", "amnesia", "stale-read"] {
        let text = find(name).expect("it is shipped").text;
        let short = shrink(text, &titled, &mut nothing).expect("it can be read");
        let first = |text: &str| {
            let (_, history) = to_end(parse(text).expect("it can be read").into());
            history.violations.first().map(|one| one.property).expect("it is unsafe")
        };
        assert_eq!(first(&short.text), first(text), "{name}");
        assert!(short.text.len() < text.len() && short.is_done, "{name}: {}", short.text);
    }
}

/// Of any text: it can be read, comes out the same, is no larger, and cannot be made shorter again.
#[test]
fn what_is_short_is_as_short_as_it_gets() {
    let mut actions = [0, 0];
    for number in 0..40 {
        let mut rng = Rng::new(number ^ 0x5417);
        let mut scenario = arbitrary::scenario(&mut rng);
        scenario.until = scenario.until.min(crate::clock::Micros::from_secs(15));
        scenario.actions.retain(|(at, _)| *at <= scenario.until);
        scenario.notes.retain(|note| note.time().is_none_or(|at| at <= scenario.until));
        let text = scenario.to_string();
        let Ok(scenario) = parse(&text) else { continue };
        let short = shrink(&text, &titled, &mut nothing).expect("it was just parsed");
        let after = parse(&short.text).expect("it was parsed to be taken");
        assert!(short.text.len() <= text.len(), "{text}");
        let size = |scenario| Size::of(&super::lines_of(scenario), scenario);
        assert!(size(&after) <= size(&scenario), "{text}");
        assert_eq!(super::replayed(after).0, Ok(short.goals), "{text}");
        let again = shrink(&short.text, &titled, &mut nothing).expect("it is right");
        assert_eq!(again.text, short.text, "of {text}");
        actions[0] += short.actions[0];
        actions[1] += short.actions[1];
    }
    assert!(actions[0] > 150 && 3 * actions[1] < actions[0], "{actions:?}");
}

#[test]
fn a_number_and_a_time_become_smaller_and_words_do_not() {
    assert_eq!(smaller_than("3"), ["1", "2"]);
    assert_eq!(smaller_than("2.5s"), ["0s", "1s", "2s"]);
    assert_eq!(smaller_than("0s"), [""; 0]);
    assert_eq!(smaller_than("n3"), [""; 0]);
    assert_eq!(smaller_than("20%"), [""; 0]);
    assert_eq!(smaller_than("40s").last().map(String::as_str), Some("39s"));
}

/// Reading counts, too: of the longest texts most that is tried is not even replayed.
#[test]
fn a_long_text_comes_to_an_end() {
    let acts = "at 1s pause r1.s1\nat 1s resume r1.s1\n".repeat(450);
    let text = format!(
        "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n\
         write every 300ms\n{acts}run 5s\n"
    );
    let short = shrink(&text, &titled, &mut nothing).expect("it can be read");
    assert_eq!((short.actions, short.is_done), ([900, 0], true), "{}", short.text);
}

/// Of each pair of directions that is left, either is needed.
#[test]
fn one_direction_is_enough_where_it_is() {
    for name in ["amnesia", "constrained", "howard-abraham-2", "quorum-loss", "slow-clock"] {
        let text = find(name).expect("it is shipped").text;
        let short = shrink(text, &titled, &mut nothing).expect("it can be read");
        assert!(short.text.contains(" -> ") && short.is_done, "{name}: {}", short.text);
    }
}

/// What was read is printed in one spelling, which may be longer.
#[test]
fn nothing_becomes_longer() {
    let text = "halflink 1\ntitle \"t\"\nplant 1 rack of 1 server, 2 disks each\n\
        cluster c: raft on r1.s1\ntiming heartbeat 2m, election 3m..4m\nseed 1\nrun 1ms\n";
    let short = shrink(text, &titled, &mut nothing).expect("it can be read");
    assert_eq!((short.text.as_str(), short.actions), (text, [0, 0]));
}

/// They tell of what is no longer there.
#[test]
fn notes_and_sources_go_and_the_title_tells_the_outcome() {
    for name in ["cloudflare-2020", "mlag-both-primary", "amnesia"] {
        let text = find(name).expect("it is shipped").text;
        let short = shrink(text, &titled, &mut nothing).expect("it can be read").text;
        let made = format!("title \"{}, made short\"\n", outcome(text));
        assert!(short.contains(&made), "{short}");
        assert!(!short.contains("note ") && !short.contains("source "), "{short}");
    }
}

fn outcome(text: &str) -> &'static str {
    let scenario = parse(text).expect("it can be read");
    super::replayed(scenario).0.expect("it ends")[0].outcome.name()
}

/// How it would have come out nobody knows.
#[test]
fn a_run_that_ends_early_is_not_made_shorter() {
    let text = include_str!("../../tests/hostile/delay-600s.halflink");
    assert!(matches!(shrink(text, &titled, &mut nothing), Err(Refusal::Exhausted(_))));
}

#[test]
fn a_text_that_cannot_be_read_is_not_made_shorter() {
    let wrong = shrink("halflink 1\n", &titled, &mut nothing);
    assert!(matches!(wrong, Err(Refusal::Unreadable(_))), "{wrong:?}");
}

#[test]
fn numbers_move_up_but_not_in_words() {
    let moved = without("at 5s cut n5 -> r4.tor-a, nn6 n12.x \"n9 r9\"", 'n', 2);
    let moved = moved.expect("it names no n2");
    assert_eq!(moved, "at 5s cut n4 -> r4.tor-a, nn6 n11.x \"n9 r9\"");
    assert_eq!(without("cut r3.s1 -> r2.tor-a", 'r', 2), None);
    assert_eq!(without("plant 3 racks, run 5s", 'r', 1).as_deref(), Some("plant 3 racks, run 5s"));
}

#[test]
fn racks_and_replicas_that_nothing_needs_go_wherever_they_stand() {
    let text = "halflink 1\ntitle \"idle\"\nplant 5 racks of 1 server, 2 disks each\n\
        cluster c: raft+prevote on r1.s1 r2.s1 r5.s1\ntiming heartbeat 200ms, election 1s..2s\n\
        seed 1\nwrite every 500ms\nat 0s elect n3\nat 4s pause r5.s1\nat 4s pause r2.s1\nrun 30s\n";
    let short = shrink(text, &titled, &mut nothing).expect("it can be read");
    let left = parse(&short.text).expect("it was replayed");
    let homes = usize::from(left.plant.racks);
    assert_eq!(homes, left.groups[0].members.len(), "no rack is idle: {}", short.text);
    let again = shrink(&short.text, &titled, &mut nothing).expect("it is right");
    assert_eq!(again.text, short.text);
}

#[test]
fn who_ends_it_gets_the_shortest_so_far() {
    let text = crate::scenario::library::find("cloudflare-2020").expect("it ships").text;
    let so_far = std::cell::Cell::new(0);
    let mut count = |_: Shorter<'_>| so_far.set(so_far.get() + 1);
    let is_over = || so_far.get() == 2;
    let short = shrink_unless(text, &titled, &mut count, &is_over).expect("it can be read");
    assert!(!short.is_done && short.text.len() < text.len());
    assert_eq!(so_far.get(), 2, "nothing else was tried");
    let whole = shrink(text, &titled, &mut nothing).expect("it can be read");
    assert!(whole.text.len() < short.text.len());
}
