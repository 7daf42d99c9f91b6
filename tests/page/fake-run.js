// @ts-check
/**
 * A stand-in for the engine with the same interface, for tests of the page and for work on it
 * while there is no wasm. Honest but small: one leader sends heartbeats, a replica that does not
 * hear them turns candidate; it is no consensus protocol and nothing may be concluded from it.
 */
import { SIDES, TEXT, TOTAL_US, fakeCause, fakeFault, fakePlan } from "./fake-plan.js";

const BEAT_US = 100_000;

export class Run {
  /** @param {string} text */
  constructor(text = TEXT) {
    const errors = check(text);
    if (errors.length) throw { errors };
    this.source = text;
    /** @type {string[]} */
    this.past = [];
    /** @type {string[]} */
    this.future = [];
    this.simulated_us = 0;
    this.layout = fakePlan();
  }

  /** @returns {import("../../pkg/facts.js").Plan} */
  plan() {
    const seed = Number(/seed\s+(\d+)/.exec(this.source)?.[1] ?? 0);
    const protocol = /cluster etcd: (\S+) on/.exec(this.source)?.[1] ?? "raft";
    return { ...this.layout, seed, protocol, title: /title\s+"(.*)"/.exec(this.source)?.[1] ?? "" };
  }

  /** @param {number} events */
  advance(events) {
    this.simulated_us = Math.min(TOTAL_US, this.simulated_us + events * 200);
    return this.simulated_us === TOTAL_US;
  }

  acts() {
    return [...this.source.matchAll(/^at ([\d.]+)s\s+(.*)$/gm)]
      .map(([, at, act]) => ({ at_us: Math.round(Number(at) * 1e6), act }))
      .sort((one, other) => one.at_us - other.at_us);
  }

  /** @param {number} time_us */
  faultsAt(time_us) {
    /** @type {import("../../pkg/facts.js").FaultView[]} */
    let faults = [];
    for (const { at_us, act } of this.acts()) {
      if (at_us > time_us) break;
      const [verb, ...rest] = act.split(" ");
      const what = rest.join(" ");
      const lifts = {
        heal: /^(cut|gray) /,
        restore: /^fail /,
        restart: /^crash /,
        resume: /^pause /,
      }[verb];
      if (lifts) faults = faults.filter(({ text }) => !(lifts.test(text) && text.includes(what)));
      else if (verb !== "elect") faults.push(fakeFault(this.layout, act, at_us));
    }
    return faults;
  }

  /**
   * @param {number} time_us
   * @param {number} from
   * @param {number} to
   */
  severed(time_us, from, to) {
    const name = `n${from + 1} -> n${to + 1}`;
    return this.faultsAt(time_us).some(({ text }) => text === `cut ${name}`);
  }

  /**
   * @param {number} time_us
   * @returns {Pick<import("../../pkg/facts.js").ReplicaView, "leader"|"epoch"|"role"|"heard_us">[]}
   */
  beliefs(time_us) {
    const round_us = 1_700_000;
    return this.layout.replicas.map((_, index) => {
      const since = index === 2 ? null : this.silentSince(time_us, index);
      const lost = since !== null && time_us - since > 1_200_000;
      const rounds = lost ? Math.floor((time_us - since) / round_us) : 0;
      return {
        leader: lost ? null : 2,
        epoch: 1 + rounds,
        role: index === 2 ? "leader" : lost ? "candidate" : "follower",
        heard_us: index === 2 ? time_us : (since ?? Math.floor(time_us / BEAT_US) * BEAT_US),
      };
    });
  }

  /**
   * @param {number} time_us
   * @param {number} replica
   */
  silentSince(time_us, replica) {
    const cut = this.faultsAt(time_us).find(({ text }) => text === `cut n3 -> n${replica + 1}`);
    return cut ? cut.at_us : null;
  }

