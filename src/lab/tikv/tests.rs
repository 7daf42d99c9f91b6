//! A clone is the replica, nonsense does not end the process, and nothing is lost on the wire.

use raft::eraftpb::{self, MessageType};

use super::*;
use crate::lab::trial::{assert_clones_alike, assert_safe, heals, pester, size};
use crate::protocol::Protocol;
use crate::rng::Rng;

const VARIANTS: [Protocol; 4] = [
    Protocol::TikvRaft,
    Protocol::TikvRaftPrevote,
    Protocol::TikvRaftCheckquorum,
    Protocol::TikvRaftPrevoteCheckquorum,
];

#[test]
fn a_clone_behaves_like_the_original() {
    for number in 0..40 {
        let protocol = VARIANTS[number as usize % VARIANTS.len()];
        assert_clones_alike(&mut Rng::new(number), protocol);
    }
}

fn node(id: u8, switches: Switches) -> TikvRaft {
    let identity = Identity {
        id: ReplicaId(id),
        replicas: 3,
        tolerated: 0,
        heartbeat: Micros(100),
        election: Micros(1_000)..=Micros(1_900),
    };
    TikvRaft::new(identity, switches)
}

fn nonsense(rng: &mut Rng) -> Message {
    let term = rng.below(6);
    let mut any = |most| if rng.percent(5) { u32::MAX - rng.below(3) } else { rng.below(most) };
    let (index, log_term, commit, commit_term) = (any(8), any(6), any(8), any(6));
    let count = any(4).min(3) as usize;
    let entries = (0..count).map(|_| Entry { epoch: any(6), command: any(9) }).collect();
    let (reject, reject_hint, pre) = (any(2) == 0, any(8), any(2) == 0);
    match any(7) {
        0 => Message::Vote { term, index, log_term, commit, commit_term, pre, transfer: reject },
        1 => Message::VoteReply { term, reject, commit, commit_term, pre },
        2 => Message::Append { term, index, log_term, commit, entries },
        3 => Message::AppendReply { term, index, reject, reject_hint, log_term, commit },
        4 => Message::Heartbeat { term, commit },
        5 => Message::HeartbeatReply { term, commit },
        _ => Message::TimeoutNow { term },
    }
}

/// Whatever anyone says, the crate either takes it or is stopped before it would panic.
#[test]
fn nonsense_does_not_end_the_process() {
    let (mut died, mut led) = (0, 0);
    for seed in 0..4_000 {
        let mut rng = Rng::new(seed);
        let switches = Switches { pre_vote: rng.percent(50), check_quorum: rng.percent(50) };
        let mut replica = node(0, switches);
        let mut effects = Vec::new();
        replica.step(Input::Start, &mut effects);
        for _ in 0..60 {
            pester(&mut replica, &mut rng, nonsense);
            led += u32::from(replica.belief().role == Role::Leader);
            if replica.died.is_some() {
                died += 1;
                replica.crash();
                replica.step(Input::Start, &mut effects);
            }
        }
    }
    println!("died {died} times, led after {led} inputs");
    assert!(died > 1_000 && led > 1_000);
}

/// The crate hears what the crate said.
#[test]
#[expect(clippy::wildcard_enum_match_arm, reason = "the kinds are listed before")]
fn nothing_is_lost_on_the_wire() {
    let mut rng = Rng::new(1);
    let mut fields = || u64::from(1 + rng.below(1_000));
    for kind in [
        MessageType::MsgRequestVote,
        MessageType::MsgRequestPreVote,
        MessageType::MsgRequestVoteResponse,
        MessageType::MsgRequestPreVoteResponse,
        MessageType::MsgAppend,
        MessageType::MsgAppendResponse,
        MessageType::MsgHeartbeat,
        MessageType::MsgHeartbeatResponse,
    ] {
        let mut said = eraftpb::Message::default();
        said.set_msg_type(kind);
        (said.from, said.to, said.term) = (1, 2, fields());
        match kind {
            MessageType::MsgRequestVote | MessageType::MsgRequestPreVote => {
                (said.index, said.log_term) = (fields(), fields());
                (said.commit, said.commit_term) = (fields(), fields());
                said.context = b"CampaignTransfer"[..].into();
            }
            MessageType::MsgRequestVoteResponse | MessageType::MsgRequestPreVoteResponse => {
                (said.commit, said.commit_term, said.reject) = (fields(), fields(), true);
            }
            MessageType::MsgAppend => {
                (said.index, said.log_term, said.commit) = (fields(), fields(), fields());
                let own = Entry { epoch: 3, command: 7 };
                let noop = Entry { epoch: 4, command: 0 };
                let entries = [own, noop].into_iter().zip(said.index + 1..);
                said.entries = entries.map(|(entry, at)| disk::wire_of(at, entry)).collect();
            }
            MessageType::MsgAppendResponse => {
                (said.index, said.log_term, said.commit) = (fields(), fields(), fields());
                (said.reject, said.reject_hint) = (true, fields());
            }
            _ => said.commit = fields(),
        }
        let message = Message::from_wire(&said).expect("a kind that is sent");
        assert_eq!(message.to_wire(ReplicaId(0), ReplicaId(1)), said);
    }
}

/// Random plants and faults break nothing, and once they are over all agree again.
#[test]
fn a_swarm_of_faults_breaks_nothing() {
    let mut parted = 0;
    for protocol in VARIANTS {
        assert_safe(protocol, size(30, 3_000));
        parted += heals(protocol, size(20, 1_000));
    }
    assert!(parted > 4, "only {parted} had something to recover from");
}
