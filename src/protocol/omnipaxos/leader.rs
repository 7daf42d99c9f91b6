//! Sequence Paxos as a leader: preparing, synchronising, ordering and deciding.

use super::{Ballot, Effects, Extent, Message, Omnipaxos, Place, State, Suffix, send};
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Command, Mutant};

/// What a leader knows of another replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Peer {
    promise: Promised,
    /// Up to which index it has accepted in this ballot.
    accepted: Index,
    /// Of the last message to it.
    place: Place,
}

/// What a replica has promised, as far as the leader knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Promised {
    /// Nothing, or it has asked to be prepared again.
    Nothing,
    /// The leader's ballot; its log went that far.
    Mine(Extent),
    /// A greater one.
    Greater,
}

impl Omnipaxos {
    /// Prepares: promises its own ballot, and asks the others to.
    pub(super) fn start_leading(&mut self, ballot: Ballot, effects: &mut Effects) {
        self.promised = ballot;
        let extent = self.extent();
        let nothing = Peer { promise: Promised::Nothing, accepted: 0, place: Place::default() };
        let mut peers = vec![nothing; usize::from(self.identity.replicas)];
        peers[self.identity.id.index()].promise = Promised::Mine(extent);
        self.state = State::Leader { syncs: false, peers, newest: extent, lacks: None };
        for peer in self.identity.peers() {
            send(effects, peer, Message::Prepare { ballot, extent });
        }
        self.adopt(effects);
    }

    /// A promise: of one that is needed to begin, or of one that comes later.
    pub(super) fn on_promise(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        extent: Extent,
        suffix: Option<Box<Suffix>>,
        effects: &mut Effects,
    ) {
        let State::Leader { syncs, peers, newest, lacks } = &mut self.state else { return };
        if ballot != self.promised {
            return;
        }
        peers[from.index()].promise = Promised::Mine(extent);
        if *syncs {
            self.synchronise(from, effects);
            return;
        }
        if (extent.accepted, extent.last) > (newest.accepted, newest.last) {
            *newest = extent;
            *lacks = suffix;
        }
        self.adopt(effects);
    }

    /// Once a majority has promised: makes the newest log its own, and then everyone's.
    fn adopt(&mut self, effects: &mut Effects) {
        let quorum = self.quorum();
        let State::Leader { syncs, peers, lacks, .. } = &mut self.state else { return };
        let promises = peers.iter().filter_map(|peer| match peer.promise {
            Promised::Mine(extent) => Some(extent.decided),
            Promised::Nothing | Promised::Greater => None,
        });
        if promises.clone().count() < usize::from(quorum) {
            return;
        }
        let decided = promises.max().unwrap_or(0);
        *syncs = true;
        if let Some(lacks) = lacks.take().filter(|_| !Mutant::ForgetLock.is_made()) {
            self.replace(&lacks);
        }
        self.accepted = self.promised;
        self.decide(decided);
        self.accept_own();
        for peer in self.identity.peers() {
            if self.is_promised(peer) {
                self.synchronise(peer, effects);
            }
        }
        self.decide_chosen(self.last(), effects);
    }

    /// Its own log counts, too.
    fn accept_own(&mut self) {
        let last = self.last();
        if let State::Leader { peers, .. } = &mut self.state {
            peers[self.identity.id.index()].accepted = last;
        }
    }

    /// True if that replica has promised this leader's ballot.
    fn is_promised(&self, peer: ReplicaId) -> bool {
        let State::Leader { peers, .. } = &self.state else { return false };
        matches!(peers[peer.index()].promise, Promised::Mine(_))
    }

    /// Sends what makes a follower's log the leader's, and begins a session with it.
    ///
    /// What the follower has is the same up to where both logs were accepted in one ballot; if it
    /// was in different ones, up to what is decided.
    fn synchronise(&mut self, to: ReplicaId, effects: &mut Effects) {
        let State::Leader { peers, newest, .. } = &mut self.state else { return };
        let peer = &mut peers[to.index()];
        let Promised::Mine(theirs) = peer.promise else { return };
        let same = if theirs.accepted == self.promised || Mutant::SkipLogCheck.is_made() {
            theirs.last
        } else if theirs.accepted == newest.accepted {
            theirs.last.min(newest.last)
        } else {
            theirs.decided
        };
        peer.place = Place { session: peer.place.session + 1, count: 1 };
        let (ballot, place, decided) = (self.promised, peer.place, self.log.last_index());
        let suffix = self.suffix(same);
        send(effects, to, Message::AcceptSync { ballot, place, decided, suffix });
    }

