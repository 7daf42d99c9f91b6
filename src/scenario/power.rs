//! What a text says of the power chain: `power breaker 2kw, ups 8kw for 5m, generator after 10s`.

use std::fmt;

use super::cursor::{Cursor, Parsed, whole};
use super::diagnostic::Place;
use crate::plant::{Power, Ups};

const FOR: &str = "for";
const AFTER: &str = "after";
const SWITCH: &str = "switch";

/// Watts as the scenario text writes them: "400w", "2kw", "2.5kw".
struct Watts(u32);

impl fmt::Display for Watts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 1_000, self.0 % 1_000) {
            (1.., 0) => write!(formatter, "{}kw", self.0 / 1_000),
            (1.., rest) if rest % 100 == 0 => {
                write!(formatter, "{}.{}kw", self.0 / 1_000, rest / 100)
            }
            _ => write!(formatter, "{}w", self.0),
        }
    }
}

/// `400w`, `2kw` or `2.5kw`, to the watt; one too large becomes the largest.
fn watts(word: &str) -> Option<u32> {
    if let Some(number) = word.strip_suffix("kw") {
        let (ones, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let rest = format!("{fraction:0<3}");
        let kilo = whole(ones)?.saturating_mul(1_000);
        let sum =
            kilo.saturating_add(whole(&rest).filter(|_| !fraction.is_empty() && rest.len() == 3)?);
        return Some(u32::try_from(sum).unwrap_or(u32::MAX));
    }
    Some(u32::try_from(whole(word.strip_suffix('w')?)?).unwrap_or(u32::MAX))
}

/// As the scenario text writes it after `power`; what it draws by itself is not said.
impl fmt::Display for Power {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        let mut item = |formatter: &mut fmt::Formatter<'_>, what: fmt::Arguments<'_>| {
            write!(formatter, "{}{what}", std::mem::replace(&mut before, ", "))
        };
        if self.server_w != Self::SERVER_W {
            item(formatter, format_args!("server {}", Watts(self.server_w)))?;
        }
        let [.., ups, generator, transfer] = PowerDraft::WORDS;
        if let Some(rated) = self.breaker_w {
            item(formatter, format_args!("breaker {}", Watts(rated)))?;
        }
        match self.ups {
            Some(Ups { lasts, capacity_w: Some(rated) }) => {
                item(formatter, format_args!("{ups} {} {FOR} {lasts}", Watts(rated)))?;
            }
            Some(Ups { lasts, capacity_w: None }) => {
                item(formatter, format_args!("{ups} {FOR} {lasts}"))?;
            }
            None => {}
        }
        if let Some(after) = self.generator {
            item(formatter, format_args!("{generator} {AFTER} {after}"))?;
        }
        if let Some(after) = self.transfer {
            item(formatter, format_args!("{transfer} {SWITCH} {AFTER} {after}"))?;
        }
        Ok(())
    }
}

/// What could be read of it, and where each of [`PowerDraft::WORDS`] has its number.
#[derive(Default)]
pub(super) struct PowerDraft {
    said: Option<Power>,
    places: [Option<Place>; 6],
}

impl PowerDraft {
    /// What an item begins with.
    pub(super) const WORDS: [&'static str; 5] =
        ["server", "breaker", "ups", "generator", "transfer"];
    /// The place of how long a battery lasts, behind those of [`Self::WORDS`].
    pub(super) const LASTS: usize = 5;

    /// `server 400w, breaker 2kw, ups 8kw for 5m, generator after 10s, transfer switch after 1s`:
    /// some of these, in any order.
    #[inline(never)]
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut draft = Self::default();
        let mut power = Power::NONE;
        loop {
            let free: Vec<_> = Self::WORDS
                .into_iter()
                .zip(draft.places)
                .filter(|(_, place)| place.is_none())
                .map(|(word, _)| word)
                .collect();
            let word = cursor.peek().map_or("", |token| token.text);
            if !free.contains(&word) {
                return Err(cursor.expected_of("power", &free));
            }
            let number = Self::WORDS.iter().position(|one| *one == word).unwrap_or_default();
            let start = cursor.place();
            cursor.skip(word);
            draft.places[number] = Some(start);
            draft.item(number, &mut power, cursor)?;
            if cursor.peek().is_none() {
                break;
            }
            cursor.demand(",")?;
        }
        draft.said = Some(power);
        Ok(draft)
    }

    fn item(&mut self, number: usize, power: &mut Power, cursor: &mut Cursor<'_>) -> Parsed<()> {
        if number == 2 {
            let carries_anything = cursor.peek().is_some_and(|token| token.text == FOR);
            let capacity = if carries_anything { None } else { Some(cursor.take("ups", watts)?) };
            if !cursor.skip(FOR) {
                return Err(cursor.expected("battery"));
            }
            let (lasts, place) = cursor.duration("lasting")?;
            self.places[Self::LASTS] = Some(place);
            self.places[2] = capacity.map(|put| put.1).or(self.places[2]);
            power.ups = Some(Ups { lasts, capacity_w: capacity.map(|put| put.0) });
            return Ok(());
        }
        if number < 2 {
            let (rated, place) = cursor.take("watts", watts)?;
            self.places[number] = Some(place);
            if number == 0 {
                power.server_w = rated
            } else {
                power.breaker_w = Some(rated)
            }
            return Ok(());
        }
        if number == 4 {
            cursor.demand(SWITCH)?;
        }
        cursor.demand(AFTER)?;
        let (after, place) = cursor.duration("delay-of-power")?;
        self.places[number] = Some(place);
        let of = if number == 3 { &mut power.generator } else { &mut power.transfer };
        *of = Some(after);
        Ok(())
    }

    /// What it says.
    pub(super) fn power(&self) -> Power {
        self.said.unwrap_or(Power::NONE)
    }

    /// Where one of its numbers stands.
    pub(super) fn place(&self, word: usize) -> Option<Place> {
        self.places[word]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watts_are_exact_and_printed_as_they_are_read() {
        for (text, expected, printed) in [
            ("400w", 400, "400w"),
            ("2kw", 2_000, "2kw"),
            ("2.5kw", 2_500, "2.5kw"),
            ("1.234kw", 1_234, "1234w"),
            ("0.05kw", 50, "50w"),
            ("2000w", 2_000, "2kw"),
        ] {
            assert_eq!(watts(text), Some(expected), "{text}");
            assert_eq!(Watts(expected).to_string(), printed);
            assert_eq!(watts(printed), Some(expected));
        }
        for text in ["", "w", "kw", "400", "1.2345kw", ".5kw", "1.kw", "1.5w", "-1w", "2 kw", "2kW"]
        {
            assert_eq!(watts(text), None, "{text}");
        }
    }
}
