//! What became of database clusters.

use serde::Serialize;

use crate::clock::Micros;
use crate::history::History;
use crate::outcome::{DatabaseReads, Requests};
use crate::scenario::{DatabaseCluster, Scenario};
use crate::service::database::{Course, Promotion, Shortfall, Standing};

/// What became of a database cluster, as far as the run is simulated.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DatabaseView {
    /// What it is called.
    pub name: String,
    /// What its servers are called, by the number of the member.
    pub servers: Vec<String>,
    /// Why reads fail, in the order in which failed ones are counted, in the room `shortfall`.
    #[cfg_attr(test, ts(as = "Vec<Shortfall>"))]
    pub causes: [&'static str; Shortfall::ALL.len()],
    /// Promotions, in order; the first of them, if they are many.
    pub promotions: Vec<Promotion>,
    /// How many more promotions there were.
    pub more: usize,
    /// How it stands, from then on.
    pub standings: Vec<Standing>,
    /// Up to when they say it.
    pub known_us: u64,
    /// Reads so far.
    pub whole: DatabaseReads,
    /// How long a stretch is.
    pub stretch_us: u64,
    /// Reads by stretches; none, if nobody reads.
    pub stretches: Vec<DatabaseReads>,
}

/// The most promotions that are told of one, and the most standings.
const MOST: (usize, usize) = (20, 1_000);

impl DatabaseView {
    /// Those of a group, up to `end`.
    #[inline(never)]
    pub fn all(scenario: &Scenario, history: &History, end: Micros) -> Vec<Self> {
        let stretch = Requests::stretch(scenario.until);
        let view = |one: &DatabaseCluster| {
            let mut course = Course::of(one, history.of_databases(), end);
            let whole = DatabaseReads::of(one, &course, end);
            let stretches = DatabaseReads::by(one, &course, end, stretch);
            let called = |server: &_| scenario.called(0, &ToString::to_string(server));
            let known_us = course.standings.get(MOST.1).map_or(end.0, |next| next.from_us);
            let more = course.promotions.len().saturating_sub(MOST.0);
            course.promotions.truncate(MOST.0);
            course.standings.truncate(MOST.1);
            Self {
                name: one.name.clone(),
                servers: one.members.iter().map(called).collect(),
                causes: Shortfall::ALL.map(Shortfall::name),
                promotions: course.promotions,
                more,
                standings: course.standings,
                known_us,
                whole,
                stretch_us: stretch.0,
                stretches,
            }
        };
        scenario.group().databases.iter().map(view).collect()
    }
}
