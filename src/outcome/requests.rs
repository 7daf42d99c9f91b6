//! What became of the requests of clients who come at a rate, and why those failed that did.

use serde::Serialize;

use crate::clock::Micros;
use crate::history::History;
use crate::service::Failure;

/// Requests that came in a stretch of a run, and what became of them, whenever that was. Each is
/// answered, failed or waiting, and a failed one has one cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Requests {
    /// Since when.
    pub from_us: u64,
    /// How many came.
    pub asked: u32,
    /// How many were answered in time, at the first try or a later one.
    pub answered: u32,
    /// How many failed, by cause: see [`Failure::ALL`], in its order.
    pub failed: [u32; Failure::ALL.len()],
    /// How many still waited when the run ended.
    pub waiting: u32,
    /// Half of the answered ones had their answer within that time since they came; `null` if none
    /// was answered.
    pub p50_us: Option<u64>,
    /// 99 of 100 had.
    pub p99_us: Option<u64>,
}

/// The most stretches that a run is cut into.
const STRETCHES: u64 = 240;

impl Requests {
    /// Those of the whole run.
    pub fn of(history: &History) -> Self {
        let whole = Self::by(history, Micros::NEVER);
        whole.into_iter().next().unwrap_or_default()
    }

    /// How long a stretch of such a run is: whole seconds, the fewest that will do.
    pub const fn stretch(until: Micros) -> Micros {
        Micros::from_secs(until.0.div_ceil(1_000_000 * STRETCHES))
    }

    /// By stretches of that length, up to the last in which one came.
    pub fn by(history: &History, stretch: Micros) -> Vec<Self> {
        let mut causes: Vec<Option<Failure>> = vec![None; history.writes.len()];
        for &(_, request, failure) in &history.failures {
            causes[request as usize - 1] = Some(failure);
        }
        let mut stretches: Vec<Self> = Vec::new();
        let mut took: Vec<u64> = Vec::new();
        for (write, cause) in history.writes.iter().zip(causes) {
            while stretches.len() as u64 <= write.at.0 / stretch.0 {
                if let Some(last) = stretches.last_mut() {
                    last.fill_in(&mut took);
                }
                let from_us = stretches.len() as u64 * stretch.0;
                stretches.push(Self { from_us, ..Self::default() });
            }
            let Some(last) = stretches.last_mut() else { continue };
            last.asked += 1;
            match (write.committed, cause) {
                (Some(at), _) => {
                    last.answered += 1;
                    took.push(at.since(write.at).0);
                }
                (None, Some(failure)) => last.failed[failure as usize] += 1,
                (None, None) => last.waiting += 1,
            }
        }
        if let Some(last) = stretches.last_mut() {
            last.fill_in(&mut took);
        }
        stretches
    }

    /// Its percentiles, by the nearest rank.
    fn fill_in(&mut self, took: &mut Vec<u64>) {
        took.sort_unstable();
        let rank = |percent: usize| took.get((took.len() * percent).div_ceil(100).max(1) - 1);
        (self.p50_us, self.p99_us) = (rank(50).copied(), rank(99).copied());
        took.clear();
    }
}
