//! Format 1: the scenario field by field. It is frozen: its links are kept for ever, and no new one is
//! made.
//!
//! ```text
//! #1.<base64url: checksum (2 bytes) · length of the rest (1 to 3) · choices (range coded)>
//! ```
//!
//! The choices are the engine's semantics version, the trace hash at the end of the run, and the
//! scenario (`v1/format.rs`), without the comments of its text.

mod actions;
mod format;
mod plant;
mod words;

use base64ct::{Base64UrlUnpadded, Encoding};

use super::range::{Coder, Decoder, NumberModel};
use super::{LinkError, Recorded, TraceHash, checksum};

/// Reads what follows `#1.`.
pub(super) fn decode(letters: &str) -> Result<Recorded, LinkError> {
    let bytes = unpack(letters)?;
    let mut coder = Decoder::new(&bytes);
    let nothing = || LinkError::Invalid("out-of-range".into());
    let (semantics, trace_hash) = stamp(&mut coder, (0, 0)).ok_or_else(nothing)?;
    let scenario = format::scenario(&mut coder, &format::blank()).ok_or_else(nothing)?;
    match scenario.flaws().into_iter().next() {
        Some(flaw) => Err(LinkError::Invalid(flaw.fact)),
        None => {
            let trace_hash = Some(TraceHash { value: trace_hash, digits: 16 });
            Ok(Recorded { text: scenario.to_string(), scenario, semantics, trace_hash })
        }
    }
}

/// True if its plant and all that is said and done in it were known when the format was frozen.
#[cfg(test)]
pub(in crate::scenario) fn knows(scenario: &crate::scenario::Scenario) -> bool {
    let is_known = |group: &super::super::Group| {
        group.disk == super::super::Disk::AT_ONCE
            && group.transport == super::super::Transport::Datagram
            && group.names.is_empty()
            && group.clocks.is_empty()
            && group.clients.is_none()
            && group.databases.is_empty()
    };
    let is_known_note = |note: &super::super::note::Note| {
        note.time().is_some() && note.under.is_empty() && note.step.is_none()
    };
    scenario.server_names.is_empty()
        && scenario.notes.iter().all(is_known_note)
        && plant::knows(scenario.plant)
        && scenario.actions.iter().all(|(_, act)| actions::knows(act))
        && scenario.groups.iter().all(is_known)
}

/// The link as it was made: what the decoder is tried with.
#[cfg(test)]
pub(in crate::scenario) fn encode(
    scenario: &crate::scenario::Scenario,
    semantics: u32,
    trace_hash: u64,
) -> String {
    let mut coder = super::range::Encoder::new();
    let coded = stamp(&mut coder, (semantics, trace_hash))
        .and_then(|_| format::scenario(&mut coder, scenario));
    assert!(coded.as_ref() == Some(scenario), "not a valid scenario:\n{scenario}");
    seal(&coder.finish())
}

/// The engine's version and the fingerprint of the run.
fn stamp(coder: &mut impl Coder, (semantics, trace_hash): (u32, u64)) -> Option<(u32, u64)> {
    let semantics = coder.number(u64::from(semantics), &mut NumberModel::new());
    let mut hash = 0;
    for shift in [48, 32, 16, 0] {
        let chunk = (trace_hash >> shift & 0xffff) as u32;
        hash = hash << 16 | u64::from(coder.uniform(chunk, 1 << 16));
    }
    Some((u32::try_from(semantics).ok()?, hash))
}

/// From choices to letters, with length and checksum.
#[cfg(test)]
pub(in crate::scenario) fn seal(choices: &[u8]) -> String {
    let mut bytes = varint(choices.len());
    bytes.extend(choices);
    let mut checked = checksum(&bytes).to_be_bytes().to_vec();
    checked.extend(bytes);
    format!("#1.{}", Base64UrlUnpadded::encode_string(&checked))
}

/// The choices of a good link, to be tampered with.
#[cfg(test)]
pub(in crate::scenario) fn choices(link: &str) -> Vec<u8> {
    unpack(&link[3..]).expect("a good link")
}

/// From letters to choices, checked.
fn unpack(letters: &str) -> Result<Vec<u8>, LinkError> {
    // A length that no whole bytes have, or bits where none should be: some letters are missing.
    let bytes = Base64UrlUnpadded::decode_vec(letters).map_err(|_| LinkError::CutShort)?;
    let (sum, rest) = bytes.split_first_chunk::<2>().ok_or(LinkError::CutShort)?;
    let (length, choices) = read_varint(rest).ok_or(LinkError::CutShort)?;
    if choices.len() < length {
        return Err(LinkError::CutShort);
    }
    if u16::from_be_bytes(*sum) != checksum(rest) || choices.len() > length {
        return Err(LinkError::Damaged);
    }
    Ok(choices.to_vec())
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
#[cfg(test)]
fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn read_varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let last = bytes.iter().take(4).position(|byte| byte & 0x80 == 0)?;
    let (number, rest) = bytes.split_at(last + 1);
    let number = number.iter().rev().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
    Some((number, rest))
}
