//! Servers and replicas by names of the author's: read wherever what they name may stand, printed
//! back, pointed at where they are wrong, and nothing to the run.

use halflink::clock::Micros;
use halflink::scenario::Scenario;
use halflink::scenario::text::{parse, parse_act};
use halflink::session::Session;
use halflink::timeline::Timeline;
use halflink::view::Plan;
use halflink::world::World;

const NAMED: &str = "halflink 1
title   \"t\"
plant   3 racks of 2 servers, 4 disks each
server  east-1 single-homed a
name    r1.s1 east-1
name    r2.s1 北京
name    r3.s2 spare
cluster etcd: raft on east-1 北京 r3.s1
timing  heartbeat 100ms, election 1s..2s
timing  alice election 2s..3s
name    n1 alice
name    n3 Carol_3
seed    7
write   every 300ms
at 0s   elect alice
at 3s   cut alice -> n2
at 4s   cut east-1 -> r1.tor-a
at 5s   fail east-1.d2
at 5s   fail east-1.nic-a
at 6s   stall 北京.disk
at 7s   partition alice | n2 Carol_3
at 8s   gray r1.tor-a drops 90% of Carol_3 <-> alice
at 9s   heal Carol_3
at 9s   heal alice -> n2
at 10s  crash 北京
at 11s  restart 北京
at 12s  resume 北京.disk
every   6s from 13s to 20s pause spare for 2s
run     30s
";

fn read(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"))
}

