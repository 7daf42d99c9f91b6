//! LZMA, opened: what `xz --format=lzma` and `lzma-rust2` write, by the LZMA specification.
//!
//! The whole that comes out lies in one piece, so it is its own dictionary: no window, no second
//! copy. So the unpacker is 3.4 KB smaller on the wire than with a crate that reads any stream, and
//! no slower.

use alloc::vec;
use alloc::vec::Vec;

/// A guess that a bit is 0, of 2,048: even at first.
type Guess = u16;
const EVEN: Guess = 1024;

/// How many states there are: what the last few steps were.
const STATES: usize = 12;
/// From this state on the last step was a match.
const AFTER_MATCH: usize = 7;
/// At most so many places in a row have guesses of their own.
const PLACES: usize = 16;
/// The shortest match.
const SHORTEST: usize = 2;
/// What guesses the bits of one literal.
const LITERAL: usize = 0x300;

/// An `.lzma` file that is being opened.
pub struct Lzma<'a> {
    bits: Bits<'a>,
    guesses: Guesses,
    literals: Vec<[Guess; LITERAL]>,
    /// How many high bits of the last byte choose a literal's guesses.
    last_bits: u32,
    /// Masks: what of a place chooses a literal's guesses, and all others.
    literal_place: usize,
    place: usize,
    state: usize,
    /// How far back the last matches were, less one.
    far: [usize; 4],
    /// What has come out so far.
    bytes: Vec<u8>,
    size: usize,
}

/// The guesses of all that is no literal.
struct Guesses {
    is_match: [[Guess; PLACES]; STATES],
    is_far_known: [Guess; STATES],
    is_not_last: [Guess; STATES],
    is_not_second: [Guess; STATES],
    is_fourth: [Guess; STATES],
    is_long: [[Guess; PLACES]; STATES],
    slots: [[Guess; 64]; 4],
    middle: [Guess; 128],
    low: [Guess; 16],
    new: Lengths,
    known: Lengths,
}

/// The guesses of a match's length.
struct Lengths {
    is_more: [Guess; 2],
    short: [[Guess; 8]; PLACES],
    middle: [[Guess; 8]; PLACES],
    long: [Guess; 256],
}

impl<'a> Lzma<'a> {
    /// Begins with a file; `None` if it is none, or does not say that it holds at most so many
    /// bytes.
    #[must_use]
    pub fn new(packed: &'a [u8], most: usize) -> Option<Self> {
        let (header, rest) = packed.split_first_chunk::<13>()?;
        let size = header[5..].iter().rev().fold(0, |size, &byte| size << 8 | u64::from(byte));
        let size = usize::try_from(size).ok().filter(|&size| size <= most)?;
        let (kind, last_bits) = (header[0] / 9, header[0] % 9);
        let (place, literal_place) = (kind / 5, kind % 5);
        if place > 4 {
            return None;
        }
        Some(Self {
            bits: Bits::new(rest)?,
            guesses: Guesses::new(),
            literals: vec![[EVEN; LITERAL]; 1 << (last_bits + literal_place)],
            last_bits: last_bits.into(),
            literal_place: (1 << literal_place) - 1,
            place: (1 << place) - 1,
            state: 0,
            far: [0; 4],
            bytes: Vec::with_capacity(size),
            size,
        })
    }

    /// What has come out so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Goes on for some bytes, and to the end of the step that gives the last of them: how many
    /// they were. `None` if the file is damaged.
    pub fn read(&mut self, some: usize) -> Option<usize> {
        let from = self.bytes.len();
        let until = self.size.min(from.saturating_add(some));
        while self.bytes.len() < until {
            self.step()?;
        }
        Some(self.bytes.len() - from)
    }

    /// A call of its own for each step: a browser puts faster code in place between two calls.
    #[inline(never)]
    fn step(&mut self) -> Option<()> {
        let Self { bits, guesses, state, .. } = self;
        let place = self.bytes.len() & self.place;
        if !bits.guessed(&mut guesses.is_match[*state][place])? {
            return self.literal();
        }
        let was_match = *state >= AFTER_MATCH;
        let length = if bits.guessed(&mut guesses.is_far_known[*state])? {
            if bits.guessed(&mut guesses.is_not_last[*state])? {
                let which = match bits.guessed(&mut guesses.is_not_second[*state])? {
                    false => 1,
                    true => 2 + usize::from(bits.guessed(&mut guesses.is_fourth[*state])?),
                };
                self.far[..=which].rotate_right(1);
            } else if !bits.guessed(&mut guesses.is_long[*state][place])? {
                *state = if was_match { 11 } else { 9 };
                return self.copy(1);
            }
            *state = if was_match { 11 } else { 8 };
            guesses.known.length(bits, place)?
        } else {
            *state = if was_match { 10 } else { 7 };
            let length = guesses.new.length(bits, place)?;
            self.far.rotate_right(1);
            self.far[0] = guesses.far(bits, length)?;
            length
        };
        self.copy(length + SHORTEST)
    }

