//! The same scenarios under several protocols: rows protocols, columns scenarios, and beside each
//! outcome what the Omni-Paxos paper says of it, where it does.
//!
//! A cell is one run, judged over its window like any other. *Stable progress* is what the paper's
//! table is about, and [`makes_stable_progress`] is the one place that says what it means here.

pub mod published;

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::outcome::{Outcome, Window, judge};
use crate::protocol::Protocol;
use crate::protocol::catalogue::Family;
use crate::run::to_end;
use crate::scenario::Scenario;
use crate::words::told;
use published::{Case, Mark};

/// What `--protocols all` stands for: those of this build whose replicas keep a log, and assume
/// that nobody lies.
pub fn comparable() -> impl Iterator<Item = Protocol> {
    Protocol::here()
        .filter(|protocol| protocol.family() != Family::Byzantine && !protocol.decides_once())
}

/// True if writes go on for good: some commit in the window's last five election timeouts, and
/// leadership rests. A replica may be left behind; in a partial cut somebody nearly always is.
pub const fn makes_stable_progress(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Stable | Outcome::Parted | Outcome::Recovered => true,
        Outcome::Unsafe | Outcome::Stalled | Outcome::Flapping => false,
    }
}

/// The table.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The scenarios, by name.
    pub scenarios: Vec<String>,
    /// A row a protocol.
    pub rows: Vec<Row>,
}

/// What became of each scenario under one protocol.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The protocol's name.
    #[serde(serialize_with = "name_of")]
    pub protocol: Protocol,
    /// A cell a scenario, in their order.
    pub cells: Vec<Cell>,
}

/// One run, or why there is none.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// It ran.
    Ran(Figures),
    /// It could not.
    Cannot {
        /// What the scenario asks of the protocol that it does not have.
        cannot: String,
    },
}

/// What was counted in the window of one run.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The seed.
    pub seed: u32,
    /// 16 hex digits.
    pub trace_hash: String,
    /// The one word.
    pub outcome: Outcome,
    /// Writes that clients tried.
    pub writes_tried: u64,
    /// Of these, how many were committed.
    pub writes_committed: u64,
    /// The longest time without a commit.
    pub longest_stall_us: u64,
    /// The same in tenths of the longest election timeout; as JSON in whole ones.
    #[serde(rename = "longest_stall_timeouts", serialize_with = "tenths")]
    pub longest_stall_tenths: u64,
    /// If the run came to a bound on its work, and ended there, a sentence.
    pub exhausted: Option<String>,
    /// What broke, and when, a sentence each.
    pub violations: Vec<String>,
    /// What the paper says of this case, if it does.
    pub published: Option<Beside>,
}

/// The paper's mark, and how it goes with the run.
#[derive(Clone, Debug, Serialize)]
pub struct Beside {
    /// As printed there.
    pub mark: Mark,
    /// True if the run agrees with it.
    pub agrees: bool,
    /// If not, why; else what else there is to say.
    pub note: Option<String>,
}

fn name_of<S: Serializer>(protocol: &Protocol, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(protocol.name())
}

fn tenths<S: Serializer>(tenths: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(*tenths as f64 / 10.0)
}

impl Comparison {
    /// Runs each of the scenarios under each of the protocols.
    pub fn of(scenarios: &[(String, Scenario)], protocols: &[Protocol]) -> Self {
        let row = |&protocol: &Protocol| Row {
            protocol,
            cells: scenarios.iter().map(|(_, scenario)| Cell::of(scenario, protocol)).collect(),
        };
        let rows = protocols.iter().map(row).collect();
        Self { scenarios: scenarios.iter().map(|(name, _)| name.clone()).collect(), rows }
    }

    /// True if a property broke in any of the runs.
    pub fn is_unsafe(&self) -> bool {
        let mut figures = self.rows.iter().flat_map(|row| &row.cells).filter_map(Cell::figures);
        figures.any(|figures| figures.outcome == Outcome::Unsafe)
    }

    /// True if any of the runs came to a bound on its work.
    pub fn is_exhausted(&self) -> bool {
        let mut figures = self.rows.iter().flat_map(|row| &row.cells).filter_map(Cell::figures);
        figures.any(|figures| figures.exhausted.is_some())
    }

    /// What is said of single cells, each sentence once, in order of first use.
    pub fn reasons(&self) -> Vec<&str> {
        let mut reasons = Vec::new();
        for reason in self.rows.iter().flat_map(|row| &row.cells).filter_map(Cell::reason) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    }
}

impl Cell {
    /// Runs a scenario under another protocol.
    pub fn of(scenario: &Scenario, protocol: Protocol) -> Self {
        match scenario.under(protocol) {
            Err(cannot) => Self::Cannot { cannot: told("diagnostic", &cannot) },
            Ok(scenario) => Self::Ran(Figures::of(scenario)),
        }
    }

    /// What was counted, if it ran.
    pub const fn figures(&self) -> Option<&Figures> {
        match self {
            Self::Ran(figures) => Some(figures),
            Self::Cannot { .. } => None,
        }
    }

    /// Why it did not run, or what is to be said of the paper's mark.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Ran(figures) => figures.published.as_ref()?.note.as_deref(),
            Self::Cannot { cannot } => Some(cannot),
        }
    }
}

impl Figures {
    /// Runs a scenario to its end.
    fn of(scenario: Scenario) -> Self {
        let scenario = Arc::new(scenario);
        let (run, history) = to_end(scenario);
        let scenario = Arc::clone(run.group().scenario());
        let window = Window::of_faults(&scenario);
        let outcome = judge(&scenario, &history).outcome;
        let measures = window.told(&scenario, &history);
        let timeout = scenario.group().longest_election_timeout().0;
        let violations = history.violations.iter();
        Self {
            seed: scenario.group().seed,
            trace_hash: format!("{:016x}", run.world().trace_hash()),
            outcome,
            writes_tried: measures.writes_tried,
            writes_committed: measures.writes_committed,
            longest_stall_us: measures.longest_stall_us,
            longest_stall_tenths: (measures.longest_stall_us * 10 + timeout / 2) / timeout,
            exhausted: history.exhausted.map(|exhausted| told("exhausted", &exhausted.fact())),
            violations: violations
                .map(|one| {
                    let property = told("property", &one.property.name());
                    format!("{}: {property}: {}", one.at, told("violation", &one.detail))
                })
                .collect(),
            published: Case::of(&scenario)
                .and_then(|case| Beside::of(case, scenario.group().protocol, outcome)),
        }
    }
}

/// Names the sentence about a difference that is not in [`published::NOTES`].
pub const UNKNOWN: &str = "unknown";

impl Beside {
    fn of(case: Case, protocol: Protocol, outcome: Outcome) -> Option<Self> {
        let mark = published::mark(protocol, case)?;
        let agrees = mark.expects(protocol) == makes_stable_progress(outcome);
        let known = published::note(protocol, case).filter(|note| note.differs != agrees);
        let note = known.map(|note| note.why).or((!agrees).then_some(UNKNOWN));
        Some(Self { mark, agrees, note: note.map(|why| told("published", &why)) })
    }
}
