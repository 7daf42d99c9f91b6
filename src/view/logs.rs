//! What stands in the logs of a group at one moment, beside each other.

use std::collections::BTreeSet;

use serde::Serialize;

use super::strip::value_fact;
use crate::fact::Fact;
use crate::protocol::catalogue::Logs;
use crate::protocol::log::{Entry, Index, Log};
use crate::protocol::{Command, Epoch};
use crate::world::Group;

/// A stretch of the logs of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LogsView {
    /// The index of the first entry that is shown, from 1.
    pub first: u32,
    /// The index of the last entry of the longest log; 0 if all are empty.
    pub last: u32,
    /// The first index at which two logs have other entries, if there is one.
    pub parted: Option<u32>,
    /// What a log is: "led" where entries are appended under a leader and may be thrown away until
    /// they are committed, "decided" where nothing is in it that is not, "orders" of generals.
    #[cfg_attr(test, ts(type = "\"led\" | \"decided\" | \"orders\""))]
    pub kind: &'static str,
    /// By replica.
    pub logs: Vec<LogView>,
}

/// A replica's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LogView {
    /// How many entries are in it.
    pub length: u32,
    /// How many it knows committed.
    pub commit: u32,
    /// True if its disks are lost, and all that was on them.
    pub lost: bool,
    /// False of a liar, whose log is what it holds itself and not what it tells others, and of a
    /// general who is faulty otherwise. It is not asked whether it differs.
    pub honest: bool,
    /// Those that are shown, from [`LogsView::first`] on.
    pub entries: Vec<EntryView>,
}

/// An entry of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EntryView {
    /// Its epoch, as a number.
    pub epoch: u64,
    /// Its epoch as the protocol counts, in the room `place`.
    pub place: Fact,
    /// Its command, in the room `value`.
    pub command: Fact,
    /// True if two honest logs have other entries there.
    pub differs: bool,
}

impl LogsView {
    /// Of the group as it is: `most` entries a log, from `first` on, or the last ones if that is 0.
    pub fn of(group: &Group, first: u32, most: u32) -> Self {
        let protocol = group.scenario().group().protocol;
        let empty = Log::default();
        let log_of = |id| if group.has_disk(id) { group.replica(id).log() } else { &empty };
        let logs: Vec<&Log> = group.replicas().map(log_of).collect();
        // Of generals also those count who stop, or whose messages die.
        let faulty = |id| protocol.is_generals() && group.failures().faulty().contains(id);
        let is_honest = |id| group.is_honest(id) && !faulty(id);
        let honest: Vec<&Log> = group.replicas().filter(|id| is_honest(*id)).map(log_of).collect();
        let last = logs.iter().map(|log| log.last_index()).max().unwrap_or(0);
        let tail = last.saturating_sub(most) + 1;
        let first = if first == 0 { tail } else { first.min(tail) };
        let kind = protocol.facts().logs;
        let same = Same(kind);
        let view = |(id, log): (_, &&Log)| LogView {
            length: log.last_index(),
            commit: group.replica(id).commit().min(log.last_index()),
            lost: !group.has_disk(id),
            honest: is_honest(id),
            entries: (first..first.saturating_add(most))
                .map_while(|index| Some((index, log.get(index)?)))
                .map(|(index, entry)| EntryView {
                    epoch: entry.epoch.into(),
                    place: protocol.place(entry.epoch),
                    command: value_fact(protocol, entry.command),
                    differs: is_honest(id) && same.parts(&honest, index),
                })
                .collect(),
        };
        Self {
            first,
            last,
            parted: (1..=last).find(|index| same.parts(&honest, *index)),
            kind: match kind {
                Logs::Led => "led",
                Logs::Decided => "decided",
                Logs::Orders => "orders",
            },
            logs: group.replicas().zip(&logs).map(view).collect(),
        }
    }
}

/// When two entries of one index are the same: see [`Logs`].
struct Same(Logs);

impl Same {
    fn key(&self, entry: Entry) -> (Epoch, Command) {
        match self.0 {
            Logs::Led => (entry.epoch, entry.command),
            Logs::Decided | Logs::Orders => (0, entry.command),
        }
    }

