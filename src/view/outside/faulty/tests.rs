use super::View;
use crate::clock::Micros;
use crate::scenario::text::parse;
use crate::timeline::Timeline;
use crate::words::{ENGLISH, Names};

/// What is said at 10 s of a group of so many, each in a rack of its own.
fn said(protocol: &str, replicas: u8, actions: &str) -> Option<String> {
    let members: Vec<_> = (1..=replicas).map(|rack| format!("r{rack}.s1")).collect();
    let text = format!(
        "halflink 1\ntitle \"Faulty\"\nplant {replicas} racks of 1 server, 2 disks each\n\
         cluster c: {protocol} on {}\ntiming heartbeat 250ms, election 1s..2s\nseed 1\n\
         write every 300ms\n{actions}run 11s\n",
        members.join(" ")
    );
    let scenario = parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
    let mut timeline = Timeline::new(scenario);
    let view = View::of(&mut timeline, Micros::from_secs(10), Micros::from_millis(1));
    view.outside.map(|fact| ENGLISH.tell("outside", &fact, &Names::default()))
}

const BYZANTINE: [&str; 3] = ["pbft", "tendermint", "hotstuff"];

/// One of four may fail, in any way, and whoever fails in two ways is one.
#[test]
fn one_of_four_may_fail_in_any_way() {
    for protocol in BYZANTINE {
        for one in [
            "at 5s wipe r2.s1\n",
            "at 5s crash r2.s1\n",
            "at 5s pause r2.s1\n",
            "at 5s fail r2.pdu-a\nat 5s fail r2.pdu-b\n",
            "at 5s fail r2.s1.d1\nat 5s fail r2.s1.d2\n",
            "at 5s traitor n2 equivocate\n",
            "at 5s traitor n2 silent-to n1\nat 6s wipe r2.s1\nat 7s crash r2.s1\n",
            "at 5s crash r2.s1\nat 6s restart r2.s1\nat 7s crash r3.s1\n",
            "at 5s pause r2.s1\nat 6s resume r2.s1\nat 7s traitor n3 equivocate\n",
        ] {
            assert_eq!(said(protocol, 4, one), None, "{protocol}\n{one}");
        }
    }
}

#[test]
fn two_of_four_are_one_too_many_whatever_they_do() {
    let end = "2 faulty replicas, and this group is set up for 1.";
    for protocol in BYZANTINE {
        for (two, who) in [
            ("at 5s traitor n1 silent-to n2 n3 n4\nat 5s crash r2.s1\n", "n1 lies, n2 is down"),
            ("at 5s crash r1.s1\nat 6s crash r2.s1\n", "n1 and n2 are down"),
            (
                "at 5s wipe r1.s1\nat 6s pause r2.s1\n",
                "n1 forgot what it had promised, n2 is paused",
            ),
            ("at 5s wipe r1.s1\nat 6s wipe r4.s1\n", "n1 and n4 forgot what they had promised"),
            (
                "at 5s traitor n1 equivocate\nat 6s loyal n1\nat 7s traitor n2 equivocate\n",
                "n1 and n2 lie",
            ),
            (
                "at 5s traitor n3 equivocate\nat 6s wipe r1.s1\n",
                "n3 lies, n1 forgot what it had promised",
            ),
        ] {
            assert_eq!(said(protocol, 4, two), Some(format!("{who}: {end}")), "{protocol}");
        }
        let three = "at 5s traitor n1 equivocate\nat 5s wipe r2.s1\nat 5s crash r3.s1\n";
        let told = "n1 lies, n2 forgot what it had promised, n3 is down: 3 faulty replicas, and \
                    this group is set up for 2.";
        assert_eq!(said(protocol, 7, three).as_deref(), Some(told));
    }
}

/// Replicas that stop take progress with them, and nothing else; nobody may lie, and nobody forget.
#[test]
fn crash_faults_beyond_a_minority_leave_safety_alone() {
    for protocol in ["raft", "etcd-raft", "paxos", "multipaxos", "zab", "omnipaxos"] {
        assert_eq!(said(protocol, 3, "at 5s crash r1.s1\n"), None);
        assert_eq!(said(protocol, 4, "at 5s crash r1.s1\n"), None);
        let back = "at 5s crash r1.s1\nat 5s crash r2.s1\nat 6s restart r2.s1\n";
        assert_eq!(said(protocol, 3, back), None);
        for replicas in [3, 4] {
            for (actions, how) in [
                ("at 5s crash r1.s1\nat 5s crash r2.s1\n", "down"),
                ("at 5s pause r1.s1\nat 5s fail r2.s1\n", "down or paused"),
                ("at 5s pause r1.s1\nat 5s pause r2.s1\n", "paused"),
            ] {
                let two = format!(
                    "n1 and n2 are {how}, and no majority is left: {protocol} promises no progress \
                     until one is back. What it decided stays safe."
                );
                assert_eq!(said(protocol, replicas, actions), Some(two));
            }
        }
        let wiped = format!("n2 forgot what it had promised; {protocol} relies on its disks.");
        assert_eq!(said(protocol, 3, "at 5s wipe r2.s1\n"), Some(wiped));
        let liar = format!("n2 lies, and {protocol} assumes that nobody does.");
        assert_eq!(said(protocol, 3, "at 5s traitor n2 equivocate\n"), Some(liar));
    }
}
