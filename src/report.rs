//! A run in figures and words: the JSON of the command line. Native only.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::check::Violation;
use crate::clock::Micros;
use crate::fact::Fact;
use crate::fault::ReplicaId;
use crate::history::History;
use crate::meter::Exhausted;
use crate::outcome::{DatabaseReads, Episode, Measures, Outcome, Requests, Service, Window, judge};
use crate::run::Run;
use crate::scenario::{DatabaseCluster, Scenario};
use crate::service::Failure;
use crate::service::database::{Course, Promotion, Shortfall, Standing};
use crate::view::value_fact;
use crate::words::told;
use crate::world::Group;

/// A finished run. The fields' names are a promise to scripts.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scenario's title.
    pub title: String,
    /// The seed.
    pub seed: u32,
    /// The group's name, where the plant has several: then each has its report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The protocol's name.
    pub protocol: &'static str,
    /// The length of the run.
    pub until_us: u64,
    /// If the run came to a bound before that, and ended there: `null` if not.
    pub exhausted: Option<ExhaustedReport>,
    /// 16 hex digits.
    pub trace_hash: String,
    /// The one word: see [`crate::outcome`].
    pub outcome: Outcome,
    /// What users felt, one sentence.
    pub sentence: String,
    /// The number of the episode that the word is about, from 0.
    pub worst_episode: Option<usize>,
    /// The incidents of the run, in order.
    pub episodes: Vec<EpisodeReport>,
    /// How long a client waits for a write.
    pub patience_us: u64,
    /// Writes committed within the patience; those whose client was still waiting at the end are
    /// neither served nor late nor lost.
    pub writes_served: u64,
    /// Writes committed after it.
    pub writes_late: u64,
    /// Writes not committed.
    pub writes_lost: u64,
    /// Where clients come at a rate: what became of their requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<RequestsReport>,
    /// The database clusters that stand on the group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<DatabaseReport>,
    /// Of the whole run.
    #[serde(flatten)]
    pub whole: Measures,
    /// From the last fault to the first one lifted after it.
    pub window: WindowReport,
    /// Safety properties that broke.
    pub violations: Vec<ViolationReport>,
    /// The replicas at the end.
    pub replicas: Vec<ReplicaReport>,
}

/// An incident of a run.
#[derive(Clone, Debug, Serialize)]
pub struct EpisodeReport {
    /// From.
    pub from_us: u64,
    /// To.
    pub to_us: u64,
    /// The word of its worst damage.
    pub outcome: Outcome,
    /// What users felt, one sentence.
    pub text: String,
}

/// What became of a database cluster: see [`crate::service::database`].
#[derive(Clone, Debug, Serialize)]
pub struct DatabaseReport {
    /// What it is called.
    pub name: String,
    /// Its servers, by the number of the member.
    pub servers: Vec<String>,
    /// In order.
    pub promotions: Vec<Promotion>,
    /// How it stands, from then on.
    pub standings: Vec<Standing>,
    /// Reads of the whole run.
    pub asked: u64,
    /// How many were served.
    pub answered: u64,
    /// How many failed, by cause: "load", "rebuild", "promotion" or "server"; their sum is all that
    /// failed.
    pub failed: BTreeMap<&'static str, u64>,
    /// For how long less was served than came.
    pub short_us: u64,
}

/// What became of requests, in the whole run and over time.
#[derive(Clone, Debug, Serialize)]
pub struct RequestsReport {
    /// Of the whole run.
    #[serde(flatten)]
    pub whole: RequestCounts,
    /// By stretches of whole seconds, up to the last in which one came.
    pub stretches: Vec<RequestCounts>,
}

/// What became of the requests that came in a stretch of a run: see [`Requests`].
#[derive(Clone, Debug, Serialize)]
pub struct RequestCounts {
    /// Since when.
    pub from_us: u64,
    /// How many came.
    pub asked: u32,
    /// How many were answered in time.
    pub answered: u32,
    /// How many failed, by cause: "queue-full", "queue", "retry-storm", "no-leader" or
    /// "not-committed"; their sum is all that failed.
    pub failed: BTreeMap<&'static str, u32>,
    /// How many still waited when the run ended.
    pub waiting: u32,
    /// Half of the answered ones had their answer within that time; `null` if none was.
    pub p50_us: Option<u64>,
    /// 99 of 100 had.
    pub p99_us: Option<u64>,
}

