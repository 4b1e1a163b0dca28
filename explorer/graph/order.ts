/**
 * The order of nodes and bends within each rank, so that few edges cross:
 * sweeps and sifting, of which the best is kept.
 *
 * @module
 */

import { type Arrangement, crossingsOf } from "./crossings.ts";
import type { Levels } from "./levels.ts";
import { Sifter } from "./sift.ts";
import { Sweeper } from "./sweep.ts";

/** An arrangement from the order in which nodes are met. */
function arrange(levels: Levels, met: Int32Array): Arrangement {
  const next = levels.start.slice();
  const order = new Int32Array(levels.count);
  const position = new Int32Array(levels.count);
  for (const node of met) {
    const rank = levels.rank[node]!;
    position[node] = next[rank]! - levels.start[rank]!;
    order[next[rank]!++] = node;
  }
  return { order, position };
}

/** Depth first, down before up: what belongs together stands together. */
function depthFirst(levels: Levels): Int32Array {
  const { count, upStart, up, downStart, down } = levels;
  const met = new Int32Array(count);
  const seen = new Uint8Array(count);
  const stack = new Int32Array(count);
  let found = 0;
  for (let root = 0; root < count; root++) {
    if (seen[root] || upStart[root] !== upStart[root + 1]) continue;
    let top = 0;
    stack[0] = root;
    seen[root] = 1;
    while (top >= 0) {
      const node = stack[top--]!;
      met[found++] = node;
      for (let i = upStart[node + 1]! - 1; i >= upStart[node]!; i--) {
        if (!seen[up[i]!]) seen[stack[++top] = up[i]!] = 1;
      }
      for (let i = downStart[node + 1]! - 1; i >= downStart[node]!; i--) {
        if (!seen[down[i]!]) seen[stack[++top] = down[i]!] = 1;
      }
    }
  }
  return met;
}

/** Pairs of edges that sifting may compare, in all and for each edge. */
const WORK_ALWAYS = 4_000_000;
const WORK_PER_EDGE = 200;

interface Effort {
  /** Sweeps down and up. */
  readonly rounds: number;
  /** Passes of sifting after each sweep. */
  readonly passes: number;
  /** How far sifting moves at a time. */
  readonly reach: number;
}

/** How hard to try, by size: small graphs are read edge by edge. */
function effortFor(count: number): Effort {
  if (count < 4_000) return { rounds: 4, passes: 2, reach: 16 };
  return { rounds: 2, passes: count < 60_000 ? 2 : 1, reach: 8 };
}

/** Turns an order that was given into places for bends and unknown nodes. */
function placesFrom(levels: Levels, previous: Float64Array): Float64Array {
  const { count, upStart, up, downStart, down } = levels;
  const place = new Float64Array(count).fill(NaN);
  place.set(previous);
  const byRank = arrange(levels, Int32Array.from({ length: count }, (_, node) => node)).order;
  const settle = (at: number, rowStart: Int32Array, rows: Int32Array) => {
    const node = byRank[at]!;
    if (!Number.isNaN(place[node]!)) return;
    let sum = 0;
    let known = 0;
    for (let i = rowStart[node]!; i < rowStart[node + 1]!; i++) {
      if (Number.isNaN(place[rows[i]!]!)) continue;
      sum += place[rows[i]!]!;
      known++;
    }
    if (known > 0) place[node] = sum / known;
  };
  for (let at = 0; at < count; at++) settle(at, upStart, up);
  for (let at = count - 1; at >= 0; at--) settle(at, downStart, down);
  for (let node = 0; node < count; node++) {
    if (Number.isNaN(place[node]!)) place[node] = Infinity;
  }
  return place;
}

/** Ranks ordered by where their nodes were before. */
function arrangeAsBefore(levels: Levels, previous: Float64Array): Arrangement {
  const place = placesFrom(levels, previous);
  const met = Int32Array.from({ length: levels.count }, (_, node) => node);
  met.sort((a, b) => place[a]! === place[b]! ? a - b : place[a]! < place[b]! ? -1 : 1);
  return arrange(levels, met);
}

/**
 * An arrangement with few crossings. With `previous`, where nodes stood before
 * (`NaN`: nowhere), these keep their order, and only new ones are moved.
 */
export function arrangementOf(levels: Levels, previous?: Float64Array): Arrangement {
  const effort = effortFor(levels.count);
  const work = WORK_ALWAYS + WORK_PER_EDGE * levels.up.length;
  if (previous) {
    const arrangement = arrangeAsBefore(levels, previous);
    const fixed = Uint8Array.from(previous, (place) => Number.isNaN(place) ? 0 : 1);
    new Sifter(levels, arrangement, effort.reach, work).settle(effort.passes, fixed);
    return arrangement;
  }
  const arrangement = arrange(levels, depthFirst(levels));
  const sweeper = new Sweeper(levels, arrangement);
  const sifter = new Sifter(levels, arrangement, effort.reach, work);
  let best = arrangement.order.slice();
  let fewest = crossingsOf(levels, arrangement);
  for (let round = 0; round < effort.rounds && fewest > 0; round++) {
    sweeper.down();
    sifter.settle(effort.passes);
    sweeper.up();
    sifter.settle(effort.passes);
    const crossings = crossingsOf(levels, arrangement);
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = arrangement.order.slice();
  }
  return arrange(levels, best);
}
