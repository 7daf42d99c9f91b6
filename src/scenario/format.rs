//! A text in its canonical form, with its comments.
//!
//! The printer knows no comments, for they are no part of a scenario. Here each statement of a text
//! is found again among the printed ones, and its comments go with it: those of the lines above it
//! stay above, the one behind it stays behind. What the printer leaves out, because it says what is
//! so anyhow, leaves its comments to the next statement.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::diagnostic::Diagnostic;
use super::names::{self, Known};
use super::note::NoteDraft;
use super::print::print;
use super::text::parse;
use crate::clock::Micros;

/// The canonical form of a text.
///
/// # Errors
///
/// What is wrong with the text; or, that what came of it is too long.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let printed = print(&parse(text)?);
    if !text.lines().any(|line| !comment(line).is_empty()) {
        return Ok(printed);
    }
    let formatted = with_comments(text, &printed);
    parse(&formatted).map(|_| formatted)
}

/// What a printed line takes along.
#[derive(Clone, Default)]
struct Comments<'a> {
    above: Vec<&'a str>,
    behind: &'a str,
}

fn with_comments(text: &str, printed: &str) -> String {
    let places = places(text, printed);
    let mut kept = vec![Comments::default(); printed.lines().count() + 1];
    let mut waiting = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let comment = comment(line);
        match places.get(&number) {
            Some(&place) => {
                kept[place] = Comments { above: std::mem::take(&mut waiting), behind: comment };
            }
            None if comment.is_empty() => {}
            None => waiting.push(comment),
        }
    }
    // Behind the last statement.
    let last = kept.len() - 1;
    kept[last].above = waiting;
    let mut formatted = String::with_capacity(text.len());
    for (line, Comments { above, behind }) in printed.lines().chain([""]).zip(kept) {
        for comment in above {
            formatted.extend([comment, "\n"]);
        }
        let gap = if behind.is_empty() { "" } else { "  " };
        formatted.extend([line, gap, behind, "\n"]);
    }
    // That of no statement.
    formatted.pop();
    formatted
}

/// The comment of a line, "# …", or nothing.
fn comment(line: &str) -> &str {
    let end = Cursor::new(line, 1).end().column as usize - 1;
    let byte = line.char_indices().nth(end).map_or(line.len(), |(byte, _)| byte);
    line[byte..].find('#').map_or("", |from| line[byte + from..].trim_end())
}

/// Where each statement of a text stands among the printed ones, by the numbers of lines.
fn places(text: &str, printed: &str) -> BTreeMap<usize, usize> {
    let mut found: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (which, line) in statements(printed) {
        found.entry(which).or_default().push(line);
    }
    // Those of one kind come last first.
    found.values_mut().for_each(|lines| lines.reverse());
    let own = statements(text).into_iter();
    own.filter_map(|(which, line)| Some((line, found.get_mut(&which)?.pop()?))).collect()
}

/// What a statement is about: its word, the number of its group, and whom or what it names. Where
/// several are about the same, they come in the printer's order.
type Which = (&'static str, usize, String);

/// The statements of a text that can be read, each with the number of its line.
fn statements(text: &str) -> Vec<(Which, usize)> {
    let names = names::known(text);
    let (mut clusters, mut cluster) = (0_usize, "");
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut cursor = Cursor::new(line, 1);
        if cursor.skip("cluster") {
            (clusters, cluster) = (clusters + 1, cursor.word());
        }
        let group = (clusters.saturating_sub(1), cluster);
        if let Some((which, at)) = statement(Cursor::new(line, 1).knowing(&names), group, &names) {
            found.push((which, at, number));
        }
    }
    // What is told in order of time keeps the order of lines where times are the same.
    found.sort_by_key(|(_, at, _)| *at);
    found.into_iter().map(|(which, _, number)| (which, number)).collect()
}

