// Made of the Rust types by src/crossing.rs: `UPDATE=1 cargo test crossing`. Times are microseconds.

/** What one message said, and what came of it. */
export type AccountView = {
  /** What it said, in the room `message`. */
  words: Fact | null,
  /** `null` if it is the truth; else what an honest replica would have said. */
  truth: Fact | null,
  /** `null` if it arrived; else why not. */
  died: Cause | null,
  /** If it arrived and its acknowledgement died, of what. */
  unheard: Cause | null,
  /** Why whoever got it would not do what it asked for, in the room `refusal`. */
  refusal: Fact | null,
  /** How that one answered it at once: "silence", "truth" or "lie". */
  answer: "silence" | "truth" | "lie",
};

/** How runs that go on from a moment come out. The fields' names are a promise to the page. */
export type Ahead = {
  /** The moment; what is done at that time is done. */
  at_us: number,
  /** As the text has it. */
  as_written: Tally,
  /** If nothing more is done. */
  left_alone: Tally,
};

/** What goes into a sentence. */
export type Arg = number | string | Fact | Arg[];

/**
 * A way to lie. Every one of them leaves the liar's own state machine honest: what it says is
 * changed on the way out, receiver by receiver.
 */
export type Behaviour = "equivocate" | "double-vote" | "claim-leadership" | "deny-leader" | "lie-about-log" | "silent-to" | "replay" | "delay";

/** One replica's belief over a span. */
export type BeliefSpan = {
  /** From. */
  from_us: number,
  /** To. */
  to_us: number,
  /** Whom it believed in; `null` is nobody. */
  leader: number | null,
  /** Its role, as in [`ReplicaView::role`], or "down". */
  role: Role | "down",
  /** Its epoch at the start of the span. */
  epoch: number,
  /** The value it believed in, where a protocol is about one, in the room `value`. */
  value: Fact | null,
};

/** What would be if some parts failed now. */
export type BlastView = {
  /** Those that fail, by number. */
  fails: Array<number>,
  /** Those that fall with them, by number. */
  falls: Array<number>,
  /** Those that redundancy saves, by number, each once. */
  spared: Array<number>,
  /** The sentences that tell it, of the room `blast`. */
  said: Array<Fact>,
};

/** Something of which a run may take only so much. */
export type Bound = "messages" | "events" | "carried" | "under-way" | "held" | "beliefs";

/** What is said from a moment on. */
export type CaptionView = {
  /** From when on. */
  at_us: number,
  /** The author's words, by their number in [`super::Plan::notes`]. */
  note: number | null,
  /** Else the run's own, in the room `caption`. */
  said: Fact | null,
};

/** What a part of a power chain carries. */
export type Carried = {
  /** The number of the part. */
  part: number,
  /** How many watts of how many, and how much longer a battery lasts, in the room `carried`. */
  said: Fact,
};

/** A liar who was caught. */
export type CaughtView = {
  /** Who. */
  liar: number,
  /** By what evidence, in the room `evidence`. */
  evidence: Fact,
};

/** Why a packet died, or why a flow loses packets. */
export type Cause = {
  /** What takes it. */
  kind: CauseKind,
  /** The number of the lane that loses it. */
  lane: number | null,
  /** The number of the part where it ends. */
  part: number | null,
  /** The replica that sends. */
  from: number,
  /** The replica that it is meant for. */
  to: number,
  /** The share of packets lost, 1 to 100; 100 for a packet that died. */
  percent: number,
};

/** What takes a packet. */
export type CauseKind = "lane" | "gray" | "too-large" | "flow" | "no-route" | "receiver-down" | "receiver-full" | "withheld" | "timed-out" | "slow-consumer" | "backlog" | "refused" | "sender-down" | "not-connected";

/** What is known of a set of lies that breaks a property. */
export type Claim = "none-needed" | "fewest" | "none-to-spare" | "enough";

/** What a fault led to, from the whole run and not from a script. */
export type Consequence = {
  /** When the fault took hold. */
  at_us: number,
  /** The fault. */
  fault: string,
  /** True if no belief changed and no write was lost until the next act or the end. */
  nothing: boolean,
  /** In the room `aftermath`. */
  said: Fact,
};

