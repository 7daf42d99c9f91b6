//! A bare heartbeat toy on the standard library's heap, for scale: a leader beats, followers answer
//! and restart their election timers. What is beyond this is what Raft, the plant and the checks
//! cost.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use halflink::clock::Micros;
use halflink::rng::Rng;

const HEARTBEAT: Micros = Micros::from_millis(100);
const UNTIL: Micros = Micros::from_secs(600);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pending {
    Beat,
    Arrive { to: u8, answer: bool },
    Timeout { of: u8, set: u32 },
}

/// Ten simulated minutes of so many nodes; how many messages were delivered.
pub(crate) fn whole_run(nodes: u8) -> u64 {
    let mut heap = BinaryHeap::from([Reverse((Micros::ZERO, 0, Pending::Beat))]);
    let mut rng = Rng::new(2020);
    let (mut asked, mut delivered) = (1_u64, 0);
    let mut sets = vec![0; usize::from(nodes)];
    while let Some(Reverse((now, _, pending))) = heap.pop() {
        if now > UNTIL {
            break;
        }
        let mut push = |after: Micros, pending| {
            heap.push(Reverse((now + after, asked, pending)));
            asked += 1;
        };
        let mut latency = || Micros(800) + rng.up_to(Micros(100));
        match pending {
            Pending::Beat => {
                for to in 1..nodes {
                    push(latency(), Pending::Arrive { to, answer: false });
                }
                push(HEARTBEAT, Pending::Beat);
            }
            Pending::Arrive { to, answer } => {
                delivered += 1;
                if !answer {
                    push(latency(), Pending::Arrive { to: 0, answer: true });
                    let set = &mut sets[usize::from(to)];
                    *set += 1;
                    let timeout = rng.span(Micros::from_secs(1), Micros::from_secs(2));
                    push(timeout, Pending::Timeout { of: to, set: *set });
                }
            }
            Pending::Timeout { of, set } => {
                assert!(set < sets[usize::from(of)], "a beat is missing")
            }
        }
    }
    delivered
}
