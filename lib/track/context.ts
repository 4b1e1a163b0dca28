/**
 * The enclosing call: what flowed into it, and what it made and read so far
 * (SPEC 4.4). Follows `await` through `AsyncLocalStorage` where the runtime has
 * it; elsewhere only the synchronous part of a call is followed, and entries
 * say so.
 *
 * @module
 */

import { type AsyncStorage, builtinModule } from "../base/runtime.ts";
import type { EntryNode } from "../lineage/node.ts";
import type { Seal } from "../lineage/seal.ts";

/** An entry with the seals that came with it. */
export interface Tracked {
  readonly node: EntryNode;
  readonly seals: readonly Seal[];
}

/** Never changed: stands for a map that was not needed yet. */
const NO_TRACKED = new Map<string, Tracked>();

/** One running call. */
export class Frame {
  /** What flowed in before the function ran. */
  readonly ingress: readonly Tracked[];
  // Most calls are leaves: these are made only when something happens inside.
  #inner: Map<string, Tracked> = NO_TRACKED;
  #read: Map<string, Tracked> = NO_TRACKED;
  #madeHere: Set<string> | undefined;
  #streams: Set<() => Promise<unknown>> | undefined;
  #open = true;

  constructor(ingress: readonly Tracked[]) {
    this.ingress = ingress;
  }

  /** What flows into a call made now: this call's ingress and what it has read. */
  ambient(): readonly Tracked[] {
    return this.#read.size === 0 ? this.ingress : [...this.ingress, ...this.#read.values()];
  }

  /** Entries made inside this call, less those that others of them descend from. */
  get inner(): Iterable<Tracked> {
    return this.#inner.values();
  }

  /** Tracked values whose data was read inside this call. */
  get read(): Iterable<Tracked> {
    return this.#read.values();
  }

  /** Whether nothing happened inside this call that its entry must name. */
  get isQuiet(): boolean {
    return this.#inner.size === 0 && this.#read.size === 0;
  }

  /** Notes an entry that was made inside this call. */
  addInner(tracked: Tracked): void {
    if (!this.#open) return;
    for (const { hash, body } of tracked.node.parents) {
      if (keepsTrust(tracked.node, body.trust_score)) this.#inner.delete(hash);
    }
    if (this.#inner === NO_TRACKED) this.#inner = new Map();
    this.#inner.set(tracked.node.hash, tracked);
    (this.#madeHere ??= new Set()).add(tracked.node.hash);
  }

  /** Notes that the data of a tracked value was read inside this call. */
  addRead(tracked: Tracked): void {
    const { node } = tracked;
    if (this.#madeHere?.has(node.hash)) this.#absorbReads(node);
    if (this.#read === NO_TRACKED) this.#read = new Map();
    this.#read.set(node.hash, tracked);
  }

  /**
   * Drops reads of entries made here that `node`, which is read now, descends
   * from directly: all that flowed from them still flows through it, and a loop
   * of a million calls keeps one parent.
   */
  #absorbReads(node: EntryNode): void {
    for (const { hash, body } of node.parents) {
      if (this.#madeHere?.has(hash) && keepsTrust(node, body.trust_score)) this.#read.delete(hash);
    }
  }

  /** Notes a stream that is being read inside this call; `stop` ends it. */
  addStream(stop: () => Promise<unknown>): void {
    (this.#streams ??= new Set()).add(stop);
  }

  /** Forgets a stream that ended. */
  removeStream(stop: () => Promise<unknown>): void {
    this.#streams?.delete(stop);
  }

  /**
   * Ends the streams that were read inside this call: only then do they have
   * entries that it can descend from. A promise only if there are any.
   */
  endStreams(): void | Promise<void> {
    if (!this.#streams?.size) return;
    return Promise.allSettled([...this.#streams].map((stop) => stop())).then(() => {});
  }

  /** The call returned: later entries inherit its ingress, but are not part of it. */
  close(): void {
    this.#open = false;
  }
}

/** Whether a child says no more trust than its parent: a custom rule may raise it. */
function keepsTrust(child: EntryNode, score: number): boolean {
  return child.body.trust_score <= score;
}

const asyncHooks = builtinModule("node:async_hooks");
const storage: AsyncStorage<Frame> | undefined = asyncHooks
  ? new asyncHooks.AsyncLocalStorage<Frame>()
  : undefined;
let synchronous: Frame | undefined;

/** Whether nested calls are followed across `await`. */
export const hasAsyncContext: boolean = storage !== undefined;

/** The call that is running here, if any. */
export function currentFrame(): Frame | undefined {
  return storage ? storage.getStore() : synchronous;
}

/** Runs `act` inside a call; without async context, for its synchronous part only. */
export function runInside<R>(frame: Frame, act: () => R): R {
  if (storage) return storage.run(frame, act);
  const outer = synchronous;
  synchronous = frame;
  try {
    return act();
  } finally {
    synchronous = outer;
  }
}
