/**
 * The worker that knows the passport: reads it, draws its graph, searches it.
 *
 * @module
 */

import { KestError } from "../../lib/base/errors.ts";
import { sha256 } from "../../lib/bytes/sha256.ts";
import { partsOf } from "../../lib/lineage/passport.ts";
import type { Seal } from "../../lib/lineage/seal.ts";
import { type AnyPassport, parseAnyPassport } from "../../lib/verify/any_passport.ts";
import { edgesCsv, nodesCsv } from "../graph/csv.ts";
import { type Dag, dagOf } from "../graph/dag.ts";
import { type EntryFacts, factsOf, factsOfPython } from "../graph/facts.ts";
import { type Lanes, lanesOf } from "../graph/lanes.ts";
import { type Layout, layoutOf } from "../graph/layout.ts";
import { rowOrder } from "../graph/rows.ts";
import { SearchIndex } from "../graph/search.ts";
import { type TaintFlow, Taints } from "../graph/taints.ts";
import { type Columns, columnsOf } from "./columns.ts";
import { compare, type Comparison } from "./compare.ts";
import { Moved } from "./rpc.ts";
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

/** What a query finds. */
export interface Found {
  /** 1 for each entry that it finds. */
  readonly hits: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

interface Model {
  readonly read: AnyPassport;
  readonly entries: readonly unknown[];
  readonly facts: readonly EntryFacts[];
  readonly dag: Dag;
  readonly taints: Taints;
  /** Made when somebody begins to search. */
  index?: SearchIndex;
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

function lanesInOrder({ dag, facts }: Model, newestFirst: boolean): Lanes {
  return lanesOf(dag, rowOrder(dag, facts.map(({ timestampMs }) => timestampMs)), newestFirst);
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
      const lanes = lanesInOrder(model, false);
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

    /** The rows, oldest or newest first. */
    lanes(newestFirst: boolean): Lanes {
      return lanesInOrder(current(), newestFirst);
    },

    /** The entries that a query finds. */
    search(query: string): Moved<Found> {
      const model = current();
      model.index ??= new SearchIndex(model.facts);
      const found = model.index.find(query);
      const hits = new Uint8Array(model.facts.length);
      for (const node of found) hits[node] = 1;
      return new Moved({ hits, count: found.length }, [hits.buffer]);
    },

    /** Entries or edges as a CSV file. */
    csv(what: "edges" | "nodes"): Blob {
      const { dag, facts } = current();
      const text = what === "nodes" ? nodesCsv(dag, facts) : edgesCsv(dag, facts);
      return new Blob([text], { type: "text/csv" });
    },

    /** What differs from a second passport. @throws {KestError} if it cannot be compared. */
    async compare(bytes: Uint8Array<ArrayBuffer>): Promise<Comparison> {
      const { read } = current();
      const source = await identify(bytes);
      if (source.is === "passport") return compare(read, parseAnyPassport(source.bytes));
      throw new KestError("TRUST_POLICY", "A trust policy or a key is no passport to compare with");
    },

    /** The hash of a script as a content policy names it. */
    scriptHash(text: string): string {
      const byte = (hex: string) => String.fromCharCode(parseInt(hex, 16));
      return `sha256-${btoa(sha256(text).replace(/../g, byte))}`;
    },
  };
}

export type ModelHandlers = ReturnType<typeof modelHandlers>;
