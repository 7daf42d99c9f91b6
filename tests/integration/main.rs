//! The core as a whole, natively: what it must show, what it must never do, and its command line.
//!
//! One binary: linking is most of a test's cost. Everything random here has a number, which a
//! failure prints with the scenario's text, so that it can be replayed with `halflink run -`.
//! `HALFLINK_LARGE=1` runs the slow sizes.

mod blast;
mod bonds;
mod cases;
mod captions;
mod catalogue;
mod claims;
mod consequence;
mod control;
mod cli;
mod differential_omnipaxos;
#[cfg(feature = "production")]
mod differential_raft;
mod disks;
mod durability;
mod elect;
mod etcd;
#[cfg(feature = "production")]
mod export;
mod export_history;
mod fault_sets;
mod fuzz;
mod golden;
mod gray;
mod groups;
mod hostile;
mod incidents;
mod impairments;
mod inevitable;
mod language;
mod leader;
mod databases;
#[cfg(feature = "production")]
mod diagram;
mod ledger;
mod library;
mod names;
mod omnipaxos;
mod meter;
mod mlag;
mod old_links;
mod oracle;
mod outcome;
mod power;
mod promises;
mod queue;
mod reads;
mod redundancy;
mod rebuild;
mod repeats;
mod requests;
mod orders;
mod partitions;
mod picture;
mod rounds;
mod sentences;
mod shrink;
mod sites;
mod streams;
mod support;
mod swarm;
#[cfg(feature = "sweep")]
mod sweep;
mod table;
mod tcp;
mod tidy;
mod timeline;
mod tours;
mod traffic;
mod traitors;
mod translations;
mod wiped;
