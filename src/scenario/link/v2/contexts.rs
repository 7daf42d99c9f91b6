//! What the next byte of a text may depend on: the bytes before it, the words before it, and what
//! stands above it in the line before.

/// How many contexts there are.
pub(super) const CONTEXTS: usize = 8;

/// What has been read, seen as lines and words.
#[derive(Clone)]
pub(super) struct Contexts {
    text: Vec<u8>,
    /// Where the words of the present line begin, and those of the line before.
    words: Vec<usize>,
    above: Vec<usize>,
    line: usize,
    /// A hash of the present word.
    word: u32,
    /// The same of the present stretch of letters and digits.
    run: u32,
    /// A hash of the line's first words: the verb.
    verb: u32,
    versus: Versus,
}

/// How the present word compares with the one above it so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Versus {
    Equal,
    /// The last byte is the next higher one: a number that counts up.
    Next,
    Other,
}

impl Contexts {
    pub(super) const fn new() -> Self {
        Self {
            text: Vec::new(),
            words: Vec::new(),
            above: Vec::new(),
            line: 0,
            word: 0,
            run: 0,
            verb: 0,
            versus: Versus::Equal,
        }
    }

    /// All that was read.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The number of the present word in its line, and how many bytes of it there are.
    fn place(&self) -> (usize, usize) {
        let begin = self.words.last().copied().unwrap_or(self.line);
        (self.words.len().saturating_sub(1), self.text.len() - begin)
    }

    /// The byte that stands at the present place in the word above, or 0.
    fn above(&self) -> u32 {
        let (word, offset) = self.place();
        let place = self.above.get(word).map(|begin| begin + offset);
        place.filter(|place| *place < self.line).map_or(0, |place| u32::from(self.text[place]))
    }

    /// One hash a context.
    pub(super) fn hashes(&self) -> [u32; CONTEXTS] {
        let back = |bytes: usize| {
            let place = self.text.len().checked_sub(bytes);
            place.map_or(0, |place| u32::from(self.text[place]))
        };
        let two = back(1) | back(2) << 8;
        let three = two | back(3) << 16;
        let six = hash(three | back(4) << 24, back(5) | back(6) << 8);
        let (place, offset) = self.place();
        let place = place as u32;
        let versus = place << 2 | self.versus as u32;
        // Only numbers at the start of a line are followed digit by digit.
        let digit = if place < 3 { offset as u32 } else { 0 };
        let hashes = [
            back(1),
            two,
            three,
            six,
            self.run,
            hash(hash(self.word, place), self.verb),
            hash(hash(self.above(), versus), hash(digit, self.verb)),
            hash(versus, offset as u32),
        ];
        let mut number = 0;
        hashes.map(|one| {
            number += 1;
            hash(one, number)
        })
    }

    /// Which sets of weights the mixers use: by the kind of the last byte, and by the place in the line.
    pub(super) fn mixing(&self) -> [usize; 2] {
        let shape = match self.text.last() {
            Some(b'0'..=b'9') => 1,
            Some(b'a'..=b'z') => 2,
            Some(b' ') => 3,
            Some(b'\n') | None => 4,
            Some(b'A'..=b'Z') => 5,
            Some(b'"') => 6,
            Some(_) => 7,
        };
        let (word, _) = self.place();
        [shape, word.min(15) + if self.verb == 0 { 0 } else { 16 }]
    }

    /// Takes the byte that came.
    pub(super) fn push(&mut self, byte: u8) {
        if self.words.is_empty() {
            self.words.push(self.line);
        }
        self.versus = match self.versus {
            Versus::Equal if u32::from(byte) == self.above() => Versus::Equal,
            Versus::Equal if u32::from(byte) == self.above() + 1 => Versus::Next,
            Versus::Equal | Versus::Next | Versus::Other => Versus::Other,
        };
        self.text.push(byte);
        match byte {
            b'\n' => self.end_line(),
            b' ' => self.end_word(),
            _ => {
                self.word = hash(self.word, u32::from(byte) + 1);
                if byte.is_ascii_alphanumeric() || byte >= 128 {
                    self.run = hash(self.run, u32::from(byte.to_ascii_lowercase()) + 1);
                } else {
                    self.run = 0;
                }
            }
        }
    }

    fn end_word(&mut self) {
        self.run = 0;
        self.versus = Versus::Equal;
        if self.word == 0 {
            // A second space: the word begins later.
            if let Some(begin) = self.words.last_mut() {
                *begin = self.text.len();
            }
            return;
        }
        if matches!(self.words.len(), 1 | 3) {
            self.verb = hash(self.verb, self.word);
        }
        self.word = 0;
        self.words.push(self.text.len());
    }

    fn end_line(&mut self) {
        self.run = 0;
        self.line = self.text.len();
        self.above = std::mem::take(&mut self.words);
        self.words.push(self.line);
        self.word = 0;
        self.verb = 0;
        self.versus = Versus::Equal;
    }
}

/// Adds a number to a hash.
const fn hash(hash: u32, number: u32) -> u32 {
    let mixed = (hash ^ number.wrapping_mul(0x9e37_79b1)).wrapping_mul(0x85eb_ca6b);
    mixed.rotate_left(13) ^ number
}
