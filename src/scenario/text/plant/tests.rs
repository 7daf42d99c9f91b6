//! What a text says of its plant, and what it says wrong.

use crate::plant::{Part, Plant, Port, ServerAt, Side};
use crate::scenario::text::parse;

fn text(plant: &str) -> String {
    format!(
        "halflink 1\ntitle \"t\"\nplant {plant}\ncluster c: raft on r1.s1 r2.s1 r3.s1\n\
         timing heartbeat 100ms, election 1s..2s\nseed 1\nrun 9s\n"
    )
}

#[test]
fn a_plant_is_printed_as_what_most_servers_have_and_what_others_have_instead() {
    for (said, printed) in [
        ("3 racks of 2 servers, 4 disks each", "3 racks of 2 servers, 4 disks each"),
        (
            "12 racks of 12 servers, 12 disks each, peer links",
            "12 racks of 12 servers, 12 disks each, peer links",
        ),
        (
            "3 racks of 2 servers, 4 disks each, mlag, bond lacp slow",
            "3 racks of 2 servers, 4 disks each, bond lacp slow, mlag",
        ),
        (
            "3 racks of 2 servers, 4 disks each, peer links, rebuild 90s",
            "3 racks of 2 servers, 4 disks each, rebuild 90s, peer links",
        ),
        (
            "3 racks of 2 servers, 4 disks each, hash layer3+4, bond lacp slow",
            "3 racks of 2 servers, 4 disks each, bond lacp slow, hash layer3+4",
        ),
        ("3 racks of 2 servers, 4 disks each, hash layer2", "3 racks of 2 servers, 4 disks each"),
        (
            "3 racks of 2 servers, 4 disks each, hash layer2+3",
            "3 racks of 2 servers, 4 disks each, hash layer2+3",
        ),
        (
            "3 racks of 2 servers, 4 disks each, single-homed\nserver r1.s2 dual-homed",
            "3 racks of 2 servers, 4 disks each, single-homed a\nserver  r1.s2 dual-homed",
        ),
        (
            "3 racks of 1 server, 2 disks each, peer links, single-corded b, single-homed a\n\
             server r1.s1 single-homed b, single-corded a",
            "3 racks of 1 server, 2 disks each, single-homed a, single-corded b, peer links\n\
             server  r1.s1 single-homed b, single-corded a",
        ),
        (
            "3 racks of 1 server, 2 disks each\nserver r1.s1 single-homed b\n\
             server r2.s1 single-homed b, single-corded",
            "3 racks of 1 server, 2 disks each, single-homed b\n\
             server  r2.s1 single-corded a\nserver  r3.s1 dual-homed",
        ),
    ] {
        let scenario = parse(&text(said)).unwrap_or_else(|wrong| panic!("{said}: {wrong:?}"));
        let told = scenario.to_string();
        assert!(told.contains(&format!("plant   {printed}\ncluster")), "{said}:\n{told}");
        assert_eq!(parse(&told), Ok(scenario), "{said}");
    }
}

