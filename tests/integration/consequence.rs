//! What the page says of a fault ("This changes nothing: ...") against the record of the run: a
//! random run, one action of a reader, and what it says of it is never contradicted by strip or
//! outcome.

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::history::{History, before};
use halflink::outcome::{Outcome, Service, judge};
use halflink::plant::Plant;
use halflink::protocol::{Belief, Role};
use halflink::rng::Rng;
use halflink::scenario::library::find;
use halflink::scenario::{Scenario, arbitrary};
use halflink::session::Session;
use halflink::view::{Consequence, View};
use halflink::words::{ENGLISH, Names};

use crate::support::{Finished, run_to_end, secs, size};

/// A fork: the run without the reader's action, the run with it, and what is said of it.
struct Fork {
    plain: Finished,
    scenario: Scenario,
    history: History,
    from: Micros,
    act: String,
    /// At some moments after it, the last of them at the end.
    said: Vec<(Micros, Said)>,
}

/// What the page says of a fault.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    at_us: u64,
    nothing: bool,
    text: String,
}

impl From<Consequence> for Said {
    fn from(Consequence { at_us, nothing, said, .. }: Consequence) -> Self {
        let text = ENGLISH.tell("aftermath", &said, &Names::default());
        for wrong in ["null", "{", "  ", "aftermath"] {
            assert!(!text.contains(wrong), "{wrong} in: {text}");
        }
        Self { at_us, nothing, text }
    }
}

/// A random run, healthy or with faults of its own before, and one more fault.
fn fork(seed: u32) -> Option<Fork> {
    let mut rng = Rng::new(0xc0_5e00 + seed);
    let mut plain = arbitrary::scenario(&mut rng);
    if plain.group().protocol.is_generals() {
        return None;
    }
    if rng.percent(70) {
        plain.actions.retain(|(at, _)| *at == Micros::ZERO);
        plain.actions.retain(|(_, act)| act.inflicts().is_none());
    }
    plain.until = plain.until.max(secs(20));
    let act = arbitrary::act(&mut rng, &Plant::new(plain.plant), &plain);
    let first = plain.actions.last().map_or(Micros::from_millis(1), |(at, _)| Micros(at.0 + 1_000));
    if first >= plain.until {
        return None;
    }
    let from = Micros(rng.span(first, plain.until).0 / 1_000 * 1_000).max(first);
    if !plain.flaws().is_empty() || act.inflicts().is_none() || from >= plain.until {
        return None;
    }
    let mut session = Session::open(&plain.to_string()).expect("it is valid");
    session.act(from, &act.to_string()).ok()?;
    session.timeline_mut().finish();
    let scenario = Scenario::clone(session.timeline().scenario());
    let end = session.timeline().end();
    let mut moments = vec![from, Micros(from.0 + 1_500_000).min(end), rng.span(from, end), end];
    moments.sort();
    let timeline = session.timeline_mut();
    let said = moments.into_iter().map(|at| {
        let said = View::of(timeline, at, Micros::ZERO).consequence;
        let said = said.unwrap_or_else(|| panic!("nothing is said at {at} of\n{scenario}"));
        (at, Said::from(said))
    });
    let said = said.collect();
    let history = session.timeline().history().clone();
    Some(Fork { plain: run_to_end(plain), scenario, history, from, act: act.to_string(), said })
}

fn end(fork: &Fork) -> Micros {
    fork.history.exhausted.map_or(fork.scenario.until, |exhausted| exhausted.at)
}

type Mind = Option<(Role, Option<ReplicaId>)>;

fn mind(belief: Option<Belief>) -> Mind {
    belief.map(|own| (own.role, own.leader))
}

/// By replica, when it first had another leader or role than before the fault, by that moment.
fn changed(fork: &Fork, by: Micros) -> Vec<Option<Micros>> {
    let changed = fork.history.beliefs.iter().map(|beliefs| {
        let known = mind(before(beliefs, fork.from).flatten());
        let other = |(at, belief): &&(Micros, Option<Belief>)| {
            fork.from <= *at && *at <= by && mind(*belief) != known
        };
        beliefs.iter().find(other).map(|(at, _)| *at)
    });
    changed.collect()
}

