/**
 * What the page shows, in one place: immutable states, one after the other.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { Aspect, Verdict, VerificationReport } from "../../lib/verify/report.ts";
import type { TrustPolicy } from "../../lib/verify/trust_policy.ts";
import type { Lanes } from "../graph/lanes.ts";
import type { TaintFlow } from "../graph/taints.ts";
import type { PagePolicy } from "../../lib/page/read.ts";
import type { Comparison } from "../work/compare.ts";
import type { Opened } from "../work/model_worker.ts";
import type { Replayed } from "../work/replay_worker.ts";
import type { Failure } from "../work/rpc.ts";

/** How far the graph shows what is around the selected entry. */
export interface Hops {
  readonly up: number;
  readonly down: number;
}

/** Whom the reader trusts, and where that came from. */
export interface Trust {
  readonly policy: TrustPolicy;
  /** `page`: it came with the passport, its sender's opinion. `reader`: the reader gave it. */
  readonly from: "page" | "reader";
}

/** Everything that the page shows. */
export interface State {
  /** What is going on: nothing open, reading, open, or it cannot be read. */
  readonly phase: "broken" | "empty" | "open" | "reading";
  /** What the passport is called. */
  readonly name: string;
  /** Why it cannot be read. */
  readonly failure: Failure | null;
  readonly opened: Opened | null;
  readonly trust: Trust | null;
  readonly audience: string;
  readonly nonce: string;
  /** Verdicts as they come; cleared when a question changes. */
  readonly verdicts: Readonly<Partial<Record<Aspect, Verdict>>>;
  readonly report: VerificationReport | null;
  /** How many findings there are: the report in the page has the first of them. */
  readonly found: number;
  /** For each entry what the recheck found, by `MARK`. */
  readonly marks: Uint8Array | null;
  /** How much of the recheck's longest step is done, 0 to 1. */
  readonly progress: number;
  /** Why the recheck failed. */
  readonly verifyFailure: Failure | null;
  readonly policies: readonly PagePolicy[];
  readonly replayed: Replayed | null;
  readonly replayFailure: Failure | null;
  readonly view: "diff" | "graph" | "rows";
  /** The rows in the other order, where the reader asked for it. */
  readonly reordered: Lanes | null;
  /** What differs from a second passport. */
  readonly comparison: (Comparison & { readonly name: string }) | null;
  /** The selected entry; -1: none. */
  readonly selected: number;
  /** `null`: the whole graph. */
  readonly hops: Hops | null;
  /** Whether chains and fans are drawn as one, and the keys of those that are open. */
  readonly grouped: boolean;
  readonly openGroups: readonly string[];
  /** The taint that is highlighted. */
  readonly taint: string | null;
  readonly flow: TaintFlow | null;
  /** The shortest way by which that taint came to the selected entry. */
  readonly path: Int32Array | null;
  /** What colours the entries. */
  readonly overlay: "kind" | "trust";
  readonly query: string;
  /** 1 for each entry that the query finds; `null`: no query. */
  readonly hits: Uint8Array | null;
  /** How many entries it finds. */
  readonly hitCount: number;
  /** Whether single keys do something. */
  readonly singleKeys: boolean;
  /** Whether the list of keys is shown. */
  readonly help: boolean;
  /** Whether the colours are those for the dark: what is drawn on a canvas must know. */
  readonly dark: boolean;
  /** A message for the status line, and for assistive technology. */
  readonly status: string;
}

const START: State = {
  phase: "empty",
  name: "",
  failure: null,
  opened: null,
  trust: null,
  audience: "",
  nonce: "",
  verdicts: {},
  report: null,
  found: 0,
  marks: null,
  progress: 0,
  verifyFailure: null,
  policies: [],
  replayed: null,
  replayFailure: null,
  view: "graph",
  reordered: null,
  comparison: null,
  selected: -1,
  hops: { up: 2, down: 2 },
  grouped: false,
  openGroups: [],
  taint: null,
  flow: null,
  path: null,
  overlay: "kind",
  query: "",
  hits: null,
  hitCount: 0,
  singleKeys: true,
  help: false,
  dark: false,
  status: "",
};

/** Holds the state and tells of every change. */
export class Store {
  #state: State = START;
  readonly #listeners = new Set<() => void>();

  get state(): State {
    return this.#state;
  }

  /** Puts another state in the place of this one. */
  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Tells `listener` of every change, until the function that this returns is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** A part of the state; the component is drawn again when that part changes. */
export function useStore<T>(store: Store, select: (state: State) => T): T {
  const [part, setPart] = useState(() => select(store.state));
  useEffect(() => {
    const look = () => setPart(() => select(store.state));
    look();
    return store.subscribe(look);
  }, [store]);
  return part;
}
