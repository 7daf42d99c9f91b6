//! The yardstick: TiKV's `raft` crate in memory, on our queue, our chance and our latencies.
//!
//! Three replicas with the timeouts, the writes and the cut of `scenarios/3-*.halflink`. It is the
//! crate as its example drives it, with nothing around it that it does not need: no plant, no trace
//! hash, no checks, no history. One tick is one heartbeat. Under the cut the crate alone would
//! fall silent, since it never answers the leader of an older term with both of its switches off; a
//! few lines here do as the paper says, so that both sides do the same work.

use halflink::clock::Micros;
use halflink::queue::Queue;
use halflink::rng::Rng;
use raft::StateRole;
use raft::prelude::{Config, Message, MessageType, RawNode};
use raft::storage::MemStorage;
use slog::{Discard, Logger, o};

const TICK: Micros = Micros::from_millis(100);
const WRITE_EVERY: Micros = Micros::from_millis(300);
const CUT_AT: Micros = Micros::from_secs(3);
const UNTIL: Micros = Micros::from_secs(600);
const HOPS: Micros = Micros(800);
const JITTER: Micros = Micros(100);

/// Election timeouts in ticks, the end excluded; n2 is the patient one under a cut.
const USUAL: (usize, usize) = (10, 21);
const PATIENT: (usize, usize) = (25, 36);

#[derive(Clone, Copy)]
enum Pending {
    Tick(usize),
    Deliver(usize),
    Write,
}

struct Node {
    raw: RawNode<MemStorage>,
    timeout: (usize, usize),
    /// When these change the crate has drawn a timeout of its own chance.
    drawn_in: (u64, StateRole),
}

struct Group {
    now: Micros,
    queue: Queue<Pending>,
    nodes: Vec<Node>,
    mail: Vec<Message>,
    free: Vec<usize>,
    rng: Rng,
    cut_at: Micros,
    delivered: u64,
    writes: u32,
}

/// Ten simulated minutes; how many messages were delivered.
pub(crate) fn whole_run(cut: bool) -> u64 {
    let mut group = Group::new(cut);
    group.nodes[2].raw.campaign().expect("a follower may campaign");
    group.settle(2);
    while let Some((at, pending)) = group.queue.pop() {
        if at > UNTIL {
            break;
        }
        group.now = at;
        group.perform(pending);
    }
    assert!(group.nodes[2].raw.raft.raft_log.committed > 900, "the group gets on with its work");
    group.delivered
}

impl Node {
    fn new(id: u64, timeout: (usize, usize)) -> Self {
        let config = Config {
            id,
            heartbeat_tick: 1,
            election_tick: 10,
            min_election_tick: timeout.0,
            max_election_tick: timeout.1,
            ..Config::default()
        };
        let storage = MemStorage::new_with_conf_state((vec![1, 2, 3], vec![]));
        let raw = RawNode::new(&config, storage, &Logger::root(Discard, o!()));
        Self {
            raw: raw.expect("a valid configuration"),
            timeout,
            drawn_in: (0, StateRole::Follower),
        }
    }
}

impl Group {
    fn new(cut: bool) -> Self {
        let second = if cut { PATIENT } else { USUAL };
        let mut queue = Queue::new();
        for node in 0..3 {
            queue.push(Micros(TICK.0 * (node as u64 + 1) / 3), Pending::Tick(node));
        }
        queue.push(WRITE_EVERY, Pending::Write);
        Self {
            now: Micros::ZERO,
            queue,
            nodes: vec![Node::new(1, USUAL), Node::new(2, second), Node::new(3, USUAL)],
            mail: Vec::new(),
            free: Vec::new(),
            rng: Rng::new(2020),
            cut_at: if cut { CUT_AT } else { Micros::NEVER },
            delivered: 0,
            writes: 0,
        }
    }

    fn perform(&mut self, pending: Pending) {
        match pending {
            Pending::Tick(node) => {
                self.queue.push(self.now + TICK, pending);
                self.nodes[node].raw.tick();
                self.settle(node);
            }
            Pending::Deliver(place) => {
                let message = std::mem::take(&mut self.mail[place]);
                self.free.push(place);
                self.deliver(message);
            }
            Pending::Write => {
                self.queue.push(self.now + WRITE_EVERY, Pending::Write);
                self.writes += 1;
                let leads = |node: &usize| self.nodes[*node].raw.raft.state == StateRole::Leader;
                let newest = |node: &usize| self.nodes[*node].raw.raft.term;
                if let Some(node) = (0..3).filter(leads).max_by_key(newest) {
                    let command = self.writes.to_le_bytes().to_vec();
                    // A full pipeline refuses; then the write fails.
                    let _ = self.nodes[node].raw.propose(Vec::new(), command);
                    self.settle(node);
                }
            }
        }
    }

    fn deliver(&mut self, message: Message) {
        self.delivered += 1;
        let node = index(message.to);
        let raft = &mut self.nodes[node].raw;
        match stale_answer(&message, raft.raft.term) {
            Some(answer) => self.send(answer),
            None => {
                raft.step(message).expect("a message between members");
                self.settle(node);
            }
        }
    }

    /// What the crate asks for after an input, as in its `single_mem_node` example.
    fn settle(&mut self, index: usize) {
        let Node { raw, timeout, drawn_in } = &mut self.nodes[index];
        let state = (raw.raft.term, raw.raft.state);
        if state != *drawn_in {
            *drawn_in = state;
            let ticks = timeout.0 + self.rng.below((timeout.1 - timeout.0) as u32) as usize;
            raw.raft.set_randomized_election_timeout(ticks);
        }
        if !raw.has_ready() {
            return;
        }
        let mut ready = raw.ready();
        let first = ready.take_messages();
        if !ready.entries().is_empty() {
            raw.store().wl().append(ready.entries()).expect("entries without a hole");
        }
        if let Some(state) = ready.hs() {
            raw.store().wl().set_hardstate(state.clone());
        }
        let persisted = ready.take_persisted_messages();
        let mut light = raw.advance(ready);
        if let Some(commit) = light.commit_index() {
            raw.store().wl().mut_hard_state().commit = commit;
        }
        let last = light.take_messages();
        raw.advance_apply();
        for message in first.into_iter().chain(persisted).chain(last) {
            self.send(message);
        }
    }

    fn send(&mut self, message: Message) {
        if self.now >= self.cut_at && message.from != 2 && message.to != 2 {
            return;
        }
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.mail.push(Message::default());
                self.mail.len() - 1
            }
        };
        self.mail[place] = message;
        self.queue.push(self.now + HOPS + self.rng.up_to(JITTER), Pending::Deliver(place));
    }
}

/// What figure 2 of the paper has a receiver say to a leader or candidate of an older term.
fn stale_answer(message: &Message, term: u64) -> Option<Message> {
    if message.term >= term {
        return None;
    }
    let asked = message.get_msg_type();
    let kind = if matches!(asked, MessageType::MsgAppend | MessageType::MsgHeartbeat) {
        MessageType::MsgAppendResponse
    } else if asked == MessageType::MsgRequestVote {
        MessageType::MsgRequestVoteResponse
    } else {
        return None;
    };
    let mut answer = Message::default();
    (answer.from, answer.to, answer.term, answer.reject) = (message.to, message.from, term, true);
    answer.set_msg_type(kind);
    Some(answer)
}

/// The crate numbers its nodes from 1.
const fn index(id: u64) -> usize {
    id as usize - 1
}
