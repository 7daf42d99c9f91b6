//! A strip of a run with very much in it: what is shorter than a grain is drawn together.
//!
//! A strip is some thousand pixels wide, and a run may hold millions of changes of mind. Where a
//! list is longer than anybody can see, it is told by grains of time, each a fraction of a pixel;
//! a shorter list is told as it is.

use super::super::{ElectionMark, WriteMark};
use crate::clock::Micros;
use crate::history::History;
use crate::protocol::Belief;

/// Grains in a run.
const GRAINS: u64 = 2_048;
/// The longest list that is told as it is.
const EXACT_MAX: usize = 2_048;
/// The most beliefs that all replicas' lanes are told in.
const BELIEFS_MAX: usize = 8_192;

/// What a replica believed, from then on.
type Beliefs = [(Micros, Option<Belief>)];

/// A belief, and from when to when a reader sees no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Micros,
    pub(super) to: Micros,
    pub(super) belief: Option<Belief>,
}

/// How long a grain is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grain(u64);

impl Grain {
    pub(super) fn of(until: Micros) -> Self {
        Self::part(until, GRAINS)
    }

    fn part(until: Micros, grains: u64) -> Self {
        Self(until.0.div_ceil(grains).max(1))
    }

    const fn number(self, at_us: u64) -> u64 {
        at_us / self.0
    }

