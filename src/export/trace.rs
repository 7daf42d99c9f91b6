//! Every message of a stretch, what became of it, and in which order replicas sent and heard.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Refusal, Stretch, TOLD_EVERY, Teller};
use crate::clock::Micros;
use crate::diagram;
use crate::fact::Fact;
use crate::fault::ReplicaId;
use crate::network::{Network, Reason, Verdict};
use crate::view::Cause;
use crate::world::{self, Event, EventKind, Packet, Sink, World};

/// The most messages of a stretch: each keeps what it said.
const MESSAGES: usize = 500_000;

/// How many messages of before the stretch are kept until it is looked which of them still matter.
const EARLIER: usize = 4_096;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It came to its receiver's server.
    Arrived,
    /// It died.
    Lost(Reason),
    /// A liar did not send it.
    Withheld,
    /// The run ended before it came.
    UnderWay,
}

impl Fate {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Lost(_) => "lost",
            Self::Withheld => "withheld",
            Self::UnderWay => "under-way",
        }
    }
}

/// A message.
#[derive(Clone, Debug)]
pub(super) struct Traced {
    /// Its packet; the later, the higher.
    pub(super) id: u64,
    /// The first packet of the same message, where the network doubled it or a connection sent it
    /// again.
    pub(super) first: u64,
    pub(super) sent: Micros,
    /// When it comes to its receiver's server, or died.
    pub(super) ends: Micros,
    pub(super) from: ReplicaId,
    pub(super) to: ReplicaId,
    /// Which message of its protocol: "append-entries".
    pub(super) kind: &'static str,
    /// What it says, in the room `message`.
    pub(super) words: Fact,
    /// If it is a lie, what an honest replica would have said.
    pub(super) truth: Option<Fact>,
    pub(super) fate: Fate,
}

impl Traced {
    /// When it arrived or died, if it did.
    pub(super) fn ended(&self) -> Option<Micros> {
        (self.fate != Fate::UnderWay).then_some(self.ends)
    }

    /// Why it did not arrive, if it did not.
    pub(super) fn cause(&self) -> Option<Cause> {
        let reason = match self.fate {
            Fate::Lost(reason) => reason,
            Fate::Withheld => Reason::Withheld,
            Fate::Arrived | Fate::UnderWay => return None,
        };
        Some(Cause::of(reason, 100, self.from, self.to))
    }
}

/// A replica sends a message, or hears one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: Micros,
    /// The packet.
    pub(super) id: u64,
    pub(super) is_heard: bool,
}

/// All that was traced.
pub(super) struct Trace {
    /// Those that were under way at some time of the stretch, in the order in which they left.
    pub(super) messages: Vec<Traced>,
    /// What replicas sent and heard in the stretch, in the order in which they did: what one says
    /// to what it heard comes after that.
    pub(super) moments: Vec<Moment>,
}

impl Trace {
    /// The message of that packet, if it is one of the stretch.
    pub(super) fn message(&self, id: u64) -> Option<&Traced> {
        let place = self.messages.binary_search_by_key(&id, |one| one.id).ok()?;
        self.messages.get(place)
    }
}

/// Plays the run once more, up to when the fate of all messages of the stretch is known; `known`:
/// up to when the run is, for what watches one may have ended it at a bound.
///
/// # Errors
/// There are more than are kept.
pub(super) fn trace(
    teller: &Teller<'_>,
    stretch: Stretch,
    known: Micros,
) -> Result<Trace, Refusal> {
    let mut tracer = Tracer {
        group: teller.number,
        stretch,
        messages: Vec::new(),
        more: 0,
        full: None,
        pending: Vec::new(),
        on_connections: BTreeMap::new(),
        doubled: None,
        sent: Vec::new(),
        moments: Vec::new(),
    };
    let mut world = World::watched(Arc::clone(&teller.scenario), &mut tracer.watch());
    tracer.order(None);
    let mut steps = 0_u64;
    while let Some(event) = world.step_by(known, &mut tracer) {
        tracer.order(Some(event));
        steps += 1;
        if steps.is_multiple_of(TOLD_EVERY) {
            teller.played(1, event.at);
        }
        if event.at > stretch.to && tracer.pending.is_empty() {
            break;
        }
    }
    tracer.end(known)
}

/// A message that nobody has heard yet.
#[derive(Clone, Copy, Debug)]
struct Pending {
    id: u64,
    from: ReplicaId,
    to: ReplicaId,
    /// When it comes to its receiver's server; nothing once it waits there.
    due: Option<Micros>,
    is_on_connection: bool,
}

/// Whoever sees the messages.
struct Tracer {
    group: u8,
    stretch: Stretch,
    messages: Vec<Traced>,
    /// How many there are besides those that are kept.
    more: usize,
    /// When the first of these left.
    full: Option<Micros>,
    /// In the order in which they left, and then those that wait, in the order in which they came.
    pending: Vec<Pending>,
    /// The first packet of each message on a connection: from, to, connection, number.
    on_connections: BTreeMap<(ReplicaId, ReplicaId, u32, u32), u64>,
    /// The copy that the network made of what comes next: a copy is told of first.
    doubled: Option<u64>,
    /// What was sent in this step.
    sent: Vec<Moment>,
    moments: Vec<Moment>,
}

