//! What of a text its outcome needs: the rest is left out, until no one thing more can be.
//!
//! That is not the shortest text there is: what has to go together is not tried.
//!
//! Delta debugging (Zeller & Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
//! IEEE TSE 28(2), 2002, section 3): lines are left out, half of them, a quarter, one; then one
//! direction of two, commas and what they lead in, servers of a group, sizes of the plant,
//! lengths of time. What is shorter and still has the same outcome is kept, and it begins anew,
//! until nothing is left that could be tried. Each is seen by a replay under the text's own
//! seed.
//!
//! Title, source and notes tell of what is left out, so they go, and the title says how the run
//! comes out.

use std::sync::Arc;

use serde::Serialize;

use crate::check::Property;
use crate::clock::Micros;
use crate::meter::Exhausted;
use crate::outcome::{Outcome, Service, judge};
use crate::run::groups_to_end;
use crate::scenario::Scenario;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::text::{parse, parse_duration};

/// The most work of all replays together, as [`crate::meter::Meter`] counts it: a minute or so.
const WORK_MAX: u64 = 300_000_000;
/// So many bytes of a text are read while one unit of that is done.
const BYTES_READ: usize = 8;

/// How a group came out, which is to stay so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Goal {
    /// The one word.
    pub outcome: Outcome,
    /// The property that broke first, if one did.
    #[serde(skip)]
    pub broken: Option<Property>,
    /// True if some write was served: a run that ends before anybody leads is no stall.
    pub serves: bool,
}

/// A text that was made shorter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Shrunk {
    /// It.
    pub text: String,
    /// How each group comes out, in the text as it was and in this one.
    pub goals: Vec<Goal>,
    /// Actions in the text as it was, and in this one; what is repeated counts each time.
    pub actions: [usize; 2],
    /// How often a text was replayed.
    pub replays: u64,
    /// True if no one thing more can be left out; false if there was no time to try all.
    pub is_done: bool,
}

/// A text that is shorter, on the way.
#[derive(Clone, Copy, Debug)]
pub struct Shorter<'a> {
    /// Its lines.
    pub lines: &'a [String],
    /// Its actions.
    pub actions: usize,
    /// Its bytes.
    pub bytes: usize,
    /// How often a text was replayed.
    pub replays: u64,
}

/// Who is told of each text that is shorter.
pub type Progress<'a> = &'a mut dyn FnMut(Shorter<'_>);

/// What a text is called whose groups come out so.
pub type Title<'a> = &'a dyn Fn(&[Outcome]) -> String;

/// Why a text is not made shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be read.
    Unreadable(Vec<Diagnostic>),
    /// Its run ends at a bound on the work: how it would have come out nobody knows.
    Exhausted(Exhausted),
}

/// How large a text is. The first of these that differs decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Size {
    actions: usize,
    /// Servers and disks of the plant, and replicas on it.
    parts: u32,
    until: Micros,
    /// The times of all actions, added.
    times_us: u64,
    bytes: usize,
}

struct Search<'a> {
    /// True once nobody waits any longer.
    is_over: &'a dyn Fn() -> bool,
    goals: Vec<Goal>,
    /// What is left.
    lines: Vec<String>,
    size: Size,
    replays: u64,
    work: u64,
    progress: Progress<'a>,
}

/// Makes a text shorter, and gives it a title that says how its groups come out.
///
/// # Errors
/// A text that cannot be read, or whose run ends early.
pub fn shrink(text: &str, title: Title<'_>, progress: Progress<'_>) -> Result<Shrunk, Refusal> {
    shrink_unless(text, title, progress, &|| false)
}

