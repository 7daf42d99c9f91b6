//! What the tests of Tendermint and of `HotStuff` put them through: random liars, cuts and
//! restarts.

use std::fmt::Write;
use std::sync::Arc;

use crate::check::Property;
use crate::clock::Micros;
use crate::fault::{Behaviour, ReplicaId, ReplicaSet};
use crate::history::History;
use crate::network::Network;
use crate::outcome::Outcome;
use crate::protocol::Protocol;
use crate::protocol::mutant::{Mutant, tests::with};
use crate::rng::Rng;
use crate::run::{Run, to_end};
use crate::scenario::{Scenario, text::parse};
use crate::traitor::Instead;
use crate::words::told;
use crate::world::{Packet, Sink, World};

/// A run that has come to its end.
pub(crate) struct Trial {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) run: Run,
    pub(crate) history: History,
}

impl Trial {
    pub(crate) fn of(text: &str) -> Self {
        let scenario = parse(text).unwrap_or_else(|wrong| panic!("{wrong:#?}\nin\n{text}"));
        let scenario = Arc::new(scenario);
        let (run, history) = to_end(Arc::clone(&scenario));
        Self { scenario, run, history }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        crate::outcome::judge(&self.scenario, &self.history).outcome
    }

    /// Writes of that stretch, in milliseconds, that did not commit.
    pub(crate) fn lost(&self, from: u64, to: u64) -> usize {
        let within = Micros::from_millis(from)..Micros::from_millis(to);
        let writes = self.history.writes.iter().filter(|write| within.contains(&write.at));
        writes.filter(|write| write.committed.is_none()).count()
    }

    /// The length of the shortest log.
    pub(crate) fn held_by_all(&self) -> usize {
        let world = self.run.world();
        let held =
            world.group(0).replicas().map(|id| world.group(0).replica(id).commit() as usize).min();
        held.expect("there are replicas")
    }

    pub(crate) fn is_safe(&self) -> bool {
        self.history.violations.is_empty()
    }

    pub(crate) fn breaks_agreement(&self) -> bool {
        self.history.violations.iter().any(|one| one.property == Property::Agreement)
    }

    pub(crate) fn assert_safe(&self, which: u32) {
        let violations = &self.history.violations;
        assert!(violations.is_empty(), "number {which}: {violations:#?}\n{}", self.scenario);
    }

    /// Whom the loyal have caught.
    pub(crate) fn caught(&self) -> ReplicaSet {
        let world = self.run.world();
        let loyal = world.group(0).replicas().filter(|&id| world.group(0).is_honest(id));
        ReplicaSet(loyal.fold(0, |all, id| all | world.group(0).replica(id).belief().caught.0))
    }
}

/// A plain run: so many replicas, a write every 100 ms, and these acts.
pub(crate) fn plain(protocol: Protocol, replicas: u8, actions: &str, run: &str) -> String {
    // One to a rack, as long as there are racks.
    let place = |one: u8| format!(" r{}.s{}", one % 9 + 1, one / 9 + 1);
    let servers: String = (0..replicas).map(place).collect();
    let (racks, slots) = (replicas.min(9), replicas.div_ceil(9));
    format!(
        "halflink 1\ntitle \"Trial\"\nplant {racks} racks of {slots} servers, 2 disks each\n\
         cluster c: {protocol} on{servers}\ntiming heartbeat 100ms, election 500ms..1s\n\
         seed 7\nwrite every 100ms\n{actions}\nrun {run}\n"
    )
}

/// The same with cuts both ways between that replica and all others.
fn isolate(replica: u8, replicas: u8, at: &str) -> String {
    let others = (1..=replicas).filter(|&other| other != replica);
    others.map(|other| format!("at {at} cut n{replica} <-> n{other}\n")).collect()
}

