// @ts-check
/**
 * The objects that cross from the engine to the page, as JSDoc types. Field for field those of
 * `src/view.rs`, where each is explained. Times are microseconds; parts, lanes and replicas are
 * referred to by their number in the plan.
 *
 * @typedef {{name: string, kind: "feed"|"pdu"|"spine"|"tor"|"server"|"disk", rack: number|null,
 *   side: number|null, slot: number|null, disk: number|null, replica: number|null}} PlanPart
 * @typedef {{name: string, from: number, to: number}} PlanLane
 * @typedef {{name: string, part: number}} PlanReplica
 * @typedef {{at_us: number, text: string, elsewhere?: boolean}} Caption
 * @typedef {{line: number, text: string, applies: boolean}} Expectation
 * @typedef {{leader: string, follower: string, candidate: string}} RoleWords
 * @typedef {{title: string, source: string|null, cluster: string, protocol: string,
 *   epoch_word: string, progress: string, role_words: RoleWords, family: string, tolerated: number,
 *   behaviours: string[], generals: boolean, hands_over: boolean,
 *   module: string, seed: number, until_us: number,
 *   election_max_us: number, racks: number, servers: number, disks: number, parts: PlanPart[],
 *   lanes: PlanLane[], replicas: PlanReplica[], notes: Caption[],
 *   expectations?: Expectation[]}} Plan
 *
 * @typedef {{kind: string, lane: number|null, part: number|null, from: number, to: number,
 *   percent: number}} Cause
 * @typedef {{kind: string, supplies: number[], drops: {flows: string, percent: number}[]}} Trouble
 * @typedef {{state: string, why: Trouble|null}} PartView
 * @typedef {{state: string, used: boolean}} LaneView
 * @typedef {{from: number, to: number, state: string, why: Cause|null,
 *   lost_as_such: boolean, lanes: number[]}} FlowView
 * @typedef {{up: boolean, paused: boolean, why_down: Trouble|null, role: string, epoch: number, place: string,
 *   leader: number|null, heard_us: number|null, heard_from: number|null, log: number,
 *   commit: number, value: string|null, phase: string|null, vector: HeardValue[],
 *   caught: CaughtView[], lies: string[], timeout_at_us: number|null,
 *   timeout_us: number|null}} ReplicaView
 * @typedef {{path: string, value: string}} HeardValue
 * @typedef {{liar: number, evidence: string}} CaughtView
 * @typedef {{at_us: number, from: number, to: number, words: string, truth: string|null,
 *   died: Cause|null}} ToldView
 * @typedef {{id: number, from: number, to: number, kind: string, words: string, sent_us: number,
 *   ends_us: number, lanes: number[], truth: string|null, died: Cause|null,
 *   died_on: string|null}} PacketView
 * @typedef {{part: number|null, link: {from: string, to: string, both: boolean}|null}} Target
 * @typedef {{at_us: number, text: string, class: string, lift: string|null,
 *   target: Target}} FaultView
 * @typedef {{at_us: number, fault: string, nothing: boolean, text: string}} Consequence
 * @typedef {{time_us: number, events: number, trace_hash: string, parts: PartView[],
 *   lanes: LaneView[], flows: FlowView[], replicas: ReplicaView[], packets: PacketView[],
 *   faults: FaultView[], leader: number|null, parted: boolean, writes_tried: number,
 *   writes_committed: number, leader_changes: number, consequence: Consequence|null,
 *   outside: string|null}} View
 *
 * @typedef {{from_us: number, to_us: number, leader: number|null, role: string,
 *   epoch: number, value: string|null}} BeliefSpan
 * @typedef {{from_us: number, to_us: number, text: string, class: string}} FaultSpan
 * @typedef {{at_us: number, leader: number, epoch: number}} ElectionMark
 * @typedef {{count: number, at_us: number, committed_us: number|null,
 *   late?: boolean}} WriteMark
 * @typedef {{property: string, at_us: number, detail: string,
 *   culprits?: CulpritsView|null}} ViolationView
 * @typedef {{claim: "none-needed"|"fewest"|"none-to-spare"|"enough", count: number,
 *   told: ToldView[]}} CulpritsView
 * @typedef {{name: string, text: string, episodes: EpisodeView[], writes_tried: number,
 *   writes_served: number, writes_late: number, leader_changes: number, longest_stall_us: number,
 *   trace_hash: string, reads?: string|null,
 *   expected?: boolean|null}} OutcomeView
 * @typedef {{from_us: number, to_us: number, outcome: string, text: string}} EpisodeView
 * @typedef {{frontier_us: number, until_us: number, lanes: BeliefSpan[][], faults: FaultSpan[],
 *   elections: ElectionMark[], writes: WriteMark[], leaderless: [number, number][],
 *   violations: ViolationView[], outcome: OutcomeView|null, exhausted?: ExhaustedView|null}} Strip
 * @typedef {{at_us: number, bound: string, text: string}} ExhaustedView
 *
 * @typedef {{kind: string, [argument: string]: unknown}} Fact
 * @typedef {{line: number, column: number, length: number, fact: Fact}} Diagnostic
 *
 * @typedef {object} Run
 * @property {() => Plan} plan
 * @property {(work: number) => boolean} advance true if it is simulated to its end
 * @property {() => number} frontier
 * @property {(time_us: number, window_us: number, work: number) => boolean} approach true if `view` of
 *   that time takes no time
 * @property {() => Strip} strip
 * @property {(time_us: number, window_us: number) => View} view
 * @property {(time_us: number) => number|null|undefined} event_after
 * @property {(time_us: number, work: number) => number|null|undefined} event_before NaN: ask again
 * @property {(time_us: number, statement: string) => number} act
 * @property {(text: string) => void} edit
 * @property {(name: string) => void} set_protocol
 * @property {(seed: number) => void} set_seed
 * @property {() => boolean} undo
 * @property {() => boolean} redo
 * @property {() => boolean} can_undo
 * @property {() => boolean} can_redo
 * @property {() => string} text
 * @property {() => string} link
 * @property {(time_us: number) => string} trace_hash
 * @property {(time_us: number, liar: number, work: number) => ToldView[]|null} heard null: ask again
 * @property {(work: number) => boolean} seek_blame true if all is found
 * @property {() => ViolationView[]} blame
 * @property {() => number} blame_percent
 * @property {() => string[]} texts
 * @property {() => number} place
 * @property {() => void} free
 *
 * @typedef {{name: string, title: string, source: string|null, text: string}} LibraryEntry
 * @typedef {{name: string, summary: string, family: string, paper: string,
 *   promise: string, module: string}} ProtocolEntry
 *
 * @typedef {object} Engine
 * @property {(source?: {module_or_path: BufferSource}) => Promise<unknown>} default
 * @property {(new (text: string) => Run) & {resume: (texts: string[], place: number) => Run}} Run
 * @property {(text: string) => Diagnostic[]} check
 * @property {(link: string) => {text: string, semantics: number, trace_hash: string,
 *   current_semantics: number}} open_link
 * @property {(text: string) => string} link_of
 * @property {() => string} story the text that the page opens on
 * @property {() => string} smallest what a new text starts from
 * @property {(protocol: string) => string} module_of
 * @property {() => LibraryEntry[]} library
 * @property {() => ProtocolEntry[]} protocols
 * @property {(text: string, name: string) => string} with_protocol
 * @property {() => number} fresh_seed
 *
 * @typedef {{x: number, y: number}} Point
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 */
export {};
