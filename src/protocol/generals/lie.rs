//! What a traitor says among Lamport's generals.

use super::{Generals, Message, Mode};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::{Command, Liar, Tampering};

impl Liar for Generals {
    fn lie(
        &self,
        behaviour: Behaviour,
        to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        match (behaviour, said) {
            (Behaviour::Equivocate, Some(said)) => self.other_story(to, *said),
            (Behaviour::Equivocate, None)
            | (
                Behaviour::DoubleVote
                | Behaviour::ClaimLeadership
                | Behaviour::DenyLeader
                | Behaviour::LieAboutLog
                | Behaviour::SilentTo
                | Behaviour::Replay
                | Behaviour::Delay,
                _,
            ) => Tampering::Truth,
        }
    }
}

impl Generals {
    /// Oral messages say anything. A commander may sign another order, too; a lieutenant cannot
    /// sign for him, and can only show another order if it has one.
    fn other_story(&self, to: ReplicaId, said: Message) -> Tampering<Message> {
        if self.mode == Mode::Oral || self.commands() {
            return Tampering::Instead(Message { value: story(said.value, to), ..said });
        }
        let is_other = |held: &&Message| held.order == said.order && held.value != said.value;
        let other = self.heard.iter().find(is_other);
        other.map_or(Tampering::Truth, |held| {
            Tampering::Instead(Message { path: held.path.then(self.identity.id), ..*held })
        })
    }
}

/// What those hear who hear another story: the opposite, and every third general (n4, n7, n10) the
/// order that is left. So a commander can tell three generals three things, as in figure 4.
const fn story(value: Command, to: ReplicaId) -> Command {
    let [opposite, left] = match value {
        1 => [2, 3],
        2 => [1, 3],
        _ => [1, 2],
    };
    if to.0.is_multiple_of(3) { left } else { opposite }
}