  /** @returns {import("../../pkg/facts.js").Strip} */
  strip() {
    /** @type {import("../../pkg/facts.js").BeliefSpan[][]} */
    const lanes = this.layout.replicas.map(() => []);
    /** @type {import("../../pkg/facts.js").WriteMark[]} */
    const writes = [];
    for (let at = 0; at < this.simulated_us; at += BEAT_US) {
      this.beliefs(at).forEach(({ leader, role, epoch }, index) => {
        const last = lanes[index].at(-1);
        if (last && last.leader === leader && last.epoch === epoch) last.to_us = at + BEAT_US;
        else
          lanes[index].push({ from_us: at, to_us: at + BEAT_US, leader, role, epoch, value: null });
      });
      if (at % 300_000 === 0)
        writes.push({
          count: 1,
          at_us: at,
          committed_us: at % 700_000 ? at + 9 : null,
          late: false,
        });
    }
    const done = this.simulated_us === TOTAL_US;
    return {
      frontier_us: this.simulated_us,
      until_us: TOTAL_US,
      lanes,
      writes,
      faults: this.faultsAt(TOTAL_US).map(({ at_us, text, class: name }) => ({
        from_us: at_us,
        to_us: TOTAL_US,
        text,
        class: name,
        tripped: false,
        line: null,
      })),
      elections: [{ at_us: 0, leader: 2, epoch: 1 }],
      leaderless: [],
      violations: [],
      captions: [],
      exhausted: null,
      requests: null,
      databases: [],
      outcome: done
        ? {
            name: "parted",
            felt: { kind: "left-out", kept: { kind: "serving" }, who: ["n1"] },
            episodes: [],
            writes_tried: 200,
            writes_served: 171,
            writes_late: 0,
            leader_changes: 0,
            longest_stall_us: 600_000,
            reads: null,
            expected: null,
            trace_hash: this.trace_hash(TOTAL_US),
          }
        : null,
    };
  }

