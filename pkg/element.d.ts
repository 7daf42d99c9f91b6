/**
 * Importing this defines `<half-link>`: a run in a page, its text between the tags. On a server,
 * where there are no elements, it does nothing.
 *
 * @example
 * import "halflink/element";
 */
import type { Diagnostic, Outcome, OutcomeView, Plan, ReplicaView } from "./facts.js";

/** What one replica believes. */
export interface Belief extends Pick<ReplicaView, "up" | "paused" | "role" | "epoch"> {
  /** Its name. */
  replica: string;
  /** The name of whom it believes to lead. */
  leader: string | null;
}

/** What its events tell. */
export interface HalfLinkDetails {
  /** A run is drawn for the first time, or again after `failed`. */
  ready: Pick<Plan, "title" | "protocol" | "seed" | "until_us"> & {
    /** The names of its replicas. */
    replicas: string[];
    /** The scenario. */
    text: string;
    /** The moment that is shown, in microseconds. */
    time_us: number;
    /** True while time passes. */
    playing: boolean;
  };
  /** Another moment is drawn. */
  step: {
    /** The moment, in microseconds. */
    time_us: number;
    /** True while time passes. */
    playing: boolean;
    /** True while beliefs about the leader are apart. */
    parted: boolean;
    /** One for each replica. */
    beliefs: Belief[];
  };
  /** Beliefs about the leader come apart. */
  "beliefs-parted": {
    /** When, in microseconds. */
    time_us: number;
    /** One for each replica. */
    beliefs: Belief[];
  };
  /** The run is simulated to its end, and again after each change. */
  outcome: Pick<OutcomeView, "felt" | "trace_hash"> & {
    /** The worst that came of it, in a word. */
    outcome: Outcome;
    /** How many properties were violated. */
    violations: number;
  };
  /** Nothing runs. */
  failed: {
    /** Why, in words, as they are shown. */
    words: string;
    /** What is wrong with the text, if that is it. */
    errors: Diagnostic[];
  };
}

/** Its events, by name. They do not bubble. */
export type HalfLinkEvents = {
  [Name in keyof HalfLinkDetails]: CustomEvent<HalfLinkDetails[Name]>;
};

/**
 * The element. Each method loads the engine if nothing has yet; `false` means that it could not be
 * done, and it is never rejected.
 */
export interface HalfLinkElement extends HTMLElement {
  /** Time passes. */
  play(): Promise<boolean>;
  /** Time stands still. */
  pause(): Promise<boolean>;
  /** Goes to a moment: seconds, or what a clock shows, "0:15". */
  seek(at: number | string): Promise<boolean>;
  /** Does something at the moment that is shown: "cut n3 -> n1". */
  apply(statement: string): Promise<boolean>;
  /** Takes back what was done. */
  undo(): Promise<boolean>;
  /** Does again what was taken back. */
  redo(): Promise<boolean>;
  /** The moment that is shown, in seconds. */
  readonly time: number;
  /** True while time passes. */
  readonly playing: boolean;
  /** The scenario, with what was done to it; "" before it runs. */
  readonly text: string;

  addEventListener<Name extends keyof HalfLinkEvents>(
    name: Name,
    listener: (this: HalfLinkElement, event: HalfLinkEvents[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<Name extends keyof HTMLElementEventMap>(
    name: Name,
    listener: (this: HalfLinkElement, event: HTMLElementEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Name extends keyof HalfLinkEvents>(
    name: Name,
    listener: (this: HalfLinkElement, event: HalfLinkEvents[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener<Name extends keyof HTMLElementEventMap>(
    name: Name,
    listener: (this: HalfLinkElement, event: HTMLElementEventMap[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "half-link": HalfLinkElement;
  }
}
