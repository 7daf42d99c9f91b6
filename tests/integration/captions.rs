//! Captions: a note with `when` comes exactly when that happens, under every protocol; one by time
//! where the run is its author's; and a run that nobody has told of tells itself.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fact::Arg;
use halflink::fault::ReplicaId;
use halflink::history::History;
use halflink::protocol::{Belief, Protocol, Role};
use halflink::run;
use halflink::scenario::Scenario;
use halflink::scenario::edit::{set_protocol, set_seed};
use halflink::scenario::library::STORY;
use halflink::scenario::text::parse;
use halflink::session::Session;
use halflink::view::{Plan, Strip};
use halflink::world::World;

use crate::support::{notes_of, scenario, secs, size};

/// What can happen, on lines of their own; a `{}` stands for a replica.
const EVENTS: [&str; 8] = [
    "{} becomes candidate",
    "{} becomes leader",
    "{} becomes follower",
    "{} steps down",
    "{} leads",
    "{} leads again",
    "nobody leads for 2s",
    "writes stall for 2s",
];

/// The story, told by conditions alone.
fn told_by_conditions() -> String {
    let head: String = STORY
        .text
        .lines()
        .filter(|line| !line.starts_with("note"))
        .fold(String::new(), |text, line| text + line + "\n");
    let replicas = ["n1", "n2", "n3"];
    let notes = EVENTS.iter().flat_map(|event| {
        let whose = if event.contains("{}") { &replicas[..] } else { &replicas[..1] };
        whose.iter().map(|id| event.replace("{}", id))
    });
    notes.fold(head, |text, event| format!("{text}note when {event}, each \"{event}\"\n"))
}

/// When each of these happens, found by going through the run event by event.
fn twin(scenario: &Scenario) -> Vec<(Micros, String)> {
    let scenario = Arc::new(scenario.clone());
    let mut world = World::new(Arc::clone(&scenario));
    let (_, history) = run::to_end(Arc::clone(&scenario));
    let ids: Vec<_> = world.group(0).replicas().collect();
    let mind = |world: &World, id: ReplicaId| world.group(0).belief(id);
    let mut before: Vec<Option<Belief>> = vec![None; ids.len()];
    let (mut led, mut alone, mut times_led) = (None, Some(Micros::ZERO), vec![0; ids.len()]);
    let mut told = Vec::new();
    let mut at = Micros::ZERO;
    loop {
        for id in &ids {
            let now = mind(&world, *id);
            let was = std::mem::replace(&mut before[id.index()], now);
            let role = |belief: Option<Belief>| belief.map(|own| own.role);
            if role(was) == role(now) {
                continue;
            }
            match role(now) {
                Some(Role::Candidate) => told.push((at, format!("{id} becomes candidate"))),
                Some(Role::Leader) => told.push((at, format!("{id} becomes leader"))),
                Some(Role::Follower) => told.push((at, format!("{id} becomes follower"))),
                Some(Role::PreCandidate) | None => {}
            }
            if role(was) == Some(Role::Leader) && now.is_some() {
                told.push((at, format!("{id} steps down")));
            }
        }
        let follow = |id: ReplicaId| {
            let own = before[id.index()].filter(|own| own.role == Role::Leader);
            let follows = |other: &&Belief| {
                other.leader == Some(id) && own.is_some_and(|own| own.epoch == other.epoch)
            };
            own.is_some() && before.iter().flatten().filter(follows).count() * 2 > ids.len()
        };
        let now_led = ids.iter().copied().find(|id| follow(*id));
        if now_led != led {
            led = now_led;
            if let Some(since) = alone.take()
                && at.since(since) >= secs(2)
            {
                told.push((since + secs(2), "nobody leads for 2s".to_owned()));
            }
            match led {
                None => alone = Some(at),
                Some(id) => {
                    told.push((at, format!("{id} leads")));
                    times_led[id.index()] += 1;
                    if times_led[id.index()] > 1 {
                        told.push((at, format!("{id} leads again")));
                    }
                }
            }
        }
        let Some(event) = world.step(&mut ()) else { break };
        at = event.at;
    }
    if let Some(since) = alone
        && scenario.until.since(since) >= secs(2)
    {
        told.push((since + secs(2), "nobody leads for 2s".to_owned()));
    }
    told.extend(stalls(&scenario, &history));
    told
}

