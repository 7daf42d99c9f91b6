//! What a liar can say in Omni-Paxos' messages. Nothing in them is signed or checked: it assumes
//! that nobody lies.

use super::{Ballot, Extent, Message, Omnipaxos, State, Suffix};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Liar, Tampering, forge};

impl Liar for Omnipaxos {
    fn lie(
        &self,
        behaviour: Behaviour,
        _to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        let lie = match (behaviour, said) {
            (Behaviour::Equivocate, Some(said)) => other_story(said),
            (Behaviour::DoubleVote, Some(said)) => accepts_all(said),
            (Behaviour::DenyLeader, Some(said)) => not_fine(said),
            (Behaviour::LieAboutLog, Some(said)) => empty_log(said),
            (Behaviour::ClaimLeadership, Some(said)) => self.greatest(said),
            (Behaviour::ClaimLeadership, None) => return self.claim(),
            (Behaviour::SilentTo | Behaviour::Replay | Behaviour::Delay, _) => None,
            (
                Behaviour::Equivocate
                | Behaviour::DoubleVote
                | Behaviour::DenyLeader
                | Behaviour::LieAboutLog,
                None,
            ) => None,
        };
        lie.map_or(Tampering::Truth, Tampering::Instead)
    }
}

impl Omnipaxos {
    /// A ballot past all others, in its heartbeats.
    fn greatest(&self, said: &Message) -> Option<Message> {
        let Message::HeartbeatReply { round, .. } = *said else { return None };
        let ballot = self.own_claim();
        Some(Message::HeartbeatReply { round, ballot, leader: ballot, fine: true })
    }

    /// And it asks for promises, and does nothing with them.
    fn claim(&self) -> Tampering<Message> {
        if matches!(self.state, State::Leader { .. }) {
            return Tampering::Truth;
        }
        Tampering::Besides(Message::Prepare { ballot: self.own_claim(), extent: self.extent() })
    }

    fn own_claim(&self) -> Ballot {
        self.promised.past(self.identity.id)
    }
}

fn forged(entries: &[Entry]) -> Box<[Entry]> {
    let other = |entry: &Entry| Entry { command: forge(entry.command), ..*entry };
    entries.iter().map(other).collect()
}

fn forged_suffix(suffix: &Suffix) -> Box<Suffix> {
    Box::new(Suffix { after: suffix.after, entries: forged(&suffix.entries) })
}

/// Other entries for the same places.
fn other_story(said: &Message) -> Option<Message> {
    match said {
        Message::Accept { ballot, place, decided, entries } => Some(Message::Accept {
            ballot: *ballot,
            place: *place,
            decided: *decided,
            entries: forged(entries),
        }),
        Message::AcceptSync { ballot, place, decided, suffix } => Some(Message::AcceptSync {
            ballot: *ballot,
            place: *place,
            decided: *decided,
            suffix: forged_suffix(suffix),
        }),
        Message::Promise { ballot, extent, suffix: Some(suffix) } => Some(Message::Promise {
            ballot: *ballot,
            extent: *extent,
            suffix: Some(forged_suffix(suffix)),
        }),
        Message::HeartbeatRequest { .. }
        | Message::HeartbeatReply { .. }
        | Message::PrepareRequest { .. }
        | Message::Prepare { .. }
        | Message::Promise { .. }
        | Message::Accepted { .. }
        | Message::NotAccepted { .. }
        | Message::Decide { .. } => None,
    }
}

/// It has promised a newer ballot, and accepts what an older one's owner says all the same.
fn accepts_all(said: &Message) -> Option<Message> {
    let Message::NotAccepted { refused, .. } = *said else { return None };
    Some(Message::Accepted { ballot: refused, last: Index::MAX })
}

/// No majority answers it, or it is unhappy: whoever believes that looks for another leader.
fn not_fine(said: &Message) -> Option<Message> {
    let Message::HeartbeatReply { round, ballot, .. } = *said else { return None };
    Some(Message::HeartbeatReply { round, ballot, leader: Ballot::NONE, fine: false })
}

/// It has accepted nothing, it says to whoever wants to know all that may be decided; and to
/// whoever waits for it to accept, everything.
fn empty_log(said: &Message) -> Option<Message> {
    match *said {
        Message::Promise { ballot, .. } => {
            let extent = Extent { accepted: Ballot::NONE, last: 0, decided: 0 };
            Some(Message::Promise { ballot, extent, suffix: None })
        }
        Message::Accepted { ballot, .. } => Some(Message::Accepted { ballot, last: Index::MAX }),
        Message::HeartbeatRequest { .. }
        | Message::HeartbeatReply { .. }
        | Message::PrepareRequest { .. }
        | Message::Prepare { .. }
        | Message::AcceptSync { .. }
        | Message::Accept { .. }
        | Message::NotAccepted { .. }
        | Message::Decide { .. } => None,
    }
}
