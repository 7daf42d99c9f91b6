//! Changes to a text that somebody wrote: comments, spacing and order stay as they are.
//!
//! The page turns a click into a line here, so that the text beside the picture stays the
//! reader's own. A text that cannot be read comes back as it was, or as changed as it can be.

use super::cursor::Cursor;
use super::diagnostic::Place;
use super::text::Draft;
use crate::clock::Micros;
use crate::protocol::Protocol;
use crate::protocol::catalogue::Family;

/// The text with `at AT ACT` in its place, the action as it is to be written: behind every act at
/// that time or earlier, so that it happens after those at the same time; aligned.
pub fn insert_act(text: &str, at: Micros, act: &str) -> String {
    let lines: Vec<Line<'_>> = text.split_inclusive('\n').map(Line::read).collect();
    let is_act = |line: &&Line<'_>| line.act_column.is_some();
    let earlier = |line: &Line<'_>| line.act_column.is_some() && line.at.is_some_and(|t| t <= at);
    let later = |line: &Line<'_>| line.at.is_some_and(|time| time > at) || line.is_run;
    let place = match lines.iter().rposition(earlier) {
        Some(last) => last + 1,
        None => lines.iter().position(later).unwrap_or(lines.len()),
    };
    let before = lines[..place].iter().rfind(is_act);
    let neighbour = before.or_else(|| lines[place..].iter().find(is_act));
    let (indent, column) =
        neighbour.map_or(("", 0), |line| (line.indent, line.act_column.unwrap_or(0)));
    let head = format!("{indent}at {at}");
    let spaces = column.saturating_sub(1).saturating_sub(head.chars().count()).max(1);
    let statement = format!("{head}{:spaces$}{act}", "");
    splice(text, &lines, place, &statement)
}

/// The text with `statement` as a new line before line number `place`.
fn splice(text: &str, lines: &[Line<'_>], place: usize, statement: &str) -> String {
    // A search in the whole text would cost the module a searcher.
    let ends_in_two = lines.iter().any(|line| line.whole.ends_with("\r\n"));
    let newline = if ends_in_two { "\r\n" } else { "\n" };
    let mut edited = String::with_capacity(text.len() + statement.len() + 2);
    edited.extend(lines[..place].iter().map(|line| line.whole));
    if !edited.is_empty() && !edited.ends_with('\n') {
        edited += newline;
        return edited + statement;
    }
    edited += statement;
    edited += newline;
    edited.extend(lines[place..].iter().map(|line| line.whole));
    edited
}

/// The text with another protocol for that group. One that survives no liars cannot be told how
/// many, one that offers no reads is asked for none, nobody comes at a rate to one that decides
/// once, and one without disks waits for none: such lines become comments.
pub fn set_protocol(text: &str, group: usize, protocol: Protocol) -> String {
    let draft = Draft::read(text).ok();
    let Some(draft) = draft.and_then(|mut draft| draft.take_group(group)) else {
        return text.to_owned();
    };
    let mut edited = replace(text, draft.protocol.map(|put| put.1), protocol.name());
    let mut comment_out = |word: Place| {
        edited = replace(&edited, Some(Place { column: 1, length: 0, ..word }), "# ");
    };
    match (draft.tolerate, protocol.family()) {
        (Some((_, word)), Family::Crash | Family::Production) => comment_out(word),
        (Some(_), Family::Byzantine) | (None, _) => {}
    }
    if let Some(((_, word), _)) = draft.read.filter(|(_, (by, _))| !protocol.reads_by(*by)) {
        comment_out(word);
    }
    let is_asked = !protocol.is_generals() && !protocol.decides_once();
    if let Some((_, [word, ..])) = draft.clients.filter(|_| !is_asked) {
        comment_out(word);
    }
    for database in draft.databases.iter().filter(|_| !is_asked) {
        comment_out(database.places[0]);
    }
    for (word, _) in draft.clocks.iter().filter(|_| protocol.is_generals()) {
        comment_out(word.1);
    }
    if let Some(word) = draft.disk.place().filter(|_| !protocol.waits_for_disks()) {
        comment_out(word);
    }
    edited
}

/// The text with another seed for that group: its own, or the one that it has of the first.
pub fn set_seed(text: &str, group: usize, seed: u32) -> String {
    let of = |number| Draft::read(text).ok()?.take_group(number)?.seed;
    let place = of(group).or_else(|| of(0)).map(|put| put.1);
    replace(text, place, &seed.to_string())
}

fn replace(text: &str, place: Option<Place>, word: &str) -> String {
    let Some(Place { line, column, length }) = place else { return text.to_owned() };
    let mut edited = String::with_capacity(text.len() + word.len());
    for (number, whole) in (1..).zip(text.split_inclusive('\n')) {
        if number == line {
            let byte = |chars: u32| {
                whole.char_indices().nth(chars as usize).map_or(whole.len(), |(byte, _)| byte)
            };
            edited += &whole[..byte(column - 1)];
            edited += word;
            edited += &whole[byte(column - 1 + length)..];
        } else {
            edited += whole;
        }
    }
    edited
}

/// What an insertion must know of a line.
struct Line<'a> {
    /// With its end.
    whole: &'a str,
    indent: &'a str,
    /// The time of an act or a note.
    at: Option<Micros>,
    /// Where the act starts behind its time, if it is one.
    act_column: Option<usize>,
    is_run: bool,
}

impl<'a> Line<'a> {
    fn read(whole: &'a str) -> Self {
        let indent = &whole[..whole.len() - whole.trim_start_matches([' ', '\t']).len()];
        let mut cursor = Cursor::new(whole, 1);
        let is_at = cursor.skip("at");
        let is_note = ["note", "step", "ask"].into_iter().any(|word| cursor.skip(word));
        let is_run = cursor.skip("run");
        let at = if is_at || is_note { cursor.duration("").ok() } else { None };
        let act_column = (is_at && at.is_some()).then(|| cursor.place().column as usize);
        Self { whole, indent, at: at.map(|(at, _)| at), act_column, is_run }
    }
}