/** A set of lies that breaks a property. */
export type CulpritsView = {
  /** "none-needed", "fewest", "none-to-spare" or "enough": see `explore::Claim`. */
  claim: Claim,
  /** How many they are. */
  count: number,
  /** The first of them, in order; a list that nobody reads to its end is cut short. */
  told: Array<ToldView>,
};

/**
 * Reads that came in a stretch of a run, and what became of them: each was answered, or failed for
 * one cause.
 */
export type DatabaseReads = {
  /** Since when. */
  from_us: number,
  /** How many came. */
  asked: number,
  /** How many were served. */
  answered: number,
  /** How many failed, by cause: see [`Shortfall::ALL`], in its order. */
  failed: [number, number, number, number],
  /** For how long less was served than came. */
  short_us: number,
};

/** What became of a database cluster, as far as the run is simulated. */
export type DatabaseView = {
  /** What it is called. */
  name: string,
  /** What its servers are called, by the number of the member. */
  servers: Array<string>,
  /** Why reads fail, in the order in which failed ones are counted, in the room `shortfall`. */
  causes: Array<Shortfall>,
  /** Promotions, in order; the first of them, if they are many. */
  promotions: Array<Promotion>,
  /** How many more promotions there were. */
  more: number,
  /** How it stands, from then on. */
  standings: Array<Standing>,
  /** Up to when they say it. */
  known_us: number,
  /** Reads so far. */
  whole: DatabaseReads,
  /** How long a stretch is. */
  stretch_us: number,
  /** Reads by stretches; none, if nobody reads. */
  stretches: Array<DatabaseReads>,
};

/** One thing wrong with a text: where it is, what was expected, what was found. */
export type Diagnostic = {
  /** The line, from 1. */
  line: number,
  /** The column, from 1, in characters (Unicode scalar values). */
  column: number,
  /** How many characters it is about; 0 at the end of a line. */
  length: number,
  /** What is wrong, in the room `diagnostic`. */
  fact: Fact,
};

/** Where a packet died. */
export type DiedOn = "lane" | "part" | "sender";

/** What a gray switch drops. */
export type Dropped = {
  /** As the text writes it: "n1 <-> n3", "all over 1500 bytes". */
  flows: string,
  /** What share of it, 1 to 100. */
  percent: number,
};

/** A replica became leader. */
export type ElectionMark = {
  /** When. */
  at_us: number,
  /** Who. */
  leader: number,
  /** In which epoch. */
  epoch: number,
};

/** An entry of a log. */
export type EntryView = {
  /** Its epoch, as a number. */
  epoch: number,
  /** Its epoch as the protocol counts, in the room `place`. */
  place: Fact,
  /** Its command, in the room `value`. */
  command: Fact,
  /** True if two honest logs have other entries there. */
  differs: boolean,
};

/** An incident of a run: see [`crate::outcome::Episode`]. */
export type EpisodeView = {
  /** From. */
  from_us: number,
  /** To. */
  to_us: number,
  /** The word of its worst damage. */
  outcome: Outcome,
  /** What users felt, in the room `outcome`. */
  felt: Fact,
};

/** A run that has come to a bound on its work: see [`crate::meter`]. */
export type ExhaustedView = {
  /** When; nothing that comes after is known. */
  at_us: number,
  /** Which bound: "messages", "events", "carried", "under-way", "held" or "beliefs". */
  bound: Bound,
  /** In the room `exhausted`: "the run ends here, at 47s: more than 30 million messages". */
  said: Fact,
};

/** What the author expects of some protocols. */
export type ExpectationView = {
  /** Its line in the text, from 1. */
  line: number,
  /** "raft, zab flapping or stalled". */
  text: string,
  /** True if this run is judged by it: see [`OutcomeView::expected`]. */
  applies: boolean,
};