    /// Of the beliefs that begin in one grain the longest is kept, and lasts until the next.
    fn beliefs(self, spans: impl Iterator<Item = Span>) -> Vec<Span> {
        let length = |span: &Span| span.to - span.from;
        let mut kept: Vec<Span> = Vec::new();
        let mut end = Micros::ZERO;
        for span in spans {
            end = span.to;
            match kept.last_mut() {
                Some(last) if self.number(last.from.0) == self.number(span.from.0) => {
                    if length(&span) > length(last) {
                        *last = Span { from: last.from, ..span };
                    }
                }
                Some(_) | None => kept.push(span),
            }
        }
        // What was left out between two that are kept belongs to the first of them.
        for span in kept.iter_mut().rev() {
            span.to = std::mem::replace(&mut end, span.from);
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

    /// The writes of each grain as one that was served within its client's `patience`, one that was
    /// committed late, and one that was not committed, with how many they are; of the committed ones
    /// the fastest stands for them.
    pub(super) fn writes(self, history: &History, patience: Micros) -> Vec<WriteMark> {
        let mut marks: Vec<WriteMark> = Vec::new();
        let exact = history.writes.len() <= EXACT_MAX;
        for write in &history.writes {
            let (at_us, committed_us) = (write.at.0, write.committed.map(|at| at.0));
            let late = write.committed.is_some_and(|at| at > write.at + patience);
            let mark = WriteMark { count: 1, at_us, committed_us, late };
            let took = |mark: &WriteMark| mark.committed_us.map(|committed| committed - mark.at_us);
            let here = |other: &&mut WriteMark| {
                !exact
                    && self.number(other.at_us) == self.number(at_us)
                    && other.committed_us.is_some() == committed_us.is_some()
                    && other.late == late
            };
            match marks.iter_mut().rev().take(3).find(here) {
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
    pub(super) fn leaderless(self, spans: impl Iterator<Item = [u64; 2]> + Clone) -> Vec<[u64; 2]> {
        if spans.clone().nth(EXACT_MAX).is_none() {
            return spans.collect();
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

/// What is to be seen of a list of beliefs: where it looks the same before and after a change, or
/// lasted no time at all, there is nothing to see.
fn spans(beliefs: &Beliefs, frontier: Micros) -> impl Iterator<Item = Span> {
    let look = |belief: &Option<Belief>| belief.map(|own| (own.leader, own.role, own.value));
    let alike = beliefs.chunk_by(move |(_, one), (_, next)| look(one) == look(next));
    let ends = alike.clone().skip(1).map(|later| later[0].0).chain(std::iter::once(frontier));
    let spans = alike.zip(ends).map(|(alike, to)| {
        let (from, belief) = alike[0];
        Span { from, to, belief }
    });
    spans.filter(|span| span.from < span.to)
}

/// What all replicas believed: as it was, or by grains if that is more than can be seen.
pub(super) fn lanes(
    beliefs: &[Vec<(Micros, Option<Belief>)>],
    frontier: Micros,
    until: Micros,
) -> Vec<Vec<Span>> {
    let mut left = BELIEFS_MAX;
    let exact = beliefs.iter().map(|own| {
        let spans: Vec<Span> = spans(own, frontier).take(left + 1).collect();
        left = left.checked_sub(spans.len())?;
        Some(spans)
    });
    let exact: Option<Vec<Vec<Span>>> = exact.collect();
    exact.unwrap_or_else(|| {
        let grains = (BELIEFS_MAX / beliefs.len()) as u64;
        let grain = Grain::part(until, grains.min(GRAINS));
        beliefs.iter().map(|own| grain.beliefs(spans(own, frontier))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::ReplicaId;
    use crate::history::{Election, Write};
    use crate::protocol::Role;

    const UNTIL: u64 = 3_600_000_000;

    /// A lane that changes its mind so many times.
    fn lane(count: u64) -> Vec<(Micros, Option<Belief>)> {
        let belief = |number: u64| {
            let leader = Some(ReplicaId((number % 3) as u8));
            Some(Belief::new(Role::Follower, number as u32, leader))
        };
        (0..count).map(|number| (Micros(number * (UNTIL / count)), belief(number))).collect()
    }

    fn lanes_of(count: u64, replicas: usize) -> Vec<Vec<Span>> {
        lanes(&vec![lane(count); replicas], Micros(UNTIL), Micros(UNTIL))
    }

    #[test]
    fn a_short_list_is_told_as_it_is() {
        assert!(lanes_of(1_000, 8).iter().all(|lane| lane.len() == 1_000));
        let some = [[0, 5], [7, 8]];
        assert_eq!(Grain::of(Micros(UNTIL)).leaderless(some.into_iter()), some);
    }

    #[test]
    fn what_looks_the_same_or_lasts_no_time_is_one() {
        let belief = |epoch, leader| Some(Belief::new(Role::Follower, epoch, leader));
        let one = Some(ReplicaId(1));
        let beliefs = [
            (Micros(0), belief(1, one)),
            (Micros(5), belief(2, one)),
            (Micros(9), None),
            (Micros(9), belief(3, None)),
        ];
        let seen: Vec<Span> = spans(&beliefs, Micros(20)).collect();
        let expected = [(0, 9, belief(1, one)), (9, 20, belief(3, None))];
        let span = |(from, to, belief)| Span { from: Micros(from), to: Micros(to), belief };
        assert_eq!(seen, expected.map(span));
    }

    #[test]
    fn a_long_list_is_told_by_grains_that_leave_no_gap() {
        for replicas in [1, 3, 15] {
            let lanes = lanes_of(300_000, replicas);
            let told: usize = lanes.iter().map(Vec::len).sum();
            assert!(told <= BELIEFS_MAX + replicas, "{told}");
            for kept in lanes {
                assert!(kept.len() > 500, "{}", kept.len());
                assert!(kept.windows(2).all(|pair| pair[0].to == pair[1].from));
                let ends = (kept[0].from, kept.last().map(|span| span.to));
                assert_eq!(ends, (Micros::ZERO, Some(Micros(UNTIL))));
            }
        }
        let grain = Grain::of(Micros(UNTIL));
        let alone = (0..100_000).map(|n| [n * 36_000, n * 36_000 + 30_000]);
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
        let writes = grain.writes(&history, Micros(1_006));
        assert!(writes.len() as u64 <= 2 * GRAINS + 2, "{}", writes.len());
        assert_eq!(writes.iter().map(|mark| mark.count).sum::<u32>(), 100_000);
        let late: Vec<&WriteMark> = writes.iter().filter(|mark| mark.late).collect();
        assert_eq!(late.iter().map(|mark| mark.count).sum::<u32>(), 0);
        let none_in_time = grain.writes(&history, Micros(999));
        assert!(none_in_time.iter().all(|mark| mark.late || mark.committed_us.is_none()));
        let lost: Vec<&WriteMark> =
            writes.iter().filter(|mark| mark.committed_us.is_none()).collect();
        assert_eq!(lost.iter().map(|mark| mark.count).sum::<u32>(), 1);
        assert!(grain.elections(&history).len() as u64 <= GRAINS + 1);
    }
}
