//! Guesses the next bit of a text, from what stood before it.
//!
//! Context mixing after Mahoney (PAQ, lpaq1): each context of `contexts.rs` keeps, for every bit that
//! followed it, how likely a one is; a guess of all contexts is their sum in the logistic domain,
//! weighted by how right each has been lately. Integers only, so that native and wasm agree.
//!
//! Every number here is part of the link format.

use super::contexts::{CONTEXTS, Contexts};

/// Lines of a context's table.
const LINES: usize = 1 << 13;

/// One slot: a probability of one in 4,096ths (the upper 12 bits) and how often it was seen.
type Slot = u16;

/// Half, never seen.
const UNSEEN: Slot = 2_048 << 4;

/// What followed one context, for half a byte: a slot for each of the 15 ways to have read none to
/// three bits of it. Slot 0, which no way needs, says whose line it is.
type Line = [Slot; 16];

/// Inputs of a mixer: the contexts, and what followed the longest repetition.
const INPUTS: usize = CONTEXTS + 1;

/// Sets of weights that a mixer chooses from.
const SETS: usize = 32;

/// What a weight begins with: a quarter, in 65,536ths.
const WEIGHT: i32 = 1 << 14;

/// An error in 4,096ths that teaches nothing: most bits are as good as certain.
const NEGLIGIBLE: i32 = 60;

/// How fast weights follow their errors.
const RATE: i32 = 10;

/// After how many repetitions of a context its slots stop slowing down.
const PATIENCE: u16 = 15;

/// Predicts one bit after the other.
#[derive(Clone)]
pub(super) struct Predictor {
    contexts: Contexts,
    tables: Vec<Line>,
    /// By context, its line for the present half of a byte, and where that is kept.
    lines: [Line; CONTEXTS],
    places: [usize; CONTEXTS],
    /// The bits of the present half of a byte, after a leading one.
    nibble: usize,
    /// The bits of the present byte, after a leading one.
    byte: u32,
    mixers: [Mixer; 2],
    inputs: [i32; INPUTS],
    repetition: Repetition,
    curves: Curves,
}

impl Predictor {
    /// One that has read nothing.
    pub(super) fn new() -> Self {
        let mut predictor = Self {
            contexts: Contexts::new(),
            tables: vec![[UNSEEN; 16]; LINES * CONTEXTS],
            lines: [[UNSEEN; 16]; CONTEXTS],
            places: std::array::from_fn(|context| context * LINES),
            nibble: 1,
            byte: 1,
            mixers: [Mixer::new(), Mixer::new()],
            inputs: [0; INPUTS],
            repetition: Repetition::new(),
            curves: Curves::new(),
        };
        predictor.turn();
        predictor
    }

    /// How likely the next bit is a one, in 4,096ths, from 1 to 4,095.
    pub(super) fn predict(&mut self) -> u32 {
        for (line, input) in self.lines.iter().zip(&mut self.inputs) {
            *input = self.curves.input(line[self.nibble & 15]);
        }
        self.inputs[CONTEXTS] =
            self.repetition.predict(self.byte, self.contexts.text(), &self.curves);
        let first = self.mixers[0].mix(&self.inputs);
        let second = self.mixers[1].mix(&self.inputs);
        squash((first + second) >> 1).clamp(1, 4_095) as u32
    }

    /// Takes the bit that came.
    pub(super) fn learn(&mut self, one: bool) {
        for mixer in &mut self.mixers {
            mixer.learn(one, &self.inputs);
        }
        self.repetition.learn(one);
        let target = if one { 4_095 } else { 0 };
        for line in &mut self.lines {
            let slot = &mut line[self.nibble & 15];
            *slot = self.curves.learned(*slot, target);
        }
        self.byte = self.byte << 1 | u32::from(one);
        self.nibble = self.nibble << 1 | usize::from(one);
        if self.byte >= 256 {
            let byte = (self.byte & 255) as u8;
            self.byte = 1;
            self.contexts.push(byte);
            self.repetition.advance(self.contexts.text());
            for (mixer, set) in self.mixers.iter_mut().zip(self.contexts.mixing()) {
                mixer.set = set;
            }
        }
        if self.nibble >= 16 {
            self.turn();
            self.nibble = 1;
        }
    }

    /// Puts the lines of the half byte that was read away, and takes those of the next. A line that
    /// was another's is begun anew.
    fn turn(&mut self) {
        let half = self.byte.wrapping_mul(0x2545_f491);
        let hashes = self.contexts.hashes();
        for (number, hash) in hashes.into_iter().enumerate() {
            self.tables[self.places[number]] = self.lines[number];
            let hash = (hash ^ half).wrapping_mul(0x9e37_79b1);
            let place = number * LINES + (hash >> 15) as usize % LINES;
            let owner = (hash & 0x7fff) as Slot | 1;
            let mut line = self.tables[place];
            if line[0] != owner {
                line = [UNSEEN; 16];
                line[0] = owner;
            }
            (self.places[number], self.lines[number]) = (place, line);
        }
    }
}

/// A weighted sum, with a set of weights of its own for each situation.
#[derive(Clone)]
struct Mixer {
    weights: [[i32; INPUTS]; SETS],
    set: usize,
    guess: i32,
}

impl Mixer {
    const fn new() -> Self {
        Self { weights: [[WEIGHT; INPUTS]; SETS], set: 0, guess: 2_048 }
    }

    fn mix(&mut self, inputs: &[i32; INPUTS]) -> i32 {
        let terms = self.weights[self.set % SETS].iter().zip(inputs);
        let sum = terms.map(|(weight, input)| i64::from(*weight) * i64::from(*input)).sum::<i64>();
        let sum = ((sum >> 16) as i32).clamp(-2_047, 2_047);
        self.guess = squash(sum);
        sum
    }