/** What was found. The fields' names are a promise to scripts. */
export type Explored = {
  /** By its name. */
  protocol: string,
  /** Of all runs. */
  seed: number,
  /** How the run was to come out. */
  goal: Outcome,
  /** When the faults begin. */
  at_us: number,
  /** All faults to choose from. */
  vocabulary: Array<string>,
  /**
   * How many faults the smallest sets have that reach the goal. Whether a smaller one does is
   * known where nothing is unknown of the sizes below.
   */
  smallest: number | null,
  /** By size, from 0. */
  sizes: Array<SizeView>,
  /** Each fault by itself, what hurts most first. */
  singles: Array<SingleView>,
  /** The smallest sets, one of those that look alike. */
  found: Array<FoundView>,
  /** How many sets of the smallest size reach the goal and are not in [`Self::found`]. */
  dropped?: number,
  /** How many replicas could change places, if they are too many to say what looks alike. */
  ungrouped?: number,
  /** True if, besides, it is known of each how it comes out. */
  is_done: boolean,
};

/** A fact with its arguments. */
export type Fact = { kind: string, [argument: string]: Arg };

/** Why a request failed: what its last try met. */
export type Failure = "queue-full" | "queue" | "retry-storm" | "no-leader" | "not-committed";

/** What a protocol is built to survive. */
export type Family = "crash-fault" | "byzantine-fault" | "production code";

/** What kind of wrong a fault is (Cristian 1991; Howard & Abraham 2020 for omission). */
export type FaultClass = "crash" | "omission" | "timing" | "duplication" | "amnesia" | "byzantine";

/** A fault over time. */
export type FaultSpan = {
  /** From. */
  from_us: number,
  /** To. */
  to_us: number,
  /** The fault, as the text writes it; the part's name of what tripped. */
  text: string,
  /** True if the part tripped: no statement did it. */
  tripped: boolean,
  /** "crash", "omission", "timing", "duplication", "amnesia" or "byzantine". */
  class: FaultClass,
  /** The number of the line with `every` that it comes from, if it does: these share a track. */
  line: number | null,
};

/** A fault in force. */
export type FaultView = {
  /** Since when. */
  at_us: number,
  /** "gray r1.tor-a drops n1 <-> n3"; of what tripped, whose name: "r1.breaker-b". */
  text: string,
  /** "crash", "omission", "timing", "duplication", "amnesia" or "byzantine". */
  class: FaultClass,
  /** The statement that lifts it, "heal r1.tor-a"; `null` if nothing does. */
  lift: string | null,
  /** What it is about. */
  target: Target,
};

/** How a flow is. */
export type FlowState = "up" | "cut" | "lossy" | "impaired" | "dead";

/** Everything one replica sends another. */
export type FlowView = {
  /** Sending replica. */
  from: number,
  /** Receiving replica. */
  to: number,
  /** How it is. */
  state: FlowState,
  /** Why it is not "up". */
  why: Cause | null,
  /** True if a fault of the flow itself takes packets from it, all or some, whatever else does. */
  lost_as_such: boolean,
  /**
   * What else happens to its packets on their way, and what its connection waits for, in the
   * room `impaired`.
   */
  impaired: Array<Fact>,
  /**
   * The lanes it takes now, in order; up to where it dies, if it does. Of a flow that is cut
   * itself, those that it would take.
   */
  lanes: Array<number>,
};

/** A set that reaches the goal. */
export type FoundView = {
  /** As a text says them. */
  faults: Array<string>,
  /** How many sets that look like it, itself among them, reach the goal. */
  reached: number,
  /** How many look like it. */
  alike: number,
  /** Opens the run. */
  link: string,
};

/** How a group came out, which is to stay so. */
export type Goal = {
  /** The one word. */
  outcome: Outcome,
  /** True if some write was served: a run that ends before anybody leads is no stall. */
  serves: boolean,
};

/** A value, and by which way it was heard. */
export type HeardValue = {
  /** "n1", "n1, n3". */
  path: string,
  /** In the room `value`: "attack". */
  value: Fact,
};

/** How a lane is. */
export type LaneState = "up" | "cut" | "lossy" | "impaired" | "down" | "out" | "other";

/** A lane's state. */
export type LaneView = {
  /** How it is. */
  state: LaneState,
  /** What else it does to packets, in the room `impaired`. */
  impaired: Array<Fact>,
  /** True if some flow between live replicas takes this lane now. */
  used: boolean,
};

/** Something that happened. */
export type LedgerEntry = {
  /** When. */
  at_us: number,
  /** To which replica, by its number; `null` if to none or to all. */
  who: number | null,
  /** What, in the room `ledger`: its kind is the name of the event. */
  said: Fact,
};

