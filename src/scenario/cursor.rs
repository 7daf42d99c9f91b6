//! One line of a scenario text, cut into tokens and read from left to right.
//!
//! ```text
//! timing  n2 election 2s..3s   # comment
//! word    word  word  word mark word
//! ```
//!
//! A token is a word, a text in double quotes, or one of the marks `:` `,` `%` `|` `..` `->` `<->`,
//! in any of their spellings. Spaces separate words and mean nothing else.

use std::borrow::Cow;

use super::diagnostic::{Diagnostic, Place, is_unprintable, meant, shown};
use super::names::Known;
use super::spelling::{closing, has_other_dash, mark, quote, quoted_length};
use crate::clock::Micros;
use crate::fact::{Fact, fact};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A run of anything that is not below.
    Word,
    /// `"…"`, quotes included.
    Text,
    /// `"…` without an end.
    Unclosed,
    /// A mark; its text is the plain spelling.
    Mark,
}

/// A piece of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    /// What it is.
    pub(super) kind: Kind,
    /// As it stands in the text, but for a mark.
    pub(super) text: &'a str,
    /// Where it stands.
    pub(super) place: Place,
}

impl Token<'_> {
    /// True if what stands before it is a whole: it is a note's text, or what is said of its time.
    pub(super) fn is_over(&self) -> bool {
        self.kind == Kind::Text || self.text == ","
    }
}

/// A line's tokens, and how far they are read.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
    end: Place,
    /// What the author calls things.
    names: &'a [Known],
    /// The group whose replicas are named, once that is known.
    pub(super) group: Option<&'a str>,
}

/// Where a server, another part or a replica is expected, and a name may stand for it.
const PLACES: [&str; 7] =
    ["part", "server", "volume", "replica", "end-of-link", "sender", "receiver"];

/// A piece of the grammar, or the one thing wrong with its line.
pub(super) type Parsed<T> = Result<T, Box<Diagnostic>>;

impl<'a> Cursor<'a> {
    /// Cuts a line into tokens; `number` counts lines from 1.
    pub(super) fn new(line: &'a str, number: u32) -> Self {
        let mut tokens = Vec::new();
        let mut rest = line;
        let mut column = 1;
        loop {
            let trimmed = rest.trim_start_matches(is_space);
            column += width(&rest[..rest.len() - trimmed.len()]);
            rest = trimmed;
            if rest.is_empty() || rest.starts_with('#') {
                break;
            }
            let (kind, bytes) = measure(rest);
            let (text, after) = rest.split_at(bytes);
            let place = Place { line: number, column, length: width(text) };
            let text =
                if kind == Kind::Mark { mark(text).map_or(text, |(_, plain)| plain) } else { text };
            tokens.push(Token { kind, text, place });
            column += place.length;
            rest = after;
        }
        let end = tokens.last().map_or(1, |last| last.place.column + last.place.length);
        let end = Place { line: number, column: end, length: 0 };
        Self { tokens, next: 0, end, names: &[], group: None }
    }

    /// The same where these names are known.
    pub(super) fn knowing(self, names: &'a [Known]) -> Self {
        Self { names, ..self }
    }

