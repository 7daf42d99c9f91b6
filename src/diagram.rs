//! The space-time diagram: every message of a run, when it left and when it arrived or died, as
//! Lamport draws them ("Time, Clocks, and the Ordering of Events in a Distributed System", CACM
//! 21(7), 1978, figure 1).
//!
//! The run is played once more, a little at a time, and each message is 24 bytes of a record. What
//! is drawn of a stretch of time does not grow with how many messages it has: where there are more
//! than can be told apart, a share of those of each pair, kind and fate is drawn. So what is rare
//! is drawn whole, and a lost one never hides behind those that arrived.

use std::sync::Arc;

use crate::clock::Micros;
use crate::fact::{Arg, Fact};
use crate::fault::{ReplicaId, ReplicaSet};
use crate::network::{Network, Reason, Verdict};
use crate::protocol::{Message, fold};
use crate::scenario::{Bounds, Scenario};
use crate::world::{EventKind, Fate, Packet, Sink, World};

/// The most messages that are kept, 24 MB of them.
pub const MESSAGES_MAX: usize = 1_000_000;
const _: () = assert!(size_of::<Kept>() == 24, "what is said of its size is so");
/// About the most messages of a stretch that are drawn.
pub const DRAWN_MAX: usize = 20_000;

/// What became of a message, bit by bit.
pub mod mark {
    /// It died.
    pub const DIED: u8 = 1;
    /// It is a lie, or what a liar should have said and did not.
    pub const LIE: u8 = 2;
    /// It arrived, and its acknowledgement died.
    pub const UNHEARD: u8 = 4;
    /// The network doubled it, or a connection sent it again.
    pub const COPY: u8 = 8;
    /// It died, because a liar did not send it.
    pub const WITHHELD: u8 = 16;
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Its number among those of the group, in the order in which they left.
    pub number: u32,
    /// When it left.
    pub sent: Micros,
    /// When it arrived or died.
    pub ends: Micros,
    /// Who sent it.
    pub from: ReplicaId,
    /// Who was to receive it.
    pub to: ReplicaId,
    /// What it is, by its place in [`Diagram::kinds`].
    pub kind: u8,
    /// See [`mark`].
    pub marks: u8,
}

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Which message of its protocol, as facts call it: "append-entries".
    pub name: &'static str,
    /// What it is like, whatever the protocol: see [`crate::view::PacketView::kind`].
    pub shape: &'static str,
}

/// As it is kept.
#[derive(Clone, Copy, Debug)]
struct Kept {
    sent: Micros,
    /// How long it was under way; more than an hour counts as an hour and some.
    travel_us: u32,
    /// Its packet, by its number in the group.
    packet: u32,
    from: ReplicaId,
    to: ReplicaId,
    kind: u8,
    marks: u8,
}

/// Which messages of which time.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// From; a message that is under way then counts.
    pub from: Micros,
    /// To.
    pub to: Micros,
    /// Between these alone.
    pub replicas: ReplicaSet,
    /// Of these kinds alone, bit by bit, as [`Diagram::kinds`] has them.
    pub kinds: u64,
}

/// Every message of one group of a run, as far as it has been played.
#[derive(Clone, Debug)]
pub struct Diagram {
    world: World,
    until: Micros,
    messages: Messages,
    is_done: bool,
}

/// What one message said, and what came of it: the run is played up to the moment at which the
/// message came, and who got it is asked as it stood then.
#[derive(Clone, Debug)]
pub struct Account {
    world: World,
    arrow: Arrow,
    seen: Seen,
    is_done: bool,
}

/// What is known of a message, as far as the run has been played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What it said, in the room `message`.
    pub words: Option<Fact>,
    /// If it is a lie, what an honest replica would have said.
    pub truth: Option<Fact>,
    /// Why it died, if it did.
    pub died: Option<Reason>,
    /// Why its acknowledgement died, if that did.
    pub unheard: Option<Reason>,
    /// Why whoever got it would not do what it asked for, in the room `refusal`.
    pub refusal: Option<Fact>,
    /// How that one answered it, at once.
    pub answer: Answer,
}

/// How a message was answered in the moment in which it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// Not at all.
    #[default]
    Silence,
    /// By what it had to be.
    Truth,
    /// By a lie.
    Lie,
}

/// Who watches for one packet, and for what is said back when it has come.
#[derive(Clone, Debug)]
struct Seen {
    group: u8,
    packet: u32,
    /// Who says something back to whom.
    back: (ReplicaId, ReplicaId),
    message: Option<Message>,
    told: Told,
}

