//! A plan: which scenarios, protocols, seeds and parameters. All of it is checked before anything
//! runs, so that a run cannot fail on a machine far away.

mod read;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use halflink::check::Property;
use halflink::meter::Bound;
use halflink::outcome::{Measures, Outcome, Service, Window, known, longest_wait};
use halflink::protocol::Protocol;
use halflink::run::to_end_unless;
use halflink::scenario::Scenario;
use halflink::scenario::link::encode;
use siphasher::sip::SipHasher24;
use std::hash::Hasher;

/// What is to be run, in order: scenario, protocol, parameters, seed.
pub(super) struct Plan {
    cells: Vec<Cell>,
    /// Names of the parameters.
    parameters: Vec<String>,
    seeds: Range<u64>,
    /// Of all that its runs hang on.
    hash: u64,
}

/// A scenario that is run with every seed.
struct Cell {
    /// As the plan names it.
    name: String,
    /// Without notes and expectations: they tell of the run that its author saw.
    scenario: Scenario,
    /// A value a parameter.
    values: Vec<String>,
}

/// One run.
pub(super) struct Row<'a> {
    /// From 0.
    pub(super) number: u64,
    pub(super) scenario: &'a str,
    pub(super) protocol: Protocol,
    pub(super) seed: u32,
    /// A value a parameter.
    pub(super) values: &'a [String],
    /// None if the run came to a bound before anything broke: how it would have come out is not
    /// known.
    pub(super) outcome: Option<Outcome>,
    pub(super) exhausted: Option<Bound>,
    /// What broke first.
    pub(super) broken: Option<Property>,
    pub(super) service: Service,
    pub(super) longest_wait_us: u64,
    pub(super) measures: Measures,
    pub(super) trace_hash: u64,
    pub(super) link: String,
}

impl Plan {
    /// Reads a plan from a file.
    ///
    /// # Errors
    /// What is wrong with it, with line and column, in words.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let read::Checked { cells, parameters, seeds } = read::plan(path)?;
        let mut plan = Self { cells, parameters, seeds, hash: 0 };
        plan.hash = plan.fingerprint();
        Ok(plan)
    }

    fn fingerprint(&self) -> u64 {
        let mut hasher = SipHasher24::new();
        let mut put = |text: &str| {
            hasher.write(&(text.len() as u64).to_le_bytes());
            hasher.write(text.as_bytes());
        };
        put(&format!("1 {} {}", self.seeds.start, self.seeds.end));
        self.parameters.iter().for_each(|name| put(name));
        for Cell { name, scenario, values } in &self.cells {
            put(name);
            values.iter().for_each(|value| put(value));
            put(&scenario.to_string());
        }
        hasher.finish()
    }

    /// 16 hex digits, the same for the same runs.
    pub(super) fn name(&self) -> String {
        format!("{:016x}", self.hash)
    }

    pub(super) fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// How many runs there are.
    pub(super) fn runs(&self) -> u64 {
        self.cells.len() as u64 * (self.seeds.end - self.seeds.start)
    }

    /// Performs one of them; nothing if it is to end.
    pub(super) fn run(&self, number: u64, stop: &AtomicBool) -> Option<Row<'_>> {
        let seeds = self.seeds.end - self.seeds.start;
        let cell = usize::try_from(number / seeds).expect("cells are bounded");
        let Cell { name, scenario, values } = &self.cells[cell];
        let seed = self.seeds.start + number % seeds;
        let seed = u32::try_from(seed).expect("it was checked");
        let scenario = Arc::new(scenario.clone().with(|group| group.seed = seed));
        let text = scenario.to_string();
        let (run, history) = to_end_unless(scenario, &|| stop.load(Ordering::Relaxed))?;
        let history = &history;
        // With whom was meant by `leader`; the text says who, and the link has the text.
        let scenario = run.group().scenario();
        let exhausted = history.exhausted.map(|exhausted| exhausted.bound);
        let trace_hash = run.world().trace_hash();
        Some(Row {
            number,
            scenario: name,
            protocol: scenario.group().protocol,
            seed,
            values,
            outcome: known(scenario, history),
            exhausted,
            broken: history.violations.first().map(|violation| violation.property),
            service: Service::of(scenario, history),
            longest_wait_us: longest_wait(scenario, history).0,
            measures: Window::whole(scenario).told(scenario, history),
            trace_hash,
            link: encode(&text, Some(trace_hash)),
        })
    }
}