/// A run that has come to a bound on its work: see [`crate::meter`].
#[derive(Clone, Debug, Serialize)]
pub struct ExhaustedReport {
    /// When; nothing that comes after is known.
    pub at_us: u64,
    /// Which bound: "messages", "events", "carried", "under-way", "held" or "beliefs".
    pub bound: &'static str,
    /// "the run ends here, at 47s: more than 30 million messages".
    pub text: String,
}

impl ExhaustedReport {
    fn of(exhausted: Exhausted) -> Self {
        let Exhausted { bound, at } = exhausted;
        let text = told("exhausted", &exhausted.fact());
        Self { at_us: at.0, bound: bound.name(), text }
    }
}

/// A safety property that broke.
#[derive(Clone, Debug, Serialize)]
pub struct ViolationReport {
    /// "election safety".
    pub property: String,
    /// When.
    pub at_us: u64,
    /// What was seen, one sentence.
    pub detail: String,
}

impl ViolationReport {
    fn of(Violation { property, at, detail }: &Violation) -> Self {
        let property = told("property", &property.name());
        Self { property, at_us: at.0, detail: told("violation", detail) }
    }
}

/// What was counted in the window.
#[derive(Clone, Debug, Serialize)]
pub struct WindowReport {
    /// From.
    pub from_us: u64,
    /// To.
    pub to_us: u64,
    /// The same counts, inside it.
    #[serde(flatten)]
    pub inside: Measures,
}

/// A replica at the end of a run.
#[derive(Clone, Debug, Serialize)]
pub struct ReplicaReport {
    /// "n1".
    pub name: String,
    /// True if its process runs.
    pub up: bool,
    /// "follower", "pre-candidate", "candidate", "leader".
    pub role: &'static str,
    /// Its epoch.
    pub epoch: u32,
    /// The name of the one it believes to lead.
    pub leader: Option<String>,
    /// How many entries it knows committed.
    pub commit: u32,
    /// What it is about, in its protocol's words, such as why its process died; none if that says
    /// nothing that its role does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The value it decided on, where one is decided: "attack".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Report {
    /// The figures of a run that has ended, of the first group, whose record that is.
    pub fn of(run: &Run, history: &History) -> Self {
        Self::of_group(run, 0, history)
    }

    /// The same of any group.
    pub fn of_group(run: &Run, number: usize, history: &History) -> Self {
        let group = run.world().group(number);
        let scenario: &Scenario = group.scenario();
        let window = Window::of_faults(scenario).within(history);
        let verdict = judge(scenario, history);
        let service = Service::of(scenario, history);
        Self {
            title: scenario.title.clone(),
            group: (run.world().groups().len() > 1).then(|| scenario.group().name.clone()),
            seed: scenario.group().seed,
            protocol: scenario.group().protocol.name(),
            until_us: scenario.until.0,
            exhausted: history.exhausted.map(ExhaustedReport::of),
            trace_hash: format!("{:016x}", group.trace_hash()),
            outcome: verdict.outcome,
            sentence: felt(&verdict.sentence),
            worst_episode: verdict.worst,
            episodes: verdict.episodes.iter().map(EpisodeReport::of).collect(),
            patience_us: scenario.group().patience().0,
            writes_served: service.served,
            writes_late: service.late,
            writes_lost: service.lost,
            requests: scenario.group().clients.map(|_| RequestsReport::of(scenario, history)),
            databases: databases(scenario, history),
            whole: Window::whole(scenario).told(scenario, history),
            window: WindowReport {
                from_us: window.from.0,
                to_us: window.to.0,
                inside: window.told(scenario, history),
            },
            violations: history.violations.iter().map(ViolationReport::of).collect(),
            replicas: group.replicas().map(|id| ReplicaReport::of(group, id)).collect(),
        }
    }
}

fn databases(scenario: &Scenario, history: &History) -> Vec<DatabaseReport> {
    let end = history.exhausted.map_or(scenario.until, |exhausted| exhausted.at);
    let report = |one: &DatabaseCluster| {
        let course = Course::of(one, history.of_databases(), end);
        let reads = DatabaseReads::of(one, &course, end);
        let failed = Shortfall::ALL.map(|cause| (cause.name(), reads.failed[cause as usize]));
        DatabaseReport {
            name: one.name.clone(),
            servers: one.members.iter().map(|at| scenario.called(0, &at.to_string())).collect(),
            promotions: course.promotions,
            standings: course.standings,
            asked: reads.asked,
            answered: reads.answered,
            failed: failed.into_iter().filter(|(_, count)| *count > 0).collect(),
            short_us: reads.short_us,
        }
    };
    scenario.group().databases.iter().map(report).collect()
}