/// When a write had waited for 2 s in which none was committed, the first of those that waited.
fn stalls(scenario: &Scenario, history: &History) -> Vec<(Micros, String)> {
    let mut told = Vec::new();
    let commits = |from: Micros, to: Micros| {
        history.commits.iter().any(|commit| from < *commit && *commit <= to)
    };
    // After the one decision nobody waits.
    let decided = history.commits.first().filter(|_| scenario.group().protocol.decides_once());
    let mut waiting = None;
    for write in history.writes.iter().filter(|write| decided.is_none_or(|at| write.at < *at)) {
        let until = write.at + secs(2);
        let is_first = waiting.is_none_or(|since| commits(since, write.at));
        if is_first {
            waiting = Some(write.at);
        }
        let within = Micros(until.0 - 1);
        if is_first && until <= scenario.until && !commits(write.at, within) {
            told.push((until, "writes stall for 2s".to_owned()));
        }
    }
    told
}

/// "The default run tells the truth at each beat, under every protocol in the menu."
#[test]
fn what_waits_for_an_event_comes_when_it_happens() {
    let text = told_by_conditions();
    let mut compared = 0;
    for protocol in Protocol::here().filter(|protocol| !protocol.is_generals()) {
        for seed in 1..=size(3, 200) {
            let text = set_seed(&set_protocol(&text, 0, protocol), 0, seed);
            let Ok(mut scenario) = parse(&text) else { continue };
            scenario.until = secs(60);
            scenario.actions.retain(|(at, _)| *at <= secs(60));
            let mut expected = twin(&scenario);
            // So often one note comes.
            expected.sort();
            let mut comes = notes_of(&scenario);
            comes.sort();
            let most = |told: Vec<(Micros, String)>| {
                let mut times = std::collections::BTreeMap::new();
                let mut kept = told;
                kept.retain(|(_, words)| {
                    let count = times.entry(words.clone()).or_insert(0);
                    *count += 1;
                    *count <= 50
                });
                kept
            };
            let expected = most(expected);
            compared += expected.len();
            assert_eq!(comes, expected, "{protocol}, seed {seed}");
        }
    }
    assert!(compared > 2_000, "{compared}");
}

/// Captions of a text's run at its end: the author's by their words, the run's own by their kind.
fn captions(session: &mut Session) -> Vec<(u64, String)> {
    session.timeline_mut().finish();
    let notes = Plan::of_session(session).notes;
    let captions = Strip::of_session(session).captions.into_iter();
    let words = captions.map(|one| {
        let said = one.said.map(|said| format!("-- {}", said.kind));
        let note = one.note.map(|number| notes[usize::from(number)].text.clone());
        (one.at_us, said.or(note).expect("somebody says it"))
    });
    words.collect()
}

fn is_own(words: &str) -> bool {
    words.starts_with("-- ")
}

#[test]
fn a_run_that_is_not_its_authors_tells_itself_from_where_it_is_another() {
    let mut session = Session::open(STORY.text).expect("it is shipped");
    let authored = captions(&mut session);
    assert!(authored.len() > 3 && !authored.iter().any(|(_, words)| is_own(words)));
    session.act(secs(20), "cut n1 -> n2").expect("it parses");
    let now = captions(&mut session);
    for (at, words) in &now {
        assert_eq!(is_own(words), *at >= 20_000_000, "{at} {words}");
    }
    let before = authored.iter().filter(|(at, _)| *at < 20_000_000);
    assert!(before.clone().count() > 0 && before.eq(now.iter().take_while(|one| !is_own(&one.1))));
    assert!(now.iter().any(|(_, words)| is_own(words)));
    assert!(session.undo());
    assert_eq!(captions(&mut session), authored);
    session.set_seed(7).expect("it parses");
    assert!(captions(&mut session).iter().all(|(_, words)| is_own(words)));
}

