/**
 * Ranks: which row of a layered picture each node stands in.
 *
 * @module
 */

import type { Dag } from "./dag.ts";

/** How often all groups are tried. */
const PASSES = 4;

/** Larger groups stay: looking for them costs more than they are worth. */
const MAX_GROUP = 16;

/** One below the lowest parent. */
function longestPaths(dag: Dag): Int32Array {
  const { parentStart, parents } = dag;
  const rank = new Int32Array(dag.size);
  for (const node of dag.order) {
    let lowest = 0;
    for (let edge = parentStart[node]!; edge < parentStart[node + 1]!; edge++) {
      const below = rank[parents[edge]!]! + 1;
      if (below > lowest) lowest = below;
    }
    rank[node] = lowest;
  }
  return rank;
}

/**
 * Moves groups of nodes towards the side where they have more edges. A group is a
 * node with all that it would run into: those joined to it by shortest edges.
 */
class Mover {
  readonly #dag: Dag;
  readonly #rank: Int32Array;
  readonly #group: Int32Array = new Int32Array(MAX_GROUP);
  /** The last group that took each node. */
  readonly #takenBy: Int32Array;
  #groups = 0;

  constructor(dag: Dag, rank: Int32Array) {
    this.#dag = dag;
    this.#rank = rank;
    this.#takenBy = new Int32Array(dag.size);
  }

  /** Moves groups down, those lowest first. Returns how many moved. */
  sink(): number {
    const { order, size, parentStart, childStart, children } = this.#dag;
    let moved = 0;
    for (let at = size - 1; at >= 0; at--) {
      moved += this.#move(order[at]!, 1, parentStart, childStart, children);
    }
    return moved;
  }

  /** Moves groups up, those highest first. Returns how many moved. */
  rise(): number {
    const { order, parentStart, parents, childStart } = this.#dag;
    let moved = 0;
    for (const node of order) {
      moved += this.#move(node, -1, childStart, parentStart, parents);
    }
    return moved;
  }

  /** Moves the group of a node, if that shortens edges, as far as nothing stands in its way. */
  #move(
    root: number,
    step: number,
    behindStart: Int32Array,
    aheadStart: Int32Array,
    ahead: Int32Array,
  ): number {
    const rank = this.#rank;
    const group = this.#group;
    const taken = ++this.#groups;
    let members = 1;
    let gain = 0;
    let room = 0x7fffffff;
    group[0] = root;
    this.#takenBy[root] = taken;
    for (let at = 0; at < members; at++) {
      const node = group[at]!;
      gain += aheadStart[node + 1]! - aheadStart[node]!;
      gain -= behindStart[node + 1]! - behindStart[node]!;
      for (let i = aheadStart[node]!; i < aheadStart[node + 1]!; i++) {
        const next = ahead[i]!;
        if (this.#takenBy[next] === taken) continue;
        const free = (rank[next]! - rank[node]!) * step - 1;
        if (free > 0) {
          if (free < room) room = free;
          continue;
        }
        if (members === MAX_GROUP) return 0;
        this.#takenBy[next] = taken;
        group[members++] = next;
      }
    }
    if (room === 0x7fffffff || gain < 0 || (gain === 0 && step < 0)) return 0;
    for (let at = 0; at < members; at++) rank[group[at]!]! += step * room;
    return 1;
  }
}

/** Numbers the ranks in use from 0. Returns how many there are. */
function closeGaps(rank: Int32Array): number {
  let least = 0;
  let most = -1;
  for (const each of rank) {
    if (each < least) least = each;
    if (each > most) most = each;
  }
  const number = new Int32Array(most - least + 1);
  for (const each of rank) number[each - least] = 1;
  let count = 0;
  for (let each = 0; each < number.length; each++) number[each] = number[each] ? count++ : -1;
  for (let node = 0; node < rank.length; node++) rank[node] = number[rank[node]! - least]!;
  return count;
}

/**
 * The rank of each node: every parent above its children, sources just above
 * their first child, and edges shortened where a node may move.
 */
export function ranksOf(dag: Dag): { rank: Int32Array; ranks: number } {
  const rank = longestPaths(dag);
  const mover = new Mover(dag, rank);
  for (let pass = 0; pass < PASSES; pass++) {
    if (mover.sink() + mover.rise() === 0) break;
  }
  mover.sink();
  return { rank, ranks: closeGaps(rank) };
}