/// Writes that were tried from the fault on and not committed in time, though there was time.
fn unserved(fork: &Fork, by: Micros) -> usize {
    let patience = fork.scenario.group().patience();
    // Where one value is decided, it is the last that anybody waits for.
    let decided = fork.history.commits.first().is_some_and(|at| *at <= by);
    if fork.scenario.group().protocol.decides_once() && decided {
        return 0;
    }
    let of_fault = fork.history.writes.iter().filter(|write| fork.from <= write.at);
    let unserved = of_fault.filter(|write| {
        let deadline = write.at + patience;
        deadline <= by && write.committed.is_none_or(|at| at > deadline)
    });
    unserved.count()
}

/// Writes that were tried from the fault on, for longer than one is under way, and that nobody has
/// committed by then.
fn waiting(fork: &Fork, by: Micros) -> usize {
    let decided = fork.history.commits.first().is_some_and(|at| *at <= by);
    if fork.scenario.group().protocol.decides_once() && decided {
        return 0;
    }
    let of_fault = fork.history.writes.iter().filter(|write| fork.from <= write.at);
    let tried = of_fault.filter(|write| write.at + fork.scenario.group().heartbeat < by);
    tried.filter(|write| write.committed.is_none_or(|at| at > by)).count()
}

/// What is promised at the end of the run, and what is not.
fn judge_the_end(fork: &Fork) -> bool {
    let (_, said) = fork.said.last().expect("at the end");
    let told = || format!("{said:?}\n{}", fork.scenario);
    let (scenario, history) = (&fork.scenario, &fork.history);
    let outcome = judge(scenario, history).outcome;
    let was = judge(&fork.plain.scenario, &fork.plain.history).outcome;
    let rotates = scenario.group().protocol.rotates();
    let changes = changed(fork, end(fork)).into_iter().filter(|_| !rotates).flatten().count();
    let broken = history.violations.iter().any(|one| one.at >= fork.from);
    // What cannot matter changes nothing, whatever else goes on.
    let begins = |words: &str| said.text.starts_with(words);
    if begins("This changes nothing.") || begins("No replica notices.") {
        assert!(said.nothing && judge_the_reason(fork), "{}", told());
        return true;
    }
    if said.nothing {
        assert_eq!(changes, 0, "somebody changed its mind: {}", told());
        assert_eq!(unserved(fork, end(fork)), 0, "{}", told());
        assert!(!broken, "{}", told());
        // The fault is the only one: whatever is bad came of it.
        let healthy = fork.plain.scenario.actions.iter().all(|(_, act)| act.inflicts().is_none());
        if healthy && was == Outcome::Stable {
            assert_eq!(outcome, Outcome::Stable, "{}", told());
            let share = Service::of(scenario, history).share();
            let of_plain = Service::of(&fork.plain.scenario, &fork.plain.history).share();
            assert!(share >= of_plain, "{share:?} of {of_plain:?}: {}", told());
        }
    } else {
        let unsettled = changes > 0 || unserved(fork, end(fork)) > 0 || broken;
        let words = [
            "paused",
            "start",
            "left out",
            "behind",
            "not served",
            "have waited",
            "still wait",
            "stop",
            "none of",
            "nobody noticed before",
        ];
        let told_of = words.iter().any(|word| said.text.to_lowercase().contains(word));
        assert!(unsettled || told_of, "what came of it? {}", told());
        assert!(!said.text.contains("So far nobody"), "{}", told());
    }
    let clients = scenario.group().is_written() && !scenario.group().protocol.decides_once();
    if said.text.contains("every write is served") {
        assert!(clients && unserved(fork, end(fork)) == 0, "{}", told());
        assert!(outcome != Outcome::Stalled || was == Outcome::Stalled, "{}", told());
    }
    if said.text.contains("Nobody noticed before") {
        let short = end(fork).since(fork.from) < scenario.group().longest_election_timeout();
        assert!(short && changes == 0 && unserved(fork, end(fork)) == 0, "{}", told());
    }
    // Long waits that began with the fault are told of.
    if clients && outcome == Outcome::Stalled && was != Outcome::Stalled && !broken {
        let bad = ["not served", "none of", "have waited"];
        let told_of = bad.iter().any(|word| said.text.to_lowercase().contains(word));
        assert!(told_of, "{}", told());
    }
    said.nothing
}