impl Report {
    /// What stands on the group, in words: each line with what it is about.
    pub fn services(&self) -> Vec<(&str, String)> {
        let requests = self.requests.iter().flat_map(|requests| requests.whole.in_words());
        let requests = requests.map(|words| ("requests", words));
        let databases = self
            .databases
            .iter()
            .flat_map(|one| one.in_words().into_iter().map(|words| (one.name.as_str(), words)));
        requests.chain(databases).collect()
    }
}

impl DatabaseReport {
    /// In words: a line for each promotion, and one for its reads, if anybody reads.
    pub fn in_words(&self) -> Vec<String> {
        let called = |number: u8| self.servers[usize::from(number)].as_str();
        let promoted = |one: &Promotion| {
            let at = Micros(one.at_us).to_string();
            let fact = json!({ "at": at, "from": called(one.from), "to": called(one.to) });
            told("cli.promoted", &fact)
        };
        let mut lines: Vec<String> = self.promotions.iter().map(promoted).collect();
        if lines.is_empty() {
            lines.push(told("cli.not-promoted", &json!({ "primary": called(0) })));
        }
        if self.asked > 0 {
            let short = Micros(self.short_us).to_string();
            let (asked, answered) = (self.asked, self.answered);
            let fact = json!({ "asked": asked, "answered": answered, "short": short });
            let cause = |(kind, count)| told("shortfall", &json!({ "kind": kind, "count": count }));
            let causes = self.failed.iter().map(cause);
            let parts = std::iter::once(told("cli.reads", &fact)).chain(causes);
            lines.push(parts.collect::<Vec<_>>().join(", "));
        }
        lines
    }
}

impl RequestsReport {
    fn of(scenario: &Scenario, history: &History) -> Self {
        let stretches = Requests::by(history, Requests::stretch(scenario.until));
        Self {
            whole: RequestCounts::of(&Requests::of(history)),
            stretches: stretches.iter().map(RequestCounts::of).collect(),
        }
    }
}

impl RequestCounts {
    fn of(requests: &Requests) -> Self {
        let failed =
            Failure::ALL.map(|failure| (failure.name(), requests.failed[failure as usize]));
        Self {
            from_us: requests.from_us,
            asked: requests.asked,
            answered: requests.answered,
            failed: failed.into_iter().filter(|(_, count)| *count > 0).collect(),
            waiting: requests.waiting,
            p50_us: requests.p50_us,
            p99_us: requests.p99_us,
        }
    }

    /// In words: a line, and one for all causes if some failed.
    pub fn in_words(&self) -> Vec<String> {
        let took =
            |micros: Option<u64>| micros.map_or("-".to_owned(), |took| Micros(took).to_string());
        let fact = json!({
            "asked": self.asked,
            "answered": self.answered,
            "waiting": self.waiting,
            "p50": took(self.p50_us),
            "p99": took(self.p99_us),
        });
        let cause = |(kind, count)| told("failure", &json!({ "kind": kind, "count": count }));
        let causes: Vec<String> = self.failed.iter().map(cause).collect();
        let failed = (!causes.is_empty()).then(|| causes.join(", "));
        [told("cli.requests", &fact)].into_iter().chain(failed).collect()
    }
}

impl EpisodeReport {
    fn of(Episode { from, to, outcome, sentence }: &Episode) -> Self {
        Self { from_us: from.0, to_us: to.0, outcome: *outcome, text: felt(sentence) }
    }
}

/// What users felt, in words.
fn felt(sentence: &Fact) -> String {
    told("outcome", sentence)
}

impl ReplicaReport {
    fn of(group: &Group, id: ReplicaId) -> Self {
        let belief = group.replica(id).belief();
        let up = group.belief(id).is_some();
        let protocol = group.scenario().group().protocol;
        Self {
            name: group.scenario().called(0, &id.to_string()),
            up,
            role: belief.role.name(),
            epoch: belief.epoch,
            leader: belief.leader.map(|leader| group.scenario().called(0, &leader.to_string())),
            commit: group.replica(id).commit(),
            phase: group.replica(id).phase().filter(|_| up).map(|phase| told("phase", &phase)),
            value: belief.value.map(|value| told("value", &value_fact(protocol, value))),
        }
    }
}
