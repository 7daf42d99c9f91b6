//! What a liar can say in the crate's messages. Nothing in them is signed or checked.

use super::{Ballot, Message, OmnipaxosCrate, Stamped};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::log::Index;
use crate::protocol::{Command, Liar, Role, Tampering, forge};

/// How many entries a liar claims to have more than it has.
const LONGER: Index = 1_000_000;

impl Liar for OmnipaxosCrate {
    fn lie(
        &self,
        behaviour: Behaviour,
        _to: ReplicaId,
        said: Option<&Stamped>,
    ) -> Tampering<Stamped> {
        let stamp = said.and_then(|said| said.stamp);
        let lie = self.lie_about(behaviour, said.map(|said| &said.message));
        lie.map(|message| Stamped { stamp, message })
    }
}

impl OmnipaxosCrate {
    fn lie_about(&self, behaviour: Behaviour, said: Option<&Message>) -> Tampering<Message> {
        match behaviour {
            Behaviour::Equivocate => said.map_or(Tampering::Truth, other_story),
            Behaviour::DoubleVote => said.map_or(Tampering::Truth, as_if_new),
            Behaviour::ClaimLeadership if said.is_none() => self.claim_leadership(),
            Behaviour::DenyLeader => said.map_or(Tampering::Truth, unhappy),
            Behaviour::LieAboutLog => said.map_or(Tampering::Truth, longer_log),
            Behaviour::ClaimLeadership
            | Behaviour::SilentTo
            | Behaviour::Replay
            | Behaviour::Delay => Tampering::Truth,
        }
    }

    /// It prepares everyone for a ballot of its own, whoever leads, and does nothing with the
    /// answers.
    fn claim_leadership(&self) -> Tampering<Message> {
        if self.belief.role == Role::Leader {
            return Tampering::Truth;
        }
        let n = Ballot { n: self.belief.epoch + 1, pid: self.identity.id.0 + 1 };
        let (decided, accepted) = (self.log.last_index(), self.log.last_index());
        Tampering::Besides(Message::Prepare { n, decided, accepted_in: n, accepted })
    }
}

fn forge_all(entries: &mut [Command]) {
    entries.iter_mut().for_each(|entry| *entry = forge(*entry));
}

/// Other entries for the same places.
fn other_story(said: &Message) -> Tampering<Message> {
    let mut other = said.clone();
    match &mut other {
        Message::AcceptDecide { entries, .. } => forge_all(entries),
        Message::AcceptSync { sync, .. } | Message::Promise { sync: Some(sync), .. } => {
            forge_all(&mut sync.suffix);
        }
        Message::Heartbeat { .. }
        | Message::HeartbeatReply { .. }
        | Message::PrepareRequest { .. }
        | Message::Prepare { .. }
        | Message::Promise { sync: None, .. }
        | Message::Accepted { .. }
        | Message::NotAccepted { .. }
        | Message::Decide { .. } => return Tampering::Truth,
    }
    Tampering::Instead(other)
}

/// It promises as if it had accepted nothing for anyone before.
fn as_if_new(said: &Message) -> Tampering<Message> {
    let Message::Promise { n, .. } = *said else { return Tampering::Truth };
    let accepted_in = Ballot::default();
    Tampering::Instead(Message::Promise { n, accepted_in, decided: 0, accepted: 0, sync: None })
}

/// It sees no leader, whatever it sees.
fn unhappy(said: &Message) -> Tampering<Message> {
    let mut other = said.clone();
    let Message::HeartbeatReply { leader, happy, .. } = &mut other else { return Tampering::Truth };
    (*leader, *happy) = (Ballot::default(), false);
    Tampering::Instead(other)
}

/// It has what it never got.
fn longer_log(said: &Message) -> Tampering<Message> {
    let mut other = said.clone();
    match &mut other {
        Message::Promise { n, accepted_in, accepted, sync, .. } => {
            (*accepted_in, *sync) = (*n, None);
            *accepted = accepted.saturating_add(LONGER);
        }
        Message::Accepted { accepted, .. } => *accepted = accepted.saturating_add(1),
        Message::Heartbeat { .. }
        | Message::HeartbeatReply { .. }
        | Message::PrepareRequest { .. }
        | Message::Prepare { .. }
        | Message::AcceptSync { .. }
        | Message::AcceptDecide { .. }
        | Message::NotAccepted { .. }
        | Message::Decide { .. } => return Tampering::Truth,
    }
    Tampering::Instead(other)
}
