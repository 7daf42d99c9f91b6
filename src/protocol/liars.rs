//! What the tests of Tendermint and of `HotStuff` put them through: random liars, cuts and restarts.

use std::fmt::Write;
use std::sync::Arc;

use super::Protocol;
use super::mistake::{Mistake, tests::with};
use crate::check::Property;
use crate::clock::Micros;
use crate::fault::{Behaviour, ReplicaId, ReplicaSet};
use crate::history::History;
use crate::outcome::{Outcome, Window};
use crate::rng::Rng;
use crate::run::{Run, to_end};
use crate::scenario::{Scenario, text::parse};

/// A run that has come to its end.
pub(super) struct Trial {
    pub(super) scenario: Arc<Scenario>,
    pub(super) run: Run,
    pub(super) history: History,
}

impl Trial {
    pub(super) fn of(text: &str) -> Self {
        let scenario = parse(text).unwrap_or_else(|wrong| panic!("{wrong:#?}\nin\n{text}"));
        let scenario = Arc::new(scenario);
        let (run, history) = to_end(Arc::clone(&scenario));
        Self { scenario, run, history }
    }

    pub(super) fn outcome(&self) -> Outcome {
        Window::of_faults(&self.scenario).judge(&self.scenario, &self.history)
    }

    /// Writes of that stretch, in milliseconds, that did not commit.
    pub(super) fn lost(&self, from: u64, to: u64) -> usize {
        let within = Micros::from_millis(from)..Micros::from_millis(to);
        let writes = self.history.writes.iter().filter(|write| within.contains(&write.at));
        writes.filter(|write| write.committed.is_none()).count()
    }

    pub(super) fn is_safe(&self) -> bool {
        self.history.violations.is_empty()
    }

    pub(super) fn breaks_agreement(&self) -> bool {
        self.history.violations.iter().any(|one| one.property == Property::Agreement)
    }

    pub(super) fn assert_safe(&self, which: u32) {
        let violations = &self.history.violations;
        assert!(violations.is_empty(), "number {which}: {violations:#?}\n{}", self.scenario);
    }

    /// Whom the loyal have caught.
    pub(super) fn caught(&self) -> ReplicaSet {
        let world = self.run.world();
        let loyal = world.replicas().filter(|&id| world.is_honest(id));
        ReplicaSet(loyal.fold(0, |all, id| all | world.replica(id).belief().caught.0))
    }
}

/// A plain run: so many replicas, a write every 100 ms, and these acts.
pub(super) fn plain(protocol: Protocol, replicas: u8, acts: &str, run: &str) -> String {
    let servers: String = (1..=replicas).map(|rack| format!(" r{rack}.s1")).collect();
    format!(
        "halflink 1\ntitle \"Trial\"\nplant {replicas} racks of 1 servers, 2 disks each\n\
         cluster c: {protocol} on{servers}\ntiming heartbeat 100ms, election 500ms..1s\n\
         seed 7\nwrite every 100ms\n{acts}\nrun {run}\n"
    )
}

/// The same with cuts both ways between that replica and all others.
fn isolate(replica: u8, replicas: u8, at: &str) -> String {
    let others = (1..=replicas).filter(|&other| other != replica);
    others.map(|other| format!("at {at} cut n{replica} <-> n{other}\n")).collect()
}

/// A random run of 12 seconds: so many liars of every kind, one-way cuts and losses, restarts and
/// pauses; all but the lies ends at 8 seconds.
pub(super) fn random(protocol: Protocol, replicas: u8, liars: u8, seed: u32) -> String {
    let mut rng = Rng::new(seed ^ 0x7e4d_0000);
    let mut acts: Vec<(u32, String)> = Vec::new();
    let any = |rng: &mut Rng| 1 + rng.below(u32::from(replicas));
    let first = any(&mut rng);
    for liar in (0..u32::from(liars)).map(|more| (first - 1 + more) % u32::from(replicas) + 1) {
        for _ in 0..1 + rng.below(3) {
            acts.push((
                rng.below(8_000),
                format!("traitor n{liar} {}", deed(&mut rng, protocol, liar)),
            ));
        }
    }
    for _ in 0..rng.below(8) {
        let (from, to) = (any(&mut rng), any(&mut rng));
        let (at, length) = (rng.below(8_000), rng.below(4_000));
        if from == to {
            let stops = [("crash", "restart"), ("pause", "resume")][rng.below(2) as usize];
            acts.push((at, format!("{} r{from}.s1", stops.0)));
            acts.push(((at + length).min(8_000), format!("{} r{from}.s1", stops.1)));
        } else {
            let share = if rng.percent(50) { 100 } else { 20 + rng.below(80) };
            acts.push((at, format!("lose {share}% of n{from} -> n{to}")));
            acts.push(((at + length).min(8_000), format!("heal n{from} -> n{to}")));
        }
    }
    acts.sort_by_key(|(at, _)| *at);
    let mut text = format!(
        "halflink 1\ntitle \"Random\"\nplant {replicas} racks of 1 servers, 2 disks each\n\
         cluster c: {protocol} on"
    );
    (1..=replicas).for_each(|rack| write!(text, " r{rack}.s1").expect("a string takes it"));
    let every = 20 + rng.below(200);
    let jitter = [100, 3_000, 20_000][rng.below(3) as usize];
    write!(
        text,
        "\ntiming heartbeat 30ms, election 100ms..200ms\nnetwork hop 200us, jitter {jitter}us\n\
         seed {seed}\nwrite every {every}ms\n"
    )
    .expect("a string takes it");
    for (at, act) in acts {
        writeln!(text, "at {at}ms {act}").expect("a string takes it");
    }
    text + "run 12s\n"
}

