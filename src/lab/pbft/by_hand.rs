//! One replica, told this and that by hand.

use super::*;
use crate::fault::Behaviour;
use crate::protocol::{Liar, Tampering};
use crate::words::told;

#[test]
fn quorums_share_an_honest_replica() {
    for (replicas, tolerated, quorum) in [(4, 1, 3), (5, 1, 4), (6, 1, 4), (7, 2, 5), (10, 3, 7)] {
        let mut one = replica(0);
        (one.identity.replicas, one.identity.tolerated) = (replicas, tolerated);
        assert_eq!(one.quorum(), quorum);
        assert!(2 * quorum > replicas + tolerated && quorum <= replicas - tolerated);
    }
}

/// "It has not accepted a pre-prepare message for view v and sequence number n containing a
/// different digest" (4.2); and whoever signs both is known.
#[test]
fn the_second_order_for_a_number_is_refused_and_is_evidence() {
    let mut backup = replica(1);
    let order = |command| Message::PrePrepare { view: 0, sequence: 1, command };
    assert_eq!(hear(&mut backup, 0, order(forge(5))), [], "no client signed that");
    assert_eq!(hear(&mut backup, 2, order(5)), [], "not the primary");
    assert_eq!(hear(&mut backup, 0, order(5)).len(), 3);
    assert_eq!(hear(&mut backup, 0, order(5)), []);
    assert_eq!(backup.evidence, []);
    assert_eq!(hear(&mut backup, 0, order(6)), []);
    let (liar, why) = backup.evidence().pop().expect("n1 signed two orders");
    assert_eq!(
        (liar, told("evidence", &why).as_str()),
        (ReplicaId(0), "signed write 5 and write 6 for sequence 1 of view 0")
    );
    let far = Message::PrePrepare { view: 0, sequence: WINDOW + 1, command: 7 };
    assert_eq!(hear(&mut backup, 0, far), [], "beyond the window");
}

/// The certificate of the highest view decides what a new view orders; what nobody prepared between
/// is a null request (4.4).
#[test]
fn a_new_view_keeps_what_was_prepared() {
    let mut primary = replica(3);
    let from_0 = change(3, &[certificate(0, 1, 7), certificate(1, 3, 8)]);
    let from_1 = change(3, &[certificate(2, 1, 9)]);
    assert_eq!(hear(&mut primary, 0, Message::ViewChange(from_0)), []);
    // f + 1 want view 3 or later, so it joins; and that makes a quorum of three.
    let said = hear(&mut primary, 1, Message::ViewChange(from_1));
    let kinds: Vec<_> = said.iter().map(|(_, message)| message.kind()).collect();
    assert_eq!(kinds[..6], [["view-change"; 3], ["new-view"; 3]].concat());
    let orders: Vec<_> = primary.slots.iter().map(|slot| slot.accepted).collect();
    assert_eq!(orders, [Some(9), Some(0), Some(8)]);
    let mut backup = replica(2);
    let new_view = said.iter().find(|(to, message)| *to == 2 && message.kind() == "new-view");
    let heard = hear(&mut backup, 3, new_view.expect("said to all").1.clone());
    let votes: Vec<_> =
        heard.iter().filter(|(to, _)| *to == 0).map(|(_, said)| said.clone()).collect();
    let vote = |sequence, command| Message::Prepare { view: 3, sequence, command };
    assert_eq!(votes, [vote(1, 9), vote(2, 0), vote(3, 8)]);
}

/// "It sends a view-change message for the smallest view in the set" (4.5.2).
#[test]
fn a_weak_set_is_joined_in_its_smallest_view() {
    let mut backup = replica(0);
    assert_eq!(hear(&mut backup, 1, Message::ViewChange(change(7, &[]))), []);
    assert_eq!(hear(&mut backup, 1, Message::ViewChange(change(9, &[]))), [], "the same liar");
    let said = hear(&mut backup, 2, Message::ViewChange(change(3, &[])));
    let wanted: Vec<_> = said.iter().filter(|(to, _)| *to == 1).collect();
    assert!(matches!(&wanted[..], [(1, Message::ViewChange(own))] if own.view == 3), "{said:?}");
}

/// A NEW-VIEW of too few, of one that signs twice, or with a certificate that the primary did not
/// sign, is nothing.
#[test]
fn a_new_view_is_checked() {
    let unsigned = Certificate { signers: ReplicaSet(0b1110), ..certificate(0, 1, 7) };
    let id = |id| ReplicaId(id);
    let (good, bad) = (change(1, &[]), change(1, &[unsigned]));
    let sets: [Vec<Signed>; 4] = [
        vec![(id(1), good.clone()), (id(2), good.clone())],
        vec![(id(1), good.clone()), (id(2), good.clone()), (id(2), good.clone())],
        vec![(id(1), good.clone()), (id(2), good.clone()), (id(3), bad)],
        vec![(id(1), good.clone()), (id(2), good.clone()), (id(3), change(2, &[]))],
    ];
    for changes in sets {
        let mut backup = replica(0);
        hear(&mut backup, 1, Message::NewView { view: 1, changes: changes.into() });
        assert_eq!(backup.view, 0);
    }
    let mut backup = replica(0);
    let three = [1, 2, 3].map(|from| (id(from), good.clone()));
    hear(&mut backup, 1, Message::NewView { view: 1, changes: three.into() });
    assert_eq!((backup.view, backup.active), (1, true));
}