impl Sink for Tracer {
    fn packet(&mut self, packet: Packet<'_>, _: &Network) {
        if packet.group != self.group || packet.sent > self.stretch.to {
            return;
        }
        if self.messages.len() >= MESSAGES {
            self.more += 1;
            self.full = self.full.or(Some(packet.sent));
            return;
        }
        let Packet { id, from, to, sent, .. } = packet;
        let first = self.first_of(&packet);
        let (after, fate) = match packet.verdict {
            Verdict::Delivered(after) => (after, Fate::Arrived),
            Verdict::Dropped { after, reason: Reason::Withheld, .. } => (after, Fate::Withheld),
            Verdict::Dropped { after, reason, .. } => (after, Fate::Lost(reason)),
        };
        let ends = sent + after;
        self.messages.push(Traced {
            id,
            first,
            sent,
            ends,
            from,
            to,
            kind: diagram::Kind::of(packet.message).name,
            words: packet.message.fact(),
            truth: packet.lie.map(|(_, truth)| truth.fact()),
            fate,
        });
        if fate == Fate::Arrived {
            let is_on_connection = packet.segment.is_some();
            self.pending.push(Pending { id, from, to, due: Some(ends), is_on_connection });
        }
        if fate != Fate::Withheld {
            self.sent.push(Moment { at: sent, id, is_heard: false });
        }
        if sent < self.stretch.from && self.messages.len().is_multiple_of(EARLIER) {
            self.forget(sent);
        }
    }

    fn lost(&mut self, id: u64, at: Micros, reason: Reason) {
        self.pending.retain(|one| one.id != id);
        if let Ok(place) = self.messages.binary_search_by_key(&id, |one| one.id) {
            let one = &mut self.messages[place];
            (one.ends, one.fate) = (at, Fate::Lost(reason));
        }
    }

    fn fares(&mut self, id: u64, fate: world::Fate) {
        let Some(place) = self.pending.iter().position(|one| one.id == id) else { return };
        match fate {
            world::Fate::Taken => self.wait(place),
            world::Fate::Repeated => drop(self.pending.remove(place)),
            world::Fate::Unacknowledged(_) => {}
        }
    }
}

impl Tracer {
    /// The first packet of the message that this one carries.
    fn first_of(&mut self, packet: &Packet<'_>) -> u64 {
        let id = packet.id;
        match packet.segment {
            Some(segment) => {
                let key = (packet.from, packet.to, segment.connection, segment.message);
                *self.on_connections.entry(key).or_insert(id)
            }
            None if packet.is_copy => *self.doubled.insert(id),
            None => self.doubled.take().unwrap_or(id),
        }
    }

    /// Of before the stretch only what is under way matters.
    fn forget(&mut self, now: Micros) {
        let mut open: Vec<u64> = self.pending.iter().map(|one| one.id).collect();
        open.sort_unstable();
        self.messages.retain(|one| one.ends >= now || open.binary_search(&one.id).is_ok());
        self.on_connections.clear();
    }

    /// It waits at its receiver's server, behind what waits there.
    fn wait(&mut self, place: usize) {
        let one = self.pending.remove(place);
        self.pending.push(Pending { due: None, ..one });
    }

    /// Takes in what a step was, or the start: what was heard comes before what was said to it.
    fn order(&mut self, event: Option<Event>) {
        if let Some(event) = event.filter(|event| event.group == self.group) {
            self.hear(event);
        }
        let stretch = self.stretch;
        self.moments.extend(self.sent.drain(..).filter(|one| stretch.has(one.at)));
    }

    fn hear(&mut self, Event { at, kind, .. }: Event) {
        match kind {
            EventKind::Delivered { from, to } => {
                let own = |one: &&Pending| (one.from, one.to) == (from, to);
                // What has waited is handed over behind what comes at that time.
                let comes = |one: &Pending| one.due == Some(at) && !one.is_on_connection;
                let mut all = self.pending.iter();
                let next = all
                    .find(|one| own(one) && comes(one))
                    .or_else(|| self.pending.iter().find(|one| own(one) && one.due.is_none()));
                let Some(id) = next.map(|one| one.id) else { return };
                self.pending.retain(|one| one.id != id);
                if self.stretch.has(at) {
                    self.moments.push(Moment { at, id, is_heard: true });
                }
            }
            EventKind::Held { to } => {
                let comes = |one: &Pending| one.to == to && one.due == Some(at);
                if let Some(place) = self.pending.iter().position(comes) {
                    self.wait(place);
                }
            }
            EventKind::Action(_)
            | EventKind::Lost { .. }
            | EventKind::Timeout(..)
            | EventKind::Write { .. }
            | EventKind::Asked { .. }
            | EventKind::AskedAgain { .. }
            | EventKind::GaveUp { .. }
            | EventKind::Failed { .. }
            | EventKind::Transport { .. }
            | EventKind::Synced(_)
            | EventKind::Rebuilt(_)
            | EventKind::Power { .. }
            | EventKind::Bundle { .. }
            | EventKind::Mischief(_)
            | EventKind::Read { .. } => {}
        }
    }

    fn end(self, known: Micros) -> Result<Trace, Refusal> {
        let Self { mut messages, moments, more, full, stretch, .. } = self;
        // What had not come to the server by the end has not arrived.
        for one in messages.iter_mut().filter(|one| one.ends > known) {
            one.fate = Fate::UnderWay;
        }
        // What waited at a server that was paused arrived there, and was heard in the stretch.
        let heard: Vec<u64> = {
            let heard = moments.iter().filter(|one| one.is_heard).map(|one| one.id);
            let mut heard: Vec<u64> = heard.collect();
            heard.sort_unstable();
            heard
        };
        messages.retain(|one| one.ends >= stretch.from || heard.binary_search(&one.id).is_ok());
        if let Some(at) = full {
            let (count, fits) = (messages.len() + more, stretch.before(at));
            return Err(Refusal::Many { what: "messages", count, most: MESSAGES, fits });
        }
        Ok(Trace { messages, moments })
    }
}