/** One thing that a traitor does. */
export type LieView = {
  /** As the text writes it: "equivocate to n1". */
  text: string,
  /** Those who hear the other story, by number. */
  toward: Array<number>,
};

/** What a paper says of links that bring messages late, in another order, or twice. */
export type Links = "unreliable" | "ordered" | "gathered" | "in-rounds";

/** A replica's log. */
export type LogView = {
  /** How many entries are in it. */
  length: number,
  /** How many it knows committed. */
  commit: number,
  /** True if its disks are lost, and all that was on them. */
  lost: boolean,
  /**
   * False of a liar, whose log is what it holds itself and not what it tells others, and of a
   * general who is faulty otherwise. It is not asked whether it differs.
   */
  honest: boolean,
  /** Those that are shown, from [`LogsView::first`] on. */
  entries: Array<EntryView>,
};

/** A stretch of the logs of a group. */
export type LogsView = {
  /** The index of the first entry that is shown, from 1. */
  first: number,
  /** The index of the last entry of the longest log; 0 if all are empty. */
  last: number,
  /** The first index at which two logs have other entries, if there is one. */
  parted: number | null,
  /**
   * What a log is: "led" where entries are appended under a leader and may be thrown away until
   * they are committed, "decided" where nothing is in it that is not, "orders" of generals.
   */
  kind: "led" | "decided" | "orders",
  /** By replica. */
  logs: Array<LogView>,
};

/** What a protocol needs of its links before it makes progress. */
export type Needs = "every-link" | "leaders-links" | "one-hub" | "lone-proposer" | "all-but-f" | "everything";

/** Words of the author's. */
export type NoteView = {
  /** From when on; nothing where it comes when something happens. */
  at_us: number | null,
  /** Plain text. */
  text: string,
  /** True if the run waits there for its reader. */
  waits: boolean,
  /** What it points at: "n1", "r1.tor-a", "n3 -> n1". */
  focus: Array<string>,
  /** The protocol under which the reader is offered the same run. */
  compare: string | null,
  /** From what the reader chooses, if he is asked. */
  answers: Array<string>,
};

/** A link as a reader opens it. */
export type OpenedLink = {
  /** The text that it holds. */
  text: string,
  /** The version of the engine's semantics that made it. */
  semantics: number,
  /** What the run came to there, 16 hex digits; empty if the link does not say. */
  trace_hash: string,
  /** The version of this engine's semantics. */
  current_semantics: number,
};

/** The one word, worst first. */
export type Outcome = "unsafe" | "stalled" | "flapping" | "recovered" | "parted" | "stable";

/** How the run came out: see [`crate::outcome`]. */
export type OutcomeView = {
  /** "unsafe", "stalled", "flapping", "recovered", "parted" or "stable". */
  name: Outcome,
  /** What users felt, in the room `outcome`. */
  felt: Fact,
  /** The incidents of the run, in order. */
  episodes: Array<EpisodeView>,
  /** Writes of which it is known what became of them. */
  writes_tried: number,
  /** Of these, committed within the client's patience. */
  writes_served: number,
  /** Of these, committed after it. */
  writes_late: number,
  /** "reads 38 of 40, 3 stale", if clients read: in the room `counted`. */
  reads: Fact | null,
  /** Leader changes. */
  leader_changes: number,
  /** The longest time without a commit while somebody waited for one. */
  longest_stall_us: number,
  /** True if it came out as expected; `null` if nothing is expected, or it came to a bound. */
  expected: boolean | null,
  /** Trace hash at the end, 16 hex digits. */
  trace_hash: string,
};

/** A packet under way, or one that has just arrived or died. */
export type PacketView = {
  /** A key that stays while the packet is drawn. */
  id: number,
  /** Sending replica. */
  from: number,
  /** Receiving replica. */
  to: number,
  /**
   * "append", "append-reply", "heartbeat", "heartbeat-reply", "vote", "vote-reply",
   * "pre-vote", "pre-vote-reply", "transfer".
   */
  kind: string,
  /** The message, in the room `message`: "AppendEntries, term 13: write 7". */
  words: Fact,
  /** Of what a general says: the order that it is about, "attack". */
  order: string | null,
  /** When it left. */
  sent_us: number,
  /** When it arrives, or dies. */
  ends_us: number,
  /** Lanes it crosses, in order; a dying packet's last one is where it dies. */
  lanes: Array<number>,
  /**
   * What an honest replica would have said: `null` if this is the truth, "nothing" if it would
   * not have spoken.
   */
  truth: Fact | null,
  /** `null` if it arrives; else why not. */
  died: Cause | null,
  /** Where it died, if it did. */
  died_on: DiedOn | null,
  /** How often the message was sent before, over a connection. */
  again: number,
  /** If it arrives and its acknowledgement dies, of what. */
  unheard: Cause | null,
};

