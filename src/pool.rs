//! Many independent pieces of work on several threads, and what comes of them in their order.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How far ahead of the first piece that is not done others may be: what is kept is bounded.
const AHEAD: u64 = 4_096;

struct State<T> {
    /// The next to be begun.
    next: u64,
    /// The next to be taken.
    due: u64,
    done: BTreeMap<u64, T>,
    /// True if nothing more is to be begun: a thread has failed, or whoever takes wants no more.
    is_over: bool,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change, but not so long that a signal would be missed.
    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        let waited = self.changed.wait_timeout(state, Duration::from_millis(100));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Tells the others when its thread ends before its time.
struct OnPanic<'a, T>(&'a Shared<T>);

impl<T> Drop for OnPanic<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().is_over = true;
            self.0.changed.notify_all();
        }
    }
}

/// That many threads, or as many as there are processors.
pub(super) fn threads(asked: Option<u16>) -> NonZero<usize> {
    let asked = asked.and_then(|count| NonZero::new(usize::from(count)));
    asked.unwrap_or_else(|| thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN))
}

/// Does `work` for each number on that many threads, and gives what comes of it to `take`, in
/// order, on this one. Ends early when `stop` is set, or nothing comes of a number.
///
/// # Errors
/// What `take` says.
pub(super) fn in_order<T: Send>(
    numbers: Range<u64>,
    threads: NonZero<usize>,
    stop: &AtomicBool,
    work: impl Fn(u64) -> Option<T> + Sync,
    mut take: impl FnMut(T) -> Result<(), String>,
) -> Result<(), String> {
    let (next, end) = (numbers.start, numbers.end);
    let state = State { next, due: next, done: BTreeMap::new(), is_over: false };
    let shared = Shared { state: Mutex::new(state), changed: Condvar::new() };
    let is_over = |state: &State<T>| state.is_over || stop.load(Ordering::Relaxed);
    let one_thread = || {
        let on_panic = OnPanic(&shared);
        loop {
            let mut state = shared.lock();
            while !is_over(&state) && state.next < end && state.next >= state.due + AHEAD {
                state = shared.wait(state);
            }
            if is_over(&state) || state.next >= end {
                break;
            }
            let number = state.next;
            state.next += 1;
            drop(state);
            let Some(done) = work(number) else { break };
            let mut state = shared.lock();
            state.done.insert(number, done);
            if number == state.due {
                shared.changed.notify_all();
            }
        }
        drop(on_panic);
    };
    thread::scope(|scope| {
        for _ in 0..threads.get() {
            scope.spawn(one_thread);
        }
        let mut taken = Ok(());
        let mut state = shared.lock();
        while taken.is_ok() && state.due < end && !is_over(&state) {
            let due = state.due;
            let Some(done) = state.done.remove(&due) else {
                state = shared.wait(state);
                continue;
            };
            state.due += 1;
            drop(state);
            taken = take(done);
            state = shared.lock();
            if due % 64 == 0 {
                shared.changed.notify_all();
            }
        }
        state.is_over = true;
        drop(state);
        shared.changed.notify_all();
        taken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_it_comes_in_order() {
        let stop = AtomicBool::new(false);
        for count in [1, 3] {
            let mut seen = Vec::new();
            let work = |number: u64| {
                // The first takes longest, so the others have to wait at some distance.
                if number == 5 {
                    thread::sleep(Duration::from_millis(50));
                }
                Some(number)
            };
            let take = |number| {
                seen.push(number);
                Ok(())
            };
            in_order(5..20_000, threads(Some(count)), &stop, work, take).expect("nothing is said");
            assert_eq!(seen, (5..20_000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn it_ends_when_told_to_or_when_nobody_takes() {
        let stop = AtomicBool::new(false);
        let mut count = 0;
        let take = |_| {
            count += 1;
            if count == 10 { Err("full".to_owned()) } else { Ok(()) }
        };
        let ended = in_order(0..u64::MAX, threads(Some(2)), &stop, Some, take);
        assert_eq!((ended, count), (Err("full".to_owned()), 10));
        let take = |number: u64| {
            stop.store(number == 20, Ordering::Relaxed);
            Ok(())
        };
        assert_eq!(in_order(0..u64::MAX, threads(Some(2)), &stop, Some, take), Ok(()));
        assert_eq!(in_order(0..0, threads(Some(2)), &stop, Some, |_| Ok(())), Ok(()));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_thread_that_fails_leaves_nobody_waiting() {
        let stop = AtomicBool::new(false);
        let work = |number: u64| {
            assert!(number < 3, "it fails");
            Some(number)
        };
        drop(in_order(0..100, threads(Some(2)), &stop, work, |_| Ok(())));
    }
}
