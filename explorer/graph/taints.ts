/**
 * Taints: where one was added, how it flowed, where it was removed, and why an
 * entry has it. Computed anew from what entries add and remove.
 *
 * @module
 */

import type { Dag } from "./dag.ts";
import type { EntryFacts } from "./facts.ts";
import { shortestPathDown } from "./shortest.ts";

/** Groups of 32 taints kept at a time: nobody looks at more than a few. */
const KEPT_GROUPS = 32;

/** One taint in the graph. The arrays are shared and must not be written. */
export interface TaintFlow {
  /** Entries that add it, ascending. */
  readonly added: Int32Array;
  /** Entries in which it arrives and that remove it, ascending. */
  readonly removed: Int32Array;
  /** For each node, 1 if it carries the taint. */
  readonly nodes: Uint8Array;
  /** For each edge, 1 if the taint flows along it: the parent carries it. */
  readonly edges: Uint8Array;
  /** How many nodes carry it. */
  readonly count: number;
}

/** Numbers in rows, one row per node. */
interface Rows {
  readonly start: Int32Array;
  readonly taints: Int32Array;
}

/** The taints of a graph. Toggling one costs one pass over the nodes and edges. */
export class Taints {
  /** All taints, sorted. */
  readonly all: readonly string[];
  readonly #dag: Dag;
  readonly #number: ReadonlyMap<string, number>;
  readonly #added: Rows;
  readonly #removed: Rows;
  /** For a group of 32 taints, the bits of each node; the group used last comes last. */
  readonly #groups = new Map<number, Int32Array>();

  /** @param facts One for each node of the graph. */
  constructor(dag: Dag, facts: readonly EntryFacts[]) {
    if (facts.length !== dag.size) {
      throw new RangeError(`Taints: ${facts.length} facts for ${dag.size} nodes`);
    }
    this.#dag = dag;
    const all = new Set<string>();
    for (const { addedTaint, removedTaint } of facts) {
      for (const taint of addedTaint) all.add(taint);
      for (const taint of removedTaint) all.add(taint);
    }
    this.all = Object.freeze([...all].sort());
    this.#number = new Map(this.all.map((taint, number) => [taint, number]));
    this.#added = this.#rowsOf(facts, (each) => each.addedTaint);
    this.#removed = this.#rowsOf(facts, (each) => each.removedTaint);
    // Few passports have more than 32 taints: the first choice is then as quick as the next.
    if (this.all.length > 0) this.#bitsOf(0);
  }

  #rowsOf(
    facts: readonly EntryFacts[],
    taintsOf: (facts: EntryFacts) => readonly string[],
  ): Rows {
    const start = new Int32Array(facts.length + 1);
    const taints: number[] = [];
    facts.forEach((each, node) => {
      for (const taint of taintsOf(each)) taints.push(this.#number.get(taint)!);
      start[node + 1] = taints.length;
    });
    return { start, taints: Int32Array.from(taints) };
  }

  /** The bits of each node for 32 taints. */
  #bitsOf(group: number): Int32Array {
    const known = this.#groups.get(group);
    this.#groups.delete(group);
    const bits = known ?? this.#computeBits(group);
    this.#groups.set(group, bits);
    if (this.#groups.size > KEPT_GROUPS) this.#groups.delete(this.#groups.keys().next().value!);
    return bits;
  }

  #computeBits(group: number): Int32Array {
    const { size, order, parentStart, parents } = this.#dag;
    const bits = new Int32Array(size);
    const named = ({ start, taints }: Rows, node: number): number => {
      let mask = 0;
      for (let i = start[node]!; i < start[node + 1]!; i++) {
        if (taints[i]! >> 5 === group) mask |= 1 << (taints[i]! & 31);
      }
      return mask;
    };
    for (let at = 0; at < size; at++) {
      const node = order[at]!;
      let carried = named(this.#added, node);
      for (let edge = parentStart[node]!; edge < parentStart[node + 1]!; edge++) {
        carried |= bits[parents[edge]!]!;
      }
      bits[node] = carried & ~named(this.#removed, node);
    }
    return bits;
  }

  #names({ start, taints }: Rows, node: number, taint: number): boolean {
    for (let i = start[node]!; i < start[node + 1]!; i++) if (taints[i] === taint) return true;
    return false;
  }

  /** Whether a node carries a taint. */
  has(node: number, taint: string): boolean {
    const number = this.#number.get(taint);
    return number !== undefined && (this.#bitsOf(number >> 5)[node]! >>> (number & 31) & 1) === 1;
  }

  /** The taints of a node, sorted. */
  taintsOf(node: number): string[] {
    return this.all.filter((taint) => this.has(node, taint));
  }

  /** Where a taint was added, flowed and was removed. */
  flow(taint: string): TaintFlow {
    const { size, edges: edgeCount, parents, parentStart } = this.#dag;
    const number = this.#number.get(taint);
    const nodes = new Uint8Array(size);
    const edges = new Uint8Array(edgeCount);
    const added: number[] = [];
    const removed: number[] = [];
    let count = 0;
    if (number !== undefined) {
      const bits = this.#bitsOf(number >> 5);
      const shift = number & 31;
      for (let node = 0; node < size; node++) count += nodes[node] = bits[node]! >>> shift & 1;
      for (let edge = 0; edge < edgeCount; edge++) edges[edge] = nodes[parents[edge]!]!;
      for (let node = 0; node < size; node++) {
        const adds = this.#names(this.#added, node, number);
        if (adds) added.push(node);
        if (!this.#names(this.#removed, node, number)) continue;
        const arrives = edges.subarray(parentStart[node], parentStart[node + 1]).includes(1);
        if (adds || arrives) removed.push(node);
      }
    }
    return Object.freeze({
      added: Int32Array.from(added),
      removed: Int32Array.from(removed),
      nodes,
      edges,
      count,
    });
  }

  /**
   * Why a node has a taint: a shortest path from an entry that adds it down to the
   * node. `null` if it has not. An entry that removes a taint has none, but its
   * parents have.
   */
  why(node: number, taint: string): Int32Array | null {
    const number = this.#number.get(taint);
    if (number === undefined || !this.has(node, taint)) return null;
    return shortestPathDown(
      this.#dag,
      node,
      (each) => this.#names(this.#added, each, number),
      (each) => this.has(each, taint),
    );
  }
}
