//! Omni-Paxos: facts.md 5.1 (column OP, measured with the crate), Table 1 of the paper, and its
//! promise of at most four election timeouts without progress.
//!
//! As in the table a tick is 100 ms and a round 10 ticks. What differs: writes that reach no leader
//! fail here, and are forwarded and kept there; rounds need not begin in step; and the paper's
//! election moves the leader where the crate's leaves it.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use halflink::outcome::Outcome;
use halflink::protocol::Protocol;
use halflink::protocol::Protocol::{Omnipaxos, OmnipaxosHappy};

use crate::support::{Finished, run_to_end, scenario, secs, size};

/// Writes tried from the fault to the end: every 300 ms for 200 s.
const TRIED: u64 = 667;

/// A round: the least election timeout.
const ROUND_US: u64 = 1_000_000;

const FLAVOURS: [Protocol; 2] = [Omnipaxos, OmnipaxosHappy];

/// A fault, and what the two elections make of it: how often the leader changes, and how many
/// writes may be lost.
struct Row {
    name: &'static str,
    replicas: u32,
    leader: &'static str,
    faults: &'static [&'static str],
    paper: (RangeInclusive<u64>, u64),
    crates: (RangeInclusive<u64>, u64),
}

const ROWS: [Row; 9] = [
    Row {
        name: "A, chained: 1 <-> 3 cut, 3 leads",
        replicas: 3,
        leader: "n3",
        faults: &["cut n1 <-> n3"],
        paper: (1..=1, 0),
        crates: (0..=0, 0), // 667
    },
    Row {
        name: "B: 3 -> 1 cut, 3 leads",
        replicas: 3,
        leader: "n3",
        faults: &["cut n3 -> n1"],
        // n3 promises n1 its ballot, cannot ask it for heartbeats, and takes over again.
        paper: (2..=2, 0),
        crates: (0..=0, 0), // 667
    },
    Row {
        name: "C: 1 -> 3 cut, 3 leads",
        replicas: 3,
        leader: "n3",
        faults: &["cut n1 -> n3"],
        paper: (1..=1, 0),
        crates: (0..=0, 0), // 667
    },
    Row {
        name: "G: the leader sends and hears nothing",
        replicas: 3,
        leader: "n3",
        faults: &["cut n1 -> n3", "cut n2 -> n3"],
        paper: (1..=2, 12),
        crates: (1..=2, 12), // 668
    },
    Row {
        name: "J: Howard and Abraham 1",
        replicas: 5,
        leader: "n3",
        faults: &[
            "cut n1 <-> n4",
            "cut n1 <-> n5",
            "cut n2 <-> n5",
            "cut n3 <-> n4",
            "cut n4 <-> n5",
        ],
        paper: (0..=0, 0),
        crates: (0..=0, 0), // 667
    },
    Row {
        name: "K: Howard and Abraham 2",
        replicas: 5,
        leader: "n4",
        faults: &["crash r5.s1", "cut n1 <-> n4", "cut n3 <-> n4"],
        paper: (1..=2, 0),
        crates: (1..=2, 0), // 667
    },
    Row {
        name: "L, quorum-loss: only the hub n1 hears everyone",
        replicas: 5,
        leader: "n3",
        faults: &[
            "cut n2 <-> n3",
            "cut n2 <-> n4",
            "cut n2 <-> n5",
            "cut n3 <-> n4",
            "cut n3 <-> n5",
            "cut n4 <-> n5",
        ],
        paper: (1..=1, 1),
        crates: (1..=1, 0), // 667
    },
    Row {
        name: "M, constrained: the only one connected has a short log",
        replicas: 5,
        leader: "n3",
        faults: &[
            "cut n2 <-> n3",
            "cut n3 <-> n4",
            "cut n3 <-> n5",
            "cut n2 <-> n4",
            "cut n2 <-> n5",
            "cut n4 <-> n5",
        ],
        paper: (1..=1, 14),
        crates: (1..=1, 14), // 661
    },
    Row {
        name: "the leader's server stops",
        replicas: 5,
        leader: "n5",
        faults: &["crash r5.s1"],
        // All may raise their ballots to one number, one after the other; its greatest owner leads.
        paper: (1..=4, 14),
        crates: (1..=4, 14),
    },
];

impl Row {
    /// A leader first, the fault at 3 s, and 200 rounds. Before the constrained election n1 is cut
    /// from its leader for long enough to miss a write, and not for a whole round.
    fn text(&self, protocol: Protocol, longest: &str, seed: u32) -> String {
        let servers: Vec<_> = (1..=self.replicas).map(|rack| format!("r{rack}.s1")).collect();
        let mut text = format!(
            "halflink 1\ntitle \"{}\"\nplant {} racks of 1 server, 2 disks each\n\
             cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..{longest}\n\
             seed {seed}\nwrite every 300ms\nat 0s elect {}\n",
            self.name,
            self.replicas,
            servers.join(" "),
            self.leader,
        );
        if self.name.starts_with('M') {
            text += "at 2.5s cut n1 <-> n3\n";
        }
        for fault in self.faults {
            writeln!(text, "at 3s {fault}").expect("a string takes everything");
        }
        text + "run 203s\n"
    }

    /// Runs every seed; says what the first run outside of the bounds was.
    ///
    /// With rounds in step, progress stops for at most four of them. If they are not, one more may
    /// pass until the others hear that a leader has lost its majority.
    fn check(&self, protocol: Protocol, longest: &str, wrong: &mut Vec<String>) {
        let rounds = if longest == "1s" { 4 } else { 5 };
        let (changes, lost) = if protocol == Omnipaxos { &self.paper } else { &self.crates };
        let mut found = Vec::new();
        for seed in 1..=size(20, 200) {
            let text = self.text(protocol, longest, seed);
            let run = run_to_end(scenario(&text));
            run.assert_safe(self.name);
            let measures = run.measures();
            assert_eq!(measures.writes_tried, TRIED, "{}", self.name);
            let missing = TRIED - measures.writes_committed;
            let held = changes.contains(&measures.leader_changes)
                && missing <= *lost
                && measures.longest_stall_us <= rounds * ROUND_US
                && goes_on(&run);
            if !held && wrong.len() < 5 {
                wrong.push(format!("{protocol}, {:?}\n{text}", measures));
            }
            found.push((measures.leader_changes, missing, measures.longest_stall_us / 1_000));
        }
        let all = |of: fn(&(u64, u64, u64)) -> u64| {
            let figures = || found.iter().map(of);
            format!("{}..{}", figures().min().unwrap_or(0), figures().max().unwrap_or(0))
        };
        println!(
            "{}, {protocol} {longest}: leader changes {}, writes lost {}, longest stall {} ms",
            self.name,
            all(|figures| figures.0),
            all(|figures| figures.1),
            all(|figures| figures.2)
        );
    }
}

/// Stable progress: after the first seven rounds every write commits, under one leader.
fn goes_on(run: &Finished) -> bool {
    let (from, to) = (secs(10), secs(202));
    let mut late = run.history.writes.iter().filter(|write| from <= write.at && write.at < to);
    late.all(|write| write.committed.is_some())
        && run.history.elections.iter().all(|won| won.at < from)
        && matches!(run.outcome(), Outcome::Stable | Outcome::Parted)
}

#[test]
fn it_recovers_from_every_partial_cut_within_its_timeouts() {
    let mut wrong = Vec::new();
    for row in &ROWS {
        for protocol in FLAVOURS {
            row.check(protocol, "1s", &mut wrong);
            row.check(protocol, "1.9s", &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
