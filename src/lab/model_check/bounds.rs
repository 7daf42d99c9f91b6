//! How far each walk goes, and what it meets.

use crate::protocol::{Epoch, Mutant, Protocol, Timer};

/// How far a walk goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The highest epoch that anybody may be in.
    pub(super) epoch: Epoch,
    /// How many writes clients ask for.
    pub(super) writes: u8,
    /// How many crashes there are.
    pub(super) crashes: u8,
    /// How often somebody gets new disks.
    pub(super) wipes: u8,
    /// How many different packets there may be, gossip that is not kept not counted.
    pub(super) packets: usize,
    /// How often each timer may run out, in order of [`Timer::ALL`], all replicas together.
    pub(super) timeouts: [u8; Timer::COUNT],
    /// How what is said to find a leader is treated.
    pub(super) gossip: Gossip,
    /// What happens first: each line is how an action begins that is possible there.
    pub(super) opening: &'static [&'static str],
}

/// As often as it likes.
pub(super) const ANY: u8 = u8::MAX;

/// What becomes of the votes and questions that only serve to find a leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gossip {
    /// They are packets like all others.
    Kept,
    /// Only the latest from one to another is under way; it may come any number of times, or never.
    Latest,
    /// A replica asks, is answered by some of those it asked, and ends its round, all in one step.
    Asked,
    /// They are lost. Elections come from outside, as [`Timer::Election`] may at any time: whoever
    /// is told to lead does so, whatever the others hear of it.
    Lost,
}

/// What a walk meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// How many states there are.
    pub(super) states: usize,
    /// The longest of the shortest ways to one.
    pub(super) depth: usize,
    /// True if a write is decided in some.
    pub(super) decides: bool,
    /// True if in some two have led.
    pub(super) two_lead: bool,
}

/// Bounds by epoch, writes, crashes and packets; elections are those that may begin in all.
const fn bounds(epoch: Epoch, writes: u8, crashes: u8, packets: usize, elections: u8) -> Bounds {
    Bounds {
        epoch,
        writes,
        crashes,
        wipes: 0,
        packets,
        timeouts: [elections, 0, ANY, 0, 0, 0],
        gossip: Gossip::Kept,
        opening: &[],
    }
}

/// The same, with so many of Zab's pauses before a leader is settled on, and only the latest votes.
const fn settled(mut bounds: Bounds, rounds: u8) -> Bounds {
    bounds.timeouts[Timer::Round.index()] = rounds;
    Bounds { gossip: Gossip::Latest, ..bounds }
}

/// The same, with so many rounds of an election in which replicas ask each other.
const fn asked(mut bounds: Bounds, rounds: u8) -> Bounds {
    bounds.timeouts[Timer::Round.index()] = rounds;
    Bounds { gossip: Gossip::Asked, ..bounds }
}

/// The same, with elections from outside.
const fn pushed(bounds: Bounds) -> Bounds {
    Bounds { gossip: Gossip::Lost, ..bounds }
}

/// The same, in which leaders ask so often whether a majority still answers.
const fn checked(mut bounds: Bounds, checks: u8) -> Bounds {
    bounds.timeouts[Timer::CheckQuorum.index()] = checks;
    bounds
}

/// The same, in which disks are replaced so often instead of crashes.
const fn wiped(bounds: Bounds, wipes: u8) -> Bounds {
    Bounds { wipes, crashes: 0, ..bounds }
}

/// The same after an opening.
const fn after(opening: &'static [&'static str], bounds: Bounds) -> Bounds {
    Bounds { opening, ..bounds }
}

const fn seen(states: usize, depth: usize, decides: bool, two_lead: bool) -> Seen {
    Seen { states, depth, decides, two_lead }
}

/// n2 lets n1 lead; n3 has heard nothing yet.
const N1_LEADS: &[&str] = &[
    "n1: Election",
    "n1 to n2: PreVote",
    "n2 to n1: pre-vote: yes",
    "n1 to n2: RequestVote",
    "n2 to n1: vote: yes",
];

/// And then n2 hears n1 no more, and n3 would let it lead.
const N2_MAY_LEAD: &[&str] = &[
    "n1: Election",
    "n1 to n2: PreVote",
    "n2 to n1: pre-vote: yes",
    "n1 to n2: RequestVote",
    "n2 to n1: vote: yes",
    "n2: Lease",
    "n2: Election",
    "n2 to n3: PreVote",
    "n3 to n2: pre-vote: yes",
];

