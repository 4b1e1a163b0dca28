/**
 * The order of rows: by time, but parents always before their children.
 *
 * @module
 */

import type { Dag } from "./dag.ts";

/** The node with the least key first; ties by number. */
class Heap {
  readonly #nodes: Int32Array;
  readonly #key: Float64Array;
  #size = 0;

  constructor(key: Float64Array) {
    this.#nodes = new Int32Array(key.length);
    this.#key = key;
  }

  get size(): number {
    return this.#size;
  }

  #before(a: number, b: number): boolean {
    const [first, second] = [this.#key[a]!, this.#key[b]!];
    return first < second || (first === second && a < b);
  }

  push(node: number): void {
    const nodes = this.#nodes;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(node, nodes[parent]!)) break;
      nodes[at] = nodes[parent]!;
      at = parent;
    }
    nodes[at] = node;
  }

  pop(): number {
    const nodes = this.#nodes;
    const least = nodes[0]!;
    const last = nodes[--this.#size]!;
    let at = 0;
    for (let child = 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && this.#before(nodes[child + 1]!, nodes[child]!)) child++;
      if (!this.#before(nodes[child]!, last)) break;
      nodes[at] = nodes[child]!;
      at = child;
    }
    nodes[at] = last;
    return least;
  }
}

/**
 * All nodes, parents before children, and otherwise by time: clocks that disagree
 * do not tear a lineage apart. A missing time counts as the earliest.
 */
export function rowOrder(dag: Dag, timestamps: readonly (number | null)[]): Int32Array {
  const time = Float64Array.from(timestamps, (each) => Number.isFinite(each) ? each! : -Infinity);
  const waiting = new Int32Array(dag.size);
  const ready = new Heap(time);
  for (let node = 0; node < dag.size; node++) {
    waiting[node] = dag.parentStart[node + 1]! - dag.parentStart[node]!;
    if (waiting[node] === 0) ready.push(node);
  }
  const rows = new Int32Array(dag.size);
  for (let row = 0; ready.size > 0; row++) {
    const node = ready.pop();
    rows[row] = node;
    for (let slot = dag.childStart[node]!; slot < dag.childStart[node + 1]!; slot++) {
      const child = dag.children[slot]!;
      if (--waiting[child]! === 0) ready.push(child);
    }
  }
  return rows;
}
