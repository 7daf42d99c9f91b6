//! The incidents that are shipped: what is documented of each, as inequalities over seeds, and
//! which line of the text makes the difference.

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::history::before;
use halflink::outcome::{Outcome, Service};
use halflink::protocol::{Protocol, Role};
use halflink::report::Report;
use halflink::scenario::Scenario;
use halflink::scenario::library::find;

use crate::support::{Finished, run_to_end, scenario, secs, size, variant};

const N1: ReplicaId = ReplicaId(0);
const N2: ReplicaId = ReplicaId(1);
const N3: ReplicaId = ReplicaId(2);

fn text(name: &str) -> &'static str {
    find(name).unwrap_or_else(|| panic!("no scenario is called {name}")).text
}

/// A shipped text with lines changed.
fn changed(name: &str, changes: &[(&str, &str)]) -> Scenario {
    let changed = changes.iter().fold(text(name).to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{name}: {old}");
        text.replace(old, new)
    });
    scenario(&changed)
}

/// Runs with the shipped seed and those after it, and under its own protocol or another.
fn runs(of: Scenario, protocol: Option<Protocol>) -> impl Iterator<Item = Finished> {
    let (own, seed) = (of.group().protocol, of.group().seed);
    let protocol = protocol.unwrap_or(own);
    (0..size(20, 200)).map(move |more| {
        let finished = run_to_end(variant(&of, protocol, seed + more));
        finished.assert_safe(of.title.as_str());
        finished
    })
}

fn shipped(name: &str, protocol: Option<Protocol>) -> impl Iterator<Item = Finished> {
    runs(scenario(text(name)), protocol)
}

/// How often a leader was elected within a stretch of time.
fn elected(finished: &Finished, from: Micros, to: Micros) -> usize {
    let elections = finished.history.elections.iter();
    elections.filter(|won| from <= won.at && won.at < to).count()
}

fn share(finished: &Finished) -> u64 {
    let service = Service::of(&finished.scenario, &finished.history);
    service.share().expect("clients write")
}

/// "Reelection is happening every few seconds": of 52 s each leader has at most 15 on average.
#[test]
fn a_broken_follower_of_etcd_causes_one_election_after_another() {
    let (from, to) = (secs(8), secs(60));
    for finished in shipped("etcd-9563", None) {
        let count = elected(&finished, from, to);
        assert!((3..=20).contains(&count), "{count} elections\n{}", finished.scenario);
        // Whoever leads, the broken follower does not.
        let led = finished.history.elections.iter().filter(|won| won.at > secs(3));
        assert!(led.take_while(|won| won.at < to).all(|won| won.leader != N1));
        assert!(share(&finished) < 95, "{}", finished.scenario);
    }
    // The note at 60 s.
    for finished in shipped("etcd-9563", Some(Protocol::EtcdRaftPrevoteCheckquorum)) {
        assert_eq!(elected(&finished, secs(3), secs(75)), 0, "{}", finished.scenario);
        assert_eq!(finished.measures().epochs, 0, "{}", finished.scenario);
        assert_eq!(share(&finished), 100, "{}", finished.scenario);
    }
    // The comment: what gets in makes the difference, for voters who hear a leader ignore the rest.
    let changes = [("lose 95% of n2", "lose 100% of n2"), ("lose 95% of n3", "lose 100% of n3")];
    for finished in runs(changed("etcd-9563", &changes), None) {
        assert_eq!(elected(&finished, from, to), 0, "{}", finished.scenario);
    }
}

