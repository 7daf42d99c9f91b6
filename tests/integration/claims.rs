//! What the shipped scenarios say of themselves, run: their `expect` lines, under every protocol
//! that these are about.

use std::num::NonZero;

use halflink::claim::{claims, fits, run};
use halflink::clock::Micros;
use halflink::fact::Fact;
use halflink::outcome::{Outcome, Service};
use halflink::protocol::{Protocol, Role};
use halflink::scenario::Scenario;
use halflink::scenario::expect::{Expected, applying};
use halflink::scenario::library::{STORY, find, library};
use halflink::scenario::link::encode;
use halflink::session::Session;
use halflink::view::{Plan, Strip};

use crate::support::{Finished, run_to_end, scenario, secs, size, variant, world_at};

/// What is claimed of one run, and how it came out.
type Told = (&'static str, Protocol, Vec<Expected>, u32, Result<Outcome, Fact>);

#[test]
fn every_shipped_scenario_comes_out_as_it_says() {
    let mut jobs = Vec::new();
    let mut lines = 0;
    for entry in library() {
        let shipped = scenario(entry.text);
        let own = applying(&shipped.expectations, shipped.group().protocol);
        assert!(own.is_some(), "{}: nothing is expected of its own protocol", entry.name);
        lines += shipped.expectations.len();
        for claim in claims(&shipped) {
            let words = &shipped.expectations[claim.expectation].words;
            let under = claim.scenario.unwrap_or_else(|why| panic!("{}: {why:?}", entry.name));
            jobs.extend((0..size(20, 200)).map(|more| {
                let seed = under.group().seed.wrapping_add(more);
                (entry.name, words.clone(), under.clone().with(|group| group.seed = seed))
            }));
        }
    }
    println!("{lines} lines, {} runs", jobs.len());
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let wrong: Vec<Told> = std::thread::scope(|scope| {
        let shares = jobs.chunks(jobs.len().div_ceil(threads));
        let shares: Vec<_> = shares.map(|share| scope.spawn(|| wrong_of(share))).collect();
        shares.into_iter().flat_map(|share| share.join().expect("it runs")).collect()
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Those that do not come out as one of their words says.
fn wrong_of(jobs: &[(&'static str, Vec<Expected>, Scenario)]) -> Vec<Told> {
    let told = jobs.iter().map(|(name, words, under)| {
        (*name, under.group().protocol, words.clone(), under.group().seed, run(under.clone()))
    });
    told.filter(|(_, _, words, _, out)| !out.as_ref().is_ok_and(|out| fits(words, *out))).collect()
}

/// What notes say that no word says: how many writes get through, over the same seeds.
#[test]
fn the_shares_of_writes_in_notes_hold() {
    for (name, protocol, least, most) in [
        // "About half of the writes are committed", of which clients wait five seconds for each.
        ("cloudflare-2020", Protocol::Raft, 45, 70),
        // "Which commits almost nothing", of writes before and after the fault, too.
        ("cloudflare-2020", Protocol::EtcdRaft, 0, 11),
        // "Most writes get through", and "some are late or lost".
        ("cloudflare-etcd-3.4", Protocol::EtcdRaftCheckquorum, 51, 99),
        ("chained", Protocol::Multipaxos, 51, 99),
        // "No write is lost."
        ("cloudflare-etcd-3.5", Protocol::EtcdRaftPrevoteCheckquorum, 100, 100),
        ("cloudflare-2020", Protocol::RaftPrevoteCheckquorum, 100, 100),
    ] {
        let shipped = scenario(find(name).expect("it is shipped").text);
        let mut shares = Vec::new();
        for more in 0..size(20, 200) {
            let finished = run_to_end(variant(&shipped, protocol, shipped.group().seed + more));
            let service = Service::of(&finished.scenario, &finished.history);
            let share = service.share().expect("clients write");
            assert!((least..=most).contains(&share), "{share} %: {}", finished.scenario);
            shares.push(share);
        }
        println!("{name} {protocol}: {:?} % to {:?} %", shares.iter().min(), shares.iter().max());
    }
}

/// A deaf leader commits nothing while it is deaf, and what waited long after.
#[test]
fn a_deaf_leader_is_followed_and_commits_late() {
    let shipped = scenario(find("deaf-leader").expect("it is shipped").text);
    for more in 0..size(20, 200) {
        let finished =
            run_to_end(variant(&shipped, shipped.group().protocol, shipped.group().seed + more));
        let Finished { scenario, history, .. } = &finished;
        let deaf = |at: Micros| secs(4) <= at && at < secs(45);
        assert!(!history.commits.iter().any(|at| deaf(*at)), "{scenario}");
        assert!(!history.beliefs.iter().flatten().any(|(at, _)| deaf(*at)), "{scenario}");
        let waited = history.writes.iter().filter(|write| deaf(write.at));
        let late = waited.clone().filter(|write| write.committed.is_some_and(|at| at >= secs(45)));
        assert_eq!(late.count(), waited.count(), "{scenario}");
    }
}

/// What captions say of one moment, at that moment of the run that is shipped.
#[test]
fn captions_are_about_their_moment() {
    use Role::{Candidate, Follower, Leader};
    for (name, millis, beliefs) in [
        ("cloudflare-2020", 5_000, [(Candidate, 0), (Follower, 0), (Follower, 0)]),
        ("cloudflare-2020", 7_000, [(Candidate, 0), (Follower, 0), (Follower, 0)]),
        ("cloudflare-2020", 370_000, [(Follower, 3), (Follower, 3), (Leader, 3)]),
        ("cloudflare-etcd-3.4", 9_000, [(Candidate, 0), (Follower, 3), (Leader, 3)]),
        ("cloudflare-etcd-3.4", 11_000, [(Candidate, 0), (Follower, 3), (Leader, 3)]),
        ("cloudflare-etcd-3.4", 13_000, [(Candidate, 0), (Follower, 3), (Follower, 0)]),
        ("cloudflare-etcd-3.4", 17_000, [(Follower, 3), (Follower, 3), (Leader, 3)]),
        ("one-way-from-leader", 4_500, [(Candidate, 0), (Follower, 0), (Follower, 0)]),
        ("one-way-from-leader", 46_000, [(Follower, 3), (Follower, 3), (Leader, 3)]),
        ("chained", 6_500, [(Follower, 3), (Follower, 3), (Leader, 3)]),
        ("chained", 8_500, [(Follower, 2), (Leader, 2), (Follower, 2)]),
        ("c5-2015", 5_000, [(Candidate, 0), (Follower, 0), (Follower, 0)]),
        ("c5-2015", 47_000, [(Follower, 2), (Leader, 2), (Follower, 2)]),
        ("etcd-9563", 8_000, [(Candidate, 0), (Follower, 3), (Leader, 3)]),
        ("etcd-9563", 13_000, [(Candidate, 0), (Follower, 3), (Follower, 0)]),
        ("etcd-9563", 20_000, [(Follower, 3), (Follower, 3), (Leader, 3)]),
        ("mongodb-arbiter", 6_000, [(Follower, 0), (Candidate, 0), (Follower, 0)]),
        ("mongodb-arbiter", 96_000, [(Leader, 1), (Follower, 1), (Follower, 1)]),
    ] {
        let shipped = scenario(find(name).expect("it is shipped").text);
        let world = world_at(&shipped, Micros::from_millis(millis));
        let held = world.group(0).replicas().map(|id| {
            let belief = world.group(0).replica(id).belief();
            (belief.role, belief.leader.map_or(0, |leader| leader.0 + 1))
        });
        assert_eq!(held.collect::<Vec<_>>(), beliefs, "{name} at {millis} ms");
    }
}

#[test]
fn the_longest_link_is_as_long_as_readme_says() {
    let links = library().iter().map(|entry| {
        let hash = run_to_end(scenario(entry.text)).trace_hash();
        encode(entry.text, Some(hash)).len()
    });
    let longest = links.max().expect("there are some");
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&format!(", {longest} characters for the longest")), "{longest}");
}

/// A word for every outcome, and one that stands for several.
#[test]
fn every_outcome_can_be_expected() {
    for outcome in [
        Outcome::Unsafe,
        Outcome::Stalled,
        Outcome::Flapping,
        Outcome::Recovered,
        Outcome::Parted,
        Outcome::Stable,
    ] {
        let fitting: Vec<_> =
            Expected::ALL.into_iter().filter(|word| fits(&[*word], outcome)).collect();
        let names: Vec<_> = fitting.iter().map(|word| word.name()).collect();
        let safe = (outcome != Outcome::Unsafe).then_some("safe");
        let expected: Vec<_> = safe.into_iter().chain([outcome.name()]).collect();
        assert_eq!(names, expected);
    }
}

/// What the page is told of expectations and captions, of the run that it shows.
#[test]
fn the_page_is_told_what_held_and_which_captions_are_about_another_run() {
    let mut session = Session::open(STORY.text).expect("it is shipped");
    let elsewhere = |session: &Session| {
        let notes = session.timeline().scenario().notes.iter();
        let others = notes.filter(|note| session.is_for_another_run(note));
        others.filter_map(|note| note.time()).map(|at| at.0).collect::<Vec<_>>()
    };
    let all = elsewhere(&{
        let mut other = session.clone();
        other.set_seed(1).expect("it parses");
        other
    });
    let notes = scenario(STORY.text).notes;
    assert_eq!(all, notes.iter().filter_map(|note| note.time()).map(|at| at.0).collect::<Vec<_>>());
    assert_eq!(elsewhere(&session), [0_u64; 0]);

    // An action of the reader's own: what comes before it is still about this run.
    session.act(Micros::from_secs(20), "cut n1 -> n2").expect("it parses");
    assert_eq!(
        elsewhere(&session),
        all.iter().copied().filter(|at| *at >= 20_000_000).collect::<Vec<_>>()
    );
    // Whoever is sent that text sees the same.
    let mut sent = Session::open(session.text()).expect("it parses");
    sent.know(&library().iter().map(|entry| entry.text).collect::<Vec<_>>());
    assert_eq!(elsewhere(&sent), elsewhere(&session));
    // Its own words about it are not.
    let text = session.text().replace("run  ", "note 21s \"mine\"\nrun  ");
    session.edit(&text).expect("it parses");
    assert!(!elsewhere(&session).contains(&21_000_000));
    assert!(session.undo() && session.undo());
    assert_eq!(elsewhere(&session), [0_u64; 0]);

    let told = |session: &mut Session| {
        let plan = Plan::of_session(session);
        let own = plan.expectations.iter().filter(|one| one.applies).map(|one| one.text.clone());
        let own: Vec<_> = own.collect();
        assert!(Strip::of(session.timeline()).outcome.is_none());
        session.timeline_mut().finish();
        let outcome = Strip::of(session.timeline()).outcome.expect("it is over");
        (own, outcome.expected)
    };
    assert_eq!(told(&mut session), (vec!["raft flapping".to_owned()], Some(true)));
    session.set_protocol(Protocol::Zab).expect("it parses");
    assert_eq!(elsewhere(&session), all, "under another protocol");
    assert_eq!(told(&mut session), (vec!["all safe".to_owned()], Some(true)));
    let wrong = STORY.text.replace("expect  raft flapping", "expect  raft stable");
    let mut session = Session::open(&wrong).expect("it parses");
    assert_eq!(told(&mut session), (vec!["raft stable".to_owned()], Some(false)));
    let none = "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\ncluster c: raft on \
        r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 1\nrun 5s\n";
    assert_eq!(told(&mut Session::open(none).expect("it parses")), (Vec::new(), None));
}
