//! The whole run, for the belief strip.

use super::{BeliefSpan, EpisodeView, ExhaustedView, FaultSpan, OutcomeView, Strip, ViolationView};
use crate::claim::fits;
use crate::clock::Micros;
use crate::fault::{self, order_name};
use crate::history::History;
use crate::outcome::{Episode, Measures, Service, Window, judge, longest_wait};
use crate::protocol::{Belief, Command, Protocol, command_name};
use crate::scenario::Scenario;
use crate::scenario::expect::applying;
use crate::timeline::Timeline;

mod grain;

use self::grain::Grain;

impl Strip {
    /// The run as far as it is simulated.
    pub fn of(timeline: &Timeline) -> Self {
        let scenario = timeline.scenario();
        let history = timeline.history();
        let frontier = timeline.frontier_at();
        let lanes = history
            .beliefs
            .iter()
            .map(|beliefs| belief_spans(scenario.protocol, beliefs, frontier));
        let grain = Grain::of(scenario.until);
        Self {
            frontier_us: frontier.0,
            until_us: scenario.until.0,
            lanes: lanes.map(|spans| grain.beliefs(spans)).collect(),
            faults: faults(scenario),
            elections: grain.elections(history),
            writes: grain.writes(history),
            leaderless: grain.leaderless(leaderless(history, frontier)),
            violations: history.violations.iter().map(ViolationView::of).collect(),
            outcome: timeline.complete().then(|| outcome(timeline)),
            exhausted: ExhaustedView::of(history),
        }
    }
}

fn belief_spans(
    protocol: Protocol,
    beliefs: &[(Micros, Option<Belief>)],
    frontier: Micros,
) -> Vec<BeliefSpan> {
    let mut spans: Vec<BeliefSpan> = Vec::new();
    for (from, belief) in beliefs {
        let (leader, role, epoch, value) = match belief {
            Some(belief) => {
                let leader = belief.leader.map(|leader| leader.0);
                (leader, belief.role.name(), belief.epoch, belief.value)
            }
            None => (None, "down", 0, None),
        };
        let value = value.map(|value| value_name(protocol, value));
        if let Some(last) = spans.last_mut() {
            if last.leader == leader && last.role == role && last.value == value {
                continue;
            }
            last.to_us = from.0;
        }
        let (from_us, to_us) = (from.0, frontier.0);
        spans.push(BeliefSpan { from_us, to_us, leader, role, epoch: u64::from(epoch), value });
    }
    // What lasted no time at all cannot be seen.
    spans.retain(|span| span.from_us < span.to_us);
    spans
}

/// The value that a replica believes in, as the page writes it.
pub(crate) fn value_name(protocol: Protocol, value: Command) -> String {
    if protocol.is_generals() { order_name(value).to_owned() } else { command_name(value) }
}

fn leaderless(history: &History, frontier: Micros) -> Vec<[u64; 2]> {
    let ends = history.led.iter().skip(1).map(|(at, _)| *at).chain(std::iter::once(frontier));
    let spans = history.led.iter().zip(ends);
    let alone = spans.filter(|((from, led), to)| led.is_none() && from < to);
    alone.map(|((from, _), to)| [from.0, to.0]).collect()
}

/// Every fault of a scenario, from where it takes hold to where it is lifted, or the end.
pub(super) fn faults(scenario: &Scenario) -> Vec<FaultSpan> {
    let spans = fault::spans(&scenario.acts, scenario.until).into_iter().filter_map(|span| {
        let act = scenario.acts[span.action].1;
        let class = act.inflicts()?.name();
        let (from_us, to_us) = (span.from.0, span.to.0);
        Some(FaultSpan { from_us, to_us, text: act.to_string(), class })
    });
    spans.collect()
}

fn outcome(timeline: &Timeline) -> OutcomeView {
    let (scenario, history) = (timeline.scenario(), timeline.history());
    let verdict = judge(scenario, history);
    let service = Service::of(scenario, history);
    let whole = Window::whole(scenario).measure(history);
    let applying = applying(&scenario.expectations, scenario.protocol);
    let words = applying.map(|number| &scenario.expectations[number].words);
    let words = words.filter(|_| history.exhausted.is_none());
    OutcomeView {
        expected: words.map(|words| fits(words, verdict.outcome)),
        name: verdict.outcome.name(),
        text: verdict.sentence,
        episodes: verdict.episodes.into_iter().map(EpisodeView::from).collect(),
        writes_tried: service.tried,
        writes_served: service.served,
        writes_late: service.late,
        reads: reads(&whole),
        leader_changes: whole.leader_changes,
        longest_stall_us: longest_wait(scenario, history).0,
        trace_hash: format!("{:016x}", timeline.frontier().world().trace_hash()),
    }
}

impl From<Episode> for EpisodeView {
    fn from(episode: Episode) -> Self {
        Self {
            from_us: episode.from.0,
            to_us: episode.to.0,
            outcome: episode.outcome.name(),
            text: episode.sentence,
        }
    }
}

/// "reads 38 of 40, 3 stale".
fn reads(whole: &Measures) -> Option<String> {
    let (tried, answered) = (whole.reads_tried, whole.reads_answered);
    let stale = if whole.reads_stale > 0 {
        format!(", {} stale", whole.reads_stale)
    } else {
        String::new()
    };
    (tried > 0).then(|| format!("reads {answered} of {tried}{stale}"))
}