/** What a piece of hardware is. */
export type PartKind = "feed" | "pdu" | "spine" | "tor" | "server" | "disk" | "nic" | "psu" | "generator" | "ups" | "ats" | "breaker" | "site" | "wan";

/** The state of a part, the worst that holds. */
export type PartState = "up" | "gray" | "control-dead" | "second-primary" | "paused" | "rebuilding" | "sole" | "stalled" | "slow" | "crashed" | "data-loss" | "unpowered" | "failed" | "tripped" | "on-battery" | "starting" | "running" | "moving";

/** A part's state. */
export type PartView = {
  /**
   * "up", "gray", "control-dead", "second-primary", "paused", "crashed", "failed", "unpowered",
   * "data-loss" (a mirror pair is gone; the server's replica is stopped).
   */
  state: PartState,
  /** What is wrong, if it is not "up". */
  why: Trouble | null,
};

/** What does not change while a scenario runs. */
export type Plan = {
  /** The scenario's title, plain text. */
  title: string,
  /** Its source, plain text. */
  source: string | null,
  /** All groups of the scenario, in its order. */
  groups: Array<PlanGroup>,
  /** The number of the one that is shown: what follows, and views and strips, are of it. */
  shown: number,
  /** Its name, "etcd". */
  cluster: string,
  /** The protocol's name, "raft+prevote". */
  protocol: string,
  /** What the protocol needs to go on, in the room `progress`. */
  needs: Needs,
  /** What it takes of links that bring messages late or twice, in the room `links`. */
  links: Links,
  /** The protocol's words for the roles, by the role's name: see [`ReplicaView::role`]. */
  role_words: RoleWords,
  /** "crash-fault", "byzantine-fault" or "production code". */
  family: Family,
  /** How many liars the group, set up as it is, stands. */
  tolerated: number,
  /** Ways to lie that the protocol's messages allow, as the text writes them. */
  behaviours: Array<Behaviour>,
  /** True for Lamport's generals: rounds, orders and no writes. */
  generals: boolean,
  /** True if a leader can be asked to hand over. */
  hands_over: boolean,
  /** Which of the page's modules can run it: see [`Protocol::module`](crate::protocol::Protocol::module). */
  module: "" | "production",
  /** The seed. */
  seed: number,
  /** The length of the run. */
  until_us: number,
  /** The longest election timeout of any replica, the yardstick of the run. */
  election_max_us: number,
  /** Sites of the plant. */
  sites: number,
  /** Racks in the plant, in all its sites together. */
  racks: number,
  /** Servers in each rack. */
  servers: number,
  /** Disks in each server. */
  disks: number,
  /** What the author calls servers and replicas: what the language does, and the name. */
  names: Array<[string, string]>,
  /** All parts, by number. */
  parts: Array<PlanPart>,
  /** All lanes, by number; 2k and 2k+1 are the two directions of one cable. */
  lanes: Array<PlanLane>,
  /** All replicas, by number. */
  replicas: Array<PlanReplica>,
  /** The scenario's notes, in its order. Which of them come, and when, [`Strip::captions`] has. */
  notes: Array<NoteView>,
  /** What the author expects, in the order of the text. */
  expectations: Array<ExpectationView>,
};

/** A consensus group, by the number that [`View::groups`] has it by. */
export type PlanGroup = {
  /** Its name, "etcd". */
  name: string,
  /** Its protocol's name, "raft+prevote". */
  protocol: string,
  /** By replica, the number of the server that it is on. */
  parts: Array<number>,
  /** As [`Plan::names`], of this group. */
  names: Array<[string, string]>,
};

