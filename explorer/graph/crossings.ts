/**
 * How many pairs of edges cross between the ranks of an arrangement.
 *
 * @module
 */

import type { Levels } from "./levels.ts";

/** An order of the nodes and bends within each rank. */
export interface Arrangement {
  /** Nodes and bends, rank by rank from left to right. */
  readonly order: Int32Array;
  /** The place of each node and bend in its rank, from 0. */
  readonly position: Int32Array;
}

/** Adds one at a place of a Fenwick tree. */
function add(tree: Int32Array, width: number, place: number): void {
  for (let i = place + 1; i <= width; i += i & -i) tree[i]!++;
}

/** How many were added at or before a place. */
function upTo(tree: Int32Array, place: number): number {
  let sum = 0;
  for (let i = place + 1; i > 0; i -= i & -i) sum += tree[i]!;
  return sum;
}

/**
 * The number of crossings, in O(edges × log width): edges are taken from left to
 * right by their upper end, and cross those taken before that end further right.
 */
export function crossingsOf(levels: Levels, { order, position }: Arrangement): number {
  const { start, downStart, down } = levels;
  const tree = new Int32Array(levels.count + 1);
  let crossings = 0;
  for (let rank = 0; rank + 1 < levels.ranks; rank++) {
    const width = start[rank + 2]! - start[rank + 1]!;
    if (width === 1 || start[rank + 1]! - start[rank]! === 1) continue;
    tree.fill(0, 0, width + 1);
    let taken = 0;
    for (let at = start[rank]!; at < start[rank + 1]!; at++) {
      const from = downStart[order[at]!]!;
      const to = downStart[order[at]! + 1]!;
      for (let i = from; i < to; i++) crossings += taken - upTo(tree, position[down[i]!]!);
      for (let i = from; i < to; i++) add(tree, width, position[down[i]!]!);
      taken += to - from;
    }
  }
  return crossings;
}
