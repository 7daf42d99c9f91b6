//! A link: the scenario in a few hundred characters, with the fingerprint of its run.
//!
//! ```text
//! #1.<base64url: checksum (2 bytes) · length of the rest (1 to 3) · choices (range coded)>
//! ```
//!
//! The choices are the engine's semantics version, the trace hash at the end of the run, and the
//! scenario (`link/format.rs`). What the run did is never in a link: it follows from the scenario.
//! The trace hash only tells whether it still follows.

mod acts;
mod format;
mod range;
mod words;

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};

use self::range::{Coder, Decoder, Encoder, NumberModel};
use super::{Bounds, Scenario};

/// A decoded link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The scenario; valid.
    pub scenario: Scenario,
    /// The version of the engine that made the link.
    pub semantics: u32,
    /// What that engine's trace came to at the end of the run.
    pub trace_hash: u64,
}

/// Why a link cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// It does not start like one.
    NotALink,
    /// It was made by a later Halflink.
    Version(String),
    /// It has so many characters.
    Oversized(usize),
    /// It has a character that no link has, at that place from 1.
    Letter(char, usize),
    /// Its end is missing.
    CutShort,
    /// Some of it changed on its way.
    Damaged,
    /// It says something that no scenario says.
    Invalid(String),
}

impl fmt::Display for LinkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALink => {
                formatter.write_str("not a Halflink link: it should contain #1. and letters")
            }
            Self::Version(version) => {
                write!(formatter, "link format {version}, and only format 1 is known here")
            }
            Self::Oversized(length) => {
                write!(
                    formatter,
                    "a link has at most {} characters, this one {length}",
                    Bounds::LINK
                )
            }
            Self::Letter(char, place) => {
                let char = char.escape_debug();
                write!(formatter, "the link is damaged: `{char}` at character {place}")
            }
            Self::CutShort => formatter.write_str("the link is cut short: its end is missing"),
            Self::Damaged => formatter.write_str("the link is damaged: its checksum does not fit"),
            Self::Invalid(flaw) => write!(formatter, "the link holds no valid scenario: {flaw}"),
        }
    }
}

impl std::error::Error for LinkError {}

const PREFIX: &str = "#1.";

/// The link of a scenario whose run ends with that trace hash, from the `#` on.
///
/// # Panics
///
/// If the scenario is not valid; one that was parsed or decoded is.
pub fn encode(scenario: &Scenario, trace_hash: u64) -> String {
    let mut coder = Encoder::new();
    let known = (crate::SEMANTICS, trace_hash);
    let coded = stamp(&mut coder, known).and_then(|_| format::scenario(&mut coder, scenario));
    assert!(coded.as_ref() == Some(scenario), "not a valid scenario:\n{scenario}");
    seal(&coder.finish())
}

/// Reads a link, alone or at the end of an address.
///
/// # Errors
///
/// Why it cannot be read. Work and memory are bounded, whatever the link.
pub fn decode(link: &str) -> Result<Recorded, LinkError> {
    let link = link.trim();
    let link = link.find('#').map_or(link, |hash| &link[hash + 1..]);
    if link.len() > Bounds::LINK {
        return Err(LinkError::Oversized(link.chars().count()));
    }
    let bytes = unpack(link)?;
    let mut coder = Decoder::new(&bytes);
    let nothing = || LinkError::Invalid("a value is out of range".to_owned());
    let (semantics, trace_hash) = stamp(&mut coder, (0, 0)).ok_or_else(nothing)?;
    let scenario = format::scenario(&mut coder, &format::blank()).ok_or_else(nothing)?;
    match scenario.flaws().into_iter().next() {
        Some(flaw) => Err(LinkError::Invalid(flaw.message)),
        None => Ok(Recorded { scenario, semantics, trace_hash }),
    }
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
pub(super) fn seal(choices: &[u8]) -> String {
    let mut bytes = varint(choices.len());
    bytes.extend(choices);
    let mut checked = checksum(&bytes).to_be_bytes().to_vec();
    checked.extend(bytes);
    format!("{PREFIX}{}", Base64UrlUnpadded::encode_string(&checked))
}

/// The choices of a good link, to be tampered with.
#[cfg(test)]
pub(super) fn choices(link: &str) -> Vec<u8> {
    unpack(&link[1..]).expect("a good link")
}

/// From letters to choices, checked.
fn unpack(link: &str) -> Result<Vec<u8>, LinkError> {
    let (version, letters) = link.split_once('.').ok_or(LinkError::NotALink)?;
    if version.is_empty() || version.len() > 4 || !version.bytes().all(|b| b.is_ascii_digit()) {
        return Err(LinkError::NotALink);
    }
    if version != "1" {
        return Err(LinkError::Version(version.to_owned()));
    }
    let is_letter = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    if let Some((place, char)) = letters.chars().enumerate().find(|(_, char)| !is_letter(*char)) {
        return Err(LinkError::Letter(char, place + PREFIX.len() + 1));
    }
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

/// CRC-16/CCITT: finds every change of up to three letters in a row.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum = 0xffff_u16;
    for byte in bytes {
        sum ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            sum = if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 };
        }
    }
    sum
}
