//! Every message of a run, against a record that keeps them all.

use std::collections::{BTreeMap, BTreeSet};

use halflink::clock::Micros;
use halflink::diagram::{Answer, Arrow, Asked, DRAWN_MAX, Diagram, MESSAGES_MAX, mark};
use halflink::fact::Fact;
use halflink::fault::{Action, ReplicaId, ReplicaSet};
use halflink::network::{Network, Reason, Verdict};
use halflink::protocol::{Message, Protocol};
use halflink::rng::Rng;
use halflink::scenario::text::parse;
use halflink::scenario::{Disk, Scenario, arbitrary};
use halflink::world::{Packet, Sink, World};

use crate::support::size;

/// What left, in order, and what became of it; nothing is left out and nothing is looked up.
#[derive(Default)]
struct All(Vec<Seen>);

#[derive(Clone, Debug)]
struct Seen {
    id: u64,
    group: u8,
    sent: Micros,
    ends: Micros,
    from: ReplicaId,
    to: ReplicaId,
    kind: String,
    died: bool,
    /// By a liar who did not send it.
    withheld: bool,
    words: Option<Fact>,
    /// It is a vote that is given, or says which entries are there.
    says_yes: bool,
}

impl Sink for All {
    fn packet(&mut self, packet: Packet<'_>, _: &Network) {
        let (after, died) = match packet.verdict {
            Verdict::Delivered(after) => (after, None),
            Verdict::Dropped { after, reason, .. } => (after, Some(reason)),
        };
        let (died, withheld) = (died.is_some(), died == Some(Reason::Withheld));
        let Packet { id, group, from, to, sent, message, .. } = packet;
        let (ends, kind, says_yes) = (sent + after, name_of(message), says_yes(message));
        self.0.push(Seen {
            id,
            group,
            sent,
            ends,
            from,
            to,
            kind,
            died,
            withheld,
            words: Some(message.fact()),
            says_yes,
        });
    }

    fn lost(&mut self, id: u64, at: Micros, _: Reason) {
        let seen = self.0.iter_mut().rev().find(|seen| seen.id == id).expect("it left");
        (seen.ends, seen.died) = (at, true);
    }
}

/// What a message is called; one that a heartbeat's number is put on is that heartbeat.
fn name_of(message: &Message) -> String {
    let fact = serde_json::to_value(message.fact()).expect("it is data");
    let named = if fact["kind"] == "counted" { &fact["beat"] } else { &fact };
    named["kind"].as_str().expect("a kind").to_owned()
}

fn says_yes(message: &Message) -> bool {
    let fact = serde_json::to_value(message.fact()).expect("it is data");
    let said = if fact["kind"] == "counted" { &fact["beat"] } else { &fact };
    said["kind"] == "append-have" || said["granted"] == "yes"
}

fn all_of(scenario: &Scenario) -> Vec<Seen> {
    let mut all = All::default();
    let mut world = World::watched(scenario.clone().into(), &mut all.watch());
    while world.step(&mut all).is_some() {}
    all.0
}

fn diagram_of(scenario: &Scenario, group: u8, work: u64) -> Diagram {
    let mut diagram = Diagram::new(scenario.clone().into(), group, scenario.until);
    while !diagram.advance(work) {}
    diagram
}

/// As a diagram tells it, but for its number and the marks that this record does not have.
type Told = (Micros, Micros, ReplicaId, ReplicaId, String, bool);

fn told(diagram: &Diagram, arrow: &Arrow) -> Told {
    let kind = diagram.kinds()[usize::from(arrow.kind)].name.to_owned();
    (arrow.sent, arrow.ends, arrow.from, arrow.to, kind, arrow.marks & mark::DIED != 0)
}

fn anything(from: Micros, to: Micros) -> Asked {
    let mut replicas = ReplicaSet::default();
    (0..15).map(ReplicaId).for_each(|id| replicas.add(id));
    Asked { from, to, replicas, kinds: u64::MAX }
}

