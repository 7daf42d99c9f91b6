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
               failed holds leads nobody-leads no-more parted promoted shut-out started stopped \
               tried tripped bundled connected disconnected drained generates switch-heard \
               switch-unheard transferred unbundled";
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

/// The events of those kinds, in words, each with its time in microseconds and its replica.
fn told(scenario: &Scenario, kinds: &str) -> Vec<String> {
    let plant = halflink::plant::Plant::new(scenario.plant);
    let names = Names::of(&plant, scenario.group().replicas());
    let entries = read(scenario, 0, u64::MAX);
    let wanted =
        entries.iter().filter(|entry| kinds.split(' ').any(|kind| kind == entry.said.kind));
    let words = wanted.map(|entry| {
        let who = entry.who.map_or(String::new(), |who| format!(" n{}:", who + 1));
        format!("{}{who} {}", entry.at_us, ENGLISH.tell("ledger", &entry.said, &names))
    });
    words.collect()
}

fn written(lines: &str) -> Scenario {
    let text = format!(
        "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 7\n\
         write every 300ms\nat 0s elect n3\n{lines}run 12s\n"
    );
    parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}\nin\n{text}"))
}

#[test]
fn who_stops_says_of_what_and_who_starts_has_given_nothing_up() {
    let all = told(&shipped("battery-and-generator"), "drained generates stopped started");
    let empty = "stops: the battery of ups-a is empty";
    assert_eq!(
        all,
        [
            "13000000 the battery of ups-a is empty".to_owned(),
            "13000000 the battery of ups-b is empty".to_owned(),
            format!("13000000 n1: n1 {empty}"),
            format!("13000000 n2: n2 {empty}"),
            format!("13000000 n3: n3 {empty}"),
            "25000000 generator-a runs, and takes over".to_owned(),
            "25000000 n1: n1 starts again (term 1)".to_owned(),
            "25000000 n2: n2 starts again (term 1)".to_owned(),
            "25000000 n3: n3 starts again (term 1)".to_owned(),
            "25000000 generator-b runs, and takes over".to_owned(),
        ]
    );
    let lines = "at 3s crash r1.s1\nat 3s crash r2.s1\nat 3s fail r3.pdu-a\n\
                 at 4s fail r3.pdu-b\nat 4s wipe r1.s1\nat 5s wipe r3.s1\nat 6s wipe r1.s1\n\
                 at 7s restart r2.s1\nat 8s restore r3.pdu-b\n";
    assert_eq!(
        told(&written(lines), "stopped started"),
        [
            "3000000 n1: n1 stops: crash r1.s1",
            "3000000 n2: n2 stops: crash r2.s1",
            "4000000 n3: n3 stops: fail r3.pdu-b",
            "4000000 n1: n1 starts again with an empty disk (term 0)",
            "6000000 n1: n1 starts again with an empty disk (term 0)",
            "7000000 n2: n2 starts again (term 1)",
            "8000000 n3: n3 starts again with an empty disk (term 0)",
        ]
    );
    // In all that is shipped who gives up has tried, and whose disk is wiped follows nobody.
    for entry in library() {
        let scenario = parse(entry.text).expect("it is shipped");
        let mut last = vec![""; usize::from(scenario.group().replicas())];
        for event in read(&scenario, 0, u64::MAX) {
            let Some(who) = event.who.map(usize::from) else { continue };
            let change = if event.said.kind == "changed" { change_of(&event) } else { "" };
            let is_new = event.said.kind == "started";
            assert!(change != "gives-up" || last[who].starts_with("tries"), "{}", entry.name);
            assert!(change != "lost" || last[who] == "follows", "{}: {event:?}", entry.name);
            if is_new || !change.is_empty() {
                last[who] = change;
            }
        }
    }
}

