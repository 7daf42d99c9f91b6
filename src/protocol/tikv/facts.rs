//! What is to be known of TiKV's `raft` crate without running it; every build knows it.

use crate::protocol::facts::{Facts, Family, Logs, Needs, Terms};
use crate::protocol::machine::Machine;
use crate::protocol::raft::Rules;

const fn flavour(name: &'static str, rules: Rules, needs: Needs) -> Facts {
    let machine = Machine::Tikv(rules);
    let facts = Facts::crash(name, "crates.io/crates/raft 0.7", machine, &Terms::RAFT, needs);
    Facts { family: Family::Production, logs: Logs::Led, hands_over: true, ..facts }
}

pub(in crate::protocol) const RAFT: Facts = flavour("tikv-raft", Rules::ETCD, Needs::EveryLink);

pub(in crate::protocol) const PREVOTE: Facts = {
    let rules = Rules { pre_vote: true, ..Rules::ETCD };
    flavour("tikv-raft+prevote", rules, Needs::EveryLink)
};

pub(in crate::protocol) const CHECKQUORUM: Facts = {
    let rules = Rules { check_quorum: true, ..Rules::ETCD };
    flavour("tikv-raft+checkquorum", rules, Needs::LeadersLinks)
};

pub(in crate::protocol) const PREVOTE_CHECKQUORUM: Facts = {
    let rules = Rules { pre_vote: true, check_quorum: true, ..Rules::ETCD };
    flavour("tikv-raft+prevote+checkquorum", rules, Needs::LeadersLinks)
};
