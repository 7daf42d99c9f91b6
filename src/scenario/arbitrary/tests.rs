//! What is drawn is what a text may ask for.

use super::*;
use crate::scenario::print::print;
use crate::scenario::text::parse;

#[test]
fn whatever_is_drawn_survives_the_text() {
    for (seed, protocol) in (0..400).zip(Protocol::here().collect::<Vec<_>>().into_iter().cycle()) {
        let rng = || Rng::new(seed);
        let mut drawn = vec![
            scenario_of(&mut rng(), protocol),
            harsh(&mut rng(), protocol),
            healed(&mut rng(), protocol).0,
            lazy(&mut rng(), protocol),
        ];
        if protocol.is_raft() {
            drawn.push(reading(&mut rng(), protocol, ReadMode::Local));
        }
        if matches!(protocol.family(), Family::Crash | Family::Production) {
            drawn.push(troubled(&mut rng(), protocol).0);
        }
        for (kind, scenario) in drawn.iter().enumerate() {
            let text = print(scenario);
            assert_eq!(parse(&text).as_ref(), Ok(scenario), "{protocol} {kind} {seed}\n{text}");
        }
    }
}

#[test]
fn several_groups_are_drawn_of_many_kinds() {
    let drawn: Vec<_> = (0..200).map(|seed| several(&mut Rng::new(seed))).collect();
    let count = |is: fn(&Scenario) -> bool| drawn.iter().filter(|one| is(one)).count();
    assert!(count(|one| one.groups.len() == 1) > 20);
    assert!(count(|one| one.groups.len() > 2) > 20);
    assert!(count(|one| one.to_string().contains(" in in ")) > 3, "a group may be called in");
    let shares = |one: &Scenario| {
        let mut members: Vec<_> = one.groups.iter().flat_map(|group| &group.members).collect();
        let all = members.len();
        members.sort_by_key(|at| (at.rack, at.slot));
        members.dedup();
        members.len() < all
    };
    assert!(count(shares) > 20, "groups share servers");
}
