//! Several groups on one plant: each has the run that it has alone.

use std::sync::Arc;

use halflink::claim::{claims, fits, run as outcome_of};
use halflink::clock::Micros;
use halflink::fault::Action;
use halflink::history::History;
use halflink::outcome::judge;
use halflink::plant::{Part, PlantSpec, Side, Site};
use halflink::rng::Rng;
use halflink::run::{Run, groups_to_end};
use halflink::scenario::text::{parse, parse_act};
use halflink::scenario::{Group, Scenario, arbitrary};
use halflink::session::Session;
use halflink::timeline::Timeline;
use halflink::view::{Plan, View};

use crate::support::{scenario, size};

const TWO: &str = "halflink 1
title   \"Two\"
plant   3 racks of 2 servers, 2 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
write   every 200ms
cluster zk: zab on r1.s2 r2.s2 r3.s2
timing  heartbeat 100ms, election 1s..2s
timing  n2 election 3s..4s
seed    8
write   every 300ms
at 0s in etcd elect n2
at 0s in zk elect n3
at 5s fail spine-a
at 6s in zk cut n1 <-> n2
at 7s in zk gray r1.tor-a drops n1 -> *
at 8s in etcd partition n1 | n2 n3
at 9s gray r1.tor-b drops all
run     20s
";

#[test]
fn a_text_of_two_groups_is_printed_as_it_is_written() {
    let two = scenario(TWO);
    assert_eq!(two.to_string(), TWO);
    let names: Vec<_> = two.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["etcd", "zk"]);
    let actions = |number| -> Vec<String> {
        let alone = Arc::new(two.clone()).alone(number);
        alone.actions.iter().map(|(_, act)| act.to_string()).collect()
    };
    let shared = ["fail spine-a", "gray r1.tor-b drops all"];
    assert_eq!(actions(0), ["elect n2", shared[0], "partition n1 | n2 n3", shared[1]]);
    let own = ["elect n3", shared[0], "cut n1 <-> n2", "gray r1.tor-a drops n1 -> *", shared[1]];
    assert_eq!(actions(1), own);
    // The first one's seed is everybody's who has none.
    let one_seed = scenario(&TWO.replace("seed    8\n", ""));
    assert_eq!(one_seed.groups[1].seed, 7);
    assert_eq!(scenario(&one_seed.to_string()), one_seed);
}

#[test]
fn what_cannot_be_of_several_groups_is_said_where_it_stands() {
    let wrong = |from: &str, to: &str| -> Vec<(u32, u32, String)> {
        assert!(TWO.contains(from), "{from}");
        let diagnostics = parse(&TWO.replace(from, to)).expect_err(to);
        let told = |one: &halflink::scenario::diagnostic::Diagnostic| {
            (one.line, one.column, one.message())
        };
        diagnostics.iter().map(told).collect()
    };
    for (from, to, line, column, words) in [
        ("in zk elect n3", "elect n3", 14, 7, "say in which group"),
        ("in zk elect n3", "in db elect n3", 14, 10, "no group is called db"),
        ("fail spine-a", "in zk fail spine-a", 15, 10, "concerns every group"),
        ("in zk cut n1 <-> n2", "in zk cut n1 <-> n4", 16, 24, "no n4 here"),
        ("zk: zab", "etcd: zab", 8, 9, "called etcd already"),
        ("timing  n2", "timing  n4", 10, 9, "no n4 here"),
        ("run     20s", "expect  paxos stable\nrun     20s", 20, 9, "no group"),
        ("seed    8\n", "seed    8\nseed 9\n", 12, 1, "on line 11 already"),
        ("write   every 300ms", "tolerate 1", 12, 10, "zab"),
    ] {
        let found = wrong(from, to);
        let (at, told) = ((found[0].0, found[0].1), &found[0].2);
        assert!(at == (line, column) && told.contains(words), "{to}: {found:?}");
    }
}

#[test]
fn all_groups_together_have_as_many_replicas_as_one_may() {
    let text = |second: usize| {
        let servers = |slot: usize, count: usize| -> String {
            (1..=count).map(|rack| format!(" r{rack}.s{slot}")).collect()
        };
        format!(
            "halflink 1\ntitle \"x\"\nplant 9 racks of 2 servers, 2 disks each\n\
             cluster a: raft on{}\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n\
             cluster b: raft on{}\ntiming heartbeat 100ms, election 1s..2s\nrun 2s\n",
            servers(1, 9),
            servers(2, second)
        )
    };
    assert!(parse(&text(6)).is_ok());
    let wrong = parse(&text(7)).expect_err("16 replicas");
    assert_eq!((wrong.len(), wrong[0].line, wrong[0].column), (1, 7, 56));
    assert!(wrong[0].message().contains("at most 15"), "{}", wrong[0].message());
    let crowd = "cluster c: raft on r1.s1\n".repeat(2_000);
    assert!(parse(&text(6).replace("run 2s", &format!("{crowd}run 2s"))).is_err());
}

