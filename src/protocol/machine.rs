//! Which state machine runs a protocol: flavours of one machine differ in rules that it is given.

use super::facts::Family;
use super::{Protocol, Replica};
use super::{generals, hotstuff, multipaxos, omnipaxos, paxos, pbft, raft, tendermint, vr, zab};
#[cfg(feature = "production")]
use super::{omnipaxos_crate, tikv};
use crate::clock::{Micros, Span};
use crate::fault::ReplicaId;

/// What a replica may know of the scenario it is in: its own name and its timing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Its number.
    pub id: ReplicaId,
    /// How many replicas the group has.
    pub replicas: u8,
    /// How many liars the group is set up for: f of n = 3f + 1, or m of the generals.
    pub tolerated: u8,
    /// The leader's sign of life; for protocols in rounds, the length of a round.
    pub heartbeat: Micros,
    /// The range of its election timeout.
    pub election: Span,
}

impl Identity {
    /// More than half of all replicas.
    pub const fn majority(&self) -> u8 {
        self.replicas / 2 + 1
    }

    /// Everyone else, in order.
    pub fn peers(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        let own = self.id;
        (0..self.replicas).map(ReplicaId).filter(move |&replica| replica != own)
    }
}

/// A state machine and the rules that it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Raft of ours.
    Raft(raft::Rules),
    /// The Synod.
    Paxos,
    /// Multi-Paxos.
    Multipaxos(multipaxos::Rules),
    /// Viewstamped Replication.
    Vr(vr::Disks),
    /// Zab.
    Zab,
    /// Omni-Paxos of ours.
    Omnipaxos(omnipaxos::Flavour),
    /// Lamport's generals.
    Generals(generals::Mode),
    /// PBFT.
    Pbft,
    /// Tendermint.
    Tendermint,
    /// `HotStuff`.
    Hotstuff,
    /// The `raft` crate of TiKV, etcd's twin: of the rules, its two switches.
    Tikv(raft::Rules),
    /// The `omnipaxos` crate.
    OmnipaxosCrate,
}

impl Machine {
    /// True for our Raft and the crate that is etcd's twin, with both of etcd's switches on.
    pub const fn asks_before_and_while_it_leads(self) -> bool {
        matches!(
            self,
            Self::Raft(raft::Rules { pre_vote: true, check_quorum: true, .. })
                | Self::Tikv(raft::Rules { pre_vote: true, check_quorum: true, .. })
        )
    }
}

impl Protocol {
    /// A replica that speaks it, not yet started; `None` if this build has not the code.
    pub fn replica(self, identity: Identity) -> Option<Replica> {
        Some(match self.facts().machine {
            Machine::Raft(rules) => Replica::Raft(raft::Raft::new(identity, rules)),
            Machine::Paxos => Replica::Paxos(paxos::Paxos::new(identity)),
            Machine::Multipaxos(rules) => {
                Replica::Multipaxos(multipaxos::Multipaxos::new(identity, rules))
            }
            Machine::Vr(disks) => Replica::Vr(vr::Vr::new(identity, disks)),
            Machine::Zab => Replica::Zab(zab::Zab::new(identity)),
            Machine::Omnipaxos(flavour) => {
                Replica::Omnipaxos(omnipaxos::Omnipaxos::new(identity, flavour))
            }
            Machine::Generals(mode) => Replica::Generals(generals::Generals::new(identity, mode)),
            Machine::Pbft => Replica::Pbft(pbft::Pbft::new(identity)),
            Machine::Tendermint => Replica::Tendermint(tendermint::Tendermint::new(identity)),
            Machine::Hotstuff => Replica::Hotstuff(hotstuff::Hotstuff::new(identity)),
            #[cfg(feature = "production")]
            Machine::Tikv(raft::Rules { pre_vote, check_quorum, .. }) => {
                let switches = tikv::Switches { pre_vote, check_quorum };
                Replica::TikvRaft(tikv::TikvRaft::new(identity, switches))
            }
            #[cfg(feature = "production")]
            Machine::OmnipaxosCrate => {
                Replica::OmnipaxosCrate(omnipaxos_crate::OmnipaxosCrate::new(identity))
            }
            #[cfg(not(feature = "production"))]
            Machine::Tikv(_) | Machine::OmnipaxosCrate => return None,
        })
    }

    /// True if this build has its code.
    pub fn is_here(self) -> bool {
        match self.family() {
            Family::Crash | Family::Byzantine => true,
            Family::Production => cfg!(feature = "production"),
        }
    }
}
