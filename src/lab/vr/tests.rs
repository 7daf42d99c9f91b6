//! Rules of the paper, message by message; whole runs; and mistakes that the checks find.

use super::*;
use crate::fault::Behaviour;
use crate::lab::mutants::assert_caught;
use crate::lab::trial::{assert_heals, assert_safe, broken_by, cuts, outcome, play, size};
use crate::outcome::Outcome;
use crate::protocol::Protocol;
use crate::protocol::vr::timer;

pub(super) const N1: ReplicaId = ReplicaId(0);
pub(super) const N2: ReplicaId = ReplicaId(1);
pub(super) const N3: ReplicaId = ReplicaId(2);
const N4: ReplicaId = ReplicaId(3);

/// A replica that has started, one of so many.
pub(super) fn replica(id: ReplicaId, replicas: u8) -> Vr {
    let election = Micros(10)..=Micros(20);
    let identity = Identity { id, replicas, tolerated: 0, heartbeat: Micros(1), election };
    let mut replica = Vr::new(identity, Disks::Kept);
    said(&mut replica, Input::Start);
    replica
}

/// What it says to an input, and to whom.
pub(super) fn said(replica: &mut Vr, input: Input<'_, Message>) -> Vec<(ReplicaId, Message)> {
    let mut effects = Vec::new();
    replica.step(input, &mut effects);
    let sent = |effect| match effect {
        Effect::Send { to, message: crate::protocol::Message::Vr(message), .. } => {
            Some((to, message))
        }
        Effect::Send { .. }
        | Effect::SetTimer { .. }
        | Effect::RestartTimer(_)
        | Effect::CancelTimer(_)
        | Effect::Answer { .. } => None,
    };
    effects.into_iter().filter_map(sent).collect()
}

pub(super) fn hear(
    replica: &mut Vr,
    from: ReplicaId,
    message: Message,
) -> Vec<(ReplicaId, Message)> {
    said(replica, Input::Deliver { from, message: &message })
}

/// The crash vector of a group in which nobody ever lost anything.
fn nobody_lost(replicas: usize) -> Lives {
    vec![0; replicas].into()
}

pub(super) fn started(view: View, replicas: usize) -> Message {
    Message::StartViewChange { view, lives: nobody_lost(replicas) }
}

pub(super) const fn prepared(view: View, op: Index) -> Message {
    Message::PrepareOk { view, op, life: 0 }
}

pub(super) const fn prepare(op: Index, command: u32) -> Message {
    Message::Prepare { view: 0, op, commit: 0, command }
}

fn done(view: View, last_normal: View, base: Index, commands: &[u32]) -> Message {
    let entry = |&command| Entry { epoch: last_normal, command };
    let suffix = Suffix { base, commit: base, entries: commands.iter().map(entry).collect() };
    Message::DoViewChange { view, last_normal, suffix, lives: nobody_lost(3) }
}

fn commands(replica: &Vr) -> Vec<u32> {
    let all = replica.decided.from(1, usize::MAX).iter().chain(&replica.undecided);
    all.map(|entry| entry.command).collect()
}

/// 4.1: an op is committed once f backups have said PrepareOK.
#[test]
fn a_quorum_of_prepared_replicas_commits() {
    let mut primary = replica(N1, 5);
    assert_eq!(said(&mut primary, Input::Propose(7)).len(), 4);
    hear(&mut primary, N2, prepared(0, 1));
    hear(&mut primary, N2, prepared(0, 1));
    hear(&mut primary, N4, prepared(0, 9));
    assert_eq!(primary.commit(), 0, "one backup, however often, and one that has what is not");
    hear(&mut primary, N3, prepared(0, 1));
    assert_eq!(primary.commit(), 1);
}

