//! What became of the reads of a database cluster. They come evenly, and each member serves so many
//! in a second: nothing of it is chance, and nothing is counted one by one.

use serde::Serialize;

use crate::clock::Micros;
use crate::scenario::DatabaseCluster;
use crate::service::database::{Course, Shortfall, Standing};

/// Reads that came in a stretch of a run, and what became of them: each was answered, or failed for
/// one cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DatabaseReads {
    /// Since when.
    pub from_us: u64,
    /// How many came.
    pub asked: u64,
    /// How many were served.
    pub answered: u64,
    /// How many failed, by cause: see [`Shortfall::ALL`], in its order.
    pub failed: [u64; Shortfall::ALL.len()],
    /// For how long less was served than came.
    pub short_us: u64,
}

/// As they come: in a second, times microseconds.
#[derive(Default)]
struct Sum {
    asked: u64,
    failed: [u64; Shortfall::ALL.len()],
    short_us: u64,
}

impl DatabaseReads {
    /// Those of a run up to `end`.
    pub fn of(of: &DatabaseCluster, course: &Course, end: Micros) -> Self {
        Self::by(of, course, end, end.max(Micros(1))).into_iter().next().unwrap_or_default()
    }

    /// By stretches of that length up to `end`; none, if nobody reads.
    pub fn by(of: &DatabaseCluster, course: &Course, end: Micros, stretch: Micros) -> Vec<Self> {
        let Some(reads) = of.reads else { return Vec::new() };
        let ends = course.standings.iter().skip(1).map(|next| next.from_us).chain([end.0]);
        let mut spans = course.standings.iter().zip(ends).peekable();
        let count = end.0.div_ceil(stretch.0);
        let mut stretches = Vec::new();
        for from in (0..count).map(|number| number * stretch.0) {
            let to = (from + stretch.0).min(end.0);
            let mut sum = Sum::default();
            while let Some(&(standing, until)) = spans.peek() {
                let (begins, ends) = (standing.from_us.max(from), until.min(to));
                sum.add(standing, reads, ends.saturating_sub(begins));
                if until > to {
                    break;
                }
                spans.next();
            }
            stretches.push(sum.told(from));
        }
        stretches
    }
}

impl Sum {
    fn add(&mut self, one: &Standing, [come, each]: [u32; 2], lasts: u64) {
        let bear = |members: u8| u64::from(members) * u64::from(each);
        let mut missing = u64::from(come).saturating_sub(bear(one.serving));
        self.asked += u64::from(come) * lasts;
        self.short_us += if missing > 0 { lasts } else { 0 };
        let all = one.serving + one.rebuilding + one.fenced + one.down;
        let load = u64::from(come).saturating_sub(bear(all));
        let bounds = [load, bear(one.rebuilding), bear(one.fenced), bear(one.down)];
        for (failed, bound) in self.failed.iter_mut().zip(bounds) {
            let part = missing.min(bound);
            *failed += part * lasts;
            missing -= part;
        }
    }

    fn told(&self, from_us: u64) -> DatabaseReads {
        let whole = |sum: u64| sum / 1_000_000;
        let failed = self.failed.map(whole);
        let asked = whole(self.asked);
        let answered = asked - failed.iter().sum::<u64>();
        DatabaseReads { from_us, asked, answered, failed, short_us: self.short_us }
    }
}

#[cfg(test)]
mod tests;
