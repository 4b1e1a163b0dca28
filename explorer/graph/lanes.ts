/**
 * Lanes: the graph beside a table, one row per entry, as in `git log --graph`.
 *
 * @module
 */

import type { Dag } from "./dag.ts";

/** Lanes that are drawn; further lines share the lane of this number. */
export const DRAWN_LANES = 24;

/** Rows between two records of who holds each lane. */
const RECORD_EVERY = 256;

/** Where each row's entry stands, and which lines run below it. */
export interface Lanes {
  /** The node of each row. */
  readonly rows: Int32Array;
  /** The row of each node. */
  readonly rowOf: Int32Array;
  /** The lane of each node; {@linkcode DRAWN_LANES} is the shared one. */
  readonly lane: Uint8Array;
  /** For each row, the lanes with a line below it: bit `i` is lane `i`. */
  readonly below: Int32Array;
  /** For each row, how many lines below it share the last lane. */
  readonly folded: Int32Array;
  /** The most lines side by side. */
  readonly widest: number;
  /** Whether children stand above their parents. */
  readonly newestFirst: boolean;
  /** Every 256 rows, the node whose line each drawn lane holds. */
  readonly holders: Int32Array;
}

/** One stroke in a row. */
export interface Stroke {
  /**
   * `in`: from the lane at the row's top to its entry. `out`: from the entry down.
   * `through`: from top to bottom. `folded`: lines of the shared lane pass.
   */
  readonly kind: "folded" | "in" | "out" | "through";
  /** The lane at the row's top; for `out` the lane at its bottom. */
  readonly lane: number;
  /** The entry whose line it is; for `folded`, how many lines pass. */
  readonly node: number;
}

/** What a walk over the rows meets first and last. */
interface Direction {
  readonly rows: Int32Array;
  readonly beforeStart: Int32Array;
  readonly before: Int32Array;
  readonly afterStart: Int32Array;
}

function directionOf(dag: Dag, order: Int32Array, newestFirst: boolean): Direction {
  const { parentStart, parents, childStart, children } = dag;
  return newestFirst
    ? {
      rows: order.slice().reverse(),
      beforeStart: childStart,
      before: children,
      afterStart: parentStart,
    }
    : { rows: order.slice(), beforeStart: parentStart, before: parents, afterStart: childStart };
}

/**
 * Gives every entry a lane, in one pass. An entry takes over the lane of a
 * neighbour above whose last line ends in it, or else the leftmost free lane.
 *
 * @param order All nodes, parents before children.
 * @param newestFirst Whether the last of them is the first row.
 * @throws {RangeError} if `order` does not name every node.
 */
export function lanesOf(dag: Dag, order: Int32Array = dag.order, newestFirst = false): Lanes {
  if (order.length !== dag.size) {
    throw new RangeError(`Lanes: ${order.length} rows for ${dag.size} nodes`);
  }
  const { rows, beforeStart, before, afterStart } = directionOf(dag, order, newestFirst);
  const lane = new Uint8Array(dag.size);
  const rowOf = new Int32Array(dag.size);
  const left = new Int32Array(dag.size);
  const below = new Int32Array(dag.size);
  const folded = new Int32Array(dag.size);
  const holder = new Int32Array(DRAWN_LANES).fill(-1);
  const holders = new Int32Array((Math.floor(dag.size / RECORD_EVERY) + 1) * DRAWN_LANES);
  const all = 2 ** DRAWN_LANES - 1;
  let lines = 0;
  let sharing = 0;
  let widest = 0;
  for (let row = 0; row < rows.length; row++) {
    if (row % RECORD_EVERY === 0) holders.set(holder, row / RECORD_EVERY * DRAWN_LANES);
    const node = rows[row]!;
    rowOf[node] = row;
    let own = DRAWN_LANES;
    for (let i = beforeStart[node]!; i < beforeStart[node + 1]!; i++) {
      const other = before[i]!;
      if (--left[other]! > 0) continue;
      // The line of this neighbour ends here.
      if (lane[other] === DRAWN_LANES) sharing--;
      else lines &= ~(1 << lane[other]!);
      if (lane[other]! < own) own = lane[other]!;
    }
    if (own === DRAWN_LANES && lines !== all) own = 31 - Math.clz32(~lines & (lines + 1));
    lane[node] = own;
    left[node] = afterStart[node + 1]! - afterStart[node]!;
    if (left[node]! > 0) {
      if (own === DRAWN_LANES) sharing++;
      else {
        lines |= 1 << own;
        holder[own] = node;
      }
    }
    below[row] = lines;
    folded[row] = sharing;
    const wide = sharing > 0 ? DRAWN_LANES + sharing : 32 - Math.clz32(lines | (1 << own));
    if (wide > widest) widest = wide;
  }
  return Object.freeze({ rows, rowOf, lane, below, folded, widest, newestFirst, holders });
}

/** Who holds each drawn lane above a row. */
function holdersAbove(lanes: Lanes, row: number): Int32Array {
  const record = Math.floor(row / RECORD_EVERY);
  const holder = lanes.holders.slice(record * DRAWN_LANES, (record + 1) * DRAWN_LANES);
  for (let each = record * RECORD_EVERY; each < row; each++) takeLane(lanes, holder, each);
  return holder;
}

function takeLane({ rows, lane, below }: Lanes, holder: Int32Array, row: number): void {
  const own = lane[rows[row]!]!;
  if (own < DRAWN_LANES && (below[row]! >> own & 1) === 1) holder[own] = rows[row]!;
}

function strokesOf(dag: Dag, lanes: Lanes, row: number, holder: Int32Array): Stroke[] {
  const strokes: Stroke[] = [];
  const node = lanes.rows[row]!;
  const own = lanes.lane[node]!;
  const above = row === 0 ? 0 : lanes.below[row - 1]!;
  for (let lane = 0; lane < DRAWN_LANES; lane++) {
    if (lane === own || ((above & lanes.below[row]!) >> lane & 1) === 0) continue;
    strokes.push({ kind: "through", lane, node: holder[lane]! });
  }
  const [start, rowEntries, afterStart] = lanes.newestFirst
    ? [dag.childStart, dag.children, dag.parentStart]
    : [dag.parentStart, dag.parents, dag.childStart];
  for (let i = start[node]!; i < start[node + 1]!; i++) {
    strokes.push({ kind: "in", lane: lanes.lane[rowEntries[i]!]!, node: rowEntries[i]! });
  }
  if (afterStart[node + 1]! > afterStart[node]!) strokes.push({ kind: "out", lane: own, node });
  const passing = lanes.folded[row]! -
    (own === DRAWN_LANES && strokes.at(-1)?.kind === "out" ? 1 : 0);
  if (passing > 0) strokes.push({ kind: "folded", lane: DRAWN_LANES, node: passing });
  return strokes;
}

/** What to draw in each row from `from` up to, not including, `to`. */
export function strokesBetween(dag: Dag, lanes: Lanes, from: number, to: number): Stroke[][] {
  const first = Math.max(0, from);
  const last = Math.min(lanes.rows.length, to);
  if (first >= last) return [];
  const holder = holdersAbove(lanes, first);
  const result: Stroke[][] = [];
  for (let row = first; row < last; row++) {
    result.push(strokesOf(dag, lanes, row, holder));
    takeLane(lanes, holder, row);
  }
  return result;
}
