/**
 * The worker that knows the passport: reads it, draws its graph, searches it.
 *
 * @module
 */

import { sha256 } from "../../lib/bytes/sha256.ts";
import { partsOf } from "../../lib/lineage/passport.ts";
import type { Seal } from "../../lib/lineage/seal.ts";
import { type AnyPassport, parseAnyPassport } from "../../lib/verify/any_passport.ts";
import { type Dag, dagOf } from "../graph/dag.ts";
import { type EntryFacts, factsOf, factsOfPython } from "../graph/facts.ts";
import { type Lanes, lanesOf } from "../graph/lanes.ts";
import { type Layout, layoutOf } from "../graph/layout.ts";
import { rowOrder } from "../graph/rows.ts";
import { type TaintFlow, Taints } from "../graph/taints.ts";
import { type Columns, columnsOf } from "./columns.ts";
import { identify, type Source } from "./source.ts";

/** What the page needs to begin. */
export interface Opened {
  readonly kind: "kest" | "python";
  /** SHA-256 of the file. */
  readonly digest: string;
  /** The size of the file in bytes. */
  readonly bytes: number;
  readonly dag: Dag;
  readonly lanes: Lanes;
  readonly columns: Columns;
  /** Entries from which no other descends. */
  readonly heads: Int32Array;
  readonly seals: readonly Seal[];
}

/** What is drawn: some of the entries, or all. */
export interface LayoutRequest {
  /** Ascending; `null`: all. */
  readonly nodes: Int32Array | null;
  /** Widths of these, in the picture's unit. */
  readonly widths: Float64Array;
  readonly height: number;
  /** Where each of these stood before; `NaN`: it is new. */
  readonly previous?: Float64Array | undefined;
}

/** A picture of some of the entries. */
export interface Picture {
  /** The graph among them: node `i` is the entry `nodes[i]`. */
  readonly dag: Dag;
  readonly nodes: Int32Array;
  readonly layout: Layout;
}

interface Model {
  readonly read: AnyPassport;
  readonly entries: readonly unknown[];
  readonly facts: readonly EntryFacts[];
  readonly dag: Dag;
  readonly taints: Taints;
}

function modelOf(read: AnyPassport): Model {
  const entries = read.kind === "kest"
    ? Object.values(read.passport.history)
    : read.passport.entries;
  const facts = read.kind === "kest"
    ? factsOf(Object.values(read.passport.history))
    : factsOfPython(read.passport);
  const dag = dagOf(facts.map(({ parents }) => parents));
  return { read, entries, facts, dag, taints: new Taints(dag, facts) };
}

/** The graph among some nodes; `nodes` is ascending. */
export function subgraph(dag: Dag, nodes: Int32Array): Dag {
  const place = new Map<number, number>();
  nodes.forEach((node, index) => place.set(node, index));
  return dagOf(Array.from(nodes, (node) => {
    const parents: number[] = [];
    for (let edge = dag.parentStart[node]!; edge < dag.parentStart[node + 1]!; edge++) {
      const parent = place.get(dag.parents[edge]!);
      if (parent !== undefined) parents.push(parent);
    }
    return parents;
  }));
}

/** The methods of the worker. */
export function modelHandlers() {
  let model: Model | undefined;

  function current(): Model {
    if (!model) throw new TypeError("no passport is open");
    return model;
  }

  return {
    /** Says what some bytes are. */
    identify(bytes: Uint8Array<ArrayBuffer>): Promise<Source> {
      return identify(bytes);
    },

    /** Reads a passport. @throws {ParseError} if it cannot be read. */
    open(bytes: Uint8Array): Opened {
      model = undefined;
      const read = parseAnyPassport(bytes);
      model = modelOf(read);
      const { facts, dag } = model;
      const lanes = lanesOf(dag, rowOrder(dag, facts.map(({ timestampMs }) => timestampMs)));
      return {
        kind: read.kind,
        digest: sha256(bytes),
        bytes: bytes.length,
        dag,
        lanes,
        columns: columnsOf(facts),
        heads: dag.sinks,
        seals: read.kind === "kest" ? partsOf(read.passport).seals : [],
      };
    },

    /** The whole of one entry, as it is stored; `null` if it is missing. */
    entry(node: number): unknown {
      return current().entries[node] ?? null;
    },

    /** A picture of some entries. */
    layout({ nodes, widths, height, previous }: LayoutRequest): Picture {
      const { dag } = current();
      const part = nodes === null ? dag : subgraph(dag, nodes);
      const layout = layoutOf(part, {
        width: widths,
        height,
        ...(previous === undefined ? {} : { previous }),
      });
      const all = nodes ?? Int32Array.from({ length: dag.size }, (_, node) => node);
      return { dag: part, nodes: all, layout };
    },

    /** Where a taint was added, flowed and was removed. */
    taint(taint: string): TaintFlow {
      return current().taints.flow(taint);
    },

    /** The shortest answer to why an entry has a taint; `null` if it has not. */
    why({ node, taint }: { readonly node: number; readonly taint: string }): Int32Array | null {
      return current().taints.why(node, taint);
    },
  };
}

export type ModelHandlers = ReturnType<typeof modelHandlers>;