const QUIET: &str = "halflink 1\ntitle \"x\"\nplant 3 racks of 1 server, 2 disks each\n\
    cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n\
    write every 300ms\nat 0s elect n3\n";

const SILENT: &str = "halflink 1\ntitle \"x\"\nplant 3 racks of 1 server, 2 disks each\n\
    cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n\
    write every 300ms\nat 0s elect n3\nat 5s partition n1 | n2 | n3\nat 40s heal n1 | n2 | n3\n";

#[test]
fn where_the_author_says_nothing_each_turning_point_is_told_once() {
    let mut session = Session::open(&format!("{SILENT}run 60s\n")).expect("it parses");
    let told = captions(&mut session);
    let kinds: Vec<_> = told.iter().map(|(_, words)| words.as_str()).collect();
    let expected =
        ["-- changed", "-- nobody-leads", "-- stalled", "-- changed", "-- leads", "-- served"];
    assert_eq!(kinds, expected, "{told:?}");
    assert!(told.is_sorted_by_key(|(at, _)| *at), "{told:?}");
    // Where nothing fails there is nothing to tell: the title stands.
    let mut session = Session::open(&format!("{QUIET}run 60s\n")).expect("it parses");
    assert_eq!(captions(&mut session), []);
    // As long as it is not known nothing is told of it.
    let mut session = Session::open(&format!("{SILENT}run 60s\n")).expect("it parses");
    session.timeline_mut().advance(500);
    let known = session.timeline().frontier_at();
    let early = Strip::of_session(&session).captions;
    assert!(early.iter().all(|one| Micros(one.at_us) <= known) && early.len() < told.len());
}

/// Its followers still follow a leader that has stopped: nothing is said of them.
#[test]
fn a_leader_that_stops_is_told_as_that() {
    let text = format!("{QUIET}at 3s crash leader\nrun 20s\n");
    let mut session = Session::open(&text).expect("it parses");
    let told = captions(&mut session);
    assert_eq!(told[0], (3_000_000, "-- leader-stops".to_owned()), "{told:?}");
    assert!(told.iter().all(|(_, words)| words != "-- nobody-leads"), "{told:?}");
}

/// What is printed can be read again.
#[test]
fn a_span_of_nothing_is_printed() {
    for event in ["nobody leads for 0s", "writes stall for 0s"] {
        let text = format!("{QUIET}note when {event} \"x\"\nrun 20s\n");
        let printed = scenario(&text).to_string();
        assert!(printed.contains(&format!("note when {event} \"x\"")), "{printed}");
        assert_eq!(scenario(&printed), scenario(&text));
    }
}

/// Turning points are told in the run's own words, with its own replicas and times.
#[test]
fn what_a_run_tells_of_itself_is_so() {
    let mut session = Session::open(&format!("{SILENT}run 60s\n")).expect("it parses");
    session.timeline_mut().finish();
    let (_, history) = run::to_end(Arc::new(scenario(&format!("{SILENT}run 60s\n"))));
    for caption in Strip::of_session(&session).captions {
        let at = Micros(caption.at_us);
        let said = caption.said.expect("nobody else says anything");
        let text = |name: &str| match said.args.iter().find(|(own, _)| *own == name) {
            Some((_, Arg::Text(text))) => text.to_string(),
            _ => String::new(),
        };
        let span = || match said.args.first() {
            Some((_, Arg::Number(span))) => Micros(*span),
            other => panic!("{other:?}"),
        };
        match said.kind {
            "leads" => {
                let leader = history.led.iter().find(|(when, _)| *when == at).expect("it turned");
                assert_eq!(leader.1.expect("somebody leads").to_string(), text("who"));
            }
            "nobody-leads" => assert!(history.led.contains(&(at, None))),
            "stalled" => {
                let since = Micros(at.0 - span().0);
                assert!(!history.commits.iter().any(|commit| since < *commit && *commit <= at));
                assert!(history.writes.iter().any(|write| write.at == since));
            }
            "served" => assert!(history.commits.contains(&at)),
            "changed" => {
                let who = text("who");
                let mut beliefs = history.beliefs.iter().zip(1..);
                let (own, _) = beliefs.find(|(_, id)| format!("n{id}") == who).expect("n1..n3");
                assert!(own.iter().any(|(when, _)| *when == at), "{who} at {at}");
            }
            other => panic!("{other} is not told here"),
        }
    }
}

