//! A range coder: every choice takes as many bits as it is surprising, fractions of a bit included.
//!
//! Fields of a known domain ("one of these 61 parts") cost exactly the logarithm of the domain.
//! Yes-or-no choices are learned on the way: a scenario that only ever cuts lanes stops paying for
//! the ten other things it might have done. The coder is the one of LZMA (Pavlov; Martin 1979),
//! with wider probabilities and with uniform choices of any size.
//!
//! Integers only, so that native and wasm agree. The decoder reads zeros past its end: damage shows
//! in the checksum, and no input makes it read or loop without bound.

/// How likely a yes-or-no choice is to be no, in 65,536ths, learned from the choices so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Odds {
    no: u16,
    seen: u8,
}

impl Odds {
    /// Nothing seen yet.
    pub(super) const EVEN: Self = Self { no: 1 << 15, seen: 0 };

    /// In 65,536ths, never certain.
    pub(super) const fn no(self) -> u32 {
        self.no as u32
    }

    /// How many choices it was learned from, up to its patience.
    #[cfg(feature = "production")]
    pub(super) const fn seen(self) -> u8 {
        self.seen
    }

    /// How far from even, from 1 to 9: a guess that is sure of itself is worth more.
    #[cfg(feature = "production")]
    pub(super) fn certainty(self) -> u64 {
        1 + u64::from(self.no.abs_diff(1 << 15)) / 4_096
    }

    /// Learns fast at first, then slowly up to `patience` choices.
    pub(super) fn learn(&mut self, yes: bool, patience: u8) {
        let weight = i32::from(self.seen) + 2;
        let target = if yes { 0 } else { 65_535 };
        let moved = i32::from(self.no) + (target - i32::from(self.no)) / weight;
        self.no = u16::try_from(moved.clamp(64, 65_472)).expect("clamped into 16 bits");
        self.seen = patience.min(self.seen.saturating_add(1));
    }
}

/// The choices a link is made of, written or read: one description of the format does both.
pub(super) trait Coder {
    /// A yes-or-no choice; the writer writes `yes`, the reader ignores it. Returns the choice.
    fn choice(&mut self, yes: bool, no_odds: u32) -> bool;

    /// One of `bound` equally likely numbers, `bound` at most 65,536.
    fn uniform(&mut self, number: u32, bound: u32) -> u32;

    /// A yes-or-no choice whose odds are learned.
    fn learned(&mut self, yes: bool, odds: &mut Odds) -> bool {
        let yes = self.choice(yes, odds.no());
        odds.learn(yes, 30);
        yes
    }

    /// One of `2^bits` numbers whose odds are learned, `tree` holding as many odds.
    fn tree(&mut self, number: u32, bits: u32, tree: &mut [Odds]) -> u32 {
        let mut node = 1;
        for bit in (0..bits).rev() {
            let yes = self.learned(number >> bit & 1 == 1, &mut tree[node as usize]);
            node = node * 2 + u32::from(yes);
        }
        node - (1 << bits)
    }

    /// Any number; its length in bits is learned, what follows the first two bits is not.
    fn number(&mut self, number: u64, model: &mut NumberModel) -> u64 {
        let length = self.tree(64 - number.leading_zeros(), 7, &mut model.length).min(64);
        if length < 2 {
            return u64::from(length);
        }
        let rest = length - 1;
        let second =
            self.learned(number >> (rest - 1) & 1 == 1, &mut model.second[length as usize]);
        let mut value = 2 | u64::from(second);
        let mut left = rest - 1;
        while left > 0 {
            let bits = left.min(16);
            left -= bits;
            let chunk = (number >> left & ((1 << bits) - 1)) as u32;
            value = value << bits | u64::from(self.uniform(chunk, 1 << bits));
        }
        value
    }
}

/// What is learned about a kind of number.
pub(super) struct NumberModel {
    length: [Odds; 128],
    second: [Odds; 65],
}

impl NumberModel {
    /// Nothing learned yet.
    pub(super) const fn new() -> Self {
        Self { length: [Odds::EVEN; 128], second: [Odds::EVEN; 65] }
    }
}

const TOP: u32 = 1 << 24;

/// Writes choices.
pub(super) struct Encoder {
    low: u64,
    range: u32,
    cache: u8,
    pending: usize,
    bytes: Vec<u8>,
}

impl Encoder {
    /// Nothing written yet.
    pub(super) const fn new() -> Self {
        Self { low: 0, range: u32::MAX, cache: 0, pending: 1, bytes: Vec::new() }
    }

    /// The bytes; zeros at the end are left out, as the decoder reads them anyway.
    pub(super) fn finish(mut self) -> Vec<u8> {
        // Of all numbers in the range, the one with the most zeros at its end.
        for zeros in (0..32).rev() {
            let mask = (1_u64 << zeros) - 1;
            let rounded = (self.low + mask) & !mask;
            if rounded < self.low + u64::from(self.range) {
                self.low = rounded;
                break;
            }
        }
        for _ in 0..5 {
            self.shift();
        }
        while self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        // The first byte is the cache before anything was written: always zero.
        self.bytes.drain(..self.bytes.len().min(1));
        self.bytes
    }

    /// Moves the top byte of `low` out, once it is known whether a carry reaches it.
    fn shift(&mut self) {
        let carry = (self.low >> 32) as u8;
        if carry == 1 || self.low < 0xff00_0000 {
            self.bytes.push(self.cache.wrapping_add(carry));
            for _ in 1..self.pending {
                self.bytes.push(0xff_u8.wrapping_add(carry));
            }
            self.pending = 0;
            self.cache = (self.low >> 24) as u8;
        }
        self.pending += 1;
        self.low = (self.low & 0x00ff_ffff) << 8;
    }

    fn normalize(&mut self) {
        while self.range < TOP {
            self.range <<= 8;
            self.shift();
        }
    }
}

impl Coder for Encoder {
    fn choice(&mut self, yes: bool, no_odds: u32) -> bool {
        let bound = (self.range >> 16) * no_odds;
        if yes {
            self.low += u64::from(bound);
            self.range -= bound;
        } else {
            self.range = bound;
        }
        self.normalize();
        yes
    }

    fn uniform(&mut self, number: u32, bound: u32) -> u32 {
        assert!(number < bound && bound <= 1 << 16, "{number} of {bound}");
        self.range /= bound;
        self.low += u64::from(number) * u64::from(self.range);
        self.normalize();
        number
    }
}

/// Reads choices.
pub(super) struct Decoder<'a> {
    code: u32,
    range: u32,
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Decoder<'a> {
    /// Reads from the start of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self { code: 0, range: u32::MAX, bytes: bytes.iter() };
        for _ in 0..4 {
            decoder.shift();
        }
        decoder
    }

    fn shift(&mut self) {
        self.code = self.code << 8 | u32::from(self.bytes.next().copied().unwrap_or(0));
    }

    fn normalize(&mut self) {
        while self.range < TOP {
            self.range <<= 8;
            self.shift();
        }
    }
}

impl Coder for Decoder<'_> {
    fn choice(&mut self, _yes: bool, no_odds: u32) -> bool {
        let bound = (self.range >> 16) * no_odds;
        let yes = self.code >= bound;
        if yes {
            self.code -= bound;
            self.range -= bound;
        } else {
            self.range = bound;
        }
        self.normalize();
        yes
    }

    fn uniform(&mut self, _number: u32, bound: u32) -> u32 {
        self.range /= bound.max(1);
        let number = (self.code / self.range).min(bound.saturating_sub(1));
        self.code -= number * self.range;
        self.normalize();
        number
    }
}
