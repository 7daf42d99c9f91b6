//! What is still to happen, in order of (time, order of asking).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::clock::Micros;

/// The most entries among the soonest; past it the later half of them goes to the far ones.
const NEAR_MAX: usize = 128;

/// What is still to happen, ordered by (time, order of asking).
///
/// A data centre of a few dozen servers has a few dozen events ahead of it, and a new one is nearly
/// always among the soonest: those are a sorted vector, and an insertion moves a handful of small
/// entries, fewer than a heap would (measured in `benches/engine.rs`). Whatever is later than these
/// lies in a heap, so that no event costs more than the logarithm of how many there are, however
/// many packets somebody keeps under way.
#[derive(Clone, Debug)]
pub struct Queue<E> {
    /// The soonest, latest first; ties latest-asked first. Empty only if nothing is to happen.
    near: Vec<(Micros, E)>,
    /// All of these come after all of `near`.
    far: BinaryHeap<Far<E>>,
    /// How often something was put among the far ones after, and before, all of its moment.
    asked: (i64, i64),
}

/// An entry that is not among the soonest; the greatest is the next.
#[derive(Clone, Copy, Debug)]
struct Far<E> {
    at: Micros,
    /// Its place among those of the same moment.
    place: i64,
    event: E,
}

impl<E> Ord for Far<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.place).cmp(&(self.at, self.place))
    }
}

impl<E> PartialOrd for Far<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Far<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Far<E> {}

impl<E: Copy> Queue<E> {
    /// A queue in which nothing is to happen.
    pub const fn new() -> Self {
        Self { near: Vec::new(), far: BinaryHeap::new(), asked: (0, 0) }
    }

    /// Asks for `event` at `at`, after everything already asked for at that time.
    #[inline]
    pub fn push(&mut self, at: Micros, event: E) {
        if self.near.len() >= NEAR_MAX || !self.far.is_empty() {
            return self.push_among_many(at, event);
        }
        self.push_near(at, event);
    }

    #[inline]
    fn push_near(&mut self, at: Micros, event: E) {
        let new = (at, event);
        self.near.push(new);
        let Some((mut place, sooner)) = self.near.split_last_mut() else { return };
        // One entry at a time, because there are few: wasm calls out for a block move.
        for entry in sooner.iter_mut().rev() {
            if entry.0 > at {
                break;
            }
            *place = *entry;
            place = entry;
        }
        *place = new;
    }

    #[cold]
    fn push_among_many(&mut self, at: Micros, event: E) {
        if self.far.peek().is_some_and(|next| next.at <= at) {
            self.asked.0 += 1;
            return self.far.push(Far { at, place: self.asked.0, event });
        }
        self.push_near(at, event);
        if self.near.len() > NEAR_MAX {
            // The latest first, each before all far ones of its moment: so their order stays.
            for (at, event) in self.near.drain(..NEAR_MAX / 2) {
                self.asked.1 -= 1;
                self.far.push(Far { at, place: self.asked.1, event });
            }
        }
    }

    /// The time of the next event.
    #[inline]
    pub fn next_at(&self) -> Option<Micros> {
        self.near.last().map(|entry| entry.0)
    }

    /// All that is still to happen, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Micros, E)> {
        self.near.iter().copied().chain(self.far.iter().map(|far| (far.at, far.event)))
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Micros, E)> {
        let next = self.near.pop()?;
        if self.near.is_empty() && !self.far.is_empty() {
            self.bring_near();
        }
        Some(next)
    }

    #[cold]
    fn bring_near(&mut self) {
        let soonest = std::iter::from_fn(|| self.far.pop()).take(NEAR_MAX / 2);
        self.near.extend(soonest.map(|next| (next.at, next.event)));
        self.near.reverse();
    }

    /// How much is still to happen.
    #[inline]
    pub fn len(&self) -> usize {
        self.near.len() + self.far.len()
    }

    /// True if nothing is still to happen.
    pub fn is_empty(&self) -> bool {
        self.near.is_empty()
    }
}

impl<E: Copy> Default for Queue<E> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rng::Rng;

    #[test]
    fn the_queue_orders_by_time_then_by_asking() {
        let mut queue = Queue::new();
        for (at, name) in [(5, 'c'), (1, 'a'), (5, 'd'), (3, 'b'), (5, 'e')] {
            queue.push(Micros(at), name);
        }
        let order: String = std::iter::from_fn(|| queue.pop()).map(|(_, name)| name).collect();
        assert_eq!(order, "abcde");
    }

    /// Many at few moments, near and far, asked for and taken in turns: as a map would have it.
    #[test]
    fn however_many_there_are_their_order_is_the_same() {
        for number in 0..60 {
            let mut rng = Rng::new(number);
            let (spread, most) = (1 + rng.below(2_000), 1 + rng.below(2_000) as usize);
            let (mut queue, mut map) = (Queue::new(), BTreeMap::new());
            let mut now = 0;
            for asked in 0..20_000_u32 {
                if map.len() < most && rng.percent(60) {
                    let far = if rng.percent(3) { 1_000_000 } else { 0 };
                    let at = now + far + u64::from(rng.below(spread));
                    queue.push(Micros(at), asked);
                    map.insert((at, asked), asked);
                } else {
                    let next = map.pop_first().map(|((at, _), asked)| (Micros(at), asked));
                    assert_eq!(queue.next_at(), next.map(|(at, _)| at), "number {number}");
                    assert_eq!(queue.pop(), next, "number {number}");
                    now = next.map_or(now, |(at, _)| at.0);
                }
                assert_eq!((queue.len(), queue.is_empty()), (map.len(), map.is_empty()));
            }
        }
    }

    /// A hundred thousand packets under way, each asked for before all the others: with a sorted
    /// vector alone this would move five thousand million entries.
    #[test]
    fn a_full_queue_costs_little() {
        let mut queue = Queue::new();
        for at in (0..100_000_u64).rev() {
            queue.push(Micros(at), at);
        }
        for at in 0..2_000_000_u64 {
            let (next, _) = queue.pop().expect("it is full");
            assert_eq!(next, Micros(at));
            queue.push(Micros(at + 100_000), at);
        }
    }
}
