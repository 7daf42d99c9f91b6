//! The whole run, for the belief strip.

use super::{
    BeliefSpan, DatabaseView, EpisodeView, ExhaustedView, FaultSpan, OutcomeView, RequestsView,
    Strip, ViolationView,
};
use crate::claim::fits;
use crate::clock::Micros;
use crate::fact::{Fact, counts};
use crate::fault::{self, Action, FaultClass, FaultInForce, order_name};
use crate::history::History;
use crate::meter::Exhausted;
use crate::outcome::{Episode, Measures, Requests, Service, Window, judge, longest_wait};
use crate::plant::{Part, PartId};
use crate::protocol::{Command, Protocol, command};
use crate::scenario::expect::applying;
use crate::service::Failure;
use crate::session::Session;
use crate::timeline::Timeline;

mod grain;

use self::grain::{Grain, Span};

impl Strip {
    /// The run that a reader has before him, as far as it is simulated.
    pub fn of_session(session: &Session) -> Self {
        Self { captions: super::caption::all(session), ..Self::of(session.timeline()) }
    }

    /// The run as far as it is simulated.
    pub fn of(timeline: &Timeline) -> Self {
        let scenario = timeline.scenario();
        let history = timeline.history();
        let frontier = timeline.frontier_at();
        let lanes = grain::lanes(&history.beliefs, frontier, scenario.until);
        let shown = |spans: Vec<Span>| {
            spans.into_iter().map(|span| belief_span(scenario.group().protocol, span)).collect()
        };
        let grain = Grain::of(scenario.until);
        Self {
            frontier_us: frontier.0,
            until_us: scenario.until.0,
            lanes: lanes.into_iter().map(shown).collect(),
            faults: faults(timeline).into_iter().chain(trips(timeline)).collect(),
            elections: grain.elections(history),
            writes: grain.writes(history, scenario.group().patience()),
            requests: scenario.group().clients.map(|_| RequestsView::of(scenario.until, history)),
            databases: DatabaseView::all(scenario, history, frontier),
            leaderless: grain.leaderless(leaderless(history, frontier)),
            violations: history.violations.iter().map(ViolationView::of).collect(),
            captions: Vec::new(),
            outcome: timeline.complete().then(|| outcome(timeline)),
            exhausted: ExhaustedView::of(history),
        }
    }
}

impl RequestsView {
    fn of(until: Micros, history: &History) -> Self {
        let stretch = Requests::stretch(until);
        Self {
            causes: Failure::ALL.map(Failure::name),
            whole: Requests::of(history),
            stretch_us: stretch.0,
            stretches: Requests::by(history, stretch),
        }
    }
}

impl ExhaustedView {
    /// What a run has come to, if it has.
    pub fn of(history: &History) -> Option<Self> {
        let exhausted = history.exhausted?;
        let Exhausted { bound, at } = exhausted;
        Some(Self { at_us: at.0, bound: bound.name(), said: exhausted.fact() })
    }
}

fn belief_span(protocol: Protocol, Span { from, to, belief }: Span) -> BeliefSpan {
    BeliefSpan {
        from_us: from.0,
        to_us: to.0,
        leader: belief.and_then(|own| own.leader).map(|leader| leader.0),
        role: belief.map_or("down", |own| own.role.name()),
        epoch: belief.map_or(0, |own| u64::from(own.epoch)),
        value: belief.and_then(|own| own.value).map(|value| value_fact(protocol, value)),
    }
}

/// The value that a replica believes in, in the room `value`.
pub(crate) fn value_fact(protocol: Protocol, value: Command) -> Fact {
    if protocol.is_generals() { order_name(value).into() } else { command(value) }
}

fn leaderless(history: &History, frontier: Micros) -> impl Iterator<Item = [u64; 2]> + Clone {
    let ends = history.led.iter().skip(1).map(|(at, _)| *at).chain(std::iter::once(frontier));
    let spans = history.led.iter().zip(ends);
    let alone = spans.filter(|((from, led), to)| led.is_none() && from < to);
    alone.map(|((from, _), to)| [from.0, to.0])
}