/** One direction of a cable. */
export type PlanLane = {
  /** "r1.s1 -> r1.tor-a". */
  name: string,
  /** The sending part's number. */
  from: number,
  /** The receiving part's number. */
  to: number,
};

/** A piece of hardware. */
export type PlanPart = {
  /** "r1.tor-a". */
  name: string,
  /** What it is. */
  kind: PartKind,
  /** The site from 0, where there are several; a WAN link is in none. */
  site: number | null,
  /** The rack from 0, where it is in one. */
  rack: number | null,
  /** 0 for a, 1 for b, where it is one of a pair. */
  side: number | null,
  /** The server's place in the rack from 0, for servers and disks. */
  slot: number | null,
  /** The disk's number from 0. */
  disk: number | null,
  /** The replica on it, for servers. */
  replica: number | null,
};

/** A replica's place. */
export type PlanReplica = {
  /** "n1". */
  name: string,
  /** The number of the server it is on. */
  part: number,
  /** Those who hear its other story, by number, if it lies and the text does not say to whom. */
  toward: Array<number>,
  /** How fast its clock runs, in percent of the true time. */
  clock_percent: number,
};

/** A replica was made the primary. */
export type Promotion = {
  /** When the lease of the old primary was over. */
  lapsed_us: number,
  /** When the new one began. */
  at_us: number,
  /** The old primary, by its number among the members. */
  from: number,
  /** The new one. */
  to: number,
};

/** A protocol, for the menu. What it does is said by its name, in the room `summary`. */
export type ProtocolEntry = {
  /** "raft+prevote". */
  name: string,
  /** What it is built to survive. */
  family: Family,
  /** Where it is from. */
  paper: string,
  /** What it promises whatever the network does, in the room `safety`. */
  safety: string,
  /** What it needs to go on, in the room `progress`. */
  needs: Needs,
  /** Which module has its code: see [`Protocol::module`]. */
  module: "" | "production",
};

/** What JavaScript catches. */
export type Refusal = {
  /** What is wrong. */
  errors: Array<Diagnostic>,
  /** Which module would not have thrown it, if one would not: see [`Protocol::module`]. */
  needs: "" | "production",
};

/** A replica's state and its belief. */
export type ReplicaView = {
  /** True if its process runs (paused counts as up). */
  up: boolean,
  /** True if its server is paused: it neither hears nor says anything. */
  paused: boolean,
  /** True once a loss of power took what it had said it had: its disk is synced lazily. */
  forgot: boolean,
  /** What is wrong with its server, if it does not run. */
  why_down: Trouble | null,
  /** "follower", "pre-candidate", "candidate" or "leader". */
  role: Role,
  /** Its epoch, as a number. */
  epoch: number,
  /** Its epoch as the protocol counts, in the room `place`: "term 3", "height 37, round 0". */
  place: Fact,
  /** Whom it believes to lead. */
  leader: number | null,
  /** When it last heard from the one it believes in (or last believed in), if ever. */
  heard_us: number | null,
  /** Who that was. */
  heard_from: number | null,
  /** Entries in its log. */
  log: number,
  /** Entries it knows committed. */
  commit: number,
  /**
   * The one value that it believes in, where a protocol is about one, in the room `value`:
   * "attack", "write 3".
   */
  value: Fact | null,
  /** Where it stands within its epoch, if its protocol has that, in the room `phase`. */
  phase: Fact | null,
  /** Whom it heard say what, for protocols that keep a vector of values. */
  vector: Array<HeardValue>,
  /** Whom it has caught lying. */
  caught: Array<CaughtView>,
  /** What it does as a traitor, as the text writes it; empty for the loyal. */
  lies: Array<LieView>,
  /** When it will lose patience (its election timer), if that is running. */
  timeout_at_us: number | null,
  /** The length of that timer, to draw it as a share. */
  timeout_us: number | null,
};

/**
 * Requests that came in a stretch of a run, and what became of them, whenever that was. Each is
 * answered, failed or waiting, and a failed one has one cause.
 */