#[derive(Clone, Debug)]
struct Messages {
    group: u8,
    kept: Vec<Kept>,
    kinds: Vec<Kind>,
    /// The longest time that one was under way.
    longest: Micros,
}

impl Diagram {
    /// Nothing is played yet. `until`: up to when the run is known, for what watches it may have
    /// ended it at a bound.
    pub fn new(scenario: Arc<Scenario>, group: u8, until: Micros) -> Self {
        let until = until.min(scenario.until);
        let mut messages =
            Messages { group, kept: Vec::new(), kinds: Vec::new(), longest: Micros::ZERO };
        let world = World::watched(scenario, &mut messages.watch());
        Self { world, until, messages, is_done: false }
    }

    /// Plays on by about that much work, as a [`crate::meter::Meter`] counts it; true if all is
    /// there, or as much as is kept.
    pub fn advance(&mut self, work: u64) -> bool {
        let enough = self.world.work().saturating_add(work);
        while !self.is_done && self.world.work() < enough {
            let goes_on = self.world.step_by(self.until, &mut self.messages).is_some();
            self.is_done = !goes_on || self.messages.kept.len() >= MESSAGES_MAX;
        }
        self.is_done
    }

    /// Up to when every message is there.
    pub fn known(&self) -> Micros {
        match self.messages.kept.get(MESSAGES_MAX - 1) {
            // Others may have left in the moment of the last.
            Some(last) => Micros(last.sent.0.saturating_sub(1)),
            None if self.is_done => self.until,
            None => self.world.now(),
        }
    }

    /// How many messages there are.
    pub fn count(&self) -> usize {
        self.messages.kept.len()
    }

    /// What kinds of message there are, in the order in which they first left.
    pub fn kinds(&self) -> &[Kind] {
        &self.messages.kinds
    }

    /// How many messages are asked for, and how many of these died.
    pub fn tally(&self, asked: Asked) -> [u32; 2] {
        self.messages.asked_for(&asked).fold([0, 0], |[all, died], (_, one)| {
            [all + 1, died + u32::from(one.marks & mark::DIED != 0)]
        })
    }

    /// What is drawn of a stretch of time, in the order in which it left.
    pub fn drawn(&self, asked: Asked) -> Vec<Arrow> {
        let messages = self.messages.asked_for(&asked).map(|(_, one)| one);
        let thinning = Thinning::new(messages, self.kinds().len());
        let taken = self.messages.asked_for(&asked).filter(|(_, one)| thinning.takes(one));
        taken.map(|(number, one)| one.arrow(number)).collect()
    }

    /// The first of those that are asked for, at most so many.
    pub fn first(&self, asked: Asked, most: usize) -> Vec<Arrow> {
        let first = self.messages.asked_for(&asked).take(most);
        first.map(|(number, one)| one.arrow(number)).collect()
    }

    /// What the message of that number said, and what came of it.
    pub fn account(&self, number: u32) -> Option<Account> {
        let kept = self.messages.kept.get(number as usize)?;
        let (group, packet, back) = (self.messages.group, kept.packet, (kept.to, kept.from));
        let mut seen = Seen { group, packet, back, message: None, told: Told::default() };
        let world = World::watched(Arc::clone(self.world.scenario()), &mut seen.watch());
        Some(Account { world, arrow: kept.arrow(number as usize), seen, is_done: false })
    }

    /// The message that left last before that one, or first after it, of those asked for. Where
    /// none is given, before or after that time.
    pub fn beside(
        &self,
        one: (Micros, Option<u32>),
        asked: Asked,
        is_later: bool,
    ) -> Option<Arrow> {
        let (at, number) = one;
        let all = Asked { from: Micros::ZERO, to: Micros::NEVER, ..asked };
        let mut found = None;
        for (place, kept) in self.messages.asked_for(&all) {
            let arrow = kept.arrow(place);
            let is_after = number.map_or(kept.sent > at, |number| arrow.number > number);
            let is_before = number.map_or(kept.sent < at, |number| arrow.number < number);
            match is_later {
                true if is_after => return Some(arrow),
                false if is_before => found = Some(arrow),
                true | false => {}
            }
        }
        found
    }
}

impl Account {
    /// Plays on by about that much work; true if all is known.
    pub fn advance(&mut self, work: u64) -> bool {
        let enough = self.world.work().saturating_add(work);
        while !self.is_done && self.world.work() < enough {
            self.step();
        }
        self.is_done
    }