/// Every fault of a scenario, from where it takes hold to where it is lifted, or the end.
pub(super) fn faults(timeline: &Timeline) -> Vec<FaultSpan> {
    let scenario = timeline.scenario();
    let lines = scenario.lines();
    let spans = fault::spans(&scenario.actions, scenario.group().members.len(), scenario.until)
        .into_iter()
        .filter_map(|span| {
            let act = scenario.actions[span.action].1;
            let class = act.inflicts()?.name();
            let (from_us, to_us) = (span.from.0, rebuilt(timeline, &span).0);
            let line = lines[span.action].and_then(|line| u16::try_from(line).ok());
            let text = act.to_string();
            Some(FaultSpan { from_us, to_us, text, tripped: false, class, line })
        });
    spans.collect()
}

/// When a fault is over: that of a disk that was replaced when it is rebuilt, or cannot be any
/// more.
pub(super) fn rebuilt(timeline: &Timeline, span: &FaultInForce) -> Micros {
    let scenario = timeline.scenario();
    let (_, act) = scenario.actions[span.action];
    let (Action::Fail(part @ Part::Disk { server, disk: number }), Some(_)) =
        (act, scenario.plant.rebuild)
    else {
        return span.to;
    };
    let (frontier, reached) = (timeline.frontier().world(), timeline.frontier_at());
    let group = frontier.group(timeline.shown());
    let disk = group.plant().expect(part);
    let is_it = |(at, one): &&(Micros, PartId)| *one == disk && *at >= span.to;
    let done = timeline.history().rebuilt.iter().find(is_it).map(|(at, _)| *at);
    let mut going = group.active_faults().rebuilds().iter();
    let ends = done.or_else(|| Some(going.find(|one| one.disk == disk)?.ends()));
    // Without its mirror there is nothing to rebuild it from: it ends when that fails.
    let mirror = Part::Disk { server, disk: number ^ 1 };
    let (lost, replaced) = (Action::Fail(mirror), Action::Wipe(server));
    let (then, later) =
        scenario.actions.split_at(scenario.actions.partition_point(|(at, _)| *at < span.to));
    let of_mirror = [lost, Action::Restore(mirror), replaced];
    let latest = then.iter().rev().find(|(_, one)| of_mirror.contains(one));
    let is_there = latest.is_none_or(|(_, one)| *one != lost);
    let mut cuts = later
        .iter()
        .filter(|(at, one)| is_there && *at <= reached && [act, lost, replaced].contains(one));
    // Without power it goes on when there is some again, if that is in this run.
    let ends = ends.into_iter().chain(cuts.next().map(|(at, _)| *at)).min();
    ends.map_or(span.to, |at| at.min(scenario.until))
}

/// What tripped, until it is restored.
fn trips(timeline: &Timeline) -> impl Iterator<Item = FaultSpan> {
    let (scenario, plant) = (timeline.scenario(), timeline.frontier().world().plant());
    timeline.history().trips.iter().map(|&(from, part)| {
        let part = plant.part(part);
        let restored = |(at, act): &(Micros, Action)| *at >= from && *act == Action::Restore(part);
        let to = scenario.actions.iter().find(|one| restored(one));
        FaultSpan {
            from_us: from.0,
            to_us: to.map_or(scenario.until, |(at, _)| *at).0,
            text: part.to_string(),
            tripped: true,
            class: FaultClass::Crash.name(),
            line: None,
        }
    })
}

fn outcome(timeline: &Timeline) -> OutcomeView {
    let (scenario, history) = (timeline.scenario(), timeline.history());
    let verdict = judge(scenario, history);
    let service = Service::of(scenario, history);
    let whole = Window::whole(scenario).measure(history);
    let applying = applying(&scenario.expectations, scenario.group().protocol);
    let words = applying.map(|number| &scenario.expectations[number].words);
    let words = words.filter(|_| history.exhausted.is_none());
    OutcomeView {
        expected: words.map(|words| fits(words, verdict.outcome)),
        name: verdict.outcome.name(),
        felt: verdict.sentence,
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
            felt: episode.sentence,
        }
    }
}

/// "reads 38 of 40, 3 stale".
fn reads(whole: &Measures) -> Option<Fact> {
    let (tried, answered, stale) = (whole.reads_tried, whole.reads_answered, whole.reads_stale);
    (tried > 0).then(|| counts!("reads", answered, tried, stale))
}