/// "Incrementing its term and initiating elections endlessly": a new term in every four seconds at
/// least, to the end, and the others disturbed by it.
#[test]
fn a_follower_that_hears_nobody_inflates_terms() {
    let (from, to) = (secs(6), secs(45));
    let terms = |finished: &Finished| {
        let inside = |at: Micros| from <= at && at < to;
        let epochs = finished.history.epochs.iter();
        epochs.filter(|(at, _)| inside(*at)).map(|(at, _)| *at).collect::<Vec<_>>()
    };
    let own = |finished: &Finished| {
        let deaf = before(&finished.history.beliefs[N1.index()], to).flatten();
        deaf.expect("n1 runs").epoch
    };
    for finished in shipped("c5-2015", None) {
        let terms = terms(&finished);
        assert!(terms.len() > 15, "{terms:?}\n{}", finished.scenario);
        let longest = terms.windows(2).map(|pair| pair[1].since(pair[0])).max();
        assert!(longest < Some(secs(5)), "{longest:?}\n{}", finished.scenario);
        let count = elected(&finished, from, to);
        assert!(count > 6, "{count} elections\n{}", finished.scenario);
    }
    // Where who asks is ignored, its term climbs alone; with pre-vote it does not climb.
    for finished in shipped("c5-2015", Some(Protocol::RaftSticky)) {
        assert_eq!(elected(&finished, from, to), 0, "{}", finished.scenario);
        assert!(own(&finished) > 10, "{}", finished.scenario);
        assert_eq!(finished.measures().writes_committed, finished.measures().writes_tried);
    }
    for finished in shipped("c5-2015", Some(Protocol::RaftPrevote)) {
        assert_eq!((elected(&finished, from, to), own(&finished)), (0, 1), "{}", finished.scenario);
    }
}

/// Leadership does not settle, and the arbiter never stands; if it may, it leads and all settles.
#[test]
fn an_arbiter_that_cannot_lead_lets_leadership_flap() {
    let (from, to) = (secs(5), secs(90));
    let stood = |finished: &Finished| {
        let beliefs = finished.history.beliefs[N3.index()].iter().filter_map(|(_, held)| *held);
        beliefs.filter(|held| held.role != Role::Follower).count()
    };
    for finished in shipped("mongodb-arbiter", None) {
        let text = &finished.scenario;
        let count = elected(&finished, from, to);
        assert!(count > 15, "{count} elections\n{text}");
        assert_eq!(stood(&finished), 0, "{text}");
        // "It gets none": n1 comes back each time, so long as n2 lacks writes.
        let won = finished.history.elections.iter().filter(|won| won.at < to);
        assert!(won.clone().all(|won| won.leader == N1), "{text}");
        let share = share(&finished);
        assert!((50..80).contains(&share), "{share} %\n{text}");
        // The last caption.
        let last = before(&finished.history.led, secs(120));
        assert_eq!(last, Some(Some(N1)), "{text}");
    }
    for finished in shipped("mongodb-arbiter", Some(Protocol::RaftPrevote)) {
        assert_eq!(elected(&finished, secs(1), to), 0, "{}", finished.scenario);
        assert_eq!(share(&finished), 100, "{}", finished.scenario);
    }
    for finished in runs(changed("mongodb-arbiter", &[("timing  n3", "# ")]), None) {
        let won = finished.history.elections.last().expect("somebody leads");
        assert_eq!(won.leader, N3, "{}", finished.scenario);
        assert!(won.at < secs(60) && stood(&finished) > 0, "{}", finished.scenario);
        assert_ne!(finished.outcome(), Outcome::Flapping, "{}", finished.scenario);
    }
}

/// The same scenario as the story, but for how the switch fails, and what lifts that.
#[test]
fn a_switch_that_fails_whole_is_the_story_with_one_fault_changed() {
    let story =
        [("gray r1.tor-a drops n1 <-> n3", "fail r1.tor-a"), ("heal r1.tor-a", "restore r1.tor-a")];
    let (mut story, mut whole) =
        (changed("cloudflare-2020", &story), scenario(text("tor-fails-whole")));
    for one in [&mut story, &mut whole] {
        one.title = String::new();
        one.notes.clear();
        one.expectations.clear();
    }
    assert_eq!(story, whole);
    for protocol in [None, Some(Protocol::EtcdRaft), Some(Protocol::EtcdRaftCheckquorum)] {
        for finished in shipped("tor-fails-whole", protocol) {
            assert_eq!(elected(&finished, secs(1), secs(400)), 0, "{}", finished.scenario);
            assert_eq!(share(&finished), 100, "{}", finished.scenario);
        }
    }
}

