//! Format 2: the text itself, comments included, so that the grammar can grow without the link
//! knowing.
//!
//! ```text
//! #2.<number of letters, modulo 64: one letter><base64url: checksum (2 bytes) · choices (range coded)>
//! ```
//!
//! The choices are the engine's semantics version, the first digits of the trace hash at the end of
//! the run, if it is known, and the text, bit by bit: `v2/predictor.rs` guesses each bit from what
//! stood before, and a bit costs what it surprises. Before the first bit the predictor has read
//! `v2/vocabulary.txt`: the words of scenarios, and how they stand together.
//!
//! The vocabulary and every number of predictor and contexts are part of the format: they are frozen.

mod contexts;
mod predictor;

use std::sync::OnceLock;

use base64ct::{Base64UrlUnpadded, Encoding};

use self::predictor::Predictor;
use super::range::{Coder, Decoder, Encoder, NumberModel};
use super::{LinkError, Recorded, TraceHash, checksum};
use crate::fact::fact;
use crate::scenario::{Bounds, text};

/// What the predictor has read before a text; its parts are texts that end.
const VOCABULARY: &str = include_str!("v2/vocabulary.txt");

/// What stands between the parts of the vocabulary.
const PART: &str = "====\n";

/// Ends a text. The parser refuses it, so that no text holds it.
const END: u8 = 0;

/// How many hexadecimal digits of the trace hash a link carries.
const DIGITS: u32 = 8;

/// The link of a text.
pub(in crate::scenario) fn encode(text: &str, semantics: u32, trace_hash: Option<u64>) -> String {
    let mut coder = Encoder::new();
    stamp(&mut coder, semantics, trace_hash.map(|hash| (hash >> (64 - 4 * DIGITS)) as u32));
    let mut predictor = taught();
    for byte in body(text).bytes().chain([END]) {
        code(&mut coder, &mut predictor, byte);
    }
    let choices = coder.finish();
    let mut bytes = checksum(&choices).to_be_bytes().to_vec();
    bytes.extend(choices);
    let letters = Base64UrlUnpadded::encode_string(&bytes);
    format!("#2.{}{letters}", count(&letters))
}

/// Reads what follows `#2.`.
pub(super) fn decode(letters: &str) -> Result<Recorded, LinkError> {
    let (counted, letters) = letters.split_at_checked(1).ok_or(LinkError::CutShort)?;
    if counted.starts_with(count(letters)) {
        return checked(&bytes(letters)?);
    }
    // A link ends where its count and its checksum say, whatever words a chat has glued to it.
    let shorter =
        (1..=GLUED_MOST.min(letters.len())).map(|glued| &letters[..letters.len() - glued]);
    let fitting = shorter.filter(|letters| counted.starts_with(count(letters)));
    fitting
        .filter_map(|letters| checked(&bytes(letters).ok()?).ok())
        .next()
        .ok_or(LinkError::CutShort)
}

/// So many letters after a link are taken for words.
const GLUED_MOST: usize = 640;

fn bytes(letters: &str) -> Result<Vec<u8>, LinkError> {
    Base64UrlUnpadded::decode_vec(letters).map_err(|_| LinkError::CutShort)
}

/// Reads a checksum and what it is of.
fn checked(bytes: &[u8]) -> Result<Recorded, LinkError> {
    let (sum, choices) = bytes.split_first_chunk::<2>().ok_or(LinkError::CutShort)?;
    if u16::from_be_bytes(*sum) != checksum(choices) {
        return Err(LinkError::Damaged);
    }
    let mut coder = Decoder::new(choices);
    let (semantics, hash) = stamp(&mut coder, 0, None);
    let semantics = u32::try_from(semantics).map_err(|_| LinkError::Damaged)?;
    let text = read(&mut coder)?;
    let scenario = text::parse(&text).map_err(|wrong| {
        let first = wrong.into_iter().next().expect("there is at least one");
        let at = fact!("at-line", line = u64::from(first.line));
        LinkError::Invalid(at.with("flaw", first.fact))
    })?;
    let trace_hash = hash.map(|value| TraceHash { value: u64::from(value), digits: DIGITS });
    Ok(Recorded { text, scenario, semantics, trace_hash })
}

/// What a link carries of a text: it ends with one newline.
fn body(text: &str) -> String {
    let text = text.trim_end().replace(char::from(END), "");
    text + "\n"
}

/// A predictor that has read the vocabulary. To read it takes longer than most texts do: once is
/// enough.
fn taught() -> Predictor {
    static TAUGHT: OnceLock<Predictor> = OnceLock::new();
    let teach = || {
        let mut predictor = Predictor::new();
        for part in VOCABULARY.split(PART) {
            for byte in part.bytes().chain([END]) {
                for bit in (0..8).rev() {
                    predictor.predict();
                    predictor.learn(byte >> bit & 1 == 1);
                }
            }
        }
        predictor
    };
    TAUGHT.get_or_init(teach).clone()
}

/// The text that was written, within its bounds.
fn read(coder: &mut Decoder<'_>) -> Result<String, LinkError> {
    let mut predictor = taught();
    let mut bytes = Vec::new();
    loop {
        match code(coder, &mut predictor, 0) {
            END => break,
            _ if bytes.len() > Bounds::TEXT => return Err(LinkError::Damaged),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| LinkError::Damaged)
}

/// Codes a byte, the highest bit first; a reader's `known` is ignored.
fn code(coder: &mut impl Coder, predictor: &mut Predictor, known: u8) -> u8 {
    let mut byte = 0;
    for bit in (0..8).rev() {
        // Odds are in 65,536ths.
        let no = (4_096 - predictor.predict()) << 4;
        let one = coder.choice(known >> bit & 1 == 1, no);
        predictor.learn(one);
        byte = byte << 1 | u8::from(one);
    }
    byte
}

/// The engine's version and the first digits of the trace hash.
fn stamp(coder: &mut impl Coder, semantics: u32, hash: Option<u32>) -> (u64, Option<u32>) {
    let semantics = coder.number(u64::from(semantics), &mut NumberModel::new());
    let is_known = coder.choice(hash.is_some(), 1 << 12);
    let hash = hash.unwrap_or_default();
    let half = |coder: &mut _, half| Coder::uniform(coder, half, 1 << 16);
    let hash = is_known.then(|| half(coder, hash >> 16) << 16 | half(coder, hash & 0xffff));
    (semantics, hash)
}

/// The letter for how many letters there are: it tells when some are missing.
fn count(letters: &str) -> char {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char::from(LETTERS[letters.len() % 64])
}
