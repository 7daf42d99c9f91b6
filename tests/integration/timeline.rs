//! Going anywhere in a run and changing it there is the same as running it from the start.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::plant::Plant;
use halflink::protocol::{Protocol, ReadMode};
use halflink::rng::Rng;
use halflink::scenario::link::decode;
use halflink::scenario::{Scenario, arbitrary};
use halflink::session::{Answer, Session};
use halflink::timeline::Timeline;
use halflink::world::World;

use crate::support::{run_to_end, scenario, secs, size};

/// The plain truth: every event's time and the trace hash after it, by stepping through the run;
/// and the hash before the first, for some send as they start.
struct Steps(Vec<(Micros, u64)>, u64);

impl Steps {
    fn of(scenario: &Scenario) -> Self {
        let mut world = World::new(Arc::new(scenario.clone()));
        let (mut steps, start) = (Vec::new(), world.trace_hash());
        while let Some(event) = world.step(&mut ()) {
            steps.push((event.at, world.trace_hash()));
        }
        Self(steps, start)
    }

    /// The hash when everything up to `at` has happened.
    fn hash_at(&self, at: Micros) -> u64 {
        let done = self.0.partition_point(|(time, _)| *time <= at);
        done.checked_sub(1).map_or(self.1, |last| self.0[last].1)
    }

    fn after(&self, at: Micros) -> Option<Micros> {
        self.0.get(self.0.partition_point(|(time, _)| *time <= at)).map(|(time, _)| *time)
    }

    fn before(&self, at: Micros) -> Option<Micros> {
        let earlier = self.0.partition_point(|(time, _)| *time < at);
        earlier.checked_sub(1).map(|last| self.0[last].0)
    }

    /// Any time, or that of an event, or one beside it.
    fn any_time(&self, rng: &mut Rng, until: Micros) -> Micros {
        if self.0.is_empty() || rng.percent(30) {
            return rng.span(Micros::ZERO, until);
        }
        let (at, _) = self.0[rng.below(self.0.len() as u32) as usize];
        Micros((at.0 + u64::from(rng.below(3))).saturating_sub(1)).min(until)
    }
}

fn any_window(rng: &mut Rng) -> Micros {
    Micros([0, 1_000, 400_000, 5_000_000][rng.below(4) as usize])
}

/// Scenarios and their trace. Long timelines would be slow here, short ones have no checkpoints.
fn scenarios(count: u32) -> impl Iterator<Item = (u32, Scenario, Steps, Rng)> {
    (0..count).map(|number| {
        let mut rng = Rng::new(number ^ 0x7171_0000);
        let scenario = arbitrary::scenario(&mut rng);
        let steps = Steps::of(&scenario);
        (number, scenario, steps, rng)
    })
}

#[test]
fn a_world_tells_when_its_next_event_is() {
    for number in 0..size(300, 5_000) {
        let mut rng = Rng::new(number ^ 0x2e27_0000);
        let scenario = match rng.below(3) {
            0 => arbitrary::scenario(&mut rng),
            1 => arbitrary::harsh(&mut rng, Protocol::Raft),
            _ => arbitrary::reading(&mut rng, Protocol::Raft, ReadMode::Lease),
        };
        let mut world = World::new(Arc::new(scenario.clone()));
        for _ in 0..4_000 {
            let told = world.next_at();
            let came = world.step(&mut ()).map(|event| event.at);
            assert_eq!(told, came, "number {number}, after {}\n{scenario}", world.now());
            if came.is_none() {
                break;
            }
        }
    }
}

#[test]
fn seeking_in_any_order_gives_what_stepping_gives() {
    for (number, scenario, steps, mut rng) in scenarios(size(60, 2_000)) {
        let mut timeline = Timeline::new(scenario.clone());
        for _ in 0..40 {
            let (at, window) = (steps.any_time(&mut rng, scenario.until), any_window(&mut rng));
            let (world, flights) = timeline.seek(at, window);
            let in_window =
                flights.filter(|flight| flight.sent <= at && flight.sent + window >= at);
            let (all, hash) = (in_window.count(), world.trace_hash());
            let which = || format!("number {number}, to {at} with {window}\n{scenario}");
            assert_eq!(hash, steps.hash_at(at), "{}", which());
            // The same packets are there however one got to see them.
            let mut fresh = Timeline::new(scenario.clone());
            if rng.percent(10) {
                assert_eq!(fresh.seek(at, window).1.count(), all, "{}", which());
            }
        }
    }
}