/// 4.2, step 2: DoViewChange needs StartViewChange from f others.
#[test]
fn nobody_is_told_to_lead_by_one_who_hears_no_quorum() {
    let mut backup = replica(N4, 5);
    let said = hear(&mut backup, N3, started(2, 5));
    assert_eq!(said.len(), 4, "it comes along, and says so to all: {said:?}");
    assert_eq!(hear(&mut backup, N3, started(2, 5)), []);
    let done = hear(&mut backup, N1, started(2, 5));
    assert!(matches!(done[..], [(N3, Message::DoViewChange { view: 2, .. })]), "{done:?}");
}

/// 4.2, step 3: the latest view in which a log was worked on counts before its length.
#[test]
fn a_new_primary_takes_the_log_of_the_latest_view() {
    let mut primary = replica(N2, 3);
    for op in 1..=3 {
        hear(&mut primary, N1, prepare(op, op));
    }
    primary.view = 3;
    hear(&mut primary, N3, started(4, 3));
    let begun = hear(&mut primary, N3, done(4, 2, 0, &[1, 9]));
    assert_eq!(commands(&primary), [1, 9]);
    assert_eq!(primary.belief().role, Role::Leader);
    assert!(begun.iter().all(|(_, said)| matches!(said, Message::StartView { view: 4, .. })));
    // Of the same view, the longer one.
    let mut primary = replica(N2, 3);
    hear(&mut primary, N1, prepare(1, 1));
    hear(&mut primary, N3, started(1, 3));
    hear(&mut primary, N3, done(1, 0, 0, &[]));
    assert_eq!(commands(&primary), [1]);
}

/// The best log comes without what its owner knows committed, and the new primary knows less.
#[test]
fn a_new_primary_that_lags_asks_for_the_rest() {
    let mut primary = replica(N2, 3);
    primary.view = 3;
    hear(&mut primary, N3, started(4, 3));
    let asks = hear(&mut primary, N3, done(4, 3, 2, &[3]));
    assert_eq!(asks, [(N3, Message::GetState { view: 4, op: 0 })]);
    assert_eq!(primary.belief().role, Role::Candidate);
    hear(&mut primary, N3, done(4, 3, 0, &[1, 2, 3]));
    assert_eq!((commands(&primary), primary.belief().role), (vec![1, 2, 3], Role::Leader));
}

/// 5.2, and not as the paper has it: the old log stays until the new one is there.
#[test]
fn what_was_prepared_is_kept_until_the_newer_view_is_known() {
    let mut backup = replica(N3, 3);
    hear(&mut backup, N1, prepare(1, 5));
    let newer = Message::Commit { view: 1, op: 2, commit: 1 };
    let asks = hear(&mut backup, N2, newer.clone());
    assert_eq!(asks, [(N2, Message::GetState { view: 1, op: 0 })]);
    assert_eq!(hear(&mut backup, N2, newer), [], "it asks once a heartbeat");
    assert_eq!((backup.view, commands(&backup)), (0, vec![5]));
    let entries = [5, 6].map(|command| Entry { epoch: 1, command }).into();
    let suffix = Suffix { base: 0, commit: 1, entries };
    let thanks = hear(&mut backup, N2, Message::NewState { view: 1, suffix });
    assert_eq!(thanks, [(N2, prepared(1, 2))]);
    assert_eq!((backup.view, backup.commit(), commands(&backup)), (1, 1, vec![5, 6]));
}

#[test]
fn a_lost_prepare_is_found_by_the_next_sign_of_life() {
    let mut backup = replica(N3, 3);
    hear(&mut backup, N1, prepare(1, 5));
    let commit = |op, commit| Message::Commit { view: 0, op, commit };
    let asks = hear(&mut backup, N1, commit(3, 1));
    assert_eq!(asks, [(N1, Message::GetState { view: 0, op: 1 })]);
    // And a lost PrepareOK as well.
    let again = hear(&mut backup, N1, commit(1, 1));
    assert_eq!(again, [], "what is committed is not answered");
    hear(&mut backup, N1, prepare(2, 6));
    let again = hear(&mut backup, N1, commit(2, 1));
    assert_eq!(again, [(N1, prepared(0, 2))]);
}

