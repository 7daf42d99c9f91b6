//! An address as it was before it was pasted through a chat, a mail or a blog.
//!
//! They spell `&` as `&amp;`, escape letters, break lines, and glue on what stood around it. The
//! page does the same in `www/address.js`; `tests/links/forgiven.txt` is the table of both.

use crate::clock::Micros;

/// What an address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The letters of a link, `2.…`, or the name of a shipped scenario.
    pub what: String,
    /// The moment to look at.
    pub at: Option<Micros>,
    /// Moments that are none.
    pub refused: Vec<String>,
}

/// Reads what follows the first `#`; `None` if there is none.
pub fn asked(pasted: &str) -> Option<Asked> {
    let hash =
        pasted.char_indices().find(|&(at, char)| char == '#' && !pasted[..at].ends_with('&'));
    let text = tidy(&pasted[hash?.0 + 1..]);
    let mut parts = text.split(['&', '?']);
    let what = parts.next().unwrap_or_default().to_owned();
    let times: Vec<_> = parts.filter_map(|part| part.strip_prefix("t=")).collect();
    let at = times.iter().find_map(|time| read_time(time));
    let refused = times.into_iter().filter(|time| read_time(time).is_none());
    Some(Asked { what, at, refused: refused.map(|time| format!("t={time}")).collect() })
}

/// Only what an address can hold, up to where it ends.
fn tidy(hash: &str) -> String {
    let unescaped = unescape(hash).unwrap_or_else(|| hash.to_owned());
    let mut text: String = without_entities(&unescaped)
        .chars()
        .filter(|&char| !char.is_whitespace() && !is_unseen(char) && char != '\\')
        .collect();
    let ends = |char| {
        matches!(char, '"' | '\'' | '<' | '>' | ')' | ']' | '}' | '|' | '`')
            || matches!(char, '“' | '”' | '‘' | '’' | '«' | '»')
    };
    text.truncate(text.find(ends).unwrap_or(text.len()));
    text.truncate(text.find(":~:").unwrap_or(text.len()));
    let glued = ['.', ',', ';', ':', '!', '?', '*', '~', '…', '。', '，', '）'];
    text.trim_end_matches(glued).to_owned()
}