  /**
   * @param {number} time_us
   * @param {number} window_us
   * @returns {import("../../pkg/facts.js").View}
   */
  view(time_us, window_us) {
    const faults = this.faultsAt(time_us);
    /** @type {(name: string) => import("../../pkg/facts.js").PartView} */
    const state = (name) => {
      const fault = faults.find(({ text }) => text.split(" ")[1] === name);
      if (!fault) return { state: "up", why: null };
      const states = /** @type {const} */ ({
        gray: "gray",
        fail: "failed",
        crash: "crashed",
        pause: "paused",
      });
      const kind =
        states[/** @type {keyof typeof states} */ (fault.text.split(" ")[0])] ?? "unpowered";
      const drops =
        kind === "gray" ? [{ flows: fault.text.split(" drops ")[1], percent: 100 }] : [];
      return { state: kind, why: { kind, supplies: [], drops, rebuild: null } };
    };
    const cutLane = (/** @type {string} */ name) =>
      faults.some(({ text }) => text === `cut ${name}`);
    const beliefs = this.beliefs(time_us);
    const pairs = this.layout.replicas.flatMap((_, from) =>
      this.layout.replicas.flatMap((__, to) => (from === to ? [] : [{ from, to }])),
    );
    /** @type {import("../../pkg/facts.js").FlowView[]} */
    const flows = pairs.map(({ from, to }) => ({
      from,
      to,
      lanes: this.route(from, to),
      state: this.severed(time_us, from, to) ? "cut" : "up",
      why: this.severed(time_us, from, to) ? fakeCause({ from, to }) : null,
      lost_as_such: this.severed(time_us, from, to),
      impaired: [],
    }));
    const used = new Set(flows.flatMap(({ lanes }) => lanes));
    return {
      time_us,
      events: Math.floor(time_us / 5000),
      trace_hash: this.trace_hash(time_us),
      parts: this.layout.parts.map(({ name }) => state(name)),
      lanes: this.layout.lanes.map(({ name }, lane) => ({
        state: cutLane(name) ? "cut" : "up",
        impaired: [],
        used: used.has(lane),
      })),
      flows,
      groups: [],
      faults,
      packets: this.packets(time_us, window_us),
      replicas: beliefs.map((belief, index) => ({
        up: true,
        forgot: false,
        paused: false,
        why_down: null,
        ...belief,
        place: { kind: "term", number: belief.epoch },
        log: 9,
        commit: 9,
        value: null,
        phase: null,
        vector: [],
        caught: [],
        lies: [],
        heard_from: 2,
        timeout_at_us: index === 2 ? null : (belief.heard_us ?? 0) + 1_500_000,
        timeout_us: index === 2 ? null : 1_500_000,
      })),
      leader: 2,
      parted: beliefs.some(({ leader }) => leader !== 2),
      writes_tried: 9,
      writes_committed: 8,
      leader_changes: 0,
      outside: null,
      carried: [],
      consequence: faults.length
        ? {
            at_us: faults[0].at_us,
            fault: faults[0].text,
            nothing: faults[0].text === "cut n1 -> n3",
            said: { kind: faults[0].text === "cut n1 -> n3" ? "nothing" : "unnoticed" },
          }
        : null,
    };
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  route(from, to) {
    const { replicas, parts, lanes } = this.layout;
    const side = SIDES[(from + to) % 2];
    const racks = [from, to].map((replica) => (parts[replicas[replica].part].rack ?? 0) + 1);
    const hops = [
      parts[replicas[from].part].name,
      `r${racks[0]}.tor-${side}`,
      `spine-${SIDES[(from * to) % 2]}`,
      `r${racks[1]}.tor-${side}`,
      parts[replicas[to].part].name,
    ];
    return hops
      .slice(1)
      .map((hop, index) => lanes.findIndex(({ name }) => name === `${hops[index]} -> ${hop}`));
  }

  /**
   * @param {number} time_us
   * @param {number} window_us
   * @returns {import("../../pkg/facts.js").PacketView[]}
   */
  packets(time_us, window_us) {
    /** @type {import("../../pkg/facts.js").PacketView[]} */
    const packets = [];
    for (
      let beat = Math.max(0, Math.ceil((time_us - window_us) / BEAT_US));
      beat * BEAT_US <= time_us;
      beat += 1
    ) {
      for (const [from, to, later] of [
        [2, 0, 0],
        [2, 1, 0],
        [0, 2, 900],
        [1, 2, 900],
      ]) {
        const sent_us = beat * BEAT_US + later;
        if (later && this.severed(sent_us, to, from)) continue;
        const died = this.severed(sent_us, from, to);
        packets.push({
          id: beat * 16 + from * 4 + to,
          from,
          to,
          kind: later ? "heartbeat-reply" : "heartbeat",
          words: { kind: "append-no-entry", term: 1 },
          order: null,
          sent_us,
          ends_us: sent_us + 850,
          lanes: died ? this.route(from, to).slice(0, 1) : this.route(from, to),
          died: died ? fakeCause({ from, to }) : null,
          truth: null,
          died_on: died ? "sender" : null,
          again: 0,
          unheard: null,
        });
      }
    }
    return packets;
  }

  /** @param {number} time_us */
  event_after(time_us) {
    const next = (Math.floor(time_us / BEAT_US) + 1) * BEAT_US;
    return next <= TOTAL_US ? next : null;
  }

  frontier() {
    return this.simulated_us;
  }

  /** @param {number} time_us */
  approach(time_us) {
    return time_us <= this.simulated_us;
  }

  seek_blame() {
    return true;
  }

  blame() {
    return [];
  }

  blame_percent() {
    return 100;
  }

  /** @param {number} time_us */
  event_before(time_us) {
    return time_us > 0 ? (Math.ceil(time_us / BEAT_US) - 1) * BEAT_US : null;
  }

  /**
   * @param {number} time_us
   * @param {string} statement
   */
  act(time_us, statement) {
    const at = Math.ceil(time_us / 1000) / 1000;
    this.edit(this.source.replace(/^note/m, `at ${at}s ${statement}\nnote`));
    return at * 1e6;
  }

  /** @param {string} text */
  edit(text) {
    const errors = check(text);
    if (errors.length) throw { errors };
    this.past.push(this.source);
    this.future = [];
    this.source = text;
    this.simulated_us = 0;
  }

  /** @param {string} name */
  set_protocol(name) {
    this.edit(this.source.replace(/(cluster etcd: )\S+/, `$1${name}`));
  }

  /** @param {number} seed */
  set_seed(seed) {
    this.edit(this.source.replace(/(seed\s+)\d+/, `$1${seed}`));
  }

  undo() {
    const text = this.past.pop();
    if (text === undefined) return false;
    this.future.push(this.source);
    this.source = text;
    return true;
  }

  redo() {
    const text = this.future.pop();
    if (text === undefined) return false;
    this.past.push(this.source);
    this.source = text;
    return true;
  }

  can_undo() {
    return this.past.length > 0;
  }

  can_redo() {
    return this.future.length > 0;
  }

  text() {
    return this.source;
  }

  texts() {
    return [...this.past, this.source, ...[...this.future].reverse()];
  }

  place() {
    return this.past.length;
  }

  /**
   * @param {string[]} texts
   * @param {number} place
   */
  static resume(texts, place) {
    const run = new Run(texts[place]);
    run.past = texts.slice(0, place);
    run.future = texts.slice(place + 1).reverse();
    return run;
  }

  heard() {
    return [];
  }

  link() {
    const base64 = btoa(String.fromCodePoint(...new TextEncoder().encode(this.source)));
    return `#1.${base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
  }

  /** @param {number} time_us */
  trace_hash(time_us) {
    let hash = 7;
    for (const letter of `${this.source}${time_us}`) {
      hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
    }
    return hash.toString(16).padStart(16, "0");
  }

  free() {}
}

/** @param {string} text */
export function check(text) {
  const errors = [];
  const words = /^(halflink|title|plant|cluster|timing|seed|write|at|note|run|source|#|$)/;
  for (const [index, line] of text.split("\n").entries()) {
    const word = /^\s*(\S*)/.exec(line)?.[1] ?? "";
    if (!words.test(word)) {
      errors.push({
        line: index + 1,
        column: 1,
        length: [...word].length,
        fact: {
          kind: "expected",
          what: "statement",
          found: { kind: "token", text: word },
          guess: "none",
        },
      });
    }
  }
  if (!text.startsWith("halflink 1")) {
    errors.push({ line: 1, column: 1, length: 1, fact: { kind: "link-none" } });
  }
  return errors;
}

/** @param {string} link */
export function open_link(link) {
  try {
    const base64 = link.replace(/^#1\./, "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return {
      text: new TextDecoder().decode(bytes),
      semantics: 1,
      current_semantics: 1,
      trace_hash: "",
    };
  } catch {
    throw { errors: [{ line: 0, column: 0, length: 0, fact: { kind: "link-damaged" } }] };
  }
}

/** @param {string} text */
export function link_of(text) {
  return new Run(text).link();
}

export function protocols() {
  return [
    {
      name: "raft",
      family: "crash-fault",
      paper: "2014",
      safety: "log",
      needs: "every-link",
      module: "",
    },
    {
      name: "raft+prevote",
      family: "crash-fault",
      paper: "2014",
      safety: "log",
      needs: "every-link",
      module: "",
    },
  ];
}

/**
 * @param {string} text
 * @param {string} name
 */
export function with_protocol(text, name) {
  return text.replace(/(cluster etcd: )\S+/, `$1${name}`);
}

export function fresh_seed() {
  return 4;
}

export default async function init() {}
