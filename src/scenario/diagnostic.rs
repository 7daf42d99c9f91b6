//! What is wrong with a text, and where.

use serde::Serialize;

use crate::fact::Fact;

/// One thing wrong with a text: where it is, what was expected, what was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Diagnostic {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters (Unicode scalar values).
    pub column: u32,
    /// How many characters it is about; 0 at the end of a line.
    pub length: u32,
    /// What is wrong, in the room `diagnostic`.
    pub fact: Fact,
}

#[cfg(not(target_arch = "wasm32"))]
impl Diagnostic {
    /// A sentence without the full stop.
    pub fn message(&self) -> String {
        crate::words::ENGLISH.tell("diagnostic", &self.fact, &crate::words::Names::default())
    }
}

/// The most diagnostics that one text gets; fixing twenty is enough for one sitting.
pub const DIAGNOSTICS_MAX: usize = 20;

/// A stretch of one line, in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// In characters.
    pub length: u32,
}

impl Place {
    /// A diagnostic about this place.
    pub fn says(self, fact: impl Into<Fact>) -> Diagnostic {
        let Self { line, column, length } = self;
        Diagnostic { line, column, length, fact: fact.into() }
    }

    /// The same, as what keeps a line from being read.
    pub(crate) fn refuses(self, fact: impl Into<Fact>) -> Box<Diagnostic> {
        self.boxed(fact.into())
    }

    #[inline(never)]
    fn boxed(self, fact: Fact) -> Box<Diagnostic> {
        Box::new(self.says(fact))
    }

    /// From the start of this place to the end of `last`, which is on the same line.
    pub(crate) fn to(self, last: Self) -> Self {
        Self { length: (last.column + last.length).saturating_sub(self.column), ..self }
    }
}

/// A stranger's text as a message may repeat it: short, control characters escaped.
pub(crate) fn shown(found: &str) -> String {
    const SHOWN: usize = 32;
    let mut shown = String::new();
    for (count, char) in found.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        if is_unprintable(char) {
            shown.extend(char.escape_unicode());
        } else {
            shown.push(char);
        }
    }
    shown
}

/// True for characters that no title, note or message may carry, because nobody sees them: with them
/// a text can be made to look like another, or to hold what its reader does not know of.
///
/// They are controls (Cc), format characters (Cf: marks that turn the writing direction, joiners and
/// spaces of no width, tags), line and paragraph separators, fillers that are letters by category and
/// blank to the eye, variation selectors but for the two that choose between text and emoji, and all
/// of the planes from the fourth on, which hold tags, selectors, private use or nothing.
pub(crate) fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(char,
            // Format characters, as of Unicode 17, in order.
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            // Separators, fillers and selectors.
            | '\u{2028}' | '\u{2029}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0d}'
            | '\u{40000}'..)
}

/// A text as it may be shown, with a sign in place of each character that nobody sees.
pub fn with_signs(text: &str) -> String {
    let is_kept = |char| matches!(char, '\t' | '\r' | '\n') || !is_unprintable(char);
    text.chars().map(|char| if is_kept(char) { char } else { '\u{fffd}' }).collect()
}

/// The one of `known` that was meant, if one is close to `found`.
pub(crate) fn meant<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found: Vec<char> = found.chars().take(40).collect();
    let near = known
        .iter()
        .map(|&name| (edits(&found, &name.chars().collect::<Vec<_>>()), name))
        // A word that is right, but not here, is no guess.
        .filter(|(edits, name)| (1..=2).contains(edits) && *edits < name.len().min(found.len()))
        .min_by_key(|(edits, _)| *edits);
    near.map(|(_, name)| name)
}

/// Levenshtein's distance: insertions, deletions and replacements.
fn edits(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (done, char) in from.iter().enumerate() {
        let mut corner = done;
        row[0] = done + 1;
        for place in 0..to.len() {
            let replaced = corner + usize::from(*char != to[place]);
            corner = row[place + 1];
            row[place + 1] = replaced.min(corner + 1).min(row[place] + 1);
        }
    }
    row[to.len()]
}