/// What the statement of a line is about, and when it comes, where that counts.
fn statement<'a>(
    mut cursor: Cursor<'a>,
    (number, cluster): (usize, &'a str),
    names: &[Known],
) -> Option<(Which, Micros)> {
    let word = cursor.word();
    let of_plant = |word, what| Some(((word, 0, what), Micros::ZERO));
    cursor.skip(word);
    match word {
        "at" => {
            let at = cursor.duration("").ok()?.0;
            if cursor.skip("in") {
                cursor.skip(cursor.word());
            }
            // What is done for a time is printed with what is repeated.
            let word = if cursor.has_word("for") { "every" } else { "at" };
            Some(((word, 0, String::new()), at))
        }
        "every" => {
            cursor.duration("").ok()?;
            cursor.demand("from").ok()?;
            Some((("every", 0, String::new()), cursor.duration("").ok()?.0))
        }
        "note" | "step" | "ask" => {
            let note = NoteDraft::read(word, &mut cursor).ok()?.note;
            Some((("note", 0, String::new()), note.time().unwrap_or(Micros::NEVER)))
        }
        "server" => of_plant("server", meant(&cursor)),
        "name" => {
            let of = cursor.word();
            cursor.skip(of);
            let name = cursor.word().to_owned();
            // Each group may have a replica of that name.
            let own = names.iter().find(|one| one.name == name && one.group.is_none());
            let group = if own.is_some() { 0 } else { number };
            Some((("name", group, name), Micros::ZERO))
        }
        "expect" => of_plant("expect", String::new()),
        "timing" | "clock" => {
            cursor.group = Some(cluster);
            let of = if cursor.skip("heartbeat") { String::new() } else { meant(&cursor) };
            let word = if word == "clock" { "clock" } else { "timing" };
            Some(((word, number, of), Micros::ZERO))
        }
        _ => {
            let known = OF_PLANT.into_iter().find(|one| *one == word);
            if let Some(word) = known {
                return of_plant(word, String::new());
            }
            let word = OF_GROUP.into_iter().find(|one| *one == word)?;
            Some(((word, number, String::new()), Micros::ZERO))
        }
    }
}

/// The next word, or what it is a name for.
fn meant(cursor: &Cursor<'_>) -> String {
    let mut meant = String::new();
    cursor.sees(|word| {
        word.clone_into(&mut meant);
        true
    });
    meant
}

/// What a text says once.
const OF_PLANT: [&str; 7] = ["halflink", "title", "source", "plant", "power", "network", "run"];

