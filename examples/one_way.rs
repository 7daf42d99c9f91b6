//! One direction of one link dies: which protocols go on, and what is the first packet lost?
//!
//! `cargo run --example one_way` prints a line a protocol. It uses the crate as anybody would: a
//! text is parsed and run under several protocols, and a sink watches the packets of each run.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::network::{Network, Verdict};
use halflink::protocol::Protocol;
use halflink::report::Report;
use halflink::run;
use halflink::scenario::Scenario;
use halflink::scenario::text::parse;
use halflink::world::{Packet, Sink, World};

/// n1 does not hear the leader any more, and the leader hears n1 well.
const TEXT: &str = r#"
halflink 1
title   "One direction of one link"
plant   3 racks of 3 servers, 4 disks each
cluster c: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
write   every 300ms
at 0s   elect n3
at 3s   cut n3 -> n1
run     30s
"#;

const PROTOCOLS: [Protocol; 4] =
    [Protocol::Raft, Protocol::RaftPrevoteCheckquorum, Protocol::Zab, Protocol::Omnipaxos];

/// Sees every packet that leaves, and keeps the first one that does not arrive.
#[derive(Default)]
struct FirstLoss(Option<(Micros, ReplicaId, ReplicaId, &'static str)>);

impl Sink for FirstLoss {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        let is_lost = matches!(packet.verdict, Verdict::Dropped { .. });
        if is_lost && self.0.is_none() {
            self.0 = Some((packet.sent, packet.from, packet.to, packet.message.kind()));
        }
    }
}

/// How often somebody was elected in the run of that scenario, and a line about it.
fn told(scenario: Scenario) -> (u64, String) {
    let protocol = scenario.group().protocol;
    let scenario = Arc::new(scenario);
    let (run, history) = run::to_end(Arc::clone(&scenario));
    let report = Report::of(&run, &history);
    assert!(report.violations.is_empty(), "a cut breaks no safety property");

    // The same run once more, event by event; whoever watches does not change it.
    let (mut world, mut loss) = (World::new(scenario), FirstLoss::default());
    while world.step(&mut loss).is_some() {}
    assert_eq!(world.trace_hash(), run.world().trace_hash());

    let (at, from, to, kind) = loss.0.expect("something is lost on a dead link");
    let (outcome, served) = (report.outcome.name(), report.writes_served);
    let elected = report.whole.leader_changes;
    let told = format!(
        "{protocol}: {outcome}, {elected} elected, {served} writes served; first loss: {kind} from \
         {from} to {to} at {at}"
    );
    (elected, told)
}

fn tell_all() -> Vec<(u64, String)> {
    let scenario = parse(TEXT).expect("the text is right");
    let runs = PROTOCOLS.map(|protocol| scenario.clone().with(|group| group.protocol = protocol));
    runs.into_iter().map(told).collect()
}

fn main() {
    for (_, line) in tell_all() {
        println!("{line}");
    }
}

#[test]
fn pre_vote_keeps_the_leader_and_plain_raft_does_not() {
    let elected: Vec<u64> = tell_all().into_iter().map(|(elected, _)| elected).collect();
    assert!(elected[0] > 1 && elected[1] == 1, "{elected:?}");
}