    fn literal(&mut self) -> Option<()> {
        let last = self.bytes.last().map_or(0, |&last| usize::from(last));
        let high = last >> (8 - self.last_bits);
        let place = self.bytes.len() & self.literal_place;
        let guesses = &mut self.literals[(place << self.last_bits) + high];
        let mut byte = 1;
        if self.state >= AFTER_MATCH {
            // It differs from what a match would have given, so that says something of its bits.
            let mut other = usize::from(*self.bytes.iter().nth_back(self.far[0])?);
            while byte < 0x100 {
                let bit = other >> 7 & 1;
                other <<= 1;
                let is = usize::from(self.bits.guessed(&mut guesses[(1 + bit) * 0x100 + byte])?);
                byte = byte << 1 | is;
                if is != bit {
                    break;
                }
            }
        }
        while byte < 0x100 {
            byte = byte << 1 | usize::from(self.bits.guessed(&mut guesses[byte])?);
        }
        self.bytes.push(byte as u8);
        self.state = match self.state {
            0..4 => 0,
            4..10 => self.state - 3,
            _ => self.state - 6,
        };
        Some(())
    }

    /// Copies bytes that have come out before; a match may go on into what it copies.
    fn copy(&mut self, length: usize) -> Option<()> {
        let from = self.bytes.len().checked_sub(self.far[0].checked_add(1)?)?;
        if length > self.size - self.bytes.len() {
            return None;
        }
        for at in from..from + length {
            self.bytes.push(self.bytes[at]);
        }
        Some(())
    }
}

impl Guesses {
    const fn new() -> Self {
        Self {
            is_match: [[EVEN; PLACES]; STATES],
            is_far_known: [EVEN; STATES],
            is_not_last: [EVEN; STATES],
            is_not_second: [EVEN; STATES],
            is_fourth: [EVEN; STATES],
            is_long: [[EVEN; PLACES]; STATES],
            slots: [[EVEN; 64]; 4],
            middle: [EVEN; 128],
            low: [EVEN; 16],
            new: Lengths::new(),
            known: Lengths::new(),
        }
    }

    /// How far back a match of that length is, less one: a slot says how many bits there are and
    /// the first two of them.
    fn far(&mut self, bits: &mut Bits<'_>, length: usize) -> Option<usize> {
        let slot = bits.tree(&mut self.slots[length.min(3)], 6)?;
        if slot < 4 {
            return Some(slot);
        }
        let more = slot as u32 / 2 - 1;
        let far = (2 | slot & 1) << more;
        if slot < 14 {
            return Some(far + bits.backwards(&mut self.middle[far - slot..], more)?);
        }
        let high = bits.even(more - 4)? << 4;
        Some(far + high + bits.backwards(&mut self.low, 4)?)
    }
}

impl Lengths {
    const fn new() -> Self {
        Self {
            is_more: [EVEN; 2],
            short: [[EVEN; 8]; PLACES],
            middle: [[EVEN; 8]; PLACES],
            long: [EVEN; 256],
        }
    }

    /// A length, less the shortest.
    fn length(&mut self, bits: &mut Bits<'_>, place: usize) -> Option<usize> {
        if !bits.guessed(&mut self.is_more[0])? {
            return bits.tree(&mut self.short[place], 3);
        }
        if !bits.guessed(&mut self.is_more[1])? {
            return Some(8 + bits.tree(&mut self.middle[place], 3)?);
        }
        Some(16 + bits.tree(&mut self.long, 8)?)
    }
}

/// The range coder that all bits come out of.
struct Bits<'a> {
    rest: &'a [u8],
    range: u32,
    code: u32,
}

impl<'a> Bits<'a> {
    fn new(packed: &'a [u8]) -> Option<Self> {
        // The first byte is always 0.
        let (first, rest) = packed.split_first_chunk::<5>()?;
        let code = first.iter().fold(0, |code, &byte| code << 8 | u32::from(byte));
        Some(Self { rest, range: u32::MAX, code })
    }

