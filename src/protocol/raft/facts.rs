//! What is to be known of our flavours of Raft without running them.

use super::Rules;
use crate::protocol::Protocol;
use crate::protocol::facts::{Facts, Logs, Needs, Terms};
use crate::protocol::machine::Machine;

/// Our flavours of Raft in menu order: those of the paper and the thesis, then etcd's.
pub const RAFTS: [Protocol; 10] = [
    Protocol::Raft,
    Protocol::RaftSticky,
    Protocol::RaftPrevote,
    Protocol::RaftPrevoteCheckquorum,
    Protocol::RaftCheckquorum,
    Protocol::RaftStickyCheckquorum,
    Protocol::EtcdRaft,
    Protocol::EtcdRaftPrevote,
    Protocol::EtcdRaftCheckquorum,
    Protocol::EtcdRaftPrevoteCheckquorum,
];

const PAPER: &str = "Ongaro & Ousterhout, extended version, 2014";
const THESIS: &str = "Ongaro, dissertation, 2014";
const HASHICORP: &str = "Ongaro 2014; github.com/hashicorp/raft";
const LIBRARY: &str = "github.com/etcd-io/raft";

const fn flavour(name: &'static str, paper: &'static str, rules: Rules, needs: Needs) -> Facts {
    let facts = Facts::crash(name, paper, Machine::Raft(rules), &Terms::RAFT, needs);
    Facts { logs: Logs::Led, hands_over: true, ..facts }
}

pub(in crate::protocol) const RAFT: Facts = flavour("raft", PAPER, Rules::PAPER, Needs::EveryLink);

pub(in crate::protocol) const STICKY: Facts = {
    let rules = Rules { sticky: true, ..Rules::PAPER };
    flavour("raft+sticky", PAPER, rules, Needs::LeadersLinks)
};

pub(in crate::protocol) const PREVOTE: Facts = {
    let rules = Rules { pre_vote: true, ..Rules::PAPER };
    flavour("raft+prevote", THESIS, rules, Needs::LeadersLinks)
};

pub(in crate::protocol) const CHECKQUORUM: Facts = {
    let rules = Rules { check_quorum: true, ..Rules::PAPER };
    flavour("raft+checkquorum", THESIS, rules, Needs::EveryLink)
};

pub(in crate::protocol) const PREVOTE_CHECKQUORUM: Facts = {
    let rules = Rules { pre_vote: true, check_quorum: true, ..Rules::PAPER };
    flavour("raft+prevote+checkquorum", THESIS, rules, Needs::LeadersLinks)
};

pub(in crate::protocol) const STICKY_CHECKQUORUM: Facts = {
    let rules = Rules { sticky: true, check_quorum: true, ..Rules::PAPER };
    flavour("raft+sticky+checkquorum", HASHICORP, rules, Needs::LeadersLinks)
};

pub(in crate::protocol) const ETCD: Facts =
    flavour("etcd-raft", LIBRARY, Rules::ETCD, Needs::EveryLink);

pub(in crate::protocol) const ETCD_PREVOTE: Facts = {
    let rules = Rules { pre_vote: true, ..Rules::ETCD };
    flavour("etcd-raft+prevote", LIBRARY, rules, Needs::EveryLink)
};

pub(in crate::protocol) const ETCD_CHECKQUORUM: Facts = {
    let rules = Rules { check_quorum: true, ..Rules::ETCD };
    flavour("etcd-raft+checkquorum", LIBRARY, rules, Needs::LeadersLinks)
};

pub(in crate::protocol) const ETCD_PREVOTE_CHECKQUORUM: Facts = {
    let rules = Rules { pre_vote: true, check_quorum: true, ..Rules::ETCD };
    flavour("etcd-raft+prevote+checkquorum", LIBRARY, rules, Needs::LeadersLinks)
};
