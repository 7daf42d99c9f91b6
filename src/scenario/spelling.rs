//! Marks and quotes as they are typed, and as blogs, chats and phones spell them.
//!
//! WordPress turns straight quotes curly and `--` into a dash, a page shows `->` as `→`, and HTML
//! writes `<->` as `&lt;-&gt;`. Outside a quoted text these can mean only one thing, so they are
//! read as what was typed. What is printed is always the plain spelling.

/// Each mark, how it may be spelled; of two that begin alike the longer first.
const MARKS: [(&str, &str); 26] = [
    ("<->", "<->"),
    ("->", "->"),
    ("..", ".."),
    (":", ":"),
    (",", ","),
    ("%", "%"),
    ("|", "|"),
    ("｜", "|"),
    ("&#124;", "|"),
    ("→", "->"),
    ("⟶", "->"),
    ("⇒", "->"),
    ("↔", "<->"),
    ("⟷", "<->"),
    ("⇄", "<->"),
    ("–>", "->"),
    ("—>", "->"),
    ("−>", "->"),
    ("<–>", "<->"),
    ("<—>", "<->"),
    ("<−>", "<->"),
    ("-&gt;", "->"),
    ("–&gt;", "->"),
    ("&lt;-&gt;", "<->"),
    ("&lt;–&gt;", "<->"),
    ("…", ".."),
];

/// The mark that `rest` begins with: as it is spelled, and plainly.
pub(super) fn mark(rest: &str) -> Option<(&'static str, &'static str)> {
    // Most of a text is letters, digits and spaces.
    let first = *rest.as_bytes().first()?;
    if first.is_ascii_alphanumeric() || first == b' ' {
        return None;
    }
    MARKS.into_iter().find(|(spelled, _)| rest.starts_with(spelled))
}

/// What stands around a text, the plain one first.
const QUOTES: [&str; 8] = ["\"", "“", "”", "„", "‟", "″", "＂", "&quot;"];

/// The quote that `rest` begins with.
pub(super) fn quote(rest: &str) -> Option<&'static str> {
    let first = *rest.as_bytes().first()?;
    if !matches!(first, b'"' | b'&' | 0x80..) {
        return None;
    }
    QUOTES.into_iter().find(|quote| rest.starts_with(quote))
}

/// The quote that `text` ends with.
pub(super) fn closing(text: &str) -> &'static str {
    QUOTES.into_iter().find(|quote| text.ends_with(quote)).unwrap_or("\"")
}

/// How many bytes of `rest`, which begins with `opening`, its quoted text takes, both quotes
/// included; `None` if it does not end.
///
/// A plain quote ends at the next plain one. Any other ends where as many close as have opened, and
/// where no count comes out (`„so“`, `″so″`, `“so"`) at the last quote there is. A plain one that
/// has no other is closed by a curly one too many.
pub(super) fn quoted_length(rest: &str, opening: &str) -> Option<usize> {
    let quotes = || quotes(rest).skip(1);
    let (mut depth, mut last) = (1, None);
    if opening == "\""
        && let Some((end, _)) = quotes().find(|(_, quote)| *quote == "\"")
    {
        return Some(end);
    }
    for (end, quote) in quotes() {
        match quote {
            "“" | "„" => depth += 1,
            "”" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(end);
        }
        last = Some(end);
    }
    last.filter(|_| opening != "\"")
}

/// The quotes of a line that no `\` stands before, each with the place just behind it.
fn quotes(line: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let mut escaped = false;
    line.char_indices().filter_map(move |(at, char)| {
        let found = if escaped { None } else { quote(&line[at..]) };
        escaped = char == '\\' && !escaped;
        found.map(|found| (at + found.len(), found))
    })
}