/// Up to as many messages as are drawn singly, each is there, whole and in order, and no other.
#[test]
fn each_message_is_drawn_where_there_is_room() {
    let mut most_died = 0;
    for seed in 0..size(40, 1_000) {
        let mut rng = Rng::new(seed);
        let scenario = arbitrary::scenario(&mut rng);
        let all = all_of(&scenario);
        let groups = u32::try_from(scenario.groups.len()).expect("few");
        let group = u8::try_from(rng.below(groups)).expect("few");
        let diagram = diagram_of(&scenario, group, 1 + u64::from(rng.below(5_000)));
        let own: Vec<_> = all.iter().filter(|seen| seen.group == group).collect();
        assert_eq!(diagram.count(), own.len(), "seed {seed}");
        for _ in 0..20 {
            let mut ends = [rng.up_to(scenario.until), rng.up_to(scenario.until)];
            ends.sort();
            let [from, to] = ends;
            let expected: Vec<Told> = own
                .iter()
                .filter(|seen| seen.sent <= to && seen.ends >= from)
                .map(|seen| {
                    (seen.sent, seen.ends, seen.from, seen.to, seen.kind.clone(), seen.died)
                })
                .collect();
            let died = expected.iter().filter(|one| one.5).count();
            most_died = most_died.max(died);
            let asked = anything(from, to);
            let counts = diagram.tally(asked).map(|count| count as usize);
            assert_eq!(counts, [expected.len(), died], "seed {seed} from {from} to {to}");
            let first = diagram.first(asked, 7);
            let first: Vec<_> = first.iter().map(|one| told(&diagram, one)).collect();
            assert_eq!(first, expected[..expected.len().min(7)], "seed {seed}");
            if expected.len() <= DRAWN_MAX {
                let drawn = diagram.drawn(asked);
                let found: Vec<_> = drawn.iter().map(|one| told(&diagram, one)).collect();
                assert_eq!(found, expected, "seed {seed} from {from} to {to}");
            }
        }
    }
    assert!(most_died > 100, "random runs lose messages");
}

/// Where there are too many, a share of each class is drawn: what is rare whole, so that no loss
/// hides; and what is drawn does not grow with what there is.
#[test]
fn what_is_thinned_out_is_a_share_of_its_class() {
    let scenario = busy();
    let (all, diagram) = (all_of(&scenario), diagram_of(&scenario, 0, u64::MAX));
    assert!(all.len() > 4 * DRAWN_MAX, "{} messages are many", all.len());
    let drawn = diagram.drawn(anything(Micros::ZERO, scenario.until));
    assert!(drawn.len() < DRAWN_MAX * 5 / 4, "{} are drawn", drawn.len());
    let mut classes: BTreeMap<_, [usize; 2]> = BTreeMap::new();
    for one in &all {
        classes.entry((one.from, one.to, one.kind.clone(), one.died)).or_default()[0] += 1;
    }
    for arrow in &drawn {
        let (_, _, from, to, kind, died) = told(&diagram, arrow);
        classes.get_mut(&(from, to, kind, died)).expect("it is one of all")[1] += 1;
    }
    let most = DRAWN_MAX / classes.len();
    let (mut whole, mut shares) = (0, 0);
    for (class, [all, drawn]) in classes {
        if all <= most {
            assert_eq!(drawn, all, "{class:?} is rare");
            whole += 1;
        } else {
            assert!(drawn * 4 > most && drawn < most * 3 / 2, "{drawn} of {all}: {class:?}");
            shares += 1;
        }
    }
    assert!(whole > 5 && shares > 5, "{whole} whole, {shares} in part");
    // A closer look shows each of them.
    let close = anything(Micros::from_secs(100), Micros::from_secs(101));
    let [count, _] = diagram.tally(close);
    assert!(count > 50);
    assert_eq!(diagram.drawn(close).len(), count as usize);
}

/// What is drawn of a moment mostly stays when the stretch is moved a little.
#[test]
fn a_stretch_that_moves_does_not_flicker() {
    let scenario = busy();
    let diagram = diagram_of(&scenario, 0, u64::MAX);
    let (wide, step) = (Micros(scenario.until.0 / 2), Micros(scenario.until.0 / 50));
    let drawn = |from: Micros| diagram.drawn(anything(from, from + wide));
    for moved in 0..20 {
        let from = Micros(step.0 * moved);
        let there: BTreeSet<_> = drawn(from + step).iter().map(|arrow| arrow.number).collect();
        let here: Vec<_> = drawn(from).into_iter().filter(|one| one.sent > from + step).collect();
        assert!(here.len() < diagram.count() / 4, "it is thinned out");
        let stay = here.iter().filter(|one| there.contains(&one.number)).count();
        assert!(stay * 10 > here.len() * 7, "{stay} of {} stay", here.len());
    }
}