#[test]
fn the_next_and_the_last_event_are_the_ones_that_stepping_finds() {
    for (number, scenario, steps, mut rng) in scenarios(size(40, 1_000)) {
        let mut timeline = Timeline::new(scenario.clone());
        for _ in 0..20 {
            let at = steps.any_time(&mut rng, scenario.until);
            let which = || format!("number {number}, at {at}\n{scenario}");
            let (after, before) = (timeline.event_after(at), timeline.event_before(at));
            assert_eq!(after, steps.after(at), "after, {}", which());
            assert_eq!(before, steps.before(at), "before, {}", which());
            if let Some(after) = after {
                assert_eq!(timeline.event_before(after), steps.before(after), "{}", which());
            }
        }
    }
}

#[test]
fn acting_anywhere_is_running_the_new_text_and_undo_takes_it_back() {
    for (number, scenario, steps, mut rng) in scenarios(size(60, 2_000)) {
        let mut session = Session::open(&scenario.to_string()).expect("printed texts parse");
        let mut texts = vec![session.text().to_owned()];
        for _ in 0..4 {
            let seen = steps.any_time(&mut rng, scenario.until);
            drop(session.timeline_mut().seek(seen, any_window(&mut rng)));
            if rng.percent(50) {
                session.timeline_mut().finish();
            }
            let at = steps.any_time(&mut rng, scenario.until);
            let plant = Plant::new(scenario.plant);
            let act = arbitrary::act(&mut rng, &plant, &scenario);
            session.act(at, &act.to_string()).expect("an act of this plant");
            texts.push(session.text().to_owned());
            assert_as_fresh(&mut session, number, &mut rng);
        }
        for text in texts.iter().rev().skip(1) {
            assert!(session.undo());
            assert_eq!(session.text(), text, "number {number}");
            assert_as_fresh(&mut session, number, &mut rng);
        }
        assert!(!session.undo() && !session.can_undo());
        for text in &texts[1..] {
            assert!(session.redo());
            assert_eq!(session.text(), text, "number {number}");
            assert_as_fresh(&mut session, number, &mut rng);
        }
        assert!(!session.redo() && !session.can_redo());
    }
}

/// Far from the start a fork goes on from a checkpoint, and there some writes are under way: those
/// that the reader's act keeps from being committed must not keep the mark of the run before.
#[test]
fn a_fork_from_a_checkpoint_forgets_what_came_after_it() {
    let text = "halflink 1\ntitle \"long ways\"\nplant 3 racks of 1 server, 2 disks each\n\
        cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 400ms, election 3s..6s\n\
        network hop 100ms, jitter 1ms\nseed 5\nwrite every 200ms\nat 0s elect n3\nrun 60s\n";
    let mut rng = Rng::new(5);
    for number in 0..size(16, 200) {
        let mut session = Session::open(text).expect("a good text");
        session.timeline_mut().finish();
        let at = rng.span(secs(20), secs(59));
        for server in ["r1.s1", "r2.s1"] {
            session.act(at, &format!("crash {server}")).expect("an act of this plant");
        }
        assert_as_fresh(&mut session, number, &mut rng);
    }
}