/// A random run of 12 seconds: so many liars of every kind, one-way cuts and losses, restarts and
/// pauses; all but the lies ends at 8 seconds.
pub(crate) fn random(protocol: Protocol, replicas: u8, liars: u8, seed: u32) -> String {
    let mut rng = Rng::new(seed ^ 0x7e4d_0000);
    let mut actions: Vec<(u32, String)> = Vec::new();
    let any = |rng: &mut Rng| 1 + rng.below(u32::from(replicas));
    let first = any(&mut rng);
    for liar in (0..u32::from(liars)).map(|more| (first - 1 + more) % u32::from(replicas) + 1) {
        for _ in 0..1 + rng.below(3) {
            actions.push((
                rng.below(8_000),
                format!("traitor n{liar} {}", byzantine(&mut rng, protocol, liar)),
            ));
        }
    }
    for _ in 0..rng.below(8) {
        let (from, to) = (any(&mut rng), any(&mut rng));
        let (at, length) = (rng.below(8_000), rng.below(4_000));
        if from == to {
            let stops = [("crash", "restart"), ("pause", "resume")][rng.below(2) as usize];
            actions.push((at, format!("{} r{from}.s1", stops.0)));
            actions.push(((at + length).min(8_000), format!("{} r{from}.s1", stops.1)));
        } else {
            let share = if rng.percent(50) { 100 } else { 20 + rng.below(80) };
            actions.push((at, format!("lose {share}% of n{from} -> n{to}")));
            actions.push(((at + length).min(8_000), format!("heal n{from} -> n{to}")));
        }
    }
    actions.sort_by_key(|(at, _)| *at);
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
    for (at, act) in actions {
        writeln!(text, "at {at}ms {act}").expect("a string takes it");
    }
    text + "run 12s\n"
}

/// Something that liar can do, as the text writes it.
pub(crate) fn byzantine(rng: &mut Rng, protocol: Protocol, liar: u32) -> String {
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

/// Random trouble of ten seconds and its end: crashes, pauses and cuts of whatever length, losses,
/// and of the liars and the wiped together as many as the group stands; after that a minute of
/// peace, but for the lies.
fn rough(protocol: Protocol, replicas: u8, liars: u8, seed: u32) -> String {
    let mut rng = Rng::new(seed ^ 0x70a9_0000);
    let mut actions: Vec<(u32, String)> = Vec::new();
    let any = |rng: &mut Rng| 1 + rng.below(u32::from(replicas));
    let first = any(&mut rng);
    let faulty = |more: u32| (first - 1 + more) % u32::from(replicas) + 1;
    for liar in (0..u32::from(liars)).map(faulty) {
        for _ in 0..1 + rng.below(3) {
            let lie = format!("traitor n{liar} {}", byzantine(&mut rng, protocol, liar));
            actions.push((rng.below(10_000), lie));
        }
    }
    for wiped in (u32::from(liars)..u32::from((replicas - 1) / 3)).map(faulty) {
        for _ in 0..rng.below(3) {
            actions.push((rng.below(10_000), format!("wipe r{wiped}.s1")));
        }
    }
    for _ in 0..rng.below(12) {
        let (from, to) = (any(&mut rng), any(&mut rng));
        let at = rng.below(9_900);
        let end = (at + 1 + rng.below(5_000)).min(10_000);
        if from == to {
            let stops = [("crash", "restart"), ("pause", "resume")][rng.below(2) as usize];
            actions.push((at, format!("{} r{from}.s1", stops.0)));
            actions.push((end, format!("{} r{from}.s1", stops.1)));
        } else {
            let share = if rng.percent(50) { 100 } else { 20 + rng.below(80) };
            actions.push((at, format!("lose {share}% of n{from} -> n{to}")));
            actions.push((end, format!("heal n{from} -> n{to}")));
        }
    }
    actions.sort_by_key(|(at, _)| *at);
    let every = [20 + rng.below(80), 100 + rng.below(900), 10_000][rng.below(3) as usize];
    let jitter = [100, 3_000, 20_000, 90_000][rng.below(4) as usize];
    let mut text = plain(protocol, replicas, "", "70s")
        .replace("heartbeat 100ms, election 500ms..1s", "heartbeat 40ms, election 150ms..300ms")
        .replace("seed 7", &format!("network hop 200us, jitter {jitter}us\nseed {seed}"))
        .replace("every 100ms", &format!("every {every}ms"))
        .replace("run 70s\n", "");
    for (at, act) in actions {
        // Off every beat.
        writeln!(text, "at {}us {act}", at * 1_000 + rng.below(1_000)).expect("a string takes it");
    }
    text + "run 72s\n"
}

/// Rough runs: safe, and a minute after the trouble nobody who is honest lacks anything.
pub(crate) fn assert_recovers(protocol: Protocol, with_liars: bool, runs: u32) {
    let (mut commits, mut most) = (0, 0);
    for seed in 0..runs {
        let mut rng = Rng::new(seed ^ 0x3e1d_0000);
        let replicas = (4 + rng.below(4)) as u8;
        let text = rough(protocol, replicas, if with_liars { (replicas - 1) / 3 } else { 0 }, seed);
        let trial = Trial::of(&text);
        trial.assert_safe(seed);
        let (world, writes) = (trial.run.world(), &trial.history.writes);
        assert_eq!(trial.lost(11_000, 60_000), 0, "writes are lost, number {seed}\n{text}");
        let settled = Micros::from_secs(67);
        let old = |at: &Micros| *at < settled;
        let due = writes.iter().filter(|write| write.committed.as_ref().is_some_and(old)).count();
        for id in world.group(0).replicas().filter(|&id| world.group(0).is_honest(id)) {
            let held = world.group(0).replica(id).commit() as usize;
            assert!(held >= due, "{id} holds {held} of {due}, number {seed}\n{text}");
        }
        commits += trial.history.commits.len();
        most = most.max(world.delivered() / 72);
    }
    println!("{protocol}: {commits} commits in {runs} runs, at most {most} messages a second");
    assert!(commits > 100 * runs as usize);
}

/// A replica that comes back with empty disks costs at most twice the messages of one that comes
/// back with what it had.
pub(crate) fn assert_a_wipe_costs_little(protocol: Protocol) {
    for replicas in [4, 7] {
        let delivered = |act: &str| {
            let actions = format!("at 20s crash r2.s1\nat 22s {act} r2.s1\n");
            let trial = Trial::of(&plain(protocol, replicas, &actions, "30s"));
            trial.assert_safe(0);
            assert!(trial.held_by_all() >= 298, "{act}: {}", trial.held_by_all());
            trial.run.world().delivered()
        };
        let before = {
            let trial = Trial::of(&plain(protocol, replicas, "at 20s crash r2.s1\n", "22s"));
            trial.run.world().delivered()
        };
        let (restarted, wiped) = (delivered("restart") - before, delivered("wipe") - before);
        println!("{protocol}, {replicas}: {restarted} after a restart, {wiped} after a wipe");
        assert!(wiped <= 2 * restarted);
    }
}

/// Looks at the lies that take the place of a truth: those told, and those of them about a no-op.
#[derive(Debug, Default)]
struct Lies {
    told: u32,
    of_no_ops: u32,
}

impl Sink for Lies {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        let Some((_, Instead::Said(truth))) = packet.lie else { return };
        // A truth that is late or withheld is told as it is.
        if truth == packet.message {
            return;
        }
        let (lie, said) = (packet.message.fact(), truth.fact());
        let [lie, said] = [lie, said].map(|fact| told("message", &fact));
        assert_ne!(lie, said);
        self.told += 1;
        self.of_no_ops += u32::from(said.contains(" no-op ("));
    }
}

