//! A clone is the replica, nonsense ends nothing, and nothing is lost on the wire.

use super::*;
use crate::lab::trial::{assert_clones_alike, assert_safe, heals, pester, size};
use crate::protocol::Protocol;
use crate::rng::Rng;

#[test]
fn a_clone_behaves_like_the_original() {
    for number in 0..40 {
        assert_clones_alike(&mut Rng::new(number), Protocol::OmnipaxosCrate);
    }
}

fn nonsense(rng: &mut Rng) -> Message {
    let mut any = |most| if rng.percent(5) { 2_000_000 + rng.below(3) } else { rng.below(most) };
    let mut ballot = || Ballot { n: any(5), pid: any(4).min(4) as u8 };
    let (n, accepted_in, leader) = (ballot(), ballot(), ballot());
    let (decided, accepted, place) = (any(8), any(8), (any(4), any(6)));
    let entries: Box<[Command]> = (0..any(4).min(3)).collect();
    let sync = Box::new(Sync { kept: any(8), suffix: entries.clone() });
    let happy = any(2) == 0;
    match any(10) {
        0 => Message::Heartbeat { round: any(9) },
        1 => Message::HeartbeatReply { round: any(4), ballot: n, leader, happy },
        2 => Message::PrepareRequest { n },
        3 => Message::Prepare { n, decided, accepted_in, accepted },
        4 => Message::Promise { n, accepted_in, decided, accepted, sync: happy.then_some(sync) },
        5 => Message::AcceptSync { n, place, decided, sync },
        6 => Message::AcceptDecide { n, place, decided, entries },
        7 => Message::Accepted { n, accepted },
        8 => Message::NotAccepted { n },
        _ => Message::Decide { n, place, decided },
    }
}

/// Nonsense at any place of a session.
fn stamped(rng: &mut Rng) -> Stamped {
    let message = nonsense(rng);
    let (session, number) = (rng.below(3), rng.below(8));
    Stamped { stamp: rng.percent(60).then_some(Stamp { session, number }), message }
}

fn identity(id: u8) -> Identity {
    Identity {
        id: ReplicaId(id),
        replicas: 3,
        tolerated: 0,
        heartbeat: Micros(100),
        election: Micros(1_000)..=Micros(1_900),
    }
}

#[test]
fn nonsense_does_not_end_the_process() {
    let mut led = 0;
    for seed in 0..4_000 {
        let mut rng = Rng::new(seed);
        let mut replica = OmnipaxosCrate::new(identity(0));
        let mut effects = Vec::new();
        replica.step(Input::Start, &mut effects);
        for _ in 0..60 {
            pester(&mut replica, &mut rng, stamped);
            led += u32::from(replica.belief().role == Role::Leader);
        }
    }
    println!("led after {led} inputs");
    assert!(led > 1_000);
}

/// The crate hears what the crate said: both ways give the message again.
#[test]
fn nothing_is_lost_on_the_wire() {
    let mut rng = Rng::new(1);
    for _ in 0..2_000 {
        let message = nonsense(&mut rng);
        let wire = message.to_wire(ReplicaId(0), ReplicaId(1));
        let again = Message::from_wire(wire.clone()).expect("a kind that is sent");
        assert_eq!(again, message);
        let wire_again = again.to_wire(ReplicaId(0), ReplicaId(1));
        assert_eq!(format!("{wire_again:?}"), format!("{wire:?}"));
    }
}

/// Random plants and faults break nothing, and once they are over all agree again.
#[test]
fn a_swarm_of_faults_breaks_nothing() {
    assert_safe(Protocol::OmnipaxosCrate, size(100, 10_000));
    // A leader that a majority hears stays, so that few faults part them.
    let parted = heals(Protocol::OmnipaxosCrate, size(50, 3_000));
    assert!(parted > 0, "nothing to recover from");
}