/// Two random groups in racks of their own, with what is done to each, and to what both hang on.
fn side_by_side(number: u32) -> Option<(Scenario, [Scenario; 2])> {
    let rng = &mut Rng::new(0x67a0 + number);
    let [left, right] = [(); 2].map(|()| {
        let mut one = arbitrary::scenario(rng);
        // Their servers would be others' here.
        one.group_mut().databases.clear();
        one
    });
    let racks = left.plant.racks + right.plant.racks;
    let (one, other) = (left.group().replicas(), right.group().replicas());
    let most = |of: fn(&PlantSpec) -> u8| of(&left.plant).max(of(&right.plant));
    let plant = PlantSpec::new(racks, most(|plant| plant.servers), most(|plant| plant.disks));
    if racks > PlantSpec::RACKS || one + other > 15 {
        return None;
    }
    let until = left.until.min(right.until);
    let mut both =
        Scenario { plant, until, groups: Vec::new(), actions: Vec::new(), ..left.clone() };
    both.notes.clear();
    let common = [
        (Micros(until.0 / 3), Action::Fail(Part::Spine { site: Site::ONLY, side: Side::A })),
        (Micros(until.0 / 2), Action::Restore(Part::Spine { site: Site::ONLY, side: Side::A })),
    ];
    let mut first = 0;
    let alone = [(left, 0), (right, racks)].map(|(own, shift)| {
        let shift = if shift == 0 { 0 } else { racks - own.plant.racks };
        let mut group: Group = own.group().clone();
        group.name = format!("g{shift}");
        group.members.iter_mut().for_each(|server| server.rack += shift);
        let is_own =
            |act: &Action| act.object().names_replicas() || matches!(act, Action::Order(_));
        let actions = own.actions.iter().filter(|(at, act)| *at <= until && is_own(act));
        let mut actions: Vec<(Micros, Action)> = actions.copied().collect();
        // A server of its own goes down and comes back.
        actions.push((Micros(until.0 / 4), Action::Crash(group.members[0])));
        actions.push((Micros(until.0 / 4 + 700_000), Action::Restart(group.members[0])));
        actions.retain(|(at, _)| *at <= until);
        for (at, act) in &actions {
            let numbered = act.renumbered(0..group.replicas(), first).expect("its own");
            both.actions.push((*at, numbered));
        }
        first += group.replicas();
        actions.extend(common);
        actions.sort_by_key(|(at, _)| *at);
        both.groups.push(group.clone());
        Scenario { groups: vec![group], actions, ..both.clone() }
    });
    both.actions.extend(common);
    both.actions.sort_by_key(|(at, _)| *at);
    // An order is every general's.
    let armies = both.groups.iter().filter(|group| group.protocol.is_generals()).count();
    (armies < 2 && both.flaws().is_empty()).then_some((both, alone))
}

#[test]
fn a_group_has_beside_another_the_run_that_it_has_alone() {
    let mut tried = 0;
    for number in 0..size(60, 1_500) {
        let Some((both, alone)) = side_by_side(number) else { continue };
        tried += 1;
        let (run, histories) = groups_to_end(Arc::new(both.clone()));
        for (place, alone) in alone.into_iter().enumerate() {
            let alone = Arc::new(alone);
            let (own, history) = halflink::run::to_end(Arc::clone(&alone));
            let hashes = (run.world().group(place).trace_hash(), own.world().trace_hash());
            assert_eq!(hashes.0, hashes.1, "number {number}, group {place}\n{both}\n{alone}");
            assert_same(&histories[place], &history);
            let (one, other) = (judge(&alone, &histories[place]), judge(&alone, &history));
            assert_eq!(one, other, "{both}");
        }
        assert_eq!(scenario(&both.to_string()), both, "printed and read\n{both}");
    }
    assert!(tried > size(20, 500), "only {tried}");
}

