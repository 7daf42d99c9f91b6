//! How fast Halflink is, natively; `cargo xtask bench` sets `tests/node/bench.mjs` beside it.
//!
//! The budgets are in the design: 5 million delivered messages a CPU second healthy and 3.5 under a
//! partial cut, 1.7 times the `raft` crate on the same queue, a seek within 16 ms in 95 of 100.
//! All times are CPU time, so that a busy machine does not change them much.

mod cpu_time;
mod engine;
mod page;
mod plant;
mod raft_crate;
mod toy;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

use crate::cpu_time::CpuTime;

fn criterion() -> Criterion<CpuTime> {
    Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = engine::bench, page::bench, plant::bench
}
criterion_main!(benches);