    #[inline]
    fn refill(&mut self) -> Option<()> {
        if self.range < 1 << 24 {
            let (&next, rest) = self.rest.split_first()?;
            self.rest = rest;
            self.range <<= 8;
            self.code = self.code << 8 | u32::from(next);
        }
        Some(())
    }

    /// A bit that the guess tells of, and is told of.
    #[inline]
    fn guessed(&mut self, guess: &mut Guess) -> Option<bool> {
        self.refill()?;
        let bound = (self.range >> 11) * u32::from(*guess);
        let set = self.code >= bound;
        if set {
            self.code -= bound;
            self.range -= bound;
            *guess -= *guess >> 5;
        } else {
            self.range = bound;
            *guess += (2048 - *guess) >> 5;
        }
        Some(set)
    }

    /// Bits that nothing is known of, the highest first.
    fn even(&mut self, count: u32) -> Option<usize> {
        let mut value = 0;
        for _ in 0..count {
            self.refill()?;
            self.range >>= 1;
            let set = self.code >= self.range;
            if set {
                self.code -= self.range;
            }
            value = value << 1 | usize::from(set);
        }
        Some(value)
    }

    /// Bits that are guessed by those before them, the highest first.
    fn tree(&mut self, guesses: &mut [Guess], count: u32) -> Option<usize> {
        let mut value = 1;
        for _ in 0..count {
            value = value << 1 | usize::from(self.guessed(guesses.get_mut(value)?)?);
        }
        Some(value - (1 << count))
    }

    /// The same, the lowest first.
    fn backwards(&mut self, guesses: &mut [Guess], count: u32) -> Option<usize> {
        let (mut path, mut value) = (1, 0);
        for place in 0..count {
            let set = usize::from(self.guessed(guesses.get_mut(path)?)?);
            path = path << 1 | set;
            value |= set << place;
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::Lzma;
    use alloc::vec::Vec;
    use lzma_rust2::{LzmaOptions, LzmaWriter};
    use std::io::Write as _;

    const MOST: usize = 1 << 20;

    fn packed(bytes: &[u8], options: &LzmaOptions) -> Vec<u8> {
        let size = u64::try_from(bytes.len()).unwrap();
        let mut writer = LzmaWriter::new_use_header(Vec::new(), options, Some(size)).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn opened(packed: &[u8]) -> Option<Vec<u8>> {
        let mut lzma = Lzma::new(packed, MOST)?;
        while lzma.read(1000)? > 0 {}
        Some(lzma.bytes().to_vec())
    }

    /// Bytes of a small generator, with matches near and far, short and long.
    fn mixture() -> Vec<u8> {
        let (mut bytes, mut seed) = (Vec::<u8>::new(), 1_u32);
        while bytes.len() < 300_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let far = (seed as usize >> 8) & ((1 << (seed >> 3 & 15)) - 1);
            match seed >> 28 {
                0..6 => bytes.push((seed >> 20) as u8),
                6 => bytes.extend([(seed >> 20) as u8; 400]),
                _ => {
                    let end = bytes.len().saturating_sub(far);
                    bytes.extend_from_within(end.saturating_sub(far % 40)..end);
                }
            }
        }
        bytes
    }

    #[test]
    fn what_was_packed_comes_back() {
        let mixture = mixture();
        for (lc, lp, pb) in [(2, 0, 0), (3, 0, 2), (0, 2, 4), (4, 0, 0), (0, 4, 1)] {
            let options = LzmaOptions { lc, lp, pb, ..LzmaOptions::with_preset(6) };
            for bytes in [&mixture[..], &mixture[..70_000], &[0; 5000], b"a", b""] {
                let packed = packed(bytes, &options);
                assert!(opened(&packed).as_deref() == Some(bytes), "{lc} {lp} {pb}");
            }
        }
    }

    #[test]
    fn what_is_damaged_does_no_harm() {
        let mixture = mixture();
        let mut packed = packed(&mixture[..20_000], &LzmaOptions::with_preset(6));
        for end in (0..packed.len() - 8).step_by(7) {
            assert_eq!(opened(&packed[..end]), None, "{end} bytes of it");
        }
        for at in 0..packed.len() {
            packed[at] ^= 0x55;
            // What comes out is anything, but never more than was said.
            if let Some(bytes) = opened(&packed) {
                assert!(bytes.len() <= MOST);
            }
            packed[at] ^= 0x55;
        }
    }
}