#[test]
fn a_push_leads_and_silence_goes_to_the_next_in_line() {
    let mut pushed = replica(N3, 3);
    said(&mut pushed, Input::Timeout(timer::VIEW_CHANGE));
    assert_eq!(pushed.view, 2);
    let mut tired = replica(N3, 3);
    said(&mut tired, Input::Timeout(timer::HEARS_PRIMARY));
    said(&mut tired, Input::Timeout(timer::VIEW_CHANGE));
    assert_eq!(tired.view, 1);
    said(&mut tired, Input::Timeout(timer::VIEW_CHANGE));
    assert_eq!(tired.view, 2);
}

/// Table 1 of the Omni-Paxos paper, links as in its section 2: the hub of a star hears a quorum,
/// and nobody who hears it does.
#[test]
fn quorum_loss_and_constrained_election_stall() {
    let quorum_loss = cuts("5s", &[(2, 3), (2, 4), (2, 5), (3, 4), (3, 5), (4, 5)]);
    let constrained =
        cuts("4s", &[(1, 3)]) + &cuts("5s", &[(2, 3), (3, 4), (3, 5), (2, 4), (2, 5), (4, 5)]);
    for cuts in [quorum_loss, constrained] {
        for seed in 0..20 {
            let actions = format!("at 0s elect n3\n{cuts}run 60s\n");
            let (run, history) = play(Protocol::Vr, 5, seed, &actions);
            assert_eq!(outcome(&run, &history), Outcome::Stalled, "seed {seed}\n{actions}");
            assert!(run.group().replica(N1).belief().epoch > 20, "views go by");
        }
    }
}

/// Three in a row recover as soon as it is the middle's turn, which the table does not have; of
/// five in a row the ends never hear the primary that the middle elects, and nothing lasts.
#[test]
fn a_short_chain_settles_and_a_long_one_never_does() {
    for seed in 0..20 {
        let actions = format!("at 0s elect n2\n{}run 60s\n", cuts("5s", &[(2, 3)]));
        let (run, history) = play(Protocol::Vr, 3, seed, &actions);
        assert_eq!(outcome(&run, &history), Outcome::Stable, "seed {seed}");
        assert_eq!(run.group().replica(N1).belief().leader, Some(N1));
        // 2-3-4-5-1 is what is left.
        let links = [(1, 2), (1, 3), (1, 4), (2, 4), (2, 5), (3, 5)];
        let actions = format!("at 0s elect n3\n{}run 60s\n", cuts("5s", &links));
        let (run, history) = play(Protocol::Vr, 5, seed, &actions);
        assert_eq!(outcome(&run, &history), Outcome::Flapping, "seed {seed}");
    }
}

#[test]
fn random_faults_break_nothing() {
    assert_safe(Protocol::Vr, size(300, 20_000));
}

#[test]
fn when_every_fault_is_lifted_all_agree_again() {
    assert_heals(Protocol::Vr, size(200, 10_000), 5);
}

#[test]
fn the_checks_find_what_is_done_wrong() {
    use Mutant::{ForgetLock, SkipLogCheck, SmallQuorum, VoteTwice};
    for mutant in [VoteTwice, SmallQuorum, SkipLogCheck, ForgetLock] {
        assert_caught(Protocol::Vr, mutant);
    }
}

/// VR assumes that nobody lies, and one liar is enough.
#[test]
fn a_liar_breaks_it() {
    use Behaviour::{ClaimLeadership, DoubleVote, Equivocate, LieAboutLog};
    for lies in [&[Equivocate][..], &[LieAboutLog], &[ClaimLeadership], &[DoubleVote, LieAboutLog]]
    {
        let number = broken_by(Protocol::Vr, lies, 300);
        println!("{lies:?}: {number:?}");
        assert!(number.is_some(), "{lies:?} break nothing");
    }
}
