//! What clients asked for and what they were told, as checkers of histories read it.

mod logs;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use self::logs::{Logged, logged};
use super::tables::lines;
use super::{Asked, Refusal, TOLD_EVERY, Teller, too_many};
use crate::clock::Micros;
use crate::history::History;
use crate::run::Run;

/// An operation of a client.
#[derive(Serialize)]
struct Operation<'a> {
    group: &'a str,
    client: u32,
    op: &'static str,
    /// Of a write its number; of a read the number of the last write that it saw.
    value: Option<u32>,
    /// Of a write the first place in the log that holds it, once that was committed; of a read up
    /// to which place it saw.
    index: Option<u32>,
    call_us: u64,
    return_us: Option<u64>,
    ok: bool,
    /// Of a read that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    stale: Option<bool>,
    /// Of a request that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

/// Those that were open at some time of the stretch, in the order in which they were called.
///
/// # Errors
/// There are more than was asked for.
pub(super) fn history(
    teller: &Teller<'_>,
    Asked { stretch, most, .. }: Asked,
    known: Micros,
) -> Result<String, Refusal> {
    let (mut run, mut histories) = Run::new(Arc::clone(&teller.scenario));
    while run.advance(TOLD_EVERY, &mut histories) {
        teller.played(1, run.world().now());
    }
    let logged = logged(teller, known);
    let all = operations(&teller.name, &histories[usize::from(teller.number)], &logged);
    let (from, to) = (stretch.from.0, stretch.to.0);
    let is_open = |one: &Operation<'_>| {
        // A client who gives up ends nothing: what it asked for may still be done.
        one.call_us <= to && one.return_us.is_none_or(|at| at >= from)
    };
    let all: Vec<_> = all.into_iter().filter(is_open).collect();
    let times = all.iter().map(|one| Micros(one.call_us));
    too_many("lines", times, most, stretch).map_or_else(|| Ok(lines(all.iter())), Err)
}

/// All of a run. The simulator's clients have no numbers: each operation gets the lowest of one
/// that has none open, since checkers want one at a time of each. Who is never told stays at it.
fn operations<'a>(group: &'a str, history: &History, logged: &Logged) -> Vec<Operation<'a>> {
    let mut all = Vec::with_capacity(history.writes.len() + history.reads.len());
    let called = |op, at: Micros, done: Option<Micros>| Operation {
        group,
        client: 0,
        op,
        value: None,
        index: None,
        call_us: at.0,
        return_us: done.map(|at| at.0),
        ok: done.is_some(),
        stale: None,
        failed_us: None,
        why: None,
    };
    for (number, write) in (1..).zip(&history.writes) {
        let (value, index) = (Some(number), logged.first.get(&number).copied());
        all.push(Operation { value, index, ..called("write", write.at, write.committed) });
    }
    for (at, request, why) in &history.failures {
        let one = &mut all[*request as usize];
        (one.failed_us, one.why) = (Some(at.0), Some(why.name()));
    }
    for (number, read) in (1..).zip(&history.reads) {
        let (done, index) = read.answered.unzip();
        let value = index.and_then(|_| logged.seen.get(&number).copied());
        let stale = index.map(|_| read.stale);
        all.push(Operation { value, index, stale, ..called("read", read.at, done) });
    }
    all.sort_by_key(|one| one.call_us);
    let (mut free, mut open, mut clients) = (BTreeSet::new(), BTreeSet::new(), 0_u32);
    for one in &mut all {
        // Who was told just now asks again in no time.
        while let Some((at, client)) = open.first().copied().filter(|(at, _)| *at < one.call_us) {
            open.remove(&(at, client));
            free.insert(client);
        }
        one.client = free.pop_first().unwrap_or_else(|| {
            clients += 1;
            clients - 1
        });
        if let Some(at) = one.return_us {
            open.insert((at, one.client));
        }
    }
    all
}
