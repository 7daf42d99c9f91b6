//! The packets under way. An envelope whose packet has arrived is used again.

use crate::fault::ReplicaId;
use crate::protocol::Message;

/// What the message in an envelope that waits to be used again may carry.
const ENTRIES_KEPT: u32 = 64;

/// How many envelopes are searched for something small.
const SEARCHED: usize = 64;

/// A packet under way.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    pub(super) id: u64,
    pub(super) from: ReplicaId,
    pub(super) to: ReplicaId,
    /// What it carries, for the meter.
    pub(super) entries: u32,
    pub(super) message: Message,
}

/// All envelopes.
#[derive(Clone, Debug, Default)]
pub(super) struct Post {
    /// Those under way, and those in `free`.
    envelopes: Vec<Envelope>,
    /// Those that wait to be used again.
    free: Vec<u32>,
    /// Something small, once one was needed.
    small: Option<Message>,
}

impl Post {
    /// The envelope in that place.
    #[inline(always)]
    pub(super) fn at(&self, place: u32) -> &Envelope {
        &self.envelopes[place as usize]
    }

    /// Puts a packet into an envelope, and tells in which place that is. Its message is taken from
    /// there: what is left in its place means nothing.
    #[inline(always)]
    pub(super) fn seal(
        &mut self,
        id: u64,
        (from, to): (ReplicaId, ReplicaId),
        (message, entries): (&mut Message, u32),
    ) -> u32 {
        if let Some(place) = self.free.pop() {
            let envelope = &mut self.envelopes[place as usize];
            (envelope.id, envelope.from, envelope.to) = (id, from, to);
            envelope.entries = entries;
            std::mem::swap(&mut envelope.message, message);
            return place;
        }
        let message = message.clone();
        self.envelopes.push(Envelope { id, from, to, entries, message });
        u32::try_from(self.envelopes.len() - 1).expect("few packets are under way")
    }

    /// An envelope may be used again.
    #[inline(always)]
    pub(super) fn free(&mut self, place: u32, entries: u32) {
        self.free.push(place);
        if entries > ENTRIES_KEPT {
            self.lighten(place);
        }
    }

    /// What waits to be used again does not hold on to much: something small takes its place.
    #[cold]
    fn lighten(&mut self, place: u32) {
        if self.small.is_none() {
            let mut first = self.envelopes.iter().take(SEARCHED);
            let small = first.find(|other| other.entries <= ENTRIES_KEPT);
            self.small = small.map(|other| other.message.clone());
        }
        if let Some(small) = &self.small {
            self.envelopes[place as usize].message = small.clone();
            self.envelopes[place as usize].entries = 0;
        }
    }

    /// What packets under way carry, for the meter.
    pub(super) fn held(&self) -> u64 {
        let carried = |envelope: &Envelope| u64::from(envelope.entries);
        let all: u64 = self.envelopes.iter().map(carried).sum();
        let free = self.free.iter().map(|&place| self.at(place));
        all - free.map(carried).sum::<u64>()
    }

    /// About how many bytes a clone takes, besides the entries.
    pub(super) const fn weight(&self) -> usize {
        self.envelopes.len() * (size_of::<Envelope>() + 4)
    }
}