const fn is_unseen(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// `%26` as `&`; `None` where some of it is no escape, or nothing in UTF-8.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| plain)?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// `&amp;`, `&#038;` and `&amp;amp;` as `&`.
fn without_entities(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut pieces = text.split('&');
    plain += pieces.next().unwrap_or_default();
    for piece in pieces {
        let mut rest = piece;
        while let Some(after) = entity(rest) {
            rest = after;
        }
        plain.push('&');
        plain += rest;
    }
    plain
}

/// What follows the entity of an `&`, whose `&` is taken.
fn entity(text: &str) -> Option<&str> {
    let (name, after) = text.split_once(';')?;
    let number = |digits: &str| digits.trim_start_matches('0').to_owned();
    let is_and = name.eq_ignore_ascii_case("amp")
        || name.strip_prefix("#").is_some_and(|digits| number(digits) == "38")
        || name
            .strip_prefix(['#'])
            .and_then(|name| name.strip_prefix(['x', 'X']))
            .is_some_and(|digits| number(digits) == "26");
    is_and.then_some(after)
}

/// Seconds ("15", "12.5", "15s"), or what a clock shows ("0:15", "1:02:03").
fn read_time(words: &str) -> Option<Micros> {
    let words = words.strip_suffix('s').unwrap_or(words);
    let mut parts = words.rsplit(':');
    let (seconds, minutes, hours) = (parts.next()?, parts.next(), parts.next());
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if parts.next().is_some() || fraction.len() > 6 {
        return None;
    }
    let seconds = digits(seconds, 5)?;
    let fraction = digits(&format!("{fraction:0<6}"), 6).filter(|_| !fraction.is_empty())?;
    let minutes = minutes.map(|minutes| digits(minutes, 4));
    let hours = hours.map(|hours| digits(hours, 2));
    if minutes.is_some() && seconds >= 60 || hours.is_some() && minutes? >= Some(60) {
        return None;
    }
    let (hours, minutes) = (hours.unwrap_or(Some(0))?, minutes.unwrap_or(Some(0))?);
    Some(Micros(((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction))
}

fn digits(text: &str, most: usize) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number && text.len() <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::scenario::link::{LinkError, decode, encode};
    use crate::scenario::{arbitrary, library};

    const FORGIVEN: &str = include_str!("../../../tests/links/forgiven.txt");

    /// `\n` and `\u{ad}` as the letters that they stand for.
    fn plain(written: &str) -> String {
        let mut text = String::new();
        let written = written.replace("\\n", "\n");
        let mut pieces = written.split("\\u{");
        text += pieces.next().unwrap_or_default();
        for piece in pieces {
            let (code, rest) = piece.split_once('}').expect("a code ends");
            let code = u32::from_str_radix(code, 16).expect("hexadecimal");
            text.push(char::from_u32(code).expect("a letter"));
            text += rest;
        }
        text
    }

    #[test]
    fn what_the_page_forgives_is_forgiven() {
        let rows = FORGIVEN.lines().filter(|line| !line.starts_with("# "));
        let mut count = 0;
        for row in rows {
            let mut columns = row.split('\t');
            let pasted = plain(columns.next().expect("a line has columns"));
            let read = asked(&pasted).expect("it has a `#`");
            assert_eq!(Some(read.what.as_str()), columns.next(), "{pasted}");
            let at = columns.next().map(|at| Micros(at.parse().expect("microseconds")));
            assert_eq!(read.at, at, "{pasted}");
            let times = pasted.contains("t=") && at.is_none();
            assert_eq!(!read.refused.is_empty(), times, "{pasted}");
            count += 1;
        }
        assert!(count > 40, "{count} rows");
    }

    /// What a chat, a mail or a blog makes of an address.
    fn pasted(rng: &mut Rng, address: &str) -> String {
        let mut one = |of: &[&'static str]| of[rng.below(of.len() as u32) as usize];
        let and = one(&["&", "&amp;", "&#038;", "&#x26;", "&amp;amp;", "%26", "\\&"]);
        let escaped = one(&["_", "\\_", "%5F", "_"]);
        let around = one(&["", "<", "(", "see [it](", "\u{feff}", "&#039;"]);
        let glued = one(&["", ".", ")", ").", ">", "\"", "”", "’s", "?", "…", "**", ") and so on"]);
        let between = one(&["", "\n", "\r\n", " ", "\u{200b}", "\u{ad}"]);
        // A break between two escaped letters is no part of either.
        let at = 24 + rng.below(address.len() as u32 - 24) as usize;
        let (head, tail) = address.split_at(at);
        let spell = |text: &str| text.replace('_', escaped).replace('&', and);
        format!("{around}{}{between}{}{glued}", spell(head), spell(tail))
    }

    #[test]
    fn a_link_that_went_through_a_chat_opens() {
        for seed in 0..300 {
            let mut rng = Rng::new(seed);
            let text = arbitrary::scenario(&mut rng).to_string();
            let link = encode(&text, Some(u64::from(rng.below(u32::MAX)) << 32));
            let address = format!("https://x.org/halflink/{link}&t=0:15&compare=vr");
            let through = pasted(&mut rng, &address);
            let read = asked(&through).expect("it has a `#`");
            assert_eq!((read.at, read.refused), (Some(Micros(15_000_000)), vec![]), "{through}");
            assert_eq!(decode(&read.what).expect("it opens").text, text, "{through}");
        }
    }

    #[test]
    fn dashes_that_a_blog_joined_are_parted() {
        let mut seen = 0;
        for seed in 0..4_000 {
            let text = library::STORY.text.replace("2020", &seed.to_string());
            let link = encode(&text, None);
            if !link.contains("--") {
                continue;
            }
            seen += 1;
            // WordPress, phones, and hyphens that do not break.
            for joined in [
                link.replace("---", "—").replace("--", "–"),
                link.replace("--", "—"),
                link.replace('-', "‑"),
            ] {
                assert_eq!(decode(&joined).expect("it opens").text, text, "{joined}");
            }
            if seen > 20 {
                return;
            }
        }
        panic!("only {seen} links with two dashes in a row");
    }

    #[test]
    fn a_damaged_link_is_refused_in_words() {
        let link = encode(library::STORY.text, None);
        for cut in [4, 10, link.len() / 2, link.len() - 1] {
            let through = format!("{}).", &link[..cut]);
            let read = asked(&through).expect("it has a `#`");
            assert_eq!(decode(&read.what), Err(LinkError::CutShort), "{through}");
        }
        let swapped = format!("{}{}{}", &link[..20], &link[21..22], &link[20..21]) + &link[22..];
        if swapped != link {
            assert_eq!(decode(&swapped), Err(LinkError::Damaged));
        }
        assert!(matches!(decode("#2.Aé"), Err(LinkError::Letter('é', 5))));
        assert_eq!(asked("no link at all"), None);
    }
}