/// What it says of each group.
const OF_GROUP: [&str; 9] =
    ["cluster", "tolerate", "seed", "write", "clients", "database", "read", "disk", "transport"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::scenario::{arbitrary, library};

    /// A text with its lines out of order, where the language lets them be, each with comments:
    /// above it and behind it, and told apart.
    fn commented(text: &str, rng: &mut Rng) -> String {
        let mut lines: Vec<&str> = text.lines().collect();
        // Actions and notes may stand anywhere behind the first line, if those at one time stay so.
        for place in (2..lines.len()).rev() {
            let word = |line: &str| line.split(' ').next().map(str::to_owned);
            let told = ["at", "every", "note", "step", "ask"].map(|word| Some(word.to_owned()));
            let (one, other) = (word(lines[place]), word(lines[place - 1]));
            let apart = one != other && !(told.contains(&one) && told.contains(&other));
            if apart && told.contains(&one) && rng.below(3) == 0 {
                lines.swap(place, place - 1);
            }
        }
        let mut commented = String::new();
        for (number, line) in lines.into_iter().enumerate() {
            if rng.below(3) == 0 {
                commented += &format!("\n  # above {number} \u{e9}: {}\n", first(line));
            }
            let behind = if rng.below(2) == 0 {
                format!("# behind {number}: {line}")
            } else {
                String::new()
            };
            commented += &format!("{}  {behind}\n", line.replacen(' ', "   ", 1));
        }
        commented + "# the end"
    }

    fn first(line: &str) -> &str {
        line.split(' ').next().unwrap_or_default()
    }

    /// Comments come each once, behind the statement that they were behind, above the one that they
    /// were above; all else is as it is printed.
    fn holds(text: &str, printed: &str) {
        let formatted = format(text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
        assert_eq!(format(&formatted).as_ref(), Ok(&formatted), "twice is once");
        assert_eq!(parse(&formatted), parse(text));
        let bare = |line: &str| line.split('#').next().unwrap_or_default().trim_end().to_owned();
        let mut above = Vec::new();
        let mut count = 0;
        for line in formatted.lines() {
            let statement = bare(line);
            count += usize::from(line.contains('#'));
            if statement.is_empty() {
                above.push(line);
                continue;
            }
            for comment in above.drain(..).filter(|comment| comment.contains("# above")) {
                let word = comment.split(": ").nth(1);
                assert_eq!(word, Some(first(&statement)), "{comment}\n{formatted}");
            }
            if let Some((_, behind)) = line.split_once("# behind ") {
                let own = behind.split_once(": ").map(|(_, line)| line);
                assert_eq!(own, Some(statement.as_str()), "{formatted}");
            }
        }
        let all = text.lines().filter(|line| line.contains('#')).count();
        assert_eq!(count, all, "none is lost\n{text}\n{formatted}");
        let rest = formatted.lines().map(bare).filter(|line| !line.is_empty());
        assert_eq!(rest.map(|line| line + "\n").collect::<String>(), printed);
    }

    #[test]
    fn comments_go_with_their_statements() {
        let mut kept = 0;
        for seed in 0..2_000 {
            let mut rng = Rng::new(seed);
            let printed = print(&arbitrary::scenario(&mut rng));
            assert_eq!(format(&printed).as_ref(), Ok(&printed));
            // A title may hold a `#`, which the test does not tell from a comment.
            if printed.contains('#') {
                continue;
            }
            kept += 1;
            holds(&commented(&printed, &mut rng), &printed);
        }
        assert!(kept > 500, "{kept}");
    }

    #[test]
    fn what_is_shipped_is_formatted_as_it_is_printed() {
        for entry in library::library() {
            let printed = print(&parse(entry.text).expect("it is shipped"));
            let formatted = format(entry.text).expect("it is shipped");
            let bare = formatted.lines().filter(|line| !line.starts_with('#'));
            let bare = bare.map(|line| line.strip_suffix(comment(line)).unwrap_or(line).trim_end());
            assert_eq!(bare.map(|line| line.to_owned() + "\n").collect::<String>(), printed);
            let comments = |text: &'static str| text.lines().map(comment).collect::<String>();
            let left = formatted.lines().map(comment).collect::<String>();
            assert_eq!(left.len(), comments(entry.text).len(), "{}", entry.name);
        }
    }

    #[test]
    fn what_says_nothing_new_goes_and_leaves_its_comment() {
        let text = "# a file of mine\nhalflink 1 # one\ntitle \"T # t\"\n\
            plant 3 racks of 1 servers, 2 disks each\ncluster c: raft on east r2.s1 r3.s1\n\
            # which is usual\ntransport datagram # so are these\n\
            timing heartbeat 100ms,election 1s..2s\n\
            seed 1\n\nat 1000ms cut n1->n2 # first\nat 0.5s pause east for 1s # a while\n\
            name r1.s1 east\nat 500ms elect n2 # earlier\nrun 10s\n";
        let expected = "# a file of mine\nhalflink 1  # one\ntitle   \"T # t\"\n\
            plant   3 racks of 1 server, 2 disks each\nname    r1.s1 east\n\
            cluster c: raft on east r2.s1 r3.s1\n# which is usual\n# so are these\n\
            timing  heartbeat 100ms, election 1s..2s\nseed    1\n\
            at 500ms pause east for 1s  # a while\nat 500ms elect n2  # earlier\n\
            at 1s    cut n1 -> n2  # first\nrun     10s\n";
        assert_eq!(format(text).as_deref(), Ok(expected));
        assert!(format("halflink 1\n").is_err());
    }
}
