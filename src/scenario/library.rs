//! The scenarios that come with Halflink. `cargo xtask build` reads their names and order here, too,
//! and puts each text into `pkg/library/`: of all of them the module has the story alone.

use super::Scenario;
use super::text::parse;

/// A shipped scenario.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What the menu's value and the command line call it.
    pub name: &'static str,
    /// Its text, comments included.
    pub text: &'static str,
}

macro_rules! entries {
    ($($name:literal),* $(,)?) => {
        &[$(Entry { name: $name, text: include_str!(concat!("library/", $name, ".halflink")) }),*]
    };
}

/// What the page opens on.
pub const STORY: Entry =
    Entry { name: "cloudflare-2020", text: include_str!("library/cloudflare-2020.halflink") };

/// The families of the menu, each with the first of [`library`] that is of it, and so are those
/// after it up to the next family's. What a family is called is `family-of.KEY` of `words/`.
pub const FAMILIES: [(&str, &str); 7] = [
    ("outage", "cloudflare-2020"),
    ("tours", "tour-outage"),
    ("incidents", "etcd-9563"),
    ("links", "one-way-to-leader"),
    ("plant", "redundancy-saves"),
    ("clients", "metastable"),
    ("liars", "generals-3"),
];

/// What a new text starts from: nothing in it can be left out but its clients and who leads.
pub const SMALLEST: &str = "halflink 1
title   \"New\"
plant   3 racks of 1 server, 2 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    1
write   every 300ms
at 0s   elect n3
run     30s
";

/// All of them, in menu order, [`STORY`] first.
pub const fn library() -> &'static [Entry] {
    entries![
        "cloudflare-2020",
        "tor-fails-whole",
        "cloudflare-etcd-3.4",
        "cloudflare-etcd-3.5",
        "cloudflare-full-day",
        "tour-outage",
        "tour-one-way",
        "tour-howard-abraham",
        "tour-liars",
        "tour-power",
        "tour-whole-day",
        "etcd-9563",
        "c5-2015",
        "deaf-leader",
        "chaos-mesh-4477",
        "mongodb-arbiter",
        "raft-disk-stall",
        "nats-lazy-fsync",
        "resync-storm",
        "fog-creek-2011",
        "cloudflare-2023-power",
        "one-way-to-leader",
        "one-way-from-leader",
        "howard-abraham-1",
        "howard-abraham-2",
        "quorum-loss",
        "constrained",
        "chained",
        "wan-cut",
        "redundancy-saves",
        "rack-power",
        "power-cascade",
        "power-headroom",
        "rack-transfer-switch",
        "battery-and-generator",
        "raid-10",
        "raid-rebuild",
        "lacp",
        "control-plane-dead",
        "mlag-both-primary",
        "layer34-heartbeats",
        "layer34-log",
        "mtu-black-hole",
        "metastable",
        "stale-read",
        "slow-clock",
        "generals-3",
        "generals-4",
        "generals-7",
        "signed-3",
        "pbft-equivocating-primary",
        "tendermint-lock",
        "two-faced-voter",
        "amnesia",
    ]
}

/// The scenario of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    library().iter().find(|entry| entry.name == name)
}

/// That one of the shipped texts which has the most notes of this scenario, at the same times and in
/// the same words, if one has any: for its run they were written.
pub fn original(scenario: &Scenario, shipped: &[&str]) -> Option<Scenario> {
    let notes = &scenario.notes;
    let quoted = |text: &&&str| notes.iter().any(|note| text.contains(&note.text));
    let parsed = shipped.iter().filter(quoted).filter_map(|text| parse(text).ok());
    let shared =
        |shipped: &Scenario| shipped.notes.iter().filter(|note| notes.contains(note)).count();
    let counted = parsed.map(|shipped| (shared(&shipped), shipped));
    let most = counted.reduce(|most, other| if other.0 > most.0 { other } else { most })?;
    (most.0 > 0).then_some(most.1)
}
