//! A thousand random texts of every kind, each with the trace hash that it has come to since it was
//! first run: whatever is built, they come out the same, or `SEMANTICS` has to say otherwise.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::protocol::fold;
use crate::rng::Rng;
use crate::run::to_end;
use crate::scenario::arbitrary::{self, several};
use crate::scenario::text::parse;

/// One of ten has several groups.
fn text(number: u32) -> String {
    let mut rng = Rng::new(number ^ 0x7e57_0000);
    let scenario = match number % 10 {
        0 => several(&mut rng),
        _ => arbitrary::scenario(&mut rng),
    };
    scenario.to_string()
}

/// What the text is, so that another one is not taken for another run of it, and what it came to.
fn line(number: u32) -> String {
    let text = text(number);
    let scenario = parse(&text).unwrap_or_else(|wrong| panic!("{wrong:#?}\nin\n{text}"));
    let letters = text.bytes().fold(0_u64, |sum, byte| fold(sum ^ u64::from(byte)));
    let hash = to_end(Arc::new(scenario)).0.world().trace_hash();
    format!("{letters:016x} {hash:016x}")
}

#[test]
fn a_thousand_texts_come_to_the_hashes_that_they_came_to() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/thousand.txt");
    if std::env::var_os("UPDATE").is_some() {
        let lines: Vec<_> = (0..1_000).map(line).collect();
        fs::write(&path, lines.join("\n") + "\n").expect("tests/ can be written");
    }
    let kept = fs::read_to_string(&path).expect("tests/thousand.txt");
    assert_eq!(kept.lines().count(), 1_000);
    for (number, kept) in (0..).zip(kept.lines()) {
        let now = line(number);
        let [same_text, _] = [0, 1].map(|at| kept.split(' ').nth(at) == now.split(' ').nth(at));
        assert!(
            same_text,
            "{number} is another text now: UPDATE=1 once its run is known to be right"
        );
        assert_eq!(now, kept, "{number} came out otherwise:\n{}", text(number));
    }
}