/// A lie and its truth never read alike. How many were about a no-op.
pub(crate) fn assert_lies_show(protocol: Protocol, runs: u32) -> u32 {
    let mut lies = Lies::default();
    for seed in 0..runs {
        let text = random(protocol, 4, 1, seed);
        let mut world = World::new(Arc::new(parse(&text).expect("it is a scenario")));
        while world.step(&mut lies).is_some() {}
    }
    println!("{protocol}: {lies:?} in {runs} runs");
    assert!(lies.told > runs);
    lies.of_no_ops
}

/// One of four may be cut off and writes go on; with two nothing does.
pub(crate) fn assert_one_of_four_may_go(protocol: Protocol) {
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
pub(crate) fn assert_survives(protocol: Protocol, replicas: u8, runs: u32) {
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
        let innocent =
            |id: &ReplicaId| trial.caught().contains(*id) && world.group(0).is_honest(*id);
        assert_eq!(world.group(0).replicas().find(innocent), None, "number {seed}\n{text}");
    }
    println!("{protocol}, n = {replicas}: {commits} commits, {caught} caught in {runs} runs");
    assert!(commits > 20 * runs as usize && caught > runs as usize / 4);
}

/// The seed of the first of these runs that breaks agreement, if one of so many does.
pub(crate) fn first_break(seeds: u32, text_of: impl Fn(u32) -> String) -> Option<u32> {
    (0..seeds).find(|&seed| Trial::of(&text_of(seed)).breaks_agreement())
}

/// The checks find that mistake in 1,000 runs in which as few lie as the protocol stands, and
/// without the mistake they find nothing.
pub(crate) fn assert_found(mutant: Mutant, text_of: impl Fn(u32) -> String) {
    let found = with(mutant, || first_break(1_000, &text_of));
    println!("{mutant:?}: found by seed {found:?}");
    let seed = found.expect("a checker that cannot fail is not a checker");
    assert!((0..=seed.max(30)).all(|seed| Trial::of(&text_of(seed)).is_safe()));
}