/// The same without a name.
fn numbered() -> String {
    let lines = NAMED.lines().filter(|line| !line.starts_with("name"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    let pairs = [("east-1", "r1.s1"), ("北京", "r2.s1"), ("spare", "r3.s2")];
    let more = [("alice", "n1"), ("Carol_3", "n3")];
    pairs.iter().chain(&more).fold(text, |text, (name, of)| text.replace(name, of))
}

fn hash(scenario: Scenario) -> u64 {
    let mut world = World::new(scenario.into());
    while world.step(&mut ()).is_some() {}
    world.trace_hash()
}

#[test]
fn names_are_read_and_printed_and_are_nothing_to_the_run() {
    let (named, plain) = (read(NAMED), read(&numbered()));
    assert_eq!(named.actions, plain.actions);
    assert_eq!(hash(named.clone()), hash(plain));
    let printed = named.to_string();
    assert_eq!(read(&printed), named);
    for line in [
        "name    r1.s1 east-1",
        "name    n1 alice",
        "cluster etcd: raft on east-1 北京 r3.s1",
        "timing  alice election 2s..3s",
        "cut alice -> n2",
        "cut east-1 -> r1.tor-a",
        "fail east-1.d2",
        "stall 北京.disk",
        "partition alice | n2 Carol_3",
        "gray r1.tor-a drops 90% of alice <-> Carol_3",
        "pause spare for 2s",
    ] {
        let other = line.replace("alice <-> Carol_3", "Carol_3 <-> alice");
        assert!(printed.contains(line) || printed.contains(&other), "{line}\n{printed}");
    }
}

#[test]
fn what_is_wrong_with_a_name_is_said_where_it_stands() {
    let long = "a".repeat(25);
    for (from, to, line, column, words) in [
        ("name    n1 alice", "name    n1 elect", 11, 12, "elect is a word of the language"),
        ("name    n1 alice", "name    n1 n2", 11, 12, "n2 is a word of the language"),
        ("name    n1 alice", "name    n1 leader", 11, 12, "leader is a word of the language"),
        ("name    n1 alice", "name    n1 spine-a", 11, 12, "spine-a is a word of the language"),
        ("name    n1 alice", "name    n1 r1", 11, 12, "r1 is a word of the language"),
        ("name    n1 alice", "name    n1 site0", 11, 12, "site0 is a word of the language"),
        ("name    n1 alice", "name    n1 wan4-4", 11, 12, "wan4-4 is a word of the language"),
        ("name    n1 alice", "name    n1 n16", 11, 12, "n16 is a word of the language"),
        ("name    n1 alice", "name    n1 a\u{2013}b", 11, 12, "a letter first"),
        ("name    n1 alice", "name    n1 e\u{301}", 11, 12, "a letter first"),
        ("name    n1 alice", "name    n1 \u{1f600}", 11, 12, "a letter first"),
        ("name    n1 alice", "name    n1 \u{bd}", 11, 12, "a letter first"),
        ("name    n1 alice", "name    n1 2nd", 11, 12, "a letter first"),
        ("name    n1 alice", "name    n1 a.b", 11, 12, "a letter first"),
        ("name    n1 alice", &format!("name    n1 {long}"), 11, 12, "at most 24 characters"),
        ("name    n1 alice", "name    n1 spare", 11, 12, "something else is called spare"),
        ("name    n1 alice", "name    n1 etcd", 11, 12, "something else is called etcd"),
        ("name    n1 alice", "name    n1 alice\nname    n1 bob", 12, 9, "has a name already"),
        ("name    n1 alice", "name    n1 alice\nname    n4 bob", 12, 9, "no n4"),
        ("name    r3.s2 spare", "name    r4.s2 spare", 7, 9, "no r4.s2"),
        ("name    r3.s2 spare", "name    r3.tor-a spare", 7, 9, "what is to have a name"),
        ("name    r3.s2 spare", "name    r3.s2", 7, 14, "a name, such as east-1"),
        ("name    r3.s2 spare", "name    r3.s2 spare two", 7, 21, "end of the line"),
        ("crash 北京", "crash 北平京", 25, 15, "北京"),
        ("cut alice -> n2", "cut alise -> n2", 16, 13, "alice"),
        ("fail east-1.d2", "fail east-2.d2", 18, 14, "east-1"),
    ] {
        let text = NAMED.replacen(from, to, 1);
        assert_ne!(text, NAMED);
        let wrong = parse(&text).expect_err(to);
        let found = wrong.iter().find(|one| (one.line, one.column) == (line, column));
        let found = found.unwrap_or_else(|| panic!("{to}: {wrong:?}"));
        assert!(found.message().contains(words), "{to}: {}", found.message());
    }
}

/// What a reader does is written as the author would.
#[test]
fn what_is_done_on_the_page_is_written_by_name() {
    let mut session = Session::open(NAMED).expect("it is valid");
    session.act(Micros::from_secs(21), "heal n1 -> n2").expect("it can be done");
    session.act(Micros::from_secs(22), "fail r1.s1.d1").expect("it can be done");
    session.act(Micros::from_secs(23), "crash east-1").expect("a name is read there, too");
    for line in ["at 21s  heal alice -> n2\n", "at 22s  fail east-1.d1\n", "at 23s  crash east-1\n"]
    {
        let text = session.text().to_owned();
        assert!(
            text.contains(line) || text.replace("  ", " ").contains(&line.replace("  ", " ")),
            "{text}"
        );
    }
    let plan = Plan::of_session(&session);
    let called = |of: &str| plan.names.iter().find(|(one, _)| one == of).map(|one| one.1.as_str());
    assert_eq!(
        (called("r1.s1"), called("n3"), called("n2")),
        (Some("east-1"), Some("Carol_3"), None)
    );
    let scenario = session.timeline().scenario();
    assert_eq!(
        scenario.called(0, "n1, n2 and r1.s1.d1: n3. n11"),
        "alice, n2 and east-1.d1: Carol_3. n11"
    );
}

/// Another name is no other run: nothing is simulated anew.
#[test]
fn a_new_name_keeps_the_run() {
    let long = NAMED.replace("run     30s", "run     600s");
    let mut timeline = Timeline::new(read(&long));
    timeline.finish();
    timeline.change(read(&long.replace("alice", "bob").replace("spare", "west")));
    assert!(timeline.frontier().world().now() > Micros::from_secs(5), "it began anew");
    timeline.finish();
    assert_eq!(timeline.frontier().world().trace_hash(), hash(read(&long)));
}

/// A replica's name is of its group: there it is known, and in another it is not.
#[test]
fn of_several_groups_each_has_its_own_names() {
    let two = NAMED.replace(
        "seed    7\n",
        "seed    7\ncluster zk: zab on r1.s1 r2.s1 r3.s1\nname n1 zoe\n\
         timing heartbeat 100ms, election 1s..2s\nat 14s in zk isolate zoe\n",
    );
    let naming = ["elect alice", "cut alice", "partition", "gray", "heal Carol_3", "heal alice"];
    let two = naming.iter().fold(two, |text, act| text.replace(act, &format!("in etcd {act}")));
    let read = read(&two);
    assert!(read.to_string().contains("at 14s in zk isolate zoe\n"), "{read}");
    assert_eq!(self::read(&read.to_string()), read);
    let other = two.replace("in zk isolate zoe", "in etcd isolate zoe");
    let wrong = parse(&other).expect_err("zoe is zk's");
    assert!(wrong[0].message().contains("a replica, such as n1"), "{wrong:?}");
    assert!(parse_act("crash zoe", &read).is_err(), "a replica is no server");
}