export type Requests = {
  /** Since when. */
  from_us: number,
  /** How many came. */
  asked: number,
  /** How many were answered in time, at the first try or a later one. */
  answered: number,
  /** How many failed, by cause: see [`Failure::ALL`], in its order. */
  failed: [number, number, number, number, number],
  /** How many still waited when the run ended. */
  waiting: number,
  /**
   * Half of the answered ones had their answer within that time since they came; `null` if none
   * was answered.
   */
  p50_us: number | null,
  /** 99 of 100 had. */
  p99_us: number | null,
};

/** What became of the requests of clients who come at a rate. */
export type RequestsView = {
  /** Why requests fail, in the order in which failed ones are counted, in the room `failure`. */
  causes: Array<Failure>,
  /** Of the run as far as it is simulated. */
  whole: Requests,
  /** How long a stretch is. */
  stretch_us: number,
  /** By stretches, up to the last in which one came. */
  stretches: Array<Requests>,
};

/** The part a replica plays, whatever its protocol calls it: see [`catalogue::Terms`]. */
export type Role = "follower" | "pre-candidate" | "candidate" | "leader";

/** The protocol's words for the roles. */
export type RoleWords = {
  /** "leader", "primary", "commander". */
  leader: string,
  /** "follower", "backup", "acceptor". */
  follower: string,
  /** "candidate", "view-change", "looking". */
  candidate: string,
};

/**
 * Why members serve no reads that would be asked for, in the order in which a read that nobody
 * serves is told of one of them.
 */
export type Shortfall = "load" | "rebuild" | "promotion" | "server";

/** A text that was made shorter. */
export type Shrunk = {
  /** It. */
  text: string,
  /** How each group comes out, in the text as it was and in this one. */
  goals: Array<Goal>,
  /** Actions in the text as it was, and in this one; what is repeated counts each time. */
  actions: [number, number],
  /** How often a text was replayed. */
  replays: number,
  /** True if no one thing more can be left out; false if there was no time to try all. */
  is_done: boolean,
};

/** What one fault does. */
export type SingleView = {
  /** As a text says it. */
  fault: string,
  /** None if that is not known. */
  outcome: Outcome | null,
  /** Writes not served within a client's patience. */
  unserved: number,
  /** Of a write that a client waited for. */
  longest_wait_us: number,
  /** Opens the run. */
  link: string,
};

/** All sets of one size. */
export type SizeView = {
  /** How many faults. */
  size: number,
  /** How many there are. */
  sets: number,
  /** How many of them were tried. */
  tried: number,
  /** Of these, how many came to a bound on their work, or make no scenario together. */
  unknown: number,
  /** By outcome, how many. */
  outcomes: { [key in string]: number },
  /** By outcome, the first run. */
  examples: { [key in string]: string },
};

/** How many members there are of each kind, from then on. Who is of none of them serves reads. */
export type Standing = {
  /** Since when. */
  from_us: number,
  /** The primary, by its number among the members; `null` while there is none. */
  primary: number | null,
  /** Members that serve reads, the primary too. */
  serving: number,
  /** Members whose server runs and that are rebuilt, or wait for that. */
  rebuilding: number,
  /** Which those are: a bit by the number of the member. */
  copying: number,
  /** 1 while the old primary is shut out and nobody has taken over. */
  fenced: number,
  /** Which that is, bit by bit. */
  shut_out: number,
  /** Members whose server does not run, whatever else they are. */
  down: number,
  /** Which those are, bit by bit. */
  stopped: number,
};

/** The whole run, for the belief strip. */
export type Strip = {
  /** How far the run is simulated; equals `until_us` when complete, or where it was exhausted. */
  frontier_us: number,
  /** The run's length. */
  until_us: number,
  /** By replica number: what it believed, span by span, without gaps. */
  lanes: Array<Array<BeliefSpan>>,
  /** Faults, each from where it took hold to where it was lifted (or the end). */
  faults: Array<FaultSpan>,
  /** New leaderships. */
  elections: Array<ElectionMark>,
  /** Writes tried, in order of time. */
  writes: Array<WriteMark>,
  /** Where clients come at a rate. */
  requests: RequestsView | null,
  /** The database clusters that stand on the group. */
  databases: Array<DatabaseView>,
  /** Spans in which no leader was followed by a majority. */
  leaderless: Array<[number, number]>,
  /** Safety violations. */
  violations: Array<ViolationView>,
  /**
   * Captions in order of time: notes by time all, others as far as the run is known. None where
   * no reader has the run before him.
   */
  captions: Array<CaptionView>,
  /** Present when complete. */
  outcome: OutcomeView | null,
  /** Present if the run came to a bound before its end, and ends there. */
  exhausted: ExhaustedView | null,
};