/// The same; if it `is_over` before, with the shortest text so far.
///
/// # Errors
/// A text that cannot be read, or whose run ends early.
pub fn shrink_unless(
    text: &str,
    title: Title<'_>,
    progress: Progress<'_>,
    is_over: &dyn Fn() -> bool,
) -> Result<Shrunk, Refusal> {
    let scenario = parse(text).map_err(Refusal::Unreadable)?;
    let mut lines = lines_of(&scenario);
    // Nothing of a run hangs on them.
    lines.retain(|line| !["note ", "source "].iter().any(|head| line.starts_with(head)));
    let size = Size::of(&lines, &scenario);
    let (goals, work) = replayed(scenario);
    let goals = goals.map_err(Refusal::Exhausted)?;
    let mut search = Search { is_over, goals, lines, size, replays: 1, work, progress };
    while search.shorten() {}
    let left = search.lines.join("\n") + "\n";
    let is_shorter = search.size < size;
    let titled = is_shorter.then(|| with_title(&search.lines, &search.goals, title));
    // Some spell in fewer letters what is printed in one way: `2m` for `120s`.
    let fits = |one: &String| one.len() <= text.len();
    let shorter = titled.into_iter().chain([left]).find(fits);
    let actions = if shorter.is_some() { search.size.actions } else { size.actions };
    Ok(Shrunk {
        text: shorter.unwrap_or_else(|| text.to_owned()),
        actions: [size.actions, actions],
        replays: search.replays,
        is_done: !search.is_out(),
        goals: search.goals,
    })
}

/// The lines as a text called "flapping, made short".
fn with_title(lines: &[String], goals: &[Goal], title: Title<'_>) -> String {
    let title = title(&goals.iter().map(|goal| goal.outcome).collect::<Vec<_>>());
    let line = |line: &String| {
        if line.starts_with("title ") {
            format!("title \"{title}\"\n")
        } else {
            format!("{line}\n")
        }
    };
    lines.iter().map(line).collect()
}

/// As it would be printed, with one space where some align what follows.
fn lines_of(scenario: &Scenario) -> Vec<String> {
    let one_space = |line: &str| {
        let (head, words) = line.split_at(line.find('"').unwrap_or(line.len()));
        let pieces: Vec<&str> = head.split_whitespace().collect();
        let between = if words.is_empty() { "" } else { " " };
        [pieces.join(" ").as_str(), between, words].concat()
    };
    let printed = scenario.to_string();
    printed.lines().filter(|line| !line.is_empty()).map(one_space).collect()
}

/// How the groups of a scenario come out, if the run does not end early, and the work of that.
fn replayed(scenario: Scenario) -> (Result<Vec<Goal>, Exhausted>, u64) {
    let (run, histories) = groups_to_end(Arc::new(scenario));
    let goals = histories.iter().enumerate().map(|(number, history)| {
        let scenario = run.world().group(number).scenario();
        Goal {
            outcome: judge(scenario, history).outcome,
            broken: history.violations.first().map(|violation| violation.property),
            serves: Service::of(scenario, history).served > 0,
        }
    });
    let goals = run.world().exhausted().map_or_else(|| Ok(goals.collect()), Err);
    (goals, run.world().work())
}

impl Size {
    fn of(lines: &[String], scenario: &Scenario) -> Self {
        let plant = scenario.plant;
        let servers = u32::from(plant.racks) * u32::from(plant.servers);
        let replicas = scenario.groups.iter().map(|group| u32::from(group.replicas()));
        Self {
            actions: scenario.actions.len(),
            parts: servers * (1 + u32::from(plant.disks)) + replicas.sum::<u32>(),
            until: scenario.until,
            times_us: scenario.actions.iter().map(|(at, _)| at.0).sum(),
            bytes: lines.iter().map(|line| line.len() + 1).sum(),
        }
    }
}

