/**
 * Shortest paths down the graph.
 *
 * @module
 */

import type { Dag } from "./dag.ts";

/**
 * A shortest path down to `to` from the nearest node that `isStart` accepts,
 * through nodes that `mayPass` accepts; `null` if there is none. Both ends are
 * part of it. Among equals, earlier parents go first.
 */
export function shortestPathDown(
  dag: Dag,
  to: number,
  isStart: (node: number) => boolean,
  mayPass: (node: number) => boolean = () => true,
): Int32Array | null {
  const below = new Int32Array(dag.size).fill(-1);
  const met = new Int32Array(dag.size);
  met[0] = to;
  below[to] = to;
  for (let done = 0, found = 1; done < found; done++) {
    const node = met[done]!;
    if (isStart(node)) return pathFrom(node, to, below);
    for (let edge = dag.parentStart[node]!; edge < dag.parentStart[node + 1]!; edge++) {
      const parent = dag.parents[edge]!;
      if (below[parent] !== -1 || !mayPass(parent)) continue;
      below[parent] = node;
      met[found++] = parent;
    }
  }
  return null;
}

function pathFrom(from: number, to: number, below: Int32Array): Int32Array {
  const path = [from];
  for (let node = from; node !== to;) {
    node = below[node]!;
    path.push(node);
  }
  return Int32Array.from(path);
}
