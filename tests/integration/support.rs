//! What every test here needs: run a text, and say what it was when it fails.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fact::Fact;
use halflink::history::History;
use halflink::outcome::{Measures, Outcome, Window, judge};
use halflink::protocol::Protocol;
use halflink::run::{self, Run};
use halflink::scenario::Scenario;
use halflink::scenario::text::parse;
use halflink::session::Session;
use halflink::view::{Plan, Strip};
use halflink::words::{ENGLISH, Names};
use halflink::world::World;

/// A run that has come to its end.
pub(crate) struct Finished {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) run: Run,
    pub(crate) history: History,
}

/// Reads a text that must be right.
pub(crate) fn scenario(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|wrong| panic!("{wrong:#?}\nin\n{text}"))
}

/// Runs a scenario to its end.
pub(crate) fn run_to_end(scenario: Scenario) -> Finished {
    let scenario = Arc::new(scenario);
    let (run, history) = run::to_end(scenario);
    // With whom was meant by `leader`.
    let scenario = Arc::clone(run.group().scenario());
    Finished { scenario, run, history }
}

impl Finished {
    /// From the last fault to the first one lifted after it.
    pub(crate) fn window(&self) -> Window {
        Window::of_faults(&self.scenario)
    }

    /// What was counted in the window.
    pub(crate) fn measures(&self) -> Measures {
        self.window().measure(&self.history)
    }

    /// The one word.
    pub(crate) fn outcome(&self) -> Outcome {
        judge(&self.scenario, &self.history).outcome
    }

    pub(crate) fn trace_hash(&self) -> u64 {
        self.run.world().trace_hash()
    }

    /// Fails if a safety property broke.
    pub(crate) fn assert_safe(&self, which: &str) {
        let violations = &self.history.violations;
        assert!(violations.is_empty(), "{which}: {violations:#?}\n\n{}", self.scenario);
    }
}

/// What users felt, in words.
pub(crate) fn felt(sentence: &Fact) -> String {
    ENGLISH.tell("outcome", sentence, &Names::default())
}

/// The same scenario with another protocol and seed.
pub(crate) fn variant(scenario: &Scenario, protocol: Protocol, seed: u32) -> Scenario {
    scenario.clone().with(|group| (group.protocol, group.seed) = (protocol, seed))
}

/// The world of a scenario when all events up to that moment have happened.
pub(crate) fn world_at(scenario: &Scenario, at: Micros) -> World {
    let mut world = World::new(Arc::new(scenario.clone()));
    while world.step_by(at, &mut ()).is_some() {}
    world
}

/// The small size, or the large one where it is asked for.
pub(crate) fn size(small: u32, large: u32) -> u32 {
    if std::env::var("HALFLINK_LARGE").is_ok_and(|value| value == "1") { large } else { small }
}

/// Seconds as a point in time.
pub(crate) const fn secs(secs: u64) -> Micros {
    Micros::from_secs(secs)
}

/// The author's captions of a run, when they come.
pub(crate) fn notes_of(scenario: &Scenario) -> Vec<(Micros, String)> {
    let mut session = Session::open(&scenario.to_string()).expect("it is valid");
    session.timeline_mut().finish();
    let notes = Plan::of_session(&session).notes;
    let captions = Strip::of_session(&session).captions.into_iter();
    let words = |number: u16| notes[usize::from(number)].text.clone();
    captions.filter_map(|one| Some((Micros(one.at_us), words(one.note?)))).collect()
}

/// One that comes to a bound on what is under way; with that lie before.
pub(crate) fn bounded(lie: &str) -> String {
    let members = |server: u8| format!("r1.s{server} r2.s{server} r3.s{server} ");
    let members: String = (1..=5).map(members).collect();
    let others: String = (2..=15).map(|replica| format!(" n{replica}")).collect();
    format!(
        "halflink 1\ntitle \"bounded\"\nplant 3 racks of 5 servers, 2 disks each\n\
         cluster c: raft on {members}\ntiming heartbeat 20ms, election 500s..600s\nseed 1\n\
         write every 1s\nat 0s elect n1\n{lie}\nat 8s traitor n1 delay 600s to{others}\nrun 300s\n"
    )
}
