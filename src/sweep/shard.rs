//! Which part of a plan: said by whoever asks, or by the array task that this is.

use std::ffi::OsString;
use std::ops::Range;

use serde_json::json;

use crate::said;

/// One of so many parts of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shard {
    /// From 0.
    pub(crate) index: u32,
    /// At least 1.
    pub(crate) of: u32,
}

impl Shard {
    /// The most parts of a plan.
    pub(crate) const MOST: u32 = 99_999;

    /// Which of that many runs are in it: parts are as even as can be.
    pub(crate) fn range(self, runs: u64) -> Range<u64> {
        let cut = |index: u32| {
            let place = u128::from(index) * u128::from(runs) / u128::from(self.of);
            u64::try_from(place).expect("it is at most the number of runs")
        };
        cut(self.index)..cut(self.index + 1)
    }
}

/// `3/10` is the fourth of ten.
pub(crate) fn named(text: &str) -> Result<Shard, String> {
    let number = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    };
    let read = text.split_once('/').and_then(|(index, of)| Some((number(index)?, number(of)?)));
    match read {
        Some((index, of)) if index < of && of <= Shard::MOST => Ok(Shard { index, of }),
        _other => Err(said(json!({ "kind": "sweep-shard", "most": Shard::MOST }))),
    }
}

/// Where an array task finds its number, and how many there are.
const TASKS: [(&str, Option<&str>); 3] = [
    ("SLURM_ARRAY_TASK_ID", Some("SLURM_ARRAY_TASK_COUNT")),
    ("JOB_COMPLETION_INDEX", Some("JOB_COMPLETION_COUNT")),
    ("AWS_BATCH_JOB_ARRAY_INDEX", Some("AWS_BATCH_JOB_ARRAY_SIZE")),
];