fn assert_same(one: &History, other: &History) {
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

#[test]
fn events_of_all_groups_come_in_order_of_time() {
    let two = Arc::new(scenario(TWO));
    let (mut run, mut histories) = Run::new(two);
    let (mut last, mut seen) = (Micros::ZERO, [0, 0]);
    loop {
        let told = run.world().next_at();
        let event = run.step(&mut histories);
        assert_eq!(told, event.map(|event| event.at));
        let Some(event) = event else { break };
        assert!(event.at >= last, "{event:?} after {last}");
        (last, seen[usize::from(event.group)]) = (event.at, seen[usize::from(event.group)] + 1);
    }
    assert!(seen.iter().all(|count| *count > 500), "{seen:?}");
}

#[test]
fn a_claim_is_about_the_group_that_runs_the_protocol() {
    let text = TWO.replace("run ", "expect  raft safe\nexpect  zab safe\nrun ");
    let claims = claims(&scenario(&text));
    let told: Vec<_> = claims.iter().map(|one| (one.expectation, one.protocol.name())).collect();
    assert_eq!(told, [(0, "raft"), (1, "zab")]);
    for claim in claims {
        let alone = claim.scenario.expect("it runs it");
        let words = &alone.expectations[claim.expectation].words;
        assert!(fits(words, outcome_of(alone.clone()).expect("it ends")), "{alone}");
    }
}

#[test]
fn a_reader_sees_one_group_and_acts_on_it() {
    let mut session = Session::open(TWO).expect("it parses");
    let shown = |session: &Session| session.timeline().scenario().group().name.clone();
    assert_eq!(shown(&session), "etcd");
    session.timeline_mut().finish();
    let first = session.timeline().history().clone();
    session.show(1);
    assert_eq!(shown(&session), "zk");
    assert!(format!("{:?}", session.timeline().history()) != format!("{first:?}"));
    let at = Micros::from_secs(10);
    session.act(at, "cut n3 -> n1").expect("n3 and n1 are there");
    session.act(at, "crash r1.s1").expect("so is r1.s1");
    assert!(session.text().contains("at 10s in zk cut n3 -> n1\nat 10s crash r1.s1\n"));
    assert_eq!(shown(&session), "zk", "the same group is shown after a change");
    session.timeline_mut().finish();
    // What the timeline comes to after an edit is what a fresh run comes to.
    let (run, histories) = groups_to_end(Arc::new(scenario(session.text())));
    assert_eq!(session.timeline().trace_hash(), Some(run.world().trace_hash()));
    assert_same(session.timeline().history(), &histories[1]);
    session.show(0);
    assert_same(session.timeline().history(), &histories[0]);
    // Words of one group alone are read as before.
    assert!(parse_act("cut n3 -> n1", session.timeline().scenario()).is_ok());
}

#[test]
fn what_is_told_of_all_groups_is_what_each_tells_of_itself() {
    let mut session = Session::open(TWO).expect("it parses");
    let timeline = session.timeline_mut();
    timeline.finish();
    let (at, window) = (Micros::from_secs(14), Micros::from_millis(200));
    let told = View::of(timeline, at, window);
    assert_eq!(told.groups.len(), 2);
    let mut packets = 0;
    for number in [1, 0] {
        timeline.show(number);
        let own = View::of(timeline, at, window);
        for (one, all) in own.replicas.iter().zip(&told.groups[number]) {
            assert_eq!((one.up, one.leader), (all.up, all.leader));
        }
        // To look at one and then at the other gives up no packet of either.
        let mut alone = Timeline::new(Scenario::clone(timeline.scenario()));
        alone.finish();
        let alone = View::of(&mut alone, at, window);
        let ends = |view: &View| {
            let packets = view.packets.iter();
            packets.map(|one| (one.from, one.to, one.sent_us, one.ends_us)).collect::<Vec<_>>()
        };
        assert_eq!(ends(&own), ends(&alone));
        packets += own.packets.len();
    }
    assert!(packets > 8, "{packets} packets");
    // One group by itself needs no telling of others.
    let mut alone = Timeline::new(Scenario::clone(timeline.scenario()));
    assert!(View::of(&mut alone, Micros::ZERO, window).groups.is_empty());
}

#[test]
fn the_group_that_is_shown_is_known_by_its_name() {
    let mut session = Session::open(TWO).expect("it parses");
    session.show(1);
    let plan = |session: &Session| {
        let plan = Plan::of_session(session);
        (plan.cluster, plan.shown, plan.groups.len())
    };
    assert_eq!(plan(&session), ("zk".to_owned(), 1, 2));
    let zk = TWO.find("cluster zk").expect("it is there");
    let rest = zk + TWO[zk..].find("at 0s").expect("acts follow");
    let (first, second) = (&TWO[TWO.find("cluster").expect("so is etcd")..zk], &TWO[zk..rest]);
    let turned = TWO.replace(&format!("{first}{second}"), &format!("{second}{first}"));
    session.edit(&turned).expect("the groups in another order");
    assert_eq!(plan(&session), ("zk".to_owned(), 0, 2));
    session.undo();
    assert_eq!(plan(&session), ("zk".to_owned(), 1, 2));
    // A new name is the same group's.
    session.edit(&TWO.replace("zk", "zoo")).expect("another name");
    assert_eq!(plan(&session), ("zoo".to_owned(), 1, 2));
    // Without it another is shown.
    let one: String = TWO
        .replace(second, "")
        .lines()
        .filter(|line| !line.contains("in zk"))
        .map(|line| format!("{line}\n"))
        .collect();
    session.edit(&one).expect("one group");
    assert_eq!(plan(&session), ("etcd".to_owned(), 0, 1));
}