/// Zab's n3 leads n2, and n1 has heard nothing yet.
const N3_LEADS_N2: &[&str] = &[
    "n2 to n3: votes for n2",
    "n3 to n2: votes for n3",
    "n2 to n3: votes for n3",
    "n3: Round",
    "n2: Round",
    "n2 to n3: CEPOCH",
    "n3 to n2: NEWEPOCH 1",
    "n2 to n3: ACKEPOCH",
    "n3 to n2: DIFF",
    "n2 to n3: ACK 0",
];

/// Each protocol, the bounds of the small size, and what is seen within them.
pub(super) const WALKS: [(Protocol, Bounds, Seen); 17] = [
    (Protocol::Raft, bounds(2, 1, 1, 13, 2), seen(89_252, 18, true, true)),
    (
        Protocol::RaftPrevoteCheckquorum,
        after(N1_LEADS, checked(bounds(2, 1, 1, 13, 2), 1)),
        seen(80_502, 14, true, false),
    ),
    (
        Protocol::RaftPrevoteCheckquorum,
        after(N2_MAY_LEAD, checked(bounds(2, 1, 1, 17, 2), 1)),
        seen(118_652, 13, true, true),
    ),
    (
        Protocol::EtcdRaftPrevoteCheckquorum,
        after(N1_LEADS, checked(bounds(2, 1, 1, 13, 2), 1)),
        seen(82_932, 13, true, false),
    ),
    (
        Protocol::EtcdRaftPrevoteCheckquorum,
        after(N2_MAY_LEAD, checked(bounds(2, 1, 1, 17, 2), 1)),
        seen(92_032, 14, true, true),
    ),
    (Protocol::Paxos, bounds(2, 2, 1, 14, 0), seen(138_829, 16, true, true)),
    (Protocol::Multipaxos, asked(bounds(2, 1, 1, 11, 0), 4), seen(195_696, 16, true, true)),
    (Protocol::MultipaxosRobust, asked(bounds(2, 1, 1, 11, 0), 4), seen(198_141, 16, true, true)),
    (Protocol::Vr, bounds(2, 1, 1, 14, 2), seen(131_122, 20, true, true)),
    (Protocol::Vr, wiped(bounds(2, 1, 0, 15, 1), 1), seen(84_804, 17, true, true)),
    (Protocol::Vr, wiped(bounds(2, 1, 0, 15, 1), 2), seen(334_994, 20, true, true)),
    (Protocol::VrRecovery, bounds(2, 1, 1, 15, 1), seen(84_804, 17, true, true)),
    (Protocol::Zab, settled(bounds(2, 1, 0, 14, 1), 4), seen(487_407, 29, true, true)),
    (
        Protocol::Zab,
        after(N3_LEADS_N2, settled(bounds(2, 1, 1, 12, 1), 3)),
        seen(485_660, 25, true, false),
    ),
    (Protocol::Omnipaxos, asked(bounds(2, 1, 1, 10, 0), 2), seen(116_022, 16, true, true)),
    (Protocol::OmnipaxosHappy, asked(bounds(2, 1, 1, 10, 0), 2), seen(187_767, 16, true, true)),
    // And with elections from outside, at moments at which none of its own would come.
    (Protocol::Multipaxos, pushed(bounds(2, 1, 0, 14, 2)), seen(64_783, 16, true, true)),
];

const RAFT: Bounds = bounds(2, 1, 1, 12, 2);
const ASKING: Bounds = checked(bounds(2, 1, 1, 16, 2), 1);
const TWO_ASK: Bounds = after(N2_WOULD_VOTE_FOR_BOTH, bounds(2, 1, 1, 16, 2));
const BEHIND: Bounds = after(N3_ASKS_WITHOUT_A_LOG, bounds(2, 0, 0, 24, 3));
const PAXOS: Bounds = bounds(2, 2, 0, 16, 0);
const LED: Bounds = pushed(bounds(2, 2, 0, 15, 2));
const VR: Bounds = bounds(1, 2, 0, 16, 2);