#[test]
fn a_plant_that_cannot_be_is_refused_where_it_is_said() {
    let whole = "3 racks of 3 servers, 4 disks each";
    for (said, line, column, words) in [
        ("3 racks of 3 servers, 5 disks each", 3, 29, "2 to 12 disks, an even number"),
        ("3 racks of 3 servers, 14 disks each", 3, 29, "2 to 12 disks"),
        ("13 racks of 3 servers, 4 disks each", 3, 7, "1 to 12 racks"),
        ("3 racks of 0 servers, 4 disks each", 3, 18, "1 to 12 servers"),
        ("WHOLE, triple-homed", 3, 43, "single-homed, dual-homed"),
        ("WHOLE, triple-homed", 3, 43, "peer, mlag, rebuild, bond, hash or wan"),
        ("WHOLE, hash", 3, 47, "layer2, layer2+3 or layer3+4"),
        ("WHOLE, hash layer4", 3, 48, "layer2, layer2+3 or layer3+4"),
        ("WHOLE, hash layer2, hash layer2", 3, 56, "peer, mlag, rebuild, bond or wan"),
        ("WHOLE, bond", 3, 47, "lacp or active-backup"),
        ("WHOLE, bond 802.3ad", 3, 48, "lacp or active-backup"),
        ("WHOLE, bond lacp", 3, 52, "fast or slow"),
        ("WHOLE, bond lacp fast, bond lacp slow", 3, 59, "peer, mlag, rebuild, hash or wan"),
        ("WHOLE, rebuild", 3, 50, "such as 30s"),
        ("WHOLE, rebuild 0s", 3, 51, "a disk is rebuilt in 1ms to 28800s"),
        ("WHOLE, rebuild 2h", 3, 51, "such as 30s"),
        ("WHOLE, rebuild 481m", 3, 51, "a disk is rebuilt in 1ms to 28800s"),
        ("WHOLE, rebuild 1s, rebuild 2s", 3, 55, "peer, mlag, bond, hash or wan"),
        ("WHOLE, wan 10ms", 3, 47, "a WAN link joins two sites"),
        ("WHOLE, wan 20ms", 3, 47, "a WAN link joins two sites"),
        ("WHOLE, peer", 3, 47, "links"),
        ("WHOLE, peer links, peer links", 3, 55, "single-homed"),
        ("WHOLE, bond lacp fast, mlag, peer links", 3, 65, "single-homed"),
        ("WHOLE, mlag", 3, 43, "bond lacp fast, mlag"),
        ("WHOLE, bond active-backup, mlag", 3, 63, "bond lacp fast, mlag"),
        ("WHOLE, single-homed c", 3, 56, "expected"),
        ("WHOLE, dual-homed a", 3, 54, "expected"),
        (
            "WHOLE, single-homed, dual-homed",
            3,
            57,
            "single-corded, dual-corded, peer, mlag, rebuild, bond, hash or wan",
        ),
        ("WHOLE\nserver r4.s1 single-homed", 4, 8, "no r4.s1"),
        ("WHOLE\nserver r1.s4 single-homed", 4, 8, "no r1.s4"),
        ("WHOLE\nserver r1.s1", 4, 13, "single-homed"),
        ("WHOLE\nserver r1.tor-a single-homed", 4, 8, "r1.s1"),
        ("WHOLE\nserver r1.s1 single-homed\nserver r1.s1 single-corded", 5, 8, "on line 4 already"),
        (
            "WHOLE, single-homed\nat 1s fail r1.s1.nic-b",
            4,
            12,
            "no r1.s1.nic-b here: r1.s1 is single-homed a",
        ),
        (
            "WHOLE, single-corded b\nat 1s fail r1.s1.psu-a",
            4,
            12,
            "no r1.s1.psu-a here: r1.s1 is single-corded b",
        ),
        ("WHOLE, single-homed\nat 1s cut r1.s1 -> r1.tor-b", 4, 20, "no cable"),
        ("WHOLE\nat 1s cut r1.tor-a -> r1.tor-b", 4, 23, "no cable"),
        ("WHOLE, peer links\nat 1s cut r1.tor-a -> r2.tor-b", 4, 23, "no cable"),
    ] {
        let wrong = parse(&text(&said.replace("WHOLE", whole))).expect_err(said);
        let found = &wrong[0];
        assert_eq!((wrong.len(), found.line, found.column), (1, line, column), "{said}: {wrong:?}");
        assert!(found.message().contains(words), "{said}: {}", found.message());
    }
}

#[test]
fn a_server_has_the_ports_that_the_text_gives_it() {
    let said = "3 racks of 2 servers, 2 disks each, single-homed b, peer links\n\
                server r2.s2 dual-homed, single-corded a\n\
                at 1s cut r1.tor-a <-> r1.tor-b\nat 2s fail r1.s1.nic-b\nat 3s fail r1.s1.psu-a";
    let plant = Plant::new(parse(&text(said)).expect("a plant").plant);
    let one = ServerAt { rack: 0, slot: 0 };
    let other = ServerAt { rack: 1, slot: 1 };
    for (port, server, sides) in [
        (Port::Nic, one, [false, true]),
        (Port::Supply, one, [true, true]),
        (Port::Nic, other, [true, true]),
        (Port::Supply, other, [true, false]),
    ] {
        for (side, is_there) in Side::BOTH.into_iter().zip(sides) {
            let part = match port {
                Port::Nic => Part::Nic { server, side },
                Port::Supply => Part::Psu { server, side },
            };
            assert_eq!(plant.id(part).is_some(), is_there, "{part}");
        }
    }
}