fn deed(rng: &mut Rng, protocol: Protocol, liar: u32) -> String {
    let possible = |behaviour: &Behaviour| protocol.refuses(*behaviour).is_none();
    let behaviours: Vec<_> = Behaviour::ALL.into_iter().filter(possible).collect();
    let behaviour = behaviours[rng.below(behaviours.len() as u32) as usize];
    match behaviour {
        Behaviour::SilentTo => format!("silent-to n{}", liar % 4 + 1),
        Behaviour::Delay => format!("delay {}ms", 1 + rng.below(300)),
        Behaviour::Equivocate
        | Behaviour::DoubleVote
        | Behaviour::ClaimLeadership
        | Behaviour::DenyLeader
        | Behaviour::LieAboutLog
        | Behaviour::Replay => behaviour.name().to_owned(),
    }
}

/// One of four may be cut off and writes go on; with two nothing does.
pub(super) fn assert_one_of_four_may_go(protocol: Protocol) {
    for one in 1..=4 {
        let trial = Trial::of(&plain(protocol, 4, &isolate(one, 4, "2s"), "20s"));
        trial.assert_safe(0);
        assert_eq!(trial.outcome(), Outcome::Parted, "n{one}");
        assert_eq!(trial.lost(0, 17_000), 0, "n{one}");
    }
    let both = isolate(1, 4, "2s") + &isolate(3, 4, "2s");
    let trial = Trial::of(&plain(protocol, 4, &both, "20s"));
    trial.assert_safe(0);
    assert_eq!(trial.outcome(), Outcome::Stalled);
}

/// f liars of n do no harm, and when the links are whole again all writes commit.
pub(super) fn assert_survives(protocol: Protocol, replicas: u8, runs: u32) {
    let liars = (replicas - 1) / 3;
    let (mut commits, mut caught) = (0, 0);
    for seed in 0..runs {
        let text = random(protocol, replicas, liars, seed);
        let trial = Trial::of(&text);
        trial.assert_safe(seed);
        // A write while nobody ran was heard by nobody.
        assert_eq!(trial.lost(8_000, 10_000), 0, "writes are lost, number {seed}\n{text}");
        let again = Trial::of(&text);
        let hash = |trial: &Trial| trial.run.world().trace_hash();
        assert_eq!(hash(&trial), hash(&again), "number {seed}\n{text}");
        commits += trial.history.commits.len();
        caught += usize::from(trial.caught().len());
        let world = trial.run.world();
        let innocent = |id: &ReplicaId| trial.caught().contains(*id) && world.is_honest(*id);
        assert_eq!(world.replicas().find(innocent), None, "number {seed}\n{text}");
    }
    println!("{protocol}, n = {replicas}: {commits} commits, {caught} caught in {runs} runs");
    assert!(commits > 20 * runs as usize && caught > runs as usize / 4);
}

/// The seed of the first of these runs that breaks agreement, if one of so many does.
pub(super) fn first_break(seeds: u32, text_of: impl Fn(u32) -> String) -> Option<u32> {
    (0..seeds).find(|&seed| Trial::of(&text_of(seed)).breaks_agreement())
}

/// The checks find that mistake in 1,000 runs in which as few lie as the protocol stands, and
/// without the mistake they find nothing.
pub(super) fn assert_found(mistake: Mistake, text_of: impl Fn(u32) -> String) {
    let found = with(mistake, || first_break(1_000, &text_of));
    println!("{mistake:?}: found by seed {found:?}");
    let seed = found.expect("a checker that cannot fail is not a checker");
    assert!((0..=seed.max(30)).all(|seed| Trial::of(&text_of(seed)).is_safe()));
}