/// Before the end nothing is told that has not happened.
fn judge_the_way(fork: &Fork) {
    for (at, said) in &fork.said {
        let told = || format!("at {at}: {said:?}\n{}", fork.scenario);
        assert_eq!(said.at_us, fork.from.0, "{}", told());
        if said.nothing {
            assert_eq!(*said, fork.said[0].1, "{}", told());
            continue;
        }
        let rotates = fork.scenario.group().protocol.rotates();
        let changes = changed(fork, *at).into_iter().flatten().count();
        if said.text.contains("So far nobody has noticed") {
            assert!(rotates || changes == 0, "{}", told());
            assert_eq!(unserved(fork, *at), 0, "{}", told());
        }
        for words in ["every server still follows", "nobody has changed its mind"] {
            assert!(!said.text.to_lowercase().contains(words) || changes == 0, "{}", told());
        }
        if said.text.contains("very write so far is served") {
            assert_eq!(unserved(fork, *at), 0, "{}", told());
        }
        if said.text.contains("very write so far is served") {
            assert_eq!(waiting(fork, *at), 0, "{}", told());
        }
        if said.text.contains("still leads") {
            let led = before(&fork.history.led, Micros(at.0 + 1)).flatten().expect("somebody does");
            assert!(said.text.contains(&format!("{led} still leads")), "{}", told());
        }
        if !rotates && changes > 0 && !said.text.contains("breaks:") {
            let first =
                changed(fork, *at).into_iter().zip(1..).filter_map(|(at, n)| Some((at?, n)));
            let (_, first) = first.min().expect("somebody did");
            assert!(said.text.contains(&format!("n{first} ")), "n{first}: {}", told());
        }
    }
}

/// Who says that a fault cannot matter means it: the run is what it was without it.
fn judge_the_reason(fork: &Fork) -> bool {
    let text = &fork.said[0].1.text;
    let reasons =
        ["It is a spare:", "No such packet", "No replica runs", "Its mirror", "has power"];
    if !reasons.iter().any(|reason| text.contains(reason)) {
        return false;
    }
    let (with, without) = (&fork.history, &fork.plain.history);
    assert_eq!(with.beliefs, without.beliefs, "{text}\n{}", fork.scenario);
    assert_eq!(with.commits, without.commits, "{text}\n{}", fork.scenario);
    assert_eq!(with.elections, without.elections, "{text}\n{}", fork.scenario);
    true
}

#[test]
fn what_is_said_of_a_fault_is_what_came_of_it() {
    let (mut forks, mut nothing, mut idle) = (0, 0, 0);
    let mut seed = 0;
    while forks < size(150, 2_000) {
        seed += 1;
        let Some(fork) = fork(seed) else { continue };
        forks += 1;
        nothing += u32::from(judge_the_end(&fork));
        judge_the_way(&fork);
        idle += u32::from(judge_the_reason(&fork));
        if std::env::var_os("TELL").is_some() {
            println!("{}: {}: {}", fork.scenario.group().protocol, fork.act, fork.said[3].1.text);
        }
    }
    println!("{forks} forks, {nothing} changed nothing, {idle} could not");
    assert!(nothing * 20 > forks && nothing < forks && idle * 20 > forks, "{nothing} {idle}");
}

/// What is said when a shipped scenario has come to a moment.
fn said(name: &str, actions: &[(u64, &str)], at: u64) -> String {
    told(find(name).expect("it is shipped").text, actions, at).text
}

/// The same of any text.
fn told(text: &str, actions: &[(u64, &str)], at: u64) -> Said {
    let mut session = Session::open(text).expect("it parses");
    for (second, act) in actions {
        session.act(secs(*second), act).expect("it parses");
    }
    session.timeline_mut().finish();
    let view = View::of(session.timeline_mut(), secs(at), Micros::ZERO);
    view.consequence.expect("there is a fault").into()
}