#[test]
fn a_note_may_be_about_some_protocols_alone() {
    let text = format!(
        "{QUIET}note 1s \"all\"\nnote under raft 2s \"raft\"\n\
         note under raft+prevote, zab 3s \"others\"\nrun 10s\n"
    );
    let words = |session: &mut Session| {
        let told = captions(session).into_iter().map(|(_, words)| words);
        told.filter(|words| !is_own(words)).collect::<Vec<_>>()
    };
    let mut session = Session::open(&text).expect("it parses");
    assert_eq!(words(&mut session), ["all", "raft"]);
    // What was foreseen is the author's run, too; what is about all of them is about another one.
    session
        .set_protocol(Protocol::named("raft+prevote").expect("there is one"))
        .expect("it parses");
    assert_eq!(words(&mut session), ["others"]);
    session.set_protocol(Protocol::named("vr").expect("there is one")).expect("it parses");
    assert_eq!(words(&mut session), [""; 0]);
}

#[test]
fn after_and_each_and_what_is_done() {
    let text = format!(
        "{SILENT}every 10s from 41s to 55s cut n1 -> n2 for 2s\n\
         note when n1 | n2 | n3 heals \"never parsed\"\nrun 60s\n"
    );
    assert!(parse(&text).is_err(), "groups have no such short form");
    let text = format!(
        "{SILENT}every 10s from 41s to 55s cut n1 -> n2 for 2s\n\
         note when partition n1 | n2 | n3 \"parted\"\n\
         note when heal n1 | n2 | n3, after 3s \"whole\"\n\
         note when n1 -> n2 heals each \"again\"\nnote when cut n1 -> n2 once \"once\"\n\
         note when heal n1 | n2 | n3, after 30s \"too late\"\nrun 60s\n"
    );
    let told = notes_of(&scenario(&text));
    let times: Vec<_> = told.iter().map(|(at, words)| (at.0 / 1_000_000, words.as_str())).collect();
    assert_eq!(times, [(5, "parted"), (41, "once"), (43, "whole"), (43, "again"), (53, "again")]);
}

/// Whoever leads is meant, and where nobody does nothing is done. Of one decision nothing is waited
/// for once it is known.
#[test]
fn what_is_not_done_and_what_nobody_waits_for_is_not_told() {
    let text = format!(
        "{QUIET}at 3s crash leader\nat 3.5s crash leader\nat 30s crash leader\n\
         note when crash leader, each \"crashed\"\nrun 60s\n"
    );
    let (run, _) = run::to_end(Arc::new(scenario(&text)));
    let done = run.group().scenario().actions.iter().filter(|(_, act)| !act.is_open());
    let done: Vec<_> = done.skip(1).map(|(at, _)| *at).collect();
    assert_eq!(done, [secs(3), secs(30)], "nobody leads when it is done again");
    let told: Vec<_> = notes_of(&scenario(&text)).into_iter().map(|(at, _)| at).collect();
    assert_eq!(told, done);
    let text = set_protocol(&format!("{SILENT}run 60s\n"), 0, Protocol::Paxos);
    let mut session = Session::open(&text).expect("it parses");
    assert_eq!(captions(&mut session), []);
    let (_, history) = run::to_end(Arc::new(scenario(&text)));
    assert_eq!(history.commits.len(), 1);
    // An author who waits for what does not come has said something, from the start.
    let text = format!("{SILENT}note when n1 becomes pre-candidate \"never\"\nrun 60s\n");
    let mut session = Session::open(&text).expect("it parses");
    assert_eq!(captions(&mut session), []);
}

