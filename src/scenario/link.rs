//! A link: a scenario in a few hundred characters, with the fingerprint of its run.
//!
//! What the run did is never in a link: it follows from the scenario. The trace hash only tells whether
//! it still follows. A link is `#<format>.<letters>`; new ones have format 2, those of format 1 are
//! read for ever.

pub mod pasted;
mod range;
// Few have such links, and every first view would carry the code for them.
#[cfg(feature = "production")]
pub(super) mod v1;
pub(super) mod v2;

use std::fmt;

use super::{Bounds, Scenario};
use crate::fact::{Fact, fact};

/// A decoded link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The text as it was shared, comments included; of format 1, the canonical text.
    pub text: String,
    /// What it says; valid.
    pub scenario: Scenario,
    /// The version of the engine that made the link.
    pub semantics: u32,
    /// What that engine's trace came to at the end of the run; `None` if the link was made before
    /// that was known.
    pub trace_hash: Option<TraceHash>,
}

/// As much of a trace hash as a link carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceHash {
    /// Its first digits, as a number.
    value: u64,
    /// How many of its 16 hexadecimal digits they are.
    digits: u32,
}

impl TraceHash {
    /// True if it can be that of a run with this hash.
    pub const fn fits(self, hash: u64) -> bool {
        hash >> (64 - 4 * self.digits) == self.value
    }
}

impl fmt::Display for TraceHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:0width$x}", self.value, width = self.digits as usize)
    }
}

/// Why a link cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// It does not start like one.
    NotALink,
    /// It was made by a later Halflink.
    Version(String),
    /// It has the first format, which the page's second module reads.
    Elsewhere,
    /// It has so many characters.
    Oversized(usize),
    /// It has a character that no link has, at that place from 1.
    Letter(char, usize),
    /// Its end is missing.
    CutShort,
    /// Some of it changed on its way.
    Damaged,
    /// It says something that no scenario says.
    Invalid(Fact),
}

impl LinkError {
    /// What is wrong, in the room `diagnostic`.
    pub fn fact(self) -> Fact {
        match self {
            Self::NotALink => "link-none".into(),
            Self::Version(version) => fact!("link-version", version),
            Self::Oversized(length) => {
                fact!("link-long", most = Bounds::LINK, length)
            }
            Self::Letter(char, place) => {
                fact!("link-letter", letter = char.escape_debug().to_string(), place)
            }
            Self::Elsewhere => "other-module".into(),
            Self::CutShort => "link-cut-short".into(),
            Self::Damaged => "link-damaged".into(),
            Self::Invalid(flaw) => fact!("link-invalid", flaw),
        }
    }
}

/// A sentence without the full stop.
#[cfg(not(target_arch = "wasm32"))]
impl fmt::Display for LinkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = &crate::words::ENGLISH;
        let names = crate::words::Names::default();
        formatter.write_str(&words.tell("diagnostic", &self.clone().fact(), &names))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl std::error::Error for LinkError {}

/// The link of a text, from the `#` on; `trace_hash` is that of its whole run, where it is known.
pub fn encode(text: &str, trace_hash: Option<u64>) -> String {
    v2::encode(text, crate::SEMANTICS, trace_hash)
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
    if link.is_ascii() {
        return decode_plain(link);
    }
    let [usual, other] = DASHES.map(|dashes| with_plain_dashes(link, dashes));
    decode_plain(&usual).or_else(|wrong| decode_plain(&other).map_err(|_| wrong))
}

/// How many dashes blogs and phones make an en dash and an em dash of: `--` and `---`, or `--` for
/// either. The checksum tells which it was.
const DASHES: [[&str; 2]; 2] = [["--", "---"], ["--", "--"]];

/// The letters as they were before a blog or a phone put better-looking dashes for `-`.
fn with_plain_dashes(link: &str, [en, em]: [&str; 2]) -> String {
    let mut plain = String::with_capacity(link.len());
    for char in link.chars() {
        match char {
            '‐' | '‑' | '−' => plain.push('-'),
            '–' => plain += en,
            '—' => plain += em,
            '×' => plain.push('x'),
            char => plain.push(char),
        }
    }
    plain
}

/// Reads what follows the `#`.
fn decode_plain(link: &str) -> Result<Recorded, LinkError> {
    let (version, letters) = link.split_once('.').ok_or(LinkError::NotALink)?;
    if version.is_empty() || version.len() > 4 || !version.bytes().all(|b| b.is_ascii_digit()) {
        return Err(LinkError::NotALink);
    }
    let decode = match version {
        #[cfg(feature = "production")]
        "1" => v1::decode,
        #[cfg(not(feature = "production"))]
        "1" => return Err(LinkError::Elsewhere),
        "2" => v2::decode,
        _ => return Err(LinkError::Version(version.to_owned())),
    };
    let is_letter = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    match letters.chars().enumerate().find(|(_, char)| !is_letter(*char)) {
        // The `#`, the version and the dot stand before the letters.
        Some((place, char)) => Err(LinkError::Letter(char, place + version.len() + 3)),
        None => decode(letters),
    }
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