/// A leader that one of two no longer answers: nobody changes its mind, and no client is served.
#[test]
fn a_fault_that_only_clients_feel_is_not_called_nothing() {
    let text = "halflink 1
title   \"Two of two\"
plant   2 racks of 1 server, 2 disks each
cluster c: raft on r1.s1 r2.s1
timing  heartbeat 100ms, election 1s..2s
seed    1
write   every 300ms
at 0s   elect n1
run     30s
";
    for at in [10, 30] {
        let consequence = told(text, &[(3, "cut n2 -> n1")], at);
        assert!(!consequence.nothing, "at {at} s: {consequence:?}");
        assert!(consequence.text.contains("is served"), "at {at} s: {consequence:?}");
        assert!(consequence.text.contains("none of"), "at {at} s: {consequence:?}");
    }
    // Answers get through now and then: nobody waits in the end, and some were not served in time.
    let impatient = text.replace("300ms", "300ms, patience 200ms");
    for seed in 1..=20 {
        let seeded = impatient.replace("seed    1", &format!("seed    {seed}"));
        let consequence = told(&seeded, &[(3, "lose 60% of n2 -> n1")], 30);
        assert!(!consequence.nothing, "seed {seed}: {consequence:?}");
    }
}

#[test]
fn faults_of_shipped_scenarios_are_told_as_they_are() {
    for (name, at, expected) in [
        ("deaf-leader", 10, "Every server still follows n3, but none of 7 writes is served."),
        (
            "one-way-to-leader",
            10,
            "This changes nothing: every server still follows n3, and every write is served.",
        ),
        (
            "rack-power",
            5,
            "This changes nothing: every server still follows n3, and every write is served. What \
             the group uses has power from elsewhere.",
        ),
        (
            "raid-10",
            5,
            "This changes nothing: every server still follows n3, and every write is served. Its \
             mirror has the same data.",
        ),
        ("tendermint-lock", 5, "Clients have waited for 1.1 s."),
        ("cloudflare-2020", 4, "So far nobody has noticed."),
    ] {
        assert_eq!(said(name, &[], at), expected, "{name} at {at} s");
    }
}

/// Where a database stands on the group, or LACP takes a pair for two, that may change.
#[test]
fn what_no_replica_notices_may_change_something_else() {
    let plain = "plant   3 racks of 2 servers, 2 disks each";
    let text = format!(
        "halflink 1\ntitle   \"A database\"\n{plain}\ncluster etcd: raft on r1.s1 r2.s1 r3.s1\n\
         timing  heartbeat 100ms, election 1s..2s\nseed    1\nwrite   every 300ms\n\
         database auth on r1.s2 r2.s2, lease 5s\nat 0s   elect n3\nrun     20s\n"
    );
    let database = told(&text, &[(5, "fail r1.s2")], 18).text;
    assert_eq!(
        database,
        "No replica notices: every server still follows n3, and every write is served. \
         No replica runs on this server."
    );
    let pair = find("mlag-both-primary").expect("it is shipped").text;
    let parted = told(pair, &[], 11).text;
    let whole = "every server still follows n3, and every write is served.";
    assert_eq!(parted, format!("No replica notices: {whole}"));
    let without = text.replace("database auth on r1.s2 r2.s2, lease 5s\n", "");
    let nothing = told(&without, &[(5, "fail r1.s2")], 18).text;
    assert!(nothing.starts_with("This changes nothing: "), "{nothing}");
}

#[test]
fn a_spare_is_called_one() {
    let nothing =
        "This changes nothing: every server still follows n3, and every write is served. ";
    for (act, reason) in [
        ("cut r1.tor-a -> r1.s2", "It is a spare: no packet takes this cable."),
        ("cut spine-b <-> r2.tor-a", "It is a spare: no packet takes this cable."),
        ("fail r2.s3", "No replica runs on this server."),
    ] {
        let told = said("raid-10", &[(2, act)], 2);
        assert_eq!(told, format!("{nothing}{reason}"), "{act}");
    }
}

/// Three racks, n3 leads from the start, and clients write.
const GROUP: &str = "halflink 1
title   \"Three\"
plant   3 racks of 2 servers, 4 disks each
cluster c: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
write   every 300ms
at 0s   elect n3
run     40s
";

