/**
 * What lies above and below an entry, and how far.
 *
 * @module
 */

import type { Dag } from "./dag.ts";

/** Nodes in the order in which a walk meets them: nearest first, the start left out. */
function walk(
  size: number,
  start: Int32Array,
  rows: Int32Array,
  from: number,
  hops: number,
): Int32Array {
  const met = new Int32Array(size);
  const seen = new Uint8Array(size);
  met[0] = from;
  seen[from] = 1;
  let found = 1;
  let done = 0;
  for (let hop = 0; hop < hops && done < found; hop++) {
    for (const end = found; done < end; done++) {
      const node = met[done]!;
      for (let i = start[node]!; i < start[node + 1]!; i++) {
        const next = rows[i]!;
        if (seen[next]) continue;
        seen[next] = 1;
        met[found++] = next;
      }
    }
  }
  return met.subarray(1, found);
}

/** Everything above a node, nearest first; with `hops`, only that far. */
export function ancestors(dag: Dag, node: number, hops = Infinity): Int32Array {
  return walk(dag.size, dag.parentStart, dag.parents, node, hops);
}

/** Everything below a node, nearest first; with `hops`, only that far. */
export function descendants(dag: Dag, node: number, hops = Infinity): Int32Array {
  return walk(dag.size, dag.childStart, dag.children, node, hops);
}

/** What surrounds a node, itself included, ascending: the focused view. */
export function neighbourhood(dag: Dag, node: number, up: number, down: number): Int32Array {
  const above = ancestors(dag, node, up);
  const below = descendants(dag, node, down);
  const all = new Int32Array(above.length + below.length + 1);
  all[0] = node;
  all.set(above, 1);
  all.set(below, 1 + above.length);
  return all.sort();
}

/** Other children of a node's parents, ascending. */
export function siblings(dag: Dag, node: number): Int32Array {
  const found = new Set<number>();
  for (let i = dag.parentStart[node]!; i < dag.parentStart[node + 1]!; i++) {
    const parent = dag.parents[i]!;
    for (let slot = dag.childStart[parent]!; slot < dag.childStart[parent + 1]!; slot++) {
      found.add(dag.children[slot]!);
    }
  }
  found.delete(node);
  return Int32Array.from(found).sort();
}