impl Search<'_> {
    /// One round of everything; false if nothing of it helped.
    fn shorten(&mut self) -> bool {
        let before = self.size;
        self.leave_lines_out();
        for line in (0..self.lines.len()).rev() {
            // A title says what it is about, however long.
            if self.lines.get(line).is_some_and(|line| !line.contains('"')) {
                self.leave_direction_out(line);
                self.leave_pieces_out(line, ", ");
                self.lower_numbers(line);
                self.leave_pieces_out(line, " ");
            }
        }
        self.leave_rack_out();
        self.leave_replica_out();
        self.size < before && !self.is_out()
    }

    /// True if no other text is tried.
    fn is_out(&self) -> bool {
        self.work >= WORK_MAX || (self.is_over)()
    }

    /// Takes these lines if they come out the same and are shorter.
    fn take(&mut self, lines: &[String]) -> bool {
        if self.is_out() {
            return false;
        }
        let text = lines.join("\n") + "\n";
        self.work += (text.len() / BYTES_READ) as u64;
        let Ok(scenario) = parse(&text) else { return false };
        let lines = lines_of(&scenario);
        let size = Size::of(&lines, &scenario);
        if size >= self.size || size.bytes > self.size.bytes {
            return false;
        }
        let (goals, work) = replayed(scenario);
        self.replays += 1;
        self.work += work;
        if goals.as_ref() != Ok(&self.goals) {
            return false;
        }
        (self.lines, self.size) = (lines, size);
        let Size { actions, bytes, .. } = size;
        (self.progress)(Shorter { lines: &self.lines, actions, bytes, replays: self.replays });
        true
    }

    /// Takes one line in place of another.
    fn replace(&mut self, number: usize, line: String) -> bool {
        let mut lines = self.lines.clone();
        lines[number] = line;
        self.take(&lines)
    }

    /// Reduction to complements: what is left without a piece, and smaller pieces if none helps.
    fn leave_lines_out(&mut self) {
        let mut piece = self.lines.len().div_ceil(2);
        while piece > 0 {
            let mut from = 0;
            let mut has_helped = false;
            while from < self.lines.len() {
                let mut lines = self.lines.clone();
                lines.drain(from..(from + piece).min(self.lines.len()));
                if self.take(&lines) {
                    has_helped = true;
                } else {
                    from += piece;
                }
            }
            if !has_helped || piece > 1 {
                piece /= 2;
            }
        }
    }

    /// Leaves one direction of a pair of arrows, whichever does.
    fn leave_direction_out(&mut self, number: usize) {
        let count = self.lines.get(number).map_or(0, |line| line.split(' ').count());
        for arrow in 1..count.saturating_sub(1) {
            let mut words: Vec<&str> = self.lines[number].split(' ').collect();
            if words[arrow] != "<->" {
                continue;
            }
            words[arrow] = "->";
            let there = words.join(" ");
            words.swap(arrow - 1, arrow + 1);
            let back = words.join(" ");
            if !self.replace(number, there) {
                self.replace(number, back);
            }
        }
    }

    /// Leaves out words, or what a comma leads in, the last first: replicas, most of all.
    fn leave_pieces_out(&mut self, number: usize, between: &str) {
        let count = self.lines.get(number).map_or(0, |line| line.split(between).count());
        for piece in (1..count).rev() {
            let mut pieces: Vec<&str> = self.lines[number].split(between).collect();
            if piece < pieces.len() {
                pieces.remove(piece);
                let less = pieces.join(between);
                self.replace(number, less);
            }
        }
    }

    /// Racks that nothing names; those behind them move up.
    fn leave_rack_out(&mut self) {
        let racks = |line: &String| line.strip_prefix("plant ")?.split(' ').next()?.parse().ok();
        let Some(racks) = self.lines.iter().find_map(racks) else { return };
        let plant = format!("plant {racks} ");
        for gone in (1..=racks).rev().filter(|_| racks > 1_u32) {
            let left = self.lines.iter().map(|line| match line.strip_prefix(&plant) {
                Some(rest) => Some(format!("plant {} {rest}", racks - 1)),
                None => without(line, 'r', gone),
            });
            if left.collect::<Option<Vec<_>>>().is_some_and(|left| self.take(&left)) {
                return self.leave_rack_out();
            }
        }
    }

    /// Replicas of the only group that no other line names; those behind them move up.
    fn leave_replica_out(&mut self) {
        let is_group = |line: &&String| line.starts_with("cluster ");
        if self.lines.iter().filter(is_group).count() != 1 {
            return;
        }
        let group = self.lines.iter().position(|line| is_group(&line)).unwrap_or_default();
        let Some((head, members)) = self.lines[group].split_once(" on ") else { return };
        let (head, members) = (head.to_owned(), members.to_owned());
        let members: Vec<&str> = members.split(' ').collect();
        for gone in (1..=members.len()).rev().filter(|_| members.len() > 1) {
            let left = self.lines.iter().enumerate().map(|(number, line)| {
                let others = members.iter().enumerate().filter(|(place, _)| place + 1 != gone);
                let others: Vec<&str> = others.map(|(_, member)| *member).collect();
                if number == group {
                    return Some(format!("{head} on {}", others.join(" ")));
                }
                without(line, 'n', gone as u32)
            });
            if left.collect::<Option<Vec<_>>>().is_some_and(|left| self.take(&left)) {
                return self.leave_replica_out();
            }
        }
    }

    /// Makes sizes and times smaller, where they are no setting of the protocol.
    fn lower_numbers(&mut self, number: usize) {
        let Some(line) = self.lines.get(number) else { return };
        let count = line.split(' ').count();
        if ["plant", "at", "every", "run"].iter().any(|head| line.starts_with(head)) {
            for word in 1..count {
                // Smaller and smaller, until the next is too small.
                while self.lower(number, word) {}
            }
        }
    }

    fn lower(&mut self, number: usize, word: usize) -> bool {
        let words: Vec<String> = self.lines[number].split(' ').map(str::to_owned).collect();
        let smaller = words.get(word).map(|word| smaller_than(word)).unwrap_or_default();
        smaller.into_iter().any(|less| {
            let mut words = words.clone();
            words[word] = less;
            self.replace(number, words.join(" "))
        })
    }
}