    /// The message.
    pub const fn arrow(&self) -> Arrow {
        self.arrow
    }

    /// What is known, in the end or by now.
    pub const fn told(&self) -> &Told {
        &self.seen.told
    }

    fn step(&mut self) {
        let Arrow { ends, from, to, .. } = self.arrow;
        let group = usize::from(self.seen.group);
        let is_due = self.seen.message.is_some() && self.world.next_at() == Some(ends);
        let before = is_due.then(|| self.world.group(group).replica(to).clone());
        let earlier = self.seen.told.answer;
        let Some(event) = self.world.step_by(ends, &mut self.seen) else {
            // It died, or who should have heard it is paused.
            (self.seen.told.answer, self.is_done) = (Answer::Silence, true);
            return;
        };
        let heard = EventKind::Delivered { from, to };
        let is_it = usize::from(event.group) == group && event.kind == heard;
        if let (Some(before), Some(message), true) = (before, &self.seen.message, is_it) {
            self.seen.told.refusal = before.refusal(from, message);
            self.is_done = true;
        } else {
            // What was said before it came is no answer to it.
            self.seen.told.answer = earlier;
        }
    }
}

impl Sink for Seen {
    fn packet(&mut self, packet: Packet<'_>, _: &Network) {
        if packet.group != self.group {
            return;
        }
        if (packet.from, packet.to) == self.back {
            let is_lie = packet.lie.is_some();
            self.told.answer = if is_lie { Answer::Lie } else { Answer::Truth };
        }
        if packet_of(packet.id).1 != self.packet {
            return;
        }
        self.message = Some(packet.message.clone());
        self.told.words = Some(packet.message.fact());
        self.told.truth = packet.lie.map(|(_, truth)| truth.fact());
        self.told.died = match packet.verdict {
            Verdict::Dropped { reason, .. } => Some(reason),
            Verdict::Delivered(_) => None,
        };
    }

    fn lost(&mut self, id: u64, _: Micros, reason: Reason) {
        if packet_of(id) == (self.group, self.packet) {
            self.told.died = Some(reason);
        }
    }

    fn fares(&mut self, id: u64, fate: Fate) {
        if let Fate::Unacknowledged(reason) = fate
            && packet_of(id) == (self.group, self.packet)
        {
            self.told.unheard = Some(reason);
        }
    }
}

impl Messages {
    /// The messages that are asked for, with their numbers.
    fn asked_for<'a>(&'a self, asked: &'a Asked) -> impl Iterator<Item = (usize, &'a Kept)> {
        let earliest = Micros(asked.from.0.saturating_sub(self.longest.0));
        let first = self.kept.partition_point(|one| one.sent < earliest);
        let end = self.kept.partition_point(|one| one.sent <= asked.to);
        let is_wanted = |one: &Kept| {
            one.sent.0 + u64::from(one.travel_us) >= asked.from.0
                && asked.kinds >> one.kind & 1 == 1
                && asked.replicas.contains(one.from)
                && asked.replicas.contains(one.to)
        };
        let numbered = (first..).zip(self.kept.get(first..end).unwrap_or_default());
        numbered.filter(move |(_, one)| is_wanted(one))
    }

    /// Its place in the list, which gets it if it is new.
    fn kind(&mut self, kind: Kind) -> u8 {
        let known = self.kinds.iter().position(|one| *one == kind);
        let place = known.unwrap_or_else(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        u8::try_from(place).expect("a protocol has a few kinds of message")
    }

    /// The message of that packet.
    fn of_packet(&mut self, id: u64) -> Option<&mut Kept> {
        let (group, number) = packet_of(id);
        let place = self.kept.binary_search_by_key(&number, |one| one.packet).ok()?;
        self.kept.get_mut(place).filter(|_| group == self.group)
    }
}

/// A packet's group, and its number in it: a run has fewer messages than that has room for.
#[expect(clippy::cast_possible_truncation, reason = "the group stands above the number")]
const fn packet_of(id: u64) -> (u8, u32) {
    ((id >> 48) as u8, id as u32)
}

/// So long at most counts as travel.
fn travel(after: Micros) -> u32 {
    u32::try_from(after.0).unwrap_or(u32::MAX)
}