    /// Somebody wants to be prepared (again).
    pub(super) fn on_prepare_request(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        effects: &mut Effects,
    ) {
        let State::Leader { peers, .. } = &mut self.state else { return };
        if ballot <= self.promised {
            peers[from.index()].promise = Promised::Nothing;
            let (ballot, extent) = (self.promised, self.extent());
            send(effects, from, Message::Prepare { ballot, extent });
        }
    }

    /// A client's write: a leader orders it; with anyone else it fails.
    pub(super) fn propose(&mut self, command: Command, effects: &mut Effects) {
        let State::Leader { syncs: true, .. } = self.state else { return };
        let entry = Entry { epoch: self.promised.number, command };
        self.undecided.push(entry);
        self.accept_own();
        let (ballot, decided) = (self.promised, self.log.last_index());
        self.tell_promised(effects, |place| {
            let entries = [entry].into();
            Message::Accept { ballot, place, decided, entries }
        });
        self.decide_chosen(self.last(), effects);
    }

    /// Sends the next message of the session to everyone who has promised.
    fn tell_promised(&mut self, effects: &mut Effects, message: impl Fn(Place) -> Message) {
        let State::Leader { peers, .. } = &mut self.state else { return };
        for to in self.identity.peers() {
            let peer = &mut peers[to.index()];
            if matches!(peer.promise, Promised::Mine(_)) {
                peer.place = peer.place.next();
                send(effects, to, message(peer.place));
            }
        }
    }

    /// A follower has all up to `last`; nobody can have more than the leader, whatever it says.
    pub(super) fn on_accepted(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        last: Index,
        effects: &mut Effects,
    ) {
        let last = last.min(self.last());
        let State::Leader { syncs: true, peers, .. } = &mut self.state else { return };
        if ballot == self.promised {
            let accepted = &mut peers[from.index()].accepted;
            // Answers may overtake each other, and a log only grows within a ballot.
            *accepted = last.max(*accepted);
            self.decide_chosen(last, effects);
        }
    }

    /// Decides up to `index` if a majority has accepted that far, and says so.
    fn decide_chosen(&mut self, index: Index, effects: &mut Effects) {
        let State::Leader { peers, .. } = &self.state else { return };
        if index <= self.log.last_index() {
            return;
        }
        let holders = peers.iter().filter(|peer| peer.accepted >= index).count();
        if holders >= usize::from(self.quorum()) {
            self.decide(index);
            let (ballot, decided) = (self.promised, index);
            self.tell_promised(effects, |place| Message::Decide {
                ballot,
                place,
                decided,
                again: false,
            });
        }
    }

    /// That replica has promised a greater ballot: it is not asked again. Nobody else is told; if
    /// the ballot's owner can be heard, its heartbeats say it.
    pub(super) fn on_not_accepted(&mut self, from: ReplicaId, promised: Ballot) {
        let State::Leader { peers, .. } = &mut self.state else { return };
        if promised > self.promised {
            peers[from.index()].promise = Promised::Greater;
        }
    }

    /// Asks those again who have not promised, and reminds the others of how much it has told them.
    pub(super) fn repeat_as_leader(&self, effects: &mut Effects) {
        let State::Leader { syncs, peers, .. } = &self.state else { return };
        let (ballot, extent) = (self.promised, self.extent());
        for to in self.identity.peers() {
            let Peer { promise, place, .. } = peers[to.index()];
            match promise {
                Promised::Nothing => send(effects, to, Message::Prepare { ballot, extent }),
                Promised::Mine(_) if *syncs => {
                    let decided = extent.decided;
                    send(effects, to, Message::Decide { ballot, place, decided, again: true });
                }
                Promised::Mine(_) | Promised::Greater => {}
            }
        }
    }
}