/// The session's run and record are those of its text, run from the start.
fn assert_as_fresh(session: &mut Session, number: u32, rng: &mut Rng) {
    let text = session.text().to_owned();
    let fresh = run_to_end(scenario(&text));
    let timeline = session.timeline_mut();
    if rng.percent(50) {
        // As the page does it: look somewhere first.
        let steps = Steps::of(&fresh.scenario);
        let at = steps.any_time(rng, fresh.scenario.until);
        let window = any_window(rng);
        let hash = timeline.seek(at, window).0.trace_hash();
        assert_eq!(hash, steps.hash_at(at), "number {number}, at {at}\n{text}");
    }
    timeline.finish();
    let hash = timeline.frontier().world().trace_hash();
    assert_eq!(hash, fresh.trace_hash(), "number {number}\n{text}");
    let (kept, anew) = (timeline.history(), &fresh.history);
    assert_eq!(kept.beliefs, anew.beliefs, "number {number}\n{text}");
    assert_eq!(kept.elections, anew.elections, "number {number}\n{text}");
    assert_eq!(kept.writes, anew.writes, "number {number}\n{text}");
    assert_eq!(kept.commits, anew.commits, "number {number}\n{text}");
    assert_eq!(kept.parted, anew.parted, "number {number}\n{text}");
    assert_eq!(kept.led, anew.led, "number {number}\n{text}");
    assert_eq!(kept.epochs, anew.epochs, "number {number}\n{text}");
}

/// So many events that checkpoints are thinned out more than once.
#[test]
fn thinned_checkpoints_still_lead_to_the_same_places() {
    let text = "halflink 1\ntitle \"many events\"\nplant 5 racks of 3 servers, 2 disks each\n\
        cluster c: raft on r1.s1 r2.s1 r3.s1 r4.s1 r5.s1 r1.s2 r2.s2 r3.s2 r4.s2 r5.s2 r1.s3\n\
        timing heartbeat 1ms, election 30ms..60ms\nseed 7\nwrite every 5ms\n\
        at 1s cut n1 <-> n3\nat 30s crash r1.s2\nat 40s restart r1.s2\nrun 45s\n";
    let scenario = scenario(text);
    let steps = Steps::of(&scenario);
    println!("{} events", steps.0.len());
    assert!(steps.0.len() > 2 * 128 * 4_096, "too few events to thin twice");
    let mut timeline = Timeline::new(scenario.clone());
    timeline.finish();
    let mut rng = Rng::new(11);
    for _ in 0..200 {
        let at = steps.any_time(&mut rng, scenario.until);
        let (world, _) = timeline.seek(at, any_window(&mut rng));
        assert_eq!(world.trace_hash(), steps.hash_at(at), "at {at}");
        assert_eq!(timeline.event_before(at), steps.before(at), "before {at}");
    }
}

#[test]
fn a_little_at_a_time_comes_to_the_same() {
    for (number, scenario, steps, mut rng) in scenarios(size(20, 500)) {
        let mut session = Session::open(&scenario.to_string()).expect("it is valid");
        while !session.timeline_mut().advance(1 + u64::from(rng.below(5_000))) {}
        for _ in 0..10 {
            let (at, window) = (steps.any_time(&mut rng, scenario.until), any_window(&mut rng));
            let which = || format!("number {number}, at {at}\n{scenario}");
            let slice = 1 + u64::from(rng.below(3_000));
            while !session.timeline_mut().approach(at, window, slice) {}
            let (world, flights) = session.timeline_mut().seek(at, window);
            assert_eq!(world.trace_hash(), steps.hash_at(at), "{}", which());
            let ids: Vec<u64> = flights.map(|flight| flight.id).collect();
            let mut fresh = Timeline::new(scenario.clone());
            let all: Vec<u64> = fresh.seek(at, window).1.map(|flight| flight.id).collect();
            assert_eq!(ids, all, "{}", which());
            let before = loop {
                if let Answer::Ready(before) = session.event_before(at, slice) {
                    break before;
                }
            };
            assert_eq!(before, steps.before(at), "{}", which());
        }
    }
}

#[test]
fn a_link_is_made_before_its_run_is_simulated() {
    let (_, scenario, ..) = scenarios(1).next().expect("one");
    let mut session = Session::open(&scenario.to_string()).expect("it is valid");
    let at_once = decode(&session.link()).expect("a good link");
    assert_eq!((&at_once.text[..], at_once.trace_hash), (session.text(), None));
    assert_eq!(session.timeline().frontier().world().events(), 0, "nothing is simulated for it");
    session.timeline_mut().finish();
    let hash = session.timeline().frontier().world().trace_hash();
    let later = decode(&session.link()).expect("a good link");
    assert_eq!(later.text, session.text());
    assert!(later.trace_hash.is_some_and(|known| known.fits(hash)));
}
