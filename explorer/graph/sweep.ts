/**
 * Barycenter sweeps: each rank in the order of the mean place of its members'
 * neighbours.
 *
 * @module
 */

import type { Arrangement } from "./crossings.ts";
import type { Levels } from "./levels.ts";

/** Up to this many, insertion is faster than a sort of a typed array. */
const FEW = 24;

/** Sorts the ranks by the mean place of each member's neighbours. */
export class Sweeper {
  readonly #levels: Levels;
  readonly #arrangement: Arrangement;
  readonly #keys: Float64Array;
  readonly #before: Int32Array;

  constructor(levels: Levels, arrangement: Arrangement) {
    this.#levels = levels;
    this.#arrangement = arrangement;
    let widest = 0;
    for (let rank = 0; rank < levels.ranks; rank++) {
      widest = Math.max(widest, levels.start[rank + 1]! - levels.start[rank]!);
    }
    this.#keys = new Float64Array(widest);
    this.#before = new Int32Array(widest);
  }

  /** From top to bottom, each rank by the one above. */
  down(): void {
    const { ranks, upStart, up } = this.#levels;
    for (let rank = 1; rank < ranks; rank++) this.#sort(rank, upStart, up);
  }

  /** From bottom to top, each rank by the one below. */
  up(): void {
    const { ranks, downStart, down } = this.#levels;
    for (let rank = ranks - 2; rank >= 0; rank--) this.#sort(rank, downStart, down);
  }

  #sort(rank: number, rowStart: Int32Array, rows: Int32Array): void {
    const { order, position } = this.#arrangement;
    const from = this.#levels.start[rank]!;
    const width = this.#levels.start[rank + 1]! - from;
    if (width === 1) return;
    const keys = this.#keys;
    for (let i = 0; i < width; i++) {
      const node = order[from + i]!;
      const first = rowStart[node]!;
      const last = rowStart[node + 1]!;
      let sum = 0;
      for (let j = first; j < last; j++) sum += position[rows[j]!]!;
      keys[i] = first === last ? -1 : sum / (last - first);
    }
    this.#keepLonely(width);
    if (width <= FEW) this.#insert(from, width);
    else this.#radix(from, width);
    for (let i = 0; i < width; i++) position[order[from + i]!] = i;
  }

  /** Members without neighbours follow the one to their left. */
  #keepLonely(width: number): void {
    const keys = this.#keys;
    for (let i = 0, left = 0; i < width; i++) {
      if (keys[i]! < 0) keys[i] = left;
      else left = keys[i]!;
    }
  }

  #insert(from: number, width: number): void {
    const { order } = this.#arrangement;
    const keys = this.#keys;
    for (let i = 1; i < width; i++) {
      const key = keys[i]!;
      const node = order[from + i]!;
      let j = i - 1;
      for (; j >= 0 && keys[j]! > key; j--) {
        keys[j + 1] = keys[j]!;
        order[from + j + 1] = order[from + j]!;
      }
      keys[j + 1] = key;
      order[from + j + 1] = node;
    }
  }

  /** Sorts numbers that hold the key above the place: exact, stable, without a callback. */
  #radix(from: number, width: number): void {
    const { order } = this.#arrangement;
    const keys = this.#keys.subarray(0, width);
    let most = 1;
    for (const key of keys) if (key > most) most = key;
    const scale = Math.floor(2 ** 52 / width / (most + 1));
    for (let i = 0; i < width; i++) {
      this.#before[i] = order[from + i]!;
      keys[i] = Math.floor(keys[i]! * scale) * width + i;
    }
    keys.sort();
    for (let i = 0; i < width; i++) order[from + i] = this.#before[keys[i]! % width]!;
  }
}
