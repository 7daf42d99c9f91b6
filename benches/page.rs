//! What the page waits for: a seek with its view, opening and sharing links, reading a text, a
//! fork.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ProcessTime;
use criterion::measurement::Measurement;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};
use halflink::clock::Micros;
use halflink::rng::Rng;
use halflink::scenario::link::{decode, encode};
use halflink::scenario::text::parse;
use halflink::session::Session;
use halflink::view::View;

use crate::cpu_time::CpuTime;

/// Ten minutes each; `tests/node/bench.mjs` reads the same files.
const THREE: &str = include_str!("scenarios/3-cut.halflink");
const NINE: &str = include_str!("scenarios/9-ten-minutes.halflink");

/// The packets of so long before a moment are in its view.
const WINDOW: Micros = Micros::from_millis(20);
/// Seeks from which a quantile is taken.
const SEEKS: usize = 400;

pub(crate) fn bench(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("seek");
    seek(&mut group, "3-replicas", THREE);
    seek(&mut group, "9-replicas", NINE);
    group.finish();

    let mut group = criterion.benchmark_group("link");
    for events in [20, 500] {
        let text = text_with(events);
        let link = encode(&text, Some(2020));
        let open = |link: &str| decode(link).expect("it was just encoded").text;
        group.bench_function(format!("encode-{events}"), |bencher| {
            bencher.iter(|| encode(black_box(&text), Some(2020)));
        });
        group.bench_function(format!("decode-{events}"), |bencher| {
            bencher.iter(|| open(black_box(&link)));
        });
    }
    group.finish();

    let text = text_with(20);
    criterion.bench_function("text/parse", |bencher| bencher.iter(|| parse(black_box(&text))));

    let mut session = opened(NINE);
    criterion.bench_function("session/fork", |bencher| bencher.iter(|| fork(&mut session)));
}

/// A run of which every moment is simulated.
fn opened(text: &str) -> Session {
    let mut session = Session::open(text).expect("it parses");
    session.timeline_mut().finish();
    session
}

/// Acts in the middle of a run and looks, takes it back and looks.
fn fork(session: &mut Session) -> (View, View) {
    let middle = Micros::from_secs(300);
    session.act(middle, "cut n9 -> n1").expect("it parses");
    let with = View::of(session.timeline_mut(), middle, WINDOW);
    assert!(session.undo(), "the act can be taken back");
    (with, View::of(session.timeline_mut(), middle, WINDOW))
}

fn seek<M: Measurement<Value = Duration>>(
    group: &mut BenchmarkGroup<'_, M>,
    name: &str,
    text: &str,
) {
    let mut session = opened(text);
    let until = session.timeline().scenario().until;
    let mut rng = Rng::new(2020);
    let mut seek_once = || View::of(session.timeline_mut(), rng.up_to(until), WINDOW);
    group.bench_function(name, |bencher| bencher.iter(&mut seek_once));
    let mut sorted_seeks = || {
        let timed = |_| {
            let begun = ProcessTime::now();
            black_box(seek_once());
            begun.elapsed()
        };
        let mut times: Vec<_> = (0..SEEKS).map(timed).collect();
        times.sort_unstable();
        times
    };
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    for percent in [50, 95] {
        group.bench_function(format!("{name}-p{percent}"), |bencher| {
            // One seek of 400 stands for all: Criterion averages what are quantiles already.
            bencher.iter_custom(|times| sorted_seeks()[SEEKS * percent / 100] * times as u32);
        });
    }
    group.sampling_mode(SamplingMode::Auto).sample_size(20);
}

/// A text with so many acts; `tests/node/bench.mjs` writes the same.
fn text_with(events: usize) -> String {
    let mut text = THREE.lines().filter(|line| !line.starts_with("at ")).collect::<Vec<_>>();
    let run = text.pop().expect("the last line");
    let act = |number: usize| {
        let verb = if number.is_multiple_of(2) { "cut" } else { "heal" };
        let (from, to) = [(1, 2), (2, 3), (3, 1)][number / 2 % 3];
        format!("at {}s {verb} n{from} -> n{to}", number + 1)
    };
    let actions: Vec<_> = (0..events).map(act).collect();
    text.extend(actions.iter().map(String::as_str));
    text.push(run);
    text.join("\n") + "\n"
}
