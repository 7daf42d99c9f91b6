//! The whole run, for the belief strip.

use super::{BeliefSpan, ElectionMark, ExhaustedView, FaultSpan};
use super::{OutcomeView, Strip, ViolationView, WriteMark};
use crate::clock::Micros;
use crate::fault::{Act, Deed, Ends, Link, order_name};
use crate::history::History;
use crate::outcome::Measures;
use crate::outcome::{Outcome, Window};
use crate::protocol::{Belief, Command, Protocol, command_name};
use crate::scenario::Scenario;
use crate::timeline::Timeline;

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
        let elections = history.elections.iter().map(|won| ElectionMark {
            at_us: won.at.0,
            leader: won.leader.0,
            epoch: u64::from(won.epoch),
        });
        let writes = history.writes.iter().map(|write| WriteMark {
            at_us: write.at.0,
            committed_us: write.committed.map(|at| at.0),
        });
        Self {
            frontier_us: frontier.0,
            until_us: scenario.until.0,
            lanes: lanes.collect(),
            faults: faults(scenario),
            elections: elections.collect(),
            writes: writes.collect(),
            leaderless: leaderless(history, frontier),
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
pub(super) fn value_name(protocol: Protocol, value: Command) -> String {
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
    let inflicted = scenario.acts.iter().enumerate().filter_map(|(number, &(at, act))| {
        let class = act.inflicts()?.name();
        let later = &scenario.acts[number + 1..];
        let lifted = later.iter().find(|(_, other)| ends(act, *other)).map(|(at, _)| *at);
        let (from_us, to_us) = (at.0, lifted.unwrap_or(scenario.until).0);
        Some(FaultSpan { from_us, to_us, text: act.to_string(), class })
    });
    inflicted.collect()
}

/// True if `later` lifts the fault that `act` inflicts, or puts another in its place.
fn ends(act: Act, later: Act) -> bool {
    match (act, later) {
        (Act::Cut { link, .. }, Act::Heal { link: other } | Act::Cut { link: other, .. }) => {
            covers(other, link)
        }
        (Act::Gray { switch, .. }, Act::Ungray { switch: other }) => switch == other,
        (Act::Fail(part), Act::Restore(other)) => part == other,
        (Act::Crash(server), Act::Restart(other)) => server == other,
        (Act::Pause(server), Act::Resume(other)) => server == other,
        (Act::Betray { replica, .. }, Act::Loyal(other)) => replica == other,
        (
            Act::Betray { replica, deed },
            Act::Betray { replica: other, deed: Deed { behaviour, .. } },
        ) => replica == other && deed.behaviour == behaviour,
        (
            Act::Cut { .. }
            | Act::Heal { .. }
            | Act::Gray { .. }
            | Act::Ungray { .. }
            | Act::Fail(_)
            | Act::Restore(_)
            | Act::Crash(_)
            | Act::Restart(_)
            | Act::Pause(_)
            | Act::Resume(_)
            | Act::Betray { .. }
            | Act::Loyal(_)
            | Act::Wipe(_)
            | Act::Transfer(_)
            | Act::Order(_)
            | Act::Elect(_),
            _,
        ) => false,
    }
}

/// True if `wider` touches every direction of `link`.
fn covers(wider: Link, link: Link) -> bool {
    let reverse = match wider.ends {
        Ends::Lane(from, to) => Ends::Lane(to, from),
        Ends::Flow(from, to) => Ends::Flow(to, from),
    };
    let there = wider.ends == link.ends || wider.both && reverse == link.ends;
    there && (wider.both || !link.both)
}

fn outcome(timeline: &Timeline) -> OutcomeView {
    let (scenario, history) = (timeline.scenario(), timeline.history());
    let window = Window::of_faults(scenario);
    let outcome = window.judge(scenario, history);
    let inside = window.measure(history);
    let whole = Window::whole(scenario).measure(history);
    let share = (100 * inside.writes_committed).checked_div(inside.writes_tried);
    let writes = share.map_or(String::new(), |share| format!(", {share} % of writes committed"));
    let text = match outcome {
        Outcome::Unsafe => "A safety property broke: see the violations.".to_owned(),
        Outcome::Stalled | Outcome::Stable if scenario.protocol.is_generals() => {
            let all = if outcome == Outcome::Stable { "All" } else { "Not all" };
            format!("{all} generals came to a decision.")
        }
        Outcome::Stable if scenario.protocol.decides_once() => "One value is decided.".to_owned(),
        Outcome::Stable if scenario.protocol.rotates() => {
            format!("All that run keep up{writes}.")
        }
        Outcome::Stalled => format!("Nothing was committed any more{writes} since the last fault."),
        Outcome::Flapping => {
            format!("{} leader changes{writes} while the fault lasted.", inside.leader_changes)
        }
        Outcome::Parted => format!("Beliefs stay parted{writes} while the fault lasted."),
        Outcome::Stable => format!("All that run follow one leader{writes}."),
    };
    OutcomeView {
        name: outcome.name(),
        text,
        writes_tried: whole.writes_tried,
        writes_committed: whole.writes_committed,
        reads: reads(&whole),
        leader_changes: whole.leader_changes,
        longest_stall_us: whole.longest_stall_us,
        trace_hash: format!("{:016x}", timeline.frontier().world().trace_hash()),
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