/// Dashes and hyphens that look like the `-` that names and arrows are made with.
pub(super) fn has_other_dash(word: &str) -> bool {
    word.contains(['‐', '‑', '‒', '–', '—', '−'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::scenario::text::parse;
    use crate::scenario::{arbitrary, library};

    fn text(rest: &str) -> Option<&str> {
        quoted_length(rest, quote(rest)?).map(|length| &rest[..length])
    }

    #[test]
    fn a_quoted_text_ends_where_its_writer_ended_it() {
        for (rest, quoted) in [
            ("\"so\" x", "\"so\""),
            ("\"“so”\" x", "\"“so”\""),
            ("\"a ” b\" x", "\"a ” b\""),
            ("\"a \\\" b\" x", "\"a \\\" b\""),
            ("“so” x", "“so”"),
            ("“a “b” c” x", "“a “b” c”"),
            ("“a \\” b” x", "“a \\” b”"),
            ("“5\" disks” x", "“5\" disks”"),
            ("„so“ x", "„so“"),
            ("”so” x", "”so”"),
            ("″so″", "″so″"),
            ("“so\" x", "“so\""),
            ("\"so” x", "\"so”"),
            ("\"a “b” c” x", "\"a “b” c”"),
            ("&quot;so&quot; x", "&quot;so&quot;"),
        ] {
            assert_eq!(text(rest), Some(quoted), "{rest}");
        }
        for rest in ["\"so", "“so", "\"a “b” c", "so", "\"so\\\"", "&quot;", "“\\”"] {
            assert_eq!(text(rest), None, "{rest}");
        }
    }

    /// What a blog makes of a text: curly quotes, spaces that do not break, other arrows.
    fn blogged(text: &str, rng: &mut Rng) -> String {
        let mut one = |of: &[&'static str]| of[rng.below(of.len() as u32) as usize];
        let (both, arrow) = (one(&["↔", "⇄", "<–>", "&lt;-&gt;"]), one(&["→", "–>", "-&gt;", "⟶"]));
        let (open, close) = [("“", "”"), ("”", "”"), ("„", "“"), ("&quot;", "&quot;"), ("“", "\"")]
            [rng.below(5) as usize];
        let mut blogged = String::new();
        for line in text.lines() {
            // A text in quotes is the last thing on its line, and what is in it stays.
            let (outside, inside) = line.split_once('"').unwrap_or((line, ""));
            let outside = outside.replace("<->", both).replace("->", arrow).replace("..", "…");
            blogged += &outside.replace(' ', "\u{a0}");
            if let Some(inside) = inside.strip_suffix('"') {
                blogged += &format!("{open}{inside}{close}");
            }
            blogged += "\u{200b}\n";
        }
        blogged
    }

    #[test]
    fn a_text_that_went_through_a_blog_says_what_it_said() {
        let mut quoted = 0;
        for seed in 0..500 {
            let mut rng = Rng::new(seed);
            let scenario = arbitrary::scenario(&mut rng);
            let text = scenario.to_string();
            // Quotes within a title are its writer's, and a blog makes something else of them.
            if text.lines().any(|line| line.matches('"').count() > 2) {
                continue;
            }
            quoted += 1;
            let blogged = blogged(&text, &mut rng);
            let read = parse(&blogged).unwrap_or_else(|wrong| panic!("{wrong:?}\n{blogged}"));
            assert_eq!(read, scenario, "{blogged}");
            assert_eq!(read.to_string(), text, "what is printed is plain");
        }
        assert!(quoted > 100, "{quoted}");
        for entry in library::library() {
            let mut rng = Rng::new(1);
            let read = parse(&blogged(entry.text, &mut rng).replace("&quot;", "“"));
            assert_eq!(read, parse(entry.text), "{}", entry.name);
        }
    }

    #[test]
    fn a_wrong_dash_is_pointed_at() {
        let text = library::STORY.text.replace("r1.tor-a", "r1.tor–a");
        let wrong = parse(&text).expect_err("no part is called so");
        assert!(wrong[0].message().ends_with("whose dash is not the plain `-`"), "{wrong:?}");
    }

    #[test]
    fn a_mark_that_begins_another_does_not_hide_it() {
        for (number, (spelled, plain)) in MARKS.into_iter().enumerate() {
            assert_eq!(mark(spelled), Some((spelled, plain)));
            let earlier = MARKS[..number].iter().find(|(other, _)| spelled.starts_with(other));
            assert_eq!(earlier, None, "{spelled}");
        }
    }
}