/// Between some replicas, of one kind; and from one message to the next.
#[test]
fn it_shows_those_that_are_asked_for() {
    let scenario = parse(halflink::scenario::library::STORY.text).expect("it ships");
    let diagram = diagram_of(&scenario, 0, 1_000);
    let mut pair = ReplicaSet::default();
    pair.add(ReplicaId(0));
    pair.add(ReplicaId(2));
    let vote = diagram
        .kinds()
        .iter()
        .position(|kind| kind.name == "request-vote")
        .expect("there are votes");
    let all = anything(Micros::ZERO, scenario.until);
    let asked = Asked { replicas: pair, kinds: 1 << vote, ..all };
    let drawn = diagram.drawn(asked);
    let ends: BTreeSet<_> = drawn.iter().map(|one| (one.from.0, one.to.0)).collect();
    assert!(drawn.iter().all(|one| usize::from(one.kind) == vote));
    assert_eq!(ends, BTreeSet::from([(0, 2), (2, 0)]));
    assert!(drawn.iter().filter(|one| one.marks & mark::DIED != 0).count() > 10);
    // To and fro by what is asked for, and not by anything else.
    let mut forth = Vec::new();
    let mut next = diagram.beside((Micros::ZERO, None), asked, true);
    while let Some(one) = next {
        forth.push(one);
        next = diagram.beside((one.sent, Some(one.number)), asked, true);
    }
    // Each of them, also those that left in one moment, and none twice.
    let later: Vec<_> = drawn.into_iter().filter(|one| one.sent > Micros::ZERO).collect();
    assert_eq!(forth, later);
    for pair in later.windows(2) {
        let [one, other] = [pair[0], pair[1]];
        assert_eq!(diagram.beside((other.sent, Some(other.number)), asked, false), Some(one));
    }
    let last = diagram.beside((scenario.until, None), asked, false).expect("there is one");
    assert_eq!(Some(&last), later.last());
    assert_eq!(diagram.beside((Micros::ZERO, None), asked, false), None);
}

/// Ten minutes of nine servers, with losses.
fn busy() -> Scenario {
    parse(include_str!("../../benches/scenarios/9-ten-minutes.halflink")).expect("it is right")
}

/// Whatever a protocol says has a name for readers.
#[test]
fn every_kind_of_message_has_a_name() {
    let words: serde_json::Value =
        serde_json::from_str(include_str!("../../words/en.late.json")).expect("it is JSON");
    let mut met = BTreeSet::new();
    for (protocol, seed) in
        Protocol::ALL.into_iter().flat_map(|one| (0..size(6, 60)).map(move |seed| (one, seed)))
    {
        let scenario = arbitrary::harsh(&mut Rng::new(seed), protocol);
        let diagram = diagram_of(&scenario, 0, u64::MAX);
        met.extend(diagram.kinds().iter().map(|kind| kind.name));
    }
    let nameless: Vec<_> =
        met.iter().filter(|kind| words.get(format!("kind.{kind}")).is_none()).collect();
    assert!(
        met.len() > 60 && nameless.is_empty(),
        "{} kinds, without a name: {nameless:?}",
        met.len()
    );
    let named = words.as_object().expect("it is an object").keys();
    let never: Vec<_> = named
        .filter_map(|key| key.strip_prefix("kind."))
        .filter(|kind| !met.contains(kind))
        .collect();
    assert!(never.len() < 8, "never met: {never:?}");
}

/// A "no" has its reason, and what has none was a yes: each vote and each append that arrived, held
/// against what was answered at that instant, which the reason knows nothing of.
#[test]
fn every_refusal_is_explained_and_nothing_else() {
    let mut reasons = BTreeMap::new();
    let raft = Protocol::ALL.into_iter().filter(|one| one.to_string().starts_with("raft"));
    let etcd = Protocol::ALL.into_iter().filter(|one| one.to_string().starts_with("etcd"));
    for protocol in raft.chain(etcd) {
        for seed in 0..size(4, 60) {
            let scenario = arbitrary::harsh(&mut Rng::new(seed), protocol);
            let lies = |action: &Action| matches!(action, Action::Betray { .. });
            if scenario.actions.iter().any(|(_, action)| lies(action)) {
                continue;
            }
            let mut scenario = scenario.with(|group| group.disk = Disk::AT_ONCE);
            // Where a server is paused, or its disk is slow, the answer comes later.
            let waits = |action: &Action| {
                let text = action.to_string();
                ["pause", "stall", "slow"].iter().any(|verb| text.starts_with(verb))
            };
            scenario.actions.retain(|(_, action)| !waits(action));
            check_refusals(&scenario, seed, &mut reasons);
        }
    }
    let met: Vec<_> = reasons.keys().copied().collect();
    let all = [
        "behind",
        "leads",
        "voted-itself",
        "hears-leader",
        "no-entry",
        "older-term",
        "other-entry",
        "voted",
    ];
    assert!(all.iter().all(|reason| reasons.contains_key(reason)), "only {met:?} are met");
    assert!(reasons.values().sum::<usize>() > 500, "{reasons:?}");
}