#[test]
fn what_is_done_to_the_leader_says_to_whom_or_why_to_nobody() {
    let lines = "at 2s crash leader\nat 3s restart leader\nat 6s cut leader -> n1\n\
                 at 8s crash r1.s1\nat 8s crash r2.s1\nat 8s crash r3.s1\nat 9s pause leader\n\
                 at 10s resume leader\n";
    let all = told(&written(lines), "action undone");
    assert_eq!(all[1], "2000000 n3: crash leader: crash r3.s1");
    assert_eq!(all[2], "3000000 n3: restart leader: restart r3.s1");
    let who = all[3].split(' ').nth(1).and_then(|who| who.strip_suffix(':')).expect("a replica");
    assert_eq!(all[3], format!("6000000 {who}: cut leader -> n1: cut {who} -> n1"));
    assert_eq!(all[7], "9000000 pause leader: nothing is done, for nobody leads");
    let lifted = "10000000 resume leader: nothing is done, for what it would lift was not done";
    assert_eq!(all[8], lifted);
    let own = told(&written("at 4s cut leader -> n3\n"), "action undone");
    let other = "4000000 cut leader -> n3: nothing is done, for the other end is the leader itself";
    assert_eq!(own[1], other);
}

#[test]
fn what_the_plant_does_of_its_own_is_told() {
    let moves = told(&shipped("rack-transfer-switch"), "transferred");
    let moved = |rack| format!("5010000 r{rack}.ats moves to its other side");
    assert_eq!(moves, [moved(1), moved(2), moved(3)]);
    let out = "8000000 LACP takes the cable from r1.s1 to r1.tor-a out of its bundle";
    assert_eq!(told(&shipped("lacp"), "bundled unbundled"), [out]);
    let bonded = |lines: &str| {
        let text = written(lines).to_string().replace("disks each", "disks each, bond lacp fast");
        parse(&text).expect("it is right")
    };
    let healed = "at 2s cut r1.tor-a -> r1.s1\nat 8s heal r1.tor-a -> r1.s1\n";
    let cable = "LACP puts the cable from r1.s1 to r1.tor-a back into its bundle";
    let all = told(&bonded(healed), "bundled unbundled");
    assert_eq!((all.len(), &all[1]), (2, &format!("9000000 {cable}")));
    assert_eq!(
        told(&shipped("mlag-both-primary"), "switch-heard switch-unheard"),
        [
            "8000000 r3.tor-b no longer hears r3.tor-a, and is primary, too",
            "37000000 r3.tor-b hears r3.tor-a again, and poses as one with it",
        ]
    );
}

#[test]
fn connections_that_are_given_up_and_made_again_are_told() {
    let over_tcp = |lines: &str| {
        let text = written(lines).to_string();
        let text = text.replace("\nwrite", "\ntransport tcp, timeout 3s\nwrite");
        parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}\nin\n{text}"))
    };
    let all =
        told(&over_tcp("at 3s cut n3 -> n1\nat 8s heal n3 -> n1\n"), "connected disconnected");
    let gives =
        |who, to, why| format!("n{who} gives up its connection to n{to}: the other end {why}");
    let ends_with = |place: usize, words: &str| {
        assert!(all[place].ends_with(words), "{words} at {place} of {all:#?}");
    };
    assert!(all.iter().any(|one| one.ends_with(&gives(3, 1, "acknowledges nothing"))), "{all:#?}");
    ends_with(all.len() - 1, "again");
    // Whoever has gone takes its own along, and knows nothing of the others' when it is back.
    let lines = "at 3s crash r1.s1\nat 5s restart r1.s1\n";
    let all = told(&over_tcp(lines), "connected disconnected");
    assert!(all.iter().any(|one| one.ends_with(&gives(3, 1, "knows nothing of it"))), "{all:#?}");
    assert!(!all.iter().any(|one| one.contains("n1 gives")), "{all:#?}");
    for pair in [(1, 2), (1, 3), (3, 1)] {
        let again = format!("n{} has a connection to n{} again", pair.0, pair.1);
        assert_eq!(all.iter().filter(|one| one.ends_with(&again)).count(), 1, "{all:#?}");
    }
}

/// A list that is full says so, where its last one stands.
#[test]
fn where_no_more_is_kept_that_is_said() {
    let entries = read(&shipped("amnesia"), 0, u64::MAX);
    let broke = kinds(&entries, "broke");
    assert_eq!(broke.len(), halflink::history::VIOLATIONS_MAX);
    assert_eq!(kinds(&entries, "no-more"), broke[broke.len() - 1..]);
    let told = told(&shipped("amnesia"), "no-more");
    assert!(
        told[0].ends_with(
            " 20 violations are recorded, and no more: what breaks after this is not told"
        )
    );
    assert!(kinds(&read(&shipped("cloudflare-2020"), 0, u64::MAX), "no-more").is_empty());
}