/// Each mistake that is found, and within which bounds. With elections from outside the options of
/// Multi-Paxos and Omni-Paxos change nothing, and are left out. Not found are two, which need more
/// than there is room for; random runs find them.
/// - VR that forgets its lock: of three, whoever knows an op committed never loses it, and so the
///   other two must; each does so when it hears of a later view, and the primary that brought it
///   the op again only when it hears of one later still. So it takes three views that begin, and
///   four in all, where these bounds end at two.
/// - Zab that accepts an epoch twice: both leaders of the epoch need the third replica, and once
///   that one has acknowledged the first it is current in that epoch, its own vote is better than
///   the second's, and it follows that one no more. It shows where there are more to follow.
pub(super) const MISTAKES: [(Protocol, Mutant, Bounds); 26] = [
    (Protocol::Raft, Mutant::VoteTwice, RAFT),
    (Protocol::Raft, Mutant::SmallQuorum, RAFT),
    (Protocol::Raft, Mutant::SkipLogCheck, RAFT),
    (Protocol::RaftPrevoteCheckquorum, Mutant::VoteTwice, TWO_ASK),
    (Protocol::RaftPrevoteCheckquorum, Mutant::SmallQuorum, ASKING),
    (Protocol::RaftPrevoteCheckquorum, Mutant::SkipLogCheck, BEHIND),
    (Protocol::EtcdRaftPrevoteCheckquorum, Mutant::VoteTwice, TWO_ASK),
    (Protocol::EtcdRaftPrevoteCheckquorum, Mutant::SmallQuorum, ASKING),
    (Protocol::EtcdRaftPrevoteCheckquorum, Mutant::SkipLogCheck, BEHIND),
    (Protocol::Paxos, Mutant::VoteTwice, PAXOS),
    (Protocol::Paxos, Mutant::SmallQuorum, PAXOS),
    (Protocol::Paxos, Mutant::ForgetLock, PAXOS),
    (Protocol::Multipaxos, Mutant::VoteTwice, pushed(bounds(2, 2, 0, 13, 2))),
    (Protocol::Multipaxos, Mutant::SmallQuorum, LED),
    (Protocol::Multipaxos, Mutant::ForgetLock, LED),
    (Protocol::Vr, Mutant::SmallQuorum, VR),
    (Protocol::Vr, Mutant::SkipLogCheck, VR),
    (Protocol::Vr, Mutant::VoteTwice, after(N3_FORGETS_A_VIEW, bounds(1, 2, 1, 16, 1))),
    (
        Protocol::Vr,
        Mutant::HearTheDead,
        after(N3_FORGETS_THAT_IT_ASKED, wiped(bounds(2, 2, 0, 40, 1), 2)),
    ),
    (Protocol::Zab, Mutant::SmallQuorum, settled(bounds(2, 1, 0, 14, 1), 4)),
    (
        Protocol::Zab,
        Mutant::SkipLogCheck,
        after(N2_HAS_DECIDED, settled(bounds(2, 2, 0, 24, 1), 4)),
    ),
    (
        Protocol::Zab,
        Mutant::ForgetLock,
        after(N3_HAS_WHAT_N2_REPLACED, checked(settled(bounds(2, 2, 0, 26, 1), 4), 2)),
    ),
    (Protocol::Omnipaxos, Mutant::SmallQuorum, LED),
    (Protocol::Omnipaxos, Mutant::ForgetLock, LED),
    (
        Protocol::Omnipaxos,
        Mutant::SkipLogCheck,
        after(N1_HAS_ACCEPTED, pushed(bounds(2, 2, 0, 16, 2))),
    ),
    (
        Protocol::Omnipaxos,
        Mutant::VoteTwice,
        after(N1_FORGETS_A_PROMISE, pushed(bounds(2, 2, 1, 17, 2))),
    ),
];

/// Before anybody leads, n2 would vote for n1, and for n3.
const N2_WOULD_VOTE_FOR_BOTH: &[&str] = &[
    "n1: Election",
    "n1 to n2: PreVote",
    "n2 to n1: pre-vote: yes",
    "n3: Election",
    "n3 to n2: PreVote",
    "n2 to n3: pre-vote: yes",
];

