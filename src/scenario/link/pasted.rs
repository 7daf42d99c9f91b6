//! An address as it was before it was pasted through a chat, a mail or a blog.
//!
//! They spell `&` as `&amp;`, escape letters, break lines, put better-looking dashes, and glue on what
//! stood around it. The page does the same in `www/run/forgive.js`; `tests/links/forgiven.txt` is the
//! table of both.

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

/// Reads what follows the `#`; `None` if there is none.
pub fn asked(pasted: &str) -> Option<Asked> {
    let text = tidy(hash_in(pasted)?);
    let mut parts = text.split('&');
    let what = parts.next().unwrap_or_default().to_owned();
    let times: Vec<_> = parts.filter_map(|part| part.strip_prefix("t=")).collect();
    let at = times.iter().find_map(|time| read_time(time));
    let refused = times.into_iter().filter(|time| read_time(time).is_none());
    Some(Asked { what, at, refused: refused.map(|time| format!("t={time}")).collect() })
}

/// What follows the `#` of a link, or else the first `#` that begins no entity. A mail's guard against
/// bad addresses escapes the whole of one: there it is `%23`.
fn hash_in(pasted: &str) -> Option<&str> {
    let after = |mark: &'static str| {
        let begins = move |&(at, _): &(usize, &str)| !pasted[..at].ends_with('&');
        pasted.match_indices(mark).filter(begins).map(move |(at, _)| &pasted[at + mark.len()..])
    };
    let plain = || after("#").chain(after("＃"));
    let link = |rest: &&str| rest.starts_with("1.") || rest.starts_with("2.");
    let escaped = || after("%23").chain(after("%2523"));
    plain().find(link).or_else(|| plain().next()).or_else(|| escaped().next())
}

/// What was escaped may have been escaped again.
const ROUNDS: usize = 4;

/// Marks that end a sentence or dress a word, and no link.
const GLUED: [char; 12] = ['.', ',', ';', ':', '!', '?', '*', '~', '/', '+', '%', '…'];

/// Only what an address can hold, up to where it ends.
fn tidy(hash: &str) -> String {
    let mut text = hash.to_owned();
    for _ in 0..ROUNDS {
        let plainer = without_backslash_codes(&without_entities(&unescape(&narrow(&text))));
        if plainer == text {
            break;
        }
        text = plainer;
    }
    let text = unfolded(text.trim_start_matches(['!', '/']));
    let seen = |&char: &char| !is_unseen(char) && char != '\\';
    let mut text: String = text.chars().filter(seen).collect();
    text.truncate(text.find(is_end).unwrap_or(text.len()));
    text.truncate(text.find(":~:").unwrap_or(text.len()));
    let text = text.trim_end().trim_end_matches(GLUED);
    let mut parts = text.split(['&', '?']);
    let mut tidied = tidy_link(trimmed(parts.next().unwrap_or_default()));
    for option in parts.map(|part| tidy_option(trimmed(part))).filter(|option| !option.is_empty()) {
        tidied = tidied + "&" + &option;
    }
    // Of what is nothing but damage, whoever reads it says so.
    if tidied.is_empty() { hash.to_owned() } else { tidied }
}

fn trimmed(part: &str) -> &str {
    part.trim().trim_end_matches(GLUED)
}

/// The name of a shipped scenario, and not what was glued to it; or a link, of which its decoder
/// knows where it ends.
fn tidy_link(link: &str) -> String {
    if !link.starts_with(|first: char| first.is_ascii_alphabetic()) {
        let link: String = link.split_whitespace().collect();
        let mut parts = link.split('.');
        let format = parts.next().unwrap_or_default();
        let letters =
            parts.next().and_then(|letters| letters.split([',', ';', ':', '!', '*']).next());
        return letters.map_or(format.to_owned(), |letters| format!("{format}.{letters}"));
    }
    // A mail breaks lines, and what comes after a space is another word.
    let link = link.replace(['\r', '\n'], "");
    let is_end = |char: char| {
        !char.is_ascii_alphanumeric() && !matches!(char, '_' | '.' | '-' | '‐'..='–' | '−')
    };
    let name = link.split(is_end).next().unwrap_or_default();
    name.replace(is_dash, "-").trim_end_matches(['-', '_', '.']).to_ascii_lowercase()
}

/// An option, and not the words after it: "t=0:15 and so on".
fn tidy_option(option: &str) -> String {
    let Some((name, value)) = option.split_once('=') else {
        return option.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    };
    let key: String = name.split_whitespace().collect();
    let value = value.replace('=', "");
    let value = value.trim();
    let joined: String = value.split_whitespace().collect();
    let is_time = joined.chars().all(|char| matches!(char, '0'..='9' | '.' | ':' | '/'));
    let is_list = key.eq_ignore_ascii_case("compare") && value.contains(',');
    let is_whole = !value.contains([' ', '\t', '\u{a0}']) || is_time || is_list;
    let first = value.split_whitespace().next().unwrap_or_default();
    format!("{}={}", key.to_ascii_lowercase(), if is_whole { &joined } else { trimmed(first) })
}