/// Each caption says what saved it: nobody elects before the leader's server fails, and then once.
#[test]
fn one_thing_at_a_time_costs_a_leader_only_with_its_server() {
    for finished in shipped("redundancy-saves", None) {
        let text = &finished.scenario;
        let won: Vec<_> =
            finished.history.elections.iter().filter(|won| won.at > secs(1)).collect();
        let [one] = won[..] else { panic!("{won:?}\n{text}") };
        assert!((secs(52)..secs(57)).contains(&one.at) && one.leader != N3, "{won:?}\n{text}");
        let lost = finished.history.writes.iter().filter(|write| write.committed.is_none());
        assert!(lost.clone().all(|write| write.at >= secs(51)), "{text}");
        assert!(lost.count() < 20, "{text}");
        assert_eq!(finished.outcome(), Outcome::Stable, "{text}");
    }
    // What saves is the other one: fail both, and the leader is gone.
    let both = [(
        "at 24s  fail r3.pdu-a for 5s",
        "at 24s  fail r3.pdu-a for 5s\nat 24s fail r3.pdu-b for 5s",
    )];
    for finished in runs(changed("redundancy-saves", &both), None) {
        assert_eq!(elected(&finished, secs(24), secs(31)), 1, "{}", finished.scenario);
    }
}

fn report(finished: &Finished) -> Report {
    Report::of(&finished.run, &finished.history)
}

/// A minute without network, and forty of too few reads; one member that copies costs none.
#[test]
fn all_replicas_that_copy_at_once_starve_readers() {
    for finished in shipped("resync-storm", None) {
        let [balances] = &report(&finished).databases[..] else { panic!("one database") };
        let [one] = balances.promotions[..] else { panic!("{:?}", balances.promotions) };
        assert_eq!((balances.servers[usize::from(one.to)].as_str(), one.from), ("r2.s2", 0));
        assert!((40..45).contains(&(one.at_us / 1_000_000)), "{one:?}");
        assert_eq!(balances.short_us / 1_000_000, 2_400);
        // 150 of 400 reads, as long as that lasts.
        assert_eq!(balances.failed["rebuild"], 250 * 2_400);
        let copying = balances.standings.iter().find(|one| one.rebuilding == 4);
        assert!(copying.is_some_and(|one| one.serving == 1), "{:?}", balances.standings);
    }
    for (old, new) in [("rebuild all", "rebuild"), ("lease 30s", "lease 90s")] {
        let finished = run_to_end(changed("resync-storm", &[(old, new)]));
        assert_eq!(report(&finished).databases[0].short_us, 0, "{new}");
    }
}

/// 11:44 and 17:57, where 0s is 11:39:57, and what was built to go on without the site did.
#[test]
fn a_site_without_power_takes_its_panel_and_not_the_group() {
    let clock = |hours: u64, minutes: u64| secs(hours * 3_600 + minutes * 60 - 41_997);
    let within = |at: Micros, clock: Micros| clock <= at && at < Micros(clock.0 + 60_000_000);
    for finished in shipped("cloudflare-2023-power", None) {
        let text = &finished.scenario;
        let stopped = finished.history.beliefs[N1.index()].iter().find(|(_, held)| held.is_none());
        let (stopped, _) = stopped.expect("it loses its power");
        assert!(within(*stopped, clock(11, 44)), "{stopped:?}\n{text}");
        let led = before(&finished.history.led, secs(300)).flatten();
        assert!(led == Some(N2) || led == Some(N3), "{led:?}\n{text}");
        assert!(share(&finished) >= 99, "{text}");
        let [panel] = &report(&finished).databases[..] else { panic!("one database") };
        let [one] = panel.promotions[..] else { panic!("{:?}", panel.promotions) };
        assert!(within(Micros(one.at_us), clock(17, 57)), "{one:?}\n{text}");
        assert_eq!(panel.servers[usize::from(one.to)], "r3.s1");
        let without = panel.standings.iter().find(|one| one.primary.is_none());
        assert!(without.is_some_and(|one| one.from_us < 310_000_000), "{:?}", panel.standings);
    }
    // With one generator left the site has power throughout: two feeds, and a spare for one.
    let left = [("at 3s    fail site1.generator-b", "")];
    for finished in runs(changed("cloudflare-2023-power", &left), None).take(3) {
        assert_eq!(elected(&finished, secs(1), secs(22_740)), 0, "{}", finished.scenario);
        assert!(report(&finished).databases[0].promotions.is_empty());
    }
}
