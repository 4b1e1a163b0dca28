/**
 * Levels: the graph as a layered picture needs it. An edge that spans several
 * ranks gets a bend on each rank between, so that every edge joins neighbours.
 *
 * @module
 */

import type { Dag } from "./dag.ts";
import { ranksOf } from "./rank.ts";

/** The longest edge that gets bends; longer ones are drawn straight. */
const MAX_SPAN = 64;

/** Bends allowed, for each node and for each graph. */
const BENDS_PER_NODE = 4;
const BENDS_ALWAYS = 4096;

/** Nodes and bends by rank. Bends are numbered after the nodes. */
export interface Levels {
  /** Number of nodes. */
  readonly nodes: number;
  /** Number of nodes and bends. */
  readonly count: number;
  /** Number of ranks. */
  readonly ranks: number;
  /** The rank of each node and bend. */
  readonly rank: Int32Array;
  /** Where each rank starts in an arrangement; one longer than the ranks. */
  readonly start: Int32Array;
  /** Where each row of {@linkcode up} starts. */
  readonly upStart: Int32Array;
  /** Neighbours one rank above. */
  readonly up: Int32Array;
  /** Where each row of {@linkcode down} starts. */
  readonly downStart: Int32Array;
  /** Neighbours one rank below. */
  readonly down: Int32Array;
  /** The first bend of each edge, from the parent down; one longer than the edges. */
  readonly bendStart: Int32Array;
}

/** The longest span whose bends fit the allowance. */
function affordableSpan(dag: Dag, rank: Int32Array): number {
  const edgesOfSpan = new Int32Array(MAX_SPAN + 1);
  for (let edge = 0; edge < dag.edges; edge++) {
    const span = rank[dag.edgeChild[edge]!]! - rank[dag.parents[edge]!]!;
    if (span <= MAX_SPAN) edgesOfSpan[span]!++;
  }
  let left = BENDS_PER_NODE * dag.size + BENDS_ALWAYS;
  let span = 1;
  while (span < MAX_SPAN) {
    left -= edgesOfSpan[span + 1]! * span;
    if (left < 0) break;
    span++;
  }
  return span;
}

/** Sums counts in place, shifted by one, so that entry `i` is where row `i` starts. */
function accumulate(counts: Int32Array): void {
  for (let i = 1; i < counts.length; i++) counts[i]! += counts[i - 1]!;
}

/** Calls back for every pair of neighbours, from top to bottom of each edge. */
function eachSegment(
  dag: Dag,
  rank: Int32Array,
  bendStart: Int32Array,
  visit: (upper: number, lower: number) => void,
): void {
  for (let edge = 0; edge < dag.edges; edge++) {
    const first = bendStart[edge]!;
    const last = bendStart[edge + 1]!;
    let upper = dag.parents[edge]!;
    const child = dag.edgeChild[edge]!;
    if (first === last && rank[child]! - rank[upper]! > 1) continue;
    for (let bend = first; bend < last; bend++) {
      visit(upper, bend);
      upper = bend;
    }
    visit(upper, child);
  }
}

/** Where the bends of each edge start, numbered after the nodes. */
function bendsOf(dag: Dag, rank: Int32Array): Int32Array {
  const longest = affordableSpan(dag, rank);
  const bendStart = new Int32Array(dag.edges + 1);
  let count = dag.size;
  for (let edge = 0; edge < dag.edges; edge++) {
    bendStart[edge] = count;
    const span = rank[dag.edgeChild[edge]!]! - rank[dag.parents[edge]!]!;
    if (span <= longest) count += span - 1;
  }
  bendStart[dag.edges] = count;
  return bendStart;
}

/** Puts a graph on levels. */
export function levelsOf(dag: Dag): Levels {
  const { rank: nodeRank, ranks } = ranksOf(dag);
  const bendStart = bendsOf(dag, nodeRank);
  const count = bendStart[dag.edges]!;
  const rank = new Int32Array(count);
  rank.set(nodeRank);
  const upStart = new Int32Array(count + 1);
  const downStart = new Int32Array(count + 1);
  eachSegment(dag, nodeRank, bendStart, (upper, lower) => {
    rank[lower] = rank[upper]! + 1;
    downStart[upper + 1]!++;
    upStart[lower + 1]!++;
  });
  accumulate(upStart);
  accumulate(downStart);
  const up = new Int32Array(upStart[count]!);
  const down = new Int32Array(downStart[count]!);
  const nextUp = upStart.slice(0, count);
  const nextDown = downStart.slice(0, count);
  eachSegment(dag, nodeRank, bendStart, (upper, lower) => {
    down[nextDown[upper]!++] = lower;
    up[nextUp[lower]!++] = upper;
  });
  const start = new Int32Array(ranks + 1);
  for (const each of rank) start[each + 1]!++;
  accumulate(start);
  return Object.freeze({
    nodes: dag.size,
    count,
    ranks,
    rank,
    start,
    upStart,
    up,
    downStart,
    down,
    bendStart,
  });
}