    fn learn(&mut self, one: bool, inputs: &[i32; INPUTS]) {
        let error = (i32::from(one) << 12) - self.guess;
        if error.abs() < NEGLIGIBLE {
            return;
        }
        let error = error * RATE;
        for (weight, input) in self.weights[self.set % SETS].iter_mut().zip(inputs) {
            *weight += (input * error + (1 << 13)) >> 14;
        }
    }
}

/// What followed the last time when the text ended as it does now.
#[derive(Clone)]
struct Repetition {
    /// By a hash of the last bytes, where they stood last.
    places: Vec<u32>,
    /// Where the byte stands that should come next; 0 if there is no repetition.
    next: usize,
    length: usize,
    /// By length, how likely it goes on, in 65,536ths.
    odds: [u16; 32],
    /// What was expected of the present bit.
    expected: Option<bool>,
}

/// A repetition is followed from so many equal bytes on.
const LEAST: usize = 5;

impl Repetition {
    fn new() -> Self {
        Self { places: vec![0; 1 << 13], next: 0, length: 0, odds: [49_152; 32], expected: None }
    }

    fn predict(&mut self, byte: u32, text: &[u8], curves: &Curves) -> i32 {
        self.expected = None;
        if self.length == 0 {
            return 0;
        }
        let bits = byte.ilog2();
        let next = u32::from(text[self.next]) | 256;
        if next >> (8 - bits) != byte {
            self.length = 0;
            return 0;
        }
        let expected = next >> (7 - bits) & 1 == 1;
        self.expected = Some(expected);
        let guess = curves.stretch(self.odds[self.length.min(31)] >> 4);
        if expected { guess } else { -guess }
    }

    fn learn(&mut self, one: bool) {
        let Some(expected) = self.expected else { return };
        let odds = &mut self.odds[self.length.min(31)];
        let target = if expected == one { 65_535 } else { 0 };
        *odds = (i32::from(*odds) + (target - i32::from(*odds)) / 16) as u16;
    }

    /// A byte was added to the text.
    fn advance(&mut self, text: &[u8]) {
        if self.length > 0 {
            self.next += 1;
            self.length += 1;
        }
        let Some(last) = text.last_chunk::<LEAST>() else { return };
        let hash = last.iter().fold(0_u32, |hash, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x9e37_79b1).rotate_left(9)
        });
        let place = &mut self.places[(hash >> 19) as usize];
        if self.length == 0 && *place > 0 {
            let before = *place as usize;
            let equal = (0..32.min(before))
                .take_while(|back| text[before - 1 - back] == text[text.len() - 1 - back]);
            let length = equal.count();
            if length >= LEAST {
                (self.next, self.length) = (before, length);
            }
        }
        *place = text.len() as u32;
    }
}

/// Tables of what would otherwise be computed for each bit.
#[derive(Clone)]
struct Curves {
    stretch: [i16; 4_096],
    /// By how often a slot was seen, how much its guess counts, in 64ths.
    trust: [i32; 16],
    /// By how often a slot was seen, by how much it moves, in 65,536ths.
    steps: [i32; 16],
}

impl Curves {
    fn new() -> Self {
        let mut stretch = [2_047; 4_096];
        let mut filled = 0;
        for logistic in -2_047..=2_047_i16 {
            let probability = squash(i32::from(logistic)) as usize;
            for value in stretch.iter_mut().take(probability + 1).skip(filled) {
                *value = logistic;
            }
            filled = filled.max(probability + 1);
        }
        let mut trust = [0; 16];
        let mut steps = [0; 16];
        for seen in 0..16_i32 {
            if seen > 0 {
                trust[seen as usize] = TRUST - (TRUST - FIRST) / seen;
            }
            steps[seen as usize] = 65_536 * 10 / (10 * seen + STEP);
        }
        Self { stretch, trust, steps }
    }

    /// The logistic of a probability in 4,096ths, in 256ths.
    fn stretch(&self, probability: u16) -> i32 {
        i32::from(self.stretch[usize::from(probability) & 4_095])
    }

    /// A slot after a bit: it moves fast at first, then slowly.
    fn learned(&self, slot: Slot, target: i32) -> Slot {
        let seen = slot & 15;
        let probability = i32::from(slot >> 4);
        let step = self.steps[usize::from(seen)];
        let moved = probability + (((target - probability) * step + (1 << 15)) >> 16);
        (moved as u16) << 4 | (seen + u16::from(seen < PATIENCE))
    }

    /// What a slot says to a mixer.
    fn input(&self, slot: Slot) -> i32 {
        (self.stretch(slot >> 4) * self.trust[usize::from(slot & 15)]) >> 6
    }
}

const TRUST: i32 = 72;
const FIRST: i32 = 45;
const STEP: i32 = 11;

/// The probability in 4,096ths of a logistic in 256ths: `4096 / (1 + exp(-x / 256))`.
fn squash(logistic: i32) -> i32 {
    const POINTS: [i32; 33] = [
        1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1_101, 1_546, 2_047, 2_549, 2_994,
        3_348, 3_607, 3_785, 3_901, 3_975, 4_022, 4_050, 4_068, 4_079, 4_085, 4_089, 4_092, 4_093,
        4_094,
    ];
    if logistic > 2_047 {
        return 4_095;
    }
    if logistic < -2_047 {
        return 1;
    }
    let place = ((logistic >> 7) + 16) as usize;
    let past = logistic & 127;
    (POINTS[place] * (128 - past) + POINTS[place + 1] * past + 64) >> 7
}