impl Sink for Messages {
    fn packet(&mut self, packet: Packet<'_>, _: &Network) {
        if packet.group != self.group || self.kept.len() >= MESSAGES_MAX {
            return;
        }
        let (after, died) = match packet.verdict {
            Verdict::Delivered(after) => (after, 0),
            Verdict::Dropped { after, reason: Reason::Withheld, .. } => {
                (after, mark::DIED | mark::WITHHELD)
            }
            Verdict::Dropped { after, .. } => (after, mark::DIED),
        };
        let lie = if packet.lie.is_some() { mark::LIE } else { 0 };
        let copy = if packet.is_copy { mark::COPY } else { 0 };
        self.longest = self.longest.max(after);
        let kind = self.kind(Kind::of(packet.message));
        self.kept.push(Kept {
            sent: packet.sent,
            travel_us: travel(after),
            packet: packet_of(packet.id).1,
            from: packet.from,
            to: packet.to,
            kind,
            marks: died | lie | copy,
        });
    }

    fn lost(&mut self, id: u64, at: Micros, _: Reason) {
        let Some(one) = self.of_packet(id) else { return };
        one.marks |= mark::DIED;
        let after = Micros(at.0.saturating_sub(one.sent.0));
        one.travel_us = travel(after);
        self.longest = self.longest.max(after);
    }

    fn fares(&mut self, id: u64, fate: Fate) {
        if let Fate::Unacknowledged(_) = fate
            && let Some(one) = self.of_packet(id)
        {
            one.marks |= mark::UNHEARD;
        }
    }
}

impl Kind {
    /// Of that message.
    pub fn of(message: &Message) -> Self {
        let fact = message.fact();
        // A heartbeat with a number is a heartbeat.
        let beat = fact.args.iter().find_map(|(name, arg)| match arg {
            Arg::Fact(fact) if *name == "beat" => Some(fact.kind),
            Arg::Fact(_) | Arg::Number(_) | Arg::Text(_) | Arg::List(_) => None,
        });
        let name = if fact.kind == "counted" { beat.unwrap_or(fact.kind) } else { fact.kind };
        Self { name, shape: message.kind() }
    }
}

impl Kept {
    fn arrow(&self, number: usize) -> Arrow {
        let Self { sent, travel_us, packet: _, from, to, kind, marks } = *self;
        let number = u32::try_from(number).expect("at most MESSAGES_MAX");
        let ends = sent + Micros(u64::from(travel_us));
        Arrow { number, sent, ends, from, to, kind, marks }
    }
}

/// Which of many messages are drawn: of each class (a pair, a kind, a fate) as many as there are,
/// or a share of them. By the message's number, and not by its time: at regular times there would
/// be beats that nobody sent. The share is one in a power of two, so what is drawn of a moment
/// mostly stays when the stretch moves.
struct Thinning {
    kinds: usize,
    /// By class: how many messages there are, and then of how many one is drawn.
    one_in: Vec<u32>,
}

/// Fates in which messages are told apart: those that died, lies, both, and what is neither.
const FATES: usize = 4;
/// A place for every replica that a group may have.
const REPLICAS: usize = Bounds::REPLICAS + 1;

impl Thinning {
    fn new<'a>(messages: impl Iterator<Item = &'a Kept>, kinds: usize) -> Self {
        let places = REPLICAS * REPLICAS * kinds * FATES;
        let mut thinning = Self { kinds, one_in: vec![0; places] };
        let mut all = 0;
        for one in messages {
            let class = thinning.class(one);
            thinning.one_in[class] += 1;
            all += 1;
        }
        let classes = thinning.one_in.iter().filter(|count| **count > 0).count().max(1);
        let most = u32::try_from(DRAWN_MAX / classes).unwrap_or(u32::MAX).max(1);
        for count in &mut thinning.one_in {
            let is_drawn_whole = all <= DRAWN_MAX || *count <= most;
            *count = if is_drawn_whole { 1 } else { count.div_ceil(most).next_power_of_two() };
        }
        thinning
    }

    fn class(&self, one: &Kept) -> usize {
        let fate = usize::from(one.marks & (mark::DIED | mark::LIE));
        let flow = one.from.index() * REPLICAS + one.to.index();
        (flow * self.kinds + usize::from(one.kind)) * FATES + fate
    }

    /// True if it is drawn.
    fn takes(&self, one: &Kept) -> bool {
        let one_in = self.one_in[self.class(one)];
        one_in == 1 || fold(u64::from(one.packet) + 1) & u64::from(one_in - 1) == 0
    }
}