    /// True if two of the logs have other entries there.
    fn parts(&self, logs: &[&Log], index: Index) -> bool {
        let there = logs.iter().filter_map(|log| Some(self.key(log.get(index)?)));
        there.collect::<BTreeSet<_>>().len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Micros;
    use crate::rng::Rng;
    use crate::scenario::arbitrary;
    use crate::scenario::text::parse;
    use crate::timeline::Timeline;

    fn at(timeline: &mut Timeline, seconds: u64, most: u32) -> LogsView {
        LogsView::of(timeline.seek(Micros(seconds * 1_000_000), Micros::ZERO).0, 0, most)
    }

    /// Raft, figure 7: what an old leader appended alone stands there until the new one's entries
    /// take its place.
    #[test]
    fn what_a_leader_appends_alone_differs_until_it_is_replaced() {
        let text = "halflink 1\ntitle \"alone\"\nplant 3 racks of 1 server, 2 disks each\n\
                    cluster c: raft on r1.s1 r2.s1 r3.s1\n\
                    timing heartbeat 100ms, election 1s..2s\nseed 1\nwrite every 500ms\n\
                    at 0s elect n3\nat 4s isolate n3\nat 12s heal n3\nrun 20s\n";
        let mut timeline = Timeline::new(parse(text).expect("it is valid"));
        let before = at(&mut timeline, 3, 100);
        assert_eq!((before.parted, before.kind, before.first), (None, "led", 1));
        let parted = at(&mut timeline, 11, 100);
        let index = parted.parted.expect("n3 appended what nobody else has");
        let old = &parted.logs[2];
        assert!(old.commit < index && old.length >= index, "{old:#?}");
        let differing = |log: &LogView| log.entries.iter().filter(|entry| entry.differs).count();
        assert!(parted.logs.iter().all(|log| differing(log) > 0), "{parted:#?}");
        let healed = at(&mut timeline, 19, 100);
        assert_eq!(healed.parted, None);
        assert!(healed.logs[2].commit >= index);
        // A tail is the end of the longest log, and a stretch begins where it is asked for.
        let tail = at(&mut timeline, 19, 3);
        assert_eq!(tail.first, tail.last - 2);
        let group = timeline.seek(Micros(19_000_000), Micros::ZERO).0;
        let stretch = LogsView::of(group, 2, 3);
        assert_eq!((stretch.first, stretch.logs[0].entries.len()), (2, 3));
        assert_eq!(stretch.logs[0].entries[0], healed.logs[0].entries[1]);
    }

    /// Both mirrors of a server, and what was on them.
    #[test]
    fn what_is_lost_is_in_no_log_and_a_liar_differs_from_nobody() {
        let text = "halflink 1\ntitle \"lost\"\nplant 4 racks of 1 server, 2 disks each\n\
                    cluster c: pbft on r1.s1 r2.s1 r3.s1 r4.s1\n\
                    timing heartbeat 100ms, election 1s..2s\nseed 1\nwrite every 500ms\n\
                    at 1s traitor n4 equivocate\nat 5s fail r3.s1.d1\nat 6s fail r3.s1.d2\n\
                    run 10s\n";
        let mut timeline = Timeline::new(parse(text).expect("it is valid"));
        let before = at(&mut timeline, 4, 100);
        assert!(before.logs[2].length > 0 && !before.logs[2].lost);
        let after = at(&mut timeline, 9, 100);
        assert!(after.logs[2].lost && after.logs[2].entries.is_empty(), "{after:#?}");
        let honest: Vec<bool> = after.logs.iter().map(|log| log.honest).collect();
        assert_eq!(honest, [true, true, true, false]);
        assert!(after.logs[3].entries.iter().all(|entry| !entry.differs));
    }

    #[test]
    fn what_two_know_committed_does_not_differ() {
        for seed in 0..60 {
            let scenario = arbitrary::scenario(&mut Rng::new(seed ^ 0x1065_0000));
            let mut timeline = Timeline::new(scenario);
            for seconds in [2, 5, 9, 20] {
                let view = at(&mut timeline, seconds, u32::MAX);
                for index in 1..=view.last {
                    let known = view.logs.iter().filter(|log| log.honest && log.commit >= index);
                    let commands: Vec<&Fact> =
                        known.map(|log| &log.entries[index as usize - 1].command).collect();
                    let scenario = timeline.scenario();
                    assert!(commands.windows(2).all(|pair| pair[0] == pair[1]), "{scenario}");
                }
            }
        }
    }
}