/// A line with what is numbered beyond `gone`, such as r3 or n3, a number lower; `None` if it names
/// that one itself. What stands in quotation marks stays.
fn without(line: &str, letter: char, gone: u32) -> Option<String> {
    let end = line.find('"').unwrap_or(line.len());
    let (mut left, mut rest) = (String::new(), &line[..end]);
    while let Some(at) = rest.find(letter) {
        let (before, from) = rest.split_at(at);
        let digits = &from[1..];
        let digits =
            &digits[..digits.find(|one: char| !one.is_ascii_digit()).unwrap_or(digits.len())];
        left += before;
        let is_word = !left.ends_with(|one: char| one.is_alphanumeric() || "-_.".contains(one));
        let after = &from[1 + digits.len()..];
        let is_whole = !after.starts_with(|one: char| one.is_alphanumeric() || "-_".contains(one));
        let number = digits.parse::<u32>().ok().filter(|_| is_word && is_whole);
        if number == Some(gone) {
            return None;
        }
        left.push(letter);
        match number {
            Some(number) if number > gone => left += &(number - 1).to_string(),
            _ => left += digits,
        }
        rest = after;
    }
    Some([&left, rest, &line[end..]].concat())
}

/// What is smaller than a number or a length of time, the smallest first; nothing of other words.
fn smaller_than(word: &str) -> Vec<String> {
    if let Ok(number) = word.parse::<u16>() {
        return (1..number.min(20)).map(|less| less.to_string()).collect();
    }
    let Ok(span) = parse_duration(word) else { return Vec::new() };
    let second = 1_000_000;
    let whole = span.0 / second;
    let mut seconds = vec![0, 1, 2, 3, 5, 10, whole / 4, whole / 2, whole * 3 / 4, whole];
    seconds.push(whole.saturating_sub(1));
    seconds.retain(|less| less * second < span.0);
    seconds.sort_unstable();
    seconds.dedup();
    seconds.into_iter().map(|less| format!("{less}s")).collect()
}

#[cfg(test)]
mod tests;