/// n1 leads n2 and has its no-op committed; n3 has learned of the term and nothing else.
const N3_ASKS_WITHOUT_A_LOG: &[&str] = &[
    "n1: Election",
    "n1 to n2: PreVote",
    "n2 to n1: pre-vote: yes",
    "n1 to n2: RequestVote",
    "n2 to n1: vote: yes",
    "n1 to n2: AppendEntries, term 1: no-op",
    "n2 to n1: have 1",
    "n2: Lease",
    "n3: Election",
    "n3 to n2: PreVote",
    "n2 to n3",
    "n3: Election",
];

/// VR's n3 enters view 1, and comes back in view 0.
const N3_FORGETS_A_VIEW: &[&str] =
    &["n2: Election", "n2 to n3: StartViewChange to view 1", "n3 crashes"];

/// VR's n3 asks for view 2, its own, loses its disks, and recovers in view 0 from the others; only
/// then n2 hears that it asked, and says `DoViewChange`; it loses its disks as well, and recovers
/// in view 0, for n3 still is there. With n1 it commits a write there. What both said before is
/// under way.
const N3_FORGETS_THAT_IT_ASKED: &[&str] = &[
    "n3: Election",
    "n3 starts again with empty disks",
    "n3 to n1: Recovery, nonce",
    "n3 to n2: Recovery, nonce",
    "n1 to n3: RecoveryResponse",
    "n2 to n3: RecoveryResponse",
    "n3 to n2: StartViewChange to view 2",
    "n2 starts again with empty disks",
    "n2 to n1: Recovery, nonce",
    "n2 to n3: Recovery, nonce",
    "n1 to n2: RecoveryResponse",
    "n3 to n2: RecoveryResponse",
    "n1 is asked for write 1",
    "n1 to n2: Prepare 1",
    "n2 to n1: PrepareOK 1",
];

/// Zab's n2 leads n1, and knows a write decided that n1 has.
const N2_HAS_DECIDED: &[&str] = &[
    "n2 to n1: votes for n2",
    "n1 to n2: votes for n2",
    "n2: Round",
    "n1: Round",
    "n1 to n2: CEPOCH",
    "n2 to n1: NEWEPOCH 1",
    "n1 to n2: ACKEPOCH 1",
    "n2 to n1: DIFF",
    "n1 to n2: ACK 0",
    "n2 is asked for write 1",
    "n2 to n1: PROPOSAL",
    "n1 to n2: ACK 1",
];

/// Zab's n3 leads n2 and is asked for a write that nobody hears of; then n2 leads n1, and another
/// write is decided in its place.
const N3_HAS_WHAT_N2_REPLACED: &[&str] = &[
    "n2 to n3: votes for n2",
    "n3 to n2: votes for n3",
    "n2 to n3: votes for n3",
    "n3: Round",
    "n2: Round",
    "n2 to n3: CEPOCH",
    "n3 to n2: NEWEPOCH 1",
    "n2 to n3: ACKEPOCH",
    "n3 to n2: DIFF",
    "n2 to n3: ACK 0",
    "n3 is asked for write 1",
    "n2: Election",
    "n2 to n1: votes for n2",
    "n1 to n2: votes for n2",
    "n2: Round",
    "n1: Round",
    "n1 to n2: CEPOCH 0",
    "n2 to n1: NEWEPOCH 2",
    "n1 to n2: ACKEPOCH 2",
    "n2 to n1: DIFF",
    "n1 to n2: ACK 0",
    "n2 is asked for write 2",
    "n2 to n1: PROPOSAL",
    "n1 to n2: ACK 1",
];

/// Omni-Paxos' n1 leads, and has accepted a write that nobody heard of.
const N1_HAS_ACCEPTED: &[&str] =
    &["n1: Election", "n1 to n3: Prepare", "n3 to n1: Promise", "n1 is asked for write 1"];

/// Omni-Paxos' n1 promises a ballot of n2's and then a greater one of n3's, and forgets both.
const N1_FORGETS_A_PROMISE: &[&str] = &[
    "n2: Election",
    "n2 to n1: Prepare",
    "n1 to n2: Promise",
    "n3: Election",
    "n3 to n1: Prepare",
    "n1 to n3: Promise",
    "n1 crashes",
    "n2 to n1: Prepare",
    "n2 to n1: AcceptSync",
];