/// Quotes, brackets, another `#`, and letters that no address has.
const fn is_end(char: char) -> bool {
    matches!(char, '"' | '\'' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '`' | '#')
        || matches!(char, '«' | '»' | '\u{590}'..) && !is_dash(char)
}

/// The better-looking ones.
const fn is_dash(char: char) -> bool {
    matches!(char, '‐'..='―' | '−')
}

/// Soft hyphens, joiners, marks of direction, variants, and controls.
const fn is_unseen(char: char) -> bool {
    matches!(char, '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}')
        || matches!(char, '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}')
        || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(char, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}')
}

/// Letters as wide as a Chinese one, as what they stand for.
fn narrow(text: &str) -> String {
    let one = |char| match char {
        '！'..='～' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
        char => char,
    };
    text.chars().map(one).collect()
}

/// `%26` as `&`; what is no escape, or nothing in UTF-8, as it is.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        plain += &rest[..at];
        rest = &rest[at..];
        let mut bytes = Vec::new();
        while let Some(byte) = escape(rest.as_bytes().get(3 * bytes.len()..)) {
            bytes.push(byte);
        }
        let (run, after) = rest.split_at((3 * bytes.len()).max(1));
        plain += &String::from_utf8(bytes).ok().filter(|run| !run.is_empty()).unwrap_or(run.into());
        rest = after;
    }
    plain + rest
}

/// The byte that `%26` stands for.
fn escape(rest: Option<&[u8]>) -> Option<u8> {
    let [b'%', high, low, ..] = rest? else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
}

/// A blog's entities, as far as they can stand in an address or at its end.
const ENTITIES: [(&str, &str); 41] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("shy", ""),
    ("zerowidthspace", ""),
    ("lrm", ""),
    ("rlm", ""),
    ("zwj", ""),
    ("zwnj", ""),
    ("ndash", "–"),
    ("mdash", "—"),
    ("minus", "−"),
    ("hyphen", "-"),
    ("dash", "-"),
    ("times", "×"),
    ("hellip", "…"),
    ("equals", "="),
    ("num", "#"),
    ("lowbar", "_"),
    ("period", "."),
    ("colon", ":"),
    ("comma", ","),
    ("plus", "+"),
    ("sol", "/"),
    ("percnt", "%"),
    ("quest", "?"),
    ("lpar", "("),
    ("rpar", ")"),
    ("lsqb", "["),
    ("rsqb", "]"),
    ("bsol", "\\"),
    ("tilde", "~"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("laquo", "«"),
    ("raquo", "»"),
];

/// `&amp;` and `&#038;` as `&`.
fn without_entities(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain += &rest[..at];
        rest = &rest[at + 1..];
        match entity(rest) {
            Some((letter, after)) => {
                plain += &letter;
                rest = after;
            }
            None => plain.push('&'),
        }
    }
    plain + rest
}

/// The longest name of an entity, its `;` included.
const NAME_MOST: usize = 15;

/// What an entity stands for, whose `&` is taken, and what follows it.
fn entity(text: &str) -> Option<(String, &str)> {
    let end = text.bytes().take(NAME_MOST).position(|byte| byte == b';')?;
    let (name, after) = (text[..end].to_ascii_lowercase(), &text[end + 1..]);
    let number = |digits: &str, base, most: usize| {
        let plain = !digits.is_empty() && digits.len() <= most;
        let code =
            u32::from_str_radix(digits, base).ok().filter(|_| plain && !digits.contains('+'));
        code.map(|code| char::from_u32(code).map(String::from).unwrap_or_default())
    };
    let letter = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix('x') {
            Some(digits) => number(digits, 16, 6),
            None => number(digits, 10, 7),
        },
        None => ENTITIES.iter().find(|one| one.0 == name).map(|one| one.1.to_owned()),
    };
    letter.map(|letter| (letter, after))
}

/// `\u0026`, as JSON has it, as `&`.
fn without_backslash_codes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain += &rest[..at];
        rest = &rest[at..];
        match backslash_code(rest) {
            Some((letter, after)) => {
                plain.extend(letter);
                rest = after;
            }
            None => {
                plain.push('\\');
                rest = &rest[1..];
            }
        }
    }
    plain + rest
}

/// The letter of a code, and what follows it.
fn backslash_code(text: &str) -> Option<(Option<char>, &str)> {
    let digits = match text.as_bytes().get(1)? {
        b'u' | b'U' => 4,
        b'x' | b'X' => 2,
        _ => return None,
    };
    let code = text.get(2..2 + digits)?;
    let plain = code.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(code, 16).ok().filter(|_| plain)?;
    Some((char::from_u32(code), &text[2 + digits..]))
}