/// The part that the environment says, or all in one where it says none.
///
/// # Errors
/// It says half of it, something that cannot be, or two things.
pub(crate) fn from_environment(
    shards: Option<u32>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Shard, String> {
    let text = |name: &str| {
        let value = variable(name).map(OsString::into_string).transpose();
        value.map_err(|_| said(json!({ "kind": "sweep-no-text", "name": name })))
    };
    let mut found: Option<(&str, Shard)> = None;
    for (name, count) in TASKS {
        let Some(index) = text(name)? else { continue };
        let shard = of_task(shards, (name, &index), count, &text)?;
        let before = found.replace((name, shard));
        if let Some((other, _)) = before.filter(|(_, before)| *before != shard) {
            let two = json!({ "kind": "sweep-two-tasks", "one": other, "other": name });
            return Err(said(two));
        }
    }
    match (found, shards) {
        (Some((_, shard)), _) => Ok(shard),
        (None, None | Some(1)) => Ok(Shard { index: 0, of: 1 }),
        (None, Some(_)) => Err(said(json!({ "kind": "sweep-which" }))),
    }
}

/// What one variable says, with the one that says how many tasks there are.
fn of_task(
    shards: Option<u32>,
    (name, index): (&str, &str),
    count: Option<&str>,
    text: &impl Fn(&str) -> Result<Option<String>, String>,
) -> Result<Shard, String> {
    let of = match (shards, count) {
        (Some(shards), _) => Some(shards.to_string()),
        (None, Some(count)) => text(count)?,
        (None, None) => None,
    };
    // An array of some of the numbers counts those: then it says nothing of the whole.
    let is_slurm = shards.is_none() && name.starts_with("SLURM");
    let is_whole = |count: &String| if is_slurm { is_from_zero(text, count) } else { Ok(true) };
    let of = match of {
        Some(of) if is_whole(&of)? => of,
        Some(_) | None => return Err(said(json!({ "kind": "sweep-how-many", "name": name }))),
    };
    named(&format!("{index}/{of}")).map_err(|why| {
        said(json!({ "kind": "sweep-task", "name": name, "index": index,
            "why": why }))
    })
}

/// False for an array of Slurm that is not 0, 1, 2, … up to its count.
fn is_from_zero(
    text: &impl Fn(&str) -> Result<Option<String>, String>,
    count: &str,
) -> Result<bool, String> {
    let number = |name: &str| {
        let wrong = |value: &String| {
            said(json!({ "kind": "sweep-no-number", "name": name, "value": value }))
        };
        let value = text(name)?;
        value.map(|value| value.parse::<u32>().map_err(|_| wrong(&value))).transpose()
    };
    let (least, most) = (number("SLURM_ARRAY_TASK_MIN")?, number("SLURM_ARRAY_TASK_MAX")?);
    let is_last = |most: u32| most.checked_add(1).is_some_and(|all| all.to_string() == count);
    Ok(least.is_none_or(|least| least == 0) && most.is_none_or(is_last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_even_and_leave_nothing_out() {
        for (runs, of) in [(0, 1), (1, 1), (10, 3), (3, 10), (u64::MAX, 99_999), (1_000, 7)] {
            let mut next = 0;
            for index in 0..of {
                let range = Shard { index, of }.range(runs);
                assert_eq!(range.start, next, "{runs} in {of}");
                let size = range.end - range.start;
                assert!(size >= runs / u64::from(of) && size <= runs.div_ceil(u64::from(of)));
                next = range.end;
            }
            assert_eq!(next, runs);
        }
    }

    #[test]
    fn a_part_is_below_the_count() {
        assert_eq!(named("3/10"), Ok(Shard { index: 3, of: 10 }));
        for wrong in ["0/0", "1/1", "10/10", "-1/2", "+0/2", "a/b", "3", "", "0/100000", "1/2/3"] {
            assert!(named(wrong).is_err(), "{wrong}");
        }
        let max = format!("0/{}0", u32::MAX);
        assert!(named(&max).is_err());
    }

    #[test]
    fn array_tasks_say_which_part_it_is() {
        let ask = |shards, known: &[(&str, &str)]| {
            let found = |name: &str| known.iter().find(|(known, _)| *known == name);
            from_environment(shards, |name| found(name).map(|(_, value)| (*value).into()))
        };
        let part = |index, of| Ok(Shard { index, of });
        assert_eq!(ask(None, &[]), part(0, 1));
        assert_eq!(ask(Some(1), &[]), part(0, 1));
        assert!(ask(Some(4), &[]).is_err());
        let slurm = |index, count, least, most| {
            [
                ("SLURM_ARRAY_TASK_ID", index),
                ("SLURM_ARRAY_TASK_COUNT", count),
                ("SLURM_ARRAY_TASK_MIN", least),
                ("SLURM_ARRAY_TASK_MAX", most),
            ]
        };
        assert_eq!(ask(None, &slurm("3", "10", "0", "9")), part(3, 10));
        // Two of ten that are run again: nothing tells that there are ten.
        assert!(ask(None, &slurm("3", "2", "3", "7")).is_err());
        assert_eq!(ask(Some(10), &slurm("3", "2", "3", "7")), part(3, 10));
        assert!(ask(None, &slurm("1", "10", "1", "10")).is_err());
        assert!(ask(None, &slurm("0", "2", "0", "9")).is_err());
        assert!(ask(Some(3), &slurm("3", "2", "3", "7")).is_err());
        assert!(ask(None, &[("JOB_COMPLETION_INDEX", "2")]).is_err());
        assert_eq!(ask(Some(4), &[("JOB_COMPLETION_INDEX", "2")]), part(2, 4));
        let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", "2"), ("AWS_BATCH_JOB_ARRAY_SIZE", "4")];
        assert_eq!(ask(None, &batch), part(2, 4));
        assert!(ask(Some(4), &[("JOB_COMPLETION_INDEX", "x")]).is_err());
    }

    #[test]
    fn what_is_malformed_or_says_two_things_is_no_part() {
        let ask = |shards, known: &[(&str, &str)]| {
            let found = |name: &str| known.iter().find(|(known, _)| *known == name);
            from_environment(shards, |name| found(name).map(|(_, value)| (*value).into()))
        };
        let two = |one, other| [("SLURM_ARRAY_TASK_ID", one), ("JOB_COMPLETION_INDEX", other)];
        let why = ask(Some(4), &two("1", "2")).expect_err("which?");
        assert!(why.contains("SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX"), "{why}");
        assert_eq!(ask(Some(4), &two("2", "2")), Ok(Shard { index: 2, of: 4 }));
        for name in ["SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX"] {
            let slurm = [("SLURM_ARRAY_TASK_ID", "1"), ("SLURM_ARRAY_TASK_COUNT", "2")];
            let why = ask(None, &[&slurm[..], &[(name, "9x")]].concat()).expect_err("how many?");
            assert!(why.contains(name) && why.contains("`9x`"), "{why}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_value_that_is_no_text_is_no_part() {
        use std::os::unix::ffi::OsStringExt;
        let ask = |name: &str| (name == "JOB_COMPLETION_INDEX").then(|| vec![b'1', 0xff]);
        let asked = from_environment(Some(4), |name| ask(name).map(OsString::from_vec));
        let why = asked.expect_err("it is no number");
        assert!(why.contains("JOB_COMPLETION_INDEX"), "{why}");
    }
}
