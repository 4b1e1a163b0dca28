/**
 * Coordinates within each rank: as near to the neighbours as the widths allow.
 *
 * @module
 */

import type { Arrangement } from "./crossings.ts";
import type { Levels } from "./levels.ts";
import { straighten } from "./straighten.ts";

/** Rounds of placing ranks by those above, then by those below. */
const ROUNDS = 2;

/** Edges between bends are kept straighter than edges between nodes. */
const WEIGHT_OF_BENDS = [1, 2, 8];

/** Places ranks. Each placement is the weighted least-squares one under the widths. */
class Placer {
  readonly x: Float64Array;
  readonly #levels: Levels;
  readonly #order: Int32Array;
  /** The distance from the left end of the rank at which each stands if packed. */
  readonly #offset: Float64Array;
  // Blocks of members that touch: where they start, their weight, and their weighted sum.
  readonly #blockStart: Int32Array;
  readonly #blockWeight: Float64Array;
  readonly #blockSum: Float64Array;

  constructor(levels: Levels, { order }: Arrangement, widths: Float64Array, gap: number) {
    this.#levels = levels;
    this.#order = order;
    this.#offset = new Float64Array(levels.count);
    let widest = 0;
    for (let rank = 0; rank < levels.ranks; rank++) {
      let at = 0;
      let before = 0;
      const from = levels.start[rank]!;
      const to = levels.start[rank + 1]!;
      widest = Math.max(widest, to - from);
      for (let i = from; i < to; i++) {
        const width = order[i]! < levels.nodes ? widths[order[i]!]! : 0;
        if (i > from) at += (before + width) / 2 + gap;
        before = width;
        this.#offset[order[i]!] = at;
      }
    }
    this.x = this.#offset.slice();
    this.#blockStart = new Int32Array(widest + 1);
    this.#blockWeight = new Float64Array(widest);
    this.#blockSum = new Float64Array(widest);
  }

  /** From top to bottom, by the neighbours above. */
  down(): void {
    for (let rank = 1; rank < this.#levels.ranks; rank++) this.#place(rank, true, false);
  }

  /** From bottom to top, by the neighbours below. */
  up(): void {
    for (let rank = this.#levels.ranks - 2; rank >= 0; rank--) this.#place(rank, false, true);
  }

  /** From top to bottom, by all neighbours. */
  both(): void {
    for (let rank = 0; rank < this.#levels.ranks; rank++) this.#place(rank, true, true);
  }

  #place(rank: number, above: boolean, below: boolean): void {
    const { start, nodes, upStart, up, downStart, down } = this.#levels;
    const order = this.#order;
    const x = this.x;
    const from = start[rank]!;
    const to = start[rank + 1]!;
    let blocks = 0;
    for (let i = from; i < to; i++) {
      const node = order[i]!;
      const kind = node < nodes ? 0 : 1;
      let weight = 0;
      let sum = 0;
      if (above) {
        for (let j = upStart[node]!; j < upStart[node + 1]!; j++) {
          const w = WEIGHT_OF_BENDS[kind + (up[j]! < nodes ? 0 : 1)]!;
          weight += w;
          sum += w * x[up[j]!]!;
        }
      }
      if (below) {
        for (let j = downStart[node]!; j < downStart[node + 1]!; j++) {
          const w = WEIGHT_OF_BENDS[kind + (down[j]! < nodes ? 0 : 1)]!;
          weight += w;
          sum += w * x[down[j]!]!;
        }
      }
      // Without neighbours on that side it only has to make room.
      if (weight === 0) {
        weight = 1e-3;
        sum = weight * x[node]!;
      }
      blocks = this.#push(blocks, i, weight, sum - weight * this.#offset[node]!);
    }
    this.#blockStart[blocks] = to;
    for (let block = 0; block < blocks; block++) {
      const at = this.#blockSum[block]! / this.#blockWeight[block]!;
      for (let i = this.#blockStart[block]!; i < this.#blockStart[block + 1]!; i++) {
        x[order[i]!] = at + this.#offset[order[i]!]!;
      }
    }
  }

  /** Adds a member, pooled with the blocks that it would run into. */
  #push(blocks: number, first: number, weight: number, sum: number): number {
    let start = first;
    while (
      blocks > 0 &&
      this.#blockSum[blocks - 1]! * weight >= sum * this.#blockWeight[blocks - 1]!
    ) {
      blocks--;
      start = this.#blockStart[blocks]!;
      weight += this.#blockWeight[blocks]!;
      sum += this.#blockSum[blocks]!;
    }
    this.#blockStart[blocks] = start;
    this.#blockWeight[blocks] = weight;
    this.#blockSum[blocks] = sum;
    return blocks + 1;
  }
}

/** The centre of each node and bend, from left to right; the leftmost edge is at 0. */
export function placesOf(
  levels: Levels,
  arrangement: Arrangement,
  widths: Float64Array,
  gap: number,
): Float64Array {
  const placer = new Placer(levels, arrangement, widths, gap);
  for (let round = 0; round < ROUNDS; round++) {
    placer.down();
    placer.up();
  }
  placer.both();
  const { x } = placer;
  straighten(levels, x);
  let left = Infinity;
  for (let node = 0; node < levels.count; node++) {
    left = Math.min(left, x[node]! - (node < levels.nodes ? widths[node]! / 2 : 0));
  }
  for (let node = 0; node < levels.count; node++) x[node]! -= left;
  return x;
}