/// Who has lost a write and does not know it yet still waits, though others are served again.
#[test]
fn what_is_not_decided_yet_is_not_called_served() {
    let said = |at| told(GROUP, &[(5, "crash r3.s1")], at).text;
    assert!(said(8).ends_with("5 writes still wait."), "{}", said(8));
    assert!(said(39).ends_with("5 of 113 writes are not served."), "{}", said(39));
}

/// Who stops changes no mind; and who is deposed and does not know it does not lead.
#[test]
fn stopping_and_believing_are_told_apart() {
    let dark = told(GROUP, &[(5, "fail feed-a"), (8, "fail feed-b")], 10).text;
    assert!(dark.starts_with("At once n1, n2 and n3 stop. Clients"), "{dark}");
    let crash = [(5, "crash r3.s1"), (5, "crash r1.s1")];
    let two = told(GROUP, &crash, 10).text;
    assert!(two.starts_with("At once n1 and n3 stop. ") && !two.contains("mind"), "{two}");
    let first = told(GROUP, &[(0, "crash r1.s1")], 2).text;
    assert!(first.starts_with("At once n1 stops."), "{first}");
    let alone = told(GROUP, &[(5, "cut n1 <-> n3"), (5, "cut n2 <-> n3")], 9).text;
    assert!(alone.contains("n3 still believes that it leads"), "{alone}");
    let wiped = told(GROUP, &[(5, "wipe r1.s1")], 10).text;
    assert!(wiped.starts_with("n1 starts again with empty disks. n2 stays"), "{wiped}");
}

/// Nobody who gets nothing is unchanged, and nothing is said of what had no time to show.
#[test]
fn nothing_needs_time_and_everybody() {
    let crate_group = GROUP.replace(" raft ", " omnipaxos-crate ");
    let cuts = [(5, "cut n1 <-> n3"), (5, "cut n1 <-> n2"), (15, "cut n1 -> n3")];
    let cut_off = told(&crate_group, &cuts, 14);
    assert!(!cut_off.nothing && cut_off.text.contains("n1 falls behind"), "{cut_off:?}");
    let late = told(GROUP, &[(39, "cut n3 -> n1")], 40);
    assert_eq!((late.nothing, late.text.as_str()), (false, "Nobody noticed before the run ended."));
    let paxos = told(&GROUP.replace(" raft ", " paxos "), &[(5, "cut n1 -> n3")], 10).text;
    assert_eq!(paxos, "This changes nothing: the value that is decided stays decided.");
}

#[test]
fn many_that_a_fault_touches_are_counted_as_replicas_not_as_others() {
    let text = "halflink 1\ntitle \"Five\"\nplant 5 racks of 1 server, 2 disks each\n\
                cluster c: raft on r1.s1 r2.s1 r3.s1 r4.s1 r5.s1\n\
                timing heartbeat 100ms, election 1s..2s\nseed 1\nwrite every 300ms\nrun 30s\n";
    for (verb, said) in [("pause", "4 replicas are paused."), ("crash", "At once 4 replicas stop.")]
    {
        let actions: Vec<_> = (1..=4).map(|rack| format!("{verb} r{rack}.s1")).collect();
        let actions: Vec<_> = actions.iter().map(|act| (5, act.as_str())).collect();
        let told = told(text, &actions, 10).text;
        assert!(told.starts_with(said), "{told}");
    }
}

/// Batteries bridge the loss of both feeds, and are empty before the generators run.
#[test]
fn what_takes_the_power_later_is_not_nothing() {
    let text = find("battery-and-generator").expect("shipped").text;
    let mut session = Session::open(text).expect("it is valid");
    let mut said = |text: &str, at| {
        session.edit(text).expect("it is valid");
        let view = View::of(session.timeline_mut(), at, Micros::ZERO);
        Said::from(view.consequence.expect("both feeds failed"))
    };
    assert!(!said(text, secs(8)).nothing);
    assert!(said(&text.replace("ups for 8s", "ups for 30s"), secs(8)).nothing);
}