    /// A word, or what it is a name for: `east-1.d2` is `r1.s1.d2`.
    #[inline(never)]
    fn meant<'w>(&self, word: &'w str) -> Cow<'w, str> {
        let head = word.split('.').next().unwrap_or_default();
        let is_it = |one: &&Known| {
            let own = one.group.as_deref();
            let is_own = own.is_none() || self.group.is_none() || own == self.group;
            one.name == head && is_own
        };
        match self.names.iter().find(is_it) {
            Some(one) => Cow::Owned([one.of.as_str(), &word[head.len()..]].concat()),
            None => Cow::Borrowed(word),
        }
    }

    /// True if the next token is that, by its name or by the author's.
    pub(super) fn sees(&self, is_it: impl FnOnce(&str) -> bool) -> bool {
        self.peek().is_some_and(|token| is_it(&self.meant(token.text)))
    }

    /// The next token.
    pub(super) fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).copied()
    }

    /// The text of the next token; nothing at the end of the line.
    pub(super) fn word(&self) -> &'a str {
        self.peek().map_or("", |token| token.text)
    }

    /// True if the next token is the last, but for the words of a note.
    pub(super) fn is_last(&self) -> bool {
        self.tokens.get(self.next + 1).is_none_or(Token::is_over)
    }

    /// True if an arrow follows the next token: a link stands here.
    pub(super) fn is_from(&self) -> bool {
        let after = self.tokens.get(self.next + 1);
        after.is_some_and(|token| matches!(token.text, "->" | "<->"))
    }

    /// True if that word is still to come.
    pub(super) fn has_word(&self, text: &str) -> bool {
        let mut ahead = self.tokens.iter().skip(self.next);
        ahead.any(|token| token.kind == Kind::Word && token.text == text)
    }

    /// True if that mark is still to come.
    pub(super) fn has_mark(&self, text: &str) -> bool {
        let ahead = self.tokens.iter().skip(self.next);
        ahead.into_iter().any(|token| token.kind == Kind::Mark && token.text == text)
    }

    /// Where the next token is, or the end of the line.
    pub(super) fn place(&self) -> Place {
        self.peek().map_or(self.end, |token| token.place)
    }

    /// Just behind the last token.
    pub(super) const fn end(&self) -> Place {
        self.end
    }

    /// What was expected at the next token, in the room `what`. It is made in one place of the
    /// module: else every statement of the grammar carries it.
    #[inline(never)]
    pub(super) fn expected(&self, what: &'static str) -> Box<Diagnostic> {
        let is_place = PLACES.contains(&what);
        let names = self.names.iter().map(|one| one.name.as_str());
        self.expected_one(Fact::plain(what), &names.filter(|_| is_place).collect::<Vec<_>>())
    }

    /// As [`Self::expected`], of a kind of word that these are, and the message names them.
    pub(super) fn expected_of(
        &self,
        kind: &'static str,
        names: &[&'static str],
    ) -> Box<Diagnostic> {
        self.expected_one(Fact::plain(kind).with("names", names.to_vec()), names)
    }

    /// As [`Self::expected`], with a guess at which of `known` was meant.
    #[inline(never)]
    pub(super) fn expected_one(&self, what: Fact, known: &[&str]) -> Box<Diagnostic> {
        let token = self.peek();
        let found = token.map_or(Fact::plain("end"), |token| {
            let is_other = token.kind == Kind::Word && has_other_dash(token.text);
            let kind = if is_other { "other-dash" } else { "token" };
            Fact::plain(kind).with("text", shown(token.text))
        });
        let text = self.word();
        // Of what is in a server whose name is wrong, the name.
        let guess = meant(text, known);
        let guess = guess.or_else(|| meant(text.split('.').next().unwrap_or_default(), known));
        let guess = guess.map_or(Fact::plain("none"), |name| fact!("one", name = name.to_owned()));
        let fact = fact!("expected", what);
        self.place().refuses(fact.with("found", found).with("guess", guess))
    }

    /// Takes the next token if it is a word that `read` can read.
    pub(super) fn take<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Parsed<(T, Place)> {
        let word = self.peek().filter(|token| token.kind == Kind::Word);
        let value = word.and_then(|token| {
            let is_place = !self.names.is_empty() && PLACES.contains(&what);
            let word = if is_place { self.meant(token.text) } else { Cow::Borrowed(token.text) };
            Some((read(&word)?, token.place))
        });
        self.next += usize::from(value.is_some());
        value.ok_or_else(|| self.expected(what))
    }

    /// Takes the next token if it is this word or mark.
    pub(super) fn skip(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.kind != Kind::Text && token.text == text);
        self.next += usize::from(found);
        found
    }

    /// Takes this word or mark, which the grammar demands.
    pub(super) fn demand(&mut self, text: &'static str) -> Parsed<()> {
        if self.skip(text) { Ok(()) } else { Err(self.expected_one(fact!("mark", text), &[text])) }
    }

    /// Takes a whole number; one too large for 64 bits becomes the largest.
    pub(super) fn number(&mut self, what: &'static str) -> Parsed<(u64, Place)> {
        self.take(what, whole)
    }

    /// Takes a span of time such as `300ms`.
    pub(super) fn duration(&mut self, what: &'static str) -> Parsed<(Micros, Place)> {
        let finer = self.peek().is_some_and(|token| duration(token.text) == Err(Unread::Finer));
        if finer {
            return Err(self.place().refuses("too-fine"));
        }
        self.take(what, |word| duration(word).ok())
    }

    /// Takes a text in double quotes and undoes its escapes.
    pub(super) fn string(&mut self, what: &'static str) -> Parsed<(String, Place)> {
        let token = match self.peek() {
            Some(token) if token.kind == Kind::Unclosed => {
                return Err(token.place.refuses("unclosed"));
            }
            Some(token) if token.kind == Kind::Text => token,
            _ => return Err(self.expected(what)),
        };
        self.next += 1;
        unescape(token).map(|text| (text, token.place))
    }

    /// Nothing may follow.
    pub(super) fn finish(&self) -> Parsed<()> {
        if self.peek().is_none() { Ok(()) } else { Err(self.expected("end")) }
    }
}