fn check_refusals(scenario: &Scenario, seed: u32, reasons: &mut BTreeMap<&'static str, usize>) {
    let (all, diagram) = (all_of(scenario), diagram_of(scenario, 0, u64::MAX));
    let asks = |kind: &str| matches!(kind, "request-vote" | "pre-vote" | "append-entries");
    let asked = all.iter().enumerate().filter(|(_, one)| !one.died && asks(&one.kind));
    for (number, one) in asked.take(80) {
        // Two that came at once would have their answers mixed up.
        let alone = all.iter().filter(|other| other.to == one.to && other.ends == one.ends);
        if alone.count() != 1 || one.ends > scenario.until {
            continue;
        }
        let answers = all
            .iter()
            .filter(|other| (other.from, other.to, other.sent) == (one.to, one.from, one.ends));
        let answers: Vec<_> = answers.collect();
        let is_answered = !answers.is_empty();
        let is_yes = answers.iter().any(|answer| answer.says_yes);
        let number = u32::try_from(number).expect("few");
        let mut account = diagram.account(number).expect("there is such a message");
        while !account.advance(1_000) {}
        let told = account.told();
        assert_eq!(told.words, one.words, "what it says");
        assert_eq!(told.answer == Answer::Silence, !is_answered, "seed {seed}: {one:?}");
        let said = told.refusal.as_ref().map(|fact| fact.kind);
        let shown = format!("seed {seed}: {one:?}: {said:?}\n{scenario}");
        assert_eq!(said.is_none(), is_yes, "{shown}");
        if let Some(reason) = said {
            *reasons.entry(reason).or_default() += 1;
        }
    }
}

/// What a liar did not send is told from a lie that was sent and got lost.
#[test]
fn what_was_never_sent_is_no_loss_of_the_network() {
    let text = "halflink 1\ntitle \"liars\"\nplant 4 racks of 1 servers, 2 disks each\n\
        cluster c: pbft on r1.s1 r2.s1 r3.s1 r4.s1\n\
        timing heartbeat 100ms, election 1s..2s\nseed 1\nwrite every 300ms\n\
        at 1s traitor n4 silent-to n1\nat 1s traitor n4 equivocate to n2 n3\n\
        at 2s cut n4 -> n2\nrun 20s\n";
    let scenario = parse(text).expect("it is right");
    let (all, diagram) = (all_of(&scenario), diagram_of(&scenario, 0, u64::MAX));
    let arrows = diagram.first(anything(Micros::ZERO, scenario.until), usize::MAX);
    let mut met = BTreeSet::new();
    for (seen, arrow) in all.iter().zip(&arrows) {
        assert_eq!(arrow.marks & mark::WITHHELD != 0, seen.withheld, "{seen:?}");
        met.insert((arrow.marks & mark::LIE != 0, seen.died, seen.withheld));
    }
    assert!(met.contains(&(true, true, true)) && met.contains(&(true, true, false)), "{met:?}");
}

/// A run of more messages than are kept: the first of them, whole up to the moment that is told.
#[test]
fn what_is_too_much_is_cut_off_at_a_moment() {
    let text = "halflink 1\ntitle \"many\"\nplant 5 racks of 3 servers, 2 disks each\n\
        cluster c: raft on r1.s1 r2.s1 r3.s1 r4.s1 r5.s1 r1.s2 r2.s2 r3.s2 r4.s2 r5.s2 \
        r1.s3 r2.s3 r3.s3 r4.s3 r5.s3\n\
        timing heartbeat 1ms, election 1s..2s\nseed 1\nat 0s elect n1\nrun 60s\n";
    let scenario = parse(text).expect("it is right");
    let diagram = diagram_of(&scenario, 0, u64::MAX);
    assert_eq!(diagram.count(), MESSAGES_MAX);
    let known = diagram.known();
    assert!(known > Micros::from_secs(30) && known < scenario.until, "up to {known}");
    let [count, _] = diagram.tally(anything(Micros::ZERO, known));
    assert!(count as usize <= MESSAGES_MAX && count as usize > MESSAGES_MAX - 50, "{count}");
}
