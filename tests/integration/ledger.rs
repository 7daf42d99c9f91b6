//! The ledger of a run against its record, and told in words.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fact::Arg;
use halflink::scenario::Scenario;
use halflink::scenario::library::{find, library};
use halflink::scenario::text::parse;
use halflink::view::ledger::{Ledger, LedgerEntry};
use halflink::words::{ENGLISH, Names};

fn shipped(name: &str) -> Scenario {
    parse(find(name).expect("it is shipped").text).expect("it parses")
}

/// All of it, of one group.
fn read(scenario: &Scenario, group: u8, slice: u64) -> Vec<LedgerEntry> {
    let mut ledger = Ledger::new(Arc::new(scenario.clone()), group, scenario.until);
    while !ledger.advance(slice) {}
    ledger.entries()
}

fn kinds(entries: &[LedgerEntry], kind: &str) -> Vec<u64> {
    entries.iter().filter(|entry| entry.said.kind == kind).map(|entry| entry.at_us).collect()
}

/// What a replica came to.
fn change_of(entry: &LedgerEntry) -> &'static str {
    let change = entry.said.args.iter().find_map(|(name, arg)| match arg {
        Arg::Fact(fact) if *name == "change" => Some(fact.kind),
        Arg::Fact(_) | Arg::Number(_) | Arg::Text(_) | Arg::List(_) => None,
    });
    change.expect("a change says what")
}

#[test]
fn the_ledger_of_the_story_has_what_its_record_has() {
    let scenario = shipped("cloudflare-2020");
    let entries = read(&scenario, 0, u64::MAX);
    let (_, history) = halflink::run::to_end(Arc::new(scenario.clone()));
    assert!(entries.is_sorted_by_key(|entry| entry.at_us));
    assert_eq!(kinds(&entries, "action").len(), scenario.actions.len());
    assert_eq!(kinds(&entries, "tried").len(), history.writes.len());
    let committed = history.writes.iter().filter(|write| write.committed.is_some()).count();
    assert_eq!(kinds(&entries, "committed").len(), committed);
    let leads = history.led.iter().skip(1).filter(|(_, led)| led.is_some()).count();
    assert_eq!(kinds(&entries, "leads").len(), leads);
    assert!(leads > 100, "{leads}");
    // Each change of mind is of one replica, and says another thing than the one before.
    for who in 0..3 {
        let own: Vec<_> = entries
            .iter()
            .filter(|entry| entry.who == Some(who) && entry.said.kind == "changed")
            .collect();
        assert!(own.len() > 100 && own.windows(2).all(|two| two[0].said != two[1].said));
        // Who gives up has tried.
        let changes: Vec<_> = own.iter().map(|entry| change_of(entry)).collect();
        let gives_up = changes.iter().zip(&changes[1..]).filter(|(_, now)| **now == "gives-up");
        assert!(gives_up.clone().all(|(before, _)| before.starts_with("tries")), "{changes:?}");
    }
}

#[test]
fn slices_of_work_and_groups_change_nothing() {
    for name in ["cloudflare-2020", "power-cascade", "stale-read", "metastable"] {
        let scenario = shipped(name);
        assert_eq!(read(&scenario, 0, 1_000), read(&scenario, 0, u64::MAX), "{name}");
    }
    let (a, b) = ("cluster a: raft on r1.s1 r2.s1 r3.s1", "cluster b: zab on r1.s2 r2.s2 r3.s2");
    let rest = "timing heartbeat 100ms, election 1s..2s\nwrite every 300ms\n";
    let text = format!(
        "halflink 1\ntitle \"two\"\nplant 3 racks of 3 servers, 4 disks each\nseed 1\n\
         at 3s cut r1.s1 -> r1.tor-a\nrun 20s\n{a}\n{rest}{b}\n{rest}"
    );
    let scenario = parse(&text).expect("it is right");
    let ledgers = [0, 1].map(|group| read(&scenario, group, u64::MAX));
    assert_ne!(ledgers[0], ledgers[1]);
    for ledger in ledgers {
        assert_eq!(kinds(&ledger, "action"), [3_000_000]);
    }
}

/// Every event of every shipped scenario has its sentence, which leaves nothing open.
#[test]
fn every_event_is_told() {
    let mut seen = std::collections::BTreeSet::new();
    for entry in library() {
        let scenario = parse(entry.text).expect("it is shipped");
        let world = halflink::world::World::new(Arc::new(scenario.clone()));
        let names = Names::of(world.plant(), scenario.group().replicas());
        for event in read(&scenario, 0, u64::MAX) {
            assert!(event.at_us <= scenario.until.0);
            let told = ENGLISH.tell("ledger", &event.said, &names);
            let is_open = told.is_empty() || told.contains(['{', '}']) || told.contains("ledger");
            assert!(!is_open, "{}: {told}", entry.name);
            seen.insert(event.said.kind);
        }
    }
    let all = "action agreed answered asked behind broke caught-up changed committed enters \
               failed holds leads nobody-leads parted promoted shut-out stopped tried tripped";
    for kind in all.split_whitespace() {
        assert!(seen.contains(kind), "no shipped run has {kind}");
    }
}

#[test]
fn what_is_not_known_yet_is_not_told() {
    let scenario = shipped("cloudflare-2020");
    let until = Micros::from_secs(30);
    let mut ledger = Ledger::new(Arc::new(scenario.clone()), 0, until);
    while !ledger.advance(10_000) {
        let known = ledger.known();
        assert!(ledger.entries().iter().all(|entry| entry.at_us <= known.0));
    }
    // That somebody fell behind for long is known in hindsight alone.
    let is_now = |entry: &LedgerEntry| entry.at_us <= until.0 && entry.said.kind != "behind";
    let early: Vec<_> = ledger.entries().into_iter().filter(is_now).collect();
    let known: Vec<_> = read(&scenario, 0, u64::MAX).into_iter().filter(is_now).collect();
    let parts = early.iter().zip(&known).find(|(one, other)| one != other);
    assert!(parts.is_none() && early.len() == known.len(), "{parts:?}");
}