/// A mail that is quoted, and one in quoted-printable; and marks for where a long word may break.
fn unfolded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let body = line.trim_start_matches([' ', '\t', '>']);
        let is_quoted = number > 0 && line.trim_start_matches([' ', '\t']).starts_with('>');
        // In quoted-printable the sign of an option is `=3D`, so that a plain one is its own.
        let is_own =
            ["&t=", "?t="].iter().any(|own| plain.ends_with(own)) && !body.starts_with('=');
        let is_soft = number > 0 && plain.ends_with('=');
        if is_soft && !is_own {
            plain.pop();
        }
        if number > 0 && !is_quoted && !is_soft {
            plain.push('\n');
        }
        plain += if is_quoted { body } else { line };
    }
    let mut plain = plain.replace("=3D", "=").replace("=3d", "=");
    for mark in ["<wbr>", "<wbr/>", "<wbr />", "</wbr>"] {
        plain = plain.replace(mark, "");
    }
    plain
}

/// Seconds ("15", "12.5", "15s"), or what a clock shows ("0:15", "1:02:03", "1m30s").
fn read_time(words: &str) -> Option<Micros> {
    let (hours, rest) = match words.split_once('h') {
        Some((hours, rest)) => (Some(hours), rest),
        None => match words.splitn(3, ':').collect::<Vec<_>>()[..] {
            [hours, _, _] => (Some(hours), &words[hours.len() + 1..]),
            _ => (None, words),
        },
    };
    let (minutes, seconds) = match rest.split_once(['m', ':']) {
        Some((minutes, "")) if rest.ends_with('m') => (Some(minutes), "0"),
        Some((minutes, seconds)) => (Some(minutes), seconds),
        None => (None, rest),
    };
    let seconds = seconds.strip_suffix('s').unwrap_or(seconds);
    let (seconds, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, "0"));
    if fraction.len() > 6 || hours.is_some() && minutes.is_none() {
        return None;
    }
    let seconds = digits(seconds, 5)?;
    let fraction = digits(&format!("{fraction:0<6}"), 6).filter(|_| !fraction.is_empty())?;
    let whole = |part: Option<&str>, most| part.map_or(Some(0), |part| digits(part, most));
    let (at_hours, at_minutes) = (whole(hours, 2)?, whole(minutes, 4)?);
    if minutes.is_some() && seconds >= 60 || hours.is_some() && at_minutes >= 60 {
        return None;
    }
    Some(Micros(((at_hours * 60 + at_minutes) * 60 + seconds) * 1_000_000 + fraction))
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
        let and = one(&[
            "&",
            "&amp;",
            "&#038;",
            "&#x26;",
            "&amp;amp;",
            "%26",
            "\\&",
            "%2526",
            "＆",
            "\\u0026",
        ]);
        let escaped = one(&["_", "\\_", "%5F", "_"]);
        let around = one(&["", "<", "(", "see [it](", "\u{feff}", "&#039;"]);
        let glued = one(&[
            "",
            ".",
            ")",
            ").",
            ">",
            "\"",
            "”",
            "’s",
            "?",
            "…",
            "**",
            ") and so on",
            ", and so on",
            "然後",
            "\u{2069}",
            "</a>",
            "&lt;/a&gt;",
            "%E2%80%9D",
            "#comments",
            "/",
            "】",
            "&nbsp;and so on",
        ]);
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
    fn words_after_a_link_are_no_part_of_it() {
        for seed in 0..200 {
            let mut rng = Rng::new(seed);
            let text = arbitrary::scenario(&mut rng).to_string();
            let link = encode(&text, None);
            for after in [
                "_",
                "-",
                "__",
                " and so on",
                " (as I said) and more",
                "—look",
                " see #12",
                &format!(" {}", "and then it went on and on ".repeat(20)),
            ] {
                let through = format!("https://x.org/h/{link}{after}");
                let read = asked(&through).expect("it has a `#`");
                assert_eq!(decode(&read.what).expect("it opens").text, text, "{through}");
            }
            // What is cut short is never taken for a shorter one.
            let cut = link.len() - 1 - rng.below(link.len() as u32 - 4) as usize;
            // Its letters are counted by 64, so of a cut of as many the last bits or the checksum
            // tell.
            let refused = decode(&link[..cut]).expect_err(&link);
            let is_counted = (link.len() - cut).is_multiple_of(64);
            let is_told = refused == LinkError::CutShort;
            assert!(is_told || is_counted && refused == LinkError::Damaged, "{refused}: {link}");
        }
    }

    #[test]
    fn a_link_is_found_among_words() {
        for pasted in [
            "Issue #12: see https://x.org/h/#2.ab&t=15",
            "&#8220;https://x.org/h/#2.ab&t=15&#8221;",
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.org%2Fh%2F%232.ab\
             %26t%3D15&data=05%7C01%7C",
            "https://www.google.com/url?q=https://x.org/h/%232.ab%26t%3D15&sa=D",
            "https://x.org/h/%25232.ab%2526t%253D15",
        ] {
            let read = asked(pasted).expect("it has a link");
            assert_eq!((&*read.what, read.at), ("2.ab", Some(Micros(15_000_000))), "{pasted}");
        }
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