/** What a fault strikes, by number. */
export type Struck = { "flow": [number, number] } | { "part": number } | { "replica": number };

/** How runs come out. */
export type Tally = {
  /** How many. */
  tried: number,
  /** Of these, how many come to an outage: users were not served, or a property broke. */
  outages: number,
  /** How many came to a bound on their work, so that it is not known. */
  unknown: number,
  /** By outcome, how many; the worst of a run's groups. */
  outcomes: { [key in string]: number },
};

/** What an action is about. */
export type Target = {
  /** The number of the part that it names, or of the server. */
  part: number | null,
  /** The link that it names. */
  link: TargetLink | null,
};

/** A link, as the text names it. */
export type TargetLink = {
  /** The name of the sender, a part or a replica. */
  from: string,
  /** The name of the receiver. */
  to: string,
  /** True for both directions. */
  both: boolean,
};

/** What a replica was told by another. */
export type ToldView = {
  /** When it was said. */
  at_us: number,
  /** By whom. */
  from: number,
  /** To whom. */
  to: number,
  /** What, in the room `message`. */
  words: Fact,
  /**
   * What an honest replica would have said: `null` if this is the truth, "nothing" if it would
   * not have spoken.
   */
  truth: Fact | null,
  /** `null` if it arrived; else why not. */
  died: Cause | null,
  /** If it arrived and its acknowledgement died, of what. */
  unheard: Cause | null,
};

/** What is wrong with a part. */
export type Trouble = {
  /** A state of [`super::PartView`] other than "up". */
  kind: Exclude<PartState, "up">,
  /** For "unpowered": what it hangs on and has no power, by number. */
  supplies: Array<number>,
  /** For "gray": what it drops, oldest first. */
  drops: Array<Dropped>,
  /** For "rebuilding" and "sole": how far the rebuild is, in the room of that name. */
  rebuild: Fact | null,
};

/** The state of everything at one moment. */
export type View = {
  /** The moment. */
  time_us: number,
  /** Events so far. */
  events: number,
  /** Trace hash so far, 16 hex digits. */
  trace_hash: string,
  /** By part number. */
  parts: Array<PartView>,
  /** By lane number. */
  lanes: Array<LaneView>,
  /** Every ordered pair of replicas. */
  flows: Array<FlowView>,
  /** By replica number. */
  replicas: Array<ReplicaView>,
  /** Of several groups the replicas of each, by group and by replica; else none. */
  groups: Array<Array<ReplicaView>>,
  /** Packets to draw, oldest first: all that left in the window before `time_us`. */
  packets: Array<PacketView>,
  /** Faults in force, oldest first. */
  faults: Array<FaultView>,
  /** The replica that a majority follows now, if there is one. */
  leader: number | null,
  /** True while live replicas disagree on who leads (or some follow nobody). */
  parted: boolean,
  /** Writes tried so far. */
  writes_tried: number,
  /** Writes committed so far. */
  writes_committed: number,
  /** Leader changes so far. */
  leader_changes: number,
  /** What the latest fault did or did not change; `null` before the first. */
  consequence: Consequence | null,
  /**
   * Why the faults so far are outside the protocol's fault model, in the room `outside`, if they
   * are.
   */
  outside: Fact | null,
  /** What parts of a power chain carry; none where the text names no chain. */
  carried: Array<Carried>,
};

/** A safety property that broke. */
export type ViolationView = {
  /** "election-safety", in the room `property`. */
  property: string,
  /** When. */
  at_us: number,
  /** What was seen, in the room `violation`. */
  detail: Fact,
  /** Lies that break it, if they were looked for and found. */
  culprits?: CulpritsView,
};

/** A write a client tried. */
export type WriteMark = {
  /** How many writes this stands for: those of one grain of a long run that fared alike are one. */
  count: number,
  /** When it was tried. */
  at_us: number,
  /** When it was committed, if it was. */
  committed_us: number | null,
  /** True if that was after its client's patience was over. */
  late: boolean,
};