/// Spaces, those that do not break and those of no width; one of them some editors put at the start
/// of a file.
fn is_space(char: char) -> bool {
    char.is_whitespace() || matches!(char, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

fn width(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// The kind and length in bytes of the token at the start of `rest`, which is not empty.
fn measure(rest: &str) -> (Kind, usize) {
    if let Some(opening) = quote(rest) {
        let length = quoted_length(rest, opening);
        return length.map_or((Kind::Unclosed, rest.len()), |length| (Kind::Text, length));
    }
    if let Some((spelled, _)) = mark(rest) {
        return (Kind::Mark, spelled.len());
    }
    let ends = |rest: &str| quote(rest).is_some() || mark(rest).is_some();
    let end = rest
        .char_indices()
        .skip(1)
        .find(|&(at, char)| is_space(char) || char == '#' || ends(&rest[at..]));
    (Kind::Word, end.map_or(rest.len(), |(at, _)| at))
}

fn unescape(token: Token<'_>) -> Parsed<String> {
    let opening = quote(token.text).unwrap_or("\"");
    let inner = &token.text[opening.len()..token.text.len() - closing(token.text).len()];
    let mut text = String::with_capacity(inner.len());
    let mut column = token.place.column + width(opening) - 1;
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        column += 1;
        let place = Place { column, length: 1, ..token.place };
        match char {
            '\\' => {
                match chars.next() {
                    Some('\\') => text.push('\\'),
                    Some(escaped) if quote(escaped.encode_utf8(&mut [0; 4])).is_some() => {
                        text.push('"');
                    }
                    _ => return Err(place.refuses("escape")),
                }
                column += 1;
            }
            char if is_unprintable(char) => {
                let found = shown(char.encode_utf8(&mut [0; 4]));
                return Err(place.refuses(fact!("invisible", text = found)));
            }
            char => text.push(char),
        }
    }
    Ok(text)
}

/// Digits only; a number too large becomes the largest, and is refused by the bound it breaks.
pub(super) fn whole(word: &str) -> Option<u64> {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| word.parse().unwrap_or(u64::MAX))
}

#[derive(Debug, PartialEq, Eq)]
enum Unread {
    /// Not a span of time.
    Other,
    /// A span of time with digits below the microsecond.
    Finer,
}

/// `1.5ms`, exactly: no floating point comes near it.
fn duration(word: &str) -> Result<Micros, Unread> {
    const FAR: u64 = 1 << 60; // Beyond every bound, and safe to add to.
    let units = [("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000)];
    let (number, unit) = units
        .into_iter()
        .find_map(|(name, unit)| Some((word.strip_suffix(name)?, unit)))
        .ok_or(Unread::Other)?;
    let (ones, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let ones = whole(ones).ok_or(Unread::Other)?;
    whole(fraction).ok_or(Unread::Other)?;
    let fraction = fraction.trim_end_matches('0');
    let mut parts = 0;
    if !fraction.is_empty() {
        let digits = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
        let scale = if digits <= 9 { 10_u64.pow(digits) } else { return Err(Unread::Finer) };
        let scaled = whole(fraction).ok_or(Unread::Other)? * unit;
        if scaled % scale != 0 {
            return Err(Unread::Finer);
        }
        parts = scaled / scale;
    }
    Ok(Micros(ones.saturating_mul(unit).saturating_add(parts).min(FAR)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_are_exact() {
        for (text, micros) in [
            ("0s", 0),
            ("1us", 1),
            ("1.5ms", 1_500),
            ("0.000001s", 1),
            ("2.50s", 2_500_000),
            ("0.1m", 6_000_000),
            ("99999999999999999999s", 1 << 60),
        ] {
            assert_eq!(duration(text), Ok(Micros(micros)), "{text}");
        }
        for text in ["", "s", "1", ".5s", "1.s", "-1s", "1e3s", "+1s", "1.5.5s", "1 s", "١s"] {
            assert_eq!(duration(text), Err(Unread::Other), "{text}");
        }
        for text in ["0.5us", "1.0000001s", "0.00000001m", "0.12345678901234567890s"] {
            assert_eq!(duration(text), Err(Unread::Finer), "{text}");
        }
    }

    #[test]
    fn tokens_know_their_columns() {
        let cursor = Cursor::new("at 1s  cut n1<->n3 # \"é\"", 7);
        let seen: Vec<_> = cursor.tokens.iter().map(|t| (t.text, t.place.column)).collect();
        let expected = [("at", 1), ("1s", 4), ("cut", 8), ("n1", 12), ("<->", 14), ("n3", 17)];
        assert_eq!(seen, expected);
        let cursor = Cursor::new("title \"é\\\"#\" x \"open", 1);
        let seen: Vec<_> = cursor.tokens.iter().map(|t| (t.kind, t.place.column)).collect();
        let expected = [(Kind::Word, 1), (Kind::Text, 7), (Kind::Word, 14), (Kind::Unclosed, 16)];
        assert_eq!(seen, expected);
    }
}
