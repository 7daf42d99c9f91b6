//! Links are kept for ever: those of format 1 that the first version of the engine made.
//!
//! `tes../links/format-1.txt` has every scenario that was shipped then, and 30 random ones in which
//! everything that a text can say is said. The file is never rewritten: what a link says must not
//! change, whatever becomes of the engine. That the same scenario runs otherwise now is no secret.

use halflink::scenario::link::{Recorded, decode, encode};

use crate::support::scenario;

const LINKS: &str = include_str!("../links/format-1.txt");

/// Name, link and text of each.
pub(crate) fn links() -> Vec<(&'static str, &'static str, &'static str)> {
    let pieces = LINKS.split("== ").skip(1);
    let parts = pieces.map(|piece| {
        let (name, rest) = piece.split_once('\n').expect("a name has a line");
        let (link, text) = rest.split_once('\n').expect("a link has a line");
        (name, link, text)
    });
    parts.collect()
}

#[test]
fn old_links_say_what_they_said() {
    let links = links();
    let random = links.iter().filter(|(name, ..)| name.starts_with("random-")).count();
    assert_eq!((links.len(), random), (52, 30));
    for (name, link, text) in links {
        let recorded = decode(link).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        assert_eq!(recorded.scenario.to_string(), text, "{name}");
        assert_eq!(recorded.scenario, scenario(text), "{name}");
        // Whoever made it, and that it is not what the engine is now.
        assert_eq!(recorded.semantics, 1, "{name}");
        assert!(recorded.semantics < halflink::SEMANTICS, "{name}");
        // Sent on, it is a link of today: same scenario, another engine.
        let again = decode(&encode(&recorded.text, None)).expect("it was just encoded");
        let semantics = halflink::SEMANTICS;
        assert_eq!(again, Recorded { semantics, trace_hash: None, ..recorded }, "{name}");
    }
}

/// On the command line an old link runs, and says so.
#[test]
fn an_old_link_says_who_made_it() {
    let (_, link, _) = links()[0];
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_halflink"));
    let output = command.args(["run", link]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let same = decode(link).is_ok_and(|recorded| {
        let (run, _) = halflink::run::to_end(recorded.scenario.into());
        recorded.trace_hash.is_some_and(|hash| hash.fits(run.world().trace_hash()))
    });
    let differs = said.contains("the link was made by engine version 1, this is version 2");
    assert!(same != differs, "{said}");
}

/// Every verb and every behaviour is in one of the links.
#[test]
fn old_links_say_everything_that_can_be_said() {
    let verbs = [
        "cut",
        "lose",
        "heal",
        "gray",
        "fail",
        "restore",
        "crash",
        "restart",
        "pause",
        "resume",
        "elect",
        "traitor",
        "loyal",
        "wipe",
        "transfer",
        "order",
        "equivocate",
        "double-vote",
        "claim-leadership",
        "deny-leader",
        "lie-about-log",
        "silent-to",
        "replay",
        "delay",
        "tolerate",
        "read",
        "write",
        "note",
        "network",
        "source",
        "attack",
        "retreat",
        "hold",
        "local",
        "quorum",
        "lease",
    ];
    for verb in verbs {
        let said = |line: &str| line.split([' ', ',']).any(|word| word == verb);
        assert!(LINKS.lines().any(said), "no link says `{verb}`");
    }
}
