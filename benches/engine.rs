//! Messages delivered a second, all safety checks on; beside them the `raft` crate and a toy.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use halflink::protocol::Protocol;
use halflink::protocol::catalogue::Family;
use halflink::run::to_end;
use halflink::scenario::text::parse;

use crate::cpu_time::CpuTime;
use crate::{raft_crate, toy};

/// By the name of the bench; `tests/node/bench.mjs` reads the same files.
const SCENARIOS: [(&str, &str); 4] = [
    ("3-healthy", include_str!("scenarios/3-healthy.halflink")),
    ("3-cut", include_str!("scenarios/3-cut.halflink")),
    ("5-healthy", include_str!("scenarios/5-healthy.halflink")),
    ("5-cut", include_str!("scenarios/5-cut.halflink")),
];

pub(crate) fn bench(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("engine");
    for (name, text) in SCENARIOS {
        let scenario = Arc::new(parse(text).expect("it parses"));
        let whole_run = || to_end(Arc::clone(&scenario)).0.world().delivered();
        group.throughput(Throughput::Elements(whole_run()));
        group.bench_function(name, |bencher| bencher.iter(whole_run));
    }
    // Nothing wrong, under each protocol that assumes that nobody lies; Raft was the first above.
    let healthy = parse(SCENARIOS[0].1).expect("it parses");
    let honest = |protocol: &Protocol| protocol.family() != Family::Byzantine;
    for protocol in Protocol::here().filter(honest).filter(|&one| one != healthy.group().protocol) {
        let scenario = Arc::new(healthy.clone().with(|group| group.protocol = protocol));
        let whole_run = || to_end(Arc::clone(&scenario)).0.world().delivered();
        group.throughput(Throughput::Elements(whole_run()));
        group.bench_function(format!("3-healthy-{protocol}"), |bencher| bencher.iter(whole_run));
    }
    for (name, cut) in [("3-healthy-raft-crate", false), ("3-cut-raft-crate", true)] {
        group.throughput(Throughput::Elements(raft_crate::whole_run(cut)));
        group.bench_function(name, |bencher| bencher.iter(|| raft_crate::whole_run(cut)));
    }
    group.finish();

    let mut group = criterion.benchmark_group("toy");
    group.throughput(Throughput::Elements(toy::whole_run(black_box(3))));
    group.bench_function("heartbeat", |bencher| bencher.iter(|| toy::whole_run(black_box(3))));
    group.finish();
}
