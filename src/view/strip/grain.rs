//! A strip of a run with very much in it: what is shorter than a grain is drawn together.
//!
//! A strip is some thousand pixels wide, and a run may hold millions of changes of mind. Where a
//! list is longer than anybody can see, it is told by grains of time, each a fraction of a pixel;
//! a shorter list is told as it is.

use super::super::{BeliefSpan, ElectionMark, WriteMark};
use crate::clock::Micros;
use crate::history::History;

/// Grains in a run.
const GRAINS: u64 = 2_048;
/// The longest list that is told as it is.
const EXACT_MAX: usize = 4_096;

/// How long a grain is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grain(u64);

impl Grain {
    pub(super) fn of(until: Micros) -> Self {
        Self(until.0.div_ceil(GRAINS).max(1))
    }

    const fn number(self, at_us: u64) -> u64 {
        at_us / self.0
    }

    /// Of the beliefs that begin in one grain the longest is kept, and lasts until the next.
    pub(super) fn beliefs(self, spans: Vec<BeliefSpan>) -> Vec<BeliefSpan> {
        if spans.len() <= EXACT_MAX {
            return spans;
        }
        let end = spans.last().map_or(0, |span| span.to_us);
        let length = |span: &BeliefSpan| span.to_us - span.from_us;
        let mut kept: Vec<BeliefSpan> = Vec::new();
        for span in spans {
            match kept.last_mut() {
                Some(last) if self.number(last.from_us) == self.number(span.from_us) => {
                    if length(&span) > length(last) {
                        *last = BeliefSpan { from_us: last.from_us, ..span };
                    }
                }
                Some(_) | None => kept.push(span),
            }
        }
        // What was left out between two that are kept belongs to the first of them.
        let next: Vec<u64> = kept.iter().skip(1).map(|span| span.from_us).chain([end]).collect();
        for (span, to_us) in kept.iter_mut().zip(next) {
            span.to_us = to_us;
        }
        kept
    }

    /// The first election of each grain.
    pub(super) fn elections(self, history: &History) -> Vec<ElectionMark> {
        let all = history.elections.iter().map(|won| ElectionMark {
            at_us: won.at.0,
            leader: won.leader.0,
            epoch: u64::from(won.epoch),
        });
        let mut marks: Vec<ElectionMark> = all.collect();
        if marks.len() > EXACT_MAX {
            marks.dedup_by_key(|mark| self.number(mark.at_us));
        }
        marks
    }

    /// The writes of each grain as one that was committed and one that was not, with how many they
    /// are; of the committed ones the fastest stands for them.
    pub(super) fn writes(self, history: &History) -> Vec<WriteMark> {
        let mut marks: Vec<WriteMark> = Vec::new();
        let exact = history.writes.len() <= EXACT_MAX;
        for write in &history.writes {
            let (at_us, committed_us) = (write.at.0, write.committed.map(|at| at.0));
            let mark = WriteMark { count: 1, at_us, committed_us };
            let took = |mark: &WriteMark| mark.committed_us.map(|committed| committed - mark.at_us);
            let here = |other: &&mut WriteMark| {
                !exact
                    && self.number(other.at_us) == self.number(at_us)
                    && other.committed_us.is_some() == committed_us.is_some()
            };
            match marks.iter_mut().rev().take(2).find(here) {
                Some(other) if took(&mark) < took(other) => {
                    *other = WriteMark { count: other.count + 1, ..mark };
                }
                Some(other) => other.count += 1,
                None => marks.push(mark),
            }
        }
        marks
    }

    /// The grains of which more than half had no leader.
    pub(super) fn leaderless(self, spans: Vec<[u64; 2]>) -> Vec<[u64; 2]> {
        if spans.len() <= EXACT_MAX {
            return spans;
        }
        let mut alone = vec![0; GRAINS as usize + 1];
        for [mut from, to] in spans {
            while from < to {
                let number = self.number(from);
                let end = ((number + 1) * self.0).min(to);
                alone[(number as usize).min(GRAINS as usize)] += end - from;
                from = end;
            }
        }
        let mut kept: Vec<[u64; 2]> = Vec::new();
        for (number, alone) in (0..).zip(alone) {
            let [from, to] = [number * self.0, (number + 1) * self.0];
            match kept.last_mut() {
                _ if alone * 2 <= self.0 => {}
                Some([_, end]) if *end == from => *end = to,
                Some(_) | None => kept.push([from, to]),
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::ReplicaId;
    use crate::history::{Election, Write};

    const UNTIL: u64 = 3_600_000_000;

    fn spans(count: u64) -> Vec<BeliefSpan> {
        let step = UNTIL / count;
        let span = |number: u64| BeliefSpan {
            from_us: number * step,
            to_us: (number + 1) * step,
            leader: Some((number % 3) as u8),
            role: "follower",
            epoch: number,
            value: None,
        };
        (0..count).map(span).collect()
    }

    #[test]
    fn a_short_list_is_told_as_it_is() {
        let grain = Grain::of(Micros(UNTIL));
        assert_eq!(grain.beliefs(spans(1_000)).len(), 1_000);
        let some = vec![[0, 5], [7, 8]];
        assert_eq!(grain.leaderless(some.clone()), some);
    }

    #[test]
    fn a_long_list_is_told_by_grains_that_leave_no_gap() {
        let grain = Grain::of(Micros(UNTIL));
        let kept = grain.beliefs(spans(1_000_000));
        assert!(kept.len() as u64 <= GRAINS + 1, "{}", kept.len());
        assert!(kept.windows(2).all(|pair| pair[0].to_us == pair[1].from_us));
        assert_eq!((kept[0].from_us, kept.last().map(|span| span.to_us)), (0, Some(UNTIL)));
        let alone: Vec<[u64; 2]> =
            (0..100_000).map(|n| [n * 36_000, n * 36_000 + 30_000]).collect();
        assert_eq!(grain.leaderless(alone), [[0, UNTIL.div_ceil(GRAINS) * GRAINS]]);
    }

    #[test]
    fn no_write_is_lost_from_sight() {
        let grain = Grain::of(Micros(UNTIL));
        let mut history = History::new(1);
        for number in 0..100_000_u64 {
            let at = Micros(number * 36_000);
            let committed = (number != 50_000).then_some(Micros(at.0 + 1_000 + number % 7));
            history.writes.push(Write { at, committed });
            history.elections.push(Election { at, leader: ReplicaId(0), epoch: 1 });
        }
        let writes = grain.writes(&history);
        assert!(writes.len() as u64 <= 2 * GRAINS + 2, "{}", writes.len());
        assert_eq!(writes.iter().map(|mark| mark.count).sum::<u32>(), 100_000);
        let lost: Vec<&WriteMark> =
            writes.iter().filter(|mark| mark.committed_us.is_none()).collect();
        assert_eq!(lost.iter().map(|mark| mark.count).sum::<u32>(), 1);
        assert!(grain.elections(&history).len() as u64 <= GRAINS + 1);
    }
}
