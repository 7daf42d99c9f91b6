//! A Byzantine replica: an honest state machine whose messages are rewritten on the way out,
//! receiver by receiver.
//!
//! The machine inside follows its protocol to the letter and believes what it hears, so all that is
//! wrong is what it *says*. What there is to lie about is the protocol's own business
//! ([`crate::protocol::Liar::lie`]); silence, delay and repetition need no protocol.
//! A liar signs with its own name only: it withholds what others signed, and never makes it up.

use crate::clock::Micros;
use crate::fact::Fact;
use crate::fault::{Behaviour, ByzantineBehaviour, ReplicaId, ReplicaSet};
use crate::protocol::{Message, Replica, Tampering};

/// Old messages that a traitor keeps for each receiver; the oldest is replayed.
const PAST_MAX: usize = 16;

/// What a traitor does at the moment, and what it remembers for it.
#[derive(Clone, Debug)]
pub(crate) struct ByzantineReplica {
    byzantine: Vec<ByzantineBehaviour>,
    /// By receiver, what it was told, oldest first.
    past: Vec<Vec<Message>>,
}

/// One thing said, or not said.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// What goes out.
    pub message: Message,
    /// How much later than it should.
    pub late: Micros,
    /// True if it does not go out at all.
    pub withheld: bool,
    /// `None` if it is the truth; else what an honest replica would have said instead.
    pub lie: Option<Instead>,
}

/// What an honest replica would have said in the place of a lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// This.
    Said(Message),
    /// Nothing.
    Nothing,
}

impl Instead {
    /// It, in the room `message`.
    pub fn fact(&self) -> Fact {
        match self {
            Self::Said(message) => message.fact(),
            Self::Nothing => "nothing".into(),
        }
    }
}

impl Said {
    const fn truly(message: Message) -> Self {
        Self { message, late: Micros::ZERO, withheld: false, lie: None }
    }

    const fn made_up(message: Message) -> Self {
        Self { message, late: Micros::ZERO, withheld: false, lie: Some(Instead::Nothing) }
    }
}

impl ByzantineReplica {
    /// One of so many replicas, that has done nothing yet.
    pub(crate) fn new(replicas: usize) -> Self {
        Self { byzantine: Vec::new(), past: vec![Vec::new(); replicas] }
    }

    /// From now on it also does that.
    pub(crate) fn adds(&mut self, byzantine: ByzantineBehaviour) {
        self.byzantine.retain(|known| known.behaviour != byzantine.behaviour);
        self.byzantine.push(byzantine);
    }

    /// What it does, oldest first.
    pub(crate) fn byzantine(&self) -> &[ByzantineBehaviour] {
        &self.byzantine
    }

    /// What `from` says to `to` in the place of `message`, or of its own accord if there is none.
    pub(crate) fn says(
        &mut self,
        replica: &Replica,
        (from, to): (ReplicaId, ReplicaId),
        message: Option<&Message>,
    ) -> Vec<Said> {
        let replicas = self.past.len();
        let mut said: Vec<Said> = message.cloned().map(Said::truly).into_iter().collect();
        for byzantine in self
            .byzantine
            .iter()
            .filter(|byzantine| hears_other_story(byzantine, from, to, replicas))
        {
            match replica.lie(byzantine.behaviour, to, message) {
                Tampering::Truth => {}
                Tampering::Instead(other) => match said.first_mut() {
                    Some(first) if first.message != other => {
                        let truth = std::mem::replace(&mut first.message, other);
                        first.lie.get_or_insert(Instead::Said(truth));
                    }
                    Some(_) => {}
                    None => said.push(Said::made_up(other)),
                },
                Tampering::Besides(other) => said.push(Said::made_up(other)),
            }
            self_made(byzantine, &self.past[to.index()], &mut said);
        }
        if let Some(message) = message {
            remember(&mut self.past[to.index()], message);
        }
        said
    }
}

/// Silence, delay and repetition: what any message can be used for.
fn self_made(byzantine: &ByzantineBehaviour, past: &[Message], said: &mut Vec<Said>) {
    match byzantine.behaviour {
        Behaviour::SilentTo => {
            for one in said {
                one.withheld = true;
                one.lie.get_or_insert_with(|| Instead::Said(one.message.clone()));
            }
        }
        Behaviour::Delay => {
            for one in said {
                one.late = byzantine.by;
                one.lie.get_or_insert_with(|| Instead::Said(one.message.clone()));
            }
        }
        Behaviour::Replay if !said.is_empty() => {
            said.extend(past.first().cloned().map(Said::made_up));
        }
        Behaviour::Replay
        | Behaviour::Equivocate
        | Behaviour::DoubleVote
        | Behaviour::ClaimLeadership
        | Behaviour::DenyLeader
        | Behaviour::LieAboutLog => {}
    }
}

fn remember(past: &mut Vec<Message>, message: &Message) {
    if past.len() == PAST_MAX {
        past.remove(0);
    }
    past.push(message.clone());
}

/// True if `to` is one of those who hear the other story.
fn hears_other_story(
    byzantine: &ByzantineBehaviour,
    from: ReplicaId,
    to: ReplicaId,
    replicas: usize,
) -> bool {
    other_story(byzantine, from, replicas).contains(to)
}

/// Those who hear the other story: as the scenario says, or every second one of the others.
pub(crate) fn other_story(
    byzantine: &ByzantineBehaviour,
    from: ReplicaId,
    replicas: usize,
) -> ReplicaSet {
    if !byzantine.toward.is_empty() {
        return byzantine.toward;
    }
    let replicas = u8::try_from(replicas).expect("bounded by Bounds::REPLICAS");
    let others = (0..replicas).map(ReplicaId).filter(|&other| other != from);
    others.skip(1).step_by(2).collect()
}