/// T, then 2T, 4T; and back to T when something is executed.
#[test]
fn each_view_change_waits_twice_as_long() {
    let mut backup = replica(0);
    backup.step(Input::Propose(1), &mut Vec::new());
    let mut waits = Vec::new();
    for view in 1..=3 {
        let mut effects = Vec::new();
        backup.step(Input::Timeout(Timer::Election), &mut effects);
        assert_eq!((backup.view, backup.active), (view, false));
        // Alone it does not go on, however often its timer is made to run out.
        backup.step(Input::Timeout(Timer::Election), &mut Vec::new());
        assert_eq!(backup.view, view);
        for from in [1, 2] {
            let message = Message::ViewChange(change(view, &[]));
            backup.step(Input::Deliver { from: ReplicaId(from), message: &message }, &mut effects);
        }
        waits.extend(effects.iter().filter_map(|effect| match effect {
            Effect::SetTimer { timer: Timer::Election, from, .. } => Some(from.0),
            _ => None,
        }));
    }
    assert_eq!(waits, [500, 1_000, 2_000]);
}

/// What others signed is passed on as it is; a liar can change its own part of its own NEW-VIEW.
#[test]
fn a_liar_signs_for_itself_alone() {
    let changes: Arc<[Signed]> =
        [1, 2, 3].map(|from| (ReplicaId(from), change(1, &[certificate(0, 1, 7)]))).into();
    let said = Message::NewView { view: 1, changes };
    let lie = |id| replica(id).lie(Behaviour::LieAboutLog, ReplicaId(0), Some(&said));
    assert_eq!(lie(2), Tampering::Truth);
    let Tampering::Instead(Message::NewView { changes, .. }) = lie(1) else { panic!("it can lie") };
    let shown: Vec<_> = changes.iter().map(|(_, change)| change.prepared.len()).collect();
    assert_eq!(shown, [0, 1, 1]);
}

/// Nothing that is said makes it fall over or fill memory.
#[test]
fn nonsense_is_survived() {
    let mut rng = Rng::new(1999);
    for id in 0..4 {
        let mut machine = replica(id);
        for _ in 0..large(20_000, 500_000) {
            let from = (u32::from(id) + 1 + rng.below(3)) % 4;
            let message = nonsense(&mut rng);
            hear(&mut machine, from as u8, message);
            if rng.percent(2) {
                machine.step(Input::Timeout(Timer::Election), &mut Vec::new());
                machine.step(Input::Timeout(Timer::Retry), &mut Vec::new());
            }
            assert!(machine.slots.len() <= WINDOW as usize && machine.checkpoints.len() < 64);
            assert!(machine.slots.iter().all(|slot| slot.tallies.len() <= 16));
        }
    }
}

fn nonsense(rng: &mut Rng) -> Message {
    let any = |rng: &mut Rng| match rng.below(8) {
        0 => u32::MAX - rng.below(3),
        1 => FORGED + rng.below(9),
        2 => 16 * rng.below(9),
        _ => rng.below(40),
    };
    let stable = |rng: &mut Rng| {
        if rng.percent(50) {
            return Stable::EMPTY;
        }
        let signers =
            ReplicaSet(rng.below(1 << 16) as u16 & if rng.percent(80) { 15 } else { u16::MAX });
        Stable { sequence: any(rng), digest: u64::from(rng.below(2)), signers }
    };
    let certificate = |rng: &mut Rng| Certificate {
        view: any(rng),
        sequence: any(rng),
        command: any(rng),
        signers: ReplicaSet(rng.below(16) as u16),
    };
    let change = |rng: &mut Rng, view| {
        let stable = stable(rng);
        let prepared = (0..rng.below(3)).map(|_| certificate(rng)).collect();
        Arc::new(Change { view, stable, prepared })
    };
    let (view, sequence, command) = (rng.below(3), any(rng), any(rng));
    match rng.below(9) {
        0 => Message::PrePrepare { view, sequence, command },
        1 => Message::Prepare { view, sequence, command },
        2 => Message::Commit { view, sequence, command },
        3 => Message::Checkpoint { sequence, digest: 1 },
        4 => {
            let view = any(rng);
            Message::ViewChange(change(rng, view))
        }
        5 => {
            let view = any(rng);
            let signed = (0..rng.below(5)).map(|from| (ReplicaId(from as u8), change(rng, view)));
            Message::NewView { view, changes: signed.collect() }
        }
        6 => {
            let requests = (0..rng.below(3)).map(|_| any(rng)).collect();
            let (asks, active) = (rng.percent(50), rng.percent(50));
            let (stable, executed) = (any(rng), any(rng));
            Message::Status(Box::new(Status { view, active, asks, stable, executed, requests }))
        }
        7 => Message::Committed((0..rng.below(4)).map(|_| certificate(rng)).collect()),
        _ => {
            let commands = (0..rng.below(20)).map(|_| any(rng)).collect();
            let stable = stable(rng);
            Message::State(Box::new(Stretch { first: sequence, commands, stable }))
        }
    }
}