#[test]
fn of_several_groups_a_note_says_which() {
    let two = "halflink 1\ntitle \"x\"\nplant 3 racks of 2 servers, 2 disks each\n\
        cluster a: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n\
        cluster b: zab on r1.s2 r2.s2 r3.s2\ntiming heartbeat 100ms, election 1s..2s\n\
        at 2s gray r1.tor-a drops all\n";
    let wrong = |line: &str| parse(&format!("{two}{line}\nrun 9s\n")).expect_err(line);
    assert!(wrong("note when n1 leads \"x\"")[0].message().contains("say in which group"));
    assert!(wrong("note when in c n1 leads \"x\"")[0].message().contains("no group is called c"));
    let none = wrong("note when in a gray r1.tor-a drops all \"x\"");
    assert!(none[0].message().contains("concerns every group"), "{none:?}");
    let text = format!(
        "{two}at 0s in a elect n1\nat 0s in b elect n1\n\
         note when in a n1 becomes leader \"of a\"\n\
         note when in b n1 becomes leader \"of b\"\n\
         note when gray r1.tor-a drops all \"of both\"\nrun 9s\n"
    );
    let told: Vec<_> = notes_of(&scenario(&text)).into_iter().map(|(_, words)| words).collect();
    assert_eq!(told, ["of a", "of both"]);
    let mut session = Session::open(&text).expect("it parses");
    session.show(1);
    let told: Vec<_> = captions(&mut session).into_iter().map(|(_, words)| words).collect();
    assert_eq!(told, ["of b", "of both"]);
}

/// A wrong note says what would be right, at its word.
#[test]
fn what_is_wrong_with_a_note_is_said_where_it_stands() {
    for (line, column, words) in [
        ("note soon \"x\"", 6, "a time, such as 12s, or `when` and what happens"),
        ("note when \"x\"", 11, "what happens, such as `n1 becomes candidate`"),
        ("note when n1 dances \"x\"", 14, "what it does: becomes, steps, leads or heals"),
        ("note when n1 becomes king \"x\"", 22, "a part that a replica plays"),
        ("note when n9 leads \"x\"", 11, "n9"),
        ("note when leader leads \"x\"", 11, "a replica, such as n1"),
        ("note when nobody leads \"x\"", 24, "for how long, such as 2s"),
        ("note when nobody leads for 99s \"x\"", 28, "the run is over at 60s"),
        ("note when n1 leads, after 99s \"x\"", 27, "the run is over at 60s"),
        ("note when n1 leads, later \"x\"", 21, "a note in double quotes"),
        ("note under king 1s \"x\"", 12, "protocol"),
        ("note when cut n1 -> n9 \"x\"", 21, "n9"),
        ("note when r9.tor-a heals \"x\"", 11, "r9.tor-a"),
        ("note when heal r1.tor-a", 24, "a note in double quotes"),
    ] {
        let wrong = parse(&format!("{SILENT}{line}\nrun 60s\n")).expect_err(line);
        assert_eq!(
            (wrong.len(), wrong[0].line, wrong[0].column),
            (1, 11, column),
            "{line}: {wrong:?}"
        );
        assert!(wrong[0].message().contains(words), "{line}: {}", wrong[0].message());
    }
    let many = |count: usize| "note when n1 leads \"x\"\n".repeat(count);
    assert!(parse(&format!("{SILENT}{}run 60s\n", many(40))).is_ok());
    let wrong = parse(&format!("{SILENT}{}run 60s\n", many(41))).expect_err("one too many");
    assert!(wrong[0].message().contains("at most 40 notes with `when`"), "{wrong:?}");
    assert_eq!(wrong[0].line, 11 + 40);
}

/// A silent note costs the run nothing: it is no part of it.
#[test]
fn captions_are_no_part_of_a_run() {
    let plain = format!("{SILENT}run 60s\n");
    let told = format!("{SILENT}note when n1 becomes candidate, each \"x\"\nrun 60s\n");
    let hash = |text: &str| {
        let (run, _) = run::to_end(Arc::new(scenario(text)));
        run.world().trace_hash()
    };
    assert_eq!(hash(&plain), hash(&told));
}
