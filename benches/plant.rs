//! What a large plant costs: a message delivered on plants of 3 to 144 servers, which is to be the
//! same within half of it, and a day of seven hours with databases on 48 servers, which is to take
//! less than a second.

use std::sync::Arc;

use criterion::{Criterion, Throughput};
use halflink::plant::PlantSpec;
use halflink::run::to_end;
use halflink::scenario::Scenario;
use halflink::scenario::library::find;
use halflink::scenario::text::parse;

use crate::cpu_time::CpuTime;

/// Racks, and servers in each.
const PLANTS: [(u8, u8); 4] = [(3, 1), (3, 4), (12, 4), (12, 12)];

pub(crate) fn bench(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("plant");
    for (name, text) in [
        ("healthy", include_str!("scenarios/3-healthy.halflink")),
        ("cut", include_str!("scenarios/3-cut.halflink")),
    ] {
        for (racks, servers) in PLANTS {
            let mut scenario = parse(text).expect("it parses");
            scenario.plant = PlantSpec::new(racks, servers, scenario.plant.disks);
            let scenario = Arc::new(scenario);
            let whole_run = || to_end(Arc::clone(&scenario)).0.world().delivered();
            group.throughput(Throughput::Elements(whole_run()));
            let size = u16::from(racks) * u16::from(servers);
            group.bench_function(format!("{name}-{size}"), |bencher| bencher.iter(whole_run));
        }
    }
    let day = Arc::new(day());
    group.throughput(Throughput::Elements(1));
    group.bench_function("day-48", |bencher| bencher.iter(|| to_end(Arc::clone(&day))));
    group.finish();
}

/// The shipped day, on 48 servers.
fn day() -> Scenario {
    let mut day = parse(find("cloudflare-full-day").expect("it is shipped").text).expect("right");
    day.plant = PlantSpec::new(12, 4, day.plant.disks);
    day
}
